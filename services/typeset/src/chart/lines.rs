//! Lines: one for each series, named at its end with its last value.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::{GREY, INK, LINE, RULE, SIZE, WIDTH, colour, count, drawn, float, measure, n, unit};
use crate::model::{Chart, Lang, Series};

const HEIGHT: f64 = 240.0;

/// Draws the chart; gives the height and the drawing.
pub fn draw(chart: &Chart, lang: Lang) -> (f64, Markup) {
    let series = drawn(chart);
    let ticks = ticks(chart);
    let (low, high) = (ticks[0], ticks[ticks.len() - 1]);
    let top = if chart.unit.is_empty() { 18.0 } else { 36.0 };
    let left = ticks.iter().map(|tick| measure::width(&tick.to_string())).fold(0.0, f64::max) + 8.0;
    let ends = ends(series);
    let longest = ends.iter().map(|(_, _, text)| measure::width(text)).fold(0.0, f64::max).min(220.0);
    let right = WIDTH - longest - 14.0;
    let places = chart.categories.len();
    // The first and the last place keep clear of the edges, so that their names have room.
    let slot = (right - left) / count(places.max(1));
    let x = |index: usize| left + slot * (count(index) + 0.5);
    let reach = float(high - low);
    let y = |value: Decimal| top + HEIGHT - HEIGHT * ((float(value) - float(low)) / reach).clamp(-0.1, 1.1);
    let base = top + HEIGHT;

    let step = (1..=places.max(1))
        .find(|step| {
            chart.categories.iter().all(|name| measure::width(name).min(96.0) + 8.0 <= slot * count(*step))
        })
        .unwrap_or(1);
    let shown: Vec<(usize, Vec<String>)> = (0..places)
        .filter(|index| (places - 1 - index).is_multiple_of(step))
        .map(|index| (index, measure::wrap(&chart.categories[index], 96.0, 2)))
        .collect();
    let deepest = shown.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);

    let drawing = html! {
        (unit(chart, lang, SIZE))
        @for tick in &ticks {
            line.grid x1=(n(left)) x2=(n(right)) y1=(n(y(*tick))) y2=(n(y(*tick))) stroke=(if tick.is_zero() { GREY } else { RULE })
                stroke-width="1" {}
            text.tick x=(n(left - 6.0)) y=(n(y(*tick) + SIZE * 0.36)) text-anchor="end" fill=(GREY) { (tick) }
        }
        @for (index, lines) in &shown {
            @for (line, text) in lines.iter().enumerate() {
                text.name x=(n(x(*index))) y=(n(base + 20.0 + LINE * count(line))) text-anchor="middle" { (text) }
            }
        }
        @for (at, series) in series.iter().enumerate() { (line(at, series, places, &x, &y)) }
        @if let [only] = series && places <= 12 {
            @for (index, value) in known(only, places).take(known(only, places).count().saturating_sub(1)) {
                text.value x=(n(x(index))) y=(n(y(value) - 8.0)) text-anchor="middle" { (only.display(index)) }
            }
        }
        (labels(&ends, &x, &y, top, base))
    };
    (base + 14.0 + LINE * count(deepest), drawing)
}

/// The values that are known, with their places.
fn known(series: &Series, places: usize) -> impl Iterator<Item = (usize, Decimal)> {
    series.values.iter().take(places).enumerate().filter_map(|(index, value)| Some((index, (*value)?)))
}

/// One line, broken where nothing is known; a point at each value.
fn line(
    at: usize,
    series: &Series,
    places: usize,
    x: &impl Fn(usize) -> f64,
    y: &impl Fn(Decimal) -> f64,
) -> Markup {
    let mut path = String::new();
    let mut before = None;
    for (index, value) in known(series, places) {
        let joins = before.is_some_and(|before| before + 1 == index);
        path.push_str(&format!("{}{} {}", if joins { "L" } else { "M" }, n(x(index)).0, n(y(value)).0));
        before = Some(index);
    }
    html! {
        path class={ "line s" (at) } d=(path) fill="none" stroke=(colour(at)) stroke-width="2.2" stroke-linejoin="round" {}
        @for (index, value) in known(series, places) {
            circle class={ "point s" (at) } cx=(n(x(index))) cy=(n(y(value))) r="3" fill=(colour(at)) {}
        }
    }
}

/// The last value of each series that has one: its place, itself, and what is written beside it.
fn ends(series: &[Series]) -> Vec<((usize, usize), Decimal, String)> {
    let ends = series.iter().enumerate().filter_map(|(at, one)| {
        let (index, value) = known(one, one.values.len()).last()?;
        let shown = one.display(index);
        let text = if series.len() == 1 { shown } else { format!("{} {shown}", one.name) };
        Some(((at, index), value, text))
    });
    ends.collect()
}

/// The names at the lines' ends, moved apart where they would cover each other.
fn labels(
    ends: &[((usize, usize), Decimal, String)],
    x: &impl Fn(usize) -> f64,
    y: &impl Fn(Decimal) -> f64,
    top: f64,
    base: f64,
) -> Markup {
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by_key(|end| std::cmp::Reverse(ends[*end].1));
    let mut heights = vec![0.0; ends.len()];
    let mut next = f64::MIN;
    for end in &order {
        next = f64::max(y(ends[*end].1), next + LINE);
        heights[*end] = next;
    }
    // What ran out below moves up again.
    let mut limit = f64::max(base, top + LINE * count(ends.len()));
    for end in order.iter().rev() {
        heights[*end] = f64::min(heights[*end], limit);
        limit = heights[*end] - LINE;
    }
    html! {
        @for (((at, index), _, text), height) in ends.iter().zip(&heights) {
            text class={ "end s" (at) } x=(n(x(*index) + 9.0)) y=(n(height + SIZE * 0.36)) fill=(if ends.len() == 1 { INK } else { colour(*at) })
                font-weight="bold" { (measure::wrap(text, 230.0, 1).concat()) }
        }
    }
}

/// Round values from below the least to above the most, evenly apart. A line need not begin at zero, but does where
/// that costs less than half of the height.
fn ticks(chart: &Chart) -> Vec<Decimal> {
    let places = chart.categories.len();
    // What is beyond all sense is drawn at the edge, so that no sum of two runs over.
    let far = Decimal::from(10_i64.pow(18));
    let values: Vec<Decimal> = drawn(chart)
        .iter()
        .flat_map(|series| known(series, places))
        .map(|(_, value)| value.clamp(-far, far))
        .collect();
    let mut low = values.iter().min().copied().unwrap_or_default();
    let mut high = values.iter().max().copied().unwrap_or_default();
    if low > Decimal::ZERO && low <= high / Decimal::TWO {
        low = Decimal::ZERO;
    } else if high < Decimal::ZERO && high >= low / Decimal::TWO {
        high = Decimal::ZERO;
    }
    if low == high {
        (low, high) = (low - Decimal::ONE, high + Decimal::ONE);
    }
    let step = step((high - low) / Decimal::from(4));
    let mut tick = (low / step).floor() * step;
    let mut ticks = vec![tick.normalize()];
    while tick < high {
        tick += step;
        ticks.push(tick.normalize());
    }
    ticks
}

/// The next of 1, 2 and 5 times a power of ten.
fn step(least: Decimal) -> Decimal {
    let mut power = Decimal::ONE;
    while power > least && power.scale() < 20 {
        power /= Decimal::TEN;
    }
    while let Some(next) = power.checked_mul(Decimal::TEN).filter(|next| *next <= least) {
        power = next;
    }
    [1, 2, 5, 10]
        .into_iter()
        .filter_map(|times| power.checked_mul(Decimal::from(times)))
        .find(|step| *step >= least)
        .unwrap_or(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        for (least, wanted) in
            [("0.3", "0.5"), ("1", "1"), ("1.2", "2"), ("230", "500"), ("6000", "10000"), ("0.0007", "0.001")]
        {
            let step = step(least.parse().unwrap());
            assert_eq!(step, wanted.parse::<Decimal>().unwrap(), "least {least}");
        }
    }
}
