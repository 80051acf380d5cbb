//! Conflicts are found before anybody is invited, show their reason, and are ruled on.

use tonic::Code;
use zhijian_platform::Clients;
use zhijian_proto::review::v1::{conflict_reason::Kind as Why, list_conflicts_request::Show, *};

use crate::world::*;

async fn list(world: &World, round: &Round, show: Show) -> Vec<Conflict> {
    let request = ListConflictsRequest {
        round_id: round.round_id.clone(),
        show: show.into(),
        ..ListConflictsRequest::default()
    };
    ok(world.chair.conflicts().list_conflicts(request).await).conflicts
}

fn why(conflicts: &[Conflict], account: &str) -> Vec<Why> {
    let own = conflicts.iter().filter(|one| one.reviewer_account_id == account);
    own.flat_map(|one| one.reasons.iter().map(ConflictReason::kind)).collect()
}

async fn declare(
    caller: &Clients,
    account: &str,
    kind: relation::Kind,
    organisation: &str,
    programme: &str,
) -> std::result::Result<tonic::Response<DeclareRelationResponse>, tonic::Status> {
    let relation = Relation {
        reviewer_account_id: account.into(),
        kind: kind.into(),
        organisation_code: organisation.into(),
        programme_code: programme.into(),
        ..Relation::default()
    };
    let request = DeclareRelationRequest { request_id: request_id(), relation: Some(relation) };
    caller.relations().declare_relation(request).await
}

#[tokio::test]
async fn every_conflict_is_there_before_anybody_is_invited_and_shows_its_reason() {
    in_each_world(2, 6, async |world| {
        world.programmes(&school(0), &["710201", "710202"], &body(3)).await;
        let own = world.reviewer("own", &school(0), &[], &["71"]).await;
        let district = world.reviewer("district", DISTRICT, &[], &["71"]).await;
        let partner = world.reviewer("partner", &body(3), &[], &["71"]).await;
        let unknown = world.reviewer("unknown", &body(1), &[school(0)], &["71"]).await;
        let recent = world.reviewer_who_left("recent", &body(2), &school(0), "2024-06").await;
        let long_ago = world.reviewer_who_left("longago", &body(2), &school(0), "2001").await;
        let kin = world.reviewer("kin", &body(4), &[], &["71"]).await;
        let author = world.reviewer("author", &body(5), &[], &["71"]).await;
        ok(declare(&world.as_reviewer(&kin), "", relation::Kind::Kin, &school(0), "").await);
        ok(declare(&world.chair, &author, relation::Kind::CoAuthor, &school(0), "710202").await);

        let round = world.create_round().await;
        let found = list(&world, &round, Show::InForce).await;
        assert!(found.iter().all(|one| one.in_force && !one.seated && one.ruling.is_none()));
        assert_eq!(why(&found, &own), [Why::Own, Why::Own]);
        assert_eq!(why(&found, &district), [Why::Supervising, Why::Supervising]);
        assert_eq!(why(&found, &partner), [Why::Partner, Why::Partner]);
        assert_eq!(why(&found, &unknown), [Why::Recent, Why::Recent]);
        assert_eq!(why(&found, &recent), [Why::Recent, Why::Recent]);
        assert_eq!(why(&found, &long_ago), []);
        assert_eq!(why(&found, &kin), [Why::Relation, Why::Relation]);
        assert_eq!(why(&found, &author), [Why::Relation], "of one programme alone");
        let left = found.iter().find(|one| one.reviewer_account_id == recent).expect("listed");
        assert_eq!(
            (left.reasons[0].date.as_str(), &left.reasons[0].organisation_code),
            ("2024-06", &school(0))
        );

        // One page after another says the same, and filters leave what they should.
        let mut paged = vec![];
        let mut page_token = String::new();
        loop {
            let request = ListConflictsRequest {
                page_size: 3,
                page_token,
                round_id: round.round_id.clone(),
                ..ListConflictsRequest::default()
            };
            let answer = ok(world.chair.conflicts().list_conflicts(request).await);
            assert_eq!(answer.total, 13);
            paged.extend(answer.conflicts);
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(paged, found);
        let request = ListConflictsRequest {
            round_id: round.round_id.clone(),
            reviewer_account_id: kin.clone(),
            organisation_code: school(0),
            ..ListConflictsRequest::default()
        };
        assert_eq!(ok(world.chair.conflicts().list_conflicts(request).await).total, 2);

        refused(
            world
                .as_reviewer(&kin)
                .conflicts()
                .list_conflicts(ListConflictsRequest {
                    round_id: round.round_id.clone(),
                    ..ListConflictsRequest::default()
                })
                .await,
            Code::PermissionDenied,
        );
    })
    .await;
}

#[tokio::test]
async fn a_false_conflict_is_dismissed_undone_and_one_is_added() {
    in_each_world(2, 4, async |world| {
        world.programmes(&school(0), &["710201"], "").await;
        let own = world.reviewer("own", &school(0), &[], &["71"]).await;
        let former = world.reviewer("former", &body(3), &[school(0)], &["71"]).await;
        let free = world.reviewers(3).await;
        let round = world.create_round().await;
        let entry = world.entries(&world.chair, &round.round_id).await[0].entry_id.clone();
        let dismissal = |account: &str, reason: &str| DismissConflictRequest {
            request_id: request_id(),
            round_id: round.round_id.clone(),
            entry_id: entry.clone(),
            reviewer_account_id: account.into(),
            reason: reason.into(),
        };
        let mut conflicts = world.chair.conflicts();
        refused(conflicts.dismiss_conflict(dismissal(&own, "弄错了")).await, Code::FailedPrecondition);
        refused(conflicts.dismiss_conflict(dismissal(&free[0], "弄错了")).await, Code::FailedPrecondition);
        refused(conflicts.dismiss_conflict(dismissal(&former, " ")).await, Code::InvalidArgument);
        refused(
            world.commission.conflicts().dismiss_conflict(dismissal(&former, "弄错了")).await,
            Code::PermissionDenied,
        );
        let asked = dismissal(&former, "同名不同人");
        let done = ok(conflicts.dismiss_conflict(asked.clone()).await).conflict.expect("a conflict");
        assert!(!done.in_force && done.reasons[0].dismissed);
        assert_eq!(done.ruling.as_ref().map(|ruling| ruling.reason.as_str()), Some("同名不同人"));
        assert_eq!(ok(conflicts.dismiss_conflict(asked).await).conflict, Some(done), "safe to repeat");
        assert_eq!(list(&world, &round, Show::Dismissed).await.len(), 1);

        // What comes to light later counts again.
        ok(declare(&world.as_reviewer(&former), "", relation::Kind::Interest, &school(0), "").await);
        let again = list(&world, &round, Show::InForce).await;
        let again = again.iter().find(|one| one.reviewer_account_id == former).expect("in force again");
        let dismissed: Vec<bool> = again.reasons.iter().map(|reason| reason.dismissed).collect();
        assert_eq!(dismissed, [true, false]);

        let undo = |account: &str| WithdrawRulingRequest {
            request_id: request_id(),
            round_id: round.round_id.clone(),
            entry_id: entry.clone(),
            reviewer_account_id: account.into(),
        };
        ok(conflicts.withdraw_ruling(undo(&former)).await);
        refused(conflicts.withdraw_ruling(undo(&former)).await, Code::NotFound);
        assert!(list(&world, &round, Show::Dismissed).await.is_empty());

        let add = AddConflictRequest {
            request_id: request_id(),
            round_id: round.round_id.clone(),
            entry_id: entry.clone(),
            reviewer_account_id: free[0].clone(),
            reason: "与该校有合作协议".into(),
        };
        let added = ok(conflicts.add_conflict(add).await).conflict.expect("a conflict");
        assert_eq!(added.reasons[0].kind(), Why::Added);
        let status = refused(world.try_assign(&round.round_id).await, Code::FailedPrecondition);
        let told = &violations(&status)[&entry];
        assert!(told.contains("专家reviewer0") && told.contains("撤销"), "{told}");
        refused(conflicts.dismiss_conflict(dismissal(&free[0], "撤")).await, Code::FailedPrecondition);
        ok(conflicts.withdraw_ruling(undo(&free[0])).await);
        ok(world.try_assign(&round.round_id).await);
        let seated: Vec<_> =
            world.assignments(&round.round_id).await.into_iter().map(|one| one.reviewer_account_id).collect();
        assert!(!seated.contains(&own) && !seated.contains(&former));
    })
    .await;
}

#[tokio::test]
async fn reviewers_declare_and_withdraw_their_own_relations_alone() {
    in_each_world(1, 2, async |world| {
        let one = world.reviewer("one", &body(0), &[], &["71"]).await;
        let other = world.reviewer("other", &body(1), &[], &["71"]).await;
        let (mine, theirs) = (world.as_reviewer(&one), world.as_reviewer(&other));
        let declared = ok(declare(&mine, "", relation::Kind::Teacher, &school(0), "").await);
        let declared = declared.relation.expect("a relation");
        assert!(declared.by_self);
        assert_eq!(declared.reviewer_account_id, one);

        refused(declare(&theirs, &one, relation::Kind::Kin, &school(0), "").await, Code::PermissionDenied);
        let wrong = declare(&mine, "", relation::Kind::Other, &school(0), "7").await;
        let told = violations(&refused(wrong, Code::InvalidArgument));
        assert_eq!(told.keys().collect::<Vec<_>>(), ["relation.note", "relation.programme_code"]);
        refused(declare(&mine, "", relation::Kind::Kin, &school(8), "").await, Code::InvalidArgument);
        refused(declare(&mine, "", relation::Kind::Unspecified, &school(0), "").await, Code::InvalidArgument);
        refused(
            declare(&world.as_school(&school(0)), "", relation::Kind::Kin, &school(0), "").await,
            Code::PermissionDenied,
        );

        let of = |account: &str| ListRelationsRequest { reviewer_account_id: account.into() };
        assert_eq!(
            ok(mine.relations().list_relations(of("")).await).relations,
            std::slice::from_ref(&declared)
        );
        refused(theirs.relations().list_relations(of(&one)).await, Code::PermissionDenied);
        assert_eq!(ok(world.chair.relations().list_relations(of(&one)).await).relations.len(), 1);

        let withdraw = || WithdrawRelationRequest {
            request_id: request_id(),
            relation_id: declared.relation_id.clone(),
        };
        refused(theirs.relations().withdraw_relation(withdraw()).await, Code::NotFound);
        let asked = withdraw();
        ok(mine.relations().withdraw_relation(asked.clone()).await);
        ok(mine.relations().withdraw_relation(asked).await);
        refused(mine.relations().withdraw_relation(withdraw()).await, Code::NotFound);
        assert!(ok(mine.relations().list_relations(of("")).await).relations.is_empty());
    })
    .await;
}
