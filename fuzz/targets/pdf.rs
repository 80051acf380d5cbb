#![no_main]

mod fence;

use libfuzzer_sys::fuzz_target;
use zhijian_documents::{Limits, pdf};

fuzz_target!(init: fence::raise(), |file: &[u8]| {
    let limits = Limits { bytes: 1 << 20, unpacked: 16 << 20, ..Limits::default() };
    let _ = pdf::read("a.pdf", file, &limits);
});
