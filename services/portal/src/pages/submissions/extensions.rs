//! More time: the school asks with a reason, the commission gives it until a moment or says why not.

mod behalf;

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    submission::v1::{
        Cycle, Extension, GrantExtensionRequest, ListExtensionsRequest, RefuseExtensionRequest,
        RequestExtensionRequest, WithdrawExtensionRequest, cycle, extension,
    },
};

use self::behalf::{Meant, ON_BEHALF};
use super::{actions::no_moment, lock::whom_to_ask};
use crate::{
    pages::{
        cycles::moment_of,
        desk::tabs,
        lookup::{self, Organisations, WHOLE_PAGE, all_pages},
        see_other,
    },
    web::{
        components::{Field, Form, Kind, base, button, done, empty, hidden, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/extensions", get(show).post(ask))
        .route("/extensions/{extension}/withdraw", post(withdraw))
        .route("/extensions/{extension}/grant", post(grant))
        .route("/extensions/{extension}/refuse", post(refuse))
        .merge(behalf::routes())
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    year: String,
    #[serde(default)]
    done: String,
    /// For whom the commission acts: a code, or what is searched for.
    #[serde(default)]
    school: String,
}

async fn show(visitor: Visitor, Query(after): Query<After>) -> Answer {
    page(&visitor, &after, &Attempt::default()).await
}

/// The requests of a year that the reader may see, newest first.
pub async fn of_year(visitor: &Visitor, year: i32) -> Result<Vec<Extension>, Failure> {
    let listed = all_pages(|page_token| {
        let mut extensions = visitor.clients().extensions();
        async move {
            let request = ListExtensionsRequest {
                page_size: WHOLE_PAGE,
                page_token,
                cycle_year: year,
                ..ListExtensionsRequest::default()
            };
            let answer = extensions.list_extensions(request).await?.into_inner();
            Ok((answer.extensions, answer.next_page_token))
        }
    });
    listed.await
}

async fn page(visitor: &Visitor, after: &After, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let chosen =
        after.year.parse().ok().or(visitor.cycle().map(|cycle| cycle.year)).ok_or_else(Failure::not_found)?;
    let cycle = lookup::cycle(visitor, chosen).await?;
    let extensions = of_year(visitor, cycle.year).await?;
    let own = visitor.organisations(Role::School);
    let codes = extensions.iter().map(|one| one.organisation_code.as_str());
    let organisations = Organisations::of(visitor, codes.chain(own.iter().map(String::as_str))).await?;
    let meant =
        if visitor.has(Role::Commission) { Some(Meant::find(visitor, &after.school).await?) } else { None };
    let here =
        Here { visitor, cycle: &cycle, organisations: &organisations, attempt, nothing: Attempt::default() };
    Ok(here.render(&extensions, &own, meant.as_ref(), &after.done))
}

/// What each form of the page needs: which one was refused is told by the request it concerns.
struct Here<'a> {
    visitor: &'a Visitor,
    cycle: &'a Cycle,
    organisations: &'a Organisations,
    attempt: &'a Attempt,
    nothing: Attempt,
}

impl Here<'_> {
    fn attempt(&self, concerns: &str) -> &Attempt {
        if self.attempt.form.get("concerns") == concerns { self.attempt } else { &self.nothing }
    }

    fn render(
        &self,
        extensions: &[Extension],
        own: &[String],
        meant: Option<&Meant>,
        after: &str,
    ) -> Response {
        let visitor = self.visitor;
        let lang = visitor.lang();
        let t = words(lang);
        let desk = meant.is_some();
        let (place, above) = if desk { (Place::Desk, "/desk") } else { (Place::Submissions, "/submissions") };
        let title = t("延期申请", "Extensions");
        let year = self.cycle.year.to_string();
        let (waiting, settled): (Vec<&Extension>, Vec<&Extension>) =
            extensions.iter().partition(|one| one.state() == extension::State::Requested);
        let waits = |code: &str| waiting.iter().any(|one| one.organisation_code == code);
        let content = html! {
            (trail(lang, &[(&link::address(above, &[("year", &year)]), place.name(lang))]))
            div.head { div {
                h1 { (title) }
                p.lead {
                    (name_or(lang, self.cycle.name.as_ref(), &year))
                    @if let Some(due) = format::moment(self.cycle.due_time.as_ref()) { (t("，截止 ", ", due ")) (format::deadline(lang, due, visitor.now())) }
                }
            } }
            @if desk { (tabs(visitor, "/extensions", self.cycle.year)) }
            @match after {
                "asked" if desk => (done(t("申请已登记，等您决定。", "The request is recorded and waits for your decision."))),
                "asked" => (done(t("申请已提交。教育主管部门决定之后，这里和待办里都会看到。", "Asked. The decision will be shown here and among your tasks."))),
                "withdrawn" => (done(t("申请已撤回。", "The request is withdrawn."))),
                "granted" => (done(t("已同意延期，学校马上可以继续填报。", "Granted: the school can go on at once."))),
                "refused" => (done(t("已回复学校：不同意延期。", "The school is told that it is refused, and why."))),
                _ => {},
            }
            (refusal(lang, self.attempt))
            @if desk {
                h2 { (t("等您决定", "To be decided")) }
                @if waiting.is_empty() { (empty(t("没有等待决定的申请", "Nothing waits for a decision"), html! { (t("学校申请延期时会列在这里。", "Requests from schools are listed here.")) })) }
            }
            @for one in &waiting { (self.card(one, desk)) }
            @for code in own {
                @if !waits(code) { (self.ask_form(code)) }
            }
            @if let Some(meant) = meant { (behalf::section(visitor, self.cycle, meant, self.attempt(ON_BEHALF), waits)) }
            @if !settled.is_empty() {
                h2 { (t("已处理", "Settled")) }
                @for one in &settled { (self.card(one, desk)) }
            }
        };
        let address = link::address("/extensions", &[("year", &year)]);
        workplace(visitor, Page::work(title, &address, place), self.attempt, content)
    }

    fn ask_form(&self, code: &str) -> Markup {
        let visitor = self.visitor;
        let lang = visitor.lang();
        let t = words(lang);
        let attempt = self.attempt(code);
        let keep = format!("extension/{}/{code}", self.cycle.year);
        let year = self.cycle.year.to_string();
        let collecting = self.cycle.state() == cycle::State::Collecting && self.cycle.due_time.is_some();
        html! {
            section id=(id_of(code)) {
                h2 { (t("申请延期：", "Ask for an extension: ")) (self.organisations.name(lang, code)) }
                @if collecting || attempt.is_refused() {
                    p { (t("延期对本单位这一年度的所有年报有效。请尽早申请；决定之前，期限不变。", "It holds for all your reports of the year. Ask early; until it is decided, the deadline stands.")) }
                    @if let Some(contact) = &self.cycle.contact { (whom_to_ask(visitor, contact)) }
                    (Form { action: "/extensions", attempt, keep: &keep }.around(html! {
                        (hidden("concerns", code)) (hidden("cycle_year", &year)) (hidden("organisation_code", code))
                        (Field::new(Kind::Lines, "reason", t("理由", "Reason"), attempt, "").distinct(code).hint(t("写明为什么赶不上、还差什么，不超过 500 字。", "Why it cannot be done in time, and what is left to do; at most 500 characters.")))
                        (Field::new(Kind::Moment, "wanted_time", t("希望延到（北京时间）", "Until when (Beijing time)"), attempt, "").distinct(code))
                        div.actions { button.primary type="submit" { (t("申请延期", "Ask for an extension")) } span.saved data-saved {} }
                    }))
                } @else {
                    p { (t("这一年度现在不收年报或没有截止时间，不需要申请延期。", "The year takes no reports now, or has no deadline: there is nothing to extend.")) }
                }
            }
        }
    }

    fn card(&self, one: &Extension, desk: bool) -> Markup {
        let visitor = self.visitor;
        let (lang, now) = (visitor.lang(), visitor.now());
        let t = words(lang);
        let moment = |time: Option<&prost_types::Timestamp>| {
            html! { @if let Some(time) = format::moment(time) { (format::exact(lang, time, now)) (t("，", ", ")) (format::until(lang, format::day(time), format::day(now))) } }
        };
        let happened = |time: Option<&prost_types::Timestamp>| {
            html! { @if let Some(time) = format::moment(time) { (format::happened(lang, time, now)) } }
        };
        html! {
            article.request id=(id_of(&one.extension_id)) {
                h3 { (self.organisations.name(lang, &one.organisation_code)) " " (states::extension(lang, one.state())) }
                dl.facts {
                    dt { (t("希望延到", "Asked for")) } dd { (moment(one.wanted_time.as_ref())) }
                    @if one.granted_time.is_some() { dt { (t("同意延到", "Granted until")) } dd { strong { (moment(one.granted_time.as_ref())) } } }
                    dt { (t("理由", "Reason")) } dd.said { (one.reason) }
                    dt { (t("申请人", "Asked by")) } dd { (one.requester_name) (t("，", ", ")) (happened(one.create_time.as_ref())) }
                    @if !one.decision.is_empty() { dt { (t("答复", "Answer")) } dd.said { (one.decision) } }
                    @if !one.decider_name.is_empty() { dt { (t("决定人", "Decided by")) } dd { (one.decider_name) (t("，", ", ")) (happened(one.decide_time.as_ref())) } }
                }
                @if one.state() == extension::State::Requested {
                    @if desk { (self.decision(one)) }
                    @else { (button(&self.action(one, "withdraw"), self.attempt(&one.extension_id), &[("etag", &one.etag), ("cycle_year", &one.cycle_year.to_string())], t("撤回申请", "Withdraw the request"), false)) }
                }
            }
        }
    }

    fn action(&self, one: &Extension, verb: &str) -> String {
        format!("/extensions/{}/{verb}", one.extension_id)
    }

    fn decision(&self, one: &Extension) -> Markup {
        let lang = self.visitor.lang();
        let t = words(lang);
        let id = &one.extension_id;
        let attempt = self.attempt(id);
        let wanted = format::moment(one.wanted_time.as_ref()).map(format::field).unwrap_or_default();
        let (grant, refuse) = (self.action(one, "grant"), self.action(one, "refuse"));
        html! {
            (Form { action: &grant, attempt, keep: &format!("extension/{id}") }.around(html! {
                (hidden("concerns", id)) (hidden("cycle_year", &one.cycle_year.to_string())) (base("etag", &one.etag))
                (Field::new(Kind::Moment, "granted_time", t("同意延到（北京时间）", "Grant until (Beijing time)"), attempt, &wanted).distinct(id))
                (Field::new(Kind::Lines, "decision", t("答复", "Answer"), attempt, "").distinct(id).hint(t("不同意时必须写明理由；同意时可以不写。", "Needed when you refuse; may be left out when you grant.")))
                div.actions {
                    button.primary type="submit" { (t("同意延期", "Grant the extension")) }
                    button type="submit" formaction=(refuse) { (t("不同意", "Refuse")) }
                }
            }))
        }
    }
}

async fn ask(visitor: Visitor, form: FormData) -> Answer {
    let Some(request) = asked_for(&form) else { return no_wanted_time(&visitor, form).await };
    let outcome = visitor.clients().extensions().request_extension(request).await.map(|_| "asked");
    conclude(&visitor, form, outcome).await
}

/// What a form asks for. `None` without a moment.
fn asked_for(form: &FormData) -> Option<RequestExtensionRequest> {
    let wanted_time = Some(moment_of(form, "wanted_time")?);
    Some(RequestExtensionRequest {
        request_id: form.request_id(),
        cycle_year: form.get("cycle_year").parse().unwrap_or_default(),
        organisation_code: form.get("organisation_code").to_owned(),
        reason: form.lines("reason").trim().to_owned(),
        wanted_time,
    })
}

async fn no_wanted_time(visitor: &Visitor, form: FormData) -> Answer {
    let fault = no_moment(visitor.lang(), "wanted_time");
    again(visitor, Attempt::faulty(form, vec![fault])).await
}

async fn withdraw(visitor: Visitor, Path(extension_id): Path<String>, form: FormData) -> Answer {
    let request = WithdrawExtensionRequest {
        request_id: form.request_id(),
        extension_id,
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().extensions().withdraw_extension(request).await.map(|_| "withdrawn");
    conclude(&visitor, form, outcome).await
}

async fn grant(visitor: Visitor, Path(extension_id): Path<String>, form: FormData) -> Answer {
    let granted_time = moment_of(&form, "granted_time");
    if granted_time.is_none() {
        let fault = no_moment(visitor.lang(), "granted_time");
        return again(&visitor, Attempt::faulty(form, vec![fault])).await;
    }
    let request = GrantExtensionRequest {
        request_id: form.request_id(),
        extension_id,
        etag: form.get("etag").to_owned(),
        granted_time,
        decision: form.lines("decision").trim().to_owned(),
    };
    let outcome = visitor.clients().extensions().grant_extension(request).await.map(|_| "granted");
    conclude(&visitor, form, outcome).await
}

async fn refuse(visitor: Visitor, Path(extension_id): Path<String>, form: FormData) -> Answer {
    let request = RefuseExtensionRequest {
        request_id: form.request_id(),
        extension_id,
        etag: form.get("etag").to_owned(),
        decision: form.lines("decision").trim().to_owned(),
    };
    let outcome = visitor.clients().extensions().refuse_extension(request).await.map(|_| "refused");
    conclude(&visitor, form, outcome).await
}

/// The page again, with what was typed.
async fn again(visitor: &Visitor, attempt: Attempt) -> Answer {
    let after = After {
        year: attempt.form.get("cycle_year").to_owned(),
        school: attempt.form.get("organisation_code").to_owned(),
        done: String::new(),
    };
    page(visitor, &after, &attempt).await
}

async fn conclude(visitor: &Visitor, form: FormData, outcome: Result<&str, tonic::Status>) -> Answer {
    match outcome {
        Ok(what) => {
            let pairs = [("year", form.get("cycle_year")), ("done", what)];
            Ok(see_other(&link::address("/extensions", &pairs)))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            // Fields of the same name stand in several forms; each is told by the request it concerns.
            let attempt = Attempt::refused(form, failure, str::to_owned);
            again(visitor, attempt).await
        }
    }
}
