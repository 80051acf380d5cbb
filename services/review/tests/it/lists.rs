//! Every list gives each thing exactly once, in order, whatever the size of its pages.

use tonic::Code;
use zhijian_proto::review::v1::*;

use crate::world::*;

/// Walks a list page by page.
macro_rules! walk {
    ($client:expr, $method:ident, $request:expr, $items:ident) => {{
        let mut request = $request;
        let mut all = vec![];
        loop {
            let answer = ok($client.$method(request.clone()).await);
            assert!(answer.$items.len() <= 2);
            all.extend(answer.$items);
            if answer.next_page_token.is_empty() {
                break all;
            }
            request.page_token = answer.next_page_token;
        }
    }};
}

#[tokio::test]
async fn lists_page_through_everything_once() {
    in_each_world(2, 4, async |world| {
        world.reviewers(4).await;
        // Two people of the same name: the account tells them apart.
        let listed =
            ok(world.chair.reviewers().list_reviewers(ListReviewersRequest::default()).await).reviewers;
        for reviewer in &listed[..2] {
            let reviewer = Reviewer { name: "专家".into(), ..reviewer.clone() };
            let request = RegisterReviewerRequest { request_id: request_id(), reviewer: Some(reviewer) };
            ok(world.chair.reviewers().register_reviewer(request).await);
        }
        world.programmes(&school(0), &["710201", "710202", "710203"], "").await;
        world.programmes(&school(1), &["710204", "710205"], "").await;
        let round = world.open_round().await;
        let id = &round.round_id;
        world.submit_all(id, |_| "50".into()).await;
        ok(world.try_finalise(id).await);

        let reviewers = walk!(
            world.chair.reviewers(),
            list_reviewers,
            ListReviewersRequest { page_size: 2, ..Default::default() },
            reviewers
        );
        let mut names: Vec<_> =
            reviewers.iter().map(|one| (one.name.clone(), one.account_id.clone())).collect();
        assert_eq!(names.len(), 4);
        assert!(names.is_sorted());
        names.dedup();
        assert_eq!(names.len(), 4);

        let entries = walk!(
            world.chair.rounds(),
            list_entries,
            ListEntriesRequest { page_size: 2, ..Default::default() },
            entries
        );
        let codes: Vec<_> = entries.iter().map(|entry| entry.programme_code.as_str()).collect();
        assert_eq!(codes, ["710201", "710202", "710203", "710204", "710205"]);
        let of_one = ListEntriesRequest { page_size: 2, organisation_code: school(1), ..Default::default() };
        assert_eq!(walk!(world.chair.rounds(), list_entries, of_one, entries).len(), 2);
        let graded = |grade: &str| ListEntriesRequest {
            page_size: 2,
            grades: vec![grade.into()],
            ..Default::default()
        };
        assert_eq!(walk!(world.chair.rounds(), list_entries, graded("C-"), entries).len(), 5);
        assert_eq!(walk!(world.chair.rounds(), list_entries, graded("A"), entries).len(), 0);

        let request = |state: assignment::State| ListAssignmentsRequest {
            page_size: 2,
            round_id: id.clone(),
            state: state.into(),
            ..Default::default()
        };
        let submitted = walk!(
            world.chair.assignments(),
            list_assignments,
            request(assignment::State::Submitted),
            assignments
        );
        let mut ids: Vec<_> = submitted.iter().map(|one| one.assignment_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 15);
        assert!(submitted.iter().all(|one| one.entry.is_some()));
        assert_eq!(
            walk!(world.chair.assignments(), list_assignments, request(assignment::State::Open), assignments)
                .len(),
            0
        );

        let low = walk!(
            world.chair.rectifications(),
            list_rectifications,
            ListRectificationsRequest { page_size: 2, ..Default::default() },
            rectifications
        );
        let mut due: Vec<_> =
            low.iter().map(|one| (one.plan_due_date.clone(), one.rectification_id.clone())).collect();
        assert!(due.is_sorted());
        due.dedup();
        assert_eq!(due.len(), 5);

        let rounds = walk!(
            world.chair.rounds(),
            list_rounds,
            ListRoundsRequest { page_size: 2, cycle_year: YEAR, ..Default::default() },
            rounds
        );
        assert_eq!(rounds.iter().map(|round| &round.round_id).collect::<Vec<_>>(), [id]);
        assert_eq!((rounds[0].assignment_count, rounds[0].submitted_count), (15, 15));
        let other = ListRoundsRequest { cycle_year: 1999, ..Default::default() };
        assert_eq!(ok(world.chair.rounds().list_rounds(other).await).rounds, []);

        let bad = ListRectificationsRequest { page_token: "bm9uc2Vuc2U".into(), ..Default::default() };
        refused(world.chair.rectifications().list_rectifications(bad).await, Code::InvalidArgument);
        let forgotten = world.chair.assignments().list_assignments(ListAssignmentsRequest::default()).await;
        assert!(violations(&refused(forgotten, Code::InvalidArgument)).contains_key("round_id"));
    })
    .await;
}
