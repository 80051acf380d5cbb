//! A round's conflicts: who may not review what and why, found before anybody is invited; and what the chair makes of it.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        Conflict, ConflictReason, Entry, GetRoundRequest, ListConflictsRequest, ListConflictsResponse,
        ListEntriesRequest, Reviewer, Round, conflict_reason, list_conflicts_request::Show, round, ruling,
    },
};

use super::rulings;
use crate::{
    pages::{
        lookup::{Organisations, WHOLE_PAGE, all_pages},
        panel::{everybody, relation_word},
    },
    say,
    web::{
        components::{
            Field, Form, Kind, Mark, Sign, Tone, button, done, empty, hidden, id_of, pager, refusal, trail,
        },
        error::{Answer, Failure},
        form::Attempt,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

/// How many pairs a page lists.
const LISTED: i32 = 50;

pub fn routes() -> Router {
    Router::new()
        .route("/rounds/{id}/conflicts", get(show))
        .route("/rounds/{id}/conflicts/dismiss", post(rulings::dismiss))
        .route("/rounds/{id}/conflicts/add", post(rulings::add))
        .route("/rounds/{id}/conflicts/withdraw", post(rulings::withdraw))
}

/// Which pairs the page lists.
#[derive(Deserialize, Default)]
pub(super) struct Filter {
    #[serde(default)]
    pub school: String,
    #[serde(default)]
    pub reviewer: String,
    #[serde(default)]
    pub show: String,
    #[serde(default)]
    pub page: String,
    #[serde(default)]
    pub done: String,
}

/// What the page shows.
struct Shown {
    round: Round,
    found: ListConflictsResponse,
    entries: Vec<Entry>,
    reviewers: Vec<Reviewer>,
    organisations: Organisations,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    page(&visitor, &id, &filter, &Attempt::default()).await
}

pub(super) async fn page(visitor: &Visitor, id: &str, filter: &Filter, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let mut rounds = visitor.clients().rounds();
    let answer = rounds.get_round(GetRoundRequest { round_id: id.to_owned() }).await?.into_inner();
    let round = answer.round.ok_or_else(Failure::not_found)?;
    let show = match filter.show.as_str() {
        "dismissed" => Show::Dismissed,
        "seated" => Show::Seated,
        "all" => Show::Unspecified,
        _ => Show::InForce,
    };
    let request = ListConflictsRequest {
        page_size: LISTED,
        page_token: filter.page.clone(),
        round_id: id.to_owned(),
        organisation_code: filter.school.clone(),
        reviewer_account_id: filter.reviewer.clone(),
        show: show.into(),
    };
    let found = visitor.clients().conflicts().list_conflicts(request).await?.into_inner();
    let entries = all_pages(|page_token| {
        let mut rounds = visitor.clients().rounds();
        let request = ListEntriesRequest {
            page_size: WHOLE_PAGE,
            page_token,
            round_id: id.to_owned(),
            ..ListEntriesRequest::default()
        };
        async move {
            let answer = rounds.list_entries(request).await?.into_inner();
            Ok((answer.entries, answer.next_page_token))
        }
    });
    let entries = entries.await?;
    let reviewers = everybody(visitor).await?;
    let reasons = found.conflicts.iter().flat_map(|conflict| &conflict.reasons);
    let organisations = Organisations::of(visitor, reasons.map(|one| one.organisation_code.as_str())).await?;
    let shown = Shown { round, found, entries, reviewers, organisations };
    Ok(render(visitor, &shown, filter, attempt))
}

pub(super) fn address_of(round_id: &str, filter: &Filter, page: &str) -> String {
    let parts = [
        ("school", filter.school.as_str()),
        ("reviewer", &filter.reviewer),
        ("show", &filter.show),
        ("page", page),
    ];
    link::address(&format!("/rounds/{}/conflicts", link::segment(round_id)), &parts)
}

fn render(visitor: &Visitor, shown: &Shown, filter: &Filter, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let Shown { round, found, .. } = shown;
    let title = t("回避", "Conflicts");
    let up = format!("/rounds/{}", round.round_id);
    let name = name_or(lang, round.name.as_ref(), &round.round_id).to_owned();
    let here = address_of(&round.round_id, filter, &filter.page);
    let next = (!found.next_page_token.is_empty())
        .then(|| address_of(&round.round_id, filter, &found.next_page_token));
    let total = found.total;
    let open = !matches!(round.state(), round::State::Finalised | round::State::Revealed);
    let may_rule = open && visitor.has(Role::Chair);
    let content = html! {
        (trail(lang, &[("/rounds", t("评审轮次", "Rounds")), (&up, &name)]))
        div.head { div {
            h1 { (title) }
            p.lead { (t("分配之前就能看到谁须回避哪个专业，以及原因。认定有误的可以撤销，漏掉的可以添加；每一次都要写明理由，记入审计。", "Who may not review what, and why, before anybody is invited. Set aside what is none, add what is missing; every ruling gives its reason and is audited.")) }
        } }
        @match filter.done.as_str() {
            "dismissed" => (done(t("已撤销这条回避。", "The conflict is set aside."))),
            "added" => (done(t("已添加回避。", "The conflict is added."))),
            "withdrawn" => (done(t("已撤回，恢复原状。", "The ruling is withdrawn."))),
            _ => {},
        }
        (refusal(lang, attempt))
        (filters(visitor, shown, filter))
        @if found.conflicts.is_empty() {
            (empty(t("没有符合条件的回避", "No conflict matches"), html! { a href={ (up) "/conflicts?show=all" } { (t("看全部", "See all")) } }))
        } @else {
            p.hint { (say!(lang, "共 {total} 对专家与专业", "{total} pairs of expert and programme")) }
            div.scroll { (table(visitor, shown, filter, attempt, may_rule)) }
        }
        (pager(lang, &address_of(&round.round_id, filter, ""), next.as_deref(), filter.page.is_empty()))
        @if may_rule { (addition(visitor, shown, attempt)) }
    };
    workplace(visitor, Page::work(title, &here, Place::Rounds), attempt, content)
}

fn filters(visitor: &Visitor, shown: &Shown, filter: &Filter) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let mut schools: Vec<(&str, &str)> = shown
        .entries
        .iter()
        .map(|entry| {
            let code = entry.organisation_code.as_str();
            (code, name_or(lang, entry.organisation_name.as_ref(), code))
        })
        .collect();
    schools.dedup();
    let kinds = [
        ("", t("须回避的", "In force")),
        ("dismissed", t("已撤销的", "Set aside")),
        ("seated", t("须回避却已分配的", "In force, and assigned")),
        ("all", t("全部", "All")),
    ];
    html! {
        form.filters method="get" action={ "/rounds/" (shown.round.round_id) "/conflicts" } data-at-once {
            div {
                label for="school" { (t("学校", "School")) }
                select id="school" name="school" {
                    option value="" { (t("全部", "All")) }
                    @for (code, name) in schools { option value=(code) selected[code == filter.school] { (name) } }
                }
            }
            div {
                label for="reviewer" { (t("专家", "Expert")) }
                select id="reviewer" name="reviewer" {
                    option value="" { (t("全部", "All")) }
                    @for one in &shown.reviewers { option value=(one.account_id) selected[one.account_id == filter.reviewer] { (one.name) } }
                }
            }
            div {
                label for="show" { (t("显示", "Show")) }
                select id="show" name="show" {
                    @for (key, name) in kinds { option value=(key) selected[key == filter.show] { (name) } }
                }
            }
            button type="submit" data-go { (t("筛选", "Filter")) }
        }
    }
}

fn table(visitor: &Visitor, shown: &Shown, filter: &Filter, attempt: &Attempt, may_rule: bool) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("专家", "Expert")) }
                th scope="col" { (t("原因", "Reason")) }
                th scope="col" { (t("状态", "State")) }
                @if may_rule { th scope="col" { (t("裁定", "Ruling")) } }
            } }
            tbody { @for one in &shown.found.conflicts { tr {
                th scope="row" { (text(lang, one.entry_title.as_ref())) }
                td { (one.reviewer_name) }
                td { @for reason in &one.reasons { div {
                    @if reason.dismissed { s { (told(lang, reason, &shown.organisations)) } }
                    @else { (told(lang, reason, &shown.organisations)) }
                } } }
                td {
                    (state(lang, one))
                    @if let Some(ruling) = one.ruling.as_ref().filter(|ruling| ruling.kind() == ruling::Kind::Dismissed) { div.small.grey { (t("理由：", "Reason: ")) (ruling.reason) } }
                }
                @if may_rule { td { (rule(visitor, &shown.round.round_id, one, filter, attempt)) } }
            } } }
        }
    }
}

fn state(lang: Lang, one: &Conflict) -> Mark {
    let t = words(lang);
    match (one.in_force, one.seated) {
        (true, true) => Mark::new(Sign::Warn, Tone::Need, t("须回避，但已分配", "in force, but assigned")),
        (true, false) => Mark::new(Sign::Cross, Tone::Quiet, t("须回避", "in force")),
        (false, _) => Mark::new(Sign::Tick, Tone::Done, t("已撤销", "set aside")),
    }
}

/// One reason in a sentence.
fn told(lang: Lang, reason: &ConflictReason, organisations: &Organisations) -> Markup {
    use conflict_reason::Kind as Reason;
    let t = words(lang);
    let name = organisations.name(lang, &reason.organisation_code);
    html! {
        @match reason.kind() {
            Reason::Own => { (t("本单位：", "Own organisation: ")) (name) },
            Reason::Supervising => { (t("主管单位：", "Supervises the school: ")) (name) },
            Reason::Partner => { (t("贯通培养合作单位：", "Partner of its pathway: ")) (name) },
            Reason::Recent => {
                (t("曾任职：", "Worked there: ")) (name)
                @if reason.date.is_empty() { (t("（离开时间不详）", " (nobody knows until when)")) }
                @else { (t("（", " (until ")) (reason.date) (t(" 离开）", ")")) }
            },
            Reason::Relation => {
                (t("申报的关系：", "Declared: ")) (relation_word(lang, reason.relation()))
                @if !reason.note.is_empty() { (t("（", " (")) (reason.note) (t("）", ")")) }
                @if !reason.date.is_empty() { (t("，结束于 ", ", ended ")) (reason.date) }
            },
            Reason::Added => { (t("评审组长添加：", "Added by the chair: ")) (reason.note) },
            Reason::Unspecified => {},
        }
    }
}

/// What the chair can do about a pair.
fn rule(visitor: &Visitor, round_id: &str, one: &Conflict, filter: &Filter, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let own = one.reasons.iter().any(|reason| reason.kind() == conflict_reason::Kind::Own);
    let pair = [
        ("entry_id", one.entry_id.as_str()),
        ("reviewer_id", one.reviewer_account_id.as_str()),
        ("school", &filter.school),
        ("reviewer", &filter.reviewer),
        ("show", &filter.show),
    ];
    let typed = attempt.form.get("entry_id") == one.entry_id
        && attempt.form.get("reviewer_id") == one.reviewer_account_id;
    let nothing = Attempt::default();
    let own_attempt = if typed { attempt } else { &nothing };
    let distinct = format!("{}-{}", one.entry_id, one.reviewer_account_id);
    html! {
        @if one.ruling.is_some() {
            (button(&format!("/rounds/{round_id}/conflicts/withdraw"), attempt, &pair, t("撤回裁定", "Withdraw the ruling"), false))
        } @else if own {
            span.small.grey { (t("本单位的不能撤销", "the own organisation cannot be set aside")) }
        } @else {
            details open[typed && attempt.is_refused()] {
                summary { (t("认定有误，撤销", "This is none")) }
                (Form::plain(&format!("/rounds/{round_id}/conflicts/dismiss"), own_attempt).around(html! {
                    @for (name, value) in pair { (hidden(name, value)) }
                    (Field::new(Kind::Text, "reason", t("理由", "Why"), own_attempt, "").distinct(&distinct))
                    button type="submit" { (t("撤销这条回避", "Set it aside")) }
                }))
            }
        }
    }
}

fn addition(visitor: &Visitor, shown: &Shown, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let adding = attempt.form.get("adding") == "yes";
    let nothing = Attempt::default();
    let own = if adding { attempt } else { &nothing };
    let (entry_id, reviewer_id) =
        (own.form.get("entry_id").to_owned(), own.form.get("reviewer_id").to_owned());
    html! {
        section {
            h2 { (t("添加一条回避", "Add a conflict")) }
            (Form { action: &format!("/rounds/{}/conflicts/add", shown.round.round_id), attempt: own, keep: "" }.around(html! {
                (hidden("adding", "yes"))
                div.field {
                    label for=(id_of("entry_id")) { (t("专业", "Programme")) }
                    select id=(id_of("entry_id")) name="entry_id" required {
                        option value="" { (t("请选择", "Choose")) }
                        @for entry in &shown.entries {
                            option value=(entry.entry_id) selected[entry.entry_id == entry_id] {
                                (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) "·" (name_or(lang, entry.programme_name.as_ref(), &entry.programme_code))
                            }
                        }
                    }
                }
                div.field {
                    label for=(id_of("reviewer_id")) { (t("专家", "Expert")) }
                    select id=(id_of("reviewer_id")) name="reviewer_id" required {
                        option value="" { (t("请选择", "Choose")) }
                        @for one in &shown.reviewers { option value=(one.account_id) selected[one.account_id == reviewer_id] { (one.name) } }
                    }
                }
                (Field::new(Kind::Text, "reason", t("理由", "Why"), own, "").hint(t("1 到 500 字，记入审计。", "1 to 500 characters; it is audited.")))
                div.actions { button.primary type="submit" { (t("添加回避", "Add it")) } }
            }))
        }
    }
}
