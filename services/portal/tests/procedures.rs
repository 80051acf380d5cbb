//! Procedures on their pages: what is mine to do, the form of a step, and what becomes of what was typed.

mod common;

use std::sync::{Arc, Mutex};

use common::{
    Browser, Fake,
    world::{SCHOOL, in_year, text},
};
use http::StatusCode;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::{
    identity::v1::{ListOrganisationsRequest, ListOrganisationsResponse},
    review::v1::{
        End, FieldValue, FormField, GetItemRequest, GetItemResponse, GetProcedureRequest,
        GetProcedureResponse, Guard, Item, ItemEvent, ListItemsRequest, ListItemsResponse,
        ListProceduresRequest, ListProceduresResponse, ListRectificationsRequest, ListRectificationsResponse,
        ListSchemesRequest, ListSchemesResponse, Procedure, RemindItemsRequest, RemindItemsResponse,
        RemindRectificationsRequest, RemindRectificationsResponse, Reminder, SaveItemRequest,
        SaveItemResponse, Share, Step, StepCount, StepForm, StepOutcome, Subject, TakeStepRequest,
        TakeStepResponse, form_field, item, procedure, step,
    },
    submission::v1::cycle,
};

fn procedure() -> Procedure {
    let field = |code: &str, name: &str, kind: form_field::Kind| FormField {
        code: code.into(),
        name: text(name, code),
        kind: kind.into(),
        required: true,
        ..FormField::default()
    };
    let way = |code: &str, zh: &str, to: &str| StepOutcome {
        code: code.into(),
        name: text(zh, code),
        to_code: to.into(),
        ..StepOutcome::default()
    };
    let approve = Step {
        code: "approve".into(),
        name: text("审核", "Approval"),
        actor: step::Actor::Commission.into(),
        outcomes: vec![way("approve", "审核通过", "distribute")],
        ..Step::default()
    };
    let distribute = Step {
        code: "distribute".into(),
        name: text("分配", "Distribution"),
        actor: step::Actor::School.into(),
        working_days: 30,
        fields: vec![
            field("notice", "公示网址", form_field::Kind::File),
            field("shares", "分配明细", form_field::Kind::Shares),
        ],
        outcomes: vec![way("distribute", "提交分配结果", "completed")],
        guards: vec![Guard {
            message: text("合计不能超过核定额度。", "No more than approved."),
            ..Guard::default()
        }],
        ..Step::default()
    };
    let end = End { code: "completed".into(), name: text("办结", "Completed"), ..End::default() };
    let count = |code: &str, count| StepCount { code: code.into(), count };
    Procedure {
        procedure_id: "prc_1".into(),
        cycle_year: 2026,
        scheme_code: "social-service".into(),
        name: text("2026年社会服务绩效考核", "Social service 2026"),
        state: procedure::State::Open.into(),
        subject: Subject::Institution.into(),
        steps: vec![approve, distribute],
        ends: vec![end],
        applies: true,
        apply_due_date: "2026-12-31".into(),
        counts: vec![count("approve", 3), count("distribute", 1), count("completed", 2)],
        etag: "v4".into(),
        ..Procedure::default()
    }
}

fn item(mine: bool) -> Item {
    let shares = FieldValue {
        field_code: "shares".into(),
        shares: vec![Share { label: "培训部".into(), amount: "12.5".into() }],
        ..FieldValue::default()
    };
    let event = ItemEvent {
        step_code: "approve".into(),
        outcome_code: "approve".into(),
        to_code: "distribute".into(),
        ..ItemEvent::default()
    };
    Item {
        item_id: "itm_1".into(),
        procedure_id: "prc_1".into(),
        organisation_code: SCHOOL.into(),
        organisation_name: text("演示职业学院", "Demo College"),
        title: text("演示职业学院", "Demo College"),
        state: item::State::UnderWay.into(),
        step_code: "distribute".into(),
        due_date: "2026-12-15".into(),
        forms: vec![StepForm { step_code: "distribute".into(), values: vec![shares] }],
        history: vec![event],
        mine,
        etag: "v7".into(),
        ..Item::default()
    }
}

fn under_way(mine: bool) -> Fake {
    in_year(cycle::State::Collecting)
        .on("review.v1.ProcedureService/ListProcedures", |_: Request<ListProceduresRequest>| {
            Ok(ListProceduresResponse { procedures: vec![procedure()], next_page_token: String::new() })
        })
        .on("review.v1.ProcedureService/GetProcedure", |_: Request<GetProcedureRequest>| {
            Ok(GetProcedureResponse { procedure: Some(procedure()) })
        })
        .on("review.v1.SchemeService/ListSchemes", |_: Request<ListSchemesRequest>| {
            Ok(ListSchemesResponse::default())
        })
        .on("review.v1.ItemService/ListItems", move |_: Request<ListItemsRequest>| {
            Ok(ListItemsResponse { items: vec![item(mine)], next_page_token: String::new() })
        })
        .on("review.v1.ItemService/GetItem", move |_: Request<GetItemRequest>| {
            Ok(GetItemResponse { item: Some(item(mine)) })
        })
}

#[tokio::test]
async fn a_school_sees_what_is_its_to_do_and_by_when() {
    let browser = Browser::new(under_way(true).serve().await, "school");
    let page = browser.get("/procedures").await;
    assert_eq!(page.status, StatusCode::OK);
    for said in ["待我办理", "/items/itm_1", "12月15日", "2026年社会服务绩效考核", "分配"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let page = browser.get("/procedures/prc_1?lang=en").await;
    for said in ["Social service 2026", "Distribution", "The commission", "Applications are due"] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
}

#[tokio::test]
async fn an_item_shows_its_way_and_the_form_of_its_present_step() {
    let browser = Browser::new(under_way(true).serve().await, "school");
    let page = browser.get("/items/itm_1").await;
    assert!(page.body.contains("aria-current=\"step\">分配"), "{}", page.body);
    assert!(page.body.contains("合计不能超过核定额度"), "guards are told beforehand: {}", page.body);
    assert!(page.body.contains(">提交分配结果</button>"), "a button says what it does: {}", page.body);
    assert_eq!(page.input("share.shares.0.amount").as_deref(), Some("12.5"));
    assert_eq!(page.input("etag").as_deref(), Some("v7"));
    assert!(page.body.contains("审核通过"), "the history says what was done: {}", page.body);
    let others = Browser::new(under_way(false).serve().await, "school");
    let page = others.get("/items/itm_1").await;
    assert!(!page.body.contains("提交分配结果") && page.body.contains("培训部"), "{}", page.body);
}

#[tokio::test]
async fn what_was_typed_survives_a_refusal_and_says_where_it_was_wrong() {
    let fake = under_way(true).on(
        "review.v1.ItemService/TakeStep",
        |_: Request<TakeStepRequest>| -> Result<TakeStepResponse, Status> {
            let mut details = ErrorDetails::new();
            details.add_precondition_failure_violation("ILLEGAL_STATE", "notice", "“公示网址”还没有填写。");
            details.add_precondition_failure_violation("ILLEGAL_STATE", "guard", "分配合计超过核定额度。");
            Err(Status::with_error_details(Code::FailedPrecondition, "no", details))
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let fields = [
        ("etag", "v7"),
        ("step_code", "distribute"),
        ("outcome_code", "distribute"),
        ("value.notice", ""),
        ("share.shares.0.label", "<甲>"),
        ("share.shares.0.amount", "99"),
    ];
    let page = browser.post("/items/itm_1", &fields).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.body.contains("href=\"#f-value.notice\""), "{}", page.body);
    assert!(page.body.contains("分配合计超过核定额度"), "{}", page.body);
    assert_eq!(page.input("share.shares.0.amount").as_deref(), Some("99"));
    assert!(page.body.contains("&lt;甲&gt;"), "{}", page.body);
}

#[tokio::test]
async fn taking_a_step_and_saving_a_draft_send_what_was_typed() {
    let taken: Arc<Mutex<Vec<TakeStepRequest>>> = Arc::default();
    let saved: Arc<Mutex<Vec<SaveItemRequest>>> = Arc::default();
    let (record, keep) = (taken.clone(), saved.clone());
    let fake = under_way(true)
        .on("review.v1.ItemService/TakeStep", move |request: Request<TakeStepRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            Ok(TakeStepResponse::default())
        })
        .on("review.v1.ItemService/SaveItem", move |request: Request<SaveItemRequest>| {
            keep.lock().expect("no panic").push(request.into_inner());
            Ok(SaveItemResponse::default())
        });
    let browser = Browser::new(fake.serve().await, "school");
    let fields = [
        ("etag", "v7"),
        ("step_code", "distribute"),
        ("outcome_code", "distribute"),
        ("value.notice", "https://example.edu/n"),
        ("share.shares.1.label", "乙"),
        ("share.shares.1.amount", "３"),
    ];
    let sent = browser.post("/items/itm_1", &fields).await;
    assert_eq!(sent.location(), "/items/itm_1?done=taken");
    let sent = browser.post("/items/itm_1/save", &fields).await;
    assert_eq!(sent.location(), "/items/itm_1?done=saved");
    let call = taken.lock().expect("no panic").remove(0);
    assert_eq!((call.step_code.as_str(), call.outcome_code.as_str()), ("distribute", "distribute"));
    assert_eq!(call.values[0].value, "https://example.edu/n");
    assert_eq!(call.values[1].shares.len(), 2, "rows keep their places");
    assert_eq!(call.values[1].shares[1].amount, "３");
    assert_eq!(saved.lock().expect("no panic").remove(0).values, call.values);
}

fn reminder(drafted: bool) -> Reminder {
    Reminder {
        cycle_year: 2026,
        organisation_code: SCHOOL.into(),
        rule_code: "item-near-social-service".into(),
        due_date: "2026-12-15".into(),
        working_days_left: 3,
        subject: text("提醒：社会服务绩效考核有事项即将到期", "Reminder: due soon in Social service"),
        body: text("应于2026年12月15日前办理。\n- <演示项目>", "These are due.\n- <A project>"),
        drafted,
    }
}

/// A commission's services whose reminders are drafted once; what was asked is recorded.
fn reminding() -> (Fake, Arc<Mutex<Vec<bool>>>) {
    let asked: Arc<Mutex<Vec<bool>>> = Arc::default();
    let (of_items, of_rectifications) = (asked.clone(), asked.clone());
    let answer = |asked: &Mutex<Vec<bool>>, dry_run: bool| {
        let mut asked = asked.lock().expect("no panic");
        let new = !asked.contains(&false);
        asked.push(dry_run);
        (i32::from(new), i32::from(!new), vec![reminder(new)])
    };
    let fake = under_way(false)
        .on("review.v1.ItemService/RemindItems", move |request: Request<RemindItemsRequest>| {
            let (drafted, covered, reminders) = answer(&of_items, request.into_inner().dry_run);
            Ok(RemindItemsResponse { drafted, covered, reminders })
        })
        .on(
            "review.v1.RectificationService/RemindRectifications",
            move |request: Request<RemindRectificationsRequest>| {
                let (drafted, covered, reminders) = answer(&of_rectifications, request.into_inner().dry_run);
                Ok(RemindRectificationsResponse { drafted, covered, reminders })
            },
        )
        .on("review.v1.RectificationService/ListRectifications", |_: Request<ListRectificationsRequest>| {
            Ok(ListRectificationsResponse::default())
        })
        .on("identity.v1.OrganisationService/ListOrganisations", |_: Request<ListOrganisationsRequest>| {
            Ok(ListOrganisationsResponse::default())
        });
    (fake, asked)
}

#[tokio::test]
async fn the_commission_reads_what_would_be_said_before_it_is_drafted() {
    for (list, address) in
        [("/procedures", "/procedures/reminders"), ("/rectifications", "/rectifications/reminders")]
    {
        let (fake, asked) = reminding();
        let browser = Browser::new(fake.serve().await, "commission");
        let page = browser.get(list).await;
        assert!(page.body.contains(&format!("href=\"{address}\"")), "{}", page.body);
        let page = browser.get(address).await;
        for said in ["即将到期", "- &lt;演示项目&gt;", "12月15日", "待起草", "起草 1 条提醒"]
        {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert_eq!(*asked.lock().expect("no panic"), [true], "looking drafts nothing");
        let sent = browser.post(address, &[]).await;
        assert_eq!(sent.location(), format!("{address}?drafted=1"));
        let page = browser.get(&format!("{}&lang=en", sent.location())).await;
        for said in ["1 new draft", "- &lt;A project&gt;", "href=\"/notices?year=2026\"", "Drafted"] {
            assert!(page.body.contains(said), "{said}: {}", page.body);
        }
        assert!(
            !page.body.contains("<form method=\"post\" action=\"/procedures"),
            "nothing is left to draft"
        );
        assert_eq!(*asked.lock().expect("no panic"), [true, false, true]);
        let school = Browser::new(reminding().0.serve().await, "school");
        assert!(!school.get(list).await.body.contains(address), "reminding is the commission's");
    }
}
