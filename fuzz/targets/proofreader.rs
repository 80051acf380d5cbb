#![no_main]

use libfuzzer_sys::fuzz_target;
use zhijian_proofreader::{Options, check};

fuzz_target!(|text: &str| {
    for finding in check(text, &Options::default()) {
        let line = text.lines().nth(finding.line - 1).expect("a line of the text");
        assert!(finding.excerpt.is_empty() || !line.is_empty());
    }
});
