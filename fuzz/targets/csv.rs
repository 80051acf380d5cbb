#![no_main]

mod fence;

use libfuzzer_sys::fuzz_target;
use zhijian_documents::{Limits, Number, sheet};

fuzz_target!(init: fence::raise(), |file: &[u8]| {
    let limits = Limits { bytes: 1 << 20, unpacked: 16 << 20, ..Limits::default() };
    let Ok(book) = sheet::read("a.csv", file, &limits) else { return };
    for cell in book.sheets.iter().flat_map(|s| &s.rows).flat_map(|r| &r.cells) {
        if let Ok(number) = Number::parse(cell.text()) {
            // What was evened out once is even.
            assert_eq!(Number::parse(&number.decimal).map(|n| n.decimal), Ok(number.decimal));
        }
        assert_eq!(sheet::unguarded(&sheet::guarded(cell.text())), cell.text());
    }
});
