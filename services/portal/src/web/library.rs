//! What anybody may read, indexed for search: the reports of schools and the editions of published releases. Built from the
//! public contracts, and built anew when what is public changes. What did not change is taken over, not fetched again.

mod editions;
mod passages;

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
    publication::v1::Release,
    submission::v1::{
        CountPublicReportsRequest, GetPublicReportRequest, GetPublicReportResponse, ListPublicReportsRequest,
        PublicReport,
    },
};
use zhijian_search::{Builder, Document, Index};

use super::session::Portal;
use crate::pages::lookup::WHOLE_PAGE;
pub use editions::Published;

/// The facets, in order: year, kind of report or edition, district, section or case.
pub const FACETS: [&str; 4] = ["year", "kind", "district", "part"];
/// The value of the last facet for cases.
pub const CASE: &str = "case";
/// How often it is asked whether anything changed.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How many reports are fetched at once.
const AT_ONCE: usize = 8;

/// Every public report and published edition, and the index of what they say.
pub struct Library {
    version: String,
    /// What they say. A document's key is its source's, a slash, and the place in its page.
    pub index: Index,
    /// By key.
    sources: HashMap<String, Held>,
    /// What kinds of report and edition, and sections, are called, by code.
    pub names: HashMap<String, Text>,
}

/// What a document is a part of.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A report that a school handed in.
    Report(PublicReport),
    /// An edition that was compiled and published.
    Edition(Published),
}

struct Held {
    source: Source,
    documents: Range<usize>,
}

impl Source {
    fn key(&self) -> String {
        match self {
            Self::Report(report) => format!("report/{}", report.submission_id),
            Self::Edition(Published { edition, version, .. }) => {
                format!("edition/{}/{version}/{}", edition.year, edition.code)
            }
        }
    }
}

impl Library {
    /// The source of a document, and the place in its page.
    pub fn place<'a>(&self, key: &'a str) -> Option<(&Source, &'a str)> {
        let (source, place) = key.rsplit_once('/')?;
        self.sources.get(source).map(|held| (&held.source, place))
    }

    /// What changes with what can be found.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What was indexed of a source that has not changed since.
    fn kept(&self, source: &Source) -> Option<Vec<Document>> {
        let held = self.sources.get(&source.key()).filter(|held| held.source == *source)?;
        Some(self.index.documents()[held.documents.clone()].to_vec())
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
        let releases = match editions::releases(clients).await {
            Ok(releases) => Some(releases),
            // Reports are found without the editions until those can be had; but none that was found is lost for a while.
            Err(_) if before.is_none() => None,
            Err(status) => return Err(status),
        };
        let published = releases.as_deref().map_or_else(|| "-".to_owned(), editions::version);
        let version = format!("{} {published}", counted.version);
        if before.as_ref().is_some_and(|library| library.version == version) {
            return Ok(());
        }
        let library = build(clients, version, releases.unwrap_or_default(), before.as_deref()).await?;
        tracing::info!(
            sources = library.sources.len(),
            parts = library.index.len(),
            "the search index is built"
        );
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

/// An index that is being built.
struct Building<'a> {
    clients: &'a Clients,
    before: Option<&'a Library>,
    builder: Builder,
    count: usize,
    library: Library,
}

async fn build(
    clients: &Clients,
    version: String,
    releases: Vec<Release>,
    before: Option<&Library>,
) -> Result<Library, tonic::Status> {
    let names = before.map(|before| before.names.clone()).unwrap_or_default();
    let library = Library { version, index: Index::default(), sources: HashMap::new(), names };
    let builder = Builder::new(FACETS.len());
    let mut building = Building { clients, before, builder, count: 0, library };
    building.reports().await?;
    for release in &releases {
        building.editions(release).await?;
    }
    Ok(Library { index: building.builder.finish(), ..building.library })
}

impl Building<'_> {
    async fn reports(&mut self) -> Result<(), tonic::Status> {
        let (clients, before) = (self.clients, self.before);
        let mut page_token = String::new();
        loop {
            let request =
                ListPublicReportsRequest { page_size: WHOLE_PAGE, page_token, ..Default::default() };
            let page = clients.public_reports().list_public_reports(request).await?.into_inner();
            let mut read =
                stream::iter(page.reports).map(|report| read(clients, report, before)).buffered(AT_ONCE);
            while let Some((report, documents, names)) = read.try_next().await? {
                self.library.names.extend(names);
                let kind_name = report.kind_name.clone().unwrap_or_default();
                self.library.names.insert(report.report_kind.clone(), kind_name);
                self.add(Source::Report(report), documents);
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok(());
            }
        }
    }

    async fn editions(&mut self, release: &Release) -> Result<(), tonic::Status> {
        let (clients, before) = (self.clients, self.before);
        let mut found = editions::editions(clients, release).await?;
        let districts = self.districts();
        for one in &mut found {
            let district = districts.get(&one.edition.organisation_code);
            one.district = district.cloned().unwrap_or_default();
        }
        let mut read = stream::iter(found)
            .map(|published| async move {
                let source = Source::Edition(published.clone());
                let documents = match before.and_then(|before| before.kept(&source)) {
                    Some(documents) => documents,
                    None => editions::documents(clients, &published, &source.key()).await?,
                };
                Ok::<_, tonic::Status>((published, source, documents))
            })
            .buffered(AT_ONCE);
        while let Some((published, source, documents)) = read.try_next().await? {
            // The newest release comes first: its words are the ones that hold.
            self.library.names.entry(published.kind()).or_insert_with(|| published.kind_name());
            self.add(source, documents);
        }
        Ok(())
    }

    /// Where the schools are that reported.
    fn districts(&self) -> HashMap<String, String> {
        let reports = self.library.sources.values().filter_map(|held| match &held.source {
            Source::Report(report) => Some((report.organisation_code.clone(), report.district.clone())),
            Source::Edition(_) => None,
        });
        reports.collect()
    }

    fn add(&mut self, source: Source, documents: Vec<Document>) {
        let start = self.count;
        self.count += documents.len();
        documents.into_iter().for_each(|document| self.builder.add(document));
        self.library.sources.insert(source.key(), Held { source, documents: start..self.count });
    }
}

/// What a report says, as it was indexed before or is fetched now; and what its sections are called.
async fn read(
    clients: &Clients,
    report: PublicReport,
    before: Option<&Library>,
) -> Result<(PublicReport, Vec<Document>, Vec<(String, Text)>), tonic::Status> {
    let source = Source::Report(report.clone());
    if let Some(documents) = before.and_then(|before| before.kept(&source)) {
        return Ok((report, documents, vec![]));
    }
    let request = GetPublicReportRequest { submission_id: report.submission_id.clone() };
    let answer = clients.public_reports().get_public_report(request).await?.into_inner();
    let (documents, names) = documents(&report, &source.key(), answer);
    Ok((report, documents, names))
}

fn documents(
    report: &PublicReport,
    key: &str,
    answer: GetPublicReportResponse,
) -> (Vec<Document>, Vec<(String, Text)>) {
    let name = |text: Option<&Text>| text.map(|text| text.zh.clone()).unwrap_or_default();
    let document = |place: String, part: &str, title: String, body: &str| Document {
        key: format!("{key}/{place}"),
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
    let (mut documents, mut names) = (vec![], vec![]);
    for section in answer.sections {
        let title = name(section.name.as_ref());
        let place = format!("s-{}", section.section_code);
        documents.push(document(place, &section.section_code, title, &section.body));
        names.push((section.section_code, section.name.unwrap_or_default()));
    }
    let cases = answer.cases.into_iter();
    documents.extend(cases.map(|case| document(format!("c-{}", case.case_id), CASE, case.title, &case.body)));
    (documents, names)
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
