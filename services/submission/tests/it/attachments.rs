use std::{sync::Arc, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};
use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::{
    attachment::Purpose, download_attachment_response, upload_attachment_request::Part, *,
};

use crate::{
    files::{archive, pdf, png, sha256},
    harness::*,
};

pub fn header(submission: &Submission, purpose: Purpose, name: &str, content: &[u8]) -> AttachmentHeader {
    AttachmentHeader {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        purpose: purpose.into(),
        annex_code: if purpose == Purpose::Annex { "declaration".into() } else { String::new() },
        file_name: name.into(),
        size: i64::try_from(content.len()).expect("small"),
        ..Default::default()
    }
}

/// Sends a header and its content in chunks of 1,000 bytes.
pub async fn send(clients: &Clients, header: AttachmentHeader, content: &[u8]) -> Result<Attachment, Status> {
    let part = |part| UploadAttachmentRequest { part: Some(part) };
    let mut messages = vec![part(Part::Header(header))];
    messages.extend(content.chunks(1000).map(|chunk| part(Part::Chunk(chunk.to_vec()))));
    let answer = clients.attachments().upload_attachment(stream::iter(messages)).await?;
    Ok(answer.into_inner().attachment.expect("an attachment"))
}

pub async fn list(
    clients: &Clients,
    submission: &Submission,
    revision_number: i32,
) -> ListAttachmentsResponse {
    let request = ListAttachmentsRequest { submission_id: submission.submission_id.clone(), revision_number };
    clients.attachments().list_attachments(request).await.expect("listed").into_inner()
}

async fn download(
    clients: &Clients,
    submission: &Submission,
    attachment_id: &str,
    (revision_number, offset, length): (i32, i64, i64),
) -> Result<(Attachment, Vec<u8>), Status> {
    let request = DownloadAttachmentRequest {
        submission_id: submission.submission_id.clone(),
        attachment_id: attachment_id.to_owned(),
        revision_number,
        offset,
        length,
    };
    let mut stream = clients.attachments().download_attachment(request).await?.into_inner();
    let Some(download_attachment_response::Part::Attachment(found)) =
        stream.message().await?.and_then(|message| message.part)
    else {
        panic!("the description comes first")
    };
    let mut content = vec![];
    while let Some(message) = stream.message().await? {
        match message.part {
            Some(download_attachment_response::Part::Chunk(chunk)) => content.extend(chunk),
            other => panic!("only chunks follow: {other:?}"),
        }
    }
    Ok((found, content))
}

async fn delete(clients: &Clients, attachment: &Attachment) -> Result<(), Status> {
    let request = DeleteAttachmentRequest {
        request_id: id(),
        submission_id: attachment.submission_id.clone(),
        attachment_id: attachment.attachment_id.clone(),
        etag: attachment.etag.clone(),
    };
    clients.attachments().delete_attachment(request).await.map(|_| ())
}

async fn draft(world: &World) -> (Submission, Clients) {
    world.collecting(2026, None).await;
    let submission = world.create(2026, "higher", COLLEGE, "").await;
    let school = world.school(COLLEGE);
    (submission, school)
}

#[tokio::test]
async fn a_file_is_kept_described_read_in_parts_and_removed() {
    each(|world| async move {
        let (submission, school) = draft(&world).await;
        let content = pdf(&"长".repeat(20_000));
        let given = AttachmentHeader {
            sha256: sha256(&content),
            ..header(&submission, Purpose::Annex, "C:\\扫描\\声明 (盖章).PDF", &content)
        };
        let kept = send(&school, given.clone(), &content).await.unwrap();
        assert!(kept.attachment_id.starts_with("att_"), "{kept:?}");
        assert_eq!(
            (kept.file_name.as_str(), kept.media_type.as_str()),
            ("声明 (盖章).PDF", "application/pdf")
        );
        assert_eq!((kept.sha256.as_str(), kept.size), (sha256(&content).as_str(), given.size));
        assert_eq!(kept.account_name, format!("acc_{COLLEGE}"));

        let again = send(&school, given.clone(), &content).await.unwrap();
        assert_eq!(again, kept, "a repeated request is answered once");
        let other = pdf("另一份");
        let reused = AttachmentHeader { size: other.len() as i64, sha256: String::new(), ..given };
        assert_eq!(reason(&send(&school, reused, &other).await.unwrap_err()), "REQUEST_REUSED");

        let listed = list(&school, &submission, 0).await;
        assert_eq!(listed.attachments, std::slice::from_ref(&kept));
        assert_eq!(listed.bytes_used, kept.size);
        let declaration = listed.limits.iter().find(|limit| limit.annex_code == "declaration").unwrap();
        assert!(declaration.required && declaration.signed && declaration.max_bytes > 0);

        let (found, whole) = download(&school, &submission, &kept.attachment_id, (0, 0, 0)).await.unwrap();
        assert_eq!((found, whole.as_slice()), (kept.clone(), content.as_slice()));
        let (_, part) = download(&school, &submission, &kept.attachment_id, (0, 1000, 10)).await.unwrap();
        assert_eq!(part, &content[1000..1010]);
        let (_, tail) =
            download(&school, &submission, &kept.attachment_id, (0, kept.size - 3, 500)).await.unwrap();
        assert_eq!(tail, &content[content.len() - 3..]);
        let behind =
            download(&school, &submission, &kept.attachment_id, (0, kept.size + 9, 0)).await.unwrap();
        assert!(behind.1.is_empty());

        let request = DescribeAttachmentRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            attachment_id: kept.attachment_id.clone(),
            etag: kept.etag.clone(),
            caption: " 声明 ".into(),
            alt_text: String::new(),
            section_code: "overview".into(),
        };
        let described = school.attachments().describe_attachment(request.clone()).await.unwrap();
        let described = described.into_inner().attachment.unwrap();
        assert_eq!((described.caption.as_str(), described.section_code.as_str()), ("声明", "overview"));
        let stale = DescribeAttachmentRequest { request_id: id(), ..request };
        let stale = school.attachments().describe_attachment(stale).await.unwrap_err();
        assert_eq!((stale.code(), metadata(&stale, "current_caption").as_str()), (Code::Aborted, "声明"));

        assert_eq!(delete(&school, &kept).await.unwrap_err().code(), Code::Aborted);
        delete(&school, &described).await.unwrap();
        assert!(list(&school, &submission, 0).await.attachments.is_empty());
        let gone = download(&school, &submission, &kept.attachment_id, (0, 0, 0)).await.unwrap_err();
        assert_eq!(gone.code(), Code::NotFound);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_by_name_and_leaves_nothing() {
    each(|world| async move {
        let (submission, school) = draft(&world).await;
        let content_types = "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.ms-word.document.macroEnabled.main+xml\"/></Types>";
        let macros = archive(&[
            ("[Content_Types].xml", content_types.as_bytes()),
            ("word/document.xml", b"<w/>"),
            ("word/vbaProject.bin", b"macro"),
        ]);
        let zeros = vec![0_u8; 60 << 20];
        let types = "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
        let bomb =
            archive(&[("[Content_Types].xml", types.as_bytes()), ("word/document.xml", b"<w/>"), ("word/media/a.bin", &zeros)]);
        let cases: [(&str, Purpose, Vec<u8>, &str); 7] = [
            ("年报.docm", Purpose::Report, macros.clone(), "宏"),
            ("年报.docx", Purpose::Report, macros, "宏"),
            ("年报.docx", Purpose::Report, bomb, "压缩炸弹"),
            ("照片.png", Purpose::Picture, pdf("x"), "PDF"),
            ("照片.pdf", Purpose::Picture, pdf("x"), "PDF"),
            ("声明.pdf", Purpose::Annex, png(), "PNG"),
            ("声明.pdf", Purpose::Annex, b"MZ\x90\0\x03\0\0\0".to_vec(), "程序"),
        ];
        for (name, purpose, content, word) in cases {
            let refused = send(&school, header(&submission, purpose, name, &content), &content).await.unwrap_err();
            let named = violations(&refused);
            assert!(named[0].1.contains(word), "{name}: {named:?}");
        }
        // A file of 200 MiB is refused by its header: no byte of it is sent.
        let huge = AttachmentHeader { size: 200 << 20, ..header(&submission, Purpose::Picture, "照片.png", &[]) };
        let refused = send(&school, huge, &[]).await.unwrap_err();
        assert!(violations(&refused)[0].1.contains("200 MB"), "{refused:?}");

        let content = pdf("声明");
        let whole = header(&submission, Purpose::Annex, "声明.pdf", &content);
        let cut = send(&school, whole.clone(), &content[..50]).await.unwrap_err();
        assert!(violations(&cut)[0].1.contains("只收到 50 字节"), "{cut:?}");
        let short = AttachmentHeader { size: 50, request_id: id(), ..whole.clone() };
        assert_eq!(violations(&send(&school, short, &content).await.unwrap_err())[0].0, "size");
        let altered = AttachmentHeader { sha256: "0".repeat(64), request_id: id(), ..whole.clone() };
        assert_eq!(violations(&send(&school, altered, &content).await.unwrap_err())[0].0, "sha256");
        let no_header = UploadAttachmentRequest { part: Some(Part::Chunk(content.clone())) };
        let refused = school.attachments().upload_attachment(stream::iter([no_header])).await.unwrap_err();
        assert_eq!(violations(&refused)[0].0, "header");
        let twice = [whole.clone(), whole.clone()].map(|header| UploadAttachmentRequest { part: Some(Part::Header(header)) });
        let refused = school.attachments().upload_attachment(stream::iter(twice)).await.unwrap_err();
        assert_eq!(violations(&refused)[0].0, "header");

        assert!(list(&school, &submission, 0).await.attachments.is_empty());
        let two = [send(&school, whole.clone(), &content).await, send(&school, AttachmentHeader { request_id: id(), ..whole }, &content).await];
        let [first, second] = two;
        first.unwrap();
        let full = second.unwrap_err();
        assert_eq!(reason(&full), "ILLEGAL_STATE", "one declaration is all that may be: {full:?}");
    })
    .await;
}

#[tokio::test]
async fn a_report_is_not_handed_in_without_its_signed_declaration() {
    each(|world| async move {
        let (submission, school) = draft(&world).await;
        world.fill(&submission).await;
        let declaration = list(&school, &submission, 0).await.attachments.remove(0);
        delete(&school, &declaration).await.unwrap();
        let missing = |response: CheckSubmissionResponse| {
            response.findings.into_iter().any(|finding| finding.finding_id == "C05-ANNEX:declaration")
        };
        assert!(missing(world.check(&submission).await));
        world.approve(&submission).await.unwrap();
        let refused = world.submit(&submission).await.unwrap_err();
        assert!(
            preconditions(&refused).iter().any(|(finding, _)| finding == "C05-ANNEX:declaration"),
            "{refused:?}"
        );
        let content = pdf("声明");
        send(&school, header(&submission, Purpose::Annex, "声明.pdf", &content), &content).await.unwrap();
        assert!(!missing(world.check(&submission).await));
        world.hand_in(&submission).await;
    })
    .await;
}

#[tokio::test]
async fn another_school_learns_nothing_and_the_commission_only_reads() {
    each(|world| async move {
        let (submission, school) = draft(&world).await;
        let content = pdf("声明");
        let kept =
            send(&school, header(&submission, Purpose::Annex, "声明.pdf", &content), &content).await.unwrap();
        let other = world.school(OTHER_COLLEGE);
        let refused = download(&other, &submission, &kept.attachment_id, (0, 0, 0)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let commission = world.commission();
        assert_eq!(
            download(&commission, &submission, &kept.attachment_id, (0, 0, 0)).await.unwrap().1,
            content
        );
        assert_eq!(delete(&commission, &kept).await.unwrap_err().code(), Code::PermissionDenied);
        let upload = send(&commission, header(&submission, Purpose::Picture, "a.png", &png()), &png()).await;
        assert_eq!(upload.unwrap_err().code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn a_revision_keeps_its_files_and_their_objects() {
    each(|world| async move {
        let (submission, school) = draft(&world).await;
        let content = pdf("声明");
        let kept =
            send(&school, header(&submission, Purpose::Annex, "声明.pdf", &content), &content).await.unwrap();
        world.fill(&submission).await;
        let picture =
            send(&school, header(&submission, Purpose::Picture, "实训.png", &png()), &png()).await.unwrap();
        world.hand_in(&submission).await;
        assert_eq!(
            reason(&delete(&school, &kept).await.unwrap_err()),
            "ILLEGAL_STATE",
            "what was handed in does not change"
        );
        world.send_back(&submission, "请更换声明").await.unwrap();
        delete(&school, &kept).await.unwrap();
        assert_eq!(list(&school, &submission, 0).await.attachments, [picture]);
        let frozen = list(&school, &submission, 1).await.attachments;
        assert_eq!(frozen.len(), 2);
        assert_eq!(
            (frozen[0].sha256.as_str(), frozen[0].file_name.as_str()),
            (kept.sha256.as_str(), "声明.pdf")
        );
        let (_, read) = download(&school, &submission, &kept.attachment_id, (1, 0, 0)).await.unwrap();
        assert_eq!(read, content);

        // The sweeper leaves what a revision names, and takes what nobody names.
        let orphan = world.test.ctx.objects.keep(b"orphan"[..].into()).await.unwrap().sha256;
        assert_eq!(zhijian_submission::sweep(&world.test.ctx, Duration::ZERO).await.unwrap(), 1);
        assert!(world.test.ctx.objects.bytes(&orphan).await.is_err());
        assert!(download(&school, &submission, &kept.attachment_id, (1, 0, 0)).await.is_ok());
    })
    .await;
}

/// A store on a disk that is full.
#[derive(Debug)]
struct Full;

impl std::fmt::Display for Full {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a full disk")
    }
}

fn no_space<T>() -> object_store::Result<T> {
    let cause = std::io::Error::from(std::io::ErrorKind::StorageFull);
    Err(object_store::Error::Generic { store: "full", source: Box::new(cause) })
}

#[tonic::async_trait]
impl object_store::ObjectStore for Full {
    async fn put_opts(
        &self,
        _: &object_store::path::Path,
        _: object_store::PutPayload,
        _: object_store::PutOptions,
    ) -> object_store::Result<object_store::PutResult> {
        no_space()
    }

    async fn put_multipart_opts(
        &self,
        _: &object_store::path::Path,
        _: object_store::PutMultipartOptions,
    ) -> object_store::Result<Box<dyn object_store::MultipartUpload>> {
        no_space()
    }

    async fn get_opts(
        &self,
        _: &object_store::path::Path,
        _: object_store::GetOptions,
    ) -> object_store::Result<object_store::GetResult> {
        no_space()
    }

    fn delete_stream(
        &self,
        _: stream::BoxStream<'static, object_store::Result<object_store::path::Path>>,
    ) -> stream::BoxStream<'static, object_store::Result<object_store::path::Path>> {
        stream::once(async { no_space() }).boxed()
    }

    fn list(
        &self,
        _: Option<&object_store::path::Path>,
    ) -> stream::BoxStream<'static, object_store::Result<object_store::ObjectMeta>> {
        stream::once(async { no_space() }).boxed()
    }

    async fn list_with_delimiter(
        &self,
        _: Option<&object_store::path::Path>,
    ) -> object_store::Result<object_store::ListResult> {
        no_space()
    }

    async fn copy_opts(
        &self,
        _: &object_store::path::Path,
        _: &object_store::path::Path,
        _: object_store::CopyOptions,
    ) -> object_store::Result<()> {
        no_space()
    }
}

#[tokio::test]
async fn a_disk_that_is_full_is_told_as_such_and_nothing_is_half_kept() {
    for test in zhijian_platform::testing::contexts().await {
        let mut test = test;
        test.ctx.objects = zhijian_platform::Objects::on(Arc::new(Full), "");
        let world = World::on(test).await;
        let (submission, school) = draft(&world).await;
        let before = world.get(&submission).await;
        let full =
            send(&school, header(&submission, Purpose::Picture, "a.png", &png()), &png()).await.unwrap_err();
        assert_eq!((full.code(), reason(&full).as_str()), (Code::ResourceExhausted, "STORAGE_FULL"));
        assert!(full.message().contains("存储空间已满"), "{full:?}");
        assert!(list(&school, &submission, 0).await.attachments.is_empty());
        assert_eq!(world.get(&submission).await, before);
    }
}

#[tokio::test]
async fn many_arrive_at_once_and_each_is_whole() {
    each(|world| async move {
        let (submission, school) = draft(&world).await;
        let uploads = (0..12).map(|number| {
            let (submission, school) = (submission.clone(), school.clone());
            async move {
                let content = [png(), format!("{number}").into_bytes()].concat();
                let name = format!("图 {number}.png");
                let kept =
                    send(&school, header(&submission, Purpose::Picture, &name, &content), &content).await?;
                let (_, read) = download(&school, &submission, &kept.attachment_id, (0, 0, 0)).await?;
                assert_eq!(read, content);
                Ok::<_, Status>(())
            }
        });
        stream::iter(uploads).buffer_unordered(6).try_collect::<Vec<_>>().await.unwrap();
        assert_eq!(list(&school, &submission, 0).await.attachments.len(), 12);
    })
    .await;
}
