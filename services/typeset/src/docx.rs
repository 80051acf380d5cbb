//! The document as DOCX, for those who must edit it: headings, captions and tables by style, a table of contents that
//! updates, footnotes, charts as pictures.

mod body;
mod parts;

use std::io::{Cursor, Write as _};

use quick_xml::escape::escape;
use zip::{DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{model::Document, text};

/// Why a document could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A chart could not be painted: what is wrong with its drawing, for the log.
    #[error("the chart {id} could not be painted: {reason}")]
    Chart {
        /// The chart's anchor.
        id: String,
        /// What is wrong.
        reason: String,
    },
    /// The parts could not be packed.
    #[error("the document could not be packed")]
    Pack(#[from] zip::result::ZipError),
    /// The parts could not be written.
    #[error("the document could not be written")]
    Write(#[from] std::io::Error),
}

/// The DOCX; the same bytes for the same document, unless a chart has characters that only the machine's fonts have.
///
/// # Errors
/// [`Error::Chart`] if a chart cannot be painted, [`Error::Pack`] or [`Error::Write`] if the file becomes too large.
pub fn bytes(document: &Document) -> Result<Vec<u8>, Error> {
    let made = body::made(document)?;
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("[Content_Types].xml".to_owned(), parts::CONTENT_TYPES.into()),
        ("_rels/.rels".to_owned(), parts::PACKAGE_RELATIONS.into()),
        ("docProps/core.xml".to_owned(), core(document).into()),
        ("word/document.xml".to_owned(), made.document.into()),
        ("word/_rels/document.xml.rels".to_owned(), parts::document_relations(&made.relations).into()),
        ("word/footnotes.xml".to_owned(), parts::footnotes(&made.footnotes).into()),
        ("word/_rels/footnotes.xml.rels".to_owned(), parts::relations(&made.note_relations).into()),
        ("word/styles.xml".to_owned(), parts::styles(document.lang).into()),
        ("word/numbering.xml".to_owned(), parts::numbering(made.counted).into()),
        ("word/settings.xml".to_owned(), parts::SETTINGS.into()),
        ("word/header.xml".to_owned(), parts::header(document).into()),
        ("word/footer.xml".to_owned(), parts::FOOTER.into()),
    ];
    files.extend(made.pictures);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // A file does not know when it was made.
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for (name, content) in files {
        zip.start_file(name, options)?;
        zip.write_all(&content)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn core(document: &Document) -> String {
    format!(
        r#"{}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title><dc:subject>{}</dc:subject><dc:creator>{}</dc:creator><dc:language>{}</dc:language></cp:coreProperties>"#,
        parts::HEAD,
        words(&document.title),
        words(&document.subtitle),
        words(&document.issuer),
        document.lang.tag()
    )
}

/// Text as it stands between tags and in attributes.
fn words(text: &str) -> String {
    escape(text::clean(text)).into_owned()
}
