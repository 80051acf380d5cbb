//! A report with what its pages need around it.

use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    submission::v1::{
        Catalogue, Cell, Cycle, Editor, Finding, GetCellsRequest, GetEditorsRequest, GetSubmissionRequest,
        Indicator, IndicatorGroup, LastEdit, ReportKind, Submission, lock, submission,
    },
};

use crate::{
    pages::lookup::{self, Organisations, kind_name, report_kind},
    say,
    web::{error::Failure, layout::Place, session::Visitor},
};

/// A submission, its year and its rules.
pub struct Report {
    pub submission: Submission,
    pub cycle: Cycle,
    pub catalogue: Catalogue,
    pub organisations: Organisations,
    /// Who edits what, for a reader who may not edit everything; empty for the others.
    pub editors: Vec<Editor>,
}

/// A part of a report that is given to editors as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// A section of the text, by code.
    Section(&'a str),
    /// A table of indicators, by the code of its group.
    Table(&'a str),
}

impl Part<'_> {
    /// Whether these lists of codes, of sections and of tables, name it.
    pub fn is_among(self, sections: &[String], tables: &[String]) -> bool {
        match self {
            Self::Section(code) => sections.iter().any(|one| one == code),
            Self::Table(code) => tables.iter().any(|one| one == code),
        }
    }
}

/// How the reader stands to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// One of those who submit it.
    Owner,
    /// One of those who accept it.
    Desk,
    /// Somebody else who may read it.
    Reader,
}

impl Report {
    /// Fetches everything.
    pub async fn load(visitor: &Visitor, submission_id: &str) -> Result<Self, Failure> {
        visitor.signed_in()?;
        let request = GetSubmissionRequest { submission_id: submission_id.to_owned() };
        let answer = visitor.clients().submissions().get_submission(request).await?.into_inner();
        let submission = answer.submission.ok_or_else(Failure::not_found)?;
        let codes = [submission.organisation_code.as_str(), submission.subject_code.as_str()];
        let (cycle, organisations) = futures::try_join!(
            lookup::cycle(visitor, submission.cycle_year),
            Organisations::of(visitor, codes)
        )?;
        let catalogue = lookup::catalogue(visitor, &cycle).await?;
        let mut report = Self { submission, cycle, catalogue, organisations, editors: vec![] };
        if report.is_limited() {
            let request = GetEditorsRequest { submission_id: submission_id.to_owned() };
            report.editors = visitor.clients().editors().get_editors(request).await?.into_inner().editors;
        }
        Ok(report)
    }

    /// The page of the report.
    pub fn address(&self) -> String {
        format!("/submissions/{}", self.submission.submission_id)
    }

    /// The page of one of its tables.
    pub fn cells_address(&self, group: &str) -> String {
        format!("{}/cells/{group}", self.address())
    }

    /// The page of one of its sections.
    pub fn section_address(&self, code: &str) -> String {
        format!("{}/sections/{code}", self.address())
    }

    /// "高等职业教育质量年报：某某学院".
    pub fn title(&self, lang: Lang) -> String {
        let kind = kind_name(lang, &self.catalogue, &self.submission.report_kind);
        let about = self.organisations.plain(lang, &self.submission.subject_code);
        say!(lang, "{kind}：{about}", "{kind}: {about}")
    }

    /// The place that its pages belong to.
    pub fn place(&self, visitor: &Visitor) -> Place {
        if self.standing(visitor) == Standing::Desk { Place::Desk } else { Place::Submissions }
    }

    /// The page that leads to it, and what that is called.
    pub fn above(&self, visitor: &Visitor) -> (&'static str, &'static str) {
        let place = self.place(visitor);
        (place.href(), place.name(visitor.lang()))
    }

    /// Its kind, if the catalogue knows it.
    pub fn kind(&self) -> Option<&ReportKind> {
        report_kind(&self.catalogue, &self.submission.report_kind)
    }

    /// How the reader stands to it.
    pub fn standing(&self, visitor: &Visitor) -> Standing {
        if visitor.organisations(Role::School).contains(&self.submission.organisation_code) {
            Standing::Owner
        } else if visitor.has(Role::Commission) {
            Standing::Desk
        } else {
            Standing::Reader
        }
    }

    /// Whether the reader can change its content now, or at least those parts of it that are the reader's.
    pub fn editable(&self, visitor: &Visitor) -> bool {
        self.is_with_school() && self.submission.lock.is_none() && self.standing(visitor) == Standing::Owner
    }

    /// Whether the reader can change this part of it now.
    pub fn part_editable(&self, visitor: &Visitor, part: Part<'_>) -> bool {
        self.editable(visitor) && self.allows(part)
    }

    /// Whether the plan of editors lets the reader change this part.
    pub fn allows(&self, part: Part<'_>) -> bool {
        self.submission
            .rights
            .as_ref()
            .is_none_or(|rights| rights.all || part.is_among(&rights.section_codes, &rights.group_codes))
    }

    /// Whether the reader belongs to its school, and may change only some parts.
    pub fn is_limited(&self) -> bool {
        self.submission.rights.as_ref().is_some_and(|rights| !rights.all)
    }

    /// Whether the plan of editors lets the reader approve, submit and hand out parts.
    pub fn coordinates(&self) -> bool {
        self.submission.rights.as_ref().is_none_or(|rights| rights.coordinator)
    }

    /// The names of those who edit a part: who was given it, else the coordinators.
    pub fn who_edits(&self, part: Part<'_>) -> Vec<&str> {
        let given: Vec<&str> = self
            .editors
            .iter()
            .filter(|editor| part.is_among(&editor.section_codes, &editor.group_codes))
            .map(|editor| editor.account_name.as_str())
            .collect();
        if given.is_empty() { self.coordinators() } else { given }
    }

    /// The names of those who approve, submit and hand out parts.
    pub fn coordinators(&self) -> Vec<&str> {
        let coordinating = self.editors.iter().filter(|editor| editor.coordinator);
        coordinating.map(|editor| editor.account_name.as_str()).collect()
    }

    /// Whether it is the school's turn.
    pub fn is_with_school(&self) -> bool {
        matches!(
            self.submission.state(),
            submission::State::Draft | submission::State::Approved | submission::State::Returned
        )
    }

    /// Whether the school can still approve and submit it: content may be locked by then.
    pub fn can_be_handed_in(&self) -> bool {
        let lock = self.submission.lock.as_ref();
        self.is_with_school() && lock.is_none_or(|lock| lock.kind() == lock::Kind::Grace)
    }

    /// Whether the commission can remark on it: while it has it.
    pub fn takes_comments(&self) -> bool {
        matches!(self.submission.state(), submission::State::Submitted | submission::State::UnderReview)
    }

    /// Whether it is in the year's results, and not just being put right.
    pub fn is_in_results(&self) -> bool {
        matches!(
            self.submission.state(),
            submission::State::Accepted | submission::State::Published | submission::State::Corrected
        )
    }

    /// Who changed a part last.
    pub fn last_edit(&self, part: Part<'_>) -> Option<&LastEdit> {
        self.submission.last_edits.iter().find(|edit| match part {
            Part::Section(code) => edit.section_code == code,
            Part::Table(code) => edit.group_code == code,
        })
    }

    /// The tables it carries, each with the indicators asked for, in the catalogue's order.
    pub fn groups(&self) -> Vec<(&IndicatorGroup, Vec<&Indicator>)> {
        let asked = |group: &IndicatorGroup| -> Vec<&Indicator> {
            let of_kind = self.catalogue.indicators.iter().filter(|indicator| {
                indicator.group_code == group.code
                    && indicator.report_kinds.contains(&self.submission.report_kind)
            });
            of_kind.collect()
        };
        self.catalogue
            .groups
            .iter()
            .map(|group| (group, asked(group)))
            .filter(|(_, indicators)| !indicators.is_empty())
            .collect()
    }

    /// The table that an indicator stands in.
    pub fn group_of(&self, indicator_code: &str) -> Option<&str> {
        let indicator =
            self.catalogue.indicators.iter().find(|indicator| indicator.code == indicator_code)?;
        Some(&indicator.group_code)
    }

    /// The working copy's cells.
    pub async fn cells(&self, visitor: &Visitor) -> Result<Vec<Cell>, Failure> {
        let request =
            GetCellsRequest { submission_id: self.submission.submission_id.clone(), revision_number: 0 };
        Ok(visitor.clients().submissions().get_cells(request).await?.into_inner().cells)
    }

    /// What the year's rules find, for readers who may ask; nothing for the others.
    pub async fn findings(&self, visitor: &Visitor) -> Result<Vec<Finding>, Failure> {
        if self.standing(visitor) == Standing::Reader {
            return Ok(vec![]);
        }
        let request = zhijian_proto::submission::v1::CheckSubmissionRequest {
            submission_id: self.submission.submission_id.clone(),
        };
        Ok(visitor.clients().submissions().check_submission(request).await?.into_inner().findings)
    }
}

/// How many of a table's required cells have a value, of how many.
pub fn filled(indicators: &[&Indicator], cells: &[Cell]) -> (i32, i32) {
    let asked: Vec<&&Indicator> = indicators.iter().filter(|indicator| indicator.required).collect();
    let has_value = |code: &str| cells.iter().any(|cell| cell.indicator_code == code && cell.value.is_some());
    let done = asked.iter().filter(|indicator| has_value(&indicator.code)).count();
    (i32::try_from(done).unwrap_or(i32::MAX), i32::try_from(asked.len()).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use zhijian_proto::{
        common::v1::{Value, value},
        submission::v1::Rights,
    };

    use super::*;

    #[test]
    fn an_editor_may_change_what_was_given_and_is_told_who_has_the_rest() {
        let editor = |name: &str, coordinator, sections: &[&str]| Editor {
            account_name: name.into(),
            coordinator,
            section_codes: sections.iter().map(|code| (*code).to_owned()).collect(),
            ..Editor::default()
        };
        let rights = Rights { section_codes: vec!["talent".into()], ..Rights::default() };
        let report = Report {
            submission: Submission { rights: Some(rights), ..Submission::default() },
            cycle: Cycle::default(),
            catalogue: Catalogue::default(),
            organisations: Organisations::default(),
            editors: vec![editor("甲", true, &[]), editor("乙", false, &["talent"])],
        };
        assert!(report.allows(Part::Section("talent")) && !report.allows(Part::Table("talent")));
        assert!(report.is_limited() && !report.coordinates());
        assert_eq!(report.who_edits(Part::Section("talent")), ["乙"]);
        assert_eq!(report.who_edits(Part::Table("SC")), ["甲"], "nobody has it, so the coordinator is named");
    }

    #[test]
    fn derived_and_optional_cells_are_not_counted_as_work() {
        let asked = Indicator { code: "SC01".into(), required: true, ..Indicator::default() };
        let empty = Indicator { code: "SC02".into(), required: true, ..Indicator::default() };
        let optional = Indicator { code: "SC14".into(), ..Indicator::default() };
        let derived =
            Indicator { code: "SC04".into(), formula: "SC02 / SC01".into(), ..Indicator::default() };
        let value = Some(Value { kind: Some(value::Kind::Number("0".into())) });
        let cells = [
            Cell { indicator_code: "SC01".into(), value: value.clone(), ..Cell::default() },
            Cell { indicator_code: "SC04".into(), value, ..Cell::default() },
        ];
        assert_eq!(filled(&[&asked, &empty, &optional, &derived], &cells), (1, 2));
    }
}
