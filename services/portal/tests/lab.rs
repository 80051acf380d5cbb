//! The rule lab's pages, from the form to the call and back.

mod common;

use std::sync::{Arc, Mutex};

use common::{
    Browser, Fake,
    world::{SCHOOL, in_year, refusal, text},
};
use http::{StatusCode, header};
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::{
    common::v1::{Operation, operation},
    identity::v1::{ListOrganisationsRequest, ListOrganisationsResponse, Organisation},
    submission::v1::{
        Firing, GetReplayRequest, GetReplayResponse, GetRulesFileRequest, GetRulesFileResponse,
        ListFiringsRequest, ListFiringsResponse, ListReplayOrganisationsRequest,
        ListReplayOrganisationsResponse, ListReplayRulesRequest, ListReplayRulesResponse, ListReplaysRequest,
        ListReplaysResponse, Replay, ReplayOrganisation, ReplayRule, Severity, StartReplayRequest,
        StartReplayResponse, cycle, firing::Change, replay::Revisions, replay_rule::Standing,
    },
};

fn replay(state: operation::State) -> Replay {
    let done = state == operation::State::Succeeded;
    Replay {
        replay_id: "lab_1".into(),
        name: "收紧 V10".into(),
        catalogue_year: 2026,
        cycle_years: vec![2025, 2026],
        rules_toml: "extends = 2026\n# 草案".into(),
        operation: Some(Operation {
            operation_id: "op_1".into(),
            state: state.into(),
            done: 25,
            total: 189,
            note_zh: "正在回放年报".into(),
            note_en: "Replaying reports".into(),
            ..Operation::default()
        }),
        author: "李主任".into(),
        end_time: done.then_some(prost_types::Timestamp { seconds: 1_769_000_000, nanos: 0 }),
        reports: 189,
        revisions_replayed: 189,
        fires: 5,
        newly_fires: 3,
        unchanged: 2,
        no_longer_fires: 1,
        ..Replay::default()
    }
}

fn lab(state: operation::State) -> Fake {
    in_year(cycle::State::Collecting)
        .on("submission.v1.RuleLabService/ListReplays", move |_: Request<ListReplaysRequest>| {
            Ok(ListReplaysResponse { replays: vec![replay(state)], next_page_token: String::new() })
        })
        .on("submission.v1.RuleLabService/GetReplay", move |_: Request<GetReplayRequest>| {
            Ok(GetReplayResponse { replay: Some(replay(state)) })
        })
        .on("submission.v1.RuleLabService/GetRulesFile", |request: Request<GetRulesFileRequest>| {
            let year = request.into_inner().catalogue_year;
            Ok(GetRulesFileResponse { rules_toml: format!("# 现行 {year}\n") })
        })
        .on("submission.v1.RuleLabService/ListReplayRules", |_: Request<ListReplayRulesRequest>| {
            let rule = ReplayRule {
                rule_code: "V10".into(),
                standing: Standing::Changed.into(),
                severity: Severity::Error.into(),
                severity_in_force: Severity::Warning.into(),
                message: text("变化超过 20%。", "Changed by more than 20%."),
                expression: "abs(value - previous) <= 0.2 * previous".into(),
                reports: 189,
                reports_fired: 3,
                organisations_fired: 2,
                fires: 5,
                newly_fires: 3,
                unchanged: 2,
                no_longer_fires: 1,
                ..ReplayRule::default()
            };
            let quiet = ReplayRule { rule_code: "C02".into(), reports: 189, ..ReplayRule::default() };
            Ok(ListReplayRulesResponse { rules: vec![rule, quiet], next_page_token: String::new() })
        })
        .on(
            "submission.v1.RuleLabService/ListReplayOrganisations",
            |_: Request<ListReplayOrganisationsRequest>| {
                let one = ReplayOrganisation {
                    organisation_code: SCHOOL.into(),
                    rules_fired: 1,
                    newly_fires: 3,
                    errors: 3,
                    ..ReplayOrganisation::default()
                };
                Ok(ListReplayOrganisationsResponse {
                    organisations: vec![one],
                    next_page_token: String::new(),
                })
            },
        )
        .on("submission.v1.RuleLabService/ListFirings", |request: Request<ListFiringsRequest>| {
            let request = request.into_inner();
            if request.change() == Change::Gone {
                return Ok(ListFiringsResponse::default());
            }
            let one = Firing {
                rule_code: "V10".into(),
                change: Change::New.into(),
                severity: Severity::Error.into(),
                cycle_year: 2025,
                report_kind: "higher".into(),
                organisation_code: SCHOOL.into(),
                subject_code: SCHOOL.into(),
                submission_id: "sub_1".into(),
                revision_number: 2,
                indicator_codes: vec!["SC01".into()],
                computation: "300 > 0.2 × 1000".into(),
                message: text("=变化超过 20%。", "Changed by more than 20%."),
                ..Firing::default()
            };
            Ok(ListFiringsResponse { firings: vec![one], next_page_token: String::new() })
        })
        .on("identity.v1.OrganisationService/ListOrganisations", |_: Request<ListOrganisationsRequest>| {
            let school = Organisation {
                code: SCHOOL.into(),
                name: text("演示职业学院", "Demo College"),
                ..Organisation::default()
            };
            Ok(ListOrganisationsResponse { organisations: vec![school], next_page_token: String::new() })
        })
}

#[tokio::test]
async fn the_commission_finds_the_lab_and_its_replays() {
    let browser = Browser::new(lab(operation::State::Succeeded).serve().await, "commission");
    let years = browser.get("/cycles").await;
    assert!(years.body.contains("href=\"/lab\""), "{}", years.body);
    let list = browser.get("/lab").await;
    assert_eq!(list.status, StatusCode::OK);
    for part in ["收紧 V10", "href=\"/lab/lab_1\"", "2025、2026", "李主任", "已完成"] {
        assert!(list.body.contains(part), "{part}: {}", list.body);
    }
    let english = browser.get("/lab?lang=en").await;
    assert!(english.body.contains("Rule lab") && english.body.contains("Newly fires"), "{}", english.body);
}

#[tokio::test]
async fn a_pasted_draft_is_sent_with_the_years_that_were_ticked() {
    let calls: Arc<Mutex<Vec<StartReplayRequest>>> = Arc::default();
    let record = calls.clone();
    let fake = lab(operation::State::Queued).on(
        "submission.v1.RuleLabService/StartReplay",
        move |request: Request<StartReplayRequest>| {
            record.lock().expect("no panic").push(request.into_inner());
            Ok(StartReplayResponse { replay: Some(replay(operation::State::Queued)) })
        },
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let form = browser.get("/lab/new").await;
    assert!(
        form.body.contains("extends = 2026") && form.body.contains("value=\"2026\" checked"),
        "{}",
        form.body
    );
    let in_force = browser.get("/lab/new?rules=2026").await;
    assert!(in_force.body.contains("# 现行 2026"), "{}", in_force.body);
    let again = browser.get("/lab/new?again=lab_1").await;
    assert!(again.body.contains("# 草案") && again.input("name").as_deref() == Some("收紧 V10"));
    let fields = [
        ("request_id", "r1"),
        ("name", "收紧 V10"),
        ("catalogue_year", "2026"),
        ("cycle_years", "2026"),
        ("cycle_years", "2025"),
        ("revisions", "all"),
        ("rules_toml", "extends = 2026\r\nremove = []"),
    ];
    let sent = browser.post("/lab/new", &fields).await;
    assert_eq!(sent.location(), "/lab/lab_1");
    let call = calls.lock().expect("no panic").remove(0);
    assert_eq!((call.request_id.as_str(), call.catalogue_year), ("r1", 2026));
    assert_eq!(call.cycle_years, [2026, 2025]);
    assert_eq!(call.revisions(), Revisions::All);
    assert_eq!(call.rules_toml, "extends = 2026\nremove = []");
}

#[tokio::test]
async fn a_draft_that_is_refused_stays_on_the_page_with_its_line() {
    let fake = lab(operation::State::Queued).on(
        "submission.v1.RuleLabService/StartReplay",
        |_: Request<StartReplayRequest>| {
            let mut details = ErrorDetails::new();
            details.set_error_info("INVALID", "zhijian", []);
            details.add_bad_request_violation("rules_toml", "草案第 3 行：没有这个指标。");
            Err::<StartReplayResponse, _>(Status::with_error_details(Code::InvalidArgument, "x", details))
        },
    );
    let browser = Browser::new(fake.serve().await, "commission");
    let fields = [
        ("name", "试"),
        ("catalogue_year", "2026"),
        ("cycle_years", "2026"),
        ("rules_toml", "[[rule]]\nx = 1"),
    ];
    let page = browser.post("/lab/new", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("草案第 3 行：没有这个指标。"), "{}", page.body);
    assert!(page.body.contains("[[rule]]\nx = 1"), "what was typed is still there: {}", page.body);
    let wrong = browser.post("/lab/new", &[("catalogue_year", "明年"), ("rules_toml", "# 我的草案")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("# 我的草案") && wrong.input("catalogue_year").as_deref() == Some("明年"));
}

#[tokio::test]
async fn a_result_is_shown_by_rule_by_organisation_and_as_files() {
    let browser = Browser::new(lab(operation::State::Succeeded).serve().await, "commission");
    let result = browser.get("/lab/lab_1").await;
    for part in [
        "新提出 3 处，不再提出 1 处，与现行相同 2 处",
        "3 / 189",
        "<del>提醒</del> → <ins>错误</ins>",
        "/lab/lab_1/rules/V10",
        "结果没有变化的规则（1 条）",
    ] {
        assert!(result.body.contains(part), "{part}: {}", result.body);
    }
    assert!(!result.body.contains("http-equiv=\"refresh\""));
    let rule = browser.get("/lab/lab_1/rules/V10").await;
    for part in ["演示职业学院", "300 &gt; 0.2 × 1000", "/submissions/sub_1", SCHOOL] {
        assert!(rule.body.contains(part), "{part}: {}", rule.body);
    }
    let gone = browser.get("/lab/lab_1/firings?change=gone").await;
    assert!(gone.body.contains("没有提出任何问题"), "{}", gone.body);
    let whom = browser.get("/lab/lab_1/organisations").await;
    assert!(whom.body.contains("演示职业学院") && whom.body.contains("/lab/lab_1/firings?organisation="));
    for (file, part) in [
        ("rules.csv", "V10,有改动,错误,提醒,3,1,2,189,3"),
        ("organisations.csv", "演示职业学院,3,0,0,1,3,0"),
        ("firings.csv", "300 > 0.2 × 1000,'=变化超过 20%。"),
    ] {
        let page = browser.get(&format!("/lab/lab_1/{file}")).await;
        assert_eq!(page.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8", "{file}");
        assert!(page.body.contains(part), "{file}: {}", page.body);
    }
}

#[tokio::test]
async fn a_replay_under_way_shows_its_progress_and_asks_again() {
    let browser = Browser::new(lab(operation::State::Running).serve().await, "commission");
    let page = browser.get("/lab/lab_1").await;
    assert!(page.body.contains("http-equiv=\"refresh\" content=\"2\""), "{}", page.body);
    assert!(page.body.contains("正在回放年报（25/189）"), "{}", page.body);
    let state = browser.get("/lab/lab_1/operation").await;
    let state: serde_json::Value = serde_json::from_str(&state.body).expect("JSON");
    assert_eq!(state["ended"], false);
    let refused = in_year(cycle::State::Collecting).on(
        "submission.v1.RuleLabService/ListReplays",
        |_: Request<ListReplaysRequest>| {
            Err::<ListReplaysResponse, _>(refusal(
                Code::PermissionDenied,
                "NOT_ALLOWED",
                "您的账户没有这项权限。",
            ))
        },
    );
    let school = Browser::new(refused.serve().await, "school");
    let page = school.get("/lab").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let years = school.get("/cycles").await;
    assert!(!years.body.contains("href=\"/lab\""), "not a school's");
}
