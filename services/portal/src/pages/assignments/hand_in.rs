//! What a reviewer sends of a sheet: a draft, the scores, or the seat itself.

use axum::extract::Path;
use zhijian_proto::review::v1::{
    AbstainAssignmentRequest, GetNextAssignmentRequest, SaveScoresRequest, Score, SubmitScoresRequest,
};

use super::score::{field, page};
use crate::{
    pages::see_other,
    web::{
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        link,
        session::Visitor,
    },
};

/// The scores of the form, in its order; an element left open has no points.
pub fn scores(form: &FormData) -> Vec<Score> {
    let scores = form.pairs().iter().filter_map(|(name, value)| {
        let code = name.strip_prefix("score.")?;
        Some(Score { element_code: code.to_owned(), points: value.trim().to_owned() })
    });
    scores.collect()
}

/// The form field that a path of the contract ("scores[3].points") speaks of.
pub fn field_of(path: &str, sent: &[Score]) -> String {
    let index = path
        .strip_prefix("scores[")
        .and_then(|rest| rest.split(']').next())
        .and_then(|index| index.parse().ok());
    match index.and_then(|index: usize| sent.get(index)) {
        Some(score) => field(&score.element_code),
        None => path.to_owned(),
    }
}

/// A condition that speaks of an element, with the field where it can be met.
fn missing_score(condition: &Fault, sent: &[Score]) -> Fault {
    let scored = sent.iter().any(|score| score.element_code == condition.field);
    let field = if scored { field(&condition.field) } else { String::new() };
    Fault { field, message: condition.message.clone() }
}

async fn refused(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    sent: &[Score],
    status: tonic::Status,
) -> Answer {
    let failure = Failure::from(status).on_form()?;
    let missing: Vec<Fault> =
        failure.conditions.iter().map(|condition| missing_score(condition, sent)).collect();
    let mut attempt = Attempt::refused(form, failure, |path| field_of(path, sent));
    attempt.faults.retain(|fault| !fault.field.is_empty());
    attempt.faults.extend(missing);
    page(visitor, id, "", &attempt).await
}

pub(super) async fn save(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let sent = scores(&form);
    let request = SaveScoresRequest {
        request_id: form.request_id(),
        assignment_id: id.clone(),
        etag: form.get("etag").to_owned(),
        scores: sent.clone(),
        comment: form.lines("comment"),
    };
    match visitor.clients().assignments().save_scores(request).await {
        Ok(_) => Ok(see_other(&format!("/assignments/{}?done=saved", link::segment(&id)))),
        Err(status) => refused(&visitor, &id, form, &sent, status).await,
    }
}

pub(super) async fn submit(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let sent = scores(&form);
    let request = SubmitScoresRequest {
        request_id: form.request_id(),
        assignment_id: id.clone(),
        etag: form.get("etag").to_owned(),
        scores: sent.clone(),
        comment: form.lines("comment"),
    };
    if let Err(status) = visitor.clients().assignments().submit_scores(request).await {
        return refused(&visitor, &id, form, &sent, status).await;
    }
    go_on(&visitor, &id, "next").await
}

/// Goes on to the programme that fewest have scored, or to the list if nothing is left.
async fn go_on(visitor: &Visitor, from: &str, done: &str) -> Answer {
    let request = GetNextAssignmentRequest { after_assignment_id: from.to_owned() };
    let next = visitor.clients().assignments().get_next_assignment(request).await?.into_inner().assignment;
    Ok(see_other(&match next {
        Some(next) => link::address(&format!("/assignments/{}", next.assignment_id), &[("done", done)]),
        None => "/assignments?done=all".to_owned(),
    }))
}

pub(super) async fn next(visitor: Visitor) -> Answer {
    visitor.signed_in()?;
    go_on(&visitor, "", "").await
}

pub(super) async fn abstain(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = AbstainAssignmentRequest {
        request_id: form.request_id(),
        assignment_id: id.clone(),
        etag: form.get("etag").to_owned(),
        reason: form.lines("reason"),
    };
    match visitor.clients().assignments().abstain_assignment(request).await {
        Ok(_) => Ok(see_other("/assignments?done=abstained")),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, &id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_keep_the_forms_order_and_faults_find_their_fields() {
        let pairs = [("etag", "v1"), ("score.setting", " 88.5 "), ("score.teaching", ""), ("comment", "好")];
        let form = FormData::new(
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        );
        let sent = scores(&form);
        assert_eq!(sent.len(), 2);
        assert_eq!(sent[0], Score { element_code: "setting".into(), points: "88.5".into() });
        assert_eq!(field_of("scores[1].points", &sent), "score.teaching");
        assert_eq!(field_of("comment", &sent), "comment");
    }
}
