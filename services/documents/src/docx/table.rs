//! Tables with their merged cells.

use super::{Table, TableCell, TableRow, dom::Node};

/// A cell as it stands in the file.
struct Raw<'a> {
    node: &'a Node,
    column: usize,
    columns: usize,
    /// It goes on from the row above.
    continues: bool,
}

/// Most columns a row may span: beyond Word's own limit of 63.
const COLUMNS: usize = 256;

/// Reads a table; `text` gives a cell's words.
pub(super) fn read(node: &Node, mut text: impl FnMut(&Node) -> String) -> Table {
    let mut rows: Vec<(bool, Vec<Raw<'_>>)> = Vec::new();
    collect_rows(node, &mut rows);
    let mut table = Table::default();
    for index in 0..rows.len() {
        let (header, cells) = &rows[index];
        let cells = cells.iter().filter(|c| !c.continues || index == 0);
        let cells = cells.map(|cell| TableCell {
            column: cell.column,
            columns: cell.columns,
            rows: 1 + rows[index + 1..].iter().take_while(|(_, below)| continues(below, cell.column)).count(),
            text: text(cell.node),
        });
        let cells = cells.collect();
        table.rows.push(TableRow { header: *header, cells });
    }
    table
}

fn continues(row: &[Raw<'_>], column: usize) -> bool {
    row.iter().any(|c| c.column == column && c.continues)
}

fn collect_rows<'a>(node: &'a Node, rows: &mut Vec<(bool, Vec<Raw<'a>>)>) {
    for child in &node.children {
        match child.name.as_str() {
            "tr" => {
                let properties = child.child("trPr");
                if properties.is_some_and(|p| p.child("del").is_some()) {
                    continue;
                }
                let header = properties.and_then(|p| p.switch("tblHeader")).unwrap_or(false);
                let before = properties.and_then(|p| p.number("gridBefore")).unwrap_or(0) as usize;
                let mut cells = Vec::new();
                collect_cells(child, &mut before.min(COLUMNS), &mut cells);
                rows.push((header, cells));
            }
            "sdt" | "sdtContent" | "ins" | "customXml" | "moveTo" => collect_rows(child, rows),
            _ => {}
        }
    }
}

fn collect_cells<'a>(node: &'a Node, column: &mut usize, cells: &mut Vec<Raw<'a>>) {
    for child in &node.children {
        match child.name.as_str() {
            "tc" => {
                let properties = child.child("tcPr");
                let span = properties.and_then(|p| p.number("gridSpan")).unwrap_or(1).max(1) as usize;
                let columns = span.min(COLUMNS);
                let merge = properties.and_then(|p| p.child("vMerge"));
                let continues = merge.is_some_and(|m| m.value() != Some("restart"));
                if *column >= COLUMNS {
                    return;
                }
                cells.push(Raw { node: child, column: *column, columns, continues });
                *column += columns;
            }
            "sdt" | "sdtContent" | "ins" | "customXml" | "moveTo" => collect_cells(child, column, cells),
            _ => {}
        }
    }
}
