"""A member of the public objects from a phone: finds the announcement, fills in the form by touch, is refused once and cut off
once without losing a word, keeps the receipt, and reads the answer."""

import pytest
from browser import DESKTOP
from collecting import empty_region, open_year

from support import region, servers, steps
from support.region import YEAR
from support.steps import RELEASES

pytestmark = pytest.mark.story

PHONE = (390, 844)
TYPED = {
    "reference": "表 2-1",
    "body": "表 2-1 的专任教师数与学校公示的不一致。\n请核对来源。",
    "name": "李女士",
    "contact": "13800000000",
}
OBJECTIONS = "publication.v1.ObjectionService"


@pytest.fixture(scope="module")
def year():
    with empty_region() as made:
        made.browser.scripts(True)
        made.browser.resize(*PHONE)
        made.browser.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 1})
        yield made


def tap(browser, element, leads=True):
    """Touches an element with one finger, and waits for the page that follows."""
    before = browser.one("html").id
    script = """
        arguments[0].scrollIntoView({block: 'center', behavior: 'instant'});
        const box = arguments[0].getBoundingClientRect();
        return [box.left + box.width / 2, box.top + box.height / 2, box.width, box.height];
    """
    x, y, width, height = browser.driver.execute_script(script, element)
    assert min(width, height) >= 20, f"{element.text!r} is hard to touch: {width} by {height}"
    browser.driver.execute_cdp_cmd("Input.synthesizeTapGesture", {"x": x, "y": y, "gestureSourceType": "touch"})
    if leads:
        ready = "return document.readyState === 'complete' && document.body !== null"
        came = lambda: [before] != [root.id for root in browser.all("html")] and browser.driver.execute_script(ready)
        browser.wait(came, "the next page")


def named(browser, words, within="main"):
    found = [each for each in browser.all(f"{within} a, {within} button") if each.text.strip() == words]
    assert found, f"nothing is called {words!r} on {browser.path()}: {browser.text(within)[:600]}"
    return found[0]


def typed(browser):
    return {name: browser.one(f"main [name='{name}']").get_attribute("value") for name in TYPED}


def fits(browser):
    """Nothing is wrong with the page on this phone."""
    wrong = browser.judge() + browser.sideways()
    assert not wrong, "\n".join(wrong)


def offline(browser, is_off):
    conditions = {"offline": is_off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.driver.execute_cdp_cmd("Network.enable", {})
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)


def test_results_go_to_public_notice(year):
    open_year(year, {})
    commission = year.people["commission"]
    account = {"sign_in_name": "publisher", "display_name": "publisher", "roles": [{"role": "ROLE_PUBLISHER"}]}
    commission("identity.v1.AccountService/CreateAccount", account=account, password=region.PASSWORD)
    publisher = year.people["publisher"] = year.server.caller.sign_in("publisher", region.PASSWORD)
    cycle = commission("submission.v1.CycleService/GetCycle", year=YEAR)["cycle"]
    commission("submission.v1.CycleService/CloseCycle", year=YEAR, etag=cycle["etag"])
    title = region.text("五岭市质量年报", "Wuling quality report")
    publisher(f"{RELEASES}/CreateRelease", year=YEAR, title=title)
    publisher(f"{RELEASES}/CompileRelease", **steps.release(publisher))
    state = lambda: publisher(f"{RELEASES}/GetRelease", year=YEAR)["release"]["state"]
    servers.wait_for("the tables", lambda: state() == "STATE_COMPILED", 60)
    publisher(f"{RELEASES}/OpenNotice", working_days=5, **steps.release(publisher))


def test_anybody_finds_the_announcement(year):
    browser = year.browser
    browser.open("/?lang=zh")
    tap(browser, next(link for link in browser.all("main a") if link.get_attribute("href").endswith(f"/releases/{YEAR}")))
    assert "公示中，尚未定稿" in browser.text("main")
    fits(browser)
    browser.screenshot("objection/announcement")
    browser.resize(*PHONE)
    tap(browser, named(browser, "提出异议"))
    assert browser.path() == f"/releases/{YEAR}/object"
    fits(browser)


def test_what_is_refused_keeps_what_was_typed(year):
    browser = year.browser
    tap(browser, browser.one("main input[name=topic][value=statement]"), leads=False)
    for name, text in TYPED.items():
        if name != "contact":
            browser.fill(name, text)
    tap(browser, named(browser, "提交异议"))
    assert browser.all("main [role=alert]"), "a way to reach the sender is wanted"
    assert typed(browser) == {**TYPED, "contact": ""}
    assert browser.one("main input[name=topic][value=statement]").is_selected()
    assert browser.one("main [name=contact]").get_attribute("aria-invalid") == "true"
    # The console tells of the status that refused it.
    browser.console()
    assert not browser.violations() and not browser.sideways()
    browser.screenshot("objection/refused")
    browser.resize(*PHONE)


def test_a_connection_that_breaks_off_loses_nothing(year):
    browser = year.browser
    browser.fill("contact", TYPED["contact"])
    offline(browser, True)
    try:
        tap(browser, named(browser, "提交异议"), leads=False)
        browser.wait(lambda: not browser.all("main form"), "what the browser says without a network")
    finally:
        offline(browser, False)
    assert year.people["publisher"](f"{OBJECTIONS}/ListObjections", year=YEAR).get("objections", []) == []
    browser.driver.back()
    browser.wait(lambda: browser.all("main [name=contact]"), "the form")
    assert typed(browser) == TYPED
    browser.console()


def test_the_receipt_leads_to_the_answer(year):
    browser = year.browser
    tap(browser, named(browser, "提交异议"))
    assert browser.text("h1") == "异议已收到"
    receipt = browser.text("main [data-receipt]")
    assert len(receipt.replace("-", "").replace(" ", "")) == 15
    fits(browser)
    browser.screenshot("objection/receipt")
    browser.resize(*PHONE)
    publisher = year.people["publisher"]
    (objection,) = publisher(f"{OBJECTIONS}/ListObjections", year=YEAR)["objections"]
    assert (objection["body"], objection["topic"]) == (TYPED["body"], "TOPIC_STATEMENT")
    tap(browser, named(browser, "凭回执号查看答复"))
    assert browser.path() == "/objections"
    browser.fill("receipt", receipt)
    tap(browser, named(browser, "查看答复"))
    assert "还没有答复" in browser.text("main")
    publisher(
        f"{OBJECTIONS}/AnswerObjection",
        objection_id=objection["objection_id"],
        etag=objection["etag"],
        outcome="OUTCOME_PARTLY",
        reasons="教师数按年报口径统计，已补充说明。",
    )
    browser.fill("receipt", receipt)
    tap(browser, named(browser, "查看答复"))
    answered = browser.text("main")
    assert "部分采纳" in answered and "已补充说明" in answered
    fits(browser)
    browser.screenshot("objection/answer")
    browser.resize(*PHONE)
    browser.open(f"/releases/{YEAR}/objections")
    public = browser.text("main")
    assert "已补充说明" in public and TYPED["name"] not in public and TYPED["contact"] not in public
    browser.resize(*DESKTOP)
