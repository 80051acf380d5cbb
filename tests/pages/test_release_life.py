"""A release from its publication to its end: a correction that two people agree on and that says what changed, versions at
addresses of their own, a signed copy that is checked without the server, and a withdrawal that says why."""

import json
import subprocess
from types import SimpleNamespace

import pytest
from browser import DESKTOP, PHONE, Browser

from support import servers

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def demo():
    server = servers.start("sqlite", "demo")
    browser = Browser(server.http)
    browser.scripts(False)
    yield SimpleNamespace(server=server, browser=browser)
    browser.close()
    server.stop()


def as_person(demo, name):
    demo.browser.sign_out()
    demo.browser.sign_in(name, servers.DEMO_PASSWORD)
    return demo.browser


def correct(browser, year, kind, zh, en):
    browser.open(f"/publish/{year}")
    browser.press(f"main a[href='/publish/{year}/correct']")
    browser.one(f"main input[name=kind][value={kind}]").click()
    browser.fill("text.zh", zh)
    browser.fill("text.en", en)
    browser.press_named("立更正")
    assert browser.path() == f"/publish/{year}", browser.text("main")


def test_a_correction_is_prepared_beside_what_is_published(demo):
    browser = as_person(demo, "publisher")
    correct(browser, 2025, "erratum", "更正一处说明文字。", "One note is mended.")
    assert not [button for button in browser.all("main button") if button.text == "提出发布"], "nothing is compiled yet"
    browser.press_named("编制")
    address = "/publish/2025"
    servers.wait_for("the tables", lambda: browser.open(address) and "核对与现行版本的差异" in browser.text("main"), 60)
    browser.press("main a[href='/releases/2025/changes?from=1']")
    assert "两版的数据表完全一样" in browser.text("main")
    browser.sign_out()
    assert browser.open("/releases/2025/versions/2") == 404, "the public sees nothing of it"
    assert browser.open("/releases/2025/changes?from=1") == 404


def test_two_people_publish_it(demo):
    browser = as_person(demo, "publisher")
    browser.open("/publish/2025")
    browser.press_named("提出发布")
    assert "不能由您自己确认" in browser.text("main")
    browser.screenshot("life/proposed")
    browser = as_person(demo, "publisher-2")
    browser.open("/work")
    assert "确认发布" in browser.text("main")
    browser.open("/publish/2025")
    browser.press_named("确认发布")
    assert "现行第 2 版" in browser.text("main")


def test_a_visitor_reads_what_was_corrected_on_a_phone(demo):
    browser = demo.browser
    browser.sign_out()
    browser.scripts(True)
    browser.resize(*PHONE)
    # What the public was refused before is on the console.
    browser.console()
    browser.open("/releases/2025")
    assert "更正一处说明文字。" in browser.text("main")
    assert not browser.judge()
    browser.screenshot("life/corrected-phone")
    for path in ["/releases/2025/versions/1", "/releases/2025/versions/1/tables/2-1", "/corrections", "/objections"]:
        assert browser.open(path) == 200, path
        assert not browser.judge()
    assert browser.open("/releases/2025/object") == 200
    assert "不在公示期内" in browser.text("main")
    for path in ["/open/v1/releases/2025/versions", "/open/v1/releases/2025/versions/1/tables/2-1.csv"]:
        assert demo.server.get(path)[0] == 200, path
    assert demo.server.get("/open/v1/releases/2025/versions/9/tables/2-1.csv")[0] == 404
    browser.resize(*DESKTOP)
    browser.scripts(False)


def test_the_signed_copy_is_checked_without_the_server(demo, tmp_path):
    copy = tmp_path / "zhijian-2025"
    key = tmp_path / "zhijian.pub"
    status, _, body = demo.server.get("/keys")
    assert status == 200
    key.write_text(body)

    def zhijian(*arguments):
        command = [servers.BINARY, "release", *map(str, arguments)]
        environment = servers.clean_environment()
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    grpc = f"http://{demo.server.addresses['publication']}"
    fetched = zhijian("bundle", "--year", 2025, "--out", copy, "--publication-url", grpc)
    assert fetched.returncode == 0, fetched.stderr
    held = zhijian("verify", copy, "--key", key)
    assert held.returncode == 0, held.stderr
    assert "the one you gave" in held.stdout
    own = zhijian("verify", copy)
    assert own.returncode == 0 and "the bundle's own" in own.stdout
    table = copy / "data/tables/2-1.csv"
    table.write_bytes(table.read_bytes().replace(b"1", b"7", 1))
    changed = zhijian("verify", copy, "--key", key)
    assert changed.returncode == 1 and "data/tables/2-1.csv" in changed.stderr
    assert zhijian("verify", tmp_path / "nothing").returncode == 2
    assert zhijian("verify", copy, "--key", "no key").returncode == 2


def test_what_is_withdrawn_keeps_its_address_and_says_why(demo):
    browser = as_person(demo, "publisher-2")
    correct(browser, 2024, "withdrawal", "统计口径有误，全部撤回。", "The method was wrong; all of it is taken back.")
    browser.press_named("提出发布")
    browser = as_person(demo, "publisher")
    browser.open("/publish/2024")
    browser.press_named("确认发布")
    browser.sign_out()
    assert browser.open("/releases/2024") == 200
    assert "这份结果已撤回" in browser.text("main") and "统计口径有误，全部撤回。" in browser.text("main")
    browser.screenshot("life/withdrawn")
    assert browser.open("/releases/2024/versions/1") == 200
    status, _, body = demo.server.get("/open/v1/releases/2024/tables/3-1.csv")
    problem = json.loads(body)
    assert (status, problem["withdrawn"]["reason"]["en"]) == (410, "The method was wrong; all of it is taken back.")
    (kept,) = problem["versions"]
    assert kept["address"] == "/open/v1/releases/2024/versions/1/tables/3-1.csv"
    assert demo.server.get(kept["address"])[0] == 200
    assert demo.server.get("/open/v1/releases/2024/tables/9-9.csv")[0] == 404, "what never was is not gone"


def test_pages_of_what_is_withdrawn_lead_to_the_versions(demo):
    browser = demo.browser
    browser.scripts(True)
    assert browser.open("/releases/2024/tables/3-1") == 410
    assert "统计口径有误，全部撤回。" in browser.text("main")
    browser.console()
    assert not browser.violations()
    browser.screenshot("life/gone")
    browser.press_named("第 1 版")
    assert browser.path() == "/releases/2024/versions/1/tables/3-1"
    assert "这份结果已撤回" in browser.text("main .banner")
    assert not browser.judge()
    browser.screenshot("life/withdrawn-version")
    assert browser.open("/releases/2024/editions") == 404, "it never had any"
    browser.console()
    browser.scripts(False)


def test_the_commission_sees_who_looked_early(demo):
    browser = as_person(demo, "commission")
    browser.open("/publish/2025")
    browser.press("main a[href='/publish/2025/reads']")
    assert "公开前的查阅记录" in browser.text("main")
