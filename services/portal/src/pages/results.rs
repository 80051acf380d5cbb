//! The grades of a school's own programmes, and what made them.

use axum::{Router, response::Response, routing::get};
use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{Entry, ListEntriesRequest, ListSchemesRequest, Result as Grade, Scheme, Subject},
};

use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    say,
    web::{
        chart::{Band, band_strip},
        components::{empty, grade},
        error::{Answer, Failure},
        export,
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/results", get(show)).route("/results.csv", get(export_own))
}

async fn show(visitor: Visitor) -> Answer {
    let (entries, schemes) = own(&visitor).await?;
    Ok(page(&visitor, &entries, &schemes))
}

/// The graded programmes of the reader's schools, and the procedures in force.
async fn own(visitor: &Visitor) -> Result<(Vec<Entry>, Vec<Scheme>), Failure> {
    visitor.signed_in()?;
    let mut entries = vec![];
    for organisation_code in visitor.organisations(Role::School) {
        let found = all_pages(|page_token| {
            let mut rounds = visitor.clients().rounds();
            let request = ListEntriesRequest {
                page_size: WHOLE_PAGE,
                page_token,
                organisation_code: organisation_code.clone(),
                ..ListEntriesRequest::default()
            };
            async move {
                let answer = rounds.list_entries(request).await?.into_inner();
                Ok((answer.entries, answer.next_page_token))
            }
        });
        entries.extend(found.await?.into_iter().filter(|entry| entry.result.is_some()));
    }
    Ok((entries, schemes(visitor).await?))
}

async fn export_own(visitor: Visitor) -> Answer {
    let (entries, schemes) = own(&visitor).await?;
    Ok(entries_csv(&visitor, "results", &entries, &schemes))
}

/// Graded programmes as a file, with the score of every element.
pub fn entries_csv(visitor: &Visitor, name: &str, entries: &[Entry], schemes: &[Scheme]) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let elements = schemes.first().map(|scheme| scheme.elements.as_slice()).unwrap_or_default();
    let mut headings = vec![
        t("专业代码", "Programme code"),
        t("专业", "Programme"),
        t("学校代码", "School code"),
        t("学校", "School"),
        t("等级", "Grade"),
        t("总分", "Total"),
        t("距上一档", "To the next band"),
    ];
    headings.extend(elements.iter().map(|element| text(lang, element.name.as_ref())));
    let rows = entries.iter().map(|entry| {
        let result = entry.result.clone().unwrap_or_default();
        let mut row = vec![
            entry.programme_code.clone(),
            text(lang, entry.programme_name.as_ref()).to_owned(),
            entry.organisation_code.clone(),
            text(lang, entry.organisation_name.as_ref()).to_owned(),
            result.grade,
            result.total,
            result.to_next,
        ];
        let score = |code: &str| result.elements.iter().find(|element| element.element_code == code);
        row.extend(
            elements
                .iter()
                .map(|element| score(&element.code).map_or(String::new(), |found| found.score.clone())),
        );
        row
    });
    export::csv(name, &headings, rows)
}

/// The procedures in force.
pub async fn schemes(visitor: &Visitor) -> Result<Vec<Scheme>, Failure> {
    let mut schemes = every_scheme(visitor).await?;
    schemes.retain(|scheme| matches!(scheme.subject(), Subject::Programme | Subject::Unspecified));
    Ok(schemes)
}

/// Every scheme, whatever it reviews.
pub async fn every_scheme(visitor: &Visitor) -> Result<Vec<Scheme>, Failure> {
    Ok(visitor.clients().schemes().list_schemes(ListSchemesRequest {}).await?.into_inner().schemes)
}

fn page(visitor: &Visitor, entries: &[Entry], schemes: &[Scheme]) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("监测结果", "Results");
    let count = entries.len();
    let content = html! {
        div.head { div {
            h1 { (title) }
            @if count > 0 { p.lead { (say!(lang, "{count} 个专业的等级、总分，以及离上一档还差多少。", "Grades and totals of {count} programmes, and how far each is from the next band.")) } }
        } }
        @if entries.is_empty() {
            (empty(t("还没有您学校的监测结果", "There are no results of yours yet"),
                html! { (t("结果随年度发布时向学校开放；发布之前谁也看不到。", "They are shown when the year's results are published; nobody sees them before.")) }))
        } @else {
            p.corner {
                a href="/appeals" { (t("我的申诉", "My appeals")) } " "
                a href="/results.csv" download { (t("导出 CSV", "Export CSV")) }
            }
            div.scroll { (table(visitor, entries, schemes)) }
        }
    };
    workplace(visitor, Page::work(title, "/results", Place::Results), &Attempt::default(), content)
}

fn table(visitor: &Visitor, entries: &[Entry], schemes: &[Scheme]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let total =
        |entry: &Entry| entry.result.as_ref().map(|result| format::cut(&result.total, 2)).unwrap_or_default();
    let left = |result: &Grade| format::distance(&result.to_next, 2);
    let widest = entries.iter().map(|entry| format::tail(&total(entry))).max().unwrap_or(0);
    let results = entries.iter().filter_map(|entry| entry.result.as_ref());
    let widest_left = results.map(|result| format::tail(&left(result))).max().unwrap_or(0);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("等级", "Grade")) }
                th.number scope="col" { (t("总分（分）", "Total (points)")) }
                th scope="col" { (t("在等级分段中的位置", "Place among the bands")) }
                th.number scope="col" { (t("距上一档（分）", "To the next band (points)")) }
            } }
            tbody {
                @for entry in entries {
                    @if let Some(result) = &entry.result {
                        tr {
                            th scope="row" {
                                a href={ "/results/" (entry.entry_id) } { (name_or(lang, entry.programme_name.as_ref(), &entry.programme_code)) } " "
                                span.grey.code.small { (entry.programme_code) }
                                (why(visitor, result, schemes))
                            }
                            td { (grade(&result.grade)) }
                            td.number { (format::figure(&total(entry), widest)) }
                            td { (place(lang, result, schemes)) }
                            td.number {
                                @if result.to_next.is_empty() { span.grey { (t("已是最高档", "highest band")) } }
                                @else { (format::figure(&left(result), widest_left)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The ten elements behind a total, weakest marked.
fn why(visitor: &Visitor, result: &Grade, schemes: &[Scheme]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        details.small {
            summary { (t("十个要素得分", "Scores of the elements")) }
            @if result.decided_by_one {
                p.grey { (t("这个等级取决于其中一位专家的评分：去掉任意一人，等级可能不同。", "This grade hangs on one reviewer: without that one it would differ.")) }
            }
            @if !result.plain_grade.is_empty() {
                @let (plain, total) = (&result.plain_grade, format::cut(&result.plain_total, 2));
                p.grey { (say!(lang, "扣除专家宽严差异之前为 {plain}（{total} 分）。", "Before reviewers' severities were taken off: {plain} ({total} points).")) }
            }
            (elements(lang, result.elements.iter().map(|element| (element.element_code.as_str(), element.score.as_str())), schemes))
        }
    }
}

/// Scores by element, as a table.
pub fn elements<'a>(
    lang: Lang,
    scores: impl Iterator<Item = (&'a str, &'a str)>,
    schemes: &[Scheme],
) -> Markup {
    let t = words(lang);
    let known =
        |code: &str| schemes.iter().flat_map(|scheme| &scheme.elements).find(|element| element.code == code);
    let scores: Vec<(&str, String)> = scores.map(|(code, score)| (code, format::cut(score, 2))).collect();
    let widest = scores.iter().map(|(_, score)| format::tail(score)).max().unwrap_or(0);
    html! {
        table.data.narrow {
            thead { tr {
                th scope="col" { (t("要素", "Element")) }
                th.number scope="col" { (t("得分", "Score")) }
                th.number scope="col" { (t("权重", "Weight")) }
            } }
            tbody {
                @for (code, score) in scores.iter().map(|(code, score)| (*code, score)) {
                    tr {
                        th scope="row" { (known(code).map_or(code, |element| text(lang, element.name.as_ref()))) }
                        td.number { (format::figure(score, widest)) }
                        td.number.grey { (known(code).map_or("", |element| element.weight.as_str())) }
                    }
                }
            }
        }
    }
}

/// A total on its bands, where all procedures agree on them.
pub fn place(lang: Lang, result: &Grade, schemes: &[Scheme]) -> Markup {
    let Some(first) =
        schemes.first().filter(|first| schemes.iter().all(|scheme| scheme.bands == first.bands))
    else {
        return html! {};
    };
    let bands: Vec<Band<'_>> =
        first.bands.iter().map(|band| Band { grade: &band.grade, cut_off: &band.cut_off }).collect();
    band_strip(lang, &bands, &result.total)
}
