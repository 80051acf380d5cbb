//! Seats and sheets: given back, filled again, returned, talked about, revised; and which comes next.

use std::result::Result;

use tonic::{Code, Response, Status};
use zhijian_proto::review::v1::{assignment::State, sheet_version::Cause, *};

use crate::world::*;

async fn abstain(
    world: &World,
    one: &Assignment,
    reason: &str,
) -> Result<Response<AbstainAssignmentResponse>, Status> {
    let request = AbstainAssignmentRequest {
        request_id: request_id(),
        assignment_id: one.assignment_id.clone(),
        etag: one.etag.clone(),
        reason: reason.into(),
    };
    world.as_reviewer(&one.reviewer_account_id).assignments().abstain_assignment(request).await
}

async fn give_back(
    world: &World,
    one: &Assignment,
    reason: &str,
) -> Result<Response<ReturnScoresResponse>, Status> {
    let request = ReturnScoresRequest {
        request_id: request_id(),
        assignment_id: one.assignment_id.clone(),
        etag: one.etag.clone(),
        reason: reason.into(),
    };
    world.chair.assignments().return_scores(request).await
}

async fn discussion(world: &World, one: &Assignment) -> Result<Response<GetDiscussionResponse>, Status> {
    let request = GetDiscussionRequest { assignment_id: one.assignment_id.clone() };
    world.as_reviewer(&one.reviewer_account_id).discussions().get_discussion(request).await
}

async fn say(
    world: &World,
    one: &Assignment,
    body: &str,
) -> Result<Response<AddDiscussionCommentResponse>, Status> {
    let request = AddDiscussionCommentRequest {
        request_id: request_id(),
        assignment_id: one.assignment_id.clone(),
        body: body.into(),
    };
    world.as_reviewer(&one.reviewer_account_id).discussions().add_discussion_comment(request).await
}

async fn revise(
    world: &World,
    one: &Assignment,
    points: &str,
) -> Result<Response<ReviseScoresResponse>, Status> {
    let request = ReviseScoresRequest {
        request_id: request_id(),
        assignment_id: one.assignment_id.clone(),
        etag: one.etag.clone(),
        scores: one.scores.iter().map(|score| Score { points: points.into(), ..score.clone() }).collect(),
        comment: "讨论后修订。".into(),
        reason: "其他专家指出了实训基地的新情况。".into(),
    };
    world.as_reviewer(&one.reviewer_account_id).assignments().revise_scores(request).await
}

async fn versions(world: &World, one: &Assignment) -> Vec<SheetVersion> {
    let request = ListSheetVersionsRequest { assignment_id: one.assignment_id.clone() };
    let caller = world.as_reviewer(&one.reviewer_account_id);
    ok(caller.assignments().list_sheet_versions(request).await).versions
}

async fn reload(world: &World, one: &Assignment) -> Assignment {
    let request = GetAssignmentRequest { assignment_id: one.assignment_id.clone() };
    ok(world.chair.assignments().get_assignment(request).await).assignment.expect("one")
}

#[tokio::test]
async fn a_seat_that_is_given_back_is_told_to_the_chair_and_filled_by_somebody_else() {
    in_each_world(1, 4, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        world.reviewers(4).await;
        let round = world.open_round().await;
        let id = &round.round_id;
        let panel = world.assignments(id).await;
        let gone = &panel[0];
        assert_eq!(world.round(id).await.short_count, 0);
        let silent = refused(abstain(&world, gone, " ").await, Code::InvalidArgument);
        assert!(violations(&silent).contains_key("reason"));
        let left = ok(abstain(&world, gone, "曾在该校任教，应当回避。").await).assignment.expect("one");
        assert_eq!(left.state(), State::Abstained);
        refused(world.try_submit(&left, "80").await, Code::FailedPrecondition);
        refused(abstain(&world, &left, "再次").await, Code::FailedPrecondition);

        let short = world.round(id).await;
        assert_eq!((short.short_count, short.assignment_count), (1, 2));
        let request = ListAssignmentsRequest {
            round_id: id.clone(),
            state: State::Abstained.into(),
            ..Default::default()
        };
        let told = ok(world.chair.assignments().list_assignments(request).await).assignments;
        assert_eq!(told[0].abstain_reason, "曾在该校任教，应当回避。");
        world.submit(&panel[1], "80").await;
        world.submit(&panel[2], "82").await;
        let early = refused(world.try_finalise(id).await, Code::FailedPrecondition);
        assert!(violations(&early).values().any(|told| told.contains("退出")), "{:?}", violations(&early));

        ok(world.try_assign(id).await);
        assert_eq!(world.round(id).await.short_count, 0);
        let filled = world.assignments(id).await;
        let fresh = filled.iter().find(|one| one.state() == State::Open).expect("a fresh seat");
        assert!(!fresh.arbiter, "who fills a seat is no arbiter");
        assert!(panel.iter().all(|one| one.reviewer_account_id != fresh.reviewer_account_id));
        world.submit(fresh, "81").await;
        ok(world.try_finalise(id).await);
        let entry = &world.entries(&world.chair, id).await[0];
        assert_eq!(entry.result.as_ref().expect("graded").total, "81");
        assert_eq!((entry.submitted_count, entry.panel_size), (3, 3));
    })
    .await;
}

#[tokio::test]
async fn the_chair_returns_a_sheet_and_the_old_one_is_kept() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        world.reviewers(3).await;
        let round = world.open_round().await;
        let panel = world.assignments(&round.round_id).await;
        refused(give_back(&world, &panel[0], "太早").await, Code::FailedPrecondition);
        let submitted = world.submit(&panel[0], "60").await;
        let request = ReturnScoresRequest {
            request_id: request_id(),
            assignment_id: submitted.assignment_id.clone(),
            etag: submitted.etag.clone(),
            reason: "请说明".into(),
        };
        let reviewer = world.as_reviewer(&submitted.reviewer_account_id);
        refused(reviewer.assignments().return_scores(request).await, Code::PermissionDenied);
        let returned =
            ok(give_back(&world, &submitted, "评语与分数不符，请核对。").await).assignment.expect("one");
        assert_eq!(returned.state(), State::Open);
        let seen = reload(&world, &submitted).await;
        assert_eq!(seen.return_reason, "评语与分数不符，请核对。");
        assert_eq!(seen.scores, submitted.scores, "the reviewer goes on from what was handed in");
        let kept = versions(&world, &submitted).await;
        assert_eq!((kept.len(), kept[0].cause()), (1, Cause::Returned));
        assert_eq!((&kept[0].scores, &kept[0].submit_time), (&submitted.scores, &submitted.submit_time));
        let again = world.submit(&seen, "72").await;
        assert_eq!(reload(&world, &again).await.return_reason, "");
        // Others learn nothing of it.
        let other = world.as_reviewer(&panel[1].reviewer_account_id);
        let request = ListSheetVersionsRequest { assignment_id: submitted.assignment_id.clone() };
        refused(other.assignments().list_sheet_versions(request).await, Code::NotFound);

        for one in &panel[1..] {
            world.submit(one, "70").await;
        }
        ok(world.try_finalise(&round.round_id).await);
        refused(give_back(&world, &again, "太迟").await, Code::FailedPrecondition);
    })
    .await;
}

#[tokio::test]
async fn the_panel_is_blind_until_the_own_sheet_is_in_then_talks_and_revises_once() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        let accounts = world.reviewers(3).await;
        let round = world.open_round().await;
        let panel = world.assignments(&round.round_id).await;
        refused(discussion(&world, &panel[0]).await, Code::FailedPrecondition);
        refused(say(&world, &panel[0], "先说一句").await, Code::FailedPrecondition);
        let first = world.submit(&panel[0], "70").await;
        let alone = ok(discussion(&world, &first).await);
        assert_eq!(alone.members.len(), 3);
        assert!(alone.open && !alone.may_revise);
        assert_eq!(
            alone.members.iter().filter(|one| !one.total.is_empty()).count(),
            1,
            "drafts are not shown"
        );
        refused(revise(&world, &first, "75").await, Code::FailedPrecondition);

        let second = world.submit(&panel[1], "78").await;
        ok(say(&world, &second, "实训基地今年已经建成，见年报。").await);
        ok(say(&world, &second, "第二句。").await);
        let talked = ok(discussion(&world, &first).await);
        assert_eq!((talked.comments.len(), talked.spread.as_str(), talked.may_revise), (2, "8", true));
        let labels: Vec<String> =
            talked.members.iter().map(|one| one.label.as_ref().expect("a label").zh.clone()).collect();
        assert_eq!(labels, ["专家甲", "专家乙", "专家丙"]);
        assert!(labels.contains(&talked.comments[0].label.as_ref().expect("a label").zh));
        let told = format!("{talked:?}");
        for (n, account) in accounts.iter().enumerate() {
            for secret in [account.clone(), body(n), format!("reviewer{n}")] {
                assert!(!told.contains(&secret), "{secret} is nothing that the panel may learn");
            }
        }
        // Who spoke last has heard nothing yet.
        refused(revise(&world, &second, "76").await, Code::FailedPrecondition);
        let revised = ok(revise(&world, &first, "76").await).assignment.expect("one");
        assert!(revised.revised);
        assert_eq!(versions(&world, &first).await[0].cause(), Cause::Revised);
        assert_eq!(versions(&world, &first).await[0].scores, first.scores);
        refused(revise(&world, &revised, "77").await, Code::FailedPrecondition);
        // The third still scores blind.
        refused(discussion(&world, &panel[2]).await, Code::FailedPrecondition);
        let outsider = world.as_school(&school(0));
        let request = GetDiscussionRequest { assignment_id: first.assignment_id.clone() };
        refused(outsider.discussions().get_discussion(request.clone()).await, Code::NotFound);
        assert_eq!(ok(world.chair.discussions().get_discussion(request).await).comments.len(), 2);

        world.submit(&panel[2], "77").await;
        ok(world.try_finalise(&round.round_id).await);
        let result = world.entries(&world.chair, &round.round_id).await[0].result.clone().expect("graded");
        assert_eq!(result.total, "77", "the revised sheet counts: 76, 78 and 77");
        refused(say(&world, &first, "太迟").await, Code::FailedPrecondition);
        assert!(!ok(discussion(&world, &first).await).open);
    })
    .await;
}

#[tokio::test]
async fn the_least_reviewed_entry_comes_next() {
    in_each_world(1, 4, async |world| {
        world.programmes(&school(0), &["710201", "710202", "710203"], "").await;
        world.reviewers(3).await;
        let round = world.open_round().await;
        let all = world.assignments(&round.round_id).await;
        let mine: Vec<&Assignment> =
            all.iter().filter(|one| one.reviewer_account_id == all[0].reviewer_account_id).collect();
        assert_eq!(mine.len(), 3, "three reviewers score all three");
        let entry = |one: &Assignment| one.entry.as_ref().expect("an entry").entry_id.clone();
        // Others hand in two sheets of the first entry and one of the second.
        for (place, least) in [(0, 2), (1, 1)] {
            let others = all.iter().filter(|one| {
                entry(one) == entry(mine[place]) && one.reviewer_account_id != mine[0].reviewer_account_id
            });
            for one in others.take(least) {
                world.submit(one, "80").await;
            }
        }
        let reviewer = world.as_reviewer(&mine[0].reviewer_account_id);
        let next = async |after: &str| {
            let request = GetNextAssignmentRequest { after_assignment_id: after.into() };
            ok(reviewer.assignments().get_next_assignment(request).await).assignment
        };
        assert_eq!(next("").await.map(|one| one.assignment_id), Some(mine[2].assignment_id.clone()));
        let passed = next(&mine[2].assignment_id).await;
        assert_eq!(passed.map(|one| one.assignment_id), Some(mine[1].assignment_id.clone()));
        for one in &mine {
            world.submit(one, "80").await;
        }
        assert_eq!(next("").await, None);
    })
    .await;
}

#[tokio::test]
async fn evidence_is_for_whoever_holds_the_seat() {
    in_each_world(1, 4, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        let accounts = world.reviewers(4).await;
        let round = world.open_round().await;
        let one = world.assignments(&round.round_id).await.remove(0);
        let get = || GetEvidenceRequest { assignment_id: one.assignment_id.clone() };
        let own = world.as_reviewer(&one.reviewer_account_id);
        assert_eq!(ok(own.evidence().get_evidence(get()).await), GetEvidenceResponse::default());
        for account in accounts.iter().filter(|account| **account != one.reviewer_account_id) {
            refused(world.as_reviewer(account).evidence().get_evidence(get()).await, Code::NotFound);
        }
        refused(world.as_school(&school(0)).evidence().get_evidence(get()).await, Code::NotFound);
        ok(world.chair.evidence().get_evidence(get()).await);
    })
    .await;
}
