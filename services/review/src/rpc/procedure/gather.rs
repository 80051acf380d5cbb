//! What a procedure gathers by itself: the programmes that its scheme selects, or the reports of its cycle.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use zhijian_platform::{Error, Text, Violation, id};
use zhijian_proto::{common::v1::ErrorReason, identity::v1::Organisation};

use super::super::{Review, round::selected, upstream};
use crate::domain::{
    entry::{Entry, Kind, Subject, is_organisation_code},
    procedure::{Procedure, item::Item},
    scheme::{Conflicts, Gather, Procedure as Steps},
};

impl Review {
    /// The items that are there from the beginning.
    pub(super) async fn gathered(&self, procedure: &Procedure, steps: &Steps) -> Result<Vec<Item>, Error> {
        match steps.gather {
            Gather::Applications => Ok(vec![]),
            Gather::Programmes => self.programme_items(procedure, steps).await,
            Gather::Reports => self.report_items(procedure, steps).await,
        }
    }

    async fn programme_items(&self, procedure: &Procedure, steps: &Steps) -> Result<Vec<Item>, Error> {
        let definition = procedure.scheme.definition();
        let Some(selection) = &definition.selection else { return Ok(vec![]) };
        let (programmes, organisations) =
            selected(&self.ctx.clients, selection, procedure.cycle_year).await?;
        programmes
            .iter()
            .map(|programme| {
                let entry = Entry::new(String::new(), "", programme, &organisations, &definition.conflicts)?;
                let school = organisations.get(&entry.organisation_code);
                let mut item = begun(procedure, steps, entry.subject, school)?;
                item.barred = entry.barred;
                Ok(item)
            })
            .collect()
    }

    async fn report_items(&self, procedure: &Procedure, steps: &Steps) -> Result<Vec<Item>, Error> {
        let clients = &self.ctx.clients;
        let mut reports = upstream::reports(clients, procedure.cycle_year).await?;
        reports.sort_by(|a, b| {
            (&a.organisation_code, &a.report_kind, &a.submission_id).cmp(&(
                &b.organisation_code,
                &b.report_kind,
                &b.submission_id,
            ))
        });
        let mut seen = HashSet::new();
        reports.retain(|report| seen.insert(report.submission_id.clone()));
        let codes = reports.iter().flat_map(|report| [&report.organisation_code, &report.subject_code]);
        let organisations = upstream::organisations(clients, codes).await?;
        reports
            .iter()
            .map(|report| {
                let school = organisations.get(&report.organisation_code);
                let about = organisations.get(&report.subject_code).or(school);
                let name = about.and_then(|about| about.name.clone()).map(Text::from);
                let name = name.unwrap_or_else(|| Text::new(&report.subject_code, &report.subject_code));
                let subject = Subject {
                    kind: Kind::Report,
                    id: report.submission_id.clone(),
                    code: String::new(),
                    name: Text::new(
                        format!("{}年度质量报告", name.zh),
                        format!("Annual quality report of {}", name.en),
                    ),
                };
                let mut item = begun(procedure, steps, subject, school)?;
                item.barred
                    .extend(Some(&report.subject_code).filter(|code| is_organisation_code(code)).cloned());
                Ok(item)
            })
            .collect()
    }
}

/// An item at the first step, of this organisation.
pub(super) fn begun(
    procedure: &Procedure,
    steps: &Steps,
    subject: Subject,
    organisation: Option<&Organisation>,
) -> Result<Item, Error> {
    let organisation = organisation.ok_or_else(|| unregistered(&subject))?;
    let name = organisation.name.clone().ok_or_else(|| unregistered(&subject))?;
    Ok(Item {
        id: id::new("itm"),
        procedure_id: procedure.id.clone(),
        organisation_code: organisation.code.clone(),
        organisation_name: name.into(),
        supervisor_code: organisation.parent_code.clone(),
        barred: barred(organisation, &procedure.scheme.definition().conflicts),
        subject,
        at: steps.first().map(|step| step.code.clone()).unwrap_or_default(),
        ended: false,
        forms: BTreeMap::new(),
        taken: BTreeMap::new(),
        due_date: None,
        reviewed: false,
        create_time: Default::default(),
        version: 1,
    })
}

fn barred(organisation: &Organisation, conflicts: &Conflicts) -> BTreeSet<String> {
    let supervisor = Some(&organisation.parent_code).filter(|_| conflicts.supervising_organisation);
    let codes = [Some(&organisation.code), supervisor];
    codes.into_iter().flatten().filter(|code| is_organisation_code(code)).cloned().collect()
}

fn unregistered(subject: &Subject) -> Error {
    Error::Precondition {
        reason: ErrorReason::DataMissing,
        violations: vec![Violation::new(
            "organisation_code",
            format!("“{}”所属的单位没有登记，或没有名称，请先补全。", subject.name.zh),
            format!("The organisation of “{}” is not registered, or has no name.", subject.name.en),
        )],
    }
}

/// A procedure that gathers has found nothing.
pub(super) fn nothing(procedure: &Procedure) -> Error {
    let (name, year) = (procedure.scheme.name(), procedure.cycle_year);
    Error::Precondition {
        reason: ErrorReason::DataMissing,
        violations: vec![Violation::new(
            "items",
            format!("{year} 年没有属于“{}”范围的对象。", name.zh),
            format!("Nothing falls under “{}” in {year}.", name.en),
        )],
    }
}
