//! What stands between the covers: chapters as paragraphs, tables and pictures, with the notes and links they need.

use std::collections::{HashMap, HashSet};

use super::{
    Error,
    parts::{HEAD, NAMESPACES, Relation},
    words,
};
use crate::{
    chart,
    model::{Block, Case, Chart, Document, Heading, Inline, Lang, Quote, ReferenceKind, Table, Text},
    picture,
    print::{self, Layout},
    text,
};

/// A page upright: its size and the width of its text, in twentieths of a point.
const PAGE: (u32, u32) = (11_906, 16_838);
const MARGIN: u32 = 1_361;
/// Of a unit of a drawing that is as wide as the text, in English metric units.
const EMU: f32 = 8_050.0;
/// The height of a picture that fills a page, in the drawing's units.
const TALL: f32 = 1_000.0;

/// The parts that depend on each other.
pub struct Made {
    /// The main part.
    pub document: String,
    /// Its links and pictures.
    pub relations: Vec<Relation>,
    /// The notes, each the paragraph's content.
    pub footnotes: Vec<String>,
    /// The notes' links.
    pub note_relations: Vec<Relation>,
    /// How many counted lists there are; each begins at 1.
    pub counted: usize,
    /// The pictures' files.
    pub pictures: Vec<(String, Vec<u8>)>,
}

/// Writes the document's parts.
pub fn made(document: &Document) -> Result<Made, Error> {
    let lang = document.lang;
    let mut form = Form { lang, marks: marks(document), ..Form::default() };
    form.cover(document);
    form.contents(document);
    for chapter in &document.chapters {
        form.heading("Heading1", &chapter.id, &text::joined(&chapter.number, &chapter.title));
        for block in &chapter.blocks {
            form.block(block)?;
        }
    }
    let last = form.section(false);
    Ok(Made {
        document: format!("{HEAD}<w:document {NAMESPACES}><w:body>{}{last}</w:body></w:document>", form.out),
        relations: form.relations,
        footnotes: form.footnotes,
        note_relations: form.note_relations,
        counted: form.counted,
        pictures: form.pictures,
    })
}

/// The anchors, each with the number of its bookmark.
fn marks(document: &Document) -> HashMap<&str, usize> {
    let mut marks = HashMap::new();
    let mut add = |id| {
        let next = marks.len() + 1;
        marks.entry(id).or_insert(next);
    };
    for chapter in &document.chapters {
        add(chapter.id.as_str());
        for block in &chapter.blocks {
            match block {
                Block::Heading(Heading { id, .. })
                | Block::Table(Table { id, .. })
                | Block::Chart(Chart { id, .. })
                | Block::Case(Case { id, .. }) => add(id),
                Block::Paragraph(_) | Block::List(_) | Block::Quote(_) => {}
            }
        }
    }
    marks.remove("");
    marks
}

#[derive(Default)]
struct Form<'a> {
    lang: Lang,
    /// The anchors with their bookmarks, and those that are set already.
    marks: HashMap<&'a str, usize>,
    set: HashSet<&'a str>,
    out: String,
    relations: Vec<Relation>,
    footnotes: Vec<String>,
    note_relations: Vec<Relation>,
    counted: usize,
    pictures: Vec<(String, Vec<u8>)>,
    /// Whether a section has ended.
    begun: bool,
}

impl<'a> Form<'a> {
    fn cover(&mut self, document: &Document) {
        if document.demonstration {
            self.plain("Mark", text::demonstration(self.lang));
        }
        self.plain("Title", &document.title);
        for (style, line) in
            [("Subtitle", &document.subtitle), ("Issuer", &document.issuer), ("Issuer", &document.date)]
        {
            if !line.is_empty() {
                self.plain(style, line);
            }
        }
        if !document.note.is_empty() {
            self.plain("Preface", &document.note);
        }
    }

    /// A field that the word processor fills with page numbers; until then it holds the headings.
    fn contents(&mut self, document: &Document) {
        self.plain("ContentsHeading", self.lang.pick("目录", "Contents"));
        let mut entries = vec![];
        for chapter in &document.chapters {
            entries.push(("TOC1", chapter.id.as_str(), text::joined(&chapter.number, &chapter.title)));
            for section in text::sections(&chapter.blocks) {
                entries.push(("TOC2", section.id.as_str(), text::joined(&section.number, &section.title)));
            }
        }
        let begin = r#"<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \o "1-2" \h \z \u </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>"#;
        let mut first = begin;
        for (style, id, title) in entries {
            let shown = run("", &title);
            let shown = match self.marks.get(id) {
                Some(mark) => format!(r#"<w:hyperlink w:anchor="part{mark}">{shown}</w:hyperlink>"#),
                None => shown,
            };
            self.out
                .push_str(&format!(r#"<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{first}{shown}</w:p>"#));
            first = "";
        }
        self.out.push_str(&format!(r#"<w:p>{first}<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>"#));
    }

    fn block(&mut self, block: &'a Block) -> Result<(), Error> {
        match block {
            Block::Heading(heading) => {
                let style = if heading.level <= 1 { "Heading2" } else { "Heading3" };
                self.heading(style, &heading.id, &text::joined(&heading.number, &heading.title));
            }
            Block::Paragraph(text) => self.line("BodyText", "", text),
            Block::List(list) => {
                self.counted += usize::from(list.ordered);
                // The first of the numberings is that of bullets.
                let of = if list.ordered { self.counted + 1 } else { 1 };
                let number = format!(r#"<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{of}"/></w:numPr>"#);
                list.items.iter().for_each(|item| self.line("ListParagraph", &number, item));
            }
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => self.chart(chart)?,
            Block::Case(case) => self.case(case),
            Block::Quote(quote) => self.quote(quote),
        }
        Ok(())
    }

    fn heading(&mut self, style: &str, id: &'a str, title: &str) {
        let content = self.marked(id, &run("", title));
        self.paragraph(style, "", &content);
    }

    fn table(&mut self, table: &'a Table) {
        let layout = print::layout(table, self.lang);
        if layout.flipped {
            self.turn(false);
        }
        let caption = text::caption(ReferenceKind::Table, self.lang, &table.number, &table.title);
        let content = self.marked(&table.id, &run("", &caption));
        self.paragraph("Caption", "<w:keepNext/>", &content);
        self.grid(table, &layout);
        self.beneath(&table.notes, &table.source);
        if layout.flipped {
            self.turn(true);
        }
    }

    /// Ends the pages that are as said.
    fn turn(&mut self, wide: bool) {
        let section = self.section(wide);
        self.out.push_str(&format!(r#"<w:p><w:pPr><w:pStyle w:val="Gap"/>{section}</w:pPr></w:p>"#));
    }

    /// How the pages are that end here. The very first bears the cover, and neither head nor foot.
    fn section(&mut self, wide: bool) -> String {
        let first = if std::mem::replace(&mut self.begun, true) { "" } else { "<w:titlePg/>" };
        section(wide, first)
    }

    fn chart(&mut self, chart: &'a Chart) -> Result<(), Error> {
        let painted = picture::paint(&chart::svg(chart, self.lang))
            .map_err(|reason| Error::Chart { id: chart.id.clone(), reason })?;
        let index = self.pictures.len() + 1;
        let name = format!("media/chart{index}.png");
        let relation = relate(&mut self.relations, Relation::Picture(name.clone()));
        self.pictures.push((format!("word/{name}"), painted.png));
        let (width, height) = painted.size;
        let scale = EMU * (TALL / height).min(1.0);
        // The caption stands beneath, so the picture keeps with it.
        self.paragraph(
            "Figure",
            "",
            &drawing(index, &relation, (width * scale, height * scale), &chart.title),
        );
        let caption = text::caption(ReferenceKind::Figure, self.lang, &chart.number, &chart.title);
        let content = self.marked(&chart.id, &run("", &caption));
        self.paragraph("Caption", "<w:keepNext/>", &content);
        let table = chart::table(chart, self.lang);
        let layout = print::layout(&table, self.lang);
        self.grid(&table, &Layout { flipped: false, ..layout });
        self.beneath(&chart.notes, &chart.source);
        Ok(())
    }

    fn beneath(&mut self, notes: &[String], source: &str) {
        notes.iter().for_each(|note| self.plain("Source", &text::note(note, self.lang)));
        if !source.is_empty() {
            self.plain("Source", &text::source(source, self.lang));
        }
        // Two tables with nothing between them would become one.
        self.out.push_str(r#"<w:p><w:pPr><w:pStyle w:val="Gap"/></w:pPr></w:p>"#);
    }

    fn grid(&mut self, table: &Table, layout: &Layout) {
        if table.columns.is_empty() {
            return;
        }
        let whole: f64 = layout.widths.iter().sum();
        let width = f64::from(if layout.flipped { PAGE.1 } else { PAGE.0 } - 2 * MARGIN);
        let widths: Vec<String> =
            layout.widths.iter().map(|share| format!("{:.0}", share / whole.max(1.0) * width)).collect();
        let size = format!(r#"<w:sz w:val="{0:.0}"/><w:szCs w:val="{0:.0}"/>"#, layout.size * 2.0);
        self.out.push_str(r#"<w:tbl><w:tblPr><w:tblStyle w:val="Report"/><w:tblW w:w="5000" w:type="pct"/><w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr><w:tblGrid>"#);
        widths.iter().for_each(|width| self.out.push_str(&format!(r#"<w:gridCol w:w="{width}"/>"#)));
        self.out.push_str(r#"</w:tblGrid><w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"#);
        for (column, width) in table.columns.iter().zip(&widths) {
            let name = run(&format!("<w:b/>{size}"), &text::column(column, self.lang));
            self.cell(width, column.numeric, false, &name);
        }
        self.out.push_str("</w:tr>");
        for row in &table.rows {
            self.out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
            let look = format!("{}{size}", if row.total { "<w:b/>" } else { "" });
            for (index, (column, width)) in table.columns.iter().zip(&widths).enumerate() {
                let shown = row.cells.get(index).map_or_else(String::new, |cell| {
                    linked(&mut self.relations, cell.href.as_deref(), &look, &cell.display)
                });
                self.cell(width, column.numeric, row.total, &shown);
            }
            self.out.push_str("</w:tr>");
        }
        self.out.push_str("</w:tbl>");
    }

    fn cell(&mut self, width: &str, numeric: bool, total: bool, content: &str) {
        let side = if numeric { r#"<w:jc w:val="right"/>"# } else { "" };
        let rule = if total {
            r#"<w:tcBorders><w:top w:val="single" w:sz="6" w:space="0" w:color="22292E"/></w:tcBorders>"#
        } else {
            ""
        };
        self.out.push_str(&format!(
            r#"<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{rule}</w:tcPr><w:p><w:pPr><w:pStyle w:val="Cell"/>{side}</w:pPr>{content}</w:p></w:tc>"#
        ));
    }

    fn case(&mut self, case: &'a Case) {
        let title = text::caption(ReferenceKind::Case, self.lang, &case.number, &case.title);
        let content = self.marked(&case.id, &run("", &title));
        self.paragraph("CaseTitle", "", &content);
        if !case.owner.is_empty() {
            self.plain("CaseText", &case.owner);
        }
        case.paragraphs.iter().for_each(|text| self.line("CaseText", "", text));
        if !case.source.is_empty() {
            self.plain("CaseText", &text::source(&case.source, self.lang));
        }
    }

    fn quote(&mut self, quote: &'a Quote) {
        quote.paragraphs.iter().for_each(|text| self.line("Quote", "", text));
        if !quote.source.is_empty() {
            self.plain("Quote", &format!("——{}", quote.source));
        }
    }

    fn plain(&mut self, style: &str, words: &str) {
        self.paragraph(style, "", &run("", words));
    }

    fn line(&mut self, style: &str, properties: &str, text: &'a Text) {
        let content: String = text.iter().map(|inline| self.inline(inline, false)).collect();
        self.paragraph(style, properties, &content);
    }

    fn paragraph(&mut self, style: &str, properties: &str, content: &str) {
        self.out.push_str(&format!(
            r#"<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{content}</w:p>"#
        ));
    }

    /// The content between the ends of its bookmark; an anchor that is used twice is set once.
    fn marked(&mut self, id: &'a str, content: &str) -> String {
        match self.marks.get(id) {
            Some(mark) if self.set.insert(id) => format!(
                r#"<w:bookmarkStart w:id="{mark}" w:name="part{mark}"/>{content}<w:bookmarkEnd w:id="{mark}"/>"#
            ),
            _ => content.to_owned(),
        }
    }

    /// A piece of a line, or of a note, whose links are kept apart.
    fn inline(&mut self, inline: &'a Inline, in_note: bool) -> String {
        let relations = if in_note { &mut self.note_relations } else { &mut self.relations };
        match inline {
            Inline::Text(text) => run("", text),
            Inline::Strong(text) => run("<w:b/>", text),
            Inline::Emphasis(text) => run(r#"<w:em w:val="dot"/>"#, text),
            Inline::Bound { display, href } => linked(relations, href.as_deref(), "", display),
            Inline::Link { text, href } => linked(relations, Some(href), "", text),
            Inline::Reference { kind, number, id } => {
                let shown = run("", &kind.label(self.lang, number));
                match self.marks.get(id.as_str()) {
                    Some(mark) => format!(r#"<w:hyperlink w:anchor="part{mark}">{shown}</w:hyperlink>"#),
                    None => shown,
                }
            }
            // A note within a note is its text.
            Inline::Footnote(inner) if in_note => {
                inner.iter().map(|inline| self.inline(inline, in_note)).collect()
            }
            Inline::Footnote(inner) => {
                let content = inner.iter().map(|inline| self.inline(inline, true)).collect();
                self.footnotes.push(content);
                format!(
                    r#"<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="{}"/></w:r>"#,
                    self.footnotes.len()
                )
            }
        }
    }
}

fn run(look: &str, text: &str) -> String {
    let look = if look.is_empty() { String::new() } else { format!("<w:rPr>{look}</w:rPr>") };
    format!(r#"<w:r>{look}<w:t xml:space="preserve">{}</w:t></w:r>"#, words(text))
}

fn linked(relations: &mut Vec<Relation>, href: Option<&str>, look: &str, shown: &str) -> String {
    match href.and_then(text::outside) {
        Some(href) => {
            let relation = relate(relations, Relation::Link(href.to_owned()));
            let shown = run(&format!(r#"<w:rStyle w:val="Hyperlink"/>{look}"#), shown);
            format!(r#"<w:hyperlink r:id="{relation}">{shown}</w:hyperlink>"#)
        }
        None => run(look, shown),
    }
}

/// Takes one more relation; gives its name.
fn relate(relations: &mut Vec<Relation>, relation: Relation) -> String {
    relations.push(relation);
    format!("made{}", relations.len())
}

fn section(wide: bool, more: &str) -> String {
    let (width, height) = if wide { (PAGE.1, PAGE.0) } else { PAGE };
    let orient = if wide { r#" w:orient="landscape""# } else { "" };
    format!(
        r#"<w:sectPr><w:headerReference w:type="default" r:id="header"/><w:footerReference w:type="default" r:id="footer"/><w:pgSz w:w="{width}" w:h="{height}"{orient}/><w:pgMar w:top="1531" w:right="{MARGIN}" w:bottom="1417" w:left="{MARGIN}" w:header="851" w:footer="850" w:gutter="0"/>{more}</w:sectPr>"#
    )
}

fn drawing(index: usize, relation: &str, size: (f32, f32), title: &str) -> String {
    let (width, height) = (format!("{:.0}", size.0), format!("{:.0}", size.1));
    let title = words(title);
    format!(
        r#"<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{index}" name="chart{index}" descr="{title}"/><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="{index}" name="chart{index}" descr="{title}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"#
    )
}
