//! The checks as reports meet them: stages, what becomes of explanations, the peers, and public addresses.

use tonic::{Code, Status};
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::{explanation_decision::Verdict, *};

use crate::harness::*;

pub async fn finding(world: &World, submission: &Submission, id: &str) -> Option<Finding> {
    world.check(submission).await.findings.into_iter().find(|finding| finding.finding_id == id)
}

fn decision(
    submission: &Submission,
    finding_id: &str,
    verdict: Verdict,
    reason: &str,
) -> DecideExplanationRequest {
    DecideExplanationRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        finding_id: finding_id.to_owned(),
        verdict: verdict.into(),
        reason: reason.to_owned(),
        ..DecideExplanationRequest::default()
    }
}

async fn decide(caller: &Clients, request: DecideExplanationRequest) -> Result<Finding, Status> {
    let answer = caller.explanations().decide_explanation(request).await?;
    Ok(answer.into_inner().finding.expect("a finding"))
}

async fn take_over(world: &World, submission: &Submission, finding_id: &str) -> Result<Finding, Status> {
    let request = TakeOverExplanationRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        finding_id: finding_id.to_owned(),
    };
    let mut client = world.school(&submission.organisation_code).explanations();
    Ok(client.take_over_explanation(request).await?.into_inner().finding.expect("a finding"))
}

/// More teachers of specialised courses than teachers: a warning about the number 120.
const WARNING: &str = "V03-BAS04";

#[tokio::test]
async fn an_explanation_is_decided_on_and_offered_again_the_year_after() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.fill(&submission).await;
        world.put(&submission, &[("BAS04", "120")]).await;
        let found = finding(&world, &submission, WARNING).await.expect("a warning");
        assert_eq!((found.value.as_str(), found.open, found.stage()), ("120", true, RuleStage::Across));
        assert_eq!(found.standing(), RuleStanding::New, "2024 had no such rule");
        let (commission, school) = (world.commission(), world.school(COLLEGE));
        let early = decide(&commission, decision(&submission, WARNING, Verdict::Accepted, "")).await;
        assert_eq!(preconditions(&early.unwrap_err())[0].0, "submission.state");
        world.explain(&submission, WARNING, "含企业兼职教师").await.unwrap();
        world.hand_in(&submission).await;

        let own = decide(&school, decision(&submission, WARNING, Verdict::Accepted, "")).await;
        assert_eq!(own.unwrap_err().code(), Code::PermissionDenied);
        let mute = decide(&commission, decision(&submission, WARNING, Verdict::Rejected, " ")).await;
        assert_eq!(violations(&mute.unwrap_err())[0].0, "reason");
        let unknown = decide(&commission, decision(&submission, "V10:SC01", Verdict::Accepted, "")).await;
        assert_eq!(unknown.unwrap_err().code(), Code::NotFound);
        let request = decision(&submission, WARNING, Verdict::Rejected, "请列出兼职教师名单");
        let rejected = decide(&commission, request.clone()).await.unwrap();
        assert!(rejected.open);
        assert_eq!(decide(&commission, request).await.unwrap(), rejected, "a repeated request");
        let refused = world.accept(&submission).await.unwrap_err();
        assert_eq!(preconditions(&refused)[0].0, WARNING, "what was rejected goes back");

        world.send_back(&submission, "请补充说明").await.unwrap();
        let back = finding(&world, &submission, WARNING).await.expect("still there");
        let told = back.decision.expect("what the commission said");
        assert_eq!((told.verdict(), told.reason.as_str()), (Verdict::Rejected, "请列出兼职教师名单"));
        assert!(back.open && back.explanation == "含企业兼职教师", "nothing is lost");
        // An edit of something else: the answer stays rejected, and in the way.
        world.put(&submission, &[("COP01", "11")]).await;
        world.approve(&submission).await.unwrap();
        assert_eq!(preconditions(&world.submit(&submission).await.unwrap_err())[0].0, WARNING);
        let anew = world.explain(&submission, WARNING, "含企业兼职教师 20 人，名单见附件").await.unwrap();
        assert!(!anew.open && anew.decision.is_none());
        world.submit(&submission).await.expect("handed in");

        let beyond = DecideExplanationRequest {
            low: "121".into(),
            high: "130".into(),
            ..decision(&submission, WARNING, Verdict::Accepted, "")
        };
        assert_eq!(violations(&decide(&commission, beyond).await.unwrap_err())[0].0, "low");
        let accepted =
            decide(&commission, decision(&submission, WARNING, Verdict::Accepted, "")).await.unwrap();
        let bound = accepted.decision.expect("decided");
        assert_eq!((bound.low.as_str(), bound.high.as_str(), bound.expires_year), ("108", "132", 2026));
        world.accept(&submission).await.expect("accepted");
        world.close(2025).await;

        world.collecting(2026, None).await;
        let next = world.create(2026, "higher", COLLEGE, "").await;
        world.fill(&next).await;
        world.put(&next, &[("BAS04", "133")]).await;
        let outside = finding(&world, &next, WARNING).await.expect("a warning");
        assert!(outside.proposal.is_none(), "beyond the range");
        assert_eq!(outside.standing(), RuleStanding::Carried);
        assert_eq!(
            preconditions(&take_over(&world, &next, WARNING).await.unwrap_err())[0].0,
            format!("finding/{WARNING}")
        );
        world.put(&next, &[("BAS04", "125")]).await;
        let proposal = finding(&world, &next, WARNING).await.expect("a warning").proposal.expect("offered");
        assert_eq!((proposal.year, proposal.expires_year), (2025, 2026));
        assert_eq!(proposal.explanation, "含企业兼职教师 20 人，名单见附件");
        let taken = take_over(&world, &next, WARNING).await.unwrap();
        assert_eq!((taken.carried_from, taken.open), (2025, false));
        assert_eq!(taken.decision.expect("still accepted").verdict(), Verdict::Accepted);
        // Whoever moves the number beyond the range explains it anew.
        world.put(&next, &[("BAS04", "140")]).await;
        let moved = finding(&world, &next, WARNING).await.expect("a warning");
        assert!(moved.open && moved.carried_from == 2025);
        let other = world.create(2026, "higher", OTHER_COLLEGE, "").await;
        world.fill(&other).await;
        world.put(&other, &[("BAS04", "125")]).await;
        assert!(
            finding(&world, &other, WARNING).await.expect("a warning").proposal.is_none(),
            "another school's"
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_mended_after_a_rejection_is_in_nobodys_way() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.fill(&submission).await;
        world.put(&submission, &[("BAS04", "120")]).await;
        world.hand_in(&submission).await;
        let request = decision(&submission, WARNING, Verdict::Rejected, "请改正");
        decide(&world.commission(), request).await.unwrap();
        world.send_back(&submission, "请改正").await.unwrap();
        world.put(&submission, &[("BAS04", "90")]).await;
        world.approve(&submission).await.unwrap();
        world.submit(&submission).await.expect("nothing stands open");
        world.accept(&submission).await.expect("and nothing is rejected any more");
    })
    .await;
}

#[tokio::test]
async fn findings_come_stage_by_stage() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "secondary", SCHOOL, "").await;
        world.fill(&submission).await;
        let current = world.cells(&submission, 0).await;
        world
            .save(&submission, vec![cell("INT01", not_applicable("无"), &current["INT01"].etag)])
            .await
            .unwrap();
        world.put(&submission, &[("SAT01", "101"), ("BAS05", "140"), ("SVC11", "11")]).await;
        let section = world.sections(&submission, 0).await.remove(2);
        world.write(&submission, &section.section_code, "", &section.etag).await.unwrap();
        let findings = world.check(&submission).await.findings;
        let stages: Vec<i32> = findings.iter().map(|finding| finding.stage).collect();
        assert!(stages.is_sorted(), "{stages:?}");
        let of = |code: &str| {
            let found = findings.iter().find(|finding| finding.rule_code == code);
            found.map(|finding| (finding.stage(), finding.open))
        };
        assert_eq!(of("C03-REASON"), Some((RuleStage::Form, true)));
        assert_eq!(of("C02"), Some((RuleStage::Structure, true)));
        assert_eq!(of("V04-RATE"), Some((RuleStage::Values, true)));
        assert_eq!(of("V03-BAS05"), Some((RuleStage::Across, true)));
        let catalogue = world.catalogue(2025).await;
        let rule = catalogue.rules.iter().find(|rule| rule.code == "C10-SAT01N").expect("a rule");
        assert_eq!(rule.expression, "SAT01 both_or_neither SAT01N");
        assert_eq!((rule.stage(), rule.standing()), (RuleStage::Structure, RuleStanding::New));
        let rule = catalogue.rules.iter().find(|rule| rule.code == "V10").expect("a rule");
        assert_eq!(
            (rule.tolerance.as_str(), rule.scope(), rule.range.as_str()),
            ("0.3", rule::Scope::Cell, "0.3")
        );
    })
    .await;
}

const PEER_RULE: &str = r#"
extends = 2024
[[rule]]
code = "P1"
stage = "peers"
report_kinds = ["enterprise"]
severity = "warning"
scope = "cell"
indicators = ["ENT02"]
when = "peer.count >= 4 && peer.mad > 0"
expression = "abs(value - peer.median) <= tolerance * 1.4826 * peer.mad"
tolerance = "3.5"
message = { zh = "{name}偏离", en = "{name} is far off" }
hint = { zh = "请核对", en = "check it" }
"#;

#[tokio::test]
async fn peers_are_those_that_were_handed_in() {
    let rules = tempfile::tempdir().expect("a directory");
    let folder = rules.path().join("submission/catalogue/2025");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("rules.toml"), PEER_RULE).expect("written");
    each_with_rules(Some(rules.path()), |world| async move {
        world.collecting(2025, None).await;
        let far = world.create(2025, "enterprise", COLLEGE, &enterprise(9)).await;
        world.fill(&far).await;
        world.put(&far, &[("ENT02", "30")]).await;
        for (place, interns) in ["10", "11", "12", "13"].into_iter().enumerate() {
            assert!(finding(&world, &far, "P1:ENT02").await.is_none(), "{place} peers are too few");
            let peer = world.create(2025, "enterprise", COLLEGE, &enterprise(place as u32)).await;
            world.fill(&peer).await;
            world.put(&peer, &[("ENT02", interns)]).await;
            world.hand_in(&peer).await;
        }
        let found = finding(&world, &far, "P1:ENT02").await.expect("far from 11.5");
        assert_eq!(found.computation, "|30 − 11.5| = 18.5 > 3.5 × 1.4826 × 1 = 5.1891");
        world.put(&far, &[("ENT02", "16")]).await;
        assert!(finding(&world, &far, "P1:ENT02").await.is_none());
        world.put(&far, &[("ENT02", "17")]).await;
        let found = finding(&world, &far, "P1:ENT02").await.expect("far from 11.5");
        assert_eq!(found.computation, "|17 − 11.5| = 5.5 > 3.5 × 1.4826 × 1 = 5.1891");
        // One more is handed in: the middle moves.
        let peer = world.create(2025, "enterprise", COLLEGE, &enterprise(4)).await;
        world.fill(&peer).await;
        world.put(&peer, &[("ENT02", "11")]).await;
        world.hand_in(&peer).await;
        let found = finding(&world, &far, "P1:ENT02").await.expect("far from 11");
        assert_eq!(found.computation, "|17 − 11| = 6 > 3.5 × 1.4826 × 1 = 5.1891");
    })
    .await;
}

#[tokio::test]
async fn a_public_address_is_kept_and_looked_at_by_rules() {
    each(|world| async move {
        world.collecting(2025, None).await;
        let submission = world.create(2025, "higher", COLLEGE, "").await;
        world.fill(&submission).await;
        let school = world.school(COLLEGE);
        let set = async |address: &str, publish_date: &str, etag: &str| {
            let request = SetPublicAddressRequest {
                request_id: id(),
                submission_id: submission.submission_id.clone(),
                public_address: Some(PublicAddress {
                    address: address.to_owned(),
                    publish_date: publish_date.to_owned(),
                    etag: etag.to_owned(),
                    ..PublicAddress::default()
                }),
            };
            let answer = school.explanations().set_public_address(request).await?;
            Ok::<_, Status>(answer.into_inner().public_address.expect("an address"))
        };
        let wrong = set("https://a b", "2025-13-01", "").await.unwrap_err();
        let fields: Vec<String> = violations(&wrong).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["public_address.address", "public_address.publish_date"]);
        let first = set("https://www.demo.example/2025", "", "").await.expect("kept");
        let alone = finding(&world, &submission, "C11-PAIR").await.expect("half of it");
        assert_eq!((alone.severity(), alone.stage()), (Severity::Error, RuleStage::Structure));
        assert_eq!(reason(&set("https://b.example/", "", "v9").await.unwrap_err()), "ETAG_MISMATCH");
        set("https://www.demo.example/2025", "2025-08-31", &first.etag).await.expect("kept");
        assert!(finding(&world, &submission, "C11-PAIR").await.is_none());
        assert!(finding(&world, &submission, "C11-EARLY").await.expect("too early").open);
        let request = GetPublicAddressRequest { submission_id: submission.submission_id.clone() };
        let read = world.commission().explanations().get_public_address(request).await.expect("read");
        let read = read.into_inner().public_address.expect("an address");
        assert_eq!(
            (read.address.as_str(), read.publish_date.as_str()),
            ("https://www.demo.example/2025", "2025-08-31")
        );
    })
    .await;
}
