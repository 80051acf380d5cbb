//! A template that a person opens in LibreOffice, fills in there, and saves as XLSX: with all that the template carries –
//! protection, drop-downs, widths – gone through LibreOffice's own model.

use zhijian_proto::submission::v1::*;

use crate::{
    harness::*,
    transfers::file::{converted, header},
};

/// Types into a cell of a flat OpenDocument spreadsheet, as LibreOffice stores what is typed: the `column`-th cell, from 1,
/// of the row whose first cell is `code`.
fn typed(document: &str, code: &str, column: usize, content: &str) -> String {
    let label = format!("<text:p>{code}</text:p>");
    let at = document.find(&label).unwrap_or_else(|| panic!("{code} is in the document"));
    let start = document[..at].rfind("<table:table-row").expect("a row");
    let end = start + document[start..].find("</table:table-row>").expect("its end");
    let (mut cells, mut rest) = (vec![], &document[start..end]);
    let head = rest.find("<table:table-cell").expect("cells");
    let (before, mut tail) = rest.split_at(head);
    while let Some(open) = tail.find('<') {
        rest = &tail[open..];
        let tag_end = rest.find('>').expect("a tag") + 1;
        let whole = if rest[..tag_end].ends_with("/>") {
            tag_end
        } else {
            let name = rest[1..].split([' ', '>']).next().expect("a name");
            let close = format!("</{name}>");
            rest.find(&close).expect("closed") + close.len()
        };
        cells.push(rest[..whole].to_owned());
        tail = &rest[whole..];
    }
    let mut place = 0;
    let mut written = vec![];
    for cell in cells {
        let repeated = cell.split("number-columns-repeated=\"").nth(1);
        let times: usize = repeated.and_then(|rest| rest.split('"').next()?.parse().ok()).unwrap_or(1);
        if !(place + 1..=place + times).contains(&column) {
            written.push(cell);
        } else {
            let style = cell.split("table:style-name=\"").nth(1).and_then(|rest| rest.split('"').next());
            let style = style.map(|name| format!(" table:style-name=\"{name}\"")).unwrap_or_default();
            let empty = |count: usize| match count {
                0 => String::new(),
                count => format!("<table:table-cell{style} table:number-columns-repeated=\"{count}\"/>"),
            };
            let kind = match content.parse::<f64>() {
                Ok(_) => format!("office:value-type=\"float\" office:value=\"{content}\""),
                Err(_) => "office:value-type=\"string\"".to_owned(),
            };
            written.push(empty(column - place - 1));
            written.push(format!(
                "<table:table-cell{style} {kind}><text:p>{content}</text:p></table:table-cell>"
            ));
            written.push(empty(place + times - column));
        }
        place += times;
    }
    assert!(place >= column, "{code} has {place} columns");
    format!("{}{before}{}{}", &document[..start], written.concat(), &document[end..])
}

#[tokio::test]
async fn a_template_filled_in_and_saved_by_libreoffice_comes_back_whole() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.put(&submission, &[("SC01", "1000"), ("SC02", "950")]).await;
        let template = world.template(&submission).await;
        let Some(opened) = converted(&template, "xlsx", "fods") else {
            eprintln!("NOT RUN: there is no LibreOffice");
            return;
        };
        let mut document = String::from_utf8(opened).expect("text");
        for (code, content) in [("SC01", "1005"), ("SC03", "２００"), ("SVC06", "4767.7"), ("BAS02", "很多")]
        {
            document = typed(&document, code, 5, content);
        }
        let saved = converted(document.as_bytes(), "fods", "xlsx").expect("it was there just now");
        let result = world.upload(header(&submission, true), COLLEGE, &saved).await.expect("read");
        let faults: Vec<&str> = result.faults.iter().map(|fault| fault.indicator_code.as_str()).collect();
        assert_eq!(faults, ["BAS02"], "{:?}", result.faults);
        assert!(result.rows_read > 100, "{}", result.rows_read);
        let given: Vec<(&str, _)> = result
            .changes
            .iter()
            .map(|change| (change.indicator_code.as_str(), change.given.clone().and_then(|cell| cell.value)))
            .collect();
        let wanted = [("SC01", number("1005")), ("SC03", number("200")), ("SVC06", number("4767.7"))];
        assert_eq!(given, wanted);

        let mended = typed(&document, "BAS02", 5, "900");
        let saved = converted(mended.as_bytes(), "fods", "xlsx").expect("it was there just now");
        let applied = world.upload(header(&submission, false), COLLEGE, &saved).await.expect("read");
        assert!(applied.applied, "{applied:?}");
        let cells: std::collections::BTreeMap<String, Cell> = world.cells(&submission, 0).await;
        assert_eq!((&cells["SC01"].value, &cells["SC02"].value), (&number("1005"), &number("950")));
        assert_eq!((&cells["SC03"].value, &cells["BAS02"].value), (&number("200"), &number("900")));
    })
    .await;
}
