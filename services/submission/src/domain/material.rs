//! What a report carries beside its cells and sections.

use std::collections::BTreeMap;

use super::{attachment::Attachment, case::Case};

/// Attachments, cases, and the findings that were dismissed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Material {
    /// The files, oldest first.
    pub attachments: Vec<Attachment>,
    /// The cases, in order.
    pub cases: Vec<Case>,
    /// Why findings of the proofreader do not stand, by the finding's fingerprint.
    pub dismissals: BTreeMap<String, String>,
}

impl Material {
    /// The file of this id.
    pub fn attachment(&self, attachment_id: &str) -> Option<&Attachment> {
        self.attachments.iter().find(|attachment| attachment.attachment_id == attachment_id)
    }
}
