//! A report that has everything in it.

use rust_decimal::Decimal;
use zhijian_typeset::model::*;

pub fn text(text: &str) -> Inline {
    Inline::Text(text.to_owned())
}

pub fn cell(display: &str) -> Cell {
    let number = display.replace(',', "");
    Cell { display: display.to_owned(), value: number.parse().ok(), href: None }
}

fn row(cells: &[&str], total: bool) -> Row {
    Row { cells: cells.iter().map(|display| cell(display)).collect(), total }
}

fn column(name: &str, unit: &str) -> Column {
    Column { name: name.to_owned(), unit: unit.to_owned(), numeric: !unit.is_empty() }
}

pub fn series(name: &str, values: &[&str]) -> Series {
    Series {
        name: name.to_owned(),
        values: values.iter().map(|value| value.parse().ok()).collect(),
        displays: vec![],
    }
}

pub fn chart(kind: ChartKind, number: &str, categories: &[&str], series: Vec<Series>) -> Chart {
    Chart {
        number: number.to_owned(),
        id: format!("fig-{number}"),
        title: format!("演示图 {number}"),
        kind,
        categories: categories.iter().map(|name| (*name).to_owned()).collect(),
        series,
        unit: "人".to_owned(),
        source: "演示数据".to_owned(),
        notes: vec![],
    }
}

pub fn table(number: &str, title: &str, columns: Vec<Column>, rows: Vec<Row>) -> Table {
    Table {
        number: number.to_owned(),
        id: format!("tab-{number}"),
        title: title.to_owned(),
        columns,
        rows,
        source: "演示数据".to_owned(),
        notes: vec!["“—”表示没有数据。".to_owned()],
    }
}

pub fn long_table() -> Table {
    let columns =
        vec![column("学校", ""), column("在校生", "人"), column("专任教师", "人"), column("生师比", "%")];
    let mut rows: Vec<Row> = (1..=90)
        .map(|index| {
            let (students, teachers) = (400 + index * 37, 40 + index);
            let ratio = (Decimal::from(students) / Decimal::from(teachers)).round_dp(2);
            row(
                &[
                    &format!("演示学校{index}"),
                    &students.to_string(),
                    &teachers.to_string(),
                    &ratio.to_string(),
                ],
                false,
            )
        })
        .collect();
    rows.push(row(&["合计", "204,435", "7,695", "—"], true));
    table("2-2", "各校在校生与专任教师", columns, rows)
}

pub fn wide_table() -> Table {
    let mut columns = vec![column("专业大类", "")];
    columns.extend((2015..=2025).map(|year| column(&format!("{year}年"), "人")));
    let rows = ["装备制造大类", "电子与信息大类", "交通运输大类", "财经商贸大类"].iter().enumerate().map(
        |(at, name)| {
            let values: Vec<String> =
                (0..11).map(|year| format!("{},{:03}", 3 + at, 100 + year * 41)).collect();
            let cells: Vec<&str> = std::iter::once(*name).chain(values.iter().map(String::as_str)).collect();
            row(&cells, false)
        },
    );
    table("2-3", "分专业大类历年招生", columns, rows.collect())
}

pub fn document() -> Document {
    let running = vec![
        text("全市中等职业学校在校生 "),
        Inline::Bound { display: "6.91%".into(), href: Some("/open/value/1".into()) },
        text("，比上年减少 "),
        Inline::Bound { display: "883 人".into(), href: None },
        text("，详见"),
        Inline::Reference { kind: ReferenceKind::Table, number: "2-2".into(), id: "tab-2-2".into() },
        text("与"),
        Inline::Reference { kind: ReferenceKind::Figure, number: "1-1".into(), id: "fig-1-1".into() },
        text("。"),
        Inline::Footnote(vec![
            text("统计口径见"),
            Inline::Link { text: "公告".into(), href: "https://example.org/notice".into() },
            text("。"),
        ]),
        text("其中"),
        Inline::Strong("“双师型”教师".into()),
        text("占比"),
        Inline::Emphasis("持续提高".into()),
        text(
            "，为区域产业发展提供了有力的人才支撑，各校在课程、教材与实训基地上的投入均有增长，学生的获得感进一步增强。",
        ),
    ];
    let first = Chapter {
        id: "ch-1".into(),
        number: "第一章".into(),
        title: "基本情况".into(),
        blocks: vec![
            Block::Heading(Heading {
                level: 1,
                id: "s-1-1".into(),
                number: "1.1".into(),
                title: "规模".into(),
            }),
            Block::Paragraph(running.clone()),
            Block::Paragraph(running.clone()),
            Block::Chart(chart(
                ChartKind::Lines,
                "1-1",
                &["2021", "2022", "2023", "2024", "2025"],
                vec![
                    series("招生数", &["21840", "20310", "", "18980", "18097"]),
                    series("毕业生数", &["19400", "19500", "19800", "19020", "18450"]),
                ],
            )),
            Block::Heading(Heading {
                level: 2,
                id: "s-1-1-1".into(),
                number: "（一）".into(),
                title: "布局".into(),
            }),
            Block::List(List {
                ordered: false,
                items: vec![vec![text("城区 12 所")], vec![text("郊区 30 所")]],
            }),
            Block::List(List {
                ordered: true, items: vec![vec![text("先看布局")], vec![text("再看结构")]]
            }),
            Block::Chart(chart(
                ChartKind::Bars,
                "1-2",
                &["城市轨道交通运营管理", "学前教育", "计算机应用", "中餐烹饪", "西餐"],
                vec![series("在校生", &["4120", "3980", "2760", "1510", "0"])],
            )),
        ],
    };
    let second = Chapter {
        id: "ch-2".into(),
        number: "第二章".into(),
        title: "人才培养".into(),
        blocks: vec![
            Block::Heading(Heading {
                level: 1,
                id: "s-2-1".into(),
                number: "2.1".into(),
                title: "培养质量".into(),
            }),
            Block::Table(long_table()),
            Block::Table(wide_table()),
            Block::Case(Case {
                id: "case-1".into(),
                number: "1".into(),
                title: "校企共建产业学院".into(),
                owner: "演示学校（虚构）".into(),
                paragraphs: vec![
                    running.clone(),
                    vec![
                        text("演示学校与企业共建产业学院，见"),
                        Inline::Reference {
                            kind: ReferenceKind::Section,
                            number: "2.1".into(),
                            id: "s-2-1".into(),
                        },
                        text("。"),
                    ],
                ],
                source: "学校提供".into(),
            }),
            Block::Quote(Quote {
                paragraphs: vec![vec![text("质量是职业教育的生命线。")]],
                source: "演示人".into(),
            }),
            Block::Chart(chart(
                ChartKind::StackedBars,
                "2-1",
                &["中职", "高职"],
                vec![
                    series("初级", &["120", "310"]),
                    series("中级", &["430", "900"]),
                    series("高级", &["210", "760"]),
                ],
            )),
            Block::Chart(chart(
                ChartKind::GroupedBars,
                "2-2",
                &["就业率", "升学率", "对口率"],
                vec![series("2024年", &["96.1", "71.3", "-3.5"]), series("2025年", &["97.2", "73.8", "5"])],
            )),
        ],
    };
    Document {
        title: "演示市职业教育质量年度报告（2025）".into(),
        subtitle: "中等职业教育与高等职业教育".into(),
        issuer: "演示市教育委员会".into(),
        date: "2026年1月".into(),
        lang: Lang::Zh,
        demonstration: true,
        note: "本报告所用数据来自各校填报并经审核的质量年报。".into(),
        chapters: vec![first, second],
    }
}
