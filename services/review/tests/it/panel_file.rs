//! The panel comes in and goes out as files.

use futures::stream;
use tonic::Code;
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{FileFormat, ImportHeader, ImportReport},
    review::v1::{import_reviewers_request::Part, *},
};

use crate::world::*;

async fn import(
    caller: &Clients,
    header: ImportHeader,
    file: &[u8],
) -> std::result::Result<ImportReport, tonic::Status> {
    let mut parts = vec![ImportReviewersRequest { part: Some(Part::Header(header)) }];
    parts.extend(
        file.chunks(100).map(|chunk| ImportReviewersRequest { part: Some(Part::Chunk(chunk.to_vec())) }),
    );
    let answer = caller.panel().import_reviewers(stream::iter(parts)).await?;
    Ok(answer.into_inner().report.expect("a report"))
}

fn header(dry_run: bool, plan: &str) -> ImportHeader {
    ImportHeader { request_id: request_id(), dry_run, file_name: "专家.csv".into(), plan: plan.into() }
}

async fn export(caller: &Clients, format: FileFormat, template: bool) -> Vec<u8> {
    let request = ExportReviewersRequest { format: format.into(), template };
    let mut stream = ok(caller.panel().export_reviewers(request).await);
    let mut file = vec![];
    while let Some(piece) = stream.message().await.expect("a piece") {
        file.extend(piece.chunk);
    }
    file
}

#[tokio::test]
async fn a_panel_is_looked_at_taken_and_given_back() {
    in_each_world(2, 2, async |world| {
        let zhang = world.account("zhang", &body(0)).await;
        world.account("lili", &body(1)).await;
        let file = format!(
            "登录名,姓名,单位代码,熟悉的专业类,每轮评审上限,过往单位,组长登记的关系\n\
             zhang,张演示,{},71、5102,12,{}（2023-08）,亲属 {}\nlili,,{},71,8,,\n",
            body(0),
            school(0),
            school(1),
            body(1)
        );
        let outlook = import(&world.chair, header(true, ""), file.as_bytes()).await.expect("looked at");
        assert_eq!((outlook.created, outlook.faults.len(), outlook.applied), (2, 0, false));
        let listed = || async {
            let request = ListReviewersRequest::default();
            ok(world.chair.reviewers().list_reviewers(request).await).reviewers
        };
        assert!(listed().await.is_empty(), "a dry run changes nothing");

        let wrong = import(&world.chair, header(false, "another plan"), file.as_bytes()).await;
        assert_eq!(wrong.expect_err("another plan").code(), Code::Aborted);
        let asked = header(false, &outlook.plan);
        let done = import(&world.chair, asked.clone(), file.as_bytes()).await.expect("taken");
        assert!(done.applied);
        let again = import(&world.chair, asked, file.as_bytes()).await.expect("safe to repeat");
        assert_eq!(again, done);
        let panel = listed().await;
        assert_eq!(panel.len(), 2);
        let one = panel.iter().find(|one| one.account_id == zhang).expect("entered");
        assert_eq!((one.name.as_str(), one.max_load), ("张演示", 12));
        assert_eq!(one.expertise, ["5102", "71"]);
        assert_eq!(one.past_employers, [left(&school(0), "2023-08")]);
        let request = ListRelationsRequest { reviewer_account_id: zhang.clone() };
        let relations = ok(world.chair.relations().list_relations(request).await).relations;
        assert_eq!((relations.len(), relations[0].by_self), (1, false));

        for format in [FileFormat::Csv, FileFormat::Xlsx] {
            let file = export(&world.chair, format, false).await;
            let ending = if format == FileFormat::Csv { "csv" } else { "xlsx" };
            let header = || ImportHeader { file_name: format!("专家.{ending}"), ..header(true, "") };
            let again = import(&world.chair, header(), &file).await.expect("read again");
            assert_eq!(
                (again.unchanged, again.created + again.updated + again.refused),
                (2, 0),
                "{format:?}"
            );
            let template = export(&world.chair, format, true).await;
            let empty = import(&world.chair, header(), &template).await.expect("read");
            assert!(empty.faults[0].problem.as_ref().expect("told").zh.contains("没有数据"));
        }

        let bad = format!("登录名,单位代码,每轮评审上限\nnobody,{},5\nlili,3611099999,0\n", body(0));
        let told = import(&world.chair, header(true, ""), bad.as_bytes()).await.expect("looked at");
        let cells: Vec<_> = told.faults.iter().map(|fault| (fault.row, fault.column.as_str())).collect();
        assert_eq!(cells, [(2, "A"), (3, "B"), (3, "C")]);
        let refusal = import(&world.chair, header(false, ""), bad.as_bytes()).await.expect_err("refused");
        assert_eq!(violations(&refusal).keys().collect::<Vec<_>>(), ["A2", "B3", "C3"]);

        let school = world.as_school(&school(0));
        let refusal = import(&school, header(true, ""), file.as_bytes()).await.expect_err("refused");
        assert_eq!(refusal.code(), Code::PermissionDenied);
    })
    .await;
}
