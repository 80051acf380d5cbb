//! The editions of published releases, as the library holds them. What is under public notice may still change and what was
//! withdrawn is taken back: neither is listed here, so neither is found.

use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::Text,
    publication::v1::{
        Edition, GetEditionRequest, ListEditionsRequest, ListReleasesRequest, Release, get_edition_request,
        release::State,
    },
};
use zhijian_search::Document;

use super::passages::passages;
use crate::pages::lookup::WHOLE_PAGE;

/// What a kind of edition begins with, so that it is not taken for a kind of report.
const KIND: &str = "edition-";

/// An edition of the version that stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// What it is.
    pub edition: Edition,
    /// The version of its release.
    pub version: i32,
    /// Whether its release is about invented institutions.
    pub demonstration: bool,
    /// The district of the institution that it is about, if it is about one that reported.
    pub district: String,
}

impl Published {
    /// Whether it is of this release as it stands.
    pub fn is_of(&self, release: &Release) -> bool {
        (self.edition.year, self.version) == (release.year, release.version)
    }

    /// Its value of the facet of kinds: the region's own are told apart, those of institutions are one kind.
    pub fn kind(&self) -> String {
        let code = if self.edition.organisation_code.is_empty() { &self.edition.code } else { "institution" };
        format!("{KIND}{code}")
    }

    /// What its kind is called: its title without the year that it is of.
    pub fn kind_name(&self) -> Text {
        if !self.edition.organisation_code.is_empty() {
            return Text {
                zh: "各校数据报告".to_owned(), en: "Reports of the institutions".to_owned()
            };
        }
        let (year, title) = (self.edition.year, self.edition.title.clone().unwrap_or_default());
        let zh = title.zh.replace(&format!("（{year}年）"), "");
        let en = title.en.trim_end_matches(&format!(", {year}")).to_owned();
        Text { zh, en }
    }
}

/// The releases that are published as they stand, newest first.
///
/// # Errors
/// Those of the publication service.
pub async fn releases(clients: &Clients) -> Result<Vec<Release>, tonic::Status> {
    let mut found = vec![];
    let mut page_token = String::new();
    loop {
        let request = ListReleasesRequest { page_size: WHOLE_PAGE, page_token };
        let page = clients.releases().list_releases(request).await?.into_inner();
        found.extend(page.releases);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    found.retain(|release| matches!(release.state(), State::Published | State::Corrected));
    Ok(found)
}

/// What changes whenever other editions are to be found.
pub fn version(releases: &[Release]) -> String {
    let one = |release: &Release| format!("{}.{}", release.year, release.version);
    releases.iter().map(one).collect::<Vec<_>>().join(",")
}

/// Every edition of a release. Asked for by version: what is published in between does not mix with it.
///
/// # Errors
/// Those of the publication service.
pub async fn editions(clients: &Clients, release: &Release) -> Result<Vec<Published>, tonic::Status> {
    let (year, version) = (release.year, release.version);
    let mut found = vec![];
    let mut page_token = String::new();
    loop {
        let request =
            ListEditionsRequest { page_size: WHOLE_PAGE, page_token, year, version, ..Default::default() };
        let page = clients.editions().list_editions(request).await?.into_inner();
        found.extend(page.editions.into_iter().map(|edition| Published {
            edition,
            version,
            demonstration: release.demonstration,
            district: String::new(),
        }));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

/// What an edition says, place by place. `key` begins the key of each.
///
/// # Errors
/// Those of the publication service.
pub async fn documents(
    clients: &Clients,
    published: &Published,
    key: &str,
) -> Result<Vec<Document>, tonic::Status> {
    let edition = &published.edition;
    let form = get_edition_request::Form::Html.into();
    let (year, code, version) = (edition.year, edition.code.clone(), published.version);
    let request = GetEditionRequest { year, code, form, version, draft: false };
    let content = clients.editions().get_edition(request).await?.into_inner().content;
    let name = edition.title.as_ref().map(|title| title.zh.clone()).unwrap_or_default();
    let document = |passage: super::passages::Passage| Document {
        key: format!("{key}/{}", passage.place),
        title: passage.title,
        name: name.clone(),
        body: passage.text,
        facets: vec![year.to_string(), published.kind(), published.district.clone(), String::new()],
    };
    Ok(passages(&content).into_iter().map(document).collect())
}
