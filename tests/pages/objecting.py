"""What somebody without an account does about results on public notice, on a phone; and how it is answered.

A notice of some days cannot end within a test. So the story is told on a copy of a region whose results are compiled, and
the region itself goes on.
"""

import shutil
import sqlite3
from contextlib import closing, contextmanager
from types import SimpleNamespace

from browser import PHONE, Browser
from collecting import as_person, looks_right

from support import servers
from support.region import YEAR

DATABASE = "zhijian.db"


@contextmanager
def copy_of(server):
    """A server on a copy of another one's data as they stand, and a browser that runs no script."""
    data = servers.scratch_directory() / "data"
    shutil.copytree(server.data, data, ignore=shutil.ignore_patterns(f"{DATABASE}*"))
    with closing(sqlite3.connect(server.data / DATABASE)) as theirs, closing(sqlite3.connect(data / DATABASE)) as ours:
        theirs.backup(ours)
    running = servers.OneProcess("sqlite", data=data)
    browser = Browser(running.http)
    browser.scripts(False)
    try:
        yield SimpleNamespace(server=running, browser=browser)
    finally:
        browser.close()
        running.stop()
        shutil.rmtree(data.parent, ignore_errors=True)


def opens_the_notice(year):
    browser = as_person(year, "publisher")
    browser.open(f"/publish/{YEAR}")
    browser.fill("working_days", "5")
    browser.press_named("开始公示")
    assert "公示结束" in browser.text("main"), browser.text("main")


def objects_from_a_phone(year):
    """Sends an objection, and returns its receipt."""
    browser = year.browser
    browser.sign_out()
    browser.resize(*PHONE)
    browser.open(f"/releases/{YEAR}")
    browser.press(f"main a[href='/releases/{YEAR}/object']")
    looks_right(browser, "objection/form")
    browser.resize(*PHONE)
    browser.one("main input[name=topic][value=table]").click()
    browser.fill("reference", "表2-2")
    browser.fill("name", "王某")
    browser.fill("contact", "138 0000 0000")
    browser.press_named("提交异议")
    assert browser.all("main [role=alert]"), "what is objected to was not said"
    assert browser.one("main [name=reference]").get_attribute("value") == "表2-2", "what was typed stays"
    browser.screenshot("objection/refused-phone")
    browser.fill("body", "C 等的专业数与学校公布的不一致，请核对。")
    browser.press_named("提交异议")
    receipt = browser.text("main [data-receipt]")
    assert len(receipt.replace("-", "")) == 15, receipt
    assert not browser.sideways()
    browser.screenshot("objection/receipt-phone")
    return receipt


def follows(year, receipt):
    """What the receipt leads to, on the phone."""
    browser = year.browser
    browser.sign_out()
    browser.resize(*PHONE)
    browser.open("/objections")
    browser.fill("receipt", receipt)
    browser.press_named("查看答复")
    assert not browser.sideways()
    browser.screenshot("objection/answer-phone")
    return browser.text("main")


def answers(year):
    """The publisher sees who sent it, and says what comes of it."""
    browser = as_person(year, "publisher")
    browser.open(f"/publish/{YEAR}/objections")
    assert "王某" in browser.text("main") and "138 0000 0000" in browser.text("main")
    browser.one("main input[name=outcome][value=partly]").click()
    browser.fill("reasons", "已核对：表2-2按终评等级统计，说明文字随发布补充。")
    browser.press_named("答复")
    looks_right(browser, "objection/desk")


def what_everybody_reads(year):
    browser = year.browser
    browser.sign_out()
    browser.open(f"/releases/{YEAR}/objections")
    looks_right(browser, "objection/public")
    return browser.text("main")
