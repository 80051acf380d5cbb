//! Blocks to Markdown and back.

use std::ops::Range;

use super::{Block, Captioned, Document, Table, TableCell, TableRow, headings, lines};

pub(super) fn of(document: &Document, range: Range<usize>) -> String {
    let blocks = &document.blocks[range];
    let mut out = String::new();
    let mut notes = Vec::new();
    let mut previous: Option<&Block> = None;
    for block in blocks {
        let Some(text) = markdown(document, block) else { continue };
        let tight = matches!((previous, block), (Some(Block::Item { .. }), Block::Item { .. }));
        if !out.is_empty() {
            out.push_str(if tight { "\n" } else { "\n\n" });
        }
        notes.extend(lines::notes_in(&text));
        out.push_str(&text);
        previous = Some(block);
    }
    notes.sort_unstable();
    notes.dedup();
    for number in notes {
        if let Some(note) = number.checked_sub(1).and_then(|n| document.notes.get(n)) {
            out.push_str(&format!("\n\n[^{number}]: {}", escaped(note).replace('\n', " ")));
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn markdown(document: &Document, block: &Block) -> Option<String> {
    Some(match block {
        Block::Heading { level, text } => {
            format!("{} {}", "#".repeat(usize::from(*level).clamp(1, 6)), escaped(text).replace('\n', " "))
        }
        Block::Paragraph { text } | Block::Caption { text, .. } => paragraph(text),
        Block::Item { level, mark, text } => {
            let indent = "  ".repeat(usize::from(*level).min(8));
            let text = escaped(text).replace('\n', &format!("  \n{indent}  "));
            if mark.is_empty() {
                format!("{indent}- {text}")
            } else if is_counted(mark) {
                format!("{indent}{mark} {text}")
            } else {
                // Markdown has no such list: the mark stays in the words.
                format!("{indent}- {mark}{text}")
            }
        }
        Block::Table(table) => self::table(table)?,
        Block::Picture { image, caption } => {
            let name = document.images.get(*image).map_or("", |i| i.name.as_str());
            format!("![{}]({name})", escaped(caption).replace(['[', ']'], ""))
        }
        Block::Contents { .. } => return None,
    })
}

fn is_counted(mark: &str) -> bool {
    let digits = mark.trim_end_matches(['.', ')']);
    digits.len() + 1 == mark.len()
        && !digits.is_empty()
        && digits.len() < 10
        && digits.bytes().all(|b| b.is_ascii_digit())
}

fn paragraph(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| at_start(&escaped(line))).collect();
    lines.join("  \n")
}

/// What means something anywhere in a line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '`' | '<') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What means something at a line's start: headings, lists, quotations, rules, tables, notes, pictures.
fn at_start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let after = &line[digits..];
    if digits > 0 && digits < 10 && (after.starts_with(['.', ')'])) && after[1..].starts_with([' ', '\t']) {
        return format!("{}\\{after}", &line[..digits]);
    }
    let is_mark = line.starts_with(['#', '>', '|', '=', '~', '-', '+'])
        || line.starts_with("![")
        || line.starts_with("[^");
    if is_mark { format!("\\{line}") } else { line.to_owned() }
}

fn table(table: &Table) -> Option<String> {
    let grid = table.grid();
    let width = table.width();
    let row = |cells: &[&str]| {
        let cells: Vec<String> =
            cells.iter().map(|c| escaped(c).replace('|', "\\|").replace('\n', "<br>")).collect();
        format!("| {} |", cells.join(" | "))
    };
    let mut rows = grid.iter();
    let first = row(rows.next()?);
    let rule = format!("|{}", " --- |".repeat(width));
    let rest = rows.map(|r| row(r));
    Some([first, rule].into_iter().chain(rest).collect::<Vec<_>>().join("\n"))
}

/// Reads the Markdown that people write in reports and that [`Document::markdown`] gives: headings, paragraphs, lists,
/// tables. Anything else is a paragraph. Pictures become their captions, and notes paragraphs.
pub fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        let is_table = trimmed.starts_with('|') && lines.peek().is_some_and(|next| is_rule(next));
        let special = if trimmed.is_empty() {
            Some(None)
        } else if is_table {
            lines.next();
            let mut rows = vec![cells(trimmed)];
            while let Some(next) = lines.next_if(|l| l.trim().starts_with('|')) {
                rows.push(cells(next.trim()));
            }
            Some(Some(block_table(rows)))
        } else {
            heading(trimmed).or_else(|| item(line)).or_else(|| picture(trimmed)).map(Some)
        };
        match special {
            Some(block) => {
                close(&mut open, &mut blocks);
                blocks.extend(block);
            }
            None => match (blocks.last_mut(), open.is_empty(), line.starts_with("  ")) {
                // An indented line goes on with its item.
                (Some(Block::Item { text, .. }), true, true) => {
                    text.push('\n');
                    text.push_str(&unescaped(trimmed));
                }
                _ => open.push(unescaped(trimmed)),
            },
        }
    }
    close(&mut open, &mut blocks);
    let twice = |at: usize| matches!((&blocks[at], blocks.get(at + 1)), (a @ Block::Caption { .. }, Some(b)) if a == b);
    let twice: Vec<bool> = (0..blocks.len()).map(twice).collect();
    let mut twice = twice.into_iter();
    blocks.retain(|_| !twice.next().unwrap_or(false));
    let captions = blocks.clone();
    for (index, block) in blocks.iter_mut().enumerate().skip(1) {
        if let (Block::Table(table), Block::Caption { of: Captioned::Table, text }) =
            (block, &captions[index - 1])
        {
            table.caption = text.clone();
        }
    }
    blocks
}

fn close(open: &mut Vec<String>, blocks: &mut Vec<Block>) {
    if open.is_empty() {
        return;
    }
    let text = open.join("\n");
    open.clear();
    blocks.push(match headings::caption(&text) {
        Some(of) => Block::Caption { of, text },
        None => Block::Paragraph { text },
    });
}

fn heading(line: &str) -> Option<Block> {
    let level = line.bytes().take_while(|&b| b == b'#').count();
    let rest = line.get(level..)?.strip_prefix(' ')?;
    (1..=6).contains(&level).then(|| Block::Heading { level: level as u8, text: unescaped(rest.trim()) })
}

fn item(line: &str) -> Option<Block> {
    let rest = line.trim_start();
    let level = ((line.len() - rest.len()) / 2).min(8) as u8;
    if let Some(text) =
        rest.strip_prefix("- ").or_else(|| rest.strip_prefix("* ")).or_else(|| rest.strip_prefix("+ "))
    {
        return Some(Block::Item { level, mark: String::new(), text: unescaped(text.trim()) });
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let mark = rest.get(..digits + 1).filter(|m| is_counted(m))?;
    let text = rest[digits + 1..].strip_prefix(' ')?;
    Some(Block::Item { level, mark: mark.to_owned(), text: unescaped(text.trim()) })
}

fn picture(line: &str) -> Option<Block> {
    let caption = line.strip_prefix("![")?.strip_suffix(')')?.split_once("](")?.0;
    let text = unescaped(caption);
    Some(if text.is_empty() {
        Block::Paragraph { text: "（图片）".into() }
    } else {
        Block::Caption { of: Captioned::Figure, text }
    })
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.starts_with('|') && line.contains('-') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '))
}

/// A row's cells; `\|` is no border.
fn cells(line: &str) -> Vec<String> {
    let inner = line.strip_prefix('|').unwrap_or(line);
    let inner = inner.strip_suffix('|').filter(|i| !i.ends_with('\\')).unwrap_or(inner);
    let mut cells = vec![String::new()];
    let mut escape = false;
    for c in inner.chars() {
        if c == '|' && !escape {
            cells.push(String::new());
            continue;
        }
        escape = c == '\\' && !escape;
        if let Some(last) = cells.last_mut() {
            last.push(c);
        }
    }
    cells.iter().map(|c| unescaped(&c.trim().replace("<br>", "\n"))).collect()
}

fn block_table(rows: Vec<Vec<String>>) -> Block {
    let width = rows.first().map_or(0, Vec::len);
    let row = |(index, cells): (usize, Vec<String>)| {
        let cells = cells.into_iter().chain(std::iter::repeat(String::new())).take(width).enumerate();
        let cells = cells.map(|(column, text)| TableCell { column, columns: 1, rows: 1, text });
        TableRow { header: index == 0, cells: cells.collect() }
    };
    Block::Table(Table { caption: String::new(), rows: rows.into_iter().enumerate().map(row).collect() })
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().filter(char::is_ascii_punctuation);
        match (c, next) {
            ('\\', Some(sign)) => {
                out.push(sign);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}
