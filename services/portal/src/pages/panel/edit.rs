//! One expert: the entry, and what was declared.

use axum::{Router, extract::Path, response::Response, routing::get};
use maud::html;
use zhijian_proto::{
    identity::v1::{Account, ListAccountsRequest, Role},
    review::v1::{ListRelationsRequest, PastEmployer, RegisterReviewerRequest, Relation, Reviewer},
};

use super::{everybody, relations};
use crate::{
    pages::{
        lookup::{WHOLE_PAGE, all_pages},
        see_other,
    },
    web::{
        components::{Field, Form, Kind, base, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::words,
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/panel/new", get(show_new).post(save_new)).route("/panel/{id}", get(show).post(save))
}

/// What the page shows.
struct Shown {
    reviewer: Reviewer,
    relations: Vec<Relation>,
    /// Accounts that may be entered; of a new expert alone.
    accounts: Vec<Account>,
}

async fn read(visitor: &Visitor, id: &str) -> Result<Shown, Failure> {
    let reviewer = everybody(visitor).await?.into_iter().find(|one| one.account_id == id);
    let reviewer = reviewer.ok_or_else(Failure::not_found)?;
    let request = ListRelationsRequest { reviewer_account_id: id.to_owned() };
    let relations = visitor.clients().relations().list_relations(request).await?.into_inner().relations;
    Ok(Shown { reviewer, relations, accounts: vec![] })
}

/// Accounts that hold the reviewer's role and are not on the panel.
async fn fresh(visitor: &Visitor) -> Result<Shown, Failure> {
    let accounts = all_pages(|page_token| {
        let mut accounts = visitor.clients().accounts();
        async move {
            let request =
                ListAccountsRequest { page_size: WHOLE_PAGE, page_token, role: Role::Reviewer.into() };
            let answer = accounts.list_accounts(request).await?.into_inner();
            Ok((answer.accounts, answer.next_page_token))
        }
    });
    let mut accounts = accounts.await?;
    let panel = everybody(visitor).await?;
    accounts.retain(|account| panel.iter().all(|one| one.account_id != account.account_id));
    let reviewer = Reviewer { max_load: 20, ..Reviewer::default() };
    Ok(Shown { reviewer, relations: vec![], accounts })
}

async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.signed_in()?;
    let shown = read(&visitor, &id).await?;
    Ok(page(&visitor, &shown, &Attempt::default()))
}

/// The page with a declaration that was refused.
pub(super) async fn again(visitor: &Visitor, id: &str, attempt: &Attempt) -> Answer {
    let shown = read(visitor, id).await?;
    Ok(page(visitor, &shown, attempt))
}

async fn show_new(visitor: Visitor) -> Answer {
    visitor.signed_in()?;
    let shown = fresh(&visitor).await?;
    Ok(page(&visitor, &shown, &Attempt::default()))
}

async fn save(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    visitor.signed_in()?;
    match register(&visitor, &id, &form).await {
        Ok(()) => Ok(see_other("/panel?done=saved")),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let shown = read(&visitor, &id).await?;
            Ok(page(&visitor, &shown, &Attempt::refused(form, failure, field_of)))
        }
    }
}

async fn save_new(visitor: Visitor, form: FormData) -> Answer {
    visitor.signed_in()?;
    match register(&visitor, form.get("account_id"), &form).await {
        Ok(()) => Ok(see_other("/panel?done=saved")),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let shown = fresh(&visitor).await?;
            Ok(page(&visitor, &shown, &Attempt::refused(form, failure, field_of)))
        }
    }
}

async fn register(visitor: &Visitor, id: &str, form: &FormData) -> Result<(), tonic::Status> {
    let reviewer = Reviewer {
        account_id: id.to_owned(),
        name: form.get("name").to_owned(),
        organisation_code: form.get("organisation_code").to_owned(),
        expertise: form
            .get("expertise")
            .split(|c: char| c.is_whitespace() || matches!(c, '、' | '，' | ',' | '；' | ';'))
            .filter(|class| !class.is_empty())
            .map(str::to_owned)
            .collect(),
        // What is no number becomes one that the service refuses by name.
        max_load: form.get("max_load").trim().parse().unwrap_or(0),
        etag: form.get("etag").to_owned(),
        past_employers: form.get("past").lines().filter_map(past).collect(),
    };
    let request = RegisterReviewerRequest { request_id: form.request_id(), reviewer: Some(reviewer) };
    visitor.clients().reviewers().register_reviewer(request).await?;
    Ok(())
}

/// A line of the form: a code, and when the expert left after a space.
fn past(line: &str) -> Option<PastEmployer> {
    let mut words = line.split_whitespace();
    Some(PastEmployer {
        organisation_code: words.next()?.to_owned(),
        left_on: words.next().unwrap_or_default().to_owned(),
    })
}

fn field_of(path: &str) -> String {
    let path = path.strip_prefix("reviewer.").unwrap_or(path);
    match path.split(['[', '.']).next().unwrap_or(path) {
        "past_employers" => "past".to_owned(),
        field => field.to_owned(),
    }
}

fn page(visitor: &Visitor, shown: &Shown, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let Shown { reviewer: one, relations, accounts } = shown;
    let is_new = one.account_id.is_empty();
    let title = if is_new { t("登记一位专家", "Enter an expert") } else { one.name.as_str() };
    let address = match is_new {
        true => "/panel/new".to_owned(),
        false => format!("/panel/{}", link::segment(&one.account_id)),
    };
    let form = &attempt.form;
    let field = |kind, name, label, stored| Field::new(kind, name, label, attempt, stored);
    let expertise = one.expertise.join("、");
    let past: Vec<String> = one
        .past_employers
        .iter()
        .map(|past| format!("{} {}", past.organisation_code, past.left_on).trim_end().to_owned())
        .collect();
    let (past, load) = (past.join("\n"), one.max_load.to_string());
    let content = html! {
        (trail(lang, &[("/panel", t("评审专家库", "Panel of experts"))]))
        div.head { div { h1 { (title) } } }
        (refusal(lang, attempt))
        (Form { action: &address, attempt, keep: &format!("panel-{}", one.account_id) }.around(html! {
            (base("etag", form.or("etag", &one.etag)))
            @if is_new {
                div.field {
                    label for=(id_of("account_id")) { (t("账户", "Account")) }
                    span.hint { (t("有评审专家角色、还没有登记的账户。没有找到？请先开户并授予角色。", "Accounts that hold the reviewer's role and are not on the panel yet.")) }
                    @if let Some(fault) = attempt.fault("account_id") { span.wrong-text { (fault) } }
                    select id=(id_of("account_id")) name="account_id" required {
                        option value="" { (t("请选择", "Choose")) }
                        @for account in accounts {
                            option value=(account.account_id) selected[form.get("account_id") == account.account_id] { (account.display_name) " (" (account.sign_in_name) ")" }
                        }
                    }
                }
            }
            (field(Kind::Text, "name", t("姓名", "Name"), &one.name).optional_if(is_new, lang))
            (field(Kind::Text, "organisation_code", t("单位代码", "Organisation code"), &one.organisation_code).hint(t("现单位的十位代码。", "The employer's ten digits.")))
            (field(Kind::Text, "expertise", t("熟悉的专业类", "Classes known"), &expertise).optional(lang).hint(t("专业代码的前两位（大类）或前四位（类），用顿号分隔，例如 71、5102。", "The first two or four digits of programme codes, such as 71, 5102.")))
            (field(Kind::Whole, "max_load", t("每轮评审上限", "Greatest load"), &load).hint(t("一轮最多评审几个，1 到 200。", "How many entries of a round, 1 to 200.")))
            (field(Kind::Lines, "past", t("过往单位", "Past employers"), &past).optional(lang).hint(t("一行一个：单位代码，空一格，离开时间，例如 3611000001 2023-08。时间不详的只写代码，一律回避。", "One a line: the code, a space, and when the expert left, such as 3611000001 2023-08. Without a date it always conflicts.")))
            div.actions {
                button.primary type="submit" { (t("保存", "Save")) }
                a href="/panel" { (t("取消", "Cancel")) }
                span.saved data-saved {}
            }
        }))
        @if !is_new { (relations::section(visitor, relations, &one.account_id, attempt)) }
    };
    workplace(visitor, Page::work(title, &address, Place::Panel), attempt, content)
}
