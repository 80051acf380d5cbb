//! The whole sample in each form.

use zhijian_typeset::{html, markdown, pdf};

use crate::sample;

#[test]
fn the_sample_takes_every_form() {
    let document = sample::document();
    let book = pdf::bytes(&document).expect("sets");
    if let Ok(directory) = std::env::var("ZHIJIAN_TYPESET_OUT") {
        std::fs::write(format!("{directory}/sample.pdf"), &book).expect("writes");
        std::fs::write(format!("{directory}/sample.html"), html::page(&document)).expect("writes");
        std::fs::write(format!("{directory}/sample.md"), markdown::text(&document)).expect("writes");
    }
    assert_eq!(book, pdf::bytes(&document).expect("sets"), "the same document gives the same bytes");
}
