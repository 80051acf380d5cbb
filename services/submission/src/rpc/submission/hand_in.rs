//! Approved by the head, then frozen and handed in.

use std::collections::BTreeMap;

use serde_json::json;
use zhijian_platform::{Call, Error, Grant, Text, Tx, Violation, etag, id, time::timestamp};
use zhijian_proto::{
    common::v1::ErrorReason,
    submission::v1::{
        ApproveSubmissionRequest, ApproveSubmissionResponse, Receipt, SubmitSubmissionRequest,
        SubmitSubmissionResponse,
    },
};

use super::{Moving, after, audited, begin, explain, finish, working::Working};
use crate::{
    domain::{
        catalogue::Severity,
        check::Finding,
        content,
        derive::Cells,
        submission::{Declaration, Move},
    },
    rpc::{Actor, Rpc, convert},
    store::{comment, explanation, material, report, revision, revision_check},
};

/// How many findings an error names; a check names all. Details travel in headers, which have little room.
const NAMED_FINDINGS: usize = 25;
/// How many characters of a remark it quotes.
const SHOWN_REMARK: usize = 40;

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
                    coordinated(&row, &actor, Text::new("审定年报", "Approving the report"))?;
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
        // A check that is not done in time blocks nothing: it is done again once the receipt is given.
        let check = async { self.working(row.clone()).await?.check().await };
        let (working, open) = match tokio::time::timeout(self.workflow.check_patience(), check).await {
            Ok(checked) => {
                let (working, outcome) = checked?;
                let open = open_findings(&working, outcome.findings);
                (working, Some(open))
            }
            Err(_) => (self.working(row).await?, None),
        };
        let actor = Actor::of(&call);
        let response = self.hand_in(&grant, &input, actor, working, open).await?;
        self.ctx.operations.wake();
        Ok(response)
    }

    async fn hand_in(
        &self,
        grant: &Grant,
        input: &SubmitSubmissionRequest,
        actor: Actor,
        working: Working,
        open: Option<Vec<Finding>>,
    ) -> Result<SubmitSubmissionResponse, Error> {
        let (ctx, etag) = (self.ctx.clone(), input.etag.clone());
        self.ctx
            .db
            .mutate(grant, &input.request_id, input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } =
                        begin(tx, &working.row.submission_id, Move::Submit).await?;
                    coordinated(&row, &actor, Text::new("提交年报", "Submitting the report"))?;
                    etag::check(&etag, row.version)?;
                    if row.version != working.row.version {
                        return Err(Error::etag_mismatch(etag::of(row.version)));
                    }
                    let mut in_the_way = blocking(open.as_deref().unwrap_or_default());
                    in_the_way.extend(unanswered(tx, &working).await?);
                    if !in_the_way.is_empty() {
                        return Err(checks_failed(in_the_way));
                    }
                    if open.is_some() {
                        // Nothing stands open: what was rejected concerned what has been mended since.
                        explanation::forget_rejected(tx.conn(), &row.submission_id).await?;
                    }
                    let (row, receipt) = freeze(tx, row, &working).await?;
                    let outcome = open.map(|_| revision_check::Outcome::default());
                    if outcome.is_none() {
                        after::queue(&ctx, tx, &row).await?;
                    }
                    let (id, number) = (&row.submission_id, row.revision_number);
                    revision_check::put(tx.conn(), id, number, outcome, tx.now()).await?;
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
    let is_open = |finding: &Finding| explain::is_open(finding, working.answers.get(&finding.id));
    findings.into_iter().filter(is_open).collect()
}

/// How many findings stand open.
pub fn counted(working: &Working, findings: &[Finding]) -> revision_check::Outcome {
    let open = open_findings(working, findings.to_vec());
    let errors = open.iter().filter(|finding| finding.severity == Severity::Error).count();
    revision_check::Outcome { errors, open_warnings: open.len() - errors }
}

/// Approving and submitting are the coordinators' where there is a plan of editors.
fn coordinated(row: &report::Model, actor: &Actor, what: Text) -> Result<(), Error> {
    Ok(row.plan()?.check_coordinator(&actor.account_id, what)?)
}

/// The commission's remarks that nobody has answered (C15).
async fn unanswered(tx: &Tx<'_>, working: &Working) -> Result<Vec<Violation>, Error> {
    let open = comment::open(tx.conn(), &working.row.submission_id).await?;
    let violation = |row: comment::Model| {
        let place = if row.indicator_code.is_empty() { &row.section_code } else { &row.indicator_code };
        let body: String = row.body.chars().take(SHOWN_REMARK).collect();
        Violation::new(
            format!("C15:{}", row.comment_id),
            format!("审核意见待答复（{place}）：{body}"),
            format!("A remark waits for an answer ({place}): {body}"),
        )
    };
    Ok(open.into_iter().map(violation).collect())
}

/// What findings that stand open are told as.
fn blocking(open: &[Finding]) -> Vec<Violation> {
    open.iter()
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
        .collect()
}

fn checks_failed(mut violations: Vec<Violation>) -> Error {
    let all = violations.len();
    violations.truncate(NAMED_FINDINGS);
    if let Some(more) = all.checked_sub(NAMED_FINDINGS).filter(|more| *more > 0) {
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
    let material = &working.material;
    let content = content::Content {
        attachments: &material.attachments,
        cases: &material.cases,
        cells: &cells,
        cycle_year: row.cycle_year,
        dismissals: &material.dismissals,
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
    material::insert(tx.conn(), &row.submission_id, row.revision_number, material).await?;
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
