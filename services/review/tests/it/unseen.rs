//! Schools learn nothing of who scored: what they are answered is the same whoever it was.

use std::{collections::BTreeMap, fmt::Debug};

use tonic::{Response, Status};
use zhijian_platform::Clients;
use zhijian_proto::review::v1::*;

use crate::{
    procedures::{create, get, procedure, take, try_take, values},
    world::*,
};

/// What a school was answered, by RPC.
type Seen = BTreeMap<&'static str, String>;

/// Notes an answer or a refusal as text in which only what differs from one region to the next is blanked out: random ids,
/// etags that count versions stay, and times.
fn note<T: Debug>(seen: &mut Seen, rpc: &'static str, answer: std::result::Result<Response<T>, Status>) {
    let text = match answer {
        Ok(answer) => format!("{:?}", answer.into_inner()),
        Err(status) => format!("{:?} {} {:?}", status.code(), status.message(), violations(&status)),
    };
    let mut plain = String::new();
    for word in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        let body = word.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let id = ["rnd_", "ent_", "prg_", "rct_", "apl_", "itm_", "prc_"]
            .iter()
            .find(|prefix| body.starts_with(**prefix));
        plain += &id.map_or_else(|| word.to_owned(), |prefix| word.replace(body, prefix));
    }
    let mut parts = plain.split("Timestamp {");
    let mut blank = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        blank += "Timestamp ";
        blank += part.split_once('}').map_or("", |(_, rest)| rest);
    }
    seen.entry(rpc).or_default().push_str(&blank);
}

/// A year from scoring to a decided appeal and a mended programme; everything that the school is answered on the way. `turn`
/// decides who of the reviewers gives which points.
async fn year_of_a_school(world: &World, turn: usize) -> (Seen, Vec<String>) {
    let mut seen = Seen::new();
    world.programmes(&school(0), &["710201"], "").await;
    let mut secrets = vec![];
    for n in 0..9 {
        // Other people, of other organisations, in another order.
        let (name, place) = (format!("reviewer{}", n + 10 * turn), (n * (1 + 3 * turn)) % 9);
        secrets.push(world.reviewer(&name, &body(place), &[], &["71"]).await);
        secrets.extend([name, body(place)]);
    }
    let own = world.as_school(&school(0));
    let round = world.open_round().await;
    let id = round.round_id.clone();
    let mut panel = world.assignments(&id).await;
    panel.rotate_left(turn);
    for (one, points) in panel.iter().zip(["52", "55", "61"]) {
        world.submit(one, points).await;
    }
    let entries = || ListEntriesRequest::default();
    note(&mut seen, "RoundService/ListEntries", own.rounds().list_entries(entries()).await);
    ok(world.try_finalise(&id).await);
    note(&mut seen, "RoundService/ListEntries", own.rounds().list_entries(entries()).await);
    let entry_id = world.entries(&world.chair, &id).await[0].entry_id.clone();
    let feedback = || GetFeedbackRequest { entry_id: entry_id.clone() };
    let terms = || GetAppealTermsRequest { entry_id: entry_id.clone() };
    note(&mut seen, "FeedbackService/GetFeedback", own.feedback().get_feedback(feedback()).await);
    note(&mut seen, "AppealService/GetAppealTerms", own.appeals().get_appeal_terms(terms()).await);
    let save = SaveFeedbackRequest {
        request_id: request_id(),
        entry_id: entry_id.clone(),
        overall: "实践教学薄弱。".into(),
        ..Default::default()
    };
    let kept = ok(world.chair.feedback().save_feedback(save).await).feedback.expect("one");
    let approve =
        ApproveFeedbackRequest { request_id: request_id(), entry_id: entry_id.clone(), etag: kept.etag };
    ok(world.chair.feedback().approve_feedback(approve).await);
    ok(world.try_reveal(&id).await);
    note(&mut seen, "RoundService/ListEntries", own.rounds().list_entries(entries()).await);
    note(&mut seen, "FeedbackService/GetFeedback", own.feedback().get_feedback(feedback()).await);
    note(&mut seen, "AppealService/GetAppealTerms", own.appeals().get_appeal_terms(terms()).await);
    let listed = || ListRectificationsRequest::default();
    let low = ok(own.rectifications().list_rectifications(listed()).await).rectifications.remove(0);
    note(
        &mut seen,
        "RectificationService/ListRectifications",
        own.rectifications().list_rectifications(listed()).await,
    );
    let get = || GetRectificationRequest { rectification_id: low.rectification_id.clone() };
    note(
        &mut seen,
        "RectificationService/GetRectification",
        own.rectifications().get_rectification(get()).await,
    );
    let plan = PlanRectificationRequest {
        request_id: request_id(),
        rectification_id: low.rectification_id.clone(),
        etag: low.etag.clone(),
        plan: "改".repeat(30),
        measures: vec![Measure { title: "新建实训基地".into(), ..Measure::default() }],
    };
    note(
        &mut seen,
        "RectificationService/PlanRectification",
        own.rectifications().plan_rectification(plan).await,
    );
    let etag =
        async || ok(own.rectifications().get_rectification(get()).await).rectification.expect("one").etag;
    let review = ReviewRectificationPlanRequest {
        request_id: request_id(),
        rectification_id: low.rectification_id.clone(),
        etag: etag().await,
        accept: true,
        comment: String::new(),
    };
    ok(world.commission.rectifications().review_rectification_plan(review).await);
    let report = ReportMeasuresRequest {
        request_id: request_id(),
        rectification_id: low.rectification_id.clone(),
        etag: etag().await,
        measures: vec![Measure { evidence: "验收报告".into(), done: true, ..Measure::default() }],
    };
    note(
        &mut seen,
        "RectificationService/ReportMeasures",
        own.rectifications().report_measures(report).await,
    );
    let claim = ClaimRectificationRequest {
        request_id: request_id(),
        rectification_id: low.rectification_id.clone(),
        etag: etag().await,
        comment: "已完成。".into(),
    };
    note(
        &mut seen,
        "RectificationService/ClaimRectification",
        own.rectifications().claim_rectification(claim).await,
    );
    let file = FileAppealRequest {
        request_id: request_id(),
        entry_id: entry_id.clone(),
        ground_code: "facts".into(),
        statement: "实训基地已经在观测期内建成，年报第三部分有说明。".into(),
        ..Default::default()
    };
    let filed = ok(own.appeals().file_appeal(file.clone()).await).appeal.expect("one");
    note(&mut seen, "AppealService/FileAppeal", own.appeals().file_appeal(file).await);
    let appoint = AppointAppealPanelRequest {
        request_id: request_id(),
        appeal_id: filed.appeal_id.clone(),
        etag: filed.etag.clone(),
    };
    let heard = ok(world.chair.appeals().appoint_appeal_panel(appoint).await).appeal.expect("one");
    let appeal = || GetAppealRequest { appeal_id: filed.appeal_id.clone() };
    note(&mut seen, "AppealService/GetAppeal", own.appeals().get_appeal(appeal()).await);
    let mut sheets = world.assignments(&id).await;
    sheets.retain(|one| one.state() == assignment::State::Open);
    sheets.rotate_left(turn);
    for (one, points) in sheets.iter().zip(["70", "74", "79"]) {
        world.submit(one, points).await;
    }
    note(&mut seen, "AppealService/GetAppeal", own.appeals().get_appeal(appeal()).await);
    let withdraw = WithdrawAppealRequest {
        request_id: request_id(),
        appeal_id: filed.appeal_id.clone(),
        etag: heard.etag.clone(),
    };
    note(&mut seen, "AppealService/WithdrawAppeal", own.appeals().withdraw_appeal(withdraw).await);
    let decide = DecideAppealRequest {
        request_id: request_id(),
        appeal_id: filed.appeal_id.clone(),
        etag: heard.etag,
        uphold: true,
        reason: "采信新材料。".into(),
    };
    ok(world.chair.appeals().decide_appeal(decide).await);
    note(&mut seen, "AppealService/GetAppeal", own.appeals().get_appeal(appeal()).await);
    note(
        &mut seen,
        "AppealService/ListAppeals",
        own.appeals().list_appeals(ListAppealsRequest::default()).await,
    );
    note(&mut seen, "AppealService/GetAppealTerms", own.appeals().get_appeal_terms(terms()).await);
    note(&mut seen, "FeedbackService/GetFeedback", own.feedback().get_feedback(feedback()).await);
    note(&mut seen, "RoundService/ListEntries", own.rounds().list_entries(entries()).await);
    note(
        &mut seen,
        "RectificationService/GetRectification",
        own.rectifications().get_rectification(get()).await,
    );
    note(&mut seen, "SchemeService/ListSchemes", own.schemes().list_schemes(ListSchemesRequest {}).await);
    let scheme = GetSchemeRequest { code: SCHEME.into() };
    note(&mut seen, "SchemeService/GetScheme", own.schemes().get_scheme(scheme).await);
    let policies = own.funding().list_funding_policies(ListFundingPoliciesRequest {}).await;
    note(&mut seen, "FundingService/ListFundingPolicies", policies);
    let estimate = EstimateFundingRequest { year: 2026, ..Default::default() };
    note(&mut seen, "FundingService/EstimateFunding", own.funding().estimate_funding(estimate).await);
    let input = GetFundingInputRequest { year: 2026, organisation_code: school(0) };
    note(&mut seen, "FundingService/GetFundingInput", own.funding().get_funding_input(input).await);
    (seen, secrets)
}

/// An inspection of the school from its application to its conclusion; everything that it is answered on the way, before and after
/// the conclusion tells the grade.
async fn inspection_of_a_school(world: &World, turn: usize, seen: &mut Seen) {
    let own = world.as_school(&school(0));
    let opened = create(world, "private-inspection").await;
    let id = opened.procedure_id.clone();
    let apply = ApplyItemRequest {
        request_id: request_id(),
        procedure_id: id.clone(),
        organisation_code: school(0),
        ..ApplyItemRequest::default()
    };
    let item = ok(own.items().apply_item(apply.clone()).await).item.expect("an item");
    note(seen, "ItemService/ApplyItem", own.items().apply_item(apply).await);
    let form = values(&[("licence-number", "演示-001"), ("summary", "演示学校")]);
    let save = SaveItemRequest {
        request_id: request_id(),
        item_id: item.item_id.clone(),
        etag: item.etag.clone(),
        values: form.clone(),
    };
    let item = ok(own.items().save_item(save.clone()).await).item.expect("an item");
    note(seen, "ItemService/SaveItem", own.items().save_item(save).await);
    let item = take(&own, &item, "apply", "submit", form).await;
    let form = values(&[
        ("placement-rate", "75"),
        ("student-teacher-ratio", "20"),
        ("report", "https://example.edu/report"),
    ]);
    let step = try_take(&own, &item, "self-assessment", "submit", form, "").await;
    note(seen, "ItemService/TakeStep", step);
    let start = StartReviewRequest {
        request_id: request_id(),
        procedure_id: id.clone(),
        etag: procedure(world, &id).await.etag,
        due_time: None,
    };
    let round = ok(world.chair.procedures().start_review(start).await).procedure.expect("one").round_id;
    ok(world.try_assign(&round).await);
    ok(world.try_open(&round).await);
    let mut panel = world.assignments(&round).await;
    panel.rotate_left(turn);
    for (one, points) in panel.iter().zip(["62", "66", "70", "71", "75"]) {
        world.submit(one, points).await;
    }
    look(&own, seen, &id, &item.item_id).await;
    ok(world.try_finalise(&round).await);
    // Decided, and still sealed.
    look(&own, seen, &id, &item.item_id).await;
    let sealed = get(&own, &item.item_id).await;
    assert!(sealed.step_code == "review" && sealed.history.iter().all(|event| event.outcome_code != "defer"));
    assert!(crate::sealed::reads(world, &round).await.is_empty(), "what a school sees holds no result");
    let entries = world.entries(&world.commission, &round).await;
    let told = crate::sealed::reads(world, &round).await;
    assert_eq!((told.len(), told[0].action.as_str(), told[0].count), (1, "entry.list", 1));
    assert!(entries[0].result.is_some());
    let conclude = ConcludeReviewRequest {
        request_id: request_id(),
        procedure_id: id.clone(),
        etag: procedure(world, &id).await.etag,
    };
    ok(world.chair.procedures().conclude_review(conclude).await);
    look(&own, seen, &id, &item.item_id).await;
    let withdraw = WithdrawItemRequest {
        request_id: request_id(),
        item_id: item.item_id.clone(),
        etag: get(&own, &item.item_id).await.etag,
        ..WithdrawItemRequest::default()
    };
    note(seen, "ItemService/WithdrawItem", own.items().withdraw_item(withdraw).await);
}

/// Everything that a school can read of a procedure and its item.
async fn look(own: &Clients, seen: &mut Seen, procedure_id: &str, item_id: &str) {
    let request = ListProceduresRequest::default();
    note(seen, "ProcedureService/ListProcedures", own.procedures().list_procedures(request).await);
    let request = GetProcedureRequest { procedure_id: procedure_id.into() };
    note(seen, "ProcedureService/GetProcedure", own.procedures().get_procedure(request).await);
    let request = ListItemsRequest::default();
    note(seen, "ItemService/ListItems", own.items().list_items(request).await);
    note(seen, "ItemService/GetItem", own.items().get_item(GetItemRequest { item_id: item_id.into() }).await);
}

/// The actions that the shipped policies let a school, or anybody, do.
fn actions_of_schools() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../platform/policies");
    let mut actions = vec![];
    for file in std::fs::read_dir(folder).expect("the policies") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        for policy in text.split(';') {
            let anybody = policy.contains("principal,") && !policy.contains("principal is");
            if anybody || policy.contains("principal.school") {
                let named = policy.split("Action::\"").skip(1).filter_map(|rest| rest.split('"').next());
                actions.extend(named.map(str::to_owned));
            }
        }
    }
    actions
}

#[tokio::test]
async fn not_a_byte_that_a_school_sees_changes_when_reviewers_change_places() {
    let years = std::sync::Mutex::new(vec![]);
    for turn in [0, 1] {
        let years = &years;
        in_each_world(1, 9, async |world| {
            let (mut seen, secrets) = year_of_a_school(&world, turn).await;
            inspection_of_a_school(&world, turn, &mut seen).await;
            for (rpc, text) in &seen {
                for secret in &secrets {
                    assert!(!text.contains(secret.as_str()), "{rpc} tells {secret}: {text}");
                }
            }
            years.lock().expect("whole").push(seen);
        })
        .await;
    }
    let years = years.into_inner().expect("whole");
    let (first, others) = years.split_first().expect("at least two");
    assert!(first["RoundService/ListEntries"].contains("former: [FormerResult"), "the year went all the way");
    for other in others {
        for (rpc, text) in first {
            assert_eq!(text, &other[rpc], "{rpc}");
        }
    }
    let allowed = actions_of_schools();
    assert!(allowed.iter().any(|action| action == "appeal.file"), "the policies are read");
    let prefix = "/zhijian.review.v1.";
    let may = |action: Option<String>| action.is_some_and(|action| allowed.contains(&action));
    let left_out: Vec<String> = zhijian_proto::actions()
        .into_iter()
        .filter_map(|(path, action)| Some((path.strip_prefix(prefix)?.to_owned(), action)))
        .filter(|(rpc, action)| may(action.clone()) && !first.contains_key(rpc.as_str()))
        .map(|(rpc, _)| rpc)
        .collect();
    assert!(left_out.is_empty(), "a school may call these, which this test does not: {left_out:?}");
}
