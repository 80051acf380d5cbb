//! Lists as files: CSV that spreadsheets open with their Chinese intact.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// Spreadsheet programs take a file without this mark for one in a national encoding.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A list under its headings, as a file to save. `name` is plain ASCII, without ".csv".
pub fn csv(name: &str, headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> Response {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory does not fail, and every row has as many cells as there are headings.
    let written = writer.write_record(headings).and_then(|()| {
        rows.into_iter().try_for_each(|row| writer.write_record(row.iter().map(|cell| harmless(cell))))
    });
    let Some(bytes) = written.ok().and_then(|()| writer.into_inner().ok()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let body = format!("{BYTE_ORDER_MARK}{}", String::from_utf8_lossy(&bytes));
    let mut response = ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], body).into_response();
    if let Ok(named) = HeaderValue::try_from(format!("attachment; filename=\"{name}.csv\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, named);
    }
    response
}

/// A text that a spreadsheet would run as a formula is led by an apostrophe; numbers stay numbers.
fn harmless(cell: &str) -> String {
    let formula =
        cell.starts_with(['=', '+', '-', '@', '\t']) && cell.parse::<rust_decimal::Decimal>().is_err();
    if formula { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_list_opens_in_a_spreadsheet() {
        let rows = [vec!["甲,乙".to_owned(), "-12.5".to_owned()], vec!["=cmd()".to_owned(), "—".to_owned()]];
        let response = csv("desk-2026", &["名称", "数"], rows);
        assert_eq!(response.headers()[header::CONTENT_DISPOSITION], "attachment; filename=\"desk-2026.csv\"");
        let body = response.into_body().collect().await.expect("in memory").to_bytes();
        let text = String::from_utf8(body.to_vec()).expect("UTF-8");
        assert_eq!(text, "\u{feff}名称,数\r\n\"甲,乙\",-12.5\r\n'=cmd(),—\r\n");
    }
}
