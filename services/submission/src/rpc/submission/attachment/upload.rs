//! A file on its way in: its header, its chunks, what it is and whether there is room for it.

use std::time::Duration;

use prost::bytes::{Bytes, BytesMut};
use serde_json::json;
use tonic::Streaming;
use zhijian_platform::{Call, Error, Text, Tx, Violation, id, objects::sha256_of};
use zhijian_proto::submission::v1::{
    AttachmentHeader, UploadAttachmentRequest, UploadAttachmentResponse, upload_attachment_request,
};

use crate::{
    domain::{
        attachment::{self as rules, AttachmentRules, Header, Purpose},
        submission::Move,
    },
    rpc::{
        Actor, Rpc,
        submission::{Moving, audited, begin, finish, material, standing::situation, working::kind_of},
    },
    store::attachment,
};

/// The largest chunk that is taken.
const MAX_CHUNK: usize = 1 << 20;
/// How long the next chunk may be on its way.
const PATIENCE: Duration = Duration::from_secs(60);

impl Rpc {
    pub(super) async fn upload(
        &self,
        call: Call,
        mut stream: Streaming<UploadAttachmentRequest>,
    ) -> Result<UploadAttachmentResponse, Error> {
        // Who may attach nothing anywhere is refused before anything is read.
        call.visible("submission")?;
        let mut given = first(&mut stream).await?;
        let (row, grant) = self.admit(&call, &given.submission_id).await?;
        let cycle = self.cycle(row.cycle_year).await?;
        let catalogue = self.catalogue(&cycle)?;
        // Asked again in the transaction; asked here so that nobody sends a file in vain.
        situation(&row, &cycle)?.after(Move::Edit, self.ctx.db.clock().now())?;
        let kind = kind_of(&catalogue, &row)?;
        let header =
            Header::read(&self.files.rules, kind, material::header_given(&given)).map_err(Error::Invalid)?;
        let content = self.arrive(&header, &mut stream).await?;
        let media_type = recognised(&header, content.clone()).await?;
        let kept = self.ctx.objects.keep(content).await?;
        if header.sha256.as_ref().is_some_and(|declared| *declared != kept.sha256) {
            return Err(refused("sha256", rules::altered()));
        }
        // A repeated request must bring the same file.
        given.sha256 = kept.sha256.clone();
        let actor = Actor::of(&call);
        let bounds = self.files.clone();
        let request_id = given.request_id.clone();
        let stored = attachment::Model {
            attachment_id: id::new("att"),
            submission_id: row.submission_id.clone(),
            purpose: header.purpose.as_str().to_owned(),
            annex_code: header.annex_code.clone(),
            section_code: header.section_code.clone(),
            file_name: header.file_name.clone(),
            media_type,
            size: i64::try_from(kept.size).map_err(Error::internal)?,
            sha256: kept.sha256.clone(),
            caption: header.caption.clone(),
            alt_text: header.alt_text.clone(),
            account_id: actor.account_id.clone(),
            account_name: actor.account_name.clone(),
            create_time: row.update_time,
            version: 1,
        };
        let response = self
            .ctx
            .db
            .mutate(&grant, &request_id, &given, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let present = attachment::load(tx.conn(), &row.submission_id).await?;
                    check_room(&bounds.rules, &header, &present)?;
                    let stored = add(tx, stored).await?;
                    finish(tx, row, next, actor, "").await?;
                    Ok(UploadAttachmentResponse { attachment: Some(material::attachment(stored)?) })
                })
            })
            .await;
        drop(kept);
        response
    }

    /// Takes the content, when there is room for it in memory, as the header declares it.
    async fn arrive(
        &self,
        header: &Header,
        stream: &mut Streaming<UploadAttachmentRequest>,
    ) -> Result<Bytes, Error> {
        let permits = u32::try_from(header.size.div_ceil(1 << 20)).map_err(Error::internal)?;
        let _turn = self.files.arriving.acquire_many(permits).await.map_err(Error::internal)?;
        let mut content = BytesMut::with_capacity(usize::try_from(header.size).map_err(Error::internal)?);
        loop {
            let message = next(stream, || rules::truncated(header.size, content.len() as u64)).await?;
            let chunk = match message.map(|message| message.part) {
                None => break,
                Some(Some(upload_attachment_request::Part::Chunk(chunk))) if chunk.len() <= MAX_CHUNK => {
                    chunk
                }
                Some(Some(upload_attachment_request::Part::Chunk(_))) => {
                    return Err(Error::invalid("chunk", "每块最多 1 MiB。", "A chunk has at most 1 MiB."));
                }
                Some(_) => {
                    return Err(Error::invalid(
                        "header",
                        "header 只在第一条消息中发送，其后只发 chunk。",
                        "The header comes first and once; only chunks follow.",
                    ));
                }
            };
            if content.len() as u64 + chunk.len() as u64 > header.size {
                let text = Text::new(
                    format!("收到的内容多于声明的 {} 字节。文件没有保存，请重新上传。", header.size),
                    format!(
                        "More arrived than the declared {} bytes. Nothing was kept; upload it again.",
                        header.size
                    ),
                );
                return Err(refused("size", text));
            }
            content.extend_from_slice(&chunk);
        }
        if content.len() as u64 != header.size {
            return Err(refused("size", rules::truncated(header.size, content.len() as u64)));
        }
        Ok(content.freeze())
    }
}

/// Adds a file's row, and says so in the audit trail.
pub(in crate::rpc::submission) async fn add(
    tx: &Tx<'_>,
    mut row: attachment::Model,
) -> Result<attachment::Model, Error> {
    row.create_time = tx.now();
    attachment::insert(tx.conn(), row.clone()).await?;
    let detail = json!({
        "attachment": row.attachment_id,
        "purpose": row.purpose,
        "annex": row.annex_code,
        "file_name": row.file_name,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
    });
    tx.audit(audited(&row.submission_id), detail);
    Ok(row)
}

async fn first(stream: &mut Streaming<UploadAttachmentRequest>) -> Result<AttachmentHeader, Error> {
    let message = next(stream, || rules::truncated(0, 0)).await?;
    match message.and_then(|message| message.part) {
        Some(upload_attachment_request::Part::Header(header)) => Ok(header),
        _ => Err(Error::invalid(
            "header",
            "第一条消息必须是 header，说明文件的名称、大小和用途。",
            "The first message is the header: the file's name, size and purpose.",
        )),
    }
}

/// The next message; `cut` says what is lost if the caller goes away.
async fn next(
    stream: &mut Streaming<UploadAttachmentRequest>,
    cut: impl FnOnce() -> Text,
) -> Result<Option<UploadAttachmentRequest>, Error> {
    match tokio::time::timeout(PATIENCE, stream.message()).await {
        Ok(Ok(message)) => Ok(message),
        Ok(Err(status)) if status.code() == tonic::Code::OutOfRange => {
            Err(Error::invalid("chunk", "每块最多 1 MiB。", "A chunk has at most 1 MiB."))
        }
        Ok(Err(_)) | Err(_) => Err(refused("size", cut())),
    }
}

fn refused(field: &str, text: Text) -> Error {
    Error::Invalid(vec![Violation { field: field.to_owned(), description: text }])
}

/// What the content is, if it is taken.
async fn recognised(header: &Header, content: Bytes) -> Result<String, Error> {
    let (allowed, name) = (header.allowed.clone(), header.file_name.clone());
    let declared = header.sha256.clone();
    let checked = tokio::task::spawn_blocking(move || {
        // A file that was damaged on the way is told as such, not as a strange one.
        if declared.is_some_and(|declared| declared != sha256_of(&content)) {
            return Err(("sha256", rules::altered()));
        }
        allowed
            .check(&name, &content)
            .map_err(|refusal| ("file", Text::new(refusal.message_zh(), refusal.message_en())))
    });
    match checked.await.map_err(Error::internal)? {
        Ok(kind) => Ok(kind.media_type().to_owned()),
        Err((field, text)) => Err(refused(field, text)),
    }
}

/// Whether one more file may be kept.
fn check_room(bounds: &AttachmentRules, header: &Header, present: &[attachment::Model]) -> Result<(), Error> {
    let alike = present.iter().filter(|row| {
        row.purpose == header.purpose.as_str()
            && (header.purpose != Purpose::Annex || row.annex_code == header.annex_code)
    });
    let most = header.allowed.max_files;
    if alike.count() as u64 >= u64::from(most) {
        return Err(Error::illegal_state(
            "attachments",
            format!("这一项最多 {most} 个文件，已经有 {most} 个。请先删去不用的，再上传。"),
            format!(
                "There may be {most} of these, and there are. Delete one that is not needed, then upload it."
            ),
        ));
    }
    check_total(bounds, present, header.size, 1)
}

/// Whether so many more files, with so many bytes in all, may be kept.
pub(in crate::rpc::submission) fn check_total(
    bounds: &AttachmentRules,
    present: &[attachment::Model],
    bytes: u64,
    files: usize,
) -> Result<(), Error> {
    let used: u64 = present.iter().map(|row| u64::try_from(row.size).unwrap_or_default()).sum();
    let most = bounds.max_total_bytes >> 20;
    if used + bytes > bounds.max_total_bytes || (present.len() + files) as u64 > bounds.max_files {
        let count = bounds.max_files;
        return Err(Error::illegal_state(
            "attachments",
            format!("一份年报的附件最多 {count} 个、共 {most} MB，放不下了。请先删去不用的文件。"),
            format!(
                "A report has at most {count} files of {most} MB in all; these do not fit. Delete what is not needed first."
            ),
        ));
    }
    Ok(())
}
