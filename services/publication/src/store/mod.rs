//! The database: releases, their tables and versions, objections, and the regions that are rolled up.

pub mod early_read;
pub mod edition;
pub mod federation;
pub mod objection;
pub mod pin;
pub mod release;
pub mod reveal;
pub mod table;
pub mod version;
