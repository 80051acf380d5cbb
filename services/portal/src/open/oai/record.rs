//! What can be harvested: a record each for every release, table and report that is public. What a record says is put together
//! here; how it is written is its format's to know.

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest, Sha256};
use zhijian_proto::{
    publication::v1::{Release, Table, release},
    submission::v1::PublicReport,
};
use zhijian_tables::Words;

use super::{super::Caller, Format, datacite, dublin_core, stamp};
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
    /// What it says of the thing itself.
    pub about: About,
}

/// What a record says, however it is written.
#[derive(Debug, Default)]
pub struct About {
    /// What it is called.
    pub title: Words,
    /// Who made it.
    pub creator: Words,
    /// Who published it.
    pub publisher: Words,
    /// What sort of report it is; empty for data.
    pub subject: Words,
    /// Where its figures come from; empty for texts.
    pub description: Words,
    /// Whether it is data; a text otherwise.
    pub is_data: bool,
    /// Its page.
    pub page: String,
    /// The page of what it is a part of; empty for what stands alone.
    pub part_of: String,
    /// Its files: the media type and the address.
    pub files: Vec<(&'static str, String)>,
    /// The district it is about, in Chinese; empty for the whole region.
    pub district: String,
    /// The year it is about.
    pub year: i32,
    /// The day on which it was published.
    pub published: NaiveDate,
    /// The day on which it was taken back, if it was.
    pub withdrawn: Option<NaiveDate>,
    /// Its version, from 1; 0 before it is published.
    pub version: i32,
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
    fn record(&self, set: &str, id: &str, changed: DateTime<Utc>, about: About) -> Record {
        let host = self.host.split(':').next().unwrap_or_default();
        let identifier = format!("oai:{host}:{set}/{id}");
        let sets = [set.to_owned(), format!("year:{}", about.year)];
        Record { identifier, changed, sets, about: About { publisher: self.region.clone(), ..about } }
    }

    fn release(&self, standing: &Standing) -> Record {
        let release = &standing.release;
        let (year, changed) = (release.year, moment(standing));
        let about = About {
            title: words(release.title.as_ref()),
            creator: self.region.clone(),
            description: words(release.note.as_ref()),
            is_data: true,
            page: format!("{}/releases/{year}", self.origin),
            year,
            published: published(release, changed),
            // What is withdrawn does not change any more.
            withdrawn: (release.state() == release::State::Withdrawn).then(|| format::day(changed)),
            version: release.version,
            ..About::default()
        };
        self.record("release", &year.to_string(), changed, about)
    }

    fn table(&self, standing: &Standing, table: &Table) -> Record {
        let release = &standing.release;
        let (year, number, changed) = (release.year, table.number.as_str(), moment(standing));
        let title = words(table.title.as_ref());
        let file = |format: &str| format!("{}{}", self.origin, table_address(&base(year, 0), number, format));
        let media = TABLE_MEDIA.map(|media| media.split(';').next().unwrap_or_default());
        let about = About {
            title: Words::new(format!("表 {number} {}", title.zh), format!("Table {number} {}", title.en)),
            creator: self.region.clone(),
            description: words(table.source.as_ref()),
            is_data: true,
            page: format!("{}/releases/{year}/tables/{}", self.origin, link::segment(number)),
            part_of: format!("{}/releases/{year}", self.origin),
            files: FORMATS.into_iter().zip(media).map(|(format, media)| (media, file(format))).collect(),
            year,
            published: published(release, changed),
            version: release.version,
            ..About::default()
        };
        self.record("table", &format!("{year}/{number}"), changed, about)
    }

    fn report(&self, report: &PublicReport) -> Record {
        let (year, id) = (report.cycle_year, report.submission_id.as_str());
        let changed = format::moment(report.update_time.as_ref()).unwrap_or_default();
        let (of, kind) = (words(report.subject_name.as_ref()), words(report.kind_name.as_ref()));
        let about = About {
            title: Words::new(
                format!("{}：{year} 年度{}", of.zh, kind.zh),
                format!("{}: {}, {year}", of.en, kind.en),
            ),
            creator: words(report.organisation_name.as_ref()),
            subject: kind,
            page: format!("{}/reports/{id}", self.origin),
            district: report.district.clone(),
            year,
            published: format::day(changed),
            version: report.revision_number,
            ..About::default()
        };
        self.record("report", id, changed, about)
    }
}

/// The day on which a release was published; while it is under notice, when it was last changed.
fn published(release: &Release, changed: DateTime<Utc>) -> NaiveDate {
    format::day(format::moment(release.publish_time.as_ref()).unwrap_or(changed))
}

fn moment(standing: &Standing) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&standing.changed()).map(|time| time.to_utc()).unwrap_or_default()
}

impl Record {
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

    /// The whole record in a format.
    pub fn whole(&self, format: Format, xml: &mut Xml) {
        xml.element("record", &[], |xml| {
            self.header(xml);
            xml.element("metadata", &[], |xml| match format {
                Format::DublinCore => dublin_core::write(self, xml),
                Format::DataCite => datacite::write(self, xml),
            });
        });
    }
}
