"""A school's appeal from a phone: it is filed against the lowest grade, and then its state and its deadline are in sight."""

from browser import PHONE
from collecting import as_person, list_is_in_sight, looks_right
from selenium.webdriver.support.ui import Select

from support import region

CODES = {name: code for code, (_, name, *_) in (region.NEW_PROGRAMMES | region.PILOTS).items()}


def opens_its_lowest_result(year):
    """The grade, and the code of the programme that has it; its page is open on a phone."""
    browser = as_person(year, "high-school")
    browser.resize(*PHONE)
    browser.open("/results")
    browser.screenshot("appeal/results-phone")
    rows = [row for row in browser.all("main tbody tr") if row.find_elements("css selector", "a[href^='/results/ent_']")]
    grades = [row.find_element("css selector", "td .grade").text for row in rows]
    low, grade = next((row, grade) for row, grade in zip(rows, grades, strict=True) if grade in ("C", "C-"))
    code = next(code for name, code in CODES.items() if name in low.text)
    browser.open(low.find_element("css selector", "a").get_attribute("href").removeprefix(browser.base))
    return grade, code


def files_from_a_phone(year):
    browser = year.browser
    assert "分要素反馈" in browser.text("main") and "申诉期限" in browser.text("main")
    looks_right(browser, "appeal/form")
    browser.resize(*PHONE)
    Select(browser.one("[name=ground_code]")).select_by_value("facts")
    browser.fill("statement", "太短")
    browser.press_named("提交申诉")
    assert browser.all("main [role=alert]"), "what is too short is told, and what was typed stays"
    assert browser.one("[name=statement]").text == "太短"
    assert not browser.sideways()
    browser.screenshot("appeal/refused-phone")
    browser.fill("statement", "实训基地已经在观测期内建成并通过验收，年报第三部分有说明，请予采信。")
    browser.press_named("提交申诉")
    told = browser.text("main")
    assert "申诉已提交" in told and "待受理" in told and "应当办结" in told, told
    browser.screenshot("appeal/filed-phone")


def sees_how_it_stands(year):
    browser = year.browser
    browser.press_named("看申诉进展")
    told = browser.text("main")
    assert "待受理" in told and "应当办结" in told and "请予采信" in told, told
    looks_right(browser, "appeal/school")
    browser.resize(*PHONE)
    browser.open("/appeals")
    assert "待受理" in browser.text("main tbody tr"), browser.text("main")
    list_is_in_sight(browser, "appeal/list")
