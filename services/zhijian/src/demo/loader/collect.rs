//! The years' reports: created, filled in, checked, explained, approved, submitted, and decided on.

use std::{collections::HashMap, sync::Arc};

use anyhow::Context as _;
use chrono::{TimeDelta, Utc};
use tonic::Code;
use zhijian_platform::{Clients, time::timestamp};
use zhijian_proto::{
    common::v1::{Value, value::Kind},
    submission::v1::{
        AcceptSubmissionRequest, ApproveSubmissionRequest, Cell, CheckSubmissionRequest, CloseCycleRequest,
        CreateCycleRequest, CreateSubmissionRequest, Cycle, DecideExplanationRequest, Declaration,
        ExplainFindingRequest, GetCatalogueRequest, GetCycleRequest, GetSubmissionRequest,
        ListSubmissionsRequest, OpenCycleRequest, ReturnSubmissionRequest, RuleStage, SaveCellsRequest,
        SaveSectionRequest, Section, Severity, StartSubmissionReviewRequest, Submission,
        SubmitSubmissionRequest, TakeOverExplanationRequest, cycle, explanation_decision, submission,
    },
};

use super::{
    Progress, material,
    people::People,
    public, request_id, text,
    work::{self, Tell, pages, rpc},
};
use crate::demo::{Fate, Figure, Region, ReportKind, YearReport, explanation};

/// How long the running year still collects.
const COLLECTING_DAYS: i64 = 40;
/// How often a report is handed in again while its peers move.
const ATTEMPTS: usize = 20;
/// How many explanations of a report the commission decides on.
const DECIDED: usize = 3;
/// The running year.
const RUNNING: i32 = 2026;

/// What was brought in.
#[derive(Default)]
pub(super) struct Collected {
    pub submissions: usize,
    pub cells: usize,
    pub sections: usize,
    pub explanations: usize,
}

/// Defines a cycle and opens it, unless that was done. Years that are over have no deadline: theirs would lie in the past,
/// and nothing could be submitted for them.
pub(super) async fn open(people: &People, year: i32) -> anyhow::Result<()> {
    let commission = people.commission();
    let mut cycle = match rpc!(commission, cycles.get_cycle(GetCycleRequest { year })) {
        Ok(found) => found.cycle,
        Err(error) if work::is(&error, Code::NotFound) => None,
        Err(error) => return Err(error),
    };
    if cycle.is_none() {
        let (zh, en) = (format!("{year}年度质量年报"), format!("Quality year {year}"));
        let due = (year == RUNNING).then(|| timestamp(Utc::now() + TimeDelta::days(COLLECTING_DAYS)));
        let request = CreateCycleRequest {
            request_id: request_id(&format!("cycle {year}")),
            cycle: Some(Cycle {
                year,
                name: Some(text((&zh, &en))),
                window_start: format!("{}-09-01", year - 1),
                window_end: format!("{year}-08-31"),
                due_time: due,
                catalogue_year: year,
                ..Cycle::default()
            }),
        };
        cycle = rpc!(commission, cycles.create_cycle(request))?.cycle;
    }
    let cycle = cycle.context("the answer holds no cycle")?;
    if cycle.state() == cycle::State::Draft {
        let request =
            OpenCycleRequest { request_id: request_id(&format!("open {year}")), year, etag: cycle.etag };
        rpc!(commission, cycles.open_cycle(request))?;
    }
    Ok(())
}

/// Closes a cycle, unless that was done.
pub(super) async fn close(people: &People, year: i32) -> anyhow::Result<()> {
    let commission = people.commission();
    let cycle = rpc!(commission, cycles.get_cycle(GetCycleRequest { year }))?.cycle.unwrap_or_default();
    if cycle.state() == cycle::State::Collecting {
        let request =
            CloseCycleRequest { request_id: request_id(&format!("close {year}")), year, etag: cycle.etag };
        rpc!(commission, cycles.close_cycle(request))?;
    }
    Ok(())
}

/// Brings every report of a year to where its fate says.
pub(super) async fn year(
    tell: &Tell<'_, impl Fn(Progress)>,
    people: &Arc<People>,
    region: &Region,
    year: i32,
) -> anyhow::Result<Collected> {
    let commission = people.commission();
    let request = ListSubmissionsRequest { cycle_year: year, ..ListSubmissionsRequest::default() };
    let present: Vec<Submission> = pages!(commission, submissions.list_submissions(request), submissions)?;
    let mut present: HashMap<_, _> =
        present.into_iter().map(|one| ((one.report_kind.clone(), one.subject_code.clone()), one)).collect();
    let order = Arc::new(catalogue_order(commission, year).await?);
    let reports: Vec<_> = region
        .reports
        .iter()
        .filter(|report| report.year == year && report.fate != Fate::NotStarted)
        .map(|report| {
            let key = (report.kind.code().to_owned(), report.subject.clone());
            let about = region.organisations.iter().find(|one| one.code == report.subject);
            let name = about.map(|one| one.name.zh.clone()).unwrap_or_default();
            (report.clone(), name, present.remove(&key))
        })
        .collect();
    let collected = tell
        .each(&format!("{year}年年报 / reports of {year}"), reports, |(report, name, present)| {
            let (people, order) = (people.clone(), order.clone());
            async move {
                let label = report.label();
                let desk = Desk {
                    school: people.of_organisation(&report.organisation)?.clone(),
                    commission: people.commission().clone(),
                    report,
                    label: label.clone(),
                    name,
                };
                desk.bring(present, &order).await.with_context(|| format!("report {label}"))
            }
        })
        .await?;
    Ok(collected.into_iter().fold(Collected::default(), |sum, one| Collected {
        submissions: sum.submissions + one.submissions,
        cells: sum.cells + one.cells,
        sections: sum.sections + one.sections,
        explanations: sum.explanations + one.explanations,
    }))
}

/// The place of each indicator in a year's catalogue: the order in which a person fills a report in.
async fn catalogue_order(clients: &Clients, year: i32) -> anyhow::Result<HashMap<String, usize>> {
    let request = GetCatalogueRequest { year };
    let catalogue = rpc!(clients, catalogues.get_catalogue(request))?.catalogue.unwrap_or_default();
    Ok(catalogue
        .indicators
        .into_iter()
        .enumerate()
        .map(|(place, indicator)| (indicator.code, place))
        .collect())
}

/// One report on its way.
struct Desk {
    school: Clients,
    commission: Clients,
    report: YearReport,
    label: String,
    /// What the organisation is called that the report is about.
    name: String,
}

impl Desk {
    /// Takes the report from where it stands to where its fate says.
    async fn bring(
        &self,
        present: Option<Submission>,
        order: &HashMap<String, usize>,
    ) -> anyhow::Result<Collected> {
        let mut submission = match present {
            Some(present) => present,
            None => self.create().await?,
        };
        let (cells, sections) = self.content(order);
        let mut collected =
            Collected { submissions: 1, cells: cells.len(), sections: sections.len(), explanations: 0 };
        if submission.state() == submission::State::Draft {
            self.fill(&submission.submission_id, cells, sections).await?;
            material::bring(&self.school, &self.report, &self.name, &submission.submission_id).await?;
            if !matches!(self.report.fate, Fate::Draft { .. }) {
                public::say(&self.school, &self.report, &submission.submission_id).await?;
                collected.explanations = self.explain(&submission.submission_id).await?;
                submission = self.approve(&submission.submission_id).await?;
            }
        }
        if submission.state() == submission::State::Approved && self.report.fate != Fate::Approved {
            submission = self.submit(submission).await?;
        }
        if submission.state() == submission::State::Submitted {
            submission = self.take_up_or_accept(submission).await?;
        }
        if let (submission::State::UnderReview, Fate::Returned { comment }) =
            (submission.state(), &self.report.fate)
        {
            let request = ReturnSubmissionRequest {
                request_id: self.request_id("return"),
                submission_id: submission.submission_id,
                etag: submission.etag,
                comment: comment.clone(),
                ..Default::default()
            };
            rpc!(self.commission, submissions.return_submission(request))?;
        }
        Ok(collected)
    }

    fn request_id(&self, step: &str) -> String {
        request_id(&format!("{step} {}", self.label))
    }

    async fn create(&self) -> anyhow::Result<Submission> {
        let request = CreateSubmissionRequest {
            request_id: self.request_id("create"),
            cycle_year: self.report.year,
            report_kind: self.report.kind.code().into(),
            organisation_code: self.report.organisation.clone(),
            subject_code: self.report.subject.clone(),
        };
        let answer = rpc!(self.school, submissions.create_submission(request))?;
        answer.submission.context("the answer holds no submission")
    }

    /// The cells and sections to fill in, in the catalogue's order: all of them, or a draft's share.
    fn content(&self, order: &HashMap<String, usize>) -> (Vec<Cell>, Vec<Section>) {
        let mut cells: Vec<Cell> =
            self.report.cells.iter().map(|(code, figure)| cell(code, figure)).collect();
        cells.sort_by_key(|cell| order.get(&cell.indicator_code).copied());
        let mut sections: Vec<Section> = self
            .report
            .sections
            .iter()
            .map(|(code, body)| Section {
                section_code: (*code).into(),
                body: body.clone(),
                etag: String::new(),
            })
            .collect();
        if let Fate::Draft { percent } = self.report.fate {
            cells.truncate((cells.len() * percent).div_ceil(100));
            sections.truncate(sections.len() * percent / 100);
        }
        (cells, sections)
    }

    async fn fill(
        &self,
        submission_id: &str,
        cells: Vec<Cell>,
        sections: Vec<Section>,
    ) -> anyhow::Result<()> {
        let request = SaveCellsRequest {
            request_id: self.request_id("cells"),
            submission_id: submission_id.into(),
            cells,
        };
        rpc!(self.school, submissions.save_cells(request))?;
        for section in sections {
            let request = SaveSectionRequest {
                request_id: self.request_id(&format!("section {}", section.section_code)),
                submission_id: submission_id.into(),
                section: Some(section),
            };
            rpc!(self.school, submissions.save_section(request))?;
        }
        Ok(())
    }

    /// Runs the checks and explains every warning; an error would be the demonstration's own.
    async fn explain(&self, submission_id: &str) -> anyhow::Result<usize> {
        let request = CheckSubmissionRequest { submission_id: submission_id.into() };
        let findings = rpc!(self.school, submissions.check_submission(request))?.findings;
        let mut explained = 0;
        for finding in findings {
            match finding.severity() {
                Severity::Error => {
                    let message = finding.message.unwrap_or_default().zh;
                    anyhow::bail!("{}: {message} {}", finding.finding_id, finding.computation)
                }
                Severity::Warning if finding.open && finding.proposal.is_some() => {
                    let request = TakeOverExplanationRequest {
                        request_id: self.request_id(&format!("take over {}", finding.finding_id)),
                        submission_id: submission_id.into(),
                        finding_id: finding.finding_id,
                    };
                    explained += still_there(rpc!(self.school, explanations.take_over_explanation(request)))?;
                }
                Severity::Warning if finding.open => {
                    let request = ExplainFindingRequest {
                        request_id: self.request_id(&format!("explain {}", finding.finding_id)),
                        submission_id: submission_id.into(),
                        explanation: explanation(&finding.rule_code, &finding.indicator_codes),
                        finding_id: finding.finding_id,
                    };
                    explained += still_there(rpc!(self.school, submissions.explain_finding(request)))?;
                }
                Severity::Warning => explained += 1,
                Severity::Info | Severity::Unspecified => {}
            }
        }
        Ok(explained)
    }

    async fn approve(&self, submission_id: &str) -> anyhow::Result<Submission> {
        let request = GetSubmissionRequest { submission_id: submission_id.into() };
        let present = rpc!(self.school, submissions.get_submission(request))?.submission.unwrap_or_default();
        let (name, office) = &self.report.declared_by;
        let request = ApproveSubmissionRequest {
            request_id: self.request_id("approve"),
            submission_id: submission_id.into(),
            etag: present.etag,
            declaration: Some(Declaration { name: name.clone(), office: (*office).into(), time: None }),
        };
        let answer = rpc!(self.school, submissions.approve_submission(request))?;
        answer.submission.context("the answer holds no submission")
    }

    /// Hands it in. The peers hand in meanwhile: what they give may put a figure in question that was not before, so whatever
    /// is found in the way then is explained, and the report handed in again.
    async fn submit(&self, submission: Submission) -> anyhow::Result<Submission> {
        let id = submission.submission_id;
        let mut etag = submission.etag;
        for _ in 0..ATTEMPTS {
            let request = SubmitSubmissionRequest {
                request_id: self.request_id("submit"),
                submission_id: id.clone(),
                etag,
            };
            match rpc!(self.school, submissions.submit_submission(request)) {
                Ok(answer) => return answer.submission.context("the answer holds no submission"),
                Err(error) if work::is(&error, Code::FailedPrecondition) => {
                    self.explain(&id).await?;
                    let request = GetSubmissionRequest { submission_id: id.clone() };
                    let present = rpc!(self.school, submissions.get_submission(request))?.submission;
                    etag = present.unwrap_or_default().etag;
                }
                Err(error) => return Err(error),
            }
        }
        anyhow::bail!("{ATTEMPTS} times something new was found in the way")
    }

    /// What the commission says of the explanations that are likely to be wanted again: how a school differs from a platform or
    /// from its peers seldom changes. Those it accepts are offered again in the year after.
    async fn decide(&self, submission_id: &str) -> anyhow::Result<()> {
        let of_school = matches!(self.report.kind, ReportKind::Higher | ReportKind::Secondary);
        if self.report.year != RUNNING - 1 || !of_school {
            return Ok(());
        }
        let request = CheckSubmissionRequest { submission_id: submission_id.into() };
        let findings = rpc!(self.commission, submissions.check_submission(request))?.findings;
        let explained = findings.into_iter().filter(|finding| {
            matches!(finding.stage(), RuleStage::Platform | RuleStage::Peers)
                && finding.severity() == Severity::Warning
                && !finding.explanation.is_empty()
                && finding.decision.is_none()
        });
        for finding in explained.take(DECIDED) {
            let request = DecideExplanationRequest {
                request_id: self.request_id(&format!("decide {}", finding.finding_id)),
                submission_id: submission_id.into(),
                finding_id: finding.finding_id,
                verdict: explanation_decision::Verdict::Accepted.into(),
                reason: "材料已核（演示意见）。".into(),
                expires_year: RUNNING + 1,
                ..DecideExplanationRequest::default()
            };
            still_there(rpc!(self.commission, explanations.decide_explanation(request)))?;
        }
        Ok(())
    }

    /// What the commission does with a submitted report.
    async fn take_up_or_accept(&self, submission: Submission) -> anyhow::Result<Submission> {
        let (submission_id, etag) = (submission.submission_id.clone(), submission.etag.clone());
        let answer = match self.report.fate {
            Fate::UnderReview | Fate::Returned { .. } => {
                let request = StartSubmissionReviewRequest {
                    request_id: self.request_id("take up"),
                    submission_id,
                    etag,
                };
                rpc!(self.commission, submissions.start_submission_review(request))?.submission
            }
            Fate::Accepted => {
                self.decide(&submission_id).await?;
                let request =
                    AcceptSubmissionRequest { request_id: self.request_id("accept"), submission_id, etag };
                rpc!(self.commission, submissions.accept_submission(request))?.submission
            }
            Fate::NotStarted | Fate::Draft { .. } | Fate::Approved | Fate::Submitted => Some(submission),
        };
        answer.context("the answer holds no submission")
    }
}

fn cell(code: &str, figure: &Figure) -> Cell {
    let kind = match figure {
        Figure::Number(number) => Kind::Number(number.to_string()),
        Figure::Choice(code) => Kind::Text((*code).to_owned()),
        Figure::NotApplicable(reason) => Kind::NotApplicable(reason.clone()),
    };
    Cell { indicator_code: code.into(), value: Some(Value { kind: Some(kind) }), ..Cell::default() }
}

/// How many findings were answered: none if this one is gone, for what the peers give changes while they hand in.
fn still_there<T>(answered: anyhow::Result<T>) -> anyhow::Result<usize> {
    match answered {
        Ok(_) => Ok(1),
        Err(error) if work::is(&error, Code::NotFound) => Ok(0),
        Err(error) => Err(error),
    }
}
