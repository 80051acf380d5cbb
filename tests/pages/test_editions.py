"""The reports of a release: listed, read, downloaded, and every number followed back to where it comes from."""

import urllib.request

import pytest
from browser import DESKTOP, PHONE

EDITIONS = "/releases/2025/editions"
TABLES = ["2-1", "2-2", "2-3", "2-4", "2-5", "3-1", "3-2", "5-1", "6-1", "6-2"]
CHARTS = ["1-1", "1-2", "2-26", "2-32", "2-37", "2-38", "7-17"]


@pytest.fixture(autouse=True)
def anybody(browser):
    browser.sign_out()
    browser.resize(*DESKTOP)
    browser.open("/?lang=zh")
    browser.console()


def test_a_release_leads_to_its_reports(browser):
    browser.open("/releases/2025")
    links = [link.get_dom_attribute("href") for link in browser.all("main a")]
    for code in ["integrated", "secondary", "higher"]:
        assert f"{EDITIONS}/{code}" in links
        for form in ["pdf", "docx", "md"]:
            assert f"{EDITIONS}/{code}/{form}" in links
    assert EDITIONS in links


def test_the_integrated_report_holds_every_table_and_chart(browser):
    assert browser.open(f"{EDITIONS}/integrated") == 200
    assert len(browser.all("article.document section.chapter")) == 8
    captions = [caption.text for caption in browser.all("article.document figure > figcaption")]
    for number in TABLES:
        assert any(caption.startswith(f"表{number}") for caption in captions), number
    for number in CHARTS:
        assert any(caption.startswith(f"图{number}") for caption in captions), number
    assert len(browser.all("article.document figure svg")) == len(CHARTS)
    assert len(browser.all("article.document p a.bound")) > 30
    assert browser.judge() == []
    browser.screenshot("edition-integrated")
    browser.resize(*PHONE)
    assert browser.judge() == []
    browser.screenshot("edition-integrated-phone")


def test_a_number_of_a_report_leads_to_where_it_comes_from(browser):
    browser.open(f"{EDITIONS}/integrated")
    browser.press_first('a.bound[href="/releases/2025/trace/2025.higher.sum.SVC06"]')
    shown = browser.text("main")
    assert "4767.7" in shown and "万元" in shown
    rows = browser.table(".set table")
    assert len(rows) == 1 + 25, "one line a higher institution, and the headings"
    assert "表 3-1" in shown
    assert browser.judge() == []
    browser.screenshot("trace-sum")


def test_a_number_of_a_table_leads_to_where_it_comes_from(browser):
    browser.open("/releases/2025/tables/2-2")
    browser.press_first(".set tbody tr:first-child td.number a.bound")
    shown = browser.text("main")
    assert "分数线" in shown and "评分表" in shown
    assert browser.judge() == []
    browser.screenshot("trace-grades")
    browser.resize(*PHONE)
    assert browser.judge() == []


def test_the_publisher_follows_a_number_to_the_submission(as_role):
    browser = as_role("publisher")
    browser.open("/releases/2025/trace/2025.higher.sum.SVC06")
    browser.press(".set tbody tr:first-child th a")
    assert browser.path().startswith("/submissions/")


def test_reports_of_institutions_are_found_by_name(browser):
    assert browser.open(EDITIONS) == 200
    assert browser.judge() == []
    browser.screenshot("editions")
    links = [link for link in browser.links() if link.startswith(f"{EDITIONS}/institution-")]
    assert links
    code = links[0].split("institution-")[1].split("/")[0]
    browser.fill("q", code)
    browser.press("main form[role=search] button")
    found = [link for link in browser.links() if link.startswith(f"{EDITIONS}/institution-")]
    assert found and all(code in link for link in found)
    browser.press_first("main ol.editions a")
    assert "质量数据报告" in browser.text("main h1")
    assert browser.all("article.document figure.table")
    assert browser.judge() == []
    browser.screenshot("edition-institution")
    browser.open(f"{EDITIONS}?q=nowhere")
    assert "没有找到学校" in browser.text("main")


@pytest.mark.parametrize("path", ["/releases/2025", EDITIONS])
def test_titles_of_reports_have_room_on_a_phone(browser, path):
    browser.resize(*PHONE)
    browser.open(f"{path}?lang=en")
    room = browser.one("main").size["width"]
    for title in browser.all("main ol.editions li > a:first-child")[:5]:
        assert title.size["width"] > room / 2, f"{title.text!r} is squeezed into {title.size['width']} of {room}"


@pytest.mark.parametrize("form, begins", [("pdf", b"%PDF-"), ("docx", b"PK"), ("md", "# ".encode())])
def test_a_report_is_downloaded(region, form, begins):
    with urllib.request.urlopen(f"{region.http}{EDITIONS}/secondary/{form}", timeout=120) as answer:
        assert answer.status == 200
        assert answer.read().startswith(begins)
        assert f"2025-secondary.{form}" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("path", [
    f"{EDITIONS}/none", f"{EDITIONS}/integrated/exe", "/releases/2025/trace/none", "/releases/1999/editions",
])
def test_what_is_not_there_says_so(browser, path):
    assert browser.open(path) == 404
