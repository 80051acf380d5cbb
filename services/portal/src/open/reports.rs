//! The public reports of schools.

use axum::{extract::Path, response::Response};
use serde_json::{Value, json};
use zhijian_proto::{
    common::v1::value,
    submission::v1::{
        GetPublicReportRequest, GetPublicReportResponse, ListPublicReportsRequest, PublicReport,
    },
};
use zhijian_tables::{Cell, Row, Table, Words};

use super::{
    Caller,
    answer::Data,
    lists::{answer, column, number},
    route::parameters,
    shape::{text, words},
};
use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    web::{error::Failure, format},
};

pub async fn list(caller: Caller, Path(format): Path<String>) -> Response {
    answer(&caller, "listReports", "zhijian-reports", &format, async || Ok(table(&public(&caller).await?)))
        .await
}

/// Every public report, newest year first.
pub async fn public(caller: &Caller) -> Result<Vec<PublicReport>, Failure> {
    all_pages(|page_token| {
        let mut reports = caller.clients().public_reports();
        async move {
            let request =
                ListPublicReportsRequest { page_size: WHOLE_PAGE, page_token, ..Default::default() };
            let answer = reports.list_public_reports(request).await?.into_inner();
            Ok((answer.reports, answer.next_page_token))
        }
    })
    .await
}

fn table(reports: &[PublicReport]) -> Table {
    let row = |report: &PublicReport| Row {
        cells: vec![
            Cell::word(&*report.submission_id),
            number(report.cycle_year),
            Cell::word(&*report.report_kind),
            Cell::words(words(report.kind_name.as_ref())),
            Cell::word(&*report.organisation_code),
            Cell::words(words(report.organisation_name.as_ref())),
            Cell::word(&*report.subject_code),
            Cell::words(words(report.subject_name.as_ref())),
            Cell::word(&*report.district),
            number(report.revision_number),
        ],
        total: false,
    };
    Table {
        name: "reports".to_owned(),
        title: Words::new("公示的学校年报", "Public reports of schools"),
        columns: vec![
            column("id", "编号", "Id", false),
            column("year", "年度", "Year", true),
            column("kind", "种类代码", "Kind", false),
            column("kind_name", "种类", "Name of the kind", false),
            column("institution", "报送学校标识码", "Code of the school", false),
            column("institution_name", "报送学校", "School", false),
            column("subject", "标识码", "Code of whom it is about", false),
            column("subject_name", "名称", "Whom it is about", false),
            column("district", "所在区", "District", false),
            column("revision", "版本", "Revision", true),
        ],
        rows: reports.iter().map(row).collect(),
        ..Table::default()
    }
}

pub async fn one(caller: Caller, Path(id): Path<String>) -> Response {
    if let Err(refusal) = caller.arguments(parameters("getReport")) {
        return refusal;
    }
    let request = GetPublicReportRequest { submission_id: id };
    let answer = match caller.clients().public_reports().get_public_report(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => return caller.refuse(&status.into()),
    };
    match &answer.report {
        Some(report) => caller.give(Data::json(&document(report, &answer), false)),
        None => caller.refuse(&Failure::not_found()),
    }
}

/// What a report is, without what it says.
pub fn heading(report: &PublicReport) -> Value {
    json!({
        "id": report.submission_id,
        "year": report.cycle_year,
        "kind": report.report_kind,
        "kind_name": text(report.kind_name.as_ref()),
        "institution": report.organisation_code,
        "institution_name": text(report.organisation_name.as_ref()),
        "subject": report.subject_code,
        "subject_name": text(report.subject_name.as_ref()),
        "district": report.district,
        "revision": report.revision_number,
        "demonstration": report.demonstration,
        "update_time": format::moment(report.update_time.as_ref()).map(|time| time.to_rfc3339()),
        "page": format!("/reports/{}", report.submission_id),
    })
}

fn document(report: &PublicReport, answer: &GetPublicReportResponse) -> Value {
    let mut document = heading(report);
    document["content_hash"] = Value::from(answer.content_hash.as_str());
    document["public_address"] = Value::from(answer.public_address.as_str());
    document["sections"] = answer
        .sections
        .iter()
        .map(|section| {
            json!({ "code": section.section_code, "name": text(section.name.as_ref()), "body": section.body })
        })
        .collect();
    document["cases"] = answer
        .cases
        .iter()
        .map(|case| json!({ "id": case.case_id, "section": case.section_code, "title": case.title, "body": case.body }))
        .collect();
    document["values"] = answer
        .values
        .iter()
        .map(|cell| {
            let kind = cell.value.as_ref().and_then(|value| value.kind.as_ref());
            let (value, reason) = match kind {
                Some(value::Kind::Number(number)) => (Some(number), None),
                Some(value::Kind::Text(code)) => (Some(code), None),
                Some(value::Kind::NotApplicable(reason)) => (None, Some(reason)),
                None => (None, None),
            };
            json!({
                "indicator": cell.indicator_code,
                "name": text(cell.name.as_ref()),
                "unit": text(cell.unit.as_ref()),
                "value": value,
                "option": text(cell.option.as_ref()),
                "not_applicable": reason,
            })
        })
        .collect();
    document
}
