//! CatalogueService.

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Resource};
use zhijian_proto::submission::v1::{
    GetCatalogueRequest, GetCatalogueResponse, catalogue_service_server::CatalogueService,
};

use super::{Rpc, convert_catalogue};

#[tonic::async_trait]
impl CatalogueService for Rpc {
    async fn get_catalogue(
        &self,
        request: Request<GetCatalogueRequest>,
    ) -> Result<Response<GetCatalogueResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let year = request.into_inner().year;
        let catalogue = self.catalogues.get(year).ok_or_else(|| Error::not_found("catalogue", year))?;
        Ok(Response::new(GetCatalogueResponse { catalogue: Some(convert_catalogue::catalogue(catalogue)) }))
    }
}
