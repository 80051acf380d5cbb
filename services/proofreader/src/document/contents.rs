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
    /// Only a space stands before the page, as where a conversion dropped the leader.
    bare: bool,
}

/// Shortest run of entries without a leader that is taken for a list.
const MIN_BARE_RUN: usize = 5;

/// Shortest run of such lines that is taken for a list.
const MIN_RUN: usize = 3;

/// All entries, in order of lines.
pub(crate) fn entries(lines: &[&str]) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut run: Vec<Entry> = Vec::new();
    let mut wrapped: Option<(usize, &str)> = None;
    for (index, line) in lines.iter().enumerate() {
        let blank = line.trim().is_empty() || line.trim().bytes().all(|b| b.is_ascii_digit());
        if blank {
            continue;
        }
        // A full first line leaves only the leader and the page for the next.
        let rest = wrapped.and_then(|_| page_alone(line));
        let rest = rest.map(|page| Entry {
            label: None,
            mark: None,
            title: String::new(),
            page,
            line: index,
            bare: false,
        });
        match entry(index, line).or(rest) {
            Some(entry) => match wrapped.take().filter(|_| entry.label.is_none() && entry.mark.is_none()) {
                Some((start, first)) => run.push(joined(start, first, entry)),
                None => run.push(entry),
            },
            None if !run.is_empty() && wrapped.is_none() && begins_entry(line) => {
                wrapped = Some((index, line))
            }
            None => {
                wrapped = None;
                close(&mut run, &mut found);
            }
        }
    }
    close(&mut run, &mut found);
    found
}

/// A labelled or numbered title without a page: the first line of a wrapped entry, perhaps.
fn begins_entry(source: &str) -> bool {
    let norm = Norm::of_line(0, source).text;
    let marked = leading_label(&norm).is_some() || heading_mark(&norm).is_some();
    marked && !norm.contains('。') && norm.chars().count() <= 60
}

/// An entry whose title began on an earlier line.
fn joined(start: usize, first: &str, rest: Entry) -> Entry {
    let norm = Norm::of_line(start, first).text;
    let (label, mark, used) = numbered(&norm);
    let title = norm[used..].trim_start_matches(LEAD).trim();
    Entry {
        label,
        mark,
        title: format!("{title}{}", rest.title),
        page: rest.page,
        line: start,
        bare: rest.bare,
    }
}

/// What stands between a number and its title.
const LEAD: [char; 4] = ['：', ' ', '.', '、'];

/// Label or heading number at the start of an entry, and the bytes it takes.
fn numbered(norm: &str) -> (Option<Label>, Option<(u8, u32)>, usize) {
    if let Some((label, used)) = leading_label(norm) {
        return (Some(label), None, used);
    }
    match heading_mark(norm) {
        Some((level, number, used)) => (None, Some((level, number)), used),
        None => (None, None, 0),
    }
}

fn close(run: &mut Vec<Entry>, found: &mut Vec<Entry>) {
    let marked = run.iter().filter(|e| e.label.is_some() || e.mark.is_some()).count();
    let rising = run.windows(2).filter(|w| w[0].page <= w[1].page).count();
    // A two-column table of amounts also ends in numbers, but they do not rise from row to row.
    let least = if run.iter().any(|e| e.bare) { MIN_BARE_RUN } else { MIN_RUN };
    if run.len() >= least && marked * 2 >= run.len() && rising * 10 >= (run.len() - 1) * 7 {
        found.append(run);
    } else {
        run.clear();
    }
}

/// The page behind a leader without a title.
fn page_alone(source: &str) -> Option<u32> {
    let page = source.trim().trim_start_matches(['.', '…', '·', ' ']);
    let led = source.trim().len() >= page.len() + 3;
    page.parse().ok().filter(|_| led && page.len() <= 4)
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
    let bare = !led && !leader.is_empty() && digits <= 3 && !title.contains(['\t', '|', '。', '，']);
    if !(led || bare) || title.trim().is_empty() || title.trim_start().starts_with('|') {
        return None;
    }
    let norm = Norm::of_line(line, title).text;
    let (label, mark, used) = numbered(&norm);
    let most_tabs = if label.is_some() { 1 } else { 0 };
    if title.trim().matches('\t').count() > most_tabs {
        return None;
    }
    let title = norm[used..].trim_start_matches(LEAD).trim().to_owned();
    // 前言 1 or a row of a table: without a leader, only a number in front tells an entry.
    if bare && (label.is_none() && mark.is_none() || title.is_empty()) {
        return None;
    }
    Some(Entry { label, mark, title, page: page.parse().ok()?, line, bare })
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
        let wrapped = [
            "图 1-1 数量......3",
            "案例 2-10 一个很长的题目（甲乙学校）",
            "..........46",
            "案例 2-11 题目......51",
        ];
        let found = entries(&wrapped);
        assert_eq!(found.iter().map(|e| e.page).collect::<Vec<_>>(), [3, 46, 51]);
        assert_eq!(found[1].title, "一个很长的题目（甲乙学校）");
        let dropped = [
            "一、概况 5",
            "（一）规模 5",
            "（二）队伍 6",
            "二、服务 8",
            "图 1-1 数量（单位：所） 5",
            "图 2-1 规模 9",
        ];
        assert_eq!(entries(&dropped).len(), 6);
        assert_eq!(entries(&dropped)[4].title, "数量（单位：所）");
        let table = ["1\t甲校\t7", "2\t乙校\t1", "3\t丙校\t5"];
        assert!(entries(&table).is_empty());
    }
}
