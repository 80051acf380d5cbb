//! The reports that anybody may read, indexed for search: built from the public contract, and built anew when what is public
//! changes. What did not change is taken over, not fetched again.

use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, Weak},
    time::Duration,
};

use futures::{StreamExt, TryStreamExt, stream};
use tokio::sync::{Mutex, RwLock, watch};
use zhijian_platform::{Clients, Lang};
use zhijian_proto::{
    common::v1::Text,
    submission::v1::{
        CountPublicReportsRequest, GetPublicReportRequest, GetPublicReportResponse, ListPublicReportsRequest,
        PublicReport,
    },
};
use zhijian_search::{Builder, Document, Index};

use super::session::Portal;
use crate::pages::lookup::WHOLE_PAGE;

/// The facets, in order: year, kind of report, district, section or case.
pub const FACETS: [&str; 4] = ["year", "kind", "district", "part"];
/// The value of the last facet for cases.
pub const CASE: &str = "case";
/// How often it is asked whether anything changed.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How many reports are fetched at once.
const AT_ONCE: usize = 8;

/// Every public report, and the index of what they say.
pub struct Library {
    version: String,
    /// What they say. A document's key is the report's id, a slash, and the place in its page.
    pub index: Index,
    reports: HashMap<String, Held>,
    /// What kinds of report and sections are called, by code.
    pub names: HashMap<String, Text>,
}

struct Held {
    report: PublicReport,
    documents: Range<usize>,
}

impl Library {
    /// The report of a document, and the place in its page.
    pub fn place<'a>(&self, key: &'a str) -> Option<(&PublicReport, &'a str)> {
        let (id, place) = key.split_once('/')?;
        self.reports.get(id).map(|held| (&held.report, place))
    }
}

/// Where the library is kept while it is looked after.
#[derive(Clone, Default)]
pub struct Shelf(Arc<Inner>);

#[derive(Default)]
struct Inner {
    library: RwLock<Option<Arc<Library>>>,
    building: Mutex<()>,
    built: watch::Sender<u64>,
}

impl Shelf {
    /// The library as it stands; nothing before it was first built.
    pub async fn library(&self) -> Option<Arc<Library>> {
        self.0.library.read().await.clone()
    }

    /// The library; waits for it to be built the first time, but no longer than that.
    pub async fn library_within(&self, longest: Duration) -> Option<Arc<Library>> {
        let mut built = self.0.built.subscribe();
        if let Some(library) = self.library().await {
            return Some(library);
        }
        let _ = tokio::time::timeout(longest, built.changed()).await;
        self.library().await
    }

    /// Builds the library if what is public has changed since.
    ///
    /// # Errors
    /// Those of the services.
    pub async fn refresh(&self, clients: &Clients) -> Result<(), tonic::Status> {
        let _one_at_a_time = self.0.building.lock().await;
        let counted =
            clients.public_reports().count_public_reports(CountPublicReportsRequest {}).await?.into_inner();
        let before = self.library().await;
        if before.as_ref().is_some_and(|library| library.version == counted.version) {
            return Ok(());
        }
        let library = build(clients, counted.version, before.as_deref()).await?;
        tracing::info!(reports = library.reports.len(), parts = library.index.len(), "reports are indexed");
        *self.0.library.write().await = Some(Arc::new(library));
        self.0.built.send_modify(|count| *count += 1);
        Ok(())
    }
}

/// Keeps the portal's library up to date for as long as the portal is there.
pub fn look_after(portal: &Portal) {
    let (shelf, clients): (Weak<Inner>, _) =
        (Arc::downgrade(&portal.shelf().0), portal.anonymous(Lang::default()));
    tokio::spawn(async move {
        while let Some(inner) = shelf.upgrade() {
            if let Err(status) = Shelf(inner).refresh(&clients).await {
                tracing::debug!(%status, "the reports could not be indexed; it will be tried again");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    });
}

async fn build(
    clients: &Clients,
    version: String,
    before: Option<&Library>,
) -> Result<Library, tonic::Status> {
    let mut library =
        Library { version, index: Index::default(), reports: HashMap::new(), names: HashMap::new() };
    library.names.extend(before.into_iter().flat_map(|before| before.names.clone()));
    let mut builder = Builder::new(FACETS.len());
    let mut count = 0;
    let mut page_token = String::new();
    loop {
        let request = ListPublicReportsRequest { page_size: WHOLE_PAGE, page_token, ..Default::default() };
        let page = clients.public_reports().list_public_reports(request).await?.into_inner();
        let mut read =
            stream::iter(page.reports).map(|report| read(clients, report, before)).buffered(AT_ONCE);
        while let Some((report, read)) = read.try_next().await? {
            let start = count;
            for document in documents(&report, read, &mut library.names) {
                builder.add(document);
                count += 1;
            }
            library.names.insert(report.report_kind.clone(), report.kind_name.clone().unwrap_or_default());
            library.reports.insert(report.submission_id.clone(), Held { report, documents: start..count });
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    library.index = builder.finish();
    Ok(library)
}

/// What a report says.
enum Read {
    /// As it was indexed before.
    Before(Vec<Document>),
    /// As it was fetched now.
    Now(Box<GetPublicReportResponse>),
}

async fn read(
    clients: &Clients,
    report: PublicReport,
    before: Option<&Library>,
) -> Result<(PublicReport, Read), tonic::Status> {
    let held = before.and_then(|before| before.reports.get(&report.submission_id).map(|held| (before, held)));
    if let Some((before, held)) = held.filter(|(_, held)| held.report == report) {
        let documents = before.index.documents()[held.documents.clone()].to_vec();
        return Ok((report, Read::Before(documents)));
    }
    let request = GetPublicReportRequest { submission_id: report.submission_id.clone() };
    let answer = clients.public_reports().get_public_report(request).await?.into_inner();
    Ok((report, Read::Now(Box::new(answer))))
}

fn documents(report: &PublicReport, read: Read, names: &mut HashMap<String, Text>) -> Vec<Document> {
    let answer = match read {
        Read::Before(documents) => return documents,
        Read::Now(answer) => answer,
    };
    let name = |text: Option<&Text>| text.map(|text| text.zh.clone()).unwrap_or_default();
    let document = |place: String, part: &str, title: String, body: &str| Document {
        key: format!("{}/{place}", report.submission_id),
        title,
        name: name(report.subject_name.as_ref()),
        body: plain(body),
        facets: vec![
            report.cycle_year.to_string(),
            report.report_kind.clone(),
            report.district.clone(),
            part.to_owned(),
        ],
    };
    let mut documents = vec![];
    for section in answer.sections {
        let title = name(section.name.as_ref());
        documents.push(document(
            format!("s-{}", section.section_code),
            &section.section_code,
            title,
            &section.body,
        ));
        names.insert(section.section_code, section.name.unwrap_or_default());
    }
    let cases = answer.cases.into_iter();
    documents.extend(cases.map(|case| document(format!("c-{}", case.case_id), CASE, case.title, &case.body)));
    documents
}

/// Markdown without its marks: what is found is shown as a sentence.
fn plain(markdown: &str) -> String {
    let line = |line: &str| {
        let line = line.trim().trim_start_matches(['#', '>', '|', '-', '*']).trim();
        let words = line.replace("**", "").replace('`', "").replace('|', " ");
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    markdown.lines().map(line).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_do_not_stand_between_words() {
        assert_eq!(plain("## 产教融合\n\n- **现场**工程师\n| 甲 | 乙 |\n"), "产教融合\n现场工程师\n甲 乙");
    }
}
