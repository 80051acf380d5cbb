//! A report's cells as a file and back: templates, workbooks, CSV, JSON, and everything that can be wrong with them.

mod faults;
pub mod file;

use zhijian_proto::{common::v1::Value, submission::v1::*};

use crate::harness::*;
use file::{Edits, as_is, book, converted, header, row_of, saved};

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
