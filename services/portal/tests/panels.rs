//! Panels as the chair and the reviewers see them: conflicts and rulings, trials, who leaves, declarations, grades explained.

mod common;

use std::sync::{Arc, Mutex};

use common::{
    Browser, Fake,
    world::{in_year, text},
};
use http::StatusCode;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::{
    common::v1::{Operation, operation},
    identity::v1::{ListOrganisationsRequest, ListOrganisationsResponse, Organisation},
    review::v1::*,
    submission::v1::cycle,
};

type Seen<T> = Arc<Mutex<Vec<T>>>;

fn last<T>(calls: &Seen<T>) -> T {
    calls.lock().expect("no panic").pop().expect("a call")
}

/// A round with one programme and one expert.
fn round_in(state: round::State) -> Fake {
    let entry = Entry {
        entry_id: "ent_1".into(),
        round_id: "rnd_1".into(),
        programme_code: "710201".into(),
        programme_name: text("计算机应用", "Computing"),
        organisation_code: "3611000001".into(),
        organisation_name: text("演示学校", "Demo School"),
        result: (state == round::State::Revealed).then(result),
        ..Entry::default()
    };
    in_year(cycle::State::Closed)
        .on("review.v1.RoundService/GetRound", move |_: Request<GetRoundRequest>| {
            let round = Round {
                round_id: "rnd_1".into(),
                scheme_code: "pilot".into(),
                name: text("本轮评审", "The round"),
                state: state.into(),
                entry_count: 700,
                etag: "v7".into(),
                ..Round::default()
            };
            Ok(GetRoundResponse { round: Some(round) })
        })
        .on("review.v1.RoundService/ListEntries", move |_: Request<ListEntriesRequest>| {
            Ok(ListEntriesResponse { entries: vec![entry.clone()], next_page_token: String::new() })
        })
        .on("review.v1.ReviewerService/ListReviewers", |_: Request<ListReviewersRequest>| {
            let reviewer =
                Reviewer { account_id: "acc_1".into(), name: "张演示".into(), ..Reviewer::default() };
            Ok(ListReviewersResponse { reviewers: vec![reviewer], next_page_token: String::new() })
        })
        .on("review.v1.StaffingService/ListReleases", |_: Request<ListReleasesRequest>| {
            Ok(ListReleasesResponse::default())
        })
        .on("identity.v1.OrganisationService/ListOrganisations", |_: Request<ListOrganisationsRequest>| {
            let organisation = Organisation {
                code: "3611000001".into(),
                name: text("演示学校", "Demo School"),
                ..Organisation::default()
            };
            Ok(ListOrganisationsResponse { organisations: vec![organisation], ..Default::default() })
        })
}

fn result() -> zhijian_proto::review::v1::Result {
    Result {
        grade: "B+".into(),
        group: "B".into(),
        total: "82.3456".into(),
        to_next: "2.6544".into(),
        decided_by_one: true,
        plain_grade: "B".into(),
        plain_total: "79.1".into(),
        spread: "6.5".into(),
        elements: vec![ElementResult { element_code: "setting".into(), score: "82.3456".into() }],
        former: vec![],
    }
}

fn conflict(kind: conflict_reason::Kind) -> Conflict {
    let reason = ConflictReason {
        kind: kind.into(),
        organisation_code: "3611000001".into(),
        date: "2023-08".into(),
        ..ConflictReason::default()
    };
    Conflict {
        entry_id: "ent_1".into(),
        entry_title: text("演示学校·计算机应用", "Demo School, Computing"),
        organisation_code: "3611000001".into(),
        reviewer_account_id: "acc_1".into(),
        reviewer_name: "张演示".into(),
        reasons: vec![reason],
        in_force: true,
        ..Conflict::default()
    }
}

fn with_conflict(kind: conflict_reason::Kind) -> Fake {
    round_in(round::State::Draft).on(
        "review.v1.ConflictService/ListConflicts",
        move |_: Request<ListConflictsRequest>| {
            Ok(ListConflictsResponse { conflicts: vec![conflict(kind)], total: 1, ..Default::default() })
        },
    )
}

#[tokio::test]
async fn a_conflict_shows_its_reason_and_is_set_aside_with_one() {
    let calls: Seen<DismissConflictRequest> = Arc::default();
    let seen = calls.clone();
    let fake = with_conflict(conflict_reason::Kind::Recent).on(
        "review.v1.ConflictService/DismissConflict",
        move |request: Request<DismissConflictRequest>| {
            let request = request.into_inner();
            if request.reason.is_empty() {
                let mut details = ErrorDetails::new();
                details.add_bad_request_violation("reason", "请写明理由。");
                return Err(Status::with_error_details(Code::InvalidArgument, "no", details));
            }
            seen.lock().expect("no panic").push(request);
            Ok(DismissConflictResponse::default())
        },
    );
    let browser = Browser::new(fake.serve().await, "chair");
    let page = browser.get("/rounds/rnd_1/conflicts?school=3611000001").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for said in ["曾任职：", "2023-08", "张演示", "演示学校·计算机应用", "共 1 对", "撤销这条回避"]
    {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    let pair = [("entry_id", "ent_1"), ("reviewer_id", "acc_1"), ("school", "3611000001")];
    let refused = browser.post("/rounds/rnd_1/conflicts/dismiss", &pair).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("请写明理由。") && refused.body.contains("<details open"),
        "{}",
        refused.body
    );
    let fields = [pair[0], pair[1], pair[2], ("reason", "同名不同人")];
    let sent = browser.post("/rounds/rnd_1/conflicts/dismiss", &fields).await;
    assert_eq!(sent.location(), "/rounds/rnd_1/conflicts?school=3611000001&done=dismissed");
    let call = last(&calls);
    assert_eq!((call.entry_id.as_str(), call.reason.as_str()), ("ent_1", "同名不同人"));
}

#[tokio::test]
async fn the_own_organisation_cannot_be_set_aside_and_the_commission_rules_on_nothing() {
    let own = Browser::new(with_conflict(conflict_reason::Kind::Own).serve().await, "chair");
    let page = own.get("/rounds/rnd_1/conflicts").await;
    assert!(page.body.contains("本单位：") && page.body.contains("本单位的不能撤销"), "{}", page.body);
    assert!(!page.body.contains("conflicts/dismiss"));
    let commission = Browser::new(with_conflict(conflict_reason::Kind::Recent).serve().await, "commission");
    let page = commission.get("/rounds/rnd_1/conflicts").await;
    assert!(page.body.contains("曾任职：") && !page.body.contains("conflicts/dismiss"), "{}", page.body);
}

#[tokio::test]
async fn who_leaves_is_tried_before_it_is_done() {
    let calls: Seen<ReleaseReviewerRequest> = Arc::default();
    let seen = calls.clone();
    let fake = round_in(round::State::Scoring).on(
        "review.v1.StaffingService/ReleaseReviewer",
        move |request: Request<ReleaseReviewerRequest>| {
            seen.lock().expect("no panic").push(request.into_inner());
            let change = |name: &str, added| SeatChange {
                title: text("演示学校·计算机应用", "Demo School, Computing"),
                reviewer_name: name.into(),
                added,
                ..SeatChange::default()
            };
            let changes = vec![change("张演示", false), change("李演示", true)];
            let readjustment = Readjustment { changes, kept: 11, submitted: 4, disputed: vec![] };
            Ok(ReleaseReviewerResponse { round: None, readjustment: Some(readjustment) })
        },
    );
    let browser = Browser::new(fake.serve().await, "chair");
    let fields = [("reviewer_id", "acc_1"), ("etag", "v7"), ("try", "yes")];
    let tried = browser.post("/rounds/rnd_1/staffing/release", &fields).await;
    assert_eq!(tried.status, StatusCode::OK);
    assert!(last(&calls).dry_run);
    for said in ["还没有改动任何内容", "11 个不动", "李演示", "确认退出并换人"] {
        assert!(tried.body.contains(said), "{said}: {}", tried.body);
    }
    let fields = [("reviewer_id", "acc_1"), ("etag", "v7"), ("reason", "因病")];
    let done = browser.post("/rounds/rnd_1/staffing/release", &fields).await;
    assert_eq!(done.location(), "/rounds/rnd_1/staffing?done=released");
    let call = last(&calls);
    assert_eq!((call.dry_run, call.reason.as_str(), call.etag.as_str()), (false, "因病", "v7"));
}

#[tokio::test]
async fn a_large_round_is_assigned_aside_and_the_page_follows() {
    let fake = round_in(round::State::Draft)
        .on("review.v1.StaffingService/StartAssignment", |_: Request<StartAssignmentRequest>| {
            Ok(StartAssignmentResponse::default())
        })
        .on("review.v1.StaffingService/GetAssignmentRun", |_: Request<GetAssignmentRunRequest>| {
            let operation = Operation {
                state: operation::State::Running.into(),
                done: 900,
                total: 2100,
                note_zh: "已安排 900 个席位，共 2100 个".into(),
                ..Operation::default()
            };
            Ok(GetAssignmentRunResponse { operation: Some(operation) })
        });
    let browser = Browser::new(fake.serve().await, "chair");
    let sent = browser.post("/rounds/rnd_1/assign-aside", &[("etag", "v7")]).await;
    assert_eq!(sent.location(), "/rounds/rnd_1");
    let page = browser.get("/rounds/rnd_1").await;
    assert!(
        page.body.contains("已安排 900 个席位") && page.body.contains("http-equiv=\"refresh\""),
        "{}",
        page.body
    );
    assert!(!page.body.contains("/rounds/rnd_1/assign-aside"), "no step while one is under way");
}

#[tokio::test]
async fn a_grade_explains_itself() {
    let fake = round_in(round::State::Revealed).on(
        "review.v1.SchemeService/GetScheme",
        |_: Request<GetSchemeRequest>| {
            let band = |grade: &str, cut_off: &str| Band {
                grade: grade.into(),
                group: grade[..1].into(),
                cut_off: cut_off.into(),
                rectify: false,
                name: None,
            };
            let scheme = Scheme {
                bands: vec![band("A-", "85"), band("B+", "80"), band("B", "75")],
                calibrated: true,
                ..Scheme::default()
            };
            Ok(GetSchemeResponse { scheme: Some(scheme) })
        },
    );
    let browser = Browser::new(fake.serve().await, "chair");
    let page = browser.get("/rounds/rnd_1/entries/ent_1").await;
    assert_eq!(page.status, StatusCode::OK);
    for said in [
        "总分 82.34 分",
        "B+ 档从 80 分起（含 80 分）",
        "离上一档 A- 还差 2.66 分",
        "总分提高 3.24 分（原为 79.1",
        "等级由 B 变为现在的等级",
        "一人之差",
        "最多相差 6.5",
    ] {
        assert!(page.body.contains(said), "{said}: {}", page.body);
    }
    assert_eq!(browser.get("/rounds/rnd_1/entries/ent_2").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn reviewers_declare_what_connects_them() {
    let calls: Seen<DeclareRelationRequest> = Arc::default();
    let seen = calls.clone();
    let fake = in_year(cycle::State::Closed)
        .on("review.v1.RelationService/ListRelations", |_: Request<ListRelationsRequest>| {
            let relation = Relation {
                relation_id: "rel_1".into(),
                kind: relation::Kind::Kin.into(),
                organisation_code: "3611000002".into(),
                by_self: true,
                ..Relation::default()
            };
            Ok(ListRelationsResponse { relations: vec![relation] })
        })
        .on("review.v1.RelationService/DeclareRelation", move |request: Request<DeclareRelationRequest>| {
            let request = request.into_inner();
            let code = request.relation.as_ref().map(|one| one.organisation_code.clone());
            seen.lock().expect("no panic").push(request);
            if code.as_deref() == Some("36") {
                let mut details = ErrorDetails::new();
                details.add_bad_request_violation("relation.organisation_code", "请填十位数字。");
                return Err(Status::with_error_details(Code::InvalidArgument, "no", details));
            }
            Ok(DeclareRelationResponse::default())
        });
    let browser = Browser::new(fake.serve().await, "reviewer");
    let page = browser.get("/relations").await;
    assert!(
        page.body.contains("亲属在该单位工作或就读") && page.body.contains("3611000002"),
        "{}",
        page.body
    );
    let refused = browser.post("/relations", &[("kind", "KIN"), ("relation_organisation_code", "36")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.input("relation_organisation_code").as_deref(), Some("36"), "what was typed stays");
    assert!(refused.body.contains("href=\"#f-relation_organisation_code\""), "{}", refused.body);
    let fields =
        [("kind", "CO_AUTHOR"), ("relation_organisation_code", "3611000001"), ("programme_code", "710201")];
    let sent = browser.post("/relations", &fields).await;
    assert_eq!(sent.location(), "/relations?done=declared");
    let relation = last(&calls).relation.expect("a relation");
    assert_eq!((relation.kind(), relation.programme_code.as_str()), (relation::Kind::CoAuthor, "710201"));
}
