//! Charts, drawn as SVG on the server. Each comes in a figure with its finding as the title, its table behind a click,
//! and its source beneath. Coordinates are floats; the numbers shown never are.

mod bars;
pub mod map;
pub mod peers;

use maud::{Markup, PreEscaped, html};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use zhijian_platform::Lang;

use super::{components::grade, format, i18n::words};
use crate::say;
pub use bars::{Amount, Shade, Stack, amounts, stacks};

/// How many have one grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// The letter ("A+").
    pub grade: String,
    /// The letter without its sign ("A").
    pub group: String,
    /// How many programmes have it.
    pub count: u32,
}

/// What the figure says around its drawing.
pub struct Caption<'a> {
    /// What is drawn; empty where the page says so.
    pub about: &'a str,
    /// The finding or the question.
    pub title: &'a str,
    /// Where the numbers come from, and what they are about.
    pub source: &'a str,
}

/// The class that colours a grade ("A+" → "g-a1"): from the first of the ramp to the last.
pub fn grade_class(grade: &str) -> &'static str {
    match grade {
        "A+" => "g-a1",
        "A" => "g-a2",
        "A-" => "g-a3",
        "B+" => "g-b1",
        "B" => "g-b2",
        "B-" => "g-b3",
        "C+" => "g-c1",
        "C" => "g-c2",
        "C-" => "g-c3",
        _ => "g-none",
    }
}

/// The finding of a distribution: its largest group, in words.
pub fn finding(lang: Lang, bars: &[Bar]) -> String {
    let total: u32 = bars.iter().map(|bar| bar.count).sum();
    let largest =
        groups(bars).into_iter().reduce(|best, next| if next.count > best.count { next } else { best });
    match largest {
        Some(Group { name, count, .. }) if total > 0 => {
            let share = format::share(count, total).unwrap_or_default();
            say!(
                lang,
                "{total} 个专业中，{name} 类最多：{count} 个，占 {share}",
                "Of {total} programmes most are in group {name}: {count}, or {share}"
            )
        }
        _ => lang.pick("还没有等级", "No grades yet").to_owned(),
    }
}

/// The distribution of grades: a strip of bars that begin at zero, labelled directly, with its table.
pub fn grade_strip(lang: Lang, bars: &[Bar], caption: &Caption<'_>) -> Markup {
    let t = words(lang);
    html! {
        figure.chart {
            figcaption {
                @if !caption.about.is_empty() { p.about { (caption.about) } }
                p.finding { (caption.title) }
            }
            (strip(lang, bars, caption.title))
            details {
                summary { (t("看数据表", "Show the table")) }
                (strip_table(lang, bars))
            }
            p.source { (caption.source) }
        }
    }
}

const SLOT: f64 = 52.0;
const WIDTH: f64 = SLOT * 9.0 + 12.0;
const BASE: f64 = 164.0;
const TALLEST: f64 = 124.0;

fn strip(lang: Lang, bars: &[Bar], title: &str) -> Markup {
    let t = words(lang);
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let total: u32 = bars.iter().map(|bar| bar.count).sum();
    let width = WIDTH.max(SLOT * as_float(bars.len()) + 12.0);
    html! {
        svg.strip viewBox={ "0 0 " (width) " 236" } role="img" aria-label=(title) {
            text.axis x="6" y="12" { (t("专业数（个）", "Programmes")) }
            @for (index, bar) in bars.iter().enumerate() {
                @let x = 6.0 + SLOT * as_float(index);
                @let middle = x + SLOT / 2.0;
                @let height = TALLEST * f64::from(bar.count) / f64::from(most);
                rect class={ "bar " (grade_class(&bar.grade)) } x=(n(x + 8.0)) y=(n(BASE - height)) width=(n(SLOT - 16.0))
                    height=(n(height)) rx="2" {}
                text.count x=(n(middle)) y=(n(BASE - height - 6.0)) { (bar.count) }
                rect class={ "badge " (grade_class(&bar.grade)) } x=(n(middle - 16.0)) y=(n(BASE + 7.0)) width="32"
                    height="20" rx="3" {}
                text.letter x=(n(middle)) y=(n(BASE + 22.0)) { (bar.grade) }
            }
            line.base x1="6" x2=(n(width - 6.0)) y1=(n(BASE)) y2=(n(BASE)) {}
            @for group in groups(bars) {
                @let left = 6.0 + SLOT * as_float(group.first) + 6.0;
                @let right = 6.0 + SLOT * as_float(group.last + 1) - 6.0;
                path.brace d={ "M" (n(left)) " 200v6H" (n(right)) "v-6" } {}
                text.group x=(n((left + right) / 2.0)) y="224" {
                    (group.name) " " (group.count)
                    @if let Some(share) = format::share(group.count, total) { (t("，", ", ")) (share) }
                }
            }
        }
    }
}

/// The table behind the strip: counts, and shares computed from the counts.
fn strip_table(lang: Lang, bars: &[Bar]) -> Markup {
    let t = words(lang);
    let total: u32 = bars.iter().map(|bar| bar.count).sum();
    html! {
        table.data {
            thead { tr {
                th scope="col" { (t("等级", "Grade")) }
                th.number scope="col" { (t("专业数（个）", "Programmes")) }
                th.number scope="col" { (t("占比（%）", "Share (%)")) }
            } }
            tbody {
                @for bar in bars {
                    tr {
                        th scope="row" { (grade(&bar.grade)) }
                        td.number { (bar.count) }
                        td.number { (format::share(bar.count, total).unwrap_or_default().trim_end_matches('%')) }
                    }
                }
            }
            tfoot { tr {
                th scope="row" { (t("合计", "Total")) }
                td.number { (total) }
                td.number { @if total > 0 { "100" } }
            } }
        }
    }
}

struct Group {
    name: String,
    count: u32,
    first: usize,
    last: usize,
}

fn groups(bars: &[Bar]) -> Vec<Group> {
    let mut groups: Vec<Group> = vec![];
    for (index, bar) in bars.iter().enumerate() {
        match groups.last_mut().filter(|group| group.name == bar.group) {
            Some(group) => {
                group.count += bar.count;
                group.last = index;
            }
            None => {
                groups.push(Group { name: bar.group.clone(), count: bar.count, first: index, last: index });
            }
        }
    }
    groups
}

/// A band of the grade scale: its letter, and the least total that earns it.
pub struct Band<'a> {
    /// The letter ("A+").
    pub grade: &'a str,
    /// The least total, inclusive; a decimal.
    pub cut_off: &'a str,
}

/// A total on the scale of bands: a dot on a strip. The scale is cut at 50, where no band begins.
pub fn band_strip(lang: Lang, bands: &[Band<'_>], total: &str) -> Markup {
    const LEFT: f64 = 50.0;
    const UNIT: f64 = 5.0;
    let position = |score: f64| (score.clamp(LEFT, 100.0) - LEFT) * UNIT + 4.0;
    let Some(score) = total.parse::<Decimal>().ok().and_then(|total| total.to_f64()) else { return html! {} };
    let shown = format::cut(total, 2);
    let label = say!(lang, "总分 {shown}，等级分段从 50 到 100", "Total {shown} on the bands from 50 to 100");
    let mut upper = 100.0;
    let mut segments = vec![];
    for band in bands {
        let cut = band.cut_off.parse::<Decimal>().ok().and_then(|cut| cut.to_f64()).unwrap_or_default();
        segments.push((band.grade, position(cut), position(upper)));
        upper = cut;
    }
    html! {
        svg.bands viewBox="0 0 258 30" role="img" aria-label=(label) {
            @for (grade, from, to) in &segments {
                rect class={ "bar " (grade_class(grade)) } x=(n(*from + 0.5)) y="12" width=(n((to - from - 1.0).max(0.0)))
                    height="12" {}
                @if to - from >= 16.0 {
                    text.letter x=(n((from + to) / 2.0)) y="21.5" { (grade) }
                }
            }
            path.dot d={ "M" (n(position(score))) " 12l-4.5-8h9z" } {}
        }
    }
}

/// How far a count has come, as a bar with its numbers beside it.
pub fn progress(lang: Lang, done: i32, total: i32) -> Markup {
    let label = say!(lang, "{total} 项中已完成 {done} 项", "{done} of {total}");
    html! {
        span.progress {
            progress value=(done.max(0)) max=(total.max(1)) aria-label=(label) {}
            span.ratio { (done) " / " (total) }
        }
    }
}

/// A coordinate with one digit after the point.
fn n(value: f64) -> PreEscaped<String> {
    PreEscaped(format!("{value:.1}"))
}

fn as_float(count: usize) -> f64 {
    u32::try_from(count).map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(counts: [u32; 9]) -> Vec<Bar> {
        ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-"]
            .into_iter()
            .zip(counts)
            .map(|(grade, count)| Bar { grade: grade.into(), group: grade[..1].into(), count })
            .collect()
    }

    #[test]
    fn the_finding_names_the_largest_group() {
        let bars = bars([19, 18, 22, 25, 19, 24, 27, 20, 8]);
        assert_eq!(finding(Lang::Zh, &bars), "182 个专业中，B 类最多：68 个，占 37.4%");
        assert_eq!(finding(Lang::En, &[]), "No grades yet");
    }

    #[test]
    fn every_grade_has_its_bar_letter_count_and_row() {
        let bars = bars([3, 8, 20, 10, 1, 2, 0, 0, 0]);
        let caption = Caption { about: "试点专业", title: "A 类最多", source: "来源" };
        let drawn = grade_strip(Lang::Zh, &bars, &caption).into_string();
        assert_eq!(drawn.matches("<rect class=\"bar ").count(), 9);
        for bar in &bars {
            assert!(drawn.contains(&format!(">{}</text>", bar.grade)), "letter {}", bar.grade);
        }
        assert!(drawn.contains("A 31，70.5%"), "{drawn}");
        assert!(drawn.contains("<td class=\"number\">44</td>"), "{drawn}");
        // The tallest bar is the tallest count, and no count means no height.
        assert!(drawn.contains("height=\"124.0\""), "{drawn}");
        assert!(drawn.contains("height=\"0.0\""), "{drawn}");
    }

    #[test]
    fn an_empty_distribution_draws_without_dividing_by_zero() {
        let drawn = grade_strip(Lang::En, &bars([0; 9]), &Caption { about: "", title: "none", source: "" })
            .into_string();
        assert!(!drawn.contains("NaN"), "{drawn}");
    }

    #[test]
    fn a_total_stands_where_it_belongs() {
        let bands = [Band { grade: "A", cut_off: "75" }, Band { grade: "B", cut_off: "0" }];
        let drawn = band_strip(Lang::Zh, &bands, "75").into_string();
        assert!(drawn.contains("M129.0 12l"), "{drawn}");
        assert!(drawn.contains("总分 75"), "{drawn}");
        assert!(band_strip(Lang::Zh, &bands, "").into_string().is_empty());
    }
}
