//! Reminders: drafted by rule, looked at, approved, mailed or handed over by hand.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tonic::Code;
use zhijian_platform::{Clients, Mail, time::timestamp};
use zhijian_proto::submission::v1::{progress_filter::Condition, *};

use crate::{harness::*, post};

/// A Friday.
fn due() -> DateTime<Utc> {
    "2025-12-05T09:00:00Z".parse().expect("a moment")
}

/// A year that is due, seen so long before (or after) that; on working days, so that mail need not wait.
async fn year(world: &World, before: TimeDelta) {
    world.test.ctx.db.clock().hold(due() - before);
    world.collecting(2025, Some(timestamp(due()))).await;
}

async fn draft(clients: &Clients) -> DraftNoticesResponse {
    let request = DraftNoticesRequest { request_id: id(), cycle_year: 2025 };
    clients.notices().draft_notices(request).await.expect("drafted").into_inner()
}

async fn list(clients: &Clients) -> Vec<Notice> {
    let request = ListNoticesRequest { cycle_year: 2025, ..Default::default() };
    clients.notices().list_notices(request).await.expect("listed").into_inner().notices
}

async fn of(clients: &Clients, code: &str) -> Notice {
    let listed = list(clients).await;
    listed.into_iter().find(|notice| notice.organisation_code == code).expect("a message")
}

fn versions(notices: &[Notice]) -> Vec<NoticeVersion> {
    let version =
        |notice: &Notice| NoticeVersion { notice_id: notice.notice_id.clone(), etag: notice.etag.clone() };
    notices.iter().map(version).collect()
}

async fn approve(clients: &Clients, notices: &[Notice]) -> Vec<Notice> {
    let request = ApproveNoticesRequest { request_id: id(), notices: versions(notices) };
    clients.notices().approve_notices(request).await.expect("approved").into_inner().notices
}

async fn contact(clients: &Clients, code: &str, address: &str) {
    let mut notices = clients.notices();
    let request = GetNoticeContactRequest { organisation_code: code.into() };
    let kept = notices.get_notice_contact(request).await.expect("read").into_inner().contact.unwrap();
    let contact = NoticeContact { address: address.into(), ..kept };
    let request = SetNoticeContactRequest { request_id: id(), contact: Some(contact) };
    notices.set_notice_contact(request).await.expect("set");
}

#[tokio::test]
async fn drafts_are_looked_at_before_anybody_else_sees_them() {
    each(|world| async move {
        year(&world, TimeDelta::days(11)).await;
        let begun = world.create(2025, "higher", COLLEGE, "").await;
        let commission = world.commission();
        let answer = draft(&commission).await;
        assert_eq!((answer.drafted, answer.covered), (4, 0), "two colleges, a school, a district");
        let again = draft(&commission).await;
        assert_eq!((again.drafted, again.covered), (0, 4), "a rule speaks once");
        let college = of(&commission, COLLEGE).await;
        assert_eq!((college.rule_code.as_str(), college.state()), ("due-14", notice::State::Draft));
        assert_eq!(college.submission_ids, [begun.submission_id.as_str()]);
        assert!(college.body.contains("2025年12月5日"), "{}", college.body);
        assert!(college.subject.contains("71 份"), "{}", college.subject);

        let school = world.school(COLLEGE);
        assert_eq!(list(&school).await, [], "a draft is the commission's own");
        let download = DownloadNoticeRequest { notice_id: college.notice_id.clone() };
        let hidden = school.notices().download_notice(download.clone()).await.expect_err("not yet");
        assert_eq!(hidden.code(), Code::NotFound);

        let update = |etag: &str, subject: &str| UpdateNoticeRequest {
            request_id: id(),
            notice_id: college.notice_id.clone(),
            etag: etag.into(),
            subject: subject.into(),
            body: "请于周五前提交。\r\n谢谢。".into(),
        };
        let mut desk = commission.notices();
        let empty = desk.update_notice(update(&college.etag, "  ")).await.expect_err("no subject");
        assert_eq!(violations(&empty)[0].0, "subject");
        let edited = desk.update_notice(update(&college.etag, "请尽快提交")).await.expect("edited");
        let edited = edited.into_inner().notice.expect("a message");
        assert_eq!(
            (edited.subject.as_str(), edited.body.as_str()),
            ("请尽快提交", "请于周五前提交。\n谢谢。")
        );

        // Nobody approves words that were changed meanwhile.
        let stale =
            ApproveNoticesRequest { request_id: id(), notices: versions(std::slice::from_ref(&college)) };
        assert_eq!(desk.approve_notices(stale).await.expect_err("changed").code(), Code::Aborted);
        let other = of(&commission, OTHER_COLLEGE).await;
        let drop = DropNoticeRequest {
            request_id: id(),
            notice_id: other.notice_id.clone(),
            etag: other.etag.clone(),
        };
        let dropped = desk.drop_notice(drop).await.expect("dropped").into_inner().notice.unwrap();
        assert_eq!(dropped.state(), notice::State::Dropped);
        assert_eq!(draft(&commission).await.drafted, 0, "what was dropped is not drafted again");

        approve(&commission, &[edited]).await;
        let seen = list(&school).await;
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].subject.as_str(), seen[0].state()), ("请尽快提交", notice::State::Approved));
        assert_eq!(list(&world.school(OTHER_COLLEGE)).await, []);
        let file = school.notices().download_notice(download).await.expect("a file").into_inner();
        assert!(file.file_name.ends_with(".eml") && file.data.starts_with(b"Message-ID: <ntc_"));
        let refused = world.school(COLLEGE).notices();
        let request = DraftNoticesRequest { request_id: id(), cycle_year: 2025 };
        let refused = { refused }.draft_notices(request).await.expect_err("the commission's");
        assert_eq!(refused.code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn without_mail_a_message_is_handed_over_by_hand() {
    each(|world| async move {
        year(&world, TimeDelta::days(11)).await;
        let commission = world.commission();
        draft(&commission).await;
        let college = approve(&commission, &[of(&commission, COLLEGE).await]).await.remove(0);
        let mut desk = commission.notices();
        let outbox = desk.get_outbox(GetOutboxRequest { cycle_year: 2025 }).await.unwrap().into_inner();
        assert!(!outbox.mail_configured);
        assert_eq!(outbox.without_address, 1);
        let send = SendNoticesRequest { request_id: id(), notices: versions(std::slice::from_ref(&college)) };
        assert_eq!(preconditions(&desk.send_notices(send).await.unwrap_err())[0].0, "mail");

        let waiting = of(&commission, SCHOOL).await;
        let deliver = |notice: &Notice| DeliverNoticesRequest {
            request_id: id(),
            notices: versions(std::slice::from_ref(notice)),
        };
        let early = desk.deliver_notices(deliver(&waiting)).await.expect_err("a draft");
        assert_eq!(preconditions(&early)[0].0, "notice.state");
        let done = desk.deliver_notices(deliver(&college)).await.expect("marked").into_inner().notices;
        assert_eq!(done[0].state(), notice::State::Delivered);
        assert!(done[0].sent_time.is_some());
        let twice = desk.deliver_notices(deliver(&done[0])).await.expect_err("already");
        assert!(preconditions(&twice)[0].1.contains("已另行送达"), "{twice:?}");
        let seen = list(&world.school(COLLEGE)).await;
        assert_eq!(seen.iter().map(Notice::state).collect::<Vec<_>>(), [notice::State::Delivered]);
        let school = world.school(COLLEGE).notices().deliver_notices(deliver(&seen[0])).await;
        assert_eq!(school.expect_err("the commission's").code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn a_school_says_where_it_gets_its_messages() {
    each(|world| async move {
        let school = world.school(COLLEGE);
        contact(&school, COLLEGE, "office@college.example.cn").await;
        let request = GetNoticeContactRequest { organisation_code: COLLEGE.into() };
        let kept = world.commission().notices().get_notice_contact(request.clone()).await.unwrap();
        let kept = kept.into_inner().contact.unwrap();
        assert_eq!((kept.address.as_str(), kept.etag.as_str()), ("office@college.example.cn", "v1"));
        let set =
            |contact: NoticeContact| SetNoticeContactRequest { request_id: id(), contact: Some(contact) };
        let wrong = NoticeContact { address: "office@".into(), ..kept.clone() };
        let wrong = school.notices().set_notice_contact(set(wrong)).await.expect_err("no address");
        assert_eq!(violations(&wrong)[0].0, "contact.address");
        let stale = NoticeContact { etag: String::new(), ..kept };
        let stale = school.notices().set_notice_contact(set(stale)).await.expect_err("read earlier");
        assert_eq!(stale.code(), Code::Aborted);
        let other = world.school(OTHER_COLLEGE).notices().get_notice_contact(request).await;
        assert_eq!(other.expect_err("not theirs").code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn who_was_given_more_time_is_neither_late_nor_told_so() {
    each(|world| async move {
        year(&world, TimeDelta::days(1)).await;
        world.create(2025, "higher", COLLEGE, "").await;
        let longer = due() + TimeDelta::days(10);
        let ask = RequestExtensionRequest {
            request_id: id(),
            cycle_year: 2025,
            organisation_code: COLLEGE.into(),
            reason: "校区停电".into(),
            wanted_time: Some(timestamp(longer)),
        };
        let commission = world.commission();
        let asked = commission.extensions().request_extension(ask).await.expect("asked").into_inner();
        let asked = asked.extension.unwrap();
        let grant = GrantExtensionRequest {
            request_id: id(),
            extension_id: asked.extension_id,
            etag: asked.etag,
            granted_time: Some(timestamp(longer)),
            decision: "同意".into(),
        };
        commission.extensions().grant_extension(grant).await.expect("granted");

        // The Monday after: everybody else is late, whether begun or not.
        world.test.ctx.db.clock().hold(due() + TimeDelta::days(3));
        let progress = |condition: Condition| {
            let filter = ProgressFilter { cycle_year: 2025, condition: condition.into(), ..Default::default() };
            let request = ListProgressRequest { filter: Some(filter), ..Default::default() };
            let commission = commission.clone();
            async move { commission.desk().list_progress(request).await.expect("listed").into_inner().progress }
        };
        let late = progress(Condition::Late).await;
        let mut codes: Vec<&str> = late.iter().map(|one| one.organisation_code.as_str()).collect();
        codes.sort_unstable();
        assert_eq!(codes, [SCHOOL, OTHER_COLLEGE, DISTRICT]);
        let open = progress(Condition::Open).await;
        let own: Vec<&Progress> = open.iter().filter(|one| one.organisation_code == COLLEGE).collect();
        assert_eq!(own.len(), 71, "begun or not");
        assert!(own.iter().all(|one| one.extended && !one.late && one.due_time == Some(timestamp(longer))));
        assert!(late.iter().all(|one| !one.extended && one.due_time == Some(timestamp(due()))));

        draft(&commission).await;
        assert_eq!(of(&commission, OTHER_COLLEGE).await.rule_code, "late-1");
        let college = of(&commission, COLLEGE).await;
        assert_eq!(college.rule_code, "due-14");
        assert!(college.body.contains("2025年12月15日"), "{}", college.body);

        // Its own day has passed as well.
        world.test.ctx.db.clock().hold(longer + TimeDelta::hours(1));
        assert_eq!(progress(Condition::Late).await.len(), 74);
    })
    .await;
}

/// A world that mails to `server`, with a worker that does the mailing.
async fn mailing(
    test: zhijian_platform::testing::TestContext,
    server: &str,
) -> (World, tokio::task::JoinHandle<()>) {
    let mut test = test;
    test.ctx.mail = Some(Mail {
        server: server.to_owned(),
        from: "质鉴 <desk@edu.example.cn>".to_owned(),
        timeout: Duration::from_secs(5),
    });
    let world = World::on(test).await;
    let work = world.test.ctx.operations.clone().work_until(world.test.ctx.shutdown.clone());
    (world, tokio::spawn(work))
}

async fn settled(world: &World, code: &str) -> Notice {
    use notice::State;
    let look = async || {
        let notice = of(&world.commission(), code).await;
        (!matches!(notice.state(), State::Queued | State::Sending)).then_some(notice)
    };
    world.test.until("what became of the message", look).await
}

#[tokio::test]
async fn approved_messages_are_mailed_once_and_refusals_are_told() {
    for test in zhijian_platform::testing::contexts().await {
        eprintln!("on {}", test.database);
        let post = post::Office::open().await;
        let (world, worker) = mailing(test, &post.address).await;
        year(&world, TimeDelta::days(11)).await;
        let commission = world.commission();
        contact(&commission, COLLEGE, "office@college.example.cn").await;
        contact(&commission, SCHOOL, "refused@school.example.cn").await;
        contact(&commission, OTHER_COLLEGE, "busy@other.example.cn").await;
        draft(&commission).await;
        let drafts = list(&commission).await;
        let approved = approve(&commission, &drafts).await;
        let queued = approved.iter().filter(|one| one.state() == notice::State::Queued).count();
        assert_eq!(queued, 3, "the district has no address");

        let sent = settled(&world, COLLEGE).await;
        assert_eq!((sent.state(), sent.attempts), (notice::State::Sent, 1), "{sent:?}");
        assert!(sent.sent_time.is_some());
        let failed = settled(&world, SCHOOL).await;
        assert_eq!(failed.state(), notice::State::Failed);
        assert!(failed.failure.expect("why").zh.contains("550"), "in the server's own words");
        // Put off once, taken the second time.
        let patient = settled(&world, OTHER_COLLEGE).await;
        assert_eq!((patient.state(), patient.attempts), (notice::State::Sent, 2), "{patient:?}");

        let taken = post.taken();
        let to = |address: &str| taken.iter().filter(|mail| mail.to == address).collect::<Vec<_>>();
        assert_eq!(taken.len(), 2);
        let mail = to("office@college.example.cn")[0];
        assert_eq!(mail.from, "desk@edu.example.cn");
        assert!(mail.content.contains(&format!("Message-ID: <{}@edu.example.cn>", sent.notice_id)));
        assert!(mail.content.contains("Content-Type: text/plain; charset=utf-8"), "{}", mail.content);

        // Once the address is right, a failed one can be sent again; what was sent cannot.
        contact(&commission, SCHOOL, "office@school.example.cn").await;
        let again = of(&commission, SCHOOL).await;
        let send = SendNoticesRequest { request_id: id(), notices: versions(&[again]) };
        commission.notices().send_notices(send).await.expect("queued");
        assert_eq!(settled(&world, SCHOOL).await.state(), notice::State::Sent);
        let send = SendNoticesRequest { request_id: id(), notices: versions(&[sent]) };
        let twice = commission.notices().send_notices(send).await.expect_err("it was sent");
        assert_eq!(preconditions(&twice)[0].0, "notice.state");
        let outbox = commission.notices().get_outbox(GetOutboxRequest { cycle_year: 2025 }).await.unwrap();
        let outbox = outbox.into_inner();
        assert!(outbox.mail_configured && outbox.operation.is_some());
        assert_eq!(outbox.without_address, 1);
        assert_eq!(post.taken().len(), 3);
        worker.abort();
    }
}

#[tokio::test]
async fn mail_waits_for_a_working_day_and_a_dead_server_is_told() {
    for test in zhijian_platform::testing::contexts().await {
        eprintln!("on {}", test.database);
        let post = post::Office::open().await;
        let (world, worker) = mailing(test, &post.address).await;
        // A Saturday.
        year(&world, TimeDelta::days(6)).await;
        let commission = world.commission();
        contact(&commission, COLLEGE, "office@college.example.cn").await;
        draft(&commission).await;
        let approved = approve(&commission, &[of(&commission, COLLEGE).await]).await.remove(0);
        assert_eq!(approved.state(), notice::State::Queued);
        let monday: DateTime<Utc> = "2025-12-01T01:00:00Z".parse().expect("a moment");
        assert_eq!(approved.send_after, Some(timestamp(monday)), "nine o'clock in China");
        assert_eq!(of(&commission, COLLEGE).await.state(), notice::State::Queued);
        assert!(post.taken().is_empty());

        // Nobody listens there any more: it says so, and nothing was marked as being on its way.
        world.test.ctx.db.clock().hold(due() - TimeDelta::days(4));
        contact(&commission, SCHOOL, "office@school.example.cn").await;
        post.close().await;
        approve(&commission, &[of(&commission, SCHOOL).await]).await;
        let failed = settled(&world, SCHOOL).await;
        assert_eq!((failed.state(), failed.attempts), (notice::State::Failed, 0));
        assert!(failed.failure.expect("why").zh.contains("连不上邮件服务器"));
        worker.abort();
    }
}
