//! The findings as a school and the commission see them, the year's rules, and what the platforms hold.

mod common;

use std::sync::{Arc, Mutex};

use common::{
    Browser, Fake,
    world::{SCHOOL, in_year, reporting, text},
};
use tonic::Request;
use zhijian_proto::{
    identity::v1::{ListOrganisationsRequest, ListOrganisationsResponse},
    submission::v1::{
        Catalogue, CheckSubmissionRequest, CheckSubmissionResponse, DecideExplanationRequest,
        DecideExplanationResponse, ExplanationDecision, ExplanationProposal, Finding, GetCatalogueRequest,
        GetCatalogueResponse, GetSubmissionRequest, GetSubmissionResponse, ListPlatformLoadsRequest,
        ListPlatformLoadsResponse, ListPlatformValuesRequest, ListPlatformValuesResponse, Platform,
        PlatformValue, ReportKind, Rule, RuleStage, RuleStanding, Severity, Submission,
        TakeOverExplanationRequest, TakeOverExplanationResponse, cycle, explanation_decision::Verdict,
        submission,
    },
};

fn warning(id: &str, stage: RuleStage) -> Finding {
    Finding {
        finding_id: id.into(),
        rule_code: id.split(':').next().unwrap_or_default().into(),
        severity: Severity::Warning.into(),
        message: text("变化较大", "it changed"),
        hint: text("请说明", "explain it"),
        indicator_codes: vec!["SC01".into()],
        stage: stage.into(),
        standing: RuleStanding::Carried.into(),
        value: "120".into(),
        open: true,
        ..Finding::default()
    }
}

fn checked(fake: Fake, findings: Vec<Finding>) -> Fake {
    fake.on("submission.v1.SubmissionService/CheckSubmission", move |_: Request<CheckSubmissionRequest>| {
        Ok(CheckSubmissionResponse { findings: findings.clone(), rules_run: 40 })
    })
}

#[tokio::test]
async fn findings_stand_by_stage_and_an_earlier_explanation_is_one_click_away() {
    let calls: Arc<Mutex<Vec<TakeOverExplanationRequest>>> = Arc::default();
    let heard = calls.clone();
    let proposal = ExplanationProposal {
        explanation: "含企业兼职教师".into(),
        year: 2025,
        low: "108".into(),
        high: "132".into(),
        expires_year: 2027,
    };
    let findings = vec![
        Finding { proposal: Some(proposal), ..warning("V10:SC01", RuleStage::LastYear) },
        Finding { standing: RuleStanding::New.into(), ..warning("V01-SC04", RuleStage::Values) },
    ];
    let fake = checked(reporting(vec![]), findings).on(
        "submission.v1.ExplanationService/TakeOverExplanation",
        move |request: Request<TakeOverExplanationRequest>| {
            heard.lock().expect("no panic").push(request.into_inner());
            Ok(TakeOverExplanationResponse::default())
        },
    );
    let browser = Browser::new(fake.serve().await, "school");
    let page = browser.get("/submissions/sub_1/findings").await;
    let place = |word: &str| page.body.find(word).unwrap_or_else(|| panic!("{word}: {}", page.body));
    assert!(place("三、数值") < place("V01-SC04") && place("V01-SC04") < place("五、与上年比较"));
    assert!(place("五、与上年比较") < place("V10") && page.body.contains("新增"));
    assert!(
        page.body.contains("含企业兼职教师")
            && page.body.contains("108–132")
            && page.body.contains("沿用 2025 年的说明")
    );
    let fields = [("finding_id", "V10:SC01"), ("request_id", "r1")];
    let taken = browser.post("/submissions/sub_1/findings/take-over", &fields).await;
    assert!(taken.location().starts_with("/submissions/sub_1/findings?done=taken"), "{}", taken.location());
    assert_eq!(calls.lock().expect("no panic")[0].finding_id, "V10:SC01");
    let english = browser.get("/submissions/sub_1/findings?lang=en").await;
    assert!(english.body.contains("Take over the explanation of 2025"), "{}", english.body);
}

/// The report with the commission.
fn submitted() -> Submission {
    Submission {
        submission_id: "sub_1".into(),
        cycle_year: 2026,
        report_kind: "higher".into(),
        organisation_code: SCHOOL.into(),
        subject_code: SCHOOL.into(),
        state: submission::State::UnderReview.into(),
        etag: "v3".into(),
        ..Submission::default()
    }
}

#[tokio::test]
async fn the_commission_decides_beside_the_finding_and_the_school_reads_why() {
    let calls: Arc<Mutex<Vec<DecideExplanationRequest>>> = Arc::default();
    let heard = calls.clone();
    let explained =
        Finding {
            explanation: "扩招所致".into(), open: false, ..warning("V10:SC01", RuleStage::LastYear)
        };
    let fake = checked(reporting(vec![]), vec![explained.clone()])
        .on("submission.v1.SubmissionService/GetSubmission", |_: Request<GetSubmissionRequest>| {
            Ok(GetSubmissionResponse { submission: Some(submitted()) })
        })
        .on(
            "submission.v1.ExplanationService/DecideExplanation",
            move |request: Request<DecideExplanationRequest>| {
                heard.lock().expect("no panic").push(request.into_inner());
                Ok(DecideExplanationResponse::default())
            },
        );
    let browser = Browser::new(fake.serve().await, "commission");
    let page = browser.get("/submissions/sub_1/findings").await;
    assert!(page.body.contains("扩招所致") && page.body.contains("审核这条说明"), "{}", page.body);
    assert!(page.body.contains("value=\"2027\""), "the year after is proposed");
    let fields = [
        ("finding_id", "V10:SC01"),
        ("request_id", "r1"),
        ("verdict", "accepted"),
        ("reason", ""),
        ("low", "100"),
        ("high", "140"),
        ("expires_year", "2028"),
    ];
    let decided = browser.post("/submissions/sub_1/findings/decide", &fields).await;
    assert!(decided.location().starts_with("/submissions/sub_1/findings?done=decided"));
    let call = calls.lock().expect("no panic").remove(0);
    assert_eq!(
        (call.verdict(), call.low.as_str(), call.high.as_str(), call.expires_year),
        (Verdict::Accepted, "100", "140", 2028)
    );

    let decision = ExplanationDecision {
        verdict: Verdict::Rejected.into(),
        reason: "请附招生计划".into(),
        account_name: "李科长".into(),
        ..ExplanationDecision::default()
    };
    let rejected = Finding { open: true, decision: Some(decision), ..explained };
    let browser = Browser::new(checked(reporting(vec![]), vec![rejected]).serve().await, "school");
    let page = browser.get("/submissions/sub_1/findings").await;
    assert!(page.body.contains("未认可") && page.body.contains("请附招生计划"), "{}", page.body);
    assert!(page.body.contains("扩招所致"), "what was written is still there");
}

#[tokio::test]
async fn a_years_rules_are_listed_with_what_is_new() {
    let fake = in_year(cycle::State::Collecting).on(
        "submission.v1.CatalogueService/GetCatalogue",
        |_: Request<GetCatalogueRequest>| {
            let rule = |code: &str, standing: RuleStanding| Rule {
                code: code.into(),
                severity: Severity::Error.into(),
                expression: "SC02 <= SC01".into(),
                message: text("去向落实人数多于毕业生人数", "too many"),
                stage: RuleStage::Values.into(),
                standing: standing.into(),
                report_kinds: vec!["higher".into()],
                ..Rule::default()
            };
            let higher = ReportKind {
                code: "higher".into(),
                name: text("高职年报", "Higher"),
                ..ReportKind::default()
            };
            let rules = vec![rule("V03-SC02", RuleStanding::Carried), rule("V03-NEW", RuleStanding::New)];
            let catalogue =
                Catalogue { year: 2026, report_kinds: vec![higher], rules, ..Catalogue::default() };
            Ok(GetCatalogueResponse { catalogue: Some(catalogue) })
        },
    );
    let page = Browser::new(fake.serve().await, "school").get("/rules/2026").await;
    assert!(
        page.body.contains("V03-SC02") && page.body.contains("沿用") && page.body.contains("三、数值"),
        "{}",
        page.body
    );
    assert!(page.body.contains("新增 1 条，有变动 0 条，沿用 1 条"), "{}", page.body);
}

#[tokio::test]
async fn what_the_platforms_hold_is_listed_with_its_scope() {
    let fake = in_year(cycle::State::Collecting)
        .on("submission.v1.PlatformService/ListPlatformValues", |_: Request<ListPlatformValuesRequest>| {
            let value = PlatformValue {
                cycle_year: 2026,
                platform: Platform::StatusData.into(),
                organisation_code: SCHOOL.into(),
                indicator_code: "POL06".into(),
                value: "5173".into(),
                scope: "含附属学院".into(),
                date: "2026-09-30".into(),
            };
            Ok(ListPlatformValuesResponse { values: vec![value], next_page_token: "next".into() })
        })
        .on("submission.v1.PlatformService/ListPlatformLoads", |_: Request<ListPlatformLoadsRequest>| {
            Ok(ListPlatformLoadsResponse::default())
        })
        .on("identity.v1.OrganisationService/ListOrganisations", |_: Request<ListOrganisationsRequest>| {
            Ok(ListOrganisationsResponse::default())
        });
    let page = Browser::new(fake.serve().await, "commission").get("/platforms/2026").await;
    for word in ["5173", "含附属学院", "2026-09-30", "高职状态数据平台", "/platforms/2026?page=next"]
    {
        assert!(page.body.contains(word), "{word}: {}", page.body);
    }
}
