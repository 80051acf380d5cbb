//! A working copy with all that its checks need.

use std::{collections::BTreeMap, sync::Arc};

use zhijian_platform::Error;
use zhijian_proofreader::{Options, RegisteredName, Window};

use crate::{
    domain::{
        annex,
        answer::Earlier,
        catalogue::{Catalogue, ReportKind},
        check::{self, Beside, Outcome},
        derive::{self, Cells},
        edit::{self, StoredCells},
        material::Material,
        proofread::{self, Remark},
    },
    rpc::{Files, Rpc},
    store::{cell, cycle as cycles, explanation, material, report, revision, section},
};

/// A report as it stands.
pub struct Working {
    pub row: report::Model,
    pub cycle: cycles::Model,
    pub catalogue: Arc<Catalogue>,
    pub cells: StoredCells,
    pub sections: BTreeMap<String, String>,
    /// The submitter's answers, by finding.
    pub explanations: BTreeMap<String, String>,
    /// The same, with what the commission said of them.
    pub answers: BTreeMap<String, explanation::Model>,
    /// What was accepted in earlier years and may be taken over.
    pub earlier: Vec<Earlier>,
    /// What rules speak of besides.
    pub beside: Beside,
    /// Attachments, cases, and the findings that were dismissed.
    pub material: Material,
    /// Last year's accepted values.
    pub last: Cells,
    /// The institutions' names, former ones too.
    names: Arc<[RegisteredName]>,
    files: Arc<Files>,
}

impl Rpc {
    /// The working copy of a submission.
    ///
    /// The row is read first: if it is still at its version when something is written, so is everything read here.
    pub async fn working(&self, row: report::Model) -> Result<Working, Error> {
        let conn = self.ctx.db.reader();
        let cycle = self.cycle(row.cycle_year).await?;
        let sections = section::load(conn, &row.submission_id).await?;
        let catalogue = self.catalogue(&cycle)?;
        let cells = cell::load(conn, &row.submission_id).await?;
        let answers = explanation::load(conn, &row.submission_id).await?;
        let material = material::working(conn, &row.submission_id).await?;
        Ok(Working {
            sections: sections.into_iter().map(|(code, section)| (code, section.body)).collect(),
            explanations: answers
                .iter()
                .map(|(id, answer)| (id.clone(), answer.explanation.clone()))
                .collect(),
            earlier: explanation::earlier(conn, &row).await?,
            beside: self.beside(&row, &cycle, &catalogue, (&cells, &material)).await?,
            answers,
            material,
            last: revision::last_year(conn, &row).await?,
            names: self.names.of(&self.ctx.clients).await?,
            files: self.files.clone(),
            catalogue,
            cells,
            row,
            cycle,
        })
    }
}

impl Working {
    /// The values of the cells, derived ones included.
    pub fn values(&self) -> Cells {
        derive::complete(&self.catalogue, &self.row.report_kind, &edit::values(&self.cells))
    }

    /// Runs the year's rules and the proofreader, away from the threads that answer requests.
    pub async fn check(self) -> Result<(Self, Outcome), Error> {
        tokio::task::spawn_blocking(move || {
            let outcome = self.check_now()?;
            Ok((self, outcome))
        })
        .await
        .map_err(Error::internal)?
    }

    /// What the proofreader marks in the sections.
    pub async fn remarks(self) -> Result<(Self, Arc<Vec<Remark>>), Error> {
        tokio::task::spawn_blocking(move || {
            let kind = kind_of(&self.catalogue, &self.row)?;
            let remarks = self.files.proofs.remarks(kind, &self.sections, &self.options());
            Ok((self, remarks))
        })
        .await
        .map_err(Error::internal)?
    }

    fn check_now(&self) -> Result<Outcome, Error> {
        let kind = kind_of(&self.catalogue, &self.row)?;
        let report = check::Report {
            catalogue: &self.catalogue,
            kind,
            cells: &self.values(),
            last: &self.last,
            sections: &self.sections,
            beside: &self.beside,
        };
        let mut outcome = check::run(report);
        outcome.findings.extend(annex::missing(kind, &self.material.attachments));
        let remarks = self.files.proofs.remarks(kind, &self.sections, &self.options());
        outcome.findings.extend(remarks.iter().map(|remark| {
            proofread::finding(remark, kind, self.material.dismissals.get(&remark.fingerprint))
        }));
        outcome.findings.sort_by_key(|finding| finding.stage);
        Ok(outcome)
    }

    /// What the proofreader knows beside the text.
    fn options(&self) -> Options {
        let day = |text: &str| text.parse().ok();
        let window = day(&self.cycle.window_start).zip(day(&self.cycle.window_end));
        let window = window.map(|(from, to)| Window { from, to });
        Options { window, registry: self.names.to_vec(), ..Options::default() }
    }
}

/// The kind of a report in its year's catalogue.
pub fn kind_of<'a>(catalogue: &'a Catalogue, row: &report::Model) -> Result<&'a ReportKind, Error> {
    catalogue.kind(&row.report_kind).ok_or_else(|| {
        Error::illegal_state(
            format!("catalogue/{}", catalogue.year),
            format!("{} 年目录中已没有“{}”这类年报，请管理员恢复。", catalogue.year, row.report_kind),
            format!(
                "The catalogue of {} has no kind {:?} any more; put it back.",
                catalogue.year, row.report_kind
            ),
        )
    })
}
