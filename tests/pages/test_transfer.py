"""A report filled in by spreadsheet, CSV and JSON through the pages: downloaded, filled in, refused with the places at
fault, previewed, applied. Without scripts.
"""

import io
import json

import pytest
from collecting import as_person, empty_region, fetch, looks_right, open_year
from openpyxl import load_workbook

from support import steps
from support.region import COLLEGE
from support.steps import SUBMISSIONS

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def year():
    with empty_region() as made:
        yield made


def cell_of(book, code, column=None):
    """The sheet and the cell in which an indicator's value is filled in."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == code:
                    return sheet, sheet.cell(row=cell.row, column=column or year_column(sheet))
    raise AssertionError(f"no row for {code}")


def year_column(sheet):
    """The column of this year's value, by its heading."""
    for row in sheet.iter_rows(max_row=12):
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("本年"):
                return cell.column
    raise AssertionError(f"no column for this year's value in {sheet.title}")


def upload(browser, path, content):
    path.write_bytes(content)
    browser.one("main input[type=file]").send_keys(str(path))
    browser.press("#upload form button[type=submit]")


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


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
    book = load_workbook(io.BytesIO(template))
    sheet, wrong = cell_of(book, "SC01")
    wrong.value = "一千二百"
    cell_of(book, "SC02")[1].value = 1131
    upload(browser, tmp_path / "wrong.xlsx", saved(book))
    text = browser.text("#preview")
    assert sheet.title in text and wrong.coordinate in text, text
    assert not browser.all("#preview form"), "what is partly wrong is not applied"
    browser.screenshot("transfer/faults")
    assert value(year, "SC02") == "", "nothing was saved"

    wrong.value = "１，２００"
    upload(browser, tmp_path / "right.xlsx", saved(book))
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
    book = load_workbook(io.BytesIO(template))
    cell_of(book, "SC01")[1].value = 1400
    browser.open(f"{year.report}/transfer")
    upload(browser, tmp_path / "both.xlsx", saved(book))
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
