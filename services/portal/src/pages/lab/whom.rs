//! For whom a draft fires: by organisation, and finding by finding with the numbers behind each.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    Firing, ListFiringsRequest, ListReplayOrganisationsRequest, Replay, ReplayOrganisation, firing::Change,
};

use super::{fields, find};
use crate::{
    pages::lookup::Organisations,
    web::{
        components::{empty, pager, trail},
        error::Answer,
        form::Attempt,
        i18n::{text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/lab/{id}/organisations", get(organisations))
        .route("/lab/{id}/firings", get(firings))
        .route("/lab/{id}/rules/{code}", get(of_rule))
}

/// How many lines one page has.
const LINES: i32 = 100;

/// Which findings are looked at.
#[derive(Deserialize, Default)]
pub struct Filter {
    #[serde(default)]
    pub rule: String,
    #[serde(default)]
    pub organisation: String,
    #[serde(default)]
    pub change: String,
    #[serde(default)]
    page: String,
}

impl Filter {
    /// The question for one page of them.
    pub fn request(&self, replay_id: &str, page_size: i32, page_token: String) -> ListFiringsRequest {
        ListFiringsRequest {
            replay_id: replay_id.to_owned(),
            rule_code: self.rule.clone(),
            organisation_code: self.organisation.clone(),
            change: fields::change_of(&self.change).into(),
            page_size,
            page_token,
        }
    }

    /// An address of these findings under a replay.
    fn address(&self, replay: &Replay, leaf: &str, change: &str, page: &str) -> String {
        let query = [
            ("rule", self.rule.as_str()),
            ("organisation", &self.organisation),
            ("change", change),
            ("page", page),
        ];
        link::address(&format!("/lab/{}/{leaf}", replay.replay_id), &query)
    }
}

async fn organisations(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let replay = find(&visitor, &id).await?;
    let request = ListReplayOrganisationsRequest {
        replay_id: id,
        rule_code: filter.rule.clone(),
        page_size: LINES,
        page_token: filter.page.clone(),
    };
    let answer = visitor.clients().lab().list_replay_organisations(request).await?.into_inner();
    let lang = visitor.lang();
    let t = words(lang);
    let rows = answer.organisations;
    let names = Organisations::of(&visitor, rows.iter().map(|row| row.organisation_code.as_str())).await?;
    let title = t("按单位查看", "By organisation");
    let up = format!("/lab/{}", replay.replay_id);
    let here = format!("{up}/organisations");
    let address = |page: &str| link::address(&here, &[("rule", &filter.rule), ("page", page)]);
    let next = (!answer.next_page_token.is_empty()).then(|| address(&answer.next_page_token));
    let content = html! {
        (trail(lang, &[("/lab", t("规则试行", "Rule lab")), (&up, &replay.name)]))
        div.table-head {
            h1 { (title) @if !filter.rule.is_empty() { " " span.code { (filter.rule) } } }
            a.get href=(link::address(&format!("{here}.csv"), &[("rule", &filter.rule)])) download { (t("导出 CSV", "Export CSV")) }
        }
        @if rows.is_empty() { (nothing(&visitor, &up)) } @else { (lines(&visitor, &replay, &rows, &names)) }
        (pager(lang, &address(""), next.as_deref(), filter.page.is_empty()))
    };
    Ok(workplace(
        &visitor,
        Page::work(title, &address(&filter.page), Place::Cycles),
        &Attempt::default(),
        content,
    ))
}

fn nothing(visitor: &Visitor, up: &str) -> Markup {
    let t = words(visitor.lang());
    empty(
        t("没有提出任何问题", "Nothing fires"),
        html! { a href=(up) { (t("回到试行结果", "Back to the result")) } },
    )
}

fn lines(visitor: &Visitor, replay: &Replay, rows: &[ReplayOrganisation], names: &Organisations) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("代码", "Code")) }
                th scope="col" { (t("单位", "Organisation")) }
                th.number scope="col" { (t("新提出", "New")) }
                th.number scope="col" { (t("不再提出", "No longer")) }
                th.number scope="col" { (t("相同", "Unchanged")) }
                th.number scope="col" { (t("涉及规则", "Rules")) }
                th.number scope="col" { (t("错误：草案", "Errors: draft")) }
                th.number scope="col" { (t("错误：现行", "Errors: in force")) }
            } }
            tbody { @for row in rows { tr {
                td.code { (row.organisation_code) }
                th scope="row" {
                    @let query = [("organisation", row.organisation_code.as_str())];
                    a href=(link::address(&format!("/lab/{}/firings", replay.replay_id), &query)) { (names.name(lang, &row.organisation_code)) }
                }
                td.number { (row.newly_fires) }
                td.number { (row.no_longer_fires) }
                td.number { (row.unchanged) }
                td.number { (row.rules_fired) }
                td.number { (row.errors) }
                td.number { (row.errors_in_force) }
            } } }
        } }
    }
}

async fn of_rule(
    visitor: Visitor,
    Path((id, code)): Path<(String, String)>,
    Query(filter): Query<Filter>,
) -> Answer {
    show(&visitor, &id, Filter { rule: code, ..filter }).await
}

async fn firings(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    show(&visitor, &id, filter).await
}

async fn show(visitor: &Visitor, id: &str, filter: Filter) -> Answer {
    visitor.signed_in()?;
    let replay = find(visitor, id).await?;
    let request = filter.request(id, LINES, filter.page.clone());
    let answer = visitor.clients().lab().list_firings(request).await?.into_inner();
    let codes =
        answer.firings.iter().flat_map(|one| [one.organisation_code.as_str(), one.subject_code.as_str()]);
    let codes = codes.chain([filter.organisation.as_str()]);
    let names = Organisations::of(visitor, codes).await?;
    Ok(page(visitor, &replay, &filter, &answer.firings, &answer.next_page_token, &names))
}

fn page(
    visitor: &Visitor,
    replay: &Replay,
    filter: &Filter,
    firings: &[Firing],
    next: &str,
    names: &Organisations,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let up = format!("/lab/{}", replay.replay_id);
    let title = match (filter.rule.as_str(), filter.organisation.as_str()) {
        ("", "") => t("逐处查看", "Finding by finding").to_owned(),
        ("", code) => names.plain(lang, code).to_owned(),
        (rule, _) => rule.to_owned(),
    };
    let address = |change: &str, page: &str| filter.address(replay, "firings", change, page);
    let here = address(&filter.change, &filter.page);
    let next = (!next.is_empty()).then(|| address(&filter.change, next));
    let wanted = fields::change_of(&filter.change);
    let current = |change: Change| (wanted == change).then_some("page");
    let content = html! {
        (trail(lang, &[("/lab", t("规则试行", "Rule lab")), (&up, &replay.name)]))
        div.table-head {
            h1 { (title) }
            a.get href=(filter.address(replay, "firings.csv", &filter.change, "")) download { (t("导出 CSV", "Export CSV")) }
        }
        nav.tabs aria-label=(t("与现行相比", "Compared with the rules in force")) {
            a href=(address("", "")) aria-current=[current(Change::Unspecified)] { (t("全部", "All")) }
            @for (change, key) in fields::CHANGES {
                a href=(address(key, "")) aria-current=[current(change)] { (fields::change(lang, change).word) }
            }
        }
        @if firings.is_empty() { (nothing(visitor, &up)) } @else { (found(visitor, replay, firings, names)) }
        (pager(lang, &address(&filter.change, ""), next.as_deref(), filter.page.is_empty()))
    };
    workplace(visitor, Page::work(&title, &here, Place::Cycles), &Attempt::default(), content)
}

fn found(visitor: &Visitor, replay: &Replay, firings: &[Firing], names: &Organisations) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("代码", "Code")) }
                th scope="col" { (t("单位", "Organisation")) }
                th scope="col" { (t("年报", "Report")) }
                th scope="col" { (t("规则", "Rule")) }
                th scope="col" { (t("与现行相比", "Compared")) }
                th scope="col" { (t("级别", "Weight")) }
                th scope="col" { (t("数值", "Numbers")) }
                th scope="col" { (t("提示", "Message")) }
            } }
            tbody { @for one in firings { tr {
                td.code { (one.organisation_code) }
                th scope="row" {
                    (names.name(lang, &one.organisation_code))
                    @if one.subject_code != one.organisation_code { br; span.grey { (names.name(lang, &one.subject_code)) } }
                }
                td { a href={ "/submissions/" (one.submission_id) } { (one.cycle_year) (t(" 年第 ", ", revision ")) (one.revision_number) (t(" 版", "")) } }
                td { a.code href={ "/lab/" (replay.replay_id) "/rules/" (link::segment(&one.rule_code)) } { (one.rule_code) } }
                td { (fields::change(lang, one.change())) }
                td { (fields::weights(lang, one.severity(), one.severity_in_force())) }
                td {
                    @if one.computation.is_empty() { span.grey { (one.indicator_codes.join(" ")) } }
                    @else { span.code { (one.computation) } @if !one.indicator_codes.is_empty() { br; span.small.grey { (one.indicator_codes.join(" ")) } } }
                }
                td { (text(lang, one.message.as_ref())) }
            } } }
        } }
    }
}
