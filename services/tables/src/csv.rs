//! CSV after RFC 4180: UTF-8 without a byte-order mark, lines ended by CR LF, Chinese headings with their units.

use crate::{Error, Table};

/// The table with its numbers as they are printed.
///
/// # Errors
/// If the table contradicts itself: see [`Table::check`].
pub fn write(table: &Table) -> Result<String, Error> {
    table.check()?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|column| column.heading().zh)).map_err(Error::Csv)?;
    for row in &table.rows {
        writer.write_record(row.cells.iter().map(|cell| &cell.display)).map_err(Error::Csv)?;
    }
    let bytes = writer.into_inner().map_err(|error| Error::Csv(error.into_error().into()))?;
    // What went in was text.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use crate::{Cell, Column, Row, Table, Words};

    #[test]
    fn quotes_what_needs_it() {
        let table = Table {
            columns: vec![
                Column { key: "name".into(), name: Words::new("名", "Name"), ..Column::default() },
                Column {
                    key: "sum".into(),
                    name: Words::new("经费", "Funds"),
                    unit: Some(Words::new("万元", "CNY 10,000")),
                    numeric: true,
                },
            ],
            rows: vec![Row {
                cells: vec![Cell::word("甲,\"乙\""), Cell::number("1.0", "1.04")],
                total: false,
            }],
            ..Table::default()
        };
        let text = super::write(&table).expect("a sound table");
        assert_eq!(text, "名,经费（万元）\r\n\"甲,\"\"乙\"\"\",1.0\r\n");
    }
}
