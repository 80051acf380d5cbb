//! `zhijian check` as a person or a script runs it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use zhijian_documents::{
    docx,
    sheet::write::{Book, Look},
};

fn check(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhijian"))
        .arg("check")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("runs")
}

fn out(done: &Output) -> String {
    String::from_utf8(done.stdout.clone()).expect("UTF-8")
}

fn json(done: &Output) -> Value {
    serde_json::from_slice(&done.stdout).expect("JSON")
}

const WRONG: &str = "学生100人，其中高职学生60人，中职学生45人。\n";
const RIGHT: &str = "学生105人，其中高职学生60人，中职学生45人。\n";

#[test]
fn the_exit_status_tells_clean_errors_and_unusable() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    fs::write(at.join("对.md"), RIGHT).expect("written");
    fs::write(at.join("错.txt"), WRONG).expect("written");
    fs::write(at.join("假.docx"), "不是 Word 文档").expect("written");
    fs::write(at.join("空白.md"), " \n\n").expect("written");
    fs::write(at.join("空.txt"), "").expect("written");
    fs::write(at.join("乱.txt"), [0x00, 0xFF, 0xFE, 0x01, 0x80, 0x00]).expect("written");
    // 学生100人 in GBK: what old editors save.
    let gbk = [0xD1, 0xA7, 0xC9, 0xFA, b'1', b'0', b'0', 0xC8, 0xCB, 0xA1, 0xA3];
    fs::write(at.join("旧.txt"), gbk).expect("written");
    fs::write(at.join("无扩展名"), WRONG).expect("written");
    fs::write(at.join("图.png"), b"\x89PNG\r\n\x1a\n0").expect("written");
    assert_eq!(check(at, &["对.md"]).status.code(), Some(0));
    let done = check(at, &["错.txt"]);
    assert_eq!(done.status.code(), Some(1));
    let text = out(&done);
    assert!(text.starts_with("错.txt:1: 错误："), "{text}");
    assert!(text.contains("60人+45人=105") && text.contains("错误 1、警告 0、提示 0"), "{text}");
    for (arguments, words) in [
        (vec!["没有.md"], "没有.md"),
        (vec!["假.docx"], "纯文本"),
        (vec!["图.png"], "PNG"),
        (vec!["空白.md"], "没有文字"),
        (vec!["空.txt"], "空的"),
        (vec!["乱.txt"], "乱.txt"),
        (vec!["对.md", "--window", "2025-08-31..2024-09-01"], "终止日早于起始日"),
        (vec!["对.md", "--window", "昨天..今天"], "昨天"),
        (vec!["对.md", "--registry", "没有.csv"], "没有.csv"),
        (vec!["对.md", "--against", "假.docx"], "假.docx"),
        (vec![], "FILE"),
    ] {
        let done = check(at, &arguments);
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
    assert_eq!(check(at, &["旧.txt"]).status.code(), Some(0));
    assert_eq!(check(at, &["无扩展名"]).status.code(), Some(1));
    // A file that cannot be used does not keep the others from being read.
    let done = check(at, &["假.docx", "错.txt"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(out(&done).contains("错.txt:1"));
}

#[test]
fn json_is_as_agreed_and_names_the_file_where_there_are_several() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    fs::write(at.join("a.md"), WRONG).expect("written");
    fs::write(at.join("b.md"), format!("前言。\n\n{WRONG}")).expect("written");
    let one = json(&check(at, &["a.md", "--format", "json"]));
    let finding = &one["findings"][0];
    let keys: Vec<&str> = finding.as_object().expect("object").keys().map(String::as_str).collect();
    let mut agreed = [
        "id",
        "class",
        "severity",
        "rule",
        "message_zh",
        "message_en",
        "line",
        "excerpt",
        "locations",
        "expected",
        "actual",
        "computation",
        "computation_en",
    ];
    agreed.sort_unstable();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, agreed);
    assert_eq!(
        (finding["class"].as_str(), finding["severity"].as_str(), finding["line"].as_u64()),
        (Some("arithmetic"), Some("error"), Some(1))
    );
    assert!(
        finding["locations"]
            .as_array()
            .is_some_and(|l| l.iter().all(|l| l["line"].is_u64() && l["excerpt"].is_string()))
    );
    let both = json(&check(at, &["a.md", "b.md", "--format", "json"]));
    let places: Vec<(&str, u64)> = both["findings"]
        .as_array()
        .expect("list")
        .iter()
        .map(|f| (f["file"].as_str().expect("file"), f["line"].as_u64().expect("line")))
        .collect();
    assert_eq!(places, [("a.md", 1), ("b.md", 3)]);
    fs::write(at.join("c.md"), RIGHT).expect("written");
    assert_eq!(json(&check(at, &["c.md", "--format", "json"]))["findings"], Value::Array(Vec::new()));
}

/// What SARIF 2.1.0's schema requires of the objects that are used, and the values it allows.
#[test]
fn sarif_has_what_its_schema_requires() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    fs::write(at.join("报 告.md"), WRONG).expect("written");
    let done = check(at, &["报 告.md", "--format", "sarif"]);
    assert_eq!(done.status.code(), Some(1));
    let document = json(&done);
    assert_eq!(document["version"], "2.1.0");
    assert!(document["$schema"].as_str().is_some_and(|s| s.contains("sarif-2.1.0")));
    let runs = document["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert!(driver["name"].is_string());
    let rules = driver["rules"].as_array().expect("rules");
    assert!(rules.iter().all(|r| r["id"].is_string()));
    let results = runs[0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 1);
    for result in results {
        assert!(result["message"]["text"].is_string());
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().expect("level")));
        let index = result["ruleIndex"].as_u64().expect("index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "%E6%8A%A5%20%E5%91%8A.md");
        assert!(place["region"]["startLine"].as_u64().is_some_and(|l| l >= 1));
        let related = result["relatedLocations"].as_array().expect("related");
        assert!(related.iter().all(|r| r["message"]["text"].is_string() && r["id"].is_u64()));
        assert!(result["partialFingerprints"].as_object().is_some_and(|f| f.values().all(Value::is_string)));
    }
}

#[test]
fn a_word_report_is_checked_against_its_workbook() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let markdown = "# 一、概况\n\n学校毕业生人数1243人，毕业去向落实率为95.4%。\n";
    fs::write(at.join("报告.docx"), docx::write(&docx::blocks(markdown)).expect("docx")).expect("written");
    let mut book = Book::new();
    let mut page = book.page("计分卡").expect("page");
    for (column, heading) in ["指标", "单位", "上年", "本年"].into_iter().enumerate() {
        page.put(1, column as u32 + 1, heading, Look::HEADING);
    }
    page.put(2, 1, "毕业生人数", Look::LABEL).put(2, 2, "人", Look::LABEL).number(
        2,
        3,
        "1243",
        Look::REFERENCE,
    );
    page.number(2, 4, "1234", Look::INPUT).put(3, 1, "毕业去向落实率", Look::LABEL).put(
        3,
        2,
        "%",
        Look::LABEL,
    );
    page.number(3, 4, "95.4", Look::INPUT).done().expect("page");
    fs::write(at.join("数据.xlsx"), book.finish().expect("xlsx")).expect("written");

    assert_eq!(check(at, &["报告.docx"]).status.code(), Some(0));
    let done = check(at, &["报告.docx", "数据.xlsx", "--format", "json"]);
    assert_eq!(done.status.code(), Some(1));
    let findings = json(&done)["findings"].clone();
    assert_eq!(findings.as_array().map(Vec::len), Some(1));
    let finding = &findings[0];
    assert_eq!(
        (finding["rule"].as_str(), finding["expected"].as_str()),
        (Some("contradiction.cell"), Some("1234人"))
    );
    assert!(finding["message_zh"].as_str().is_some_and(|m| m.contains("计分卡!D2")));
    let alone = check(at, &["数据.xlsx"]);
    assert_eq!(alone.status.code(), Some(2));
}

#[test]
fn registry_window_and_other_reports_are_used() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let passage = "学校坚持以服务发展为宗旨，以促进就业为导向，深化产教融合、校企合作，推动专业链与产业链、人才链有效衔接，办学质量持续提高，社会认可度不断增强。";
    fs::write(at.join("2025.md"), format!("演示甲乙职业学院质量年度报告（2025年度）\n\n2026年3月，学校举办技能大赛。\n\n演示旧名职业学院参加活动。\n\n{passage}\n")).expect("written");
    fs::write(at.join("2024.md"), format!("演示甲乙职业学院质量年度报告（2024年度）\n\n{passage}\n"))
        .expect("written");
    fs::write(at.join("乙.txt"), format!("演示丙丁职业学校质量年度报告（2025年度）\n\n{passage}\n"))
        .expect("written");
    fs::write(at.join("名录.csv"), "名称,曾用名,停用日期\n演示甲乙职业学院,演示旧名职业学院,2024-03-31\n")
        .expect("written");
    let rules = |arguments: &[&str]| -> Vec<String> {
        let mut all = vec!["2025.md", "--format", "json"];
        all.extend(arguments);
        let found = json(&check(at, &all));
        let rules = found["findings"].as_array().expect("list").iter();
        rules.map(|f| f["rule"].as_str().expect("rule").to_owned()).collect()
    };
    let has = |arguments: &[&str], rule: &str| rules(arguments).iter().any(|r| r == rule);
    assert!(
        !has(&[], "form.outside-window")
            && has(&["--window", "2024-09-01..2025-08-31"], "form.outside-window")
    );
    assert!(!has(&[], "name.former") && has(&["--registry", "名录.csv"], "name.former"));
    assert!(!has(&[], "duplication.previous") && has(&["--against", "2024.md"], "duplication.previous"));
    assert!(has(&["--against", "2024.md", "乙.txt"], "duplication.other"));
}

/// A report that LibreOffice made, contradiction included; where it is not installed, this says so and passes, unless
/// `ZHIJIAN_REQUIRE_LIBREOFFICE` is set.
#[test]
fn a_report_of_libreoffice_is_checked_end_to_end() {
    let folder = tempfile::tempdir().expect("folder");
    let at = folder.path();
    let html = "<html><head><meta charset=\"utf-8\"></head><body><h1>一、概况</h1><p>学生100人，其中高职学生60人，中职学生45人。</p>\
        <p>表 1-1 数量</p><table border=\"1\"><tr><td>类别</td><td>数量（个）</td></tr><tr><td>甲类</td><td>19</td></tr><tr><td>乙类</td><td>59</td></tr>\
        <tr><td>丙类</td><td>104</td></tr><tr><td>合计</td><td>183</td></tr></table><p>数据来源：《公报（2025年）》</p></body></html>";
    fs::write(at.join("报告.html"), html).expect("written");
    for (filter, file) in [("docx:MS Word 2007 XML", "报告.docx"), ("pdf:writer_web_pdf_Export", "报告.pdf")]
    {
        let done = Command::new("soffice")
            .arg(format!("-env:UserInstallation=file://{}/profile", at.display()))
            .args(["--headless", "--convert-to", filter, "--outdir", ".", "报告.html"])
            .current_dir(at)
            .output();
        if done.is_err() {
            assert!(
                std::env::var("ZHIJIAN_REQUIRE_LIBREOFFICE").is_err(),
                "LibreOffice is wanted and not installed"
            );
            println!("LibreOffice is not installed: not tried");
            return;
        }
        let done = check(at, &[file, "--format", "json"]);
        let findings = json(&done)["findings"].clone();
        let rules: Vec<&str> =
            findings.as_array().expect("list").iter().filter_map(|f| f["rule"].as_str()).collect();
        assert_eq!(rules, ["arithmetic.sum", "arithmetic.table-total"], "{file}: {findings:#}");
    }
}
