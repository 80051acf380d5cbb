//! RegionService.

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Context, Error, Resource, etag};
use zhijian_proto::identity::v1::{
    GetRegionRequest, GetRegionResponse, UpdateRegionRequest, UpdateRegionResponse,
    region_service_server::RegionService,
};

use super::{fields::Fields, read};
use crate::store;

/// Describes the region.
pub(crate) struct Regions {
    ctx: Context,
}

impl Regions {
    pub fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[tonic::async_trait]
impl RegionService for Regions {
    async fn get_region(
        &self,
        request: Request<GetRegionRequest>,
    ) -> Result<Response<GetRegionResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let kept = store::region::find(self.ctx.db.reader()).await?.ok_or_else(not_set_up)?;
        Ok(Response::new(GetRegionResponse { region: Some(kept.into()) }))
    }

    async fn update_region(
        &self,
        request: Request<UpdateRegionRequest>,
    ) -> Result<Response<UpdateRegionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let grant = call.authorise(&Resource::region())?;
        let mut fields = Fields::default();
        let region = read::region(&mut fields, input.region.clone());
        let region = fields.finish(region)?;
        let given = input.region.as_ref().map(|region| region.etag.clone()).unwrap_or_default();
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let earlier = store::region::find(tx.conn()).await?.ok_or_else(not_set_up)?;
                    etag::check(&given, earlier.version)?;
                    let kept = store::region::update(tx.conn(), &earlier, region).await?;
                    tx.audit(
                        "region",
                        json!({
                            "name": kept.region.name.zh(),
                            "demonstration": kept.region.demonstration,
                            "demonstration_load_time": kept.region.demonstration_load_time,
                        }),
                    );
                    Ok(UpdateRegionResponse { region: Some(kept.into()) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }
}

fn not_set_up() -> Error {
    Error::NotFound { resource: "region".to_owned() }
}
