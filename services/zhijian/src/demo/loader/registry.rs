//! What the register knows beyond names: who runs a school, since when, what it was called before, and one school that
//! was merged into another. All invented, and taken in as a file, as a commission would.

use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::ImportHeader,
    identity::v1::{ImportOrganisationsRequest, import_organisations_request::Part, organisation::Kind},
};

use super::{
    Progress, request_id,
    work::{Tell, rpc},
};
use crate::demo::{Organisation, OrganisationKind, Region};

const HISTORIES: &str = include_str!("../../../demo-data/names/histories.csv");
/// The school that was merged into another: a code that no other school of the demonstration has.
const MERGED: (&str, &str, &str) = ("3611990900", "演示青禾园艺职业学校", "Demo Qinghe Horticultural School");
/// Into which, and when.
const MERGED_INTO: (&str, &str) = ("演示青禾农业职业学院", "2023-08-31");
/// The characters of credit codes in the order of their values.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Imports the particulars of schools and enterprises.
pub(super) async fn particulars(
    tell: &Tell<'_, impl Fn(Progress)>,
    commission: &Clients,
    region: &Region,
) -> anyhow::Result<()> {
    let step = "机构沿革 / histories";
    tell.tell(step, 0, 1);
    let header = ImportHeader {
        request_id: request_id("registry particulars"),
        file_name: "演示机构.csv".to_owned(),
        ..ImportHeader::default()
    };
    let file = csv(region)?;
    let parts = [Part::Header(header), Part::Chunk(file)];
    let messages = parts.into_iter().map(|part| ImportOrganisationsRequest { part: Some(part) });
    let stream = futures::stream::iter(messages.collect::<Vec<_>>());
    rpc!(commission, registry.import_organisations(stream))?;
    tell.tell(step, 1, 1);
    Ok(())
}

/// A history of the file of them.
struct History {
    ownership: String,
    founded: String,
    former_names: String,
}

fn histories() -> anyhow::Result<std::collections::HashMap<String, History>> {
    let mut reader = csv::Reader::from_reader(HISTORIES.as_bytes());
    reader
        .records()
        .map(|record| {
            let record = record?;
            let cell = |place: usize| record.get(place).unwrap_or_default().to_owned();
            Ok((cell(0), History { ownership: cell(1), founded: cell(2), former_names: cell(3) }))
        })
        .collect()
}

/// The file, in the columns that the import knows.
fn csv(region: &Region) -> anyhow::Result<Vec<u8>> {
    let histories = histories()?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "机构代码", "名称", "英文名称", "类别", "办学性质", "所在区", "上级机构代码", "主管部门", "建校日期", "曾用名",
        "统一社会信用代码", "并入机构代码", "并入日期", "演示数据",
    ])?;
    let commission = region.commission().map(|one| (one.code.as_str(), one.name.zh.as_str())).unwrap_or_default();
    let name_of = |code: &str| {
        region.organisations.iter().find(|one| one.code == code).map_or("", |one| one.name.zh.as_str())
    };
    for (place, one) in region.organisations.iter().enumerate() {
        let Some(kind) = kind(one.kind) else { continue };
        let history = histories.get(&one.name.zh);
        let is_school = one.kind != OrganisationKind::Enterprise;
        let credit = if is_school { String::new() } else { credit_code(place) };
        let body = if is_school { name_of(&one.parent) } else { "" };
        let public = if is_school { "公办" } else { "" };
        writer.write_record([
            one.code.as_str(),
            &one.name.zh,
            &one.name.en,
            kind,
            history.map_or(public, |history| history.ownership.as_str()),
            &one.district,
            &one.parent,
            body,
            history.map_or("", |history| history.founded.as_str()),
            history.map_or("", |history| history.former_names.as_str()),
            &credit,
            "",
            "",
            "是",
        ])?;
    }
    if let Some(into) = survivor(region) {
        let (code, zh, en) = MERGED;
        writer.write_record([
            code, zh, en, "中等专业学校", "公办", &into.district, commission.0, commission.1, "1988", "", "",
            &into.code, MERGED_INTO.1, "是",
        ])?;
    }
    Ok(writer.into_inner()?)
}

fn survivor(region: &Region) -> Option<&Organisation> {
    region.organisations.iter().find(|one| one.name.zh == MERGED_INTO.0)
}

/// What a kind is called in the file; nothing for what has no particulars.
fn kind(kind: OrganisationKind) -> Option<&'static str> {
    match kind {
        Kind::HigherVocational => Some("高等职业院校"),
        Kind::SpecialisedSecondary => Some("中等专业学校"),
        Kind::VocationalHigh => Some("职业高中"),
        Kind::Enterprise => Some("企业"),
        _ => None,
    }
}

/// An invented credit code: a region that does not exist, and the check character of GB 32100.
fn credit_code(number: usize) -> String {
    let body = format!("91119900MA99{number:05}");
    let mut weight = 1;
    let mut sum = 0;
    for c in body.bytes() {
        sum += ALPHABET.iter().position(|known| *known == c).unwrap_or_default() * weight;
        weight = weight * 3 % 31;
    }
    format!("{body}{}", char::from(ALPHABET[(31 - sum % 31) % 31]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_history_belongs_to_an_institution_of_the_region() {
        let region = Region::generate().expect("the region is generated");
        let names: Vec<&str> = region.organisations.iter().map(|one| one.name.zh.as_str()).collect();
        for name in histories().expect("readable").keys() {
            assert!(names.contains(&name.as_str()), "{name}");
        }
        assert!(survivor(&region).is_some(), "the school that the merged one went into");
        assert!(region.organisations.iter().all(|one| one.code != MERGED.0 && one.name.zh != MERGED.1));
        let file = String::from_utf8(csv(&region).expect("written")).expect("UTF-8");
        assert_eq!(file.lines().count(), 1 + 76 + 96 + 1);
        assert_eq!(credit_code(0).len(), 18);
    }
}
