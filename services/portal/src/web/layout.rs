//! The two frames: the workplace, and the reading page.

use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::identity::v1::Role;

use super::{
    assets, cards,
    components::demo,
    form::Attempt,
    i18n::{name_or, text, words},
    link,
    session::Visitor,
    states,
};

/// A place on the left of every workplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// What is mine to do.
    Work,
    /// A school's reports.
    Submissions,
    /// A school's grades.
    Results,
    /// Institutions among their peers.
    Diagnosis,
    /// What is to be mended.
    Rectifications,
    /// A reviewer's tasks.
    Assignments,
    /// What a reviewer declares.
    Relations,
    /// The panel of experts.
    Panel,
    /// Rounds of review.
    Rounds,
    /// Inspections, selections and acceptances, step by step.
    Procedures,
    /// The desk where reports come in.
    Desk,
    /// The quality years.
    Cycles,
    /// Compiling and releasing.
    Publish,
    /// The registers of institutions and programmes.
    Registry,
}

impl Place {
    /// Where it is.
    pub fn href(self) -> &'static str {
        match self {
            Self::Work => "/work",
            Self::Submissions => "/submissions",
            Self::Results => "/results",
            Self::Diagnosis => "/diagnosis",
            Self::Rectifications => "/rectifications",
            Self::Assignments => "/assignments",
            Self::Relations => "/relations",
            Self::Panel => "/panel",
            Self::Rounds => "/rounds",
            Self::Procedures => "/procedures",
            Self::Desk => "/desk",
            Self::Cycles => "/cycles",
            Self::Publish => "/publish",
            Self::Registry => "/registry",
        }
    }

    /// What it is called.
    pub fn name(self, lang: Lang) -> &'static str {
        let t = words(lang);
        match self {
            Self::Work => t("待办", "To do"),
            Self::Submissions => t("年报填报", "Reports"),
            Self::Results => t("监测结果", "Results"),
            Self::Diagnosis => t("数据探诊", "Diagnosis"),
            Self::Rectifications => t("整改", "Rectification"),
            Self::Assignments => t("评审任务", "Assignments"),
            Self::Relations => t("关系申报", "Declarations"),
            Self::Panel => t("专家库", "Experts"),
            Self::Rounds => t("评审轮次", "Rounds"),
            Self::Procedures => t("评审工作", "Procedures"),
            Self::Desk => t("受理台", "Desk"),
            Self::Cycles => t("年度", "Cycles"),
            Self::Publish => t("编制发布", "Publish"),
            Self::Registry => t("名录", "Register"),
        }
    }
}

/// The most places that stay easy to take in at a glance.
const MOST_PLACES: usize = 7;

/// The places that a reader's roles open.
pub fn places(visitor: &Visitor) -> Vec<Place> {
    let of = |role: Role| -> &'static [Place] {
        match role {
            Role::School => &[
                Place::Submissions,
                Place::Results,
                Place::Diagnosis,
                Place::Rectifications,
                Place::Procedures,
                Place::Registry,
            ],
            Role::Reviewer => &[Place::Assignments, Place::Relations],
            Role::Chair => &[Place::Rounds, Place::Panel, Place::Rectifications, Place::Procedures],
            Role::Publisher => &[Place::Publish, Place::Diagnosis, Place::Procedures],
            Role::Commission => &[
                Place::Desk,
                Place::Cycles,
                Place::Rounds,
                Place::Rectifications,
                Place::Procedures,
                Place::Registry,
            ],
            Role::Unspecified => &[],
        }
    };
    let mut places = vec![Place::Work];
    for role in [Role::School, Role::Reviewer, Role::Commission, Role::Chair, Role::Publisher] {
        if visitor.has(role) {
            for place in of(role) {
                if !places.contains(place) {
                    places.push(*place);
                }
            }
        }
    }
    places.truncate(MOST_PLACES);
    places
}

/// What a page says about itself.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The title, without the product's name.
    pub title: &'a str,
    /// The address at which the page can be asked for again.
    pub address: &'a str,
    /// The place it belongs to; none for reading pages.
    pub place: Option<Place>,
    /// Asks for itself again after so many seconds, for pages that wait.
    pub refresh: Option<u32>,
}

impl<'a> Page<'a> {
    /// A page of a workplace.
    pub fn work(title: &'a str, address: &'a str, place: Place) -> Self {
        Self { title, address, place: Some(place), refresh: None }
    }

    /// A page to read.
    pub fn reading(title: &'a str, address: &'a str) -> Self {
        Self { title, address, place: None, refresh: None }
    }
}

/// Answers a page of a workplace. A refused form answers with the refusal's status.
pub fn workplace(visitor: &Visitor, page: Page<'_>, attempt: &Attempt, content: Markup) -> Response {
    let t = words(visitor.lang());
    let body = html! {
        body.work {
            a.skip href="#main" { (t("跳到正文", "Skip to content")) }
            header.bar {
                a.brand href="/" { "质鉴" }
                span.where {
                    span {
                        (name_or(visitor.lang(), visitor.region().name.as_ref(), ""))
                        @if visitor.region().demonstration { " " (demo(visitor.lang())) }
                    }
                    @if let Some(cycle) = visitor.cycle() {
                        span.grey { (name_or(visitor.lang(), cycle.name.as_ref(), &cycle.year.to_string())) }
                    }
                }
                span.who { (other_language(visitor, page.address)) (account(visitor)) }
            }
            div.frame {
                nav.places aria-label=(t("去处", "Places")) {
                    ul {
                        @for place in places(visitor) {
                            li {
                                a href=(place.href()) aria-current=[current(page, place)] { (place.name(visitor.lang())) }
                            }
                        }
                    }
                }
                main id="main" tabindex="-1" { (content) }
            }
        }
    };
    respond(visitor, page, attempt, body)
}

fn current(page: Page<'_>, place: Place) -> Option<&'static str> {
    (page.place == Some(place)).then(|| if page.address == place.href() { "page" } else { "true" })
}

/// Answers a page to read.
pub fn reading(visitor: &Visitor, page: Page<'_>, attempt: &Attempt, content: Markup) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let here = |href: &str| (page.address == href).then_some("page");
    let body = html! {
        body.read {
            a.skip href="#main" { (t("跳到正文", "Skip to content")) }
            header.mast {
                a.brand href="/" { "质鉴" }
                span {
                    (name_or(lang, visitor.region().name.as_ref(), ""))
                    @if visitor.region().demonstration { " " (demo(lang)) }
                }
                nav aria-label=(t("网站", "Site")) {
                    ul {
                        li { a href="/releases" aria-current=[here("/releases")] { (t("已发布的结果", "Releases")) } }
                        li { a href="/reports" aria-current=[here("/reports")] { (t("年报公示", "Reports")) } }
                        li { a href="/map" aria-current=[here("/map")] { (t("数字地图", "Map")) } }
                        li { a href="/search" aria-current=[here("/search")] { (t("检索", "Search")) } }
                        li { a href="/open" aria-current=[here("/open")] { (t("开放数据", "Open data")) } }
                        li { (other_language(visitor, page.address)) }
                        @if visitor.account().is_some() {
                            li { a href="/work" { (t("我的待办", "My work")) } }
                        } @else {
                            li { a href="/sign-in" aria-current=[here("/sign-in")] { (t("登录", "Sign in")) } }
                        }
                    }
                }
            }
            main id="main" tabindex="-1" { (content) }
            footer.foot {
                @let note = text(lang, visitor.region().note.as_ref());
                @if !note.is_empty() { p { (note) } }
                p { (t("质鉴：职业教育质量年度工作平台", "Zhijian runs a region's vocational-education quality year")) }
            }
        }
    };
    respond(visitor, page, attempt, body)
}

fn respond(visitor: &Visitor, page: Page<'_>, attempt: &Attempt, body: Markup) -> Response {
    let lang = visitor.lang();
    let other = other(lang);
    let document = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (page.title) @if page.title != "质鉴" { " · 质鉴" } }
                @if let Some(seconds) = page.refresh { meta http-equiv="refresh" content=(seconds); }
                link rel="stylesheet" href=(assets::STYLE.href);
                link rel="icon" type="image/svg+xml" href=(assets::MARK.href);
                link rel="alternate" hreflang=(other.tag()) href=(in_language(page.address, other));
                script src=(assets::SCRIPT.href) defer {}
            }
            (body)
        }
    };
    let mut response =
        (attempt_status(attempt), Html(cards::marked(&document.into_string()))).into_response();
    if let Some(wait) = attempt.failure.as_ref().and_then(|failure| failure.retry_after) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
    }
    response
}

fn attempt_status(attempt: &Attempt) -> StatusCode {
    match &attempt.failure {
        Some(failure) => failure.status(),
        None if attempt.is_refused() => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    }
}

fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Zh => Lang::En,
        Lang::En => Lang::Zh,
    }
}

fn in_language(address: &str, lang: Lang) -> String {
    link::address(address, &[("lang", lang.pick("zh", "en"))])
}

/// The same page in the other language, named in that language.
fn other_language(visitor: &Visitor, address: &str) -> Markup {
    let other = other(visitor.lang());
    html! {
        a href=(in_language(address, other)) hreflang=(other.tag()) lang=(other.tag()) {
            (other.pick("中文", "English"))
        }
    }
}

fn account(visitor: &Visitor) -> Markup {
    let t = words(visitor.lang());
    html! {
        @if let Some(account) = visitor.account() {
            span {
                (account.display_name)
                @if let Some(grant) = account.roles.first() {
                    span.grey { (t("，", ", ")) (states::role(visitor.lang(), grant.role())) }
                }
            }
            form method="post" action="/sign-out" { button.quiet type="submit" { (t("退出", "Sign out")) } }
        } @else {
            a href="/sign-in" { (t("登录", "Sign in")) }
        }
    }
}
