//! Whatever people write, it reads the same in every form, and is never taken for anything but text.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser};
use zhijian_typeset::{
    Document, docx, html, markdown,
    model::{Block, Cell, Chapter, Column, Inline, Row, Table},
    pdf,
};

use crate::docx::{part, words};

/// Texts that mean something to one form or another.
const DANGEROUS: [&str; 16] = [
    "#eval(\"1+1\") #let x = 2",
    "*粗* _斜_ `码` $x^2$ @图 <标>",
    "= 标题\n- 项\n+ 项",
    "</w:t></w:r><w:br/>&amp;",
    "<script>alert(1)</script>",
    "]]> \\ \\* \\n // 注 /* 注 */",
    "| 甲 | 乙 |",
    "[^1] [文](javascript:x) ![图](y)",
    "1. 一 2) 二",
    "--- *** ___",
    "> 引 # 题 ~~删~~",
    "{{ x }} ${y} %s \u{2028}末",
    "https://example.org/?a=1&b=2",
    "&lt;b&gt; &#x41; &copy;",
    "\"引\" 'a' “b” ‘c’",
    "a\u{0}b\u{7}c\td",
];

fn holding(text: &str) -> Document {
    let cell = |display: &str| Cell { display: display.to_owned(), ..Cell::default() };
    Document {
        title: "质量报告".to_owned(),
        chapters: vec![Chapter {
            id: "one".to_owned(),
            number: "1".to_owned(),
            title: text.to_owned(),
            blocks: vec![
                Block::Paragraph(vec![
                    Inline::Text(format!("甲始{text}甲终")),
                    Inline::Footnote(vec![Inline::Text(format!("乙始{text}乙终"))]),
                ]),
                Block::Table(Table {
                    id: "t".to_owned(),
                    number: "1-1".to_owned(),
                    title: text.to_owned(),
                    columns: vec![Column { name: "栏".to_owned(), ..Column::default() }],
                    rows: vec![Row { cells: vec![cell(&format!("丙始{text}丙终"))], total: false }],
                    ..Table::default()
                }),
            ],
        }],
        ..Document::default()
    }
}

/// What is left of a text where spaces and line breaks say nothing.
fn bare(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && !character.is_control()).collect()
}

fn check(form: &str, whole: &str, text: &str) -> Result<(), TestCaseError> {
    let whole = bare(whole);
    for (begin, end) in [("甲始", "甲终"), ("乙始", "乙终"), ("丙始", "丙终")] {
        let wanted = bare(&format!("{begin}{text}{end}"));
        prop_assert!(whole.contains(&wanted), "{form} lost {wanted:?} in {whole:?}");
    }
    Ok(())
}

/// The text of an HTML page without its tags.
fn untagged(page: &str) -> String {
    let body = page.split_once("</style>").map_or(page, |(_, body)| body);
    let mut text = String::new();
    for piece in body.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, after)| after));
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Markdown as its reader shows it.
fn unmarked(markdown: &str) -> String {
    let known = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    Parser::new_ext(markdown, known)
        .filter_map(|event| match event {
            Event::Text(text) => Some(text.into_string()),
            // Whatever else shows words was not meant.
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => Some("\u{fffd}".to_owned()),
            _ => None,
        })
        .collect()
}

fn in_light_forms(text: &str) -> Result<(), TestCaseError> {
    let document = holding(text);
    check("HTML", &untagged(&html::page(&document)), text)?;
    check("Markdown", &unmarked(&markdown::text(&document)), text)?;
    let file = docx::bytes(&document).expect("is written");
    let both = words(&part(&file, "word/document.xml")) + &words(&part(&file, "word/footnotes.xml"));
    check("DOCX", &both, text)
}

fn in_the_book(text: &str) -> Result<(), TestCaseError> {
    let book = pdf::bytes(&holding(text)).expect("sets");
    let shown = pdf_extract::extract_text_from_mem(&book).expect("has text");
    check("PDF", &shown, text)
}

#[test]
fn dangerous_texts_are_texts() {
    for text in DANGEROUS {
        in_light_forms(text).expect("survives");
        in_the_book(text).expect("survives");
    }
}

#[test]
fn links_that_run_are_words() {
    let mut document = holding("文");
    document.chapters[0].blocks.push(Block::Paragraph(vec![
        Inline::Link { text: "点此".to_owned(), href: "javascript:alert(1)".to_owned() },
        Inline::Bound { display: "5 人".to_owned(), href: Some("data:text/html,x".to_owned()) },
    ]));
    let page = html::page(&document);
    assert!(!page.contains("javascript:") && !page.contains("data:text") && page.contains("点此"));
    assert!(!markdown::text(&document).contains("javascript:"));
    let file = docx::bytes(&document).expect("is written");
    assert!(!part(&file, "word/_rels/document.xml.rels").contains("javascript:"));
    assert!(pdf::bytes(&document).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives_in_light_forms(text in "\\PC{0,60}") {
        in_light_forms(&text)?;
    }
}

proptest! {
    // A book takes a while to set in a debug build.
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_text_survives_in_the_book(text in "[ -~一-龠、-〗！-～《》“”‘’]{0,40}") {
        in_the_book(&text)?;
    }
}
