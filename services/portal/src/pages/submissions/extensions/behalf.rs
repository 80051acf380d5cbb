//! The commission gives a school more time that did not ask in the pages itself: it called, or it cannot sign in.

use axum::{Router, routing::post};
use maud::{Markup, html};
use zhijian_platform::id::derived_request_id;
use zhijian_proto::{
    identity::v1::{ListOrganisationsRequest, Organisation, organisation::Kind as OrganisationKind},
    submission::v1::{Cycle, GrantExtensionRequest, cycle},
};

use super::{asked_for, conclude, no_wanted_time};
use crate::{
    pages::lookup::says_demonstration,
    web::{
        components::{Field, Form, Kind, demo, empty, hidden},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, words},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/extensions/given", post(give))
}

/// What the hidden field says of a form that is not filled in by the school itself.
pub const ON_BEHALF: &str = "behalf";

/// How many schools a search offers.
const OFFERED: i32 = 20;

/// Those that hand in reports; an enterprise's report is handed in by its school.
const REPORTING: [OrganisationKind; 4] = [
    OrganisationKind::HigherVocational,
    OrganisationKind::SpecialisedSecondary,
    OrganisationKind::VocationalHigh,
    OrganisationKind::DistrictCommission,
];

/// Which school is meant, as far as the search tells.
pub struct Meant {
    search: String,
    found: Vec<Organisation>,
}

impl Meant {
    /// Looks for the school by its code or a part of its name; an empty search finds nothing.
    pub async fn find(visitor: &Visitor, search: &str) -> Result<Self, Failure> {
        let search: String = search.trim().chars().take(100).collect();
        if search.is_empty() {
            return Ok(Self { search, found: vec![] });
        }
        let request = ListOrganisationsRequest {
            page_size: OFFERED,
            kinds: REPORTING.iter().map(|kind| (*kind).into()).collect(),
            query: search.clone(),
            existing_only: true,
            ..ListOrganisationsRequest::default()
        };
        let found = visitor.clients().organisations().list_organisations(request).await?.into_inner();
        Ok(Self { search, found: found.organisations })
    }

    fn only(&self) -> Option<&Organisation> {
        match self.found.as_slice() {
            [one] => Some(one),
            several => several.iter().find(|one| one.code == self.search),
        }
    }
}

/// The choice of a school, and the form once it is chosen. `waiting` tells whose request waits already.
pub fn section(
    visitor: &Visitor,
    cycle: &Cycle,
    meant: &Meant,
    attempt: &Attempt,
    waiting: impl Fn(&str) -> bool,
) -> Markup {
    let t = words(visitor.lang());
    let year = cycle.year.to_string();
    let collecting = cycle.state() == cycle::State::Collecting && cycle.due_time.is_some();
    html! {
        section id="behalf" {
            h2 { (t("代学校办理", "On a school's behalf")) }
            @if collecting {
                p { (t("学校打来电话、自己登录不了时，由您代为登记；原因和经办人都会记下，学校看得到。", "For a school that called, or cannot sign in: the reason and your name are recorded, and the school sees both.")) }
                form.filters method="get" action="/extensions#behalf" role="search" aria-label=(t("选择学校", "Choose the school")) {
                    input type="hidden" name="year" value=(year);
                    div {
                        label for="school" { (t("学校名称或十位代码", "School's name or ten-digit code")) }
                        input id="school" name="school" type="search" value=(meant.search) maxlength="100";
                    }
                    button type="submit" { (t("查找", "Find")) }
                }
                @match meant.only() {
                    Some(school) if waiting(&school.code) => p { (name(visitor, school)) (t("已有一项申请在等您决定，见上方。", " has a request that waits for your decision, above.")) },
                    Some(school) => (form(visitor, &year, school, attempt)),
                    None if !meant.found.is_empty() => (offered(visitor, &year, &meant.found)),
                    None if !meant.search.is_empty() => (empty(t("没有找到这样的学校", "No such school"), html! { a href="/registry" { (t("到机构名录里查代码", "Look its code up in the register")) } })),
                    None => {},
                }
            } @else {
                p { (t("这一年度现在不收年报或没有截止时间，没有可以延长的期限。", "The year takes no reports now, or has no deadline: there is nothing to extend.")) }
            }
        }
    }
}

fn name(visitor: &Visitor, school: &Organisation) -> Markup {
    let lang = visitor.lang();
    let name = name_or(lang, school.name.as_ref(), &school.code);
    html! { (name) @if school.demonstration && !says_demonstration(name) { " " (demo(lang)) } }
}

fn offered(visitor: &Visitor, year: &str, found: &[Organisation]) -> Markup {
    let t = words(visitor.lang());
    html! {
        p { (t("是哪一所？", "Which of these?")) }
        ul {
            @for one in found {
                li { a href={ (link::address("/extensions", &[("year", year), ("school", &one.code)])) "#behalf" } { (name(visitor, one)) } " " span.grey { (one.code) } }
            }
        }
    }
}

fn form(visitor: &Visitor, year: &str, school: &Organisation, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let keep = format!("extension/{year}/{}/{ON_BEHALF}", school.code);
    html! {
        h3 { (name(visitor, school)) }
        (Form { action: "/extensions/given", attempt, keep: &keep }.around(html! {
            (hidden("concerns", ON_BEHALF)) (hidden("cycle_year", year)) (hidden("organisation_code", &school.code))
            (Field::new(Kind::Lines, "reason", t("理由", "Reason"), attempt, "").distinct(ON_BEHALF).hint(t("写明谁在什么时候提出、为什么赶不上，不超过 500 字。", "Who asked, when, and why it cannot be done in time; at most 500 characters.")))
            (Field::new(Kind::Moment, "wanted_time", t("延到（北京时间）", "Until (Beijing time)"), attempt, "").distinct(ON_BEHALF))
            div.actions {
                button.primary type="submit" { (t("同意延期", "Grant the extension")) }
                button type="submit" formaction="/extensions" { (t("只登记申请，以后决定", "Only record the request")) }
                span.saved data-saved {}
            }
        }))
    }
}

/// Records what the school asked for and grants it. What was recorded stays recorded if it cannot be granted.
async fn give(visitor: Visitor, form: FormData) -> Answer {
    let Some(request) = asked_for(&form) else { return no_wanted_time(&visitor, form).await };
    let request_id = derived_request_id(&format!("{}/grant", request.request_id));
    let mut extensions = visitor.clients().extensions();
    let outcome = async {
        let asked = extensions.request_extension(request).await?.into_inner().extension.unwrap_or_default();
        let grant = GrantExtensionRequest {
            request_id,
            extension_id: asked.extension_id,
            etag: asked.etag,
            granted_time: asked.wanted_time,
            decision: String::new(),
        };
        extensions.grant_extension(grant).await.map(|_| "granted")
    };
    let outcome = outcome.await;
    conclude(&visitor, form, outcome).await
}
