//! Objections to results under public notice: anybody sends one, follows it by its receipt, and reads how others were
//! answered.

mod answer;
mod public;

use std::{net::SocketAddr, sync::LazyLock};

use axum::{
    Router,
    extract::{ConnectInfo, FromRequestParts, Path},
    response::Response,
    routing::{get, post},
};
use http::request::Parts;
use maud::{Markup, html};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{LodgeObjectionRequest, Objection, Release, objection::Topic, release};

use super::releases::{release, release_title};
use crate::web::{
    components::{Field, Form, Kind, refusal, trail},
    error::{Answer, Failure},
    form::{Attempt, FormData},
    i18n::words,
    layout::{Page, reading},
    session::Visitor,
    year::Year,
};

pub fn routes() -> Router {
    Router::new()
        .route("/releases/{year}/object", get(form).post(lodge))
        .route("/releases/{year}/objections", get(public::answers))
        .route("/objections", get(public::follow).post(public::followed))
        .route("/publish/{year}/objections", get(answer::list))
        .route("/publish/{year}/objections/{id}", post(answer::decide))
}

/// Tells one sender from another, and nothing else: it means something to this process alone, and only until it ends.
struct ClientKey(String);

static SALT: LazyLock<Uuid> = LazyLock::new(Uuid::now_v7);

impl<S: Send + Sync> FromRequestParts<S> for ClientKey {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        // A proxy on this machine or network says for whom it asks; what a stranger says of itself is not believed.
        let behind_proxy = peer.is_none_or(|peer| match peer {
            std::net::IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
            std::net::IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
        });
        let forwarded = parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
        let forwarded = forwarded.and_then(|list| list.rsplit(',').next()).map(str::trim);
        let address = match (forwarded.filter(|_| behind_proxy), peer) {
            (Some(address), _) => address.to_owned(),
            (None, Some(peer)) => peer.to_string(),
            (None, None) => String::new(),
        };
        let digest = Sha256::new().chain_update(SALT.as_bytes()).chain_update(address).finalize();
        Ok(Self(format!("{digest:x}")))
    }
}

/// What an objection is about, as forms spell it.
const TOPICS: [(&str, Topic); 3] =
    [("table", Topic::Table), ("programme", Topic::Programme), ("statement", Topic::Statement)];

/// What an objection is about, in words.
fn topic_name(lang: Lang, topic: Topic) -> &'static str {
    let t = words(lang);
    match topic {
        Topic::Table | Topic::Unspecified => t("数据表", "A table"),
        Topic::Programme => t("专业", "A programme"),
        Topic::Statement => t("文字表述", "A statement"),
    }
}

async fn form(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    let release = release(&visitor, year).await?;
    Ok(page(&visitor, &release, &Attempt::default()))
}

async fn lodge(
    visitor: Visitor,
    Path(Year(year)): Path<Year>,
    ClientKey(client_key): ClientKey,
    form: FormData,
) -> Answer {
    let release = release(&visitor, year).await?;
    let topic = TOPICS.iter().find(|(key, _)| *key == form.get("topic"));
    let request = LodgeObjectionRequest {
        request_id: form.request_id(),
        year,
        topic: topic.map_or(Topic::Unspecified, |(_, topic)| *topic).into(),
        reference: form.get("reference").to_owned(),
        body: form.lines("body"),
        name: form.get("name").to_owned(),
        contact: form.get("contact").to_owned(),
        client_key,
    };
    match visitor.clients().objections().lodge_objection(request).await {
        Ok(answer) => Ok(taken(&visitor, &release, &answer.into_inner().receipt)),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            Ok(page(&visitor, &release, &Attempt::refused(form, failure, str::to_owned)))
        }
    }
}

fn way(visitor: &Visitor, release: &Release) -> Markup {
    let lang = visitor.lang();
    let up = format!("/releases/{}", release.year);
    trail(
        lang,
        &[("/releases", words(lang)("已发布的结果", "Releases")), (&up, &release_title(lang, release))],
    )
}

fn page(visitor: &Visitor, release: &Release, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("对公示内容提出异议", "Object to what is under notice");
    let address = format!("/releases/{}/object", release.year);
    let chosen = attempt.form.or("topic", "table");
    let content = html! {
        (way(visitor, release))
        h1 { (title) }
        @if release.state() != release::State::Notice {
            p { (t("现在不在公示期内，不能提出异议。", "The public notice does not stand now: objections are taken while it does.")) }
        } @else {
            p.lede { (t("公示期内任何人都可以提出，每一条都会得到书面答复。答复会公开，但不会公开您的姓名和联系方式。", "Anybody may object while the notice stands, and each objection is answered in writing. Answers are public; your name and how to reach you are not.")) }
            (refusal(lang, attempt))
            (Form { action: &address, attempt, keep: "" }.around(html! {
                fieldset {
                    legend { (t("针对什么", "What it is about")) }
                    @for (key, topic) in TOPICS {
                        label.choice { input type="radio" name="topic" value=(key) checked[chosen == key]; " " (topic_name(lang, topic)) }
                    }
                    @if let Some(fault) = attempt.fault("topic") { p.fault { (fault) } }
                }
                (Field::new(Kind::Text, "reference", t("具体对象", "Which one"), attempt, "")
                    .hint(t("表号、专业名称，或者原文那句话；最多 200 字。", "The table's number, the programme's name, or the sentence; at most 200 characters.")))
                (Field::new(Kind::Lines, "body", t("异议内容和理由", "What you object to, and why"), attempt, "")
                    .hint(t("最多 2,000 字。", "At most 2,000 characters.")))
                (Field::new(Kind::Text, "name", t("姓名", "Your name"), attempt, "").autocomplete("name"))
                (Field::new(Kind::Text, "contact", t("联系方式", "How to reach you"), attempt, "").autocomplete("email")
                    .hint(t("电话或邮箱，只有答复的人能看到。", "Telephone or e-mail; only those who answer see it.")))
                div.actions { button.primary type="submit" { (t("提交异议", "Send the objection")) } }
            }))
        }
    };
    reading(visitor, Page::reading(title, &address), attempt, content)
}

fn taken(visitor: &Visitor, release: &Release, receipt: &str) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("异议已收到", "Your objection has arrived");
    let address = format!("/releases/{}/object", release.year);
    let content = html! {
        (way(visitor, release))
        h1 { (title) }
        p { (t("请记下回执号，凭它查看答复。回执号只显示这一次。", "Keep this receipt: it leads to the answer, and is shown this once.")) }
        p.receipt { strong.code data-receipt { (receipt) } }
        p { a href="/objections" { (t("凭回执号查看答复", "See the answer with a receipt")) } }
    };
    reading(visitor, Page::reading(title, &address), &Attempt::default(), content)
}

/// An objection and how it was answered, without who sent it.
fn entry(visitor: &Visitor, objection: &Objection) -> Markup {
    use zhijian_proto::publication::v1::objection::Outcome;
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        p { strong { (topic_name(lang, objection.topic())) (t("：", ": ")) (objection.reference) } }
        p.prose { (objection.body) }
        @match objection.outcome() {
            Outcome::Unspecified => p.grey { (t("还没有答复。", "Not answered yet.")) },
            outcome => {
                p { strong { (public::outcome_name(lang, outcome)) } }
                p.prose { (objection.reasons) }
            },
        }
    }
}
