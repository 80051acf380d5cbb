"""A reviewer's desk in a real browser: nothing typed is lost, whatever becomes of the line, the window or the session; then the
panel talks.

Everything but the scoring is done over gRPC.
"""

from types import SimpleNamespace

import pytest
from browser import Browser

from support import region, servers, steps
from support.region import COMMISSION, HIGH_SCHOOL, YEAR
from support.steps import ROUNDS, SUBMISSIONS

pytestmark = pytest.mark.story

EXPERTS = [f"scorer-{number}" for number in range(1, 5)]
BODY_OF = {name: f"93110000{number}" for number, name in enumerate(EXPERTS, 21)}
KEPT = "return Object.keys(localStorage).some(key => key.startsWith('zhijian:scores/'))"


@pytest.fixture(scope="module")
def desk():
    server = servers.start("sqlite")
    browser = Browser(server.http)
    yield SimpleNamespace(server=server, browser=browser, people={})
    browser.driver.execute_cdp_cmd("Network.disable", {})
    browser.close()
    server.stop()


def sign_in(desk, name):
    browser = desk.browser
    browser.sign_out()
    browser.open("/?lang=zh")
    browser.sign_in(name, region.PASSWORD)
    browser.console()
    return browser


def offline(browser, on):
    browser.driver.execute_cdp_cmd("Network.enable", {})
    conditions = {"offline": on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)


def status(browser):
    return browser.text("main form[data-keep^='scores/'] [data-saved]")


def value(browser, name):
    return browser.one(f"main form[data-keep^='scores/'] [name='{name}']").get_attribute("value")


def stored(desk, path):
    """What the server has of a sheet."""
    listed = desk.people["chair"].list("review.v1.AssignmentService/ListAssignments", "assignments", round_id=desk.round)
    sheet = next(each for each in listed if each["assignment_id"] == path.split("?")[0].rsplit("/", 1)[1])
    return {score["element_code"]: score["points"] for score in sheet["scores"]}, sheet["comment"]


def test_a_round_is_open(desk):
    nobody = desk.server.caller
    request = {
        "sign_in_name": "commission",
        "display_name": "教委管理员",
        "password": region.PASSWORD,
        "organisation": region.organisation(COMMISSION, "KIND_COMMISSION", "五岭市教育委员会"),
        "region": {"name": region.text("五岭市", "Wuling")},
    }
    nobody("identity.v1.SessionService/SetUp", set_up_code=desk.server.set_up_code, **request)
    commission = desk.people["commission"] = nobody.sign_in("commission", region.PASSWORD)
    bodies = [region.organisation(code, "KIND_EVALUATION_BODY", f"评估院{code}") for code in BODY_OF.values()]
    for organisation in [*region.ORGANISATIONS, *bodies]:
        commission("identity.v1.OrganisationService/CreateOrganisation", organisation=organisation)
    accounts = {name: region.ACCOUNTS[name] for name in ("chair", "high-school")}
    accounts |= {name: ("ROLE_REVIEWER", BODY_OF[name]) for name in EXPERTS}
    for name, (role, code) in accounts.items():
        account = {"sign_in_name": name, "display_name": name, "roles": [{"role": role, "organisation_code": code}]}
        commission("identity.v1.AccountService/CreateAccount", account=account, password=region.PASSWORD)
        desk.people[name] = nobody.sign_in(name, region.PASSWORD)
    programmes = [each for each in region.PROGRAMMES if each["organisation_code"] == HIGH_SCHOOL and not each.get("pilot")]
    commission("submission.v1.ProgrammeService/ImportProgrammes", programmes=programmes)
    cycle = {
        "year": YEAR,
        "name": region.text(f"{YEAR}年度"),
        "window_start": f"{YEAR - 1}-09-01",
        "window_end": f"{YEAR}-08-31",
        "catalogue_year": YEAR,
        "due_time": steps.due_in(30),
    }
    made = commission("submission.v1.CycleService/CreateCycle", cycle=cycle)["cycle"]
    commission("submission.v1.CycleService/OpenCycle", year=YEAR, etag=made["etag"])
    school = desk.people["high-school"]
    created = school(f"{SUBMISSIONS}/CreateSubmission", **steps.report(HIGH_SCHOOL))["submission"]
    submission_id = created["submission_id"]
    cells = region.cells(region.FIGURES[HIGH_SCHOOL])
    school(f"{SUBMISSIONS}/SaveCells", submission_id=submission_id, cells=cells)
    for section in school(f"{SUBMISSIONS}/ListSections", submission_id=submission_id)["sections"]:
        school(f"{SUBMISSIONS}/SaveSection", submission_id=submission_id, section={**section, "body": region.BODY})
    steps.hand_in(school, submission_id)
    commission(f"{SUBMISSIONS}/AcceptSubmission", **steps.current(commission, submission_id))
    chair = desk.people["chair"]
    for name in EXPERTS:
        reviewer = {
            "account_id": desk.people[name].account_id,
            "name": name,
            "organisation_code": BODY_OF[name],
            "expertise": ["51", "71", "75"],
            "max_load": 20,
        }
        chair("review.v1.ReviewerService/RegisterReviewer", reviewer=reviewer)
    made = chair(f"{ROUNDS}/CreateRound", cycle_year=YEAR, scheme_code=steps.NEW, due_time=steps.due_in(20))["round"]
    desk.round = made["round_id"]
    made = chair(f"{ROUNDS}/AssignRound", round_id=desk.round, etag=made["etag"])["round"]
    chair(f"{ROUNDS}/OpenRound", round_id=desk.round, etag=made["etag"])
    listed = chair.list("review.v1.AssignmentService/ListAssignments", "assignments", round_id=desk.round)
    first = listed[0]["entry"]["entry_id"]
    names = {desk.people[name].account_id: name for name in EXPERTS}
    desk.panel = [
        (names[each["reviewer_account_id"]], f"/assignments/{each['assignment_id']}")
        for each in listed
        if each["entry"]["entry_id"] == first
    ]
    assert len(desk.panel) == 3


def test_the_evidence_stands_beside_the_rubric(desk):
    name, path = desk.panel[0]
    browser = sign_in(desk, name)
    assert browser.open(path) == 200
    evidence = browser.text("aside.evidence")
    assert "双师型教师比例" in evidence and "年报正文" in evidence, evidence
    assert "专业登记信息" in evidence
    assert browser.judge() == []
    browser.screenshot("scoring/desk")
    form = browser.one("form[data-keep^='scores/']").rect
    aside = browser.one("aside.evidence").rect
    assert aside["x"] > form["x"] + form["width"] - 1, "beside, not below"


def test_what_is_typed_is_saved_by_itself(desk):
    name, path = desk.panel[0]
    browser = desk.browser
    browser.fill("score.faculty", "81.5")
    browser.fill("comment", "师资结构合理。")
    browser.wait(lambda: "自动保存" in status(browser), "the saved draft")
    browser.wait(lambda: stored(desk, path) == ({**stored(desk, path)[0], "faculty": "81.5"}, "师资结构合理。"), "it all")
    assert not browser.driver.execute_script(KEPT), "what the server has is not kept twice"


def test_what_is_no_score_stays_on_this_computer(desk):
    name, path = desk.panel[0]
    browser = desk.browser
    browser.fill("score.setting", "一百分")
    browser.wait(lambda: "暂存在本机" in status(browser) and "无效" in status(browser), "what is wrong")
    browser.fill("score.setting", "90")
    browser.wait(lambda: stored(desk, path)[0]["setting"] == "90", "the score")
    browser.console()


def test_a_dropped_line_loses_nothing(desk):
    name, path = desk.panel[0]
    browser = desk.browser
    offline(browser, True)
    browser.fill("score.teaching", "77")
    browser.fill("comment", "师资结构合理。断网时写的话。")
    browser.wait(lambda: "网络中断" in status(browser), "the lost line")
    assert stored(desk, path)[0]["teaching"] == ""
    offline(browser, False)
    browser.driver.execute_script("dispatchEvent(new Event('online'))")
    browser.wait(lambda: stored(desk, path)[0]["teaching"] == "77", "the score that was typed offline")
    browser.wait(lambda: stored(desk, path)[1] == "师资结构合理。断网时写的话。", "the comment")
    browser.wait(lambda: "自动保存" in status(browser), "the saved draft")
    browser.console()


def test_a_closed_window_loses_nothing(desk):
    name, path = desk.panel[0]
    browser = desk.browser
    offline(browser, True)
    browser.fill("score.practice", "66")
    browser.wait(lambda: browser.driver.execute_script(KEPT), "the kept draft")
    # The window is closed while the line is down; later another one is opened.
    before = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    fresh = browser.driver.current_window_handle
    browser.driver.switch_to.window(before)
    browser.driver.close()
    browser.driver.switch_to.window(fresh)
    offline(browser, False)
    browser.resize(1280, 900)
    assert browser.open(path) == 200
    assert value(browser, "score.practice") == "66"
    browser.wait(lambda: stored(desk, path)[0]["practice"] == "66", "the score that was brought back")
    assert value(browser, "score.faculty") == "81.5"
    browser.console()


def test_an_ended_session_loses_nothing(desk):
    name, path = desk.panel[0]
    browser = desk.browser
    browser.driver.delete_cookie("zhijian_session")
    browser.fill("score.textbook", "71")
    browser.wait(lambda: "登录已过期" in status(browser), "the ended session")
    browser.sign_in(name, region.PASSWORD)
    assert browser.open(path) == 200
    assert value(browser, "score.textbook") == "71"
    browser.wait(lambda: stored(desk, path)[0]["textbook"] == "71", "the score that was brought back")
    browser.console()


def test_another_window_is_not_overwritten(desk):
    name, path = desk.panel[0]
    browser = desk.browser
    reviewer = desk.people[name]
    fields = {"assignment_id": path.rsplit("/", 1)[1]}
    elsewhere = reviewer("review.v1.AssignmentService/GetAssignment", **fields)["assignment"]
    scores = [{**score, "points": "50"} if score["element_code"] == "resource" else score for score in elsewhere["scores"]]
    kept = {"scores": scores, "comment": elsewhere["comment"], "etag": elsewhere["etag"]}
    reviewer("review.v1.AssignmentService/SaveScores", **kept, **fields)
    browser.fill("score.resource", "60")
    browser.wait(lambda: "别的窗口" in status(browser), "the conflict")
    browser.press("form[data-keep^='scores/'] button[data-save]")
    assert "别处保存" in browser.text("main") and value(browser, "score.resource") == "60"
    browser.press("form[data-keep^='scores/'] button[data-save]")
    assert stored(desk, path)[0]["resource"] == "60"
    browser.console()


def test_handing_in_goes_on_to_the_least_reviewed(desk):
    name, path = desk.panel[0]
    browser = desk.browser
    browser.open(path)
    for field in browser.all("form[data-keep^='scores/'] input.points"):
        if not field.get_attribute("value"):
            field.send_keys("70")
    browser.press_named("提交评分，下一个")
    assert not browser.all("main [role=alert]"), browser.text("main")
    assert browser.path() != path
    others = desk.panel[1:]
    for other, address in others:
        reviewer = desk.people[other]
        fields = {"assignment_id": address.rsplit("/", 1)[1]}
        sheet = reviewer("review.v1.AssignmentService/GetAssignment", **fields)["assignment"]
        points = "72" if address == others[0][1] else "74"
        scores = [{**score, "points": points} for score in sheet["scores"]]
        reviewer("review.v1.AssignmentService/SubmitScores", scores=scores, etag=sheet["etag"], **fields)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_panel_talks_without_names(desk, scripts):
    name, path = desk.panel[0 if scripts else 1]
    browser = sign_in(desk, name)
    browser.scripts(scripts)
    try:
        browser.open(path)
        browser.press_named("看其他专家的评分，参加讨论")
        text = browser.text("main")
        assert "专家甲" in text and "专家丙" in text and "（您）" in text
        assert not [other for other in EXPERTS if other in text], "nobody's name is shown"
        browser.fill("body", "实训基地今年已经建成，见年报。")
        browser.press_named("发表")
        assert "实训基地今年已经建成" in browser.text("ol.talk")
        assert browser.path().startswith(f"{path}/panel")
    finally:
        browser.scripts(True)
    assert browser.judge() == []
    browser.screenshot("scoring/panel")


def test_a_sheet_is_revised_once_and_the_old_one_kept(desk):
    name, path = desk.panel[0]
    browser = sign_in(desk, name)
    browser.open(f"{path}/panel")
    form = "form[action$='/revise']"
    field = browser.one(f"{form} [name='score.practice']")
    field.clear()
    field.send_keys("79")
    browser.one(f"{form} [name='reason']").send_keys("看到了新的佐证。")
    browser.press_named("提交修订")
    assert "修订已提交" in browser.text("main")
    assert not browser.all(form), "once"
    assert stored(desk, path)[0]["practice"] == "79"
    assert "讨论后修订" in browser.text("main")


def test_a_seat_is_given_back_and_the_chair_sees_it(desk):
    listed = desk.people["chair"].list("review.v1.AssignmentService/ListAssignments", "assignments", round_id=desk.round)
    chosen = next(each for each in listed if each["state"] == "STATE_OPEN")
    name = next(name for name in EXPERTS if desk.people[name].account_id == chosen["reviewer_account_id"])
    browser = sign_in(desk, name)
    browser.open(f"/assignments/{chosen['assignment_id']}")
    browser.driver.execute_script("document.querySelector('form[action$=\"/abstain\"]').closest('details').open = true")
    browser.one("form[action$='/abstain'] [name=reason]").send_keys("曾在该校任教，应当回避。")
    browser.press_named("退出这份评审")
    assert "已退出" in browser.text("main")
    browser = sign_in(desk, "chair")
    browser.open(f"/rounds/{desk.round}")
    assert "1 个评审席位因专家退出而空缺" in browser.text("main")
    browser.press_named("看退出理由")
    assert "曾在该校任教" in browser.text("main")
    assert browser.judge() == []
    browser.open(f"/rounds/{desk.round}")
    browser.press_named("补派专家")
    assert "空缺" not in browser.text("main")


def test_the_chair_returns_a_sheet(desk):
    name, path = desk.panel[2]
    browser = sign_in(desk, "chair")
    browser.open(f"/rounds/{desk.round}/sheets?state=submitted")
    form = browser.one(f"form[action$='{path.rsplit('/', 1)[1]}']")
    browser.driver.execute_script("arguments[0].closest('details').open = true", form)
    form.find_element("css selector", "[name=reason]").send_keys("评语与分数不符，请核对。")
    browser.press(f"form[action$='{path.rsplit('/', 1)[1]}'] button")
    assert "已退回给专家" in browser.text("main")
    browser = sign_in(desk, name)
    browser.open(path)
    assert "评语与分数不符" in browser.text("main")
    assert "留存的评分" in browser.text("main")
