//! The desk: how reporting goes, and the reports to look at.

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    Catalogue, CountSubmissionsRequest, Cycle, ListSubmissionsRequest, Submission, SubmissionCount, cycle,
    submission,
};

use super::lookup::{self, Organisations, WHOLE_PAGE, all_pages, kind_name};
use crate::{
    say,
    web::{
        chart::progress,
        components::{empty, pager},
        error::{Answer, Failure},
        export,
        form::Attempt,
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new().route("/desk", get(show)).route("/desk.csv", get(export))
}

#[derive(Deserialize, Default)]
struct Filter {
    #[serde(default)]
    year: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: String,
}

impl Filter {
    fn request(&self, cycle_year: i32, page_size: i32, page_token: String) -> ListSubmissionsRequest {
        ListSubmissionsRequest {
            page_size,
            page_token,
            cycle_year,
            states: wanted(&self.state).into_iter().map(Into::into).collect(),
            report_kind: self.kind.clone(),
            organisation_code: String::new(),
        }
    }
}

struct Desk<'a> {
    filter: &'a Filter,
    cycles: &'a [Cycle],
    cycle: &'a Cycle,
    catalogue: &'a Catalogue,
    counts: &'a [SubmissionCount],
    listed: &'a [Submission],
    next: &'a str,
}

async fn show(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let cycles = lookup::cycles(&visitor).await?;
    let chosen = filter.year.parse().ok().or(visitor.cycle().map(|cycle| cycle.year));
    let Some(cycle) = cycles.iter().find(|cycle| Some(cycle.year) == chosen).or(cycles.first()) else {
        return Ok(no_year(&visitor));
    };
    let catalogue = lookup::catalogue(&visitor, cycle).await?;
    let mut submissions = visitor.clients().submissions();
    let counts = submissions
        .count_submissions(CountSubmissionsRequest { cycle_year: cycle.year })
        .await?
        .into_inner()
        .counts;
    let request = filter.request(cycle.year, 50, filter.page.clone());
    let answer = submissions.list_submissions(request).await?.into_inner();
    let codes =
        answer.submissions.iter().flat_map(|one| [one.organisation_code.as_str(), one.subject_code.as_str()]);
    let organisations = Organisations::of(&visitor, codes).await?;
    let desk = Desk {
        filter: &filter,
        cycles: &cycles,
        cycle,
        catalogue: &catalogue,
        counts: &counts,
        listed: &answer.submissions,
        next: &answer.next_page_token,
    };
    Ok(render(&visitor, &desk, &organisations))
}

/// The filter for what waits for the desk, whether or not somebody has begun.
const TO_REVIEW: &str = "to-review";

fn wanted(key: &str) -> Vec<submission::State> {
    if key == TO_REVIEW {
        return vec![submission::State::Submitted, submission::State::UnderReview];
    }
    states::submission_from_key(key).into_iter().collect()
}

fn no_year(visitor: &Visitor) -> Response {
    let t = words(visitor.lang());
    let title = t("受理台", "Desk");
    workplace(
        visitor,
        Page::work(title, "/desk", Place::Desk),
        &Attempt::default(),
        html! {
            div.head { div { h1 { (title) } } }
            (empty(t("还没有质量年度", "There is no quality year yet"),
                html! { a href="/cycles/new" { (t("新建一个年度", "Define one")) } }))
        },
    )
}

fn address(desk: &Desk<'_>, kind: &str, state: &str, page: &str) -> String {
    let year = desk.cycle.year.to_string();
    link::address("/desk", &[("year", &year), ("kind", kind), ("state", state), ("page", page)])
}

fn render(visitor: &Visitor, desk: &Desk<'_>, organisations: &Organisations) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("受理台", "Desk");
    let (kind, state) = (desk.filter.kind.as_str(), desk.filter.state.as_str());
    let here = address(desk, kind, state, &desk.filter.page);
    let next = (!desk.next.is_empty()).then(|| address(desk, kind, state, desk.next));
    let content = html! {
        div.head {
            div {
                h1 { (title) }
                p.lead {
                    (name_or(lang, desk.cycle.name.as_ref(), &desk.cycle.year.to_string())) (t("，", ", "))
                    (states::cycle(lang, desk.cycle.state()))
                    @if let Some(due) = format::moment(desk.cycle.due_time.as_ref()).filter(|_| desk.cycle.state() == cycle::State::Collecting) { (t("，截止 ", ", due ")) (format::deadline(lang, due, visitor.now())) }
                }
            }
        }
        (matrix(visitor, desk))
        div.table-head {
                h2 { (t("年报", "Reports")) }
                @let year = desk.cycle.year.to_string();
                a.get href=(link::address("/desk.csv", &[("year", &year), ("kind", kind), ("state", state)])) download { (t("导出 CSV", "Export CSV")) }
            }
        (filters(visitor, desk))
        @if desk.listed.is_empty() {
            (empty(t("没有符合条件的年报", "No report matches"),
                html! { a href=(address(desk, "", "", "")) { (t("看这一年的全部年报", "See all of this year")) } }))
        } @else {
            (list(visitor, desk, organisations))
        }
        (pager(lang, &address(desk, kind, state, ""), next.as_deref(), desk.filter.page.is_empty()))
    };
    workplace(visitor, Page::work(title, &here, Place::Desk), &Attempt::default(), content)
}

/// Counts by kind and state; each leads to its reports.
fn matrix(visitor: &Visitor, desk: &Desk<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let count = |kind: &str, state: submission::State| -> i32 {
        let of = desk.counts.iter().filter(|one| one.report_kind == kind && one.state() == state);
        of.map(|one| one.count).sum()
    };
    let kinds: Vec<&str> = desk.catalogue.report_kinds.iter().map(|kind| kind.code.as_str()).collect();
    let all = |kind: &str| states::SUBMISSION_STATES.iter().map(|state| count(kind, *state)).sum::<i32>();
    let accepted =
        |kind: &str| count(kind, submission::State::Accepted) + count(kind, submission::State::Published);
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("种类", "Kind")) }
                @for state in states::SUBMISSION_STATES { th.number scope="col" { (states::submission(lang, state).word) } }
                th.number scope="col" { (t("合计", "Total")) }
                th scope="col" { (t("已接收", "Accepted")) }
            } }
            tbody {
                @for kind in &kinds {
                    tr {
                        th scope="row" { a href=(address(desk, kind, "", "")) { (kind_name(lang, desk.catalogue, kind)) } }
                        @for state in states::SUBMISSION_STATES {
                            @let count = count(kind, state);
                            td.number {
                                @if count > 0 { a href=(address(desk, kind, states::submission_key(state), "")) { (count) } }
                                @else { span.grey { "0" } }
                            }
                        }
                        td.number { (all(kind)) }
                        td { (progress(lang, accepted(kind), all(kind))) }
                    }
                }
            }
            tfoot { tr {
                th scope="row" { (t("合计", "Total")) }
                @for state in states::SUBMISSION_STATES {
                    td.number { (kinds.iter().map(|kind| count(kind, state)).sum::<i32>()) }
                }
                td.number { (kinds.iter().map(|kind| all(kind)).sum::<i32>()) }
                td { (progress(lang, kinds.iter().map(|kind| accepted(kind)).sum(), kinds.iter().map(|kind| all(kind)).sum())) }
            } }
        } }
    }
}

fn filters(visitor: &Visitor, desk: &Desk<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        form.filters method="get" action="/desk" data-at-once {
            div {
                label for="year" { (t("年度", "Year")) }
                select id="year" name="year" {
                    @for cycle in desk.cycles {
                        option value=(cycle.year) selected[cycle.year == desk.cycle.year] {
                            (name_or(lang, cycle.name.as_ref(), &cycle.year.to_string()))
                        }
                    }
                }
            }
            div {
                label for="kind" { (t("种类", "Kind")) }
                select id="kind" name="kind" {
                    option value="" { (t("全部", "All")) }
                    @for kind in &desk.catalogue.report_kinds {
                        option value=(kind.code) selected[kind.code == desk.filter.kind] { (name_or(lang, kind.name.as_ref(), &kind.code)) }
                    }
                }
            }
            div {
                label for="state" { (t("状态", "State")) }
                select id="state" name="state" {
                    option value="" { (t("全部", "All")) }
                    option value=(TO_REVIEW) selected[desk.filter.state == TO_REVIEW] { (t("待审核（已提交、审核中）", "To be looked at")) }
                    @for state in states::SUBMISSION_STATES {
                        @let key = states::submission_key(state);
                        option value=(key) selected[key == desk.filter.state] { (states::submission(lang, state).word) }
                    }
                }
            }
            button type="submit" data-go { (t("筛选", "Filter")) }
        }
    }
}

fn list(visitor: &Visitor, desk: &Desk<'_>, organisations: &Organisations) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("报告对象", "About")) }
                th scope="col" { (t("种类", "Kind")) }
                th scope="col" { (t("填报单位", "Submitted by")) }
                th scope="col" { (t("状态", "State")) }
                th scope="col" { (t("指标填写", "Indicators")) }
                th scope="col" { (t("最近更新", "Last change")) }
            } }
            tbody {
                @for one in desk.listed {
                    tr {
                        th scope="row" { a href={ "/submissions/" (one.submission_id) } { (organisations.name(lang, &one.subject_code)) } }
                        td { (kind_name(lang, desk.catalogue, &one.report_kind)) }
                        td {
                            @if one.organisation_code == one.subject_code { span.grey { (t("本单位", "itself")) } }
                            @else { (organisations.name(lang, &one.organisation_code)) }
                        }
                        td { (states::submission(lang, one.state())) }
                        td { (progress(lang, one.filled_cells, one.required_cells)) }
                        td { @if let Some(time) = format::moment(one.update_time.as_ref()) {
                            time datetime=(time.to_rfc3339()) title=(format::stamp(time)) { (format::since(lang, time, visitor.now())) }
                        } }
                    }
                }
            }
        } }
        p.hint { @let count = desk.listed.len(); (say!(lang, "本页 {count} 份", "{count} on this page")) }
    }
}

/// The filtered reports as a file, all pages of them.
async fn export(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let lang = visitor.lang();
    let t = words(lang);
    let year = filter.year.parse().map_err(|_| Failure::not_found())?;
    let cycle = lookup::cycle(&visitor, year).await?;
    let catalogue = lookup::catalogue(&visitor, &cycle).await?;
    let listed = all_pages(|page_token| {
        let mut submissions = visitor.clients().submissions();
        let request = filter.request(year, WHOLE_PAGE, page_token);
        async move {
            let answer = submissions.list_submissions(request).await?.into_inner();
            Ok((answer.submissions, answer.next_page_token))
        }
    });
    let listed = listed.await?;
    let codes = listed.iter().flat_map(|one| [one.organisation_code.as_str(), one.subject_code.as_str()]);
    let organisations = Organisations::of(&visitor, codes).await?;
    let headings = [
        t("报告对象代码", "About (code)"),
        t("报告对象", "About"),
        t("种类", "Kind"),
        t("填报单位", "Submitted by"),
        t("状态", "State"),
        t("已填指标", "Indicators filled in"),
        t("应填指标", "Indicators asked for"),
        t("最近更新", "Last change"),
    ];
    let rows = listed.iter().map(|one| {
        vec![
            one.subject_code.clone(),
            organisations.plain(lang, &one.subject_code).to_owned(),
            kind_name(lang, &catalogue, &one.report_kind).to_owned(),
            organisations.plain(lang, &one.organisation_code).to_owned(),
            states::submission(lang, one.state()).word.to_owned(),
            one.filled_cells.to_string(),
            one.required_cells.to_string(),
            format::moment(one.update_time.as_ref()).map(format::stamp).unwrap_or_default(),
        ]
    });
    Ok(export::csv(&format!("reports-{year}"), &headings, rows))
}
