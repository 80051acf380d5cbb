//! Corrections of what is published, prepared beside it; and who looked before it was public.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    common::v1::Text,
    identity::v1::Role,
    publication::v1::{
        DropCorrectionRequest, ListEarlyReadsRequest, OpenCorrectionRequest, Release, VersionKind, release,
    },
};

use super::{conclude, show::find, show::step};
use crate::{
    pages::{releases::release_title, see_other},
    web::{
        components::{Field, Form, Kind, empty, hidden, pager, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
        year::Year,
    },
};

/// The kinds of correction, as forms spell them.
const KINDS: [(&str, VersionKind, &str, &str); 4] = [
    ("erratum", VersionKind::Erratum, "数字或文字有误，改正过来", "figures or words were wrong"),
    ("revision", VersionKind::Revision, "数据或口径有变，重新计算", "data or method changed"),
    ("addition", VersionKind::Addition, "补充原来没有的内容", "something is added"),
    (
        "withdrawal",
        VersionKind::Withdrawal,
        "整个结果不再有效；原地址保留并说明理由",
        "the results no longer hold; the address stays and says why",
    ),
];

pub async fn form(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    page(&visitor, year, &Attempt::default()).await
}

async fn page(visitor: &Visitor, year: i32, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let release = find(visitor, year).await?.ok_or_else(Failure::not_found)?;
    Ok(render(visitor, &release, attempt))
}

fn render(visitor: &Visitor, release: &Release, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let year = release.year;
    let title = t("立更正", "Open a correction");
    let (up, address) = (format!("/publish/{year}"), format!("/publish/{year}/correct"));
    let chosen = attempt.form.or("kind", "");
    let content = html! {
        (trail(lang, &[("/publish", t("编制发布", "Publish")), (&up, &release_title(lang, release))]))
        div.head { div {
            h1 { (title) }
            p.lead { (t("已发布的版本不会改动：更正重新编制，经两人确认后作为新的一版发布，旧版留在原地址。", "What is published stays as it is: a correction is compiled anew and published as the next version by two people; the old one keeps its address.")) }
        } }
        (refusal(lang, attempt))
        (Form { action: &address, attempt, keep: "correction" }.around(html! {
            (hidden("etag", &release.etag))
            fieldset {
                legend { (t("类别", "Kind")) }
                @for (key, kind, zh, en) in KINDS {
                    label.choice {
                        input type="radio" name="kind" value=(key) checked[chosen == key];
                        span { strong { (states::version_kind(lang, kind)) } " " span.grey { (lang.pick(zh, en)) } }
                    }
                }
                @if let Some(fault) = attempt.fault("kind") { p.fault { (fault) } }
            }
            (Field::new(Kind::Lines, "text.zh", t("公告（中文）", "Announcement in Chinese"), attempt, "")
                .hint(t("说明改了什么、为什么；撤回请写明理由。最多 2,000 字，随新版一起公开。", "Say what changes and why; a withdrawal says its reason. At most 2,000 characters; public with the new version.")))
            (Field::new(Kind::Lines, "text.en", t("公告（英文）", "Announcement in English"), attempt, ""))
            div.actions { button.primary type="submit" { (t("立更正", "Open the correction")) } }
        }))
    };
    workplace(visitor, Page::work(title, &address, Place::Publish), attempt, content)
}

pub async fn open(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let chosen = form.get("kind").to_owned();
    let kind =
        KINDS.iter().find(|(key, ..)| *key == chosen).map_or(VersionKind::Unspecified, |(_, kind, ..)| *kind);
    let request = OpenCorrectionRequest {
        request_id: form.request_id(),
        year,
        etag: form.get("etag").to_owned(),
        kind: kind.into(),
        text: Some(Text { zh: form.lines("text.zh"), en: form.lines("text.en") }),
    };
    match visitor.clients().release_corrections().open_correction(request).await {
        Ok(_) => Ok(see_other(&format!("/publish/{year}"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, year, &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

pub async fn drop(visitor: Visitor, Path(Year(year)): Path<Year>, form: FormData) -> Answer {
    let request =
        DropCorrectionRequest { request_id: form.request_id(), year, etag: form.get("etag").to_owned() };
    let outcome = visitor.clients().release_corrections().drop_correction(request).await;
    conclude(&visitor, year, form, outcome).await
}

/// What is being prepared beside what is published, or the way to begin it.
pub fn standing(visitor: &Visitor, release: &Release, attempt: &Attempt) -> Markup {
    use release::State;
    let lang = visitor.lang();
    let t = words(lang);
    let year = release.year;
    if !matches!(release.state(), State::Published | State::Corrected) {
        return html! {};
    }
    let publisher = visitor.has(Role::Publisher);
    let Some(correction) = &release.correction else {
        return html! {
            @if publisher { p { a.button href={ "/publish/" (year) "/correct" } { (t("立更正", "Open a correction")) } } }
        };
    };
    let kind = correction.kind();
    html! {
        h2 { (t("准备中的更正：", "Correction in preparation: ")) (states::version_kind(lang, kind)) }
        p.prose { (text(lang, correction.text.as_ref())) }
        @if kind != VersionKind::Withdrawal {
            @if correction.compiled {
                p { a href={ "/releases/" (year) "/changes?from=" (release.version) } { (t("核对与现行版本的差异", "Look over the differences from what is published")) } }
            } @else {
                p { (t("还没有重新编制：编制之后核对差异，再提出发布。公众看到的仍是现行版本。", "Not compiled yet: compile, look over the differences, then propose. The public still reads what is published.")) }
            }
        }
        @if publisher && release.proposal.is_none() {
            (step(release, attempt, "drop", t("放弃这份更正", "Give this correction up"), false))
        }
    }
}

#[derive(Deserialize)]
pub struct Filter {
    #[serde(default)]
    page: String,
}

/// Who looked at tables before they were public.
pub async fn reads(visitor: Visitor, Path(Year(year)): Path<Year>, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let request = ListEarlyReadsRequest { page_size: 100, page_token: filter.page.clone(), year };
    let answer = visitor.clients().releases().list_early_reads(request).await?.into_inner();
    let title = t("公开前的查阅记录", "Who looked before it was public");
    let up = format!("/publish/{year}");
    let address = |page: &str| link::address(&format!("{up}/reads"), &[("page", page)]);
    let next = (!answer.next_page_token.is_empty()).then(|| address(&answer.next_page_token));
    let content = html! {
        (trail(lang, &[("/publish", t("编制发布", "Publish")), (&up, &year.to_string())]))
        div.head { div {
            h1 { (title) }
            p.lead { (t("结果公开之前，谁在什么时候看过哪张表。每次查阅先记录、后显示，审计记录里也有。", "Who read which table, and when, before it was public. Each look is recorded before it is answered; the audit trail has it too.")) }
        } }
        @if answer.reads.is_empty() {
            (empty(t("没有人在公开前查阅过数据表", "Nobody looked before it was public"), html! {}))
        } @else { div.scroll { table {
            thead { tr {
                th scope="col" { (t("时间", "When")) }
                th scope="col" { (t("查阅人", "Who")) }
                th scope="col" { (t("看了什么", "What")) }
            } }
            tbody { @for read in &answer.reads { tr {
                td { @if let Some(time) = format::moment(read.time.as_ref()) { (format::exact(lang, time, now)) } }
                td { @if read.account_id.starts_with("service:") { (t("系统：", "system: ")) } (read.account_name) }
                td { (t("表 ", "table ")) span.code { (read.what) } }
            } } }
        } } }
        (pager(lang, &address(""), next.as_deref(), filter.page.is_empty()))
    };
    Ok(workplace(&visitor, Page::work(title, &address(""), Place::Publish), &Attempt::default(), content))
}
