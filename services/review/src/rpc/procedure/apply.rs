//! Items that schools bring to a procedure.

use zhijian_platform::{Call, Error, Resource, Text};
use zhijian_proto::{
    identity::v1::Organisation,
    review::v1::{ApplyItemRequest, ApplyItemResponse},
};

use super::{
    super::{Review, upstream},
    gather,
    item::{Said, record, shown},
};
use crate::{
    domain::{
        entry::{Kind, Subject},
        procedure::form::Form,
    },
    store,
};

impl Review {
    /// Begins an item of a school at the first step of a procedure.
    ///
    /// # Errors
    /// NOT_FOUND if there is no such organisation or procedure, FAILED_PRECONDITION if the procedure takes no more items, and
    /// INVALID_ARGUMENT for a title or a code of a programme that is none.
    pub(super) async fn apply(
        &self,
        call: &Call,
        input: ApplyItemRequest,
    ) -> Result<ApplyItemResponse, Error> {
        let grant = call.authorise(&Resource::for_organisation(&input.organisation_code))?;
        let code = input.organisation_code.clone();
        let organisation = upstream::organisations(&self.ctx.clients, [&code]).await?.remove(&code);
        let organisation = organisation.ok_or_else(|| Error::not_found("organisation", &code))?;
        let (sent, calling) = (input.clone(), call.clone());
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    tx.lock_all(vec![format!("procedure/{}", sent.procedure_id)]).await?;
                    let conn = tx.conn();
                    let procedure = store::procedure::get(conn, &sent.procedure_id).await?;
                    let so_far = store::item::brought(conn, &procedure.id, &code).await?;
                    procedure.takes(so_far, tx.now())?;
                    let steps = procedure.steps()?;
                    let subject = Subject {
                        kind: steps.subject,
                        id: String::new(),
                        code: programme_code(&sent.programme_code)?,
                        name: title(&sent.title, steps.subject, &organisation)?,
                    };
                    let mut item = gather::begun(&procedure, steps, subject, Some(&organisation))?;
                    item.create_time = tx.now();
                    item.due_date = procedure.apply_due_date;
                    store::item::insert(conn, steps, std::slice::from_ref(&item)).await?;
                    let said = Said {
                        step: item.at.clone(),
                        outcome: "apply".into(),
                        comment: String::new(),
                        form: Form::new(),
                    };
                    record(tx, &item, said).await?;
                    Ok(ApplyItemResponse { item: Some(shown(&calling, &item, &procedure)?) })
                })
            })
            .await
    }
}

/// What an item is called. An institution is called what it is called.
fn title(text: &str, kind: Kind, organisation: &Organisation) -> Result<Text, Error> {
    let text = text.trim();
    match (text.chars().count(), &organisation.name) {
        (0, Some(name)) if kind == Kind::Institution => Ok(name.clone().into()),
        (2..=100, _) => Ok(Text::new(text, text)),
        _ => Err(Error::invalid("title", "请填写名称，2 到 100 字。", "Give its name: 2 to 100 characters.")),
    }
}

fn programme_code(text: &str) -> Result<String, Error> {
    let text = text.trim().to_ascii_uppercase();
    let digits = text.trim_end_matches(['K', 'W']);
    let fits = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= 7;
    if text.is_empty() || fits {
        return Ok(text);
    }
    Err(Error::invalid(
        "programme_code",
        "专业代码是六位数字，例如 710201；与专业无关时请留空。",
        "A programme code has six digits, such as 710201; leave it empty if this is about none.",
    ))
}
