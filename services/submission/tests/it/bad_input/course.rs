//! The right thing at the wrong time: twice, in two tabs, or as the deadline passes.

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use tonic::Code;
use zhijian_platform::time::timestamp;
use zhijian_proto::submission::v1::{bulk_refusal::Reason, bulk_save_cells_request, *};

use super::{bulk, bulk_rows};
use crate::{
    harness::*,
    transfers::file::{Edits, as_is, book, header, row_of, saved},
};

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
