//! What people and programs get wrong: each gets a clear answer, on every way in, and loses nothing.

mod course;
mod uploads;

use futures::{StreamExt, stream};
use zhijian_documents::sheet::{
    Value as Content,
    write::{Book, Look},
};
use zhijian_proto::submission::v1::{bulk_save_cells_request, *};

use crate::{
    harness::*,
    transfers::file::{Edits, as_is, book, header, row_of, saved},
};

/// What is typed, and what becomes of it: the number that is kept, or a part of what is said.
const TYPED: &[(&str, &str, Result<&str, &str>)] = &[
    ("SC01", "９，７９７", Ok("9797")),
    ("SC01", "  1,234,567 ", Ok("1234567")),
    ("SC01", "0012", Ok("12")),
    ("SC01", "0", Ok("0")),
    ("SC01", "12.0", Ok("12")),
    ("SC01", "1.2万", Ok("12000")),
    ("SC01", "12,34", Err("不是数字")),
    ("SC01", "1,2345", Err("不是数字")),
    ("SC01", "约三百", Err("不是数字")),
    ("SC01", "十二", Err("不是数字")),
    ("SC01", "-3", Err("不能为负")),
    ("SC01", "－３", Err("不能为负")),
    ("SC01", "12.5", Err("整数")),
    ("SC01", "12%", Err("%")),
    ("SC01", "1e400", Err("科学记数法")),
    ("SC01", "1E5", Err("科学记数法")),
    ("SC01", "=1+1", Err("不是数字")),
    ("SC01", "99999999999999999999999999999", Err("28")),
    ("SAT01", "94.26%", Ok("94.26")),
    ("SAT01", "９４．２６％", Ok("94.26")),
    ("SAT01", "94.260", Ok("94.26")),
    ("SAT01", "94.268", Err("小数最多 2 位")),
    ("SVC06", "-4767.70", Ok("-4767.7")),
    ("SVC06", "12%", Err("%")),
    ("SVC06", "NaN", Err("")),
    ("SVC06", "inf", Err("")),
    ("SVC06", "0x10", Err("")),
    ("SVC06", "1/2", Err("")),
];

/// What a way in made of a text: whether it took it, and what it said if not.
type Verdict = Result<(), String>;

/// Each way in, as a function of the report, the code and the text.
async fn by_cell(world: &World, submission: &Submission, code: &str, text: &str) -> Verdict {
    let etag = world.cells(submission, 0).await[code].etag.clone();
    let saved = world.save(submission, vec![cell(code, number(text), &etag)]).await;
    saved.map(drop).map_err(|status| violations(&status)[0].1.clone())
}

async fn by_workbook(world: &World, submission: &Submission, code: &str, text: &str) -> Verdict {
    let template = book(&world.template(submission).await);
    let (sheet, row) = row_of(&template, code);
    let file = saved(&template, &Edits::from([((sheet.as_str(), row, 5), text)]), as_is);
    let code = &submission.organisation_code;
    told(world.upload(header(submission, false), code, &file).await.expect("read"))
}

async fn by_csv(world: &World, submission: &Submission, code: &str, text: &str) -> Verdict {
    let csv = format!("code,value\n{code},\"{text}\"\n");
    told(world.import(header(submission, false), TransferFormat::Csv, csv.as_bytes()).await.expect("read"))
}

async fn by_bulk(world: &World, submission: &Submission, code: &str, text: &str) -> Verdict {
    let rows = vec![bulk_rows(0, submission, vec![cell(code, number(text), "")])];
    let answers = bulk(world, &id(), rows).await;
    match answers.into_iter().flat_map(|answer| answer.refusals).next() {
        None => Ok(()),
        Some(refusal) => Err(refusal.message.expect("words").zh),
    }
}

fn told(result: ImportResult) -> Verdict {
    match result.faults.first() {
        None => Ok(()),
        Some(fault) => Err(fault.message.clone().expect("words").zh),
    }
}

fn bulk_rows(first_row: i64, submission: &Submission, cells: Vec<Cell>) -> BulkRows {
    let submission_id = submission.submission_id.clone();
    BulkRows { first_row, reports: vec![BulkReport { submission_id, cells, ..Default::default() }] }
}

/// Sends rows, overwriting, and collects what is answered.
async fn bulk(world: &World, session_id: &str, rows: Vec<BulkRows>) -> Vec<BulkSaveCellsResponse> {
    use bulk_save_cells_request::Part;
    let header = BulkHeader {
        session_id: session_id.to_owned(),
        cycle_year: 2025,
        overwrite: true,
        ..Default::default()
    };
    let parts = std::iter::once(Part::Header(header)).chain(rows.into_iter().map(Part::Rows));
    let messages: Vec<_> = parts.map(|part| BulkSaveCellsRequest { part: Some(part) }).collect();
    let mut client = world.school(COLLEGE).transfers();
    let answers = client.bulk_save_cells(stream::iter(messages)).await.expect("a stream").into_inner();
    answers.map(|answer| answer.expect("an answer")).collect().await
}

#[tokio::test]
async fn every_way_in_reads_a_number_alike_and_guesses_nothing() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        for (code, text, wanted) in TYPED {
            for way in 0..4 {
                let before = if *text == "0" { "1" } else { "7" };
                world.put(&submission, &[(*code, before)]).await;
                let verdict = match way {
                    0 => by_cell(&world, &submission, code, text).await,
                    1 => by_workbook(&world, &submission, code, text).await,
                    2 => by_csv(&world, &submission, code, text).await,
                    _ => by_bulk(&world, &submission, code, text).await,
                };
                let kept = world.cells(&submission, 0).await[*code].value.clone();
                let place = format!("{code} {text:?}, way {way}: {verdict:?}");
                match wanted {
                    Ok(value) => {
                        assert_eq!((&verdict, kept), (&Ok(()), number(value)), "{place}");
                    }
                    Err(word) => {
                        let said = verdict.expect_err(&place);
                        assert!(!said.is_empty() && said.contains(word), "{place}");
                        assert_eq!(kept, number(before), "what was there stays: {place}");
                    }
                }
            }
        }
        let unknown = world.save(&submission, vec![cell("XX99", number("1"), "")]).await.unwrap_err();
        assert_eq!(violations(&unknown)[0].0, "cells[0].indicator_code");
        assert!(by_csv(&world, &submission, "XX99", "1").await.unwrap_err().contains("XX99"));
        assert!(!by_bulk(&world, &submission, "XX99", "1").await.unwrap_err().is_empty());
    })
    .await;
}

#[tokio::test]
async fn numbers_that_a_workbook_holds_as_numbers_are_read_exactly_or_told() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let template = book(&world.template(&submission).await);
        let hidden = template.sheets.iter().find(|sheet| sheet.hidden).expect("an identity");
        let mut out = Book::new();
        let mut page = out.page("数").unwrap();
        for (column, text) in (1..).zip(["代码", "填报值"]) {
            page.put(1, column, text, Look::PLAIN);
        }
        let cells =
            [("SC01", "1E400"), ("SC02", "950"), ("SVC06", "4767.7"), ("SC03", "-0"), ("BAS02", "1E3")];
        for (row, (code, decimal)) in (2..).zip(cells) {
            page.put(row, 1, code, Look::PLAIN).number(row, 2, decimal, Look::PLAIN);
        }
        page.done().unwrap();
        let mut page = out.page(&hidden.name).unwrap();
        for cell in hidden.rows.iter().flat_map(|row| &row.cells) {
            assert!(!matches!(cell.value, Content::Error(_)));
            page.put(cell.row, cell.column, cell.text(), Look::PLAIN);
        }
        page.hide().done().unwrap();
        let result = world.upload(header(&submission, true), COLLEGE, &out.finish().unwrap()).await.unwrap();
        let faults: Vec<&str> = result.faults.iter().map(|fault| fault.place.as_str()).collect();
        assert_eq!(faults, ["数!B2", "数!B6"], "{result:?}");
        let said = |at: usize| result.faults[at].message.clone().expect("words").zh;
        assert!(said(0).contains("科学记数法") && said(1).contains("科学记数法"));
        let given = |code: &str| {
            let change = result.changes.iter().find(|change| change.indicator_code == code);
            change.and_then(|change| change.given.clone()).and_then(|cell| cell.value)
        };
        assert_eq!((given("SC02"), given("SVC06")), (number("950"), number("4767.7")));
        assert_eq!(given("SC03"), number("0"), "minus nothing is nothing");
    })
    .await;
}
