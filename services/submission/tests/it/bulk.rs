//! Streamed bulk saves: a verdict a row, resumable, safe to repeat.

use futures::{StreamExt, stream};
use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::{bulk_refusal::Reason, bulk_save_cells_request::Part, *};

use crate::harness::*;

fn header(session_id: &str, overwrite: bool, dry_run: bool) -> BulkHeader {
    BulkHeader { session_id: session_id.to_owned(), cycle_year: 2025, overwrite, dry_run }
}

fn report(submission: &Submission, cells: Vec<Cell>) -> BulkReport {
    BulkReport { submission_id: submission.submission_id.clone(), cells, ..Default::default() }
}

fn rows(first_row: i64, reports: Vec<BulkReport>) -> BulkRows {
    BulkRows { first_row, reports }
}

/// Sends a whole stream and collects the answers until its end or its fault.
async fn send(
    clients: &Clients,
    header: BulkHeader,
    rows: Vec<BulkRows>,
) -> Result<(Vec<BulkSaveCellsResponse>, Option<Status>), Status> {
    let parts = std::iter::once(Part::Header(header)).chain(rows.into_iter().map(Part::Rows));
    let messages: Vec<_> = parts.map(|part| BulkSaveCellsRequest { part: Some(part) }).collect();
    let mut stream = clients.transfers().bulk_save_cells(stream::iter(messages)).await?.into_inner();
    let mut answers = Vec::new();
    while let Some(answer) = stream.next().await {
        match answer {
            Ok(answer) => answers.push(answer),
            Err(status) => return Ok((answers, Some(status))),
        }
    }
    Ok((answers, None))
}

/// The outcomes of all rows, and the refusals, from answers that must follow each other without a gap.
fn verdicts(answers: &[BulkSaveCellsResponse]) -> (Vec<BulkOutcome>, Vec<BulkRefusal>) {
    let mut next = answers[0].next_row;
    let mut outcomes = Vec::new();
    let mut refusals = Vec::new();
    for answer in &answers[1..] {
        assert_eq!(answer.first_row, next);
        assert_eq!(answer.next_row - answer.first_row, answer.outcomes.len() as i64);
        next = answer.next_row;
        outcomes.extend(answer.outcomes());
        refusals.extend(answer.refusals.clone());
    }
    (outcomes, refusals)
}

#[tokio::test]
async fn every_row_gets_its_verdict_and_the_good_ones_are_saved() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let own = world.create(2025, "higher", COLLEGE, "").await;
        let other = world.create(2025, "higher", OTHER_COLLEGE, "").await;
        world.put(&own, &[("SC03", "7")]).await;
        let by_key = BulkReport {
            organisation_code: COLLEGE.into(),
            report_kind: "higher".into(),
            cells: vec![cell("SC02", number("９０"), ""), cell("SC03", number("7"), "")],
            ..Default::default()
        };
        let nobodys = BulkReport {
            submission_id: "sub_0".into(),
            cells: vec![cell("SC01", number("1"), "")],
            ..Default::default()
        };
        let faults = vec![
            cell("SC01", number("1e400"), ""),
            cell("SC01", number("-3"), ""),
            cell("SC01", number("一百"), ""),
            cell("SC01", number("=1+1"), ""),
            cell("XX99", number("1"), ""),
            cell("SC04", number("90"), ""),
            cell("BAS02", not_applicable(""), ""),
            cell("SC03", number("8"), ""),
            cell("SC03", number("8"), "v9"),
            Cell { note: "长".repeat(501), ..cell("SC01", number("1"), "") },
            Cell { note: "\0".into(), ..cell("SC01", number("1"), "") },
        ];
        let good = vec![
            cell("SC01", number("1,234"), ""),
            cell("BAS02", not_applicable("无"), ""),
            cell("SC03", number("9"), "v1"),
        ];
        let session = id();
        let messages = vec![
            rows(0, vec![by_key, nobodys, report(&other, vec![cell("SC01", number("1"), "")])]),
            rows(4, vec![report(&own, faults), report(&own, good)]),
        ];
        let (answers, fault) =
            send(&world.school(COLLEGE), header(&session, false, false), messages.clone()).await.unwrap();
        assert!(fault.is_none(), "{fault:?}");
        let (outcomes, refusals) = verdicts(&answers);
        use BulkOutcome::{Refused, Saved, Unchanged};
        let mut expected = vec![Saved, Unchanged, Refused, Refused];
        expected.extend([Refused; 11]);
        expected.extend([Saved; 3]);
        assert_eq!(outcomes, expected);
        let reasons: Vec<(i64, Reason)> =
            refusals.iter().map(|refusal| (refusal.row, refusal.reason())).collect();
        use Reason::{Conflict, IndicatorUnknown, ReportUnknown, ValueInvalid};
        let invalid = |row| (row, ValueInvalid);
        let mut expected = vec![(2, ReportUnknown), (3, ReportUnknown)];
        expected.extend([4, 5, 6, 7].map(invalid));
        expected.extend([
            (8, IndicatorUnknown),
            (9, ValueInvalid),
            (10, ValueInvalid),
            (11, Conflict),
            (12, Conflict),
        ]);
        expected.extend([13, 14].map(invalid));
        assert_eq!(reasons, expected);
        assert!(refusals[9].message.as_ref().unwrap().zh.contains("“7”"), "{:?}", refusals[9]);

        let cells = world.cells(&own, 0).await;
        assert_eq!(cells["SC01"].value, number("1234"));
        assert_eq!(cells["SC02"].value, number("90"));
        assert_eq!(cells["SC03"].value, number("9"));
        assert_eq!(cells["BAS02"].value, not_applicable("无"));
        assert!(cells["SC04"].value.is_some(), "derived from what came in");
        assert_eq!(world.get(&own).await.filled_cells, 4);
        assert!(world.cells(&other, 0).await["SC01"].value.is_none());

        // What was refused is kept for whoever asks later.
        let mut client = world.school(COLLEGE).transfers();
        let mut kept = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = ListBulkRefusalsRequest { session_id: session.clone(), page_size: 5, page_token };
            let page = client.list_bulk_refusals(request).await.unwrap().into_inner();
            kept.extend(page.refusals);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(kept.len(), refusals.len());
        assert_eq!(kept[9].message, refusals[9].message);

        // The whole once more: nothing is done again, and nothing is told twice.
        let version = world.get(&own).await.etag;
        let (again, _) =
            send(&world.school(COLLEGE), header(&session, false, false), messages).await.unwrap();
        assert_eq!((again.len(), again[0].next_row), (1, 18));
        assert_eq!(world.get(&own).await.etag, version);
        let request = GetBulkSessionRequest { session_id: session.clone() };
        let told = client.get_bulk_session(request.clone()).await.unwrap().into_inner().session.unwrap();
        assert_eq!((told.next_row, told.saved, told.unchanged, told.refused), (18, 4, 1, 13));
        let stranger = world.school(OTHER_COLLEGE).transfers().get_bulk_session(request).await.unwrap_err();
        assert_eq!(stranger.code(), Code::NotFound);
        let (_, taken) =
            match send(&world.school(OTHER_COLLEGE), header(&session, false, false), vec![]).await {
                Ok(sent) => sent,
                Err(status) => (vec![], Some(status)),
            };
        assert_eq!(taken.expect("refused").code(), Code::NotFound);
    })
    .await;
}

#[tokio::test]
async fn after_a_cut_the_rest_is_saved_once() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let codes: Vec<String> = world
            .cells(&submission, 0)
            .await
            .into_values()
            .filter(|cell| !cell.derived && !is_choice(&cell.indicator_code))
            .map(|cell| cell.indicator_code)
            .collect();
        let all: Vec<Cell> = codes.iter().map(|code| cell(code, number("5"), "")).collect();
        let session = id();
        let clients = world.school(COLLEGE);
        let (first, rest) = all.split_at(20);
        let (answers, _) = send(
            &clients,
            header(&session, false, false),
            vec![rows(0, vec![report(&submission, first.to_vec())])],
        )
        .await
        .unwrap();
        assert_eq!(answers.last().unwrap().next_row, 20);
        // The cut left the sender unsure: it goes on from row 15.
        let mut overlapping = first[15..].to_vec();
        overlapping.extend(rest.to_vec());
        let total = all.len() as i64;
        let (answers, fault) = send(
            &clients,
            header(&session, false, false),
            vec![rows(15, vec![report(&submission, overlapping)])],
        )
        .await
        .unwrap();
        assert!(fault.is_none());
        assert_eq!((answers[0].next_row, answers.last().unwrap().next_row), (20, total));
        let told = answers.last().unwrap().session.clone().unwrap();
        assert_eq!((told.saved, told.unchanged, told.refused), (total, 0, 0));
        let other = world.create(2025, "higher", OTHER_COLLEGE, "").await;
        world.save(&other, all.clone()).await.expect("saved one by one");
        let filled = world.get(&other).await.filled_cells;
        assert_eq!(world.get(&submission).await.filled_cells, filled, "counted as single saves count");
        let cells = world.cells(&submission, 0).await;
        assert!(codes.iter().all(|code| cells[code].etag == "v1"), "each was written once");
        // A gap is refused by name, and what came before it stands.
        let (_, fault) =
            send(&clients, header(&session, false, false), vec![rows(total + 1, vec![])]).await.unwrap();
        assert_eq!(violations(&fault.expect("refused"))[0].0, "rows.first_row");
        // Two streams of one session at once save each row once.
        let again: Vec<Cell> = codes.iter().map(|code| cell(code, number("6"), "")).collect();
        let other = id();
        let message = vec![rows(0, vec![report(&submission, again)])];
        let (one, two) = tokio::join!(
            send(&clients, header(&other, true, false), message.clone()),
            send(&clients, header(&other, true, false), message),
        );
        for sent in [one, two] {
            let (answers, fault) = sent.unwrap();
            assert!(fault.is_none(), "{fault:?}");
            assert_eq!(answers.last().unwrap().session.as_ref().unwrap().saved, total);
        }
        assert_eq!(world.cells(&submission, 0).await["SC01"].etag, "v2");
    })
    .await;
}

#[tokio::test]
async fn only_what_may_be_edited_is_saved_and_an_approval_falls() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submitted = world.submitted(2025, "higher", COLLEGE, "").await;
        let approved = world.create(2025, "higher", OTHER_COLLEGE, "").await;
        world.fill(&approved).await;
        world.approve(&approved).await.expect("approved");
        let one = |submission: &Submission| {
            vec![rows(0, vec![report(submission, vec![cell("SC01", number("999"), "")])])]
        };
        let (answers, _) =
            send(&world.school(COLLEGE), header(&id(), true, false), one(&submitted)).await.unwrap();
        let (_, refusals) = verdicts(&answers);
        assert_eq!(refusals[0].reason(), Reason::NotEditable);
        assert!(refusals[0].message.as_ref().unwrap().zh.contains("已提交"), "{:?}", refusals[0]);
        let clients = world.school(OTHER_COLLEGE);
        let (answers, _) = send(&clients, header(&id(), true, true), one(&approved)).await.unwrap();
        assert_eq!(verdicts(&answers).0, [BulkOutcome::Saved], "a dry run gives the same verdict");
        assert_eq!(world.get(&approved).await.state(), submission::State::Approved, "and changes nothing");
        let (answers, _) = send(&clients, header(&id(), true, false), one(&approved)).await.unwrap();
        assert_eq!(verdicts(&answers).0, [BulkOutcome::Saved]);
        let now = world.get(&approved).await;
        assert_eq!(now.state(), submission::State::Draft, "what was declared true is not any more");
        assert!(now.declaration.is_none());
        world.close(2025).await;
        let (answers, _) = send(&clients, header(&id(), true, false), one(&approved)).await.unwrap();
        assert_eq!(verdicts(&answers).1[0].reason(), Reason::NotEditable);
        let commission =
            send(&world.commission(), header(&id(), true, false), one(&approved)).await.unwrap_err();
        assert_eq!(commission.code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn thousands_of_rows_over_many_reports_add_up() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let mut reports = Vec::new();
        for number in 0..30 {
            reports.push(world.create(2025, "enterprise", COLLEGE, &enterprise(number)).await);
        }
        let codes: Vec<String> = world
            .cells(&reports[0], 0)
            .await
            .into_values()
            .filter(|cell| !cell.derived)
            .map(|cell| cell.indicator_code)
            .collect();
        let clients = world.school(COLLEGE);
        // Every cell some sixty times, in one session with messages that chunks cut through.
        let mut messages = Vec::new();
        let (mut next, rounds) = (0_i64, 60);
        for round in 1..=rounds {
            let reports = reports.iter().map(|submission| {
                let cells = codes.iter().map(|code| cell(code, number(&round.to_string()), "")).collect();
                report(submission, cells)
            });
            messages.push(rows(next, reports.collect()));
            next += (codes.len() * 30) as i64;
        }
        let (answers, fault) = send(&clients, header(&id(), true, false), messages).await.unwrap();
        assert!(fault.is_none(), "{fault:?}");
        assert_eq!(answers.last().unwrap().session.as_ref().unwrap().saved, next);
        for submission in [&reports[0], &reports[29]] {
            let cells = world.cells(submission, 0).await;
            assert!(codes.iter().all(|code| cells[code].value == number(&rounds.to_string())));
            assert!(codes.iter().all(|code| cells[code].etag == format!("v{rounds}")));
            assert_eq!(world.get(submission).await.filled_cells as usize, codes.len());
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_of_faults_ends() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        let bad: Vec<Cell> = (0..12_001).map(|_| cell("SC01", number("no"), "")).collect();
        let messages = vec![
            rows(0, vec![report(&submission, bad.clone())]),
            rows(12_001, vec![report(&submission, vec![cell("SC01", number("1"), "")])]),
        ];
        let (_, fault) = send(&world.school(COLLEGE), header(&id(), false, false), messages).await.unwrap();
        let told = preconditions(&fault.expect("the session ends"));
        assert_eq!(told[0].0, "bulk.refused");
        let unnumbered = send(&world.school(COLLEGE), header("1", false, false), vec![]).await.unwrap_err();
        assert_eq!(violations(&unnumbered)[0].0, "session_id");
    })
    .await;
}
