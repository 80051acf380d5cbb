//! What schools would be reminded of in rectifications and procedures, before anything is drafted; then the drafts.

use axum::{
    Router,
    extract::Query,
    response::Response,
    routing::{MethodRouter, get},
};
use maud::{Markup, html};
use serde::Deserialize;
use tonic::Status;
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{RemindItemsRequest, RemindRectificationsRequest, Reminder},
};

use super::{lookup::Organisations, see_other};
use crate::{
    say,
    web::{
        components::{Mark, Sign, Tone, button, done, empty, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

/// What is reminded of.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Rectifications,
    Items,
}

pub fn routes() -> Router {
    Router::new()
        .route(Subject::Rectifications.address(), page_of(Subject::Rectifications))
        .route(Subject::Items.address(), page_of(Subject::Items))
}

fn page_of(subject: Subject) -> MethodRouter {
    get(move |visitor: Visitor, Query(asked): Query<Asked>| async move {
        page(&visitor, subject, &asked, &Attempt::default()).await
    })
    .post(move |visitor: Visitor, form: FormData| async move { draft(&visitor, subject, form).await })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// How many drafts the last step made; empty if there was none.
    drafted: String,
}

impl Subject {
    fn address(self) -> &'static str {
        match self {
            Self::Rectifications => "/rectifications/reminders",
            Self::Items => "/procedures/reminders",
        }
    }

    /// The list that the reminders are about: its address, what it is called and the place it belongs to.
    fn list(self, lang: Lang) -> (&'static str, &'static str, Place) {
        let t = words(lang);
        match self {
            Self::Rectifications => ("/rectifications", t("整改", "Rectification"), Place::Rectifications),
            Self::Items => ("/procedures", t("评审工作", "Procedures"), Place::Procedures),
        }
    }

    fn title(self, lang: Lang) -> &'static str {
        let t = words(lang);
        match self {
            Self::Rectifications => t("整改期限提醒", "Reminders of rectification dates"),
            Self::Items => t("办理期限提醒", "Reminders of steps that are due"),
        }
    }

    async fn remind(self, visitor: &Visitor, dry_run: bool) -> Result<Vec<Reminder>, Status> {
        let clients = visitor.clients();
        Ok(match self {
            Self::Rectifications => {
                let request = RemindRectificationsRequest { dry_run };
                clients.rectifications().remind_rectifications(request).await?.into_inner().reminders
            }
            Self::Items => {
                let request = RemindItemsRequest { dry_run };
                clients.items().remind_items(request).await?.into_inner().reminders
            }
        })
    }
}

/// The way to the reminders, where their subject is listed; nothing for readers who remind nobody.
pub fn rectifications_link(visitor: &Visitor) -> Markup {
    way(visitor, Subject::Rectifications)
}

/// The same for the steps of procedures.
pub fn items_link(visitor: &Visitor) -> Markup {
    way(visitor, Subject::Items)
}

fn way(visitor: &Visitor, subject: Subject) -> Markup {
    let t = words(visitor.lang());
    html! {
        @if visitor.has(Role::Commission) {
            div.actions { a.button href=(subject.address()) { (t("提醒学校", "Remind schools")) } }
        }
    }
}

async fn draft(visitor: &Visitor, subject: Subject, form: FormData) -> Answer {
    match subject.remind(visitor, false).await {
        Ok(reminders) => {
            let count = reminders.iter().filter(|one| one.drafted).count().to_string();
            Ok(see_other(&link::address(subject.address(), &[("drafted", &count)])))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(visitor, subject, &Asked::default(), &Attempt::failed(form, failure)).await
        }
    }
}

async fn page(visitor: &Visitor, subject: Subject, asked: &Asked, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let reminders = subject.remind(visitor, true).await?;
    let codes = reminders.iter().map(|one| one.organisation_code.as_str());
    let organisations = Organisations::of(visitor, codes).await?;
    Ok(render(visitor, subject, asked, attempt, &reminders, &organisations))
}

fn render(
    visitor: &Visitor,
    subject: Subject,
    asked: &Asked,
    attempt: &Attempt,
    reminders: &[Reminder],
    organisations: &Organisations,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = subject.title(lang);
    let (list, name, place) = subject.list(lang);
    let new = reminders.iter().filter(|one| one.drafted).count();
    let content = html! {
        (trail(lang, &[(list, name)]))
        div.head {
            div {
                h1 { (title) }
                p.lead { (t("期限将近或已过的，按单位和期限各起草一条。您在“催报”里看过并批准之后，对方才会看到。",
                    "One draft for each organisation and date that is near or has passed. Nobody sees it before you have read and approved it under Reminders.")) }
            }
            div.actions { @if new > 0 {
                @let label = match new {
                    1 => t("起草 1 条提醒", "Draft 1 reminder").to_owned(),
                    _ => say!(lang, "起草 {new} 条提醒", "Draft {new} reminders"),
                };
                (button(subject.address(), attempt, &[], &label, true))
            } }
        }
        (refusal(lang, attempt))
        (after(lang, asked))
        @if reminders.is_empty() {
            (empty(t("现在没有要提醒的", "There is nothing to remind of now"),
                html! { (t("期限将近（按方案规定的工作日）或已过时，会列在这里。", "What is due within the scheme's working days, or late, will be listed here.")) }))
        } @else {
            div.scroll { (table(visitor, reminders, organisations)) }
        }
        p.hint { (t("系统每小时也会自行起草一次。同一期限，到期前提醒一次，逾期后再提醒一次。",
            "This also happens by itself, every hour. Of one date each is told once before it and once after it.")) }
    };
    workplace(visitor, Page::work(title, subject.address(), place), attempt, content)
}

fn after(lang: Lang, asked: &Asked) -> Markup {
    match asked.drafted.parse::<u32>() {
        Ok(0) => done(lang.pick(
            "没有新的草稿：该提醒的都已起草过。",
            "Nothing new: whatever was to be said was drafted before.",
        )),
        Ok(1) => done(lang.pick(
            "新起草 1 条，请到“催报”看过再批准。",
            "1 new draft: read it under Reminders, then approve.",
        )),
        Ok(count) => done(&say!(
            lang,
            "新起草 {count} 条，请到“催报”逐条看过再批准。",
            "{count} new drafts: read each under Reminders, then approve."
        )),
        Err(_) => html! {},
    }
}

fn table(visitor: &Visitor, reminders: &[Reminder], organisations: &Organisations) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("单位", "Organisation")) }
                th scope="col" { (t("消息", "Message")) }
                th scope="col" { (t("期限", "Due")) }
                th scope="col" { (t("状态", "State")) }
            } }
            tbody { @for one in reminders { tr {
                th scope="row" { (organisations.name(lang, &one.organisation_code)) }
                td {
                    (text(lang, one.subject.as_ref()))
                    details { summary.small { (t("看正文", "Show the text")) } div.message { (text(lang, one.body.as_ref())) } }
                }
                td { (format::deadline_day(lang, &one.due_date, now)) }
                td { (state(lang, one)) }
            } } }
        }
    }
}

/// Whether a message is still to be drafted; if not, the way to it.
fn state(lang: Lang, reminder: &Reminder) -> Markup {
    let t = words(lang);
    if reminder.drafted {
        return html! { (Mark::new(Sign::Empty, Tone::Need, t("待起草", "To be drafted"))) };
    }
    let year = reminder.cycle_year.to_string();
    html! {
        (Mark::new(Sign::Tick, Tone::Done, t("已起草", "Drafted"))) " "
        a href=(link::address("/notices", &[("year", &year)])) { (say!(lang, "见{year}年催报", "See the reminders of {year}")) }
    }
}
