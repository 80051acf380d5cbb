//! The public directory of school reports (公示): every report in the results of a released year, for anybody to read.

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    common::v1::{Value, value::Kind},
    identity::v1::ListOrganisationsRequest,
    submission::v1::{
        CountPublicReportsRequest, GetPublicReportRequest, GetPublicReportResponse, ListPublicReportsRequest,
        PublicReport, PublicReportCount, PublicValue,
    },
};

use super::lookup::{WHOLE_PAGE, all_pages, says_demonstration};
use crate::{
    say,
    web::{
        cache::share,
        components::{demo, pager, trail},
        error::{Answer, Failure},
        form::Attempt,
        i18n::{name_or, text, words},
        layout::{Page, reading},
        link, prose,
        session::Visitor,
    },
};

const ON_A_PAGE: i32 = 50;
/// The longest name that the service looks for, in characters.
const LONGEST: usize = 100;

pub fn routes() -> Router {
    Router::new().route("/reports", get(list)).route("/reports/{id}", get(show))
}

/// The query of the directory's address.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Filter {
    year: String,
    kind: String,
    district: String,
    q: String,
    page: String,
}

impl Filter {
    fn address(&self, page: &str) -> String {
        let query = [
            ("year", self.year.as_str()),
            ("kind", &self.kind),
            ("district", &self.district),
            ("q", &self.q),
            ("page", page),
        ];
        link::address("/reports", &query)
    }
}

async fn list(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    let filter = Filter { q: filter.q.trim().chars().take(LONGEST).collect(), ..filter };
    let clients = visitor.clients();
    let request = ListPublicReportsRequest {
        page_size: ON_A_PAGE,
        page_token: filter.page.clone(),
        cycle_year: filter.year.parse().unwrap_or_default(),
        report_kind: filter.kind.clone(),
        district: filter.district.clone(),
        query: filter.q.clone(),
    };
    let mut reports = clients.public_reports();
    let mut others = clients.public_reports();
    let (listed, counted, districts) = futures::join!(
        reports.list_public_reports(request),
        others.count_public_reports(CountPublicReportsRequest {}),
        districts(&visitor)
    );
    let (listed, counts) = (listed?.into_inner(), counted?.into_inner().counts);
    Ok(share(directory(&visitor, &filter, &listed.reports, &listed.next_page_token, &counts, &districts?)))
}

/// The districts that schools are in.
async fn districts(visitor: &Visitor) -> Result<BTreeSet<String>, Failure> {
    let all = all_pages(|page_token| {
        let mut organisations = visitor.clients().organisations();
        async move {
            let request =
                ListOrganisationsRequest { page_size: WHOLE_PAGE, page_token, ..Default::default() };
            let answer = organisations.list_organisations(request).await?.into_inner();
            Ok((answer.organisations, answer.next_page_token))
        }
    });
    Ok(all.await?.into_iter().map(|one| one.district).filter(|district| !district.is_empty()).collect())
}

fn directory(
    visitor: &Visitor,
    filter: &Filter,
    reports: &[PublicReport],
    next: &str,
    counts: &[PublicReportCount],
    districts: &BTreeSet<String>,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("学校年报公示", "School reports");
    let years: BTreeSet<i32> = counts.iter().map(|one| one.cycle_year).collect();
    let mut kinds: Vec<&PublicReportCount> = vec![];
    for one in counts {
        if !kinds.iter().any(|known| known.report_kind == one.report_kind) {
            kinds.push(one);
        }
    }
    let total: i32 = counts.iter().map(|one| one.count).sum();
    let next = (!next.is_empty()).then(|| filter.address(next));
    let content = html! {
        h1 { (title) }
        p.lede { (say!(lang, "结果发布之后，每一份被接收的年报都在这里公开，共 {total} 份。", "Once results are released, every accepted report is public here; {total} in all.")) }
        form.filters method="get" action="/reports" role="search" {
            div {
                label for="q" { (t("名称或代码", "Name or code")) }
                input id="q" name="q" type="search" value=(filter.q) maxlength=(LONGEST);
            }
            div {
                label for="year" { (t("年度", "Year")) }
                select id="year" name="year" {
                    option value="" { (t("全部", "All")) }
                    @for year in years.iter().rev() { option value=(year) selected[year.to_string() == filter.year] { (year) } }
                }
            }
            div {
                label for="kind" { (t("年报种类", "Kind")) }
                select id="kind" name="kind" {
                    option value="" { (t("全部", "All")) }
                    @for one in kinds {
                        option value=(one.report_kind) selected[one.report_kind == filter.kind] { (name_or(lang, one.kind_name.as_ref(), &one.report_kind)) }
                    }
                }
            }
            div {
                label for="district" { (t("所在区", "District")) }
                select id="district" name="district" {
                    option value="" { (t("全部", "All")) }
                    @for one in districts { option value=(one) selected[*one == filter.district] { (one) } }
                }
            }
            div { button type="submit" { (t("筛选", "Filter")) } }
        }
        @if reports.is_empty() {
            div.empty {
                p { (t("没有符合的年报。", "No report fits.")) }
                p { a href="/reports" { (t("看全部", "See all")) } }
            }
        } @else { (rows(visitor, reports)) }
        (pager(lang, &filter.address(""), next.as_deref(), filter.page.is_empty()))
    };
    reading(visitor, Page::reading(title, "/reports"), &Attempt::default(), content)
}

fn rows(visitor: &Visitor, reports: &[PublicReport]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        div.scroll role="region" tabindex="0" aria-label=(t("年报", "Reports")) { table {
            thead { tr {
                th scope="col" { (t("学校或企业", "School or enterprise")) }
                th scope="col" { (t("年度", "Year")) }
                th scope="col" { (t("年报种类", "Kind")) }
                th scope="col" { (t("所在区", "District")) }
            } }
            tbody { @for report in reports {
                tr {
                    th scope="row" { a href={ "/reports/" (report.submission_id) } { (subject(visitor, report)) } }
                    td { (report.cycle_year) }
                    td { (name_or(lang, report.kind_name.as_ref(), &report.report_kind)) }
                    td { (report.district) }
                }
            } }
        } }
    }
}

fn subject(visitor: &Visitor, report: &PublicReport) -> Markup {
    let lang = visitor.lang();
    let name = name_or(lang, report.subject_name.as_ref(), &report.subject_code);
    html! { (name) @if report.demonstration && !says_demonstration(name) { " " (demo(lang)) } }
}

async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let request = GetPublicReportRequest { submission_id: id };
    let answer = visitor.clients().public_reports().get_public_report(request).await?.into_inner();
    let report = answer.report.clone().ok_or_else(Failure::not_found)?;
    Ok(share(page(&visitor, &report, &answer)))
}

fn page(visitor: &Visitor, report: &PublicReport, answer: &GetPublicReportResponse) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let (name, year) = (name_or(lang, report.subject_name.as_ref(), &report.subject_code), report.cycle_year);
    let title = say!(lang, "{name}：{year} 年度", "{name}: {year}");
    let address = format!("/reports/{}", report.submission_id);
    let content = html! {
        (trail(lang, &[("/reports", t("学校年报公示", "School reports"))]))
        h1 { (subject(visitor, report)) }
        p.lede { (name_or(lang, report.kind_name.as_ref(), &report.report_kind)) (t("，", ", ")) (year) }
        (facts(visitor, report, answer))
        nav.within aria-label=(t("本页内容", "On this page")) {
            ol {
                @for section in &answer.sections { li { a href={ "#s-" (section.section_code) } { (text(lang, section.name.as_ref())) } } }
                @if !answer.cases.is_empty() { li { a href="#cases" { (t("案例", "Cases")) } } }
                @if !answer.values.is_empty() { li { a href="#values" { (t("指标数据", "Figures")) } } }
            }
        }
        @for section in &answer.sections {
            section id={ "s-" (section.section_code) } {
                h2 { (text(lang, section.name.as_ref())) }
                (prose::set(&section.body, 3))
            }
        }
        @if !answer.cases.is_empty() {
            h2 id="cases" { (t("案例", "Cases")) }
            @for case in &answer.cases {
                section id={ "c-" (case.case_id) } { h3 { (case.title) } (prose::set(&case.body, 4)) }
            }
        }
        @if !answer.values.is_empty() {
            h2 id="values" { (t("指标数据", "Figures")) }
            (values(visitor, &answer.values))
        }
    };
    reading(visitor, Page::reading(&title, &address), &Attempt::default(), content)
}

fn facts(visitor: &Visitor, report: &PublicReport, answer: &GetPublicReportResponse) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    // Only a whole address of the web leads anywhere; nothing else that a school typed becomes a link.
    let own = Some(answer.public_address.as_str())
        .filter(|address| address.starts_with("https://") || address.starts_with("http://"));
    html! {
        dl.facts {
            @if report.subject_code != report.organisation_code {
                dt { (t("报送学校", "Submitted by")) } dd { (name_or(lang, report.organisation_name.as_ref(), &report.organisation_code)) }
            }
            dt { (t("标识码", "Code")) } dd { (report.subject_code) }
            @if !report.district.is_empty() { dt { (t("所在区", "District")) } dd { (report.district) } }
            dt { (t("版本", "Revision")) } dd { (report.revision_number) }
            @if let Some(own) = own { dt { (t("学校网站", "On its own site")) } dd { a href=(own) rel="nofollow noopener" { (own) } } }
            dt { (t("内容指纹", "Fingerprint")) } dd { code { (answer.content_hash) } }
        }
    }
}

fn values(visitor: &Visitor, values: &[PublicValue]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let mut groups: Vec<(&str, Vec<&PublicValue>)> = vec![];
    for value in values {
        let name = text(lang, value.group_name.as_ref());
        match groups.last_mut() {
            Some((last, values)) if *last == name => values.push(value),
            _ => groups.push((name, vec![value])),
        }
    }
    html! { @for (name, values) in groups {
        h3 { (name) }
        div.scroll role="region" tabindex="0" aria-label=(name) { table {
            thead { tr {
                th scope="col" { (t("指标", "Indicator")) }
                th scope="col" { (t("单位", "Unit")) }
                th.number scope="col" { (t("值", "Value")) }
            } }
            tbody { @for value in values {
                tr {
                    th scope="row" { (text(lang, value.name.as_ref())) }
                    td { (text(lang, value.unit.as_ref())) }
                    td.number { (shown(visitor, value)) }
                }
            } }
        } }
    } }
}

fn shown(visitor: &Visitor, value: &PublicValue) -> Markup {
    let lang = visitor.lang();
    match &value.value {
        Some(Value { kind: Some(Kind::Number(number)) }) => html! { (number) },
        Some(Value { kind: Some(Kind::Text(code)) }) => {
            html! { (name_or(lang, value.option.as_ref(), code)) }
        }
        Some(Value { kind: Some(Kind::NotApplicable(reason)) }) => html! {
            (lang.pick("不适用", "not applicable")) @if !reason.is_empty() { (lang.pick("：", ": ")) (reason) }
        },
        _ => html! { "—" },
    }
}
