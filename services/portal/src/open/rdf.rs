//! A graph of statements, written as Turtle and as JSON-LD.

use serde_json::{Map, Value, json};

/// The vocabularies.
const PREFIXES: [(&str, &str); 7] = [
    ("dcat", "http://www.w3.org/ns/dcat#"),
    ("dct", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("spdx", "http://spdx.org/rdf/terms#"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// What is said of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// Another thing, by its whole address.
    Thing(String),
    /// A text in a language.
    Said(String, &'static str),
    /// A value of a type ("xsd:date").
    Typed(String, &'static str),
}

/// A thing, and what is said of it.
pub struct Thing {
    id: String,
    kind: &'static str,
    said: Vec<(&'static str, Object)>,
}

impl Thing {
    /// A thing of a kind ("dcat:Dataset").
    pub fn new(id: impl Into<String>, kind: &'static str) -> Self {
        Self { id: id.into(), kind, said: vec![] }
    }

    /// Says that it stands in a relation to another thing.
    pub fn is(mut self, relation: &'static str, other: impl Into<String>) -> Self {
        self.said.push((relation, Object::Thing(other.into())));
        self
    }

    /// Says a text in Chinese and English; nothing where it is empty.
    pub fn says(mut self, relation: &'static str, zh: &str, en: &str) -> Self {
        for (text, lang) in [(zh, "zh"), (en, "en")] {
            if !text.is_empty() {
                self.said.push((relation, Object::Said(text.to_owned(), lang)));
            }
        }
        self
    }

    /// Says a value.
    pub fn has(mut self, relation: &'static str, value: impl Into<String>, kind: &'static str) -> Self {
        self.said.push((relation, Object::Typed(value.into(), kind)));
        self
    }
}

/// The graph in Turtle.
pub fn turtle(things: &[Thing]) -> String {
    let mut text: String =
        PREFIXES.iter().map(|(name, iri)| format!("@prefix {name}: <{iri}> .\n")).collect();
    for thing in things {
        text.push_str(&format!("\n<{}> a {}", iri(&thing.id), thing.kind));
        for (relation, object) in &thing.said {
            let object = match object {
                Object::Thing(id) => format!("<{}>", iri(id)),
                Object::Said(said, lang) => format!("{}@{lang}", literal(said)),
                Object::Typed(value, kind) => format!("{}^^{kind}", literal(value)),
            };
            text.push_str(&format!(" ;\n    {relation} {object}"));
        }
        text.push_str(" .\n");
    }
    text
}

/// The graph in JSON-LD.
pub fn json_ld(things: &[Thing]) -> Value {
    let context: Map<String, Value> =
        PREFIXES.iter().map(|(name, iri)| ((*name).to_owned(), Value::from(*iri))).collect();
    let node = |thing: &Thing| {
        let mut node = Map::new();
        node.insert("@id".to_owned(), Value::from(iri(&thing.id)));
        node.insert("@type".to_owned(), Value::from(thing.kind));
        for (relation, object) in &thing.said {
            let object = match object {
                Object::Thing(id) => json!({ "@id": iri(id) }),
                Object::Said(said, lang) => json!({ "@value": said, "@language": lang }),
                Object::Typed(value, kind) => json!({ "@value": value, "@type": kind }),
            };
            let said = node.entry((*relation).to_owned()).or_insert_with(|| Value::Array(vec![]));
            if let Value::Array(said) = said {
                said.push(object);
            }
        }
        Value::Object(node)
    };
    json!({ "@context": context, "@graph": things.iter().map(node).collect::<Vec<_>>() })
}

/// An address without what an IRI cannot hold.
fn iri(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !" <>\"{}|^`\\".contains(*c)).collect()
}

fn literal(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => {}
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let things = [Thing::new("http://x/1", "dcat:Dataset")
            .says("dct:title", "表“一”\n", "Table \"1\"")
            .is("dcat:theme", "http://x/t>")
            .has("dct:issued", "2026-01-09", "xsd:date")];
        let turtle = turtle(&things);
        assert!(turtle.contains("<http://x/1> a dcat:Dataset ;\n    dct:title \"表“一”\\n\"@zh ;\n    dct:title \"Table \\\"1\\\"\"@en ;\n    dcat:theme <http://x/t> ;\n    dct:issued \"2026-01-09\"^^xsd:date .\n"), "{turtle}");
        let json = json_ld(&things);
        assert_eq!(json["@graph"][0]["dct:title"][1]["@value"], "Table \"1\"");
        assert_eq!(json["@graph"][0]["dct:issued"][0]["@type"], "xsd:date");
    }
}
