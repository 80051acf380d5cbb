//! Panels: conflicts, dry runs, what stands in the way, arbiters.

use std::collections::BTreeSet;

use tonic::Code;
use zhijian_proto::review::v1::*;

use crate::world::*;

#[tokio::test]
async fn nobody_reviews_what_concerns_the_own_organisation() {
    in_each_world(2, 4, async |world| {
        world.programmes(&school(0), &["710201"], &body(3)).await;
        let own = world.reviewer("own", &school(0), &[], &["71"]).await;
        let past = world.reviewer("past", &school(1), &[school(0)], &["71"]).await;
        let supervising = world.reviewer("district", DISTRICT, &[], &["71"]).await;
        let partner = world.reviewer("partner", &body(3), &[], &["71"]).await;
        let round = world.create_round().await;

        let status = refused(world.try_assign(&round.round_id).await, Code::FailedPrecondition);
        assert_eq!(reason(&status), "CANNOT_ASSIGN");
        let entry = &world.entries(&world.chair, &round.round_id).await[0];
        let told = &violations(&status)[&entry.entry_id];
        assert!(told.contains("专业710201") && told.contains("4 位须回避"), "{told}");
        assert_eq!(world.round(&round.round_id).await.state(), round::State::Draft, "nothing has changed");

        let free = world.reviewers(3).await;
        let plan = ok(world.try_assign(&round.round_id).await);
        assert_eq!((plan.assignments, plan.conflicts_avoided), (3, 4));
        let seated: BTreeSet<_> =
            world.assignments(&round.round_id).await.into_iter().map(|one| one.reviewer_account_id).collect();
        assert_eq!(seated, free.into_iter().collect());
        for barred in [own, past, supervising, partner] {
            assert!(!seated.contains(&barred));
        }
    })
    .await;
}

#[tokio::test]
async fn an_empty_panel_and_too_little_room_are_told_apart() {
    in_each_world(1, 3, async |world| {
        world.programmes(&school(0), &["710201", "710202"], "").await;
        let round = world.create_round().await;
        let empty = refused(world.try_assign(&round.round_id).await, Code::FailedPrecondition);
        assert!(violations(&empty).contains_key("reviewers"));
        for account_id in world.reviewers(3).await {
            let list = ListReviewersRequest { page_size: 100, page_token: String::new() };
            let listed = ok(world.chair.reviewers().list_reviewers(list).await).reviewers;
            let present = listed.into_iter().find(|one| one.account_id == account_id).expect("registered");
            let reviewer = Some(Reviewer { max_load: 1, ..present });
            let request = RegisterReviewerRequest { request_id: request_id(), reviewer };
            ok(world.chair.reviewers().register_reviewer(request).await);
        }
        let full = refused(world.try_assign(&round.round_id).await, Code::FailedPrecondition);
        let told = &violations(&full)["max_load"];
        assert!(told.contains("6 份") && told.contains("差 3 份"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_done_and_does_nothing() {
    in_each_world(1, 4, async |world| {
        world.programmes(&school(0), &["710201", "660202"], "").await;
        world.reviewers(4).await;
        let round = world.create_round().await;
        let request = |etag: &str, dry_run| AssignRoundRequest {
            request_id: request_id(),
            round_id: round.round_id.clone(),
            etag: etag.into(),
            dry_run,
        };
        let mut rounds = world.chair.rounds();
        let dry = ok(rounds.assign_round(request(&round.etag, true)).await);
        assert_eq!((dry.assignments, dry.matched_expertise), (6, 3));
        assert_eq!(dry.round.as_ref().expect("a round").state(), round::State::Draft);
        assert_eq!(world.assignments(&round.round_id).await, []);

        refused(rounds.assign_round(request("v9", false)).await, Code::Aborted);
        let real = request(&round.etag, false);
        let done = ok(rounds.assign_round(real.clone()).await);
        assert_eq!(
            AssignRoundResponse { round: None, ..done.clone() },
            AssignRoundResponse { round: None, panels: vec![], loads: vec![], ..dry },
            "but for the lists, which are for looking"
        );
        assert_eq!(ok(rounds.assign_round(real).await), done, "a repeated request is answered as before");

        let first = world.assignments(&round.round_id).await;
        ok(world.try_assign(&round.round_id).await);
        let second = world.assignments(&round.round_id).await;
        assert_eq!(second.len(), 6, "assigning again replaces the panels");
        assert!(first.iter().all(|old| second.iter().all(|new| new.assignment_id != old.assignment_id)));
    })
    .await;
}

#[tokio::test]
async fn a_disputed_entry_gets_one_arbiter_and_then_its_grade() {
    in_each_world(1, 5, async |world| {
        world.programmes(&school(0), &["710201", "710202"], "").await;
        let accounts = world.reviewers(5).await;
        // Of the same body as the first, who may be on the panel.
        let colleague = world.reviewer("colleague", &body(0), &[], &["71"]).await;
        let round = world.open_round().await;
        let id = &round.round_id;
        let waiting = refused(world.try_finalise(id).await, Code::FailedPrecondition);
        assert_eq!(violations(&waiting).len(), 2, "both entries wait for scores");
        assert_eq!(ok(world.try_assign(id).await).assignments, 0, "nobody disagrees yet");

        let assignments = world.assignments(id).await;
        let disputed = assignments[0].entry.as_ref().expect("an entry").entry_id.clone();
        let mut given = ["60", "70", "70.1"].into_iter();
        let mut panel = BTreeSet::new();
        for assignment in &assignments {
            let of_disputed = assignment.entry.as_ref().expect("an entry").entry_id == disputed;
            if of_disputed {
                panel.insert(assignment.reviewer_account_id.clone());
            }
            // The other entry's sheets differ by exactly 10 at most, which needs no arbiter.
            let points = if of_disputed { given.next().expect("three reviewers") } else { "70" };
            world.submit(assignment, points).await;
        }
        let status = refused(world.try_finalise(id).await, Code::FailedPrecondition);
        let told = violations(&status);
        assert_eq!(told.keys().collect::<Vec<_>>(), [&disputed]);
        assert!(told[&disputed].contains("10.1"), "{told:?}");

        let plan = ok(world.try_assign(id).await);
        assert_eq!((plan.assignments, plan.round.expect("a round").state()), (1, round::State::Scoring));
        let open: Vec<_> = world
            .assignments(id)
            .await
            .into_iter()
            .filter(|one| one.state() == assignment::State::Open)
            .collect();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].entry.as_ref().expect("an entry").entry_id, disputed);
        let arbiter = &open[0].reviewer_account_id;
        assert!(!panel.contains(arbiter));
        if panel.contains(&accounts[0]) {
            assert_ne!(arbiter, &colleague, "two of one body never sit together");
        }
        assert_eq!(ok(world.try_assign(id).await).assignments, 0, "one arbiter is enough");
        refused(world.try_finalise(id).await, Code::FailedPrecondition);

        world.submit(&open[0], "90").await;
        ok(world.try_finalise(id).await);
        let entries = world.entries(&world.chair, id).await;
        let entry = entries.iter().find(|entry| entry.entry_id == disputed).expect("listed");
        // The median of 60, 70, 70.1 and 90.
        assert_eq!(entry.result.as_ref().expect("a result").total, "70.05");
        assert_eq!((entry.submitted_count, entry.panel_size), (4, 4));
    })
    .await;
}
