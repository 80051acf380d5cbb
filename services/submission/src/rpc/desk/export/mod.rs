//! Everything of a year in one file: states, cells long and wide, texts, receipts.

mod content;
mod job;
mod standing;
mod work;

use chrono::{TimeDelta, Utc};
use futures::stream::{BoxStream, StreamExt};
use serde_json::json;
use tonic::Status;
use zhijian_platform::{Call, Error, Page, Resource, time::timestamp};
use zhijian_proto::{
    common::v1::operation,
    submission::v1::{
        DownloadExportRequest, DownloadExportResponse, Export, FileFormat, GetExportRequest,
        GetExportResponse, ListExportsRequest, ListExportsResponse, StartExportRequest, StartExportResponse,
    },
};

use super::{
    Desk,
    sheets::{self, Format},
};
use crate::store::export;
use work::stamp;

pub use job::{handle, sweep};

/// The kind of its operations.
pub const OPERATION: &str = "submission.export";
/// How long a file can be fetched.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// The folder of the files in the store.
const FOLDER: &str = "exports";

impl Desk {
    pub(super) async fn start_export(
        &self,
        call: Call,
        input: StartExportRequest,
    ) -> Result<StartExportResponse, Error> {
        let grant = call.authorise(&Resource::new("export", ""))?;
        let year = self.rpc.cycle(input.cycle_year).await?.year;
        let format = match sheets::format(input.format())? {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        };
        let payload = call.lang().tag().as_bytes().to_vec();
        let operations = self.rpc.ctx.operations.clone();
        let response = self
            .rpc
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let export_id = zhijian_platform::id::new("exp");
                    let operation = operations.enqueue(tx, OPERATION, &export_id, payload).await?;
                    let row = export::Model {
                        export_id,
                        cycle_year: year,
                        format: format.to_owned(),
                        operation_id: operation.operation_id.clone(),
                        object: String::new(),
                        size: 0,
                        sha256: String::new(),
                        submissions: 0,
                        cells: 0,
                        create_time: tx.now(),
                        expire_time: tx.now() + KEPT,
                    };
                    export::insert(tx.conn(), row.clone()).await?;
                    tx.audit(
                        format!("export/{}", row.export_id),
                        json!({ "cycle_year": year, "format": format }),
                    );
                    Ok(StartExportResponse { export: Some(wire(row, Some(operation))) })
                })
            })
            .await?;
        self.rpc.ctx.operations.wake();
        Ok(response)
    }

    pub(super) async fn get_export(
        &self,
        call: Call,
        input: GetExportRequest,
    ) -> Result<GetExportResponse, Error> {
        call.authorise(&Resource::new("export", &input.export_id))?;
        let row = export::get(self.rpc.ctx.db.reader(), &input.export_id).await?;
        Ok(GetExportResponse { export: Some(self.with_operation(row).await?) })
    }

    pub(super) async fn list_exports(
        &self,
        call: Call,
        input: ListExportsRequest,
    ) -> Result<ListExportsResponse, Error> {
        call.authorise(&Resource::new("export", ""))?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let year = (input.cycle_year != 0).then_some(input.cycle_year);
        let rows = export::list(self.rpc.ctx.db.reader(), &page, year, Utc::now()).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.export_id.clone());
        let mut exports = vec![];
        for row in rows {
            exports.push(self.with_operation(row).await?);
        }
        Ok(ListExportsResponse { exports, next_page_token })
    }

    pub(super) async fn download_export(
        &self,
        call: Call,
        input: DownloadExportRequest,
    ) -> Result<BoxStream<'static, Result<DownloadExportResponse, Status>>, Error> {
        call.authorise(&Resource::new("export", &input.export_id))?;
        let row = export::get(self.rpc.ctx.db.reader(), &input.export_id).await?;
        let refused = |zh: &str, en: &str| Error::illegal_state(format!("export/{}", row.export_id), zh, en);
        if row.expire_time <= Utc::now() {
            return Err(refused(
                "导出文件保留 24 小时，这一份已过期，请重新导出。",
                "Exports are kept for 24 hours and this one has expired; export again.",
            ));
        }
        if row.object.is_empty() {
            return Err(refused(
                "导出还没有完成，请稍候再下载。",
                "The export is not finished yet; fetch it a little later.",
            ));
        }
        let objects = self.rpc.ctx.objects.folder(FOLDER);
        let content = objects.read(&row.object, 0..row.size.unsigned_abs()).await?;
        let answers = content.map(|piece| match piece {
            Ok(piece) => Ok(DownloadExportResponse { data: piece.to_vec() }),
            Err(error) => Err(Status::from(error)),
        });
        Ok(answers.boxed())
    }

    async fn with_operation(&self, row: export::Model) -> Result<Export, Error> {
        let operation = self.rpc.ctx.operations.find(&row.operation_id).await?;
        Ok(wire(row, operation))
    }
}

fn wire(row: export::Model, operation: Option<zhijian_proto::common::v1::Operation>) -> Export {
    let (format, ending) =
        if row.format == "csv" { (FileFormat::Csv, "zip") } else { (FileFormat::Xlsx, "xlsx") };
    // An operation that was cleared away has ended long ago.
    let operation = operation.unwrap_or_else(|| zhijian_proto::common::v1::Operation {
        operation_id: row.operation_id.clone(),
        state: operation::State::Failed.into(),
        ..Default::default()
    });
    let time = stamp(row.create_time).replace([':', ' ', '-'], "");
    Export {
        file_name: format!("zhijian-{}-{}.{ending}", row.cycle_year, time.get(..12).unwrap_or(&time)),
        export_id: row.export_id,
        cycle_year: row.cycle_year,
        format: format.into(),
        operation: Some(operation),
        size: row.size,
        sha256: row.sha256,
        submissions: row.submissions,
        cells: row.cells,
        create_time: Some(timestamp(row.create_time)),
        expire_time: Some(timestamp(row.expire_time)),
    }
}
