//! A region's results from its closed cycles to the published release, through the services' own RPCs, on each database.

mod bundles;
mod collect;
mod edition;
mod embargo;
mod grade;
mod insight;
mod life;
mod printed;
mod region;

use tonic::{Code, Status};
use tonic_types::StatusExt;
use zhijian_platform::{Clients, testing};
use zhijian_proto::{
    common::v1::{Operation, operation},
    publication::v1::{
        CompileReleaseRequest, CreateReleaseRequest, GetReleaseRequest, GetTableRequest, ListReleasesRequest,
        ListTablesRequest, OpenNoticeRequest, PublishReleaseRequest, Release, Table, release::State,
    },
    submission::v1::{GetCycleRequest, cycle},
};

use crate::region::{Region, request_id, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_year_is_compiled_shown_and_published() {
    for test in testing::contexts().await {
        eprintln!("on {}", test.database);
        let mut region = Region::start(test).await;
        before_the_cycle_is_closed(&region).await;
        what_lacks_is_named(&region).await;
        the_tables_come_out_as_printed(&region).await;
        drafts_are_hidden(&region).await;
        edition::are_hidden(&region).await;
        insight::before_the_release(&region).await;
        the_notice_must_end_first(&region).await;
        publishing_reveals_everything(&mut region).await;
        edition::are_read_and_traced(&region).await;
        insight::after_the_release(&region).await;
        insight::a_changed_register_is_shown(&region).await;
        abandoned_work_is_taken_up_without_harm(&region).await;
        life::objections_are_answered_before_anything_is_published(&region).await;
        life::a_correction_is_a_version_beside_the_first(&region).await;
        bundles::a_release_is_taken_along_and_checked(&region).await;
        bundles::regions_are_rolled_up(&region).await;
        life::what_is_withdrawn_keeps_its_address(&region).await;
        life::early_looks_were_recorded(&region).await;
        region.stop().await;
    }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().expect("every error has a reason").reason
}

fn create(year: i32) -> CreateReleaseRequest {
    CreateReleaseRequest { request_id: request_id(), year, title: text(&format!("{year}年质量年报")) }
}

async fn get(clients: &Clients, year: i32) -> Result<Release, Status> {
    let response = clients.releases().get_release(GetReleaseRequest { year }).await?;
    Ok(response.into_inner().release.expect("there"))
}

async fn years(clients: &Clients) -> Vec<i32> {
    let page =
        clients.releases().list_releases(ListReleasesRequest::default()).await.expect("listed").into_inner();
    page.releases.into_iter().map(|release| release.year).collect()
}

async fn table(clients: &Clients, year: i32, number: &str) -> Result<Table, Status> {
    let request = GetTableRequest { year, number: number.to_owned(), ..GetTableRequest::default() };
    Ok(clients.tables().get_table(request).await?.into_inner().table.expect("there"))
}

fn tables_of(year: i32) -> ListTablesRequest {
    ListTablesRequest { year, ..ListTablesRequest::default() }
}

async fn compile(region: &Region, year: i32) -> Operation {
    let etag = get(&region.publisher, year).await.expect("there").etag;
    let request = CompileReleaseRequest { request_id: request_id(), year, etag };
    let operation =
        region.publisher.releases().compile_release(request).await.expect("queued").into_inner().operation;
    region.end_of(operation.expect("there")).await
}

/// No release of a year that still collects, or that has no cycle, or by somebody who may not.
async fn before_the_cycle_is_closed(region: &Region) {
    let mut releases = region.publisher.releases();
    let none = releases.create_release(create(2025)).await.expect_err("there is no cycle");
    assert_eq!(none.code(), Code::NotFound);

    let cycle = collect::open_cycle(region, 2024).await;
    collect::accept_reports(region, 2024).await;
    let open = releases.create_release(create(2024)).await.expect_err("the cycle collects");
    assert_eq!((open.code(), reason(&open).as_str()), (Code::FailedPrecondition, "ILLEGAL_STATE"));
    collect::close_cycle(region, cycle).await;

    let cycle = collect::open_cycle(region, 2025).await;
    // Looked at before and after: what was read of the year before does not stay.
    insight::has_reports(region, 0).await;
    collect::accept_reports(region, 2025).await;
    insight::has_reports(region, 2).await;
    collect::import_programmes(region, 40).await;
    collect::close_cycle(region, cycle).await;

    let unknown = releases.create_release(create(1999)).await.expect_err("no tables are defined");
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::InvalidArgument, "INVALID_FIELD"));
    let school = region.school(region::SCHOOLS[0].0);
    let refused =
        school.releases().create_release(create(2025)).await.expect_err("a school does not publish");
    assert_eq!(refused.code(), Code::PermissionDenied);

    let request = create(2025);
    let first = releases.create_release(request.clone()).await.expect("drafted").into_inner();
    let again = releases.create_release(request).await.expect("answered again").into_inner();
    assert_eq!(first, again);
    let draft = first.release.expect("there");
    assert_eq!(draft.state(), State::Draft);
    assert!(draft.demonstration);
    assert_eq!(draft.note.expect("the region's").zh, "机构均为虚构（演示）。");
    let second = releases.create_release(create(2025)).await.expect_err("there is one");
    assert_eq!(second.code(), Code::AlreadyExists);
}

/// Without rounds the compilation fails, and says which.
async fn what_lacks_is_named(region: &Region) {
    let failed = compile(region, 2025).await;
    assert_eq!(failed.state(), operation::State::Failed, "{failed:?}");
    for scheme in ["new-programme-monitoring", "pilot-monitoring"] {
        assert!(failed.note_zh.contains(scheme), "{}", failed.note_zh);
    }
    assert!(failed.note_zh.contains("表2-2") && failed.note_en.contains("Table 2-3"), "{failed:?}");
    let release = get(&region.publisher, 2025).await.expect("there");
    assert_eq!((release.state(), release.compile_operation_id), (State::Draft, failed.operation_id));
    let none = table(&region.publisher, 2025, "2-1").await.expect_err("nothing was kept");
    assert_eq!(none.code(), Code::NotFound);
}

async fn the_tables_come_out_as_printed(region: &Region) {
    grade::register_reviewers(region).await;
    for scheme in ["new-programme-monitoring", "pilot-monitoring"] {
        let round = grade::open_round(region, 2025, scheme).await;
        grade::finalise(region, &round).await;
    }
    let stale = CompileReleaseRequest { request_id: request_id(), year: 2025, etag: "v1".to_owned() };
    let stale = region.publisher.releases().compile_release(stale).await.expect_err("changed since");
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));

    let done = compile(region, 2025).await;
    assert_eq!(done.state(), operation::State::Succeeded, "{}", done.note_zh);
    assert!(done.total > 10 && done.done == done.total, "{done:?}");
    for number in ["2-1", "3-1", "3-2", "5-1", "6-1", "6-2"] {
        let table = table(&region.publisher, 2025, number).await.expect("compiled");
        assert_eq!(printed::read(&table.csv), printed::table(number), "table {number}");
        assert_eq!(table.rows.len(), printed::table(number).len() - 1);
    }
    let csv = async |number: &str| table(&region.publisher, 2025, number).await.expect("compiled").csv;
    let grades = csv("2-2").await;
    for line in
        ["A+,1,25.0%,A,1,25.0%", "B+,1,25.0%,B,2,50.0%", "C-,1,25.0%,C,1,25.0%", "合计,4,100%,合计,4,100%"]
    {
        assert!(grades.contains(&format!("\r\n{line}\r\n")), "{line} is not in {grades}");
    }
    let pilots = csv("2-3").await;
    for line in ["A+,1,33.33%,A,2,66.67%", "B,1,33.33%,B,1,33.33%", "合计,3,100%,合计,3,100%"] {
        assert!(pilots.contains(&format!("\r\n{line}\r\n")), "{line} is not in {pilots}");
    }
    assert!(!pilots.contains("C-"), "{pilots}");
    let textbooks = "序号,学校名称,入选数量(部)\r\n1,甲职业学院（演示）,3\r\n2,丙中等专业学校（演示）,2\r\n3,丁职业高中（演示）,1\r\n";
    assert_eq!(csv("2-4").await, textbooks);
    let pathways = printed::read(&csv("2-5").await);
    assert_eq!(pathways[0], printed::table("2-5")[0]);
    let first = ["1", "甲职业学院（演示）", "专业590202", "590202", "40", "戊大学（演示）", "信息安全"];
    assert_eq!((pathways.len(), &pathways[1][..]), (3, &first.map(str::to_owned)[..]));

    // Again, to the same tables.
    let before = table(&region.publisher, 2025, "2-1").await.expect("compiled");
    assert_eq!(compile(region, 2025).await.state(), operation::State::Succeeded);
    assert_eq!(table(&region.publisher, 2025, "2-1").await.expect("compiled"), before);
    the_first_year_stands_alone(region).await;
}

/// The release of 2024 has one row a table, and tables of its own.
async fn the_first_year_stands_alone(region: &Region) {
    region.publisher.releases().create_release(create(2024)).await.expect("drafted");
    let done = compile(region, 2024).await;
    assert_eq!(done.state(), operation::State::Succeeded, "{}", done.note_zh);
    let tables = region.publisher.tables().list_tables(tables_of(2024)).await.expect("listed");
    let tables = tables.into_inner().tables;
    assert_eq!(tables.iter().map(|table| table.number.as_str()).collect::<Vec<_>>(), ["3-1", "6-1", "6-2"]);
    assert!(
        tables.iter().all(|table| table.rows.is_empty() && table.csv.is_empty() && !table.columns.is_empty())
    );
    let csv = table(&region.publisher, 2024, "6-2").await.expect("compiled").csv;
    let lines = printed::table("6-2");
    assert_eq!(printed::read(&csv), [lines[0].clone(), lines[2].clone()]);
}

async fn drafts_are_hidden(region: &Region) {
    let school = region.school(region::SCHOOLS[0].0);
    for clients in [&region.anybody, &school] {
        assert_eq!(get(clients, 2025).await.expect_err("not public").code(), Code::NotFound);
        assert_eq!(table(clients, 2025, "2-1").await.expect_err("not public").code(), Code::NotFound);
        let tables = clients.tables().list_tables(tables_of(2025)).await.expect_err("not public");
        assert_eq!(tables.code(), Code::NotFound);
        assert_eq!(years(clients).await, Vec::<i32>::new());
    }
    for clients in [&region.publisher, &region.commission] {
        assert_eq!(get(clients, 2025).await.expect("seen").state(), State::Compiled);
        assert_eq!(years(clients).await, [2025, 2024]);
    }
}

async fn the_notice_must_end_first(region: &Region) {
    let mut releases = region.publisher.releases();
    let etag = get(&region.publisher, 2024).await.expect("there").etag;
    let early = PublishReleaseRequest { request_id: request_id(), year: 2024, etag: etag.clone() };
    let early = releases.publish_release(early).await.expect_err("there was no notice");
    assert_eq!((early.code(), reason(&early).as_str()), (Code::FailedPrecondition, "ILLEGAL_STATE"));
    let long =
        OpenNoticeRequest { request_id: request_id(), year: 2024, etag: etag.clone(), working_days: 61 };
    assert_eq!(releases.open_notice(long).await.expect_err("too long").code(), Code::InvalidArgument);

    let request = OpenNoticeRequest { request_id: request_id(), year: 2024, etag, working_days: 5 };
    let shown = releases.open_notice(request).await.expect("shown").into_inner().release.expect("there");
    assert_eq!(shown.state(), State::Notice);
    assert!(shown.notice_start < shown.notice_end, "{shown:?}");
    assert_eq!(get(&region.anybody, 2024).await.expect("public").etag, shown.etag);
    assert_eq!(years(&region.anybody).await, [2024]);

    let request = PublishReleaseRequest { request_id: request_id(), year: 2024, etag: shown.etag.clone() };
    let refused = releases.publish_release(request).await.expect_err("the notice runs");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    let compile = CompileReleaseRequest { request_id: request_id(), year: 2024, etag: shown.etag };
    let refused = releases.compile_release(compile).await.expect_err("the public has seen it");
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "ILLEGAL_STATE"));
    assert_eq!(cycle_state(region, 2024).await, cycle::State::Closed);
}

async fn cycle_state(region: &Region, year: i32) -> cycle::State {
    let cycle =
        region.anybody.cycles().get_cycle(GetCycleRequest { year }).await.expect("there").into_inner().cycle;
    cycle.expect("there").state()
}

async fn publishing_reveals_everything(region: &mut Region) {
    let mut releases = region.publisher.releases();
    let etag = get(&region.publisher, 2025).await.expect("there").etag;
    let request = OpenNoticeRequest { request_id: request_id(), year: 2025, etag, working_days: 0 };
    let shown = releases.open_notice(request).await.expect("shown").into_inner().release.expect("there");
    assert_eq!(shown.notice_start, shown.notice_end);

    let alone = PublishReleaseRequest { request_id: request_id(), year: 2025, etag: shown.etag.clone() };
    let alone = releases.publish_release(alone).await.expect_err("nobody has proposed it");
    assert_eq!((alone.code(), reason(&alone).as_str()), (Code::FailedPrecondition, "ILLEGAL_STATE"));
    let proposed = life::propose(&region.publisher, 2025).await.expect("ready");
    assert!(proposed.proposal.as_ref().is_some_and(|proposal| !proposal.account_id.is_empty()));
    assert!(get(&region.anybody, 2025).await.expect("public").proposal.is_none(), "staff alone see who");
    let request = PublishReleaseRequest { request_id: request_id(), year: 2025, etag: proposed.etag };
    let same = releases.publish_release(request.clone()).await.expect_err("the same person proposed it");
    assert_eq!((same.code(), reason(&same).as_str()), (Code::FailedPrecondition, "ILLEGAL_STATE"));
    assert!(same.message().contains("两个人"), "{same:?}");
    assert_eq!(cycle_state(region, 2025).await, cycle::State::Closed, "nothing was revealed");

    let request = PublishReleaseRequest { request_id: request_id(), ..request };
    embargo::holds_until_the_release_is_public(region, &request).await;
    let first =
        region.second.releases().publish_release(request.clone()).await.expect("published").into_inner();
    let again = region.second.releases().publish_release(request).await.expect("answered again").into_inner();
    assert_eq!(first, again);
    let published = first.release.expect("there");
    assert_eq!((published.state(), published.version), (State::Published, 1));
    assert!(published.publish_time.is_some());

    let public = table(&region.anybody, 2025, "2-1").await.expect("public");
    assert_eq!(public.content_hash.len(), 64);
    assert_eq!(years(&region.anybody).await, [2025, 2024]);
}

/// A worker that died before it could say how it ended leaves the operation to another.
async fn abandoned_work_is_taken_up_without_harm(region: &Region) {
    let release = get(&region.publisher, 2025).await.expect("there");
    let tables = table(&region.publisher, 2025, "2-1").await.expect("there");
    let queued = region.queue_again(&release.compile_operation_id).await;
    let ended = region.end_of(queued).await;
    assert_eq!(ended.state(), operation::State::Succeeded, "{}", ended.note_zh);
    assert_eq!(get(&region.publisher, 2025).await.expect("there"), release);
    assert_eq!(table(&region.publisher, 2025, "2-1").await.expect("there"), tables);
}
