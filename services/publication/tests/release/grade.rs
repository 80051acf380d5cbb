//! Rounds of review, from their creation to their grades.

use zhijian_proto::review::v1::{
    AssignRoundRequest, Assignment, CreateRoundRequest, FinaliseRoundRequest, GetRoundRequest,
    GetSchemeRequest, ListAssignmentsRequest, OpenRoundRequest, RegisterReviewerRequest, Reviewer, Round,
    Score, SubmitScoresRequest,
};

use crate::{
    collect::{NEW_PROGRAMMES, PILOTS},
    region::{BODIES, Region, request_id},
};

/// Enters the reviewers into the panel.
pub async fn register_reviewers(region: &Region) {
    for ((account_id, _), code) in region.reviewers.iter().zip(BODIES) {
        let reviewer = Reviewer {
            account_id: account_id.clone(),
            name: format!("专家{code}"),
            organisation_code: code.to_owned(),
            expertise: vec!["51".to_owned()],
            max_load: 50,
            ..Default::default()
        };
        let request = RegisterReviewerRequest { request_id: request_id(), reviewer: Some(reviewer) };
        region.commission.reviewers().register_reviewer(request).await.expect("registered");
    }
}

/// Creates, assigns and opens a round.
pub async fn open_round(region: &Region, cycle_year: i32, scheme_code: &str) -> Round {
    let mut rounds = region.chair.rounds();
    let request = CreateRoundRequest {
        request_id: request_id(),
        cycle_year,
        scheme_code: scheme_code.to_owned(),
        due_time: Some(prost_types::Timestamp { seconds: 4_102_444_800, nanos: 0 }),
    };
    let round = rounds.create_round(request).await.expect("a round").into_inner().round.expect("there");
    let request = AssignRoundRequest {
        request_id: request_id(),
        round_id: round.round_id,
        etag: round.etag,
        dry_run: false,
    };
    let round = rounds.assign_round(request).await.expect("assigned").into_inner().round.expect("there");
    let request = OpenRoundRequest { request_id: request_id(), round_id: round.round_id, etag: round.etag };
    rounds.open_round(request).await.expect("opened").into_inner().round.expect("there")
}

/// Lets every reviewer give every element of a programme the points that the programme is to get, and finalises.
pub async fn finalise(region: &Region, round: &Round) {
    let request = GetSchemeRequest { code: round.scheme_code.clone() };
    let scheme = region.chair.schemes().get_scheme(request).await.expect("a scheme").into_inner().scheme;
    let elements: Vec<String> =
        scheme.expect("there").elements.into_iter().map(|element| element.code).collect();
    for (_, reviewer) in &region.reviewers {
        let request = ListAssignmentsRequest { round_id: round.round_id.clone(), ..Default::default() };
        let mine = reviewer.assignments().list_assignments(request).await.expect("listed").into_inner();
        for assignment in mine.assignments {
            let points = points(&assignment);
            let request = SubmitScoresRequest {
                request_id: request_id(),
                assignment_id: assignment.assignment_id,
                etag: assignment.etag,
                scores: elements
                    .iter()
                    .map(|code| Score { element_code: code.clone(), points: points.to_owned() })
                    .collect(),
                comment: String::new(),
            };
            reviewer.assignments().submit_scores(request).await.expect("handed in");
        }
    }
    let mut rounds = region.chair.rounds();
    let request = FinaliseRoundRequest {
        request_id: request_id(),
        round_id: round.round_id.clone(),
        etag: get(region, &round.round_id).await.etag,
    };
    rounds.finalise_round(request).await.expect("finalised");
}

fn points(assignment: &Assignment) -> &'static str {
    let code = &assignment.entry.as_ref().expect("an entry").programme_code;
    let (_, points) =
        NEW_PROGRAMMES.iter().chain(&PILOTS).find(|(known, _)| known == code).expect("one of ours");
    points
}

/// The round as it stands.
pub async fn get(region: &Region, round_id: &str) -> Round {
    let request = GetRoundRequest { round_id: round_id.to_owned() };
    region.chair.rounds().get_round(request).await.expect("there").into_inner().round.expect("there")
}
