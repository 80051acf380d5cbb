//! TransferService.

mod bulk;
mod file;
mod prepare;
mod result;
mod save;

use futures::stream::BoxStream;
use tonic::{Request, Response, Status, Streaming};
use zhijian_platform::Call;
use zhijian_proto::submission::v1::{
    BulkSaveCellsRequest, BulkSaveCellsResponse, DownloadTemplateRequest, DownloadTemplateResponse,
    ExportCellsRequest, ExportCellsResponse, GetBulkSessionRequest, GetBulkSessionResponse,
    ImportCellsRequest, ImportCellsResponse, ListBulkRefusalsRequest, ListBulkRefusalsResponse,
    UploadWorkbookRequest, UploadWorkbookResponse, transfer_service_server::TransferService,
};

use super::Rpc;

/// The call of somebody who may see some report: others are refused before anything of theirs is read.
fn known<T>(request: &Request<T>) -> Result<Call, Status> {
    let call = Call::of(request)?;
    call.visible("submission")?;
    Ok(call)
}

#[tonic::async_trait]
impl TransferService for Rpc {
    type DownloadTemplateStream = BoxStream<'static, Result<DownloadTemplateResponse, Status>>;
    type ExportCellsStream = BoxStream<'static, Result<ExportCellsResponse, Status>>;
    type BulkSaveCellsStream = BoxStream<'static, Result<BulkSaveCellsResponse, Status>>;

    async fn download_template(
        &self,
        request: Request<DownloadTemplateRequest>,
    ) -> Result<Response<Self::DownloadTemplateStream>, Status> {
        let call = known(&request)?;
        Ok(Response::new(self.template(call, request.into_inner()).await?))
    }

    async fn upload_workbook(
        &self,
        request: Request<Streaming<UploadWorkbookRequest>>,
    ) -> Result<Response<UploadWorkbookResponse>, Status> {
        let call = known(&request)?;
        Ok(Response::new(self.workbook(call, request.into_inner()).await?))
    }

    async fn export_cells(
        &self,
        request: Request<ExportCellsRequest>,
    ) -> Result<Response<Self::ExportCellsStream>, Status> {
        let call = known(&request)?;
        Ok(Response::new(self.export(call, request.into_inner()).await?))
    }

    async fn import_cells(
        &self,
        request: Request<Streaming<ImportCellsRequest>>,
    ) -> Result<Response<ImportCellsResponse>, Status> {
        let call = known(&request)?;
        Ok(Response::new(self.import(call, request.into_inner()).await?))
    }

    async fn bulk_save_cells(
        &self,
        request: Request<Streaming<BulkSaveCellsRequest>>,
    ) -> Result<Response<Self::BulkSaveCellsStream>, Status> {
        let call = known(&request)?;
        Ok(Response::new(self.bulk_save(call, request.into_inner()).await?))
    }

    async fn get_bulk_session(
        &self,
        request: Request<GetBulkSessionRequest>,
    ) -> Result<Response<GetBulkSessionResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.bulk_session(call, request.into_inner()).await?))
    }

    async fn list_bulk_refusals(
        &self,
        request: Request<ListBulkRefusalsRequest>,
    ) -> Result<Response<ListBulkRefusalsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.bulk_refusals(call, request.into_inner()).await?))
    }
}
