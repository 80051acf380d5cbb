//! Files that a form brings: read up to a bound, checked before anything is sent on, and streamed to their service.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Multipart, Request},
};
use futures::stream;
use http::{HeaderMap, header, request::Parts};
use tokio::sync::Semaphore;
use tonic::Status;
use zhijian_platform::Lang;
use zhijian_proto::submission::v1::{
    Attachment, AttachmentHeader, UploadAttachmentRequest, upload_attachment_request::Part,
};

use super::{
    error::Failure,
    form::{Fault, FormData},
    i18n::words,
    session::Visitor,
};

/// The largest form with files, in mebibytes: the largest file that any service takes.
const MOST: u64 = 128;
const MEBIBYTE: u64 = 1 << 20;
/// How much of a form that is too large is read and thrown away: a browser shows no answer before it has sent all.
const DISCARDED: u64 = 1024 * MEBIBYTE;
/// The reason of a failure to take a form with files in.
pub const UPLOAD_REFUSED: &str = "UPLOAD_REFUSED";
/// How much goes into one message to a service.
const CHUNK: usize = 512 << 10;
/// Forms are held in memory while they arrive: a permit for each mebibyte.
static ARRIVING: Semaphore = Semaphore::const_new(256);

/// A file as it was brought.
#[derive(Debug, Clone)]
pub struct Brought {
    /// The name it has on its owner's machine, without a path.
    pub file_name: String,
    /// Its content.
    pub content: Bytes,
}

/// The files of a posted form, by field.
#[derive(Debug, Clone, Default)]
pub struct Files(Arc<Vec<(String, Brought)>>);

impl Files {
    /// The file chosen in a field; nothing if none was.
    pub fn get(&self, field: &str) -> Option<&Brought> {
        self.0
            .iter()
            .find(|(name, brought)| name == field && !brought.file_name.is_empty())
            .map(|(_, brought)| brought)
    }

    /// The file chosen in a field.
    ///
    /// # Errors
    /// The fault to show beside the field if none was chosen.
    pub fn chosen(&self, lang: Lang, field: &str) -> Result<&Brought, Fault> {
        self.get(field).ok_or_else(|| Fault {
            field: field.to_owned(),
            message: words(lang)("请选择要上传的文件。", "Choose the file to upload.").to_owned(),
        })
    }
}

/// Whether a request carries a form with files.
pub fn brings_files(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data"))
}

/// Reads a form with files.
///
/// # Errors
/// If it is too large, or is cut off.
pub async fn read(lang: Lang, request: Request) -> Result<(FormData, Files), Failure> {
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
        .unwrap_or(MOST * MEBIBYTE);
    if declared > (MOST + 1) * MEBIBYTE {
        discard(request.into_body()).await;
        return Err(too_large(lang, declared));
    }
    let permits = u32::try_from(declared.div_ceil(MEBIBYTE).clamp(1, MOST)).unwrap_or(1);
    let _turn = ARRIVING.acquire_many(permits).await.map_err(|_| cut_off(lang))?;
    let mut request = request;
    axum::extract::DefaultBodyLimit::max(usize::try_from((MOST + 1) * MEBIBYTE).unwrap_or(usize::MAX))
        .apply(&mut request);
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| cut_off(lang))?;
    let (mut pairs, mut files) = (vec![], vec![]);
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(error) => return Err(of(lang, &error)),
        };
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(base_name) {
            Some(file_name) => {
                let content = field.bytes().await.map_err(|error| of(lang, &error))?;
                files.push((name, Brought { file_name, content }));
            }
            None => pairs.push((name, field.text().await.map_err(|error| of(lang, &error))?)),
        }
    }
    Ok((FormData::new(pairs), Files(Arc::new(files))))
}

async fn discard(body: Body) {
    use futures::StreamExt;
    let mut stream = body.into_data_stream();
    let mut passed = 0_u64;
    while let Some(Ok(chunk)) = stream.next().await {
        passed += chunk.len() as u64;
        if passed > DISCARDED {
            return;
        }
    }
}

fn of(lang: Lang, error: &axum::extract::multipart::MultipartError) -> Failure {
    if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE { too_large(lang, 0) } else { cut_off(lang) }
}

fn too_large(lang: Lang, size: u64) -> Failure {
    let size = size.div_ceil(MEBIBYTE);
    let message = if size > 0 {
        say!(
            lang,
            "这次上传有 {size} MB，最多 {MOST} MB，没有接收。请压缩图片、删去无关内容或拆分后再上传。",
            "This upload has {size} MB; at most {MOST} MB are taken. Shrink its pictures, or split it."
        )
    } else {
        say!(
            lang,
            "这次上传超过 {MOST} MB，没有接收。请压缩图片、删去无关内容或拆分后再上传。",
            "This upload has more than {MOST} MB. Shrink its pictures, or split it."
        )
    };
    Failure { message, reason: UPLOAD_REFUSED.to_owned(), ..Failure::refused(tonic::Code::InvalidArgument) }
}

fn cut_off(lang: Lang) -> Failure {
    let message = words(lang)(
        "上传没有完成，可能网络中断。请返回上一页重新上传。",
        "The upload did not arrive whole. Go back and upload it again.",
    );
    Failure {
        message: message.to_owned(),
        reason: UPLOAD_REFUSED.to_owned(),
        ..Failure::refused(tonic::Code::InvalidArgument)
    }
}

fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned()
}

/// Sends a file on, in chunks.
///
/// # Errors
/// What the service answers.
pub async fn send(
    visitor: &Visitor,
    header: AttachmentHeader,
    brought: &Brought,
) -> Result<Attachment, Status> {
    let header = AttachmentHeader {
        file_name: brought.file_name.clone(),
        size: i64::try_from(brought.content.len()).unwrap_or(i64::MAX),
        ..header
    };
    let content = brought.content.clone();
    let count = content.len().div_ceil(CHUNK);
    let chunks = (0..count).map(move |at| {
        let chunk = &content[at * CHUNK..((at + 1) * CHUNK).min(content.len())];
        UploadAttachmentRequest { part: Some(Part::Chunk(chunk.to_vec())) }
    });
    let first = UploadAttachmentRequest { part: Some(Part::Header(header)) };
    let messages = stream::iter(std::iter::once(first).chain(chunks));
    let answer = visitor.clients().attachments().upload_attachment(messages).await?;
    Ok(answer.into_inner().attachment.unwrap_or_default())
}

/// Put there by the pages' outer layer.
impl<S: Sync> FromRequestParts<S> for Files {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str, length: Option<u64>) -> Request {
        let mut request = Request::post("/").header("content-type", "multipart/form-data; boundary=x");
        if let Some(length) = length {
            request = request.header("content-length", length);
        }
        request.body(Body::from(body.to_owned())).expect("a request")
    }

    const FORM: &str = "--x\r\nContent-Disposition: form-data; name=\"caption\"\r\n\r\n图 1\r\n--x\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"C:\\照片\\a.png\"\r\nContent-Type: image/png\r\n\r\nPNG\r\n\
        --x\r\nContent-Disposition: form-data; name=\"other\"; filename=\"\"\r\n\r\n\r\n--x--\r\n";

    #[tokio::test]
    async fn fields_and_files_are_told_apart() {
        let (form, files) = read(Lang::Zh, request(FORM, None)).await.expect("read");
        assert_eq!(form.get("caption"), "图 1");
        let brought = files.chosen(Lang::Zh, "file").expect("a file");
        assert_eq!((brought.file_name.as_str(), brought.content.as_ref()), ("a.png", b"PNG".as_slice()));
        assert_eq!(files.chosen(Lang::Zh, "other").unwrap_err().field, "other");
        assert!(files.get("caption").is_none());
    }

    #[tokio::test]
    async fn what_is_too_large_or_cut_off_is_told_in_words() {
        let large = read(Lang::Zh, request("", Some(200 << 20))).await.expect_err("refused");
        assert!(large.message.contains("200 MB") && large.message.contains("128 MB"), "{}", large.message);
        let cut = read(Lang::Zh, request(&FORM[..150], None)).await.expect_err("refused");
        assert!(cut.message.contains("上传没有完成"), "{}", cut.message);
    }

    #[test]
    fn forms_with_files_are_told_by_their_type() {
        let headers = |kind: &'static str| {
            HeaderMap::from_iter([(header::CONTENT_TYPE, http::HeaderValue::from_static(kind))])
        };
        assert!(brings_files(&headers("multipart/form-data; boundary=x")));
        assert!(!brings_files(&headers("application/x-www-form-urlencoded")));
        assert!(!brings_files(&HeaderMap::new()));
    }
}
