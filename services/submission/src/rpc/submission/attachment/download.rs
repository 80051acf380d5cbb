//! A file on its way out, whole or in part.

use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use tonic::Status;
use zhijian_platform::{Call, Error};
use zhijian_proto::submission::v1::{
    DownloadAttachmentRequest, DownloadAttachmentResponse, download_attachment_response,
};

use crate::{
    rpc::{Rpc, submission::material},
    store::{attachment, material as materials},
};

/// The size of the chunks that are sent.
const CHUNK: usize = 256 << 10;

impl Rpc {
    pub(super) async fn download(
        &self,
        call: Call,
        input: DownloadAttachmentRequest,
    ) -> Result<BoxStream<'static, Result<DownloadAttachmentResponse, Status>>, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let conn = self.ctx.db.reader();
        let found = if input.revision_number == 0 {
            material::attachment(attachment::get(conn, &row.submission_id, &input.attachment_id).await?)?
        } else {
            let frozen = materials::revision(conn, &row.submission_id, input.revision_number).await?;
            let frozen = frozen.attachment(&input.attachment_id).cloned();
            let frozen = frozen.ok_or_else(|| Error::not_found("attachment", &input.attachment_id))?;
            material::frozen_attachment(&row.submission_id, frozen)
        };
        let range = |name: &str, value: i64| {
            u64::try_from(value).map_err(|_| {
                Error::invalid(name, format!("{name} 不能为负数。"), format!("{name} cannot be negative."))
            })
        };
        let size = u64::try_from(found.size).map_err(Error::internal)?;
        let start = range("offset", input.offset)?.min(size);
        let end = match range("length", input.length)? {
            0 => size,
            length => start.saturating_add(length).min(size),
        };
        let content = self.ctx.objects.read(&found.sha256, start..end).await?;
        let part = |part| DownloadAttachmentResponse { part: Some(part) };
        let first = part(download_attachment_response::Part::Attachment(found));
        let chunks = content
            .map_ok(move |bytes| {
                let count = bytes.len().div_ceil(CHUNK);
                futures::stream::iter((0..count).map(move |at| {
                    let chunk = bytes.slice(at * CHUNK..((at + 1) * CHUNK).min(bytes.len()));
                    Ok(part(download_attachment_response::Part::Chunk(chunk.to_vec())))
                }))
            })
            .try_flatten()
            .map_err(|error: Error| Status::from(error));
        Ok(futures::stream::once(async move { Ok(first) }).chain(chunks).boxed())
    }
}
