"""Bad input on the command line: one clear message that says what to do, a status that is not 0, nothing half-made."""

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from support.servers import BINARY, OneProcess, clean_environment, free_port


def run(*arguments, seconds=30, user=None, **variables):
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        env=clean_environment(**variables),
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        user=user,
        stdin=subprocess.DEVNULL,
    )


def places(tmp_path):
    """Flags that put everything where nothing else is."""
    listen = ["--listen", f"127.0.0.1:{free_port()}", "--grpc-listen", f"127.0.0.1:{free_port()}"]
    return ["--data", tmp_path / "data", *listen]


def assert_refused(done, *words):
    """One message on standard error, with these words, no panic and no backtrace."""
    assert done.returncode not in (0, 101), done
    assert done.returncode > 0, f"killed by a signal: {done}"
    assert "panicked" not in done.stderr
    messages = [line for line in done.stderr.splitlines() if line.startswith(("zhijian:", "error:"))]
    assert len(messages) == 1, done.stderr
    for word in words:
        assert word in done.stderr, f"{word!r} is missing from: {done.stderr}"


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_an_unknown_flag_is_named(tmp_path, command):
    assert_refused(run(command, "--dta", tmp_path), "--dta", "--data", "--help")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_service_is_named_with_those_there_are():
    assert_refused(run("serve", "reviews"), "reviews", "identity", "submission", "review", "publication", "portal")


def test_an_address_that_is_none_is_named():
    assert_refused(run("serve", "--listen", "here"), "here", "--listen")


def test_help_has_examples():
    done = run("--help")
    assert done.returncode == 0
    for word in ("zhijian demo", "zhijian serve", "zhijian migrate", "http://127.0.0.1:8080"):
        assert word in done.stdout


@pytest.mark.parametrize("command", ["demo", "serve", "migrate"])
def test_an_unwritable_directory_is_refused(tmp_path, command):
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    # Root may write everywhere, so root asks for a directory where none can be.
    data = "/proc/zhijian" if os.geteuid() == 0 else locked / "data"
    flags = places(tmp_path)
    flags[1] = data
    done = run(command, *flags)
    assert_refused(done, str(data), "--data", "writable")
    assert list(locked.iterdir()) == []


def test_a_file_in_the_place_of_the_directory_is_refused(tmp_path):
    (tmp_path / "data").write_text("a file")
    assert_refused(run("serve", *places(tmp_path)), str(tmp_path / "data"), "--data")
    assert (tmp_path / "data").read_text() == "a file"


@pytest.mark.parametrize("flag", ["--listen", "--grpc-listen"])
def test_a_taken_port_is_refused_before_anything_is_made(tmp_path, flag):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        flags = places(tmp_path)
        flags[flags.index(flag) + 1] = address
        assert_refused(run("demo", *flags), address, "another")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "postgres://nobody@127.0.0.1:1/nothing",
        "mysql://root@127.0.0.1/zhijian",
        "not a url",
    ],
)
@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_a_wrong_database_is_refused(tmp_path, command, url):
    done = run(command, *places(tmp_path), ZHIJIAN_DATABASE_URL=url, seconds=60)
    assert_refused(done, "ZHIJIAN_DATABASE_URL")
    assert not (tmp_path / "data" / "zhijian.db").exists(), "no SQLite in the place of the database that was asked for"


def test_a_password_is_not_repeated(tmp_path):
    done = run("migrate", *places(tmp_path), ZHIJIAN_DATABASE_URL="postgres://zhijian:hush-hush@127.0.0.1:1/zhijian")
    assert_refused(done)
    assert "hush-hush" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("submission/catalogue/2025/indicators.toml", 'extendz = 2024\n', ["extendz"]),
        ("submission/catalogue/2025/rules.toml", "[[rule]]\ncode = 'X'\nseverty = 'error'\n", ["severty"]),
        ("review/schemes/pilot-monitoring.toml", "code = 'pilot-monitoring'\npanel = 3\n", ["panel"]),
        ("publication/tables/2025.toml", "year = 2025\nyaers = 2\n", ["yaers"]),
        ("submission/catalogue/2025/kinds.toml", "not toml at all", ["kinds.toml"]),
    ],
)  # fmt: skip
def test_a_rule_file_with_a_bad_key_is_named(tmp_path, file, content, words):
    rules = tmp_path / "rules"
    (rules / file).parent.mkdir(parents=True)
    (rules / file).write_text(content)
    done = run("serve", *places(tmp_path), "--rules", rules)
    assert_refused(done, file, *words)
    assert not (tmp_path / "data").exists()


def test_a_rules_directory_that_is_not_there_is_refused(tmp_path):
    done = run("serve", *places(tmp_path), "--rules", tmp_path / "nowhere")
    assert_refused(done, str(tmp_path / "nowhere"))
    assert not (tmp_path / "data").exists()


def test_a_lone_service_says_which_address_it_lacks(tmp_path):
    done = run("serve", "review", *places(tmp_path), ZHIJIAN_IDENTITY_URL="http://127.0.0.1:1")
    assert_refused(done, "ZHIJIAN_SUBMISSION_URL")
    assert not (tmp_path / "data").exists()


def test_a_lone_service_wants_a_migrated_database(tmp_path):
    done = run("serve", "identity", *places(tmp_path))
    assert_refused(done, "zhijian migrate")


def test_migrate_can_be_repeated(tmp_path):
    for _ in range(2):
        done = run("migrate", *places(tmp_path))
        assert done.returncode == 0, done.stderr


def test_a_key_is_made_once_and_kept(tmp_path):
    key = tmp_path / "keys" / "service.key"
    first, second = run("keygen", key), run("keygen", key)
    assert first.returncode == second.returncode == 0
    assert first.stdout == second.stdout != ""
    assert key.stat().st_mode & 0o077 == 0, "only its owner may read it"
    key.write_text("no key")
    assert_refused(run("keygen", key), str(key))
    assert key.read_text() == "no key"


def test_health_tells_who_does_not_serve():
    assert_refused(run("health", f"http://127.0.0.1:{free_port()}"))
    assert_refused(run("health", "here"))


def test_check_tells_clean_from_unusable(tmp_path):
    report = tmp_path / "report.md"
    report.write_text("# 基本情况\n\n学校有教师 12 人。\n")
    assert run("check", report).returncode == 0
    assert_refused(run("check", tmp_path / "missing.md"), "missing.md")
    assert run("check", tmp_path / "missing.md").returncode == 2
    report.with_suffix(".docx").write_text("x")
    assert run("check", report.with_suffix(".docx")).returncode == 2


REPORT = """# 一、概况

学校有教职工105人，其中专任教师60人，行政人员40人。在校生4903人，毕业生9797人，占毕业生的50.03%。

表1-1  经费收入（单位：万元）

| 项目 | 金额 |
| --- | --- |
| 拨款 | 8.43 |
| 学费 | 3.11 |
| 合计 | 11.49 |

学校与演示第一职业学院合作办学，图3所示情况属实。
"""


def sarif(tmp_path, *names):
    done = run("check", *(tmp_path / name for name in names), "--format", "sarif")
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def test_check_writes_what_the_schema_of_sarif_allows(tmp_path):
    schema = json.loads((Path(__file__).parent / "schemas/sarif-2.1.0.json").read_text())
    validator = Draft7Validator(schema)
    (tmp_path / "报 告.md").write_text(REPORT)
    (tmp_path / "other.md").write_text(REPORT.replace("105人", "115人"))
    (tmp_path / "clean.md").write_text("学校概况良好。\n")
    for names in (["报 告.md"], ["报 告.md", "other.md"], ["clean.md"]):
        document = sarif(tmp_path, *names)
        assert [error.message for error in validator.iter_errors(document)] == []
        assert bool(document["runs"][0]["results"]) == (names != ["clean.md"])
    # The check itself can fail.
    document["runs"][0]["columnKind"] = "letters"
    assert not validator.is_valid(document)


def test_a_served_region_is_left_in_order():
    server = OneProcess("sqlite")
    try:
        assert run("health", f"http://{server.addresses['identity']}").returncode == 0
        assert run("health", f"{server.http}/healthz").returncode == 0
        assert server.process.stop() == 0
        assert run("audit", "verify", "--data", server.data).returncode == 0
    finally:
        server.stop()
