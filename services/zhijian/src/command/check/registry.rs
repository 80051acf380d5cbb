//! A registry of institutions: names in force, short forms, former names with the day they ended.

use std::{collections::BTreeMap, fs, path::Path};

use chrono::NaiveDate;
use serde::Deserialize;
use zhijian_documents::{
    Limits,
    sheet::{self, Row, Sheet},
};
use zhijian_proofreader::{FormerName, RegisteredName};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(alias = "institutions")]
    institution: Vec<Institution>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Institution {
    name: String,
    #[serde(default)]
    short: Vec<String>,
    #[serde(default)]
    former: Vec<Former>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Former {
    name: String,
    until: Option<NaiveDate>,
}

/// Reads a registry.
///
/// # Errors
/// One line that names the file, the row and what to do.
pub(super) fn read(file: &Path) -> Result<Vec<RegisteredName>, String> {
    let bytes = fs::read(file)
        .map_err(|error| format!("{}: 读不了这个文件。It cannot be read: {error}", file.display()))?;
    parse(file, &bytes)
}

/// What a registry says that is called `file`; its extension tells how it is written.
///
/// # Errors
/// As [`read`].
pub(super) fn parse(file: &Path, bytes: &[u8]) -> Result<Vec<RegisteredName>, String> {
    let shown = file.display();
    if file.extension().is_some_and(|e| e == "toml") {
        let text =
            sheet::decode(bytes).map_err(|r| format!("{shown}: {}{}", r.message_zh(), r.message_en()))?;
        let parsed: File =
            toml::from_str(&text).map_err(|error| format!("{shown}: {}", one_line(&error.to_string())))?;
        return Ok(parsed.institution.into_iter().map(registered).collect());
    }
    let decoded =
        || sheet::decode(bytes).map_err(|r| format!("{shown}: {}{}", r.message_zh(), r.message_en()));
    if file.extension().is_some_and(|e| e == "json") {
        let parsed: File = serde_json::from_str(&decoded()?)
            .map_err(|error| format!("{shown}: {}", one_line(&error.to_string())))?;
        return Ok(parsed.institution.into_iter().map(registered).collect());
    }
    if file.extension().is_some_and(|e| e == "txt") {
        let text = decoded()?;
        let names = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
        return Ok(names
            .map(|name| RegisteredName { name: name.to_owned(), ..RegisteredName::default() })
            .collect());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let book = sheet::read(&name, bytes, &Limits::default())
        .map_err(|r| format!("{shown}: {}{}", r.message_zh(), r.message_en()))?;
    let table = book.sheets.iter().find(|s| !s.hidden);
    table
        .ok_or_else(|| "没有可见的工作表。It has no sheet.".to_owned())
        .and_then(rows)
        .map_err(|m| format!("{shown}: {m}"))
}

fn registered(i: Institution) -> RegisteredName {
    let former = i.former.into_iter().map(|f| FormerName { name: f.name, until: f.until }).collect();
    RegisteredName { name: i.name, short: i.short, former }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Columns by their headings.
struct Columns {
    name: u32,
    short: Option<u32>,
    former: Option<u32>,
    until: Option<u32>,
}

impl Columns {
    fn of(header: &Row) -> Option<Self> {
        let find = |words: &[&str]| {
            header
                .cells
                .iter()
                .find(|c| words.contains(&c.text().trim().to_lowercase().as_str()))
                .map(|c| c.column)
        };
        Some(Self {
            name: find(&["名称", "学校名称", "院校名称", "机构名称", "单位名称", "现名", "name"])?,
            short: find(&["简称", "规范简称", "short", "short_name"]),
            former: find(&["曾用名", "原名", "旧名", "former", "former_names", "former_name"]),
            until: find(&["停用日期", "曾用名停用日期", "用至", "截止日期", "until"]),
        })
    }
}

fn rows(sheet: &Sheet) -> Result<Vec<RegisteredName>, String> {
    let header = sheet.rows.iter().take(10).enumerate().find_map(|(i, row)| Some((i, Columns::of(row)?)));
    let Some((at, columns)) = header else {
        return Err(
            "没有“名称”一列，表头应为：名称、简称、曾用名、停用日期。No column is headed 名称 (name).".into(),
        );
    };
    let mut found: BTreeMap<String, RegisteredName> = BTreeMap::new();
    for row in sheet.rows[at + 1..].iter().filter(|r| !r.is_blank()) {
        let name = row.text(columns.name);
        if name.is_empty() {
            return Err(format!("第 {} 行没有名称，请补填。Row {} has no name.", row.number, row.number));
        }
        let list = |column: Option<u32>| column.map(|c| split(row.text(c))).unwrap_or_default();
        let until = list(columns.until);
        let entry = found.entry(name.to_owned()).or_default();
        name.clone_into(&mut entry.name);
        entry.short.extend(list(columns.short).into_iter().map(str::to_owned));
        for (index, old) in list(columns.former).into_iter().enumerate() {
            // One day may stand for all the names of a cell.
            let day = until.get(index).or(until.first().filter(|_| until.len() == 1));
            let day = day.map(|d| date(d).ok_or_else(|| {
                format!("第 {} 行的日期“{d}”应写成 2025-03-31。Row {}: “{d}” is not a day such as 2025-03-31.", row.number, row.number)
            }));
            entry.former.push(FormerName { name: old.to_owned(), until: day.transpose()? });
        }
    }
    Ok(found.into_values().collect())
}

fn split(text: &str) -> Vec<&str> {
    text.split(['；', ';', '、', '\n', '|']).map(str::trim).filter(|t| !t.is_empty()).collect()
}

/// `2025-03-31`, `2025/3/31`, `2025.3.31`, `2025年3月31日`.
fn date(text: &str) -> Option<NaiveDate> {
    let plain = text.replace(['/', '.', '年', '月'], "-").replace('日', "");
    let mut parts = plain.split('-').map(|p| p.trim().parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(name: &str, text: &str) -> Result<Vec<RegisteredName>, String> {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join(name);
        fs::write(&file, text).expect("written");
        read(&file)
    }

    #[test]
    fn csv_and_toml_say_the_same() {
        let csv = "代码,名称,简称,曾用名,停用日期\n1,演示甲乙职业大学,甲乙职大,演示甲乙职业学院；演示甲乙工业学校,2025/3/31;2010年9月1日\n2,演示丙丁学校,,,\n";
        let toml = "[[institution]]\nname = \"演示甲乙职业大学\"\nshort = [\"甲乙职大\"]\nformer = [{ name = \"演示甲乙职业学院\", until = \"2025-03-31\" }, { name = \"演示甲乙工业学校\", until = \"2010-09-01\" }]\n[[institution]]\nname = \"演示丙丁学校\"\n";
        let mut from_toml = read_as("a.toml", toml).expect("reads");
        from_toml.sort_by(|a, b| a.name.cmp(&b.name));
        let json = r#"{"institution": [{"name": "演示甲乙职业大学", "short": ["甲乙职大"], "former": [{"name": "演示甲乙职业学院", "until": "2025-03-31"},
            {"name": "演示甲乙工业学校", "until": "2010-09-01"}]}, {"name": "演示丙丁学校"}]}"#;
        let mut from_json = read_as("a.json", json).expect("reads");
        from_json.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(from_json, from_toml);
        assert_eq!(read_as("a.csv", csv), Ok(from_toml));
        let names = read_as("a.txt", "# 名录\n演示甲乙职业大学\n\n演示丙丁学校\n").expect("reads");
        assert_eq!(
            names.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(),
            ["演示甲乙职业大学", "演示丙丁学校"]
        );
    }

    #[test]
    fn what_is_wrong_is_told_by_row() {
        let wrong = |text: &str| read_as("a.csv", text).expect_err("refused");
        assert!(wrong("代码,学校\n1,甲\n").contains("名称"));
        assert!(wrong("名称,曾用名,停用日期\n甲校,旧甲校,去年\n").contains("第 2 行"));
        assert!(wrong("名称,曾用名\n,旧甲校\n").contains("第 2 行没有名称"));
        assert!(read_as("a.toml", "[[institution]]\nnam = 1\n").expect_err("refused").contains("nam"));
    }
}
