use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::*;

use crate::harness::*;

const SUM: &str = "全校共有学生100人，其中一年级学生60人，二年级学生45人。";

async fn remarks(clients: &Clients, submission: &Submission, section: &str) -> Vec<Remark> {
    let request = ListRemarksRequest {
        submission_id: submission.submission_id.clone(),
        section_code: section.to_owned(),
    };
    clients.narratives().list_remarks(request).await.expect("listed").into_inner().remarks
}

async fn dismiss(
    clients: &Clients,
    submission: &Submission,
    finding_id: &str,
    reason: &str,
) -> Result<Remark, Status> {
    let request = DismissFindingRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        finding_id: finding_id.to_owned(),
        reason: reason.to_owned(),
    };
    Ok(clients.narratives().dismiss_finding(request).await?.into_inner().remark.expect("a remark"))
}

async fn restore(
    clients: &Clients,
    submission: &Submission,
    finding_id: &str,
    reason: &str,
) -> Result<Remark, Status> {
    let request = RestoreFindingRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        finding_id: finding_id.to_owned(),
        reason: reason.to_owned(),
    };
    Ok(clients.narratives().restore_finding(request).await?.into_inner().remark.expect("a remark"))
}

async fn rewrite(world: &World, submission: &Submission, code: &str, body: &str) {
    let sections = world.sections(submission, 0).await;
    let etag = &sections.iter().find(|section| section.section_code == code).expect("a section").etag;
    world.write(submission, code, body, etag).await.expect("saved");
}

fn sum(remarks: &[Remark]) -> &Remark {
    remarks.iter().find(|remark| remark.rule_code == "arithmetic.sum").expect("105 is not 100")
}

#[tokio::test]
async fn a_dismissal_counts_is_remembered_by_its_words_and_can_be_brought_back() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        let school = world.school(COLLEGE);
        world.fill(&submission).await;
        rewrite(&world, &submission, "talent", &format!("{PROSE}\n\n{SUM}")).await;
        let found = remarks(&school, &submission, "talent").await;
        let remark = sum(&found);
        assert_eq!((remark.places[0].section_code.as_str(), remark.places[0].line), ("talent", 3));
        assert!(!remark.computation.is_empty() && !remark.places[0].excerpt.is_empty(), "{remark:?}");
        assert!(
            remarks(&school, &submission, "culture").await.iter().all(|r| r.rule_code != "arithmetic.sum")
        );
        let finding = remark.finding_id.clone();

        let open = |response: CheckSubmissionResponse| {
            response.findings.into_iter().find(|f| f.finding_id == finding).expect("found").severity()
        };
        assert_eq!(open(world.check(&submission).await), Severity::Warning);
        let short = dismiss(&school, &submission, &finding, "无").await.unwrap_err();
        assert_eq!(violations(&short)[0].0, "reason");
        let unknown = dismiss(&school, &submission, "arithmetic.sum:talent:x", "含借读生").await.unwrap_err();
        assert_eq!(unknown.code(), Code::NotFound);
        let settled =
            dismiss(&school, &submission, &finding, "含借读生五人").await.unwrap().dismissal.unwrap();
        assert_eq!((settled.reason.as_str(), settled.wants_review), ("含借读生五人", true));
        assert_eq!(open(world.check(&submission).await), Severity::Info);

        // Handed in without an explanation, sent back, and moved: it is remembered.
        world.hand_in(&submission).await;
        world.send_back(&submission, "请补充内容").await.unwrap();
        rewrite(&world, &submission, "talent", &format!("新增一段。\n\n{PROSE}\n\n{SUM}")).await;
        let found = remarks(&school, &submission, "talent").await;
        assert_eq!(sum(&found).places[0].line, 5);
        assert_eq!(sum(&found).dismissal.as_ref().unwrap().reason, "含借读生五人");
        rewrite(&world, &submission, "talent", &SUM.replace("45", "46")).await;
        let found = remarks(&school, &submission, "talent").await;
        assert!(sum(&found).dismissal.is_none(), "other figures are another question");

        rewrite(&world, &submission, "talent", SUM).await;
        let back = restore(&school, &submission, &finding, "").await.unwrap();
        assert!(back.dismissal.is_none());
        assert_eq!(open(world.check(&submission).await), Severity::Warning);
        assert_eq!(restore(&school, &submission, &finding, "").await.unwrap_err().code(), Code::NotFound);
    })
    .await;
}

#[tokio::test]
async fn the_commission_brings_back_what_should_not_have_been_dismissed() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        let (school, commission) = (world.school(COLLEGE), world.commission());
        world.fill(&submission).await;
        rewrite(&world, &submission, "talent", SUM).await;
        let finding = sum(&remarks(&school, &submission, "").await).finding_id.clone();
        dismiss(&school, &submission, &finding, "四舍五入").await.unwrap();
        world.hand_in(&submission).await;
        let late = dismiss(&school, &submission, &finding, "再说明一次").await.unwrap_err();
        assert_eq!(preconditions(&late)[0].0, "submission.state");

        assert!(sum(&remarks(&commission, &submission, "").await).dismissal.as_ref().unwrap().wants_review);
        assert_eq!(
            dismiss(&commission, &submission, &finding, "可以").await.unwrap_err().code(),
            Code::PermissionDenied
        );
        let silent = restore(&commission, &submission, &finding, " ").await.unwrap_err();
        assert_eq!(violations(&silent)[0].0, "reason");
        let back = restore(&commission, &submission, &finding, "105 与 100 不是舍入").await.unwrap();
        let decision = back.dismissal.unwrap();
        assert!(decision.overruled && decision.overruled_by == "acc_commission", "{decision:?}");
        assert_eq!(world.get(&submission).await.state(), submission::State::Submitted, "nothing moves");

        world.send_back(&submission, "请改正合计").await.unwrap();
        let again = dismiss(&school, &submission, &finding, "四舍五入").await.unwrap_err();
        assert!(preconditions(&again)[0].1.contains("105 与 100 不是舍入"), "{again:?}");
        assert!(restore(&school, &submission, &finding, "").await.is_err(), "it stands already");
        let warning =
            world.check(&submission).await.findings.into_iter().find(|f| f.finding_id == finding).unwrap();
        assert_eq!(warning.severity(), Severity::Warning);
    })
    .await;
}

/// 160 characters that two reports have in common.
const PASSAGE: &str = "学校以专业群建设为龙头，联合龙头企业组建现场工程师学院，把车间搬进课堂，把任务变成课题，由企业导师与校内教师结对授课；\
学生在第三学年轮流进入装配、调试、检修三类岗位，每一阶段都由企业出题、师生作答、行业评定，评定结果计入学分，并作为评优和推荐就业的依据，\
三年来先后有四届学生按此培养，毕业后多数留在合作企业，成为班组骨干。";

#[tokio::test]
async fn passages_shared_with_another_school_are_told_to_the_commission_alone() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let first = world.create(2026, "higher", COLLEGE, "").await;
        let second = world.create(2026, "higher", OTHER_COLLEGE, "").await;
        for (submission, body) in
            [(&first, format!("{PROSE}\n\n{PASSAGE}")), (&second, format!("{PASSAGE}\n\n{PROSE}"))]
        {
            world.fill(submission).await;
            rewrite(&world, submission, "talent", &body).await;
        }
        let commission = world.commission();
        let shared = |remarks: Vec<Remark>| -> Vec<Remark> {
            remarks.into_iter().filter(|r| r.rule_code == "duplication.other").collect()
        };
        world.hand_in(&first).await;
        // A draft is nobody's business yet: what it shares is told once it is handed in.
        assert_eq!(shared(remarks(&commission, &first, "").await), []);
        world.hand_in(&second).await;
        for (submission, line) in [(&first, 3), (&second, 1)] {
            let found = shared(remarks(&commission, submission, "talent").await);
            let [remark] = &found[..] else { panic!("one passage: {found:?}") };
            assert_eq!((remark.places[0].section_code.as_str(), remark.places[0].line), ("talent", line));
            assert_eq!(remark.weight(), remark::Weight::Warning);
            let message = remark.message.as_ref().expect("a message");
            assert!(
                message.zh.contains("演示") && message.en.contains("演示"),
                "names the school: {message:?}"
            );
            assert!(
                remark.computation.contains("学校以专业群建设为龙头"),
                "quotes it: {}",
                remark.computation
            );
        }
        let school = remarks(&world.school(COLLEGE), &first, "").await;
        assert!(school.iter().all(|r| r.rule_code != "duplication.other"), "{school:?}");

        // Handed in again without it, the passage is no longer shared.
        world.send_back(&second, "请写自己的做法").await.expect("sent back");
        rewrite(&world, &second, "talent", &format!("{PROSE}\n\n{}", PROSE.replace("学校", "学院"))).await;
        world.hand_in(&second).await;
        assert_eq!(shared(remarks(&commission, &first, "talent").await), []);
    })
    .await;
}

#[tokio::test]
async fn a_passage_of_last_years_report_is_told_to_the_school() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let last = world.create(2025, "higher", COLLEGE, "").await;
        world.fill(&last).await;
        rewrite(&world, &last, "talent", PASSAGE).await;
        world.hand_in(&last).await;
        world.accept(&last).await.expect("accepted");
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        world.fill(&submission).await;
        rewrite(&world, &submission, "talent", &format!("{PROSE}\n\n{PASSAGE}")).await;
        let found = remarks(&world.school(COLLEGE), &submission, "talent").await;
        let earlier = found.iter().find(|r| r.rule_code == "duplication.previous").expect("found");
        assert_eq!((earlier.places[0].line, earlier.weight()), (3, remark::Weight::Warning));
        assert!(earlier.message.as_ref().is_some_and(|m| m.zh.contains("2025年度")), "{earlier:?}");
        // The school says why, and it is settled.
        let school = world.school(COLLEGE);
        let settled =
            dismiss(&school, &submission, &earlier.finding_id, "办学模式未变").await.expect("settled");
        assert!(settled.dismissal.is_some());
    })
    .await;
}
