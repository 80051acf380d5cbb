//! Approved by the head, then frozen and handed in.

use std::collections::BTreeMap;

use serde_json::json;
use zhijian_platform::{Call, Error, Text, Tx, Violation, etag, id, time::timestamp};
use zhijian_proto::{
    common::v1::ErrorReason,
    submission::v1::{
        ApproveSubmissionRequest, ApproveSubmissionResponse, Receipt, SubmitSubmissionRequest,
        SubmitSubmissionResponse,
    },
};

use super::{Moving, audited, begin, finish, working::Working};
use crate::{
    domain::{
        catalogue::Severity,
        check::Finding,
        content,
        derive::Cells,
        submission::{Declaration, Move, PastDue},
    },
    rpc::{Actor, Rpc, convert},
    store::{report, revision},
};

/// How many findings an error names; a check names all. Details travel in headers, which have little room.
const NAMED_FINDINGS: usize = 25;

impl Rpc {
    pub(super) async fn approve(
        &self,
        call: Call,
        input: ApproveSubmissionRequest,
    ) -> Result<ApproveSubmissionResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let given = input.declaration.clone().unwrap_or_default();
        // The time is the transaction's; this one only serves to read the rest.
        let declaration =
            Declaration::new(&given.name, &given.office, row.update_time).map_err(Error::Invalid)?;
        let actor = Actor::of(&call);
        let etag = input.etag.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { mut row, next, .. } = begin(tx, &row.submission_id, Move::Approve).await?;
                    etag::check(&etag, row.version)?;
                    let detail = json!({
                        "state": next.as_str(),
                        "declared_by": declaration.name,
                        "office": declaration.office,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    row.set_declaration(Some(Declaration { time: tx.now(), ..declaration }));
                    let row = finish(tx, row, next, actor, "").await?;
                    Ok(ApproveSubmissionResponse { submission: Some(convert::submission(row)?) })
                })
            })
            .await
    }

    pub(super) async fn submit(
        &self,
        call: Call,
        input: SubmitSubmissionRequest,
    ) -> Result<SubmitSubmissionResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        // Checked before the transaction, which other writers wait for. What was checked is what is frozen: the
        // transaction sees that the version is still the same. A repeated request never comes that far.
        let (working, outcome) = self.working(row).await?.check().await?;
        let open = open_findings(&working, outcome.findings);
        let actor = Actor::of(&call);
        let etag = input.etag.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, cycle, next } =
                        begin(tx, &working.row.submission_id, Move::Submit).await?;
                    etag::check(&etag, row.version)?;
                    if row.version != working.row.version {
                        return Err(Error::etag_mismatch(etag::of(row.version)));
                    }
                    PastDue::check(cycle.due_time, tx.now())?;
                    if !open.is_empty() {
                        return Err(checks_failed(&open));
                    }
                    let (row, receipt) = freeze(tx, row, &working).await?;
                    let detail = json!({
                        "state": next.as_str(),
                        "revision": receipt.revision_number,
                        "content_hash": receipt.content_hash,
                        "receipt": receipt.receipt_id,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    let row = finish(tx, row, next, actor, "").await?;
                    let submission = Some(convert::submission(row)?);
                    Ok(SubmitSubmissionResponse { submission, receipt: Some(receipt) })
                })
            })
            .await
    }
}

/// The errors, and the warnings that nobody has explained.
fn open_findings(working: &Working, findings: Vec<Finding>) -> Vec<Finding> {
    let is_open = |finding: &Finding| match finding.severity {
        Severity::Error => true,
        Severity::Warning => !working.explanations.contains_key(&finding.id),
        Severity::Info => false,
    };
    findings.into_iter().filter(is_open).collect()
}

fn checks_failed(open: &[Finding]) -> Error {
    let mut violations: Vec<Violation> = open
        .iter()
        .take(NAMED_FINDINGS)
        .map(|finding| Violation {
            field: finding.id.clone(),
            description: match finding.severity {
                Severity::Error => finding.message.clone(),
                Severity::Warning | Severity::Info => Text::new(
                    format!("{}（待说明）", finding.message.zh),
                    format!("{} (to be explained)", finding.message.en),
                ),
            },
        })
        .collect();
    if let Some(more) = open.len().checked_sub(NAMED_FINDINGS).filter(|more| *more > 0) {
        violations.push(Violation::new(
            "findings",
            format!("还有 {more} 项，请运行检查查看全部。"),
            format!("And {more} more: run the check to see them all."),
        ));
    }
    Error::Precondition { reason: ErrorReason::ChecksFailed, violations }
}

/// Freezes the working copy as the next revision.
async fn freeze(
    tx: &Tx<'_>,
    mut row: report::Model,
    working: &Working,
) -> Result<(report::Model, Receipt), Error> {
    let declaration = row
        .declaration()
        .ok_or_else(|| Error::internal(format!("{} lacks a declaration", row.submission_id)))?;
    let cells = frozen_cells(working, working.values());
    let mut sections = working.sections.clone();
    sections.retain(|_, body| !body.is_empty());
    let content = content::Content {
        cells: &cells,
        cycle_year: row.cycle_year,
        explanations: &working.explanations,
        organisation_code: &row.organisation_code,
        report_kind: &row.report_kind,
        sections: &sections,
        subject_code: &row.subject_code,
    };
    let content_hash = content.hash().map_err(Error::internal)?;
    row.revision_number += 1;
    let receipt = Receipt {
        receipt_id: id::new("rcp"),
        submission_id: row.submission_id.clone(),
        revision_number: row.revision_number,
        content_hash: content_hash.clone(),
        time: Some(timestamp(tx.now())),
    };
    let frozen = revision::Model {
        submission_id: row.submission_id.clone(),
        number: row.revision_number,
        receipt_id: receipt.receipt_id.clone(),
        content_hash,
        cells: serde_json::to_string(&cells).map_err(Error::internal)?,
        sections: serde_json::to_string(&sections).map_err(Error::internal)?,
        explanations: serde_json::to_string(&working.explanations).map_err(Error::internal)?,
        declaration_name: declaration.name,
        declaration_office: declaration.office,
        declaration_time: declaration.time,
        create_time: tx.now(),
    };
    revision::insert(tx.conn(), frozen).await?;
    Ok((row, receipt))
}

fn frozen_cells(working: &Working, values: Cells) -> BTreeMap<String, content::Cell> {
    let cell = |(code, value): (String, _)| {
        let typed = working.cells.get(&code);
        let note = typed.map(|cell| cell.note.clone()).unwrap_or_default();
        (code, content::Cell { derived: typed.is_none(), note, value })
    };
    values.into_iter().map(cell).collect()
}
