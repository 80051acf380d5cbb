//! Random walks through the steps of a procedure, beside a model that is the table of its moves.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tonic::Code;
use zhijian_proto::review::v1::*;

use crate::{
    procedures::{apply, create, get, shares, try_take, values},
    world::*,
};

/// Every move of social-service performance, written out once more: from, outcome, to.
const TABLE: [(&str, &str, &str); 9] = [
    ("apply", "submit", "approve"),
    ("approve", "approve", "audit"),
    ("approve", "return", "apply"),
    ("approve", "refuse", "refused"),
    ("audit", "pass", "file"),
    ("audit", "return", "approve"),
    ("audit", "fail", "refused"),
    ("file", "file", "distribute"),
    ("distribute", "distribute", "evaluate"),
];

/// A move that is tried: its place in the table, how much is approved, and how much is distributed.
#[derive(Debug, Clone, Copy)]
struct Try {
    row: usize,
    approved: u8,
    distributed: u8,
}

fn walks() -> impl Strategy<Value = Vec<Try>> {
    // Onwards more often than back, or few walks would come far.
    let row = prop_oneof![3 => prop::sample::select(vec![0, 1, 4, 7, 8]), 1 => 0..TABLE.len()];
    let one =
        (row, 5..25_u8, 5..25_u8).prop_map(|(row, approved, distributed)| Try { row, approved, distributed });
    prop::collection::vec(one, 30..60)
}

/// Where the item is, and how much of its claim of 20 was approved.
#[derive(Debug, Clone, PartialEq)]
struct Model {
    at: &'static str,
    approved: u8,
    done: Vec<&'static str>,
}

impl Model {
    fn step(&mut self, tried: Try) -> bool {
        let (from, outcome, to) = TABLE[tried.row];
        let money = match outcome {
            "approve" => tried.approved <= 20,
            "distribute" => tried.distributed <= self.approved,
            _ => true,
        };
        if self.at != from || !money {
            return false;
        }
        if outcome == "approve" {
            self.approved = tried.approved;
        }
        self.done.push(outcome);
        self.at = to;
        true
    }
}

#[tokio::test]
async fn any_walk_follows_the_table_and_skips_nothing() {
    let mut runner = TestRunner::deterministic();
    let walks: Vec<Vec<Try>> =
        (0..6).map(|_| walks().new_tree(&mut runner).expect("a walk").current()).collect();
    let ends: Vec<Model> = walks
        .iter()
        .map(|walk| {
            let mut model = Model { at: "apply", approved: 0, done: vec![] };
            walk.iter().for_each(|tried| {
                model.step(*tried);
            });
            model
        })
        .collect();
    assert!(ends.iter().any(|end| end.at == "evaluate"), "some walk goes all the way: {ends:?}");
    let walks = &walks;
    in_each_world(6, 0, async |world| {
        let opened = create(&world, "social-service").await;
        for (n, walk) in walks.iter().enumerate() {
            let item = apply(&world, &opened, n, "").await;
            walk_through(&world, n, &item.item_id, walk).await;
        }
    })
    .await;
}

async fn walk_through(world: &World, n: usize, id: &str, walk: &[Try]) {
    let own = world.as_school(&school(n));
    let mut model = Model { at: "apply", approved: 0, done: vec![] };
    for (place, tried) in walk.iter().enumerate() {
        let (from, outcome, _) = TABLE[tried.row];
        let before = model.clone();
        let legal = model.step(*tried);
        let caller = if matches!(from, "apply" | "distribute") { &own } else { &world.commission };
        let item = get(&own, id).await;
        let comment = if matches!(outcome, "return" | "refuse") { "理由" } else { "" };
        let answer = try_take(caller, &item, from, outcome, form(from, *tried), comment).await;
        match (legal, answer) {
            (true, Ok(_)) => {}
            (false, Err(status)) if status.code() == Code::FailedPrecondition => {}
            (_, answer) => panic!("walk {n}, {place}: {tried:?} from {before:?} was answered {answer:?}"),
        }
        let seen = get(&own, id).await;
        let at = if seen.step_code.is_empty() { &seen.end_code } else { &seen.step_code };
        assert_eq!(at, model.at, "walk {n}, {place}: {tried:?}");
        let deeds: Vec<_> = seen.history.iter().skip(1).map(|event| event.outcome_code.as_str()).collect();
        assert_eq!(deeds, model.done, "the history is what was done and nothing else");
        assert_eq!(seen.state() == item::State::Ended, model.at == "refused");
    }
}

fn form(step: &str, tried: Try) -> Vec<FieldValue> {
    match step {
        "apply" => values(&[("income", "50"), ("cost", "30"), ("claim", "20"), ("basis", "att_1")]),
        "approve" => values(&[("approved", &tried.approved.to_string())]),
        "audit" => values(&[("report-number", "审字1"), ("opinion", "意见")]),
        "file" => values(&[("filing-number", "备案1")]),
        _ => {
            let half = f64::from(tried.distributed) / 2.0;
            let mut form = values(&[("notice", "att_2")]);
            let half = half.to_string();
            form.push(shares("shares", &[("甲", half.as_str()), ("乙", half.as_str())]));
            form
        }
    }
}
