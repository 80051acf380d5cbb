//! What is mine to do, by when, and what stands in the way.

mod commission;
mod publisher;
mod rectifications;
mod review;
mod school;

use axum::{Router, response::Response, routing::get};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use zhijian_proto::identity::v1::Role;

use crate::{
    pages::notices,
    say,
    web::{
        components::{Mark, empty},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::words,
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/work", get(show))
}

/// One thing to do, or to wait for.
pub struct Task {
    /// What it is about.
    title: String,
    /// Where it is done.
    href: String,
    /// Its state.
    mark: Mark,
    /// What stands in the way, or how far it has come.
    way: Markup,
    /// By when.
    due: Option<DateTime<Utc>>,
    /// The verb; none where somebody else has to act first.
    action: Option<&'static str>,
}

async fn show(visitor: Visitor) -> Answer {
    visitor.signed_in()?;
    let (tasks, reminders) = futures::join!(tasks(&visitor), notices::strip(&visitor));
    Ok(page(&visitor, tasks?, &reminders))
}

async fn tasks(visitor: &Visitor) -> Result<Vec<Task>, Failure> {
    let mut tasks = vec![];
    if visitor.has(Role::School) {
        tasks.extend(school::tasks(visitor).await?);
    }
    if visitor.has(Role::Reviewer) {
        tasks.extend(review::reviewer(visitor).await?);
    }
    if visitor.has(Role::Chair) {
        tasks.extend(review::chair(visitor).await?);
    }
    if visitor.has(Role::Commission) {
        tasks.extend(commission::tasks(visitor).await?);
    }
    if visitor.has(Role::Publisher) {
        tasks.extend(publisher::tasks(visitor).await?);
    }
    Ok(tasks)
}

fn page(visitor: &Visitor, tasks: Vec<Task>, reminders: &Markup) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let (mut mine, waiting): (Vec<Task>, Vec<Task>) =
        tasks.into_iter().partition(|task| task.action.is_some());
    mine.sort_by_key(|task| (task.due.is_none(), task.due));
    let title = t("待办", "To do");
    let count = mine.len();
    let soonest = mine.iter().find_map(|task| task.due);
    let content = html! {
        div.head {
            div {
                h1 { (title) }
                p.lead {
                    @if count == 0 { (t("眼下没有要您处理的事。", "Nothing waits for you just now.")) }
                    @else {
                        (say!(lang, "{count} 件事等您处理", "{count} things wait for you"))
                        @if let Some(due) = soonest { (t("，最近的期限：", "; the next is due ")) (format::deadline(lang, due, visitor.now())) }
                    }
                }
            }
        }
        (reminders)
        @if mine.is_empty() && waiting.is_empty() {
            (empty(t("没有待办事项", "Nothing to do"), next_step(visitor)))
        }
        @if !mine.is_empty() { (list(visitor, &mine, true)) }
        @if !waiting.is_empty() {
            h2 { (t("在别人手里", "With others")) }
            (list(visitor, &waiting, false))
        }
    };
    workplace(visitor, Page::work(title, "/work", Place::Work), &Attempt::default(), content)
}

/// Where somebody without tasks may want to go.
fn next_step(visitor: &Visitor) -> Markup {
    let t = words(visitor.lang());
    html! {
        @if visitor.has(Role::Commission) {
            (t("还没有质量年度？", "No quality year yet? ")) a href="/cycles/new" { (t("新建一个年度", "Define one")) }
        } @else if visitor.account().is_some_and(|account| account.roles.is_empty()) {
            (t("您的账户还没有角色，请联系教育主管部门。", "Your account has no role yet; ask the commission."))
        } @else {
            (t("有新的任务时会出现在这里。也可以看看", "New tasks will appear here. You may look at the "))
            a href="/releases" { (t("已发布的结果", "published results")) } (t("。", "."))
        }
    }
}

fn list(visitor: &Visitor, tasks: &[Task], mine: bool) -> Markup {
    html! {
        ul.todo {
            @for (index, task) in tasks.iter().enumerate() {
                li {
                    div {
                        p.what { a href=(task.href) { (task.title) } }
                        div.way { (task.way) }
                    }
                    div {
                        (task.mark)
                        @if let Some(due) = task.due { div { (format::deadline(visitor.lang(), due, visitor.now())) } }
                    }
                    div.act {
                        @if let Some(action) = task.action {
                            a.button.primary[mine && index == 0] href=(task.href) { (action) }
                        }
                    }
                }
            }
        }
    }
}
