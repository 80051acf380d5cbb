//! Who sees what: reviewers their own, schools their own and only in the end, nobody who scored it.

use prost::Message;
use tonic::Code;
use zhijian_platform::{Clients, Credential, Lang};
use zhijian_proto::review::v1::*;

use crate::world::*;

#[tokio::test]
async fn reviewers_see_their_own_assignments_once_the_round_is_open() {
    in_each_world(1, 4, async |world| {
        world.programmes(&school(0), &["710201", "710202"], "").await;
        let accounts = world.reviewers(4).await;
        let round = world.create_round().await;
        ok(world.try_assign(&round.round_id).await);
        let hidden = world.assignments(&round.round_id).await;
        assert_eq!(hidden.len(), 6, "the chair sees them");
        for assignment in &hidden {
            let mut work = world.as_reviewer(&assignment.reviewer_account_id).assignments();
            let list = ListAssignmentsRequest { round_id: round.round_id.clone(), ..Default::default() };
            assert_eq!(ok(work.list_assignments(list).await).assignments, []);
            let get = GetAssignmentRequest { assignment_id: assignment.assignment_id.clone() };
            refused(work.get_assignment(get).await, Code::NotFound);
            let save = SaveScoresRequest {
                request_id: request_id(),
                assignment_id: assignment.assignment_id.clone(),
                etag: assignment.etag.clone(),
                ..Default::default()
            };
            refused(work.save_scores(save).await, Code::NotFound);
        }

        ok(world.try_open(&round.round_id).await);
        for account in &accounts {
            let mut work = world.as_reviewer(account).assignments();
            for round_id in [String::new(), round.round_id.clone()] {
                let list = ListAssignmentsRequest { round_id, ..Default::default() };
                let own = ok(work.list_assignments(list).await).assignments;
                let expected: Vec<_> =
                    hidden.iter().filter(|one| one.reviewer_account_id == *account).cloned().collect();
                assert_eq!(own, expected);
                assert!(!own.is_empty());
                assert!(own.iter().all(|one| one.entry.as_ref().is_some_and(|entry| entry.result.is_none())));
            }
            let others = hidden.iter().find(|one| one.reviewer_account_id != *account).expect("one");
            let get = GetAssignmentRequest { assignment_id: others.assignment_id.clone() };
            refused(work.get_assignment(get).await, Code::NotFound);
            let save = SaveScoresRequest {
                request_id: request_id(),
                assignment_id: others.assignment_id.clone(),
                etag: others.etag.clone(),
                ..Default::default()
            };
            refused(work.save_scores(save).await, Code::NotFound);
        }
        // Seeing everything is not scoring everything.
        let save = SaveScoresRequest {
            request_id: request_id(),
            assignment_id: hidden[0].assignment_id.clone(),
            etag: hidden[0].etag.clone(),
            ..Default::default()
        };
        refused(world.chair.assignments().save_scores(save).await, Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn a_school_sees_its_own_grades_once_they_are_revealed_and_never_who_gave_them() {
    in_each_world(2, 4, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        world.programmes(&school(1), &["710202"], "").await;
        let accounts = world.reviewers(4).await;
        let round = world.open_round().await;
        let id = &round.round_id;
        let own = world.as_school(&school(0));
        let all = || ListEntriesRequest::default();
        let low = || ListEntriesRequest { grades: vec!["C-".into()], ..Default::default() };
        let mut seen: Vec<u8> = vec![];

        world.submit_all(id, |_| "50".into()).await;
        ok(world.try_finalise(id).await);
        let entries = ok(own.rounds().list_entries(all()).await);
        assert_eq!(entries.entries.len(), 1);
        let entry = &entries.entries[0];
        assert_eq!(
            (entry.organisation_code.as_str(), entry.submitted_count, entry.panel_size),
            (&*school(0), 0, 0)
        );
        assert_eq!(entry.result, None, "finalised is not revealed");
        assert_eq!(ok(own.rounds().list_entries(low()).await).entries, [], "nor found by its grade");
        let listed = || ListRectificationsRequest::default();
        assert_eq!(ok(own.rectifications().list_rectifications(listed()).await).rectifications, []);
        let opened = ok(world.chair.rectifications().list_rectifications(listed()).await).rectifications;
        let of_school = |code: &str| {
            opened.iter().find(|one| one.entry.as_ref().expect("an entry").organisation_code == code)
        };
        let mine = of_school(&school(0)).expect("opened").clone();
        let get =
            |one: &Rectification| GetRectificationRequest { rectification_id: one.rectification_id.clone() };
        refused(own.rectifications().get_rectification(get(&mine)).await, Code::NotFound);
        let plan = |one: &Rectification| PlanRectificationRequest {
            request_id: request_id(),
            rectification_id: one.rectification_id.clone(),
            etag: one.etag.clone(),
            plan: "改".repeat(30),
            measures: vec![],
        };
        refused(own.rectifications().plan_rectification(plan(&mine)).await, Code::NotFound);

        ok(world.try_reveal(id).await);
        let entries = ok(own.rounds().list_entries(all()).await);
        assert_eq!(entries.entries.len(), 1);
        assert_eq!(entries.entries[0].result.as_ref().expect("revealed").grade, "C-");
        assert_eq!((entries.entries[0].submitted_count, entries.entries[0].panel_size), (0, 0));
        assert_eq!(ok(own.rounds().list_entries(low()).await), entries);
        entries.encode(&mut seen).expect("room");
        let foreign = ListEntriesRequest { organisation_code: school(1), ..Default::default() };
        assert_eq!(ok(own.rounds().list_entries(foreign).await).entries, []);
        let rectifications = ok(own.rectifications().list_rectifications(listed()).await);
        assert_eq!(rectifications.rectifications.len(), 1);
        rectifications.encode(&mut seen).expect("room");
        let theirs = of_school(&school(1)).expect("opened").clone();
        refused(own.rectifications().get_rectification(get(&theirs)).await, Code::NotFound);
        refused(own.rectifications().plan_rectification(plan(&theirs)).await, Code::NotFound);
        refused(world.chair.rectifications().plan_rectification(plan(&mine)).await, Code::PermissionDenied);
        ok(own.rectifications().plan_rectification(plan(&mine)).await).encode(&mut seen).expect("room");
        ok(own.rectifications().get_rectification(get(&mine)).await).encode(&mut seen).expect("room");

        let told = |secret: &str| seen.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(told(&school(0)), "the search finds what is there");
        for (n, account) in accounts.iter().enumerate() {
            for secret in [account.clone(), body(n), format!("reviewer{n}")] {
                assert!(!told(&secret), "{secret} is nothing that schools may learn");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn everybody_else_is_refused() {
    in_each_world(1, 4, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        let accounts = world.reviewers(4).await;
        let round = world.open_round().await;
        let id = || round.round_id.clone();
        let assignment_id = world.assignments(&round.round_id).await[0].assignment_id.clone();
        let school = world.as_school(&school(0));
        let reviewer = world.as_reviewer(&accounts[0]);
        let nobody = Clients::with(&world.chair, Credential::Anonymous, Lang::Zh);

        for (who, code) in [(&school, Code::PermissionDenied), (&nobody, Code::Unauthenticated)] {
            let list = ListAssignmentsRequest { round_id: id(), ..Default::default() };
            refused(who.assignments().list_assignments(list).await, code);
            refused(who.rounds().get_round(GetRoundRequest { round_id: id() }).await, code);
            refused(who.rounds().list_rounds(ListRoundsRequest::default()).await, code);
            let save = SaveScoresRequest {
                request_id: request_id(),
                assignment_id: assignment_id.clone(),
                ..Default::default()
            };
            refused(who.assignments().save_scores(save).await, code);
        }
        let get = GetAssignmentRequest { assignment_id: assignment_id.clone() };
        refused(nobody.assignments().get_assignment(get.clone()).await, Code::Unauthenticated);
        refused(school.assignments().get_assignment(get).await, Code::NotFound);
        for who in [&school, &reviewer] {
            refused(
                who.rounds().get_distribution(GetDistributionRequest { round_id: id() }).await,
                Code::PermissionDenied,
            );
            refused(
                who.reviewers().list_reviewers(ListReviewersRequest::default()).await,
                Code::PermissionDenied,
            );
            let open =
                OpenRoundRequest { request_id: request_id(), round_id: id(), etag: round.etag.clone() };
            refused(who.rounds().open_round(open).await, Code::PermissionDenied);
            let assign = AssignRoundRequest {
                request_id: request_id(),
                round_id: id(),
                etag: round.etag.clone(),
                dry_run: true,
            };
            refused(who.rounds().assign_round(assign).await, Code::PermissionDenied);
        }
        refused(reviewer.rounds().list_entries(ListEntriesRequest::default()).await, Code::PermissionDenied);
        let low = ListRectificationsRequest::default();
        refused(reviewer.rectifications().list_rectifications(low).await, Code::PermissionDenied);

        // Grades are counted once there are any, and only publication reveals them.
        let counts =
            world.publication.rounds().get_distribution(GetDistributionRequest { round_id: id() }).await;
        assert_eq!(reason(&refused(counts, Code::FailedPrecondition)), "ILLEGAL_STATE");
        let reveal = RevealRoundRequest { request_id: request_id(), round_id: id() };
        refused(world.chair.rounds().reveal_round(reveal).await, Code::PermissionDenied);
        assert_eq!(world.entries(&world.publication, &round.round_id).await.len(), 1);
        let publisher = world.test.as_account("acc_publisher", &[("publisher", "9011000001")]);
        assert_eq!(world.entries(&publisher, &round.round_id).await.len(), 1);
        assert_eq!(world.entries(&world.commission, &round.round_id).await.len(), 1);
    })
    .await;
}
