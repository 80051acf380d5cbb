//! What follows a rectification: documents that are found, reminders, and monitoring in the next year.

use chrono::Duration;
use tonic::Code;
use zhijian_proto::{
    review::v1::*,
    submission::v1::{ImportProgrammesRequest, ListNoticesRequest, ListProgrammesRequest, Programme},
};

use crate::world::*;

async fn low(world: &World) -> Rectification {
    world.reviewers(8).await;
    world.programmes(&school(0), &["710201"], "").await;
    let round = world.open_round().await;
    world.submit_all(&round.round_id, |_| "55".to_owned()).await;
    ok(world.try_finalise(&round.round_id).await);
    ok(world.try_reveal(&round.round_id).await);
    let request = ListRectificationsRequest { round_id: round.round_id, ..Default::default() };
    ok(world.as_school(&school(0)).rectifications().list_rectifications(request).await)
        .rectifications
        .remove(0)
}

async fn read(world: &World, of: &Rectification) -> Rectification {
    let request = GetRectificationRequest { rectification_id: of.rectification_id.clone() };
    ok(world.as_school(&school(0)).rectifications().get_rectification(request).await)
        .rectification
        .expect("one")
}

async fn mending(world: &World, low: &Rectification) -> Rectification {
    let plan = PlanRectificationRequest {
        request_id: request_id(),
        rectification_id: low.rectification_id.clone(),
        etag: low.etag.clone(),
        plan: "改".repeat(30),
        measures: vec![Measure { title: "新建实训基地".into(), ..Measure::default() }],
    };
    let own = world.as_school(&school(0));
    let planned = ok(own.rectifications().plan_rectification(plan).await).rectification.expect("one");
    let review = ReviewRectificationPlanRequest {
        request_id: request_id(),
        rectification_id: low.rectification_id.clone(),
        etag: planned.etag,
        accept: true,
        comment: String::new(),
    };
    let answer = world.commission.rectifications().review_rectification_plan(review).await;
    ok(answer).rectification.expect("one")
}

fn item(title: &str, link: &str, sha256: &str) -> EvidenceItem {
    EvidenceItem { title: title.into(), link: link.into(), sha256: sha256.into() }
}

#[tokio::test]
async fn evidence_is_a_link_or_a_file_that_the_school_has_handed_in() {
    in_each_world(1, 8, async |world| {
        let low = low(&world).await;
        let mending = mending(&world, &low).await;
        let report = |items: Vec<EvidenceItem>| ReportMeasuresRequest {
            request_id: request_id(),
            rectification_id: low.rectification_id.clone(),
            etag: mending.etag.clone(),
            measures: vec![Measure { done: true, items, ..Measure::default() }],
        };
        let own = world.as_school(&school(0));
        let strange =
            own.rectifications().report_measures(report(vec![item("报告", "", &"ab".repeat(32))])).await;
        let told = violations(&refused(strange, Code::InvalidArgument));
        assert!(told.contains_key("measures[0].items[0].sha256"), "{told:?}");
        let script =
            own.rectifications().report_measures(report(vec![item("报告", "javascript:1", "")])).await;
        let told = violations(&refused(script, Code::InvalidArgument));
        assert!(told.contains_key("measures[0].items[0].link"), "{told:?}");
        let none = own.rectifications().report_measures(report(vec![])).await;
        assert!(violations(&refused(none, Code::InvalidArgument)).contains_key("measures[0].evidence"));
        let linked = report(vec![item("验收报告", "https://example.org/report.pdf", "")]);
        let done = ok(own.rectifications().report_measures(linked).await).rectification.expect("one");
        assert_eq!(done.measures[0].items[0].link, "https://example.org/report.pdf");
        assert!(done.measures[0].done);
    })
    .await;
}

#[tokio::test]
async fn a_school_is_reminded_before_a_date_and_after_it_and_then_it_is_escalated() {
    in_each_world(1, 8, async |world| {
        let low = low(&world).await;
        let clock = world.test.ctx.db.clock().clone();
        assert_eq!((low.working_days_left, low.reminding, low.overdue), (20, false, false));
        let due: chrono::NaiveDate = low.due_date.parse().expect("a date");
        let noon = |day: chrono::NaiveDate| day.and_hms_opt(4, 0, 0).expect("a time").and_utc();
        clock.hold(noon(due));
        let today = read(&world, &low).await;
        assert_eq!((today.working_days_left, today.reminding, today.overdue), (0, true, false));
        clock.hold(noon(due + Duration::days(7)));
        let late = read(&world, &low).await;
        assert!(late.working_days_left < 0 && late.reminding && late.overdue);
        for level in ["yellow-card", "red-card", "enrolment-suspended", "withdrawal-proposed"] {
            let present = read(&world, &low).await;
            let due: chrono::NaiveDate = present.due_date.parse().expect("a date");
            clock.hold(noon(due + Duration::days(1)));
            let request = EscalateRectificationRequest {
                request_id: request_id(),
                rectification_id: low.rectification_id.clone(),
                etag: present.etag,
                reason: "逾期未交方案。".into(),
            };
            let next = ok(world.commission.rectifications().escalate_rectification(request).await);
            assert_eq!(next.rectification.expect("one").level.expect("a level").code, level);
        }
        clock.release();
    })
    .await;
}

async fn remind(world: &World) -> (i32, i32) {
    let request = RemindRectificationsRequest { dry_run: false };
    let told = ok(world.commission.rectifications().remind_rectifications(request).await);
    (told.drafted, told.covered)
}

/// What would be said, and whether it is new.
async fn preview(world: &World) -> Vec<(String, bool)> {
    let request = RemindRectificationsRequest { dry_run: true };
    let told = ok(world.commission.rectifications().remind_rectifications(request).await);
    assert_eq!(told.reminders.len(), usize::try_from(told.drafted + told.covered).expect("a count"));
    told.reminders.into_iter().map(|one| (one.rule_code, one.drafted)).collect()
}

/// Every message to the school, oldest first: its rule and what it says.
async fn messages(world: &World) -> Vec<(String, String, String)> {
    let request = ListNoticesRequest { organisation_code: school(0), ..ListNoticesRequest::default() };
    let mut listed = ok(world.commission.notices().list_notices(request).await).notices;
    listed.reverse();
    listed.into_iter().map(|one| (one.rule_code, one.subject, one.body)).collect()
}

#[tokio::test]
async fn a_message_is_drafted_once_before_a_date_and_once_after_it() {
    in_each_world(1, 8, async |world| {
        let low = low(&world).await;
        assert_eq!(remind(&world).await, (0, 0), "twenty working days are left");
        let clock = world.test.ctx.db.clock().clone();
        let noon = |day: chrono::NaiveDate| day.and_hms_opt(4, 0, 0).expect("a time").and_utc();
        let due: chrono::NaiveDate = low.due_date.parse().expect("a date");
        clock.hold(noon(due));
        assert_eq!(preview(&world).await, [("rectification-plan-near".to_owned(), true)]);
        assert_eq!(messages(&world).await, [], "looking drafts nothing");
        assert_eq!(remind(&world).await, (1, 0));
        assert_eq!(preview(&world).await, [("rectification-plan-near".to_owned(), false)]);
        assert_eq!(remind(&world).await, (0, 1), "once");
        clock.hold(noon(due + Duration::days(1)));
        assert_eq!(remind(&world).await, (1, 0));
        clock.hold(noon(due + Duration::days(2)));
        assert_eq!(remind(&world).await, (0, 1), "once, whatever the day");
        let told = messages(&world).await;
        let rules: Vec<&str> = told.iter().map(|(rule, _, _)| rule.as_str()).collect();
        assert_eq!(rules, ["rectification-plan-near", "rectification-plan-late"]);
        assert!(told[0].2.contains("专业710201") && told[1].1.contains("逾期"), "{told:?}");
        let own = world.as_school(&school(0));
        let request = ListNoticesRequest::default();
        assert!(
            ok(own.notices().list_notices(request).await).notices.is_empty(),
            "a person looks at it first"
        );
        let request = RemindRectificationsRequest { dry_run: true };
        refused(own.rectifications().remind_rectifications(request).await, Code::PermissionDenied);

        let mending = mending(&world, &read(&world, &low).await).await;
        assert_eq!(remind(&world).await, (0, 0), "the new date is far");
        clock.hold(noon(mending.due_date.parse().expect("a date")));
        assert_eq!(remind(&world).await, (1, 0));
        assert_eq!(messages(&world).await[2].0, "rectification-measures-near");
        clock.release();
    })
    .await;
}

#[tokio::test]
async fn what_had_to_be_mended_is_monitored_in_the_next_year() {
    in_each_world(1, 8, async |world| {
        world.reviewers(8).await;
        world.programmes(&school(0), &["710201", "710202"], "").await;
        let round = world.open_round().await;
        let low = |entry: &Entry| if entry.programme_code == "710201" { "55".into() } else { "88".into() };
        world.submit_all(&round.round_id, low).await;
        ok(world.try_finalise(&round.round_id).await);
        ok(world.try_reveal(&round.round_id).await);
        let first = world.entries(&world.chair, &round.round_id).await;
        assert!(first.iter().all(|entry| !entry.compulsory));

        // Neither is a pilot any more, so that the scheme selects nothing; what had to be mended is there nonetheless.
        let listed =
            ok(world.commission.programmes().list_programmes(ListProgrammesRequest::default()).await);
        let no_pilot = |programme: Programme| Programme { pilot: false, ..programme };
        let request = ImportProgrammesRequest {
            request_id: request_id(),
            programmes: listed.programmes.into_iter().map(no_pilot).collect(),
            dry_run: false,
        };
        ok(world.commission.programmes().import_programmes(request).await);
        world.cycle(YEAR + 1).await;
        let next = world.create_round_of(YEAR + 1).await;
        let entries = world.entries(&world.chair, &next.round_id).await;
        let codes: Vec<(&str, bool)> =
            entries.iter().map(|entry| (entry.programme_code.as_str(), entry.compulsory)).collect();
        assert_eq!(codes, [("710201", true)]);

        // Another scheme does not take it over.
        let other = CreateRoundRequest {
            request_id: request_id(),
            cycle_year: YEAR + 5,
            scheme_code: "new-programme-monitoring".into(),
            due_time: None,
        };
        world.cycle(YEAR + 5).await;
        let refusal = world.chair.rounds().create_round(other).await;
        assert_eq!(reason(&refused(refusal, Code::FailedPrecondition)), "DATA_MISSING");
    })
    .await;
}
