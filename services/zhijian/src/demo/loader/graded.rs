//! The rounds of review: assigned, scored by every expert, finalised; and the plans for what was graded low.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use anyhow::Context as _;
use chrono::{TimeDelta, Utc};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use zhijian_platform::{Clients, time::timestamp};
use zhijian_proto::review::v1::{
    AssignRoundRequest, Assignment, CreateRoundRequest, FinaliseRoundRequest, GetRoundRequest,
    GetSchemeRequest, ListAssignmentsRequest, ListRectificationsRequest, ListRoundsRequest, Measure,
    OpenRoundRequest, PlanRectificationRequest, Rectification, Round, SaveScoresRequest, Scheme, Score,
    SubmitScoresRequest, assignment, rectification, round,
};

use super::{
    Progress,
    people::People,
    request_id,
    work::{Tell, pages, rpc},
};
use crate::demo::{Band, Element, Grading, Region, dice::Dice, prose, reviews};

/// The year whose round is under way.
const RUNNING: i32 = 2026;
/// How long its experts still have.
const SCORING_DAYS: i64 = 25;
/// How many elements a draft of a score sheet has.
const DRAFTED: usize = 6;
/// How many of a hundred plans are handed in; the others are awaited.
const PLANNED: u64 = 65;

/// What was brought in.
#[derive(Default)]
pub(super) struct Graded {
    pub entries: usize,
    pub assignments: usize,
    pub scores: usize,
}

/// What becomes of an assignment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lot {
    Submitted,
    Drafted,
    Open,
}

/// Runs a round to the end, or in the running year as far as scoring.
pub(super) async fn round(
    tell: &Tell<'_, impl Fn(Progress)>,
    people: &Arc<People>,
    region: &Region,
    year: i32,
    scheme: &str,
) -> anyhow::Result<Graded> {
    let chair = &people.person("chair")?.clients;
    let request = GetSchemeRequest { code: scheme.into() };
    let scheme = rpc!(chair, schemes.get_scheme(request))?.scheme.unwrap_or_default();
    let grading = grading(&scheme)?;
    let round = opened(chair, year, &scheme.code).await?;
    let request = ListAssignmentsRequest { round_id: round.round_id.clone(), ..Default::default() };
    let assignments: Vec<Assignment> = pages!(chair, assignments.list_assignments(request), assignments)?;
    let mut graded = Graded {
        entries: usize::try_from(round.entry_count).unwrap_or_default(),
        assignments: assignments.len(),
        scores: 0,
    };
    let sheets = sheets(people, region, year, &scheme.code, &grading, assignments)?;
    graded.scores = sheets.iter().map(|sheet| sheet.scores.len()).sum();
    if round.state() == round::State::Scoring {
        tell.each(&format!("{year}年评分 / scores of {year}"), sheets, |sheet| {
            let people = people.clone();
            async move { sheet.bring(&people).await }
        })
        .await?;
        if year != RUNNING {
            finalise(chair, &round.round_id).await?;
        }
    }
    Ok(graded)
}

/// How a scheme on the wire grades.
fn grading(scheme: &Scheme) -> anyhow::Result<Grading> {
    let decimal = |text: &str| text.parse::<Decimal>().with_context(|| format!("{}: {text:?}", scheme.code));
    let elements = scheme
        .elements
        .iter()
        .map(|element| Ok(Element { code: element.code.clone(), weight: decimal(&element.weight)? }));
    let bands = scheme
        .bands
        .iter()
        .map(|band| Ok(Band { grade: band.grade.clone(), cut_off: decimal(&band.cut_off)? }));
    Ok(Grading {
        elements: elements.collect::<anyhow::Result<_>>()?,
        bands: bands.collect::<anyhow::Result<_>>()?,
    })
}

/// The round of a scheme in a year: created, assigned and opened, as far as that was not done.
async fn opened(chair: &Clients, year: i32, scheme: &str) -> anyhow::Result<Round> {
    let request = ListRoundsRequest { cycle_year: year, ..Default::default() };
    let present: Vec<Round> = pages!(chair, rounds.list_rounds(request), rounds)?;
    let present = present.into_iter().find(|round| round.scheme_code == scheme);
    let step = |step: &str| request_id(&format!("{step} {scheme} {year}"));
    let missing = || format!("the answer holds no round of {scheme}");
    let mut round = match present {
        Some(round) => round,
        None => {
            let due = (year == RUNNING).then(|| timestamp(Utc::now() + TimeDelta::days(SCORING_DAYS)));
            let request = CreateRoundRequest {
                request_id: step("round"),
                cycle_year: year,
                scheme_code: scheme.into(),
                due_time: due,
            };
            rpc!(chair, rounds.create_round(request))?.round.with_context(missing)?
        }
    };
    if round.state() == round::State::Draft {
        let request = AssignRoundRequest {
            request_id: step("assign"),
            round_id: round.round_id,
            etag: round.etag,
            dry_run: false,
        };
        round = rpc!(chair, rounds.assign_round(request))?.round.with_context(missing)?;
    }
    if round.state() == round::State::Assigned {
        let request =
            OpenRoundRequest { request_id: step("open"), round_id: round.round_id, etag: round.etag };
        round = rpc!(chair, rounds.open_round(request))?.round.with_context(missing)?;
    }
    Ok(round)
}

async fn finalise(chair: &Clients, round_id: &str) -> anyhow::Result<()> {
    let request = GetRoundRequest { round_id: round_id.into() };
    let round = rpc!(chair, rounds.get_round(request))?.round.unwrap_or_default();
    // Named by the etag: whatever changed the round since an interrupted load, this is a request of its own.
    let request = FinaliseRoundRequest {
        request_id: request_id(&format!("finalise {round_id} {}", round.etag)),
        round_id: round_id.into(),
        etag: round.etag,
    };
    rpc!(chair, rounds.finalise_round(request))?;
    Ok(())
}

/// One reviewer's score sheet on its way.
struct Sheet {
    reviewer: String,
    assignment: Assignment,
    lot: Lot,
    scores: Vec<Score>,
    comment: String,
}

/// Every sheet with its scores. A reviewer's place in the panel follows the sign-in names.
fn sheets(
    people: &People,
    region: &Region,
    year: i32,
    scheme: &str,
    grading: &Grading,
    assignments: Vec<Assignment>,
) -> anyhow::Result<Vec<Sheet>> {
    let mut panels: BTreeMap<(String, String), Vec<(String, Assignment)>> = BTreeMap::new();
    for assignment in assignments {
        let reviewer = people.name_of(&assignment.reviewer_account_id).context("a stranger is assigned")?;
        let entry = assignment.entry.as_ref().context("an assignment has no entry")?;
        let key = (entry.organisation_code.clone(), entry.programme_code.clone());
        panels.entry(key).or_default().push((reviewer.to_owned(), assignment));
    }
    let mut sheets = Vec::new();
    let mut dealt: HashMap<String, usize> = HashMap::new();
    for ((school, programme), mut panel) in panels {
        panel.sort_by(|(one, _), (other, _)| one.cmp(other));
        let label = format!("{year} {scheme} {school} {programme}");
        let grade = region.grade(year, scheme, &school, &programme);
        let grade = grade.with_context(|| format!("{label} has no grade"))?;
        let points = reviews::scores(grading, &grade, &label);
        let points = points.with_context(|| format!("{scheme} has no grade {grade}"))?;
        for ((reviewer, assignment), points) in panel.into_iter().zip(points) {
            let lot = if year == RUNNING { next_lot(&mut dealt, &reviewer) } else { Lot::Submitted };
            sheets.push(sheet(reviewer, assignment, lot, grading, &points, &label));
        }
    }
    Ok(sheets)
}

/// In the running round every reviewer has handed some in, begun others and not looked at the rest.
fn next_lot(dealt: &mut HashMap<String, usize>, reviewer: &str) -> Lot {
    let count = dealt.entry(reviewer.to_owned()).or_default();
    *count += 1;
    match *count % 3 {
        1 => Lot::Submitted,
        2 => Lot::Drafted,
        _ => Lot::Open,
    }
}

fn sheet(
    reviewer: String,
    assignment: Assignment,
    lot: Lot,
    grading: &Grading,
    points: &[Decimal],
    label: &str,
) -> Sheet {
    let count = match lot {
        Lot::Submitted => points.len(),
        Lot::Drafted => DRAFTED.min(points.len()),
        Lot::Open => 0,
    };
    let total: Decimal =
        grading.elements.iter().zip(points).map(|(element, point)| element.weight * point).sum();
    let name = assignment.entry.as_ref().and_then(|entry| entry.programme_name.as_ref());
    let comment = match (lot, name) {
        (Lot::Submitted, Some(name)) => prose::review_comment(
            &name.zh,
            total.to_u32().unwrap_or_default(),
            &format!("{label} {reviewer}"),
        ),
        _ => String::new(),
    };
    let scores = grading
        .elements
        .iter()
        .zip(points)
        .take(count)
        .map(|(element, point)| Score { element_code: element.code.clone(), points: point.to_string() });
    Sheet { scores: scores.collect(), reviewer, assignment, lot, comment }
}

impl Sheet {
    /// Saves or hands in the scores, unless that was done.
    async fn bring(self, people: &People) -> anyhow::Result<()> {
        let untouched = self.assignment.scores.iter().all(|score| score.points.is_empty());
        let open = self.assignment.state() == assignment::State::Open;
        let clients = &people.person(&self.reviewer)?.clients;
        let assignment_id = self.assignment.assignment_id;
        match self.lot {
            Lot::Submitted if open => {
                let request = SubmitScoresRequest {
                    request_id: request_id(&format!("submit scores {assignment_id}")),
                    assignment_id,
                    etag: self.assignment.etag,
                    scores: self.scores,
                    comment: self.comment,
                };
                rpc!(clients, assignments.submit_scores(request))?;
            }
            Lot::Drafted if open && untouched => {
                let request = SaveScoresRequest {
                    request_id: request_id(&format!("save scores {assignment_id}")),
                    assignment_id,
                    etag: self.assignment.etag,
                    scores: self.scores,
                    comment: self.comment,
                };
                rpc!(clients, assignments.save_scores(request))?;
            }
            Lot::Submitted | Lot::Drafted | Lot::Open => {}
        }
        Ok(())
    }
}

/// Hands in plans for most of what was graded low; the featured school's stay awaited, for a visitor to write.
pub(super) async fn plans(
    tell: &Tell<'_, impl Fn(Progress)>,
    people: &Arc<People>,
    region: &Region,
) -> anyhow::Result<usize> {
    let chair = &people.person("chair")?.clients;
    let request = ListRectificationsRequest::default();
    let all: Vec<Rectification> = pages!(chair, rectifications.list_rectifications(request), rectifications)?;
    let chosen: Vec<Rectification> = all
        .into_iter()
        .filter(|one| {
            let Some(entry) = &one.entry else { return false };
            let label = format!("plan {} {}", entry.organisation_code, entry.programme_code);
            entry.organisation_code != region.featured_school && Dice::of(&label).chance(PLANNED)
        })
        .collect();
    let count = chosen.len();
    let names = Arc::new(element_names(chair).await?);
    tell.each("整改方案 / plans", chosen, |rectification| {
        let (people, names) = (people.clone(), names.clone());
        async move { plan(&people, &names, rectification).await }
    })
    .await?;
    Ok(count)
}

/// What the elements of the schemes are called.
async fn element_names(chair: &Clients) -> anyhow::Result<HashMap<String, String>> {
    let request = zhijian_proto::review::v1::ListSchemesRequest {};
    let schemes = rpc!(chair, schemes.list_schemes(request))?.schemes;
    let elements = schemes.into_iter().flat_map(|scheme| scheme.elements);
    Ok(elements.map(|element| (element.code, element.name.unwrap_or_default().zh)).collect())
}

async fn plan(
    people: &People,
    names: &HashMap<String, String>,
    rectification: Rectification,
) -> anyhow::Result<()> {
    if rectification.state() != rectification::State::Opened {
        return Ok(());
    }
    let weakest: Vec<String> = rectification
        .findings
        .iter()
        .take(3)
        .map(|finding| names.get(&finding.element_code).unwrap_or(&finding.element_code).clone())
        .collect();
    let entry = rectification.entry.unwrap_or_default();
    let programme = entry.programme_name.unwrap_or_default().zh;
    let request = PlanRectificationRequest {
        request_id: request_id(&format!("plan {}", rectification.rectification_id)),
        rectification_id: rectification.rectification_id,
        etag: rectification.etag,
        plan: prose::rectification_plan(&programme, &weakest),
        measures: rectification
            .findings
            .iter()
            .take(3)
            .zip(&weakest)
            .map(|(finding, element)| Measure {
                element_code: finding.element_code.clone(),
                title: prose::rectification_measure(element),
                ..Measure::default()
            })
            .collect(),
    };
    rpc!(people.of_organisation(&entry.organisation_code)?, rectifications.plan_rectification(request))?;
    Ok(())
}
