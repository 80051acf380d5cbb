//! The diagnosis in words.

use rust_decimal::Decimal;
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{
    AnswerState, DiagnosedIndicator, DiagnosedMeasure, DiagnosisRules, DiagnosisThreshold,
    diagnosed_indicator::Direction,
    diagnosed_measure::{Reason, Standing},
};

use crate::{
    say,
    web::{
        components::{Mark, Sign, Tone},
        format,
        i18n::{name_or, text},
    },
};

/// An indicator's digits after the point.
pub fn decimals(indicator: &DiagnosedIndicator) -> u32 {
    indicator.decimals.unsigned_abs()
}

/// An indicator's name.
pub fn name(lang: Lang, indicator: &DiagnosedIndicator) -> &str {
    name_or(lang, indicator.name.as_ref(), &indicator.code)
}

/// A value with its unit: "95.40 %", "16.2 : 1" for a ratio of persons; a dash for none.
pub fn value(lang: Lang, indicator: &DiagnosedIndicator, value: &str) -> String {
    if value.is_empty() {
        return "—".to_owned();
    }
    let shown = format::rounded(value, decimals(indicator));
    match text(lang, indicator.unit.as_ref()) {
        "" | "比" | "ratio" => shown,
        "%" => format!("{shown}%"),
        unit => format!("{shown} {unit}"),
    }
}

/// What the report says where there is no value.
pub fn answer(lang: Lang, answer: AnswerState) -> &'static str {
    match answer {
        AnswerState::NotApplicable => lang.pick("不适用", "Not applicable"),
        _ => lang.pick("未报", "Not reported"),
    }
}

/// Where a value stands among its peers.
pub fn finding(lang: Lang, measure: &DiagnosedMeasure) -> String {
    let indicator = measure.indicator.clone().unwrap_or_default();
    if measure.answer() != AnswerState::Value {
        return answer(lang, measure.answer()).to_owned();
    }
    let shown = value(lang, &indicator, &measure.value);
    let count = measure.peer_count;
    if measure.peers.is_none() {
        return say!(
            lang,
            "{shown}；同类仅 {count} 所有数，不作比较",
            "{shown}; only {count} peers have a value, too few to compare"
        );
    }
    let below = format::rounded(&measure.percentile, 0);
    match below.as_str() {
        "100" => say!(lang, "{shown}，高于全部 {count} 所同类学校", "{shown}, above all {count} peers"),
        "0" => say!(lang, "{shown}，低于全部 {count} 所同类学校", "{shown}, below all {count} peers"),
        _ => say!(lang, "{shown}，高于 {below}% 的同类学校", "{shown}, above {below}% of the peers"),
    }
}

/// Which way is better, where one is.
pub fn direction(lang: Lang, indicator: &DiagnosedIndicator) -> &'static str {
    match indicator.direction() {
        Direction::Up => lang.pick("越高越好", "more is better"),
        Direction::Down => lang.pick("越低越好", "less is better"),
        _ => lang.pick("不分高低优劣", "neither way is better"),
    }
}

/// A bound as it is asked: "不低于 14–16 ㎡".
pub fn threshold(lang: Lang, indicator: &DiagnosedIndicator, asked: &DiagnosisThreshold) -> String {
    let shown = |bound: &str| value(lang, indicator, bound);
    if !asked.at_most.is_empty() {
        let most = shown(&asked.at_most);
        return say!(lang, "不高于 {most}", "at most {most}");
    }
    let least = shown(&asked.at_least);
    if asked.at_least_upper.is_empty() {
        return say!(lang, "不低于 {least}", "at least {least}");
    }
    let upper = shown(&asked.at_least_upper);
    say!(lang, "不低于 {least} 至 {upper}（依学校类型）", "at least {least} to {upper}, by type")
}

/// The bound that a drawing shows.
pub fn bound(asked: Option<&DiagnosisThreshold>) -> &str {
    asked.map_or("", |asked| if asked.at_least.is_empty() { &asked.at_most } else { &asked.at_least })
}

/// That a value meets what is asked, or may; that it does not is a reason to look at it, which has its own mark.
pub fn standing(lang: Lang, standing: Standing) -> Option<Mark> {
    match standing {
        Standing::Met => Some(Mark::new(Sign::Tick, Tone::Done, lang.pick("达标", "Met"))),
        Standing::ByType => {
            Some(Mark::new(Sign::Half, Tone::Quiet, lang.pick("依学校类型而定", "Depends on the type")))
        }
        Standing::NotMet | Standing::None | Standing::Unspecified => None,
    }
}

/// Why an indicator deserves a look.
pub fn reason(lang: Lang, reason: Reason) -> Option<Mark> {
    let mark = match reason {
        Reason::Threshold => Mark::new(Sign::Cross, Tone::Wrong, lang.pick("未达标", "Below the standard")),
        Reason::Gap => Mark::new(Sign::Warn, Tone::Need, lang.pick("短板", "Gap")),
        Reason::Fall => Mark::new(Sign::Back, Tone::Need, lang.pick("明显变差", "Fell")),
        Reason::Decline => Mark::new(Sign::Back, Tone::Need, lang.pick("连年变差", "Declines")),
        Reason::Outlier => {
            Mark::new(Sign::Warn, Tone::Quiet, lang.pick("离群，请核对数据", "Outlier: check the figure"))
        }
        Reason::Unspecified => return None,
    };
    Some(mark)
}

/// The mark of a strength.
pub fn strength(lang: Lang) -> Mark {
    Mark::new(Sign::Tick, Tone::Done, lang.pick("优势", "Strength"))
}

/// The difference to the year before, in words; nothing where there is none. Of a percentage it is percentage points.
pub fn change(lang: Lang, measure: &DiagnosedMeasure) -> Option<String> {
    let change: Decimal = measure.change.parse().ok()?;
    let indicator = measure.indicator.as_ref()?;
    let size = format::rounded(&change.abs().to_string(), decimals(indicator));
    let unit = match text(lang, indicator.unit.as_ref()) {
        "%" => lang.pick(" 个百分点", " percentage points").to_owned(),
        "" | "比" | "ratio" => String::new(),
        unit => format!(" {unit}"),
    };
    Some(match change.cmp(&Decimal::ZERO) {
        std::cmp::Ordering::Greater => {
            say!(lang, "比上一发布年度升 {size}{unit}", "up {size}{unit} on the last released year")
        }
        std::cmp::Ordering::Less => {
            say!(lang, "比上一发布年度降 {size}{unit}", "down {size}{unit} on the last released year")
        }
        std::cmp::Ordering::Equal => {
            lang.pick("与上一发布年度持平", "as in the last released year").to_owned()
        }
    })
}

/// How strengths, gaps, warnings and the ranking come about.
pub fn rule(lang: Lang, rules: &DiagnosisRules) -> String {
    let (strength, gap, peers, years) =
        (&rules.strength_from, &rules.gap_to, rules.min_peers, rules.decline_years);
    let fall = rules.fall_share.parse::<Decimal>().unwrap_or_default() * Decimal::ONE_HUNDRED;
    let fall = format::cut(&fall.to_string(), 1);
    let z = &rules.outlier_z;
    let points = |place: usize| rules.points.get(place).copied().unwrap_or_default();
    let [below, short, fell, declines, far] = [0, 1, 2, 3, 4].map(points);
    say!(
        lang,
        "规则：同类为同一类学校，至少 {peers} 所有数才比较。按有利方向排，位次在 {strength}% 以上为优势，{gap}% 以下为短板；比上一发布年度变差 {fall}% 以上为明显变差，连续 {years} 年变差为连年变差；稳健 z 大于 {z} 为离群。先看什么按“权重 × 得分”排序：未达标 {below} 分，短板 {short} 分，明显变差 {fell} 分，连年变差 {declines} 分，离群 {far} 分。",
        "Rules: peers are institutions of the same kind; it takes {peers} with a value to compare. By the favourable direction a place from {strength}% is a strength, up to {gap}% a gap; worse by {fall}% or more than in the last released year is a fall, worse {years} years in a row a decline; a robust z above {z} is an outlier. What to look at first is ranked by weight times points: below the standard {below}, gap {short}, fall {fell}, decline {declines}, outlier {far}."
    )
}

#[cfg(test)]
mod tests {
    use zhijian_proto::{common::v1::Text, publication::v1::ValueSpread};

    use super::*;

    fn measure(value: &str, percentile: &str, change: &str) -> DiagnosedMeasure {
        let unit = Text { zh: "%".into(), en: "%".into() };
        DiagnosedMeasure {
            indicator: Some(DiagnosedIndicator {
                code: "SC04".into(),
                unit: Some(unit),
                decimals: 2,
                ..Default::default()
            }),
            answer: AnswerState::Value.into(),
            value: value.into(),
            peer_count: 24,
            peers: Some(ValueSpread::default()),
            percentile: percentile.into(),
            change: change.into(),
            ..Default::default()
        }
    }

    #[test]
    fn places_are_told_in_words() {
        assert_eq!(finding(Lang::Zh, &measure("95.4", "83.3333", "")), "95.40%，高于 83% 的同类学校");
        assert_eq!(finding(Lang::Zh, &measure("99", "100", "")), "99.00%，高于全部 24 所同类学校");
        let few = DiagnosedMeasure { peers: None, peer_count: 3, ..measure("99", "", "") };
        assert!(finding(Lang::En, &few).contains("only 3 peers"));
        let none = DiagnosedMeasure { answer: AnswerState::Missing.into(), ..measure("", "", "") };
        assert_eq!(finding(Lang::Zh, &none), "未报");
    }

    #[test]
    fn percentages_change_by_percentage_points() {
        assert_eq!(
            change(Lang::Zh, &measure("95", "", "-1.2")).as_deref(),
            Some("比上一发布年度降 1.20 个百分点")
        );
        assert_eq!(
            change(Lang::En, &measure("95", "", "0")).as_deref(),
            Some("as in the last released year")
        );
        assert_eq!(change(Lang::Zh, &measure("95", "", "")), None);
    }

    #[test]
    fn what_is_asked_is_told_with_its_range() {
        let indicator = DiagnosedIndicator {
            unit: Some(Text { zh: "㎡".into(), en: "m²".into() }),
            decimals: 0,
            ..Default::default()
        };
        let asked =
            DiagnosisThreshold { at_least: "14".into(), at_least_upper: "16".into(), ..Default::default() };
        assert_eq!(threshold(Lang::Zh, &indicator, &asked), "不低于 14 ㎡ 至 16 ㎡（依学校类型）");
    }
}
