//! Texts that people wrote, set for reading: headings, lists, tables, pictures and paragraphs of Markdown. Anything else is
//! shown as it was written.

use std::collections::HashMap;

use maud::{Markup, html};

/// What a text shows beside its words.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// The report's pictures, by the id that texts refer to.
    pub pictures: HashMap<String, Picture>,
    /// Words to be marked, each with the element id of what is said about them.
    pub marks: Vec<(String, String)>,
}

/// A picture that a text may show.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Where it is.
    pub address: String,
    /// What it shows; the caption stands in if it is empty.
    pub alt: String,
}

/// Sets a text. Its headings come below the page's own, at `level` (2–5) and deeper.
pub fn set(text: &str, level: u8) -> Markup {
    set_with(text, level, &Extras::default())
}

/// Sets a text with its pictures and marks.
pub fn set_with(text: &str, level: u8, extras: &Extras) -> Markup {
    let inline = |line: &str| inline(line, &extras.marks);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    html! {
        div.text {
            @for block in blocks(&lines) {
                @match block {
                    Block::Heading(depth, words) => (heading(level + depth - 1, inline(words))),
                    Block::Picture(caption, id) => (picture(caption, id, extras)),
                    Block::List(items) => ul { @for item in items { li { (inline(item)) } } },
                    Block::Numbered(items) => ol { @for item in items { li { (inline(item)) } } },
                    Block::Table(rows) => (table(&rows, &extras.marks)),
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
    /// The caption, and the id of the attachment.
    Picture(&'a str, &'a str),
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
    if let Some((caption, id)) = line
        .strip_prefix("![")
        .and_then(|rest| rest.strip_suffix(')'))
        .and_then(|rest| rest.split_once("](attachment:"))
    {
        return Block::Picture(caption, id);
    }
    if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Block::List(vec![item]);
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if let Some(item) = line[digits..].strip_prefix(". ").filter(|_| (1..=3).contains(&digits)) {
        return Block::Numbered(vec![item]);
    }
    if let Some(cells) = line.strip_prefix('|').and_then(|rest| rest.strip_suffix('|')) {
        return Block::Table(vec![columns(cells)]);
    }
    Block::Paragraph(vec![line])
}

/// The cells of a row; a bar after a backslash is a cell's own.
fn columns(row: &str) -> Vec<&str> {
    let mut columns = vec![];
    let mut start = 0;
    let mut escaped = false;
    for (at, c) in row.char_indices() {
        if c == '|' && !escaped {
            columns.push(row[start..at].trim());
            start = at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    columns.push(row[start..].trim());
    columns
}

/// A picture with its caption; the caption alone if the report has no such picture.
fn picture(caption: &str, id: &str, extras: &Extras) -> Markup {
    html! {
        @match extras.pictures.get(id) {
            Some(picture) => figure.picture {
                img src=(picture.address) loading="lazy"
                    alt=(if picture.alt.is_empty() { caption } else { &picture.alt });
                @if !caption.is_empty() { figcaption { (inline(caption, &extras.marks)) } }
            },
            None => p.grey { "[" (caption) "]" },
        }
    }
}

fn heading(level: u8, words: Markup) -> Markup {
    html! {
        @match level {
            ..=2 => h2 { (words) },
            3 => h3 { (words) },
            4 => h4 { (words) },
            _ => h5 { (words) },
        }
    }
}

/// Rows of cells; the first is the head if a line of dashes follows it.
fn table(rows: &[Vec<&str>], marks: &[(String, String)]) -> Markup {
    let inline = |line: &str| inline(line, marks);
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
fn inline(line: &str, marks: &[(String, String)]) -> Markup {
    let parts: Vec<&str> = line.split("**").collect();
    // An unpaired mark is shown as it stands.
    if parts.len().is_multiple_of(2) {
        return marked(line, marks);
    }
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if index.is_multiple_of(2) { (marked(part, marks)) } @else { strong { (marked(part, marks)) } }
        }
    }
}

/// Words without the backslashes that keep signs from meaning something, and with the line ends of a table's cell.
fn plain(words: &str) -> Markup {
    let mut lines = vec![String::new()];
    for (number, line) in words.split("<br>").enumerate() {
        if number > 0 {
            lines.push(String::new());
        }
        let mut signs = line.chars().peekable();
        while let Some(c) = signs.next() {
            let escapes = c == '\\' && signs.peek().is_some_and(char::is_ascii_punctuation);
            if let (Some(last), Some(c)) = (lines.last_mut(), if escapes { signs.next() } else { Some(c) }) {
                last.push(c);
            }
        }
    }
    html! { @for (number, line) in lines.iter().enumerate() { @if number > 0 { br; } (line) } }
}

/// Words with those marked that something is said about.
fn marked(words: &str, marks: &[(String, String)]) -> Markup {
    let first = marks
        .iter()
        .filter(|(excerpt, _)| !excerpt.is_empty())
        .filter_map(|(excerpt, about)| Some((words.find(excerpt.as_str())?, excerpt, about)))
        .min_by_key(|(at, excerpt, _)| (*at, std::cmp::Reverse(excerpt.len())));
    let Some((at, excerpt, about)) = first else { return plain(words) };
    html! {
        (plain(&words[..at])) a.marked href={ "#" (about) } { mark { (excerpt) } } (marked(&words[at + excerpt.len()..], marks))
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
        assert_eq!(inline("**重**点", &[]).into_string(), "<strong>重</strong>点");
    }

    #[test]
    fn what_was_escaped_is_shown_as_it_was_meant() {
        let shown = set("\\# 不是标题，1\\*2\n\n| 甲\\|乙 | 丙<br>丁 |", 2).into_string();
        assert!(shown.contains("<p># 不是标题，1*2</p>"), "{shown}");
        assert!(shown.contains("<td>甲|乙</td><td>丙<br>丁</td>"), "{shown}");
    }

    #[test]
    fn pictures_and_marks_are_set_where_they_stand() {
        let extras = Extras {
            pictures: HashMap::from([(
                "att_1".to_owned(),
                Picture { address: "/p/att_1".into(), alt: "学生在车间".into() },
            )]),
            marks: vec![("100人".into(), "r-1".into())],
        };
        let shown = set_with(
            "共**100人**，再说100人。\n![图 1](attachment:att_1)\n![图 2](attachment:att_2)",
            2,
            &extras,
        );
        assert_eq!(
            shown.into_string(),
            "<div class=\"text\"><p>共<strong><a class=\"marked\" href=\"#r-1\"><mark>100人</mark></a></strong>，再说\
             <a class=\"marked\" href=\"#r-1\"><mark>100人</mark></a>。</p><figure class=\"picture\"><img src=\"/p/att_1\" \
             loading=\"lazy\" alt=\"学生在车间\"><figcaption>图 1</figcaption></figure><p class=\"grey\">[图 2]</p></div>"
        );
    }
}
