//! Differentiated funding: what is entered, what comes out, what would change it, and who may see it.

use tonic::Code;
use zhijian_proto::review::v1::{funding_policy::Formula, *};

use crate::world::*;

const FUNDED: i32 = 2026;

fn input(school: String, headcounts: &[(&str, i32)], quality: &str) -> FundingInput {
    FundingInput {
        year: FUNDED,
        organisation_code: school,
        headcounts: headcounts
            .iter()
            .map(|(code, students)| FundingHeadcount { programme_code: (*code).into(), students: *students })
            .collect(),
        performance: vec![FundingPerformance { part_code: "quality".into(), coefficient: quality.into() }],
        demonstration: true,
        etag: String::new(),
    }
}

fn set(input: FundingInput) -> SetFundingInputRequest {
    SetFundingInputRequest { request_id: request_id(), input: Some(input) }
}

fn estimate(school: String, change: Option<FundingChange>) -> EstimateFundingRequest {
    EstimateFundingRequest { year: FUNDED, day: String::new(), organisation_code: school, change }
}

#[tokio::test]
async fn schools_are_funded_by_students_and_coefficients_and_see_only_their_own() {
    in_each_world(2, 0, async |world| {
        let mut funding = world.commission.funding();
        let first = set(input(school(0), &[("710205", 100), ("730101", 50)], "1.1"));
        let stored = ok(funding.set_funding_input(first.clone()).await).input.expect("stored");
        assert_eq!(ok(funding.set_funding_input(first).await).input, Some(stored.clone()), "repeated");
        ok(funding.set_funding_input(set(input(school(1), &[("750101", 10)], "1"))).await);

        let all = ok(funding.estimate_funding(estimate(String::new(), None)).await);
        // 100 × 10000 × 1.05 × 1.05 × 1.06 + 50 × 10000 × 0.9 × 1.06, and 10 × 10000.
        let amounts: Vec<&str> = all.estimates.iter().map(|one| one.amount.as_str()).collect();
        assert_eq!(amounts, ["1645650.00", "100000.00"]);
        assert_eq!((all.total.as_str(), all.unchanged_total.as_str()), ("1745650.00", "1745650.00"));
        assert!(all.estimates.iter().all(|one| one.lines.is_empty() && one.demonstration));

        let own = world.as_school(&school(0));
        let seen = ok(own.funding().estimate_funding(estimate(String::new(), None)).await);
        assert_eq!(seen.estimates.len(), 1);
        assert_eq!(seen.estimates[0].organisation_code, school(0));
        let change = FundingChange {
            formula: Formula::Additive.into(),
            headcounts: vec![FundingHeadcount { programme_code: "730101".into(), students: 0 }],
            ..FundingChange::default()
        };
        let what_if = ok(own.funding().estimate_funding(estimate(school(0), Some(change))).await);
        // 100 × 10000 × (1 + 0.05 + 0.05 + 0.06).
        assert_eq!(what_if.total, "1160000.00");
        assert_eq!(what_if.unchanged_total, "1645650.00");
        assert_eq!(what_if.estimates[0].lines.len(), 2);
        let nothing = ok(own.funding().estimate_funding(estimate(school(1), None)).await);
        assert_eq!(nothing.estimates, []);
        let get = |code| GetFundingInputRequest { year: FUNDED, organisation_code: code };
        assert_eq!(ok(own.funding().get_funding_input(get(school(0))).await).input, Some(stored));
        refused(own.funding().get_funding_input(get(school(1))).await, Code::NotFound);
        refused(
            own.funding().set_funding_input(set(input(school(0), &[], "1"))).await,
            Code::PermissionDenied,
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_kept() {
    in_each_world(1, 0, async |world| {
        let mut funding = world.commission.funding();
        let wrong = input(school(0), &[("71020", -1), ("710205", 5), ("710205", 6)], "1.5");
        let named = violations(&refused(funding.set_funding_input(set(wrong)).await, Code::InvalidArgument));
        for field in [
            "input.headcounts[0].programme_code",
            "input.headcounts[0].students",
            "input.headcounts[2].programme_code",
            "input.performance[0].coefficient",
        ] {
            assert!(named.contains_key(field), "{field}: {named:?}");
        }
        let unknown = set(input(school(9), &[("710205", 5)], "1"));
        let named = violations(&refused(funding.set_funding_input(unknown).await, Code::InvalidArgument));
        assert!(named.contains_key("input.organisation_code"));
        assert_eq!(ok(funding.estimate_funding(estimate(String::new(), None)).await).estimates, []);

        let early = EstimateFundingRequest { year: 2020, ..estimate(String::new(), None) };
        refused(funding.estimate_funding(early).await, Code::FailedPrecondition);
        let day = EstimateFundingRequest { day: "2026-13-01".into(), ..estimate(String::new(), None) };
        refused(funding.estimate_funding(day).await, Code::InvalidArgument);
        let change = FundingChange {
            headcounts: vec![FundingHeadcount { programme_code: "710205".into(), students: 1 }],
            major_classes: vec![FundingCoefficient {
                code: "20".into(),
                coefficient: "0".into(),
                name: None,
            }],
            ..FundingChange::default()
        };
        let asked = estimate(String::new(), Some(change));
        let named = violations(&refused(funding.estimate_funding(asked).await, Code::InvalidArgument));
        for field in
            ["organisation_code", "change.major_classes[0].code", "change.major_classes[0].coefficient"]
        {
            assert!(named.contains_key(field), "{field}: {named:?}");
        }

        let stored = ok(funding.set_funding_input(set(input(school(0), &[("710205", 5)], "1"))).await);
        let lost = input(school(0), &[("710205", 6)], "1");
        refused(funding.set_funding_input(set(lost.clone())).await, Code::InvalidArgument);
        let stale = FundingInput { etag: "v9".into(), ..lost.clone() };
        refused(funding.set_funding_input(set(stale)).await, Code::Aborted);
        let etag = stored.input.expect("stored").etag;
        ok(funding.set_funding_input(set(FundingInput { etag, ..lost })).await);
    })
    .await;
}
