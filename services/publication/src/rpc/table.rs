//! TableService.

use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Context};
use zhijian_proto::publication::v1::{
    GetTableRequest, GetTableResponse, ListTablesRequest, ListTablesResponse,
    table_service_server::TableService,
};

use super::{early, reading};
use crate::store;

/// Reads the tables of releases.
pub struct Tables {
    ctx: Context,
}

impl Tables {
    pub fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[tonic::async_trait]
impl TableService for Tables {
    async fn list_tables(
        &self,
        request: Request<ListTablesRequest>,
    ) -> Result<Response<ListTablesResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let conn = self.ctx.db.reader();
        let reading = reading(&call, conn, input.year, input.version, input.draft).await?;
        let tables = store::table::captions(conn, reading.release.year, reading.source).await?;
        Ok(Response::new(ListTablesResponse { tables: tables.into_iter().map(Into::into).collect() }))
    }

    async fn get_table(
        &self,
        request: Request<GetTableRequest>,
    ) -> Result<Response<GetTableResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let conn = self.ctx.db.reader();
        let reading = reading(&call, conn, input.year, input.version, input.draft).await?;
        let year = reading.release.year;
        let table = store::table::find(conn, year, reading.source, &input.number).await?;
        if reading.early {
            early::record(&self.ctx, &call, year, &input.number).await?;
        }
        Ok(Response::new(GetTableResponse { table: Some(table.into()) }))
    }
}
