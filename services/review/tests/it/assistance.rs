//! What a machine lays beside the rubric: passages, findings, scores far from the panel's.

use tonic::Code;
use zhijian_proto::{
    review::v1::*,
    submission::v1::{GetSubmissionRequest, OpenCorrectionRequest, Severity},
};

use crate::{reports::accept_report, world::*};

const FACULTY: &str =
    "全区中职学校现有专任教师 4993 人，其中双师型教师 2026 人，占专任教师的 45.58%，聘请行业导师 310 人。";
const PRACTICE: &str = "各校建成校内实训基地 42 个，岗位实习全部落实，实践学时占总学时的一半以上。";

fn spoken(section: &str) -> String {
    match section {
        "development" => format!("## 队伍建设\n\n{FACULTY}\n\n## 实践教学\n\n{PRACTICE}\n"),
        _ => "本节为演示文字，介绍本区基本的情况，各项事业平稳。".to_owned(),
    }
}

async fn assistance(world: &World, one: &Assignment) -> GetAssistanceResponse {
    let request = GetAssistanceRequest { assignment_id: one.assignment_id.clone() };
    ok(world.as_reviewer(&one.reviewer_account_id).assistance().get_assistance(request).await)
}

#[tokio::test]
async fn passages_and_findings_stand_beside_the_elements_they_speak_to() {
    in_each_world(1, 3, async |world| {
        world.programmes(DISTRICT, &["710201"], "").await;
        world.reviewers(3).await;
        let round = world.open_round().await;
        let seats = world.assignments(&round.round_id).await;
        assert_eq!(assistance(&world, &seats[0]).await, GetAssistanceResponse::default(), "no report yet");

        let report = accept_report(&world, spoken).await;
        let found = assistance(&world, &seats[0]).await;
        let of = |mark: &str| found.passages.iter().filter(|one| one.mark_code == mark).collect::<Vec<_>>();
        let faculty = of("faculty");
        assert_eq!(
            (faculty[0].section_code.as_str(), faculty[0].paragraph, faculty[0].line),
            ("development", 1, 3)
        );
        assert_eq!(
            (faculty[0].submission_id.as_str(), faculty[0].quote.as_str()),
            (report.as_str(), FACULTY)
        );
        assert!(faculty[0].name.as_ref().is_some_and(|name| name.zh == "改革发展"), "{faculty:?}");
        let (start, end) = (faculty[0].start as usize, faculty[0].end as usize);
        let there: String = spoken("development").chars().skip(start).take(end - start).collect();
        assert_eq!(there, FACULTY);
        assert!(faculty[0].words.contains(&"双师型教师".to_owned()), "{faculty:?}");
        assert_eq!(of("practice")[0].quote, PRACTICE);
        let limit = 3 * 10;
        assert!(found.passages.len() <= limit, "{} passages", found.passages.len());

        let slip = found.findings.iter().find(|one| one.section_code == "development" && one.line == 3);
        let slip = slip.unwrap_or_else(|| panic!("the rate is wrong: {:#?}", found.findings));
        assert!(slip.element_codes.contains(&"faculty".to_owned()), "{slip:?}");
        assert_eq!(slip.explanation, "演示数据，已核对。");
        assert!(slip.message.as_ref().is_some_and(|text| !text.zh.is_empty() && !text.en.is_empty()));
        assert!(found.findings.is_sorted_by_key(|one| one.severity));
        assert!(found.findings.iter().all(|one| one.severity() != Severity::Unspecified));

        let get = || GetAssistanceRequest { assignment_id: seats[0].assignment_id.clone() };
        let other = world.as_reviewer(&seats[1].reviewer_account_id);
        refused(other.assistance().get_assistance(get()).await, Code::NotFound);
        refused(world.as_school(DISTRICT).assistance().get_assistance(get()).await, Code::NotFound);
        ok(world.chair.assistance().get_assistance(get()).await);

        correct(&world, &report).await;
        let now = assistance(&world, &seats[0]).await;
        assert!(now.moved && now.findings.is_empty(), "what is found now is not about the accepted text");
        assert_eq!(now.passages, found.passages, "the accepted text stands");
    })
    .await;
}

/// Opens an accepted report for correction.
async fn correct(world: &World, report: &str) {
    let read = || GetSubmissionRequest { submission_id: report.into() };
    let mut reports = world.commission.submissions();
    let etag = ok(reports.get_submission(read()).await).submission.expect("there").etag;
    let request = OpenCorrectionRequest {
        request_id: request_id(),
        submission_id: report.into(),
        etag,
        reason: "教师人数要更正".into(),
        ..OpenCorrectionRequest::default()
    };
    ok(world.commission.corrections().open_correction(request).await);
    let found = ok(reports.get_submission(read()).await).submission.expect("there");
    assert!(found.correcting);
}

#[tokio::test]
async fn scores_far_from_the_panels_are_told_once_ones_own_are_in() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        world.reviewers(3).await;
        let round = world.open_round().await;
        let seats = world.assignments(&round.round_id).await;
        let list = || ListOutliersRequest { round_id: round.round_id.clone(), ..Default::default() };
        world.submit(&seats[1], "80").await;
        world.submit(&seats[2], "84").await;
        assert!(assistance(&world, &seats[0]).await.outliers.is_empty(), "nothing before one's own");
        assert!(
            ok(world.chair.assistance().list_outliers(list()).await).outliers.is_empty(),
            "one against one"
        );

        world.submit(&seats[0], "40").await;
        let own = assistance(&world, &seats[0]).await.outliers;
        assert_eq!(own.len(), 10, "every element");
        assert_eq!((own[0].points.as_str(), own[0].others.as_str()), ("40", "82"));
        assert!(own.iter().all(|one| one.reviewer_account_id.is_empty() && one.severity.is_empty()));
        // The others' medians are 60 and 62, from which theirs are far as well.
        let told = ok(world.chair.assistance().list_outliers(list()).await).outliers;
        let of_first = told.iter().filter(|one| one.assignment_id == seats[0].assignment_id);
        assert_eq!(of_first.count(), 10);
        assert!(told.iter().all(|one| !one.reviewer_account_id.is_empty()));
        let first = ListOutliersRequest { page_size: 7, ..list() };
        let page = ok(world.chair.assistance().list_outliers(first.clone()).await);
        let next = ListOutliersRequest { page_token: page.next_page_token.clone(), page_size: 100, ..first };
        let rest = ok(world.chair.assistance().list_outliers(next).await);
        assert_eq!([page.outliers, rest.outliers].concat(), told, "each once");
        for caller in [world.as_reviewer(&seats[0].reviewer_account_id), world.as_school(&school(0))] {
            refused(caller.assistance().list_outliers(list()).await, Code::PermissionDenied);
        }
    })
    .await;
}
