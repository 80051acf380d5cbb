//! A small region: one school, one year, one report, one release.

use prost_types::Timestamp;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use zhijian_proto::{
    common::v1::{Text, Value, value},
    identity::v1::{
        Account, GetRegionRequest, GetRegionResponse, GetSessionRequest, GetSessionResponse,
        ListOrganisationsRequest, ListOrganisationsResponse, Organisation, Region, Role, RoleGrant,
    },
    publication::v1::{
        Column, Edition, GetReleaseRequest, GetReleaseResponse, GetTableRequest, GetTableResponse,
        ListEditionsRequest, ListEditionsResponse, ListReleasesRequest, ListReleasesResponse,
        ListTablesRequest, ListTablesResponse, ListVersionsRequest, ListVersionsResponse, Release, Row,
        Table, TableCell, Version, VersionKind, release,
    },
    submission::v1::{
        Catalogue, Cell, CheckSubmissionRequest, CheckSubmissionResponse, Comment, Cycle,
        GetCatalogueRequest, GetCatalogueResponse, GetCellsRequest, GetCellsResponse, GetCycleRequest,
        GetCycleResponse, GetSubmissionRequest, GetSubmissionResponse, Indicator, IndicatorGroup, LastYear,
        ListAttachmentsRequest, ListAttachmentsResponse, ListCasesRequest, ListCasesResponse,
        ListCommentsRequest, ListCommentsResponse, ListCyclesRequest, ListCyclesResponse, ListEventsRequest,
        ListEventsResponse, ListExtensionsRequest, ListExtensionsResponse, ListRemarksRequest,
        ListRemarksResponse, ListRevisionsRequest, ListRevisionsResponse, ListSectionsRequest,
        ListSectionsResponse, ReportKind, Revision, SectionKind, Submission, Unit, cycle, indicator,
        submission,
    },
};

use super::Fake;

/// The school's code.
pub const SCHOOL: &str = "4111000001";

/// A text in two languages.
pub fn text(zh: &str, en: &str) -> Option<Text> {
    Some(Text { zh: zh.into(), en: en.into() })
}

/// A number in a cell.
pub fn number(value: &str) -> Option<Value> {
    Some(Value { kind: Some(value::Kind::Number(value.into())) })
}

/// A refusal with the stable reason.
pub fn refusal(code: Code, reason: &str, message: &str) -> Status {
    let mut details = ErrorDetails::new();
    details.set_error_info(reason, "zhijian", []);
    Status::with_error_details(code, message, details)
}

/// Beyond any renewal.
fn far_off() -> Option<Timestamp> {
    Some(Timestamp { seconds: 4_000_000_000, nanos: 0 })
}

/// What every page asks: the region, and who a token is ("school", "commission", …).
pub fn people() -> Fake {
    Fake::default()
        .on("identity.v1.RegionService/GetRegion", |_: tonic::Request<GetRegionRequest>| {
            Ok(GetRegionResponse {
                region: Some(Region {
                    name: text("北京市", "Beijing"),
                    demonstration: true,
                    note: text("机构为虚构，合计取自 2025 年报。", "Invented institutions, real totals."),
                    etag: "v1".into(),
                    ..Region::default()
                }),
            })
        })
        .on("identity.v1.SessionService/GetSession", |request: tonic::Request<GetSessionRequest>| {
            let token =
                request.metadata().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or("");
            let role = match token {
                "Bearer school" => Role::School,
                "Bearer reviewer" => Role::Reviewer,
                "Bearer chair" => Role::Chair,
                "Bearer publisher" => Role::Publisher,
                "Bearer commission" => Role::Commission,
                _ => return Err(refusal(Code::Unauthenticated, "SIGN_IN_REQUIRED", "请先登录。")),
            };
            let account = Account {
                display_name: "王老师".into(),
                roles: vec![RoleGrant { role: role.into(), organisation_code: SCHOOL.into() }],
                ..Account::default()
            };
            Ok(GetSessionResponse { account: Some(account), expire_time: far_off() })
        })
}

/// People, and one year in this state.
pub fn in_year(state: cycle::State) -> Fake {
    let cycle = Cycle {
        year: 2026,
        name: text("2026 年度", "Quality year 2026"),
        catalogue_year: 2026,
        state: state.into(),
        due_time: far_off(),
        ..Cycle::default()
    };
    let listed = cycle.clone();
    people()
        .on("submission.v1.CycleService/ListCycles", move |_: tonic::Request<ListCyclesRequest>| {
            Ok(ListCyclesResponse { cycles: vec![listed.clone()], next_page_token: String::new() })
        })
        .on("submission.v1.CycleService/GetCycle", move |_: tonic::Request<GetCycleRequest>| {
            Ok(GetCycleResponse { cycle: Some(cycle.clone()) })
        })
}

/// What the front page of a report asks beside the report: nothing written yet, one revision.
pub fn at_the_front(fake: Fake) -> Fake {
    fake.on("submission.v1.SubmissionService/ListSections", |_: tonic::Request<ListSectionsRequest>| {
        Ok(ListSectionsResponse::default())
    })
    .on("submission.v1.SubmissionService/ListEvents", |_: tonic::Request<ListEventsRequest>| {
        Ok(ListEventsResponse::default())
    })
    .on("submission.v1.ExtensionService/ListExtensions", |_: tonic::Request<ListExtensionsRequest>| {
        Ok(ListExtensionsResponse::default())
    })
    .on("submission.v1.SubmissionService/ListRevisions", |_: tonic::Request<ListRevisionsRequest>| {
        let revision = Revision {
            number: 1,
            content_hash: "5947444e9c2e4c4e".into(),
            receipt_id: "rcp_7".into(),
            create_time: Some(Timestamp { seconds: 1_769_000_000, nanos: 0 }),
            ..Revision::default()
        };
        Ok(ListRevisionsResponse { revisions: vec![revision] })
    })
}

/// The school's report as it stands here, with its whole front page and what was remarked on it.
pub fn standing(report: Submission, comments: Vec<Comment>) -> Fake {
    let cell =
        |code: &str, value| Cell { indicator_code: code.into(), value, etag: "c1".into(), ..Cell::default() };
    let cells = vec![cell("SC01", number("5000")), cell("SC02", number("4903")), cell("SC04", None)];
    at_the_front(reporting(cells))
        .on(
            "submission.v1.SubmissionService/GetSubmission",
            move |_: tonic::Request<GetSubmissionRequest>| {
                Ok(GetSubmissionResponse { submission: Some(report.clone()) })
            },
        )
        .on("submission.v1.CommentService/ListComments", move |_: tonic::Request<ListCommentsRequest>| {
            Ok(ListCommentsResponse { comments: comments.clone() })
        })
}

/// The year that collects, its rules, and the school's report with these cells.
pub fn reporting(cells: Vec<Cell>) -> Fake {
    in_year(cycle::State::Collecting)
        .on("submission.v1.CatalogueService/GetCatalogue", |_: tonic::Request<GetCatalogueRequest>| {
            Ok(GetCatalogueResponse { catalogue: Some(catalogue()) })
        })
        .on("submission.v1.SubmissionService/GetSubmission", |_: tonic::Request<GetSubmissionRequest>| {
            Ok(GetSubmissionResponse { submission: Some(report()) })
        })
        .on("submission.v1.SubmissionService/GetCells", move |_: tonic::Request<GetCellsRequest>| {
            Ok(GetCellsResponse { cells: cells.clone(), last_year: Some(last_year()) })
        })
        .on("submission.v1.SubmissionService/CheckSubmission", |_: tonic::Request<CheckSubmissionRequest>| {
            Ok(CheckSubmissionResponse::default())
        })
        .on("submission.v1.AttachmentService/ListAttachments", |_: tonic::Request<ListAttachmentsRequest>| {
            Ok(ListAttachmentsResponse::default())
        })
        .on("submission.v1.CaseService/ListCases", |_: tonic::Request<ListCasesRequest>| {
            Ok(ListCasesResponse::default())
        })
        .on("submission.v1.NarrativeService/ListRemarks", |_: tonic::Request<ListRemarksRequest>| {
            Ok(ListRemarksResponse::default())
        })
        .on(
            "identity.v1.OrganisationService/ListOrganisations",
            |_: tonic::Request<ListOrganisationsRequest>| {
                let school = Organisation {
                    code: SCHOOL.into(),
                    name: text("演示职业学院", "Demo College"),
                    demonstration: true,
                    ..Organisation::default()
                };
                Ok(ListOrganisationsResponse { organisations: vec![school], next_page_token: String::new() })
            },
        )
}

fn last_year() -> LastYear {
    LastYear {
        cycle_year: 2025,
        submission_id: "sub_0".into(),
        revision_number: 1,
        organisation_code: SCHOOL.into(),
        released: true,
        submit_time: None,
    }
}

fn unit(code: &str, zh: &str, factor: &str) -> Unit {
    Unit {
        code: code.into(),
        name: text(zh, code),
        base_code: "person".into(),
        factor: factor.into(),
        spellings: vec![],
    }
}

fn catalogue() -> Catalogue {
    let indicator = |code: &str, zh: &str, formula: &str| Indicator {
        code: code.into(),
        group_code: "SC".into(),
        name: text(zh, code),
        unit: text("人", "people"),
        unit_code: "person".into(),
        kind: indicator::Kind::Count.into(),
        report_kinds: vec!["higher".into()],
        required: formula.is_empty(),
        formula: formula.into(),
        ..Indicator::default()
    };
    Catalogue {
        units: vec![unit("person", "人", "1"), unit("wan_person", "万人", "10000")],
        year: 2026,
        groups: vec![IndicatorGroup { code: "SC".into(), name: text("计分卡", "Scorecard") }],
        indicators: vec![
            indicator("SC01", "毕业生人数", ""),
            indicator("SC02", "去向落实人数", ""),
            indicator("SC04", "毕业去向落实率", "SC02 / SC01 * 100"),
        ],
        report_kinds: vec![ReportKind {
            code: "higher".into(),
            name: text("高等职业教育质量年报", "Higher vocational report"),
            sections: vec![SectionKind {
                code: "talent".into(),
                name: text("人才培养", "Talent"),
                max_characters: 1000,
                ..SectionKind::default()
            }],
            ..ReportKind::default()
        }],
        rules: vec![],
    }
}

/// The school's report, in draft.
pub fn report() -> Submission {
    Submission {
        submission_id: "sub_1".into(),
        cycle_year: 2026,
        report_kind: "higher".into(),
        organisation_code: SCHOOL.into(),
        subject_code: SCHOOL.into(),
        state: submission::State::Draft.into(),
        filled_cells: 1,
        required_cells: 2,
        etag: "v3".into(),
        ..Submission::default()
    }
}

/// A published release with Table 2-2.
pub fn released() -> Fake {
    let release = Release {
        year: 2025,
        title: text("2025 年度结果", "Results of 2025"),
        state: release::State::Published.into(),
        publish_time: Some(Timestamp { seconds: 1_769_000_000, nanos: 0 }),
        demonstration: true,
        note: text("来源：2025 年报。", "Source: the report of 2025."),
        ..Release::default()
    };
    let listed = release.clone();
    people()
        .on("publication.v1.ReleaseService/ListReleases", move |_: tonic::Request<ListReleasesRequest>| {
            Ok(ListReleasesResponse { releases: vec![listed.clone()], next_page_token: String::new() })
        })
        .on("publication.v1.ReleaseService/GetRelease", move |request: tonic::Request<GetReleaseRequest>| {
            if request.get_ref().year != 2025 {
                return Err(refusal(Code::NotFound, "NOT_FOUND", "找不到 release/2026。"));
            }
            Ok(GetReleaseResponse { release: Some(release.clone()) })
        })
        .on(
            "publication.v1.ReleaseCorrectionService/ListVersions",
            |_: tonic::Request<ListVersionsRequest>| {
                let first = Version { number: 1, kind: VersionKind::Original.into(), ..Version::default() };
                Ok(ListVersionsResponse { versions: vec![first] })
            },
        )
        .on("publication.v1.TableService/ListTables", |_: tonic::Request<ListTablesRequest>| {
            Ok(ListTablesResponse { tables: vec![Table { rows: vec![], csv: String::new(), ..grades() }] })
        })
        .on("publication.v1.EditionService/ListEditions", |_: tonic::Request<ListEditionsRequest>| {
            let title = Some(Text { zh: "综合版年报".into(), en: "The integrated report".into() });
            let edition = Edition { year: 2025, code: "integrated".into(), title, ..Edition::default() };
            Ok(ListEditionsResponse { editions: vec![edition], next_page_token: String::new() })
        })
        .on("publication.v1.TableService/GetTable", |request: tonic::Request<GetTableRequest>| {
            if request.get_ref().number != "2-2" {
                return Err(refusal(Code::NotFound, "NOT_FOUND", "找不到 table。"));
            }
            Ok(GetTableResponse { table: Some(grades()) })
        })
}

/// Table 2-2 of the real report.
fn grades() -> Table {
    let cell = |display: &str, value: &str| TableCell {
        display: display.into(),
        value: value.into(),
        ..TableCell::default()
    };
    let counts = [19, 18, 22, 25, 19, 24, 27, 20, 8];
    let letters = ["A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-"];
    let row = |letter: &str, count: i32| Row {
        cells: vec![cell(letter, ""), cell(&count.to_string(), &count.to_string())],
        total: letter == "合计",
    };
    let mut rows: Vec<Row> = letters.iter().zip(counts).map(|(letter, count)| row(letter, count)).collect();
    rows.push(row("合计", 182));
    Table {
        number: "2-2".into(),
        title: text("新设专业监测等级分布", "Grades of new programmes"),
        columns: vec![
            Column { key: "grade".into(), name: text("等级", "Grade"), ..Column::default() },
            Column { key: "count".into(), name: text("数量", "Count"), numeric: true, ..Column::default() },
        ],
        rows,
        source: text("据 182 个专业的定级结果。", "From the grades of 182 programmes."),
        content_hash: "c0ffee".into(),
        csv: "等级,数量\r\nA+,19\r\n".into(),
    }
}
