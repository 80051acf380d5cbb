//! What a bundle holds.

use zhijian_tables::{Cell, Column, Origin, Row, Words};
use zhijian_typeset::{Document, html, markdown, pdf};

use super::{About, Files, KEY, MANIFEST, PINS, RELEASE, SIGNATURE, manifest, pages, sign::SigningKey};
use crate::domain::table::Table;

/// How a reader begins.
const READ_ME: &str = include_str!("README.txt");

/// Why a bundle cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    #[error("table {number} cannot be written")]
    Table { number: String, source: zhijian_tables::Error },
    #[error("the edition {code} cannot be typeset")]
    Edition { code: String, source: pdf::Error },
    #[error("release.json cannot be written")]
    About(#[from] serde_json::Error),
    #[error("the path {0:?} has no place in a bundle")]
    Path(String),
}

/// An edition as a bundle carries it.
pub struct EditionFile {
    pub code: String,
    pub document: Document,
    /// Whether it is typeset as a PDF too, which takes a second or so: the region's own editions are.
    pub book: bool,
}

/// What a release publishes.
pub struct Content {
    pub about: About,
    /// Each table with its CSV, in order.
    pub tables: Vec<(Table, String)>,
    pub editions: Vec<EditionFile>,
    /// The JSON of the pins as everybody may have them.
    pub pins: Vec<u8>,
}

/// Where a table is.
pub fn table_path(number: &str, form: &str) -> String {
    format!("data/tables/{number}.{form}")
}

/// The JSON of a table, as bundles hold it.
pub fn table_json(table: &Table) -> Vec<u8> {
    // Plain data: it has no map keys or numbers that JSON cannot write.
    let mut bytes = serde_json::to_vec_pretty(table).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The files, without signature.
///
/// # Errors
/// Says which part cannot be written.
pub fn content(content: &Content) -> Result<Files, ContentError> {
    let mut files = Files::new();
    let mut about = serde_json::to_vec_pretty(&content.about)?;
    about.push(b'\n');
    files.insert(RELEASE.to_owned(), about);
    files.insert(PINS.to_owned(), content.pins.clone());
    files.insert("README.txt".to_owned(), READ_ME.as_bytes().to_vec());
    files.insert("style.css".to_owned(), pages::STYLE.as_bytes().to_vec());
    files.insert("index.html".to_owned(), pages::index(content).into_bytes());
    for (table, csv) in &content.tables {
        let number = &table.number;
        let failed = |source| ContentError::Table { number: number.clone(), source };
        let whole = spread(&content.about, table);
        files.insert(format!("tables/{number}.html"), pages::table(&content.about, table).into_bytes());
        files.insert(table_path(number, "csv"), csv.clone().into_bytes());
        files.insert(table_path(number, "json"), table_json(table));
        files.insert(table_path(number, "xlsx"), zhijian_tables::xlsx::write(&whole).map_err(failed)?);
        files.insert(table_path(number, "parquet"), zhijian_tables::parquet::write(&whole).map_err(failed)?);
    }
    for EditionFile { code, document, book } in &content.editions {
        files.insert(format!("editions/{code}.html"), html::page(document).into_bytes());
        files.insert(format!("editions/{code}.md"), markdown::text(document).into_bytes());
        if *book {
            let failed = |source| ContentError::Edition { code: code.clone(), source };
            files.insert(format!("editions/{code}.pdf"), pdf::bytes(document).map_err(failed)?);
        }
    }
    match files.keys().find(|path| !manifest::is_inside(path)) {
        Some(path) => Err(ContentError::Path(path.clone())),
        None => Ok(files),
    }
}

/// Adds key, manifest and signature.
pub fn seal(mut files: Files, key: &SigningKey, comment: &str) -> Files {
    files.insert(KEY.to_owned(), key.public().to_string().into_bytes());
    let text = manifest::write(files.iter().map(|(path, bytes)| (path.as_str(), manifest::sum(bytes))));
    files.insert(SIGNATURE.to_owned(), key.sign(text.as_bytes(), comment).into_bytes());
    files.insert(MANIFEST.to_owned(), text.into_bytes());
    files
}

/// The table for the writers of files.
fn spread(about: &About, table: &Table) -> zhijian_tables::Table {
    let words = |text: &zhijian_platform::Text| Words::new(&*text.zh, &*text.en);
    let origin = Origin {
        source: words(&table.source),
        release: words(&about.title),
        version: about.version,
        note: about.note.as_ref().map(words).unwrap_or_default(),
        // The manifest has the sum of every file.
        content_hash: "",
        demonstration: about.demonstration,
    };
    zhijian_tables::Table {
        name: table.number.clone(),
        title: words(&table.title),
        columns: table
            .columns
            .iter()
            .map(|column| Column {
                key: column.key.clone(),
                name: words(&column.name),
                unit: column.unit.as_ref().map(words),
                numeric: column.numeric,
            })
            .collect(),
        rows: table
            .rows
            .iter()
            .map(|row| Row {
                cells: row
                    .cells
                    .iter()
                    .map(|cell| Cell {
                        display: cell.display.clone(),
                        value: cell.value.clone(),
                        display_en: cell.display_en.clone(),
                    })
                    .collect(),
                total: row.total,
            })
            .collect(),
        facts: origin.facts(),
        date: about.publish_time.get(..10).and_then(|day| day.parse().ok()),
    }
}
