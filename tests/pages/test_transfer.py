"""A report filled in by spreadsheet, CSV and JSON through the pages: downloaded, filled in, refused with the places at
fault, previewed, applied. Without scripts.
"""

import json

import pytest
from collecting import as_person, empty_region, fetch, looks_right, open_year
from workbook import Workbook

from support import steps
from support.region import COLLEGE
from support.steps import SUBMISSIONS

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def year():
    with empty_region() as made:
        yield made


def fill(template, **figures):
    """A template with these figures typed in, and where the first of them stands."""
    book = Workbook(template)
    places = [book.place(code, "填报值") for code in figures]
    for (sheet, address), figure in zip(places, figures.values()):
        book.write(sheet, address, figure)
    return book.content(), places[0]


def upload(browser, path, content):
    path.write_bytes(content)
    browser.one("main input[type=file]").send_keys(str(path))
    browser.press("#upload form button[type=submit]")


def value(year, code):
    cell = steps.cell(year.people["college"], year.report.rpartition("/")[2], code)
    return cell.get("value", {}).get("number", "")


def test_a_report_is_begun(year):
    open_year(year, {"college": COLLEGE})
    created = year.people["college"](f"{SUBMISSIONS}/CreateSubmission", **steps.report(COLLEGE))["submission"]
    year.report = f"/submissions/{created['submission_id']}"


def test_the_template_is_refused_with_sheet_and_cell_then_previewed_then_applied(year, tmp_path):
    browser = as_person(year, "college")
    browser.open(year.report)
    browser.press_named("用表格填报")
    looks_right(browser, "transfer/start")
    template = fetch(browser, f"{year.report}/template.xlsx")
    wrong, (sheet, address) = fill(template, SC01="一千二百", SC02="1131")
    upload(browser, tmp_path / "wrong.xlsx", wrong)
    text = browser.text("#preview")
    assert sheet in text and address in text, text
    assert not browser.all("#preview form"), "what is partly wrong is not applied"
    browser.screenshot("transfer/faults")
    assert value(year, "SC02") == "", "nothing was saved"

    upload(browser, tmp_path / "right.xlsx", fill(template, SC01="１，２００", SC02="1131")[0])
    rows = browser.table("#preview table")
    assert {tuple(row[2:]) for row in rows[1:]} == {("空白", "1200"), ("空白", "1131")}, rows
    browser.screenshot("transfer/preview")
    assert value(year, "SC01") == "", "a preview saves nothing"
    browser.press_named("写入年报")
    assert "已写入 2 格" in browser.text("main [role=status]")
    assert (value(year, "SC01"), value(year, "SC02")) == ("1200", "1131")


def test_csv_and_json_go_out_and_come_back(year, tmp_path):
    browser = as_person(year, "college")
    browser.open(f"{year.report}/transfer")
    csv = fetch(browser, f"{year.report}/cells/as/csv").decode("utf-8-sig")
    line = next(line for line in csv.splitlines() if line.startswith("SC01,") or ",SC01," in line)
    upload(browser, tmp_path / "back.csv", csv.replace(line, line.replace("1200", "1201")).encode("utf-8-sig"))
    assert ["1200", "1201"] in [row[2:] for row in browser.table("#preview table")[1:]]
    browser.press_named("写入年报")
    assert value(year, "SC01") == "1201"
    exported = json.loads(fetch(browser, f"{year.report}/cells/as/json").decode("utf-8-sig"))
    text = json.dumps(exported, ensure_ascii=False).replace("1201", "1202")
    upload(browser, tmp_path / "back.json", text.encode())
    browser.press_named("写入年报")
    assert value(year, "SC01") == "1202"


def test_a_change_on_both_sides_shows_both_and_loses_neither(year, tmp_path):
    browser = as_person(year, "college")
    template = fetch(browser, f"{year.report}/template.xlsx")
    steps.save(year.people["college"], year.report.rpartition("/")[2], SC01="1300")
    browser.open(f"{year.report}/transfer")
    upload(browser, tmp_path / "both.xlsx", fill(template, SC01="1400")[0])
    text = browser.text("#preview")
    assert "1300" in text and "1400" in text and "两边都改过" in text
    browser.screenshot("transfer/conflict")
    browser.one("main [name='SC01.take'][value='given']").click()
    browser.press_named("写入年报")
    assert value(year, "SC01") == "1400"


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.xlsx", b""), ("other.xlsx", b"PK\x03\x04 no workbook"), ("page.html", b"<html></html>")],
)
def test_what_is_no_table_is_refused_in_words(year, tmp_path, name, content):
    browser = as_person(year, "college")
    browser.open(f"{year.report}/transfer")
    upload(browser, tmp_path / name, content)
    assert browser.text("main [role=alert]")
    assert value(year, "SC01") == "1400"
