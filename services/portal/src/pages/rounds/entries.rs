//! A round's programmes: who has handed in before it is finalised, grades after.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use zhijian_proto::review::v1::{Entry, ListEntriesRequest, ListEntriesResponse, Result as Grade, Round};

use super::show::Filter;
use crate::{
    pages::{
        lookup::{WHOLE_PAGE, all_pages},
        results,
    },
    web::{
        chart::{Bar, progress},
        components::{empty, grade, pager},
        error::Answer,
        format,
        i18n::{name_or, words},
        link,
        session::Visitor,
    },
};

/// The programmes, filtered by grade where there are grades.
pub fn list(
    visitor: &Visitor,
    round: &Round,
    entries: &ListEntriesResponse,
    filter: &Filter,
    bars: &[Bar],
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let address = |page: &str| {
        link::address(&format!("/rounds/{}", round.round_id), &[("grade", &filter.grade), ("page", page)])
    };
    let next = (!entries.next_page_token.is_empty()).then(|| address(&entries.next_page_token));
    html! {
        div.table-head {
            h2 id="entries" { (t("专业", "Programmes")) }
            a.get href=(link::address(&format!("/rounds/{}/entries.csv", round.round_id), &[("grade", &filter.grade)])) download {
                (t("导出 CSV", "Export CSV"))
            }
        }
        @if !bars.is_empty() { (grades(visitor, round, filter, bars)) }
        @if entries.entries.is_empty() {
            (empty(t("没有符合条件的专业", "No programme matches"),
                html! { a href={ "/rounds/" (round.round_id) } { (t("看全部专业", "See all of them")) } }))
        } @else {
            div.scroll { (table(visitor, &entries.entries, !bars.is_empty())) }
        }
        (pager(lang, &address(""), next.as_deref(), filter.page.is_empty()))
    }
}

fn grades(visitor: &Visitor, round: &Round, filter: &Filter, bars: &[Bar]) -> Markup {
    let t = words(visitor.lang());
    html! {
        form.filters method="get" action={ "/rounds/" (round.round_id) "#entries" } data-at-once {
            div {
                label for="grade" { (t("等级", "Grade")) }
                select id="grade" name="grade" {
                    option value="" { (t("全部", "All")) }
                    @for bar in bars {
                        option value=(bar.grade) selected[bar.grade == filter.grade] { (bar.grade) " (" (bar.count) ")" }
                    }
                }
            }
            button type="submit" data-go { (t("筛选", "Filter")) }
        }
    }
}

fn table(visitor: &Visitor, entries: &[Entry], graded: bool) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let total =
        |entry: &Entry| entry.result.as_ref().map(|result| format::cut(&result.total, 2)).unwrap_or_default();
    let left = |result: &Grade| {
        if result.to_next.is_empty() { "—".to_owned() } else { format::distance(&result.to_next, 2) }
    };
    let widest = entries.iter().map(|entry| format::tail(&total(entry))).max().unwrap_or(0);
    let results = entries.iter().filter_map(|entry| entry.result.as_ref());
    let widest_left = results.map(|result| format::tail(&left(result))).max().unwrap_or(0);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("专业代码", "Code")) }
                th scope="col" { (t("学校", "School")) }
                @if graded {
                    th scope="col" { (t("等级", "Grade")) }
                    th.number scope="col" { (t("总分（分）", "Total (points)")) }
                    th.number scope="col" { (t("距上一档（分）", "To the next band (points)")) }
                } @else {
                    th scope="col" { (t("已交评分", "Scores in")) }
                }
            } }
            tbody {
                @for entry in entries {
                    tr {
                        th scope="row" {
                            a href={ "/rounds/" (link::segment(&entry.round_id)) "/entries/" (link::segment(&entry.entry_id)) } {
                                (name_or(lang, entry.programme_name.as_ref(), &entry.programme_code))
                            }
                            @if entry.compulsory { " " span.grey.small title=(t("上年整改专业，本年必测", "Had to be mended last year, so monitored again")) { (t("必测", "compulsory")) } }
                        }
                        td { span.code { (entry.programme_code) } }
                        td { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) }
                        @if let Some(result) = entry.result.as_ref().filter(|_| graded) {
                            td {
                                (grade(&result.grade))
                                @if result.decided_by_one {
                                    " " span.grey.small title=(t("去掉任意一位专家，等级可能不同", "Without some one reviewer the grade would differ")) { (t("一人之差", "one vote")) }
                                }
                            }
                            td.number { (format::figure(&total(entry), widest)) }
                            td.number { (format::figure(&left(result), widest_left)) }
                        } @else if graded {
                            td colspan="3" { "—" }
                        } @else {
                            td { (progress(lang, entry.submitted_count, entry.panel_size)) }
                        }
                    }
                }
            }
        }
    }
}

/// The filtered programmes as a file, all pages of them.
pub async fn export(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let entries = all_pages(|page_token| {
        let mut rounds = visitor.clients().rounds();
        let request = ListEntriesRequest {
            page_size: WHOLE_PAGE,
            page_token,
            round_id: id.clone(),
            organisation_code: String::new(),
            grades: (!filter.grade.is_empty()).then(|| filter.grade.clone()).into_iter().collect(),
        };
        async move {
            let answer = rounds.list_entries(request).await?.into_inner();
            Ok((answer.entries, answer.next_page_token))
        }
    });
    let entries = entries.await?;
    let schemes = results::schemes(&visitor).await?;
    Ok(results::entries_csv(&visitor, "programmes", &entries, &schemes))
}
