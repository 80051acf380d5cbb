"""A report's whole way in a real browser: returned with remarks, answered, submitted again, accepted, corrected; more time
asked for and given; an editor with one section; two tabs on one section.

Runs without scripts, but for the two tabs.
"""

import hashlib

import pytest
from collecting import as_person, empty_region, fetch, fill_in, in_days, looks_right, open_year, set_value, tick

from support import region, steps
from support.region import COLLEGE, TRADE_SCHOOL, YEAR
from support.steps import SUBMISSIONS

pytestmark = pytest.mark.story

# Sign-in name → school.
PEOPLE = {"college": COLLEGE, "trade-school": TRADE_SCHOOL, "trade-editor": TRADE_SCHOOL}


@pytest.fixture(scope="module")
def year():
    with empty_region() as made:
        yield made


def test_a_year_collects(year):
    open_year(year, PEOPLE)
    for name, school in (("college", COLLEGE), ("trade-school", TRADE_SCHOOL)):
        year.reports[name] = fill_in(year.people[name], school)


def test_the_commission_says_whom_to_ask_and_gives_grace(year):
    browser = as_person(year, "commission")
    browser.open(f"/cycles/{YEAR}")
    browser.press(f"main a[href='/cycles/{YEAR}/terms']")
    looks_right(browser, "workflow/terms")
    browser.fill("cycle.grace.hours", "四十八")
    browser.fill("cycle.contact.name", "职教处")
    browser.fill("cycle.contact.phone", "010-1234")
    browser.press_named("保存")
    assert browser.all("main [role=alert]"), "a word is no number of hours"
    assert browser.one("[name='cycle.contact.name']").get_attribute("value") == "职教处", "what was typed stays"
    browser.fill("cycle.grace.hours", "48")
    browser.press_named("保存")
    assert "48 小时" in browser.text("main") and "职教处" in browser.text("main")


def test_the_head_approves_and_gets_a_receipt(year):
    browser = as_person(year, "college")
    browser.open(year.reports["college"])
    assert "宽限到" in browser.text("main dl.facts"), "the grace is shown with the deadline"
    browser.fill("declaration.name", "王校长")
    browser.fill("declaration.office", "校长")
    browser.press("#approve button[type=submit]")
    text = browser.text("main")
    assert "我声明：本报告所载数据和内容真实、准确、完整。" in text and "声明人：王校长，职务：校长" in text
    looks_right(browser, "workflow/approved")
    browser.press_named("提交年报")
    assert browser.path().endswith("/receipts/1?done=submitted")
    looks_right(browser, "workflow/receipt")
    told = dict(zip([e.text for e in browser.all("dl.receipt dt")], [e.text for e in browser.all("dl.receipt dd")]))
    content = fetch(browser, f"{year.reports['college']}/receipts/1/content.json")
    assert hashlib.sha256(content).hexdigest() == told["内容指纹（SHA-256）"], "anybody can compute it again"
    assert told["回执号"].encode() in fetch(browser, f"{year.reports['college']}/receipts/1/receipt.txt")


def test_what_is_with_the_commission_says_so_everywhere(year):
    browser = as_person(year, "college")
    for page in ("", "/cells/RES", "/sections/talent", "/cases", "/attachments", "/narrative", "/transfer"):
        browser.open(year.reports["college"] + page)
        text = browser.text("main [data-locked]")
        assert "正由教育主管部门审核" in text and "010-1234" in text, f"{page}: {text}"
        assert not browser.all("main [data-save]"), page
    looks_right(browser, "workflow/locked")


def test_the_commission_remarks_beside_a_cell_and_a_section_and_returns(year):
    browser = as_person(year, "commission")
    browser.open(year.reports["college"])
    browser.press_named("开始审核")
    browser.open(f"{year.reports['college']}/cells/RES")
    row = browser.one("#f-v\\.RES05").find_element("xpath", "ancestor::tr")
    row.find_element("css selector", "summary").click()
    row.find_element("css selector", "textarea").send_keys("与台账不符，请核对")
    browser._press(row.find_element("css selector", "button"))
    assert "与台账不符，请核对" in browser.text("main .comment") and "未发出" in browser.text("main .comment")
    looks_right(browser, "workflow/desk-table")
    browser.open(f"{year.reports['college']}/sections/talent")
    browser.one("#comments summary").click()
    browser.one("#comments textarea").send_keys("请补充数据来源")
    browser.press("#comments button")
    assert "请补充数据来源" in browser.text("#comments")
    looks_right(browser, "workflow/desk-section")
    browser.open(year.reports["college"])
    assert "2 条意见" in browser.text("#return")
    browser.fill("comment", "请按各处意见修改")
    browser.press_named("退回")
    assert "已退回" in browser.text("main")
    looks_right(browser, "workflow/desk-returned")


def test_the_school_finds_the_remarks_and_answers_them(year):
    browser = as_person(year, "college")
    assert "2 条意见待答复" in browser.text("main")
    browser.open(year.reports["college"])
    assert "请按各处意见修改" in browser.text("main") and "2 条意见要答复" in browser.text("#approve")
    looks_right(browser, "workflow/school-returned")
    browser.open(f"{year.reports['college']}/cells/RES")
    assert "与台账不符，请核对" in browser.text("main .comment")
    looks_right(browser, "workflow/school-table")
    browser.open(f"{year.reports['college']}/cells/RES")
    year.before = browser.one("[name='v.RES05']").get_attribute("value")
    browser.fill("v.RES05", str(int(float(year.before)) + 1))
    browser.press("form button[data-save]")
    browser.one("main .comment textarea").send_keys("已按台账改正")
    browser.press("main .comment button")
    assert "已按台账改正" in browser.text("main .comment") and "已答复" in browser.text("main .comment")
    browser.press(f"main nav.trail a[href='{year.reports['college']}']")
    browser.press(f"main .head a[href='{year.reports['college']}/comments']")
    assert "1 条待答复，1 条已答复" in browser.text("main .lead")
    looks_right(browser, "workflow/comments")
    browser.open(f"{year.reports['college']}/comments")
    details = [each for each in browser.all("main .comment details") if each.get_attribute("open")]
    assert len(details) == 1, "only what waits for an answer lies open"
    browser._press(details[0].find_element("css selector", "button"))
    assert browser.all("main [role=alert]"), "an empty answer is none"
    details = [each for each in browser.all("main .comment details") if each.get_attribute("open")]
    details[0].find_element("css selector", "textarea").send_keys("来源是学籍系统，已写在各表备注中")
    browser._press(details[0].find_element("css selector", "button"))
    assert "0 条待答复，2 条已答复" in browser.text("main .lead")


def test_it_is_submitted_again_with_what_changed(year):
    browser = as_person(year, "college")
    browser.open(year.reports["college"])
    browser.fill("declaration.name", "王校长")
    browser.fill("declaration.office", "校长")
    browser.press("#approve button[type=submit]")
    browser.press_named("提交年报")
    assert browser.path().endswith("/receipts/2?done=submitted")
    browser.open(year.reports["college"])
    compare = f"{year.reports['college']}/revisions/compare?from=1&to=2"
    assert compare in browser.links(), "the revisions lead to what changed between them"


def test_the_commission_settles_the_remarks_and_accepts(year):
    browser = as_person(year, "commission")
    browser.open(f"{year.reports['college']}/comments")
    buttons = [each for each in browser.all("main .comment button") if each.text == "标为已解决"]
    browser._press(buttons[0])
    assert "已标为解决" in browser.text("main")
    looks_right(browser, "workflow/desk-comments")
    browser.open(year.reports["college"])
    browser.press_named("接收")
    assert "已接收" in browser.text("main")
    browser.open(f"{year.reports['college']}/history")
    text = browser.text("main ol.history")
    for deed in ("新建了年报", "审定并作出真实性声明", "提交了年报", "开始审核", "退回修改", "接收了年报"):
        assert deed in text, text
    looks_right(browser, "workflow/history")


def test_a_correction_is_asked_for_opened_and_done(year):
    browser = as_person(year, "college")
    browser.open(f"{year.reports['college']}/cells/RES")
    browser.press(f"main [data-locked] a[href='{year.reports['college']}/corrections']")
    browser.fill("reason", "双师型教师数少填一人")
    looks_right(browser, "workflow/correction-asked")
    browser.open(f"{year.reports['college']}/corrections")
    browser.fill("reason", "双师型教师数少填一人")
    browser.press("#ask button[type=submit]")
    assert "等教育主管部门决定" in browser.text("main article.request")
    assert "更正" in browser.text("main"), "the school sees it among what waits with others"
    browser = as_person(year, "commission")
    assert "更正申请：北岭职业学院" in browser.text("main")
    looks_right(browser, "workflow/desk-work")
    browser.press_named("决定", within="main .todo")
    looks_right(browser, "workflow/correction-to-decide")
    browser.press_named("不同意")
    assert browser.all("main [role=alert]"), "nothing is refused without a reason"
    browser.press_named("同意，开放更正")
    assert "正在更正" in browser.text("main article.request")

    browser = as_person(year, "college")
    browser.open(f"{year.reports['college']}/cells/RES")
    browser.fill("v.RES05", str(int(float(year.before)) + 2))
    browser.press("form button[data-save]")
    browser.open(year.reports["college"])
    assert "这份年报正在更正" in browser.text("main") and "结果里仍是第 2 版" in browser.text("main")
    looks_right(browser, "workflow/correcting")
    browser.fill("declaration.name", "王校长")
    browser.fill("declaration.office", "校长")
    browser.press("#approve button[type=submit]")
    browser.press_named("提交年报")
    browser = as_person(year, "commission")
    browser.open(year.reports["college"])
    browser.press_named("接收")
    browser.open(f"{year.reports['college']}/corrections")
    assert "已更正" in browser.text("main article.request") and "第 2 版与第 3 版比较" in browser.text("main article.request")


def test_more_time_is_asked_for_and_given(year):
    browser = as_person(year, "trade-school")
    browser.open(year.reports["trade-school"])
    browser.press_named("时间不够？申请延期")
    browser.fill("reason", "数据平台迁移，十二月初才能取数")
    browser.press("main form[action='/extensions'] button[type=submit]")
    assert browser.all("main [role=alert]"), "until when?"
    set_value(browser, "main [name=wanted_time]", in_days(20))
    kept = browser.one("main textarea[name=reason]").get_attribute("value")
    assert kept == "数据平台迁移，十二月初才能取数", "what was typed stays"
    browser.press("main form[action='/extensions'] button[type=submit]")
    assert "等教育主管部门决定" in browser.text("main")
    looks_right(browser, "workflow/extension-asked")
    browser = as_person(year, "commission")
    assert "延期申请：南岭中等专业学校" in browser.text("main")
    browser.press_named("决定", within="main .todo")
    looks_right(browser, "workflow/extension-to-decide")
    browser.press_named("同意延期")
    assert "已同意" in browser.text("main article.request")
    browser = as_person(year, "trade-school")
    assert "同意延到" in browser.text("main")
    browser.open(year.reports["trade-school"])
    assert "单独给这份年报的期限" in browser.text("main dl.facts")
    looks_right(browser, "workflow/extension-granted")


def test_an_editor_is_given_one_section(year):
    browser = as_person(year, "trade-school")
    report = year.reports["trade-school"]
    browser.open(f"{report}/editors")
    people = {name: year.people[name].account_id for name in ("trade-school", "trade-editor")}
    box = f"main [name='part.{people['trade-editor']}'][value='section.talent']"
    tick(browser, box)
    browser.press_named("保存分工")
    assert browser.all("main [role=alert]"), "a plan wants a coordinator"
    assert browser.one(box).is_selected(), "what was ticked stays"
    tick(browser, f"main [name='coordinator.{people['trade-school']}']")
    browser.press_named("保存分工")
    assert "分工已保存" in browser.text("main")
    looks_right(browser, "workflow/editors")

    browser = as_person(year, "trade-editor")
    assert "您负责其中 1 个部分" in browser.text("main")
    browser.open(report)
    headings = [each.text for each in browser.all("main h2")]
    assert headings.index("我负责的章节") < headings.index("其他指标表（只读）")
    assert "由年报负责人trade-school审定和提交" in browser.text("#approve")
    looks_right(browser, "workflow/editor-report")
    browser.open(f"{report}/cells/RES")
    assert "它由trade-school负责" in browser.text("main [data-locked]") and not browser.all("main [data-save]")
    looks_right(browser, "workflow/editor-locked")
    browser.open(f"{report}/sections/talent")
    browser.fill("section.body", region.BODY + "编辑补充。")
    browser.press("form button[data-save]")
    assert "已保存" in browser.text("main")


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_two_tabs_on_one_section_lose_neither_text(year, scripts):
    browser = as_person(year, "trade-school")
    browser.scripts(scripts)
    section = f"{year.reports['trade-school']}/sections/talent"
    browser.open(section)
    mine = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.scripts(scripts)
    browser.open(section)
    browser.fill("section.body", region.BODY + "同事写的一段。")
    browser.press("form button[data-save]")
    browser.driver.close()
    browser.driver.switch_to.window(mine)
    browser.fill("section.body", region.BODY + "我写的一段。")
    browser.press("form button[data-save]")
    assert "同事写的一段。" in browser.one("#theirs").get_attribute("value")
    assert "我写的一段。" in browser.one("[name='section.body']").get_attribute("value")
    if not scripts:
        looks = browser.one("main [role=alert]").text
        assert "还没有保存" in looks
    browser.press("form button[data-save]")
    browser.open(section)
    assert "我写的一段。" in browser.one("[name='section.body']").get_attribute("value")
    browser.scripts(False)


def test_a_remark_is_written_with_the_keyboard_alone(year):
    """Tab to the row's "remark", open it, type, Tab to the button, press it."""
    caller, commission = year.people["trade-school"], year.people["commission"]
    submission_id = year.reports["trade-school"].rpartition("/")[2]
    steps.hand_in(caller, submission_id)
    commission(f"{SUBMISSIONS}/StartSubmissionReview", **steps.current(commission, submission_id))
    browser = as_person(year, "commission")
    browser.scripts(True)
    browser.open(f"{year.reports['trade-school']}/cells/RES")
    summary = browser.all("main .remark-on summary")[0]
    browser.driver.execute_script("arguments[0].focus()", summary)
    active = lambda: browser.driver.switch_to.active_element  # noqa: E731
    active().send_keys("\ue007")
    active().send_keys("\ue004")
    active().send_keys("键盘写的意见")
    active().send_keys("\ue004")
    assert active().tag_name == "button"
    before = browser.one("html").id
    active().send_keys("\ue007")
    browser.wait(lambda: [before] != [root.id for root in browser.all("html")], "the next page")
    assert "键盘写的意见" in browser.text("main .comment")
    browser.scripts(False)
