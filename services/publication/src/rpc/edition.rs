//! EditionService.

use futures::stream::{self, BoxStream, StreamExt};
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Context, Error, Objects, Page};
use zhijian_proto::publication::v1::{
    self as proto, DownloadEditionRequest, DownloadEditionResponse, GetEditionRequest, GetEditionResponse,
    ListEditionsRequest, ListEditionsResponse, download_edition_request,
    edition_service_server::EditionService, get_edition_request,
};
use zhijian_typeset::{Document, docx, html, markdown, pdf};

use super::{early, reading};
use crate::{
    domain::edition::{of_draft, of_version, unlinked},
    store::{self, edition::Edition, table::Source},
};

/// The longest query, in characters.
const MAX_QUERY: usize = 100;
/// How many bytes one part of a file has.
const PART: usize = 64 * 1024;

/// Reads the editions of releases.
pub struct Editions {
    ctx: Context,
    objects: Objects,
}

impl Editions {
    pub fn new(ctx: Context, objects: Objects) -> Self {
        Self { ctx, objects }
    }

    /// An edition of a release that the caller may read, with its document.
    async fn read(&self, call: &Call, asked: Asked<'_>) -> Result<(Edition, Document), Error> {
        let conn = self.ctx.db.reader();
        let reading = reading(call, conn, asked.year, asked.version, asked.draft).await?;
        let year = reading.release.year;
        let edition = store::edition::find(conn, year, reading.source, asked.code).await?;
        if reading.early {
            early::record(&self.ctx, call, year, asked.code).await?;
        }
        let bytes = self.objects.bytes(&edition.document_hash).await?;
        let document = serde_json::from_slice(&bytes).map_err(Error::internal)?;
        let document = match reading.source {
            Source::Version(number) if asked.version > 0 => of_version(document, number),
            Source::Working if asked.draft => of_draft(document),
            Source::Version(_) | Source::Working => document,
        };
        Ok((edition, document))
    }
}

/// Which edition is asked for.
struct Asked<'a> {
    year: i32,
    code: &'a str,
    version: i32,
    draft: bool,
}

#[tonic::async_trait]
impl EditionService for Editions {
    async fn list_editions(
        &self,
        request: Request<ListEditionsRequest>,
    ) -> Result<Response<ListEditionsResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let conn = self.ctx.db.reader();
        let reading = reading(&call, conn, input.year, input.version, input.draft).await?;
        let year = reading.release.year;
        let query = input.query.trim();
        if query.chars().count() > MAX_QUERY {
            return Err(Error::invalid(
                "query",
                format!("查找的文字最多 {MAX_QUERY} 个字。"),
                format!("A query has at most {MAX_QUERY} characters."),
            )
            .into());
        }
        let page = Page::parse(input.page_size, &input.page_token)?;
        let editions = store::edition::list(conn, year, reading.source, &page, query).await?;
        let (editions, next_page_token) = page.finish(editions, |edition| edition.place.to_string());
        let editions = editions.into_iter().map(|edition| shown(year, edition)).collect();
        Ok(Response::new(ListEditionsResponse { editions, next_page_token }))
    }

    async fn get_edition(
        &self,
        request: Request<GetEditionRequest>,
    ) -> Result<Response<GetEditionResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let asked = Asked { year: input.year, code: &input.code, version: input.version, draft: input.draft };
        let (edition, document) = self.read(&call, asked).await?;
        let set: fn(&Document) -> String = match input.form() {
            get_edition_request::Form::Html => html::fragment,
            get_edition_request::Form::Markdown => plain,
            get_edition_request::Form::Unspecified => return Err(no_form().into()),
        };
        let content = off_thread(move || Ok(set(&document))).await?;
        Ok(Response::new(GetEditionResponse { edition: Some(shown(input.year, edition)), content }))
    }

    type DownloadEditionStream = BoxStream<'static, Result<DownloadEditionResponse, Status>>;

    async fn download_edition(
        &self,
        request: Request<DownloadEditionRequest>,
    ) -> Result<Response<Self::DownloadEditionStream>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        let asked = Asked { year: input.year, code: &input.code, version: input.version, draft: input.draft };
        let (edition, document) = self.read(&call, asked).await?;
        let form = input.form();
        let (ending, media_type) = match form {
            download_edition_request::Form::Pdf => ("pdf", "application/pdf"),
            download_edition_request::Form::Docx => {
                ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
            }
            download_edition_request::Form::Markdown => ("md", "text/markdown; charset=utf-8"),
            download_edition_request::Form::Unspecified => return Err(no_form().into()),
        };
        let file = off_thread(move || match form {
            download_edition_request::Form::Pdf => pdf::bytes(&document).map_err(Error::internal),
            download_edition_request::Form::Docx => docx::bytes(&document).map_err(Error::internal),
            _ => Ok(plain(&document).into_bytes()),
        })
        .await?;
        let head = DownloadEditionResponse {
            file_name: format!("{}-{}.{ending}", input.year, edition.code),
            media_type: media_type.to_owned(),
            part: vec![],
        };
        let parts: Vec<DownloadEditionResponse> = file
            .chunks(PART)
            .map(|part| DownloadEditionResponse { part: part.to_vec(), ..Default::default() })
            .collect();
        Ok(Response::new(stream::iter([head].into_iter().chain(parts).map(Ok)).boxed()))
    }
}

/// As Markdown, which leaves the site: without the links that mean something here alone.
fn plain(document: &Document) -> String {
    markdown::text(&unlinked(document.clone()))
}

fn shown(year: i32, edition: Edition) -> proto::Edition {
    proto::Edition {
        year,
        code: edition.code,
        title: Some(edition.title.into()),
        organisation_code: edition.organisation_code,
        figure_count: edition.figures,
        table_count: edition.tables,
        value_count: edition.values,
        content_hash: edition.document_hash,
    }
}

fn no_form() -> Error {
    Error::invalid("form", "请指定格式。", "Say in which form.")
}

/// Setting a book takes seconds: it is not done where requests are answered.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
