//! The way of a submission: created, approved, submitted, reviewed.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;
use zhijian_platform::{Call, Error, Grant, Resource, Text, Tx, Violation, etag, id, time::timestamp};
use zhijian_proto::{
    common::v1::ErrorReason,
    submission::v1::{
        AcceptSubmissionRequest, AcceptSubmissionResponse, ApproveSubmissionRequest, ApproveSubmissionResponse,
        CreateSubmissionRequest, CreateSubmissionResponse, Receipt, ReturnSubmissionRequest, ReturnSubmissionResponse,
        StartSubmissionReviewRequest, StartSubmissionReviewResponse, Submission, SubmitSubmissionRequest,
        SubmitSubmissionResponse,
    },
};

use super::{Moving, audited, begin, finish, working::Working};
use crate::{
    domain::{
        catalogue::{Catalogue, ReportKind, Severity, Subject},
        check::Finding,
        content,
        derive::Cells,
        submission::{Declaration, Move, PastDue, State},
    },
    rpc::{Actor, Rpc, catalogue_of, convert, upstream},
    store::{cycle as cycles, event, report, revision},
};

/// How many findings an error names; a check names all. Details travel in headers, which have little room.
const NAMED_FINDINGS: usize = 25;
/// How many characters the comment of a return may have.
const MAX_COMMENT: usize = 2000;

impl Rpc {
    pub(super) async fn create(
        &self,
        call: Call,
        input: CreateSubmissionRequest,
    ) -> Result<CreateSubmissionResponse, Error> {
        let grant = call.authorise(&Resource::for_organisation(&input.organisation_code))?;
        let subject =
            if input.subject_code.is_empty() { &input.organisation_code } else { &input.subject_code }.clone();
        let codes = [input.organisation_code.clone(), subject.clone()].into();
        let parties = Parties {
            subject,
            submitter: input.organisation_code.clone(),
            kinds: upstream::organisations(&self.ctx.clients, codes)
                .await?
                .into_iter()
                .map(|(code, organisation)| (code, upstream::kind(&organisation)))
                .collect(),
        };
        let actor = Actor::of(&call);
        let catalogues = Arc::clone(&self.catalogues);
        let (year, kind) = (input.cycle_year, input.report_kind.clone());
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let cycle = cycles::hold(tx.conn(), year).await?;
                    cycle.state()?.collecting()?;
                    let catalogue = catalogue_of(&catalogues, &cycle)?;
                    let kind = parties.check(&catalogue, &kind)?;
                    let row = new(tx, &cycle, &catalogue, kind, parties.submitter, parties.subject);
                    report::insert(tx.conn(), &row).await?;
                    event::insert(tx.conn(), &actor.at(tx.now()), &row.submission_id, State::Draft, "").await?;
                    let detail = json!({
                        "state": row.state,
                        "cycle_year": row.cycle_year,
                        "report_kind": row.report_kind,
                        "organisation_code": row.organisation_code,
                        "subject_code": row.subject_code,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    Ok(CreateSubmissionResponse { submission: Some(convert::submission(row)?) })
                })
            })
            .await
    }

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

    pub(super) async fn start_review(
        &self,
        call: Call,
        input: StartSubmissionReviewRequest,
    ) -> Result<StartSubmissionReviewResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let review = Review::new(&call, row.submission_id, &input.etag, Move::StartReview, "");
        let answer = |submission| StartSubmissionReviewResponse { submission: Some(submission) };
        self.review(&grant, &input.request_id, &input, review, answer).await
    }

    pub(super) async fn send_back(
        &self,
        call: Call,
        input: ReturnSubmissionRequest,
    ) -> Result<ReturnSubmissionResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let comment = input.comment.trim();
        if comment.is_empty() || comment.chars().count() > MAX_COMMENT {
            return Err(Error::invalid(
                "comment",
                "退回时请写明要改什么（1–2000 字）。",
                "Say what to mend, in 1–2000 characters.",
            ));
        }
        let review = Review::new(&call, row.submission_id, &input.etag, Move::Return, comment);
        let answer = |submission| ReturnSubmissionResponse { submission: Some(submission) };
        self.review(&grant, &input.request_id, &input, review, answer).await
    }

    pub(super) async fn accept(
        &self,
        call: Call,
        input: AcceptSubmissionRequest,
    ) -> Result<AcceptSubmissionResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let review = Review::new(&call, row.submission_id, &input.etag, Move::Accept, "");
        let answer = |submission| AcceptSubmissionResponse { submission: Some(submission) };
        self.review(&grant, &input.request_id, &input, review, answer).await
    }

    /// A move of the commission's.
    async fn review<Input, Output>(
        &self,
        grant: &Grant,
        request_id: &str,
        input: &Input,
        review: Review,
        answer: fn(Submission) -> Output,
    ) -> Result<Output, Error>
    where
        Input: prost::Message,
        Output: prost::Message + Default + 'static,
    {
        self.ctx
            .db
            .mutate(grant, request_id, input, move |tx| {
                Box::pin(async move {
                    let Review { actor, submission_id, etag, step, comment } = review;
                    let Moving { mut row, next, .. } = begin(tx, &submission_id, step).await?;
                    etag::check(&etag, row.version)?;
                    tx.audit(audited(&submission_id), json!({ "state": next.as_str(), "comment": comment }));
                    if step == Move::Return {
                        row.return_comment.clone_from(&comment);
                    }
                    let row = finish(tx, row, next, actor, &comment).await?;
                    Ok(answer(convert::submission(row)?))
                })
            })
            .await
    }
}

/// What the commission does to a submission.
struct Review {
    actor: Actor,
    submission_id: String,
    etag: String,
    step: Move,
    comment: String,
}

impl Review {
    fn new(call: &Call, submission_id: String, etag: &str, step: Move, comment: &str) -> Self {
        Self { actor: Actor::of(call), submission_id, etag: etag.to_owned(), step, comment: comment.to_owned() }
    }
}

/// Who submits and whom the report is about, as far as they are registered.
struct Parties {
    submitter: String,
    subject: String,
    kinds: BTreeMap<String, Option<crate::domain::catalogue::OrganisationKind>>,
}

impl Parties {
    /// The kind of report, if these parties may have one.
    fn check<'a>(&self, catalogue: &'a Catalogue, code: &str) -> Result<&'a ReportKind, Error> {
        let kind = catalogue.kind(code).ok_or_else(|| {
            let known: Vec<&str> = catalogue.kinds.iter().map(|kind| kind.code.as_str()).collect();
            Error::invalid(
                "report_kind",
                format!("没有 {code:?} 这类年报，可用：{}。", known.join("、")),
                format!("There is no kind of report {code:?}; there are {}.", known.join(", ")),
            )
        })?;
        let mut violations = Vec::new();
        match self.kinds.get(&self.submitter) {
            None => violations.push(unregistered("organisation_code", &self.submitter)),
            Some(submitter) if !submitter.is_some_and(|submitter| kind.submitters.contains(&submitter)) => {
                violations.push(Violation::new(
                    "organisation_code",
                    format!("{} 这类机构不提交“{}”。", self.submitter, kind.name.zh),
                    format!("An organisation like {} does not submit a report of kind {code:?}.", self.submitter),
                ));
            }
            Some(_) => {}
        }
        violations.extend(self.subject_at_fault(kind));
        if violations.is_empty() { Ok(kind) } else { Err(Error::Invalid(violations)) }
    }

    fn subject_at_fault(&self, kind: &ReportKind) -> Option<Violation> {
        match (kind.subject, self.kinds.get(&self.subject)) {
            (Subject::Submitter, _) if self.subject == self.submitter => None,
            (Subject::Submitter, _) => Some(Violation::new(
                "subject_code",
                format!("“{}”写的是提交者自己，请留空。", kind.name.zh),
                "This kind of report is about its submitter: leave it empty.",
            )),
            (Subject::Enterprise, None) => Some(unregistered("subject_code", &self.subject)),
            (Subject::Enterprise, Some(Some(crate::domain::catalogue::OrganisationKind::Enterprise))) => None,
            (Subject::Enterprise, Some(_)) => Some(Violation::new(
                "subject_code",
                "请填写企业的机构代码。",
                "Give the code of the enterprise that the report is about.",
            )),
        }
    }
}

fn unregistered(field: &str, code: &str) -> Violation {
    Violation::new(
        field,
        format!("机构代码 {code} 没有登记，请先登记机构。"),
        format!("No organisation is registered under {code}; register it first."),
    )
}

fn new(
    tx: &Tx<'_>,
    cycle: &cycles::Model,
    catalogue: &Catalogue,
    kind: &ReportKind,
    organisation_code: String,
    subject_code: String,
) -> report::Model {
    report::Model {
        submission_id: id::new("sub"),
        cycle_year: cycle.year,
        report_kind: kind.code.clone(),
        organisation_code,
        subject_code,
        state: State::Draft.as_str().to_owned(),
        revision_number: 0,
        filled_cells: 0,
        required_cells: i32::try_from(catalogue.required_of(&kind.code).count()).unwrap_or(i32::MAX),
        declaration_name: String::new(),
        declaration_office: String::new(),
        declaration_time: None,
        return_comment: String::new(),
        create_time: tx.now(),
        update_time: tx.now(),
        version: 1,
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
    let declaration =
        row.declaration().ok_or_else(|| Error::internal(format!("{} lacks a declaration", row.submission_id)))?;
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
