//! The region whose quality year is run.

use chrono::{DateTime, Utc};

use super::text::Bilingual;

/// The region as its description says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    pub name: Bilingual,
    /// Whether the region's institutions are invented.
    pub demonstration: bool,
    /// Where the figures come from.
    pub note: Option<Bilingual>,
    /// When the demonstration was completely loaded.
    pub demonstration_load_time: Option<DateTime<Utc>>,
}
