//! A region whose open data the tests read.

use zhijian_proto::{
    identity::v1::{ListOrganisationsRequest, ListOrganisationsResponse, Organisation},
    publication::v1::{GetEditionRequest, GetEditionResponse},
    submission::v1::{
        CountPublicReportsRequest, CountPublicReportsResponse, GetPublicReportRequest,
        GetPublicReportResponse, ListProgrammesRequest, ListProgrammesResponse, ListPublicReportsRequest,
        ListPublicReportsResponse, Programme, PublicCase, PublicReport, PublicReportCount, PublicSection,
        PublicValue,
    },
};

use crate::common::{
    Fake,
    world::{number as decimal, released, text},
};

/// A release, two schools, a programme and a report.
pub fn region() -> Fake {
    reported(released(), 1)
        .on("publication.v1.EditionService/GetEdition", |_: tonic::Request<GetEditionRequest>| {
            Ok(GetEditionResponse::default())
        })
        .on(
            "identity.v1.OrganisationService/ListOrganisations",
            |_: tonic::Request<ListOrganisationsRequest>| {
                let school = |code: &str, zh: &str| Organisation {
                    code: code.into(),
                    name: text(zh, "A College"),
                    district: "海淀区".into(),
                    ..Organisation::default()
                };
                let organisations =
                    vec![school("4111000001", "演示职业学院"), school("4111000002", "演示学校")];
                Ok(ListOrganisationsResponse { organisations, next_page_token: String::new() })
            },
        )
        .on("submission.v1.ProgrammeService/ListProgrammes", |_: tonic::Request<ListProgrammesRequest>| {
            let programme = Programme {
                organisation_code: "4111000001".into(),
                code: "510201".into(),
                name: text("计算机应用技术", "Applied computing"),
                opened_year: 2022,
                ..Programme::default()
            };
            Ok(ListProgrammesResponse { programmes: vec![programme], ..Default::default() })
        })
}

/// A public report by its number.
pub fn report(number: usize) -> PublicReport {
    PublicReport {
        submission_id: format!("sub_{number}"),
        cycle_year: 2025,
        report_kind: "higher".into(),
        kind_name: text("高等职业教育质量年报", "Higher vocational report"),
        organisation_code: format!("41110{number:05}"),
        organisation_name: text(&format!("演示学院{number}"), &format!("Demo College {number}")),
        district: "海淀区".into(),
        subject_code: format!("41110{number:05}"),
        subject_name: text(&format!("演示学院{number}"), &format!("Demo College {number}")),
        demonstration: true,
        revision_number: 1,
        update_time: Some(prost_types::Timestamp { seconds: 1_769_000_000 + number as i64, nanos: 0 }),
    }
}

/// The region with so many public reports, in two pages.
pub fn reported(fake: Fake, reports: usize) -> Fake {
    fake.on(
        "submission.v1.PublicReportService/ListPublicReports",
        move |request: tonic::Request<ListPublicReportsRequest>| {
            let half = reports / 2;
            let (numbers, next) = if request.get_ref().page_token.is_empty() && half > 0 {
                (1..=half, "rest".to_owned())
            } else {
                (half + 1..=reports, String::new())
            };
            Ok(ListPublicReportsResponse { reports: numbers.map(report).collect(), next_page_token: next })
        },
    )
    .on(
        "submission.v1.PublicReportService/CountPublicReports",
        move |_: tonic::Request<CountPublicReportsRequest>| {
            let count = PublicReportCount {
                cycle_year: 2025,
                report_kind: "higher".into(),
                kind_name: text("高等职业教育质量年报", "Higher vocational report"),
                count: i32::try_from(reports).expect("few"),
            };
            Ok(CountPublicReportsResponse { counts: vec![count], version: reports.to_string() })
        },
    )
    .on(
        "submission.v1.PublicReportService/GetPublicReport",
        move |request: tonic::Request<GetPublicReportRequest>| {
            let id = &request.get_ref().submission_id;
            let number = id
                .strip_prefix("sub_")
                .and_then(|number| number.parse().ok())
                .filter(|number| (1..=reports).contains(number));
            let Some(number) = number else { return Err(tonic::Status::not_found("no such report")) };
            Ok(GetPublicReportResponse {
                report: Some(report(number)),
                sections: vec![PublicSection {
                    section_code: "talent".into(),
                    name: text("人才培养", "Talent"),
                    body: format!(
                        "## 课程建设\n\n第{number}所学校深化产教融合，开设 course 双语课程。<script>"
                    ),
                }],
                cases: vec![PublicCase {
                    case_id: format!("cas_{number}"),
                    section_code: "talent".into(),
                    title: "订单班".into(),
                    body: "校企共建现场工程师班。".into(),
                }],
                values: vec![PublicValue {
                    indicator_code: "SC01".into(),
                    name: text("毕业生人数", "Graduates"),
                    group_name: text("计分卡", "Scorecard"),
                    unit: text("人", "people"),
                    value: decimal("5000"),
                    option: None,
                }],
                content_hash: "c0ffee".into(),
                public_address: "javascript:alert(1)".into(),
            })
        },
    )
}
