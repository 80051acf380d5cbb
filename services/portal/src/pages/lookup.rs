//! Small questions to the services that several pages ask.

use std::collections::{BTreeSet, HashMap};

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::{ListOrganisationsRequest, Organisation},
    submission::v1::{Catalogue, Cycle, GetCatalogueRequest, GetCycleRequest, ListCyclesRequest, ReportKind},
};

use crate::web::{components::demo, error::Failure, i18n::name_or, session::Visitor};

/// Organisations by code.
#[derive(Debug, Default)]
pub struct Organisations(HashMap<String, Organisation>);

impl Organisations {
    /// Looks up the organisations of these codes, at most 1000.
    pub async fn of<'a>(
        visitor: &Visitor,
        codes: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Failure> {
        let codes: BTreeSet<String> =
            codes.into_iter().filter(|code| !code.is_empty()).map(str::to_owned).collect();
        if codes.is_empty() {
            return Ok(Self::default());
        }
        let request = ListOrganisationsRequest {
            page_size: 1000,
            codes: codes.into_iter().take(1000).collect(),
            ..ListOrganisationsRequest::default()
        };
        let found =
            visitor.clients().organisations().list_organisations(request).await?.into_inner().organisations;
        Ok(Self(found.into_iter().map(|organisation| (organisation.code.clone(), organisation)).collect()))
    }

    /// The name for a title; the code if the organisation is not registered.
    pub fn plain<'a>(&'a self, lang: Lang, code: &'a str) -> &'a str {
        self.0.get(code).map_or(code, |organisation| name_or(lang, organisation.name.as_ref(), code))
    }

    /// The name with its mark if the organisation is invented.
    pub fn name(&self, lang: Lang, code: &str) -> Markup {
        let name = self.plain(lang, code);
        let invented = self.0.get(code).is_some_and(|organisation| organisation.demonstration);
        html! { (name) @if invented && !says_demonstration(name) { " " (demo(lang)) } }
    }
}

/// Whether a name itself says that it is invented, so that the mark would say it twice.
pub fn says_demonstration(name: &str) -> bool {
    name.contains("演示") || name.to_lowercase().contains("demo")
}

/// Everything that a list has, page after page. `fetch` answers the page of a token, and the token of the next.
pub async fn all_pages<T, F>(mut fetch: impl FnMut(String) -> F) -> Result<Vec<T>, Failure>
where
    F: Future<Output = Result<(Vec<T>, String), tonic::Status>>,
{
    let mut all = vec![];
    let mut page_token = String::new();
    loop {
        let (page, next) = fetch(page_token).await?;
        all.extend(page);
        if next.is_empty() {
            return Ok(all);
        }
        page_token = next;
    }
}

/// The most that a page of a list may hold, where all of it is wanted.
pub const WHOLE_PAGE: i32 = 1000;

/// The cycle of a year.
pub async fn cycle(visitor: &Visitor, year: i32) -> Result<Cycle, Failure> {
    let answer = visitor.clients().cycles().get_cycle(GetCycleRequest { year }).await?.into_inner();
    answer.cycle.ok_or_else(Failure::not_found)
}

/// All cycles, newest first.
pub async fn cycles(visitor: &Visitor) -> Result<Vec<Cycle>, Failure> {
    let request = ListCyclesRequest { page_size: WHOLE_PAGE, page_token: String::new() };
    Ok(visitor.clients().cycles().list_cycles(request).await?.into_inner().cycles)
}

/// The rules in force in a cycle.
pub async fn catalogue(visitor: &Visitor, cycle: &Cycle) -> Result<Catalogue, Failure> {
    let request = GetCatalogueRequest { year: cycle.catalogue_year };
    let answer = visitor.clients().catalogues().get_catalogue(request).await?.into_inner();
    answer.catalogue.ok_or_else(Failure::not_found)
}

/// A kind of report by its code.
pub fn report_kind<'a>(catalogue: &'a Catalogue, code: &str) -> Option<&'a ReportKind> {
    catalogue.report_kinds.iter().find(|kind| kind.code == code)
}

/// The name of a kind of report; its code if the catalogue does not know it.
pub fn kind_name<'a>(lang: Lang, catalogue: &'a Catalogue, code: &'a str) -> &'a str {
    report_kind(catalogue, code).map_or(code, |kind| name_or(lang, kind.name.as_ref(), code))
}
