//! Reminders: the commission's outbox and what a school reads of it.

use http::{StatusCode, header};
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::submission::v1::{notice_rule::DaysCounted, *};

use crate::{
    Calls,
    common::{
        Browser, Fake,
        world::{SCHOOL, reporting, text},
    },
    taken,
};

fn message(state: notice::State) -> Notice {
    Notice {
        notice_id: "ntc_1".into(),
        cycle_year: 2026,
        rule_code: "due-14".into(),
        organisation_code: SCHOOL.into(),
        organisation_name: text("演示松石学院", "Demo College"),
        language: "zh".into(),
        subject: "请尽快提交".into(),
        body: "还有 <两> 份。\n谢谢。".into(),
        state: state.into(),
        etag: "v3".into(),
        ..Notice::default()
    }
}

fn outbox(state: notice::State, mail_configured: bool) -> Fake {
    reporting(vec![])
        .on("submission.v1.NoticeService/GetOutbox", move |_: Request<GetOutboxRequest>| {
            Ok(GetOutboxResponse {
                counts: vec![NoticeCount { state: state.into(), count: 1 }],
                mail_configured,
                mail_from: "desk@edu.example.cn".into(),
                ..GetOutboxResponse::default()
            })
        })
        .on("submission.v1.NoticeService/ListNoticeRules", |_: Request<ListNoticeRulesRequest>| {
            let rule = |code: &str, name: &str, days_from_due, counted: DaysCounted| NoticeRule {
                code: code.into(),
                name: text(name, name),
                days_from_due,
                days_counted: counted.into(),
                ..NoticeRule::default()
            };
            Ok(ListNoticeRulesResponse {
                rules: vec![
                    rule("due-14", "截止前两周", -14, DaysCounted::Calendar),
                    rule("due-3", "截止前三天", -3, DaysCounted::Working),
                    rule("late-1", "逾期次日", 1, DaysCounted::Working),
                ],
            })
        })
        .on("submission.v1.NoticeService/ListNotices", move |_: Request<ListNoticesRequest>| {
            Ok(ListNoticesResponse { notices: vec![message(state)], next_page_token: String::new() })
        })
        .on("submission.v1.NoticeService/GetNotice", move |_: Request<GetNoticeRequest>| {
            Ok(GetNoticeResponse { notice: Some(message(state)) })
        })
}

#[tokio::test]
async fn reminders_are_previewed_and_approved_as_they_were_seen() {
    let asked: Calls<ApproveNoticesRequest> = Calls::default();
    let record = asked.clone();
    let fake = outbox(notice::State::Draft, false).on(
        "submission.v1.NoticeService/ApproveNotices",
        move |request: Request<ApproveNoticesRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            Ok(ApproveNoticesResponse { notices: vec![message(notice::State::Approved)] })
        },
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let page = browser.get("/notices?year=2026").await;
    assert!(page.body.contains("还有 &lt;两&gt; 份。"), "the text is previewed: {}", page.body);
    assert!(page.body.contains("没有配置邮件服务器") && page.body.contains("截止前两周"), "{}", page.body);
    assert!(!page.body.contains("formaction=\"/notices/send\""), "nothing is mailed without a server");
    assert_eq!(page.input("notice").as_deref(), Some("ntc_1 v3"));
    assert!(!page.body.contains("checked"), "nothing is chosen by itself");
    assert!(browser.get("/notices?year=2026&all=1").await.body.contains(" checked"));
    let sent = browser
        .post("/notices/approve", &[("notice", "ntc_1 v3"), ("year", "2026"), ("request_id", "r1")])
        .await;
    assert_eq!(sent.location(), "/notices?year=2026&done=approved&count=1");
    let call = taken(&asked);
    assert_eq!((call.request_id.as_str(), call.notices[0].etag.as_str()), ("r1", "v3"));
    assert!(browser.get(sent.location()).await.body.contains("已批准 1 条"));
}

#[tokio::test]
async fn the_rules_say_which_days_they_count() {
    let browser = Browser::new(outbox(notice::State::Draft, false).serve().await, "commission");
    let page = browser.get("/notices?year=2026").await;
    for told in ["前 14 个自然日起", "前 3 个工作日起", "后 1 个工作日起"] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let english = "zhijian_session=commission; zhijian_lang=en";
    let page = browser.get_with("/notices?year=2026", "cookie", english).await;
    for told in ["from 14 calendar days before", "from 3 working days before", "from 1 working day after"] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
}

#[tokio::test]
async fn a_draft_is_edited_and_what_was_typed_survives_a_refusal() {
    let fake = outbox(notice::State::Draft, false).on(
        "submission.v1.NoticeService/UpdateNotice",
        |request: Request<UpdateNoticeRequest>| {
            assert_eq!(request.get_ref().body, "一\n二", "line ends of text files");
            let mut details = ErrorDetails::new();
            details.add_bad_request_violation("subject", "标题请写 1–120 字，不换行。");
            Err::<UpdateNoticeResponse, _>(Status::with_error_details(Code::InvalidArgument, "no", details))
        },
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let page = browser.get("/notices/ntc_1").await;
    assert_eq!(page.input("subject").as_deref(), Some("请尽快提交"));
    assert!(page.body.contains("/notices/ntc_1/drop"), "{}", page.body);
    let page =
        browser.post("/notices/ntc_1", &[("subject", " "), ("body", "一\r\n二"), ("etag", "v3")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("href=\"#f-subject\"") && page.body.contains("一\r\n二"), "{}", page.body);
}

#[tokio::test]
async fn an_approved_message_is_downloaded_and_marked_by_hand_or_mailed() {
    let delivered: Calls<DeliverNoticesRequest> = Calls::default();
    let record = delivered.clone();
    let fake = |mail: bool| outbox(notice::State::Approved, mail);
    let by_hand = fake(false)
        .on("submission.v1.NoticeService/DeliverNotices", move |request: Request<DeliverNoticesRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            Ok(DeliverNoticesResponse { notices: vec![message(notice::State::Delivered)] })
        })
        .on("submission.v1.NoticeService/DownloadNotice", |_: Request<DownloadNoticeRequest>| {
            Ok(DownloadNoticeResponse {
                data: b"Message-ID: <ntc_1@x>\r\n".to_vec(),
                file_name: "4111000001-due-14.eml".into(),
            })
        });
    let browser = Browser::new(by_hand.serve().await, "commission");
    let page = browser.get("/notices/ntc_1").await;
    assert!(page.body.contains("标记为已另行送达") && !page.body.contains("action=\"/notices/send\""));
    let file = browser.get("/notices/ntc_1/file").await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "message/rfc822");
    assert!(file.body.starts_with("Message-ID"));
    let sent = browser.post("/notices/deliver", &[("notice", "ntc_1 v3"), ("one", "ntc_1")]).await;
    assert_eq!(sent.location(), "/notices/ntc_1?done=delivered");
    assert_eq!(taken(&delivered).notices[0].notice_id, "ntc_1");

    let mailed =
        fake(true).on("submission.v1.NoticeService/SendNotices", |_: Request<SendNoticesRequest>| {
            let mut details = ErrorDetails::new();
            details.add_precondition_failure_violation(
                "ILLEGAL_STATE",
                "notice-contact/1",
                "还没有登记邮箱。",
            );
            Err::<SendNoticesResponse, _>(Status::with_error_details(Code::FailedPrecondition, "no", details))
        });
    let browser = Browser::new(mailed.serve().await, "commission");
    assert!(browser.get("/notices?year=2026").await.body.contains("formaction=\"/notices/send\""));
    let refused = browser.post("/notices/send", &[("notice", "ntc_1 v3"), ("year", "2026")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.body.contains("还没有登记邮箱") && refused.body.contains(" checked"), "{}", refused.body);
}

#[tokio::test]
async fn a_school_reads_its_reminders_and_says_where_they_go() {
    let set: Calls<SetNoticeContactRequest> = Calls::default();
    let record = set.clone();
    let fake = outbox(notice::State::Approved, false)
        .on("submission.v1.NoticeService/GetNoticeContact", |_: Request<GetNoticeContactRequest>| {
            let contact = NoticeContact {
                organisation_code: SCHOOL.into(),
                address: "old@school.example.cn".into(),
                language: "en".into(),
                etag: "v2".into(),
            };
            Ok(GetNoticeContactResponse { contact: Some(contact) })
        })
        .on(
            "submission.v1.NoticeService/SetNoticeContact",
            move |request: Request<SetNoticeContactRequest>| {
                record.lock().expect("no panic").push(request.into_inner());
                Ok(SetNoticeContactResponse::default())
            },
        );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/notices").await;
    assert!(page.body.contains("收到的提醒") && page.body.contains("谢谢。"), "{}", page.body);
    assert!(!page.body.contains("/notices/draft"), "drafting is the commission's");
    let address = format!("/notices/contacts/{SCHOOL}");
    assert!(page.body.contains(&address), "{}", page.body);
    let form = browser.get(&address).await;
    assert_eq!(form.input("contact.address").as_deref(), Some("old@school.example.cn"));
    let fields = [("contact.address", "new@school.example.cn"), ("language", "zh"), ("etag", "v2")];
    let sent = browser.post(&address, &fields).await;
    assert_eq!(sent.location(), format!("{address}?done=saved"));
    let contact = taken(&set).contact.expect("a contact");
    assert_eq!((contact.address.as_str(), contact.etag.as_str()), ("new@school.example.cn", "v2"));
}
