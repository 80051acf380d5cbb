//! The database: releases and their tables.

pub mod edition;
pub mod pin;
pub mod release;
pub mod table;
