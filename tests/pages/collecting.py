"""A small region whose year collects, and what several stories do with its pages."""

import urllib.request
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace

from browser import DESKTOP, PHONE, Browser

from support import region, servers, steps
from support.region import COMMISSION, TRADE_SCHOOL, YEAR
from support.steps import SUBMISSIONS


@contextmanager
def empty_region():
    """A server that was just started, and a browser that runs no script."""
    server = servers.start("sqlite")
    browser = Browser(server.http)
    browser.scripts(False)
    try:
        yield SimpleNamespace(server=server, browser=browser, people={}, reports={})
    finally:
        browser.close()
        server.stop()


def open_year(year, people):
    """Sets the region up, opens these people's accounts, and lets the year collect."""
    nobody = year.server.caller
    nobody(
        "identity.v1.SessionService/SetUp",
        set_up_code=year.server.set_up_code,
        sign_in_name="commission",
        display_name="五岭市教委",
        password=region.PASSWORD,
        organisation=region.organisation(COMMISSION, "KIND_COMMISSION", "五岭市教育委员会"),
        region={"name": region.text("五岭市", "Wuling"), "note": region.text("测试用数据", "Made for a test")},
    )
    commission = year.people["commission"] = nobody.sign_in("commission", region.PASSWORD)
    for organisation in region.ORGANISATIONS:
        commission("identity.v1.OrganisationService/CreateOrganisation", organisation=organisation)
    for name, school in people.items():
        roles = [{"role": "ROLE_SCHOOL", "organisation_code": school}]
        account = {"sign_in_name": name, "display_name": name, "roles": roles}
        commission("identity.v1.AccountService/CreateAccount", account=account, password=region.PASSWORD)
        year.people[name] = nobody.sign_in(name, region.PASSWORD)
    cycle = {
        "year": YEAR,
        "name": region.text(f"{YEAR}年度", f"Edition {YEAR}"),
        "window_start": f"{YEAR - 1}-09-01",
        "window_end": f"{YEAR}-08-31",
        "due_time": steps.due_in(10),
        "catalogue_year": YEAR,
    }
    cycle = commission("submission.v1.CycleService/CreateCycle", cycle=cycle)["cycle"]
    commission("submission.v1.CycleService/OpenCycle", year=YEAR, etag=cycle["etag"])


def as_person(year, name):
    browser = year.browser
    browser.sign_out()
    browser.sign_in(name, region.PASSWORD)
    return browser


def set_value(browser, selector, value):
    """Fills a date field, whose keys differ from one language of the browser to the next."""
    browser.driver.execute_script("arguments[0].value = arguments[1]", browser.one(selector), value)


def tick(browser, selector):
    """Ticks a box, which a bar at the window's end may cover until it is scrolled to."""
    box = browser.one(selector)
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", box)
    box.click()


def in_days(days):
    return (datetime.now() + timedelta(days=days)).strftime("%Y-%m-%dT17:00")


def looks_right(browser, name):
    """The page in both languages and on a phone: pictures for people, rules for the machine."""
    path = browser.path()
    browser.scripts(True)
    browser.console()
    try:
        browser.open(path)
        wrong = browser.judge()
        browser.screenshot(f"{name}")
        browser.resize(*PHONE)
        wrong += [f"{path} on a phone: {each}" for each in browser.sideways()]
        browser.screenshot(f"{name}-phone")
        browser.resize(*DESKTOP)
        browser.open(path.partition("#")[0] + ("&" if "?" in path else "?") + "lang=en")
        wrong += browser.judge()
        browser.screenshot(f"{name}-en")
        browser.open("/?lang=zh")
        browser.console()
    finally:
        browser.scripts(False)
    browser.open(path)
    assert not wrong, "\n".join(wrong)


def list_is_in_sight(browser, name):
    """On a phone every cell of the list is seen without scrolling sideways, behind the heading of its column."""
    browser.resize(*PHONE)
    cells = browser.all("main table[data-cards] tbody :is(th, td)")
    assert cells, f"no list on {browser.path()}"
    for cell in cells:
        assert cell.rect["x"] + cell.rect["width"] <= PHONE[0], f"{cell.text} lies outside"
    script = "return getComputedStyle(arguments[0], '::before').content"
    labels = {browser.driver.execute_script(script, cell) for cell in cells if cell.get_attribute("data-label")}
    assert len(labels) >= 3 and "none" not in labels, labels
    browser.screenshot(f"{name}-phone")
    browser.resize(*DESKTOP)


def fetch(browser, path):
    """What the server sends to this person at an address."""
    cookie = browser.driver.get_cookie("zhijian_session")
    request = urllib.request.Request(browser.base + path, headers={"cookie": f"zhijian_session={cookie['value']}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def fill_in(caller, school):
    """A report with every figure and every section, in draft."""
    created = caller(f"{SUBMISSIONS}/CreateSubmission", **steps.report(school))["submission"]
    submission_id = created["submission_id"]
    figures = region.FIGURES[school] | ({"BAS04": "139"} if school == TRADE_SCHOOL else {})
    caller(f"{SUBMISSIONS}/SaveCells", submission_id=submission_id, cells=region.cells(figures))
    for section in caller(f"{SUBMISSIONS}/ListSections", submission_id=submission_id)["sections"]:
        caller(f"{SUBMISSIONS}/SaveSection", submission_id=submission_id, section={**section, "body": region.BODY})
    return f"/submissions/{submission_id}"
