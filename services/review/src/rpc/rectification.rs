//! RectificationService: follows low grades until they are mended.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource, Visibility, etag};
use zhijian_proto::review::v1::{
    GetRectificationRequest, GetRectificationResponse, ListRectificationsRequest, ListRectificationsResponse,
    PlanRectificationRequest, PlanRectificationResponse, rectification_service_server::RectificationService,
};

use super::{Review, convert};
use crate::{
    domain::{
        entry::Entry,
        rectification::{self, Rectification},
        round::State as RoundState,
    },
    store,
};

#[tonic::async_trait]
impl RectificationService for Review {
    async fn list_rectifications(
        &self,
        request: Request<ListRectificationsRequest>,
    ) -> Result<Response<ListRectificationsResponse>, Status> {
        let visibility = Call::of(&request)?.visible("rectification")?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let filter = store::rectification::Filter {
            round_id: Some(input.round_id).filter(|id| !id.is_empty()),
            organisation_code: Some(input.organisation_code).filter(|code| !code.is_empty()),
            visibility,
        };
        let conn = self.ctx.db.reader();
        let (rows, next_page_token) = store::rectification::page(conn, &page, &filter).await?;
        let mut entries = store::entry::by_ids(conn, rows.iter().map(|row| row.entry_id.clone())).await?;
        let rectifications = rows
            .into_iter()
            .map(|row| {
                let entry = entries.remove(&row.entry_id);
                convert::rectification(row, entry)
            })
            .collect();
        Ok(Response::new(ListRectificationsResponse { rectifications, next_page_token }))
    }

    async fn get_rectification(
        &self,
        request: Request<GetRectificationRequest>,
    ) -> Result<Response<GetRectificationResponse>, Status> {
        let visibility = Call::of(&request)?.visible("rectification")?;
        let id = request.into_inner().rectification_id;
        let (found, entry) = self.rectification(&visibility, &id).await?;
        let rectification = Some(convert::rectification(found, Some(entry)));
        Ok(Response::new(GetRectificationResponse { rectification }))
    }

    async fn plan_rectification(
        &self,
        request: Request<PlanRectificationRequest>,
    ) -> Result<Response<PlanRectificationResponse>, Status> {
        let call = Call::of(&request)?;
        let visibility = call.visible("rectification")?;
        let input = request.into_inner();
        let (found, entry) = self.rectification(&visibility, &input.rectification_id).await?;
        let resource = Resource::new("rectification", &found.id).organisation(&found.organisation_code);
        let grant = call.authorise(&resource)?;
        let sent = input.clone();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let id = &sent.rectification_id;
                    let present = store::rectification::find(tx.conn(), id).await?;
                    let present = present.ok_or_else(|| Error::not_found("rectification", id))?;
                    let state = present.state.plan()?;
                    etag::check(&sent.etag, present.version)?;
                    let plan = rectification::plan(&sent.plan)?;
                    let planned = Rectification { state, plan, plan_time: Some(tx.now()), ..present };
                    let planned = store::rectification::write(tx.conn(), &planned).await?;
                    tx.audit(
                        format!("rectification/{}", planned.id),
                        json!({"state": state.as_str(), "characters": planned.plan.chars().count()}),
                    );
                    let rectification = Some(convert::rectification(planned, Some(entry)));
                    Ok(PlanRectificationResponse { rectification })
                })
            })
            .await?;
        Ok(Response::new(response))
    }
}

impl Review {
    /// A rectification that the caller may see. A school sees its own, once its grades are revealed.
    async fn rectification(
        &self,
        visibility: &Visibility,
        id: &str,
    ) -> Result<(Rectification, Entry), Error> {
        let missing = || Error::not_found("rectification", id);
        let conn = self.ctx.db.reader();
        let found = store::rectification::find(conn, id).await?.ok_or_else(missing)?;
        if let Visibility::Only(codes) = visibility {
            let round = store::round::get(conn, &found.round_id).await?;
            if !codes.contains(&found.organisation_code) || round.state != RoundState::Revealed {
                return Err(missing());
            }
        }
        let mut entries = store::entry::by_ids(conn, [found.entry_id.clone()]).await?;
        let entry = entries.remove(&found.entry_id).ok_or_else(missing)?;
        Ok((found, entry))
    }
}
