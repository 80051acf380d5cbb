//! Where the schools of the demonstration put their reports before the public: addresses that no name server knows.

use anyhow::Context as _;
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::{GetPublicAddressRequest, PublicAddress, SetPublicAddressRequest};

use super::{request_id, work::rpc};
use crate::demo::{ReportKind, YearReport};

/// The first year whose rules look at it.
const FIRST: i32 = 2025;

/// A school's own site, in the domain that is kept for examples.
pub(super) fn site(code: &str) -> String {
    format!("https://www.demo-{code}.example/")
}

/// Says where a school's report is public; nothing for others, and for years whose rules do not ask.
pub(super) async fn say(school: &Clients, report: &YearReport, submission_id: &str) -> anyhow::Result<()> {
    let of_school = matches!(report.kind, ReportKind::Higher | ReportKind::Secondary);
    if report.year < FIRST || !of_school {
        return Ok(());
    }
    let request = GetPublicAddressRequest { submission_id: submission_id.into() };
    let present = rpc!(school, explanations.get_public_address(request))?;
    if !present.public_address.context("the answer holds no address")?.etag.is_empty() {
        return Ok(());
    }
    let year = report.year;
    let public_address = PublicAddress {
        address: format!("https://xxgk.demo-{}.example/quality/{year}.html", report.subject),
        publish_date: format!("{year}-11-28"),
        ..PublicAddress::default()
    };
    let request = SetPublicAddressRequest {
        request_id: request_id(&format!("public {}", report.label())),
        submission_id: submission_id.into(),
        public_address: Some(public_address),
    };
    rpc!(school, explanations.set_public_address(request))?;
    Ok(())
}
