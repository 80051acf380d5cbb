//! How long a report of some 300 pages takes in each form, and how the time grows with the report.
//! `cargo bench -p zhijian-typeset`. Exits with 1 if an aim is missed (never in a debug build).

use std::time::{Duration, Instant};

use rust_decimal::Decimal;
use zhijian_typeset::{
    Document, docx, html, markdown,
    model::{
        Block, Cell, Chapter, Chart, ChartKind, Column, Heading, Inline, ReferenceKind, Row, Series, Table,
    },
    pdf,
};

/// Sections of a report that fills about 300 pages.
const SECTIONS: usize = 190;
const HTML: Duration = Duration::from_secs(2);
const PDF: Duration = Duration::from_secs(20);

/// A section of about a page and a half: running text with bound values, a table and a chart.
fn section(number: usize) -> Vec<Block> {
    let words =
        "全市职业院校坚持立德树人，深化产教融合与校企合作，优化专业布局，人才培养质量稳步提高。".repeat(4);
    let paragraph = |index: usize| {
        Block::Paragraph(vec![
            Inline::Text(words.clone()),
            Inline::Bound {
                display: format!("{}.{index:02}%", number % 97),
                href: Some(format!("/values/{number}/{index}")),
            },
            Inline::Text("，见".to_owned()),
            Inline::Reference {
                kind: ReferenceKind::Table,
                number: format!("{number}-1"),
                id: format!("tab-{number}"),
            },
            Inline::Text("。".to_owned()),
        ])
    };
    let value = |row: usize, column: usize| Decimal::from(1_000 + row * 37 + column * 411 + number);
    let cell = |display: String| Cell { display, ..Cell::default() };
    let column = |name: &str, unit: &str| Column {
        name: name.to_owned(),
        unit: unit.to_owned(),
        numeric: !unit.is_empty(),
    };
    let table = Table {
        number: format!("{number}-1"),
        id: format!("tab-{number}"),
        title: "各类院校基本情况".to_owned(),
        columns: vec![
            column("院校", ""),
            column("在校生", "人"),
            column("教师", "人"),
            column("经费", "万元"),
        ],
        rows: (0..14)
            .map(|row| Row {
                cells: std::iter::once(cell(format!("第{row}所院校")))
                    .chain((0..3).map(|column| cell(value(row, column).to_string())))
                    .collect(),
                total: row == 13,
            })
            .collect(),
        source: "演示数据".to_owned(),
        notes: vec![],
    };
    let chart = Chart {
        number: format!("{number}-1"),
        id: format!("fig-{number}"),
        title: "近五年变化".to_owned(),
        kind: if number.is_multiple_of(2) { ChartKind::Lines } else { ChartKind::GroupedBars },
        categories: (2021..=2025).map(|year| format!("{year}年")).collect(),
        series: ["招生", "毕业"]
            .iter()
            .enumerate()
            .map(|(at, name)| Series {
                name: (*name).to_owned(),
                values: (0..5).map(|year| Some(value(year, at))).collect(),
                displays: vec![],
            })
            .collect(),
        unit: "人".to_owned(),
        source: "演示数据".to_owned(),
        notes: vec![],
    };
    let heading = Heading {
        level: 1,
        id: format!("s-{number}"),
        number: number.to_string(),
        title: "基本情况".to_owned(),
    };
    let note = Block::Paragraph(vec![
        Inline::Text(words.clone()),
        Inline::Footnote(vec![Inline::Text(format!("注释{number}"))]),
    ]);
    vec![
        Block::Heading(heading),
        paragraph(1),
        paragraph(2),
        Block::Table(table),
        paragraph(3),
        note,
        Block::Chart(chart),
        paragraph(4),
    ]
}

fn report(sections: usize) -> Document {
    let numbers: Vec<usize> = (1..=sections).collect();
    let chapters = numbers.chunks(20).enumerate().map(|(index, numbers)| Chapter {
        id: format!("ch-{index}"),
        number: format!("第{}章", index + 1),
        title: "人才培养".to_owned(),
        blocks: numbers.iter().flat_map(|number| section(*number)).collect(),
    });
    Document {
        title: "演示报告".to_owned(),
        demonstration: true,
        chapters: chapters.collect(),
        ..Document::default()
    }
}

fn timed<T>(make: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = make();
    (made, start.elapsed())
}

fn main() {
    let release = !cfg!(debug_assertions);
    let mut missed = false;
    let mut aim = |what: &str, held: bool| {
        println!("  {what}: {}", if held { "held" } else { "MISSED" });
        missed |= release && !held;
    };
    let document = report(SECTIONS);

    let (book, took) = timed(|| pdf::bytes(&document).expect("sets"));
    println!("PDF      {took:>9.1?}  {} kB", book.len() / 1024);
    aim("a book of 300 pages in 20 s", took < PDF);
    let (file, took) = timed(|| docx::bytes(&document).expect("is written"));
    println!("DOCX     {took:>9.1?}  {} kB", file.len() / 1024);
    let (text, took) = timed(|| markdown::text(&document));
    println!("Markdown {took:>9.1?}  {} kB", text.len() / 1024);

    let mut times = vec![];
    for times_over in [1, 10, 100] {
        let document = report(SECTIONS * times_over);
        let (page, took) = timed(|| html::page(&document));
        println!("HTML     {took:>9.1?}  {} kB, {times_over} times over", page.len() / 1024);
        times.push(took.as_secs_f64() / times_over as f64);
    }
    aim("a page of 300 pages in 2 s", times[0] < HTML.as_secs_f64());
    // The first is short, and noise counts in it.
    aim("time grows with the report alone", times[2] < 2.0 * times[1]);
    std::process::exit(i32::from(missed));
}
