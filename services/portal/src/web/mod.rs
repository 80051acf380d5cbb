//! What all pages share.

pub mod assets;
pub mod cache;
pub mod cards;
pub mod chart;
pub mod components;
pub mod error;
pub mod export;
pub mod form;
pub mod format;
pub mod gate;
#[macro_use]
pub mod i18n;
pub mod layout;
pub mod library;
pub mod link;
pub mod piece;
pub mod prose;
pub mod session;
pub mod states;
pub mod upload;
pub mod withdrawal;
pub mod year;
