//! Blocks to a clean Word document.

use std::io::{Cursor, Write as _};

use quick_xml::escape::escape;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{Block, Captioned, Table};

/// Why a document cannot be written: no memory, or more than 4 GiB.
#[derive(Debug, thiserror::Error)]
#[error("the document cannot be written")]
pub struct WriteError(#[from] zip::result::ZipError);

impl From<std::io::Error> for WriteError {
    fn from(error: std::io::Error) -> Self {
        Self(error.into())
    }
}

/// Writes blocks as a DOCX file that Word, WPS and LibreOffice open: headings by style, bullets as lists, tables with
/// their merged cells and repeated headings, captions by style. Marks of numbered items become words; pictures and the
/// table of contents are left out.
///
/// # Errors
/// None that a caller can mend.
pub fn write(blocks: &[Block]) -> Result<Vec<u8>, WriteError> {
    let mut body = String::new();
    for block in blocks {
        match block {
            Block::Heading { level: 0, text } => paragraph("Title", "", text, &mut body),
            Block::Heading { level, text } => {
                paragraph(&format!("Heading{}", level.min(&9)), "", text, &mut body)
            }
            Block::Paragraph { text } => paragraph("BodyText", "", text, &mut body),
            Block::Item { level, mark, text } if mark.is_empty() => {
                let list =
                    format!(r#"<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="1"/></w:numPr>"#, level.min(&8));
                paragraph("ListParagraph", &list, text, &mut body);
            }
            Block::Item { mark, text, .. } => paragraph("BodyText", "", &format!("{mark} {text}"), &mut body),
            Block::Caption { of, text } => {
                let keep = if *of == Captioned::Table { "<w:keepNext/>" } else { "" };
                paragraph("Caption", keep, text, &mut body);
            }
            Block::Table(table) => write_table(table, &mut body),
            Block::Picture { .. } | Block::Contents { .. } => {}
        }
    }
    let document = format!(
        r#"{HEAD}<w:document xmlns:w="{W}"><w:body>{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1440" w:right="1474" w:bottom="1440" w:left="1588" w:header="851" w:footer="992" w:gutter="0"/></w:sectPr></w:body></w:document>"#
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        ("[Content_Types].xml", CONTENT_TYPES.to_owned()),
        ("_rels/.rels", RELATIONS.to_owned()),
        ("word/document.xml", document),
        ("word/styles.xml", styles()),
        ("word/numbering.xml", numbering()),
        ("word/_rels/document.xml.rels", DOCUMENT_RELATIONS.to_owned()),
    ];
    for (name, content) in parts {
        zip.start_file(name, SimpleFileOptions::default())?;
        zip.write_all(content.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn paragraph(style: &str, properties: &str, text: &str, out: &mut String) {
    out.push_str(&format!(r#"<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>"#));
    for (index, line) in text.split('\n').enumerate() {
        let line_break = if index > 0 { "<w:br/>" } else { "" };
        let words = allowed(line);
        out.push_str(&format!(
            r#"<w:r>{line_break}<w:t xml:space="preserve">{}</w:t></w:r>"#,
            escape(&words)
        ));
    }
    out.push_str("</w:p>");
}

fn write_table(table: &Table, out: &mut String) {
    let width = table.width().max(1);
    out.push_str(r#"<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="5000" w:type="pct"/></w:tblPr><w:tblGrid>"#);
    out.push_str(&format!(r#"<w:gridCol w:w="{}"/>"#, 8_800 / width).repeat(width));
    out.push_str("</w:tblGrid>");
    // Rows that a cell from above still covers, by column, and how many columns it spans.
    let mut covered = vec![(0_usize, 1_usize); width];
    for row in &table.rows {
        out.push_str("<w:tr>");
        if row.header {
            out.push_str("<w:trPr><w:tblHeader/></w:trPr>");
        }
        let mut column = 0;
        while column < width {
            if covered[column].0 > 0 {
                covered[column].0 -= 1;
                let span = covered[column].1;
                cell(span, r#"<w:vMerge/>"#, "", out);
                column += span;
                continue;
            }
            let found = row.cells.iter().find(|c| c.column == column);
            let (span, rows, text) =
                found.map_or((1, 1, ""), |c| (c.columns.clamp(1, width - column), c.rows, c.text.as_str()));
            if rows > 1 {
                covered[column] = (rows - 1, span);
            }
            cell(span, if rows > 1 { r#"<w:vMerge w:val="restart"/>"# } else { "" }, text, out);
            column += span;
        }
        out.push_str("</w:tr>");
    }
    // Two tables without a paragraph between them are one to Word.
    out.push_str("</w:tbl><w:p/>");
}

fn cell(span: usize, merge: &str, text: &str, out: &mut String) {
    let span = if span > 1 { format!(r#"<w:gridSpan w:val="{span}"/>"#) } else { String::new() };
    out.push_str(&format!("<w:tc><w:tcPr>{span}{merge}</w:tcPr>"));
    paragraph("TableText", "", text, out);
    out.push_str("</w:tc>");
}

/// Without characters that XML has no way to write.
fn allowed(text: &str) -> String {
    text.chars().filter(|&c| c == '\t' || (c >= ' ' && !matches!(c, '\u{FFFE}' | '\u{FFFF}'))).collect()
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
const DOCUMENT_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/></Relationships>"#;

/// Song for text, Hei for headings: what offices expect, and what each program has a substitute for.
fn styles() -> String {
    let fonts = |han: &str| {
        format!(r#"<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{han}"/>"#)
    };
    let style = |id: &str, name: &str, paragraph: &str, run: &str| {
        format!(
            r#"<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"#
        )
    };
    let mut all = format!(
        r#"{HEAD}<w:styles xmlns:w="{W}"><w:docDefaults><w:rPrDefault><w:rPr>{}<w:sz w:val="24"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>"#,
        fonts("宋体")
    );
    let hei = fonts("黑体");
    all.push_str(&style(
        "BodyText",
        "Body Text",
        r#"<w:spacing w:line="360" w:lineRule="auto"/><w:ind w:firstLineChars="200" w:firstLine="480"/>"#,
        "",
    ));
    all.push_str(&style(
        "Title",
        "Title",
        r#"<w:spacing w:before="240" w:after="240"/><w:jc w:val="center"/>"#,
        &format!(r#"{hei}<w:sz w:val="44"/>"#),
    ));
    for level in 1..=9 {
        let size = [0, 36, 32, 28, 26, 24, 24, 24, 24, 24][level];
        let paragraph = format!(
            r#"<w:keepNext/><w:spacing w:before="240" w:after="120"/><w:outlineLvl w:val="{}"/>"#,
            level - 1
        );
        all.push_str(&style(
            &format!("Heading{level}"),
            &format!("heading {level}"),
            &paragraph,
            &format!(r#"{hei}<w:b/><w:sz w:val="{size}"/>"#),
        ));
    }
    all.push_str(&style(
        "Caption",
        "caption",
        r#"<w:spacing w:before="60" w:after="60"/><w:jc w:val="center"/>"#,
        &format!(r#"{hei}<w:sz w:val="21"/>"#),
    ));
    all.push_str(&style(
        "ListParagraph",
        "List Paragraph",
        r#"<w:spacing w:line="360" w:lineRule="auto"/>"#,
        "",
    ));
    all.push_str(&style("TableText", "Table Text", r#"<w:jc w:val="center"/>"#, r#"<w:sz w:val="21"/>"#));
    let side = |name: &str| format!(r#"<w:{name} w:val="single" w:sz="4" w:space="0" w:color="808080"/>"#);
    let sides: String =
        ["top", "left", "bottom", "right", "insideH", "insideV"].into_iter().map(side).collect();
    all.push_str(&format!(r#"<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders>{sides}</w:tblBorders></w:tblPr></w:style></w:styles>"#));
    all
}

fn numbering() -> String {
    let level = |level: usize| {
        let left = 420 * (level + 1);
        format!(
            r#"<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{left}" w:hanging="420"/></w:pPr></w:lvl>"#
        )
    };
    let levels: String = (0..9).map(level).collect();
    format!(
        r#"{HEAD}<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="hybridMultilevel"/>{levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"#
    )
}
