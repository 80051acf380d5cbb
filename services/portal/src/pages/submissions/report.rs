//! A report with what its pages need around it.

use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    submission::v1::{
        Catalogue, Cell, Cycle, Finding, GetCellsRequest, GetSubmissionRequest, Indicator, IndicatorGroup,
        ReportKind, Submission, cycle, submission,
    },
};

use crate::{
    pages::lookup::{self, Organisations, kind_name, report_kind},
    say,
    web::{error::Failure, session::Visitor},
};

/// A submission, its year and its rules.
pub struct Report {
    pub submission: Submission,
    pub cycle: Cycle,
    pub catalogue: Catalogue,
    pub organisations: Organisations,
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
        Ok(Self { submission, cycle, catalogue, organisations })
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

    /// Whether the reader can change its content now.
    pub fn editable(&self, visitor: &Visitor) -> bool {
        let state = matches!(
            self.submission.state(),
            submission::State::Draft | submission::State::Approved | submission::State::Returned
        );
        state && self.cycle.state() == cycle::State::Collecting && self.standing(visitor) == Standing::Owner
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
    use zhijian_proto::common::v1::{Value, value};

    use super::*;

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
