//! NarrativeService: a text out of a DOCX, and what people decide about the proofreader's findings.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Principal};
use zhijian_proofreader::Severity as Weight;
use zhijian_proto::submission::v1::{
    ApplyNarrativeRequest, ApplyNarrativeResponse, DismissFindingRequest, DismissFindingResponse,
    ListRemarksRequest, ListRemarksResponse, PreviewNarrativeRequest, PreviewNarrativeResponse,
    Remark as WireRemark, RestoreFindingRequest, RestoreFindingResponse,
    narrative_service_server::NarrativeService, remark,
};

use super::{Moving, audited, begin, finish, material, standing};
use crate::{
    domain::{
        proofread::{Place, Remark},
        submission::{Move, State},
        text::is_filled,
    },
    rpc::{Actor, Rpc},
    store::{cycle as cycles, dismissal, report},
};

/// How many characters a reason may have.
const MAX_REASON: usize = 500;

#[tonic::async_trait]
impl NarrativeService for Rpc {
    async fn preview_narrative(
        &self,
        request: Request<PreviewNarrativeRequest>,
    ) -> Result<Response<PreviewNarrativeResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.preview(call, request.into_inner()).await?))
    }

    async fn apply_narrative(
        &self,
        request: Request<ApplyNarrativeRequest>,
    ) -> Result<Response<ApplyNarrativeResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.apply(call, request.into_inner()).await?))
    }

    async fn list_remarks(
        &self,
        request: Request<ListRemarksRequest>,
    ) -> Result<Response<ListRemarksResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.remarks(call, request.into_inner()).await?))
    }

    async fn dismiss_finding(
        &self,
        request: Request<DismissFindingRequest>,
    ) -> Result<Response<DismissFindingResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.dismiss(call, request.into_inner()).await?))
    }

    async fn restore_finding(
        &self,
        request: Request<RestoreFindingRequest>,
    ) -> Result<Response<RestoreFindingResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.restore(call, request.into_inner()).await?))
    }
}

impl Rpc {
    async fn remarks(&self, call: Call, input: ListRemarksRequest) -> Result<ListRemarksResponse, Error> {
        let (row, _) = self.admitted(&call, &input.submission_id).await?;
        let decisions = dismissal::load(self.ctx.db.reader(), &row.submission_id).await?;
        let mut working = self.working(row).await?;
        if standing::is_commission(&call) {
            working.others = self.corpora.alike(self, &working.row, &working.sections).await?;
        }
        let (working, remarks) = working.remarks().await?;
        let wanted = |remark: &&Remark| {
            input.section_code.is_empty()
                || remark.places.iter().any(|place| place.section_code == input.section_code)
        };
        let remarks = remarks.iter().filter(wanted).map(|remark| {
            // One decision may settle several passages.
            let decision = decisions.get(&remark.fingerprint).cloned();
            let explanation = working.explanations.get(&remark.finding_id).cloned();
            wire(remark, decision, explanation.unwrap_or_default())
        });
        Ok(ListRemarksResponse { remarks: remarks.collect() })
    }

    /// The remark of this finding in the working copy.
    async fn remark(&self, row: report::Model, finding_id: &str) -> Result<(Remark, String), Error> {
        let (working, remarks) = self.working(row).await?.remarks().await?;
        let found = remarks.iter().find(|remark| remark.finding_id == finding_id).cloned();
        let found = found.ok_or_else(|| Error::not_found("finding", finding_id))?;
        let explanation = working.explanations.get(finding_id).cloned().unwrap_or_default();
        Ok((found, explanation))
    }

    async fn dismiss(
        &self,
        call: Call,
        input: DismissFindingRequest,
    ) -> Result<DismissFindingResponse, Error> {
        let (row, grant) = self.admitted(&call, &input.submission_id).await?;
        let reason = reason(&input.reason)?;
        let (remark, explanation) = self.remark(row.clone(), &input.finding_id).await?;
        let actor = Actor::of(&call);
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Explain).await?;
                    let decisions = dismissal::load(tx.conn(), &row.submission_id).await?;
                    if let Some(earlier) = decisions.get(&remark.fingerprint).filter(|row| row.overruled) {
                        return Err(overruled(earlier));
                    }
                    let decision = dismissal::Model {
                        submission_id: row.submission_id.clone(),
                        fingerprint: remark.fingerprint.clone(),
                        wants_review: remark.weight == Weight::Error,
                        reason,
                        account_id: actor.account_id.clone(),
                        account_name: actor.account_name.clone(),
                        time: tx.now(),
                        overruled: false,
                        overruled_reason: String::new(),
                        overruled_by: String::new(),
                        overruled_time: None,
                    };
                    dismissal::put(tx.conn(), decision.clone()).await?;
                    let detail = json!({
                        "finding": remark.finding_id,
                        "dismissed": true,
                        "fingerprint": remark.fingerprint,
                        "reason": decision.reason,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    finish(tx, row, next, actor, "").await?;
                    Ok(DismissFindingResponse { remark: Some(wire(&remark, Some(decision), explanation)) })
                })
            })
            .await
    }

    async fn restore(
        &self,
        call: Call,
        input: RestoreFindingRequest,
    ) -> Result<RestoreFindingResponse, Error> {
        let (row, grant) = self.admitted(&call, &input.submission_id).await?;
        let by_school = is_of(&call, &row.organisation_code);
        let reason = if by_school { input.reason.trim().to_owned() } else { reason(&input.reason)? };
        let (remark, explanation) = self.remark(row.clone(), &input.finding_id).await?;
        let actor = Actor::of(&call);
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let (row, next) = if by_school {
                        let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Explain).await?;
                        (row, next)
                    } else {
                        // The commission looks at what was handed in; that moves nothing.
                        let row = report::get(tx.conn(), &row.submission_id).await?;
                        cycles::hold(tx.conn(), row.cycle_year).await?;
                        let state = row.state()?;
                        check_undecided(state)?;
                        (row, state)
                    };
                    let mut decisions = dismissal::load(tx.conn(), &row.submission_id).await?;
                    let decision = decisions.remove(&remark.fingerprint);
                    let Some(decision) = decision else {
                        return Err(Error::not_found("dismissal", &remark.finding_id));
                    };
                    if decision.overruled {
                        return Err(overruled(&decision));
                    }
                    let left = if by_school {
                        dismissal::delete(tx.conn(), &row.submission_id, &remark.fingerprint).await?;
                        None
                    } else {
                        let decision = dismissal::Model {
                            overruled: true,
                            overruled_reason: reason.clone(),
                            overruled_by: actor.account_name.clone(),
                            overruled_time: Some(tx.now()),
                            ..decision
                        };
                        dismissal::put(tx.conn(), decision.clone()).await?;
                        Some(decision)
                    };
                    let detail = json!({
                        "finding": remark.finding_id,
                        "dismissed": false,
                        "fingerprint": remark.fingerprint,
                        "overruled": left.is_some(),
                        "reason": reason,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    finish(tx, row, next, actor, "").await?;
                    Ok(RestoreFindingResponse { remark: Some(wire(&remark, left, explanation)) })
                })
            })
            .await
    }
}

fn reason(given: &str) -> Result<String, Error> {
    let reason = given.trim();
    if !is_filled(reason, MAX_REASON) || reason.chars().count() < 2 {
        return Err(Error::invalid("reason", "请写明理由，2–500 字。", "Give a reason of 2–500 characters."));
    }
    Ok(reason.to_owned())
}

/// Whether the caller is one of those who submit.
fn is_of(call: &Call, organisation_code: &str) -> bool {
    match call.principal() {
        Principal::Account(identity) => identity
            .roles
            .iter()
            .any(|grant| grant.role == "school" && grant.organisation == organisation_code),
        _ => false,
    }
}

fn check_undecided(state: State) -> Result<(), Error> {
    if matches!(state, State::Accepted | State::Published) {
        return Err(Error::illegal_state(
            "submission.state",
            "年报已经接收，校对结果不再变动。",
            "The report is accepted; what was decided about its findings does not change any more.",
        ));
    }
    Ok(())
}

fn overruled(decision: &dismissal::Model) -> Error {
    let (by, reason) = (&decision.overruled_by, &decision.overruled_reason);
    Error::illegal_state(
        "finding",
        format!("这处校对结果已由{by}恢复（{reason}），不能再标为无需修改。请修改正文，或作出说明。"),
        format!(
            "{by} has brought this finding back ({reason}); it cannot be dismissed again. Mend the text, or explain it."
        ),
    )
}

fn wire(remark: &Remark, decision: Option<dismissal::Model>, explanation: String) -> WireRemark {
    let weight = match remark.weight {
        Weight::Error => remark::Weight::Error,
        Weight::Warning => remark::Weight::Warning,
        Weight::Info => remark::Weight::Info,
    };
    let place = |place: &Place| remark::Place {
        section_code: place.section_code.clone(),
        line: i32::try_from(place.line).unwrap_or(i32::MAX),
        excerpt: place.excerpt.clone(),
    };
    WireRemark {
        finding_id: remark.finding_id.clone(),
        rule_code: remark.rule_code.clone(),
        weight: weight.into(),
        message: Some(remark.message.clone().into()),
        places: remark.places.iter().map(place).collect(),
        computation: remark.computation.zh.clone(),
        computation_en: remark.computation.en.clone(),
        expected: remark.expected.clone(),
        actual: remark.actual.clone(),
        dismissal: decision.map(material::dismissal),
        explanation,
    }
}
