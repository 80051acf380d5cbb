"""What anybody sees without signing in: the front page, the releases, the tables, and the ways that lead nowhere."""

import csv
import io

import pytest
from browser import DESKTOP, PHONE

TABLES = ["2-1", "2-2", "2-3", "2-4", "2-5", "3-1", "3-2", "5-1", "6-1", "6-2"]


@pytest.fixture(autouse=True)
def anybody(browser):
    browser.sign_out()
    browser.resize(*DESKTOP)
    browser.open("/?lang=zh")
    browser.console()


def csv_of(region, number):
    _, _, body = region.get(f"/open/v1/releases/2025/tables/{number}.csv")
    return list(csv.reader(io.StringIO(body)))


def test_the_front_page_leads_to_the_newest_release(browser):
    assert browser.open("/") == 200
    assert "演示" in browser.text("header"), "invented institutions are marked"
    assert len(browser.all("ol.loop li")) == 5
    browser.screenshot("home")
    link = next(link for link in browser.links() if link.startswith("/releases/"))
    assert link == "/releases/2025"


def test_a_release_lists_its_tables_and_wears_the_seal_once(browser):
    assert browser.open("/releases/2025") == 200
    listed = [link for link in browser.links() if link.startswith("/releases/2025/tables/")]
    assert listed == [f"/releases/2025/tables/{number}" for number in TABLES]
    assert len(browser.all("svg.seal")) == 1
    # The strip of grades carries the counts that the table has.
    shown = browser.text("main")
    assert "182" in shown
    browser.screenshot("release-2025")
    browser.resize(*PHONE)
    browser.screenshot("release-2025-phone")


@pytest.mark.parametrize("number", TABLES)
def test_a_table_page_shows_what_the_open_data_serves(browser, region, number):
    assert browser.open(f"/releases/2025/tables/{number}") == 200
    shown = browser.table(".set table")
    data = csv_of(region, number)
    assert shown[1:] == [[cell.strip() for cell in row] for row in data[1:]]
    assert len(shown[0]) == len(data[0])
    browser.screenshot(f"table-{number}")


def test_tables_lead_to_their_neighbours(browser):
    browser.open("/releases/2025/tables/2-1")
    browser.press("nav.pager a[rel=next]")
    assert browser.path() == "/releases/2025/tables/2-2"
    browser.press("nav.pager a[rel=prev]")
    assert browser.path() == "/releases/2025/tables/2-1"


def test_the_language_stays_as_chosen(browser):
    browser.open("/releases/2025")
    title = browser.text("h1")
    browser.press_named("English", within="header")
    assert browser.one("html").get_attribute("lang").startswith("en")
    assert browser.text("h1") != title
    browser.open("/releases/2025/tables/2-2")
    assert browser.table(".set table")[0][:2] == ["Grade", "Number"]
    browser.screenshot("table-2-2-english")
    browser.press_named("中文", within="header")
    assert browser.table(".set table")[0][:2] == ["等级", "数量"]


@pytest.mark.parametrize("path", ["/nothing-here", "/releases/1999", "/releases/2025/tables/9-9", "/releases/abc"])
def test_a_way_that_leads_nowhere_says_so(browser, path):
    assert browser.open(path) in (400, 404)
    assert len(browser.all("h1")) == 1
    assert "/" in browser.links()
    assert "Rust" not in browser.text() and "panicked" not in browser.text()


def test_a_workplace_asks_to_sign_in_and_then_goes_on(browser):
    browser.open("/publish")
    assert browser.path().startswith("/sign-in?next=")


def test_a_wrong_password_is_said_and_the_name_is_kept(browser):
    browser.open("/sign-in")
    browser.fill("sign_in_name", "school")
    browser.fill("password", "not the password")
    browser.press("form[action='/sign-in'] button[type=submit]")
    assert browser.path() == "/sign-in"
    assert browser.one("[name=sign_in_name]").get_attribute("value") == "school"
    assert browser.one("[name=password]").get_attribute("value") == ""
    assert len(browser.all("[role=alert], .refusal, .errors")) >= 1
    assert browser.violations() == []


@pytest.mark.parametrize("path", ["/", "/releases/2025", "/releases/2025/tables/2-2", "/sign-in"])
def test_dark_colours_are_readable_too(browser, path):
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        browser.open(path)
        assert browser.violations() == []
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_keyboard_reaches_the_content_first(browser):
    browser.open("/releases/2025")
    script = """
        const skip = document.querySelector('a.skip');
        skip.focus();
        const box = skip.getBoundingClientRect();
        return [document.activeElement === skip, box.width > 0 && box.top >= 0 && box.left >= 0];
    """
    assert browser.driver.execute_script(script) == [True, True], "the way past the navigation shows itself in focus"
