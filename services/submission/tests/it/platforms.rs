//! What a platform holds of a school, loaded and compared with its report.

use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{CellFault, FileFormat, ImportHeader, ImportReport},
    submission::v1::{import_platform_file_request::Part, *},
};

use crate::{checks::finding, harness::*};

fn header(dry_run: bool, platform: Platform) -> PlatformHeader {
    PlatformHeader {
        header: Some(ImportHeader {
            request_id: id(),
            dry_run,
            file_name: "演示平台.csv".to_owned(),
            plan: String::new(),
        }),
        cycle_year: 2025,
        platform: platform.into(),
    }
}

async fn send(caller: &Clients, header: PlatformHeader, file: &str) -> Result<ImportReport, Status> {
    let chunks = file.as_bytes().chunks(100).map(|chunk| Part::Chunk(chunk.to_vec()));
    let parts = std::iter::once(Part::Header(header)).chain(chunks);
    let messages: Vec<_> = parts.map(|part| ImportPlatformFileRequest { part: Some(part) }).collect();
    let answer = caller.platforms().import_platform_file(futures::stream::iter(messages)).await?;
    Ok(answer.into_inner().report.expect("a report"))
}

fn places(faults: &[CellFault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{}{}", fault.column, fault.row)).collect()
}

async fn held(caller: &Clients) -> Vec<(String, String, String)> {
    let request = ListPlatformValuesRequest { cycle_year: 2025, ..Default::default() };
    let values = caller.platforms().list_platform_values(request).await.expect("listed").into_inner().values;
    values.into_iter().map(|one| (one.organisation_code, one.indicator_code, one.value)).collect()
}

const SNAPSHOT: &str = "学校代码,指标代码,平台数值,口径,统计日期\n\
    4111000001,POL06,100,,2025-09-30\n\
    4111000001,BAS02,950,全校,2025/9/30\n\
    4111000001,BAS03,\"1,234\",含附属学院,2025年9月30日\n\
    4111000002,POL06,５０,,2025-09-30\n";

#[tokio::test]
async fn what_a_platform_holds_is_loaded_and_compared() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let commission = world.commission();
        let looked =
            send(&commission, header(true, Platform::StatusData), SNAPSHOT).await.expect("looked at");
        assert_eq!((looked.created, looked.faults.len()), (4, 0), "{:?}", looked.faults);
        assert!(held(&commission).await.is_empty(), "a dry run changes nothing");
        let sure = header(false, Platform::StatusData);
        let taken = send(&commission, sure.clone(), SNAPSHOT).await.expect("taken");
        assert!(taken.applied);
        assert_eq!(send(&commission, sure, SNAPSHOT).await.expect("repeated"), taken);
        let again = send(&commission, header(false, Platform::StatusData), SNAPSHOT).await.expect("taken");
        assert_eq!((again.created, again.updated, again.unchanged), (0, 0, 4));
        assert_eq!(held(&commission).await.len(), 4);
        let own = held(&world.school(OTHER_COLLEGE)).await;
        assert_eq!(own, [(OTHER_COLLEGE.to_owned(), "POL06".to_owned(), "50".to_owned())]);
        let not_theirs = send(&world.school(COLLEGE), header(true, Platform::StatusData), SNAPSHOT).await;
        assert_eq!(not_theirs.unwrap_err().code(), Code::PermissionDenied);
        let loads =
            commission.platforms().list_platform_loads(ListPlatformLoadsRequest { cycle_year: 2025 }).await;
        let loads = loads.expect("listed").into_inner().loads;
        assert_eq!((loads.len(), loads[0].created, loads[0].platform()), (1, 4, Platform::StatusData));

        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.fill(&submission).await;
        let found: Vec<(String, String)> = world
            .check(&submission)
            .await
            .findings
            .into_iter()
            .filter(|finding| finding.stage() == RuleStage::Platform)
            .map(|finding| (finding.finding_id, finding.computation))
            .collect();
        let expected = [("V11:BAS02", "|900 − 950| = 50 > 0.005"), ("V11-SCOPE:BAS03", "10 ≠ 1234; 0 < 4")];
        assert_eq!(found, expected.map(|(id, numbers)| (id.to_owned(), numbers.to_owned())));
        let differs = finding(&world, &submission, "V11:BAS02").await.expect("found");
        let message = differs.message.expect("a message").zh;
        assert!(message.contains("950") && message.contains("2025-09-30"), "{message}");
        world.put(&submission, &[("BAS02", "950")]).await;
        let current = world.cells(&submission, 0).await;
        let noted = Cell {
            note: "不含附属学院".to_owned(),
            ..cell("BAS03", number("10"), &current["BAS03"].etag)
        };
        world.save(&submission, vec![noted]).await.unwrap();
        for settled in ["V11:BAS02", "V11-SCOPE:BAS03"] {
            assert!(finding(&world, &submission, settled).await.is_none(), "{settled}");
        }

        let request = ExportPlatformValuesRequest {
            cycle_year: 2025,
            platform: Platform::StatusData.into(),
            format: FileFormat::Csv.into(),
            template: false,
        };
        let mut stream =
            commission.platforms().export_platform_values(request).await.expect("a file").into_inner();
        let mut file = Vec::new();
        while let Some(piece) = stream.message().await.expect("whole") {
            file.extend(piece.chunk);
        }
        let file = String::from_utf8(file).expect("UTF-8");
        assert!(file.contains("含附属学院") && file.lines().count() == 5, "{file}");
        let back = send(&commission, header(true, Platform::StatusData), &file).await.expect("read");
        assert_eq!((back.unchanged, back.faults.len()), (4, 0), "what is handed out can be brought back");
    })
    .await;
}

#[tokio::test]
async fn faults_of_a_snapshot_name_row_and_column() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let commission = world.commission();
        let file = "学校代码,指标代码,平台数值,口径,统计日期\n\
            4111999999,POL06,100,,2025-09-30\n\
            3611000001,POL06,100,,2025-09-30\n\
            4111000001,XX01,100,,2025-09-30\n\
            4111000001,SAT01M,100,,2025-09-30\n\
            4111000001,SVC18,1,,2025-09-30\n\
            4111000001,POL06,一百,,2025-09-30\n\
            4111000001,BAS02,90.5,,2025-09-30\n\
            4111000001,BAS01,90,,2025-02-30\n\
            4111000001,BAS03,90,,2025-09-30\n\
            4111000001,BAS03,91,,2025-09-30\n";
        let looked = send(&commission, header(true, Platform::StatusData), file).await.expect("looked at");
        assert_eq!(
            places(&looked.faults),
            ["A2", "A3", "B4", "B5", "B6", "C7", "C8", "E9", "B11"],
            "{:?}",
            looked.faults
        );
        let refused = send(&commission, header(false, Platform::StatusData), file).await.unwrap_err();
        assert_eq!(violations(&refused).len(), 9);
        assert!(held(&commission).await.is_empty(), "all or nothing");
        let nowhere =
            PlatformHeader { platform: Platform::Unspecified.into(), ..header(true, Platform::StatusData) };
        assert_eq!(violations(&send(&commission, nowhere, file).await.unwrap_err())[0].0, "platform");
        let never = PlatformHeader { cycle_year: 2031, ..header(true, Platform::StatusData) };
        assert_eq!(send(&commission, never, file).await.unwrap_err().code(), Code::NotFound);
    })
    .await;
}
