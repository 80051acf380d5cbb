//! The whole sample in each form.

use std::collections::HashSet;

use zhijian_typeset::{
    Document, chart, html, markdown,
    model::{Block, Case, Chapter, ChartKind, Heading, Inline, Lang, List, Quote, ReferenceKind},
    pdf,
};

use crate::{
    docx::{part, words},
    sample,
};

/// The text of a book, without spaces and line breaks.
fn shown(book: &[u8]) -> String {
    let text = pdf_extract::extract_text_from_mem(book).expect("has text");
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

#[test]
fn the_book_has_what_a_book_has() {
    let document = sample::document();
    let book = pdf::bytes(&document).expect("sets");
    if let Ok(directory) = std::env::var("ZHIJIAN_TYPESET_OUT") {
        std::fs::write(format!("{directory}/sample.pdf"), &book).expect("writes");
        std::fs::write(format!("{directory}/sample.html"), html::page(&document)).expect("writes");
        std::fs::write(format!("{directory}/sample.md"), markdown::text(&document)).expect("writes");
    }
    assert_eq!(book, pdf::bytes(&document).expect("sets"), "the same document gives the same bytes");
    let text = shown(&book);
    for wanted in [
        "演示：本文含有虚构的数据",
        "目录",
        "表目录",
        "图目录",
        "表2-2各校在校生与专任教师",
        "204,435",
        "统计口径见公告。",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    assert!(
        text.matches("专任教师（人）").count() >= 3,
        "the head of the long table is on each of its pages"
    );
    assert!(text.matches("演示市职业教育质量年度报告（2025）").count() >= 4, "pages have running heads");
    let file = pdf_extract::Document::load_mem(&book).expect("is a PDF");
    let pages = file.get_pages();
    let links = pages.values().flat_map(|page| file.get_page_annotations(*page).expect("reads")).count();
    assert!(links >= 12, "contents and references lead to their places: {links}");
    let catalogue = file.catalog().expect("has one");
    assert_eq!(catalogue.get(b"Lang").and_then(|lang| lang.as_str()).expect("a language"), b"zh-CN");
    assert!(catalogue.get(b"Outlines").is_ok() && catalogue.get(b"StructTreeRoot").is_ok());
}

#[test]
fn a_book_of_anything_is_set() {
    let long = "很长的专业名称".repeat(40);
    let names: Vec<String> = (0..150).map(|index| format!("第{index}项")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let values = vec!["12345678901234567890.12"; 150];
    let mut high = sample::chart(ChartKind::Bars, "9-1", &names, vec![sample::series("多", &values)]);
    high.id = "once".to_owned();
    let mut none = sample::chart(ChartKind::Lines, "9-2", &[], vec![]);
    none.id = "once".to_owned();
    let mut wide = sample::wide_table();
    let columns = wide.columns.clone();
    wide.columns.extend(columns.iter().cloned().cycle().take(40));
    wide.rows[0].cells[0].display = long.clone();
    wide.rows[1].cells.clear();
    let mut empty = sample::long_table();
    empty.columns.clear();
    let nested = Inline::Footnote(vec![sample::text("外"), Inline::Footnote(vec![sample::text("内")])]);
    let rare = sample::text("罕见𠮷龘，不存在\u{10fff0}，👩\u{200d}👧 é");
    let nowhere =
        Inline::Reference { kind: ReferenceKind::Table, number: "0-0".into(), id: "nowhere".into() };
    let blocks = vec![
        Block::Paragraph(vec![nested, rare, nowhere]),
        Block::Paragraph(vec![]),
        Block::Paragraph(vec![Inline::Footnote(vec![]), sample::text(""), Inline::Strong(String::new())]),
        Block::Heading(Heading::default()),
        Block::Paragraph(vec![sample::text(&long)]),
        Block::List(List::default()),
        Block::List(List { ordered: true, items: vec![vec![], vec![]] }),
        Block::Chart(high),
        Block::Chart(none),
        Block::Table(wide),
        Block::Table(empty),
        Block::Case(Case::default()),
        Block::Quote(Quote::default()),
    ];
    for lang in [Lang::Zh, Lang::En] {
        let document = Document {
            lang,
            chapters: vec![Chapter { blocks: blocks.clone(), ..Chapter::default() }],
            ..Document::default()
        };
        let text = shown(&pdf::bytes(&document).expect("sets"));
        assert!(text.contains("不存在〓"), "what no font has is marked: {}", &text[..200.min(text.len())]);
        assert!(text.contains(lang.pick("表0-0", "Table0-0")));
        assert!(zhijian_typeset::docx::bytes(&document).is_ok());
        assert!(html::page(&document).contains("不存在") && markdown::text(&document).contains("不存在"));
    }
    assert!(pdf::bytes(&Document::default()).is_ok());
}

#[test]
fn the_page_leads_where_it_says() {
    let document = sample::document();
    for page in [html::page(&document), html::fragment(&document)] {
        let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let known: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(known.len(), ids.len(), "anchors are unique");
        let leads: Vec<&str> =
            page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(leads.len() > 12 && leads.iter().all(|id| known.contains(id)), "{leads:?}");
        assert!(
            page.contains(r#"<a class="bound" href="/open/value/1">6.91%</a>"#),
            "a value leads to its derivation"
        );
        assert!(page.contains("<figcaption>表2-2 各校在校生与专任教师</figcaption>"));
        assert_eq!(page.matches("<svg").count(), 4);
        assert!(page.contains("演示：本文含有虚构的数据"));
    }
    assert!(!html::fragment(&document).contains("<html"));
}

#[test]
fn a_case_says_whose_it_is_in_every_form() {
    let case = Case {
        id: "case-2-1".into(),
        number: "2-1".into(),
        title: "夜校开到车间".into(),
        owner: "甲*学院（演示）".into(),
        paragraphs: vec![vec![sample::text("第一段。")], vec![sample::text("第二段。")]],
        source: "学校提供".into(),
    };
    let document = Document {
        chapters: vec![Chapter { blocks: vec![Block::Case(case)], ..Chapter::default() }],
        ..Document::default()
    };
    let page = html::fragment(&document);
    let set = concat!(
        r#"<section class="case" id="case-2-1"><p class="title">案例2-1 夜校开到车间</p>"#,
        r#"<p class="source">甲*学院（演示）</p><p>第一段。</p><p>第二段。</p>"#,
        r#"<p class="source">来源：学校提供</p></section>"#,
    );
    assert!(page.contains(set), "{page}");
    let text = markdown::text(&document);
    let set = "> <strong>案例2-1 夜校开到车间</strong>\n>\n> 甲\\*学院（演示）\n>\n> 第一段。\n>\n> 第二段。\n>\n> 来源：学校提供";
    assert!(text.contains(set), "{text}");
    let file = zhijian_typeset::docx::bytes(&document).expect("is written");
    let told = "案例2-1 夜校开到车间甲*学院（演示）第一段。第二段。来源：学校提供";
    let body = words(&part(&file, "word/document.xml"));
    assert!(body.contains(told), "{body}");
    let book = shown(&pdf::bytes(&document).expect("sets"));
    assert!(book.contains(&told.replace(' ', "")), "{book}");
    // What was kept before cases said whose they are is read all the same.
    let old = r#"{"id":"case-1","number":"1","title":"题","paragraphs":[],"source":"校"}"#;
    assert_eq!(serde_json::from_str::<Case>(old).expect("is read").owner, "");
}

#[test]
fn charts_say_what_they_draw() {
    let chart = sample::chart(
        ChartKind::GroupedBars,
        "1-1",
        &["就业率", "升学率"],
        vec![sample::series("2024年", &["96.1", ""]), sample::series("2025年", &["97.2", "0"])],
    );
    let svg = chart::svg(&chart, Lang::Zh);
    assert_eq!(svg, chart::svg(&chart, Lang::Zh));
    for wanted in
        ["<title", "<desc", "单位：人", "96.1", "97.2", "就业率", "升学率", "2024年", "2025年", ">—<"]
    {
        assert!(svg.contains(wanted), "{wanted}");
    }
    // Bars are as long as their values, from one zero.
    let bars: Vec<(f64, f64)> = svg
        .split("<rect class=\"bar ")
        .skip(1)
        .filter(|bar| !bar.contains(r#"width="12""#))
        .map(|bar| {
            let number = |name: &str| {
                let rest = bar.split_once(&format!(" {name}=\"")).expect("has it").1;
                rest.split('"').next().and_then(|value| value.parse().ok()).expect("a number")
            };
            (number("x"), number("width"))
        })
        .collect();
    assert_eq!(bars.len(), 4);
    assert!(bars.iter().all(|bar| (bar.0 - bars[0].0).abs() < 0.05), "{bars:?}");
    assert!((bars[0].1 / bars[1].1 - 96.1 / 97.2).abs() < 0.001, "{bars:?}");
    assert!(bars[2].1 == 0.0 && bars[3].1 == 0.0, "{bars:?}");
}

#[test]
fn a_document_is_kept_as_json() {
    let document = sample::document();
    let kept = serde_json::to_string(&document).expect("is written");
    assert_eq!(serde_json::from_str::<Document>(&kept).expect("is read"), document);
}
