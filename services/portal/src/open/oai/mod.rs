//! OAI-PMH 2.0: the metadata of releases, tables and school reports, for harvesters.

mod arguments;
mod datacite;
mod dublin_core;
mod record;
mod token;
mod verbs;

use axum::{
    extract::RawForm,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use http::header;

use super::{Caller, xml::Xml};
use crate::web::cache;
use arguments::Arguments;

/// How many records or headers one answer holds.
const ON_A_PAGE: usize = 100;

/// A format of metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// Unqualified Dublin Core, which every harvester reads.
    DublinCore,
    /// DataCite's kernel 4.
    DataCite,
}

impl Format {
    const ALL: [Self; 2] = [Self::DublinCore, Self::DataCite];

    /// What harvesters call it.
    fn prefix(self) -> &'static str {
        match self {
            Self::DublinCore => "oai_dc",
            Self::DataCite => "oai_datacite",
        }
    }

    /// Its schema and its namespace.
    fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::DublinCore => (
                "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
                "http://www.openarchives.org/OAI/2.0/oai_dc/",
            ),
            Self::DataCite => (datacite::SCHEMA, datacite::NAMESPACE),
        }
    }

    /// The format of a prefix.
    fn of(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.prefix() == prefix)
    }
}

/// An error of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    code: &'static str,
    says: String,
}

impl Fault {
    fn new(code: &'static str, says: impl Into<String>) -> Self {
        Self { code, says: says.into() }
    }
}

/// Answers a request of either method.
pub async fn answer(
    caller: Caller,
    form: Result<RawForm, axum::extract::rejection::RawFormRejection>,
) -> Response {
    let form = form.map(|RawForm(bytes)| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let read = Arguments::read(&form);
    let mut xml = Xml::new();
    let base = format!("{}/oai", caller.origin());
    let body = match &read {
        Ok(arguments) => match verbs::answer(&caller, arguments).await {
            Ok(body) => body,
            Err(failure) => {
                tracing::warn!(?failure, "a harvester could not be answered");
                return (failure.status(), [(header::RETRY_AFTER, "30")]).into_response();
            }
        },
        Err(fault) => Err(fault.clone()),
    };
    let namespaces = [
        ("xmlns", "http://www.openarchives.org/OAI/2.0/"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
        (
            "xsi:schemaLocation",
            "http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
        ),
    ];
    xml.element("OAI-PMH", &namespaces, |xml| {
        xml.text("responseDate", &stamp(Utc::now()));
        // Where the verb or an argument is wrong, the request is not repeated.
        let shown = match (&read, &body) {
            (Ok(arguments), Err(fault)) if fault.code != "badArgument" => arguments.pairs(),
            (Ok(arguments), Ok(_)) => arguments.pairs(),
            _ => vec![],
        };
        xml.element("request", &shown, |xml| xml.write(&base));
        match body {
            Ok(body) => body.write(xml),
            Err(fault) => {
                xml.element("error", &[("code", fault.code)], |xml| xml.write(&fault.says));
            }
        }
    });
    let response = ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], xml.finish()).into_response();
    cache::share(response)
}

/// A moment as the protocol writes it.
fn stamp(time: chrono::DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
