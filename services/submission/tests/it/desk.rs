//! The commission's desk: progress and differences.

use chrono::{TimeDelta, Utc};
use tonic::Code;
use zhijian_documents::{Limits, sheet};
use zhijian_platform::{Clients, time::timestamp};
use zhijian_proto::submission::v1::{list_progress_request::Order, progress_filter::Condition, *};

use crate::harness::*;

async fn list(clients: &Clients, request: ListProgressRequest) -> ListProgressResponse {
    clients.desk().list_progress(request).await.expect("listed").into_inner()
}

fn filter(condition: Condition) -> ProgressFilter {
    ProgressFilter { cycle_year: 2025, condition: condition.into(), ..Default::default() }
}

fn ids(answer: &ListProgressResponse) -> Vec<(String, String)> {
    answer.progress.iter().map(|one| (one.report_kind.clone(), one.subject_code.clone())).collect()
}

fn pair(kind: &str, code: &str) -> (String, String) {
    (kind.to_owned(), code.to_owned())
}

#[tokio::test]
async fn progress_counts_what_is_expected_and_what_was_begun() {
    each(|world| async move {
        world.collecting(2025, Some(timestamp(Utc::now() + TimeDelta::days(20)))).await;
        let begun = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&begun, &[("SC01", "1000"), ("SC02", "950")]).await;
        let handed_in = world.submitted(2025, "secondary", SCHOOL, "").await;
        world.send_back(&handed_in, "请核对").await.expect("returned");
        let commission = world.commission();
        let request = CountProgressRequest { cycle_year: 2025, idle_days: 0 };
        let counts = commission.desk().count_progress(request).await.expect("counted").into_inner().counts;
        let of = |kind: &str, state: submission::State| -> i32 {
            let of = counts.iter().filter(|count| count.report_kind == kind && count.state() == state);
            of.map(|count| count.count).sum()
        };
        use submission::State;
        assert_eq!(of("higher", State::Unspecified), 1, "the other college has not begun");
        assert_eq!(of("higher", State::Draft), 1);
        assert_eq!(of("secondary", State::Returned), 1);
        assert_eq!(of("enterprise", State::Unspecified), 70, "every enterprise is bound to a school");
        assert_eq!(of("district", State::Unspecified), 1);
        assert_eq!(counts.iter().map(|count| count.late).sum::<i32>(), 0, "nothing is due yet");
        let drafts = counts.iter().find(|count| count.state() == State::Draft).expect("one");
        assert_eq!((drafts.filled_cells, drafts.district.as_str()), (2, "东城区"));

        // By condition, district, state and search; each with its total.
        let everything = list(
            &commission,
            ListProgressRequest { filter: Some(filter(Condition::Unspecified)), ..Default::default() },
        )
        .await;
        assert_eq!(everything.total_size, 74);
        assert_eq!(everything.progress.len(), 74);
        let of = |filter: ProgressFilter| {
            let commission = commission.clone();
            async move {
                ids(&list(&commission, ListProgressRequest { filter: Some(filter), ..Default::default() })
                    .await)
            }
        };
        let mut idle = of(filter(Condition::NotBegun)).await;
        assert!(idle.contains(&pair("enterprise", ENTERPRISE)));
        idle.retain(|(kind, _)| kind != "enterprise");
        assert_eq!(idle, [pair("higher", OTHER_COLLEGE), pair("district", DISTRICT)]);
        let open = filter(Condition::Open);
        assert_eq!(of(ProgressFilter { report_kind: "higher".into(), ..open.clone() }).await.len(), 2);
        assert_eq!(of(ProgressFilter { district: "东城区".into(), ..open.clone() }).await.len(), 73);
        assert_eq!(of(ProgressFilter { district: "-".into(), ..open }).await, [pair("district", DISTRICT)]);
        let searched = ProgressFilter { search: "demo 41".into(), ..filter(Condition::Unspecified) };
        assert_eq!(of(searched).await.len(), 72, "two colleges, and the enterprises of one");
        let returned =
            ProgressFilter { states: vec![State::Returned.into()], ..filter(Condition::Unspecified) };
        assert_eq!(of(returned).await, [pair("secondary", SCHOOL)]);
        assert_eq!(of(filter(Condition::Late)).await, []);
        assert_eq!(of(filter(Condition::Idle)).await, []);

        // How full, and whose.
        let one =
            everything.progress.iter().find(|one| one.submission_id == handed_in.submission_id).unwrap();
        assert!(one.required_cells > 0 && one.filled_cells == one.required_cells, "{one:?}");
        assert!(one.written_sections >= one.required_sections && one.required_sections > 0, "{one:?}");
        assert_eq!(one.organisation_name.as_ref().unwrap().zh, format!("演示机构{SCHOOL}"));

        // A school asks in vain.
        let refused = world.school(COLLEGE).desk().count_progress(request).await.expect_err("not a school's");
        assert_eq!(refused.code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_in_every_order() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let first = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&first, &[("SC01", "1000")]).await;
        world.submitted(2025, "secondary", SCHOOL, "").await;
        let commission = world.commission();
        for order in [Order::Organisation, Order::District, Order::State, Order::Filled, Order::Update] {
            for descending in [false, true] {
                let request = |page_size: i32, page_token: String| ListProgressRequest {
                    filter: Some(filter(Condition::Unspecified)),
                    order: order.into(),
                    descending,
                    page_size,
                    page_token,
                };
                let whole = ids(&list(&commission, request(0, String::new())).await);
                assert_eq!(whole.len(), 74);
                let (mut walked, mut token) = (vec![], String::new());
                loop {
                    let page = list(&commission, request(20, token)).await;
                    assert_eq!(page.total_size, 74);
                    walked.extend(ids(&page));
                    token = page.next_page_token;
                    if token.is_empty() {
                        break;
                    }
                }
                assert_eq!(walked, whole, "{order:?} descending {descending}");
                let reversed = ListProgressRequest { descending: !descending, ..request(0, String::new()) };
                let mut reversed = ids(&list(&commission, reversed).await);
                reversed.reverse();
                assert_eq!(reversed, whole, "{order:?}");
            }
        }
        let by_state = ListProgressRequest {
            filter: Some(filter(Condition::Unspecified)),
            order: Order::State.into(),
            descending: true,
            ..Default::default()
        };
        let by_state = ids(&list(&commission, by_state).await);
        assert_eq!(by_state[..2], [pair("secondary", SCHOOL), pair("higher", COLLEGE)]);
        let wrong = ListProgressRequest {
            filter: Some(filter(Condition::Unspecified)),
            page_token: "eHh4".into(),
            ..Default::default()
        };
        let refused = commission.desk().list_progress(wrong).await.expect_err("no token of ours");
        assert_eq!(violations(&refused)[0].0, "page_token");
    })
    .await;
}

#[tokio::test]
async fn what_is_due_and_not_handed_in_is_late() {
    each(|world| async move {
        let due = Utc::now() + TimeDelta::days(1);
        world.collecting(2025, Some(timestamp(due))).await;
        world.create(2025, "higher", COLLEGE, "").await;
        world.test.ctx.db.clock().hold(due + TimeDelta::milliseconds(1));
        let late = ListProgressRequest { filter: Some(filter(Condition::Late)), ..Default::default() };
        let late = list(&world.commission(), late).await;
        assert_eq!(late.total_size, 74);
        assert!(late.progress.iter().all(|one| one.late));
    })
    .await;
}

#[tokio::test]
async fn the_list_is_a_file_that_says_the_same() {
    each(|world| async move {
        world.collecting(2025, None).await;
        world.create(2025, "higher", COLLEGE, "").await;
        for format in [FileFormat::Csv, FileFormat::Xlsx] {
            let request = ExportProgressRequest {
                filter: Some(filter(Condition::Open)),
                format: format.into(),
                ..Default::default()
            };
            let mut pieces = world.commission().desk().export_progress(request).await.unwrap().into_inner();
            let mut file = vec![];
            while let Some(piece) = pieces.message().await.expect("sent") {
                file.extend(piece.data);
            }
            let name = if format == FileFormat::Csv { "a.csv" } else { "a.xlsx" };
            let book = sheet::read(name, &file, &Limits::default()).expect("readable");
            let sheet = &book.sheets[0];
            assert_eq!(sheet.text(1, 1), "年报种类");
            assert_eq!(sheet.rows.len(), 75, "a heading and a row for each report");
            let states: Vec<&str> = (2..=75).map(|row| sheet.text(row, 7)).collect();
            assert_eq!(states.iter().filter(|state| **state == "未开始").count(), 73, "{states:?}");
            assert_eq!(states.iter().filter(|state| **state == "草稿").count(), 1, "{states:?}");
        }
        let nothing = ExportProgressRequest { filter: Some(filter(Condition::Open)), ..Default::default() };
        let refused = world.commission().desk().export_progress(nothing).await.expect_err("no format");
        assert_eq!(violations(&refused)[0].0, "format");
    })
    .await;
}

#[tokio::test]
async fn two_revisions_and_the_working_copy_are_compared() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let report = world.submitted(2025, "higher", COLLEGE, "").await;
        let request = |from_revision: i32, to_revision: i32| CompareRevisionsRequest {
            submission_id: report.submission_id.clone(),
            from_revision,
            to_revision,
        };
        let mut school = world.school(COLLEGE).desk();
        let same = school.compare_revisions(request(1, 0)).await.expect("compared").into_inner();
        assert_eq!(same.changes, []);
        assert!(same.unchanged_cells > 20 && same.unchanged_sections > 5, "{same:?}");

        world.send_back(&report, "请核对毕业生人数").await.expect("returned");
        world.put(&report, &[("SC01", "800"), ("SC02", "760")]).await;
        let section = world.sections(&report, 0).await.into_iter().find(|one| one.section_code == "talent");
        let section = section.expect("there");
        let body = PROSE.replace("稳步提高", "显著提高");
        world.write(&report, "talent", &body, &section.etag).await.expect("written");
        let case = Case {
            section_code: "talent".into(),
            title: "订单班".into(),
            body: "校企共建一个班。".into(),
            ..Default::default()
        };
        crate::cases::add(&world.school(COLLEGE), &report, case).await.expect("added");
        let changes = school.compare_revisions(request(1, 0)).await.expect("compared").into_inner().changes;
        let case = changes.iter().find(|change| change.kind() == change::Kind::Case).expect("new");
        assert_eq!(case.name.as_ref().unwrap().zh, "案例：订单班");
        assert_eq!((case.passages.len(), case.passages[0].kind()), (1, passage::Kind::Added));
        let of = |code: &str| changes.iter().find(|change| change.code == code).cloned();
        let graduates = of("SC01").expect("changed");
        assert_eq!((graduates.difference.as_str(), graduates.percent.as_str()), ("-200", "-20"));
        assert_eq!(graduates.old_value, number("1000"));
        assert_eq!(graduates.unit.unwrap().zh, "人");
        assert_eq!(of("SC04"), None, "760/800 is what 950/1000 was");
        let text = of("talent").expect("changed");
        assert_eq!(text.kind(), change::Kind::Section);
        let of_kind = |kind: passage::Kind| -> Vec<&str> {
            text.passages.iter().filter(|one| one.kind() == kind).map(|one| one.text.as_str()).collect()
        };
        assert_eq!(of_kind(passage::Kind::Removed), ["稳步"]);
        assert_eq!(of_kind(passage::Kind::Added), ["显著"]);
        // The other way round, signs turn.
        let back = school.compare_revisions(request(0, 1)).await.expect("compared").into_inner().changes;
        assert_eq!(back.iter().find(|change| change.code == "SC01").unwrap().difference, "200");

        let missing = school.compare_revisions(request(1, 7)).await.expect_err("there is no seventh");
        assert_eq!(missing.code(), Code::NotFound);
        let mut other = world.school(OTHER_COLLEGE).desk();
        let refused = other.compare_revisions(request(1, 0)).await.expect_err("not theirs");
        assert_eq!(refused.code(), Code::PermissionDenied);
    })
    .await;
}
