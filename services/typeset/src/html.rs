//! The document as HTML: a fragment for a page that has its own head, and a page that needs nothing else.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{
    chart,
    model::{
        Block, Case, Chapter, Chart, Document, Inline, Lang, List, Quote, ReferenceKind, Row, Table, Text,
    },
    text::{self, Anchors, Notes},
};

const CSS: &str = include_str!("page.css");

/// What stands inside a page: what readers should know first, the contents, the chapters, the notes. The title is the
/// page's to give; the first heading is of the second rank.
pub fn fragment(document: &Document) -> String {
    body(document, false).into_string()
}

/// A page of its own, with its style in it; it prints well.
pub fn page(document: &Document) -> String {
    html! {
        (DOCTYPE)
        html lang=(document.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (document.title) }
                @if !document.issuer.is_empty() { meta name="author" content=(document.issuer); }
                style { (PreEscaped(CSS)) }
            }
            body {
                header.cover {
                    h1 { (document.title) }
                    @if !document.subtitle.is_empty() { p.subtitle { (document.subtitle) } }
                    @if !document.issuer.is_empty() { p.issuer { (document.issuer) } }
                    @if !document.date.is_empty() { p.date { (document.date) } }
                }
                main { (body(document, true)) }
            }
        }
    }
    .into_string()
}

fn body(document: &Document, open: bool) -> Markup {
    let lang = document.lang;
    let mut form = Form { lang, open, anchors: Anchors::of(document), notes: Notes::default() };
    let chapters: Vec<Markup> = document.chapters.iter().map(|chapter| form.chapter(chapter)).collect();
    let notes = form.endnotes();
    html! {
        article.document lang=(lang.tag()) {
            @if document.demonstration { p.demonstration { (text::demonstration(lang)) } }
            @if !document.note.is_empty() { p.preface { (document.note) } }
            (contents(document))
            @for chapter in &chapters { (chapter) }
            (notes)
        }
    }
}

fn contents(document: &Document) -> Markup {
    let lang = document.lang;
    let blocks = || document.chapters.iter().flat_map(|chapter| &chapter.blocks);
    let tables: Vec<(&str, String)> = blocks()
        .filter_map(|block| match block {
            Block::Table(table) => Some((
                table.id.as_str(),
                text::caption(ReferenceKind::Table, lang, &table.number, &table.title),
            )),
            _ => None,
        })
        .collect();
    let charts: Vec<(&str, String)> = blocks()
        .filter_map(|block| match block {
            Block::Chart(chart) => Some((
                chart.id.as_str(),
                text::caption(ReferenceKind::Figure, lang, &chart.number, &chart.title),
            )),
            _ => None,
        })
        .collect();
    html! {
        nav.contents aria-label=(lang.pick("目录", "Contents")) {
            h2 { (lang.pick("目录", "Contents")) }
            ol {
                @for chapter in &document.chapters {
                    li {
                        a href={ "#" (chapter.id) } { (text::joined(&chapter.number, &chapter.title)) }
                        @if text::sections(&chapter.blocks).next().is_some() {
                            ol {
                                @for section in text::sections(&chapter.blocks) {
                                    li { a href={ "#" (section.id) } { (text::joined(&section.number, &section.title)) } }
                                }
                            }
                        }
                    }
                }
            }
            @for (name, entries) in [(lang.pick("表目录", "Tables"), &tables), (lang.pick("图目录", "Figures"), &charts)] {
                @if !entries.is_empty() {
                    details {
                        summary { (name) }
                        ol { @for (id, title) in entries { li { a href={ "#" (id) } { (title) } } } }
                    }
                }
            }
        }
    }
}

struct Form<'a> {
    lang: Lang,
    /// Whether the tables of charts are open from the start.
    open: bool,
    anchors: Anchors<'a>,
    notes: Notes<'a>,
}

impl<'a> Form<'a> {
    fn chapter(&mut self, chapter: &'a Chapter) -> Markup {
        let blocks: Vec<Markup> = chapter.blocks.iter().map(|block| self.block(block)).collect();
        html! {
            section.chapter id=(chapter.id) {
                h2 { (text::joined(&chapter.number, &chapter.title)) }
                @for block in &blocks { (block) }
            }
        }
    }

    fn block(&mut self, block: &'a Block) -> Markup {
        match block {
            Block::Heading(heading) => {
                let title = text::joined(&heading.number, &heading.title);
                html! {
                    @if heading.level <= 1 { h3 id=(heading.id) { (title) } } @else { h4 id=(heading.id) { (title) } }
                }
            }
            Block::Paragraph(text) => self.paragraph(text),
            Block::List(list) => self.list(list),
            Block::Table(table) => self.table(table),
            Block::Chart(chart) => self.chart(chart),
            Block::Case(case) => self.case(case),
            Block::Quote(quote) => self.quote(quote),
        }
    }

    fn paragraph(&mut self, text: &'a Text) -> Markup {
        html! { p { (self.text(text)) } }
    }

    fn list(&mut self, list: &'a List) -> Markup {
        let items: Vec<Markup> = list.items.iter().map(|item| self.text(item)).collect();
        html! {
            @if list.ordered {
                ol { @for item in &items { li { (item) } } }
            } @else {
                ul { @for item in &items { li { (item) } } }
            }
        }
    }

    fn table(&self, table: &Table) -> Markup {
        let caption = text::caption(ReferenceKind::Table, self.lang, &table.number, &table.title);
        html! {
            figure.table id=(table.id) {
                figcaption { (caption) }
                div.scroll role="region" tabindex="0" aria-label=(caption) { (grid(table, self.lang)) }
                (self.beneath(&table.notes, &table.source))
            }
        }
    }

    fn chart(&self, chart: &Chart) -> Markup {
        let caption = text::caption(ReferenceKind::Figure, self.lang, &chart.number, &chart.title);
        html! {
            figure.chart.drawn id=(chart.id) {
                figcaption { (caption) }
                (PreEscaped(chart::svg(chart, self.lang)))
                details open[self.open] {
                    summary { (self.lang.pick("看数据表", "Show the table")) }
                    div.scroll role="region" tabindex="0" aria-label=(caption) { (grid(&chart::table(chart, self.lang), self.lang)) }
                }
                (self.beneath(&chart.notes, &chart.source))
            }
        }
    }

    fn beneath(&self, notes: &[String], source: &str) -> Markup {
        html! {
            @for note in notes { p.note { (text::note(note, self.lang)) } }
            @if !source.is_empty() { p.source { (text::source(source, self.lang)) } }
        }
    }

    fn case(&mut self, case: &'a Case) -> Markup {
        let paragraphs: Vec<Markup> = case.paragraphs.iter().map(|text| self.paragraph(text)).collect();
        html! {
            section.case id=(case.id) {
                p.title { (text::caption(ReferenceKind::Case, self.lang, &case.number, &case.title)) }
                @if !case.owner.is_empty() { p.source { (case.owner) } }
                @for paragraph in &paragraphs { (paragraph) }
                @if !case.source.is_empty() { p.source { (text::source(&case.source, self.lang)) } }
            }
        }
    }

    fn quote(&mut self, quote: &'a Quote) -> Markup {
        let paragraphs: Vec<Markup> = quote.paragraphs.iter().map(|text| self.paragraph(text)).collect();
        html! {
            blockquote {
                @for paragraph in &paragraphs { (paragraph) }
                @if !quote.source.is_empty() { p.source { "——" (quote.source) } }
            }
        }
    }

    fn text(&mut self, text: &'a [Inline]) -> Markup {
        let pieces: Vec<Markup> = text.iter().map(|inline| self.inline(inline)).collect();
        html! { @for piece in &pieces { (piece) } }
    }

    fn inline(&mut self, inline: &'a Inline) -> Markup {
        match inline {
            Inline::Text(text) => html! { (text) },
            Inline::Strong(text) => html! { strong { (text) } },
            Inline::Emphasis(text) => html! { em { (text) } },
            Inline::Bound { display, href } => bound(display, href.as_deref()),
            Inline::Reference { kind, number, id } => {
                let label = kind.label(self.lang, number);
                html! { @if self.anchors.has(id) { a.reference href={ "#" (id) } { (label) } } @else { (label) } }
            }
            Inline::Footnote(note) => {
                let number = self.notes.add(note);
                html! {
                    sup.footnote {
                        a id={ "note-ref-" (number) } href={ "#note-" (number) } role="doc-noteref" { (number) }
                    }
                }
            }
            Inline::Link { text, href } => match text::target(href) {
                Some(href) => html! { a href=(href) { (text) } },
                None => html! { (text) },
            },
        }
    }

    fn endnotes(&mut self) -> Markup {
        // A note within a note joins the end of the list, and is set in its turn.
        let mut set = vec![];
        while let Some(note) = self.notes.all.get(set.len()).copied() {
            set.push(self.text(note));
        }
        let back = self.lang.pick("回到正文", "Back to the text");
        html! {
            @if !set.is_empty() {
                section.notes role="doc-endnotes" aria-label=(self.lang.pick("注释", "Notes")) {
                    h2 { (self.lang.pick("注释", "Notes")) }
                    ol {
                        @for (index, note) in set.iter().enumerate() {
                            li id={ "note-" (index + 1) } {
                                (note) " "
                                a href={ "#note-ref-" (index + 1) } role="doc-backlink" aria-label=(back) { "↩" }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn bound(display: &str, href: Option<&str>) -> Markup {
    html! {
        @match href.and_then(text::target) {
            Some(href) => a.bound href=(href) { (display) },
            None => span.bound { (display) },
        }
    }
}

fn grid(table: &Table, lang: Lang) -> Markup {
    let numeric = |index: usize| table.columns.get(index).is_some_and(|column| column.numeric);
    let row = |row: &Row| {
        html! {
            tr.total[row.total] {
                @for index in 0..table.columns.len() {
                    @let cell = row.cells.get(index);
                    @let shown = cell.map(|cell| match cell.href.as_deref() {
                        Some(href) => bound(&cell.display, Some(href)),
                        None => html! { (cell.display) },
                    });
                    @if index == 0 && !numeric(0) {
                        th scope="row" { @if let Some(shown) = shown { (shown) } }
                    } @else {
                        td.number[numeric(index)] { @if let Some(shown) = shown { (shown) } }
                    }
                }
            }
        }
    };
    html! {
        table.data {
            thead {
                tr {
                    @for (index, column) in table.columns.iter().enumerate() {
                        th.number[numeric(index)] scope="col" { (text::column(column, lang)) }
                    }
                }
            }
            tbody { @for one in &table.rows { (row(one)) } }
        }
    }
}
