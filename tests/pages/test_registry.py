"""The registers in a real browser: files that come in, with each fault in its row, and what an entry then says."""

import csv
import io
import urllib.request

import openpyxl
import pytest
from browser import DESKTOP, PHONE


@pytest.fixture
def commission(as_role):
    return as_role("commission")


def download(browser, path):
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in browser.driver.get_cookies())
    request = urllib.request.Request(browser.base + path, headers={"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def register(browser, name):
    """The register as it stands: its headings and its rows."""
    rows = list(csv.DictReader(io.StringIO(download(browser, f"/registry/files/{name}.csv").decode("utf-8-sig"))))
    return list(rows[0]), rows


def written(path, headings, rows):
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def workbook(path, headings, rows):
    book = openpyxl.Workbook()
    book.active.append(headings)
    for row in rows:
        book.active.append([row.get(heading, "") for heading in headings])
    book.save(path)
    return str(path)


def bring(browser, name, path):
    browser.open(f"/registry/import/{name}")
    browser.one("main input[type=file]").send_keys(path)
    browser.press_named("核对文件")


def faults(browser):
    return browser.table("main .scroll table")[1:]


def test_institutions_come_in_by_code_and_faults_name_their_row(commission, tmp_path):
    headings, rows = register(commission, "organisations")
    schools = [row for row in rows if row["机构代码"].startswith("3611") and not row["并入机构代码"]]
    renamed, merged, heir = schools[-1], schools[-2], schools[-3]
    old_name = renamed["名称"]
    new = {"机构代码": "3611999001", "名称": "演示新设学校", "类别": "职业高中", "办学性质": "公办", "所在区": renamed["所在区"]}
    renaming = {**renamed, "名称": "演示更名学校"}
    merging = {**merged, "并入机构代码": heir["机构代码"], "并入日期": "2026-08-31"}
    bad_code = {**new, "机构代码": "36119990"}
    bad_kind = {**new, "机构代码": "3611999002", "类别": "大学"}
    path = written(tmp_path / "institutions.csv", headings, [new, renaming, merging, bad_code, bad_kind])
    bring(commission, "organisations", path)
    assert "还不能导入" in commission.text("main [role=alert]")
    found = {(row[0], row[1].split(" ")[-1]) for row in faults(commission)}
    # The new school's row is sound; the renaming lacks its date; two rows are at fault themselves.
    assert {row for row, _ in found} == {"3", "5", "6"}, faults(commission)
    assert ("5", "机构代码") in found and ("6", "类别") in found, found
    assert not commission.all("main button.primary"), "nothing can be confirmed"
    assert commission.judge() == []
    commission.screenshot("registry-faults")
    commission.resize(*PHONE)
    assert commission.sideways() == []
    commission.screenshot("registry-faults-phone")
    commission.resize(*DESKTOP)
    assert commission.open("/registry/3611999001") == 404, "a dry run writes nothing"
    commission.console()

    renaming["更名日期"] = "2026-09-01"
    path = written(tmp_path / "mended.csv", headings, [new, renaming, merging])
    bring(commission, "organisations", path)
    assert "没有发现错误" in commission.text("main [role=status]")
    commission.screenshot("registry-outlook")
    commission.press_named("确认导入 3 条")
    assert "新增 1 条，变更 2 条" in commission.text("main [role=status]")

    commission.open(f"/registry/{renamed['机构代码']}")
    assert "演示更名学校" in commission.text("h1") and old_name in commission.text("main .history")
    commission.open(f"/registry/{renamed['机构代码']}?day=2026-08-01")
    assert old_name in commission.text("main p[role=status]"), "the name on a day before"
    commission.screenshot("registry-renamed")
    commission.open(f"/registry/{merged['机构代码']}")
    assert "并入" in commission.text("main .banner") and heir["名称"] in commission.text("main .banner")
    assert commission.judge() == []
    # The same file again changes nothing.
    bring(commission, "organisations", path)
    assert "不需要导入" in commission.text("main [role=status]")


def test_programmes_come_in_from_a_workbook(commission, tmp_path):
    headings, rows = register(commission, "programmes")
    school = next(row["学校代码"] for row in rows if row["专业代码"].startswith("7"))
    taken = {row["专业代码"] for row in rows if row["学校代码"] == school}
    code = next(code for code in ("710204", "730604", "760207W", "740104") if code not in taken)
    good = {"学校代码": school, "专业代码": code, "专业名称": "演示专业", "开设年份": "2025"}
    bad_code = {**good, "专业代码": "81020"}
    bad_year = {**good, "专业代码": "740199", "开设年份": "去年"}
    stranger = {**good, "学校代码": "3611888888"}
    path = workbook(tmp_path / "programmes.xlsx", headings, [good, bad_code, bad_year, stranger])
    bring(commission, "programmes", path)
    found = {(row[0], row[1].split(" ")[-1]) for row in faults(commission)}
    assert found == {("3", "专业代码"), ("4", "开设年份"), ("5", "学校代码")}, faults(commission)
    commission.screenshot("registry-programme-faults")
    bring(commission, "programmes", workbook(tmp_path / "mended.xlsx", headings, [good]))
    commission.press_named("确认导入 1 条")
    assert "新增 1 条" in commission.text("main [role=status]")
    commission.open(f"/registry/{school}")
    assert code in commission.text("main")


def test_a_school_reads_the_register_and_cannot_change_it(as_role):
    school = as_role("school")
    assert school.open("/registry") == 200
    assert school.judge() == []
    assert not school.all("main a[href^='/registry/import']")
    assert school.open("/registry/import/organisations") == 403
