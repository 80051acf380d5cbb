//! Where a published number comes from: the formula, the institutions, the submissions.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{GetTraceRequest, Trace, TraceContribution, TraceGrade, TraceTerm};

use crate::{
    pages::{
        releases::{release, release_title},
        table::Edition,
        versions,
    },
    say,
    web::{
        components::{grade, pager, trail},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, reading},
        link,
        session::Visitor,
        year::Year,
    },
};

/// How many contributions a page lists.
const LISTED: i32 = 100;

pub fn routes() -> Router {
    Router::new().route("/releases/{year}/trace/{id}", get(show))
}

#[derive(Deserialize, Default)]
struct Paging {
    #[serde(default)]
    page: String,
    #[serde(default)]
    version: i32,
    /// Asks for the derivation of what was compiled last.
    draft: Option<String>,
}

async fn show(
    visitor: Visitor,
    Path((Year(year), id)): Path<(Year, String)>,
    Query(paging): Query<Paging>,
) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let release = release(&visitor, year).await?;
    let edition = Edition { version: paging.version.max(0), draft: paging.draft.is_some() };
    let Edition { version, draft } = edition;
    let request = GetTraceRequest {
        page_size: LISTED,
        page_token: paging.page.clone(),
        year,
        trace_id: id.clone(),
        version,
        draft,
    };
    let answer = visitor.clients().traces().get_trace(request).await?.into_inner();
    let trace = answer.trace.ok_or_else(Failure::not_found)?;
    let path = edition.trace_address(year, &id);
    let next = (!answer.next_page_token.is_empty())
        .then(|| link::address(&path, &[("page", &answer.next_page_token)]));
    let up = versions::address(year, version);
    let title = t("这个数从哪里来", "Where this number comes from");
    Ok(reading(
        &visitor,
        Page::reading(title, &path),
        &Attempt::default(),
        html! {
            (trail(lang, &[("/releases", t("已发布的结果", "Releases")), (&up, &release_title(lang, &release))]))
            h1 { (text(lang, trace.name.as_ref())) }
            p.lede { (value(lang, &trace)) }
            @if draft {
                div.banner.need { p { (t("准备中的更正，只有工作人员能看到。", "A correction in preparation: only staff can see it.")) } }
            } @else if version != 0 && version != release.version {
                div.banner.need { p {
                    (say!(lang, "这个数出自第 {version} 版，不是现行版本。", "This number is of version {version}, not of the one that stands. "))
                    a href=(Edition::default().trace_address(year, &id)) { (t("看现行版本的来历", "See where it comes from in the version that stands")) }
                } }
            }
            (how(lang, year, edition, &trace))
            @if let Some(grades) = &trace.grade { (of_grades(lang, grades)) }
            @if !trace.contributions.is_empty() {
                (contributions(lang, &trace, visitor.account().is_some()))
            }
            (pager(lang, &path, next.as_deref(), paging.page.is_empty()))
            div.beneath.source {
                p { (t("编号：", "Name: ")) code { (trace.trace_id) } }
            }
        },
    ))
}

fn value(lang: Lang, trace: &Trace) -> Markup {
    html! {
        @if trace.value.is_empty() {
            (lang.pick("不单列", "withheld"))
        } @else {
            strong { @if trace.rounded { "≈" } (format::cut(&trace.value, 6)) } " " (text(lang, trace.unit.as_ref()))
        }
    }
}

/// The formula, what its indicators add up to, and where the number is printed.
fn how(lang: Lang, year: i32, edition: Edition, trace: &Trace) -> Markup {
    let t = words(lang);
    html! {
        h2 { (t("怎样算出", "How it was computed")) }
        p { (text(lang, trace.formula.as_ref())) (t("。", ".")) }
        @if trace.terms.iter().any(|term| !term.sum.is_empty()) {
            ul {
                @for term in trace.terms.iter().filter(|term| !term.sum.is_empty()) {
                    li {
                        (text(lang, term.name.as_ref())) " " code { (term.indicator_code) }
                        (t("：合计 ", ": ")) strong { (term.sum) } " " (text(lang, term.unit.as_ref()))
                    }
                }
            }
        }
        @if !trace.tables.is_empty() {
            p {
                (t("见于", "Printed in "))
                @for (index, number) in trace.tables.iter().enumerate() {
                    @if index > 0 { (t("、", ", ")) }
                    a href=(edition.address(year, number)) { (t("表 ", "table ")) (number) }
                }
                (t("。", "."))
            }
        }
    }
}

fn of_grades(lang: Lang, grades: &TraceGrade) -> Markup {
    let t = words(lang);
    let (entries, sheets) = (grades.entries, grades.sheets);
    html! {
        h2 { (text(lang, grades.round_name.as_ref())) }
        p { (say!(lang, "本轮定级 {entries} 个专业，依据 {sheets} 份评分表。评分人不公开；去名的评分随发布固定保存，可据以复算。", "{entries} programmes were graded from {sheets} score sheets. Who scored is not public; the scores without names are kept with the release, so that the grades can be computed again.")) }
        table {
            thead { tr {
                th scope="col" { (t("等级", "Grade")) }
                th.number scope="col" { (t("分数线（含）", "Cut-off, inclusive")) }
                th.number scope="col" { (t("专业数", "Programmes")) }
                th scope="col" { (t("计入此数", "Counted")) }
            } }
            tbody {
                @for band in &grades.bands {
                    tr {
                        th scope="row" { (grade(&band.grade)) }
                        td.number { (band.cut_off) }
                        td.number { (band.count) }
                        td { @if band.counted { (t("计入", "yes")) } @else { "—" } }
                    }
                }
            }
        }
    }
}

fn contributions(lang: Lang, trace: &Trace, staff: bool) -> Markup {
    let t = words(lang);
    let (count, withheld, rounded) = (trace.contribution_count, trace.withheld_count, trace.rounded_count);
    html! {
        h2 { (t("出自哪些年报", "From which reports")) }
        p { (say!(lang, "共 {count} 份已接收的年报。", "{count} accepted reports.")) }
        @if let Some(rule) = trace.rule.as_ref() {
            p.hint {
                @if rounded > 0 {
                    (say!(lang, "其中 {rounded} 份以“≈”标出，为取整的数：", "{rounded} of them are marked “≈”, for they are rounded: "))
                } @else {
                    (say!(lang, "其中 {withheld} 份以星号标出，不单列：", "{withheld} of them are marked with an asterisk: "))
                }
                (text(lang, Some(rule)))
                @if trace.full { (t("您可以看到全部数值，公众看不到。", " You see every number; the public does not.")) }
            }
        }
        div.set.scroll role="region" tabindex="0" aria-label=(t("出自哪些年报", "From which reports")) {
            table {
                thead { tr {
                    th scope="col" { (t("学校", "Institution")) }
                    @for term in &trace.terms { (heading(lang, term)) }
                    th.number scope="col" { (t("版本", "Revision")) }
                    th scope="col" { (t("主管部门接收", "Accepted by the commission")) }
                } }
                tbody { @for report in &trace.contributions { (line(lang, report, staff)) } }
            }
        }
    }
}

fn heading(lang: Lang, term: &TraceTerm) -> Markup {
    let unit = text(lang, term.unit.as_ref());
    html! {
        th.number scope="col" {
            (text(lang, term.name.as_ref()))
            @if !unit.is_empty() { " " span.unit { (lang.pick("（", "(")) (unit) (lang.pick("）", ")")) } }
        }
    }
}

fn line(lang: Lang, report: &TraceContribution, staff: bool) -> Markup {
    html! {
        tr {
            th scope="row" {
                @let name = name_or(lang, report.organisation_name.as_ref(), &report.organisation_code);
                // Whoever may not see the report is told so there.
                @if staff { a href={ "/submissions/" (link::segment(&report.submission_id)) } { (name) } } @else { (name) }
            }
            @for cell in &report.cells {
                td.number { @if cell.is_empty() { "—" } @else { (cell) } }
            }
            td.number { (report.revision_number) }
            td {
                @if let Some(time) = format::moment(report.accept_time.as_ref()) {
                    (format::dated(lang, &format::day(time).to_string()))
                } @else { "—" }
            }
        }
    }
}
