//! Every address of the open data, once: the router and its description are both made from this list.

use axum::{
    Router,
    routing::{MethodRouter, get},
};

use super::{
    arguments::{Kind, Parameter, Place},
    catalog, feed, lists, openapi, releases, reports, search, versions,
};
use crate::web::session::Portal;

/// An address below `/open/v1`.
pub struct Route {
    /// The address as it is described ("/releases/{year}").
    pub path: &'static str,
    /// The address as the router knows it, where that is another.
    pub pattern: Option<&'static str>,
    /// Names the operation.
    pub id: &'static str,
    /// What it answers, in Chinese and English.
    pub about: (&'static str, &'static str),
    /// What it takes.
    pub parameters: &'static [Parameter],
    /// What it answers in; the first is the one described in words.
    pub media: &'static [&'static str],
    handler: fn() -> MethodRouter<Portal>,
}

const JSON: &str = "application/json";
/// Every form of a table.
pub const FORMATS: [&str; 4] = ["json", "csv", "xlsx", "parquet"];
/// Their media types, in the same order.
pub const TABLE_MEDIA: [&str; 4] = [
    JSON,
    "text/csv; charset=utf-8; header=present",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.apache.parquet",
];

const YEAR: Parameter = Parameter {
    name: "year",
    place: Place::Path,
    kind: Kind::Integer(2000, 2100),
    about: ("发布的年度", "The year of the release"),
    example: "2025",
};
const NUMBER: Parameter = Parameter {
    name: "number",
    place: Place::Path,
    kind: Kind::Text(20),
    about: ("表号", "The number of the table"),
    example: "2-2",
};
const REPORT: Parameter = Parameter {
    name: "id",
    place: Place::Path,
    kind: Kind::Text(60),
    about: ("年报的编号", "The report's id"),
    example: "sub_1",
};
const VERSION: Parameter = Parameter {
    name: "version",
    place: Place::Path,
    kind: Kind::Integer(1, 10_000),
    about: ("版本号，从 1 起", "The number of the version, from 1"),
    example: "1",
};
const FORMAT: Parameter = Parameter {
    name: "format",
    place: Place::Path,
    kind: Kind::Choice(&FORMATS),
    about: ("格式", "The format"),
    example: "json",
};
const COLUMNS: Parameter = Parameter {
    name: "columns",
    place: Place::Query,
    kind: Kind::Text(1000),
    about: (
        "要哪些列，用逗号分开；不给则全要",
        "The keys of the columns wanted, parted by commas; all if absent",
    ),
    example: "",
};
const WHERE: Parameter = Parameter {
    name: "where",
    place: Place::Repeated,
    kind: Kind::Text(300),
    about: (
        "条件“列:比较:值”，可给多个，须同时成立；比较是 eq、ne、lt、le、gt、ge、has 之一",
        "A condition column:test:value; all given must hold; the test is one of eq, ne, lt, le, gt, ge, has",
    ),
    example: "",
};
const Q: Parameter = Parameter {
    name: "q",
    place: Place::Query,
    kind: Kind::Text(200),
    about: ("只要含有这段文字的行", "Only lines that contain this text"),
    example: "",
};
const PAGE_SIZE: Parameter = Parameter {
    name: "page_size",
    place: Place::Query,
    kind: Kind::Integer(1, 1000),
    about: ("一页多少行；不给为 1000", "How many lines a page has; 1000 if absent"),
    example: "5",
};
pub const PAGE_TOKEN: Parameter = Parameter {
    name: "page_token",
    place: Place::Query,
    kind: Kind::Text(200),
    about: ("上一页的 next_page_token", "The last page's next_page_token"),
    example: "",
};

/// Parameters of every table, after those of its path.
const OF_LIST: [Parameter; 6] = [FORMAT, COLUMNS, WHERE, Q, PAGE_SIZE, PAGE_TOKEN];

/// The list.
pub const ROUTES: &[Route] = &[
    Route {
        path: "/openapi.json",
        pattern: None,
        id: "getDescription",
        about: ("这份接口说明（OpenAPI 3.1）", "This description (OpenAPI 3.1)"),
        parameters: &[],
        media: &[JSON],
        handler: || get(openapi::describe),
    },
    Route {
        path: "/releases",
        pattern: None,
        id: "listReleases",
        about: ("全部已公开的发布，新的在前", "Every public release, newest first"),
        parameters: &[],
        media: &[JSON],
        handler: || get(releases::list),
    },
    Route {
        path: "/releases.atom",
        pattern: None,
        id: "followReleases",
        about: ("发布的订阅源（Atom）", "The releases as a feed (Atom)"),
        parameters: &[],
        media: &["application/atom+xml"],
        handler: || get(feed::atom),
    },
    Route {
        path: "/releases/{year}",
        pattern: None,
        id: "getRelease",
        about: ("一年的发布", "The release of a year"),
        parameters: &[YEAR],
        media: &[JSON],
        handler: || get(releases::one),
    },
    Route {
        path: "/releases/{year}/tables",
        pattern: None,
        id: "listTables",
        about: ("一年的全部数据表，不含行", "The tables of a year, without their lines"),
        parameters: &[YEAR],
        media: &[JSON],
        handler: || get(releases::tables),
    },
    Route {
        path: "/releases/{year}/tables/{number}.{format}",
        pattern: Some("/releases/{year}/tables/{file}"),
        id: "getTable",
        about: ("一张数据表", "One table"),
        parameters: &[YEAR, NUMBER, FORMAT, COLUMNS, WHERE, Q, PAGE_SIZE, PAGE_TOKEN],
        media: &TABLE_MEDIA,
        handler: || get(releases::table),
    },
    Route {
        path: "/releases/{year}/versions",
        pattern: None,
        id: "listVersions",
        about: ("一年发布过的各个版本", "The versions of a year that were published"),
        parameters: &[YEAR],
        media: &[JSON],
        handler: || get(versions::list),
    },
    Route {
        path: "/releases/{year}/versions/{version}/tables",
        pattern: None,
        id: "listTablesOfVersion",
        about: ("一个版本的全部数据表，不含行", "The tables of a version, without their lines"),
        parameters: &[YEAR, VERSION],
        media: &[JSON],
        handler: || get(versions::tables),
    },
    Route {
        path: "/releases/{year}/versions/{version}/tables/{number}.{format}",
        pattern: Some("/releases/{year}/versions/{version}/tables/{file}"),
        id: "getTableOfVersion",
        about: ("一个版本的一张数据表", "One table of a version"),
        parameters: &[YEAR, VERSION, NUMBER, FORMAT, COLUMNS, WHERE, Q, PAGE_SIZE, PAGE_TOKEN],
        media: &TABLE_MEDIA,
        handler: || get(versions::table),
    },
    Route {
        path: "/institutions.{format}",
        pattern: None,
        id: "listInstitutions",
        about: ("院校名录", "The register of schools"),
        parameters: &OF_LIST,
        media: &TABLE_MEDIA,
        handler: || get(lists::institutions),
    },
    Route {
        path: "/programmes.{format}",
        pattern: None,
        id: "listProgrammes",
        about: ("专业名录", "The register of programmes"),
        parameters: &OF_LIST,
        media: &TABLE_MEDIA,
        handler: || get(lists::programmes),
    },
    Route {
        path: "/reports.{format}",
        pattern: None,
        id: "listReports",
        about: ("公示的学校年报", "The public reports of schools"),
        parameters: &OF_LIST,
        media: &TABLE_MEDIA,
        handler: || get(reports::list),
    },
    Route {
        path: "/reports/{id}",
        pattern: None,
        id: "getReport",
        about: ("一份年报：章节、案例和指标", "One report: its sections, cases and figures"),
        parameters: &[REPORT],
        media: &[JSON],
        handler: || get(reports::one),
    },
    Route {
        path: "/search",
        pattern: None,
        id: "searchReports",
        about: (
            "在公示的年报和案例、已发布的年度报告里检索",
            "Searches the public reports and cases, and the published editions",
        ),
        parameters: &search::PARAMETERS,
        media: &[JSON],
        handler: || get(search::find),
    },
    Route {
        path: "/catalog.jsonld",
        pattern: None,
        id: "getCatalog",
        about: ("数据目录（DCAT-AP，JSON-LD）", "The catalogue (DCAT-AP as JSON-LD)"),
        parameters: &[],
        media: &["application/ld+json"],
        handler: || get(catalog::json_ld),
    },
    Route {
        path: "/catalog.ttl",
        pattern: None,
        id: "getCatalogTurtle",
        about: ("数据目录（DCAT-AP，Turtle）", "The catalogue (DCAT-AP as Turtle)"),
        parameters: &[],
        media: &["text/turtle"],
        handler: || get(catalog::turtle),
    },
];

/// The parameters of the operation `id`.
pub fn parameters(id: &str) -> &'static [Parameter] {
    ROUTES.iter().find(|route| route.id == id).map_or(&[], |route| route.parameters)
}

/// The router of the list.
pub fn router() -> Router<Portal> {
    ROUTES.iter().fold(Router::new(), |router, route| {
        router.route(route.pattern.unwrap_or(route.path), (route.handler)())
    })
}
