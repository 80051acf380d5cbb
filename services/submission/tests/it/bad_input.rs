//! What people and programs get wrong: each gets a clear answer, on every way in, and loses nothing.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, StreamExt, stream};
use tonic::{Code, Status};
use zhijian_documents::sheet::{
    Value as Content,
    write::{Book, Look},
};
use zhijian_platform::time::timestamp;
use zhijian_proto::{
    common::v1::{Value, value::Kind},
    submission::v1::{
        attachment::Purpose, bulk_refusal::Reason, bulk_save_cells_request, import_cells_request,
        upload_attachment_request, upload_workbook_request, *,
    },
};

use crate::{
    attachments, files,
    harness::*,
    transfers::{Edits, as_is, book, header, row_of, saved},
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

#[tokio::test]
async fn rows_and_columns_may_move_and_what_lost_its_code_is_told() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&submission, &[("SC01", "1000"), ("SC02", "950")]).await;
        let template = book(&world.template(&submission).await);
        let (name, _) = row_of(&template, "SC01");
        // The rows upside down, an empty column in front, one row gone, and a number that slid out of its row.
        let mut out = Book::new();
        let mut slid = 0;
        for sheet in &template.sheets {
            let mut page = out.page(&sheet.name).unwrap();
            let first = sheet.rows.iter().position(|row| row.text(1) == "SC01");
            for (at, row) in sheet.rows.iter().enumerate() {
                if row.text(1) == "SC02" {
                    continue;
                }
                let turned = match first {
                    Some(first) if sheet.name == name && at >= first => 200 - row.number,
                    _ => row.number,
                };
                let right = u32::from(sheet.name == name);
                for cell in &row.cells {
                    let text = match (row.text(1), cell.column) {
                        ("SC01", 5) => "1100",
                        _ => cell.text(),
                    };
                    page.put(turned, cell.column + right, text, Look::PLAIN);
                }
            }
            if sheet.name == name {
                slid = 210;
                page.put(slid, 6, "42", Look::PLAIN);
            }
            if sheet.hidden {
                page.hide();
            }
            page.done().unwrap();
        }
        let file = out.finish().unwrap();
        let result = world.upload(header(&submission, true), COLLEGE, &file).await.unwrap();
        let faults: Vec<&str> = result.faults.iter().map(|fault| fault.place.as_str()).collect();
        assert_eq!(faults, [format!("{name}!F{slid}")], "{result:?}");
        let changes: Vec<&str> = result.changes.iter().map(|change| change.indicator_code.as_str()).collect();
        assert_eq!(changes, ["SC01"], "a row that is not there says nothing about its cell");
        assert_eq!(world.cells(&submission, 0).await["SC02"].value, number("950"));
    })
    .await;
}

/// A stream of `first` and then 200 MiB in chunks of 64 KiB, made as they are taken; counts the bytes taken.
fn endless<T: Send + 'static>(
    first: Vec<T>,
    chunk: impl Fn(Vec<u8>) -> T + Send + Sync + 'static,
    taken: Arc<AtomicU64>,
) -> impl futures::Stream<Item = T> + Send + 'static {
    const CHUNK: usize = 64 << 10;
    let chunks = (0..(200 << 20) / CHUNK).map(move |_| {
        taken.fetch_add(CHUNK as u64, Ordering::Relaxed);
        chunk(vec![b'P'; CHUNK])
    });
    stream::iter(first.into_iter().chain(chunks))
}

#[tokio::test]
async fn a_file_of_200_mib_that_does_not_say_so_is_refused_long_before_its_end() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let before = world.get(&submission).await;
        let school = world.school(COLLEGE);
        let refused = |status: Status, taken: &AtomicU64, most: u64| {
            let said = violations(&status)[0].1.clone();
            assert!(said.contains("MB"), "{said}");
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken <= most, "{taken} bytes were taken before it was refused");
        };
        let taken = Arc::new(AtomicU64::new(0));
        let part = |part| UploadWorkbookRequest { part: Some(part) };
        let stream = endless(
            vec![part(upload_workbook_request::Part::Header(header(&submission, false)))],
            move |chunk| part(upload_workbook_request::Part::Chunk(chunk)),
            taken.clone(),
        );
        let status = school.transfers().upload_workbook(stream).await.unwrap_err();
        refused(status, &taken, 64 << 20);

        let taken = Arc::new(AtomicU64::new(0));
        let part = |part| ImportCellsRequest { part: Some(part) };
        let stream = endless(
            vec![
                part(import_cells_request::Part::Header(header(&submission, false))),
                part(import_cells_request::Part::Format(TransferFormat::Csv.into())),
            ],
            move |chunk| part(import_cells_request::Part::Chunk(chunk)),
            taken.clone(),
        );
        let status = school.transfers().import_cells(stream).await.unwrap_err();
        refused(status, &taken, 64 << 20);

        // It says that it is small, and goes on.
        let taken = Arc::new(AtomicU64::new(0));
        let part = |part| UploadAttachmentRequest { part: Some(part) };
        let small = attachments::header(&submission, Purpose::Picture, "a.png", &files::png());
        let stream = endless(
            vec![part(upload_attachment_request::Part::Header(small))],
            move |chunk| part(upload_attachment_request::Part::Chunk(chunk)),
            taken.clone(),
        );
        let status = school.attachments().upload_attachment(stream).await.unwrap_err();
        assert_eq!(violations(&status)[0].0, "size", "{status:?}");
        assert!(taken.load(Ordering::Relaxed) <= 64 << 20);
        assert_eq!(world.get(&submission).await, before);
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing_and_can_be_sent_again() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let template = book(&world.template(&submission).await);
        let (sheet, row) = row_of(&template, "SC01");
        let file = saved(&template, &Edits::from([((sheet.as_str(), row, 5), "1234")]), as_is);
        let whole = ImportHeader { size: file.len() as i64, ..header(&submission, false) };
        // The line goes dead after half of it: the caller gives up.
        let part = |part| UploadWorkbookRequest { part: Some(part) };
        let half = vec![
            part(upload_workbook_request::Part::Header(whole.clone())),
            part(upload_workbook_request::Part::Chunk(file[..file.len() / 2].to_vec())),
        ];
        let dead = stream::iter(half).chain(stream::pending());
        let mut client = world.school(COLLEGE).transfers();
        let mut call = Box::pin(client.upload_workbook(dead));
        for _ in 0..50 {
            assert!((&mut call).now_or_never().is_none(), "there is more to come");
            tokio::task::yield_now().await;
        }
        drop(call);
        assert_eq!(world.get(&submission).await.filled_cells, 0);
        let sent = world.upload(whole.clone(), COLLEGE, &file).await.expect("the same request, whole");
        assert!(sent.applied, "{sent:?}");
        assert_eq!(world.cells(&submission, 0).await["SC01"].value, number("1234"));
        assert_eq!(world.upload(whole, COLLEGE, &file).await.expect("answered"), sent);
    })
    .await;
}

#[tokio::test]
async fn a_request_that_comes_again_with_something_else_in_it_is_refused_and_not_dropped() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let request = |value: &str| SaveCellsRequest {
            request_id: "0198f3a2-7f00-7000-8000-000000000001".into(),
            submission_id: submission.submission_id.clone(),
            cells: vec![cell("SC01", number(value), "")],
        };
        let mut client = world.school(COLLEGE).submissions();
        let first = client.save_cells(request("5")).await.expect("saved").into_inner();
        let again = client.save_cells(request("5")).await.expect("answered").into_inner();
        assert_eq!(again, first);
        let other = client.save_cells(request("6")).await.expect_err("not the same request");
        assert_eq!(other.code(), Code::InvalidArgument, "{other:?}");
        assert!(other.message().contains("request_id"), "{other:?}");
        assert_eq!(world.cells(&submission, 0).await["SC01"].value, number("5"));
        // So it is with files.
        let named = ImportHeader { request_id: id(), ..header(&submission, false) };
        let csv = |value: &str| format!("code,value\nSC02,{value}\n");
        let first =
            world.import(named.clone(), TransferFormat::Csv, csv("3").as_bytes()).await.expect("taken");
        assert!(first.applied);
        let other = world.import(named, TransferFormat::Csv, csv("4").as_bytes()).await;
        let other = other.expect_err("not the same request");
        assert!(other.message().contains("request_id"), "{other:?}");
        assert_eq!(world.cells(&submission, 0).await["SC02"].value, number("3"));
    })
    .await;
}

#[tokio::test]
async fn of_two_tabs_neither_loses_what_was_typed() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&submission, &[("SC01", "100")]).await;
        // Both tabs were opened at the same time and show the same.
        let shown = world.cells(&submission, 0).await["SC01"].etag.clone();
        let sections = world.sections(&submission, 0).await;
        let talent = sections.iter().find(|one| one.section_code == "talent").expect("there").clone();
        world.save(&submission, vec![cell("SC01", number("101"), &shown)]).await.expect("the first tab");
        let second = world.save(&submission, vec![cell("SC01", number("102"), &shown)]).await.unwrap_err();
        assert_eq!((second.code(), reason(&second).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
        let now = world.cells(&submission, 0).await["SC01"].clone();
        assert_eq!(now.value, number("101"), "the answer to the second tab can be shown beside this");
        world.save(&submission, vec![cell("SC01", number("102"), &now.etag)]).await.expect("knowingly");

        world.write(&submission, "talent", "第一页写的。", &talent.etag).await.expect("the first tab");
        let second = world.write(&submission, "talent", "第二页写的。", &talent.etag).await.unwrap_err();
        assert_eq!(reason(&second), "ETAG_MISMATCH");
        let sections = world.sections(&submission, 0).await;
        let now = sections.iter().find(|one| one.section_code == "talent").expect("there");
        assert_eq!(now.body, "第一页写的。");
        // Other cells of the same report are nobody's conflict.
        world.save(&submission, vec![cell("SC02", number("9"), "")]).await.expect("another cell");
    })
    .await;
}

fn due() -> DateTime<Utc> {
    "2026-11-30T09:00:00Z".parse().expect("a moment")
}

/// Gives the college more time.
async fn extend(world: &World, until: DateTime<Utc>) {
    let request = RequestExtensionRequest {
        request_id: id(),
        cycle_year: 2025,
        organisation_code: COLLEGE.into(),
        reason: "校区停电".into(),
        wanted_time: Some(timestamp(until)),
    };
    let asked = world.school(COLLEGE).extensions().request_extension(request).await.expect("asked");
    let asked = asked.into_inner().extension.expect("an extension");
    let grant = GrantExtensionRequest {
        request_id: id(),
        extension_id: asked.extension_id,
        etag: asked.etag,
        granted_time: Some(timestamp(until)),
        decision: String::new(),
    };
    world.commission().extensions().grant_extension(grant).await.expect("granted");
}

#[tokio::test]
async fn a_deadline_that_passes_between_preview_and_apply_keeps_the_file_good_for_later() {
    each(|world| async move {
        let clock = world.test.ctx.db.clock();
        clock.hold(due() - TimeDelta::hours(1));
        world.collecting(2025, Some(timestamp(due()))).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let template = book(&world.template(&submission).await);
        let (sheet, row) = row_of(&template, "SC01");
        let file = saved(&template, &Edits::from([((sheet.as_str(), row, 5), "1234")]), as_is);
        let preview = world.upload(header(&submission, true), COLLEGE, &file).await.expect("previewed");
        let etag = preview.submission.expect("a submission").etag;
        clock.hold(due() + TimeDelta::milliseconds(1));
        let apply = ImportHeader { etag: etag.clone(), ..header(&submission, false) };
        let late = world.upload(apply.clone(), COLLEGE, &file).await.expect_err("too late");
        let said = preconditions(&late);
        assert_eq!(said[0].0, "cycle.due_time");
        assert!(said[0].1.contains("2026年11月30日 17:00"), "{said:?}");
        assert_eq!(world.cells(&submission, 0).await["SC01"].value, None);
        extend(&world, due() + TimeDelta::days(2)).await;
        let applied = world.upload(ImportHeader { request_id: id(), ..apply }, COLLEGE, &file).await;
        let applied = applied.expect("in time again");
        assert!(applied.applied, "{applied:?}");
        assert_eq!(world.cells(&submission, 0).await["SC01"].value, number("1234"));
    })
    .await;
}

#[tokio::test]
async fn a_deadline_that_passes_in_the_middle_of_a_stream_parts_its_rows() {
    use bulk_save_cells_request::Part;
    each(|world| async move {
        let clock = world.test.ctx.db.clock();
        clock.hold(due() - TimeDelta::hours(1));
        world.collecting(2025, Some(timestamp(due()))).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let session_id = id();
        let header = BulkHeader { session_id: session_id.clone(), cycle_year: 2025, ..Default::default() };
        let (messages, receiver) = futures::channel::mpsc::unbounded();
        let send = |part| {
            messages.unbounded_send(BulkSaveCellsRequest { part: Some(part) }).expect("the call is open");
        };
        send(Part::Header(header));
        send(Part::Rows(bulk_rows(0, &submission, vec![cell("SC01", number("1"), "")])));
        let mut client = world.school(COLLEGE).transfers();
        let mut answers = client.bulk_save_cells(receiver).await.expect("a stream").into_inner();
        let mut next_row = 0;
        while next_row < 1 {
            next_row = answers.next().await.expect("an answer").expect("sound").next_row;
        }
        clock.hold(due() + TimeDelta::milliseconds(1));
        send(Part::Rows(bulk_rows(1, &submission, vec![cell("SC02", number("2"), "")])));
        let mut refusals = vec![];
        while next_row < 2 {
            let answer = answers.next().await.expect("an answer").expect("sound");
            next_row = answer.next_row;
            refusals.extend(answer.refusals);
        }
        assert_eq!((refusals.len(), refusals[0].reason()), (1, Reason::NotEditable), "{refusals:?}");
        let said = refusals[0].message.clone().expect("words").zh;
        assert!(said.contains("2026年11月30日 17:00"), "{said}");
        drop(messages);
        assert!(answers.next().await.is_none_or(|last| last.is_ok()));
        let cells = world.cells(&submission, 0).await;
        assert_eq!((&cells["SC01"].value, &cells["SC02"].value), (&number("1"), &None));
        extend(&world, due() + TimeDelta::days(2)).await;
        let again =
            bulk(&world, &id(), vec![bulk_rows(0, &submission, vec![cell("SC02", number("2"), "")])]).await;
        assert!(again.iter().all(|answer| answer.refusals.is_empty()), "{again:?}");
        assert_eq!(world.cells(&submission, 0).await["SC02"].value, number("2"));
    })
    .await;
}

#[tokio::test]
async fn what_a_spreadsheet_would_run_is_a_text_in_every_file_that_goes_out() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let evil = ["=HYPERLINK(\"http://evil.example\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)"];
        let codes = ["SC01", "SC02", "SC03", "BAS02"];
        let cells = codes.iter().zip(evil).map(|(code, note)| Cell {
            note: note.into(),
            ..cell(code, Some(Value { kind: Some(Kind::Number("5".into())) }), "")
        });
        world.save(&submission, cells.collect()).await.expect("a note is a text");
        let template = book(&world.template(&submission).await);
        for (code, note) in codes.iter().zip(evil) {
            let (sheet, row) = row_of(&template, code);
            let row = template.sheet(&sheet).expect("there").rows.iter().find(|one| one.number == row);
            let cell = row.expect("there").cells.iter().find(|cell| cell.text().contains(note));
            assert!(cell.expect("the note is in it").formula.is_none(), "{code}");
        }
        let file = world.exported(&submission, TransferFormat::Csv).await;
        let csv = String::from_utf8(file).expect("UTF-8");
        let mut lines = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
        let lines: Vec<csv::StringRecord> = lines.records().map(|line| line.expect("a line")).collect();
        assert!(lines.len() > 100);
        for text in lines.iter().flat_map(|line| line.iter()).filter(|text| text.chars().count() > 1) {
            let runs = text.starts_with(['=', '+', '@', '\t'])
                || text.starts_with('-') && text.parse::<f64>().is_err();
            assert!(!runs, "{text:?} would be run");
        }
        let unchanged = world.import(header(&submission, false), TransferFormat::Csv, csv.as_bytes()).await;
        assert!(unchanged.expect("read").changes.is_empty(), "the guard is taken off again");
        for (code, note) in codes.iter().zip(evil) {
            assert_eq!(world.cells(&submission, 0).await[*code].note, note);
        }
    })
    .await;
}
