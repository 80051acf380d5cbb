//! A low grade, followed to its end: planned, mended, re-checked by others, and closed or taken further.

use std::result::Result;

use tonic::{Code, Response, Status};
use zhijian_proto::review::v1::{rectification::State, *};

use crate::world::*;

/// A revealed round with one programme graded C-, and its rectification as its school sees it. Eight reviewers: three sat
/// on the panel.
async fn low(world: &World) -> Rectification {
    world.reviewers(8).await;
    world.programmes(&school(0), &["710201"], "").await;
    let round = world.open_round().await;
    world.submit_all(&round.round_id, |_| "55".to_owned()).await;
    ok(world.try_finalise(&round.round_id).await);
    ok(world.try_reveal(&round.round_id).await);
    let request = ListRectificationsRequest { round_id: round.round_id, ..Default::default() };
    let listed = ok(world.as_school(&school(0)).rectifications().list_rectifications(request).await);
    listed.rectifications[0].clone()
}

fn measures() -> Vec<Measure> {
    let measure = |code: &str, title: &str| Measure {
        element_code: code.into(),
        title: title.into(),
        responsible: "教务处".into(),
        due_date: "2026-06-30".into(),
        ..Measure::default()
    };
    vec![measure("practice", "新建一处校内实训基地"), measure("", "每学期开展一次教学诊断")]
}

async fn plan(world: &World, of: &Rectification) -> Result<Response<PlanRectificationResponse>, Status> {
    let request = PlanRectificationRequest {
        request_id: request_id(),
        rectification_id: of.rectification_id.clone(),
        etag: of.etag.clone(),
        plan: "针对实践教学薄弱的问题，本学期内完成下列措施。".into(),
        measures: measures(),
    };
    world.as_school(&school(0)).rectifications().plan_rectification(request).await
}

async fn decide(
    world: &World,
    of: &Rectification,
    accept: bool,
    comment: &str,
) -> Result<Response<ReviewRectificationPlanResponse>, Status> {
    let request = ReviewRectificationPlanRequest {
        request_id: request_id(),
        rectification_id: of.rectification_id.clone(),
        etag: of.etag.clone(),
        accept,
        comment: comment.into(),
    };
    world.commission.rectifications().review_rectification_plan(request).await
}

async fn claim(world: &World, of: &Rectification) -> Result<Response<ClaimRectificationResponse>, Status> {
    let request = ClaimRectificationRequest {
        request_id: request_id(),
        rectification_id: of.rectification_id.clone(),
        etag: of.etag.clone(),
        comment: "两项措施都已完成。".into(),
    };
    world.as_school(&school(0)).rectifications().claim_rectification(request).await
}

async fn report(
    world: &World,
    of: &Rectification,
    done: bool,
) -> Result<Response<ReportMeasuresResponse>, Status> {
    let reported = |measure: &Measure| Measure {
        progress: "已验收。".into(),
        evidence: "验收报告第 12 号。".into(),
        done,
        ..measure.clone()
    };
    let request = ReportMeasuresRequest {
        request_id: request_id(),
        rectification_id: of.rectification_id.clone(),
        etag: of.etag.clone(),
        measures: of.measures.iter().map(reported).collect(),
    };
    world.as_school(&school(0)).rectifications().report_measures(request).await
}

async fn appoint(world: &World, of: &Rectification) -> Result<Response<AppointRecheckResponse>, Status> {
    let request = AppointRecheckRequest {
        request_id: request_id(),
        rectification_id: of.rectification_id.clone(),
        etag: of.etag.clone(),
    };
    world.chair.rectifications().appoint_recheck(request).await
}

async fn conclude(world: &World, of: &Rectification) -> Result<Response<ConcludeRecheckResponse>, Status> {
    let request = ConcludeRecheckRequest {
        request_id: request_id(),
        rectification_id: of.rectification_id.clone(),
        etag: of.etag.clone(),
    };
    world.chair.rectifications().conclude_recheck(request).await
}

async fn read(world: &World, of: &Rectification) -> Rectification {
    let request = GetRectificationRequest { rectification_id: of.rectification_id.clone() };
    ok(world.chair.rectifications().get_rectification(request).await).rectification.expect("one")
}

/// Hands in the open sheets of a re-check; answers who wrote them.
async fn recheck(world: &World, of: &Rectification, points: &str) -> Vec<String> {
    let round_id = of.entry.as_ref().expect("an entry").round_id.clone();
    let mut accounts = vec![];
    for assignment in world.assignments(&round_id).await {
        if assignment.state() == assignment::State::Open {
            accounts.push(assignment.reviewer_account_id.clone());
            world.submit(&assignment, points).await;
        }
    }
    accounts
}

async fn mended(world: &World, low: &Rectification) -> Rectification {
    let planned = ok(plan(world, low).await).rectification.expect("one");
    let mending = ok(decide(world, &planned, true, "").await).rectification.expect("one");
    let reported = ok(report(world, &mending, true).await).rectification.expect("one");
    ok(claim(world, &reported).await).rectification.expect("one")
}

#[tokio::test]
async fn a_plan_is_returned_taken_carried_out_rechecked_by_others_and_closed() {
    in_each_world(1, 8, async |world| {
        let low = low(&world).await;
        assert_eq!((low.grade.as_str(), low.state(), low.overdue), ("C-", State::Opened, false));
        assert_eq!(low.next_level.as_ref().expect("a level").code, "yellow-card");
        let planned = ok(plan(&world, &low).await).rectification.expect("one");
        assert_eq!(
            (planned.state(), planned.measures.len(), planned.due_date.as_str()),
            (State::Planned, 2, "")
        );

        let silent = decide(&world, &planned, false, " ").await;
        assert!(violations(&refused(silent, Code::InvalidArgument)).contains_key("comment"));
        let returned =
            ok(decide(&world, &planned, false, "请补充责任人。").await).rectification.expect("one");
        assert_eq!(returned.state(), State::Opened);
        let planned = ok(plan(&world, &returned).await).rectification.expect("one");
        let mending = ok(decide(&world, &planned, true, "").await).rectification.expect("one");
        assert_eq!(mending.state(), State::Mending);
        assert!(!mending.due_date.is_empty());

        let early = refused(claim(&world, &mending).await, Code::FailedPrecondition);
        assert!(violations(&early)["measures[0]"].contains("实训基地"));
        let half = ok(report(&world, &mending, false).await).rectification.expect("one");
        assert_eq!(half.measures[1].progress, "已验收。");
        let done = ok(report(&world, &half, true).await).rectification.expect("one");
        let claimed = ok(claim(&world, &done).await).rectification.expect("one");
        assert_eq!(claimed.state(), State::Claimed);

        let rechecking = ok(appoint(&world, &claimed).await).rectification.expect("one");
        refused(conclude(&world, &rechecking).await, Code::FailedPrecondition);
        assert_eq!(
            (read(&world, &low).await.recheck_count, read(&world, &low).await.recheck_submitted),
            (2, 0)
        );
        let fresh = recheck(&world, &rechecking, "82").await;
        assert_eq!(fresh.len(), 2);
        let round_id = low.entry.as_ref().expect("an entry").round_id.clone();
        let panel: Vec<String> =
            world.assignments(&round_id).await.into_iter().map(|one| one.reviewer_account_id).collect();
        assert_eq!(panel.iter().filter(|account| fresh.contains(account)).count(), 2, "nobody scores twice");

        let closed = ok(conclude(&world, &rechecking).await).rectification.expect("one");
        assert_eq!((closed.state(), closed.outcome()), (State::Closed, rectification::Outcome::Mended));
        assert_eq!((closed.new_grade.as_str(), closed.new_total.as_str()), ("B+", "82"));
        let history: Vec<String> =
            read(&world, &low).await.history.into_iter().map(|one| one.action).collect();
        let told =
            ["plan", "return-plan", "plan", "accept-plan", "report", "report", "claim", "appoint", "pass"];
        assert_eq!(history, told);
        // The grade that was published stays what it was.
        let entries = world.entries(&world.chair, &round_id).await;
        assert_eq!(entries[0].result.as_ref().expect("a result").grade, "C-");
        assert_eq!((entries[0].submitted_count, entries[0].panel_size), (3, 3));
        refused(plan(&world, &closed).await, Code::FailedPrecondition);
    })
    .await;
}

#[tokio::test]
async fn a_failed_recheck_goes_one_level_further_and_a_programme_can_be_given_up() {
    in_each_world(1, 8, async |world| {
        let low = low(&world).await;
        let claimed = mended(&world, &low).await;
        let rechecking = ok(appoint(&world, &claimed).await).rectification.expect("one");
        recheck(&world, &rechecking, "58").await;
        let failed = ok(conclude(&world, &rechecking).await).rectification.expect("one");
        assert_eq!(failed.state(), State::Mending);
        assert_eq!(failed.level.as_ref().expect("a level").code, "yellow-card");
        assert_eq!(failed.next_level.as_ref().expect("a level").code, "red-card");

        let again = ok(claim(&world, &failed).await).rectification.expect("one");
        let rechecking = ok(appoint(&world, &again).await).rectification.expect("one");
        assert_eq!(recheck(&world, &rechecking, "59").await.len(), 2);
        let failed = ok(conclude(&world, &rechecking).await).rectification.expect("one");
        assert_eq!(failed.level.as_ref().expect("a level").code, "red-card");
        // Three sat on the panel, two and two re-checked: one of eight is left.
        let again = ok(claim(&world, &failed).await).rectification.expect("one");
        let nobody = refused(appoint(&world, &again).await, Code::FailedPrecondition);
        assert_eq!(reason(&nobody), "CANNOT_ASSIGN");

        let request = |etag: &str| WithdrawProgrammeRequest {
            request_id: request_id(),
            rectification_id: low.rectification_id.clone(),
            etag: etag.into(),
            reason: "两次复查未通过，学校申请撤销。".into(),
        };
        let school = world.as_school(&school(0));
        refused(
            school.rectifications().withdraw_programme(request(&again.etag)).await,
            Code::PermissionDenied,
        );
        let closed = ok(world.commission.rectifications().withdraw_programme(request(&again.etag)).await);
        let closed = closed.rectification.expect("one");
        assert_eq!((closed.state(), closed.outcome()), (State::Closed, rectification::Outcome::Withdrawn));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_escalated_before_its_date_and_bad_measures_are_named() {
    in_each_world(1, 8, async |world| {
        let low = low(&world).await;
        let request = EscalateRectificationRequest {
            request_id: request_id(),
            rectification_id: low.rectification_id.clone(),
            etag: low.etag.clone(),
            reason: "逾期未交方案。".into(),
        };
        let early = world.commission.rectifications().escalate_rectification(request).await;
        assert!(violations(&refused(early, Code::FailedPrecondition)).contains_key("due_date"));

        let mut wrong = measures();
        wrong[0].element_code = "weather".into();
        wrong[1].title = " ".into();
        wrong[1].due_date = "明年".into();
        let request = PlanRectificationRequest {
            request_id: request_id(),
            rectification_id: low.rectification_id.clone(),
            etag: low.etag.clone(),
            plan: "改".repeat(20),
            measures: wrong,
        };
        let refusal = world.as_school(&school(0)).rectifications().plan_rectification(request).await;
        let named = violations(&refused(refusal, Code::InvalidArgument));
        let fields: Vec<&str> = named.keys().map(String::as_str).collect();
        assert_eq!(fields, ["measures[0].element_code", "measures[1].due_date", "measures[1].title"]);
    })
    .await;
}
