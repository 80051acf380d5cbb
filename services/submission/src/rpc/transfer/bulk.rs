//! Streamed bulk saves: rows come in, are read and looked up in one task, judged and written in another, a transaction
//! for some thousands of them.

use std::{collections::VecDeque, time::Duration};

use futures::stream::{BoxStream, StreamExt};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};
use zhijian_platform::{Call, Error, Page, Resource, Visibility, time::timestamp};
use zhijian_proto::submission::v1::{
    BulkHeader, BulkReport, BulkSaveCellsRequest, BulkSaveCellsResponse, BulkSession, GetBulkSessionRequest,
    GetBulkSessionResponse, ListBulkRefusalsRequest, ListBulkRefusalsResponse, bulk_save_cells_request::Part,
};

use super::{
    prepare::{Prepared, Preparer},
    save::{MAX_REFUSED, Saver, refusal},
};
use crate::{rpc::Rpc, store::bulk};

/// How many cells one transaction saves.
const CHUNK: usize = 6_000;
/// How many cells one message may hold.
const MAX_MESSAGE: usize = 20_000;
/// How long rows wait for more before they are saved.
const PATIENCE: Duration = Duration::from_millis(100);

impl Rpc {
    pub(super) async fn bulk_save(
        &self,
        call: Call,
        mut requests: Streaming<BulkSaveCellsRequest>,
    ) -> Result<BoxStream<'static, Result<BulkSaveCellsResponse, Status>>, Error> {
        // Whose reports may be edited is asked for each of them; this is that there are any.
        let own = match call.visible("submission")? {
            Visibility::All => String::new(),
            Visibility::Only(codes) => codes.into_iter().next().unwrap_or_default(),
        };
        let grant = call.authorise(&Resource::new("submission", "").organisation(own))?;
        let header = match requests.message().await? {
            Some(BulkSaveCellsRequest { part: Some(Part::Header(header)) }) => header,
            _ => {
                return Err(Error::invalid(
                    "header",
                    "请先发送 header，再发送数据行。",
                    "Send the header first, then the rows.",
                ));
            }
        };
        let session_id = session_id(&header.session_id)?;
        let actor = call.actor_id();
        let earlier = match bulk::find(self.ctx.db.reader(), &session_id).await? {
            Some(row) if row.account_id != actor => return Err(Error::not_found("bulk session", session_id)),
            found => found.filter(|_| !header.dry_run),
        };
        let header = BulkHeader { session_id, ..header };
        let next_row = earlier.as_ref().map_or(0, |row| row.next_row);
        let welcome = BulkSaveCellsResponse {
            first_row: next_row,
            next_row,
            session: Some(earlier.map(session).unwrap_or_else(|| BulkSession {
                session_id: header.session_id.clone(),
                ..Default::default()
            })),
            ..Default::default()
        };
        let (answers, stream) = mpsc::channel(8);
        let _ = answers.send(Ok(welcome)).await;
        let lang = call.lang();
        let preparer = Preparer::new(self.clone(), call.clone(), header.cycle_year);
        let saver = Saver::new(self.clone(), &call, grant, header);
        let (ready, chunks) = mpsc::channel(1);
        tokio::spawn(lang.scope(take(requests, next_row, preparer, ready)));
        tokio::spawn(lang.scope(save(chunks, saver, answers)));
        Ok(ReceiverStream::new(stream).boxed())
    }

    pub(super) async fn bulk_session(
        &self,
        call: Call,
        input: GetBulkSessionRequest,
    ) -> Result<GetBulkSessionResponse, Error> {
        let row = self.own_session(&call, &input.session_id).await?;
        Ok(GetBulkSessionResponse { session: Some(session(row)) })
    }

    pub(super) async fn bulk_refusals(
        &self,
        call: Call,
        input: ListBulkRefusalsRequest,
    ) -> Result<ListBulkRefusalsResponse, Error> {
        let row = self.own_session(&call, &input.session_id).await?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let rows = bulk::refusals(self.ctx.db.reader(), &row.session_id, &page).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.row_number.to_string());
        Ok(ListBulkRefusalsResponse { refusals: rows.into_iter().map(refusal).collect(), next_page_token })
    }

    /// A session that the caller opened. Whether others' exist is not told.
    async fn own_session(&self, call: &Call, id: &str) -> Result<bulk::session::Model, Error> {
        call.authorise(&Resource::new("bulk", id).owner(call.actor_id()))?;
        let id = session_id(id).map_err(|_| Error::not_found("bulk session", id))?;
        let row = bulk::find(self.ctx.db.reader(), &id).await?;
        row.filter(|row| row.account_id == call.actor_id())
            .ok_or_else(|| Error::not_found("bulk session", id))
    }
}

/// The canonical form of a session's id.
fn session_id(given: &str) -> Result<String, Error> {
    let sound = given.len() <= 64 && given.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let digits: String = given.bytes().filter(|byte| *byte != b'-').map(char::from).collect();
    if !sound || digits.len() != 32 {
        return Err(Error::invalid(
            "session_id",
            "session_id 必须是 UUID；中断后请用同一个值继续。",
            "session_id must be a UUID; go on with the same one after a cut.",
        ));
    }
    Ok(digits.to_ascii_lowercase())
}

/// A session as the wire has it.
pub(super) fn session(row: bulk::session::Model) -> BulkSession {
    BulkSession {
        session_id: row.session_id,
        next_row: row.next_row,
        saved: row.saved,
        unchanged: row.unchanged,
        refused: row.refused,
        update_time: Some(timestamp(row.update_time)),
    }
}

/// Reads what comes in, in chunks, until the end or a fault.
async fn take(
    mut requests: Streaming<BulkSaveCellsRequest>,
    next_row: i64,
    mut preparer: Preparer,
    ready: mpsc::Sender<Result<Prepared, Error>>,
) {
    let mut waiting = Waiting { first_row: next_row, next_row, ..Default::default() };
    loop {
        let message = match waiting.cells {
            0 => Ok(requests.message().await),
            _ => tokio::time::timeout(PATIENCE, requests.message()).await,
        };
        // Once nothing more came for a while, or will come, what is there is enough.
        let (enough, ended) = match &message {
            Err(_) => (1, false),
            Ok(Ok(None)) => (1, true),
            Ok(_) => (CHUNK, false),
        };
        let added = match message {
            Ok(Ok(Some(message))) => waiting.add(message),
            Ok(Err(status)) => Err(status.into()),
            Ok(Ok(None)) | Err(_) => Ok(()),
        };
        while added.is_ok() && waiting.cells >= enough {
            let (first_row, reports) = waiting.cut();
            if ready.send(preparer.prepare(first_row, reports).await).await.is_err() {
                return;
            }
        }
        if let Err(error) = added {
            // Whoever saves has saved what came before it once this is received.
            let _ = ready.send(Err(error)).await;
            return;
        }
        if ended {
            return;
        }
    }
}

/// Saves chunk after chunk, and answers each.
async fn save(
    mut chunks: mpsc::Receiver<Result<Prepared, Error>>,
    mut saver: Saver,
    answers: mpsc::Sender<Result<BulkSaveCellsResponse, Status>>,
) {
    while let Some(chunk) = chunks.recv().await {
        let answer = match chunk {
            Ok(chunk) => saver.save(chunk).await,
            Err(error) => Err(error),
        };
        let last = match &answer {
            Ok(answer) => answer.session.as_ref().is_some_and(|session| session.refused >= MAX_REFUSED),
            Err(_) => true,
        };
        let refused = answer.is_ok() && last;
        if answers.send(answer.map_err(Status::from)).await.is_err() || (last && !refused) {
            return;
        }
        if refused {
            let _ = answers.send(Err(too_many_refused().into())).await;
            return;
        }
    }
}

fn too_many_refused() -> Error {
    Error::illegal_state(
        "bulk.refused",
        format!(
            "已有 {MAX_REFUSED} 行被退回，本次导入到此为止。已保存的行不受影响；请改正后用新的 session_id 重新发送。"
        ),
        format!(
            "{MAX_REFUSED} rows were refused, and the session ends here. What was saved stays; mend the rest and send it \
             under a new session_id."
        ),
    )
}

/// Rows that came in and wait to be saved.
#[derive(Default)]
struct Waiting {
    /// The number of the first row that waits.
    first_row: i64,
    /// The number of the row that is to come next.
    next_row: i64,
    reports: VecDeque<BulkReport>,
    cells: usize,
}

impl Waiting {
    /// Adds the rows of a message, except those that have their verdict.
    fn add(&mut self, message: BulkSaveCellsRequest) -> Result<(), Error> {
        let Some(Part::Rows(rows)) = message.part else {
            return Err(Error::invalid(
                "header",
                "header 只在开头发送一次。",
                "The header is sent once, at the beginning.",
            ));
        };
        let count: usize = rows.reports.iter().map(|report| report.cells.len()).sum();
        if count > MAX_MESSAGE {
            return Err(Error::invalid(
                "rows.reports",
                "一条消息最多 20,000 个单元格。",
                "A message holds at most 20,000 cells.",
            ));
        }
        if rows.first_row < 0 || rows.first_row > self.next_row {
            return Err(Error::invalid(
                "rows.first_row",
                format!("应从第 {} 行继续，收到的却是第 {} 行，中间有缺。", self.next_row, rows.first_row),
                format!(
                    "Row {} comes next, and row {} came: some are missing.",
                    self.next_row, rows.first_row
                ),
            ));
        }
        let mut known = usize::try_from(self.next_row - rows.first_row).unwrap_or(usize::MAX);
        for mut report in rows.reports {
            let skipped = known.min(report.cells.len());
            known -= skipped;
            report.cells.drain(..skipped);
            if !report.cells.is_empty() {
                self.cells += report.cells.len();
                self.next_row += i64::try_from(report.cells.len()).unwrap_or(i64::MAX);
                self.reports.push_back(report);
            }
        }
        Ok(())
    }

    /// Takes out the rows of the next chunk, and says the number of its first.
    fn cut(&mut self) -> (i64, Vec<BulkReport>) {
        let (first_row, mut room) = (self.first_row, CHUNK);
        let mut chunk = Vec::new();
        while let Some(mut report) = self.reports.pop_front() {
            if report.cells.len() > room {
                let rest = report.cells.split_off(room);
                self.reports.push_front(BulkReport { cells: rest, ..report.clone() });
            }
            room -= report.cells.len();
            if !report.cells.is_empty() {
                chunk.push(report);
            }
            if room == 0 {
                break;
            }
        }
        let taken = CHUNK - room;
        self.cells -= taken;
        self.first_row += i64::try_from(taken).unwrap_or(i64::MAX);
        (first_row, chunk)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zhijian_proto::submission::v1::{BulkRows, Cell};

    use super::*;

    proptest! {
        /// However rows are cut into messages and repeated after a cut, each is taken once, in order.
        #[test]
        fn each_row_is_taken_once(
            sizes in prop::collection::vec(prop::collection::vec(0_usize..5000, 0..4), 1..8),
            next in 0_i64..20_000,
        ) {
            let mut waiting = Waiting { first_row: next, next_row: next, ..Default::default() };
            let mut sent = 0_i64;
            let mut taken = Vec::new();
            for message in sizes {
                let first_row = sent;
                let reports = message.iter().map(|size| {
                    let cells = (0..*size).map(|_| {
                        sent += 1;
                        Cell { indicator_code: (sent - 1).to_string(), ..Default::default() }
                    });
                    BulkReport { cells: cells.collect(), ..Default::default() }
                }).collect();
                let part = Part::Rows(BulkRows { first_row, reports });
                let added = waiting.add(BulkSaveCellsRequest { part: Some(part) });
                prop_assert!(added.is_ok());
                while waiting.cells >= CHUNK {
                    taken.push(waiting.cut());
                }
            }
            while waiting.cells > 0 {
                taken.push(waiting.cut());
            }
            let mut expected = next;
            for (first_row, reports) in taken {
                prop_assert_eq!(first_row, expected);
                for cell in reports.iter().flat_map(|report| &report.cells) {
                    prop_assert_eq!(&cell.indicator_code, &expected.to_string());
                    expected += 1;
                }
            }
            prop_assert_eq!(expected, sent.max(next));
        }
    }

    #[test]
    fn a_gap_is_told() {
        let mut waiting = Waiting { first_row: 5, next_row: 5, ..Default::default() };
        let rows = BulkRows { first_row: 6, reports: vec![] };
        assert!(waiting.add(BulkSaveCellsRequest { part: Some(Part::Rows(rows)) }).is_err());
    }
}
