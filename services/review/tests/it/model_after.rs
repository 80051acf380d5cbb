//! Random walks through what follows a low grade, its rectification and its appeal at once, beside a model of the contract.

use std::result::Result;

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tonic::{Code, Response, Status};
use zhijian_proto::review::v1::{appeal, rectification, *};

use crate::world::*;

/// Organisations with a reviewer each: three sit on the panel, nobody on the same entry twice.
const REVIEWERS: usize = 12;
const PANEL: usize = 3;
const RECHECK: usize = 2;

#[derive(Debug, Clone, Copy)]
enum Step {
    Plan,
    AcceptPlan,
    ReturnPlan,
    Claim,
    AppointRecheck,
    /// Every open sheet of the re-check is handed in; whether it finds the programme mended.
    Recheck(bool),
    Conclude,
    Withdraw,
    File,
    WithdrawAppeal,
    AppointAppeal,
    /// Every open sheet of the hearing is handed in; whether the grade is better.
    Hear(bool),
    /// Some reviewer of the hearing gives the seat back.
    Leave,
    Decide(bool),
}

/// What the contract says.
#[derive(Debug, Clone, PartialEq)]
struct Model {
    mending: rectification::State,
    outcome: rectification::Outcome,
    level: usize,
    /// The sheets of the re-check under way: in or not, and whether they pass.
    recheck: Vec<Option<bool>>,
    appeal: Option<appeal::State>,
    upheld: bool,
    hearing: Vec<Option<bool>>,
    /// Who sits or has sat on the entry.
    used: usize,
}

impl Model {
    fn new() -> Self {
        Self {
            mending: rectification::State::Opened,
            outcome: rectification::Outcome::Unspecified,
            level: 0,
            recheck: vec![],
            appeal: None,
            upheld: false,
            hearing: vec![],
            used: PANEL,
        }
    }

    fn seat(&mut self, count: usize) -> bool {
        let enough = self.used + count <= REVIEWERS;
        if enough {
            self.used += count;
        }
        enough
    }

    fn step(&mut self, step: Step) -> bool {
        use rectification::State;
        let hearing = self.appeal == Some(appeal::State::Hearing);
        match step {
            Step::Plan if self.mending == State::Opened => self.mending = State::Planned,
            Step::AcceptPlan if self.mending == State::Planned => self.mending = State::Mending,
            Step::ReturnPlan if self.mending == State::Planned => self.mending = State::Opened,
            Step::Claim if self.mending == State::Mending => self.mending = State::Claimed,
            Step::AppointRecheck if self.mending == State::Claimed => {
                if !self.seat(RECHECK) {
                    return false;
                }
                (self.mending, self.recheck) = (State::Rechecking, vec![None; RECHECK]);
            }
            Step::Recheck(passes) if self.mending == State::Rechecking => {
                if !self.recheck.contains(&None) {
                    return false;
                }
                self.recheck = vec![Some(passes); RECHECK];
            }
            Step::Conclude if self.mending == State::Rechecking => match self.recheck[0] {
                None => return false,
                Some(true) => {
                    (self.mending, self.outcome) = (State::Closed, rectification::Outcome::Mended);
                }
                Some(false) => (self.mending, self.level) = (State::Mending, (self.level + 1).min(4)),
            },
            Step::Withdraw if !matches!(self.mending, State::Rechecking | State::Closed) => {
                (self.mending, self.outcome) = (State::Closed, rectification::Outcome::Withdrawn);
            }
            Step::File if self.appeal.is_none() => self.appeal = Some(appeal::State::Filed),
            Step::WithdrawAppeal if self.appeal == Some(appeal::State::Filed) => {
                self.appeal = Some(appeal::State::Withdrawn);
            }
            Step::AppointAppeal if self.appeal == Some(appeal::State::Filed) || hearing => {
                let lack = PANEL - self.hearing.len();
                if lack == 0 || !self.seat(lack) {
                    return false;
                }
                self.hearing.extend(vec![None; lack]);
                self.appeal = Some(appeal::State::Hearing);
            }
            Step::Hear(better) if hearing => {
                if !self.hearing.contains(&None) {
                    return false;
                }
                for sheet in &mut self.hearing {
                    sheet.get_or_insert(better);
                }
            }
            Step::Leave if hearing => {
                let Some(place) = self.hearing.iter().position(Option::is_none) else { return false };
                self.hearing.remove(place);
            }
            Step::Decide(uphold) if hearing || self.appeal == Some(appeal::State::Filed) => {
                let heard = self.hearing.len() == PANEL && !self.hearing.contains(&None);
                // Better sheets say 80 and worse ones 50, against 55: the median decides.
                let better = self.hearing.iter().filter(|sheet| **sheet == Some(true)).count() * 2 > PANEL;
                if uphold && !(heard && better) {
                    return false;
                }
                (self.appeal, self.upheld) = (Some(appeal::State::Decided), uphold);
                if uphold && self.mending != State::Closed {
                    (self.mending, self.outcome) = (State::Closed, rectification::Outcome::Lifted);
                }
            }
            _ => return false,
        }
        true
    }
}

const STEPS: [Step; 17] = [
    Step::Plan,
    Step::AcceptPlan,
    Step::ReturnPlan,
    Step::Claim,
    Step::AppointRecheck,
    Step::Recheck(true),
    Step::Recheck(false),
    Step::Conclude,
    Step::File,
    Step::WithdrawAppeal,
    Step::AppointAppeal,
    Step::Hear(true),
    Step::Hear(false),
    Step::Leave,
    Step::Decide(true),
    Step::Decide(false),
    // The last, so that it can be left out: it ends everything.
    Step::Withdraw,
];

/// A walk from random picks: mostly of what the model allows, so that it gets somewhere, and of anything now and then.
fn walk(picks: &[(u8, usize)]) -> (Vec<Step>, Model) {
    let mut model = Model::new();
    let mut walk = vec![];
    for (kind, which) in picks {
        let offered = match kind {
            0..=3 => &STEPS[..],
            _ => &STEPS[..STEPS.len() - 1],
        };
        let legal: Vec<Step> = offered.iter().copied().filter(|step| model.clone().step(*step)).collect();
        let among = if legal.is_empty() || *kind < 3 { offered } else { &legal };
        let step = among[which % among.len()];
        model.step(step);
        walk.push(step);
    }
    (walk, model)
}

#[tokio::test]
async fn any_walk_after_a_low_grade_follows_the_model() {
    let mut runner = TestRunner::deterministic();
    let picks = prop::collection::vec((0..12_u8, any::<usize>()), 16..30);
    let walks: Vec<(Vec<Step>, Model)> =
        (0..10).map(|_| walk(&picks.new_tree(&mut runner).expect("picks").current())).collect();
    let ends: Vec<&Model> = walks.iter().map(|(_, end)| end).collect();
    for outcome in
        [rectification::Outcome::Mended, rectification::Outcome::Withdrawn, rectification::Outcome::Lifted]
    {
        assert!(ends.iter().any(|end| end.outcome == outcome), "some walk ends {outcome:?}: {ends:?}");
    }
    assert!(ends.iter().any(|end| end.level > 0), "some re-check fails: {ends:?}");
    assert!(ends.iter().any(|end| end.appeal == Some(appeal::State::Withdrawn)), "{ends:?}");
    let walks = &walks;
    in_each_world(1, REVIEWERS, async |world| {
        world.reviewers(REVIEWERS).await;
        world.programmes(&school(0), &["710201"], "").await;
        for (n, (walk, _)) in walks.iter().enumerate() {
            walk_through(&world, n, walk).await;
        }
    })
    .await;
}

/// What stands after a step.
struct Standing {
    mending: Rectification,
    appeal: Option<Appeal>,
}

async fn standing(world: &World, rectification_id: &str, entry_id: &str) -> Standing {
    let request = GetRectificationRequest { rectification_id: rectification_id.into() };
    let mending = ok(world.chair.rectifications().get_rectification(request).await).rectification;
    let request = GetAppealTermsRequest { entry_id: entry_id.into() };
    let terms = ok(world.as_school(&school(0)).appeals().get_appeal_terms(request).await);
    Standing { mending: mending.expect("one"), appeal: terms.appeal }
}

/// Each walk has a year of its own.
async fn walk_through(world: &World, n: usize, walk: &[Step]) {
    let year = YEAR + 1 + i32::try_from(n).expect("few walks");
    world.cycle(year).await;
    let round = world.create_round_of(year).await;
    let id = &round.round_id;
    ok(world.try_assign(id).await);
    ok(world.try_open(id).await);
    world.submit_all(id, |_| "55".into()).await;
    ok(world.try_finalise(id).await);
    ok(world.try_reveal(id).await);
    let entry_id = world.entries(&world.chair, id).await[0].entry_id.clone();
    let request = ListRectificationsRequest { round_id: id.clone(), ..Default::default() };
    let opened = ok(world.chair.rectifications().list_rectifications(request).await).rectifications.remove(0);
    let mut model = Model::new();
    for (place, step) in walk.iter().enumerate() {
        let before = model.clone();
        let legal = model.step(*step);
        let now = standing(world, &opened.rectification_id, &entry_id).await;
        let answer = take(world, id, &entry_id, &now, *step).await;
        match (legal, answer) {
            (true, Ok(()))
            | (false, Err(Code::FailedPrecondition | Code::NotFound | Code::AlreadyExists)) => {}
            (_, answer) => panic!("walk {n}, step {place}: {step:?} from {before:?} was answered {answer:?}"),
        }
        let seen = standing(world, &opened.rectification_id, &entry_id).await;
        assert_eq!(seen.mending.state(), model.mending, "walk {n}, step {place}: {step:?} from {before:?}");
        assert_eq!(seen.mending.outcome(), model.outcome);
        assert_eq!(seen.mending.level.is_some(), model.level > 0);
        let appealed = seen.appeal.as_ref();
        assert_eq!(
            appealed.map(Appeal::state),
            model.appeal,
            "walk {n}, step {place}: {step:?} from {before:?}"
        );
        assert_eq!(appealed.is_some_and(|one| one.upheld), model.upheld);
        let result = world.entries(&world.chair, id).await.remove(0).result.expect("a result");
        assert_eq!(result.former.len(), usize::from(model.upheld));
        assert_eq!(result.grade == "C-", !model.upheld, "the old grade stands until an appeal is upheld");
    }
}

async fn take(world: &World, round: &str, entry: &str, now: &Standing, step: Step) -> Result<(), Code> {
    let own = world.as_school(&school(0));
    let (request_id, rectification_id) = (request_id(), now.mending.rectification_id.clone());
    let etag = now.mending.etag.clone();
    let appeal = now.appeal.clone().unwrap_or_default();
    let (appeal_id, tag) = (appeal.appeal_id, appeal.etag);
    match step {
        Step::Plan => {
            let plan = "改".repeat(30);
            let request =
                PlanRectificationRequest { request_id, rectification_id, etag, plan, measures: vec![] };
            nothing(own.rectifications().plan_rectification(request).await)
        }
        Step::AcceptPlan | Step::ReturnPlan => {
            let accept = matches!(step, Step::AcceptPlan);
            let comment = "请补充。".into();
            let request =
                ReviewRectificationPlanRequest { request_id, rectification_id, etag, accept, comment };
            nothing(world.commission.rectifications().review_rectification_plan(request).await)
        }
        Step::Claim => {
            let comment = "已完成。".into();
            let request = ClaimRectificationRequest { request_id, rectification_id, etag, comment };
            nothing(own.rectifications().claim_rectification(request).await)
        }
        Step::AppointRecheck => {
            let request = AppointRecheckRequest { request_id, rectification_id, etag };
            nothing(world.chair.rectifications().appoint_recheck(request).await)
        }
        Step::Recheck(passes) => hand_in(world, round, false, if passes { "82" } else { "56" }).await,
        Step::Conclude => {
            let request = ConcludeRecheckRequest { request_id, rectification_id, etag };
            nothing(world.chair.rectifications().conclude_recheck(request).await)
        }
        Step::Withdraw => {
            let reason = "学校申请。".into();
            let request = WithdrawProgrammeRequest { request_id, rectification_id, etag, reason };
            nothing(world.commission.rectifications().withdraw_programme(request).await)
        }
        Step::File => {
            let request = FileAppealRequest {
                request_id,
                entry_id: entry.into(),
                ground_code: "facts".into(),
                element_codes: vec![],
                statement: "实训基地已经在观测期内建成，年报第三部分有说明。".into(),
            };
            nothing(own.appeals().file_appeal(request).await)
        }
        Step::WithdrawAppeal => {
            let request = WithdrawAppealRequest { request_id, appeal_id, etag: tag };
            nothing(own.appeals().withdraw_appeal(request).await)
        }
        Step::AppointAppeal => {
            let request = AppointAppealPanelRequest { request_id, appeal_id, etag: tag };
            nothing(world.chair.appeals().appoint_appeal_panel(request).await)
        }
        Step::Hear(better) => hand_in(world, round, true, if better { "80" } else { "50" }).await,
        Step::Leave => {
            let open = open(world, round, true).await;
            let chosen = open.first().ok_or(Code::NotFound)?;
            let request = AbstainAssignmentRequest {
                request_id,
                assignment_id: chosen.assignment_id.clone(),
                etag: chosen.etag.clone(),
                reason: "应当回避。".into(),
            };
            let reviewer = world.as_reviewer(&chosen.reviewer_account_id);
            nothing(reviewer.assignments().abstain_assignment(request).await)
        }
        Step::Decide(uphold) => {
            let reason = "按复评结果。".into();
            let request = DecideAppealRequest { request_id, appeal_id, etag: tag, uphold, reason };
            nothing(world.chair.appeals().decide_appeal(request).await)
        }
    }
}

/// The open sheets of the hearing, or of the re-check.
async fn open(world: &World, round: &str, hearing: bool) -> Vec<Assignment> {
    let mut found = vec![];
    for one in world.assignments(round).await {
        if one.state() == assignment::State::Open {
            let request = GetAssignmentRequest { assignment_id: one.assignment_id.clone() };
            let told = ok(world.chair.assignments().get_assignment(request).await).assignment.expect("one");
            if told.appeal.is_some() == hearing {
                found.push(told);
            }
        }
    }
    found
}

async fn hand_in(world: &World, round: &str, hearing: bool, points: &str) -> Result<(), Code> {
    let sheets = open(world, round, hearing).await;
    if sheets.is_empty() {
        return Err(Code::NotFound);
    }
    for one in sheets {
        nothing(world.try_submit(&one, points).await)?;
    }
    Ok(())
}

fn nothing<T>(answer: Result<Response<T>, Status>) -> Result<(), Code> {
    answer.map(|_| ()).map_err(|status| status.code())
}
