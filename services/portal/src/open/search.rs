//! Searching the public reports and the published editions, for programs.

use std::time::Duration;

use axum::response::Response;
use serde_json::{Value, json};
use zhijian_search::{MAX_QUERY, MAX_REACH, Piece, Query};

use super::{
    Caller,
    answer::Data,
    arguments::{Kind, Parameter, Place},
    problem::Wrong,
    reports,
    route::PAGE_TOKEN,
    shape::text as both,
};
use crate::{
    pages::search::{address, value_name},
    say,
    web::{
        error::Failure,
        library::{CASE, FACETS, Published, Source},
    },
};

/// How many passages a page has, if nothing else is asked for.
const ON_A_PAGE: usize = 20;
/// How long a program waits while the reports are indexed for the first time.
const PATIENCE: Duration = Duration::from_secs(5);

const fn facet(name: &'static str, about: (&'static str, &'static str)) -> Parameter {
    Parameter { name, place: Place::Query, kind: Kind::Text(60), about, example: "" }
}

/// What it takes.
pub const PARAMETERS: [Parameter; 7] = [
    Parameter {
        name: "q",
        place: Place::Query,
        kind: Kind::Text(MAX_QUERY),
        about: ("要找的词，用空格隔开", "The words to look for, parted by spaces"),
        example: "course",
    },
    facet("year", ("年度", "The year")),
    facet(
        "kind",
        (
            "年报种类的代码，或 edition- 加发布的年度报告的代码",
            "The code of a kind of report, or edition- and the code of a published edition",
        ),
    ),
    facet("district", ("所在区", "The district, in Chinese")),
    facet("part", ("章节的代码，或 case", "The code of a section, or case")),
    Parameter {
        name: "page_size",
        place: Place::Query,
        kind: Kind::Integer(1, 100),
        about: ("一页多少处；不给为 20", "How many passages a page has; 20 if absent"),
        example: "5",
    },
    PAGE_TOKEN,
];

pub async fn find(caller: Caller) -> Response {
    let arguments = match caller.arguments(&PARAMETERS) {
        Ok(arguments) => arguments,
        Err(refusal) => return refusal,
    };
    let lang = caller.lang;
    let offset = arguments.one("page_token").map_or(Some(0), |token| token.parse().ok());
    let Some(offset) = offset.filter(|offset| *offset < MAX_REACH) else {
        let detail = say!(
            lang,
            "page_token 不属于这个请求。最多能翻到第 {MAX_REACH} 处。",
            "The page_token is not of this request. Results can be paged up to number {MAX_REACH}."
        );
        return caller.refuse_arguments(vec![Wrong::new("page_token", detail)]);
    };
    let Some(library) = caller.portal.shelf().library_within(PATIENCE).await else {
        return caller.refuse(&Failure::refused(tonic::Code::Unavailable));
    };
    let filters = FACETS.map(|name| arguments.one(name));
    let limit = arguments.integer("page_size").unwrap_or(ON_A_PAGE);
    let text = arguments.one("q").unwrap_or_default();
    let found = library.index.search(&Query { text, filters: &filters, offset, limit });
    let results = found.hits.iter().filter_map(|hit| {
        let (source, place) = library.place(&hit.document.key)?;
        let part = hit.document.facets.last().map_or("", String::as_str);
        let mut result = json!({
            "part": part,
            "part_name": value_name(lang, &library, part),
            "title": pieces(&hit.title),
            "snippet": pieces(&hit.snippet),
            "page": address(source, place),
            "is_case": part == CASE,
        });
        match source {
            Source::Report(report) => result["report"] = reports::heading(report),
            Source::Edition(Published { edition, version, demonstration, .. }) => {
                result["edition"] = json!({
                    "year": edition.year,
                    "version": version,
                    "code": edition.code,
                    "title": both(edition.title.as_ref()),
                    "institution": edition.organisation_code,
                    "demonstration": demonstration,
                });
            }
        }
        Some(result)
    });
    let results: Vec<Value> = results.collect();
    let facets: serde_json::Map<String, Value> = FACETS
        .into_iter()
        .zip(&found.facets)
        .map(|(name, counts)| {
            let counts = counts.iter().map(|one| json!({ "value": one.value, "count": one.count })).collect();
            (name.to_owned(), counts)
        })
        .collect();
    let next = offset + limit;
    let next = (next < found.total.min(MAX_REACH)).then(|| next.to_string());
    let document = json!({
        "total": found.total,
        "loose": found.loose,
        "complete": library.whole,
        "results": results,
        "facets": facets,
        "next_page_token": next,
    });
    caller.give(Data::json(&document, false))
}

fn pieces(pieces: &[Piece]) -> Vec<Value> {
    pieces.iter().map(|piece| json!({ "text": piece.text, "hit": piece.hit })).collect()
}
