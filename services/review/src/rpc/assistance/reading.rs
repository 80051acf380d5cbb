//! The school's accepted reports, read for what speaks to the rubric.

use std::collections::{BTreeSet, HashMap};

use zhijian_platform::{Clients, Error};
use zhijian_proto::{
    common::v1::Text,
    review::v1::{self as wire, ReportFinding},
    submission::v1::{
        CheckSubmissionRequest, Finding, GetCatalogueRequest, GetCycleRequest, ListCasesRequest,
        ListSectionsRequest, Submission, submission::State,
    },
};

use super::super::{convert::count, evidence::accepted};
use crate::domain::{
    passages::{self, Passage, Query},
    scheme::{Mark, Scheme},
};

/// A text of a report: a section or a case.
struct Source {
    submission_id: String,
    section_code: String,
    name: Option<Text>,
    body: String,
}

/// What a school's accepted reports say, and what was found in them.
pub struct Reading {
    sources: Vec<Source>,
    /// With the report each is about.
    found: Vec<(String, Finding)>,
    /// A report is being corrected, so that nothing was looked for in it.
    pub moved: bool,
}

impl Reading {
    /// Fetches a school's accepted reports of a year, each from the revision that is in the results.
    pub async fn gather(clients: &Clients, year: i32, school: &str) -> Result<Self, Error> {
        let mut reading = Self { sources: vec![], found: vec![], moved: false };
        let reports = accepted(clients, year, school).await?;
        if reports.is_empty() {
            return Ok(reading);
        }
        let cycle = clients.cycles().get_cycle(GetCycleRequest { year }).await?.into_inner().cycle;
        let rules = GetCatalogueRequest { year: cycle.map_or(year, |cycle| cycle.catalogue_year) };
        let catalogue = clients.catalogues().get_catalogue(rules).await?.into_inner().catalogue;
        let catalogue = catalogue.unwrap_or_default();
        for report in reports {
            let kind = catalogue.report_kinds.iter().find(|kind| kind.code == report.report_kind);
            let names: HashMap<&str, Option<Text>> = kind
                .into_iter()
                .flat_map(|kind| &kind.sections)
                .map(|section| (section.code.as_str(), section.name.clone()))
                .collect();
            reading.read(clients, &report, &names).await?;
        }
        Ok(reading)
    }

    async fn read(
        &mut self,
        clients: &Clients,
        report: &Submission,
        names: &HashMap<&str, Option<Text>>,
    ) -> Result<(), Error> {
        let (submission_id, revision_number) = (report.submission_id.clone(), report.accepted_revision);
        let request = ListSectionsRequest { submission_id: submission_id.clone(), revision_number };
        let sections = clients.submissions().list_sections(request).await?.into_inner().sections;
        self.sources.extend(sections.into_iter().map(|section| Source {
            submission_id: submission_id.clone(),
            name: names.get(section.section_code.as_str()).cloned().flatten(),
            section_code: section.section_code,
            body: section.body,
        }));
        let request = ListCasesRequest { submission_id: submission_id.clone(), revision_number };
        let cases = clients.cases().list_cases(request).await?.into_inner().cases;
        self.sources.extend(cases.into_iter().map(|case| Source {
            submission_id: submission_id.clone(),
            section_code: String::new(),
            name: Some(Text { zh: case.title.clone(), en: case.title }),
            body: case.body,
        }));
        if !stands_as_accepted(report) {
            self.moved = true;
            return Ok(());
        }
        let request = CheckSubmissionRequest { submission_id: submission_id.clone() };
        let found = clients.submissions().check_submission(request).await?.into_inner().findings;
        self.found.extend(found.into_iter().map(|finding| (submission_id.clone(), finding)));
        Ok(())
    }

    /// The passages that speak to each mark of the rubric, by its path, in the rubric's order.
    pub fn passages(&self, scheme: &Scheme) -> Vec<(String, Vec<Passage>)> {
        let most = scheme.definition().review.assistance.passages;
        let texts: Vec<&str> = self.sources.iter().map(|source| source.body.as_str()).collect();
        let marks: Vec<Mark<'_>> = scheme.marks().collect();
        let queries: Vec<Query> = marks.iter().map(query).collect();
        let found = passages::rank(&texts, &queries, most);
        marks.iter().map(Mark::path).zip(found).collect()
    }

    /// The same on the wire.
    pub fn quoted(&self, passages: Vec<(String, Vec<Passage>)>) -> Vec<wire::Passage> {
        let of_mark = |(mark, passages): (String, Vec<Passage>)| {
            passages.into_iter().filter_map(move |passage| {
                let source = self.sources.get(passage.text)?;
                Some(wire::Passage {
                    mark_code: mark.clone(),
                    submission_id: source.submission_id.clone(),
                    section_code: source.section_code.clone(),
                    name: source.name.clone(),
                    paragraph: count(passage.paragraph),
                    line: count(passage.line),
                    start: count(passage.place.start),
                    end: count(passage.place.end),
                    quote: passage.quote,
                    words: passage.words,
                })
            })
        };
        passages.into_iter().flat_map(of_mark).collect()
    }

    /// What was found in the reports, errors first, with the elements it bears on.
    pub fn findings(&self, scheme: &Scheme, passages: &[(String, Vec<Passage>)]) -> Vec<ReportFinding> {
        let mut findings: Vec<ReportFinding> = self
            .found
            .iter()
            .map(|(submission_id, finding)| ReportFinding {
                element_codes: self.bears_on(scheme, passages, submission_id, finding),
                submission_id: submission_id.clone(),
                rule_code: finding.rule_code.clone(),
                severity: finding.severity,
                message: finding.message.clone(),
                computation: finding.computation.clone(),
                explanation: finding.explanation.clone(),
                indicator_codes: finding.indicator_codes.clone(),
                section_code: finding.section_code.clone(),
                line: finding.line,
            })
            .collect();
        findings.sort_by_key(|finding| finding.severity);
        findings
    }

    fn bears_on(
        &self,
        scheme: &Scheme,
        passages: &[(String, Vec<Passage>)],
        submission_id: &str,
        finding: &Finding,
    ) -> Vec<String> {
        let values = &scheme.definition().review.evidence.values;
        let of_values = values
            .iter()
            .filter(|(_, codes)| codes.iter().any(|code| finding.indicator_codes.contains(code)))
            .map(|(element, _)| element.as_str());
        let line = usize::try_from(finding.line).unwrap_or_default();
        let on_line = |passage: &Passage| {
            self.sources.get(passage.text).is_some_and(|source| {
                !finding.section_code.is_empty()
                    && source.submission_id == submission_id
                    && source.section_code == finding.section_code
                    && passage.lines.contains(&line)
            })
        };
        let of_text = passages
            .iter()
            .filter(|(_, passages)| passages.iter().any(on_line))
            .map(|(mark, _)| mark.split('.').next().unwrap_or_default());
        let elements: BTreeSet<&str> = of_values.chain(of_text).collect();
        let in_order = scheme.elements().iter().map(|element| &element.code);
        in_order.filter(|code| elements.contains(code.as_str())).cloned().collect()
    }
}

/// What a mark is called and looks at, in both languages: some reports quote English names.
fn query(mark: &Mark<'_>) -> Query {
    let (element, criterion) = (mark.element(), mark.criterion());
    let names = [Some(&element.name), criterion.map(|criterion| &criterion.name)];
    let described = criterion.map_or(&element.description, |criterion| &criterion.description);
    Query::new(names.into_iter().flatten().map(|name| name.zh.as_str()), [described.zh.as_str()])
}

/// Whether the working copy, which is what the checks look through, is the text that was accepted.
fn stands_as_accepted(report: &Submission) -> bool {
    let accepted = matches!(report.state(), State::Accepted | State::Published | State::Corrected);
    accepted && !report.correcting && report.revision_number == report.accepted_revision
}
