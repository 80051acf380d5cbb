//! What LibreOffice makes of our files, and we of its. Where it is not installed these tests say so and pass, unless
//! `ZHIJIAN_REQUIRE_LIBREOFFICE` is set; the samples it made are read in any case.

use std::{fs, path::Path, process::Command};

use zhijian_documents::{
    Limits,
    docx::{self, Block, Captioned},
    pdf,
    sheet::{
        self, Range,
        write::{Book, Look},
    },
};

/// Converts a file, in the way a person would open and save it.
fn saved(folder: &Path, file: &str, to: &str) -> Option<Vec<u8>> {
    let out = folder.join("out");
    let done = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}/profile", folder.display()))
        .args(["--headless", "--convert-to", to, "--outdir"])
        .arg(&out)
        .arg(folder.join(file))
        .output();
    if done.is_err() {
        assert!(
            std::env::var("ZHIJIAN_REQUIRE_LIBREOFFICE").is_err(),
            "LibreOffice is wanted and not installed"
        );
        println!("LibreOffice is not installed: not tried");
        return None;
    }
    let name = Path::new(file).with_extension(to);
    Some(fs::read(out.join(name)).expect("LibreOffice wrote the file"))
}

#[test]
fn a_template_survives_libreoffice() {
    let folder = tempfile::tempdir().expect("folder");
    let mut book = Book::new();
    book.property("zhijian.school", "4111010001").property("zhijian.year", "2025");
    let mut page = book.page("计分卡").expect("page");
    page.merge(Range::new(1, 1, 1, 3), "演示学院", Look::TITLE).put(2, 1, "指标", Look::HEADING);
    page.put(3, 1, "0123", Look::LABEL).number(3, 2, "11.54", Look::INPUT.decimals(2)).put(
        4,
        1,
        "=1+1",
        Look::LABEL,
    );
    page.number(4, 2, "-1234567.5", Look::INPUT).formula(5, 2, "SUM(B3:B4)", "-1234555.96", Look::PLAIN);
    page.choices(Range::cell(3, 3), &["是", "否"], "是或否").note(3, 1, "说明").freeze(2, 1).protect();
    page.done().expect("written");
    book.page("身份").expect("page").put(1, 1, "2025", Look::PLAIN).hide().done().expect("written");
    fs::write(folder.path().join("模板.xlsx"), book.finish().expect("file")).expect("written");
    let Some(file) = saved(folder.path(), "模板.xlsx", "xlsx") else { return };

    let read = sheet::read("模板.xlsx", &file, &Limits::default()).expect("reads");
    assert_eq!(
        (read.properties["zhijian.school"].as_str(), read.properties["zhijian.year"].as_str()),
        ("4111010001", "2025")
    );
    let page = read.sheet("计分卡").expect("sheet");
    let texts: Vec<&str> =
        [(1, 1), (3, 1), (3, 2), (4, 1), (4, 2), (5, 2)].into_iter().map(|(r, c)| page.text(r, c)).collect();
    assert_eq!(texts, ["演示学院", "0123", "11.54", "=1+1", "-1234567.5", "-1234555.96"]);
    assert_eq!(page.cell(4, 1).expect("cell").formula, None);
    assert_eq!(page.cell(5, 2).expect("cell").formula.as_deref(), Some("SUM(B3:B4)"));
    assert_eq!(page.merged, [Range::new(1, 1, 1, 3)]);
    assert!(read.sheet("身份").expect("sheet").hidden);
}

#[test]
fn a_document_survives_libreoffice() {
    let folder = tempfile::tempdir().expect("folder");
    let markdown = "# 一、概况\n\n共有学生 1,234 人。\n\n## （一）规模\n\n- 其一\n- 其二\n\n表 1-1 情况\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |\n";
    let blocks = docx::blocks(markdown);
    fs::write(folder.path().join("报告.docx"), docx::write(&blocks).expect("file")).expect("written");
    let Some(file) = saved(folder.path(), "报告.docx", "docx") else { return };
    let read = docx::read("报告.docx", &file, &Limits::default()).expect("reads");
    assert_eq!(read.markdown(), markdown);
    assert!(matches!(&read.blocks[5], Block::Caption { of: Captioned::Table, .. }));

    let file = saved(folder.path(), "报告.docx", "pdf").expect("installed");
    let lines = pdf::read("报告.pdf", &file, &Limits::default()).expect("reads").lines();
    assert_eq!(lines[..3], ["一、概况", "共有学生 1,234 人。", "（一）规模"]);
    assert_eq!(lines.last().map(String::as_str), Some("1\t2"));
}
