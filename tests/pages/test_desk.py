"""The commission's desk in a real browser: progress, reminders, exports, burden, and what changed between two revisions."""

import io
import re
import urllib.request
import zipfile

import openpyxl
import pytest
from browser import DESKTOP, PHONE
from collecting import in_days, set_value
from selenium.webdriver.common.keys import Keys

PAGES = ["/desk", "/notices", "/extensions", "/exports", "/burden"]


@pytest.fixture
def commission(as_role):
    browser = as_role("commission")
    # What an earlier page said, such as a form that was refused on purpose, is none of this one's.
    browser.console()
    return browser


def download(browser, path):
    """A file as the browser's session gets it: its content and its headers."""
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in browser.driver.get_cookies())
    request = urllib.request.Request(browser.base + path, headers={"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read(), answer.headers


def column(browser, number):
    return [row[number] for row in browser.table("main .scroll:not(figure .scroll) table")[1:]]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_desks_pages_are_sound_wide_and_narrow(commission, path, language):
    name = f"desk{path.replace('/', '-')}-{language}"
    assert commission.open(f"{path}?year=2026&lang={language}") == 200
    for details in commission.all("main details"):
        commission.driver.execute_script("arguments[0].open = true", details)
    wrong = commission.judge()
    commission.screenshot(name)
    commission.resize(*PHONE)
    wrong += commission.sideways()
    commission.screenshot(f"{name}-phone")
    commission.resize(*DESKTOP)
    commission.open("/desk?lang=zh")
    assert not wrong, "\n".join(wrong)


def test_progress_is_filtered_and_sorted_in_the_address(commission):
    commission.open("/desk?year=2026")
    tallies = [each.text for each in commission.all("main .tallies a")]
    assert len(tallies) == 4, tallies
    # The chart and the table behind it say the same.
    figures = commission.all("main figure.chart")
    assert len(figures) == 2
    for figure in figures:
        assert figure.find_elements("css selector", "svg") and figure.find_elements("css selector", "details table")
    commission.open("/desk?year=2026&state=not-begun")
    assert set(column(commission, 3)) == {"未开始"}
    commission.open("/desk?year=2026&kind=higher&sort=-filled")
    assert commission.one("th[aria-sort=descending]").text.startswith("指标填写")
    filled = [int(text.split("/")[0]) / max(1, int(text.split("/")[1])) for text in column(commission, 4)]
    assert filled == sorted(filled, reverse=True), "the fullest come first"
    # With the keyboard alone: "/" leads to the filters, the choice acts at once.
    commission.open("/desk?year=2026")
    commission.driver.switch_to.active_element.send_keys("/")
    assert commission.driver.switch_to.active_element.get_attribute("id") == "year"


def test_what_the_list_shows_is_what_the_file_holds(commission):
    commission.open("/desk?year=2026&kind=district&sort=district")
    names = column(commission, 0)
    content, headers = download(commission, "/desk/files/progress.xlsx?year=2026&kind=district&sort=district")
    assert "progress-2026.xlsx" in headers["Content-Disposition"]
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).active.values)
    at = rows[0].index("报告对象")
    assert [row[at] for row in rows[1:]] == [name.split("\n")[0].removesuffix(" 演示") for name in names]
    content, _ = download(commission, "/desk/files/progress.csv?year=2026&kind=district")
    assert content.decode("utf-8-sig").count("\r\n") == len(rows)


def test_reminders_are_drafted_edited_approved_and_read_by_the_school(as_role):
    commission = as_role("commission")
    commission.open("/notices?year=2026")
    commission.press_named("按规则起草")
    said = commission.text("main [role=status]")
    assert "新起草" in said or "没有新的草稿" in said
    commission.open("/notices?year=2026&state=draft")
    commission.screenshot("notices-drafts")
    drafts = [link.get_attribute("href") for link in commission.all("main td a[href*='/notices/ntc_']")]
    assert drafts, "the demonstration has schools that have not handed in"
    path = drafts[0].removeprefix(commission.base)
    commission.open(path)
    assert commission.all("main .facts dd")[0].text, "it says to whom it goes"
    assert commission.text("main article.message")
    commission.fill("subject", "请尽快提交年报（改过的标题）")
    commission.press_named("保存改写")
    assert "改过的标题" in commission.text("h1")
    assert commission.judge() == []
    commission.screenshot("notices-edited")
    commission.press_named("批准")
    assert "已公布给单位" in commission.text("main .lead")
    file, headers = download(commission, f"{path}/file")
    assert headers["Content-Type"] == "message/rfc822" and b"Message-ID: <ntc_" in file
    commission.press_named("标记为已另行送达")
    assert "已另行送达" in commission.text("main .lead")
    # Without script as well: a draft is dropped and stays so.
    commission.scripts(False)
    commission.open("/notices?year=2026&state=draft")
    rest = [link.get_attribute("href") for link in commission.all("main td a[href*='/notices/ntc_']")]
    assert path not in " ".join(rest)
    if rest:
        commission.open(rest[0].removeprefix(commission.base))
        commission.press_named("舍弃")
        assert "已舍弃" in commission.text("main .lead")
    commission.scripts(True)


def test_a_school_says_where_its_messages_go(as_role):
    school = as_role("school")
    assert school.open("/notices") == 200
    assert school.judge() == []
    school.screenshot("notices-school")
    path = school.one("main a[href*='/notices/contacts/']").get_attribute("href").removeprefix(school.base)
    school.open(path)
    school.fill("contact.address", "不是邮箱")
    school.press_named("保存收件邮箱")
    assert school.one("[name='contact.address']").get_attribute("value") == "不是邮箱"
    assert school.one("[name='contact.address']").get_attribute("aria-invalid") == "true"
    school.screenshot("notices-contact-refused")
    school.fill("contact.address", "office@school.example.cn")
    school.press_named("保存收件邮箱")
    assert "已保存" in school.text("main [role=status]")
    school.open("/desk")
    assert school.status() == 403, "the desk is the commission's"


@pytest.mark.parametrize("script", [True, False])
def test_everything_is_exported_and_fetched(commission, script):
    commission.scripts(script)
    commission.open("/exports?year=2026")
    kind = "xlsx" if script else "csv"
    choice = commission.one("main [name=format]")
    for option in choice.find_elements("tag name", "option"):
        if option.get_attribute("value") == kind:
            option.click()
    commission.press_named("开始导出")
    # The page asks again by itself, with and without script; its source is read, for its elements come and go.
    ending = "xlsx" if script else "zip"
    finished = re.compile(rf'href="(/exports/[^"]+/file)"[^>]*>[^<]*\.{ending}<')
    commission.wait(lambda: finished.search(commission.driver.page_source), "the finished export", 240)
    link = finished.search(commission.driver.page_source).group(1)
    commission.screenshot(f"exports-{kind}")
    content, headers = download(commission, link)
    assert int(headers["Content-Length"]) == len(content)
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert ("xl/workbook.xml" in names) if script else ("章节.csv" in names), names
    commission.scripts(True)


def test_the_burden_has_its_chart_and_table(commission):
    commission.open("/burden?year=2026")
    figure = commission.one("main figure.chart")
    bars = len(figure.find_elements("css selector", ".bars > li"))
    assert bars > 3, "tables and sections of a report"
    figure.find_element("css selector", "summary").send_keys(Keys.ENTER)
    assert len(figure.find_elements("css selector", "table tbody tr")) == bars
    link = commission.all("main td a, main th a[href$='/burden']")[-1].get_attribute("href")
    commission.open(link.removeprefix(commission.base))
    assert commission.judge() == []
    commission.screenshot("burden-report")


def test_two_revisions_are_compared_word_by_word(as_role):
    school = as_role("school")
    school.open("/submissions?year=2026")
    returned = [row for row in school.all("main table tbody tr") if "已退回" in row.text]
    assert returned, "the demonstration's school has a report that was sent back"
    report = returned[0].find_element("css selector", "th a").get_attribute("href").removeprefix(school.base)
    school.open(report)
    section = next(link for link in school.links() if "/sections/" in link and link.endswith("outlook")
                   or link.endswith("/sections/culture"))
    school.open(section)
    old = school.one("[name='section.body']").get_attribute("value")
    school.fill("section.body", old.rstrip() + "下一年将新增一批实训岗位。")
    school.press("form button[data-save]")
    # Without a choice: what stands there now against what was handed in last.
    assert school.open(f"{report}/revisions/compare") == 200
    added = [each.text for each in school.all("main ins")]
    assert any("新增一批实训岗位" in each for each in added), added
    assert not any(old[:20] in each for each in added if len(old) > 40), "what stayed is not marked"
    wrong = school.judge()
    school.screenshot("compare")
    school.resize(*PHONE)
    wrong += school.sideways()
    school.screenshot("compare-phone")
    school.resize(*DESKTOP)
    # The address can be sent on: the commission sees the same there, in either language.
    path = school.path().split("?")[0] + "?from=1&to=0"
    commission = as_role("commission")
    assert commission.open(path + "&lang=en") == 200
    assert any("新增一批实训岗位" in each.text for each in commission.all("main ins"))
    wrong += commission.judge()
    commission.open("/desk?lang=zh")
    assert not wrong, "\n".join(wrong)


def test_the_commission_gives_a_school_more_time_that_called(commission):
    commission.open("/desk?year=2026&want=open&kind=district")
    school = column(commission, 0)[0]
    commission.press_named("给予延期")
    assert commission.path().startswith("/extensions?year=2026&school=")
    section = commission.one("#behalf")
    assert section.find_element("css selector", "h3").text.startswith(school[:4])
    commission.fill("reason", "区教委来电：停电两天")
    commission.press("#behalf form[action='/extensions/given'] button.primary")
    assert commission.all("main [role=alert]"), "until when?"
    assert commission.one("#behalf textarea[name=reason]").get_attribute("value") == "区教委来电：停电两天"
    # The browser itself notes that the form was refused.
    commission.console()
    wrong = commission.violations()
    commission.screenshot("desk-extension-on-behalf")
    commission.resize(*PHONE)
    wrong += commission.sideways()
    commission.resize(*DESKTOP)
    set_value(commission, "#behalf [name=wanted_time]", in_days(200))
    commission.press("#behalf form[action='/extensions/given'] button.primary")
    assert "已同意延期" in commission.text("main")
    assert "区教委来电：停电两天" in commission.text("main article.request")
    commission.console()
    assert not wrong, "\n".join(wrong)
