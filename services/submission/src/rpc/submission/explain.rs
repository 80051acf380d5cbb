//! Checks, and the submitter's answers to them.

use serde_json::json;
use zhijian_platform::{Call, Error};
use zhijian_proto::submission::v1::{
    self as wire, CheckSubmissionRequest, CheckSubmissionResponse, ExplainFindingRequest,
    ExplainFindingResponse,
};

use super::{Moving, audited, begin, finish};
use crate::{
    domain::{
        answer::{self, Earlier},
        catalogue::Severity,
        check::Finding,
        submission::Move,
        text::is_filled,
    },
    rpc::{Actor, Rpc, convert},
    store::{explanation, report},
};

/// How many characters an explanation may have.
const MAX_EXPLANATION: usize = 500;

/// Whether a finding stands in the way: an error always, a warning until it is answered.
pub(super) fn is_open(finding: &Finding, answer: Option<&explanation::Model>) -> bool {
    match finding.severity {
        Severity::Error => true,
        Severity::Warning => !answer.is_some_and(|answer| answer.standing().answers(finding)),
        Severity::Info => false,
    }
}

/// A finding with its answer, or with the earlier year's that could be taken over.
pub(super) fn told(
    finding: Finding,
    answer: Option<&explanation::Model>,
    earlier: &[Earlier],
    year: i32,
) -> wire::Finding {
    let open = is_open(&finding, answer);
    let asks = open && finding.severity == Severity::Warning;
    // An answer that was rejected is not offered again.
    let proposal = answer::proposal(earlier, &finding, year).filter(|_| asks && answer.is_none());
    let proposal = proposal.map(convert::proposal);
    wire::Finding { proposal, ..convert::finding(finding, answer, open) }
}

impl Rpc {
    pub(super) async fn check(
        &self,
        call: Call,
        input: CheckSubmissionRequest,
    ) -> Result<CheckSubmissionResponse, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let (working, outcome) = self.working(row).await?.check().await?;
        let year = working.row.cycle_year;
        let findings = outcome.findings.into_iter().map(|finding| {
            let answer = working.answers.get(&finding.id);
            told(finding, answer, &working.earlier, year)
        });
        Ok(CheckSubmissionResponse {
            findings: findings.collect(),
            rules_run: i32::try_from(outcome.rules_run).unwrap_or(i32::MAX),
        })
    }

    pub(super) async fn explain(
        &self,
        call: Call,
        input: ExplainFindingRequest,
    ) -> Result<ExplainFindingResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let text = input.explanation.trim().to_owned();
        if !is_filled(&text, MAX_EXPLANATION) {
            return Err(Error::invalid(
                "explanation",
                "说明应为 1–500 字。",
                "An explanation has 1–500 characters.",
            ));
        }
        let finding = self.explainable(row.clone(), &input.finding_id).await?;
        let actor = Actor::of(&call);
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Explain).await?;
                    let answer = explanation::Model {
                        submission_id: row.submission_id.clone(),
                        finding_id: finding.id.clone(),
                        explanation: text.clone(),
                        account_id: actor.account_id.clone(),
                        time: tx.now(),
                        // Whatever was said of the answer before, this is another one.
                        ..explanation::Model::default()
                    };
                    explanation::put(tx.conn(), answer.clone()).await?;
                    let detail = json!({ "finding": finding.id, "explanation": text });
                    tx.audit(audited(&row.submission_id), detail);
                    let year = row.cycle_year;
                    finish(tx, row, next, actor, "").await?;
                    Ok(ExplainFindingResponse { finding: Some(told(finding, Some(&answer), &[], year)) })
                })
            })
            .await
    }

    /// The finding of this id, if the working copy has it and an explanation can answer it.
    async fn explainable(&self, row: report::Model, finding_id: &str) -> Result<Finding, Error> {
        let (_, outcome) = self.working(row).await?.check().await?;
        let found = outcome.findings.into_iter().find(|finding| finding.id == finding_id);
        let finding = found.ok_or_else(|| Error::not_found("finding", finding_id))?;
        if finding.severity == Severity::Error {
            return Err(Error::illegal_state(
                format!("finding/{finding_id}"),
                "这是必须改正的错误，不能用说明代替。请修改数据。",
                "This is an error: it must be mended, an explanation will not do.",
            ));
        }
        Ok(finding)
    }
}
