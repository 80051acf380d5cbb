//! What the registers' imports and exports have in common: a file that comes in pieces, the report of what an import
//! does, and a file that goes out in pieces.

use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tonic::Status;
use zhijian_proto::common::v1::{CellFault, ImportHeader, ImportReport, ImportRow, import_row::Outcome};

use crate::{Error, Violation};

/// The largest file taken, in bytes.
pub const LARGEST_FILE: usize = 16 * 1024 * 1024;
/// How many rows, and how many faults, a report lists.
const LISTED: usize = 2000;
/// The pieces in which files go out, in bytes.
const PIECE: usize = 256 * 1024;

/// One piece of an imported file.
#[derive(Debug)]
pub enum Part {
    /// What opens the stream.
    Header(ImportHeader),
    /// The next bytes.
    Chunk(Vec<u8>),
}

/// A file that has come in whole.
#[derive(Debug)]
pub struct Upload {
    /// What opened the stream.
    pub header: ImportHeader,
    /// The file.
    pub file: Vec<u8>,
}

/// Takes in a file. `part` answers what a message of the stream holds.
///
/// # Errors
/// INVALID_ARGUMENT if the header is missing or comes twice, or the file is empty or too large; the stream's own.
pub async fn receive<M>(
    mut stream: impl Stream<Item = Result<M, Status>> + Unpin,
    part: impl Fn(M) -> Option<Part>,
) -> Result<Upload, Error> {
    let mut header = None;
    let mut file = Vec::new();
    while let Some(message) = stream.next().await {
        match (part(message?), &header) {
            (Some(Part::Header(first)), None) => header = Some(first),
            (Some(Part::Chunk(chunk)), Some(_)) => {
                if file.len() + chunk.len() > LARGEST_FILE {
                    let most = LARGEST_FILE / 1024 / 1024;
                    return Err(Error::invalid(
                        "chunk",
                        format!("文件超过 {most} MiB，请拆成几个文件，或只保留需要导入的工作表。"),
                        format!(
                            "The file is larger than {most} MiB: split it, or keep only the sheet to import."
                        ),
                    ));
                }
                file.extend_from_slice(&chunk);
            }
            _ => {
                return Err(Error::invalid(
                    "header",
                    "第一条消息应为 header，而且只发一次，其后是文件内容。",
                    "The first message is the header, once; the file follows it.",
                ));
            }
        }
    }
    match header {
        Some(header) if !file.is_empty() => Ok(Upload { header, file }),
        _ => Err(Error::invalid(
            "chunk",
            "文件是空的，请选择要导入的文件。",
            "The file is empty: choose the one to import.",
        )),
    }
}

impl Upload {
    /// The request as far as a repetition must be the same: its header, with the file's hash for its name.
    pub fn identity(&self) -> ImportHeader {
        ImportHeader { file_name: format!("{:x}", Sha256::digest(&self.file)), ..self.header.clone() }
    }
}

/// The report of an import whose rows and faults are these. `unchanged` rows without notices need not be given.
pub fn report(rows: Vec<ImportRow>, faults: Vec<CellFault>, unchanged: usize) -> ImportReport {
    let count = |outcome: Outcome| number(rows.iter().filter(|row| row.outcome() == outcome).count());
    let mut report = ImportReport {
        created: count(Outcome::Created),
        updated: count(Outcome::Updated),
        unchanged: number(unchanged),
        refused: count(Outcome::Refused),
        plan: plan(&rows),
        rows_left_out: number(rows.len().saturating_sub(LISTED)),
        faults_left_out: number(faults.len().saturating_sub(LISTED)),
        rows,
        faults,
        ..ImportReport::default()
    };
    // What is refused is listed before all else.
    if report.rows_left_out > 0 {
        report.rows.sort_by_key(|row| (row.outcome() != Outcome::Refused, row.row));
        report.rows.truncate(LISTED);
        report.rows.sort_by_key(|row| row.row);
    }
    report.faults.truncate(LISTED);
    report
}

/// Tells one plan from another: what would be done, not how it is worded.
fn plan(rows: &[ImportRow]) -> String {
    let mut sha = Sha256::new();
    for row in rows {
        sha.update(format!("{}\0{}\0{}\0{}\n", row.row, row.outcome, row.code, row.name));
        for change in &row.changes {
            sha.update(format!("{}\0{}\0{}\n", change.field, change.old_value, change.new_value));
        }
    }
    let hash = sha.finalize();
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses an import that has faults, or that would do something else than the one that was looked at.
///
/// # Errors
/// INVALID_ARGUMENT naming rows and columns; ABORTED.
pub fn admit(report: &ImportReport, looked_at: &str) -> Result<(), Error> {
    if !report.faults.is_empty() {
        let violations = report.faults.iter().map(violation).collect();
        return Err(Error::Invalid(violations));
    }
    if !looked_at.is_empty() && looked_at != report.plan {
        return Err(Error::etag_mismatch(report.plan.clone()));
    }
    Ok(())
}

fn violation(fault: &CellFault) -> Violation {
    let problem = fault.problem.clone().unwrap_or_default();
    let cell = match fault.row {
        0 => "file".to_owned(),
        row if fault.column.is_empty() => format!("row {row}"),
        row => format!("{}{row}", fault.column),
    };
    let field = if fault.sheet.is_empty() { cell } else { format!("{}!{cell}", fault.sheet) };
    let (place_zh, place_en) = match fault.row {
        0 => (String::new(), String::new()),
        row if fault.column.is_empty() => (format!("第 {row} 行："), format!("Row {row}: ")),
        row => (format!("第 {row} 行 {} 列：", fault.column), format!("{}{row}: ", fault.column)),
    };
    Violation::new(field, format!("{place_zh}{}", problem.zh), format!("{place_en}{}", problem.en))
}

/// A file in pieces, as a stream of messages.
pub fn pieces<M: Send + 'static>(
    file: Vec<u8>,
    message: impl Fn(Vec<u8>) -> M,
) -> impl Stream<Item = Result<M, Status>> + Send + 'static {
    let pieces: Vec<Result<M, Status>> =
        file.chunks(PIECE).map(|piece| Ok(message(piece.to_vec()))).collect();
    futures::stream::iter(pieces)
}

/// A count as the wire has it.
pub fn number(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(parts: Vec<Part>) -> impl Stream<Item = Result<Part, Status>> + Unpin {
        futures::stream::iter(parts.into_iter().map(Ok))
    }

    #[tokio::test]
    async fn a_file_comes_in_whole_or_not_at_all() {
        let header = || Part::Header(ImportHeader::default());
        let whole = receive(parts(vec![header(), Part::Chunk(vec![1]), Part::Chunk(vec![2])]), Some).await;
        assert_eq!(whole.expect("taken").file, [1, 2]);
        for wrong in [vec![], vec![header()], vec![Part::Chunk(vec![1])], vec![header(), header()]] {
            assert!(matches!(receive(parts(wrong), Some).await, Err(Error::Invalid(_))));
        }
        let large = vec![header(), Part::Chunk(vec![0; LARGEST_FILE]), Part::Chunk(vec![0])];
        let Err(Error::Invalid(violations)) = receive(parts(large), Some).await else { panic!("too large") };
        assert!(violations[0].description.zh.contains("16 MiB"));
    }

    #[test]
    fn a_long_report_lists_what_is_refused_first() {
        let row = |row, outcome: Outcome| ImportRow { row, outcome: outcome.into(), ..ImportRow::default() };
        let mut rows: Vec<ImportRow> = (1..=2500).map(|number| row(number, Outcome::Created)).collect();
        rows.push(row(2501, Outcome::Refused));
        let report = report(rows, vec![], 3);
        assert_eq!((report.created, report.unchanged, report.refused), (2500, 3, 1));
        assert_eq!((report.rows.len(), report.rows_left_out), (2000, 501));
        assert_eq!(report.rows.last().map(|row| row.row), Some(2501));
    }
}
