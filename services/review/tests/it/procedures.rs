//! Every scheme's procedure from its beginning to its ends, through its RPCs.

use std::result::Result;

use tonic::{Code, Response, Status};
use zhijian_platform::Clients;
use zhijian_proto::review::v1::*;

use crate::world::*;

pub async fn create(world: &World, scheme: &str) -> Procedure {
    let request =
        CreateProcedureRequest { request_id: request_id(), cycle_year: YEAR, scheme_code: scheme.into() };
    ok(world.commission.procedures().create_procedure(request).await).procedure.expect("a procedure")
}

pub async fn procedure(world: &World, id: &str) -> Procedure {
    let request = GetProcedureRequest { procedure_id: id.into() };
    ok(world.chair.procedures().get_procedure(request).await).procedure.expect("a procedure")
}

pub async fn try_apply(
    caller: &Clients,
    procedure: &Procedure,
    school: &str,
    title: &str,
) -> Result<Response<ApplyItemResponse>, Status> {
    let request = ApplyItemRequest {
        request_id: request_id(),
        procedure_id: procedure.procedure_id.clone(),
        organisation_code: school.into(),
        title: title.into(),
        programme_code: String::new(),
    };
    caller.items().apply_item(request).await
}

pub async fn apply(world: &World, procedure: &Procedure, n: usize, title: &str) -> Item {
    let caller = world.as_school(&school(n));
    ok(try_apply(&caller, procedure, &school(n), title).await).item.expect("an item")
}

pub fn values(given: &[(&str, &str)]) -> Vec<FieldValue> {
    let value = |(code, value): &(&str, &str)| FieldValue {
        field_code: (*code).into(),
        value: (*value).into(),
        shares: vec![],
    };
    given.iter().map(value).collect()
}

pub fn shares(code: &str, rows: &[(&str, &str)]) -> FieldValue {
    let share = |(label, amount): &(&str, &str)| Share { label: (*label).into(), amount: (*amount).into() };
    FieldValue { field_code: code.into(), value: String::new(), shares: rows.iter().map(share).collect() }
}

pub async fn try_take(
    caller: &Clients,
    item: &Item,
    step: &str,
    outcome: &str,
    values: Vec<FieldValue>,
    comment: &str,
) -> Result<Response<TakeStepResponse>, Status> {
    let request = TakeStepRequest {
        request_id: request_id(),
        item_id: item.item_id.clone(),
        etag: item.etag.clone(),
        step_code: step.into(),
        outcome_code: outcome.into(),
        values,
        comment: comment.into(),
    };
    caller.items().take_step(request).await
}

pub async fn take(caller: &Clients, item: &Item, step: &str, outcome: &str, values: Vec<FieldValue>) -> Item {
    ok(try_take(caller, item, step, outcome, values, "").await).item.expect("an item")
}

pub async fn get(caller: &Clients, id: &str) -> Item {
    ok(caller.items().get_item(GetItemRequest { item_id: id.into() }).await).item.expect("an item")
}

pub async fn items(caller: &Clients, request: ListItemsRequest) -> Vec<Item> {
    ok(caller.items().list_items(ListItemsRequest { page_size: 1000, ..request }).await).items
}

pub async fn start(world: &World, id: &str) -> Result<Response<StartReviewResponse>, Status> {
    let etag = procedure(world, id).await.etag;
    let request =
        StartReviewRequest { request_id: request_id(), procedure_id: id.into(), etag, due_time: None };
    world.chair.procedures().start_review(request).await
}

pub async fn conclude(world: &World, id: &str) -> Result<Response<ConcludeReviewResponse>, Status> {
    let etag = procedure(world, id).await.etag;
    let request = ConcludeReviewRequest { request_id: request_id(), procedure_id: id.into(), etag };
    world.chair.procedures().conclude_review(request).await
}

pub async fn close(world: &World, id: &str) -> Result<Response<CloseProcedureResponse>, Status> {
    let etag = procedure(world, id).await.etag;
    let request = CloseProcedureRequest { request_id: request_id(), procedure_id: id.into(), etag };
    world.commission.procedures().close_procedure(request).await
}

/// Reviews all items of a procedure with points by the entry, up to the grades.
pub async fn grade(world: &World, id: &str, points: impl Fn(&Entry) -> String) -> String {
    let started = ok(start(world, id).await).procedure.expect("a procedure");
    let round = started.round_id;
    ok(world.try_assign(&round).await);
    ok(world.try_open(&round).await);
    world.submit_all(&round, points).await;
    ok(world.try_finalise(&round).await);
    round
}

pub async fn review(world: &World, id: &str, points: impl Fn(&Entry) -> String) {
    grade(world, id, points).await;
    ok(conclude(world, id).await);
}

pub fn counts(procedure: &Procedure) -> Vec<(&str, i32)> {
    let filled = procedure.counts.iter().filter(|one| one.count > 0);
    filled.map(|one| (one.code.as_str(), one.count)).collect()
}

/// Points by the number that an entry's title ends in.
fn number(entry: &Entry) -> usize {
    let title = &entry.programme_name.as_ref().expect("a name").zh;
    title.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number")
}

#[tokio::test]
async fn a_private_college_is_inspected_from_its_application_to_the_follow_up() {
    in_each_world(3, 6, async |world| {
        world.reviewers(6).await;
        let opened = create(&world, "private-inspection").await;
        assert_eq!((opened.steps.len(), opened.applies, opened.most_per_school), (6, true, 1));
        assert!(!opened.apply_due_date.is_empty(), "applications have a date");
        let id = opened.procedure_id.clone();
        let mut brought = vec![];
        for (n, (rate, ratio)) in [("95", "16"), ("75", "20"), ("50", "25")].into_iter().enumerate() {
            let own = world.as_school(&school(n));
            let item = apply(&world, &opened, n, "").await;
            assert!(item.mine && !item.due_date.is_empty(), "the college fills in its application by a date");
            assert_eq!(item.subject(), Subject::Institution);
            let form = values(&[("licence-number", "演示-001"), ("summary", "演示学校")]);
            let item = take(&own, &item, "apply", "submit", form).await;
            let early = refused(start(&world, &id).await, Code::FailedPrecondition);
            assert!(violations(&early).contains_key(&item.item_id), "it names who has not come so far");
            let form = values(&[
                ("placement-rate", rate),
                ("student-teacher-ratio", ratio),
                ("report", "https://example.edu/report"),
            ]);
            let item = take(&own, &item, "self-assessment", "submit", form).await;
            assert_eq!((item.step_code.as_str(), item.mine), ("review", false));
            brought.push(item);
        }
        let again = try_apply(&world.as_school(&school(0)), &opened, &school(0), "").await;
        assert_eq!(reason(&refused(again, Code::FailedPrecondition)), "ILLEGAL_STATE");

        let marks = ["90", "70", "40"];
        let of = |entry: &Entry| {
            let n = (0..3).find(|n| school(*n) == entry.organisation_code).expect("one of ours");
            marks[n].to_owned()
        };
        let round = grade(&world, &id, of).await;
        let late = try_apply(&world.as_school(&school(0)), &opened, &school(0), "").await;
        refused(late, Code::FailedPrecondition);
        let entries = world.entries(&world.chair, &round).await;
        assert!(entries.iter().all(|entry| entry.subject() == Subject::Institution));
        // 0.2 of each dimension; students 0.4 × 83.33 + 0.6 × 70, conditions 0.4 × 90 + 0.6 × 70, the others 70.
        let totals: Vec<_> = entries.iter().map(|entry| entry.result.as_ref().expect("a result")).collect();
        assert_eq!((totals[1].total.as_str(), totals[1].grade.as_str()), ("72.6664", "暂缓通过"));
        assert_eq!((totals[0].grade.as_str(), totals[2].grade.as_str()), ("通过", "不通过"));
        assert_eq!(totals[2].elements[3].score, "24", "nothing for a rate below the restricted value");

        let sealed = get(&world.as_school(&school(1)), &brought[1].item_id).await;
        assert_eq!(sealed.step_code, "review", "grades are sealed until the review is concluded");
        let done = ok(conclude(&world, &id).await);
        assert_eq!(done.moved_count, 3);
        assert_eq!(ok(conclude(&world, &id).await).moved_count, 0, "concluding again changes nothing");

        // The conclusion must be that of the experts.
        let told = || values(&[("conclusion", "演示结论")]);
        let item = get(&world.commission, &brought[1].item_id).await;
        assert_eq!(item.history.last().expect("an event").outcome_code, "defer");
        for wrong in ["pass", "fail"] {
            let answer = try_take(&world.commission, &item, "feedback", wrong, told(), "").await;
            assert!(violations(&refused(answer, Code::FailedPrecondition)).contains_key("guard"));
        }
        let item = take(&world.commission, &item, "feedback", "rectify", told()).await;
        let own = world.as_school(&school(1));
        let mended = || values(&[("report", "已整改"), ("evidence", "att_1")]);
        let item = take(&own, &item, "rectify", "claim", mended()).await;
        let district = world.as_school(DISTRICT);
        assert!(get(&district, &item.item_id).await.mine, "the district follows up");
        let bare = try_take(&district, &item, "recheck", "return", vec![], "").await;
        assert!(violations(&refused(bare, Code::InvalidArgument)).contains_key("comment"));
        let back =
            ok(try_take(&district, &item, "recheck", "return", vec![], "佐证不足").await).item.expect("one");
        assert_eq!(back.step_code, "rectify");
        let item = take(&own, &back, "rectify", "claim", mended()).await;
        let item = take(&district, &item, "recheck", "pass", values(&[("finding", "整改到位")])).await;
        assert_eq!((item.state(), item.end_code.as_str()), (item::State::Ended, "passed"));

        refused(close(&world, &id).await, Code::FailedPrecondition);
        for (n, outcome) in [(0, "pass"), (2, "fail")] {
            let item = get(&world.commission, &brought[n].item_id).await;
            take(&world.commission, &item, "feedback", outcome, told()).await;
        }
        let closed = ok(close(&world, &id).await).procedure.expect("a procedure");
        assert_eq!(counts(&closed), [("passed", 2), ("failed", 1)]);
        let failed = closed.ends.iter().find(|end| end.code == "failed").expect("an end");
        let touched: Vec<_> = failed.consequences.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(touched, ["enrolment", "licence"]);
        let history = get(&own, &brought[1].item_id).await.history;
        let deeds: Vec<_> = history.iter().map(|one| one.outcome_code.as_str()).collect();
        assert_eq!(
            deeds,
            ["apply", "submit", "submit", "defer", "rectify", "claim", "return", "claim", "pass"]
        );
        assert_eq!(history[6].comment, "佐证不足");
    })
    .await;
}

#[tokio::test]
async fn money_is_audited_before_filing_and_no_more_is_distributed_than_approved() {
    in_each_world(2, 3, async |world| {
        world.reviewers(3).await;
        let opened = create(&world, "social-service").await;
        let own = world.as_school(&school(0));
        let item = apply(&world, &opened, 0, "").await;
        let claim = |income: &str, cost: &str, claim: &str| {
            values(&[
                ("income", income),
                ("cost", cost),
                ("claim", claim),
                ("basis", "https://example.edu/c"),
            ])
        };
        let guard = async |answer: Result<Response<TakeStepResponse>, Status>| {
            let status = refused(answer, Code::FailedPrecondition);
            violations(&status).remove("guard").expect("a guard")
        };
        let over = try_take(&own, &item, "apply", "submit", claim("100", "60.5", "39.51"), "").await;
        assert!(guard(over).await.contains("不能超过社会服务总收入"));
        let empty = try_take(&own, &item, "apply", "submit", claim("100", "60.5", ""), "").await;
        assert!(violations(&refused(empty, Code::FailedPrecondition)).contains_key("claim"));
        let wrong = try_take(&own, &item, "apply", "submit", claim("一百", "1", "1"), "").await;
        assert!(violations(&refused(wrong, Code::InvalidArgument)).contains_key("values[0].value"));
        let skipping = try_take(&own, &item, "distribute", "distribute", vec![], "").await;
        assert!(violations(&refused(skipping, Code::FailedPrecondition))["step_code"].contains("申报"));
        let item = take(&own, &item, "apply", "submit", claim("100", "60.5", "39.5")).await;

        let approve = |amount: &str| values(&[("approved", amount)]);
        let over = try_take(&world.commission, &item, "approve", "approve", approve("39.6"), "").await;
        assert!(guard(over).await.contains("不能超过学校申请"));
        let item = take(&world.commission, &item, "approve", "approve", approve("30")).await;
        // Not filed before it is audited, and not after the audit sent it back.
        let filing = || values(&[("filing-number", "演示备案1")]);
        let early = try_take(&world.commission, &item, "file", "file", filing(), "").await;
        assert!(violations(&refused(early, Code::FailedPrecondition))["step_code"].contains("审计"));
        let audit = || values(&[("report-number", "审字1"), ("opinion", "无异议")]);
        let sent = ok(try_take(&world.commission, &item, "audit", "return", vec![], "金额有出入").await);
        let item =
            take(&world.commission, &sent.item.expect("one"), "approve", "approve", approve("20")).await;
        let item = take(&world.commission, &item, "audit", "pass", audit()).await;
        let item = take(&world.commission, &item, "file", "file", filing()).await;

        let share = |rows: &[(&str, &str)]| {
            let mut form = values(&[("notice", "https://example.edu/notice")]);
            form.push(shares("shares", rows));
            form
        };
        let rows = [("培训部", "12.345678"), ("教务处", "7.654323")];
        let over = try_take(&own, &item, "distribute", "distribute", share(&rows), "").await;
        assert!(guard(over).await.contains("分配合计不能超过"), "a millionth too much is too much");
        let rows = [("培训部", "12.345678"), ("教务处", "7.654322")];
        let draft = SaveItemRequest {
            request_id: request_id(),
            item_id: item.item_id.clone(),
            etag: item.etag.clone(),
            values: vec![shares("shares", &rows)],
        };
        let saved = ok(own.items().save_item(draft).await).item.expect("one");
        let kept = saved.forms.iter().find(|form| form.step_code == "distribute").expect("a draft");
        assert_eq!(kept.values[0].shares.len(), 2);
        let item = take(&own, &saved, "distribute", "distribute", share(&rows)).await;
        assert_eq!(item.step_code, "evaluate");
        let scored = try_take(&world.chair, &item, "evaluate", "good", vec![], "").await;
        refused(scored, Code::FailedPrecondition);
        let id = &opened.procedure_id;
        review(&world, id, |_| "88".into()).await;
        assert_eq!(counts(&procedure(&world, id).await), [("completed", 1)]);
        let amounts = |item: &Item| {
            let form = item.forms.iter().find(|form| form.step_code == "distribute").expect("a form").clone();
            let rows = form.values.into_iter().find(|value| value.field_code == "shares").expect("shares");
            rows.shares.into_iter().map(|row| row.amount).collect::<Vec<_>>()
        };
        assert_eq!(amounts(&get(&own, &item.item_id).await), ["12.345678", "7.654322"], "to the last digit");
    })
    .await;
}

#[tokio::test]
async fn a_textbook_goes_from_the_school_to_the_nations_list() {
    in_each_world(1, 3, async |world| {
        world.reviewers(3).await;
        let opened = create(&world, "textbook-selection").await;
        let own = world.as_school(&school(0));
        let form =
            || values(&[("isbn", "978-7"), ("editor", "演示"), ("form", "digital"), ("sample", "att_1")]);
        let mut brought = vec![];
        for n in 0..3 {
            let item = apply(&world, &opened, 0, &format!("教材{n}")).await;
            brought.push(take(&own, &item, "nominate", "nominate", form()).await);
        }
        let back = ok(try_take(&world.commission, &brought[0], "check", "return", vec![], "缺样章").await);
        brought[0] = take(&own, &back.item.expect("one"), "nominate", "nominate", form()).await;
        let none = try_take(&world.commission, &brought[2], "check", "refuse", vec![], "超出申报范围").await;
        assert_eq!(ok(none).item.expect("one").end_code, "not-recommended");
        for item in &brought[..2] {
            take(&world.commission, item, "check", "accept", vec![]).await;
        }
        review(&world, &opened.procedure_id, |entry| format!("{}", 70 + number(entry))).await;
        for (item, outcome) in brought.iter().zip(["selected", "unselected"]) {
            let item = get(&world.commission, &item.item_id).await;
            let form = values(&[("document", "https://example.gov/list")]);
            take(&world.commission, &item, "selection", outcome, form).await;
        }
        let done = ok(close(&world, &opened.procedure_id).await).procedure.expect("a procedure");
        assert_eq!(counts(&done), [("selected", 1), ("recommended", 1), ("not-recommended", 1)]);
    })
    .await;
}

#[tokio::test]
async fn of_seventy_cases_sixty_eight_are_chosen() {
    in_each_world(14, 3, async |world| {
        world.reviewers(3).await;
        let opened = create(&world, "case-selection").await;
        for n in 0..70 {
            let item = apply(&world, &opened, n / 5, &format!("案例{n}")).await;
            let form = values(&[("chapter", "training"), ("text", "演示案例")]);
            take(&world.as_school(&school(n / 5)), &item, "offer", "offer", form).await;
        }
        let own = world.as_school(&school(0));
        let sixth = try_apply(&own, &opened, &school(0), "第六个").await;
        refused(sixth, Code::FailedPrecondition);
        let id = &opened.procedure_id;
        // The two with the fewest points are left.
        review(&world, id, |entry| format!("{}", 99 - number(entry))).await;
        assert_eq!(counts(&procedure(&world, id).await), [("chosen", 68), ("not-chosen", 2)]);
        let left =
            ListItemsRequest { procedure_id: id.clone(), at: "not-chosen".into(), ..Default::default() };
        let mut titles: Vec<_> =
            items(&world.chair, left).await.into_iter().map(|item| item.title.expect("a title").zh).collect();
        titles.sort();
        assert_eq!(titles, ["案例68", "案例69"]);
    })
    .await;
}

#[tokio::test]
async fn a_project_is_accepted_at_once_after_mending_or_not() {
    in_each_world(3, 3, async |world| {
        world.reviewers(3).await;
        let opened = create(&world, "project-acceptance").await;
        let form = |completion: &str, spent: &str| {
            values(&[
                ("kind", "cluster"),
                ("completion", completion),
                ("granted", "300"),
                ("spent", spent),
                ("report", "att_1"),
            ])
        };
        let mut brought = vec![];
        for (n, completion) in ["100", "90", "10"].into_iter().enumerate() {
            let own = world.as_school(&school(n));
            let item = apply(&world, &opened, n, &format!("项目{n}")).await;
            let over = try_take(&own, &item, "summary", "submit", form(completion, "300.01"), "").await;
            refused(over, Code::FailedPrecondition);
            let item = take(&own, &item, "summary", "submit", form(completion, "299.5")).await;
            brought.push(take(&world.commission, &item, "check", "accept", vec![]).await);
        }
        review(&world, &opened.procedure_id, |entry| ["95", "70", "20"][number(entry)].to_owned()).await;
        let item = get(&world.as_school(&school(1)), &brought[1].item_id).await;
        let mended = values(&[("report", "已整改"), ("evidence", "att_2")]);
        let item = take(&world.as_school(&school(1)), &item, "mend", "claim", mended).await;
        take(&world.commission, &item, "confirm", "accept", values(&[("finding", "同意")])).await;
        let done = procedure(&world, &opened.procedure_id).await;
        assert_eq!(counts(&done), [("accepted", 2), ("refused", 1)]);
    })
    .await;
}

/// The schemes that a test of this suite takes from their beginning to their ends.
const WALKED: [&str; 9] = [
    "case-selection",
    "new-programme-monitoring",
    "pilot-monitoring",
    "private-inspection",
    "project-acceptance",
    "report-review",
    "social-service",
    "teaching-monitoring",
    "textbook-selection",
];

#[tokio::test]
async fn no_shipped_scheme_is_left_out() {
    in_each_world(0, 0, async |world| {
        let listed = ok(world.chair.schemes().list_schemes(ListSchemesRequest {}).await).schemes;
        let mut codes: Vec<String> = listed.into_iter().map(|scheme| scheme.code).collect();
        codes.sort();
        assert_eq!(codes, WALKED, "take it from start to end in a test, then name it here");
    })
    .await;
}
