use serde_json::json;
use sha2::{Digest, Sha256};
use tonic::Code;
use zhijian_proto::{common::v1::value::Kind, submission::v1::*};

use crate::harness::*;

/// The hash of a revision, from what anybody who may read it can read.
async fn recomputed_hash(
    world: &World,
    submission: &Submission,
    number: i32,
    explanations: serde_json::Value,
) -> String {
    let mut cells = serde_json::Map::new();
    for (code, cell) in world.cells(submission, number).await {
        let Some(kind) = cell.value.and_then(|value| value.kind) else { continue };
        let value = match kind {
            Kind::Number(number) => json!({ "number": number }),
            Kind::Text(text) => json!({ "text": text }),
            Kind::NotApplicable(reason) => json!({ "not_applicable": reason }),
        };
        cells.insert(code, json!({ "derived": cell.derived, "value": value }));
    }
    let mut sections = serde_json::Map::new();
    for section in world.sections(submission, number).await {
        if !section.body.is_empty() {
            sections.insert(section.section_code, json!(section.body));
        }
    }
    sections.sort_keys();
    let content = format!(
        r#"{{"cells":{},"cycle_year":{},"explanations":{explanations},"organisation_code":"{}","report_kind":"{}","sections":{},"subject_code":"{}"}}"#,
        serde_json::to_string(&cells).unwrap(),
        submission.cycle_year,
        submission.organisation_code,
        submission.report_kind,
        serde_json::to_string(&sections).unwrap(),
        submission.subject_code,
    );
    format!("{:x}", Sha256::digest(content))
}

async fn revisions(world: &World, submission: &Submission) -> Vec<Revision> {
    let request = ListRevisionsRequest { submission_id: submission.submission_id.clone() };
    let mut client = world.school(&submission.organisation_code).submissions();
    client.list_revisions(request).await.unwrap().into_inner().revisions
}

#[tokio::test]
async fn a_report_is_submitted_returned_mended_and_accepted() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        world.fill(&submission).await;
        let approved = world.approve(&submission).await.unwrap();
        assert_eq!(approved.state(), submission::State::Approved);
        assert_eq!(approved.declaration.as_ref().unwrap().name, "演示校长");
        assert!(approved.declaration.unwrap().time.is_some());

        let answer = world.submit(&submission).await.unwrap();
        let (submitted, receipt) = (answer.submission.unwrap(), answer.receipt.unwrap());
        assert_eq!((submitted.state(), submitted.revision_number), (submission::State::Submitted, 1));
        assert!(receipt.receipt_id.starts_with("rcp_"));
        let first = revisions(&world, &submission).await;
        assert_eq!((first.len(), first[0].number, &first[0].content_hash), (1, 1, &receipt.content_hash));
        assert_eq!(recomputed_hash(&world, &submission, 1, json!({})).await, receipt.content_hash);

        let locked = world.save(&submission, vec![cell("ENT01", number("9"), "v1")]).await.unwrap_err();
        assert_eq!(preconditions(&locked)[0].0, "submission.state");
        assert_eq!(violations(&world.send_back(&submission, " ").await.unwrap_err())[0].0, "comment");
        let request = StartSubmissionReviewRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: submitted.etag,
        };
        let mut commission = world.commission().submissions();
        let taken_up =
            commission.start_submission_review(request).await.unwrap().into_inner().submission.unwrap();
        assert_eq!(taken_up.state(), submission::State::UnderReview);
        let returned = world.send_back(&submission, "请核对投入设备值").await.unwrap();
        assert_eq!(
            (returned.state(), returned.return_comment.as_str()),
            (submission::State::Returned, "请核对投入设备值")
        );

        let saved = world.put(&submission, &[("ENT01", "12.5")]).await.submission.unwrap();
        assert_eq!(saved.state(), submission::State::Draft);
        assert!(saved.declaration.is_none(), "what was declared true has changed");
        assert_eq!(saved.return_comment, "请核对投入设备值");
        world.approve(&submission).await.unwrap();
        let second = world.submit(&submission).await.unwrap().receipt.unwrap();
        assert_eq!(second.revision_number, 2);
        assert_ne!(second.content_hash, receipt.content_hash);
        assert_eq!(
            world.cells(&submission, 1).await["ENT01"].value,
            number("10"),
            "a revision never changes"
        );
        assert_eq!(world.cells(&submission, 2).await["ENT01"].value, number("12.5"));
        assert_eq!(recomputed_hash(&world, &submission, 1, json!({})).await, receipt.content_hash);

        let accepted = world.accept(&submission).await.unwrap();
        assert_eq!(accepted.state(), submission::State::Accepted);
        let again = world.accept(&submission).await.unwrap_err();
        assert_eq!(reason(&again), "ILLEGAL_STATE");
        use submission::State::*;
        let history = [
            ("submission.create", Draft),
            ("submission.approve", Approved),
            ("submission.submit", Submitted),
            ("submission.review", UnderReview),
            ("submission.review", Returned),
            ("submission.edit", Draft),
            ("submission.approve", Approved),
            ("submission.submit", Submitted),
            ("submission.review", Accepted),
        ];
        assert_eq!(
            world.history(&submission).await,
            history.map(|(action, state)| (action.to_owned(), state))
        );
        let request = ListEventsRequest { submission_id: submission.submission_id.clone() };
        let events = commission.list_events(request).await.unwrap().into_inner().events;
        assert_eq!(
            (events[4].account_name.as_str(), events[4].comment.as_str()),
            ("acc_commission", "请核对投入设备值")
        );
        assert_eq!(events[0].account_id, format!("acc_{COLLEGE}"));
    })
    .await;
}

#[tokio::test]
async fn whoever_may_read_a_revision_can_compute_its_hash_from_its_content() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.submitted(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        world.send_back(&submission, "请核对").await.unwrap();
        world.put(&submission, &[("ENT01", "12.5")]).await;
        world.hand_in(&submission).await;
        let of = |number| GetRevisionContentRequest {
            submission_id: submission.submission_id.clone(),
            revision_number: number,
        };
        let mut school = world.school(COLLEGE).submissions();
        let frozen = revisions(&world, &submission).await;
        assert_eq!(frozen.len(), 2);
        let mut contents = vec![];
        for revision in frozen {
            let answer = school.get_revision_content(of(revision.number)).await.unwrap().into_inner();
            assert_eq!(answer.content_hash, revision.content_hash);
            assert_eq!(format!("{:x}", Sha256::digest(&answer.content)), revision.content_hash);
            contents.push(serde_json::from_slice::<serde_json::Value>(&answer.content).expect("JSON"));
        }
        assert_ne!(
            contents[0]["cells"]["ENT01"], contents[1]["cells"]["ENT01"],
            "the old one stays as it was"
        );
        assert_eq!(contents[1]["cells"]["ENT01"]["value"], json!({ "number": "12.5" }));
        assert_eq!(school.get_revision_content(of(3)).await.unwrap_err().code(), Code::NotFound);
        let other = world.school(OTHER_COLLEGE).submissions().get_revision_content(of(1)).await;
        assert_eq!(other.unwrap_err().code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn errors_and_unexplained_warnings_block_submission() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.approve(&submission).await.unwrap();
        let empty = world.submit(&submission).await.unwrap_err();
        assert_eq!(reason(&empty), "CHECKS_FAILED");
        let named = preconditions(&empty);
        assert!(named.iter().any(|(finding, _)| finding == "C02:talent"), "{named:?}");
        assert!(
            named.iter().any(|(finding, _)| finding == "findings"),
            "more than an error can carry: {named:?}"
        );

        world.fill(&submission).await;
        world.put(&submission, &[("SVC11", "11"), ("BAS04", "120")]).await;
        let found = world.check(&submission).await;
        assert!(found.rules_run >= 16, "{}", found.rules_run);
        let codes: Vec<(&str, Severity)> =
            found.findings.iter().map(|finding| (finding.rule_code.as_str(), finding.severity())).collect();
        assert_eq!(codes, [("V03-SVC11", Severity::Error), ("V03-BAS04", Severity::Warning)]);
        assert_eq!(found.findings[0].computation, "11 > 10");
        assert_eq!(found.findings[0].indicator_codes, ["SVC10", "SVC11"]);
        world.approve(&submission).await.unwrap();
        let refused = preconditions(&world.submit(&submission).await.unwrap_err());
        assert_eq!(
            refused.iter().map(|(finding, _)| finding.as_str()).collect::<Vec<_>>(),
            ["V03-SVC11", "V03-BAS04"]
        );

        let not_an_answer = world.explain(&submission, "V03-SVC11", "就是这样").await.unwrap_err();
        assert_eq!(preconditions(&not_an_answer)[0].0, "finding/V03-SVC11");
        let unknown = world.explain(&submission, "V10:SC01", "无").await.unwrap_err();
        assert_eq!(unknown.code(), Code::NotFound);
        assert_eq!(
            violations(&world.explain(&submission, "V03-BAS04", " ").await.unwrap_err())[0].0,
            "explanation"
        );

        world.put(&submission, &[("SVC11", "10")]).await;
        let explained = world.explain(&submission, "V03-BAS04", "含企业兼职教师").await.unwrap();
        assert_eq!(explained.explanation, "含企业兼职教师");
        assert_eq!(world.check(&submission).await.findings[0].explanation, "含企业兼职教师");
        world.approve(&submission).await.unwrap();
        let receipt = world.submit(&submission).await.unwrap().receipt.unwrap();
        let explanations = json!({ "V03-BAS04": "含企业兼职教师" });
        assert_eq!(recomputed_hash(&world, &submission, 1, explanations).await, receipt.content_hash);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_submission_has_the_same_receipt() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        world.fill(&submission).await;
        let approved = world.approve(&submission).await.unwrap();
        let request = SubmitSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: approved.etag,
        };
        let mut client = world.school(COLLEGE).submissions();
        let first = client.submit_submission(request.clone()).await.unwrap().into_inner();
        let second = client.submit_submission(request.clone()).await.unwrap().into_inner();
        assert_eq!(first, second);
        let fresh = client
            .submit_submission(SubmitSubmissionRequest { request_id: id(), ..request })
            .await
            .unwrap_err();
        assert_eq!(reason(&fresh), "ILLEGAL_STATE");
        assert_eq!(revisions(&world, &submission).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_approved_is_what_is_submitted() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        world.fill(&submission).await;
        let seen = world.get(&submission).await.etag;
        world.put(&submission, &[("ENT02", "11")]).await;
        let request = ApproveSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: seen,
            declaration: Some(Declaration {
                name: "演示校长".into(), office: "校长".into(), time: None
            }),
        };
        let mut client = world.school(COLLEGE).submissions();
        let stale = client.approve_submission(request.clone()).await.unwrap_err();
        assert_eq!(stale.code(), Code::Aborted, "nobody declares what they have not seen");
        let nameless = ApproveSubmissionRequest { request_id: id(), declaration: None, ..request };
        let fields: Vec<String> = violations(&client.approve_submission(nameless).await.unwrap_err())
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        assert_eq!(fields, ["declaration.name", "declaration.office"]);

        let approved = world.approve(&submission).await.unwrap();
        let edited = world.put(&submission, &[("ENT02", "12")]).await.submission.unwrap();
        assert_eq!(edited.state(), submission::State::Draft, "a change takes the approval back");
        let request = SubmitSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: approved.etag,
        };
        let refused = client.submit_submission(request).await.unwrap_err();
        assert_eq!(reason(&refused), "ILLEGAL_STATE");
    })
    .await;
}

#[tokio::test]
async fn only_the_commission_reviews_and_only_while_the_cycle_collects() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.submitted(2025, "enterprise", COLLEGE, ENTERPRISE).await;
        let request = AcceptSubmissionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            etag: submission.etag.clone(),
        };
        let refused =
            world.school(COLLEGE).submissions().accept_submission(request.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        let stale = AcceptSubmissionRequest { request_id: id(), etag: "v1".into(), ..request };
        assert_eq!(
            world.commission().submissions().accept_submission(stale).await.unwrap_err().code(),
            Code::Aborted
        );
        world.close(2025).await;
        let late = preconditions(&world.accept(&submission).await.unwrap_err());
        assert_eq!(late[0].0, "cycle.state");
    })
    .await;
}
