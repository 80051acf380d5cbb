use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::*;

use crate::{cases, harness::*};

async fn listed(clients: &Clients, request: ListPublicReportsRequest) -> Vec<PublicReport> {
    clients.public_reports().list_public_reports(request).await.expect("listed").into_inner().reports
}

async fn read(clients: &Clients, submission: &Submission) -> Result<GetPublicReportResponse, Status> {
    let request = GetPublicReportRequest { submission_id: submission.submission_id.clone() };
    Ok(clients.public_reports().get_public_report(request).await?.into_inner())
}

async fn version(clients: &Clients) -> String {
    let request = CountPublicReportsRequest {};
    clients.public_reports().count_public_reports(request).await.expect("counted").into_inner().version
}

#[tokio::test]
async fn a_report_is_public_once_its_year_is_released_and_not_before() {
    each(|world| async move {
        let anybody = world.test.ctx.clients.clone();
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        let school = world.school(COLLEGE);
        let body = "联系王老师，电话010-66096114，邮箱wang@school.edu.cn。";
        let case = Case {
            section_code: "talent".into(),
            title: "订单班".into(),
            body: body.into(),
            ..Default::default()
        };
        cases::add(&school, &submission, case).await.expect("a case");
        world.fill(&submission).await;
        let receipt = world.hand_in(&submission).await;
        let submission = world.get(&submission).await;
        let unaccepted = world.submitted(2026, "higher", OTHER_COLLEGE, "").await;
        world.accept(&submission).await.expect("accepted");
        let before = version(&anybody).await;
        for clients in [&anybody, &school, &world.commission()] {
            assert_eq!(read(clients, &submission).await.unwrap_err().code(), Code::NotFound);
            assert!(listed(clients, ListPublicReportsRequest::default()).await.is_empty());
        }
        world.close(2026).await;
        assert_eq!(
            read(&anybody, &submission).await.unwrap_err().code(),
            Code::NotFound,
            "closed is not released"
        );
        world.release(2026).await;
        assert_ne!(version(&anybody).await, before);
        let reports = listed(&anybody, ListPublicReportsRequest::default()).await;
        assert_eq!(reports.len(), 1, "what was not accepted is in no results");
        assert_eq!(reports[0].organisation_name.as_ref().expect("a name").zh, format!("演示机构{COLLEGE}"));
        assert_eq!((reports[0].district.as_str(), reports[0].cycle_year), ("东城区", 2026));
        let report = read(&anybody, &submission).await.expect("public");
        assert!(
            !report.sections.is_empty() && report.values.iter().any(|value| value.indicator_code == "SC01")
        );
        assert_eq!(report.cases[0].body, "联系王老师，电话（已隐去），邮箱（已隐去）。");
        assert_eq!(report.content_hash, receipt.content_hash);
        assert_eq!(read(&anybody, &unaccepted).await.unwrap_err().code(), Code::NotFound);
    })
    .await;
}

#[tokio::test]
async fn the_directory_is_filtered_and_paged_to_its_end() {
    each(|world| async move {
        let anybody = world.test.ctx.clients.clone();
        for year in [2025, 2026] {
            world.collecting(year, None).await;
            for number in 0..3 {
                let submission = world.submitted(year, "enterprise", COLLEGE, &enterprise(number)).await;
                world.accept(&submission).await.expect("accepted");
            }
            world.close(year).await;
            world.release(year).await;
        }
        let mut all = vec![];
        let mut page_token = String::new();
        loop {
            let request = ListPublicReportsRequest { page_size: 2, page_token, ..Default::default() };
            let page =
                anybody.public_reports().list_public_reports(request).await.expect("listed").into_inner();
            assert!(page.reports.len() <= 2);
            all.extend(page.reports);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let years: Vec<i32> = all.iter().map(|report| report.cycle_year).collect();
        assert_eq!(years, [2026, 2026, 2026, 2025, 2025, 2025]);
        let ids: std::collections::BTreeSet<&str> =
            all.iter().map(|report| report.submission_id.as_str()).collect();
        assert_eq!(ids.len(), 6, "each once");
        let with = |change: fn(&mut ListPublicReportsRequest)| {
            let mut request = ListPublicReportsRequest::default();
            change(&mut request);
            request
        };
        assert_eq!(listed(&anybody, with(|one| one.cycle_year = 2025)).await.len(), 3);
        assert_eq!(listed(&anybody, with(|one| one.district = "东城区".into())).await.len(), 6);
        assert_eq!(listed(&anybody, with(|one| one.district = "西城区".into())).await.len(), 0);
        assert_eq!(listed(&anybody, with(|one| one.report_kind = "higher".into())).await.len(), 0);
        assert_eq!(
            listed(&anybody, with(|one| one.query = "DEMO 9211000002".into())).await.len(),
            2,
            "an enterprise"
        );
        assert_eq!(listed(&anybody, with(|one| one.query = "\0".into())).await.len(), 0);
        for request in [
            with(|one| one.page_size = -1),
            with(|one| one.page_token = "?".into()),
            with(|one| one.query = "字".repeat(101)),
        ] {
            let refused = anybody.public_reports().list_public_reports(request).await.unwrap_err();
            assert_eq!(refused.code(), Code::InvalidArgument);
        }
        let counts = anybody
            .public_reports()
            .count_public_reports(CountPublicReportsRequest {})
            .await
            .expect("counted");
        let counts: Vec<(i32, i32)> =
            counts.into_inner().counts.iter().map(|one| (one.cycle_year, one.count)).collect();
        assert_eq!(counts, [(2026, 3), (2025, 3)]);
    })
    .await;
}
