//! Panels stay whole while people come and go; long assignments tell how they are going.

use std::collections::BTreeSet;

use tonic::Code;
use zhijian_proto::{common::v1::operation, review::v1::*};

use crate::world::*;

fn seats(assignments: &[Assignment]) -> BTreeSet<(String, String)> {
    let pair = |one: &Assignment| {
        (one.entry.as_ref().expect("an entry").entry_id.clone(), one.reviewer_account_id.clone())
    };
    assignments.iter().map(pair).collect()
}

async fn release(
    world: &World,
    round_id: &str,
    account: &str,
    dry_run: bool,
) -> std::result::Result<tonic::Response<ReleaseReviewerResponse>, tonic::Status> {
    let request = ReleaseReviewerRequest {
        request_id: request_id(),
        round_id: round_id.into(),
        etag: world.round(round_id).await.etag,
        reviewer_account_id: account.into(),
        reason: "因病退出".into(),
        dry_run,
    };
    world.chair.staffing().release_reviewer(request).await
}

async fn reassign(world: &World, round_id: &str, dry_run: bool) -> Readjustment {
    let request = ReassignRoundRequest {
        request_id: request_id(),
        round_id: round_id.into(),
        etag: world.round(round_id).await.etag,
        dry_run,
    };
    ok(world.chair.staffing().reassign_round(request).await).readjustment.expect("a readjustment")
}

#[tokio::test]
async fn who_leaves_is_replaced_and_nobody_else_moves() {
    in_each_world(2, 6, async |world| {
        world.programmes(&school(0), &["710201", "710202"], "").await;
        world.programmes(&school(1), &["710201", "710202"], "").await;
        world.reviewers(6).await;
        let round = world.open_round().await;
        let id = &round.round_id;
        let before = world.assignments(id).await;
        let leaving = before[0].reviewer_account_id.clone();
        let own: Vec<&Assignment> = before.iter().filter(|one| one.reviewer_account_id == leaving).collect();
        assert_eq!(own.len(), 2, "twelve seats, six reviewers");
        world.submit(own[0], "80").await;

        let tried = ok(release(&world, id, &leaving, true).await).readjustment.expect("a readjustment");
        assert_eq!((tried.changes.len(), tried.kept, tried.submitted), (2, 11, 1));
        assert!(!tried.changes[0].added && tried.changes[1].added);
        assert_eq!(seats(&world.assignments(id).await), seats(&before), "a dry run changes nothing");

        let done = ok(release(&world, id, &leaving, false).await).readjustment.expect("a readjustment");
        assert_eq!(done.changes, tried.changes);
        let after = world.assignments(id).await;
        let (old, new) = (seats(&before), seats(&after));
        assert_eq!((old.difference(&new).count(), new.difference(&old).count(), new.len()), (1, 1, 12));
        assert!(
            after.iter().any(|one| one.assignment_id == own[0].assignment_id
                && one.state() == assignment::State::Submitted)
        );
        let mine = world.as_reviewer(&leaving);
        let request = GetAssignmentRequest { assignment_id: own[1].assignment_id.clone() };
        refused(mine.assignments().get_assignment(request).await, Code::NotFound);
        let replacement = new.difference(&old).next().expect("one").1.clone();
        assert_eq!(assignments(&world.as_reviewer(&replacement), id).await.len(), 3);

        // Nobody is given to who has left, until the chair lets that be again.
        refused(release(&world, id, &leaving, false).await, Code::NotFound);
        let list = ListReleasesRequest { round_id: id.clone() };
        let releases = ok(world.chair.staffing().list_releases(list.clone()).await).releases;
        assert_eq!((releases.len(), releases[0].reason.as_str()), (1, "因病退出"));
        let readmit = ReadmitReviewerRequest {
            request_id: request_id(),
            round_id: id.clone(),
            reviewer_account_id: leaving.clone(),
        };
        ok(world.chair.staffing().readmit_reviewer(readmit).await);
        assert!(ok(world.chair.staffing().list_releases(list).await).releases.is_empty());
        refused(
            mine.staffing().list_releases(ListReleasesRequest { round_id: id.clone() }).await,
            Code::PermissionDenied,
        );
    })
    .await;
}

#[tokio::test]
async fn what_comes_to_light_moves_what_it_must_and_no_more() {
    in_each_world(2, 5, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        world.programmes(&school(1), &["710201"], "").await;
        world.reviewers(5).await;
        let round = world.open_round().await;
        let id = &round.round_id;
        let untouched = reassign(&world, id, false).await;
        assert_eq!((untouched.changes.len(), untouched.kept), (0, 6));

        let before = world.assignments(id).await;
        let of_school = |n: usize| {
            let code = school(n);
            let own =
                move |one: &&Assignment| one.entry.as_ref().is_some_and(|one| one.organisation_code == code);
            before.iter().filter(own).collect::<Vec<_>>()
        };
        let (open, handed_in) = (of_school(0)[0], of_school(1)[0]);
        world.submit(handed_in, "70").await;
        for (seat, code) in [(open, school(0)), (handed_in, school(1))] {
            let relation = Relation {
                reviewer_account_id: seat.reviewer_account_id.clone(),
                kind: relation::Kind::Kin.into(),
                organisation_code: code,
                ..Relation::default()
            };
            let request = DeclareRelationRequest { request_id: request_id(), relation: Some(relation) };
            ok(world.chair.relations().declare_relation(request).await);
        }
        let request = ListConflictsRequest {
            round_id: id.clone(),
            show: list_conflicts_request::Show::Seated.into(),
            ..ListConflictsRequest::default()
        };
        assert_eq!(ok(world.chair.conflicts().list_conflicts(request).await).total, 2);

        let tried = reassign(&world, id, true).await;
        assert_eq!((tried.changes.len(), tried.disputed.len()), (2, 1));
        assert_eq!(tried.disputed[0].reviewer_account_id, handed_in.reviewer_account_id);
        reassign(&world, id, false).await;
        let (old, new) = (seats(&before), seats(&world.assignments(id).await));
        assert_eq!((old.difference(&new).count(), new.difference(&old).count()), (1, 1));

        // Sooner or later too few are left, and then nothing changes.
        let mut before = new;
        loop {
            let account = before.iter().next().expect("a seat").1.clone();
            let Err(status) = release(&world, id, &account, false).await else {
                before = seats(&world.assignments(id).await);
                continue;
            };
            if status.code() == Code::NotFound {
                // Who handed in stays, having left before: try another.
                let others = before.iter().filter(|(_, one)| *one != account).cloned();
                before = others.collect();
                continue;
            }
            assert_eq!(reason(&status), "CANNOT_ASSIGN");
            break;
        }
        assert_eq!(world.assignments(id).await.len(), 6, "every panel is whole");
    })
    .await;
}

#[tokio::test]
async fn half_made_assignments_are_invisible_to_reviewers() {
    in_each_world(1, 4, async |world| {
        world.programmes(&school(0), &["710201", "710202"], "").await;
        world.reviewers(4).await;
        let round = world.create_round().await;
        ok(world.try_assign(&round.round_id).await);
        let seats = world.assignments(&round.round_id).await;
        assert_eq!(seats.len(), 6);
        for seat in &seats {
            let mine = world.as_reviewer(&seat.reviewer_account_id);
            assert!(assignments(&mine, "").await.is_empty());
            assert!(assignments(&mine, &round.round_id).await.is_empty());
            let request = GetAssignmentRequest { assignment_id: seat.assignment_id.clone() };
            refused(mine.assignments().get_assignment(request).await, Code::NotFound);
            refused(world.try_submit(seat, "80").await, Code::NotFound);
        }
        // Neither does mending what is half made show anything.
        ok(release(&world, &round.round_id, &seats[0].reviewer_account_id, false).await);
        for seat in world.assignments(&round.round_id).await {
            assert!(assignments(&world.as_reviewer(&seat.reviewer_account_id), "").await.is_empty());
        }
        ok(world.try_open(&round.round_id).await);
        let seat = &world.assignments(&round.round_id).await[0];
        assert!(!assignments(&world.as_reviewer(&seat.reviewer_account_id), "").await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_lists_every_panel_and_every_load() {
    in_each_world(2, 4, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        world.programmes(&school(1), &["740201"], "").await;
        world.reviewers(4).await;
        let round = world.create_round().await;
        let request = AssignRoundRequest {
            request_id: request_id(),
            round_id: round.round_id.clone(),
            etag: round.etag.clone(),
            dry_run: true,
        };
        let tried = ok(world.chair.rounds().assign_round(request).await);
        assert_eq!(tried.panels.len(), 2);
        for panel in &tried.panels {
            assert_eq!(panel.seats.len(), 3);
            let title = &panel.title.as_ref().expect("a title").zh;
            assert!(panel.seats.iter().all(|seat| seat.expert == title.contains("710201")), "{title}");
        }
        assert_eq!(tried.loads.len(), 4);
        assert_eq!(tried.loads.iter().map(|load| load.load).sum::<i32>(), 6);
        assert!(world.assignments(&round.round_id).await.is_empty());
        assert_eq!(world.round(&round.round_id).await.etag, round.etag);
    })
    .await;
}

#[tokio::test]
async fn an_assignment_in_the_background_tells_how_it_is_going_and_how_it_ended() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        let worker =
            tokio::spawn(world.test.ctx.operations.clone().work_until(world.test.ctx.shutdown.clone()));
        let round = world.create_round().await;
        let newest = GetAssignmentRunRequest { round_id: round.round_id.clone() };
        refused(world.chair.staffing().get_assignment_run(newest.clone()).await, Code::NotFound);
        let ended = async |state: operation::State| {
            let request = StartAssignmentRequest {
                request_id: request_id(),
                round_id: round.round_id.clone(),
                etag: world.round(&round.round_id).await.etag,
            };
            let started = ok(world.chair.staffing().start_assignment(request.clone()).await).operation;
            let again = ok(world.chair.staffing().start_assignment(request).await).operation;
            assert_eq!(started, again, "a repeated request is one operation");
            let look = async || {
                let found = ok(world.chair.staffing().get_assignment_run(newest.clone()).await);
                let found = found.operation.expect("an operation");
                let ended = matches!(found.state(), operation::State::Succeeded | operation::State::Failed);
                ended.then_some(found)
            };
            let found = world.test.until("the end of the assignment", look).await;
            assert_eq!(found.state(), state, "{found:?}");
            found
        };
        let failed = ended(operation::State::Failed).await;
        assert!(failed.note_zh.contains("登记评审专家"), "{failed:?}");
        assert_eq!(world.round(&round.round_id).await.state(), round::State::Draft);

        world.reviewers(3).await;
        ended(operation::State::Succeeded).await;
        assert_eq!(world.round(&round.round_id).await.state(), round::State::Assigned);
        assert_eq!(world.assignments(&round.round_id).await.len(), 3);
        world.test.ctx.shutdown.cancel();
        worker.await.expect("the worker stops");
    })
    .await;
}

#[tokio::test]
async fn anchors_are_checked_and_kept() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201", "710202"], "").await;
        world.reviewers(3).await;
        let round = world.open_round().await;
        let entries = world.entries(&world.chair, &round.round_id).await;
        let set = async |entry_id: &str, total: &str| {
            let request = SetAnchorsRequest {
                request_id: request_id(),
                round_id: round.round_id.clone(),
                etag: world.round(&round.round_id).await.etag,
                anchors: vec![AnchoredEntry { entry_id: entry_id.into(), total: total.into() }],
            };
            world.chair.staffing().set_anchors(request).await
        };
        refused(set(&entries[0].entry_id, "101").await, Code::InvalidArgument);
        refused(set("ent_nothing", "80").await, Code::NotFound);
        ok(set(&entries[0].entry_id, "80.5").await);
        let list = ListAnchorsRequest { round_id: round.round_id.clone() };
        let anchors = ok(world.chair.staffing().list_anchors(list).await).anchors;
        assert_eq!(anchors, [AnchoredEntry { entry_id: entries[0].entry_id.clone(), total: "80.5".into() }]);
        world.submit_all(&round.round_id, |_| "75".into()).await;
        ok(world.try_finalise(&round.round_id).await);
        refused(set(&entries[0].entry_id, "80").await, Code::FailedPrecondition);
    })
    .await;
}
