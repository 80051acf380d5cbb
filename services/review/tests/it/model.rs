//! Random walks through a round's RPCs, beside a model that knows only the rules of the contract.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tonic::{Code, Response, Status};
use zhijian_proto::review::v1::{assignment, round::State};

use crate::world::*;

#[derive(Debug, Clone, Copy)]
enum Step {
    Assign,
    Open,
    /// Some open assignment is handed in, with these points.
    Submit(usize, u8),
    Finalise,
    Reveal,
}

/// What the contract says of a round of one entry with a panel of three.
#[derive(Debug, Clone, PartialEq)]
struct Model {
    state: State,
    /// Points handed in.
    given: Vec<i32>,
    /// Assignments not handed in.
    open: usize,
    arbiter: bool,
}

impl Model {
    fn new() -> Self {
        Self { state: State::Draft, given: vec![], open: 0, arbiter: false }
    }

    fn disputed(&self) -> bool {
        let spread = self.given.iter().max().unwrap_or(&0) - self.given.iter().min().unwrap_or(&0);
        self.open == 0 && self.given.len() == 3 && spread > 10
    }

    /// Whether the step is legal, and what comes of it.
    fn step(&mut self, step: Step) -> bool {
        let legal = match step {
            Step::Assign => matches!(self.state, State::Draft | State::Assigned | State::Scoring),
            Step::Open => self.state == State::Assigned,
            Step::Submit(..) => self.state == State::Scoring && self.open > 0,
            Step::Finalise => self.state == State::Scoring && self.open == 0 && !self.disputed(),
            Step::Reveal => matches!(self.state, State::Finalised | State::Revealed),
        };
        if !legal {
            return false;
        }
        match step {
            Step::Assign if self.state == State::Scoring => {
                if self.disputed() && !self.arbiter {
                    (self.open, self.arbiter) = (1, true);
                }
            }
            Step::Assign => (self.state, self.open) = (State::Assigned, 3),
            Step::Open => self.state = State::Scoring,
            Step::Submit(_, points) => {
                self.given.push(points.into());
                self.open -= 1;
            }
            Step::Finalise => self.state = State::Finalised,
            Step::Reveal => self.state = State::Revealed,
        }
        true
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Assign),
        2 => Just(Step::Open),
        6 => (any::<usize>(), 55..75u8).prop_map(|(which, points)| Step::Submit(which, points)),
        2 => Just(Step::Finalise),
        1 => Just(Step::Reveal),
    ];
    prop::collection::vec(step, 12..32)
}

#[tokio::test]
async fn any_walk_through_the_rpcs_follows_the_model() {
    let mut runner = TestRunner::deterministic();
    let walks: Vec<Vec<Step>> =
        (0..8).map(|_| steps().new_tree(&mut runner).expect("steps").current()).collect();
    let ends: Vec<Model> = walks.iter().map(|walk| end_of(walk)).collect();
    assert!(ends.iter().any(|end| end.state == State::Revealed), "some walk goes all the way: {ends:?}");
    assert!(ends.iter().any(|end| end.arbiter), "some walk needs an arbiter: {ends:?}");
    let walks = &walks;
    in_each_world(1, 4, async |world| {
        world.reviewers(4).await;
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
        };
        match (legal, answer) {
            (true, Ok(())) => {}
            (false, Err(Code::FailedPrecondition | Code::NotFound)) => {}
            (_, answer) => panic!("walk {n}, step {place}: {step:?} from {before:?} was answered {answer:?}"),
        }
        let seen = world.round(id).await;
        assert_eq!(seen.state(), model.state, "walk {n}, step {place}: {step:?}");
        let handed_in = i32::try_from(model.given.len()).expect("few");
        assert_eq!(seen.submitted_count, handed_in);
        assert_eq!(seen.assignment_count - seen.submitted_count, i32::try_from(model.open).expect("few"));
        let graded = world.entries(&world.chair, id).await[0].result.is_some();
        assert_eq!(graded, matches!(model.state, State::Finalised | State::Revealed));
    }
}

/// Hands in one of the assignments that are still open, if any is.
async fn submit(world: &World, id: &str, which: usize, points: u8) -> Result<(), Code> {
    let open: Vec<_> = world
        .assignments(id)
        .await
        .into_iter()
        .filter(|one| one.state() == assignment::State::Open)
        .collect();
    let Some(chosen) = open.get(which % open.len().max(1)) else { return Err(Code::NotFound) };
    nothing(world.try_submit(chosen, &points.to_string()).await)
}

fn nothing<T>(answer: Result<Response<T>, Status>) -> Result<(), Code> {
    answer.map(|_| ()).map_err(|status| status.code())
}
