//! EvidenceFileService: the files of the reports, for those who are to judge them.

use std::collections::BTreeSet;

use futures::{StreamExt, stream::BoxStream};
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error};
use zhijian_proto::{
    review::v1::{
        DownloadEvidenceFileRequest, DownloadEvidenceFileResponse, EvidenceFile, ListEvidenceFilesRequest,
        ListEvidenceFilesResponse, download_evidence_file_response::Part,
        evidence_file_service_server::EvidenceFileService,
    },
    submission::v1::{DownloadAttachmentRequest, ListAttachmentsRequest, download_attachment_response},
};

use super::{
    Review,
    evidence::accepted,
    files::{self, Held},
    sheet::APPEAL,
};
use crate::{
    domain::{assignment::Assignment, assignment::State, conflict::Index, entry::Entry, round::Round},
    store,
};

#[tonic::async_trait]
impl EvidenceFileService for Review {
    async fn list_evidence_files(
        &self,
        request: Request<ListEvidenceFilesRequest>,
    ) -> Result<Response<ListEvidenceFilesResponse>, Status> {
        let call = Call::of(&request)?;
        let found = self.files_of(&call, &request.into_inner().assignment_id).await?;
        let files = found.iter().map(|(held, of_measures)| shown(held, *of_measures)).collect();
        Ok(Response::new(ListEvidenceFilesResponse { files }))
    }

    type DownloadEvidenceFileStream = BoxStream<'static, Result<DownloadEvidenceFileResponse, Status>>;

    async fn download_evidence_file(
        &self,
        request: Request<DownloadEvidenceFileRequest>,
    ) -> Result<Response<Self::DownloadEvidenceFileStream>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let found = self.files_of(&call, &input.assignment_id).await?;
        let wanted = found.into_iter().find(|(held, _)| held.file.sha256 == input.sha256);
        let (held, of_measures) = wanted.ok_or_else(|| Error::not_found("file", &input.sha256))?;
        let first = shown(&held, of_measures);
        let request = DownloadAttachmentRequest {
            submission_id: held.submission_id,
            attachment_id: held.file.attachment_id,
            revision_number: held.revision_number,
            ..DownloadAttachmentRequest::default()
        };
        let content = self.ctx.clients.attachments().download_attachment(request).await;
        let content = content.map_err(Error::from)?.into_inner();
        let part = |part| DownloadEvidenceFileResponse { part: Some(part) };
        let chunks = content.filter_map(move |message| async move {
            match message.map(|message| message.part) {
                Ok(Some(download_attachment_response::Part::Chunk(chunk))) => {
                    Some(Ok(part(Part::Chunk(chunk))))
                }
                Ok(_) => None,
                Err(status) => Some(Err(Status::from(Error::from(status)))),
            }
        });
        let first = futures::stream::once(async move { Ok(part(Part::File(first))) });
        Ok(Response::new(first.chain(chunks).boxed()))
    }
}

impl Review {
    /// The files that go with an assignment, and whether each is evidence of a measure.
    async fn files_of(&self, call: &Call, id: &str) -> Result<Vec<(Held, bool)>, Error> {
        let (seat, round) = self.seen_assignment(call, id).await?;
        let (_, _, entry) = self.assignment(id).await?;
        if seat.account_id == call.actor_id() {
            self.free_of_conflict(&seat, &round, &entry).await?;
        }
        let clients = &self.ctx.clients;
        let school = &entry.organisation_code;
        let mut found = vec![];
        for report in accepted(clients, round.cycle_year, school).await? {
            let (submission_id, revision_number) = (report.submission_id, report.accepted_revision);
            let request = ListAttachmentsRequest { submission_id: submission_id.clone(), revision_number };
            let files = clients.attachments().list_attachments(request).await?.into_inner().attachments;
            found.extend(
                files.into_iter().map(|file| {
                    (Held { submission_id: submission_id.clone(), revision_number, file }, false)
                }),
            );
        }
        let named = self.named_by_measures(&seat).await?;
        if !named.is_empty() {
            let held = files::of_school(clients, school).await?;
            let held = held.into_iter().filter(|held| named.contains(&held.file.sha256));
            found.extend(held.map(|held| (held, true)));
        }
        let mut seen = BTreeSet::new();
        found.retain(|(held, _)| seen.insert(held.file.sha256.clone()));
        Ok(found)
    }

    /// What the plan that a seat re-checks names as evidence.
    async fn named_by_measures(&self, seat: &Assignment) -> Result<BTreeSet<String>, Error> {
        let rechecked = seat.rectification_id.as_ref().filter(|id| !id.starts_with(APPEAL));
        let Some(id) = rechecked else { return Ok(BTreeSet::new()) };
        let found = store::rectification::find(self.ctx.db.reader(), id).await?;
        let items = found.into_iter().flat_map(|found| found.measures).flat_map(|measure| measure.items);
        Ok(items.filter(|item| item.is_file()).map(|item| item.trimmed().sha256).collect())
    }

    /// Refuses whoever gave the seat back, or has come into a conflict since the panel was formed.
    async fn free_of_conflict(&self, seat: &Assignment, round: &Round, entry: &Entry) -> Result<(), Error> {
        if seat.state == State::Abstained {
            return Err(Error::illegal_state(
                "state",
                "您已退出这份评审，不能再打开学校的材料。",
                "You gave this seat back, so the school's files are closed to you.",
            ));
        }
        let conn = self.ctx.db.reader();
        let reviewers = store::reviewer::all(conn).await?;
        let own: Vec<_> = reviewers.into_iter().filter(|one| one.account_id == seat.account_id).collect();
        let ground = store::ruling::ground(conn, round, self.ctx.db.clock().now()).await?;
        let found = Index::new(&own, &ground).of(entry);
        if found.values().any(|conflict| conflict.in_force()) {
            return Err(Error::illegal_state(
                "conflict",
                "您与这所学校存在需要回避的关系，不能打开它的材料。请退出这份评审，由组长补派专家。",
                "You have a conflict of interest with this school, so its files are closed to you. Give the seat back; the \
                 chair fills it.",
            ));
        }
        Ok(())
    }
}

fn shown(held: &Held, of_measures: bool) -> EvidenceFile {
    let file = &held.file;
    EvidenceFile {
        sha256: file.sha256.clone(),
        file_name: file.file_name.clone(),
        media_type: file.media_type.clone(),
        size: file.size,
        caption: file.caption.clone(),
        section_code: file.section_code.clone(),
        of_measures,
    }
}
