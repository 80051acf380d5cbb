//! The arguments of a request: each verb has its own.

use axum::extract::Query;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use http::Uri;

use super::Fault;

/// A verb with the arguments it takes: those that it must have, those that it may have, and whether a resumption token may
/// stand in for all of them.
struct Form {
    verb: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    resumable: bool,
}

const FORMS: [Form; 6] = [
    Form { verb: "Identify", required: &[], optional: &[], resumable: false },
    Form { verb: "ListMetadataFormats", required: &[], optional: &["identifier"], resumable: false },
    Form { verb: "ListSets", required: &[], optional: &[], resumable: true },
    Form { verb: "GetRecord", required: &["identifier", "metadataPrefix"], optional: &[], resumable: false },
    Form {
        verb: "ListIdentifiers",
        required: &["metadataPrefix"],
        optional: &["from", "until", "set"],
        resumable: true,
    },
    Form {
        verb: "ListRecords",
        required: &["metadataPrefix"],
        optional: &["from", "until", "set"],
        resumable: true,
    },
];

/// A request whose arguments fit its verb.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    given: Vec<(String, String)>,
    /// The first moment wanted.
    pub from: Option<DateTime<Utc>>,
    /// The last moment wanted.
    pub until: Option<DateTime<Utc>>,
}

impl Arguments {
    /// Reads a query or a posted form.
    ///
    /// # Errors
    /// `badVerb` or `badArgument`.
    pub fn read(form: &str) -> Result<Self, Fault> {
        // What a query may not contain cannot come over HTTP in one; in a posted form it is no argument.
        let uri: Uri = format!("/?{form}").parse().map_err(|_| bad("The arguments cannot be read."))?;
        let given = Query::<Vec<(String, String)>>::try_from_uri(&uri)
            .map(|Query(pairs)| pairs)
            .map_err(|_| bad("The arguments cannot be read."))?;
        let mut verbs = given.iter().filter(|(name, _)| name == "verb").map(|(_, value)| value.as_str());
        let form = match (verbs.next(), verbs.next()) {
            (Some(verb), None) => FORMS.iter().find(|form| form.verb == verb),
            _ => None,
        };
        let Some(form) = form else {
            return Err(Fault::new("badVerb", "The verb is missing, repeated or not one of the protocol."));
        };
        let mut seen: Vec<&str> = vec![];
        for (name, value) in &given {
            let known = name == "verb"
                || form.required.contains(&name.as_str())
                || form.optional.contains(&name.as_str())
                || (form.resumable && name == "resumptionToken");
            if !known || seen.contains(&name.as_str()) || value.is_empty() {
                let name: String = name.chars().take(60).collect();
                return Err(bad(&format!("{name} is not taken, repeated or empty.")));
            }
            seen.push(name);
        }
        let resumed = seen.contains(&"resumptionToken");
        if resumed && seen.len() > 2 {
            return Err(bad("resumptionToken stands alone."));
        }
        if let Some(missing) = form.required.iter().find(|name| !resumed && !seen.contains(name)) {
            return Err(bad(&format!("{missing} is missing.")));
        }
        let mut arguments = Self { given, from: None, until: None };
        let read = |name| match arguments.get(name) {
            None => Ok(None),
            Some(text) => moment(text)
                .map(Some)
                .ok_or_else(|| bad("A date is written 2026-01-09 or 2026-01-09T00:00:00Z.")),
        };
        let (from, until) = (read("from")?, read("until")?);
        if let (Some((from, from_day)), Some((until, until_day))) = (from, until)
            && (from_day != until_day || from > until)
        {
            return Err(bad("from and until are written alike, and from is not later."));
        }
        arguments.from = from.map(|(from, _)| from);
        // A day lasts to its last second.
        arguments.until =
            until.map(|(until, day)| if day { until + TimeDelta::seconds(86_399) } else { until });
        Ok(arguments)
    }

    /// The verb.
    pub fn verb(&self) -> &str {
        self.get("verb").unwrap_or_default()
    }

    /// An argument.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// All of them.
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        self.given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

fn bad(says: &str) -> Fault {
    Fault::new("badArgument", says)
}

/// A moment, and whether it is a whole day.
fn moment(text: &str) -> Option<(DateTime<Utc>, bool)> {
    let exact = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ").ok().filter(|_| text.len() == 20);
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10)?;
        Some((day.and_hms_opt(0, 0, 0)?.and_utc(), true))
    };
    exact.map(|time| (time.and_utc(), false)).or_else(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(form: &str) -> &'static str {
        Arguments::read(form).map_or_else(|fault| fault.code, |_| "")
    }

    #[test]
    fn each_verb_takes_its_own_arguments_once() {
        for sound in [
            "verb=Identify",
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-12-31&set=table",
            "verb=ListIdentifiers&resumptionToken=x",
            "verb=GetRecord&identifier=oai%3Ax%3A1&metadataPrefix=oai_dc",
        ] {
            assert_eq!(code(sound), "", "{sound}");
        }
        for form in ["", "verb=", "verb=identify", "verb=Identify&verb=Identify", "verb=Delete"] {
            assert_eq!(code(form), "badVerb", "{form}");
        }
        for form in [
            "verb=Identify&set=table",
            "verb=ListRecords",
            "verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc",
            "verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x",
            "verb=ListRecords&metadataPrefix=oai_dc&from=",
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026",
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026-13-01",
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01T00:00:00%2B08:00",
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-02&until=2026-01-01",
            "verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-01-01T00:00:00Z",
            "verb=GetRecord&identifier=x",
        ] {
            assert_eq!(code(form), "badArgument", "{form}");
        }
    }

    #[test]
    fn a_day_lasts_to_its_last_second() {
        let read = Arguments::read("verb=ListRecords&metadataPrefix=oai_dc&until=2026-01-09").expect("sound");
        assert_eq!(read.until.map(super::super::stamp).as_deref(), Some("2026-01-09T23:59:59Z"));
    }
}
