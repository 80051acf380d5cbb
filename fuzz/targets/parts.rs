#![no_main]

//! What is inside a container: the input takes the place of a document's text or of a sheet's cells, so that the readers
//! are reached without a ZIP having to be found by chance.

mod fence;

use std::io::{Cursor, Write as _};

use libfuzzer_sys::fuzz_target;
use zhijian_documents::{Limits, docx, sheet};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

const DOCX: &[u8] = include_bytes!("../../services/documents/tests/samples/report.docx");
const XLSX: &[u8] = include_bytes!("../../services/documents/tests/samples/figures.xlsx");

/// A sample with one part replaced.
fn with(sample: &[u8], part: &str, content: &[u8]) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(sample)).expect("sample");
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let old = from.by_index_raw(index).expect("part");
        if old.name().expect("name") != part {
            to.raw_copy_file(old).expect("copied");
        }
    }
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    to.start_file(part, stored).expect("part");
    to.write_all(content).expect("content");
    to.finish().expect("zip").into_inner()
}

fuzz_target!(init: fence::raise(), |content: &[u8]| {
    let limits = Limits { bytes: 1 << 20, unpacked: 16 << 20, ..Limits::default() };
    if let Ok(document) = docx::read("a.docx", &with(DOCX, "word/document.xml", content), &limits) {
        let _ = (document.lines(), docx::blocks(&document.markdown()));
    }
    let _ = sheet::read("a.xlsx", &with(XLSX, "xl/worksheets/sheet1.xml", content), &limits);
    let _ = sheet::read("a.xlsx", &with(XLSX, "xl/sharedStrings.xml", content), &limits);
});
