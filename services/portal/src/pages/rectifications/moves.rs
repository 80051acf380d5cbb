//! What is done on a rectification: each a post that answers with the page.

use axum::extract::Path;
use zhijian_proto::review::v1::{
    AppointRecheckRequest, ClaimRectificationRequest, ConcludeRecheckRequest, EscalateRectificationRequest,
    Measure, PlanRectificationRequest, ReportMeasuresRequest, ReviewRectificationPlanRequest,
    WithdrawProgrammeRequest,
};

use super::{report, show};
use crate::{
    pages::see_other,
    web::{
        error::{Answer, Failure},
        form::{Attempt, FormData},
        link,
        session::Visitor,
    },
};

/// How many measures a plan's form offers.
pub const OFFERED: usize = 8;

/// Goes on to what was done, or shows the page again with why it was refused.
async fn conclude_move<T>(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<T, tonic::Status>,
    done: &str,
) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(&format!("/rectifications/{}?done={done}", link::segment(id)))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let filled = filled(&form);
            let field_of = |field: &str| on_form(field, &filled);
            show::page(visitor, id, "", &Attempt::refused(form, failure, field_of)).await
        }
    }
}

/// The places in the form of the measures that say anything: the others are not sent.
fn filled(form: &FormData) -> Vec<usize> {
    (0..OFFERED).filter(|place| !form.get(&format!("measures[{place}].title")).is_empty()).collect()
}

/// A field of the sent measures as the form has it.
fn on_form(field: &str, filled: &[usize]) -> String {
    let place = field.strip_prefix("measures[").and_then(|rest| rest.split_once(']'));
    match place.and_then(|(sent, rest)| Some((filled.get(sent.parse::<usize>().ok()?)?, rest))) {
        Some((place, rest)) => format!("measures[{place}]{rest}"),
        None => field.to_owned(),
    }
}

pub async fn plan(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let measures = filled(&form).into_iter().map(|place| {
        let field = |name: &str| form.get(&format!("measures[{place}].{name}")).to_owned();
        Measure {
            element_code: field("element_code"),
            title: field("title"),
            responsible: field("responsible"),
            due_date: field("due_date"),
            ..Measure::default()
        }
    });
    let request = PlanRectificationRequest {
        request_id: form.request_id(),
        rectification_id: id.clone(),
        etag: form.get("etag").to_owned(),
        plan: form.lines("plan").trim().to_owned(),
        measures: measures.collect(),
    };
    let outcome = visitor.clients().rectifications().plan_rectification(request).await;
    conclude_move(&visitor, &id, form, outcome, "planned").await
}

pub async fn decide(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let accept = form.get("decision") == "accept";
    let request = ReviewRectificationPlanRequest {
        request_id: form.request_id(),
        rectification_id: id.clone(),
        etag: form.get("etag").to_owned(),
        accept,
        comment: form.lines("comment"),
    };
    let outcome = visitor.clients().rectifications().review_rectification_plan(request).await;
    conclude_move(&visitor, &id, form, outcome, if accept { "accepted" } else { "returned" }).await
}

pub async fn report(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let count: usize = form.get("count").parse().unwrap_or_default();
    let rows: Vec<Vec<usize>> = (0..count.min(100)).map(|place| report::read(&form, place).1).collect();
    let measures = (0..count.min(100)).map(|place| {
        let field = |name: &str| format!("reports[{place}].{name}");
        Measure {
            items: report::read(&form, place).0,
            progress: form.lines(&field("progress")),
            evidence: form.lines(&field("evidence")),
            done: !form.get(&field("done")).is_empty(),
            ..Measure::default()
        }
    });
    let request = ReportMeasuresRequest {
        request_id: form.request_id(),
        rectification_id: id.clone(),
        etag: form.get("etag").to_owned(),
        measures: measures.collect(),
    };
    let outcome = visitor.clients().rectifications().report_measures(request).await;
    match outcome {
        Ok(_) => Ok(see_other(&format!("/rectifications/{}?done=reported", link::segment(&id)))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(form, failure, |field| reported(field, &rows));
            show::page(&visitor, &id, "", &attempt).await
        }
    }
}

/// A field of the sent reports as the form has it: its documents stand in rows of which the empty ones were not sent.
fn reported(field: &str, rows: &[Vec<usize>]) -> String {
    let own = field.replace("measures[", "reports[");
    let number = |after: &str| own.split(after).nth(1)?.split(']').next()?.parse::<usize>().ok();
    let row = number("reports[")
        .zip(number("].items["))
        .and_then(|(place, sent)| Some((sent, *rows.get(place)?.get(sent)?)));
    match row {
        Some((sent, row)) => own.replace(&format!(".items[{sent}]"), &format!(".items[{row}]")),
        None => own,
    }
}

pub async fn claim(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = ClaimRectificationRequest {
        request_id: form.request_id(),
        rectification_id: id.clone(),
        etag: form.get("etag").to_owned(),
        comment: form.lines("comment"),
    };
    let outcome = visitor.clients().rectifications().claim_rectification(request).await;
    conclude_move(&visitor, &id, form, outcome, "claimed").await
}

pub async fn appoint(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = AppointRecheckRequest {
        request_id: form.request_id(),
        rectification_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().rectifications().appoint_recheck(request).await;
    conclude_move(&visitor, &id, form, outcome, "appointed").await
}

pub async fn conclude(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = ConcludeRecheckRequest {
        request_id: form.request_id(),
        rectification_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().rectifications().conclude_recheck(request).await;
    conclude_move(&visitor, &id, form, outcome, "concluded").await
}

pub async fn escalate(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = EscalateRectificationRequest {
        request_id: form.request_id(),
        rectification_id: id.clone(),
        etag: form.get("etag").to_owned(),
        reason: form.lines("reason"),
    };
    let outcome = visitor.clients().rectifications().escalate_rectification(request).await;
    conclude_move(&visitor, &id, form, outcome, "escalated").await
}

pub async fn withdraw(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = WithdrawProgrammeRequest {
        request_id: form.request_id(),
        rectification_id: id.clone(),
        etag: form.get("etag").to_owned(),
        reason: form.lines("reason"),
    };
    let outcome = visitor.clients().rectifications().withdraw_programme(request).await;
    conclude_move(&visitor, &id, form, outcome, "withdrawn").await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_sent_measure_points_at_the_field_it_was_typed_in() {
        let typed = |place: usize| (format!("measures[{place}].title"), "措施".to_owned());
        let form = FormData::new(vec![typed(0), ("measures[1].title".into(), " ".into()), typed(2)]);
        let filled = filled(&form);
        assert_eq!(on_form("measures[1].due_date", &filled), "measures[2].due_date");
        assert_eq!(on_form("plan", &filled), "plan");
        assert_eq!(reported("measures[0].items[0].link", &[vec![2]]), "reports[0].items[2].link");
        assert_eq!(reported("measures[1].progress", &[vec![2]]), "reports[1].progress");
    }
}
