//! The parts of a report on its front page: the tables and sections, how far each is, who changed it last. Whoever may
//! change only some of them sees those first.

use maud::{Markup, html};
use zhijian_proto::submission::v1::{Indicator, IndicatorGroup, SectionKind};

use super::{
    comment_card::Spot,
    report::{Part, Standing, filled},
    show::{Shown, bounds},
};
use crate::{
    say,
    web::{
        chart::progress,
        components::{Mark, Sign, Tone},
        format,
        i18n::{name_or, words},
        session::Visitor,
    },
};

/// The tables and the sections.
pub fn show(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let t = words(visitor.lang());
    let report = shown.report;
    if !report.is_limited() {
        return html! {
            (tables(visitor, shown, t("指标表", "Tables of indicators"), |_| true))
            (texts(visitor, shown, t("正文", "Text"), |_| true))
        };
    }
    let (own, others) = (|part: Part<'_>| report.allows(part), |part: Part<'_>| !report.allows(part));
    html! {
        section id="mine" {
            (tables(visitor, shown, t("我负责的指标表", "My tables"), own))
            (texts(visitor, shown, t("我负责的章节", "My sections"), own))
        }
        (tables(visitor, shown, t("其他指标表（只读）", "Other tables (read only)"), others))
        (texts(visitor, shown, t("其他章节（只读）", "Other sections (read only)"), others))
    }
}

fn tables(visitor: &Visitor, shown: &Shown<'_>, heading: &str, wanted: impl Fn(Part<'_>) -> bool) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let report = shown.report;
    let listed: Vec<(&IndicatorGroup, Vec<&Indicator>)> =
        report.groups().into_iter().filter(|(group, _)| wanted(Part::Table(&group.code))).collect();
    html! {
        @if !listed.is_empty() {
            div.table-head {
                h2 { (heading) }
                a href={ (report.address()) "/transfer" } {
                    @if report.standing(visitor) == Standing::Owner { (t("用表格填报", "Fill in by spreadsheet")) }
                    @else { (t("下载为表格", "Download as a file")) }
                }
            }
            table {
                thead { tr { th scope="col" { (t("表", "Table")) } th scope="col" { (t("填写", "Filled in")) } th.spare scope="col" { (t("最近修改", "Last change")) } } }
                tbody {
                    @for (group, indicators) in &listed {
                        @let (count, all) = filled(indicators, &shown.cells);
                        tr {
                            th scope="row" {
                                a href=(report.cells_address(&group.code)) { (name_or(lang, group.name.as_ref(), &group.code)) }
                                " " span.grey.code { (group.code) }
                                (open_comments(visitor, shown, |spot| matches!(spot, Spot::Cell(code) if indicators.iter().any(|one| one.code == code))))
                            }
                            td { (progress(lang, count, all)) }
                            td.spare { (last_edit(visitor, shown, Part::Table(&group.code))) }
                        }
                    }
                }
            }
        }
    }
}

fn texts(visitor: &Visitor, shown: &Shown<'_>, heading: &str, wanted: impl Fn(Part<'_>) -> bool) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let report = shown.report;
    let kinds: &[SectionKind] = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let listed: Vec<&SectionKind> = kinds.iter().filter(|kind| wanted(Part::Section(&kind.code))).collect();
    let length = |code: &str| {
        let section = shown.sections.iter().find(|section| section.section_code == code);
        section.map_or(0, |section| section.body.chars().filter(|c| !c.is_whitespace()).count())
    };
    html! {
        @if !listed.is_empty() {
            div.table-head { h2 { (heading) } }
            table {
                thead { tr {
                    th scope="col" { (t("章节", "Section")) }
                    th.number scope="col" { (t("字数", "Length")) }
                    th scope="col" { (t("要求", "Asked for")) }
                    th.spare scope="col" { (t("最近修改", "Last change")) }
                } }
                tbody {
                    @for kind in listed {
                        @let count = length(&kind.code);
                        @let short = i32::try_from(count).unwrap_or(i32::MAX) < kind.min_characters;
                        tr {
                            th scope="row" {
                                a href=(report.section_address(&kind.code)) { (name_or(lang, kind.name.as_ref(), &kind.code)) }
                                (open_comments(visitor, shown, |spot| spot == Spot::Section(&kind.code)))
                            }
                            td.number { (count) }
                            td {
                                @if short { (Mark::new(Sign::Empty, Tone::Need, t("待写", "To be written"))) " " }
                                span.grey { (bounds(visitor, kind)) }
                            }
                            td.spare { (last_edit(visitor, shown, Part::Section(&kind.code))) }
                        }
                    }
                }
            }
        }
    }
}

/// How many remarks on a part are not settled.
fn open_comments(visitor: &Visitor, shown: &Shown<'_>, on: impl Fn(Spot<'_>) -> bool) -> Markup {
    use zhijian_proto::submission::v1::comment::State;
    let lang = visitor.lang();
    let unsettled = |state| matches!(state, State::Open | State::Answered | State::Unsent);
    let count =
        shown.comments.iter().filter(|comment| unsettled(comment.state()) && on(Spot::of(comment))).count();
    html! { @if count > 0 { div.small.tone-need { (say!(lang, "{count} 条意见未了结", "remarks not settled: {count}")) } } }
}

fn last_edit(visitor: &Visitor, shown: &Shown<'_>, part: Part<'_>) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    html! {
        @if let Some(edit) = shown.report.last_edit(part) {
            span.grey.small {
                (edit.account_name) " "
                @if let Some(time) = format::moment(edit.time.as_ref()) { (format::since(lang, time, now)) }
            }
        }
    }
}
