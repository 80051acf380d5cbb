//! The cells of everything that was accepted in a year, page by page: a region's data are never held at once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use tonic::Status;
use zhijian_platform::{Call, Error, Resource, time::timestamp};
use zhijian_proto::submission::v1::{
    GetAcceptedVersionRequest, GetAcceptedVersionResponse, StreamAcceptedCellsRequest,
    StreamAcceptedCellsResponse,
};

use super::read::frozen;
use crate::{
    rpc::Rpc,
    store::{event, revision},
};

/// How many submissions one query fetches.
const PAGE: u64 = 50;

impl Rpc {
    pub(super) async fn accepted(
        &self,
        call: Call,
        input: StreamAcceptedCellsRequest,
    ) -> Result<BoxStream<'static, Result<StreamAcceptedCellsResponse, Status>>, Error> {
        call.authorise(&Resource::region())?;
        let year = self.cycle(input.cycle_year).await?.year;
        let wanted: BTreeSet<String> = input.indicator_codes.into_iter().collect();
        let db = self.ctx.db.clone();
        let pages = stream::try_unfold(Some(None), move |place: Option<Option<String>>| {
            let db = db.clone();
            async move {
                let Some(after) = place else { return Ok::<_, Error>(None) };
                let (rows, last) = revision::accepted_page(db.reader(), year, after.as_deref(), PAGE).await?;
                let ids = rows.iter().map(|row| row.submission_id.clone());
                let mut times = event::accept_times(db.reader(), ids).await?;
                let rows = rows.into_iter().map(|row| (times.remove(&row.submission_id), row));
                let rows: Vec<_> = rows.collect();
                Ok(last.map(|last| (rows, Some(Some(last)))))
            }
        });
        let answers = pages
            .map_ok(|rows| stream::iter(rows.into_iter().map(Ok::<_, Error>)))
            .try_flatten()
            .map_ok(move |(time, row)| answer(row, time, &wanted))
            .map_err(Status::from);
        Ok(answers.boxed())
    }

    pub(super) async fn accepted_version(
        &self,
        call: &Call,
        input: GetAcceptedVersionRequest,
    ) -> Result<GetAcceptedVersionResponse, Error> {
        call.authorise(&Resource::region())?;
        let year = self.cycle(input.cycle_year).await?.year;
        let (reports, revisions) = revision::accepted_version(self.ctx.db.reader(), year).await?;
        Ok(GetAcceptedVersionResponse { version: format!("{reports}.{revisions}") })
    }
}

fn answer(
    row: revision::Accepted,
    accept_time: Option<DateTime<Utc>>,
    wanted: &BTreeSet<String>,
) -> StreamAcceptedCellsResponse {
    let cells = row
        .cells
        .into_iter()
        .filter(|(code, _)| wanted.is_empty() || wanted.contains(code))
        .map(|(code, cell)| frozen(code, cell));
    StreamAcceptedCellsResponse {
        cells: cells.collect(),
        submission_id: row.submission_id,
        revision_number: row.revision_number,
        report_kind: row.report_kind,
        organisation_code: row.organisation_code,
        subject_code: row.subject_code,
        accept_time: accept_time.map(timestamp),
    }
}
