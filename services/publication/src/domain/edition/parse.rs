//! Reads a chapter: a little Markdown with bindings in double braces.

use std::collections::{BTreeMap, BTreeSet};

use zhijian_platform::rules::RulesError;

use super::{
    Binding, Block, ChangeKind, Chapter, Piece, Place,
    attributes::{Attributes, attributes},
    prose,
};

/// What names in a template stand for.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The kinds of report of each scope.
    pub scopes: BTreeMap<String, Vec<String>>,
    /// The keys of the published figures.
    pub published: BTreeSet<String>,
    /// Whether the template is of one institution.
    pub institution: bool,
}

/// The word that sets cases.
const CASES: &str = "cases";

/// Reads the chapter in `file`.
///
/// # Errors
/// Names the file, the line and what is wrong there.
pub fn chapter(file: &str, text: &str, names: &Names) -> Result<Chapter, RulesError> {
    let mut reader = Reader { file, names, title: None, blocks: vec![], open: vec![] };
    for (index, line) in text.lines().enumerate() {
        reader.line(index + 1, line.trim_end())?;
    }
    reader.close()?;
    let title =
        reader.title.ok_or_else(|| RulesError::content(file, "1", "begin with \"# \" and a title"))?;
    Ok(Chapter { title, blocks: reader.blocks })
}

/// A binding as the manifest writes it, without its braces.
///
/// # Errors
/// Says what is wrong.
pub fn binding(text: &str, names: &Names) -> Result<Binding, String> {
    let (word, attributes) = attributes(text)?;
    let mut attributes = Attributes { given: attributes, names };
    let binding = match word.as_str() {
        "value" => Binding::Value {
            back: attributes.number("back")?.map_or(Ok(0), i32::try_from).map_err(|_| "back is too large")?,
            figure: attributes.figure()?,
            look: attributes.look()?,
        },
        "change" => Binding::Change {
            kind: match attributes.take("as").as_deref() {
                None | Some("percent") => ChangeKind::Relative,
                Some("count") => ChangeKind::Absolute,
                Some("points") => ChangeKind::Points,
                Some(other) => return Err(format!("as=\"{other}\" is not percent, count or points")),
            },
            figure: attributes.figure()?,
            look: attributes.look()?,
        },
        "cell" => Binding::Cell {
            table: attributes.need("table")?,
            row: attributes.need("row")?,
            column: attributes.need("column")?,
        },
        "count" => Binding::Count {
            table: attributes.need("table")?,
            unit: attributes.take("unit").unwrap_or_default(),
        },
        "total" => Binding::Total {
            table: attributes.need("table")?,
            column: attributes.need("column")?,
            unit: attributes.take("unit").unwrap_or_default(),
        },
        "institutions" => Binding::Institutions {
            kinds: attributes
                .take("kinds")
                .unwrap_or_default()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            unit: attributes.take("unit").unwrap_or_else(|| "所".to_owned()),
        },
        "published" => {
            let key = attributes.need("key")?;
            if !names.published.contains(&key) {
                return Err(format!("there is no published figure \"{key}\""));
            }
            Binding::Published(key)
        }
        CASES => return Err("cases stand alone on a line of a chapter".to_owned()),
        "name" if names.institution => Binding::Name,
        other => return Err(format!("\"{other}\" is not a binding")),
    };
    attributes.end()?;
    Ok(binding)
}

struct Reader<'a> {
    file: &'a str,
    names: &'a Names,
    title: Option<String>,
    blocks: Vec<Block>,
    /// The lines of the paragraph or list that is being read, each with its number.
    open: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn fault(&self, line: usize, detail: impl Into<String>) -> RulesError {
        RulesError::content(self.file, format!("line {line}"), detail)
    }

    fn line(&mut self, number: usize, line: &str) -> Result<(), RulesError> {
        if line.is_empty() {
            return self.close();
        }
        if let Some((marks, title)) = line.split_once(' ').filter(|(marks, _)| is_heading(marks)) {
            self.close()?;
            return self.heading(number, marks.len(), title.trim());
        }
        if let Some(text) = own_line(line) {
            self.close()?;
            return self.placed(number, text);
        }
        if item(line) != self.open.first().and_then(|(_, first)| item(first)) && !self.open.is_empty() {
            self.close()?;
        }
        self.open.push((number, line.to_owned()));
        Ok(())
    }

    fn heading(&mut self, number: usize, level: usize, title: &str) -> Result<(), RulesError> {
        if title.contains("{{") {
            return Err(self.fault(number, "a heading holds no bindings"));
        }
        prose::check(title).map_err(|detail| self.fault(number, detail))?;
        match (level, &self.title) {
            (1, None) => self.title = Some(title.to_owned()),
            (1, Some(_)) => return Err(self.fault(number, "a file is one chapter: it has one \"# \"")),
            (_, None) => return Err(self.fault(number, "begin with \"# \" and a title")),
            (level, _) => {
                let level = u8::try_from(level - 1).unwrap_or(u8::MAX);
                self.blocks.push(Block::Heading(level, title.to_owned()));
            }
        }
        Ok(())
    }

    /// A table, a chart or the like, on a line of its own.
    fn placed(&mut self, number: usize, text: &str) -> Result<(), RulesError> {
        let place = self.place(number, text);
        let what = text.split_once(' ').map_or((text, ""), |(word, rest)| (word, rest.trim()));
        let block = match what {
            ("table", which) => Block::Table(place, which.to_owned()),
            ("chart", which) => Block::Chart(place, which.to_owned()),
            ("indicators", _) if self.names.institution => {
                let (_, given) = attributes(text).map_err(|detail| self.fault(number, detail))?;
                let mut attributes = Attributes { given, names: self.names };
                let indicators = attributes.indicators().map_err(|detail| self.fault(number, detail))?;
                Block::Indicators(place, indicators)
            }
            (CASES, _) => {
                let cases = attributes(text)
                    .and_then(|(_, given)| Attributes { given, names: self.names }.cases())
                    .map_err(|detail| self.fault(number, format!("{{{{ {text} }}}}: {detail}")))?;
                Block::Cases(place, cases)
            }
            _ => {
                let pieces = self.pieces(number, &format!("{{{{ {text} }}}}"))?;
                self.blocks.push(Block::Paragraph(pieces));
                return Ok(());
            }
        };
        self.blocks.push(block);
        Ok(())
    }

    /// Ends the paragraph or list that is open.
    fn close(&mut self) -> Result<(), RulesError> {
        let lines = std::mem::take(&mut self.open);
        let Some((_, first)) = lines.first() else { return Ok(()) };
        if self.title.is_none() {
            return Err(self.fault(lines[0].0, "begin with \"# \" and a title"));
        }
        let block = match item(first) {
            Some(ordered) => {
                let items = lines.iter().map(|(number, line)| {
                    let text = line.split_once(' ').map_or("", |(_, text)| text.trim());
                    self.pieces(*number, text)
                });
                Block::List { ordered, items: items.collect::<Result<_, _>>()? }
            }
            None => {
                let mut pieces = Vec::new();
                for (number, line) in &lines {
                    pieces.extend(self.pieces(*number, line)?);
                }
                Block::Paragraph(pieces)
            }
        };
        self.blocks.push(block);
        Ok(())
    }

    fn place(&self, line: usize, key: &str) -> Place {
        Place { file: self.file.to_owned(), line, key: key.to_owned() }
    }

    fn pieces(&self, number: usize, line: &str) -> Result<Vec<Piece>, RulesError> {
        let mut pieces = Vec::new();
        let mut rest = line;
        while let Some(start) =
            rest.find("{{").into_iter().chain(rest.find("**")).chain(rest.find("^[")).min()
        {
            let (before, marked) = rest.split_at(start);
            self.text(number, before, &mut pieces)?;
            let (open, close) = match &marked[..2] {
                "{{" => ("{{", "}}"),
                "**" => ("**", "**"),
                _ => ("^[", "]"),
            };
            let inner = &marked[open.len()..];
            let end =
                inner.find(close).ok_or_else(|| self.fault(number, format!("\"{open}\" is not closed")))?;
            let (inside, after) = (inner[..end].trim(), &inner[end + close.len()..]);
            pieces.push(match open {
                "{{" => self.bound(number, inside)?,
                "**" => {
                    prose::check(inside).map_err(|detail| self.fault(number, detail))?;
                    Piece::Strong(inside.to_owned())
                }
                _ => Piece::Footnote(self.pieces(number, inside)?),
            });
            rest = after;
        }
        self.text(number, rest, &mut pieces)?;
        Ok(pieces)
    }

    fn text(&self, number: usize, text: &str, pieces: &mut Vec<Piece>) -> Result<(), RulesError> {
        if !text.is_empty() {
            prose::check(text).map_err(|detail| self.fault(number, detail))?;
            pieces.push(Piece::Text(text.to_owned()));
        }
        Ok(())
    }

    fn bound(&self, number: usize, text: &str) -> Result<Piece, RulesError> {
        let place = self.place(number, text);
        match text.split_once(' ').map(|(word, which)| (word, which.trim())) {
            Some(("table", which)) => Ok(Piece::TableReference(place, which.to_owned())),
            Some(("chart", which)) => Ok(Piece::ChartReference(place, which.to_owned())),
            _ => {
                let binding = binding(text, self.names)
                    .map_err(|detail| self.fault(number, format!("{{{{ {text} }}}}: {detail}")))?;
                Ok(Piece::Bound(place, binding))
            }
        }
    }
}

fn is_heading(marks: &str) -> bool {
    (1..=3).contains(&marks.len()) && marks.bytes().all(|byte| byte == b'#')
}

/// What a line holds that is one pair of double braces.
fn own_line(line: &str) -> Option<&str> {
    let inside = line.strip_prefix("{{")?.strip_suffix("}}")?;
    (!inside.contains("{{")).then_some(inside.trim())
}

/// Whether a line is an item of a list that counts, or of one that does not.
fn item(line: &str) -> Option<bool> {
    if line.starts_with("- ") {
        return Some(false);
    }
    let (number, _) = line.split_once(". ")?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(true)
}
