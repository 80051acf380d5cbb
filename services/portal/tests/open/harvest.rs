//! Harvesting by OAI-PMH.

use http::{StatusCode, header};

use crate::{
    common::Browser,
    region::{region, reported},
};

/// The text between two marks.
fn between<'a>(body: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    body.split(before).skip(1).filter_map(|rest| rest.split(after).next()).collect()
}

#[tokio::test]
async fn a_harvester_sees_every_record_once() {
    let browser = Browser::new(reported(region(), 250).serve().await, "");
    for verb in ["ListRecords", "ListIdentifiers"] {
        let mut seen = vec![];
        let mut query = format!("verb={verb}&metadataPrefix=oai_dc");
        let mut pages = 0;
        loop {
            let page = browser.get(&format!("/oai?{query}")).await;
            assert!(!page.body.contains("<error"), "{}", page.body);
            seen.extend(between(&page.body, "<identifier>", "</identifier>").into_iter().map(str::to_owned));
            pages += 1;
            match between(
                &page.body,
                "<resumptionToken completeListSize=\"252\" cursor=\"",
                "</resumptionToken>",
            )[0]
            .split_once("\">")
            {
                Some((_, token)) if !token.is_empty() => {
                    query = format!("verb={verb}&resumptionToken={token}")
                }
                _ => break,
            }
        }
        assert_eq!((pages, seen.len()), (3, 252), "a release, a table, 250 reports");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 252);
    }
}

#[tokio::test]
async fn harvesting_by_set_and_date_and_every_error_has_its_code() {
    let browser = Browser::new(reported(region(), 3).serve().await, "");
    let ask = async |query: &str| browser.get(&format!("/oai?{query}")).await;
    let identify = ask("verb=Identify").await;
    assert!(identify.headers[header::CONTENT_TYPE].to_str().expect("text").starts_with("text/xml"));
    assert!(identify.body.contains("<baseURL>http://localhost/oai</baseURL>"), "{}", identify.body);
    assert!(
        identify.body.contains("<earliestDatestamp>2026-01-21T12:53:20Z</earliestDatestamp>"),
        "{}",
        identify.body
    );
    let sets = ask("verb=ListSets").await;
    assert_eq!(
        between(&sets.body, "<setSpec>", "</setSpec>"),
        ["release", "table", "report", "year", "year:2025"]
    );
    let table = ask("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:localhost:table/2025/2-2").await;
    assert!(
        table.body.contains("<dc:title xml:lang=\"zh\">表 2-2 新设专业监测等级分布</dc:title>"),
        "{}",
        table.body
    );
    let some = ask("verb=ListIdentifiers&metadataPrefix=oai_dc&set=report&from=2026-01-21T12:53:22Z").await;
    assert_eq!(
        between(&some.body, "<identifier>", "</identifier>"),
        ["oai:localhost:report/sub_2", "oai:localhost:report/sub_3"]
    );
    for (query, code) in [
        ("", "badVerb"),
        ("verb=Destroy", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&order=1", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=yesterday", "badArgument"),
        ("verb=ListRecords&metadataPrefix=marc", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=marc&identifier=x", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:localhost:table/2031/2-2", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=x", "idDoesNotExist"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2031-01-01", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=video", "noRecordsMatch"),
        ("verb=ListRecords&resumptionToken=nonsense", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=nonsense", "badResumptionToken"),
    ] {
        let page = ask(query).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert_eq!(between(&page.body, "<error code=\"", "\""), [code], "{query}");
    }
    let posted = browser.post("/oai", &[("verb", "ListSets")]).await;
    assert!(posted.body.contains("<setSpec>report</setSpec>"), "{}", posted.body);
}

#[tokio::test]
async fn records_come_as_datacite_to_the_last_page() {
    let browser = Browser::new(reported(region(), 150).serve().await, "");
    let formats = browser.get("/oai?verb=ListMetadataFormats").await;
    assert_eq!(
        between(&formats.body, "<metadataPrefix>", "</metadataPrefix>"),
        ["oai_dc", "oai_datacite"],
        "{}",
        formats.body
    );
    let mut query = "verb=ListRecords&metadataPrefix=oai_datacite".to_owned();
    let mut pages = vec![];
    loop {
        let page = browser.get(&format!("/oai?{query}")).await;
        let next = between(&page.body, "<resumptionToken ", "</resumptionToken>");
        let token = next.first().and_then(|next| next.split('>').nth(1)).unwrap_or_default().to_owned();
        pages.push(page.body);
        if token.is_empty() {
            break;
        }
        query = format!("verb=ListRecords&resumptionToken={token}");
    }
    let count =
        |page: &String| page.matches("<resource xmlns=\"http://datacite.org/schema/kernel-4\"").count();
    assert_eq!(
        pages.iter().map(count).collect::<Vec<_>>(),
        [100, 52],
        "the second page is of the same format"
    );
    let table = browser
        .get("/oai?verb=GetRecord&metadataPrefix=oai_datacite&identifier=oai:localhost:table/2025/2-2")
        .await
        .body;
    for said in [
        "<identifier identifierType=\"URL\">http://localhost/releases/2025/tables/2-2</identifier>",
        "<title xml:lang=\"zh\">表 2-2 新设专业监测等级分布</title>",
        "<title xml:lang=\"en\" titleType=\"TranslatedTitle\">Table 2-2 Grades of new programmes</title>",
        "<publicationYear>2026</publicationYear>",
        "<resourceType resourceTypeGeneral=\"Dataset\">Dataset</resourceType>",
        "relationType=\"IsPartOf\">http://localhost/releases/2025<",
        "relationType=\"IsVariantFormOf\">http://localhost/open/v1/releases/2025/tables/2-2.csv<",
        "<format>text/csv</format>",
    ] {
        assert!(table.contains(said), "{said}: {table}");
    }
    let report = browser
        .get("/oai?verb=GetRecord&metadataPrefix=oai_datacite&identifier=oai:localhost:report/sub_1")
        .await
        .body;
    for said in [
        "<creatorName nameType=\"Organizational\" xml:lang=\"zh\">演示学院1</creatorName>",
        "<resourceType resourceTypeGeneral=\"Report\">高等职业教育质量年报</resourceType>",
        "<geoLocationPlace>海淀区</geoLocationPlace>",
        "<version>1</version>",
    ] {
        assert!(report.contains(said), "{said}: {report}");
    }
}
