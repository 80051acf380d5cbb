//! What followers and crawlers ask for: the feed of releases, the map of the site, and where not to go.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use zhijian_proto::publication::v1::{Release, Version, VersionKind, release};

use super::{
    Caller,
    answer::Data,
    origin,
    releases::{Standing, standing},
    route::parameters,
    shape::words,
    xml::Xml,
};
use crate::web::{error::Failure, format, link};

/// A map of a site names at most 50,000 pages; these leave room for the others.
const MOST_REPORTS: usize = 45_000;

pub async fn atom(caller: Caller) -> Response {
    if let Err(refusal) = caller.arguments(parameters("followReleases")) {
        return refusal;
    }
    match standing(&caller).await {
        Ok(releases) => {
            let region = words(caller.portal.region(caller.lang).await.name.as_ref());
            let feed = atom_of(&caller.origin(), &region.zh, &releases);
            caller.give(Data::new("application/atom+xml; charset=utf-8", feed, false))
        }
        Err(failure) => caller.refuse(&failure),
    }
}

fn atom_of(origin: &str, region: &str, releases: &[Standing]) -> String {
    let mut xml = Xml::new();
    let newest = releases
        .iter()
        .map(Standing::changed)
        .max()
        .unwrap_or_else(|| "1970-01-01T00:00:00+00:00".to_owned());
    let own = format!("{origin}/open/v1/releases.atom");
    xml.element("feed", &[("xmlns", "http://www.w3.org/2005/Atom"), ("xml:lang", "zh-CN")], |xml| {
        xml.text("id", &own)
            .text("title", &format!("{region}职业教育质量年度：已公开的结果"))
            .text("updated", &newest)
            .empty("link", &[("rel", "self"), ("href", &own), ("type", "application/atom+xml")])
            .empty(
                "link",
                &[("rel", "alternate"), ("href", &format!("{origin}/releases")), ("type", "text/html")],
            )
            .element("author", &[], |xml| {
                xml.text("name", region);
            });
        for standing in releases {
            for correction in standing.corrections.iter().rev() {
                corrected(xml, origin, &standing.release, correction);
            }
            entry(xml, origin, standing);
        }
    });
    xml.finish()
}

/// A correction or a withdrawal, as it was announced.
fn corrected(xml: &mut Xml, origin: &str, release: &Release, version: &Version) {
    let (said, term) = match version.kind() {
        VersionKind::Erratum => ("勘误", "erratum"),
        VersionKind::Addition => ("补充", "addition"),
        VersionKind::Withdrawal => ("撤回", "withdrawal"),
        VersionKind::Revision | VersionKind::Original | VersionKind::Unspecified => ("修订", "revision"),
    };
    let page = format!("{origin}/releases/{}/versions/{}", release.year, version.number);
    let time = format::moment(version.publish_time.as_ref()).unwrap_or_default().to_rfc3339();
    xml.element("entry", &[], |xml| {
        xml.text("id", &page)
            .text("title", &format!("{}：{said}", words(release.title.as_ref()).zh))
            .text("updated", &time)
            .empty("link", &[("rel", "alternate"), ("href", &page), ("type", "text/html")])
            .empty("category", &[("term", term)])
            .text("summary", &words(version.text.as_ref()).zh);
    });
}

fn entry(xml: &mut Xml, origin: &str, standing: &Standing) {
    let release = &standing.release;
    let page = format!("{origin}/releases/{}", release.year);
    let title = words(release.title.as_ref());
    let (said, term) = match release.state() {
        release::State::Published => ("已发布", "published"),
        release::State::Corrected => ("已发布，并有更正", "corrected"),
        release::State::Withdrawn => ("已撤回", "withdrawn"),
        _ => ("公示中，尚未定稿", "notice"),
    };
    xml.element("entry", &[], |xml| {
        xml.text("id", &page)
            .text("title", &title.zh)
            .text("updated", &standing.changed())
            .empty("link", &[("rel", "alternate"), ("href", &page), ("type", "text/html")])
            .empty(
                "link",
                &[
                    ("rel", "related"),
                    ("href", &format!("{origin}/open/v1/releases/{}", release.year)),
                    ("type", "application/json"),
                ],
            )
            .empty("category", &[("term", term)])
            .text("summary", &format!("{}（{said}）。{}", title.zh, words(release.note.as_ref()).zh));
    });
}

pub async fn robots(headers: HeaderMap) -> Response {
    let site = origin(&headers);
    let text = format!(
        "User-agent: *\nDisallow: /work\nDisallow: /submissions\nDisallow: /assignments\nDisallow: /desk\nDisallow: /sign-in\nDisallow: /search?\nSitemap: {site}/sitemap.xml\n"
    );
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

pub async fn sitemap(caller: Caller) -> Response {
    match addresses(&caller).await {
        Ok(addresses) => {
            let mut xml = Xml::new();
            xml.element("urlset", &[("xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9")], |xml| {
                for (address, day) in addresses {
                    xml.element("url", &[], |xml| {
                        xml.text("loc", &address);
                        if !day.is_empty() {
                            xml.text("lastmod", &day);
                        }
                    });
                }
            });
            caller.give(Data::new("application/xml; charset=utf-8", xml.finish(), false))
        }
        Err(failure) => caller.refuse(&failure),
    }
}

/// Every public page, and the day it was last changed where that is known.
async fn addresses(caller: &Caller) -> Result<Vec<(String, String)>, Failure> {
    let origin = caller.origin();
    let releases = standing(caller).await?;
    let mut all: Vec<(String, String)> = ["/", "/releases", "/reports", "/search", "/open"]
        .iter()
        .map(|path| (format!("{origin}{path}"), String::new()))
        .collect();
    for standing in &releases {
        let release = &standing.release;
        let day = standing.changed().chars().take(10).collect::<String>();
        let page = format!("{origin}/releases/{}", release.year);
        for table in &standing.tables {
            all.push((format!("{page}/tables/{}", link::segment(&table.number)), day.clone()));
        }
        all.push((page, day));
    }
    let reports = super::reports::public(caller).await?;
    all.extend(reports.iter().take(MOST_REPORTS).map(|report| {
        let day = format::moment(report.update_time.as_ref()).map(|time| format::day(time).to_string());
        (format!("{origin}/reports/{}", report.submission_id), day.unwrap_or_default())
    }));
    Ok(all)
}
