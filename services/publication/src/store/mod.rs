//! The database: releases and their tables.

pub mod pin;
pub mod release;
pub mod table;
