//! The database: releases and their tables.

pub mod release;
pub mod table;
