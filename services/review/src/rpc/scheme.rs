//! SchemeService: reads the procedures.

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Resource};
use zhijian_proto::review::v1::{
    GetSchemeRequest, GetSchemeResponse, ListSchemesRequest, ListSchemesResponse,
    scheme_service_server::SchemeService,
};

use super::{Review, convert};

#[tonic::async_trait]
impl SchemeService for Review {
    async fn list_schemes(
        &self,
        request: Request<ListSchemesRequest>,
    ) -> Result<Response<ListSchemesResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let schemes = self.schemes.iter().map(|scheme| convert::scheme(scheme)).collect();
        Ok(Response::new(ListSchemesResponse { schemes }))
    }

    async fn get_scheme(
        &self,
        request: Request<GetSchemeRequest>,
    ) -> Result<Response<GetSchemeResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let code = request.into_inner().code;
        let scheme = self.schemes.get(&code).ok_or_else(|| Error::not_found("scheme", &code))?;
        Ok(Response::new(GetSchemeResponse { scheme: Some(convert::scheme(scheme)) }))
    }
}
