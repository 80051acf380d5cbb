#![no_main]

mod fence;

use libfuzzer_sys::fuzz_target;
use zhijian_documents::{Limits, docx};

fuzz_target!(init: fence::raise(), |file: &[u8]| {
    let limits = Limits { bytes: 1 << 20, unpacked: 16 << 20, ..Limits::default() };
    let Ok(document) = docx::read("a.docx", file, &limits) else { return };
    let _ = document.lines();
    let blocks = docx::blocks(&document.markdown());
    let _ = docx::write(&blocks).map(|file| docx::read("a.docx", &file, &Limits::default()));
});
