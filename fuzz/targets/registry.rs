#![no_main]

//! The registry of `zhijian check`: the first byte tells how it is written, the rest is the file. What was read is proofread
//! with.

mod fence;

#[expect(dead_code, reason = "the target has no file to read, only bytes")]
// As source: the binary would bring in the whole suite.
#[path = "../../services/zhijian/src/command/check/registry.rs"]
mod registry;

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use zhijian_proofreader::{Options, check};

const REPORT: &str =
    "# 年度质量报告\n演示甲乙职业大学（原演示甲乙职业学院）与演示丙丁学校合作，甲乙职大承担培训。\n";

fuzz_target!(init: fence::raise(), |file: &[u8]| {
    let Some((form, bytes)) = file.split_first() else { return };
    let name = ["a.csv", "a.xlsx", "a.toml", "a.json", "a.txt"][usize::from(*form) % 5];
    match registry::parse(Path::new(name), bytes) {
        Ok(registry) => {
            let _ = check(REPORT, &Options { registry, ..Options::default() });
        }
        // One line that names the file.
        Err(told) => assert!(told.starts_with(name) && !told.contains('\n'), "{told}"),
    }
});
