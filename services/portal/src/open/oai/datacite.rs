//! A record as DataCite describes things: kernel 4, in the wrapper in which its own records are harvested. Nothing here has a
//! DOI: what identifies a thing is its address, which stays.

use zhijian_tables::Words;

use super::record::{About, Record};
use crate::open::xml::Xml;

/// The version of the kernel that is written.
const KERNEL: &str = "4.5";
/// Where the wrapper is described.
pub const NAMESPACE: &str = "http://schema.datacite.org/oai/oai-1.1/";
/// The wrapper's schema.
pub const SCHEMA: &str = "http://schema.datacite.org/oai/oai-1.1/oai.xsd";

/// Writes what a record says.
pub fn write(record: &Record, xml: &mut Xml) {
    let location = format!("{NAMESPACE} {SCHEMA}");
    xml.element("oai_datacite", &[("xmlns", NAMESPACE), ("xsi:schemaLocation", &location)], |xml| {
        // Whose records they are: the authority in our identifiers, as nobody has given us a symbol.
        let host = record.identifier.split(':').nth(1).unwrap_or_default();
        xml.text("schemaVersion", KERNEL).text("datacentreSymbol", host);
        xml.element("payload", &[], |xml| resource(record, xml));
    });
}

fn resource(record: &Record, xml: &mut Xml) {
    let about = &record.about;
    let namespaces = [
        ("xmlns", "http://datacite.org/schema/kernel-4"),
        (
            "xsi:schemaLocation",
            "http://datacite.org/schema/kernel-4 http://schema.datacite.org/meta/kernel-4.5/metadata.xsd",
        ),
    ];
    let general = if about.is_data { "Dataset" } else { "Report" };
    let day = about.published.format("%Y-%m-%d").to_string();
    xml.element("resource", &namespaces, |xml| {
        xml.element("identifier", &[("identifierType", "URL")], |xml| xml.write(&about.page));
        xml.element("creators", &[], |xml| creator(xml, &about.creator));
        xml.element("titles", &[], |xml| titles(xml, &about.title));
        let (lang, publisher) = first(&about.publisher);
        xml.said("publisher", lang, publisher);
        xml.text("publicationYear", &about.published.format("%Y").to_string());
        let sort = first(&about.subject).1;
        xml.element("resourceType", &[("resourceTypeGeneral", general)], |xml| {
            xml.write(if sort.is_empty() { general } else { sort });
        });
        if !sort.is_empty() {
            xml.element("subjects", &[], |xml| each(xml, "subject", &[], &about.subject));
        }
        xml.element("dates", &[], |xml| {
            xml.element("date", &[("dateType", "Issued")], |xml| xml.write(&day));
            let changed = record.changed.format("%Y-%m-%dT%H:%M:%SZ").to_string();
            xml.element("date", &[("dateType", "Updated")], |xml| xml.write(&changed));
            if let Some(day) = about.withdrawn {
                let day = day.format("%Y-%m-%d").to_string();
                xml.element("date", &[("dateType", "Withdrawn")], |xml| xml.write(&day));
            }
            let year = [("dateType", "Other"), ("dateInformation", "Year that it is about")];
            xml.element("date", &year, |xml| xml.write(&about.year.to_string()));
        });
        xml.text("language", "zh");
        xml.element("alternateIdentifiers", &[], |xml| {
            xml.element("alternateIdentifier", &[("alternateIdentifierType", "OAI")], |xml| {
                xml.write(&record.identifier);
            });
        });
        related(about, xml);
        if about.version > 0 {
            xml.text("version", &about.version.to_string());
        }
        if !first(&about.description).1.is_empty() {
            let kind = [("descriptionType", "Methods")];
            xml.element("descriptions", &[], |xml| each(xml, "description", &kind, &about.description));
        }
        if !about.district.is_empty() {
            xml.element("geoLocations", &[], |xml| {
                xml.element("geoLocation", &[], |xml| {
                    xml.text("geoLocationPlace", &about.district);
                });
            });
        }
    });
}

/// What it belongs to and the files that it can be had as, each with its format.
fn related(about: &About, xml: &mut Xml) {
    let mut links: Vec<(&str, &str)> = vec![];
    if !about.part_of.is_empty() {
        links.push(("IsPartOf", &about.part_of));
    }
    links.extend(about.files.iter().map(|(_, address)| ("IsVariantFormOf", address.as_str())));
    if !links.is_empty() {
        xml.element("relatedIdentifiers", &[], |xml| {
            for (relation, address) in links {
                let kind = [("relatedIdentifierType", "URL"), ("relationType", relation)];
                xml.element("relatedIdentifier", &kind, |xml| xml.write(address));
            }
        });
    }
    xml.element("formats", &[], |xml| {
        xml.text("format", "text/html");
        for (media, _) in &about.files {
            xml.text("format", media);
        }
    });
}

/// The one who made it, once in each language: the kernel has one name to a creator.
fn creator(xml: &mut Xml, name: &Words) {
    for (lang, name) in said(name) {
        xml.element("creator", &[], |xml| {
            xml.element("creatorName", &[("nameType", "Organizational"), ("xml:lang", lang)], |xml| {
                xml.write(name);
            });
        });
    }
}

fn titles(xml: &mut Xml, title: &Words) {
    for (place, (lang, title)) in said(title).enumerate() {
        let translated = [("xml:lang", lang), ("titleType", "TranslatedTitle")];
        xml.element("title", &translated[..=usize::from(place > 0)], |xml| xml.write(title));
    }
}

/// An element for each language.
fn each(xml: &mut Xml, name: &str, attributes: &[(&str, &str)], words: &Words) {
    for (lang, text) in said(words) {
        let mut attributes = attributes.to_vec();
        attributes.push(("xml:lang", lang));
        xml.element(name, &attributes, |xml| xml.write(text));
    }
}

/// What is said, in Chinese first.
fn said(words: &Words) -> impl Iterator<Item = (&'static str, &str)> {
    [("zh", words.zh.as_str()), ("en", words.en.as_str())].into_iter().filter(|(_, text)| !text.is_empty())
}

fn first(words: &Words) -> (&'static str, &str) {
    said(words).next().unwrap_or(("zh", ""))
}
