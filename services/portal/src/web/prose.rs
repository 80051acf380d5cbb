//! Texts that people wrote, set for reading: headings, lists, tables and paragraphs of Markdown. Anything else is shown
//! as it was written.

use maud::{Markup, html};

/// Sets a text. Its headings come below the page's own, at `level` (2–5) and deeper.
pub fn set(text: &str, level: u8) -> Markup {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    html! {
        div.text {
            @for block in blocks(&lines) {
                @match block {
                    Block::Heading(depth, words) => (heading(level + depth - 1, words)),
                    Block::List(items) => ul { @for item in items { li { (inline(item)) } } },
                    Block::Numbered(items) => ol { @for item in items { li { (inline(item)) } } },
                    Block::Table(rows) => (table(&rows)),
                    Block::Paragraph(lines) => p {
                        @for (index, line) in lines.iter().enumerate() { @if index > 0 { br; } (inline(line)) }
                    },
                }
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Block<'a> {
    Heading(u8, &'a str),
    List(Vec<&'a str>),
    Numbered(Vec<&'a str>),
    Table(Vec<Vec<&'a str>>),
    Paragraph(Vec<&'a str>),
}

fn blocks<'a>(lines: &[&'a str]) -> Vec<Block<'a>> {
    let mut blocks: Vec<Block<'a>> = vec![];
    let mut open = false;
    for line in lines {
        let trimmed = line.trim_start();
        if trimmed.is_empty() {
            open = false;
            continue;
        }
        let next = block(trimmed);
        // A line goes on with the block above it if both are of a kind and no empty line stands between.
        match (blocks.last_mut().filter(|_| open), next) {
            (Some(Block::List(items)), Block::List(more))
            | (Some(Block::Numbered(items)), Block::Numbered(more)) => {
                items.extend(more);
            }
            (Some(Block::Table(rows)), Block::Table(more)) => rows.extend(more),
            (Some(Block::Paragraph(lines)), Block::Paragraph(more)) => lines.extend(more),
            (_, next) => blocks.push(next),
        }
        open = true;
    }
    blocks
}

fn block(line: &str) -> Block<'_> {
    let depth = line.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=4).contains(&depth) && line[depth..].starts_with(' ') {
        return Block::Heading(u8::try_from(depth).unwrap_or(4), line[depth..].trim());
    }
    if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Block::List(vec![item]);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if let Some(item) = line[digits..].strip_prefix(". ").filter(|_| (1..=3).contains(&digits)) {
        return Block::Numbered(vec![item]);
    }
    if let Some(cells) = line.strip_prefix('|').and_then(|rest| rest.strip_suffix('|')) {
        return Block::Table(vec![cells.split('|').map(str::trim).collect()]);
    }
    Block::Paragraph(vec![line])
}

fn heading(level: u8, words: &str) -> Markup {
    html! {
        @match level {
            ..=2 => h2 { (inline(words)) },
            3 => h3 { (inline(words)) },
            4 => h4 { (inline(words)) },
            _ => h5 { (inline(words)) },
        }
    }
}

/// Rows of cells; the first is the head if a line of dashes follows it.
fn table(rows: &[Vec<&str>]) -> Markup {
    let is_rule = |row: &Vec<&str>| {
        row.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| c == '-' || c == ':'))
    };
    let head = rows.get(1).is_some_and(is_rule);
    html! {
        div.scroll { table.data {
            @if head { thead { tr { @for cell in &rows[0] { th scope="col" { (inline(cell)) } } } } }
            tbody {
                @for row in rows.iter().skip(if head { 2 } else { 0 }) { tr { @for cell in row { td { (inline(cell)) } } } }
            }
        } }
    }
}

/// Emphasis within a line.
fn inline(line: &str) -> Markup {
    let parts: Vec<&str> = line.split("**").collect();
    // An unpaired mark is shown as it stands.
    if parts.len().is_multiple_of(2) {
        return html! { (line) };
    }
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if index.is_multiple_of(2) { (part) } @else { strong { (part) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_told_apart() {
        let text = "# 一、概况\n第一行\n第二行\n\n- 甲\n- 乙\n1. 先\n|年|人|\n|-|-|\n|2025|12|\n#不是标题";
        let shown = set(text, 3).into_string();
        let expected = "<div class=\"text\"><h3>一、概况</h3><p>第一行<br>第二行</p><ul><li>甲</li><li>乙</li></ul>\
             <ol><li>先</li></ol><div class=\"scroll\"><table class=\"data\"><thead><tr><th scope=\"col\">年</th>\
             <th scope=\"col\">人</th></tr></thead><tbody><tr><td>2025</td><td>12</td></tr></tbody></table></div>\
             <p>#不是标题</p></div>";
        assert_eq!(shown, expected);
    }

    #[test]
    fn nothing_of_a_text_becomes_markup_of_ours() {
        let shown = set("<script>x</script> **重** 与 **半", 2).into_string();
        assert!(shown.contains("&lt;script&gt;") && !shown.contains("<script>"), "{shown}");
        assert!(shown.contains("**半"), "{shown}");
        assert_eq!(inline("**重**点").into_string(), "<strong>重</strong>点");
    }
}
