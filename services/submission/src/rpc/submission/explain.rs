//! Checks, and the submitter's answers to them.

use serde_json::json;
use zhijian_platform::{Call, Error};
use zhijian_proto::submission::v1::{
    CheckSubmissionRequest, CheckSubmissionResponse, ExplainFindingRequest, ExplainFindingResponse,
};

use super::{Moving, audited, begin, finish};
use crate::{
    domain::{catalogue::Severity, check::Finding, submission::Move, text::is_filled},
    rpc::{Actor, Rpc, convert},
    store::{explanation, report},
};

/// How many characters an explanation may have.
const MAX_EXPLANATION: usize = 500;

impl Rpc {
    pub(super) async fn check(
        &self,
        call: Call,
        input: CheckSubmissionRequest,
    ) -> Result<CheckSubmissionResponse, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let (working, outcome) = self.working(row).await?.check().await?;
        let findings = outcome.findings.into_iter().map(|finding| {
            let explanation = working.explanations.get(&finding.id);
            convert::finding(finding, explanation)
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
                    };
                    explanation::put(tx.conn(), answer).await?;
                    let detail = json!({ "finding": finding.id, "explanation": text });
                    tx.audit(audited(&row.submission_id), detail);
                    finish(tx, row, next, actor, "").await?;
                    Ok(ExplainFindingResponse { finding: Some(convert::finding(finding, Some(&text))) })
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
