//! Schools, and who supervises them, are reminded of their steps in procedures.

use tonic::Code;
use zhijian_proto::{
    review::v1::*,
    submission::v1::{ListNoticesRequest, Notice},
};

use crate::{
    procedures::{apply, create},
    world::*,
};

async fn remind(world: &World, dry_run: bool) -> RemindItemsResponse {
    ok(world.commission.items().remind_items(RemindItemsRequest { dry_run }).await)
}

/// Every message to an organisation, oldest first.
async fn messages(world: &World, organisation_code: &str) -> Vec<Notice> {
    let request = ListNoticesRequest { organisation_code: organisation_code.into(), ..Default::default() };
    let mut listed = ok(world.commission.notices().list_notices(request).await).notices;
    listed.reverse();
    listed
}

fn noon(day: chrono::NaiveDate) -> chrono::DateTime<chrono::Utc> {
    day.and_hms_opt(4, 0, 0).expect("a time").and_utc()
}

#[tokio::test]
async fn a_school_is_reminded_of_the_step_that_is_its_own_once_before_the_date_and_once_after() {
    in_each_world(2, 0, async |world| {
        let opened = create(&world, "case-selection").await;
        let first = apply(&world, &opened, 0, "演示案例甲").await;
        apply(&world, &opened, 0, "演示案例乙").await;
        let withdrawn = apply(&world, &opened, 1, "演示案例丙").await;
        let withdraw = WithdrawItemRequest {
            request_id: request_id(),
            item_id: withdrawn.item_id.clone(),
            etag: withdrawn.etag.clone(),
            reason: "本年不再申报".into(),
        };
        ok(world.as_school(&school(1)).items().withdraw_item(withdraw).await);
        assert_eq!(remind(&world, false).await.reminders, [], "the date is far");

        let clock = world.test.ctx.db.clock().clone();
        let due: chrono::NaiveDate = first.due_date.parse().expect("a date");
        clock.hold(noon(due));
        let told = remind(&world, true).await;
        assert_eq!((told.drafted, told.covered), (1, 0));
        let [one] = told.reminders.as_slice() else { panic!("{:?}", told.reminders) };
        assert_eq!(
            (one.organisation_code.clone(), one.due_date.clone()),
            (school(0), first.due_date.clone())
        );
        assert_eq!((one.working_days_left, one.drafted), (0, true));
        assert_eq!(messages(&world, &school(0)).await, [], "looking drafts nothing");

        let told = remind(&world, false).await;
        assert_eq!((told.drafted, told.covered), (1, 0));
        let told = remind(&world, false).await;
        assert_eq!((told.drafted, told.covered), (0, 1), "once");
        clock.hold(noon(due + chrono::Duration::days(1)));
        assert_eq!(remind(&world, false).await.drafted, 1);
        assert_eq!(remind(&world, true).await.covered, 1);
        let told = messages(&world, &school(0)).await;
        let rules: Vec<&str> = told.iter().map(|one| one.rule_code.as_str()).collect();
        assert_eq!(rules, ["item-near-case-selection", "item-late-case-selection"]);
        assert!(
            told[0].body.contains("演示案例甲") && told[0].body.contains("演示案例乙"),
            "{}",
            told[0].body
        );
        assert!(told[1].subject.contains("逾期"), "{}", told[1].subject);
        assert_eq!(messages(&world, &school(1)).await, [], "what was withdrawn is not reminded of");

        for stranger in [world.as_school(&school(0)), world.chair.clone()] {
            let answer = stranger.items().remind_items(RemindItemsRequest { dry_run: true }).await;
            refused(answer, Code::PermissionDenied);
        }
        clock.release();
    })
    .await;
}
