//! The text document: its parts fit together, and LibreOffice opens it.

use std::{collections::HashSet, fs, io::Read as _, process::Command};

use quick_xml::{escape::unescape, events::Event};
use zhijian_typeset::{docx, model::Block};

use crate::sample;

fn parts(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(file)).expect("is a package");
    (0..zip.len())
        .map(|index| {
            let mut part = zip.by_index(index).expect("part");
            let mut content = vec![];
            part.read_to_end(&mut content).expect("reads");
            (part.name().expect("is text").into_owned(), content)
        })
        .collect()
}

pub fn part(file: &[u8], name: &str) -> String {
    let found = parts(file).into_iter().find(|(part, _)| part == name).expect("is there");
    String::from_utf8(found.1).expect("is text")
}

/// The values of an attribute, wherever it stands.
fn values<'a>(xml: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    xml.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// The text between tags, as a reader of XML has it.
pub fn words(xml: &str) -> String {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut words = String::new();
    loop {
        match reader.read_event().expect("is well-formed") {
            Event::Text(text) => words.push_str(&text),
            Event::GeneralRef(one) => {
                words.push_str(&unescape(&format!("&{};", &*one)).expect("is known"));
            }
            Event::Eof => return words,
            _ => {}
        }
    }
}

#[test]
fn its_parts_fit_together() {
    let document = sample::document();
    let file = docx::bytes(&document).expect("is written");
    assert_eq!(file, docx::bytes(&document).expect("is written"), "the same document gives the same bytes");
    for (name, content) in parts(&file) {
        if name.ends_with(".xml") || name.ends_with(".rels") {
            words(std::str::from_utf8(&content).expect("is text"));
        } else {
            assert!(content.starts_with(b"\x89PNG"), "{name} is a picture");
        }
    }
    let body = part(&file, "word/document.xml");
    let style = |name: &str| body.matches(&format!(r#"<w:pStyle w:val="{name}"/>"#)).count();
    let blocks: Vec<&Block> = document.chapters.iter().flat_map(|chapter| &chapter.blocks).collect();
    let count = |wanted: fn(&Block) -> bool| blocks.iter().filter(|block| wanted(block)).count();
    let charts = count(|block| matches!(block, Block::Chart(_)));
    let tables = count(|block| matches!(block, Block::Table(_)));
    assert_eq!(style("Heading1"), document.chapters.len());
    assert_eq!(
        style("Heading2"),
        count(|block| matches!(block, Block::Heading(heading) if heading.level == 1))
    );
    assert_eq!(style("Caption"), charts + tables);
    assert_eq!(body.matches("<w:tblHeader/>").count(), charts + tables, "every table repeats its head");
    assert_eq!(body.matches("<w:drawing>").count(), charts);

    let marks: HashSet<&str> = values(&body, "w:name").into_iter().collect();
    let leads = values(&body, "w:anchor");
    assert!(leads.len() > 4 && leads.iter().all(|mark| marks.contains(mark)), "{leads:?}");
    for (name, relations) in [
        ("word/document.xml", "word/_rels/document.xml.rels"),
        ("word/footnotes.xml", "word/_rels/footnotes.xml.rels"),
    ] {
        let (content, relations) = (part(&file, name), part(&file, relations));
        let known: HashSet<&str> = values(&relations, "Id").into_iter().collect();
        let used: Vec<&str> = ["r:id", "r:embed"].iter().flat_map(|name| values(&content, name)).collect();
        assert!(!used.is_empty() && used.iter().all(|id| known.contains(id)), "{name}: {used:?}");
    }
    let styles = part(&file, "word/styles.xml");
    let known: HashSet<&str> = values(&styles, "w:styleId").into_iter().collect();
    for used in ["w:pStyle", "w:rStyle", "w:tblStyle"] {
        let used: Vec<&str> = body
            .split(&format!("<{used} w:val=\""))
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert!(!used.is_empty() && used.iter().all(|style| known.contains(style)), "{used:?}");
    }
    let notes = part(&file, "word/footnotes.xml");
    assert_eq!(notes.matches("<w:footnoteRef/>").count(), body.matches("<w:footnoteReference").count());
    assert!(words(&part(&file, "docProps/core.xml")).contains(&document.title));
}

/// Where LibreOffice is not installed this says so and passes, unless `ZHIJIAN_REQUIRE_LIBREOFFICE` is set.
#[test]
fn libreoffice_opens_it() {
    let document = sample::document();
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("report.docx");
    let file = docx::bytes(&document).expect("is written");
    fs::write(&path, &file).expect("written");
    if let Ok(directory) = std::env::var("ZHIJIAN_TYPESET_OUT") {
        fs::write(format!("{directory}/sample.docx"), &file).expect("written");
    }
    let done = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}/profile", folder.path().display()))
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder.path())
        .arg(&path)
        .output();
    if done.is_err() {
        assert!(
            std::env::var("ZHIJIAN_REQUIRE_LIBREOFFICE").is_err(),
            "LibreOffice is wanted and not installed"
        );
        println!("LibreOffice is not installed: not tried");
        return;
    }
    let made = fs::read(folder.path().join("report.pdf")).expect("LibreOffice wrote the file");
    if let Ok(directory) = std::env::var("ZHIJIAN_TYPESET_OUT") {
        fs::write(format!("{directory}/sample-docx.pdf"), &made).expect("written");
    }
    let text = pdf_extract::extract_text_from_mem(&made).expect("has text");
    let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    for wanted in [
        "第一章基本情况",
        "1.1规模",
        "表2-2各校在校生与专任教师",
        "204,435",
        "图1-1",
        "统计口径见公告。",
        "案例1校企共建产业学院",
        "演示：本文含有虚构的数据",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    // The long table runs over pages, and its head with it.
    assert!(text.matches("专任教师（人）").count() >= 3, "the head of the long table is repeated");
}
