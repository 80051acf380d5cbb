"""What each role does in its workplace, with a mouse and a keyboard. The main forms are filled in without any script."""

import pytest
from browser import DESKTOP

from support.servers import DEMO_PASSWORD


@pytest.fixture
def work(browser):
    """Signs a role in, in Chinese, with or without scripts."""
    browser.resize(*DESKTOP)

    def sign_in(role, scripts=True):
        browser.scripts(scripts)
        browser.sign_out()
        browser.open("/?lang=zh")
        browser.sign_in(role, DEMO_PASSWORD)
        browser.console()
        return browser

    yield sign_in
    browser.scripts(True)
    browser.sign_out()


def first_link(browser, start):
    """The first link of the page's content that begins so."""
    hrefs = [link.get_attribute("href").removeprefix(browser.base) for link in browser.all("main a[href]")]
    found = [href for href in hrefs if href.startswith(start)]
    assert found, f"{browser.path()} leads nowhere under {start}: {hrefs}"
    return found[0]


def open_report_of_school(browser):
    """The draft that the demonstration leaves to the school."""
    browser.open("/submissions?year=2026")
    rows = [row for row in browser.all("main table tbody tr") if "企业" not in row.text]
    drafts = [row for row in rows if "填报中" in row.text or "草稿" in row.text]
    assert drafts, f"no draft for the school: {browser.text('main')}"
    path = drafts[0].find_element("css selector", "a").get_attribute("href").removeprefix(browser.base)
    browser.open(path)
    return path


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
def test_a_school_fills_in_a_table(work, scripts):
    browser = work("school", scripts)
    report = open_report_of_school(browser)
    browser.open(f"{report}/cells/RES")
    browser.screenshot("school-table")
    before = browser.one("[name='v.RES05']").get_attribute("value")
    value = "31" if before != "31" else "32"

    browser.fill("v.RES05", "三十一")
    browser.press("form button[data-save]")
    assert browser.one("[name='v.RES05']").get_attribute("value") == "三十一", "what was typed is kept"
    assert browser.one("[name='v.RES05']").get_attribute("aria-invalid") == "true"
    assert browser.all("main [role=alert]")
    browser.screenshot("school-table-refused")

    browser.fill("v.RES05", value)
    browser.fill("n.RES05", "含新设专业")
    browser.press("form button[data-save]")
    assert browser.all("main [role=status]"), browser.text("main")
    browser.open(f"{report}/cells/RES")
    assert browser.one("[name='v.RES05']").get_attribute("value") == value
    assert browser.one("[name='n.RES05']").get_attribute("value") == "含新设专业"


def test_what_is_typed_survives_a_closed_window(work):
    browser = work("school")
    report = open_report_of_school(browser)
    browser.open(f"{report}/cells/POL")
    browser.fill("n.POL06", "还没有保存的备注")
    key = browser.one("form[data-keep]").get_attribute("data-keep")
    kept = "return (localStorage.getItem('zhijian:' + arguments[0]) || '').includes('还没有保存的备注')"
    browser.wait(lambda: browser.driver.execute_script(kept, key), "the kept draft")
    browser.open("/work")
    browser.open(f"{report}/cells/POL")
    assert browser.one("[name='n.POL06']").get_attribute("value") == "还没有保存的备注"
    browser.driver.execute_script("localStorage.clear()")


def test_two_people_do_not_overwrite_each_other(work):
    browser = work("school", scripts=False)
    report = open_report_of_school(browser)
    browser.open(f"{report}/cells/BAS")
    mine = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.scripts(False)
    browser.open(f"{report}/cells/BAS")
    browser.fill("n.BAS02", "同事写的")
    browser.press("form button[data-save]")
    browser.driver.close()
    browser.driver.switch_to.window(mine)
    browser.fill("n.BAS02", "我写的")
    browser.press("form button[data-save]")
    assert "同事写的" in browser.text("main"), "the colleague's remark stands beside mine"
    assert browser.one("[name='n.BAS02']").get_attribute("value") == "我写的"


def test_a_school_writes_a_section(work):
    browser = work("school", scripts=False)
    report = open_report_of_school(browser)
    browser.open(f"{report}/sections/culture")
    body = "学校把传统工艺写进课程，每学期请工匠进校授课，作品在校内展出，学生参与布展和讲解。"
    browser.fill("section.body", body)
    browser.press("form button[data-save]")
    browser.open(f"{report}/sections/culture")
    assert browser.one("textarea").get_attribute("value").strip() == body


def test_a_school_sees_its_results_and_plans(work):
    browser = work("school")
    browser.open("/results")
    assert browser.all("main .grade"), "the school's grades of 2025 are shown"
    browser.screenshot("school-results")


def test_the_commission_returns_a_report(work):
    browser = work("commission", scripts=False)
    browser.open("/desk?year=2026&state=submitted")
    browser.screenshot("commission-desk")
    path = first_link(browser, "/submissions/")
    browser.open(path)
    assert browser.status() == 200
    browser.press_named("退回")
    assert browser.all("main [role=alert]"), "a report is not returned without a word"
    comment = "请核对社会培训人次与到账经费的口径。"
    browser.fill("comment", comment)
    browser.press_named("退回")
    assert comment in browser.text("main")
    browser.screenshot("commission-returned")


def test_the_commission_accepts_a_report(work):
    browser = work("commission", scripts=False)
    browser.open("/desk?year=2026&state=submitted")
    path = first_link(browser, "/submissions/")
    browser.open(path)
    browser.press_named("开始审核")
    browser.press_named("接收")
    assert "已接收" in browser.text("main")
    assert browser.all("main [role=status]")


def test_a_reviewer_scores_a_programme(work):
    browser = work("reviewer", scripts=False)
    browser.open("/assignments?state=open")
    browser.screenshot("reviewer-assignments")
    path = first_link(browser, "/assignments/asg_")
    browser.open(path)
    fields = browser.all("input.points")
    assert len(fields) == 10
    names = [field.get_attribute("name") for field in fields]
    for name in names[:9]:
        browser.fill(name, "83.5")
    browser.fill(names[9], "120")
    browser.fill("comment", "课程与岗位衔接较好，实训条件需补充。")
    browser.press_named("提交评分，下一个")
    assert browser.path().startswith(path), "an impossible score is not taken"
    assert browser.one(f"[name='{names[9]}']").get_attribute("value") == "120"
    assert browser.one(f"[name='{names[0]}']").get_attribute("value") == "83.5"
    browser.screenshot("reviewer-refused")

    browser.fill(names[9], "79")
    browser.press_named("存草稿")
    assert browser.one(f"[name='{names[9]}']").get_attribute("value") == "79"
    browser.press_named("提交评分，下一个")
    assert not browser.path().startswith(path)
    browser.open(path)
    assert browser.all("input.points") == [], "what was handed in is not changed any more"
    assert "83.5" in browser.text("main") and "79" in browser.text("main")


def test_a_reviewer_sees_no_colleague(work):
    browser = work("reviewer")
    browser.open("/rounds")
    rounds = [link for link in browser.links() if link.startswith("/rounds/rnd_")]
    for address in rounds[:1]:
        browser.open(address)
        assert browser.status() == 403 or not browser.all("main form"), "rounds are the chair's to run"
    assert "reviewer-" not in browser.driver.page_source
    assert not [link for link in browser.links() if link.startswith("/publish")]
    browser.open("/publish/2025")
    assert not browser.all("main form[action^='/publish/']")


def test_the_chair_follows_a_round(work):
    browser = work("chair")
    browser.open("/rounds")
    browser.screenshot("chair-rounds")
    browser.open(first_link(browser, "/rounds/rnd"))
    assert browser.status() == 200
    browser.screenshot("chair-round")


def test_the_chair_sees_every_rectification(work):
    browser = work("chair")
    browser.open("/rectifications")
    assert browser.all("main table tbody tr")
    browser.open(first_link(browser, "/rectifications/"))
    assert browser.all("main .grade")
    browser.screenshot("chair-rectification")


def test_the_publisher_sees_what_was_released(work):
    browser = work("publisher")
    browser.open("/publish")
    assert "2025" in browser.text("main") and "2024" in browser.text("main")
    browser.screenshot("publisher")
    browser.open("/publish/2025")
    assert browser.status() == 200
    assert browser.all("main table")
    browser.screenshot("publisher-2025")


def test_a_session_that_ended_keeps_what_was_sent(work):
    browser = work("school", scripts=False)
    report = open_report_of_school(browser)
    browser.open(f"{report}/cells/SVC")
    browser.fill("n.SVC06", "登录过期也不丢")
    browser.driver.delete_cookie("zhijian_session")
    browser.press("form button[data-save]")
    assert browser.path().startswith("/sign-in") or browser.all("form[action='/sign-in']")
    browser.fill("sign_in_name", "school")
    browser.fill("password", DEMO_PASSWORD)
    browser.press("form[action='/sign-in'] button[type=submit]")
    browser.press("main form button.primary")
    browser.open(f"{report}/cells/SVC")
    assert browser.one("[name='n.SVC06']").get_attribute("value") == "登录过期也不丢"
