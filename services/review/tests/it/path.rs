//! One round from the register of programmes to a planned rectification.

use chrono::{NaiveDate, Utc};
use tonic::Code;
use zhijian_proto::review::v1::*;

use crate::world::*;

const PROGRAMMES: [(&str, &str); 4] =
    [("710201", "95"), ("710202", "84.9"), ("710203", "64.9"), ("710204", "59.9")];

#[tokio::test]
async fn a_round_runs_from_the_register_to_a_planned_rectification() {
    in_each_world(2, 4, async |world| {
        world.reviewers(4).await;
        world.programmes(&school(0), &["710201", "710202"], "").await;
        world.programmes(&school(1), &["710203", "710204"], "").await;
        let round = world.create_round().await;
        assert_eq!((round.entry_count, round.state()), (4, round::State::Draft));
        assert_eq!(round.name.as_ref().expect("a name").zh, "2025年专科人才培养试点专业监测");

        let plan = ok(world.try_assign(&round.round_id).await);
        assert_eq!((plan.assignments, plan.matched_expertise, plan.conflicts_avoided), (12, 12, 0));
        assert_eq!((plan.least_load, plan.greatest_load), (3, 3));
        let round = plan.round.expect("a round");
        assert_eq!(
            (round.state(), round.assignment_count, round.submitted_count),
            (round::State::Assigned, 12, 0)
        );
        ok(world.try_open(&round.round_id).await);

        let points = |entry: &Entry| {
            let of = PROGRAMMES.iter().find(|(code, _)| *code == entry.programme_code).expect("one of ours");
            of.1.to_owned()
        };
        world.submit_all(&round.round_id, points).await;
        let done = ok(world.try_finalise(&round.round_id).await);
        assert_eq!(done.rectifications_opened, 2);
        let round = done.round.expect("a round");
        assert_eq!((round.state(), round.submitted_count), (round::State::Finalised, 12));

        let request = GetDistributionRequest { round_id: round.round_id.clone() };
        let distribution = ok(world.publication.rounds().get_distribution(request).await);
        let counts: Vec<_> = distribution
            .counts
            .iter()
            .map(|one| (one.grade.as_str(), one.group.as_str(), one.count))
            .collect();
        assert_eq!(
            counts,
            [
                ("A+", "A", 1),
                ("A", "A", 0),
                ("A-", "A", 0),
                ("B+", "B", 1),
                ("B", "B", 0),
                ("B-", "B", 0),
                ("C+", "C", 0),
                ("C", "C", 1),
                ("C-", "C", 1)
            ]
        );
        assert_eq!(distribution.total, 4);

        let entries = world.entries(&world.publication, &round.round_id).await;
        let codes: Vec<_> = entries.iter().map(|entry| entry.programme_code.as_str()).collect();
        assert_eq!(codes, PROGRAMMES.map(|(code, _)| code), "in order of school, then code");
        let result = entries[1].result.as_ref().expect("a result");
        assert_eq!(
            (result.grade.as_str(), result.group.as_str(), result.total.as_str()),
            ("B+", "B", "84.9")
        );
        assert_eq!((result.to_next.as_str(), result.decided_by_one), ("0.1", false));
        assert_eq!(result.elements.len(), 10);
        assert!(result.elements.iter().all(|element| element.score == "84.9"));
        assert_eq!(entries[0].result.as_ref().expect("a result").to_next, "");
        assert_eq!((entries[0].submitted_count, entries[0].panel_size), (3, 3));

        ok(world.try_reveal(&round.round_id).await);
        let again = ok(world.try_reveal(&round.round_id).await).round.expect("a round");
        assert_eq!(again.state(), round::State::Revealed);
        plan_rectification(&world, &round.round_id).await;
    })
    .await;
}

async fn plan_rectification(world: &World, round_id: &str) {
    let school = world.as_school(&school(1));
    let list = || ListRectificationsRequest { round_id: round_id.into(), ..Default::default() };
    let listed = ok(school.rectifications().list_rectifications(list()).await).rectifications;
    let mut grades: Vec<_> = listed.iter().map(|one| one.grade.as_str()).collect();
    grades.sort_unstable();
    assert_eq!(grades, ["C", "C-"]);
    let one = listed[0].clone();
    assert_eq!(one.findings.len(), 10, "every element is under the line");
    let due: NaiveDate = one.plan_due_date.parse().expect("a date");
    let days = (due - Utc::now().date_naive()).num_days();
    assert!((24..60).contains(&days), "twenty working days are about four weeks, not {days} days");
    let request = |plan: String, etag: &str| PlanRectificationRequest {
        request_id: request_id(),
        rectification_id: one.rectification_id.clone(),
        etag: etag.into(),
        plan,
        measures: vec![],
    };
    let short = school.rectifications().plan_rectification(request("太短".into(), &one.etag)).await;
    assert!(violations(&refused(short, Code::InvalidArgument)).contains_key("plan"));
    let stale = school.rectifications().plan_rectification(request("改".repeat(20), "v9")).await;
    refused(stale, Code::Aborted);
    let plan = request("改".repeat(20), &one.etag);
    let planned =
        ok(school.rectifications().plan_rectification(plan.clone()).await).rectification.expect("one");
    assert_eq!((planned.state(), planned.plan.chars().count()), (rectification::State::Planned, 20));
    let repeated = ok(school.rectifications().plan_rectification(plan).await).rectification.expect("one");
    assert_eq!(repeated, planned, "a repeated request is answered as before");
    let again = school.rectifications().plan_rectification(request("改".repeat(30), &planned.etag)).await;
    assert_eq!(reason(&refused(again, Code::FailedPrecondition)), "ILLEGAL_STATE");
    let get = GetRectificationRequest { rectification_id: one.rectification_id.clone() };
    let seen = ok(world.chair.rectifications().get_rectification(get).await).rectification.expect("one");
    assert_eq!(seen.history.len(), 1);
    assert_eq!(Rectification { history: vec![], ..seen }, planned);
}

#[tokio::test]
async fn a_round_needs_a_scheme_a_cycle_programmes_and_no_round_before_it() {
    in_each_world(1, 1, async |world| {
        let request = |year: i32, scheme: &str| CreateRoundRequest {
            request_id: request_id(),
            cycle_year: year,
            scheme_code: scheme.into(),
            due_time: None,
        };
        let mut rounds = world.chair.rounds();
        let unknown = refused(rounds.create_round(request(YEAR, "lottery")).await, Code::InvalidArgument);
        assert!(violations(&unknown)["scheme_code"].contains(SCHEME), "it names the schemes there are");
        refused(rounds.create_round(request(1999, SCHEME)).await, Code::NotFound);
        let none = refused(rounds.create_round(request(YEAR, SCHEME)).await, Code::FailedPrecondition);
        assert_eq!(reason(&none), "DATA_MISSING");
        world.programmes(&school(0), &["710201"], "").await;
        let first = request(YEAR, SCHEME);
        let created = ok(rounds.create_round(first.clone()).await);
        assert_eq!(ok(rounds.create_round(first).await), created, "a repeated request is answered as before");
        refused(rounds.create_round(request(YEAR, SCHEME)).await, Code::AlreadyExists);
        // The one programme is a pilot, which the other scheme leaves out.
        refused(
            rounds.create_round(request(YEAR, "new-programme-monitoring")).await,
            Code::FailedPrecondition,
        );
    })
    .await;
}

#[tokio::test]
async fn schemes_are_read_by_anybody_and_add_up() {
    in_each_world(0, 0, async |world| {
        let anybody = zhijian_platform::Clients::with(
            &world.chair,
            zhijian_platform::Credential::Anonymous,
            zhijian_platform::Lang::En,
        );
        let schemes = ok(anybody.schemes().list_schemes(ListSchemesRequest {}).await).schemes;
        assert_eq!(schemes.len(), 9);
        assert!(schemes.iter().all(|scheme| !scheme.steps.is_empty() && !scheme.ends.is_empty()));
        for scheme in schemes.into_iter().filter(|scheme| scheme.subject() == Subject::Programme) {
            let weights: Vec<f64> =
                scheme.elements.iter().map(|element| element.weight.parse().expect("a number")).collect();
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            assert_eq!(scheme.bands.first().expect("bands").grade, "A+");
            assert_eq!((scheme.panel_size, scheme.arbitration_spread.as_str()), (3, "10"));
            let rectified: Vec<_> =
                scheme.bands.iter().filter(|band| band.rectify).map(|band| band.grade.as_str()).collect();
            assert_eq!(rectified, ["C", "C-"]);
        }
        let unknown = anybody.schemes().get_scheme(GetSchemeRequest { code: "lottery".into() }).await;
        refused(unknown, Code::NotFound);
    })
    .await;
}
