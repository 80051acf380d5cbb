//! ReviewerService: keeps the panel of experts.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource, Violation, etag};
use zhijian_proto::{
    identity::v1::{Account, Role},
    review::v1::{
        self as wire, ListReviewersRequest, ListReviewersResponse, RegisterReviewerRequest,
        RegisterReviewerResponse, reviewer_service_server::ReviewerService,
    },
};

use super::{Review, convert, upstream};
use crate::{
    domain::reviewer::{Reviewer, ReviewerError},
    store,
};

#[tonic::async_trait]
impl ReviewerService for Review {
    async fn register_reviewer(
        &self,
        request: Request<RegisterReviewerRequest>,
    ) -> Result<Response<RegisterReviewerResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let sent = input.reviewer.clone().unwrap_or_default();
        let grant = call.authorise(&Resource::new("reviewer", &sent.account_id))?;
        let account = self.reviewer_account(&sent.account_id).await?;
        let reviewer = Reviewer::parse(&sent, &account.display_name).map_err(Error::from)?;
        self.check_organisations(&sent, &reviewer).await?;
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let mut reviewer = reviewer;
                    if let Some(present) = store::reviewer::find(tx.conn(), &reviewer.account_id).await? {
                        etag::check(&sent.etag, present.version)?;
                        reviewer.version = present.version;
                        if present == reviewer {
                            tx.unchanged();
                            return Ok(RegisterReviewerResponse {
                                reviewer: Some(convert::reviewer(present)),
                            });
                        }
                    }
                    let reviewer = store::reviewer::put(tx.conn(), &reviewer).await?;
                    tx.audit(
                        format!("reviewer/{}", reviewer.account_id),
                        json!({
                            "organisation": reviewer.organisation_code,
                            "past": reviewer.past,
                            "expertise": reviewer.expertise,
                            "max_load": reviewer.max_load,
                        }),
                    );
                    Ok(RegisterReviewerResponse { reviewer: Some(convert::reviewer(reviewer)) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn list_reviewers(
        &self,
        request: Request<ListReviewersRequest>,
    ) -> Result<Response<ListReviewersResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let (reviewers, next_page_token) = store::reviewer::page(self.ctx.db.reader(), &page).await?;
        let reviewers = reviewers.into_iter().map(convert::reviewer).collect();
        Ok(Response::new(ListReviewersResponse { reviewers, next_page_token }))
    }
}

impl Review {
    /// The account that is to review; it must hold the reviewer's role, or it could never score.
    async fn reviewer_account(&self, account_id: &str) -> Result<Account, Error> {
        let account = upstream::account(&self.ctx.clients, account_id).await?.ok_or_else(|| {
            Error::invalid(
                "reviewer.account_id",
                format!("没有账户“{account_id}”，请先开户。"),
                format!("There is no account {account_id:?}: create it first."),
            )
        })?;
        if !account.roles.iter().any(|grant| grant.role() == Role::Reviewer) {
            return Err(Error::invalid(
                "reviewer.account_id",
                "该账户没有评审专家角色，请先授予该角色。",
                "The account does not hold the reviewer's role: grant it first.",
            ));
        }
        Ok(account)
    }

    async fn check_organisations(&self, sent: &wire::Reviewer, reviewer: &Reviewer) -> Result<(), Error> {
        let known = upstream::organisations(&self.ctx.clients, reviewer.organisations()).await?;
        let past = sent.past_employers.iter().enumerate().map(|(place, past)| {
            (format!("reviewer.past_employers[{place}].organisation_code"), &past.organisation_code)
        });
        let faults: Vec<Violation> =
            std::iter::once(("reviewer.organisation_code".to_owned(), &sent.organisation_code))
                .chain(past)
                .filter(|(_, code)| !known.contains_key(*code))
                .map(|(field, code)| {
                    Violation::new(
                        field,
                        format!("单位 {code} 尚未登记，请核对代码或先登记该单位。"),
                        format!(
                            "Organisation {code} is not registered: check the code, or register it first."
                        ),
                    )
                })
                .collect();
        if faults.is_empty() { Ok(()) } else { Err(ReviewerError(faults).into()) }
    }
}
