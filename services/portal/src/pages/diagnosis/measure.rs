//! One indicator of an institution: its place among the peers, its years, and the table behind both.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{AnswerState, DiagnosedIndicator, DiagnosedMeasure, ValueSpread};

use super::words;
use crate::{
    say,
    web::{
        chart::peers::{Point, Strip, strip, trend},
        format,
        i18n::{self, text},
    },
};

/// The identifier of an indicator's place on the page.
pub fn anchor(code: &str) -> String {
    format!("i-{code}")
}

/// The figure of one indicator.
pub fn figure(lang: Lang, measure: &DiagnosedMeasure) -> Markup {
    let t = i18n::words(lang);
    let indicator = measure.indicator.clone().unwrap_or_default();
    let name = words::name(lang, &indicator);
    let finding = words::finding(lang, measure);
    let asked = indicator.threshold.as_ref();
    let points: Vec<Point<'_>> = measure
        .trend
        .iter()
        .map(|point| Point { year: point.year, value: &point.value, median: &point.peer_median })
        .collect();
    html! {
        figure.chart.measured id=(anchor(&indicator.code)) {
            figcaption {
                p.about { (name) " " span.grey.small { (words::direction(lang, &indicator)) } }
                p.finding { (finding) }
                (marks(lang, measure))
            }
            @if measure.answer() == AnswerState::Value {
                (among(lang, &indicator, measure, &format!("{name}：{finding}")))
            }
            @if let Some(change) = words::change(lang, measure) { p.small.change-said { (change) } }
            (trend(&points, words::decimals(&indicator), &say!(lang, "{name}，历年", "{name}, by year")))
            details {
                summary { (t("看数据表", "Show the table")) }
                (table(lang, &indicator, measure))
            }
            @if let Some(asked) = asked {
                p.source { (t("标准：", "Standard: ")) (words::threshold(lang, &indicator, asked)) (t("。", ". ")) (text(lang, asked.source.as_ref())) }
            }
        }
    }
}

fn among(lang: Lang, indicator: &DiagnosedIndicator, measure: &DiagnosedMeasure, label: &str) -> Markup {
    let none = ValueSpread::default();
    let peers = measure.peers.as_ref().unwrap_or(&none);
    let of = Strip {
        values: &peers.values,
        quartiles: [&peers.lower, &peers.median, &peers.upper],
        own: &measure.value,
        threshold: words::bound(indicator.threshold.as_ref()),
        decimals: words::decimals(indicator),
        label,
    };
    html! { @if measure.peers.is_some() { (strip(lang, &of)) } }
}

/// What is said of an indicator, each with its mark.
pub fn marks(lang: Lang, measure: &DiagnosedMeasure) -> Markup {
    html! {
        p.said-marks {
            @if measure.strength { (words::strength(lang)) }
            @for reason in measure.reasons() { @if let Some(mark) = words::reason(lang, reason) { (mark) } }
            @if let Some(standing) = words::standing(lang, measure.standing()) { (standing) }
        }
    }
}

/// Everything that the drawings show, in numbers.
fn table(lang: Lang, indicator: &DiagnosedIndicator, measure: &DiagnosedMeasure) -> Markup {
    let t = i18n::words(lang);
    let unit = text(lang, indicator.unit.as_ref());
    let shown = |value: &str| match value {
        "" => "—".to_owned(),
        value => format::rounded(value, words::decimals(indicator)),
    };
    html! {
        table.data { @if !unit.is_empty() { caption.hint { (t("单位：", "Unit: ")) (unit) } } tbody {
            tr { th scope="row" { (t("本校", "Own value")) } td.number {
                @if measure.answer() == AnswerState::Value { (shown(&measure.value)) } @else { (words::answer(lang, measure.answer())) }
            } }
            tr { th scope="row" { (t("同类有数（所）", "Peers with a value")) } td.number { (measure.peer_count) } }
            @if let Some(peers) = &measure.peers {
                @for (name, value) in [
                    (t("最低", "Least"), &peers.least), (t("下四分位", "First quartile"), &peers.lower), (t("中位数", "Median"), &peers.median),
                    (t("上四分位", "Third quartile"), &peers.upper), (t("最高", "Greatest"), &peers.most),
                ] { tr { th scope="row" { (name) } td.number { (shown(value)) } } }
                tr { th scope="row" { (t("低于本校的同类（%）", "Peers below (%)")) } td.number {
                    @if measure.percentile.is_empty() { "—" } @else { (format::rounded(&measure.percentile, 1)) }
                } }
            }
            @for point in &measure.trend {
                @let year = point.year;
                tr { th scope="row" { (say!(lang, "{year} 年，本校 / 同类中位", "{year}, own / peers' median")) }
                    td.number { (shown(&point.value)) " / " (shown(&point.peer_median)) } }
            }
        } }
    }
}
