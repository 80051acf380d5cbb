//! The document as Markdown: CommonMark with the tables and footnotes of GitHub's flavour. Drawings are left to the
//! other forms; a chart gives its table.

use crate::{
    chart,
    model::{Block, Document, Inline, Lang, ReferenceKind, Table, Text},
    text::{self, Anchors, Notes},
};

/// The whole document.
pub fn text(document: &Document) -> String {
    let mut form = Form {
        lang: document.lang,
        anchors: Anchors::of(document),
        notes: Notes::default(),
        parts: vec![format!("# {}", escape(&document.title))],
    };
    let line = |text: &String| (!text.is_empty()).then(|| opening(&escape(text)));
    form.parts.extend([&document.subtitle, &document.issuer, &document.date].into_iter().filter_map(line));
    if document.demonstration {
        form.parts.push(format!("> {}", escape(text::demonstration(document.lang))));
    }
    form.parts.extend(line(&document.note));
    for chapter in &document.chapters {
        form.anchor(&chapter.id);
        form.parts.push(format!("## {}", escape(&text::joined(&chapter.number, &chapter.title))));
        chapter.blocks.iter().for_each(|block| form.block(block));
    }
    form.footnotes();
    let mut whole = form.parts.join("\n\n");
    whole.push('\n');
    whole
}

struct Form<'a> {
    lang: Lang,
    anchors: Anchors<'a>,
    notes: Notes<'a>,
    /// The blocks, with an empty line between any two.
    parts: Vec<String>,
}

impl<'a> Form<'a> {
    fn anchor(&mut self, id: &str) {
        if self.anchors.has(id) {
            self.parts.push(format!("<a id=\"{}\"></a>", attribute(id)));
        }
    }

    fn block(&mut self, block: &'a Block) {
        match block {
            Block::Heading(heading) => {
                self.anchor(&heading.id);
                let rank = if heading.level <= 1 { "###" } else { "####" };
                self.parts.push(format!("{rank} {}", escape(&text::joined(&heading.number, &heading.title))));
            }
            Block::Paragraph(text) => {
                let text = self.paragraph(text);
                self.parts.push(text);
            }
            Block::List(list) => {
                let mut items = vec![];
                for (index, item) in list.items.iter().enumerate() {
                    let mark = if list.ordered { format!("{}. ", index + 1) } else { "- ".to_owned() };
                    items.push(format!("{mark}{}", self.paragraph(item)));
                }
                self.parts.push(items.join("\n"));
            }
            Block::Table(table) => {
                self.anchor(&table.id);
                self.caption(ReferenceKind::Table, &table.number, &table.title);
                self.parts.push(grid(table, self.lang));
                self.beneath(&table.notes, &table.source);
            }
            Block::Chart(chart) => {
                self.anchor(&chart.id);
                self.caption(ReferenceKind::Figure, &chart.number, &chart.title);
                self.parts.push(grid(&chart::table(chart, self.lang), self.lang));
                self.beneath(&chart.notes, &chart.source);
            }
            Block::Case(case) => {
                self.anchor(&case.id);
                let title = strong(&text::caption(ReferenceKind::Case, self.lang, &case.number, &case.title));
                let source =
                    (!case.source.is_empty()).then(|| escape(&text::source(&case.source, self.lang)));
                let owner = (!case.owner.is_empty()).then(|| opening(&escape(&case.owner)));
                self.quoted([Some(title), owner], &case.paragraphs, source);
            }
            Block::Quote(quote) => {
                let source = (!quote.source.is_empty()).then(|| format!("——{}", escape(&quote.source)));
                self.quoted([None, None], &quote.paragraphs, source);
            }
        }
    }

    fn caption(&mut self, kind: ReferenceKind, number: &str, title: &str) {
        self.parts.push(strong(&text::caption(kind, self.lang, number, title)));
    }

    fn beneath(&mut self, notes: &[String], source: &str) {
        self.parts.extend(notes.iter().map(|note| escape(&text::note(note, self.lang))));
        if !source.is_empty() {
            self.parts.push(escape(&text::source(source, self.lang)));
        }
    }

    fn quoted(&mut self, head: [Option<String>; 2], paragraphs: &'a [Text], source: Option<String>) {
        let paragraphs: Vec<String> = paragraphs.iter().map(|text| self.paragraph(text)).collect();
        let lines = head.into_iter().flatten().chain(paragraphs).chain(source);
        let lines: Vec<String> = lines.map(|line| format!("> {line}")).collect();
        self.parts.push(lines.join("\n>\n"));
    }

    fn paragraph(&mut self, text: &'a Text) -> String {
        opening(&self.line(text))
    }

    fn line(&mut self, text: &'a [Inline]) -> String {
        text.iter()
            .map(|inline| match inline {
                Inline::Text(text) => escape(text),
                Inline::Strong(text) => strong(text),
                Inline::Emphasis(text) if text.is_empty() => String::new(),
                Inline::Emphasis(text) => format!("<em>{}</em>", escape(text)),
                Inline::Bound { display, href } => link(display, href.as_deref()),
                Inline::Reference { kind, number, id } => {
                    let label = kind.label(self.lang, number);
                    if self.anchors.has(id) { link(&label, Some(&format!("#{id}"))) } else { escape(&label) }
                }
                Inline::Footnote(note) => format!("[^{}]", self.notes.add(note)),
                Inline::Link { text, href } => link(text, Some(href)),
            })
            .collect()
    }

    fn footnotes(&mut self) {
        let mut set = 0;
        while let Some(note) = self.notes.all.get(set).copied() {
            set += 1;
            let line = self.line(note);
            self.parts.push(format!("[^{set}]: {line}"));
        }
    }
}

fn grid(table: &Table, lang: Lang) -> String {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let head = table.columns.iter().map(|column| escape(&text::column(column, lang))).collect();
    let rule =
        table.columns.iter().map(|column| if column.numeric { "---:" } else { "---" }.to_owned()).collect();
    let rows = table.rows.iter().map(|row| {
        let cells = (0..table.columns.len()).map(|index| match row.cells.get(index) {
            Some(cell) if row.total && cell.href.is_none() => strong(&cell.display),
            Some(cell) => link(&cell.display, cell.href.as_deref()),
            None => String::new(),
        });
        line(cells.collect())
    });
    [line(head), line(rule)].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// Strong by tags: asterisks do not close between a Chinese character and a bracket.
fn strong(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<strong>{}</strong>", escape(text)) }
}

fn link(text: &str, href: Option<&str>) -> String {
    let shown = escape(text);
    match href.and_then(text::target) {
        Some(href) => {
            let href = href.replace('\\', "%5C").replace('<', "%3C").replace('>', "%3E").replace('|', "%7C");
            format!("[{shown}](<{href}>)")
        }
        None => shown,
    }
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text that means itself wherever it stands in a line.
fn escape(text: &str) -> String {
    let text = text::clean(text);
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '#' | '$' | '^'
        ) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// A line that begins a paragraph, whatever it begins with: not a list, nor a rule, nor code.
fn opening(line: &str) -> String {
    let line = line.trim_start_matches([' ', '\t']);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &line[digits..];
    if line.starts_with(['-', '+', '=', ':']) {
        format!("\\{line}")
    } else if digits > 0 && rest.starts_with(['.', ')']) {
        format!("{}\\{rest}", &line[..digits])
    } else {
        line.to_owned()
    }
}
