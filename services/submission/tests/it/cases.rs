use futures::TryStreamExt;
use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::{attachment::Purpose, *};

use crate::{
    attachments::{header, send},
    files::png,
    harness::*,
};

fn case(title: &str, body: &str, pictures: &[&Attachment]) -> Case {
    let picture = |attachment: &&Attachment| CasePicture {
        attachment_id: attachment.attachment_id.clone(),
        caption: "学生在企业实训".into(),
        alt_text: "六名学生围着一台数控机床，师傅在讲解".into(),
    };
    Case {
        section_code: "talent".into(),
        title: title.into(),
        body: body.into(),
        pictures: pictures.iter().map(picture).collect(),
        ..Default::default()
    }
}

pub async fn add(clients: &Clients, submission: &Submission, case: Case) -> Result<Case, Status> {
    let request = CreateCaseRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        case: Some(case),
    };
    Ok(clients.cases().create_case(request).await?.into_inner().case.expect("a case"))
}

async fn list(clients: &Clients, submission: &Submission, revision_number: i32) -> ListCasesResponse {
    let request = ListCasesRequest { submission_id: submission.submission_id.clone(), revision_number };
    clients.cases().list_cases(request).await.expect("listed").into_inner()
}

fn titles(listed: &[Case]) -> Vec<&str> {
    listed.iter().map(|case| case.title.as_str()).collect()
}

#[tokio::test]
async fn cases_are_written_changed_ordered_and_removed() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        let school = world.school(COLLEGE);
        let picture =
            send(&school, header(&submission, Purpose::Picture, "实训.png", &png()), &png()).await.unwrap();
        let first = add(&school, &submission, case("订单班", "校企共建订单班。", &[&picture])).await.unwrap();
        assert!(first.case_id.starts_with("cas_"));
        assert_eq!(first.characters, 8);
        let second = add(&school, &submission, case("工匠进校", "请工匠进校授课。", &[])).await.unwrap();
        let listed = list(&school, &submission, 0).await;
        assert_eq!((titles(&listed.cases), listed.max_characters), (vec!["订单班", "工匠进校"], 1000));
        assert_eq!(listed.cases[0], first);

        let delete = DeleteAttachmentRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            attachment_id: picture.attachment_id.clone(),
            etag: picture.etag.clone(),
        };
        let used = school.attachments().delete_attachment(delete).await.unwrap_err();
        assert!(preconditions(&used)[0].1.contains("订单班"), "{used:?}");

        let update = |case: Case| UpdateCaseRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            case: Some(case),
        };
        let longer = Case { body: "校企共建订单班，学生 1 200 人。".into(), ..first.clone() };
        let changed = school.cases().update_case(update(longer)).await.unwrap().into_inner().case.unwrap();
        assert_ne!(changed.etag, first.etag);
        let stale =
            school.cases().update_case(update(Case { title: "改".into(), ..first })).await.unwrap_err();
        assert_eq!(stale.code(), Code::Aborted);
        assert!(metadata(&stale, "current_value").contains("1 200"), "{stale:?}");

        let order = |ids: Vec<String>| OrderCasesRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            case_ids: ids,
        };
        let ids = vec![second.case_id.clone(), changed.case_id.clone()];
        let ordered = school.cases().order_cases(order(ids)).await.unwrap().into_inner().cases;
        assert_eq!(titles(&ordered), ["工匠进校", "订单班"]);
        assert_eq!(ordered[1].etag, changed.etag, "the order is not part of a case");
        for wrong in [vec![second.case_id.clone()], vec![second.case_id.clone(), second.case_id.clone()]] {
            assert_eq!(school.cases().order_cases(order(wrong)).await.unwrap_err().code(), Code::Aborted);
        }

        let remove = |etag: &str| DeleteCaseRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            case_id: second.case_id.clone(),
            etag: etag.to_owned(),
        };
        assert_eq!(school.cases().delete_case(remove("v9")).await.unwrap_err().code(), Code::Aborted);
        school.cases().delete_case(remove(&second.etag)).await.unwrap();
        assert_eq!(titles(&list(&school, &submission, 0).await.cases), ["订单班"]);
    })
    .await;
}

#[tokio::test]
async fn every_field_at_fault_is_named() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        let school = world.school(COLLEGE);
        let lost = Attachment { attachment_id: "att_lost".into(), ..Default::default() };
        let long = "长".repeat(1001);
        let refused =
            add(&school, &submission, Case { section_code: "x".into(), ..case(" ", &long, &[]) }).await;
        let fields: Vec<String> =
            violations(&refused.unwrap_err()).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["case.section_code", "case.title", "case.body"]);
        let refused = add(&school, &submission, case("订单班", "育人", &[&lost])).await.unwrap_err();
        assert_eq!(violations(&refused)[0].0, "case.pictures[0].attachment_id");
        let other =
            add(&world.school(OTHER_COLLEGE), &submission, case("订单班", "育人", &[])).await.unwrap_err();
        assert_eq!(other.code(), Code::PermissionDenied);
        assert!(list(&world.commission(), &submission, 0).await.cases.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_revision_keeps_its_cases_and_its_hash_covers_them() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        let school = world.school(COLLEGE);
        world.fill(&submission).await;
        let kept = add(&school, &submission, case("订单班", "校企共建订单班。", &[])).await.unwrap();
        let first = world.hand_in(&submission).await.content_hash;
        world.send_back(&submission, "请修改案例").await.unwrap();
        let changed = UpdateCaseRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            case: Some(Case { body: "校企共建订单班两个。".into(), ..kept }),
        };
        school.cases().update_case(changed).await.unwrap();
        assert_eq!(world.get(&submission).await.state(), submission::State::Draft);
        let second = world.hand_in(&submission).await.content_hash;
        assert_ne!(first, second);
        assert_eq!(list(&school, &submission, 1).await.cases[0].body, "校企共建订单班。");
        assert_eq!(list(&school, &submission, 2).await.cases[0].body, "校企共建订单班两个。");
    })
    .await;
}

#[tokio::test]
async fn the_cases_of_accepted_reports_are_streamed_to_whoever_compiles() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let told = async |clients: Clients, kinds: &[&str], sections: &[&str]| {
            let request = StreamAcceptedCasesRequest {
                cycle_year: 2026,
                report_kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
                section_codes: sections.iter().map(|section| (*section).to_owned()).collect(),
            };
            let stream = clients.cases().stream_accepted_cases(request).await?.into_inner();
            stream.try_collect::<Vec<StreamAcceptedCasesResponse>>().await
        };
        let accepted = world.create(2026, "higher", COLLEGE, "").await;
        let waiting = world.create(2026, "higher", OTHER_COLLEGE, "").await;
        for (submission, code) in [(&accepted, COLLEGE), (&waiting, OTHER_COLLEGE)] {
            let school = world.school(code);
            world.fill(submission).await;
            add(&school, submission, case("订单班", "联系人13800138000，校企共建。", &[])).await.unwrap();
            let second =
                Case { section_code: "service".into(), ..case("夜校", "夜校开到车间。", &[]) };
            add(&school, submission, second).await.unwrap();
            world.hand_in(submission).await;
        }
        world.accept(&world.get(&accepted).await).await.unwrap();

        let all = told(world.publication(), &[], &[]).await.unwrap();
        let cases: Vec<&PublicCase> = all.iter().map(|one| one.case.as_ref().unwrap()).collect();
        let titles: Vec<&str> = cases.iter().map(|case| case.title.as_str()).collect();
        assert_eq!(titles, ["订单班", "夜校"], "in the report's order, of accepted reports alone");
        assert_eq!(cases[0].body, "联系人（已隐去），校企共建。");
        assert!(cases.iter().all(|case| case.case_id.starts_with("cas_")));
        assert!(all.iter().all(|one| one.submission_id == accepted.submission_id
            && one.revision_number == 1
            && one.report_kind == "higher"
            && one.organisation_code == COLLEGE
            && one.subject_code == COLLEGE));
        let some = told(world.publication(), &["higher"], &["service"]).await.unwrap();
        assert_eq!(some, all[1..]);
        assert_eq!(told(world.publication(), &["secondary"], &[]).await.unwrap(), []);
        assert_eq!(told(world.publication(), &["\0"], &[]).await.unwrap(), []);

        let refused = told(world.school(COLLEGE), &[], &[]).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let request = StreamAcceptedCasesRequest { cycle_year: 2031, ..Default::default() };
        let none = world.publication().cases().stream_accepted_cases(request).await.unwrap_err();
        assert_eq!(none.code(), Code::NotFound);
    })
    .await;
}
