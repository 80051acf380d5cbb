//! The pieces pages are made of.

mod brought;
mod forms;

use maud::{Markup, Render, html};
use zhijian_platform::Lang;

use super::i18n::words;
pub use brought::*;
pub use forms::*;

/// What a mark's colour says; never without its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to be done about it.
    Quiet,
    /// Under way.
    Go,
    /// Waits for the reader.
    Need,
    /// Done.
    Done,
    /// In the way.
    Wrong,
}

/// The shape of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Not begun.
    Empty,
    /// Part of the way.
    Half,
    /// With somebody else.
    Wait,
    /// Came back.
    Back,
    /// Done.
    Tick,
    /// Public.
    Public,
    /// Wants attention.
    Warn,
    /// Stopped.
    Cross,
}

/// A word with its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The shape.
    pub sign: Sign,
    /// The colour.
    pub tone: Tone,
    /// The word, in the reader's language.
    pub word: &'static str,
}

impl Mark {
    /// Puts the three together.
    pub fn new(sign: Sign, tone: Tone, word: &'static str) -> Self {
        Self { sign, tone, word }
    }
}

impl Render for Mark {
    fn render(&self) -> Markup {
        let tone = match self.tone {
            Tone::Quiet => "tone-quiet",
            Tone::Go => "tone-go",
            Tone::Need => "tone-need",
            Tone::Done => "tone-done",
            Tone::Wrong => "tone-wrong",
        };
        html! { span class={ "mark " (tone) } { (shape(self.sign)) (self.word) } }
    }
}

fn shape(sign: Sign) -> Markup {
    let line = |path: &'static str| {
        html! { path d=(path) fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" {} }
    };
    let ring =
        || html! { circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.8" {} };
    html! {
        svg viewBox="0 0 16 16" aria-hidden="true" {
            @match sign {
                Sign::Empty => (ring()),
                Sign::Half => { (ring()) path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" {} },
                Sign::Wait => { (ring()) (line("M8 4.8V8l2.2 1.6")) },
                Sign::Back => (line("M6 3 2.5 6.5 6 10M3 6.5h6.5a4 4 0 0 1 0 7.5H7")),
                Sign::Tick => (line("M2.5 8.5 6.5 12.5 13.5 4")),
                Sign::Public => { (ring()) circle cx="8" cy="8" r="2.6" fill="currentColor" {} },
                Sign::Warn => (line("M8 2.2 14.5 13.5H1.5zM8 6.5v3.4M8 11.7v.1")),
                Sign::Cross => (line("M3.5 3.5l9 9M12.5 3.5l-9 9")),
            }
        }
    }
}

/// A grade's letter on its colour.
pub fn grade(letter: &str) -> Markup {
    html! { span class={ "grade " (super::chart::grade_class(letter)) } { (letter) } }
}

/// The mark of invented data.
pub fn demo(lang: Lang) -> Markup {
    let t = words(lang);
    html! { span.demo title=(t("演示数据：机构为虚构", "Demonstration: the institutions are invented")) { (t("演示", "Demo")) } }
}

/// The way back up: pairs of address and name.
pub fn trail(lang: Lang, steps: &[(&str, &str)]) -> Markup {
    html! {
        nav.trail aria-label=(words(lang)("上级页面", "Pages above")) {
            @for (href, name) in steps { a href=(href) { (name) } }
        }
    }
}

/// What a page shows where there is nothing to list: the fact, and what to do next.
pub fn empty(fact: &str, next: Markup) -> Markup {
    html! { div.empty { p { (fact) } p { (next) } } }
}

/// A message that something was done.
pub fn done(message: &str) -> Markup {
    html! { div.banner.done role="status" { p { (message) } } }
}

/// The link to the next page of a list.
pub fn pager(lang: Lang, first: &str, next: Option<&str>, on_first: bool) -> Markup {
    let t = words(lang);
    html! {
        @if next.is_some() || !on_first {
            nav.pager aria-label=(t("翻页", "Pages")) {
                @if !on_first { a href=(first) { (t("回到第一页", "First page")) } }
                @if let Some(next) = next { a href=(next) rel="next" { (t("下一页", "Next page")) } }
            }
        }
    }
}
