//! What is done about procedures and items: each a post that answers with the page.

use axum::extract::Path;
use zhijian_proto::review::v1::{
    ApplyItemRequest, CloseProcedureRequest, ConcludeReviewRequest, CreateProcedureRequest, LapseItemRequest,
    SaveItemRequest, StartReviewRequest, TakeStepRequest, WithdrawItemRequest,
};

use super::{form, item, list, show};
use crate::{
    pages::see_other,
    web::{
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        i18n::words,
        link,
        session::Visitor,
    },
};

pub async fn create(visitor: Visitor, form: FormData) -> Answer {
    let t = words(visitor.lang());
    let Ok(cycle_year) = form.get("cycle_year").parse() else {
        let message = t("请写四位数的年份，例如 2026。", "Write a year of four digits, such as 2026.");
        let fault = Fault { field: "cycle_year".to_owned(), message: message.to_owned() };
        return list::page(&visitor, "", &Attempt::faulty(form, vec![fault])).await;
    };
    let request = CreateProcedureRequest {
        request_id: form.request_id(),
        cycle_year,
        scheme_code: form.get("scheme_code").to_owned(),
    };
    match visitor.clients().procedures().create_procedure(request).await {
        Ok(answer) => {
            let id = answer.into_inner().procedure.unwrap_or_default().procedure_id;
            Ok(see_other(&format!("/procedures/{}?done=opened", link::segment(&id))))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            list::page(&visitor, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

pub async fn apply(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = ApplyItemRequest {
        request_id: form.request_id(),
        procedure_id: id.clone(),
        organisation_code: form.get("organisation_code").to_owned(),
        title: form.get("title").to_owned(),
        programme_code: form.get("programme_code").to_owned(),
    };
    match visitor.clients().items().apply_item(request).await {
        Ok(answer) => {
            let item = answer.into_inner().item.unwrap_or_default().item_id;
            Ok(see_other(&format!("/items/{}?done=applied", link::segment(&item))))
        }
        Err(status) => refused(&visitor, &id, form, status).await,
    }
}

pub async fn start(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = StartReviewRequest {
        request_id: form.request_id(),
        procedure_id: id.clone(),
        etag: form.get("etag").to_owned(),
        due_time: None,
    };
    let outcome = visitor.clients().procedures().start_review(request).await;
    moved(&visitor, &id, form, outcome, "started").await
}

pub async fn conclude(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = ConcludeReviewRequest {
        request_id: form.request_id(),
        procedure_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().procedures().conclude_review(request).await;
    moved(&visitor, &id, form, outcome, "concluded").await
}

pub async fn close(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = CloseProcedureRequest {
        request_id: form.request_id(),
        procedure_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().procedures().close_procedure(request).await;
    moved(&visitor, &id, form, outcome, "closed").await
}

async fn moved<T>(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<T, tonic::Status>,
    done: &str,
) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(&format!("/procedures/{}?done={done}", link::segment(id)))),
        Err(status) => refused(visitor, id, form, status).await,
    }
}

async fn refused(visitor: &Visitor, id: &str, form: FormData, status: tonic::Status) -> Answer {
    let failure = Failure::from(status).on_form()?;
    let attempt = Attempt::refused(form, failure, str::to_owned);
    show::page(visitor, id, &show::Asked::default(), &attempt).await
}

pub async fn save(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    step(visitor, id, form, true).await
}

pub async fn take(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    step(visitor, id, form, false).await
}

/// Keeps the form of the step that it was made for, or takes the step with it.
async fn step(visitor: Visitor, id: String, form: FormData, draft: bool) -> Answer {
    let (_, procedure) = item::found(&visitor, &id).await?;
    let step_code = form.get("step_code");
    let step = procedure.steps.iter().find(|step| step.code == step_code).cloned().unwrap_or_default();
    let values = form::values(&step, &form);
    let (request_id, etag) = (form.request_id(), form.get("etag").to_owned());
    let mut items = visitor.clients().items();
    let outcome = if draft {
        let request = SaveItemRequest { request_id, item_id: id.clone(), etag, values: values.clone() };
        items.save_item(request).await.map(|_| "saved")
    } else {
        let request = TakeStepRequest {
            request_id,
            item_id: id.clone(),
            etag,
            step_code: step_code.to_owned(),
            outcome_code: form.get("outcome_code").to_owned(),
            values: values.clone(),
            comment: form.lines("comment"),
        };
        items.take_step(request).await.map(|_| "taken")
    };
    match outcome {
        Ok(done) => Ok(see_other(&format!("/items/{}?done={done}", link::segment(&id)))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let conditions: Vec<Fault> =
                failure.conditions.iter().map(|one| form::missing(one, &values, &step)).collect();
            let mut attempt = Attempt::refused(form, failure, |path| form::field_of(path, &values));
            attempt.faults.retain(|fault| !fault.field.is_empty());
            attempt.faults.extend(conditions);
            item::page(&visitor, &id, "", &attempt).await
        }
    }
}

pub async fn withdraw(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = WithdrawItemRequest {
        request_id: form.request_id(),
        item_id: id.clone(),
        etag: form.get("etag").to_owned(),
        reason: form.lines("reason"),
    };
    let outcome = visitor.clients().items().withdraw_item(request).await;
    ended(&visitor, &id, form, outcome, "withdrawn").await
}

pub async fn lapse(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = LapseItemRequest {
        request_id: form.request_id(),
        item_id: id.clone(),
        etag: form.get("etag").to_owned(),
        reason: form.lines("reason"),
    };
    let outcome = visitor.clients().items().lapse_item(request).await;
    ended(&visitor, &id, form, outcome, "lapsed").await
}

async fn ended<T>(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<T, tonic::Status>,
    done: &str,
) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(&format!("/items/{}?done={done}", link::segment(id)))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            item::page(visitor, id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}
