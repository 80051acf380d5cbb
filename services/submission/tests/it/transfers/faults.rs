//! Everything that can be wrong with a file.

use tonic::{Code, Status};
use zhijian_documents::sheet::{
    Range, Value as Content,
    write::{Book, Look},
};
use zhijian_proto::submission::v1::*;

use super::{
    file::{Edits, as_is, book, header, row_of, saved},
    shown,
};
use crate::harness::*;

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
