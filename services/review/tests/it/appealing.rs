//! Appeals: filed in time, heard by others, decided with a reason; and the old grade stays readable.

use std::result::Result;

use chrono::{Duration, Utc};
use tonic::{Code, Response, Status};
use zhijian_proto::review::v1::{appeal::State, *};

use crate::world::*;

/// A revealed round with one programme graded C-, and nine reviewers, three of whom sat on the panel.
async fn revealed(world: &World) -> Entry {
    world.reviewers(9).await;
    world.programmes(&school(0), &["710201"], "").await;
    let round = world.open_round().await;
    world.submit_all(&round.round_id, |_| "55".to_owned()).await;
    ok(world.try_finalise(&round.round_id).await);
    let entry = world.entries(&world.chair, &round.round_id).await.remove(0);
    let sealed = file(world, &entry, "facts").await;
    refused(sealed, Code::NotFound);
    ok(world.try_reveal(&round.round_id).await);
    entry
}

async fn file(world: &World, entry: &Entry, ground: &str) -> Result<Response<FileAppealResponse>, Status> {
    let request = FileAppealRequest {
        request_id: request_id(),
        entry_id: entry.entry_id.clone(),
        ground_code: ground.into(),
        element_codes: vec!["practice".into()],
        statement: "实训基地已经在观测期内建成，年报第三部分有说明。".into(),
    };
    world.as_school(&school(0)).appeals().file_appeal(request).await
}

async fn appoint(world: &World, one: &Appeal) -> Result<Response<AppointAppealPanelResponse>, Status> {
    let request = AppointAppealPanelRequest {
        request_id: request_id(),
        appeal_id: one.appeal_id.clone(),
        etag: one.etag.clone(),
    };
    world.chair.appeals().appoint_appeal_panel(request).await
}

async fn decide(
    world: &World,
    one: &Appeal,
    uphold: bool,
    reason: &str,
) -> Result<Response<DecideAppealResponse>, Status> {
    let request = DecideAppealRequest {
        request_id: request_id(),
        appeal_id: one.appeal_id.clone(),
        etag: one.etag.clone(),
        uphold,
        reason: reason.into(),
    };
    world.chair.appeals().decide_appeal(request).await
}

async fn read(world: &World, one: &Appeal) -> Appeal {
    let request = GetAppealRequest { appeal_id: one.appeal_id.clone() };
    ok(world.chair.appeals().get_appeal(request).await).appeal.expect("one")
}

/// The open sheets of the hearing.
async fn hearing(world: &World, entry: &Entry) -> Vec<Assignment> {
    let mut sheets = world.assignments(&entry.round_id).await;
    sheets.retain(|one| one.state() == assignment::State::Open);
    sheets
}

#[tokio::test]
async fn an_appeal_is_heard_by_others_and_a_better_grade_takes_the_place_of_the_old_one() {
    in_each_world(1, 9, async |world| {
        let entry = revealed(&world).await;
        let school = world.as_school(&school(0));
        let terms = || GetAppealTermsRequest { entry_id: entry.entry_id.clone() };
        let open = ok(school.appeals().get_appeal_terms(terms()).await);
        assert!(open.open && open.grounds.len() == 4 && open.appeal.is_none());
        let odd = refused(file(&world, &entry, "weather").await, Code::InvalidArgument);
        assert!(violations(&odd).contains_key("ground_code"));
        let filed = ok(file(&world, &entry, "facts").await).appeal.expect("one");
        assert_eq!((filed.state(), filed.grade.as_str(), filed.total.as_str()), (State::Filed, "C-", "55"));
        refused(file(&world, &entry, "facts").await, Code::AlreadyExists);
        let unheard = refused(decide(&world, &filed, true, "支持").await, Code::FailedPrecondition);
        assert_eq!(reason(&unheard), "ILLEGAL_STATE");

        let panel = world.assignments(&entry.round_id).await;
        let heard = ok(appoint(&world, &filed).await).appeal.expect("one");
        assert_eq!(heard.state(), State::Hearing);
        refused(appoint(&world, &heard).await, Code::FailedPrecondition);
        let sheets = hearing(&world, &entry).await;
        assert_eq!(sheets.len(), 3);
        let fresh = |one: &Assignment| {
            panel.iter().all(|before| before.reviewer_account_id != one.reviewer_account_id)
        };
        assert!(sheets.iter().all(fresh), "nobody of the first panel hears the appeal");
        let told = read(&world, &heard).await.panel;
        let told: Vec<_> =
            told.iter().map(|one| (&*one.account_id, one.submitted, one.name.is_empty())).collect();
        let expected = sheets.iter().map(|one| (&*one.reviewer_account_id, false, false));
        assert_eq!(told, expected.collect::<Vec<_>>(), "the chair sees who hears it");
        let own = GetAppealRequest { appeal_id: heard.appeal_id.clone() };
        let own = ok(school.appeals().get_appeal(own).await).appeal.expect("one");
        assert!(own.panel.is_empty() && own.panel_count == 0, "the school does not: {own:?}");
        let own = GetAssignmentRequest { assignment_id: sheets[0].assignment_id.clone() };
        let reviewer = world.as_reviewer(&sheets[0].reviewer_account_id);
        let told = ok(reviewer.assignments().get_assignment(own).await).assignment.expect("one");
        let about = told.appeal.expect("the appeal");
        assert!(about.statement.contains("实训基地") && about.grade.is_empty() && about.total.is_empty());

        // One gives the seat back; the chair fills it with yet another.
        let request = AbstainAssignmentRequest {
            request_id: request_id(),
            assignment_id: sheets[0].assignment_id.clone(),
            etag: sheets[0].etag.clone(),
            reason: "与学校有合作。".into(),
        };
        ok(reviewer.assignments().abstain_assignment(request).await);
        assert_eq!(read(&world, &heard).await.short_count, 1);
        let heard = ok(appoint(&world, &read(&world, &heard).await).await).appeal.expect("one");
        let sheets = hearing(&world, &entry).await;
        assert_eq!(sheets.len(), 3);
        world.submit(&sheets[0], "80").await;
        refused(decide(&world, &heard, true, "支持").await, Code::FailedPrecondition);
        world.submit(&sheets[1], "82").await;
        world.submit(&sheets[2], "84").await;
        let ready = read(&world, &heard).await;
        assert_eq!((ready.hearing_grade.as_str(), ready.hearing_total.as_str()), ("B+", "82"));
        assert_eq!((ready.submitted_count, ready.panel_count), (3, 3));
        let silent = refused(decide(&world, &ready, true, " ").await, Code::InvalidArgument);
        assert!(violations(&silent).contains_key("reason"));
        let version = async || {
            let request = GetRoundRequest { round_id: entry.round_id.clone() };
            ok(world.chair.rounds().get_round(request).await).round.expect("one").etag
        };
        let before = version().await;
        let decided = ok(decide(&world, &ready, true, "实训基地在观测期内建成，原评分未采信。").await)
            .appeal
            .expect("one");
        assert!(decided.upheld && decided.state() == State::Decided);
        assert_ne!(version().await, before, "whoever keeps the round's results reads them again");
        assert_eq!((decided.new_grade.as_str(), decided.new_total.as_str()), ("B+", "82"));

        let seen = ok(school.rounds().list_entries(ListEntriesRequest::default()).await).entries.remove(0);
        let result = seen.result.expect("a result");
        assert_eq!((result.grade.as_str(), result.former.len()), ("B+", 1));
        assert_eq!((result.former[0].grade.as_str(), result.former[0].total.as_str()), ("C-", "55"));
        assert!(result.former[0].reason.contains("观测期"));
        let request = GetDistributionRequest { round_id: entry.round_id.clone() };
        let counts = ok(world.chair.rounds().get_distribution(request).await).counts;
        let graded: Vec<_> =
            counts.iter().filter(|one| one.count > 0).map(|one| one.grade.as_str()).collect();
        assert_eq!(graded, ["B+"]);
        let request = ListRectificationsRequest::default();
        let lifted = ok(school.rectifications().list_rectifications(request).await).rectifications.remove(0);
        assert_eq!(lifted.outcome(), rectification::Outcome::Lifted);
        refused(decide(&world, &decided, false, "再议").await, Code::FailedPrecondition);
    })
    .await;
}

#[tokio::test]
async fn an_appeal_never_lowers_a_grade_and_is_dismissed_with_a_reason() {
    in_each_world(1, 9, async |world| {
        let entry = revealed(&world).await;
        let filed = ok(file(&world, &entry, "procedure").await).appeal.expect("one");
        let heard = ok(appoint(&world, &filed).await).appeal.expect("one");
        for one in hearing(&world, &entry).await {
            world.submit(&one, "50").await;
        }
        let lower = refused(decide(&world, &heard, true, "支持").await, Code::FailedPrecondition);
        assert!(violations(&lower).contains_key("total"));
        let decided = ok(decide(&world, &heard, false, "复评结果不高于原结果。").await).appeal.expect("one");
        assert!(!decided.upheld && decided.new_grade.is_empty());
        let entry = world.entries(&world.chair, &entry.round_id).await.remove(0);
        let result = entry.result.expect("a result");
        assert_eq!((result.grade.as_str(), result.former.len()), ("C-", 0));
        // Only its own school reads it.
        let request = GetAppealRequest { appeal_id: decided.appeal_id.clone() };
        let other = world.as_school(&school(1));
        refused(other.appeals().get_appeal(request.clone()).await, Code::NotFound);
        let own = ok(world.as_school(&school(0)).appeals().get_appeal(request).await).appeal.expect("one");
        assert_eq!(
            (own.reason.as_str(), own.panel_count, own.hearing_total.as_str()),
            ("复评结果不高于原结果。", 0, "")
        );
    })
    .await;
}

#[tokio::test]
async fn appeals_are_taken_until_the_last_working_day_and_can_be_withdrawn() {
    in_each_world(1, 9, async |world| {
        let entry = revealed(&world).await;
        let clock = world.test.ctx.db.clock().clone();
        let terms = || GetAppealTermsRequest { entry_id: entry.entry_id.clone() };
        let school = world.as_school(&school(0));
        let due = ok(school.appeals().get_appeal_terms(terms()).await).due_date;
        let last: chrono::NaiveDate = due.parse().expect("a date");
        // Noon in China on the day after the last.
        let noon = |day: chrono::NaiveDate| day.and_hms_opt(4, 0, 0).expect("a time").and_utc();
        clock.hold(noon(last + Duration::days(1)));
        assert!(!ok(school.appeals().get_appeal_terms(terms()).await).open);
        let late = refused(file(&world, &entry, "facts").await, Code::FailedPrecondition);
        assert!(violations(&late).contains_key("due_date"));
        clock.hold(noon(last));
        let filed = ok(file(&world, &entry, "facts").await).appeal.expect("one");
        clock.release();
        assert!(Utc::now() < noon(last), "the test moved the clock, not the day");
        let request = WithdrawAppealRequest {
            request_id: request_id(),
            appeal_id: filed.appeal_id.clone(),
            etag: filed.etag.clone(),
        };
        refused(world.chair.appeals().withdraw_appeal(request.clone()).await, Code::PermissionDenied);
        let gone = ok(school.appeals().withdraw_appeal(request).await).appeal.expect("one");
        assert_eq!(gone.state(), State::Withdrawn);
        refused(appoint(&world, &gone).await, Code::FailedPrecondition);
        refused(file(&world, &entry, "facts").await, Code::AlreadyExists);
    })
    .await;
}
