//! DeskService.

mod burden;
mod compare;
mod export;
mod progress;
mod sheets;

use futures::stream::BoxStream;
use tonic::{Request, Response, Status};
use zhijian_platform::Call;
use zhijian_proto::submission::v1::{
    CompareRevisionsRequest, CompareRevisionsResponse, CountProgressRequest, CountProgressResponse,
    DownloadExportRequest, DownloadExportResponse, ExportProgressRequest, ExportProgressResponse,
    GetBurdenRequest, GetBurdenResponse, GetExportRequest, GetExportResponse, GetReportBurdenRequest,
    GetReportBurdenResponse, ListBurdenRequest, ListBurdenResponse, ListExportsRequest, ListExportsResponse,
    ListProgressRequest, ListProgressResponse, StartExportRequest, StartExportResponse,
    desk_service_server::DeskService,
};

use super::{Rpc, directory::Directory};
pub use burden::fold;
pub use export::{handle, sweep};

/// What answers the desk.
#[derive(Clone)]
pub struct Desk {
    pub rpc: Rpc,
    pub directory: Directory,
}

#[tonic::async_trait]
impl DeskService for Desk {
    type ExportProgressStream = BoxStream<'static, Result<ExportProgressResponse, Status>>;
    type DownloadExportStream = BoxStream<'static, Result<DownloadExportResponse, Status>>;

    async fn count_progress(
        &self,
        request: Request<CountProgressRequest>,
    ) -> Result<Response<CountProgressResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.count(call, request.into_inner()).await?))
    }

    async fn list_progress(
        &self,
        request: Request<ListProgressRequest>,
    ) -> Result<Response<ListProgressResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.list(call, request.into_inner()).await?))
    }

    async fn export_progress(
        &self,
        request: Request<ExportProgressRequest>,
    ) -> Result<Response<Self::ExportProgressStream>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.export_list(call, request.into_inner()).await?))
    }

    async fn compare_revisions(
        &self,
        request: Request<CompareRevisionsRequest>,
    ) -> Result<Response<CompareRevisionsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.compare(call, request.into_inner()).await?))
    }

    async fn start_export(
        &self,
        request: Request<StartExportRequest>,
    ) -> Result<Response<StartExportResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.start_export(call, request.into_inner()).await?))
    }

    async fn get_export(
        &self,
        request: Request<GetExportRequest>,
    ) -> Result<Response<GetExportResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.get_export(call, request.into_inner()).await?))
    }

    async fn list_exports(
        &self,
        request: Request<ListExportsRequest>,
    ) -> Result<Response<ListExportsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.list_exports(call, request.into_inner()).await?))
    }

    async fn download_export(
        &self,
        request: Request<DownloadExportRequest>,
    ) -> Result<Response<Self::DownloadExportStream>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.download_export(call, request.into_inner()).await?))
    }

    async fn get_burden(
        &self,
        request: Request<GetBurdenRequest>,
    ) -> Result<Response<GetBurdenResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.burden(call, request.into_inner()).await?))
    }

    async fn get_report_burden(
        &self,
        request: Request<GetReportBurdenRequest>,
    ) -> Result<Response<GetReportBurdenResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.report_burden(call, request.into_inner()).await?))
    }

    async fn list_burden(
        &self,
        request: Request<ListBurdenRequest>,
    ) -> Result<Response<ListBurdenResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.list_burden(call, request.into_inner()).await?))
    }
}
