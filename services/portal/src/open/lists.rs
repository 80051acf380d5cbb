//! The registers as tables: schools, and the programmes they run.

use axum::{extract::Path, response::Response};
use serde_json::json;
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::Level,
    identity::v1::{ListOrganisationsRequest, Organisation, organisation},
    submission::v1::{ListProgrammesRequest, Programme},
};
use zhijian_tables::{Cell, Column, Row, Table, Words};

use super::{
    Caller,
    part::{About, Part},
    route::{FORMATS, parameters},
    shape::words,
};
use crate::{
    pages::{
        lookup::{WHOLE_PAGE, all_pages},
        registry::kind_word,
    },
    web::{error::Failure, i18n},
};

pub async fn institutions(caller: Caller, Path(format): Path<String>) -> Response {
    answer(&caller, "listInstitutions", "zhijian-institutions", &format, async || {
        Ok(institution_table(&schools(&caller).await?))
    })
    .await
}

pub async fn programmes(caller: Caller, Path(format): Path<String>) -> Response {
    answer(&caller, "listProgrammes", "zhijian-programmes", &format, async || {
        let found = all_pages(|page_token| {
            let mut programmes = caller.clients().programmes();
            async move {
                let request = ListProgrammesRequest {
                    page_size: WHOLE_PAGE,
                    page_token,
                    ..ListProgrammesRequest::default()
                };
                let answer = programmes.list_programmes(request).await?.into_inner();
                Ok((answer.programmes, answer.next_page_token))
            }
        });
        Ok(programme_table(&found.await?))
    })
    .await
}

/// Answers a list in a format, or says what is wrong with the arguments before anything is fetched.
pub async fn answer(
    caller: &Caller,
    id: &str,
    file: &str,
    format: &str,
    fetch: impl AsyncFnOnce() -> Result<Table, Failure>,
) -> Response {
    if !FORMATS.contains(&format) {
        return caller.refuse(&Failure::not_found());
    }
    let part = caller.arguments(parameters(id)).and_then(|arguments| {
        Part::read(caller.lang, &arguments).map_err(|wrong| caller.refuse_arguments(wrong))
    });
    let part = match part {
        Ok(part) => part,
        Err(refusal) => return refusal,
    };
    match fetch().await {
        Ok(table) => {
            let head = json!({ "title": { "zh": table.title.zh, "en": table.title.en } });
            part.answer(caller, table, format, &About { file, head, is_final: false })
        }
        Err(failure) => caller.refuse(&failure),
    }
}

/// Every school in the register, whether it still exists or not.
async fn schools(caller: &Caller) -> Result<Vec<Organisation>, Failure> {
    use organisation::Kind;
    let kinds = [Kind::HigherVocational, Kind::SpecialisedSecondary, Kind::VocationalHigh];
    all_pages(|page_token| {
        let mut organisations = caller.clients().organisations();
        async move {
            let request = ListOrganisationsRequest {
                page_size: WHOLE_PAGE,
                page_token,
                kinds: kinds.map(Into::into).to_vec(),
                ..ListOrganisationsRequest::default()
            };
            let answer = organisations.list_organisations(request).await?.into_inner();
            Ok((answer.organisations, answer.next_page_token))
        }
    })
    .await
}

/// A column.
pub fn column(key: &str, zh: &str, en: &str, numeric: bool) -> Column {
    Column { key: key.to_owned(), name: Words::new(zh, en), unit: None, numeric }
}

/// A whole number; nothing for nought.
pub fn number(value: i32) -> Cell {
    if value == 0 { Cell::default() } else { Cell::number(value.to_string(), value.to_string()) }
}

/// Whether something is so.
fn flag(value: bool) -> Cell {
    Cell::words(if value { Words::new("是", "yes") } else { Words::new("否", "no") })
}

fn level_word(lang: Lang, level: Level) -> &'static str {
    let t = i18n::words(lang);
    match level {
        Level::Unspecified => "",
        Level::Secondary => t("中职", "Secondary"),
        Level::Higher => t("高职", "Higher"),
    }
}

/// A word that our pages have in both languages.
fn both(of: impl Fn(Lang) -> &'static str) -> Cell {
    Cell::words(Words::new(of(Lang::Zh), of(Lang::En)))
}

fn institution_table(schools: &[Organisation]) -> Table {
    let row = |school: &Organisation| Row {
        cells: vec![
            Cell::word(&*school.code),
            Cell::words(words(school.name.as_ref())),
            both(|lang| kind_word(lang, school.kind())),
            both(|lang| level_word(lang, school.level())),
            Cell::word(&*school.district),
            flag(school.demonstration),
        ],
        total: false,
    };
    Table {
        name: "institutions".to_owned(),
        title: Words::new("院校名录", "Register of schools"),
        columns: vec![
            column("code", "标识码", "Code", false),
            column("name", "名称", "Name", false),
            column("kind", "类型", "Kind", false),
            column("level", "层次", "Level", false),
            column("district", "所在区", "District", false),
            column("demonstration", "演示", "Demonstration", false),
        ],
        rows: schools.iter().map(row).collect(),
        ..Table::default()
    }
}

fn programme_table(programmes: &[Programme]) -> Table {
    let row = |programme: &Programme| Row {
        cells: vec![
            Cell::word(&*programme.organisation_code),
            Cell::word(&*programme.code),
            Cell::words(words(programme.name.as_ref())),
            both(|lang| level_word(lang, programme.level())),
            number(programme.opened_year),
            number(programme.withdrawn_year),
            flag(programme.pilot),
            Cell::word(&*programme.cluster),
        ],
        total: false,
    };
    Table {
        name: "programmes".to_owned(),
        title: Words::new("专业名录", "Register of programmes"),
        columns: vec![
            column("institution", "院校标识码", "Code of the school", false),
            column("code", "专业代码", "Code", false),
            column("name", "专业名称", "Name", false),
            column("level", "层次", "Level", false),
            column("opened_year", "首次招生年", "First intake", true),
            column("withdrawn_year", "停止招生年", "Withdrawn", true),
            column("pilot", "试点", "Pilot", false),
            column("cluster", "专业群", "Cluster", false),
        ],
        rows: programmes.iter().map(row).collect(),
        ..Table::default()
    }
}
