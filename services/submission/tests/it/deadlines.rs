//! Deadlines, the grace after them, and more time for one school.

use chrono::{DateTime, TimeDelta, Utc};
use tonic::Code;
use zhijian_platform::time::timestamp;
use zhijian_proto::{common::v1::Text, submission::v1::*};

use crate::harness::*;

fn due() -> DateTime<Utc> {
    "2026-11-30T09:00:00Z".parse().expect("a moment")
}

fn contact() -> Contact {
    Contact { name: "职教处李老师".into(), phone: "010-5555".into(), email: String::new() }
}

/// A year that is due, with this grace, and a contact; the clock stands a day before.
async fn year(world: &World, grace: Option<Grace>) {
    world.test.ctx.db.clock().hold(due() - TimeDelta::days(1));
    let cycle = world.collecting(2025, Some(timestamp(due()))).await;
    let changed = Cycle { grace, contact: Some(contact()), ..cycle };
    let request = UpdateCycleRequest { request_id: id(), cycle: Some(changed) };
    world.commission().cycles().update_cycle(request).await.expect("changed");
}

fn at(world: &World, moment: DateTime<Utc>) {
    world.test.ctx.db.clock().hold(moment);
}

fn ask(code: &str, wanted: DateTime<Utc>) -> RequestExtensionRequest {
    RequestExtensionRequest {
        request_id: id(),
        cycle_year: 2025,
        organisation_code: code.into(),
        reason: "校区停电".into(),
        wanted_time: Some(timestamp(wanted)),
    }
}

#[tokio::test]
async fn the_deadlines_second_is_in_time_and_the_next_is_not() {
    each(|world| async move {
        year(&world, None).await;
        let first = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let second = world.create(2025, "enterprise", COLLEGE, &enterprise(1)).await;
        for submission in [&first, &second] {
            world.fill(submission).await;
            world.approve(submission).await.expect("approved");
        }
        assert_eq!(world.get(&first).await.lock, None);

        at(&world, due());
        let receipt = world.submit(&first).await.expect("in time").receipt.expect("a receipt");
        assert_eq!(receipt.time, Some(timestamp(due())));

        at(&world, due() + TimeDelta::milliseconds(1));
        let late = preconditions(&world.submit(&second).await.unwrap_err());
        assert_eq!(late[0].0, "cycle.due_time");
        assert!(late[0].1.contains("2026年11月30日 17:00"), "{}", late[0].1);
        assert!(late[0].1.contains("职教处李老师（010-5555）"), "it names whom to ask: {}", late[0].1);

        // What was typed when the deadline passed is refused with the same words, and nothing else changed.
        let before = world.cells(&second, 0).await;
        let edit = vec![cell("ENT01", number("77"), &before["ENT01"].etag)];
        let refused = preconditions(&world.save(&second, edit).await.unwrap_err());
        assert_eq!(refused, late);
        let section = world.sections(&second, 0).await.swap_remove(0);
        let refused = world.write(&second, &section.section_code, "迟到", &section.etag).await.unwrap_err();
        assert_eq!(preconditions(&refused), late);
        assert_eq!(world.cells(&second, 0).await, before);

        let lock = world.get(&second).await.lock.expect("locked");
        assert_eq!(lock.kind(), lock::Kind::PastDue);
        assert_eq!(lock.reason.expect("words").zh, late[0].1);
        assert_eq!((lock.until, lock.contact), (None, Some(contact())));
        let with_commission = world.get(&first).await.lock.expect("locked");
        assert_eq!(with_commission.kind(), lock::Kind::WithCommission);
        let not_begun = world.try_create(2025, "enterprise", COLLEGE, &enterprise(2)).await.unwrap_err();
        assert_eq!(preconditions(&not_begun)[0].0, "cycle.due_time");
    })
    .await;
}

#[tokio::test]
async fn in_the_grace_a_report_is_handed_in_as_it_is() {
    each(|world| async move {
        let grace = Grace { hours: 24, allows: grace::Allows::Submitting.into() };
        year(&world, Some(grace)).await;
        let submission = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        world.fill(&submission).await;
        at(&world, due() + TimeDelta::hours(2));
        let lock = world.get(&submission).await.lock.expect("content is locked");
        let end = Some(timestamp(due() + TimeDelta::hours(24)));
        assert_eq!((lock.kind(), lock.until), (lock::Kind::Grace, end));
        assert_eq!(world.get(&submission).await.deadline.expect("a deadline").grace_end_time, end);
        let edit = vec![cell("ENT01", number("77"), "v1")];
        let refused = preconditions(&world.save(&submission, edit.clone()).await.unwrap_err());
        assert!(refused[0].1.contains("宽限期"), "{}", refused[0].1);
        world.approve(&submission).await.expect("possible in the grace");

        // The commission lets people edit after all.
        let mut cycles = world.commission().cycles();
        let request = GetCycleRequest { year: 2025 };
        let cycle = cycles.get_cycle(request).await.unwrap().into_inner().cycle.unwrap();
        let grace = Grace { allows: grace::Allows::Editing.into(), ..cycle.grace.expect("kept") };
        let change = |etag: &str| UpdateCycleRequest {
            request_id: id(),
            cycle: Some(Cycle { grace: Some(grace), etag: etag.into(), ..cycle.clone() }),
        };
        assert_eq!(cycles.update_cycle(change("v9")).await.unwrap_err().code(), Code::Aborted);
        let school = world.school(COLLEGE).cycles().update_cycle(change(&cycle.etag)).await.unwrap_err();
        assert_eq!(school.code(), Code::PermissionDenied);
        cycles.update_cycle(change(&cycle.etag)).await.expect("changed");
        assert_eq!(world.get(&submission).await.lock, None);
        world.save(&submission, edit).await.expect("possible now");
        at(&world, due() + TimeDelta::hours(24) + TimeDelta::milliseconds(1));
        let late = preconditions(&world.approve(&submission).await.unwrap_err());
        assert!(late[0].1.contains("宽限期到2026年12月1日 17:00"), "{}", late[0].1);
    })
    .await;
}

#[tokio::test]
async fn one_school_is_given_more_time() {
    each(|world| async move {
        year(&world, None).await;
        let begun = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let others = world.create(2025, "higher", OTHER_COLLEGE, "").await;
        let (wanted, granted) = (due() + TimeDelta::days(3), due() + TimeDelta::days(5));
        let mut school = world.school(COLLEGE).extensions();
        let mut commission = world.commission().extensions();

        let mut wrong = ask(COLLEGE, due());
        assert_eq!(
            violations(&school.request_extension(wrong.clone()).await.unwrap_err())[0].0,
            "wanted_time"
        );
        wrong = RequestExtensionRequest { reason: " ".into(), ..ask(COLLEGE, wanted) };
        assert_eq!(violations(&school.request_extension(wrong).await.unwrap_err())[0].0, "reason");
        let foreign = school.request_extension(ask(OTHER_COLLEGE, wanted)).await.unwrap_err();
        assert_eq!(foreign.code(), Code::PermissionDenied);

        let request = ask(COLLEGE, wanted);
        let asked = school.request_extension(request.clone()).await.unwrap().into_inner();
        assert_eq!(school.request_extension(request).await.unwrap().into_inner(), asked, "repeated safely");
        let asked = asked.extension.expect("an extension");
        assert_eq!(asked.state(), extension::State::Requested);
        let second = school.request_extension(ask(COLLEGE, granted)).await.unwrap_err();
        assert_eq!(preconditions(&second)[0].0, "request.state");
        let withdraw = WithdrawExtensionRequest {
            request_id: id(),
            extension_id: asked.extension_id.clone(),
            etag: asked.etag.clone(),
        };
        let withdrawn = school.withdraw_extension(withdraw).await.unwrap().into_inner().extension.unwrap();
        assert_eq!(withdrawn.state(), extension::State::Withdrawn);

        let asked =
            school.request_extension(ask(COLLEGE, wanted)).await.unwrap().into_inner().extension.unwrap();
        let refuse = RefuseExtensionRequest {
            request_id: id(),
            extension_id: asked.extension_id.clone(),
            etag: asked.etag.clone(),
            decision: String::new(),
        };
        assert_eq!(
            violations(&commission.refuse_extension(refuse.clone()).await.unwrap_err())[0].0,
            "decision"
        );
        let by_school = RefuseExtensionRequest { decision: "不".into(), ..refuse.clone() };
        assert_eq!(school.refuse_extension(by_school).await.unwrap_err().code(), Code::PermissionDenied);
        let refuse = RefuseExtensionRequest { decision: "请说明影响范围".into(), ..refuse };
        let refused = commission.refuse_extension(refuse).await.unwrap().into_inner().extension.unwrap();
        assert_eq!(
            (refused.state(), refused.decision.as_str()),
            (extension::State::Refused, "请说明影响范围")
        );

        // The deadline passes, the commission gives time after all, and what was locked is open again.
        let asked =
            school.request_extension(ask(COLLEGE, wanted)).await.unwrap().into_inner().extension.unwrap();
        at(&world, due() + TimeDelta::days(1));
        assert!(world.get(&begun).await.lock.is_some());
        let grant = GrantExtensionRequest {
            request_id: id(),
            extension_id: asked.extension_id.clone(),
            etag: asked.etag.clone(),
            granted_time: Some(timestamp(granted)),
            decision: String::new(),
        };
        let stale = GrantExtensionRequest { request_id: id(), etag: "v9".into(), ..grant.clone() };
        assert_eq!(commission.grant_extension(stale).await.unwrap_err().code(), Code::Aborted);
        let given = commission.grant_extension(grant.clone()).await.unwrap().into_inner();
        assert_eq!(commission.grant_extension(grant).await.unwrap().into_inner(), given);
        assert_eq!(given.extension.unwrap().granted_time, Some(timestamp(granted)));
        let seen = world.get(&begun).await;
        let deadline = seen.deadline.expect("a deadline");
        assert_eq!((seen.lock, deadline.due_time, deadline.own), (None, Some(timestamp(granted)), true));
        world.fill(&begun).await;
        world.create(2025, "enterprise", COLLEGE, &enterprise(1)).await;
        assert!(world.get(&others).await.lock.is_some(), "only one school was given time");
        let history = world.history(&begun).await;
        assert!(history.contains(&("extension.decide".into(), submission::State::Draft)), "{history:?}");

        let list =
            |code: &str| ListExtensionsRequest { organisation_code: code.into(), ..Default::default() };
        let seen = school.list_extensions(list("")).await.unwrap().into_inner().extensions;
        let states: Vec<_> = seen.iter().map(Extension::state).collect();
        use extension::State::{Granted, Refused, Withdrawn};
        assert_eq!(states, [Granted, Refused, Withdrawn], "newest first");
        let others = world.school(OTHER_COLLEGE).extensions().list_extensions(list("")).await.unwrap();
        assert!(others.into_inner().extensions.is_empty());
        let all = ListExtensionsRequest { page_size: 2, ..list(COLLEGE) };
        let first = commission.list_extensions(all.clone()).await.unwrap().into_inner();
        assert_eq!(first.extensions.len(), 2);
        let rest = ListExtensionsRequest { page_token: first.next_page_token, ..all };
        assert_eq!(commission.list_extensions(rest).await.unwrap().into_inner().extensions.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_year_says_what_is_wrong_with_its_grace_and_contact() {
    each(|world| async move {
        let cycle = world.collecting(2025, None).await;
        let silent = Contact { name: "李老师".into(), phone: String::new(), email: String::new() };
        let wrong = Cycle {
            name: Some(Text::default()),
            grace: Some(Grace { hours: 1000, allows: 0 }),
            contact: Some(silent),
            ..cycle.clone()
        };
        let request = UpdateCycleRequest { request_id: id(), cycle: Some(wrong) };
        let mut cycles = world.commission().cycles();
        let fields: Vec<String> = violations(&cycles.update_cycle(request).await.unwrap_err())
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        assert_eq!(fields, ["cycle.name", "cycle.contact.phone", "cycle.grace.hours"]);
        world.close(2025).await;
        let closed =
            cycles.get_cycle(GetCycleRequest { year: 2025 }).await.unwrap().into_inner().cycle.unwrap();
        let request = UpdateCycleRequest { request_id: id(), cycle: Some(closed) };
        assert_eq!(preconditions(&cycles.update_cycle(request).await.unwrap_err())[0].0, "cycle.state");
    })
    .await;
}
