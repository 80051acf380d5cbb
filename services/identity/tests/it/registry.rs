//! The register taken in from files and given out as files.

use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{CellFault, FileFormat, ImportHeader, ImportReport, import_row::Outcome},
    identity::v1::{
        ExportOrganisationsRequest, GetOrganisationRequest, ImportOrganisationsRequest,
        ListOrganisationsRequest, Organisation, import_organisations_request::Part,
    },
};

use crate::support::{COMMISSION, Identity, SCHOOL, fields, refused, request_id};

const OTHER: &str = "3611000002";

/// Sends a file as `name`, in small pieces.
async fn send(caller: &Clients, header: ImportHeader, file: &[u8]) -> Result<ImportReport, Status> {
    let mut parts = vec![ImportOrganisationsRequest { part: Some(Part::Header(header)) }];
    parts.extend(
        file.chunks(700_000)
            .map(|chunk| ImportOrganisationsRequest { part: Some(Part::Chunk(chunk.to_vec())) }),
    );
    let answer = caller.registry().import_organisations(futures::stream::iter(parts)).await?;
    Ok(answer.into_inner().report.expect("a report"))
}

async fn dry(identity: &Identity, csv: &str) -> ImportReport {
    let header = ImportHeader { dry_run: true, file_name: "学校.csv".into(), ..ImportHeader::default() };
    send(&identity.commission(), header, csv.as_bytes()).await.expect("a dry run answers its faults")
}

async fn import(identity: &Identity, name: &str, csv: &str) -> Result<ImportReport, Status> {
    let header = ImportHeader {
        request_id: request_id(name),
        file_name: "学校.csv".into(),
        ..ImportHeader::default()
    };
    send(&identity.commission(), header, csv.as_bytes()).await
}

async fn read(identity: &Identity, code: &str) -> Organisation {
    let request = GetOrganisationRequest { code: code.to_owned(), ..Default::default() };
    let answer = identity.anybody().organisations().get_organisation(request).await.expect("registered");
    answer.into_inner().organisation.expect("given")
}

async fn codes(identity: &Identity) -> Vec<String> {
    let request = ListOrganisationsRequest { page_size: 1000, ..Default::default() };
    let answer = identity.anybody().organisations().list_organisations(request).await.expect("listed");
    answer.into_inner().organisations.into_iter().map(|organisation| organisation.code).collect()
}

fn counts(report: &ImportReport) -> [i32; 4] {
    [report.created, report.updated, report.unchanged, report.refused]
}

fn places(faults: &[CellFault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{}{}", fault.column, fault.row)).collect()
}

fn problem(fault: &CellFault) -> &str {
    fault.problem.as_ref().map_or("", |problem| problem.zh.as_str())
}

const THREE: &str = "\u{feff}备注,名称,机构代码,类别,所在区,上级机构代码,建校年份,曾用名,社会信用代码\r\n\
    一期,演示第一职业学校,3611000001,职高,云川区,9111000001,1985年,演示技校（至1999-08）,\r\n\
    ,演示云川区教育委员会,9111000001,区教委,云川区,9011000001,,,\r\n\
    ,演示精工科技有限公司,9211000001,企业,,3611000001,,,91350100M000100Y43\r\n";

#[tokio::test]
async fn a_file_is_looked_at_first_and_then_taken_whole() {
    for identity in Identity::each_set_up().await {
        let looked = dry(&identity, THREE).await;
        assert_eq!(counts(&looked), [3, 0, 0, 0], "{:?}", looked.faults);
        assert!(!looked.applied && !looked.plan.is_empty());
        assert_eq!(looked.unknown_headings, ["备注"]);
        assert_eq!(codes(&identity).await, [COMMISSION], "a dry run changes nothing");

        let taken = import(&identity, "first", THREE).await.expect("taken");
        assert!(taken.applied);
        assert_eq!((counts(&taken), &taken.plan), ([3, 0, 0, 0], &looked.plan));
        let again = import(&identity, "first", THREE).await.expect("repeated");
        assert_eq!(again, taken, "the same request again answers the same");
        let school = read(&identity, SCHOOL).await;
        assert_eq!(school.name.as_ref().expect("named").zh, "演示第一职业学校");
        assert_eq!((school.founding_date.as_str(), school.former_names.len()), ("1985", 1));
        assert_eq!(
            read(&identity, "9211000001").await.level,
            school.level,
            "an enterprise is of its school's level"
        );
        let same = import(&identity, "second", THREE).await.expect("nothing to do");
        assert_eq!(counts(&same), [0, 0, 3, 0]);
        assert_eq!(read(&identity, SCHOOL).await, school);

        let site =
            "机构代码,名称,类别,网址,所在区\n3611000001,演示第一职业学校,职业高中,https://a.example,—\n";
        let looked = dry(&identity, site).await;
        let change = &looked.rows[0].changes;
        let told: Vec<_> = change
            .iter()
            .map(|change| (change.field.as_str(), change.old_value.as_str(), change.new_value.as_str()))
            .collect();
        assert_eq!(told, [("district", "云川区", ""), ("website", "", "https://a.example")]);
        // What was looked at must still be what would be done.
        let header = |request: &str, plan: &str| ImportHeader {
            request_id: request_id(request),
            file_name: "a.csv".into(),
            plan: plan.to_owned(),
            ..ImportHeader::default()
        };
        let commission = identity.commission();
        let stale = send(&commission, header("stale", &same.plan), site.as_bytes()).await;
        refused(stale, Code::Aborted, "ETAG_MISMATCH");
        let sure = send(&commission, header("sure", &looked.plan), site.as_bytes()).await.expect("taken");
        assert_eq!(counts(&sure), [0, 1, 0, 0]);
        let updated = read(&identity, SCHOOL).await;
        assert_eq!((updated.website.as_str(), updated.district.as_str()), ("https://a.example", ""));
        assert_eq!(
            updated.former_names, school.former_names,
            "columns that are not there leave things as they are"
        );
    }
}

#[tokio::test]
async fn matching_is_by_code_and_never_by_name() {
    for identity in Identity::each_set_up().await {
        let two = "机构代码,名称,类别\n3611000001,演示科技职业学院,职高\n3611000002,演示科技职业大学,职高\n";
        import(&identity, "two", two).await.expect("two schools of similar names");

        // The second takes the name of the first: two schools still, and a notice.
        let renamed = "机构代码,名称,英文名称,类别,更名日期\n3611000002,演示科技职业学院,,职高,2024-09-01\n";
        let looked = dry(&identity, renamed).await;
        assert_eq!(counts(&looked), [0, 1, 0, 0], "{:?}", looked.faults);
        assert!(looked.rows[0].notices[0].zh.contains("3611000001 的现名"), "{:?}", looked.rows[0].notices);
        import(&identity, "renamed", renamed).await.expect("renamed");
        let school = read(&identity, OTHER).await;
        assert_eq!(school.former_names[0].name.as_ref().expect("named").zh, "演示科技职业大学");
        assert_eq!(school.former_names[0].to_date, "2024-08-31");
        assert_eq!(read(&identity, SCHOOL).await.former_names, []);

        // A name that differs without a word is more likely a wrong code.
        let wrong = "机构代码,名称,类别\n3611000001,演示城建职业学校,职高\n";
        let looked = dry(&identity, wrong).await;
        assert_eq!(places(&looked.faults), ["B2"]);
        assert!(problem(&looked.faults[0]).contains("演示科技职业学院"), "{:?}", looked.faults);
        let slip = "机构代码,名称,类别,更名日期\n3611000001,演示科技职业技术学院,职高,更正\n";
        import(&identity, "slip", slip).await.expect("corrected");
        assert_eq!(read(&identity, SCHOOL).await.former_names, []);
        // The file itself may tell the old name.
        let told =
            "机构代码,名称,类别,曾用名\n3611000001,演示理工学院,职高,演示科技职业技术学院（2001至2023）\n";
        import(&identity, "told", told).await.expect("renamed");
        let school = read(&identity, SCHOOL).await;
        assert_eq!((school.former_names.len(), school.former_names[0].to_date.as_str()), (1, "2023"));
    }
}

#[tokio::test]
async fn a_bad_file_is_told_cell_by_cell_and_changes_nothing() {
    for identity in Identity::each_set_up().await {
        let bad = "机构代码,名称,类别,所在区,上级机构代码,建校日期,信用代码,网址,并入机构代码,并入日期\n\
            4.111E+09,甲,职高,,,,,,,\n\
            361100000,乙,职高,,,,,,,\n\
            3711000001,丙,职高,,,,,,,\n\
            4111000001,丁,职高,,,,,,,\n\
            3611000001,,职高,,,去年,,,,\n\
            3611000003,己,幼儿园,,,,,,,\n\
            9211000001,庚,企业,,,,91350100M000100Y44,www.a.cn,,\n\
            9211000002,辛,企业,,,,,,,\n\
            3611000004,壬,职高,,,,,,3611999999,2020\n\
            3611000005,癸,职高,,,,,,,2020\n\
            3611000006,子,职高,,,,,,,\n\
            3611000006,丑,职高,,,,,,,\n\
            3611000007,寅,职高,,,,,,,\n\
            3611000008,卯,职高,,9111999999,,,,,\n";
        let looked = dry(&identity, bad).await;
        assert_eq!(
            places(&looked.faults),
            ["A2", "A3", "A4", "A5", "B6", "F6", "C7", "G8", "H8", "G9", "I10", "I11", "A13", "E15"],
            "{:#?}",
            looked.faults
        );
        assert_eq!(counts(&looked), [2, 0, 0, 12]);
        assert!(problem(&looked.faults[0]).contains("科学计数法"));
        assert!(problem(&looked.faults[1]).contains("前面的 0"));
        assert!(problem(&looked.faults[12]).contains("第 12 行"));
        assert_eq!(looked.faults[5].value, "去年");
        assert_eq!(looked.faults[5].heading, "建校日期");
        let outcome = looked.rows.iter().find(|row| row.row == 14).map(|row| row.outcome());
        assert_eq!(outcome, Some(Outcome::Created), "the sound rows are told, too");

        let status = import(&identity, "bad", bad).await;
        let status = refused(status, Code::InvalidArgument, "INVALID_FIELD");
        assert_eq!(fields(&status)[..3], ["A2", "A3", "A4"]);
        assert_eq!(codes(&identity).await, [COMMISSION], "all or none");

        let nothing = dry(&identity, "甲,乙\n1,2\n").await;
        assert!(problem(&nothing.faults[0]).contains("没有找到标题行"));
        let circle = "机构代码,名称,类别,上级机构代码,信用代码\n3611000001,甲,职高,9211000001,\n\
            9211000001,乙,企业,3611000001,91350100M000100Y43\n";
        assert_eq!(places(&dry(&identity, circle).await.faults), ["D2", "D3"]);
        let header = ImportHeader { dry_run: true, file_name: "a.xlsx".into(), ..ImportHeader::default() };
        let status = send(&identity.commission(), header, b"PK\x03\x04 not a workbook").await;
        refused(status, Code::InvalidArgument, "INVALID_FIELD");
        let school = identity.test.as_account("acc_school", &[("school", SCHOOL)]);
        let header = ImportHeader { dry_run: true, file_name: "a.csv".into(), ..ImportHeader::default() };
        refused(send(&school, header, THREE.as_bytes()).await, Code::PermissionDenied, "NOT_ALLOWED");
    }
}

async fn export(identity: &Identity, format: FileFormat, template: bool) -> Vec<u8> {
    let request = ExportOrganisationsRequest { format: format.into(), template, kinds: vec![] };
    let answer = identity.anybody().registry().export_organisations(request).await.expect("exported");
    let mut stream = answer.into_inner();
    let mut file = Vec::new();
    while let Some(piece) = stream.message().await.expect("whole") {
        file.extend(piece.chunk);
    }
    file
}

#[tokio::test]
async fn what_is_given_out_is_taken_in_unchanged() {
    for identity in Identity::each_set_up().await {
        import(&identity, "three", THREE).await.expect("taken");
        for (name, format) in [("a.csv", FileFormat::Csv), ("a.xlsx", FileFormat::Xlsx)] {
            let file = export(&identity, format, false).await;
            let header = ImportHeader { dry_run: true, file_name: name.into(), ..ImportHeader::default() };
            let report = send(&identity.commission(), header, &file).await.expect("readable");
            assert_eq!(counts(&report), [0, 0, 4, 0], "{name}: {:?} {:?}", report.faults, report.rows);
            let template = export(&identity, format, true).await;
            let header = ImportHeader { dry_run: true, file_name: name.into(), ..ImportHeader::default() };
            let report = send(&identity.commission(), header, &template).await.expect("readable");
            assert!(problem(&report.faults[0]).contains("没有数据"), "{name}: {:?}", report.faults);
        }
    }
}

#[tokio::test]
async fn twenty_thousand_rows_go_through_in_one_piece() {
    for identity in Identity::each_set_up().await {
        let file = |rows: u32| {
            let row =
                |number| format!("36110{number:05},演示第{number}学校,中专,演示{number}技校（至1999）\n");
            format!("机构代码,名称,类别,曾用名\n{}", (1..=rows).map(row).collect::<String>())
        };
        let report = import(&identity, "many", &file(20_000)).await.expect("taken");
        assert_eq!(
            (counts(&report), report.rows.len(), report.rows_left_out),
            ([20_000, 0, 0, 0], 2000, 18_000)
        );
        let looked = dry(&identity, &file(20_000)).await;
        assert_eq!(counts(&looked), [0, 0, 20_000, 0]);
        assert!(problem(&dry(&identity, &file(20_001)).await.faults[0]).contains("20001"));
    }
}
