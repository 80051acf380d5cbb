//! What is different between two revisions of a report: values in a table, texts with the words that came and went.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::{Value, value::Kind},
    submission::v1::{
        Change, CompareRevisionsRequest, CompareRevisionsResponse, ListRevisionsRequest, Passage, Revision,
        change, passage,
    },
};

use super::report::{Report, Standing};
use crate::{
    say,
    web::{
        components::{empty, trail},
        error::Answer,
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}/revisions/compare", get(show))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Asked {
    from: String,
    to: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(asked): Query<Asked>) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    let request = ListRevisionsRequest { submission_id: id.clone() };
    let revisions = visitor.clients().submissions().list_revisions(request).await?.into_inner().revisions;
    let last = revisions.last().map_or(0, |revision| revision.number);
    // What was sent back is compared with what stands there now; else the last two revisions.
    let (from, to) = if report.editable(&visitor) { (last, 0) } else { ((last - 1).max(1).min(last), last) };
    let from = asked.from.parse().unwrap_or(from);
    let to = asked.to.parse().unwrap_or(to);
    let compared = if last == 0 {
        None
    } else {
        let request = CompareRevisionsRequest { submission_id: id, from_revision: from, to_revision: to };
        Some(visitor.clients().desk().compare_revisions(request).await?.into_inner())
    };
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("比较两个版次", "Compare two revisions");
    let address = format!("{}/revisions/compare?from={from}&to={to}", report.address());
    let content = html! {
        (trail(lang, &[(&report.address(), &report.title(lang))]))
        div.head { div {
            h1 { (title) }
            p.lead { (named(lang, from)) " → " (named(lang, to)) }
        } }
        @match &compared {
            None => (empty(t("还没有提交过的版次", "Nothing was submitted yet"),
                html! { a href=(report.address()) { (t("回到这份年报", "Back to the report")) } })),
            Some(compared) => {
                (choice(&visitor, &report, &revisions, from, to))
                (outcome(&visitor, compared, from, to))
            },
        }
    };
    let place = if report.standing(&visitor) == Standing::Desk { Place::Desk } else { Place::Submissions };
    Ok(workplace(&visitor, Page::work(title, &address, place), &Attempt::default(), content))
}

fn named(lang: Lang, number: i32) -> String {
    if number == 0 {
        lang.pick("填报中的内容", "the working copy").to_owned()
    } else {
        say!(lang, "第 {number} 版", "revision {number}")
    }
}

fn choice(visitor: &Visitor, report: &Report, revisions: &[Revision], from: i32, to: i32) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let option = |revision: &Revision, chosen: i32| {
        let time = format::moment(revision.create_time.as_ref());
        html! {
            option value=(revision.number) selected[revision.number == chosen] {
                (named(lang, revision.number))
                @if let Some(time) = time { (t("（", " (")) (format::date(lang, format::day(time), format::day(now))) (t("）", ")")) }
            }
        }
    };
    html! {
        form.filters method="get" action={ (report.address()) "/revisions/compare" } data-at-once {
            @for (name, label, chosen) in [("from", t("从", "From"), from), ("to", t("到", "To"), to)] {
                div {
                    label for=(name) { (label) }
                    select id=(name) name=(name) {
                        @for revision in revisions { (option(revision, chosen)) }
                        option value="0" selected[chosen == 0] { (named(lang, 0)) }
                    }
                }
            }
            button type="submit" data-go { (t("比较", "Compare")) }
            a href={ (report.address()) "/revisions/compare?from=" (to) "&to=" (from) } { (t("调换", "Swap")) }
        }
    }
}

fn outcome(visitor: &Visitor, compared: &CompareRevisionsResponse, from: i32, to: i32) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let (cells, texts): (Vec<&Change>, Vec<&Change>) =
        compared.changes.iter().partition(|change| change.kind() == change::Kind::Cell);
    let (same_cells, same_sections) = (compared.unchanged_cells, compared.unchanged_sections);
    let (cell_count, text_count) = (cells.len(), texts.len());
    html! {
        p.hint {
            (say!(lang,
                "指标：{cell_count} 项不同，{same_cells} 项相同。文字：{text_count} 处不同，{same_sections} 节相同。",
                "Indicators: {cell_count} differ, {same_cells} alike. Texts: {text_count} differ, {same_sections} sections alike."))
        }
        @if compared.changes.is_empty() {
            (empty(t("两边完全相同", "Both are alike"), html! { (t("可以在上面换一个版次比较。", "Choose another revision above.")) }))
        }
        @if !cells.is_empty() {
            h2 { (t("指标", "Indicators")) }
            (values(lang, &cells, from, to))
        }
        @if !texts.is_empty() {
            h2 { (t("文字", "Texts")) }
            p.hint { (t("加下划线的是后来写入的，划去的是删掉的。", "Underlined words were added, struck ones taken out.")) }
            @for change in texts {
                section.change aria-label=(name_or(lang, change.name.as_ref(), &change.code)) {
                    h3 { (name_or(lang, change.name.as_ref(), &change.code)) }
                    p.text { @for passage in &change.passages { (piece(lang, passage)) } }
                }
            }
        }
    }
}

/// A piece of a compared text.
fn piece(lang: Lang, passage: &Passage) -> Markup {
    let count = passage.characters;
    html! {
        @match passage.kind() {
            passage::Kind::Added => ins { (passage.text) },
            passage::Kind::Removed => del { (passage.text) },
            passage::Kind::Skipped => span.grey.small { " " (say!(lang, "…（{count} 字未改）…", "… ({count} characters alike) …")) " " },
            _ => (lines(&passage.text)),
        }
    }
}

/// Text whose line ends show.
fn lines(text: &str) -> Markup {
    html! { @for (index, line) in text.split('\n').enumerate() { @if index > 0 { br; } (line) } }
}

fn values(lang: Lang, cells: &[&Change], from: i32, to: i32) -> Markup {
    let t = words(lang);
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("指标（单位）", "Indicator (unit)")) }
                th.number scope="col" { (named(lang, from)) }
                th.number scope="col" { (named(lang, to)) }
                th.number scope="col" { (t("增减", "Change")) }
                th.number scope="col" { (t("增减（%）", "Change (%)")) }
            } }
            tbody { @for change in cells {
                @let unit = text(lang, change.unit.as_ref());
                tr {
                    th scope="row" {
                        (name_or(lang, change.name.as_ref(), &change.code))
                        @if !unit.is_empty() { span.unit { (t("（", " (")) (unit) (t("）", ")")) } }
                        " " span.grey.code.small { (change.code) }
                        @if change.derived { " " span.grey.small { (t("自动计算", "computed")) } }
                    }
                    td.number { del { (value(lang, change.old_value.as_ref())) } (note(lang, &change.old_note, &change.new_note)) }
                    td.number { ins { (value(lang, change.new_value.as_ref())) } (note(lang, &change.new_note, &change.old_note)) }
                    td.number { (signed(&change.difference)) }
                    td.number { (signed(&change.percent)) }
                }
            } }
        } }
    }
}

fn value(lang: Lang, value: Option<&Value>) -> String {
    let t = words(lang);
    match value.and_then(|value| value.kind.as_ref()) {
        None => t("空白", "empty").to_owned(),
        Some(Kind::Number(text) | Kind::Text(text)) => text.clone(),
        Some(Kind::NotApplicable(reason)) => format!("{}{reason}", t("不适用：", "not applicable: ")),
    }
}

/// A note, where the other side has another one.
fn note(lang: Lang, note: &str, other: &str) -> Markup {
    let t = words(lang);
    html! {
        @if note != other {
            div.grey.small { (t("备注：", "Note: ")) @if note.is_empty() { (t("无", "none")) } @else { (note) } }
        }
    }
}

/// A difference with its sign: "+20", "−3".
fn signed(number: &str) -> String {
    match number.strip_prefix('-') {
        _ if number.is_empty() => "—".to_owned(),
        Some(size) => format!("−{size}"),
        None => format!("+{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_and_removed_words_are_marked_for_every_reader() {
        let passage =
            |kind: passage::Kind, text: &str| Passage { kind: kind.into(), text: text.into(), characters: 7 };
        let set = |kind, text| piece(Lang::Zh, &passage(kind, text)).into_string();
        assert_eq!(set(passage::Kind::Added, "<b>"), "<ins>&lt;b&gt;</ins>");
        assert_eq!(set(passage::Kind::Removed, "稳步"), "<del>稳步</del>");
        assert_eq!(set(passage::Kind::Same, "一\n二"), "一<br>二");
        assert!(set(passage::Kind::Skipped, "").contains("7 字未改"));
    }

    #[test]
    fn differences_carry_their_sign() {
        assert_eq!((signed("20"), signed("-3.5"), signed("")), ("+20".into(), "−3.5".into(), "—".into()));
    }
}
