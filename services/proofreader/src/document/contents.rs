//! The contents and the lists of figures, tables and cases: runs of lines that end in a page number.

use super::label::{Label, heading_mark, leading_label};
use crate::text::Norm;

/// One entry of a list.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Label, for entries of a list of figures, tables or cases.
    pub label: Option<Label>,
    /// Level and number, for numbered headings.
    pub mark: Option<(u8, u32)>,
    /// Title without number, leaders and page.
    pub title: String,
    pub page: u32,
    pub line: usize,
}

/// Shortest run of such lines that is taken for a list.
const MIN_RUN: usize = 3;

/// All entries, in order of lines.
pub(crate) fn entries(lines: &[&str]) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut run: Vec<Entry> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let blank = line.trim().is_empty() || line.trim().bytes().all(|b| b.is_ascii_digit());
        if blank {
            continue;
        }
        match entry(index, line) {
            Some(entry) => run.push(entry),
            None => close(&mut run, &mut found),
        }
    }
    close(&mut run, &mut found);
    found
}

fn close(run: &mut Vec<Entry>, found: &mut Vec<Entry>) {
    let marked = run.iter().filter(|e| e.label.is_some() || e.mark.is_some()).count();
    let rising = run.windows(2).filter(|w| w[0].page <= w[1].page).count();
    // A two-column table of amounts also ends in numbers, but they do not rise from row to row.
    if run.len() >= MIN_RUN && marked * 2 >= run.len() && rising * 10 >= (run.len() - 1) * 7 {
        found.append(run);
    } else {
        run.clear();
    }
}

fn entry(line: usize, source: &str) -> Option<Entry> {
    let trimmed = source.trim_end();
    let digits = trimmed.bytes().rev().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 4 {
        return None;
    }
    let (body, page) = trimmed.split_at(trimmed.len() - digits);
    let title = body.trim_end_matches(['.', '…', '·', '\t', ' ', '—', '-', '\u{3000}', '|']);
    let leader = &body[title.len()..];
    let led =
        leader.contains('\t') || leader.contains("..") || leader.contains('…') || leader.contains("···");
    if !led || title.trim().is_empty() || title.trim_start().starts_with('|') {
        return None;
    }
    let norm = Norm::of_line(line, title).text;
    let label = leading_label(&norm);
    let most_tabs = if label.is_some() { 1 } else { 0 };
    if title.trim().matches('\t').count() > most_tabs {
        return None;
    }
    let mark = if label.is_some() { None } else { heading_mark(&norm) };
    let used = label.map(|(_, used)| used).or(mark.map(|(_, _, used)| used)).unwrap_or(0);
    Some(Entry {
        label: label.map(|(label, _)| label),
        mark: mark.map(|(level, number, _)| (level, number)),
        title: norm[used..].trim_start_matches(['：', ' ', '.', '、']).trim().to_owned(),
        page: page.parse().ok()?,
        line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_told_from_a_table() {
        let list =
            ["一、概况\t27", "（一）规模\t27", "", "案例 2- 1 联合体(某校)\t33", "图 1- 1\t数量 ..\t34"];
        let found = entries(&list);
        assert_eq!(found.len(), 4);
        assert_eq!(found[3].title, "数量");
        let table = ["1\t甲校\t7", "2\t乙校\t1", "3\t丙校\t5"];
        assert!(entries(&table).is_empty());
    }
}
