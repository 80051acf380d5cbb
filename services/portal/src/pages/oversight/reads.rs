//! Who looked at a round's results while they were sealed.

use axum::extract::{Path, Query};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::review::v1::{GetRoundRequest, ListSealedReadsRequest, SealedRead};

use crate::web::{
    components::{empty, pager, trail},
    error::Answer,
    form::Attempt,
    format,
    i18n::{name_or, words},
    layout::{Page, Place, workplace},
    link,
    session::Visitor,
};

#[derive(Deserialize)]
pub struct Filter {
    #[serde(default)]
    page: String,
}

pub async fn list(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let round = visitor.clients().rounds().get_round(GetRoundRequest { round_id: id.clone() }).await?;
    let round = round.into_inner().round.unwrap_or_default();
    let request =
        ListSealedReadsRequest { page_size: 100, page_token: filter.page.clone(), round_id: id.clone() };
    let answer = visitor.clients().seals().list_sealed_reads(request).await?.into_inner();
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("公布前的查阅记录", "Who looked before the reveal");
    let up = format!("/rounds/{}", link::segment(&id));
    let address = |page: &str| link::address(&format!("{up}/reads"), &[("page", page)]);
    let next = (!answer.next_page_token.is_empty()).then(|| address(&answer.next_page_token));
    let content = html! {
        (trail(lang, &[("/rounds", t("评审轮次", "Rounds")), (&up, name_or(lang, round.name.as_ref(), &id))]))
        div.head { div {
            h1 { (title) }
            p.lead { (t("定级之后、向学校公布之前，谁在什么时候看过什么。每次查阅先记录、后显示，审计记录里也有。", "Who saw what, and when, between grading and the reveal. Each look is recorded before it is answered; the audit trail has it too.")) }
        } }
        @if answer.reads.is_empty() {
            (empty(t("没有人在公布前查阅过结果", "Nobody looked before the reveal"), html! {}))
        } @else { div.scroll { (table(&visitor, &answer.reads)) } }
        (pager(lang, &address(""), next.as_deref(), filter.page.is_empty()))
    };
    Ok(workplace(&visitor, Page::work(title, &address(""), Place::Rounds), &Attempt::default(), content))
}

fn table(visitor: &Visitor, reads: &[SealedRead]) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let what = |action: &str| match action {
        "entry.list" => t("专业和等级", "programmes and grades"),
        "round.distribution" => t("等级分布", "how many have each grade"),
        "round.agreement" => t("评分一致性", "how far reviewers agree"),
        "rectification.list" | "rectification.read" => t("整改单", "rectifications"),
        "feedback.read" => t("给学校的反馈", "feedback to schools"),
        _ => t("结果", "results"),
    };
    html! {
        table {
            thead { tr {
                th scope="col" { (t("时间", "When")) }
                th scope="col" { (t("查阅人", "Who")) }
                th scope="col" { (t("看了什么", "What")) }
                th scope="col" { (t("专业代码", "Programmes")) }
                th.number scope="col" { (t("结果数", "Results")) }
            } }
            tbody {
                @for read in reads {
                    tr {
                        td { @if let Some(time) = format::moment(read.time.as_ref()) { (format::exact(lang, time, now)) } }
                        td { @if read.account_id.starts_with("service:") { (t("系统：", "system: ")) } (read.account_name) }
                        td { (what(&read.action)) }
                        td { @if read.what.is_empty() { span.grey { (t("整轮", "the round")) } } @else { span.code { (read.what) } } }
                        td.number { (read.count) }
                    }
                }
            }
        }
    }
}
