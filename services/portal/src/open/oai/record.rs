//! What can be harvested: a record each for every release, table and report that is public.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use zhijian_proto::{publication::v1::Table, submission::v1::PublicReport};
use zhijian_tables::Words;

use super::{super::Caller, stamp};
use crate::{
    open::{
        releases::{Standing, standing},
        reports,
        route::{FORMATS, TABLE_MEDIA},
        shape::{base, table_address, words},
        xml::Xml,
    },
    web::{error::Failure, format, link},
};

/// The kinds of records: the set, and what it is called.
pub const SETS: [(&str, &str); 3] =
    [("release", "年度结果 Releases"), ("table", "数据表 Tables"), ("report", "学校年报 Reports of schools")];

/// A record, in whatever form.
pub struct Record {
    /// Its name for harvesters.
    pub identifier: String,
    /// When it was last changed.
    pub changed: DateTime<Utc>,
    /// The sets it belongs to.
    pub sets: [String; 2],
    core: Vec<(&'static str, Option<&'static str>, String)>,
}

/// Every record, in the order of when they were last changed.
pub async fn all(caller: &Caller) -> Result<Vec<Record>, Failure> {
    let origin = caller.origin();
    let (releases, reports) = futures::try_join!(standing(caller), reports::public(caller))?;
    let region = words(caller.portal.region(caller.lang).await.name.as_ref());
    let site = Site { host: origin.split("//").nth(1).unwrap_or_default().to_owned(), origin, region };
    let mut records = vec![];
    for standing in &releases {
        records.push(site.release(standing));
        records.extend(standing.tables.iter().map(|table| site.table(standing, table)));
    }
    records.extend(reports.iter().map(|report| site.report(report)));
    records.sort_by(|one, other| (one.changed, &one.identifier).cmp(&(other.changed, &other.identifier)));
    Ok(records)
}

/// What a list of records looks like.
pub fn fingerprint(records: &[&Record]) -> String {
    let mut hash = Sha256::new();
    for record in records {
        hash.update(format!("{} {};", record.identifier, stamp(record.changed)));
    }
    format!("{:x}", hash.finalize()).chars().take(16).collect()
}

/// Whose records they are.
struct Site {
    origin: String,
    host: String,
    region: Words,
}

impl Site {
    fn record(&self, set: &str, year: i32, id: &str, changed: DateTime<Utc>) -> Record {
        let host = self.host.split(':').next().unwrap_or_default();
        let identifier = format!("oai:{host}:{set}/{id}");
        Record { identifier, changed, sets: [set.to_owned(), format!("year:{year}")], core: vec![] }
    }

    fn release(&self, standing: &Standing) -> Record {
        let release = &standing.release;
        let year = release.year;
        let mut record = self.record("release", year, &year.to_string(), moment(standing));
        let (title, note) = (words(release.title.as_ref()), words(release.note.as_ref()));
        record.both("dc:title", &title).both("dc:creator", &self.region).both("dc:description", &note);
        record.plain("dc:type", "Dataset").plain("dc:identifier", format!("{}/releases/{year}", self.origin));
        self.close(&mut record, year);
        record
    }

    fn table(&self, standing: &Standing, table: &Table) -> Record {
        let release = &standing.release;
        let (year, number) = (release.year, table.number.as_str());
        let mut record = self.record("table", year, &format!("{year}/{number}"), moment(standing));
        let title = words(table.title.as_ref());
        let title = Words::new(format!("表 {number} {}", title.zh), format!("Table {number} {}", title.en));
        record.both("dc:title", &title).both("dc:creator", &self.region);
        record.both("dc:description", &words(table.source.as_ref())).plain("dc:type", "Dataset");
        let page = format!("{}/releases/{year}/tables/{}", self.origin, link::segment(number));
        record.plain("dc:identifier", page);
        for (format, media) in FORMATS.into_iter().zip(TABLE_MEDIA) {
            record.plain("dc:format", media.split(';').next().unwrap_or_default());
            record.plain(
                "dc:relation",
                format!("{}{}", self.origin, table_address(&base(year, 0), number, format)),
            );
        }
        self.close(&mut record, year);
        record
    }

    fn report(&self, report: &PublicReport) -> Record {
        let (year, id) = (report.cycle_year, report.submission_id.as_str());
        let changed = format::moment(report.update_time.as_ref()).unwrap_or_default();
        let mut record = self.record("report", year, id, changed);
        let (of, kind) = (words(report.subject_name.as_ref()), words(report.kind_name.as_ref()));
        let title = Words::new(
            format!("{}：{year} 年度{}", of.zh, kind.zh),
            format!("{}: {}, {year}", of.en, kind.en),
        );
        record.both("dc:title", &title).both("dc:creator", &words(report.organisation_name.as_ref()));
        record.both("dc:subject", &kind).plain("dc:type", "Text").plain("dc:format", "text/html");
        record.plain("dc:identifier", format!("{}/reports/{id}", self.origin));
        if !report.district.is_empty() {
            record.core.push(("dc:coverage", Some("zh"), report.district.clone()));
        }
        self.close(&mut record, year);
        record
    }

    /// What every record says.
    fn close(&self, record: &mut Record, year: i32) {
        let day = record.changed.format("%Y-%m-%d").to_string();
        record.both("dc:publisher", &self.region).plain("dc:date", day).plain("dc:language", "zh");
        record.plain("dc:coverage", year.to_string());
    }
}

fn moment(standing: &Standing) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&standing.changed()).map(|time| time.to_utc()).unwrap_or_default()
}

impl Record {
    fn plain(&mut self, name: &'static str, text: impl Into<String>) -> &mut Self {
        self.core.push((name, None, text.into()));
        self
    }

    fn both(&mut self, name: &'static str, words: &Words) -> &mut Self {
        for (lang, text) in [("zh", &words.zh), ("en", &words.en)] {
            if !text.is_empty() {
                self.core.push((name, Some(lang), text.clone()));
            }
        }
        self
    }

    /// Whether it belongs to a set; "" is everything.
    pub fn is_in(&self, set: &str) -> bool {
        set.is_empty() || self.sets.iter().any(|own| own == set)
    }

    /// Its header.
    pub fn header(&self, xml: &mut Xml) {
        xml.element("header", &[], |xml| {
            xml.text("identifier", &self.identifier).text("datestamp", &stamp(self.changed));
            for set in &self.sets {
                xml.text("setSpec", set);
            }
        });
    }

    /// The whole record, in unqualified Dublin Core.
    pub fn whole(&self, xml: &mut Xml) {
        let namespaces = [
            ("xmlns:oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
            ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
            (
                "xsi:schemaLocation",
                "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
            ),
        ];
        xml.element("record", &[], |xml| {
            self.header(xml);
            xml.element("metadata", &[], |xml| {
                xml.element("oai_dc:dc", &namespaces, |xml| {
                    for (name, lang, text) in &self.core {
                        match lang {
                            Some(lang) => xml.said(name, lang, text),
                            None => xml.text(name, text),
                        };
                    }
                });
            });
        });
    }
}
