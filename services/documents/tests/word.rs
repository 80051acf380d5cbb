//! What Word and WPS write and LibreOffice does not: styles by Chinese names, content controls, alternate content,
//! deleted paragraph marks, symbols, typed contents.

use std::io::{Cursor, Write as _};

use zhijian_documents::{
    Limits, Refusal,
    docx::{self, Block, Document},
};
use zip::{ZipWriter, write::SimpleFileOptions};

const TYPES: &str = r#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="/word/document.xml"/></Relationships>"#;

fn document(body: &str, parts: &[(&str, &str)]) -> Document {
    docx::read("a.docx", &file(body, parts), &Limits::default()).expect("reads")
}

fn file(body: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    let main = format!("<w:document><w:body>{body}<w:sectPr/></w:body></w:document>");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let fixed =
        [("[Content_Types].xml", TYPES), ("_rels/.rels", RELATIONS), ("word/document.xml", main.as_str())];
    for (name, content) in fixed.iter().chain(parts) {
        zip.start_file(*name, SimpleFileOptions::default()).expect("part");
        zip.write_all(content.as_bytes()).expect("content");
    }
    zip.finish().expect("zip").into_inner()
}

fn paragraph(style: &str, text: &str) -> String {
    format!(r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"#)
}

#[test]
fn headings_are_known_by_chinese_names_outline_levels_and_inheritance() {
    let styles = r#"<w:styles>
        <w:style w:type="paragraph" w:styleId="1"><w:name w:val="标题 1"/></w:style>
        <w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/></w:style>
        <w:style w:type="paragraph" w:styleId="a"><w:name w:val="节标题"/><w:basedOn w:val="2"/></w:style>
        <w:style w:type="paragraph" w:styleId="b"><w:name w:val="小标题"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
        <w:style w:type="paragraph" w:styleId="t"><w:name w:val="Title"/></w:style>
        <w:style w:type="paragraph" w:styleId="c"><w:name w:val="题注"/></w:style>
        <w:style w:type="paragraph" w:styleId="T1"><w:name w:val="toc 1"/></w:style>
        <w:style w:type="paragraph" w:styleId="x"><w:name w:val="甲"/><w:basedOn w:val="y"/></w:style>
        <w:style w:type="paragraph" w:styleId="y"><w:name w:val="乙"/><w:basedOn w:val="x"/></w:style>
        <w:style w:type="character" w:styleId="h"><w:name w:val="批注"/><w:rPr><w:vanish/></w:rPr></w:style>
        </w:styles>"#;
    let body = [
        paragraph("t", "质量年度报告"),
        format!("<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>", r#"<w:p><w:pPr><w:pStyle w:val="T1"/></w:pPr><w:hyperlink><w:r><w:t>概况</w:t></w:r><w:r><w:tab/></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGEREF _Toc1 </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>3</w:t></w:r></w:hyperlink></w:p>"#),
        paragraph("1", "概况"),
        paragraph("a", "规模"),
        paragraph("b", "学生"),
        r#"<w:p><w:pPr><w:outlineLvl w:val="3"/></w:pPr><w:r><w:t>细目</w:t></w:r></w:p>"#.into(),
        r#"<w:p><w:pPr><w:pStyle w:val="1"/><w:outlineLvl w:val="9"/></w:pPr><w:r><w:t>不是标题</w:t></w:r></w:p>"#.into(),
        paragraph("c", "数据概览"),
        paragraph("x", "循环的样式"),
        r#"<w:p><w:r><w:t>看得见</w:t></w:r><w:r><w:rPr><w:rStyle w:val="h"/></w:rPr><w:t>看不见</w:t></w:r><w:r><w:rPr><w:rStyle w:val="h"/><w:vanish w:val="0"/></w:rPr><w:t>又看得见</w:t></w:r></w:p>"#.into(),
        r#"<w:p><w:r><w:t>手工目录</w:t><w:tab/><w:t>12</w:t></w:r></w:p>"#.into(),
    ]
    .concat();
    let document = document(&body, &[("word/styles.xml", styles)]);
    let seen: Vec<String> = document
        .blocks
        .iter()
        .map(|b| match b {
            Block::Heading { level, text } => format!("{level} {text}"),
            Block::Contents { text, .. } => format!("contents {}", text.replace('\t', "→")),
            Block::Caption { text, .. } => format!("caption {text}"),
            Block::Paragraph { text } => format!("p {text}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        seen,
        [
            "0 质量年度报告",
            "contents 概况→3",
            "1 概况",
            "2 规模",
            "3 学生",
            "4 细目",
            "p 不是标题",
            "caption 数据概览",
            "p 循环的样式",
            "p 看得见又看得见",
            "contents 手工目录→12",
        ]
    );
    assert_eq!(document.lines()[2], "# 概况");
    assert!(!document.markdown().contains("手工目录"));
}

#[test]
fn what_was_deleted_is_gone_and_what_was_moved_stands_once() {
    let body = r#"
        <w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前半句</w:t></w:r></w:p>
        <w:p><w:r><w:t>接后半句。</w:t></w:r></w:p>
        <w:p><w:del><w:r><w:delText>删去</w:delText></w:r></w:del><w:ins><w:r><w:t>补入</w:t></w:r></w:ins></w:p>
        <w:p><w:moveFrom><w:r><w:t>移动的话</w:t></w:r></w:moveFrom></w:p>
        <w:p><w:moveTo><w:r><w:t>移动的话</w:t></w:r></w:moveTo></w:p>
        <w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:r><w:t>删去的行</w:t></w:r></w:p></w:tc></w:tr>
        <w:tr><w:tc><w:p><w:r><w:t>留下的行</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>内表</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:tc></w:tr></w:tbl>"#;
    assert_eq!(document(body, &[]).lines(), ["前半句接后半句。", "补入", "移动的话", "留下的行 内表"]);
}

#[test]
fn alternatives_symbols_formulas_and_notes_are_read_once() {
    let body = r#"
        <w:p><w:r><w:t>甲</w:t><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx><w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:drawing></mc:Choice>
          <mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>框内</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent><w:t>乙</w:t></w:r></w:p>
        <w:p><w:r><w:t>生师比</w:t></w:r><m:oMath><m:r><m:t>a÷b</m:t></m:r></m:oMath><w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:noBreakHyphen/><w:t>达标</w:t></w:r></w:p>
        <w:p><w:r><w:ruby><w:rt><w:r><w:t>zhì</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>质</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>量</w:t></w:r><w:r><w:endnoteReference w:id="5"/></w:r><w:r><w:footnoteReference w:id="7"/></w:r></w:p>
        <w:p><w:fldSimple w:instr=" SEQ 图 "><w:r><w:t>图 1</w:t></w:r></w:fldSimple><w:r><w:t xml:space="preserve"> 规模 </w:t></w:r></w:p>"#;
    let footnotes = r#"<w:footnotes><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote><w:footnote w:id="7"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> 脚注</w:t></w:r></w:p></w:footnote></w:footnotes>"#;
    let endnotes =
        r#"<w:endnotes><w:endnote w:id="5"><w:p><w:r><w:t>尾注</w:t></w:r></w:p></w:endnote></w:endnotes>"#;
    let document = document(body, &[("word/footnotes.xml", footnotes), ("word/endnotes.xml", endnotes)]);
    assert_eq!(document.notes, ["尾注", "脚注"]);
    assert_eq!(
        document.lines(),
        ["甲乙", "框内", "生师比a÷b•-达标", "质量", "[^1]: 尾注", "[^2]: 脚注", "图 1 规模"]
    );
    assert!(matches!(&document.blocks[2], Block::Paragraph { .. }));
    assert!(matches!(document.blocks.last(), Some(Block::Caption { .. })));
}

#[test]
fn nothing_is_multiplied_by_being_referred_to() {
    let reference = r#"<w:r><w:footnoteReference w:id="7"/></w:r>"#;
    let body = format!("<w:p><w:r><w:t>甲</w:t></w:r>{}</w:p>", reference.repeat(3));
    let footnotes =
        r#"<w:footnotes><w:footnote w:id="7"><w:p><w:r><w:t>注</w:t></w:r></w:p></w:footnote></w:footnotes>"#;
    let document = document(&body, &[("word/footnotes.xml", footnotes)]);
    assert_eq!(document.notes, ["注"]);
    assert_eq!(document.markdown(), "甲[^1][^1][^1]\n\n[^1]: 注\n");

    // A few wide rows among many short ones would be a large grid.
    let wide = format!("<w:tr>{}</w:tr>", "<w:tc/>".repeat(200));
    let body = format!("<w:tbl>{wide}{}</w:tbl>", "<w:tr><w:tc/></w:tr>".repeat(1_000));
    let few = Limits { cells: 100_000, ..Limits::default() };
    let refused = docx::read("a.docx", &file(&body, &[]), &few);
    assert!(matches!(refused, Err(Refusal::TooLarge { .. })));
}
