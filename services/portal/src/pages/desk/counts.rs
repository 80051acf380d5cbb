//! How many reports are where: what wants attention, by kind and by district.

use std::collections::BTreeMap;

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::submission::v1::{ProgressCount, submission};

use super::{
    Desk,
    filter::{Filter, NOT_BEGUN, TO_REVIEW},
};
use crate::{
    pages::lookup::kind_name,
    say,
    web::{
        chart::{Caption, Shade, Stack, stacks},
        components::{Mark, Sign, Tone},
        i18n::words,
        session::Visitor,
        states,
    },
};

/// Where a report is, in four steps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Accepted,
    WithDesk,
    WithSchool,
    NotBegun,
}

const STEPS: [Step; 4] = [Step::Accepted, Step::WithDesk, Step::WithSchool, Step::NotBegun];

fn step(state: submission::State) -> Step {
    use submission::State;
    match state {
        State::Unspecified => Step::NotBegun,
        State::Draft | State::Returned | State::Approved => Step::WithSchool,
        State::Submitted | State::UnderReview => Step::WithDesk,
        State::Accepted | State::Published | State::Corrected => Step::Accepted,
    }
}

fn key(lang: Lang) -> [(&'static str, Shade); 4] {
    let t = words(lang);
    [
        (t("已接收", "Accepted"), Shade::Done),
        (t("待审核", "With the commission"), Shade::Go),
        (t("学校填报中", "With the school"), Shade::Need),
        (t("未开始", "Not begun"), Shade::None),
    ]
}

fn sum<'a>(counts: impl IntoIterator<Item = &'a ProgressCount>) -> i64 {
    counts.into_iter().map(|count| i64::from(count.count)).sum()
}

fn of(counts: &[ProgressCount], wanted: impl Fn(&ProgressCount) -> bool) -> Vec<&ProgressCount> {
    counts.iter().filter(|count| wanted(count)).collect()
}

/// What wants attention; each number leads to its reports.
pub fn tallies(visitor: &Visitor, desk: &Desk<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let late: i64 = desk.counts.iter().map(|count| i64::from(count.late)).sum();
    let idle: i64 = desk.counts.iter().map(|count| i64::from(count.idle)).sum();
    let at = |wanted: Step| sum(desk.counts.iter().filter(|count| step(count.state()) == wanted));
    let by = |state: &str, want: &str| {
        let filter = Filter { state: state.to_owned(), want: want.to_owned(), ..Filter::default() };
        format!("{}#reports", filter.address(desk.cycle.year, ""))
    };
    let tallies = [
        (at(Step::WithDesk), Sign::Wait, Tone::Need, t("待审核", "to be looked at"), by(TO_REVIEW, "")),
        (late, Sign::Warn, Tone::Wrong, t("逾期未交", "late"), by("", "late")),
        (idle, Sign::Back, Tone::Need, t("七天没有动静", "untouched for seven days"), by("", "idle")),
        (at(Step::NotBegun), Sign::Empty, Tone::Quiet, t("还没有开始", "not begun"), by(NOT_BEGUN, "")),
    ];
    html! {
        ul.tallies {
            @for (count, sign, tone, word, address) in tallies {
                li { a href=(address) { b { (count) } (Mark::new(sign, if count == 0 { Tone::Quiet } else { tone }, word)) } }
            }
        }
    }
}

fn row(name: Markup, counts: &[&ProgressCount]) -> Stack {
    let at = |wanted: Step| sum(counts.iter().copied().filter(|count| step(count.state()) == wanted));
    let parts = STEPS.map(at);
    let whole: i64 = parts.iter().sum();
    Stack { name, says: format!("{} / {whole}", parts[0]), counts: parts.to_vec() }
}

fn source(lang: Lang, desk: &Desk<'_>) -> String {
    let year = desk.cycle.year;
    say!(
        lang,
        "来源：{year} 年度应交年报与各校填报状态，打开本页时统计。",
        "Source: the reports due in {year} and where each stands, counted when this page was opened."
    )
}

/// Counts by kind and state; each leads to its reports.
pub fn by_kind(visitor: &Visitor, desk: &Desk<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let kinds: Vec<&str> = desk.catalogue.report_kinds.iter().map(|kind| kind.code.as_str()).collect();
    let counts = |kind: &str| of(desk.counts, |count| count.report_kind == kind);
    let expected: Vec<&str> = kinds.into_iter().filter(|kind| !counts(kind).is_empty()).collect();
    let rows: Vec<Stack> = expected
        .iter()
        .map(|kind| row(html! { (kind_name(lang, desk.catalogue, kind)) }, &counts(kind)))
        .collect();
    let (accepted, all) =
        (sum(desk.counts.iter().filter(|count| step(count.state()) == Step::Accepted)), sum(desk.counts));
    let title = say!(lang, "应交 {all} 份，已接收 {accepted} 份", "{accepted} of {all} reports are accepted");
    let caption = Caption {
        about: t("按种类：已接收 / 应交", "By kind: accepted / due"),
        title: &title,
        source: &source(lang, desk),
    };
    stacks(lang, &key(lang), &rows, &caption, matrix(visitor, desk, &expected))
}

fn matrix(visitor: &Visitor, desk: &Desk<'_>, kinds: &[&str]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let states: Vec<submission::State> =
        [submission::State::Unspecified].into_iter().chain(states::SUBMISSION_STATES).collect();
    let count = |kind: &str, state: submission::State| {
        sum(of(desk.counts, |count| count.report_kind == kind && count.state() == state))
    };
    let address = |kind: &str, state: submission::State| {
        let key =
            if state == submission::State::Unspecified { NOT_BEGUN } else { states::submission_key(state) };
        let filter = Filter { kind: kind.to_owned(), state: key.to_owned(), ..Filter::default() };
        format!("{}#reports", filter.address(desk.cycle.year, ""))
    };
    html! {
        table.data {
            thead { tr {
                th scope="col" { (t("种类", "Kind")) }
                @for state in &states { th.number scope="col" { (state_word(lang, *state).word) } }
                th.number scope="col" { (t("合计", "Total")) }
            } }
            tbody {
                @for kind in kinds {
                    tr {
                        th scope="row" { (kind_name(lang, desk.catalogue, kind)) }
                        @for state in &states {
                            @let count = count(kind, *state);
                            td.number {
                                @if count > 0 { a href=(address(kind, *state)) { (count) } }
                                @else { span.grey { "0" } }
                            }
                        }
                        td.number { (sum(of(desk.counts, |count| count.report_kind == **kind))) }
                    }
                }
            }
            tfoot { tr {
                th scope="row" { (t("合计", "Total")) }
                @for state in &states { td.number { (sum(of(desk.counts, |count| count.state() == *state))) } }
                td.number { (sum(desk.counts)) }
            } }
        }
    }
}

/// A report's state, or that nobody has begun.
pub fn state_word(lang: Lang, state: submission::State) -> Mark {
    match state {
        submission::State::Unspecified => {
            Mark::new(Sign::Empty, Tone::Quiet, words(lang)("未开始", "Not begun"))
        }
        state => states::submission(lang, state),
    }
}

/// The districts of a year's reports, those with most reports first.
pub fn districts<'a>(desk: &Desk<'a>) -> Vec<(&'a str, Vec<&'a ProgressCount>)> {
    let mut districts: BTreeMap<&str, Vec<&ProgressCount>> = BTreeMap::new();
    for count in desk.counts {
        districts.entry(count.district.as_str()).or_default().push(count);
    }
    let mut districts: Vec<_> = districts.into_iter().collect();
    districts.sort_by_key(|(name, counts)| (name.is_empty(), -sum(counts.iter().copied())));
    districts
}

/// What a district is called; the organisations without one are the city's own.
pub fn district_name(lang: Lang, district: &str) -> &str {
    match district {
        "" | "-" => words(lang)("市属（不分区）", "City-wide (no district)"),
        name => name,
    }
}

/// Counts by district.
pub fn by_district(visitor: &Visitor, desk: &Desk<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let districts = districts(desk);
    let address = |district: &str| {
        let district = if district.is_empty() { "-" } else { district };
        let filter = Filter { district: district.to_owned(), ..Filter::default() };
        format!("{}#reports", filter.address(desk.cycle.year, ""))
    };
    let rows: Vec<Stack> = districts
        .iter()
        .map(|(name, counts)| row(html! { a href=(address(name)) { (district_name(lang, name)) } }, counts))
        .collect();
    let done = rows.iter().filter(|row| row.counts[1..].iter().all(|count| *count == 0)).count();
    let all = rows.len();
    let title =
        say!(lang, "{all} 个区（含市属）中 {done} 个已全部接收", "{done} of {all} districts are through");
    let caption = Caption {
        about: t("按区：已接收 / 应交", "By district: accepted / due"),
        title: &title,
        source: &source(lang, desk),
    };
    let table = html! {
        table.data {
            thead { tr {
                th scope="col" { (t("区", "District")) }
                @for (word, _) in key(lang) { th.number scope="col" { (word) } }
                th.number scope="col" { (t("逾期", "Late")) }
                th.number scope="col" { (t("合计", "Total")) }
            } }
            tbody {
                @for ((name, counts), row) in districts.iter().zip(&rows) {
                    tr {
                        th scope="row" { (district_name(lang, name)) }
                        @for count in &row.counts { td.number { (count) } }
                        td.number { (counts.iter().map(|count| i64::from(count.late)).sum::<i64>()) }
                        td.number { (row.counts.iter().sum::<i64>()) }
                    }
                }
            }
        }
    };
    stacks(lang, &key(lang), &rows, &caption, table)
}
