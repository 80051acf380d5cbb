//! Files that schools name as evidence: they must be attached to a report of the school.

use std::collections::BTreeSet;

use zhijian_platform::{Clients, Error, Violation};
use zhijian_proto::submission::v1::{Attachment, ListAttachmentsRequest, ListSubmissionsRequest};

use crate::domain::evidence::Item;

/// How many reports are asked for at once.
const BATCH: i32 = 100;

/// Checks that every file among the documents is attached to one of the school's reports. `items` are pairs of the path in the
/// request and the document.
///
/// # Errors
/// Names every file that is not.
pub async fn check(clients: &Clients, school: &str, items: Vec<(String, Item)>) -> Result<(), Error> {
    let files: Vec<(String, String)> = items
        .into_iter()
        .filter(|(_, item)| item.is_file())
        .map(|(path, item)| (path, item.trimmed().sha256))
        .collect();
    if files.is_empty() {
        return Ok(());
    }
    let attached: BTreeSet<String> =
        of_school(clients, school).await?.into_iter().map(|held| held.file.sha256).collect();
    let strange = files.into_iter().filter(|(_, sha256)| !attached.contains(sha256)).map(|(path, _)| {
        Violation::new(
            format!("{path}.sha256"),
            "年报附件里没有这个文件，请先在年报里上传，再选它。",
            "No report of yours has this file attached: upload it there first, then choose it.",
        )
    });
    let strange: Vec<Violation> = strange.collect();
    if strange.is_empty() { Ok(()) } else { Err(Error::Invalid(strange)) }
}

/// A file, and where it is attached.
pub struct Held {
    /// The report.
    pub submission_id: String,
    /// Its revision; 0 for the working copy.
    pub revision_number: i32,
    /// What it is.
    pub file: Attachment,
}

/// Every file that a school has attached to a report, some of them more than once.
pub async fn of_school(clients: &Clients, school: &str) -> Result<Vec<Held>, Error> {
    let mut attached = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListSubmissionsRequest {
            page_size: BATCH,
            page_token,
            organisation_code: school.to_owned(),
            ..ListSubmissionsRequest::default()
        };
        let answer = clients.submissions().list_submissions(request).await?.into_inner();
        for report in answer.submissions {
            // What a revision carries is kept for good; the working copy's own files may be newer.
            for revision_number in BTreeSet::from([report.revision_number, 0]).into_iter().rev() {
                let submission_id = report.submission_id.clone();
                let request = ListAttachmentsRequest { submission_id, revision_number };
                let files = clients.attachments().list_attachments(request).await?.into_inner().attachments;
                attached.extend(files.into_iter().map(|file| Held {
                    submission_id: report.submission_id.clone(),
                    revision_number,
                    file,
                }));
            }
        }
        if answer.next_page_token.is_empty() {
            return Ok(attached);
        }
        page_token = answer.next_page_token;
    }
}
