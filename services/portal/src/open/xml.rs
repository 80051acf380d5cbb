//! XML in the making: elements that close, text that is escaped, nothing that XML cannot hold.

use quick_xml::escape::escape;

/// A document that grows.
pub struct Xml(String);

impl Xml {
    /// A document with nothing in it yet.
    pub fn new() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned())
    }

    /// An element with what `inner` writes into it.
    pub fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inner: impl FnOnce(&mut Self),
    ) -> &mut Self {
        self.open(name, attributes);
        self.0.push('>');
        inner(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    /// An element with a text.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.element(name, &[], |xml| xml.write(text))
    }

    /// An element with a text in a language.
    pub fn said(&mut self, name: &str, lang: &str, text: &str) -> &mut Self {
        self.element(name, &[("xml:lang", lang)], |xml| xml.write(text))
    }

    /// An element without content.
    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> &mut Self {
        self.open(name, attributes);
        self.0.push_str("/>");
        self
    }

    /// A text.
    pub fn write(&mut self, text: &str) {
        self.0.push_str(&escape(storable(text).as_str()));
    }

    /// The document.
    pub fn finish(self) -> String {
        self.0
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (key, value) in attributes {
            self.0.push(' ');
            self.0.push_str(key);
            self.0.push_str("=\"");
            self.write(value);
            self.0.push('"');
        }
    }
}

/// The text without what XML 1.0 cannot hold.
fn storable(text: &str) -> String {
    let holds = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    text.chars().filter(holds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_its_element() {
        let mut xml = Xml::new();
        xml.element("a", &[("b", "\"<&")], |xml| xml.write("<c>&\u{0}\u{FFFF}字"));
        assert!(xml.finish().ends_with("<a b=\"&quot;&lt;&amp;\">&lt;c&gt;&amp;字</a>"));
    }
}
