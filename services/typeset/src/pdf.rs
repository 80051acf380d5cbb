//! The document as a book: a cover, contents with page numbers, running heads, chapters. The template is ours; the
//! document reaches it as data and never as markup.

use std::{collections::HashMap, sync::LazyLock};

use serde_json::{Value, json};
use typst::{
    Library, LibraryExt, World,
    diag::{FileError, FileResult},
    foundations::{Bytes, Datetime, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::{
    chart, fonts,
    model::{Block, Document},
    print,
};

const TEMPLATE: &str = include_str!("book.typ");
/// A page of text in a debug build goes deeper than a thread of the usual two megabytes.
const STACK: usize = 64 << 20;

/// Why a document could not be set.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The typesetter refused: each of its messages on a line of its own. The template is ours, so this is our fault.
    #[error("the document could not be set: {0}")]
    Refused(String),
    /// The machine gave no thread to work in.
    #[error("no thread to typeset in: {0}")]
    Thread(#[from] rayon::ThreadPoolBuildError),
}

/// The PDF; the same bytes for the same document, unless it has characters that only the machine's fonts have.
///
/// # Errors
/// [`Error::Refused`] if the typesetter refuses, [`Error::Thread`] if the machine has no thread left.
pub fn bytes(document: &Document) -> Result<Vec<u8>, Error> {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build()?;
    let pdf = pool.install(|| set(&Book::of(document)));
    // What was remembered for this document is of no use to the next.
    typst::comemo::evict(0);
    pdf
}

fn set(book: &Book) -> Result<Vec<u8>, Error> {
    let refused = |errors: typst::ecow::EcoVec<typst::diag::SourceDiagnostic>| {
        let messages: Vec<String> = errors.iter().map(|error| error.message.to_string()).collect();
        Error::Refused(messages.join("\n"))
    };
    let pages = typst::compile::<PagedDocument>(book).output.map_err(refused)?;
    let options = PdfOptions { creator: Smart::Custom(Some("Zhijian".to_owned())), ..PdfOptions::default() };
    typst_pdf::pdf(&pages, &options).map_err(refused)
}

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// What the typesetter may read: the template, the document, its charts and the fonts.
struct Book {
    main: Source,
    files: HashMap<FileId, Bytes>,
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
}

impl Book {
    fn of(document: &Document) -> Self {
        let (document, rare) = print::prepared(document);
        let mut files = HashMap::new();
        let mut chapters = vec![];
        for chapter in &document.chapters {
            let mut blocks = vec![];
            for block in &chapter.blocks {
                let mut value = json!(block);
                match block {
                    Block::Table(table) => {
                        value["table"]["layout"] = json!(print::layout(table, document.lang))
                    }
                    Block::Chart(one) => {
                        let name = format!("chart-{}.svg", files.len());
                        files.insert(file(&name), Bytes::from_string(chart::svg(one, document.lang)));
                        let table = chart::table(one, document.lang);
                        value["chart"]["file"] = Value::String(name);
                        value["chart"]["layout"] = json!(print::layout(&table, document.lang));
                        value["chart"]["table"] = json!(table);
                    }
                    _ => {}
                }
                blocks.push(value);
            }
            chapters.push(json!({
                "id": chapter.id, "number": chapter.number, "title": chapter.title, "blocks": blocks,
            }));
        }
        let mut value = json!(Document { chapters: vec![], ..document });
        value["chapters"] = Value::Array(chapters);
        files.insert(file("document.json"), Bytes::from_string(value.to_string()));
        let fonts: Vec<Font> = fonts::OWN.iter().cloned().chain(rare.fonts).collect();
        Self {
            main: Source::new(file("book.typ"), TEMPLATE.to_owned()),
            files,
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
        }
    }
}

/// # Panics
/// Never: the names are ours, and none climbs.
fn file(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("a plain file name");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl World for Book {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() { Ok(self.main.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
