//! Random walks through a round's RPCs, beside a model that knows only the rules of the contract.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tonic::{Code, Response, Status};
use zhijian_proto::review::v1::{
    AbstainAssignmentRequest, AddDiscussionCommentRequest, Assignment, ReturnScoresRequest,
    ReviseScoresRequest, Score, assignment, round::State,
};

use crate::world::*;

/// Organisations with a reviewer each: nobody sits on the same entry twice.
const REVIEWERS: usize = 7;

#[derive(Debug, Clone, Copy)]
enum Step {
    Assign,
    Open,
    /// Some open assignment is handed in, with these points.
    Submit(usize, u8),
    /// Some reviewer gives an open seat back.
    Abstain(usize),
    /// The chair returns some sheet that is in.
    Return(usize),
    /// Somebody else whose sheet is in speaks, and then some sheet is revised.
    Revise(usize, u8),
    Finalise,
    Reveal,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Seat {
    state: assignment::State,
    points: i32,
    arbiter: bool,
    revised: bool,
    /// Whether it has said anything to the panel.
    spoke: bool,
}

/// What the contract says of a round of one entry with a panel of three.
#[derive(Debug, Clone, PartialEq)]
struct Model {
    state: State,
    /// Every seat that was ever given, in order.
    seats: Vec<Seat>,
}

impl Model {
    fn new() -> Self {
        Self { state: State::Draft, seats: vec![] }
    }

    /// The places of the seats in a state.
    fn of(&self, state: assignment::State) -> Vec<usize> {
        (0..self.seats.len()).filter(|place| self.seats[*place].state == state).collect()
    }

    fn pick(&self, state: assignment::State, which: usize) -> Option<usize> {
        let places = self.of(state);
        places.get(which % places.len().max(1)).copied()
    }

    fn active(&self) -> impl Iterator<Item = &Seat> {
        self.seats.iter().filter(|seat| seat.state != assignment::State::Abstained)
    }

    /// How many seats were given back and not taken.
    fn short(&self) -> usize {
        3_usize.saturating_sub(self.active().filter(|seat| !seat.arbiter).count())
    }

    fn disputed(&self) -> bool {
        let points = || self.active().map(|seat| seat.points);
        let spread = points().max().unwrap_or(0) - points().min().unwrap_or(0);
        self.of(assignment::State::Open).is_empty()
            && self.short() == 0
            && spread > 10
            && !self.active().any(|seat| seat.arbiter)
    }

    /// What an assignment while reviewers score gives: so many seats, and whether they are arbiters'.
    fn wanted(&self) -> (usize, bool) {
        if self.short() > 0 { (self.short(), false) } else { (usize::from(self.disputed()), true) }
    }

    /// Whether the step is legal, and what comes of it.
    fn step(&mut self, step: Step) -> bool {
        use assignment::State::{Abstained, Open, Submitted};
        let scoring = self.state == State::Scoring;
        let open = Seat { state: Open, points: 0, arbiter: false, revised: false, spoke: false };
        match step {
            Step::Assign if scoring => {
                let (seats, arbiter) = self.wanted();
                if self.seats.len() + seats > REVIEWERS {
                    return false;
                }
                self.seats.extend(std::iter::repeat_n(Seat { arbiter, ..open }, seats));
            }
            Step::Assign if matches!(self.state, State::Draft | State::Assigned) => {
                (self.state, self.seats) = (State::Assigned, vec![open; 3]);
            }
            Step::Open if self.state == State::Assigned => self.state = State::Scoring,
            Step::Submit(which, points) if scoring => {
                let Some(place) = self.pick(Open, which) else { return false };
                (self.seats[place].state, self.seats[place].points) = (Submitted, points.into());
            }
            Step::Abstain(which) if scoring => {
                let Some(place) = self.pick(Open, which) else { return false };
                self.seats[place].state = Abstained;
            }
            Step::Return(which) if scoring => {
                let Some(place) = self.pick(Submitted, which) else { return false };
                self.seats[place].state = Open;
            }
            Step::Revise(which, points) if scoring => {
                let Some(place) = self.pick(Submitted, which) else { return false };
                let submitted = self.of(Submitted);
                if let Some(other) = submitted.into_iter().find(|other| *other != place) {
                    self.seats[other].spoke = true;
                }
                let heard = (0..self.seats.len()).any(|other| other != place && self.seats[other].spoke);
                if !heard || self.seats[place].revised {
                    return false;
                }
                (self.seats[place].points, self.seats[place].revised) = (points.into(), true);
            }
            Step::Finalise if scoring => {
                let ready = self.of(Open).is_empty() && self.short() == 0 && !self.disputed();
                if !ready {
                    return false;
                }
                self.state = State::Finalised;
            }
            Step::Reveal if matches!(self.state, State::Finalised | State::Revealed) => {
                self.state = State::Revealed;
            }
            _ => return false,
        }
        true
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Assign),
        2 => Just(Step::Open),
        8 => (any::<usize>(), 55..75u8).prop_map(|(which, points)| Step::Submit(which, points)),
        1 => any::<usize>().prop_map(Step::Abstain),
        1 => any::<usize>().prop_map(Step::Return),
        1 => (any::<usize>(), 55..75u8).prop_map(|(which, points)| Step::Revise(which, points)),
        3 => Just(Step::Finalise),
        2 => Just(Step::Reveal),
    ];
    prop::collection::vec(step, 16..44)
}

#[tokio::test]
async fn any_walk_through_the_rpcs_follows_the_model() {
    let mut runner = TestRunner::deterministic();
    let walks: Vec<Vec<Step>> =
        (0..16).map(|_| steps().new_tree(&mut runner).expect("steps").current()).collect();
    let ends: Vec<Model> = walks.iter().map(|walk| end_of(walk)).collect();
    let all = || ends.iter().flat_map(|end| &end.seats);
    assert!(ends.iter().any(|end| end.state == State::Revealed), "some walk goes all the way: {ends:?}");
    assert!(all().any(|seat| seat.arbiter), "some walk needs an arbiter: {ends:?}");
    assert!(all().any(|seat| seat.revised), "some sheet is revised: {ends:?}");
    assert!(all().any(|seat| seat.state == assignment::State::Abstained), "somebody leaves: {ends:?}");
    assert!(ends.iter().any(|end| end.seats.len() > 4), "some seat is filled again: {ends:?}");
    let walks = &walks;
    in_each_world(1, REVIEWERS, async |world| {
        world.reviewers(REVIEWERS).await;
        world.programmes(&school(0), &["710201"], "").await;
        for (n, walk) in walks.iter().enumerate() {
            walk_through(&world, n, walk).await;
        }
    })
    .await;
}

fn end_of(walk: &[Step]) -> Model {
    let mut model = Model::new();
    for step in walk {
        model.step(*step);
    }
    model
}

/// Each walk has a year of its own.
async fn walk_through(world: &World, n: usize, walk: &[Step]) {
    let year = YEAR + 1 + i32::try_from(n).expect("few walks");
    world.cycle(year).await;
    let round = world.create_round_of(year).await;
    let id = &round.round_id;
    let mut model = Model::new();
    for (place, step) in walk.iter().enumerate() {
        let before = model.clone();
        let legal = model.step(*step);
        let answer = match *step {
            Step::Assign => nothing(world.try_assign(id).await),
            Step::Open => nothing(world.try_open(id).await),
            Step::Finalise => nothing(world.try_finalise(id).await),
            Step::Reveal => nothing(world.try_reveal(id).await),
            Step::Submit(which, points) => submit(world, id, which, points).await,
            Step::Abstain(which) => abstain(world, id, which).await,
            Step::Return(which) => give_back(world, id, which).await,
            Step::Revise(which, points) => revise(world, id, which, points).await,
        };
        match (legal, answer) {
            (true, Ok(())) => {}
            (false, Err(Code::FailedPrecondition | Code::NotFound)) => {}
            (_, answer) => panic!("walk {n}, step {place}: {step:?} from {before:?} was answered {answer:?}"),
        }
        let seen = world.round(id).await;
        assert_eq!(seen.state(), model.state, "walk {n}, step {place}: {step:?}");
        let count = |count: usize| i32::try_from(count).expect("few");
        assert_eq!(seen.submitted_count, count(model.of(assignment::State::Submitted).len()));
        assert_eq!(seen.assignment_count, count(model.active().count()));
        let short = if model.state == State::Scoring { model.short() } else { 0 };
        assert_eq!(seen.short_count, count(short), "walk {n}, step {place}: {step:?} from {before:?}");
        let graded = world.entries(&world.chair, id).await[0].result.is_some();
        assert_eq!(graded, matches!(model.state, State::Finalised | State::Revealed));
    }
}

/// One of the assignments in a state, if there is any.
async fn pick(world: &World, id: &str, state: assignment::State, which: usize) -> Result<Assignment, Code> {
    let all: Vec<_> = world.assignments(id).await.into_iter().filter(|one| one.state() == state).collect();
    all.get(which % all.len().max(1)).cloned().ok_or(Code::NotFound)
}

/// Hands in one of the assignments that are still open, if any is.
async fn submit(world: &World, id: &str, which: usize, points: u8) -> Result<(), Code> {
    let chosen = pick(world, id, assignment::State::Open, which).await?;
    nothing(world.try_submit(&chosen, &points.to_string()).await)
}

async fn abstain(world: &World, id: &str, which: usize) -> Result<(), Code> {
    let chosen = pick(world, id, assignment::State::Open, which).await?;
    let request = AbstainAssignmentRequest {
        request_id: request_id(),
        assignment_id: chosen.assignment_id.clone(),
        etag: chosen.etag.clone(),
        reason: "应当回避。".into(),
    };
    let reviewer = world.as_reviewer(&chosen.reviewer_account_id);
    nothing(reviewer.assignments().abstain_assignment(request).await)
}

async fn give_back(world: &World, id: &str, which: usize) -> Result<(), Code> {
    let chosen = pick(world, id, assignment::State::Submitted, which).await?;
    let request = ReturnScoresRequest {
        request_id: request_id(),
        assignment_id: chosen.assignment_id.clone(),
        etag: chosen.etag.clone(),
        reason: "请核对。".into(),
    };
    nothing(world.chair.assignments().return_scores(request).await)
}

/// Somebody else on the panel speaks, if there is anybody; then the sheet is revised.
async fn revise(world: &World, id: &str, which: usize, points: u8) -> Result<(), Code> {
    let chosen = pick(world, id, assignment::State::Submitted, which).await?;
    let others = world.assignments(id).await;
    let mut others = others.iter().filter(|one| {
        one.state() == assignment::State::Submitted && one.assignment_id != chosen.assignment_id
    });
    // Nobody speaks after the round is over, so the revision is refused as well.
    if let Some(other) = others.next() {
        let request = AddDiscussionCommentRequest {
            request_id: request_id(),
            assignment_id: other.assignment_id.clone(),
            body: "请再看实训基地。".into(),
        };
        let speaker = world.as_reviewer(&other.reviewer_account_id);
        nothing(speaker.discussions().add_discussion_comment(request).await)?;
    }
    let scores = chosen.scores.iter();
    let request = ReviseScoresRequest {
        request_id: request_id(),
        assignment_id: chosen.assignment_id.clone(),
        etag: chosen.etag.clone(),
        scores: scores.map(|score| Score { points: points.to_string(), ..score.clone() }).collect(),
        comment: String::new(),
        reason: "讨论之后。".into(),
    };
    nothing(world.as_reviewer(&chosen.reviewer_account_id).assignments().revise_scores(request).await)
}

fn nothing<T>(answer: Result<Response<T>, Status>) -> Result<(), Code> {
    answer.map(|_| ()).map_err(|status| status.code())
}
