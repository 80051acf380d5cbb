//! A report's cells as a file and back: templates, workbooks, CSV, JSON, and everything that can be wrong with them.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use tonic::{Code, Status};
use zhijian_documents::{
    Limits,
    sheet::{
        self, Range, Value as Content, Workbook,
        write::{Book, Look},
    },
};
use zhijian_proto::{common::v1::Value, submission::v1::*};

use crate::harness::*;

/// What is changed in a template before it is written again: (sheet, address) to text.
pub type Edits<'a> = BTreeMap<(&'a str, u32, u32), &'a str>;

impl World {
    pub async fn template(&self, submission: &Submission) -> Vec<u8> {
        let request = DownloadTemplateRequest { submission_id: submission.submission_id.clone() };
        let mut client = self.school(&submission.organisation_code).transfers();
        let mut parts = client.download_template(request).await.expect("a template").into_inner();
        let mut file = Vec::new();
        while let Some(part) = parts.next().await {
            file.extend(part.expect("a part").chunk);
        }
        file
    }

    pub async fn upload(
        &self,
        header: ImportHeader,
        code: &str,
        file: &[u8],
    ) -> Result<ImportResult, Status> {
        use upload_workbook_request::Part;
        let chunks = file.chunks(10_000).map(|chunk| Part::Chunk(chunk.to_vec()));
        let parts: Vec<_> = std::iter::once(Part::Header(header))
            .chain(chunks)
            .map(|part| UploadWorkbookRequest { part: Some(part) })
            .collect();
        let answer = self.school(code).transfers().upload_workbook(stream::iter(parts)).await?;
        Ok(answer.into_inner().result.expect("a result"))
    }

    pub async fn import(
        &self,
        header: ImportHeader,
        format: TransferFormat,
        file: &[u8],
    ) -> Result<ImportResult, Status> {
        use import_cells_request::Part;
        let parts = [Part::Header(header), Part::Format(format.into()), Part::Chunk(file.to_vec())];
        let parts: Vec<_> = parts.into_iter().map(|part| ImportCellsRequest { part: Some(part) }).collect();
        let answer = self.school(COLLEGE).transfers().import_cells(stream::iter(parts)).await?;
        Ok(answer.into_inner().result.expect("a result"))
    }

    pub async fn exported(&self, submission: &Submission, format: TransferFormat) -> Vec<u8> {
        let request =
            ExportCellsRequest { submission_id: submission.submission_id.clone(), format: format.into() };
        let mut parts =
            self.school(COLLEGE).transfers().export_cells(request).await.expect("exported").into_inner();
        let mut file = Vec::new();
        while let Some(part) = parts.next().await {
            file.extend(part.expect("a part").chunk);
        }
        file
    }
}

pub fn header(submission: &Submission, dry_run: bool) -> ImportHeader {
    ImportHeader {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        dry_run,
        ..Default::default()
    }
}

pub fn book(file: &[u8]) -> Workbook {
    sheet::read("template.xlsx", file, &Limits::default()).expect("a workbook")
}

/// Where an indicator's row is: sheet and row.
pub fn row_of(book: &Workbook, code: &str) -> (String, u32) {
    book.sheets
        .iter()
        .filter(|sheet| !sheet.hidden)
        .find_map(|sheet| {
            sheet.rows.iter().find(|row| row.text(1) == code).map(|row| (sheet.name.clone(), row.number))
        })
        .unwrap_or_else(|| panic!("{code} is in the template"))
}

/// The template as another program would save it: every cell as text, with changes; `rename` names sheets.
pub fn saved(book: &Workbook, edits: &Edits<'_>, rename: impl Fn(&str) -> String) -> Vec<u8> {
    let mut out = Book::new();
    for sheet in &book.sheets {
        let mut page = out.page(&rename(&sheet.name)).unwrap();
        for row in &sheet.rows {
            for cell in &row.cells {
                page.put(cell.row, cell.column, cell.text(), Look::PLAIN);
            }
        }
        for ((name, row, column), text) in edits.iter().filter(|((name, ..), _)| *name == sheet.name) {
            let _ = name;
            page.put(*row, *column, text, Look::PLAIN);
        }
        if sheet.hidden {
            page.hide();
        }
        page.done().unwrap();
    }
    out.finish().unwrap()
}

pub fn as_is(name: &str) -> String {
    name.to_owned()
}

fn shown(changes: &[CellChange]) -> Vec<(&str, Option<Value>, Option<Value>)> {
    changes
        .iter()
        .map(|change| {
            let value = |cell: &Option<Cell>| cell.as_ref().and_then(|cell| cell.value.clone());
            (change.indicator_code.as_str(), value(&change.stored), value(&change.given))
        })
        .collect()
}

#[tokio::test]
async fn a_template_comes_back_and_changes_only_what_was_changed_in_it() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&submission, &[("SC01", "1000"), ("SC02", "950"), ("BAS02", "900")]).await;
        let file = world.template(&submission).await;
        let template = book(&file);
        let untouched = world.upload(header(&submission, false), COLLEGE, &file).await.unwrap();
        assert!(
            !untouched.applied && untouched.changes.is_empty() && untouched.faults.is_empty(),
            "{untouched:?}"
        );
        assert!(untouched.rows_read > 100, "every indicator is in it: {}", untouched.rows_read);

        let at = |code: &str| row_of(&template, code);
        let (sc, sc01) = at("SC01");
        let (_, sc02) = at("SC02");
        let (_, sc03) = at("SC03");
        let (bas, bas02) = at("BAS02");
        let (res, res05) = at("RES05");
        let edits = Edits::from([
            ((sc.as_str(), sc01, 5), "１，１００"),
            ((sc.as_str(), sc02, 5), ""),
            ((sc.as_str(), sc03, 6), "不适用"),
            ((sc.as_str(), sc03, 7), "无升学"),
            ((bas.as_str(), bas02, 8), "=含校区"),
            ((res.as_str(), res05, 5), "12"),
        ]);
        // Sheets may be renamed: rows are found by code.
        let filled = saved(&template, &edits, |name| {
            if name.starts_with('_') { name.to_owned() } else { format!("我的{name}") }
        });
        let preview = world.upload(header(&submission, true), COLLEGE, &filled).await.unwrap();
        assert!(preview.faults.is_empty(), "{:?}", preview.faults);
        assert_eq!(
            shown(&preview.changes),
            [
                ("SC01", number("1000"), number("1100")),
                ("SC02", number("950"), None),
                ("SC03", None, not_applicable("无升学")),
                ("RES05", None, number("12")),
                ("BAS02", number("900"), number("900")),
            ]
        );
        assert_eq!(preview.changes[0].place, format!("我的{sc}!E{sc01}"));
        assert_eq!(
            world.cells(&submission, 0).await["SC01"].value,
            number("1000"),
            "a dry run changes nothing"
        );

        let apply = ImportHeader { etag: preview.submission.unwrap().etag, ..header(&submission, false) };
        let applied = world.upload(apply.clone(), COLLEGE, &filled).await.unwrap();
        assert!(applied.applied, "{applied:?}");
        assert!(applied.cells.iter().any(|cell| cell.derived), "derived cells changed with them");
        let cells = world.cells(&submission, 0).await;
        assert_eq!((&cells["SC01"].value, &cells["SC02"].value), (&number("1100"), &None));
        assert_eq!(cells["BAS02"].note, "=含校区", "a remark is a text, whatever it begins with");
        let again = world.upload(apply, COLLEGE, &filled).await.unwrap();
        assert_eq!(again, applied, "the same request is answered the same");
    })
    .await;
}

#[tokio::test]
async fn an_old_file_undoes_nobodys_work_and_conflicts_show_both_values() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&submission, &[("SC01", "1000"), ("SC02", "950"), ("SC03", "200")]).await;
        let template = book(&world.template(&submission).await);
        let preview_etag = world.get(&submission).await.etag;
        world.put(&submission, &[("SC01", "1001"), ("SC02", "951")]).await;
        let (sc, sc01) = row_of(&template, "SC01");
        let (_, sc03) = row_of(&template, "SC03");
        let edits = Edits::from([((sc.as_str(), sc01, 5), "999"), ((sc.as_str(), sc03, 5), "201")]);
        let file = saved(&template, &edits, as_is);
        let refused = world.upload(header(&submission, false), COLLEGE, &file).await.unwrap();
        assert!(!refused.applied);
        assert_eq!(shown(&refused.conflicts), [("SC01", number("1001"), number("999"))]);
        assert_eq!(
            shown(&refused.changes),
            [("SC03", number("200"), number("201"))],
            "SC02 was not touched in the file"
        );
        assert_eq!(world.cells(&submission, 0).await["SC03"].value, number("200"), "all or nothing");
        let stale = ImportHeader {
            etag: preview_etag,
            conflicts: ConflictChoice::Keep.into(),
            ..header(&submission, false)
        };
        let stale = world.upload(stale, COLLEGE, &file).await.unwrap();
        assert!(
            !stale.applied && stale.notices[0].message.as_ref().unwrap().zh.contains("预览之后"),
            "{stale:?}"
        );
        let keep = ImportHeader { conflicts: ConflictChoice::Keep.into(), ..header(&submission, false) };
        assert!(world.upload(keep, COLLEGE, &file).await.unwrap().applied);
        let cells = world.cells(&submission, 0).await;
        assert_eq!((&cells["SC01"].value, &cells["SC03"].value), (&number("1001"), &number("201")));
        let replace =
            ImportHeader { conflicts: ConflictChoice::Replace.into(), ..header(&submission, false) };
        assert!(world.upload(replace, COLLEGE, &file).await.unwrap().applied);
        assert_eq!(world.cells(&submission, 0).await["SC01"].value, number("999"));
        assert_eq!(world.cells(&submission, 0).await["SC02"].value, number("951"));
    })
    .await;
}

#[tokio::test]
async fn every_fault_names_sheet_and_cell_and_nothing_is_saved() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let template = book(&world.template(&submission).await);
        let cases = [
            ("SC01", "一百人", "不是数字"),
            ("SC02", "-3", "不能为负"),
            ("SC03", "1e400", "科学记数法"),
            ("BAS02", "1.5", "整数"),
            ("RES05", "12%", "%"),
            ("POL06", "1,23", "不是数字"),
        ];
        let places: Vec<(String, u32)> = cases.iter().map(|(code, ..)| row_of(&template, code)).collect();
        let mut edits = Edits::new();
        for ((sheet, row), (_, text, _)) in places.iter().zip(&cases) {
            edits.insert((sheet, *row, 5), text);
        }
        let (sc, sc05) = row_of(&template, "SC05");
        edits.insert((&sc, sc05 + 60, 1), "XX99");
        edits.insert((&sc, sc05 + 61, 1), "SC01");
        edits.insert((&sc, sc05 + 62, 5), "7");
        let result = world
            .upload(header(&submission, false), COLLEGE, &saved(&template, &edits, as_is))
            .await
            .unwrap();
        assert!(!result.applied);
        for ((sheet, row), (code, _, word)) in places.iter().zip(&cases) {
            let fault = result
                .faults
                .iter()
                .find(|fault| fault.indicator_code == *code && fault.place.contains("!E"));
            let fault = fault.unwrap_or_else(|| panic!("{code}: {:?}", result.faults));
            assert_eq!(fault.place, format!("{sheet}!E{row}"));
            assert!(fault.message.as_ref().unwrap().zh.contains(word), "{fault:?}");
        }
        let at = |place: String| {
            result.faults.iter().find(|fault| fault.place == place).expect("told").message.clone().unwrap().zh
        };
        assert!(at(format!("{sc}!A{}", sc05 + 60)).contains("XX99"));
        assert!(at(format!("{sc}!A{}", sc05 + 61)).contains("已经在"));
        assert!(at(format!("{sc}!E{}", sc05 + 62)).contains("没有指标代码"));
        assert_eq!(world.get(&submission).await.filled_cells, 0);
    })
    .await;
}

#[tokio::test]
async fn formulas_merged_cells_dates_and_percentages_are_told() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let template = book(&world.template(&submission).await);
        let hidden = template.sheets.iter().find(|sheet| sheet.hidden).expect("an identity");
        let mut out = Book::new();
        let mut page = out.page("任意名字").unwrap();
        for (column, text) in (1..).zip(["填报值", "备注", "代码"]) {
            page.put(1, column, text, Look::PLAIN);
        }
        for (row, code) in (2..).zip(["SC01", "SC02", "SC03", "SAT01", "BAS02"]) {
            page.put(row, 3, code, Look::PLAIN);
        }
        page.formula(2, 1, "40+2", "42", Look::PLAIN);
        page.formula(3, 1, "[other.xlsx]Sheet1!A1", "7", Look::PLAIN);
        page.merge(Range::new(4, 1, 4, 2), "5", Look::PLAIN);
        page.number(5, 1, "0.94", Look::PLAIN);
        page.number(6, 1, "1234.5", Look::PLAIN);
        page.done().unwrap();
        let mut page = out.page(&hidden.name).unwrap();
        for cell in hidden.rows.iter().flat_map(|row| &row.cells) {
            assert!(!matches!(cell.value, Content::Error(_)));
            page.put(cell.row, cell.column, cell.text(), Look::PLAIN);
        }
        page.hide().done().unwrap();
        let file = out.finish().unwrap();
        let result = world.upload(header(&submission, true), COLLEGE, &file).await.unwrap();
        let faults: Vec<(&str, &str)> =
            result.faults.iter().map(|fault| (fault.place.as_str(), fault.indicator_code.as_str())).collect();
        assert_eq!(
            faults,
            [("任意名字!A3", "SC02"), ("任意名字!A4", "SC03"), ("任意名字!A6", "BAS02")],
            "{result:?}"
        );
        let noticed: Vec<&str> = result.notices.iter().map(|notice| notice.indicator_code.as_str()).collect();
        assert_eq!(noticed, ["SC01", "SAT01"], "a formula's result, and a fraction that may be a percentage");
        assert_eq!(shown(&result.changes)[0], ("SC01", None, number("42")));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_refused_in_words() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let own = world.create(2025, "higher", COLLEGE, "").await;
        let other = world.create(2025, "higher", OTHER_COLLEGE, "").await;
        let enterprise = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let told = |result: ImportResult| {
            assert!(!result.applied);
            result.faults[0].message.clone().unwrap().zh
        };
        let theirs = world.template(&other).await;
        assert!(
            told(world.upload(header(&own, false), COLLEGE, &theirs).await.unwrap()).contains(OTHER_COLLEGE)
        );
        let another = world.template(&enterprise).await;
        assert!(
            told(world.upload(header(&own, false), COLLEGE, &another).await.unwrap()).contains("另一份年报")
        );
        world.collecting(2026, None).await;
        let next = world.create(2026, "higher", COLLEGE, "").await;
        let last_year = world.template(&own).await;
        assert!(
            told(world.upload(header(&next, false), COLLEGE, &last_year).await.unwrap())
                .contains("2025 年度的模板")
        );
        let mut plain = Book::new();
        plain.page("表").unwrap().put(1, 1, "数据", Look::PLAIN).done().unwrap();
        let plain = plain.finish().unwrap();
        assert!(
            told(world.upload(header(&own, false), COLLEGE, &plain).await.unwrap()).contains("不是本系统")
        );

        let refused = |status: Status| violations(&status)[0].clone();
        let cut = &last_year[..last_year.len() / 2];
        let (field, _) = refused(world.upload(header(&own, false), COLLEGE, cut).await.unwrap_err());
        assert_eq!(field, "file");
        let sized = ImportHeader { size: last_year.len() as i64, ..header(&own, false) };
        let (_, text) = refused(world.upload(sized, COLLEGE, cut).await.unwrap_err());
        assert!(text.contains("没有传完"), "{text}");
        let announced = ImportHeader { size: 200 << 20, ..header(&own, false) };
        let (_, text) = refused(world.upload(announced, COLLEGE, &[]).await.unwrap_err());
        assert!(text.contains("8 MB"), "{text}");
        let (_, text) =
            refused(world.upload(header(&own, false), COLLEGE, &vec![0; 9 << 20]).await.unwrap_err());
        assert!(text.contains("8 MB"), "{text}");
        let stranger = world.upload(header(&own, false), OTHER_COLLEGE, &last_year).await.unwrap_err();
        assert_eq!(stranger.code(), Code::PermissionDenied);
        world.close(2025).await;
        let late = world.upload(header(&own, true), COLLEGE, &last_year).await.unwrap_err();
        assert_eq!(late.code(), Code::FailedPrecondition);
    })
    .await;
}

#[tokio::test]
async fn csv_and_json_go_out_and_come_back() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&submission, &[("SC01", "1000"), ("SC02", "950")]).await;
        let etag = world.cells(&submission, 0).await["SC01"].etag.clone();
        let noted = Cell { note: "=HYPERLINK(\"x\")".into(), ..cell("SC01", number("1000"), &etag) };
        world.save(&submission, vec![noted]).await.unwrap();
        for format in [TransferFormat::Csv, TransferFormat::Json] {
            let file = world.exported(&submission, format).await;
            let text = String::from_utf8(file.clone()).unwrap();
            if format == TransferFormat::Csv {
                assert!(text.contains("'=HYPERLINK"), "what a spreadsheet program would run is guarded");
            }
            let same = world.import(header(&submission, false), format, &file).await.unwrap();
            assert!(
                same.faults.is_empty() && same.changes.is_empty() && same.conflicts.is_empty(),
                "{same:?}"
            );
        }
        let csv = "code;value;note\nSC01;1,010;\nSC03;=1+1;x\nNO01;1;\n";
        let result =
            world.import(header(&submission, false), TransferFormat::Csv, csv.as_bytes()).await.unwrap();
        let places: Vec<&str> = result.faults.iter().map(|fault| fault.place.as_str()).collect();
        assert_eq!(places, ["3", "4"], "{result:?}");
        let csv = "代码,填报值\nSC01,1010\nSC02,\n";
        let result =
            world.import(header(&submission, false), TransferFormat::Csv, csv.as_bytes()).await.unwrap();
        assert!(result.applied);
        assert_eq!(
            shown(&result.changes),
            [("SC01", number("1000"), number("1010"))],
            "an empty field says nothing"
        );
        let cells = world.cells(&submission, 0).await;
        assert_eq!(cells["SC01"].note, "=HYPERLINK(\"x\")", "no column of notes, no change of notes");
        let json = br#"{"cells": [{"code": "SC01", "value": 1e400}]}"#;
        let broken = world.import(header(&submission, false), TransferFormat::Json, json).await.unwrap();
        assert!(!broken.applied && broken.faults.len() == 1, "{broken:?}");
        let json =
            br#"{"cells": [{"code": "SC01", "value": 1020}, {"code": "SC02", "not_applicable": "x"}]}"#;
        let done = world.import(header(&submission, false), TransferFormat::Json, json).await.unwrap();
        assert_eq!(shown(&done.changes).len(), 2);
        assert_eq!(world.cells(&submission, 0).await["SC02"].value, not_applicable("x"));
    })
    .await;
}

/// A file as LibreOffice saves it again in another format; nothing where there is no LibreOffice.
pub fn converted(file: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
    let directory = tempfile::tempdir().expect("a directory");
    let source = directory.path().join(format!("file.{from}"));
    std::fs::write(&source, file).expect("written");
    let profile = format!("-env:UserInstallation=file://{}/profile", directory.path().display());
    let output = directory.path().join("out");
    let run = std::process::Command::new("soffice")
        .args(["--headless", &profile, "--convert-to", to, "--outdir"])
        .arg(&output)
        .arg(&source)
        .output();
    let Ok(run) = run else {
        assert!(
            std::env::var("ZHIJIAN_REQUIRE_LIBREOFFICE").is_err(),
            "LibreOffice is wanted and not installed"
        );
        return None;
    };
    assert!(run.status.success(), "{run:?}");
    Some(std::fs::read(output.join(format!("file.{to}"))).expect("LibreOffice wrote it"))
}

#[tokio::test]
async fn a_template_that_libreoffice_saved_is_taken() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&submission, &[("SC01", "1000"), ("SC02", "950")]).await;
        let original = world.template(&submission).await;
        let template = book(&original);
        let (sc, sc01) = row_of(&template, "SC01");
        let (_, sc03) = row_of(&template, "SC03");
        let edits = Edits::from([((sc.as_str(), sc01, 5), "１，００５"), ((sc.as_str(), sc03, 5), "94.00")]);
        let filled = saved(&template, &edits, as_is);
        // Through LibreOffice's own format and back, as somebody would who works there.
        for (file, changes) in [(&original, 0), (&filled, 2)] {
            let Some(own) = converted(file, "xlsx", "ods") else {
                eprintln!("NOT RUN with LibreOffice: there is no soffice on the PATH");
                return;
            };
            let back = converted(&own, "ods", "xlsx").expect("it was there just now");
            let result = world.upload(header(&submission, true), COLLEGE, &back).await.unwrap();
            assert!(result.faults.is_empty(), "{:?}", result.faults);
            assert!(result.rows_read > 100);
            assert_eq!(result.changes.len(), changes, "{:?}", result.changes);
            assert!(result.conflicts.is_empty());
            let hidden_gone =
                result.notices.iter().any(|notice| notice.message.as_ref().unwrap().zh.contains("隐藏页"));
            assert!(!hidden_gone, "the hidden sheet survives");
        }
    })
    .await;
}
