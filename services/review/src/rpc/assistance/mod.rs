//! AssistanceService: what a machine lays beside the rubric. Nothing of it is ever counted.

mod model;
mod outliers;
mod prompt;
mod reading;
mod suggest;

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource};
use zhijian_proto::review::v1::{
    GetAssistanceRequest, GetAssistanceResponse, GetSuggestionAgreementRequest,
    GetSuggestionAgreementResponse, ListOutliersRequest, ListOutliersResponse,
    assistance_service_server::AssistanceService,
};

pub use self::model::Model;
use self::reading::Reading;
use super::Review;
use crate::store;

#[tonic::async_trait]
impl AssistanceService for Review {
    async fn get_assistance(
        &self,
        request: Request<GetAssistanceRequest>,
    ) -> Result<Response<GetAssistanceResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().assignment_id;
        let (assignment, round) = self.seen_assignment(&call, &id).await?;
        let mut entries = store::entry::by_ids(self.ctx.db.reader(), [assignment.entry_id.clone()]).await?;
        let entry =
            entries.remove(&assignment.entry_id).ok_or_else(|| Error::not_found("assignment", &id))?;
        let clients = &self.ctx.clients;
        let reading = Reading::gather(clients, round.cycle_year, &entry.organisation_code).await?;
        let passages = reading.passages(&round.scheme);
        Ok(Response::new(GetAssistanceResponse {
            findings: reading.findings(&round.scheme, &passages),
            passages: reading.quoted(passages),
            moved: reading.moved,
            outliers: self.outliers_of(&call, &assignment, &round, &entry).await?,
            suggestions: self.suggestions_of(&assignment, &round).await?,
        }))
    }

    async fn list_outliers(
        &self,
        request: Request<ListOutliersRequest>,
    ) -> Result<Response<ListOutliersResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("round", &input.round_id))?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let found = self.outliers_of_round(&input.round_id).await?;
        let key = outliers::key;
        let after = |one: &_| page.after().is_none_or(|after| key(one).as_str() > after);
        let (outliers, next_page_token) = page.finish(found.into_iter().filter(after).collect(), key);
        Ok(Response::new(ListOutliersResponse { outliers, next_page_token }))
    }

    async fn get_suggestion_agreement(
        &self,
        request: Request<GetSuggestionAgreementRequest>,
    ) -> Result<Response<GetSuggestionAgreementResponse>, Status> {
        let call = Call::of(&request)?;
        let id = request.into_inner().round_id;
        call.authorise(&Resource::new("round", &id))?;
        Ok(Response::new(self.suggestion_agreement(&id).await?))
    }
}
