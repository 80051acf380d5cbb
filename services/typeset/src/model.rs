//! What a document is made of, whatever form it takes in the end. Text is text: no field holds markup of any kind.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The language of a document; it is in one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The one of the two texts that is in this language.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// The tag of BCP 47.
    pub fn tag(self) -> &'static str {
        self.pick("zh-CN", "en")
    }
}

/// A report, from its cover to its last line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The title on the cover and in the running head.
    pub title: String,
    /// The line under the title; may be empty.
    #[serde(default)]
    pub subtitle: String,
    /// Who issues it.
    #[serde(default)]
    pub issuer: String,
    /// The date as readers see it ("2026年1月").
    #[serde(default)]
    pub date: String,
    /// The language of every text in it.
    #[serde(default)]
    pub lang: Lang,
    /// Whether it holds invented data, which every form then says on its first page.
    #[serde(default)]
    pub demonstration: bool,
    /// What readers should know first: scope, sources, what is preliminary. May be empty.
    #[serde(default)]
    pub note: String,
    /// The chapters in order.
    pub chapters: Vec<Chapter>,
}

/// A chapter.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    /// The anchor; unique in the document, of letters, digits, `-`, `_` and `.`.
    pub id: String,
    /// The number as readers see it ("1", "第一章"); may be empty.
    pub number: String,
    /// The title without its number.
    pub title: String,
    /// What the chapter consists of.
    pub blocks: Vec<Block>,
}

/// A run of text with what is in it.
pub type Text = Vec<Inline>;

/// A piece of a chapter that stands on lines of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// The heading of a section.
    Heading(Heading),
    /// A paragraph.
    Paragraph(Text),
    /// A list.
    List(List),
    /// A table.
    Table(Table),
    /// A chart with its table.
    Chart(Chart),
    /// A case: an example told in a box.
    Case(Case),
    /// Somebody else's words.
    Quote(Quote),
}

/// The heading of a section.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Heading {
    /// 1 for a section of a chapter, 2 for a section of a section; more is set as 2.
    pub level: u8,
    /// The anchor; unique in the document.
    pub id: String,
    /// The number as readers see it ("1.2", "（二）"); may be empty.
    pub number: String,
    /// The title without its number.
    pub title: String,
}

/// A list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct List {
    /// Whether the items are counted.
    pub ordered: bool,
    /// The items.
    pub items: Vec<Text>,
}

/// A numbered table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The number without its word ("2-2" for 表2-2); may be empty.
    pub number: String,
    /// The anchor; unique in the document.
    pub id: String,
    /// The caption without its number.
    pub title: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows; a row shorter than the columns is filled up with empty cells, a longer one is cut.
    pub rows: Vec<Row>,
    /// Where the numbers come from, without the word 来源; may be empty.
    #[serde(default)]
    pub source: String,
    /// Notes under the table.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A column of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The heading.
    pub name: String,
    /// The unit of its numbers ("人", "%"); may be empty. It is shown in the heading.
    #[serde(default)]
    pub unit: String,
    /// Whether it holds numbers, which are set to the right.
    #[serde(default)]
    pub numeric: bool,
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The cells in the columns' order.
    pub cells: Vec<Cell>,
    /// Whether it sums the others up.
    #[serde(default)]
    pub total: bool,
}

/// A cell of a table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// What readers see.
    pub display: String,
    /// The number behind it, if it is one.
    #[serde(default)]
    pub value: Option<Decimal>,
    /// Where its derivation is; forms on paper do without.
    #[serde(default)]
    pub href: Option<String>,
}

/// A numbered chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The number without its word ("1-1" for 图1-1); may be empty.
    pub number: String,
    /// The anchor; unique in the document.
    pub id: String,
    /// The caption without its number.
    pub title: String,
    /// How it is drawn.
    pub kind: ChartKind,
    /// What the values are of: a name for each place on the axis.
    pub categories: Vec<String>,
    /// The series, at least one.
    pub series: Vec<Series>,
    /// The unit of all values ("人", "%"); may be empty.
    #[serde(default)]
    pub unit: String,
    /// Where the numbers come from, without the word 来源; may be empty.
    #[serde(default)]
    pub source: String,
    /// Notes under the chart.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// One bar for each category: its first series.
    Bars,
    /// For each category a bar of each series, side by side.
    GroupedBars,
    /// For each category the series on top of each other.
    StackedBars,
    /// A line for each series along the categories.
    Lines,
}

/// A series of a chart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// A value for each category; none where nothing is known or shown.
    pub values: Vec<Option<Decimal>>,
    /// The values as readers see them ("1,234", "…"), in the same order; where it is shorter, the value itself is shown.
    #[serde(default)]
    pub displays: Vec<String>,
}

impl Series {
    /// What readers see of the value at `index`: "—" where there is none and nothing is said instead.
    pub fn display(&self, index: usize) -> String {
        match (self.displays.get(index), self.values.get(index).copied().flatten()) {
            (Some(display), _) => display.clone(),
            (None, Some(value)) => value.to_string(),
            (None, None) => "—".to_owned(),
        }
    }
}

/// An example told in a box.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// The anchor; unique in the document.
    pub id: String,
    /// The number without its word ("3" for 案例3); may be empty.
    #[serde(default)]
    pub number: String,
    /// The title.
    pub title: String,
    /// Whose case it is, under the title; may be empty.
    #[serde(default)]
    pub owner: String,
    /// The paragraphs.
    pub paragraphs: Vec<Text>,
    /// Where it comes from, without the word 来源; may be empty.
    #[serde(default)]
    pub source: String,
}

/// Somebody else's words.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// The paragraphs.
    pub paragraphs: Vec<Text>,
    /// Whose words they are; may be empty.
    #[serde(default)]
    pub source: String,
}

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Strong text.
    Strong(String),
    /// Emphasised text.
    Emphasis(String),
    /// A value bound to the data: as readers see it, and where its derivation is.
    Bound {
        /// The value as readers see it, with its unit where the line needs it.
        display: String,
        /// Where its derivation is.
        #[serde(default)]
        href: Option<String>,
    },
    /// A mention of another part of the document.
    Reference {
        /// What is referred to.
        kind: ReferenceKind,
        /// Its number without its word ("2-2").
        number: String,
        /// Its anchor.
        id: String,
    },
    /// A note at the foot of the page; a footnote in it is set as its text.
    Footnote(Text),
    /// A link to elsewhere.
    Link {
        /// What readers see.
        text: String,
        /// Where it leads.
        href: String,
    },
}

/// What a reference is to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// A table.
    Table,
    /// A chart.
    Figure,
    /// A chapter or section.
    Section,
    /// A case.
    Case,
}

impl ReferenceKind {
    /// The word and the number as readers see them: 表2-2, Figure 1-1. A section in Chinese is its number alone.
    pub fn label(self, lang: Lang, number: &str) -> String {
        let word = match self {
            Self::Table => lang.pick("表", "Table "),
            Self::Figure => lang.pick("图", "Figure "),
            Self::Case => lang.pick("案例", "Case "),
            Self::Section => lang.pick("", "Section "),
        };
        if number.is_empty() { word.trim_end().to_owned() } else { format!("{word}{number}") }
    }
}
