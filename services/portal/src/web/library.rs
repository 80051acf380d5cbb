//! What anybody may read, indexed for search: the reports of schools and the editions of published releases. Built from the
//! public contracts, and built anew when what is public changes. What did not change is taken over, not fetched again.

mod editions;
mod passages;
mod shelf;

use std::{collections::HashMap, ops::Range};

use futures::{StreamExt, TryStreamExt, stream};
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::Text,
    publication::v1::Release,
    submission::v1::{
        GetPublicReportRequest, GetPublicReportResponse, ListPublicReportsRequest, PublicReport,
    },
};
use zhijian_search::{Builder, Document, Index};

use crate::pages::lookup::WHOLE_PAGE;
pub use editions::Published;
pub use shelf::{Built, Shelf, look_after};

/// The facets, in order: year, kind of report or edition, district, section or case.
pub const FACETS: [&str; 4] = ["year", "kind", "district", "part"];
/// The value of the last facet for cases.
pub const CASE: &str = "case";
/// How many reports are fetched at once.
const AT_ONCE: usize = 8;

/// Every public report and published edition, and the index of what they say.
pub struct Library {
    /// What changes with what is public.
    public: String,
    /// Whether everything that is public is in it; else some editions could not be read yet.
    pub whole: bool,
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
    pub fn version(&self) -> String {
        format!("{} {} {}", self.public, self.sources.len(), self.whole)
    }

    /// The editions that it holds of a release, as it stands.
    fn editions_of(&self, release: &Release) -> Vec<Published> {
        let held = self.sources.values().filter_map(|held| match &held.source {
            Source::Edition(published) => Some(published),
            Source::Report(_) => None,
        });
        held.filter(|one| one.is_of(release)).cloned().collect()
    }

    /// What was indexed of a source that has not changed since.
    fn kept(&self, source: &Source) -> Option<Vec<Document>> {
        let held = self.sources.get(&source.key()).filter(|held| held.source == *source)?;
        Some(self.index.documents()[held.documents.clone()].to_vec())
    }
}

/// An index that is being built.
struct Building<'a> {
    clients: &'a Clients,
    before: Option<&'a Library>,
    builder: Builder,
    count: usize,
    library: Library,
}

/// Reads what is public, as far as it can be read. Without `releases` it is the reports alone.
async fn build(
    clients: &Clients,
    public: String,
    releases: Option<&[Release]>,
    before: Option<&Library>,
) -> Result<Library, tonic::Status> {
    let names = before.map(|before| before.names.clone()).unwrap_or_default();
    let whole = releases.is_some();
    let library = Library { public, whole, index: Index::default(), sources: HashMap::new(), names };
    let builder = Builder::new(FACETS.len());
    let mut building = Building { clients, before, builder, count: 0, library };
    building.reports().await?;
    for release in releases.unwrap_or_default() {
        building.editions(release).await;
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

    /// Adds the editions of a release that can be read, and says so if some cannot.
    async fn editions(&mut self, release: &Release) {
        let (clients, before) = (self.clients, self.before);
        let mut found = match editions::editions(clients, release).await {
            Ok(found) => found,
            Err(status) => {
                self.lacks(release, &status);
                before.map(|before| before.editions_of(release)).unwrap_or_default()
            }
        };
        let districts = self.districts();
        for one in &mut found {
            let district = districts.get(&one.edition.organisation_code);
            one.district = district.cloned().unwrap_or_default();
        }
        let mut read = stream::iter(found)
            .map(|published| async move {
                let source = Source::Edition(published.clone());
                let documents = match before.and_then(|before| before.kept(&source)) {
                    Some(documents) => Ok(documents),
                    None => editions::documents(clients, &published, &source.key()).await,
                };
                (published, source, documents)
            })
            .buffered(AT_ONCE);
        while let Some((published, source, documents)) = read.next().await {
            match documents {
                Ok(documents) => {
                    // The newest release comes first: its words are the ones that hold.
                    self.library.names.entry(published.kind()).or_insert_with(|| published.kind_name());
                    self.add(source, documents);
                }
                Err(status) => self.lacks(release, &status),
            }
        }
    }

    fn lacks(&mut self, release: &Release, status: &tonic::Status) {
        self.library.whole = false;
        tracing::debug!(release.year, %status, "an edition could not be indexed; it will be tried again");
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
