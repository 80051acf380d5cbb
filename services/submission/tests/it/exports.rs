//! Everything of a year as one file.

use tonic::Code;
use zhijian_documents::{Limits, sheet};
use zhijian_proto::{common::v1::operation, submission::v1::*};

use crate::harness::*;

async fn finished(world: &World, export_id: &str) -> Export {
    let look = async || {
        let request = GetExportRequest { export_id: export_id.to_owned() };
        let export = world.commission().desk().get_export(request).await.expect("read").into_inner();
        let export = export.export.expect("an export");
        match export.operation.as_ref().map(|operation| operation.state()) {
            Some(operation::State::Succeeded) => Some(export),
            Some(operation::State::Failed) => panic!("{:?}", export.operation),
            _ => None,
        }
    };
    world.test.until("the end of the export", look).await
}

async fn download(world: &World, export_id: &str) -> Vec<u8> {
    let request = DownloadExportRequest { export_id: export_id.to_owned() };
    let mut pieces = world.commission().desk().download_export(request).await.expect("sent").into_inner();
    let mut file = vec![];
    while let Some(piece) = pieces.message().await.expect("sent") {
        file.extend(piece.data);
    }
    file
}

#[tokio::test]
async fn everything_of_a_year_is_one_file() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let draft = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&draft, &[("SC01", "1000")]).await;
        world.write(&draft, "talent", "=HYPERLINK(\"http://evil.example\")", "").await.expect("written");
        let handed_in = world.submitted(2025, "secondary", SCHOOL, "").await;
        let work = world.test.ctx.operations.clone().work_until(world.test.ctx.shutdown.clone());
        let worker = tokio::spawn(work);

        let mut desk = world.commission().desk();
        let request = |format: FileFormat| StartExportRequest {
            request_id: id(),
            cycle_year: 2025,
            format: format.into(),
        };
        let asked = request(FileFormat::Xlsx);
        let export = desk.start_export(asked.clone()).await.unwrap().into_inner().export.unwrap();
        let again = desk.start_export(asked).await.unwrap().into_inner().export.unwrap();
        assert_eq!(again.export_id, export.export_id, "a repeated request is one export");
        let export = finished(&world, &export.export_id).await;
        let file = download(&world, &export.export_id).await;
        assert_eq!(file.len() as i64, export.size);
        let book = sheet::read(&export.file_name, &file, &Limits::default()).expect("readable");
        let names: Vec<&str> = book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
        assert_eq!(names[..3], ["状态", "回执", "指标（长表）"]);
        assert_eq!(names.last(), Some(&"章节"));
        let of = |name: &str| book.sheet(name).expect("there");
        assert_eq!(of("状态").rows.len(), 3);
        assert_eq!((of("回执").rows.len(), of("回执").text(2, 1)), (2, handed_in.submission_id.as_str()));
        let long = of("指标（长表）");
        assert_eq!(long.rows.len() as i64, export.cells + 1, "the file and its count agree");
        assert_eq!(export.submissions, 2);
        let row = long.rows.iter().find(|row| row.text(1) == draft.submission_id).expect("the draft's cell");
        assert_eq!((row.text(8), row.text(11), row.text(7)), ("SC01", "1000", "填报中的内容"));
        let frozen = long.rows.iter().find(|row| row.text(1) == handed_in.submission_id).expect("cells");
        assert_eq!(frozen.text(7), "第 1 版");
        let texts = of("章节");
        let guarded = texts.rows.iter().find(|row| row.text(1) == draft.submission_id).expect("the text");
        assert!(guarded.text(11).ends_with("=HYPERLINK(\"http://evil.example\")"));
        assert!(guarded.cells.iter().all(|cell| cell.formula.is_none()), "a text is never a formula");

        let export = desk.start_export(request(FileFormat::Csv)).await.unwrap().into_inner().export.unwrap();
        let export = finished(&world, &export.export_id).await;
        assert!(export.file_name.ends_with(".zip"), "{}", export.file_name);
        let file = download(&world, &export.export_id).await;
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(file)).expect("a ZIP");
        let mut text = String::new();
        std::io::Read::read_to_string(&mut zip.by_name("章节.csv").expect("there"), &mut text).unwrap();
        assert!(text.contains("'=HYPERLINK"), "{text}");

        let listed = ListExportsRequest { cycle_year: 2025, ..Default::default() };
        let listed = desk.list_exports(listed).await.unwrap().into_inner().exports;
        assert_eq!(listed.len(), 2);
        let request = GetExportRequest { export_id: export.export_id };
        let refused = world.school(COLLEGE).desk().get_export(request).await.expect_err("not a school's");
        assert_eq!(refused.code(), Code::PermissionDenied);
        worker.abort();
    })
    .await;
}
