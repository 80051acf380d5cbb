"""Searching, the directory of reports and the page about the open data, as anybody sees them."""

import pytest
from browser import DESKTOP, PHONE


@pytest.fixture(autouse=True)
def anybody(browser):
    browser.sign_out()
    browser.resize(*DESKTOP)
    browser.open("/?lang=zh")
    browser.console()


def test_words_are_found_marked_and_narrowed_down(browser):
    assert browser.open("/search") == 200
    browser.fill("q", "产教融合")
    browser.press("form.seek button")
    assert browser.path().startswith("/search?q=")
    whole = browser.text("p.count")
    assert "找到" in whole
    assert "产教融合" in [mark.text for mark in browser.all("ol.hits mark")]
    browser.screenshot("search")
    browser.press_first("nav.facets a")
    assert "year=" in browser.path()
    assert browser.text("p.count") != whole
    browser.resize(*PHONE)
    browser.screenshot("search-phone")
    browser.press_first("ol.hits h3 a")
    assert browser.path().startswith(("/reports/", "/releases/"))


def test_what_was_published_is_found_at_its_place(browser):
    assert browser.open("/search?q=%E4%BA%A7%E6%95%99%E8%9E%8D%E5%90%88&kind=edition-integrated") == 200
    chosen = browser.text("nav.facets a[aria-current='true']")
    assert chosen == "职业教育质量年度报告"
    assert browser.all("ol.hits mark")
    browser.screenshot("search-editions")
    browser.press_first("ol.hits h3 a")
    path, _, place = browser.path().partition("#")
    assert path.startswith("/releases/20") and path.endswith("/editions/integrated")
    assert browser.one(f"[id='{place}']").is_displayed()
    browser.open("/search?q=%E5%B0%B1%E4%B8%9A&kind=edition-institution&lang=en")
    assert browser.text("nav.facets a[aria-current='true']") == "Reports of the institutions"
    assert not browser.judge()
    browser.resize(*PHONE)
    assert not browser.sideways()
    browser.screenshot("search-editions-phone")


def test_nothing_found_says_what_to_do(browser):
    assert browser.open("/search?q=%E9%BE%98%E9%BE%98") == 200
    assert "没有找到" in browser.text("p.count")


def test_the_directory_is_filtered_and_leads_to_a_report(browser):
    assert browser.open("/reports") == 200
    browser.screenshot("reports")
    assert browser.open("/reports?year=2025&kind=higher") == 200
    rows = browser.table()
    assert len(rows) == 1 + 25
    assert {row[1] for row in rows[1:]} == {"2025"}
    browser.press_first("main tbody a")
    assert browser.path().startswith("/reports/sub_")
    headings = [heading.text for heading in browser.all("main section h2")]
    assert "人才培养" in headings
    assert "指标数据" in browser.text("main")
    browser.screenshot("report")
    browser.resize(*PHONE)
    browser.screenshot("report-phone")


def test_the_open_data_is_explained_and_every_link_leads_somewhere(browser, region):
    assert browser.open("/open") == 200
    assert "/open/v1/releases/{year}/tables/{number}.{format}" in browser.text("main")
    browser.screenshot("open-data")
    for link in [link for link in browser.links() if link.startswith("/open/v1/")]:
        assert region.get(link)[0] == 200, link
