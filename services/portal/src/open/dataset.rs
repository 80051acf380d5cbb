//! What search engines read in the pages of a release: schema.org's Dataset as JSON-LD.

use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{Release, Table};

use super::{
    route::{FORMATS, TABLE_MEDIA},
    shape::{base, table_address},
};
use crate::web::{format, i18n::text, link, session::Visitor};

/// A release with its tables as a part of its page.
pub fn of_release(visitor: &Visitor, release: &Release, tables: &[Table]) -> Markup {
    let (lang, origin) = (visitor.lang(), visitor.origin());
    let page = format!("{origin}/releases/{}", release.year);
    let mut whole = described(visitor, release, text(lang, release.title.as_ref()), &page);
    let source = tables.first().map_or("", |table| text(lang, table.source.as_ref()));
    whole["description"] = match text(lang, release.note.as_ref()) {
        "" => Value::from(source),
        note => Value::from(note),
    };
    let part = |table: &Table| {
        let mut part = of_table_value(visitor, release, table);
        // What surrounds it says the vocabulary.
        if let Value::Object(members) = &mut part {
            members.remove("@context");
        }
        part
    };
    whole["hasPart"] = tables.iter().map(part).collect();
    block(&whole)
}

/// A table as a part of its page.
pub fn of_table(visitor: &Visitor, release: &Release, table: &Table) -> Markup {
    block(&of_table_value(visitor, release, table))
}

fn of_table_value(visitor: &Visitor, release: &Release, table: &Table) -> Value {
    let (lang, origin, year) = (visitor.lang(), visitor.origin(), release.year);
    let page = format!("{origin}/releases/{year}/tables/{}", link::segment(&table.number));
    let mut dataset = described(visitor, release, text(lang, table.title.as_ref()), &page);
    dataset["description"] = Value::from(text(lang, table.source.as_ref()));
    dataset["identifier"] = Value::from(format!("{year}/{}", table.number));
    let file = |(format, media): (&str, &str)| {
        json!({
            "@type": "DataDownload",
            "encodingFormat": media.split(';').next(),
            "contentUrl": format!("{origin}{}", table_address(&base(year, 0), &table.number, format)),
        })
    };
    dataset["distribution"] = FORMATS.into_iter().zip(TABLE_MEDIA).map(file).collect();
    dataset
}

fn described(visitor: &Visitor, release: &Release, name: &str, page: &str) -> Value {
    let lang = visitor.lang();
    let region = text(lang, visitor.region().name.as_ref());
    let mut dataset = json!({
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": format!("{page}#dataset"),
        "name": name,
        "url": page,
        "inLanguage": [Lang::Zh.tag(), Lang::En.tag()],
        "isAccessibleForFree": true,
        "temporalCoverage": release.year.to_string(),
        "spatialCoverage": region,
        "creator": { "@type": "Organization", "name": region },
    });
    if let Some(time) = format::moment(release.publish_time.as_ref()) {
        dataset["datePublished"] = Value::from(format::day(time).to_string());
    }
    dataset
}

/// Data in a page: no script, and nothing in it can end the element.
fn block(value: &Value) -> Markup {
    let json = value.to_string().replace('<', "\\u003c");
    html! { script type="application/ld+json" { (PreEscaped(json)) } }
}
