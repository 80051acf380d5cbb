//! The parts of a DOCX file that stay the same, or depend on little.

use super::words;
use crate::model::{Document, Lang};

/// How every part begins.
pub const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
/// What the names in a part stand for.
pub const NAMESPACES: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture""#;
/// What each part is.
pub const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/><Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/><Override PartName="/word/settings.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"/><Override PartName="/word/header.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/><Override PartName="/word/footer.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/></Types>"#;
/// Where the main parts are.
pub const PACKAGE_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="document" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="core" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>"#;
/// What separates notes from the text.
pub const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:settings xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:characterSpacingControl w:val="compressPunctuation"/><w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>"#;
/// The number of the page.
pub const FOOTER: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>"#;

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// What a part needs from outside itself.
pub enum Relation {
    /// A link's address.
    Link(String),
    /// A picture's file.
    Picture(String),
}

/// The relations of a part, named in order.
pub fn relations(made: &[Relation]) -> String {
    related("", made)
}

/// Those of the main part, with the parts that it always has.
pub fn document_relations(made: &[Relation]) -> String {
    let part =
        |name: &str| format!(r#"<Relationship Id="{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>"#);
    let parts: String =
        ["styles", "numbering", "settings", "footnotes", "header", "footer"].into_iter().map(part).collect();
    related(&parts, made)
}

fn related(parts: &str, made: &[Relation]) -> String {
    let made: String = made
        .iter()
        .enumerate()
        .map(|(index, relation)| {
            let (kind, target, mode) = match relation {
                Relation::Link(href) => ("hyperlink", href, r#" TargetMode="External""#),
                Relation::Picture(file) => ("image", file, ""),
            };
            format!(
                r#"<Relationship Id="made{}" Type="{OFFICE}/{kind}" Target="{}"{mode}/>"#,
                index + 1,
                words(target)
            )
        })
        .collect();
    format!(
        r#"{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{parts}{made}</Relationships>"#
    )
}

/// The notes, each given as its paragraph's content.
pub fn footnotes(notes: &[String]) -> String {
    let separators: String = [(-1, "separator"), (0, "continuationSeparator")]
        .into_iter()
        .map(|(id, kind)| {
            format!(
                r#"<w:footnote w:type="{kind}" w:id="{id}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>"#
            )
        })
        .collect();
    let notes: String = notes
        .iter()
        .enumerate()
        .map(|(index, content)| {
            format!(
                r#"<w:footnote w:id="{}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr><w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> </w:t></w:r>{content}</w:p></w:footnote>"#,
                index + 1
            )
        })
        .collect();
    format!("{HEAD}<w:footnotes {NAMESPACES}>{separators}{notes}</w:footnotes>")
}

/// The head of every page but the first.
pub fn header(document: &Document) -> String {
    let mark =
        if document.demonstration { document.lang.pick("演示　", "Demonstration – ") } else { "" };
    format!(
        r#"{HEAD}<w:hdr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r><w:t xml:space="preserve">{mark}{}</w:t></w:r></w:p></w:hdr>"#,
        words(&document.title)
    )
}

/// Bullets, and `counted` lists that each begin at 1.
pub fn numbering(counted: usize) -> String {
    let kind = |id: usize, format: &str, text: &str| {
        format!(
            r#"<w:abstractNum w:abstractNumId="{id}"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="{format}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="840" w:hanging="420"/></w:pPr></w:lvl></w:abstractNum>"#
        )
    };
    let lists: String = (2..counted + 2)
        .map(|id| {
            format!(
                r#"<w:num w:numId="{id}"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>"#
            )
        })
        .collect();
    format!(
        r#"{HEAD}<w:numbering {NAMESPACES}>{}{}<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>{lists}</w:numbering>"#,
        kind(0, "bullet", "•"),
        kind(1, "decimal", "%1."),
    )
}

/// Song for text, Hei for headings: what offices expect, and what each program has a substitute for.
pub fn styles(lang: Lang) -> String {
    let fonts = |han: &str| {
        format!(r#"<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{han}"/>"#)
    };
    let hei = fonts("黑体");
    let size = |half: u32| format!(r#"<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>"#);
    let grey = r#"<w:color w:val="5C656B"/>"#;
    let spaced = |before: u32, after: u32| format!(r#"<w:spacing w:before="{before}" w:after="{after}"/>"#);
    let indent = lang.pick(r#"<w:ind w:firstLineChars="200" w:firstLine="420"/>"#, "");
    let case_box = r#"<w:pBdr><w:left w:val="single" w:sz="18" w:space="8" w:color="1D6770"/></w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="F3F6F6"/>"#;
    let heading = |level: u32, keep: &str, before: u32, after: u32| {
        format!(
            "<w:keepNext/><w:keepLines/>{keep}{}<w:outlineLvl w:val=\"{}\"/>",
            spaced(before, after),
            level - 1
        )
    };
    let bold = |half: u32| format!("{hei}<w:b/>{}", size(half));
    let paragraphs: [(&str, &str, String, String); 23] = [
        ("BodyText", "Body Text", format!(r#"<w:spacing w:after="60" w:line="336" w:lineRule="auto"/>{indent}<w:jc w:val="both"/>"#), String::new()),
        ("Title", "Title", spaced(3600, 240), format!("{hei}<w:b/>{}", size(56))),
        ("Subtitle", "Subtitle", spaced(0, 1200), format!("{grey}{}", size(30))),
        ("Issuer", "Issuer", spaced(0, 80), format!("{hei}{}", size(24))),
        ("Mark", "Demonstration Mark", r#"<w:shd w:val="clear" w:color="auto" w:fill="FBF2DF"/>"#.to_owned(), format!(r#"{hei}<w:color w:val="7A5210"/>{}"#, size(20))),
        ("Preface", "Preface", spaced(1200, 0), format!("{grey}{}", size(20))),
        ("ContentsHeading", "TOC Heading", format!("<w:pageBreakBefore/>{}", spaced(0, 240)), bold(36)),
        ("TOC1", "toc 1", r#"<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9184"/></w:tabs><w:spacing w:before="120" w:after="40"/>"#.to_owned(), hei.clone()),
        ("TOC2", "toc 2", r#"<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9184"/></w:tabs><w:spacing w:after="40"/><w:ind w:left="420"/>"#.to_owned(), String::new()),
        ("Heading1", "heading 1", heading(1, "<w:pageBreakBefore/>", 0, 480), bold(40)),
        ("Heading2", "heading 2", heading(2, "", 400, 160), bold(28)),
        ("Heading3", "heading 3", heading(3, "", 280, 120), bold(23)),
        ("Caption", "caption", format!(r#"{}<w:jc w:val="center"/>"#, spaced(160, 80)), bold(19)),
        ("Figure", "Figure", format!(r#"<w:keepNext/>{}<w:jc w:val="center"/>"#, spaced(160, 0)), String::new()),
        ("Source", "Source", spaced(60, 0), format!("{grey}{}", size(17))),
        ("Gap", "Gap", r#"<w:spacing w:after="60" w:line="120" w:lineRule="exact"/>"#.to_owned(), String::new()),
        ("Cell", "Table Text", r#"<w:spacing w:before="20" w:after="20"/>"#.to_owned(), size(18)),
        ("CaseTitle", "Case Title", format!(r#"<w:keepNext/>{case_box}{}<w:ind w:left="200"/>"#, spaced(200, 0)), bold(21)),
        ("CaseText", "Case Text", format!(r#"{case_box}<w:spacing w:line="312" w:lineRule="auto"/><w:ind w:left="200"/><w:jc w:val="both"/>"#), size(20)),
        ("Quote", "Quote", format!(r#"{}<w:ind w:left="420" w:right="420"/>"#, spaced(60, 60)), "<w:i w:val=\"0\"/>".to_owned() + grey),
        ("ListParagraph", "List Paragraph", r#"<w:spacing w:after="40" w:line="336" w:lineRule="auto"/>"#.to_owned(), String::new()),
        ("FootnoteText", "footnote text", r#"<w:snapToGrid w:val="0"/>"#.to_owned(), size(18)),
        ("Header", "header", r#"<w:pBdr><w:bottom w:val="single" w:sz="4" w:space="4" w:color="D9DEE1"/></w:pBdr>"#.to_owned(), format!("{hei}{grey}{}", size(16))),
    ];
    let paragraphs: String = paragraphs
        .into_iter()
        .chain([("Footer", "footer", r#"<w:jc w:val="center"/>"#.to_owned(), format!("{grey}{}", size(17)))])
        .map(|(id, name, paragraph, run)| {
            format!(
                r#"<w:style w:type="paragraph" w:styleId="{id}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{run}</w:rPr></w:style>"#
            )
        })
        .collect();
    let characters = r#"<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style><w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="1D6770"/><w:u w:val="single"/></w:rPr></w:style>"#;
    let rule = |name: &str, size: u32, colour: &str| {
        format!(r#"<w:{name} w:val="single" w:sz="{size}" w:space="0" w:color="{colour}"/>"#)
    };
    let table = format!(
        r#"<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblCellMar><w:left w:w="90" w:type="dxa"/><w:right w:w="90" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style><w:style w:type="table" w:styleId="Report"><w:name w:val="Report Table"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>{}{}{}</w:tblBorders></w:tblPr><w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>{}</w:tcBorders></w:tcPr></w:tblStylePr></w:style>"#,
        rule("top", 10, "22292E"),
        rule("bottom", 10, "22292E"),
        rule("insideH", 4, "D9DEE1"),
        rule("bottom", 6, "22292E"),
    );
    format!(
        r#"{HEAD}<w:styles {NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{}{}<w:lang w:val="{}" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>{paragraphs}{characters}{table}</w:styles>"#,
        fonts("宋体"),
        size(21),
        lang.pick("en-US", "en-GB"),
    )
}
