//! The register of programmes taken in from files and given out as files, and the names that checks compare with.

use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{CellFault, FileFormat, ImportHeader, ImportReport},
    submission::v1::{import_programme_file_request::Part, *},
};

use crate::harness::*;

async fn send(caller: &Clients, header: ImportHeader, file: &[u8]) -> Result<ImportReport, Status> {
    let mut parts = vec![ImportProgrammeFileRequest { part: Some(Part::Header(header)) }];
    parts.extend(
        file.chunks(1000).map(|chunk| ImportProgrammeFileRequest { part: Some(Part::Chunk(chunk.to_vec())) }),
    );
    let answer = caller.programme_registry().import_programme_file(futures::stream::iter(parts)).await?;
    Ok(answer.into_inner().report.expect("a report"))
}

fn header(dry_run: bool, file_name: &str) -> ImportHeader {
    ImportHeader { request_id: id(), dry_run, file_name: file_name.to_owned(), plan: String::new() }
}

async fn list(world: &World, request: ListProgrammesRequest) -> Vec<Programme> {
    let answer = world.test.ctx.clients.programmes().list_programmes(request).await.expect("a page");
    answer.into_inner().programmes
}

fn counts(report: &ImportReport) -> [i32; 4] {
    [report.created, report.updated, report.unchanged, report.refused]
}

fn places(faults: &[CellFault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{}{}", fault.column, fault.row)).collect()
}

const SOUND: &str = "专业名称,专业代码,学校代码,开设年份,专业群,备注,贯通年份,贯通计划人数,合作高校,合作高校专业,贯通序号,撤销年份\n\
    大数据技术应用,710205,3611000001,2019年,信息技术群,x,2025,60,演示大学,大数据管理与应用,1,\n\
    融媒体技术与运营,560213W,4111000001,２０２２,,y,,,,,,2025\n";

#[tokio::test]
async fn programmes_come_in_by_code_and_withdrawn_ones_stay_readable() {
    each(|world| async move {
        let commission = world.commission();
        let looked = send(&commission, header(true, "a.csv"), SOUND.as_bytes()).await.expect("looked at");
        assert_eq!(counts(&looked), [2, 0, 0, 0], "{:?}", looked.faults);
        assert_eq!(looked.unknown_headings, ["备注"]);
        assert!(list(&world, ListProgrammesRequest::default()).await.is_empty(), "a dry run changes nothing");
        let sure = ImportHeader { plan: looked.plan.clone(), ..header(false, "a.csv") };
        let taken = send(&commission, sure.clone(), SOUND.as_bytes()).await.expect("taken");
        assert!(taken.applied);
        assert_eq!(send(&commission, sure, SOUND.as_bytes()).await.expect("repeated"), taken);
        let again = send(&commission, header(false, "a.csv"), SOUND.as_bytes()).await.expect("taken");
        assert_eq!(counts(&again), [0, 0, 2, 0]);

        let all = list(&world, ListProgrammesRequest::default()).await;
        let told: Vec<_> = all
            .iter()
            .map(|one| (one.code.as_str(), one.opened_year, one.withdrawn_year, one.cluster.as_str()))
            .collect();
        assert_eq!(told, [("710205", 2019, 0, "信息技术群"), ("560213W", 2022, 2025, "")]);
        assert_eq!(all[0].pathway.as_ref().map(|pathway| pathway.places), Some(60));
        let running = ListProgrammesRequest { running_only: true, ..Default::default() };
        assert_eq!(list(&world, running).await.len(), 1);
        let request = GetProgrammeRequest { programme_id: all[1].programme_id.clone() };
        let read = world.test.ctx.clients.programmes().get_programme(request).await.expect("readable");
        assert_eq!(read.into_inner().programme.as_ref(), Some(&all[1]));
        let found = async |query: &str| {
            list(&world, ListProgrammesRequest { query: query.to_owned(), ..Default::default() }).await.len()
        };
        assert_eq!((found("213w").await, found("信息技术").await, found("没有").await), (1, 1, 0));

        // A column that is not there leaves things as they are; a dash takes them away.
        let change = "学校代码,专业代码,专业名称,专业群\n3611000001,710205,大数据技术应用,—\n";
        let looked = send(&commission, header(true, "a.csv"), change.as_bytes()).await.expect("looked at");
        let changes: Vec<_> = looked.rows[0]
            .changes
            .iter()
            .map(|change| (change.field.as_str(), change.old_value.as_str(), change.new_value.as_str()))
            .collect();
        assert_eq!(changes, [("cluster", "信息技术群", "")]);
    })
    .await;
}

#[tokio::test]
async fn a_bad_file_of_programmes_is_told_cell_by_cell() {
    each(|world| async move {
        let bad = "学校代码,专业代码,专业名称,层次,开设年份,撤销年份,贯通年份,贯通计划人数\n\
            4.111E+09,510202,甲,,2020,,,\n\
            4111000001,51020,乙,,2020,,,\n\
            4111000001,990202,丙,高职,2020,,,\n\
            4111000001,510202,丁,中职,2020,,,\n\
            4111000001,510203,戊,高职,前年,,,\n\
            4111000001,510204,,高职,,,,\n\
            4111000001,510205,庚,高职,2020,2019,,\n\
            4111009999,510206,辛,,2020,,,\n\
            9211000001,510206,壬,,2020,,,\n\
            4111000001,510207,癸,,2020,,2025,很多\n\
            4111000001,510208,子,,2020,,,\n\
            4111000001,510208,丑,,2021,,,\n";
        let commission = world.commission();
        let looked = send(&commission, header(true, "a.csv"), bad.as_bytes()).await.expect("looked at");
        assert_eq!(
            places(&looked.faults),
            ["A2", "B3", "B4", "D5", "E6", "C7", "E7", "F8", "A9", "A10", "H11", "B13"],
            "{:#?}",
            looked.faults
        );
        assert_eq!(counts(&looked), [1, 0, 0, 11]);
        let refused = send(&commission, header(false, "a.csv"), bad.as_bytes()).await.unwrap_err();
        assert_eq!(violations(&refused)[0].0, "A2");
        assert!(list(&world, ListProgrammesRequest::default()).await.is_empty(), "all or none");
        let school = world.school(COLLEGE);
        let refused = send(&school, header(true, "a.csv"), SOUND.as_bytes()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn the_register_of_programmes_goes_out_and_comes_in_unchanged() {
    each(|world| async move {
        let commission = world.commission();
        send(&commission, header(false, "a.csv"), SOUND.as_bytes()).await.expect("taken");
        for (name, format) in [("a.csv", FileFormat::Csv), ("a.xlsx", FileFormat::Xlsx)] {
            let request = ExportProgrammesRequest { format: format.into(), ..Default::default() };
            let answer = commission.programme_registry().export_programmes(request).await.expect("exported");
            let mut stream = answer.into_inner();
            let mut file = Vec::new();
            while let Some(piece) = stream.message().await.expect("whole") {
                file.extend(piece.chunk);
            }
            let report = send(&commission, header(true, name), &file).await.expect("readable");
            assert_eq!(counts(&report), [0, 0, 2, 0], "{name}: {:?} {:?}", report.faults, report.rows);
        }
    })
    .await;
}

#[tokio::test]
async fn a_report_that_uses_a_former_name_is_told_the_name_in_force() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, COLLEGE).await;
        let section = world.sections(&submission, 0).await.remove(0);
        let body = format!("{FORMER_NAME}坚持产教融合，办学成效明显。");
        world.write(&submission, &section.section_code, &body, &section.etag).await.expect("saved");
        let findings = world.check(&submission).await.findings;
        let former = findings.iter().find(|finding| finding.rule_code == "name.former").expect("it is told");
        let message = &former.message.as_ref().expect("in words").zh;
        assert!(message.contains(&format!("演示机构{COLLEGE}")), "{message}");
    })
    .await;
}
