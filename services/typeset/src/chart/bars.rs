//! Bars: a row for each category, its name before it and its numbers beside it, so that names of any length read.

use maud::{Markup, html};

use super::{GREY, INK, LINE, RULE, SIZE, WIDTH, colour, count, drawn, float, measure, n, unit};
use crate::model::{Chart, ChartKind, Lang};

/// Where values are on the page: a line through zero, and how much a unit of value is.
struct Scale {
    zero: f64,
    unit: f64,
}

impl Scale {
    /// The left end and the width of the bar between two values.
    fn bar(&self, from: f64, to: f64) -> (f64, f64) {
        let (left, right) = (self.zero + from.min(to) * self.unit, self.zero + from.max(to) * self.unit);
        (left, right - left)
    }
}

/// Draws the chart; gives the height and the drawing.
pub fn draw(chart: &Chart, lang: Lang) -> (f64, Markup) {
    let series = drawn(chart);
    let stacked = chart.kind == ChartKind::StackedBars;
    let thick = if chart.kind == ChartKind::GroupedBars && series.len() > 2 { 15.0 } else { 18.0 };
    let gutter =
        chart.categories.iter().map(|name| measure::width(name)).fold(0.0, f64::max).clamp(24.0, 220.0);
    let names: Vec<Vec<String>> =
        chart.categories.iter().map(|name| measure::wrap(name, gutter + 1.0, 3)).collect();
    let (key_height, key) = key(chart);
    let top = key_height + if chart.unit.is_empty() { 4.0 } else { 24.0 };
    let scale = scale(chart, gutter + 12.0, stacked);

    let mut y = top;
    let mut rows = vec![];
    for (index, name) in names.iter().enumerate() {
        let bars = if stacked { 1 } else { series.len() };
        let inner = (thick + 2.0) * count(bars) - 2.0;
        let height = inner.max(LINE * count(name.len()));
        let middle = y + height / 2.0;
        rows.push(html! {
            @for (line, text) in name.iter().enumerate() {
                text.name x=(n(gutter)) y=(n(middle - LINE * count(name.len()) / 2.0 + LINE * count(line) + SIZE))
                    text-anchor="end" { (text) }
            }
            @if stacked {
                (pieces(chart, index, middle - thick / 2.0, thick, &scale))
            } @else {
                @for at in 0..series.len() {
                    (bar(chart, at, index, middle - inner / 2.0 + (thick + 2.0) * count(at), thick, &scale))
                }
            }
        });
        y += height + if bars > 1 { 14.0 } else { 9.0 };
    }
    let drawing = html! {
        (key)
        (unit(chart, lang, key_height + SIZE))
        @for row in &rows { (row) }
        line.base x1=(n(scale.zero)) x2=(n(scale.zero)) y1=(n(top - 2.0)) y2=(n(y - 5.0)) stroke=(GREY) stroke-width="1" {}
    };
    (y, drawing)
}

/// One value: its bar from zero and its number at the bar's end.
fn bar(chart: &Chart, at: usize, index: usize, y: f64, thick: f64, scale: &Scale) -> Markup {
    let series = &drawn(chart)[at];
    let value = series.values.get(index).copied().flatten();
    let (left, width) = value.map_or((scale.zero, 0.0), |value| scale.bar(0.0, float(value)));
    let negative = value.is_some_and(|value| value.is_sign_negative() && !value.is_zero());
    let (x, anchor) = if negative { (left - 5.0, "end") } else { (left + width + 5.0, "start") };
    html! {
        rect class={ "bar s" (at) } x=(n(left)) y=(n(y)) width=(n(width)) height=(n(thick)) fill=(colour(at)) {}
        text.value x=(n(x)) y=(n(y + thick / 2.0 + SIZE * 0.36)) text-anchor=(anchor)
            fill=(if value.is_some() { INK } else { GREY }) { (series.display(index)) }
    }
}

/// The series of one category on top of each other; a piece too small for its number leaves it to the table.
fn pieces(chart: &Chart, index: usize, y: f64, thick: f64, scale: &Scale) -> Markup {
    let (mut up, mut down) = (0.0, 0.0);
    html! {
        @for (at, series) in drawn(chart).iter().enumerate() {
            @if let Some(value) = series.values.get(index).copied().flatten().map(float) {
                @let from = if value < 0.0 { &mut down } else { &mut up };
                @let (left, width) = scale.bar(*from, *from + value);
                @let () = *from += value;
                rect class={ "bar s" (at) } x=(n(left)) y=(n(y)) width=(n(width)) height=(n(thick)) fill=(colour(at))
                    stroke="#ffffff" stroke-width="1" {}
                @let shown = series.display(index);
                @if measure::width(&shown) + 8.0 <= width {
                    text.inside x=(n(left + width / 2.0)) y=(n(y + thick / 2.0 + SIZE * 0.36)) text-anchor="middle"
                        fill="#ffffff" { (shown) }
                }
            }
        }
    }
}

/// Scales the values to the room right of `left`, and leaves room for the numbers at the bars' ends.
fn scale(chart: &Chart, left: f64, stacked: bool) -> Scale {
    let series = drawn(chart);
    let (mut least, mut most, mut label): (f64, f64, f64) = (0.0, 0.0, 0.0);
    for index in 0..chart.categories.len() {
        let values =
            series.iter().filter_map(|series| series.values.get(index).copied().flatten()).map(float);
        if stacked {
            let (down, up) =
                values.fold(
                    (0.0, 0.0),
                    |(down, up), value| {
                        if value < 0.0 { (down + value, up) } else { (down, up + value) }
                    },
                );
            (least, most) = (least.min(down), most.max(up));
        } else {
            (least, most) =
                values.fold((least, most), |(least, most), value| (least.min(value), most.max(value)));
            label = series
                .iter()
                .map(|series| measure::width(&series.display(index)) + 8.0)
                .fold(label, f64::max);
        }
    }
    let before = if least < 0.0 { label } else { 0.0 };
    let room = (WIDTH - left - label - before - 2.0).max(60.0);
    let reach = most - least;
    let unit = if reach > 0.0 { room / reach } else { 0.0 };
    Scale { zero: left + before - least * unit, unit }
}

/// Which colour is which series, where there is more than one; in rows as wide as the drawing.
fn key(chart: &Chart) -> (f64, Markup) {
    let series = drawn(chart);
    if series.len() < 2 {
        return (0.0, html! {});
    }
    let (mut x, mut y) = (0.0, 0.0);
    let mut places = vec![];
    for (at, series) in series.iter().enumerate() {
        let name = measure::wrap(&series.name, WIDTH - 40.0, 1).concat();
        let width = 18.0 + measure::width(&name) + 22.0;
        if x + width - 22.0 > WIDTH && x > 0.0 {
            (x, y) = (0.0, y + LINE + 3.0);
        }
        places.push((at, x, y, name));
        x += width;
    }
    let key = html! {
        @for (at, x, y, name) in &places {
            rect class={ "bar s" (at) } x=(n(*x)) y=(n(y + 2.0)) width="12" height="12" fill=(colour(*at)) stroke=(RULE)
                stroke-width="0.5" {}
            text.key x=(n(x + 18.0)) y=(n(y + SIZE)) { (name) }
        }
    };
    (y + LINE + 8.0, key)
}
