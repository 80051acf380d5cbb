//! Scores: drafts, what is refused, handing in.

use tonic::Code;
use zhijian_proto::review::v1::*;

use crate::world::*;

fn score(element: &str, points: &str) -> Score {
    Score { element_code: element.into(), points: points.into() }
}

fn save(assignment: &Assignment, scores: Vec<Score>) -> SaveScoresRequest {
    SaveScoresRequest {
        request_id: request_id(),
        assignment_id: assignment.assignment_id.clone(),
        etag: assignment.etag.clone(),
        scores,
        comment: String::new(),
    }
}

fn submit(assignment: &Assignment, scores: Vec<Score>) -> SubmitScoresRequest {
    SubmitScoresRequest {
        request_id: request_id(),
        assignment_id: assignment.assignment_id.clone(),
        etag: assignment.etag.clone(),
        scores,
        comment: String::new(),
    }
}

#[tokio::test]
async fn a_draft_is_kept_replaced_and_handed_in_once() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        world.reviewers(3).await;
        let round = world.open_round().await;
        let open = world.assignments(&round.round_id).await.remove(0);
        assert_eq!(open.scores.len(), 10, "every element is listed");
        assert!(open.scores.iter().all(|score| score.points.is_empty()));
        let mut work = world.as_reviewer(&open.reviewer_account_id).assignments();

        let request =
            save(&open, vec![score("faculty", "８８．５"), score("setting", "90.0"), score("teaching", "")]);
        let saved = ok(work.save_scores(request.clone()).await).assignment.expect("one");
        let points = |assignment: &Assignment, code: &str| {
            assignment.scores.iter().find(|score| score.element_code == code).expect("listed").points.clone()
        };
        assert_eq!((points(&saved, "faculty"), points(&saved, "setting")), ("88.5".into(), "90".into()));
        assert_eq!(points(&saved, "teaching"), "");
        assert_eq!(ok(work.save_scores(request.clone()).await).assignment.as_ref(), Some(&saved), "repeated");
        let reused = SaveScoresRequest { comment: "改".into(), ..request.clone() };
        assert_eq!(reason(&refused(work.save_scores(reused).await, Code::InvalidArgument)), "REQUEST_REUSED");
        let stale = refused(work.save_scores(save(&open, vec![])).await, Code::Aborted);
        assert_eq!(reason(&stale), "ETAG_MISMATCH");

        let saved =
            ok(work.save_scores(save(&saved, vec![score("teaching", "70")])).await).assignment.expect("one");
        assert_eq!((points(&saved, "faculty"), points(&saved, "teaching")), (String::new(), "70".into()));

        let status =
            refused(work.submit_scores(submit(&saved, saved.scores.clone())).await, Code::FailedPrecondition);
        let told = violations(&status);
        assert_eq!(told.len(), 9, "every element without a score is named");
        assert!(told["faculty"].contains("师资队伍"), "{told:?}");

        let handed_in = world.submit(&saved, "75").await;
        assert_eq!(handed_in.state(), assignment::State::Submitted);
        assert!(handed_in.submit_time.is_some());
        for answer in [
            work.save_scores(save(&handed_in, vec![])).await.map(drop_body),
            work.submit_scores(submit(&handed_in, handed_in.scores.clone())).await.map(drop_body),
        ] {
            assert_eq!(reason(&refused(answer, Code::FailedPrecondition)), "ILLEGAL_STATE");
        }
        assert_eq!(world.round(&round.round_id).await.submitted_count, 1);
    })
    .await;
}

fn drop_body<T>(answer: tonic::Response<T>) -> tonic::Response<()> {
    answer.map(|_| ())
}

#[tokio::test]
async fn scores_that_cannot_be_taken_are_named_and_nothing_is_kept() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        world.reviewers(3).await;
        let round = world.open_round().await;
        let open = world.assignments(&round.round_id).await.remove(0);
        let mut work = world.as_reviewer(&open.reviewer_account_id).assignments();
        let bad = vec![
            score("faculty", "100.1"),
            score("setting", "88.55"),
            score("teaching", "-1"),
            score("morale", "80"),
            score("practice", "80"),
            score("practice", "81"),
        ];
        let status = refused(work.save_scores(save(&open, bad)).await, Code::InvalidArgument);
        let told = violations(&status);
        assert_eq!(
            told.keys().map(String::as_str).collect::<Vec<_>>(),
            [
                "scores[0].points",
                "scores[1].points",
                "scores[2].points",
                "scores[3].element_code",
                "scores[5].element_code"
            ]
        );
        assert!(told["scores[0].points"].contains("师资队伍"), "{told:?}");
        let long = SaveScoresRequest { comment: "长".repeat(2001), ..save(&open, vec![]) };
        assert!(
            violations(&refused(work.save_scores(long).await, Code::InvalidArgument)).contains_key("comment")
        );
        let nameless = SaveScoresRequest { request_id: "1".into(), ..save(&open, vec![]) };
        assert!(
            violations(&refused(work.save_scores(nameless).await, Code::InvalidArgument))
                .contains_key("request_id")
        );
        let get = GetAssignmentRequest { assignment_id: open.assignment_id.clone() };
        assert_eq!(ok(work.get_assignment(get).await).assignment, Some(open));
    })
    .await;
}
