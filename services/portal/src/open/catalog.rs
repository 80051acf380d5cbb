//! The catalogue of everything that can be fetched, after DCAT-AP.

use axum::response::Response;
use zhijian_proto::publication::v1::Table;

use super::{
    Caller,
    answer::Data,
    rdf::{self, Thing},
    releases::{Standing, standing},
    route::{FORMATS, TABLE_MEDIA, parameters},
    shape::{base, table_address, words},
};
use crate::web::{error::Failure, format, link};

pub async fn json_ld(caller: Caller) -> Response {
    if let Err(refusal) = caller.arguments(parameters("getCatalog")) {
        return refusal;
    }
    match things(&caller).await {
        Ok(things) => {
            let document = rdf::json_ld(&things).to_string();
            caller.give(Data::new("application/ld+json", document, false))
        }
        Err(failure) => caller.refuse(&failure),
    }
}

pub async fn turtle(caller: Caller) -> Response {
    if let Err(refusal) = caller.arguments(parameters("getCatalogTurtle")) {
        return refusal;
    }
    match things(&caller).await {
        Ok(things) => caller.give(Data::new("text/turtle; charset=utf-8", rdf::turtle(&things), false)),
        Err(failure) => caller.refuse(&failure),
    }
}

/// The registers: their names in the addresses, and their titles.
const REGISTERS: [(&str, &str, &str); 2] = [
    ("institutions", "院校名录", "Register of schools"),
    ("programmes", "专业名录", "Register of programmes"),
];

const PUBLIC: &str = "http://publications.europa.eu/resource/authority/access-right/PUBLIC";
const EDUCATION: &str = "http://publications.europa.eu/resource/authority/data-theme/EDUC";
const LANGUAGES: [&str; 2] = [
    "http://publications.europa.eu/resource/authority/language/ZHO",
    "http://publications.europa.eu/resource/authority/language/ENG",
];

async fn things(caller: &Caller) -> Result<Vec<Thing>, Failure> {
    let origin = caller.origin();
    let releases = standing(caller).await?;
    let region = words(caller.portal.region(caller.lang).await.name.as_ref());
    let catalogue = format!("{origin}/open/v1#catalog");
    let publisher = format!("{origin}/#publisher");
    let service = format!("{origin}/open/v1#service");
    let (title_zh, title_en) = (
        format!("{}职业教育质量年度开放数据", region.zh),
        format!("{}: open data on vocational education", region.en),
    );
    let mut head = Thing::new(&catalogue, "dcat:Catalog")
        .says("dct:title", &title_zh, &title_en)
        .says(
            "dct:description",
            "每一年发布的全部数据表，以及院校和专业名录。",
            "Every table of every year's release, and the registers of schools and programmes.",
        )
        .is("dct:publisher", &publisher)
        .is("foaf:homepage", format!("{origin}/open"))
        .is("dcat:service", &service);
    for language in LANGUAGES {
        head = head.is("dct:language", language);
    }
    let mut things = vec![
        Thing::new(&publisher, "foaf:Agent").says("foaf:name", &region.zh, &region.en),
        Thing::new(&service, "dcat:DataService")
            .says("dct:title", "开放数据接口", "Open data API")
            .is("dcat:endpointURL", format!("{origin}/open/v1"))
            .is("dcat:endpointDescription", format!("{origin}/open/v1/openapi.json")),
    ];
    for standing in &releases {
        let release = &standing.release;
        for table in &standing.tables {
            head = head.is("dcat:dataset", dataset_id(&origin, release.year, &table.number));
            things.extend(dataset(&origin, &publisher, standing, table));
        }
    }
    for (name, zh, en) in REGISTERS {
        let id = format!("{origin}/open/v1/{name}#dataset");
        head = head.is("dcat:dataset", &id);
        let mut register = Thing::new(&id, "dcat:Dataset")
            .says("dct:title", zh, en)
            .says("dct:description", zh, en)
            .is("dct:publisher", &publisher)
            .is("dct:accessRights", PUBLIC)
            .is("dcat:theme", EDUCATION);
        for (format, media) in FORMATS.into_iter().zip(TABLE_MEDIA) {
            let file = format!("{origin}/open/v1/{name}.{format}");
            register = register.is("dcat:distribution", format!("{file}#file"));
            things.push(distribution(&file, media));
        }
        things.push(register);
    }
    things.push(head);
    Ok(things)
}

fn dataset_id(origin: &str, year: i32, number: &str) -> String {
    format!("{origin}/releases/{year}/tables/{}#dataset", link::segment(number))
}

/// A table as a dataset, with the files it can be fetched as.
fn dataset(origin: &str, publisher: &str, standing: &Standing, table: &Table) -> Vec<Thing> {
    let release = &standing.release;
    let (title, source) = (words(table.title.as_ref()), words(table.source.as_ref()));
    let year = release.year;
    let page = format!("{origin}/releases/{year}/tables/{}", link::segment(&table.number));
    let mut dataset = Thing::new(dataset_id(origin, year, &table.number), "dcat:Dataset")
        .says(
            "dct:title",
            &format!("表 {} {}", table.number, title.zh),
            &format!("Table {} {}", table.number, title.en),
        )
        .says("dct:description", &source.zh, &source.en)
        .has("dct:identifier", format!("{year}/{}", table.number), "xsd:string")
        .is("dct:publisher", publisher)
        .is("dct:accessRights", PUBLIC)
        .is("dcat:theme", EDUCATION)
        .is("dcat:landingPage", page);
    if let Some(time) = format::moment(release.publish_time.as_ref()) {
        dataset = dataset.has("dct:issued", time.to_rfc3339(), "xsd:dateTime");
        dataset = dataset.has("dct:modified", standing.changed(), "xsd:dateTime");
    }
    let mut things = vec![];
    let base = base(year, 0);
    for (format, media) in FORMATS.into_iter().zip(TABLE_MEDIA) {
        let file = format!("{origin}{}", table_address(&base, &table.number, format));
        dataset = dataset.is("dcat:distribution", format!("{file}#file"));
        let mut distribution = distribution(&file, media);
        if format == "csv" {
            let checksum = format!("{file}#checksum");
            distribution = distribution.is("spdx:checksum", &checksum);
            things.push(
                Thing::new(checksum, "spdx:Checksum")
                    .is("spdx:algorithm", "http://spdx.org/rdf/terms#checksumAlgorithm_sha256")
                    .has("spdx:checksumValue", &*table.content_hash, "xsd:hexBinary"),
            );
        }
        things.push(distribution);
    }
    things.push(dataset);
    things
}

fn distribution(file: &str, media: &str) -> Thing {
    let media = media.split(';').next().unwrap_or_default();
    Thing::new(format!("{file}#file"), "dcat:Distribution")
        .is("dcat:accessURL", file)
        .is("dcat:downloadURL", file)
        .is("dcat:mediaType", format!("https://www.iana.org/assignments/media-types/{media}"))
}
