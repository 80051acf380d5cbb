//! AttachmentService: a file is read whole, told what it is by its content, stored, and only then named by a row.

mod download;
mod upload;

use std::collections::HashMap;

use futures::stream::BoxStream;
use serde_json::json;
use tonic::{Request, Response, Status, Streaming};
use zhijian_platform::{Call, Error, Grant, Text, Tx, Violation, etag};
use zhijian_proto::submission::v1::{
    DeleteAttachmentRequest, DeleteAttachmentResponse, DescribeAttachmentRequest, DescribeAttachmentResponse,
    DownloadAttachmentRequest, DownloadAttachmentResponse, ListAttachmentsRequest, ListAttachmentsResponse,
    UploadAttachmentRequest, UploadAttachmentResponse, attachment_service_server::AttachmentService,
};

use super::{Moving, audited, begin, finish, material, working::kind_of};
use crate::{
    domain::{
        attachment::{self as rules, referred},
        submission::Move,
    },
    rpc::{Actor, Rpc},
    store::{attachment, case, material as materials, report, section},
};

pub(super) use upload::{add, check_total};

#[tonic::async_trait]
impl AttachmentService for Rpc {
    async fn upload_attachment(
        &self,
        request: Request<Streaming<UploadAttachmentRequest>>,
    ) -> Result<Response<UploadAttachmentResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.upload(call, request.into_inner()).await?))
    }

    async fn list_attachments(
        &self,
        request: Request<ListAttachmentsRequest>,
    ) -> Result<Response<ListAttachmentsResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.attachments(call, request.into_inner()).await?))
    }

    type DownloadAttachmentStream = BoxStream<'static, Result<DownloadAttachmentResponse, Status>>;

    async fn download_attachment(
        &self,
        request: Request<DownloadAttachmentRequest>,
    ) -> Result<Response<Self::DownloadAttachmentStream>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.download(call, request.into_inner()).await?))
    }

    async fn describe_attachment(
        &self,
        request: Request<DescribeAttachmentRequest>,
    ) -> Result<Response<DescribeAttachmentResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.describe(call, request.into_inner()).await?))
    }

    async fn delete_attachment(
        &self,
        request: Request<DeleteAttachmentRequest>,
    ) -> Result<Response<DeleteAttachmentResponse>, Status> {
        let call = Call::of(&request)?;
        Ok(Response::new(self.delete_attachment(call, request.into_inner()).await?))
    }
}

impl Rpc {
    async fn attachments(
        &self,
        call: Call,
        input: ListAttachmentsRequest,
    ) -> Result<ListAttachmentsResponse, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let conn = self.ctx.db.reader();
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let attachments = if input.revision_number == 0 {
            let rows = attachment::load(conn, &row.submission_id).await?;
            rows.into_iter().map(material::attachment).collect::<Result<Vec<_>, _>>()?
        } else {
            let frozen = materials::revision(conn, &row.submission_id, input.revision_number).await?;
            let frozen = frozen.attachments.into_iter();
            frozen.map(|frozen| material::frozen_attachment(&row.submission_id, frozen)).collect()
        };
        Ok(ListAttachmentsResponse {
            bytes_used: attachments.iter().map(|attachment| attachment.size).sum(),
            attachments,
            limits: material::limits(&self.files.rules, kind_of(&catalogue, &row)?),
            bytes_allowed: i64::try_from(self.files.rules.max_total_bytes).unwrap_or(i64::MAX),
        })
    }

    async fn describe(
        &self,
        call: Call,
        input: DescribeAttachmentRequest,
    ) -> Result<DescribeAttachmentResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let mut violations = vec![];
        rules::check_section(kind_of(&catalogue, &row)?, &input.section_code, &mut violations);
        rules::check_description(&input.caption, &input.alt_text, &mut violations);
        if !violations.is_empty() {
            return Err(Error::Invalid(violations));
        }
        let actor = Actor::of(&call);
        let given = input.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let mut stored =
                        attachment::get(tx.conn(), &row.submission_id, &given.attachment_id).await?;
                    check_etag(&given.etag, &stored)?;
                    stored.caption = given.caption.trim().to_owned();
                    stored.alt_text = given.alt_text.trim().to_owned();
                    stored.section_code = given.section_code;
                    let stored = attachment::describe(tx.conn(), stored).await?;
                    let detail = json!({
                        "attachment": stored.attachment_id,
                        "caption": stored.caption,
                        "alt_text": stored.alt_text,
                        "section": stored.section_code,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    finish(tx, row, next, actor, "").await?;
                    Ok(DescribeAttachmentResponse { attachment: Some(material::attachment(stored)?) })
                })
            })
            .await
    }

    async fn delete_attachment(
        &self,
        call: Call,
        input: DeleteAttachmentRequest,
    ) -> Result<DeleteAttachmentResponse, Error> {
        let (row, grant) = self.admit(&call, &input.submission_id).await?;
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let kind = kind_of(&catalogue, &row)?;
        let names: HashMap<String, Text> =
            kind.sections.iter().map(|section| (section.code.clone(), section.name.clone())).collect();
        let actor = Actor::of(&call);
        let given = input.clone();
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let Moving { row, next, .. } = begin(tx, &row.submission_id, Move::Edit).await?;
                    let stored = attachment::get(tx.conn(), &row.submission_id, &given.attachment_id).await?;
                    check_etag(&given.etag, &stored)?;
                    check_unused(tx, &row, &stored.attachment_id, &names).await?;
                    attachment::delete(tx.conn(), &stored.attachment_id).await?;
                    let detail = json!({
                        "attachment": stored.attachment_id,
                        "deleted": stored.file_name,
                        "sha256": stored.sha256,
                    });
                    tx.audit(audited(&row.submission_id), detail);
                    finish(tx, row, next, actor, "").await?;
                    Ok(DeleteAttachmentResponse {})
                })
            })
            .await
    }

    /// The submission and the grant, for the other services of this topic.
    pub(super) async fn admitted(
        &self,
        call: &Call,
        submission_id: &str,
    ) -> Result<(report::Model, Grant), Error> {
        self.admit(call, submission_id).await
    }
}

fn check_etag(given: &str, stored: &attachment::Model) -> Result<(), Error> {
    match etag::check(given, stored.version) {
        Err(Error::EtagMismatch { mut current }) => {
            current.insert("attachment_id".to_owned(), stored.attachment_id.clone());
            current.insert("current_caption".to_owned(), stored.caption.clone());
            current.insert("current_alt_text".to_owned(), stored.alt_text.clone());
            Err(Error::EtagMismatch { current })
        }
        other => other,
    }
}

/// Refuses while a section or a case still shows the file.
async fn check_unused(
    tx: &Tx<'_>,
    row: &report::Model,
    attachment_id: &str,
    names: &HashMap<String, Text>,
) -> Result<(), Error> {
    let mut violations = vec![];
    for (code, section) in section::load(tx.conn(), &row.submission_id).await? {
        if referred(&section.body).any(|id| id == attachment_id) {
            let name = names.get(&code).cloned().unwrap_or_else(|| Text::new(&code, &code));
            violations.push(Violation::new(
                format!("section/{code}"),
                format!("“{}”一节的正文还在用这张图片。请先从正文中删去，再删除文件。", name.zh),
                format!("The section “{}” still shows this picture. Take it out of the text first.", name.en),
            ));
        }
    }
    for case in case::load(tx.conn(), &row.submission_id).await? {
        let case = case.case()?;
        if case.pictures.iter().any(|picture| picture.attachment_id == attachment_id) {
            violations.push(Violation::new(
                format!("case/{}", case.case_id),
                format!("案例“{}”还在用这张图片。请先从案例中取下，再删除文件。", case.title),
                format!("The case “{}” still shows this picture. Take it out of the case first.", case.title),
            ));
        }
    }
    if violations.is_empty() {
        return Ok(());
    }
    Err(Error::Precondition { reason: zhijian_proto::common::v1::ErrorReason::IllegalState, violations })
}
