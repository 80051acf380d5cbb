//! Files that are not what they should be: moved about, too large, cut off, or full of formulas.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use futures::{FutureExt, StreamExt, stream};
use tonic::Status;
use zhijian_documents::sheet::write::{Book, Look};
use zhijian_proto::{
    common::v1::{Value, value::Kind},
    submission::v1::{
        attachment::Purpose, import_cells_request, upload_attachment_request, upload_workbook_request, *,
    },
};

use crate::{
    attachments, files,
    harness::*,
    transfers::file::{Edits, as_is, book, header, row_of, saved},
};

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
