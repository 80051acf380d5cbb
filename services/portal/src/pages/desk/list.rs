//! The expected reports, one a row: filtered and sorted by the address.

use maud::{Markup, html};
use zhijian_proto::submission::v1::{Progress, submission};

use super::{
    Desk,
    counts::{district_name, districts, state_word},
    filter::{NOT_BEGUN, TO_REVIEW},
    year_options,
};
use crate::{
    pages::lookup::{kind_name, says_demonstration},
    web::{
        chart::progress,
        components::{Mark, Sign, Tone, demo},
        format,
        i18n::{name_or, words},
        link,
        session::Visitor,
        states,
    },
};

pub fn filters(visitor: &Visitor, desk: &Desk<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let filter = desk.filter;
    html! {
        form.filters method="get" action="/desk" data-at-once role="search" aria-label=(t("筛选年报", "Filter the reports")) {
            @if !filter.sort.is_empty() { input type="hidden" name="sort" value=(filter.sort); }
            div {
                label for="year" { (t("年度", "Year")) }
                select id="year" name="year" { (year_options(visitor, desk.cycles, desk.cycle)) }
            }
            div {
                label for="kind" { (t("种类", "Kind")) }
                select id="kind" name="kind" {
                    option value="" { (t("全部", "All")) }
                    @for kind in &desk.catalogue.report_kinds {
                        option value=(kind.code) selected[kind.code == filter.kind] { (name_or(lang, kind.name.as_ref(), &kind.code)) }
                    }
                }
            }
            div {
                label for="district" { (t("区", "District")) }
                select id="district" name="district" {
                    option value="" { (t("全部", "All")) }
                    @for (name, _) in districts(desk) {
                        @let key = if name.is_empty() { "-" } else { name };
                        option value=(key) selected[key == filter.district] { (district_name(lang, name)) }
                    }
                }
            }
            div {
                label for="state" { (t("状态", "State")) }
                select id="state" name="state" {
                    option value="" { (t("全部", "All")) }
                    option value=(NOT_BEGUN) selected[filter.state == NOT_BEGUN] { (t("未开始", "Not begun")) }
                    option value=(TO_REVIEW) selected[filter.state == TO_REVIEW] { (t("待审核（已提交、审核中）", "To be looked at")) }
                    @for state in states::SUBMISSION_STATES {
                        @let key = states::submission_key(state);
                        option value=(key) selected[key == filter.state] { (states::submission(lang, state).word) }
                    }
                }
            }
            div {
                label for="want" { (t("需要关注", "Wants attention")) }
                select id="want" name="want" {
                    option value="" { (t("不限", "Any")) }
                    @for (key, word) in [
                        ("late", t("逾期未交", "Late")),
                        ("idle", t("七天没有动静", "Untouched for seven days")),
                        ("open", t("还在学校", "Still with the school")),
                    ] {
                        option value=(key) selected[key == filter.want] { (word) }
                    }
                }
            }
            div {
                label for="q" { (t("名称或代码", "Name or code")) }
                input id="q" name="q" type="search" value=(filter.q) maxlength="60";
            }
            button type="submit" { (t("筛选", "Filter")) }
        }
    }
}

pub fn table(visitor: &Visitor, desk: &Desk<'_>) -> Markup {
    let t = words(visitor.lang());
    html! {
        div.scroll { table {
            thead { tr {
                (heading(visitor, desk, "organisation", t("报告对象", "About")))
                th scope="col" { (t("种类", "Kind")) }
                (heading(visitor, desk, "district", t("区", "District")))
                (heading(visitor, desk, "state", t("状态", "State")))
                (heading(visitor, desk, "filled", t("指标填写", "Indicators")))
                th.number scope="col" { (t("正文", "Sections")) }
                th scope="col" { (t("截止", "Due")) }
                (heading(visitor, desk, "update", t("最近更新", "Last change")))
            } }
            tbody { @for one in desk.listed { (row(visitor, desk, one)) } }
        } }
    }
}

/// A heading that sorts; it says to readers of every kind which way the column goes.
fn heading(visitor: &Visitor, desk: &Desk<'_>, key: &str, name: &str) -> Markup {
    let t = words(visitor.lang());
    let filter = desk.filter;
    let here = filter.sort_key() == key;
    let way = here.then(|| if filter.descending() { "descending" } else { "ascending" });
    html! {
        th scope="col" aria-sort=[way] {
            a href={ (filter.sorted(key).address(desk.cycle.year, "")) "#reports" } title=(t("按此列排序", "Sort by this column")) {
                (name) @if here { span aria-hidden="true" { @if filter.descending() { " ↓" } @else { " ↑" } } }
            }
        }
    }
}

fn row(visitor: &Visitor, desk: &Desk<'_>, one: &Progress) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let name = name_or(lang, one.subject_name.as_ref(), &one.subject_code);
    let begun = !one.submission_id.is_empty();
    html! {
        tr {
            th scope="row" {
                @if begun { a href={ "/submissions/" (one.submission_id) } { (name) } }
                @else { (name) }
                @if one.demonstration && !says_demonstration(name) { " " (demo(lang)) }
                @if one.organisation_code != one.subject_code {
                    div.grey.small { (t("填报：", "By: ")) (name_or(lang, one.organisation_name.as_ref(), &one.organisation_code)) }
                }
            }
            td { (kind_name(lang, desk.catalogue, &one.report_kind)) }
            td.whole { (district_name(lang, &one.district)) }
            td { (state_word(lang, one.state())) }
            td { (progress(lang, one.filled_cells, one.required_cells)) }
            td.number { (one.written_sections) " / " (one.required_sections) }
            td { (due(visitor, &desk.cycle.year.to_string(), one)) }
            td {
                @if let Some(time) = format::moment(one.update_time.as_ref()) {
                    time datetime=(time.to_rfc3339()) title=(format::stamp(time)) { (format::since(lang, time, visitor.now())) }
                    @if one.idle { div { (Mark::new(Sign::Back, Tone::Need, t("停滞", "standing still"))) } }
                }
            }
        }
    }
}

/// Until when, with what was granted and what grace follows.
fn due(visitor: &Visitor, year: &str, one: &Progress) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let with_school = matches!(
        one.state(),
        submission::State::Unspecified
            | submission::State::Draft
            | submission::State::Returned
            | submission::State::Approved
    );
    html! {
        @if let Some(due) = format::moment(one.due_time.as_ref()) {
            @if with_school {
                (format::deadline(lang, due, now))
                div.small { a href={ (link::address("/extensions", &[("year", year), ("school", &one.organisation_code)])) "#behalf" } { (t("给予延期", "Give more time")) } }
            } @else { (format::exact(lang, due, now)) }
            @if one.extended { div.small { (Mark::new(Sign::Tick, Tone::Go, t("已准予延期", "extended"))) } }
            @if one.late {
                div.small {
                    @match format::moment(one.grace_end_time.as_ref()) {
                        Some(end) if end > now => { (Mark::new(Sign::Warn, Tone::Need, t("逾期，宽限至", "late, with grace until"))) " " (format::exact(lang, end, now)) },
                        _ => (Mark::new(Sign::Warn, Tone::Wrong, t("逾期", "late"))),
                    }
                }
            }
        }
    }
}
