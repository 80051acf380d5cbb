//! One institution among its peers: a dot on a strip; and over the years: a line with its last value.

use maud::{Markup, html};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use zhijian_platform::Lang;

use super::{as_float, n};
use crate::{say, web::format};

const WIDTH: f64 = 360.0;
const EDGE: f64 = 12.0;

/// What a strip shows; decimals as the contracts write them, empty where there is none.
pub struct Strip<'a> {
    /// Everybody's values, without names.
    pub values: &'a [String],
    /// First quartile, median and third quartile.
    pub quartiles: [&'a str; 3],
    /// The reader's own.
    pub own: &'a str,
    /// What is asked.
    pub threshold: &'a str,
    /// Digits after the point.
    pub decimals: u32,
    /// What the drawing says, for those who do not see it.
    pub label: &'a str,
}

fn float(decimal: &str) -> Option<f64> {
    decimal.parse::<Decimal>().ok()?.to_f64()
}

/// A scale from the least to the greatest of some numbers onto a length.
struct Scale {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Option<Self> {
        let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| {
            (least.min(value), most.max(value))
        });
        (least <= most).then_some(Self { least, most, from, to })
    }

    fn at(&self, value: f64) -> f64 {
        let span = self.most - self.least;
        let part = if span > 0.0 { (value - self.least) / span } else { 0.5 };
        self.from + part * (self.to - self.from)
    }
}

/// A dot on a strip: peers as small dots, the middle half as a band, the median as a line. The scale runs from the least to the
/// greatest value, and need not begin at zero; what is asked is drawn where it lies between them.
pub fn strip(lang: Lang, of: &Strip<'_>) -> Markup {
    let values: Vec<f64> = of.values.iter().filter_map(|value| float(value)).collect();
    let (own, asked) = (float(of.own), float(of.threshold));
    let Some(scale) = Scale::over(values.iter().copied().chain(own), EDGE, WIDTH - EDGE) else {
        return html! {};
    };
    let asked = asked.filter(|asked| (scale.least..=scale.most).contains(asked));
    let shown = |value: &str| format::rounded(value, of.decimals);
    let [lower, median, upper] = of.quartiles.map(|value| float(value).map(|value| scale.at(value)));
    // The ends of the scale are the reader's own value where that is the least or the greatest.
    let end = |peer: Option<&'_ String>, is_own: bool| {
        if is_own { Some(of.own.to_owned()) } else { peer.cloned() }
    };
    let least = end(of.values.first(), own == Some(scale.least));
    let ends = least.zip(end(of.values.last(), own == Some(scale.most)));
    let own_at = own.map(|own| scale.at(own));
    html! {
        svg.dots viewBox="0 0 360 66" role="img" aria-label=(of.label) {
            line.base x1=(n(EDGE)) x2=(n(WIDTH - EDGE)) y1="36" y2="36" {}
            @if let (Some(lower), Some(upper)) = (lower, upper) {
                rect.middle x=(n(lower)) width=(n((upper - lower).max(1.0))) y="28" height="16" rx="2" {}
            }
            @for value in &values { circle.peer cx=(n(scale.at(*value))) cy="36" r="3.2" {} }
            @if let Some(median) = median { line.median x1=(n(median)) x2=(n(median)) y1="25" y2="47" {} }
            @if let Some(asked) = asked {
                @let x = scale.at(asked);
                line.asked x1=(n(x)) x2=(n(x)) y1="20" y2="52" {}
            }
            @if let Some(x) = own_at {
                circle.own cx=(n(x)) cy="36" r="6.5" {}
                text.own x=(n(x.clamp(34.0, WIDTH - 34.0))) y="17" { (shown(of.own)) }
            }
            @if let Some((least, most)) = ends {
                text.least x=(n(EDGE - 6.0)) y="62" { (shown(&least)) }
                text.most x=(n(WIDTH - EDGE + 6.0)) y="62" { (shown(&most)) }
                @if let Some(x) = median.filter(|x| (90.0..=270.0).contains(x)) {
                    @let value = shown(of.quartiles[1]);
                    text.mid x=(n(x)) y="62" { (say!(lang, "中位 {value}", "median {value}")) }
                }
            }
        }
    }
}

/// A year of a trend; decimals, empty where there is none.
pub struct Point<'a> {
    pub year: i32,
    pub value: &'a str,
    /// The peers' median.
    pub median: &'a str,
}

/// A line with its last value, and the peers' median dashed beside it. Nothing with fewer than two values.
pub fn trend(points: &[Point<'_>], decimals: u32, label: &str) -> Markup {
    const TOP: f64 = 26.0;
    const BASE: f64 = 84.0;
    let known = points.iter().filter(|point| float(point.value).is_some()).count();
    let all = points.iter().flat_map(|point| [float(point.value), float(point.median)]).flatten();
    let Some(scale) = Scale::over(all, BASE, TOP).filter(|_| known >= 2) else { return html! {} };
    let last = as_float(points.len().saturating_sub(1)).max(1.0);
    let x = |place: usize| 40.0 + (WIDTH - 80.0) * as_float(place) / last;
    let own: Vec<Option<f64>> = points.iter().map(|point| float(point.value)).collect();
    let median: Vec<Option<f64>> = points.iter().map(|point| float(point.median)).collect();
    let path = |values: &[Option<f64>]| {
        let mut path = String::new();
        let mut joined = false;
        for (place, value) in values.iter().enumerate() {
            if let Some(value) = value {
                let step = if joined { 'L' } else { 'M' };
                path.push_str(&format!("{step}{:.1} {:.1}", x(place), scale.at(*value)));
            }
            joined = value.is_some();
        }
        path
    };
    html! {
        svg.trend viewBox="0 0 360 110" role="img" aria-label=(label) {
            path.median d=(path(&median)) {}
            path.line d=(path(&own)) {}
            @for (place, point) in points.iter().enumerate() {
                @if let Some(value) = own[place] {
                    circle.own cx=(n(x(place))) cy=(n(scale.at(value))) r=(if place + 1 == points.len() { "4.5" } else { "3" }) {}
                    text.value x=(n(x(place))) y=(n(scale.at(value) - 9.0)) { (format::rounded(point.value, decimals)) }
                }
                text.year x=(n(x(place))) y="104" { (point.year) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn the_least_stands_left_and_the_greatest_right() {
        let values = texts(&["90", "92", "95", "98", "100"]);
        let of = Strip {
            values: &values,
            quartiles: ["92", "95", "98"],
            own: "95",
            threshold: "",
            decimals: 1,
            label: "强",
        };
        let drawn = strip(Lang::Zh, &of).into_string();
        assert_eq!(drawn.matches("<circle class=\"peer\"").count(), 5);
        assert!(
            drawn.contains("<circle class=\"peer\" cx=\"12.0\"")
                && drawn.contains("<circle class=\"peer\" cx=\"348.0\""),
            "{drawn}"
        );
        assert!(
            drawn.contains("<circle class=\"own\" cx=\"180.0\"") && drawn.contains(">95.0</text>"),
            "{drawn}"
        );
        let far = strip(Lang::Zh, &Strip { own: "80", threshold: "15", ..of }).into_string();
        assert!(
            far.contains(">80.0</text>")
                && far.contains("<circle class=\"own\" cx=\"12.0\"")
                && !far.contains("asked"),
            "{far}"
        );
        assert!(drawn.contains("中位 95.0") && !drawn.contains("class=\"asked\""), "{drawn}");
    }

    #[test]
    fn equal_or_no_values_draw_without_dividing_by_zero() {
        let values = texts(&["90", "90"]);
        let of = Strip {
            values: &values,
            quartiles: ["90"; 3],
            own: "90",
            threshold: "90",
            decimals: 0,
            label: "",
        };
        assert!(!strip(Lang::En, &of).into_string().contains("NaN"));
        let none = Strip { values: &[], quartiles: [""; 3], own: "", threshold: "", decimals: 0, label: "" };
        assert!(strip(Lang::En, &none).into_string().is_empty());
    }

    #[test]
    fn a_trend_breaks_where_a_year_is_missing() {
        let point = |year, value| Point { year, value, median: "" };
        let drawn = trend(&[point(2023, "1"), point(2024, ""), point(2025, "3")], 0, "趋势").into_string();
        assert!(drawn.contains("d=\"M40.0 84.0M320.0 26.0\""), "{drawn}");
        assert!(trend(&[point(2025, "3")], 0, "").into_string().is_empty());
    }
}
