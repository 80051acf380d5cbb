//! XML as a tree, one child of the body at a time: a document's text never stands in memory twice.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::{Bound, Refusal};

/// An element. Names and attributes are kept without their prefix.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub name: String,
    /// Prefix of the name, which tells Word's `w:t` from a drawing's `a:t`.
    pub prefix: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Node>,
    pub text: String,
}

/// Elements one child of the body may hold: a table of a hundred thousand cells.
const MOST: usize = 3_000_000;

impl Node {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The attribute `val`.
    pub fn value(&self) -> Option<&str> {
        self.attribute("val")
    }

    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|c| c.name == name)
    }

    /// A child's `val` as a number.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.child(name)?.value()?.parse().ok()
    }

    /// Whether a switch such as `<w:b/>` is on; `None` if it is not mentioned.
    pub fn switch(&self, name: &str) -> Option<bool> {
        let value = self.child(name)?.value();
        Some(!matches!(value, Some("0" | "false" | "off")))
    }

    /// All elements below this one, itself included.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Self)) {
        visit(self);
        for child in &self.children {
            child.each(visit);
        }
    }
}

/// An XML part, read child by child.
pub(super) struct Part<'a> {
    reader: Reader<&'a [u8]>,
    name: &'a str,
}

impl<'a> Part<'a> {
    /// `xml` was looked through before: nesting is bounded, and there are no entities of its own.
    pub fn new(name: &'a str, xml: &'a [u8]) -> Self {
        let mut reader = Reader::from_reader(xml);
        // Word closes what it opens; what does not is damaged.
        reader.config_mut().expand_empty_elements = false;
        Self { reader, name }
    }

    /// Goes into the first element of this name.
    pub fn enter(&mut self, name: &str) -> Result<bool, Refusal> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match self.reader.read_event_into(&mut buffer) {
                Ok(Event::Start(e)) if e.local_name().as_ref() == name => return Ok(true),
                Ok(Event::Eof) => return Ok(false),
                Ok(_) => {}
                Err(_) => return Err(Refusal::damaged(self.name)),
            }
        }
    }

    /// The next child of the element that was entered; `None` at its end.
    pub fn next(&mut self) -> Result<Option<Node>, Refusal> {
        let damaged = || Refusal::damaged(self.name);
        let mut stack: Vec<Node> = Vec::new();
        let mut buffer = Vec::new();
        let mut count = 0;
        loop {
            buffer.clear();
            let event = self.reader.read_event_into(&mut buffer).map_err(|_| damaged())?;
            let closed = match event {
                Event::Start(e) => {
                    stack.push(node(&e));
                    count += 1;
                    None
                }
                Event::Empty(e) => {
                    count += 1;
                    Some(node(&e))
                }
                Event::End(_) => match stack.pop() {
                    Some(node) => Some(node),
                    None => return Ok(None),
                },
                Event::Text(t) => {
                    if let Some(top) = stack.last_mut() {
                        top.text.push_str(&t.xml10_content());
                    }
                    None
                }
                Event::CData(t) => {
                    if let Some(top) = stack.last_mut() {
                        top.text.push_str(&t.xml10_content());
                    }
                    None
                }
                Event::GeneralRef(reference) => {
                    if let Some(top) = stack.last_mut() {
                        let named = match &*reference {
                            "amp" => Some('&'),
                            "lt" => Some('<'),
                            "gt" => Some('>'),
                            "quot" => Some('"'),
                            "apos" => Some('\''),
                            _ => reference.resolve_char_ref().ok().flatten(),
                        };
                        top.text.push(named.ok_or_else(damaged)?);
                    }
                    None
                }
                Event::Eof => return if stack.is_empty() { Ok(None) } else { Err(damaged()) },
                _ => None,
            };
            if count > MOST {
                return Err(Refusal::TooLarge {
                    bound: Bound::Cells,
                    limit: MOST as u64,
                    place: self.name.to_owned(),
                });
            }
            if let Some(node) = closed {
                match stack.last_mut() {
                    Some(top) => top.children.push(node),
                    None => return Ok(Some(node)),
                }
            }
        }
    }

    /// All children of the element that was entered.
    pub fn rest(mut self) -> Result<Vec<Node>, Refusal> {
        let mut nodes = Vec::new();
        while let Some(node) = self.next()? {
            nodes.push(node);
        }
        Ok(nodes)
    }
}

fn node(e: &BytesStart<'_>) -> Node {
    let name = e.name();
    let prefix = name.prefix().map(|p| p.as_ref().to_owned()).unwrap_or_default();
    let attributes = e
        .attributes()
        .with_checks(false)
        .flatten()
        .map(|a| {
            let value = a
                .normalized_value(XmlVersion::Implicit1_0)
                .map(std::borrow::Cow::into_owned)
                .unwrap_or_default();
            (a.key.local_name().as_ref().to_owned(), value)
        })
        .collect();
    Node { name: name.local_name().as_ref().to_owned(), prefix, attributes, ..Node::default() }
}
