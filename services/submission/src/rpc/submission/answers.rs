//! ExplanationService: what becomes of the answers to warnings, and where reports are open to the public.

use chrono::NaiveDate;
use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Violation, etag};
use zhijian_proto::submission::v1::{
    DecideExplanationRequest, DecideExplanationResponse, GetPublicAddressRequest, GetPublicAddressResponse,
    PublicAddress, SetPublicAddressRequest, SetPublicAddressResponse, TakeOverExplanationRequest,
    TakeOverExplanationResponse, explanation_decision, explanation_service_server::ExplanationService,
};

use super::{Moving, audited, begin, finish, working::Working};
use crate::{
    domain::{
        answer::{self, Verdict},
        check::Finding,
        submission::{Move, State},
        text::{is_filled, is_storable},
    },
    rpc::{Actor, Rpc},
    store::{explanation, public_address, report},
};

/// How many characters the reason of a decision may have.
const MAX_REASON: usize = 500;
/// How long an address may be.
const MAX_ADDRESS: usize = 500;

#[tonic::async_trait]
impl ExplanationService for Rpc {
    async fn decide_explanation(
        &self,
        request: Request<DecideExplanationRequest>,
    ) -> Result<Response<DecideExplanationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.decide_explanation_of(call, request.into_inner()).await?))
    }

    async fn take_over_explanation(
        &self,
        request: Request<TakeOverExplanationRequest>,
    ) -> Result<Response<TakeOverExplanationResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.take_over(call, request.into_inner()).await?))
    }

    async fn get_public_address(
        &self,
        request: Request<GetPublicAddressRequest>,
    ) -> Result<Response<GetPublicAddressResponse>, Status> {
        let call = Call::of(&request)?;
        let (row, _) = self.admit(&call, &request.into_inner().submission_id).await?;
        let given = public_address::find(self.ctx.db.reader(), &row.submission_id).await?;
        let site = self.names.site(&self.ctx.clients, &row.organisation_code).await?;
        let public_address = PublicAddress { site, ..given.map(told).unwrap_or_default() };
        Ok(Response::new(GetPublicAddressResponse { public_address: Some(public_address) }))
    }

    async fn set_public_address(
        &self,
        request: Request<SetPublicAddressRequest>,
    ) -> Result<Response<SetPublicAddressResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.publish_at(call, request.into_inner()).await?))
    }
}

fn told(row: public_address::Model) -> PublicAddress {
    PublicAddress {
        address: row.address,
        publish_date: row.publish_date,
        etag: etag::of(row.version),
        site: String::new(),
    }
}

impl Rpc {
    async fn decide_explanation_of(
        &self,
        call: Call,
        input: DecideExplanationRequest,
    ) -> Result<DecideExplanationResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let verdict = read_verdict(&input)?;
        with_commission(&row)?;
        let (working, finding) = self.found(row, &input.finding_id).await?;
        let given = (input.low.as_str(), input.high.as_str(), input.expires_year);
        let bound = match verdict {
            Verdict::Accepted => {
                let year = working.row.cycle_year;
                Some(answer::bind(&finding, year, given).map_err(Error::Invalid)?)
            }
            Verdict::Rejected => None,
        };
        let reason = input.reason.trim().to_owned();
        let (actor, row) = (Actor::of(&call), working.row.clone());
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let now = report::get(tx.conn(), &row.submission_id).await?;
                    with_commission(&now)?;
                    let answer = explanation::find(tx.conn(), &row.submission_id, &finding.id).await?;
                    let answer = answer.ok_or_else(|| {
                        Error::illegal_state(
                            format!("finding/{}", finding.id),
                            "学校还没有说明，没有可以审核的内容。",
                            "The school has not explained it: there is nothing to decide on.",
                        )
                    })?;
                    let (bounds, expires_year) = bound.unwrap_or((None, 0));
                    let answer = explanation::Model {
                        verdict: verdict.as_str().to_owned(),
                        verdict_reason: reason,
                        decided_by: actor.account_id,
                        decided_by_name: actor.account_name,
                        decided_time: Some(tx.now()),
                        low: bounds.map(|bounds| bounds.low.to_string()).unwrap_or_default(),
                        high: bounds.map(|bounds| bounds.high.to_string()).unwrap_or_default(),
                        expires_year,
                        ..answer
                    };
                    explanation::put(tx.conn(), answer.clone()).await?;
                    let detail = json!({
                        "finding": finding.id,
                        "verdict": answer.verdict,
                        "reason": answer.verdict_reason,
                        "low": answer.low,
                        "high": answer.high,
                        "expires_year": expires_year,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    let finding = super::explain::told(finding, Some(&answer), &[], row.cycle_year);
                    Ok(DecideExplanationResponse { finding: Some(finding) })
                })
            })
            .await
    }

    async fn take_over(
        &self,
        call: Call,
        input: TakeOverExplanationRequest,
    ) -> Result<TakeOverExplanationResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let (working, finding) = self.found(row, &input.finding_id).await?;
        let earlier = answer::proposal(&working.earlier, &finding, working.row.cycle_year).cloned();
        let earlier = earlier.ok_or_else(|| {
            Error::illegal_state(
                format!("finding/{}", finding.id),
                "没有可以沿用的往年说明：数值超出了当时的范围，或已过有效期。请重新说明。",
                "There is no explanation of an earlier year to take over: explain it anew.",
            )
        })?;
        let (actor, row) = (Actor::of(&call), working.row.clone());
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Explain).await?;
                    let end = |of: fn(&answer::Bounds) -> rust_decimal::Decimal| {
                        earlier.bounds.as_ref().map(|bounds| of(bounds).to_string()).unwrap_or_default()
                    };
                    let answer = explanation::Model {
                        submission_id: row.submission_id.clone(),
                        finding_id: finding.id.clone(),
                        explanation: earlier.text.clone(),
                        account_id: actor.account_id.clone(),
                        time: tx.now(),
                        // What was accepted stays accepted, as far and as long as it was.
                        verdict: Verdict::Accepted.as_str().to_owned(),
                        verdict_reason: String::new(),
                        decided_by: earlier.decided_by.0.clone(),
                        decided_by_name: earlier.decided_by.1.clone(),
                        decided_time: None,
                        low: end(|bounds| bounds.low),
                        high: end(|bounds| bounds.high),
                        expires_year: earlier.expires_year,
                        carried_from: earlier.year,
                    };
                    explanation::put(tx.conn(), answer.clone()).await?;
                    let detail = json!({
                        "finding": finding.id,
                        "explanation": earlier.text,
                        "carried_from": earlier.year,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    let year = row.cycle_year;
                    finish(tx, row, next, actor, "").await?;
                    let finding = super::explain::told(finding, Some(&answer), &[], year);
                    Ok(TakeOverExplanationResponse { finding: Some(finding) })
                })
            })
            .await
    }

    /// The finding of this id in the working copy.
    async fn found(&self, row: report::Model, finding_id: &str) -> Result<(Working, Finding), Error> {
        let (working, outcome) = self.working(row).await?.check().await?;
        let found = outcome.findings.into_iter().find(|finding| finding.id == finding_id);
        Ok((working, found.ok_or_else(|| Error::not_found("finding", finding_id))?))
    }

    async fn publish_at(
        &self,
        call: Call,
        input: SetPublicAddressRequest,
    ) -> Result<SetPublicAddressResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let given = input.public_address.clone().unwrap_or_default();
        let (address, publish_date) = read_address(&given)?;
        let site = self.names.site(&self.ctx.clients, &row.organisation_code).await?;
        let actor = Actor::of(&call);
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Explain).await?;
                    let present = public_address::find(tx.conn(), &row.submission_id).await?;
                    let version = present.map_or(0, |present| present.version);
                    if version > 0 || !given.etag.is_empty() {
                        etag::check(&given.etag, version)?;
                    }
                    let now = public_address::Model {
                        submission_id: row.submission_id.clone(),
                        address,
                        publish_date,
                        account_id: actor.account_id.clone(),
                        time: tx.now(),
                        version: version + 1,
                    };
                    public_address::put(tx.conn(), now.clone()).await?;
                    let detail = json!({ "address": now.address, "publish_date": now.publish_date });
                    tx.audit(format!("{}/public_address", audited(&row.submission_id)), detail);
                    finish(tx, row, next, actor, "").await?;
                    Ok(SetPublicAddressResponse { public_address: Some(PublicAddress { site, ..told(now) }) })
                })
            })
            .await
    }
}

fn read_verdict(input: &DecideExplanationRequest) -> Result<Verdict, Error> {
    let verdict = match input.verdict() {
        explanation_decision::Verdict::Accepted => Verdict::Accepted,
        explanation_decision::Verdict::Rejected => Verdict::Rejected,
        explanation_decision::Verdict::Unspecified => {
            return Err(Error::invalid(
                "verdict",
                "请选择认可或不认可。",
                "Choose whether it is accepted or rejected.",
            ));
        }
    };
    let reason = input.reason.trim();
    let sound = is_filled(reason, MAX_REASON) || verdict == Verdict::Accepted && reason.is_empty();
    if !sound {
        return Err(Error::invalid(
            "reason",
            "不认可时请写明原因，最多 500 字。",
            "A rejection says why, in at most 500 characters.",
        ));
    }
    Ok(verdict)
}

fn with_commission(row: &report::Model) -> Result<(), Error> {
    if matches!(row.state()?, State::Submitted | State::UnderReview) {
        return Ok(());
    }
    Err(Error::illegal_state(
        "submission.state",
        "只有已提交、正在审核的年报可以审核说明。",
        "Explanations are decided on while the report is with the commission.",
    ))
}

/// The address and the day; either may be empty.
fn read_address(given: &PublicAddress) -> Result<(String, String), Error> {
    let (address, date) = (given.address.trim(), given.publish_date.trim());
    let mut violations = vec![];
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    if address.chars().count() > MAX_ADDRESS || !address.chars().all(plain) || !is_storable(address) {
        violations.push(Violation::new(
            "public_address.address",
            "网址最多 500 字，中间没有空格。",
            "An address has at most 500 characters and no spaces.",
        ));
    }
    if !date.is_empty() && NaiveDate::parse_from_str(date, "%Y-%m-%d").is_err() {
        violations.push(Violation::new(
            "public_address.publish_date",
            "应为日期，例如 2025-12-12。",
            "This is a day, such as 2025-12-12.",
        ));
    }
    if violations.is_empty() {
        Ok((address.to_owned(), date.to_owned()))
    } else {
        Err(Error::Invalid(violations))
    }
}
