//! The six verbs.

use chrono::{DateTime, Utc};

use super::{
    Fault, Format, ON_A_PAGE,
    arguments::Arguments,
    record::{self, Record, SETS},
    stamp,
    token::Token,
};
use crate::{
    open::{Caller, shape::words, xml::Xml},
    web::error::Failure,
};

/// What is answered to a request without fault.
pub enum Body {
    Identify { name: String, base: String, earliest: DateTime<Utc> },
    Formats,
    Sets(Vec<String>),
    Record(Format, Box<Record>),
    Headers(Page),
    Records(Page),
}

/// A part of a list.
pub struct Page {
    format: Format,
    records: Vec<Record>,
    cursor: usize,
    whole: usize,
    /// The token of the rest; nothing on the last page.
    next: Option<String>,
}

/// Answers a request.
///
/// # Errors
/// Those of the services. Faults of the request are answers.
pub async fn answer(caller: &Caller, arguments: &Arguments) -> Result<Result<Body, Fault>, Failure> {
    let verb = arguments.verb();
    let prefix = arguments.get("metadataPrefix").unwrap_or(Format::DublinCore.prefix());
    let Some(format) = Format::of(prefix) else {
        let known = Format::ALL.map(Format::prefix).join(" and ");
        return Ok(Err(Fault::new("cannotDisseminateFormat", format!("Metadata are given as {known}."))));
    };
    let records = record::all(caller).await?;
    Ok(match verb {
        "Identify" => {
            let region = caller.portal.region(caller.lang).await;
            Ok(Body::Identify {
                name: words(region.name.as_ref()).zh,
                base: format!("{}/oai", caller.origin()),
                earliest: records.first().map(|record| record.changed).unwrap_or_default(),
            })
        }
        "ListMetadataFormats" => match arguments.get("identifier") {
            Some(identifier) if records.iter().all(|record| record.identifier != identifier) => {
                Err(unknown())
            }
            _ => Ok(Body::Formats),
        },
        "ListSets" => match arguments.get("resumptionToken") {
            // All sets fit into one answer: no token was ever handed out.
            Some(_) => Err(bad_token()),
            None => {
                let mut years: Vec<String> = records.iter().map(|record| record.sets[1].clone()).collect();
                years.sort_unstable();
                years.dedup();
                Ok(Body::Sets(years))
            }
        },
        "GetRecord" => {
            let wanted = arguments.get("identifier").unwrap_or_default();
            let found = records.into_iter().find(|record| record.identifier == wanted);
            found.map(|record| Body::Record(format, Box::new(record))).ok_or_else(unknown)
        }
        "ListIdentifiers" => page(records, arguments, format).map(Body::Headers),
        _ => page(records, arguments, format).map(Body::Records),
    })
}

fn unknown() -> Fault {
    Fault::new("idDoesNotExist", "There is no public record of this identifier.")
}

fn bad_token() -> Fault {
    Fault::new("badResumptionToken", "The token is none of ours, or the list has changed since: start over.")
}

fn page(records: Vec<Record>, arguments: &Arguments, format: Format) -> Result<Page, Fault> {
    let asked = match arguments.get("resumptionToken") {
        Some(token) => Token::read(token).ok_or_else(bad_token)?,
        None => Token {
            format,
            from: arguments.from,
            until: arguments.until,
            set: arguments.get("set").unwrap_or_default().to_owned(),
            cursor: 0,
            print: String::new(),
        },
    };
    let resumed = arguments.get("resumptionToken").is_some();
    let wanted = |record: &Record| {
        record.is_in(&asked.set)
            && asked.from.is_none_or(|from| record.changed.timestamp() >= from.timestamp())
            && asked.until.is_none_or(|until| record.changed.timestamp() <= until.timestamp())
    };
    let found: Vec<Record> = records.into_iter().filter(wanted).collect();
    let print = record::fingerprint(&found.iter().collect::<Vec<_>>());
    if resumed && (print != asked.print || asked.cursor >= found.len()) {
        return Err(bad_token());
    }
    if found.is_empty() {
        return Err(Fault::new("noRecordsMatch", "Nothing public was changed within these bounds."));
    }
    let whole = found.len();
    let end = asked.cursor + ON_A_PAGE;
    let next = (end < whole).then(|| Token { cursor: end, print, ..asked.clone() }.write());
    let records = found.into_iter().skip(asked.cursor).take(ON_A_PAGE).collect();
    Ok(Page { format: asked.format, records, cursor: asked.cursor, whole, next })
}

impl Body {
    /// Writes the verb's element.
    pub fn write(self, xml: &mut Xml) {
        match self {
            Self::Identify { name, base, earliest } => {
                xml.element("Identify", &[], |xml| identify(xml, &name, &base, earliest));
            }
            Self::Formats => {
                xml.element("ListMetadataFormats", &[], |xml| {
                    for format in Format::ALL {
                        let (schema, namespace) = format.described();
                        xml.element("metadataFormat", &[], |xml| {
                            xml.text("metadataPrefix", format.prefix())
                                .text("schema", schema)
                                .text("metadataNamespace", namespace);
                        });
                    }
                });
            }
            Self::Sets(years) => {
                xml.element("ListSets", &[], |xml| {
                    let kinds = SETS.map(|(set, name)| (set.to_owned(), name.to_owned()));
                    let years = years.into_iter().map(|set| {
                        let name = format!("{} 年度", set.trim_start_matches("year:"));
                        (set, name)
                    });
                    let all = [("year".to_owned(), "年度 Years".to_owned())].into_iter().chain(years);
                    for (set, name) in kinds.into_iter().chain(all) {
                        xml.element("set", &[], |xml| {
                            xml.text("setSpec", &set).text("setName", &name);
                        });
                    }
                });
            }
            Self::Record(format, record) => {
                xml.element("GetRecord", &[], |xml| record.whole(format, xml));
            }
            Self::Headers(page) => {
                xml.element("ListIdentifiers", &[], |xml| page.write(xml, Record::header));
            }
            Self::Records(page) => {
                xml.element("ListRecords", &[], |xml| {
                    page.write(xml, |record, xml| record.whole(page.format, xml));
                });
            }
        }
    }
}

fn identify(xml: &mut Xml, name: &str, base: &str, earliest: DateTime<Utc>) {
    xml.text("repositoryName", &format!("{name}职业教育质量年度"))
        .text("baseURL", base)
        .text("protocolVersion", "2.0")
        .text("adminEmail", &format!("open-data@{}", domain(base)))
        .text("earliestDatestamp", &stamp(earliest))
        .text("deletedRecord", "no")
        .text("granularity", "YYYY-MM-DDThh:mm:ssZ")
        .text("compression", "gzip");
}

fn domain(base: &str) -> &str {
    let host = base.split("//").nth(1).unwrap_or_default();
    host.split(['/', ':']).next().unwrap_or_default()
}

impl Page {
    fn write(&self, xml: &mut Xml, form: impl Fn(&Record, &mut Xml)) {
        for record in &self.records {
            form(record, xml);
        }
        if self.cursor > 0 || self.next.is_some() {
            let (whole, cursor) = (self.whole.to_string(), self.cursor.to_string());
            let counts = [("completeListSize", whole.as_str()), ("cursor", cursor.as_str())];
            xml.element("resumptionToken", &counts, |xml| {
                xml.write(self.next.as_deref().unwrap_or_default())
            });
        }
    }
}
