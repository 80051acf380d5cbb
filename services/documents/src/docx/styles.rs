//! What paragraph and character styles say: outline level, numbering, hidden, bold, caption, contents.

use std::collections::HashMap;

use super::dom::{Node, Part};
use crate::Refusal;

/// What a style says once the styles it is based on are counted in.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    pub role: Role,
    /// Numbering list and level.
    pub list: Option<(u32, u32)>,
    pub hidden: bool,
    pub bold: bool,
}

/// The part a paragraph plays by its style.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Body,
    /// 0 is the document's title.
    Heading(u8),
    Caption,
    /// A line of the table of contents or of a list of figures.
    Contents(u8),
}

/// All styles by their identifier.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

struct Raw {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    list: Option<(u32, u32)>,
    hidden: Option<bool>,
    bold: Option<bool>,
}

impl Styles {
    pub fn read(xml: &[u8]) -> Result<Self, Refusal> {
        let mut part = Part::new("word/styles.xml", xml);
        if !part.enter("styles")? {
            return Ok(Self::default());
        }
        let mut raw = HashMap::new();
        while let Some(node) = part.next()? {
            if let Some(id) = node.attribute("styleId").filter(|_| node.name == "style") {
                raw.insert(id.to_owned(), read(&node));
            }
        }
        Ok(Self(raw.keys().map(|id| (id.clone(), resolve(id, &raw))).collect()))
    }

    pub fn get(&self, id: Option<&str>) -> Style {
        id.and_then(|id| self.0.get(id)).cloned().unwrap_or_default()
    }
}

fn read(node: &Node) -> Raw {
    let paragraph = node.child("pPr");
    let run = node.child("rPr");
    Raw {
        name: node.child("name").and_then(Node::value).unwrap_or_default().to_lowercase(),
        based_on: node.child("basedOn").and_then(Node::value).map(str::to_owned),
        outline: paragraph.and_then(|p| p.number("outlineLvl")).map(|l| l.min(9) as u8),
        list: paragraph.and_then(list),
        hidden: run.and_then(|r| r.switch("vanish")),
        bold: run.and_then(|r| r.switch("b")),
    }
}

/// The numbering a paragraph's properties name.
pub(super) fn list(properties: &Node) -> Option<(u32, u32)> {
    let list = properties.child("numPr")?;
    // A style may leave the level to its place among the headings.
    Some((list.number("numId")?, list.number("ilvl").unwrap_or(0)))
}

fn resolve(id: &str, raw: &HashMap<String, Raw>) -> Style {
    let mut style = Style::default();
    let (mut outline, mut hidden, mut bold) = (None, None, None);
    let mut role = None;
    let mut next = Some(id);
    // Twenty styles based on each other is a circle.
    for _ in 0..20 {
        let Some(found) = next.and_then(|id| raw.get(id)) else { break };
        role = role.or_else(|| role_by_name(&found.name));
        outline = outline.or(found.outline);
        hidden = hidden.or(found.hidden);
        bold = bold.or(found.bold);
        style.list = style.list.or(found.list);
        next = found.based_on.as_deref();
    }
    style.role = match (role, outline) {
        (Some(role @ (Role::Caption | Role::Contents(_))), _) => role,
        (_, Some(level)) if level < 9 => Role::Heading(level + 1),
        (Some(role), _) => role,
        (None, _) => Role::Body,
    };
    style.hidden = hidden.unwrap_or(false);
    style.bold = bold.unwrap_or(false);
    style
}

/// Built-in styles are called by their English names in the file, whatever the program's language; documents that were
/// converted often carry Chinese ones.
fn role_by_name(name: &str) -> Option<Role> {
    let name = name.trim();
    let level = |rest: &str| rest.trim().parse::<u8>().ok().filter(|l| (1..=9).contains(l));
    for prefix in ["heading", "标题", "título", "überschrift"] {
        if let Some(level) = name.strip_prefix(prefix).and_then(level) {
            return Some(Role::Heading(level));
        }
    }
    for prefix in ["toc", "目录", "contents"] {
        if let Some(level) = name.strip_prefix(prefix).and_then(level) {
            return Some(Role::Contents(level));
        }
    }
    match name {
        "title" | "标题" | "文档标题" => Some(Role::Heading(0)),
        "caption" | "题注" | "图题" | "表题" | "图表标题" | "figure" | "table" | "illustration" => {
            Some(Role::Caption)
        }
        "table of figures" | "图表目录" | "figure index 1" | "table index 1" | "illustration index 1" => {
            Some(Role::Contents(1))
        }
        _ => None,
    }
}
