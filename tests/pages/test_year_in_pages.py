"""The quality year from an empty server to a published release, by mouse and keyboard, in a browser that runs no script.

What has no page yet is done over gRPC: registering organisations, people, programmes and experts, and two of the three
schools' reports.
"""

from datetime import datetime, timedelta
from types import SimpleNamespace

import appealing
import objecting
import pytest
from browser import Browser
from collecting import list_is_in_sight, looks_right
from selenium.webdriver.support.ui import Select

from support import region, servers, steps
from support.region import COLLEGE, COMMISSION, HIGH_SCHOOL, TRADE_SCHOOL, YEAR
from support.steps import SUBMISSIONS

pytestmark = pytest.mark.story

# One of each group of grades, one of them to be mended; and a pilot.
SCORED = ["510202", "530302", "660303", "750101", "470102"]
LISTED = ["590202", "700206"]
POINTS = {code: points for code, (_, _, _, points) in (region.NEW_PROGRAMMES | region.PILOTS).items()}


@pytest.fixture(scope="module")
def year():
    server = servers.start("sqlite")
    browser = Browser(server.http)
    browser.scripts(False)
    yield SimpleNamespace(server=server, browser=browser, people={}, panel={})
    browser.close()
    server.stop()


def as_person(year, name):
    browser = year.browser
    browser.sign_out()
    browser.sign_in(name, region.PASSWORD)
    return browser


def set_value(browser, name, value):
    """Fills a date field, whose keys differ from one language of the browser to the next."""
    browser.driver.execute_script("arguments[0].value = arguments[1]", browser.one(f"main [name='{name}']"), value)


def in_days(days):
    return (datetime.now() + timedelta(days=days)).strftime("%Y-%m-%dT17:00")


def test_the_first_account_is_opened(year):
    browser = year.browser
    assert browser.open("/") == 200
    browser.press("main a[href='/setup']")
    for name, value in {
        "set_up_code": "not the code",
        "region.name.zh": "五岭市",
        "region.name.en": "Wuling",
        "organisation.code": COMMISSION,
        "organisation.name.zh": "五岭市教育委员会",
        "organisation.name.en": "Wuling Education Commission",
        "display_name": "教委管理员",
        "sign_in_name": "commission",
    }.items():
        browser.fill(name, value)
    browser.fill("password", region.PASSWORD)
    browser.press("main form button[type=submit]")
    assert browser.all("main [role=alert]"), "a wrong code is refused, and what was typed stays"
    assert browser.one("[name='region.name.zh']").get_attribute("value") == "五岭市"
    browser.fill("set_up_code", year.server.set_up_code)
    browser.fill("password", region.PASSWORD)
    browser.press("main form button[type=submit]")
    assert browser.path() == "/work"


def test_what_has_no_page_is_registered(year):
    nobody = year.server.caller
    commission = year.people["commission"] = nobody.sign_in("commission", region.PASSWORD)
    for organisation in region.ORGANISATIONS:
        commission("identity.v1.OrganisationService/CreateOrganisation", organisation=organisation)
    for name, (role, code) in region.ACCOUNTS.items():
        account = {"sign_in_name": name, "display_name": name, "roles": [{"role": role, "organisation_code": code}]}
        commission("identity.v1.AccountService/CreateAccount", account=account, password=region.PASSWORD)
        year.people[name] = nobody.sign_in(name, region.PASSWORD)
    chosen = [programme for programme in region.PROGRAMMES if programme["code"] in [*SCORED, *LISTED]]
    commission("submission.v1.ProgrammeService/ImportProgrammes", programmes=chosen)
    for name in region.EXPERTS:
        reviewer = {
            "account_id": year.people[name].account_id,
            "name": name,
            "organisation_code": region.ACCOUNTS[name][1],
            "past_employers": [{"organisation_code": code} for code in region.FORMER_EMPLOYERS.get(name, [])],
            "expertise": ["51", "71", "75"],
            "max_load": 20,
        }
        year.people["chair"]("review.v1.ReviewerService/RegisterReviewer", reviewer=reviewer)


def test_the_commission_opens_the_year(year):
    browser = as_person(year, "commission")
    browser.open("/cycles")
    browser.press("main a[href='/cycles/new']")
    for name, value in {
        "cycle.year": str(YEAR),
        "cycle.name.zh": f"{YEAR}年度",
        "cycle.name.en": f"Edition {YEAR}",
        "cycle.catalogue_year": str(YEAR),
    }.items():
        browser.fill(name, value)
    set_value(browser, "cycle.window_start", f"{YEAR - 1}-09-01")
    set_value(browser, "cycle.window_end", f"{YEAR}-08-31")
    set_value(browser, "cycle.due_time", in_days(30))
    browser.press_named("建立年度")
    assert browser.path().startswith(f"/cycles/{YEAR}"), browser.text("main")
    browser.press_named("开放填报")
    assert "已开放" in browser.text("main")


def test_a_school_fills_in_and_submits(year):
    browser = as_person(year, "college")
    browser.open("/submissions")
    browser.press_named("新建年报")
    report = browser.path().split("?")[0]
    groups = [link for link in browser.links() if link.startswith(f"{report}/cells/")]
    groups = list(dict.fromkeys(groups))
    assert len(groups) == 9
    for group in groups:
        browser.open(group)
        for field in browser.all("main input.value"):
            code = field.get_attribute("name").removeprefix("v.")
            field.send_keys(region.FIGURES[COLLEGE][code])
        for choice in browser.all("main select.value"):
            Select(choice).select_by_value(region.METHOD)
        browser.press("form button[data-save]")
        assert not browser.all("main [role=alert]"), browser.text("main")
    browser.open(report)
    for section in dict.fromkeys(link for link in browser.links() if link.startswith(f"{report}/sections/")):
        browser.open(section)
        browser.fill("section.body", region.BODY)
        browser.press("form button[data-save]")
    browser.open(report)
    browser.screenshot("year/report")
    browser.fill("declaration.name", "王校长")
    browser.fill("declaration.office", "校长")
    browser.press("#approve button[type=submit]")
    browser.press_named("提交年报")
    assert "回执" in browser.text("main")
    browser.screenshot("year/receipt")
    year.report = report


def test_the_commission_accepts(year):
    browser = as_person(year, "commission")
    browser.open(year.report)
    browser.press_named("接收")
    assert "已接收" in browser.text("main")


def test_the_other_schools_report_over_grpc(year):
    commission = year.people["commission"]
    for school in (TRADE_SCHOOL, HIGH_SCHOOL):
        caller = year.people[region.SCHOOL_ACCOUNT[school]]
        created = caller(f"{SUBMISSIONS}/CreateSubmission", **steps.report(school))["submission"]
        submission_id = created["submission_id"]
        figures = region.FIGURES[school] | ({"BAS04": "139"} if school == TRADE_SCHOOL else {})
        caller(f"{SUBMISSIONS}/SaveCells", submission_id=submission_id, cells=region.cells(figures))
        for section in caller(f"{SUBMISSIONS}/ListSections", submission_id=submission_id)["sections"]:
            section = {**section, "body": region.BODY}
            caller(f"{SUBMISSIONS}/SaveSection", submission_id=submission_id, section=section)
        steps.hand_in(caller, submission_id)
        commission(f"{SUBMISSIONS}/AcceptSubmission", **steps.current(commission, submission_id))


@pytest.mark.parametrize(("scheme", "count"), [(steps.NEW, 4), (steps.PILOT, 1)])
def test_the_chair_opens_a_round(year, scheme, count):
    browser = as_person(year, "chair")
    browser.open("/rounds/new")
    browser.one(f"main input[name=scheme_code][value='{scheme}']").click()
    set_value(browser, "due_time", in_days(20))
    browser.press_named("建立轮次")
    assert browser.path().startswith("/rounds/rnd_"), browser.text("main")
    browser.press_named("试分配")
    assert str(3 * count) in browser.text("main")
    browser.press_named("分配专家")
    browser.press_named("开放评分")
    assert "评分中" in browser.text("main")


def test_every_expert_scores(year):
    scored = 0
    for name in region.EXPERTS:
        browser = as_person(year, name)
        browser.open("/assignments?state=open")
        while start := [link for link in browser.links() if link.startswith("/assignments/asg_")]:
            browser.open(start[0])
            code = next(code for code in SCORED if code in browser.text("main dl.facts"))
            for field in browser.all("main input.points"):
                field.send_keys(POINTS[code])
            browser.press_named("提交评分，下一个")
            assert not browser.all("main [role=alert]"), browser.text("main")
            year.panel.setdefault(code, set()).add(name)
            scored += 1
            browser.open("/assignments?state=open")
    assert scored == 3 * len(SCORED)


def test_the_chair_finalises(year):
    browser = as_person(year, "chair")
    browser.open("/rounds")
    rounds = sorted({link for link in browser.links() if link.startswith("/rounds/rnd_")})
    assert len(rounds) == 2
    for address in rounds:
        browser.open(address)
        browser.press_named("定级")
        assert "已定级" in browser.text("main")
    browser.screenshot("year/round")
    browser.open("/rectifications")
    assert len(browser.all("main tbody tr")) == 2, "one C and one C- want mending"


def test_the_commission_closes_the_year(year):
    browser = as_person(year, "commission")
    browser.open(f"/cycles/{YEAR}")
    browser.press_named("截止填报")
    assert "已截止" in browser.text("main")


def test_the_publisher_compiles_the_results(year):
    browser = as_person(year, "publisher")
    browser.open(f"/publish/{YEAR}")
    browser.fill("title.zh", "五岭市质量年报")
    browser.fill("title.en", "Wuling quality report")
    browser.press_named("立稿")
    browser.press_named("编制")
    # Without a script the page asks for itself again; a person waits, a test asks.
    notice = lambda: browser.open(f"/publish/{YEAR}") and browser.all("main [name=working_days]")
    servers.wait_for("the tables, and what comes after them", notice, 60)
    browser.screenshot("year/compiled")


def test_anybody_objects_from_a_phone_while_the_notice_stands(year):
    with objecting.copy_of(year.server) as copy:
        objecting.opens_the_notice(copy)
        receipt = objecting.objects_from_a_phone(copy)
        assert "还没有答复" in objecting.follows(copy, receipt)
        objecting.answers(copy)
        told = objecting.follows(copy, receipt)
        assert "部分采纳" in told and "按终评等级统计" in told, told
        public = objecting.what_everybody_reads(copy)
        assert "按终评等级统计" in public and "王某" not in public and "138" not in public, public
        assert year.server.get(f"/releases/{YEAR}")[0] == 404, "the region itself has not begun its notice"


def test_the_publisher_releases_the_results(year):
    browser = as_person(year, "publisher")
    browser.open(f"/publish/{YEAR}")
    browser.fill("working_days", "0")
    browser.press_named("开始公示")
    assert year.server.get(f"/releases/{YEAR}")[0] == 200, "anybody may see what is on notice"
    browser.press_named("提出发布")
    assert "等待另一位发布人确认" in browser.text("main")
    assert not [button for button in browser.all("main button") if button.text == "确认发布"]
    browser = as_person(year, "publisher-2")
    browser.open(f"/publish/{YEAR}")
    browser.press_named("确认发布")
    assert "已发布" in browser.text("main")


def test_anybody_reads_the_release(year):
    browser = year.browser
    browser.sign_out()
    browser.open(f"/releases/{YEAR}")
    assert browser.text("h1") == "五岭市质量年报"
    browser.screenshot("year/release")
    browser.open(f"/releases/{YEAR}/tables/2-2")
    counts = {row[0]: row[1] for row in browser.table(".set table")[1:]}
    assert counts == {
        "A+": "1",
        "A": "0",
        "A-": "0",
        "B+": "0",
        "B": "1",
        "B-": "0",
        "C+": "0",
        "C": "1",
        "C-": "1",
        "合计": "4",
    }


def test_the_school_plans_what_to_mend(year):
    browser = as_person(year, "high-school")
    browser.open("/rectifications")
    list_is_in_sight(browser, "year/rectifications")
    browser.open(next(link for link in browser.links() if link.startswith("/rectifications/rct_")))
    browser.fill("plan", "一、修订人才培养方案；二、补齐实训条件；三、每月自查一次，学年末报告结果。")
    browser.press_named("提交整改方案")
    assert "方案已提交" in browser.text("main")


# Experts of bodies that have not scored anything yet.
FRESH = {f"fresh-{number}": f"93110000{number}" for number in range(31, 34)}


def test_the_school_appeals_from_a_phone(year):
    year.grade, year.code = appealing.opens_its_lowest_result(year)
    year.result = year.browser.path()
    appealing.files_from_a_phone(year)
    appealing.sees_how_it_stands(year)


def test_the_chair_appoints_experts_who_have_not_scored(year):
    commission, chair = year.people["commission"], year.people["chair"]
    for name, code in FRESH.items():
        body = region.organisation(code, "KIND_EVALUATION_BODY", f"评估院{code}")
        commission("identity.v1.OrganisationService/CreateOrganisation", organisation=body)
        account = {"sign_in_name": name, "display_name": name}
        account["roles"] = [{"role": "ROLE_REVIEWER", "organisation_code": code}]
        commission("identity.v1.AccountService/CreateAccount", account=account, password=region.PASSWORD)
        year.people[name] = year.server.caller.sign_in(name, region.PASSWORD)
        reviewer = {"account_id": year.people[name].account_id, "name": name, "organisation_code": code, "max_load": 20}
        chair("review.v1.ReviewerService/RegisterReviewer", reviewer=reviewer)
    browser = as_person(year, "chair")
    browser.open("/work")
    year.appeal = next(link for link in browser.links() if link.startswith("/appeals/apl_"))
    browser.open(year.appeal)
    told = browser.text("main")
    assert "请予采信" in told and "应当办结" in told, told
    browser.press_named("安排复评专家")
    assert "复评中" in browser.text("main")
    hearing = set(browser.texts("#panel tbody th"))
    assert len(hearing) == 3 and not hearing & year.panel[year.code], f"{hearing} have not scored it"
    looks_right(browser, "appeal/chair")


def test_fresh_experts_hear_the_appeal(year):
    heard = 0
    for name in [*region.EXPERTS, *FRESH]:
        browser = as_person(year, name)
        browser.open("/assignments/next")
        if not browser.path().startswith("/assignments/asg_"):
            continue
        assert "这是一次申诉复评" in browser.text("main")
        assert not browser.all("main .grade"), "the grade that is appealed is not shown"
        for field in browser.all("main input.points"):
            field.send_keys("78")
        browser.press_named("提交评分，下一个")
        assert not browser.all("main [role=alert]"), browser.text("main")
        heard += 1
    assert heard == 3


def test_the_appeal_is_upheld_and_the_old_grade_stays_readable(year):
    browser = as_person(year, "chair")
    browser.open(year.appeal)
    assert "3 / 3" in browser.text("main")
    browser.fill("reason", "实训基地在观测期内建成，原评分未采信。")
    browser.screenshot("year/appeal")
    browser.press_named("支持申诉，改评")
    assert "已支持" in browser.text("main")
    browser = as_person(year, "high-school")
    browser.open(year.result)
    assert "原来的等级" in browser.text("main")
    assert browser.text("main table.narrow .grade") == year.grade
    assert browser.text("h1 .grade") == "B"
    assert not [name for name in [*region.EXPERTS, *FRESH] if name in browser.text("main")]
    browser.screenshot("year/regraded")
