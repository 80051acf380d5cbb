//! A round that calibrates: a harsh reviewer is found, what calibration changed is told, and only the chair sees whom.

use tonic::Code;
use zhijian_proto::review::v1::*;

use crate::world::*;

const CALIBRATED: &str = "teaching-monitoring";

/// Twelve established programmes, six reviewers; the first takes eight points off whatever it sees.
async fn scored(world: &World) -> (Round, String) {
    let reviewers = world.reviewers(6).await;
    for n in 0..2 {
        let codes: Vec<String> = (1..=6).map(|code| format!("7102{n}{code}")).collect();
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        world.programmes_since(YEAR - 5, &school(n), &codes, "").await;
    }
    let round = world.create_round_by(CALIBRATED, YEAR).await;
    assert_eq!(round.entry_count, 12);
    ok(world.try_assign(&round.round_id).await);
    ok(world.try_open(&round.round_id).await);
    let harsh = reviewers[0].clone();
    for assignment in world.assignments(&round.round_id).await {
        let entry = assignment.entry.as_ref().expect("an entry");
        let place: u32 = entry.programme_code.bytes().map(u32::from).sum();
        // A point of noise, so that the model has something to tell apart.
        let noise = assignment.assignment_id.bytes().map(u32::from).sum::<u32>() % 3;
        let points = 70 + place % 20 + noise - if assignment.reviewer_account_id == harsh { 8 } else { 0 };
        world.submit(&assignment, &points.to_string()).await;
    }
    (round, harsh)
}

fn agreement_of(round: &Round) -> GetAgreementRequest {
    GetAgreementRequest { round_id: round.round_id.clone() }
}

#[tokio::test]
async fn a_harsh_reviewer_is_found_and_only_the_chair_sees_whom() {
    in_each_world(2, 6, async |world| {
        let (round, harsh) = scored(&world).await;
        let early = world.chair.rounds().get_agreement(agreement_of(&round)).await;
        refused(early, Code::FailedPrecondition);
        ok(world.try_finalise(&round.round_id).await);

        let agreement = ok(world.chair.rounds().get_agreement(agreement_of(&round)).await);
        let agreement = agreement.agreement.expect("agreement");
        assert_eq!(agreement.elements.len(), 10);
        let alpha: f64 = agreement.total_alpha.parse().expect("a number");
        assert!(alpha > 0.3 && alpha < 1.0, "{alpha}");
        let found = agreement.calibration.expect("the scheme calibrates");
        assert_eq!((found.part_count, found.reviewers.len()), (1, 6));
        assert_eq!(found.reviewers[0].account_id, harsh);
        let severity = |place: usize| found.reviewers[place].severity.parse::<f64>().expect("a number");
        assert!(severity(0) < -4.0 && severity(1) > severity(0) + 6.0, "{:?}", found.reviewers);
        assert!(found.reviewers.iter().all(|reviewer| reviewer.sheet_count == 6));

        let entries = world.entries(&world.chair, &round.round_id).await;
        let results: Vec<_> = entries.iter().filter_map(|entry| entry.result.as_ref()).collect();
        let changed = results.iter().filter(|result| result.plain_grade != result.grade).count();
        assert_eq!(i32::try_from(changed), Ok(found.changed_grades));
        assert!(results.iter().any(|result| result.plain_total != result.total));

        let seen = ok(world.commission.rounds().get_agreement(agreement_of(&round)).await);
        let seen = seen.agreement.and_then(|agreement| agreement.calibration).expect("calibration");
        assert_eq!((seen.reviewers.len(), seen.changed_grades), (0, found.changed_grades));
        let school = world.as_school(&school(0));
        refused(school.rounds().get_agreement(agreement_of(&round)).await, Code::PermissionDenied);
    })
    .await;
}

#[tokio::test]
async fn without_calibration_nothing_is_taken_off() {
    in_each_world(1, 3, async |world| {
        world.reviewers(3).await;
        world.programmes(&school(0), &["710201", "710202"], "").await;
        let round = world.open_round().await;
        world.submit_all(&round.round_id, |entry| entry.programme_code[4..].to_owned()).await;
        ok(world.try_finalise(&round.round_id).await);
        let agreement = ok(world.chair.rounds().get_agreement(agreement_of(&round)).await);
        let agreement = agreement.agreement.expect("agreement");
        assert_eq!((agreement.total_alpha.as_str(), agreement.calibration), ("1.0000", None));
        for entry in world.entries(&world.chair, &round.round_id).await {
            let result = entry.result.expect("a result");
            assert_eq!((result.plain_grade.as_str(), result.plain_total.as_str()), ("", ""));
        }
    })
    .await;
}
