//! Attachments, cases and dismissals on the wire.

use zhijian_platform::{Error, etag, time::timestamp};
use zhijian_proto::submission::v1::{self as wire, attachment::Purpose as WirePurpose};

use crate::{
    domain::{
        attachment::{Allowed, Attachment, AttachmentRules, GivenHeader, Purpose},
        case::{Case, Picture},
        catalogue::ReportKind,
        text::characters,
    },
    store::{attachment, case, dismissal},
};

/// A file of a working copy.
pub fn attachment(row: attachment::Model) -> Result<wire::Attachment, Error> {
    Ok(wire::Attachment {
        purpose: purpose(row.purpose()?).into(),
        attachment_id: row.attachment_id,
        submission_id: row.submission_id,
        annex_code: row.annex_code,
        section_code: row.section_code,
        file_name: row.file_name,
        media_type: row.media_type,
        size: row.size,
        sha256: row.sha256,
        caption: row.caption,
        alt_text: row.alt_text,
        account_id: row.account_id,
        account_name: row.account_name,
        create_time: Some(timestamp(row.create_time)),
        etag: etag::of(row.version),
    })
}

/// A file of a revision.
pub fn frozen_attachment(submission_id: &str, frozen: Attachment) -> wire::Attachment {
    wire::Attachment {
        attachment_id: frozen.attachment_id,
        submission_id: submission_id.to_owned(),
        purpose: purpose(frozen.purpose).into(),
        annex_code: frozen.annex_code,
        section_code: frozen.section_code,
        file_name: frozen.file_name,
        media_type: frozen.media_type,
        size: i64::try_from(frozen.size).unwrap_or(i64::MAX),
        sha256: frozen.sha256,
        caption: frozen.caption,
        alt_text: frozen.alt_text,
        ..Default::default()
    }
}

/// What may be attached to a report of this kind.
pub fn limits(rules: &AttachmentRules, kind: &ReportKind) -> Vec<wire::AttachmentLimit> {
    let limit = |purpose: Purpose, allowed: &Allowed| wire::AttachmentLimit {
        purpose: self::purpose(purpose).into(),
        media_types: allowed.media_types.clone(),
        max_bytes: i64::try_from(allowed.max_bytes).unwrap_or(i64::MAX),
        max_files: i32::try_from(allowed.max_files).unwrap_or(i32::MAX),
        ..Default::default()
    };
    let annexes = kind.annexes.iter().map(|annex| wire::AttachmentLimit {
        annex_code: annex.code.clone(),
        name: Some(annex.name.clone().into()),
        note: Some(annex.note.clone().into()),
        required: annex.required,
        signed: annex.signed,
        ..limit(Purpose::Annex, &Allowed::of_annex(annex))
    });
    annexes.chain([limit(Purpose::Picture, &rules.picture), limit(Purpose::Report, &rules.report)]).collect()
}

/// A header as it came.
pub fn header_given(header: &wire::AttachmentHeader) -> GivenHeader {
    GivenHeader {
        purpose: match header.purpose() {
            WirePurpose::Unspecified => None,
            WirePurpose::Annex => Some(Purpose::Annex),
            WirePurpose::Picture => Some(Purpose::Picture),
            WirePurpose::Report => Some(Purpose::Report),
        },
        annex_code: header.annex_code.clone(),
        section_code: header.section_code.clone(),
        file_name: header.file_name.clone(),
        size: header.size,
        sha256: header.sha256.clone(),
        caption: header.caption.clone(),
        alt_text: header.alt_text.clone(),
    }
}

fn purpose(purpose: Purpose) -> WirePurpose {
    match purpose {
        Purpose::Annex => WirePurpose::Annex,
        Purpose::Picture => WirePurpose::Picture,
        Purpose::Report => WirePurpose::Report,
    }
}

/// A case of a working copy.
pub fn case(row: case::Model) -> Result<wire::Case, Error> {
    Ok(wire::Case {
        update_time: Some(timestamp(row.update_time)),
        etag: etag::of(row.version),
        ..frozen_case(row.case()?)
    })
}

/// A case of a revision.
pub fn frozen_case(case: Case) -> wire::Case {
    let picture = |picture: Picture| wire::CasePicture {
        attachment_id: picture.attachment_id,
        caption: picture.caption,
        alt_text: picture.alt_text,
    };
    wire::Case {
        characters: i32::try_from(characters(&case.body)).unwrap_or(i32::MAX),
        case_id: case.case_id,
        section_code: case.section_code,
        title: case.title,
        body: case.body,
        pictures: case.pictures.into_iter().map(picture).collect(),
        ..Default::default()
    }
}

/// A case as it came.
pub fn case_given(case: wire::Case) -> Case {
    let picture = |picture: wire::CasePicture| Picture {
        alt_text: picture.alt_text,
        attachment_id: picture.attachment_id,
        caption: picture.caption,
    };
    Case {
        body: case.body,
        case_id: case.case_id,
        pictures: case.pictures.into_iter().map(picture).collect(),
        section_code: case.section_code,
        title: case.title,
    }
}

/// What somebody decided about a finding.
pub fn dismissal(row: dismissal::Model) -> wire::Dismissal {
    wire::Dismissal {
        reason: row.reason,
        account_name: row.account_name,
        time: Some(timestamp(row.time)),
        overruled: row.overruled,
        overruled_reason: row.overruled_reason,
        overruled_by: row.overruled_by,
        overruled_time: row.overruled_time.map(timestamp),
        wants_review: row.wants_review,
    }
}
