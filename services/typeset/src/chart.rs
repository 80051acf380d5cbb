//! Charts as SVG: bars in rows from zero, and lines, labelled directly. Every colour and size stands in the drawing
//! itself, so that it is the same on a page, on paper and in a text document; a page may recolour it by its classes.
//! Coordinates are floats; the numbers shown never are.

mod bars;
mod lines;
mod measure;

use maud::{Markup, PreEscaped, html};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{
    model::{Cell, Chart, ChartKind, Column, Lang, Row, Table},
    text,
};

/// The width of every drawing; heights differ.
pub const WIDTH: f64 = 720.0;

const SIZE: f64 = 13.0;
const LINE: f64 = 17.0;
const INK: &str = "#22292e";
const GREY: &str = "#626b71";
const RULE: &str = "#d9dee1";
/// The series in order: apart in hue, and dark enough for white letters.
const COLOURS: [&str; 6] = ["#1d6770", "#8f6420", "#a8452f", "#5a6773", "#4d7a3e", "#76507f"];
const FONTS: &str =
    "'Zhijian Sans SC', 'PingFang SC', 'Noto Sans CJK SC', 'Microsoft YaHei', system-ui, sans-serif";

/// The chart as a complete SVG document.
pub fn svg(chart: &Chart, lang: Lang) -> String {
    let (height, drawing) = if known(chart) == 0 {
        (48.0, nothing(lang))
    } else if chart.kind == ChartKind::Lines {
        lines::draw(chart, lang)
    } else {
        bars::draw(chart, lang)
    };
    let drawing = html! {
        svg.drawing xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (n(WIDTH)) " " (n(height)) } width=(n(WIDTH))
            height=(n(height)) role="img" aria-labelledby={ (chart.id) "-title " (chart.id) "-desc" }
            font-family=(FONTS) font-size=(SIZE) fill=(INK) {
            title id={ (chart.id) "-title" } { (chart.title) }
            desc id={ (chart.id) "-desc" } { (description(chart, lang)) }
            (drawing)
        }
    };
    text::clean(&drawing.into_string())
}

/// The table of what the chart draws: a row for each category, a column for each series.
pub fn table(chart: &Chart, lang: Lang) -> Table {
    let name = Column { name: lang.pick("项目", "Item").to_owned(), ..Column::default() };
    let series = drawn(chart).iter().map(|series| Column {
        name: series.name.clone(),
        unit: chart.unit.clone(),
        numeric: true,
    });
    let rows = chart.categories.iter().enumerate().map(|(index, category)| {
        let head = Cell { display: category.clone(), ..Cell::default() };
        let values = drawn(chart).iter().map(|series| Cell {
            display: series.display(index),
            value: series.values.get(index).copied().flatten(),
            href: None,
        });
        Row { cells: std::iter::once(head).chain(values).collect(), total: false }
    });
    Table {
        number: String::new(),
        id: String::new(),
        title: chart.title.clone(),
        columns: std::iter::once(name).chain(series).collect(),
        rows: rows.collect(),
        source: String::new(),
        notes: vec![],
    }
}

/// The series that the chart's kind can show.
fn drawn(chart: &Chart) -> &[crate::model::Series] {
    let count = if chart.kind == ChartKind::Bars { 1 } else { chart.series.len() };
    &chart.series[..count.min(chart.series.len())]
}

fn known(chart: &Chart) -> usize {
    let places = chart.categories.len();
    drawn(chart).iter().map(|series| series.values.iter().take(places).flatten().count()).sum()
}

fn description(chart: &Chart, lang: Lang) -> String {
    let kind = match chart.kind {
        ChartKind::Bars => lang.pick("条形图", "Bar chart"),
        ChartKind::GroupedBars => lang.pick("分组条形图", "Grouped bar chart"),
        ChartKind::StackedBars => lang.pick("堆叠条形图", "Stacked bar chart"),
        ChartKind::Lines => lang.pick("折线图", "Line chart"),
    };
    let names: Vec<&str> = drawn(chart).iter().map(|series| series.name.as_str()).collect();
    let (of, unit, end) = lang.pick(
        ("：", "；单位：", "。数据见图后的表。"),
        (": ", "; unit: ", ". The data are in the table after the chart."),
    );
    let names = names.join(lang.pick("、", ", "));
    let unit = if chart.unit.is_empty() { String::new() } else { format!("{unit}{}", chart.unit) };
    format!("{kind}{of}{names}{unit}{end}")
}

fn nothing(lang: Lang) -> Markup {
    html! { text x="0" y="28" fill=(GREY) { (lang.pick("没有可以画出的数据", "There are no data to draw")) } }
}

/// What the values are counted in, over the drawing.
fn unit(chart: &Chart, lang: Lang, y: f64) -> Markup {
    html! {
        @if !chart.unit.is_empty() {
            text.unit x="0" y=(n(y)) fill=(GREY) { (lang.pick("单位：", "Unit: ")) (chart.unit) }
        }
    }
}

fn colour(index: usize) -> &'static str {
    COLOURS[index % COLOURS.len()]
}

fn float(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

fn count(count: usize) -> f64 {
    u32::try_from(count).map_or(0.0, f64::from)
}

/// A coordinate with one digit after the point.
fn n(value: f64) -> PreEscaped<String> {
    // Never "-0.0".
    PreEscaped(format!("{:.1}", if value.abs() < 0.05 { 0.0 } else { value }))
}
