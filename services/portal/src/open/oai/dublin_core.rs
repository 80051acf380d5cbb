//! A record in unqualified Dublin Core.

use zhijian_tables::Words;

use super::record::Record;
use crate::open::xml::Xml;

/// Writes what a record says.
pub fn write(record: &Record, xml: &mut Xml) {
    let about = &record.about;
    let namespaces = [
        ("xmlns:oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        (
            "xsi:schemaLocation",
            "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        ),
    ];
    xml.element("oai_dc:dc", &namespaces, |xml| {
        both(xml, "dc:title", &about.title);
        both(xml, "dc:creator", &about.creator);
        both(xml, "dc:subject", &about.subject);
        both(xml, "dc:description", &about.description);
        both(xml, "dc:publisher", &about.publisher);
        xml.text("dc:type", if about.is_data { "Dataset" } else { "Text" })
            .text("dc:identifier", &about.page);
        if !about.is_data {
            xml.text("dc:format", "text/html");
        }
        for (media, address) in &about.files {
            xml.text("dc:format", media).text("dc:relation", address);
        }
        xml.text("dc:date", &record.changed.format("%Y-%m-%d").to_string()).text("dc:language", "zh");
        if !about.district.is_empty() {
            xml.said("dc:coverage", "zh", &about.district);
        }
        xml.text("dc:coverage", &about.year.to_string());
    });
}

fn both(xml: &mut Xml, name: &str, words: &Words) {
    for (lang, text) in [("zh", &words.zh), ("en", &words.en)] {
        if !text.is_empty() {
            xml.said(name, lang, text);
        }
    }
}
