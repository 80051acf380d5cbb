//! One replay: its progress, then what its rules did.

use axum::{
    Json, Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::{Operation, operation},
    submission::v1::{ListReplayRulesRequest, Replay, ReplayRule, replay::Revisions},
};

use super::{fields, find, state, years};
use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    say,
    web::{
        components::trail,
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/lab/{id}", get(show)).route("/lab/{id}/operation", get(progress_of))
}

async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.signed_in()?;
    let replay = find(&visitor, &id).await?;
    let rules = if replay.end_time.is_some() { rules(&visitor, &id).await? } else { vec![] };
    Ok(page(&visitor, &replay, &rules))
}

/// What the script asks while work is under way.
async fn progress_of(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let replay = find(&visitor, &id).await?;
    let operation = replay.operation.clone().unwrap_or_default();
    let body = serde_json::json!({
        "ended": running(&replay).is_none(), "done": operation.done, "total": operation.total,
        "note": note(visitor.lang(), &operation),
    });
    Ok(Json(body).into_response())
}

/// All rules of a finished replay.
pub async fn rules(visitor: &Visitor, replay_id: &str) -> Result<Vec<ReplayRule>, Failure> {
    all_pages(|page_token| {
        let mut lab = visitor.clients().lab();
        let replay_id = replay_id.to_owned();
        async move {
            let request = ListReplayRulesRequest { replay_id, page_size: WHOLE_PAGE, page_token };
            let answer = lab.list_replay_rules(request).await?.into_inner();
            Ok((answer.rules, answer.next_page_token))
        }
    })
    .await
}

/// The operation, while it is under way.
fn running(replay: &Replay) -> Option<&Operation> {
    let going =
        |one: &&Operation| matches!(one.state(), operation::State::Queued | operation::State::Running);
    replay.operation.as_ref().filter(going)
}

fn note(lang: Lang, operation: &Operation) -> String {
    let (done, total) = (operation.done, operation.total);
    match (lang.pick(&operation.note_zh, &operation.note_en), total) {
        ("", _) => lang.pick("准备中", "preparing").to_owned(),
        (note, 0) => note.to_owned(),
        (note, _) => say!(lang, "{note}（{done}/{total}）", "{note} ({done}/{total})"),
    }
}

fn page(visitor: &Visitor, replay: &Replay, rules: &[ReplayRule]) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let id = replay.replay_id.as_str();
    let address = format!("/lab/{id}");
    let running = running(replay);
    let content = html! {
        (trail(lang, &[("/cycles", t("年度", "Cycles")), ("/lab", t("规则试行", "Rule lab"))]))
        div.head {
            div { h1 { (replay.name) } p.lead { (state(lang, replay)) } }
            div.actions { a.button href=(link::address("/lab/new", &[("again", id)])) { (t("修改草案再试", "Change the draft and try again")) } }
        }
        @if let Some(operation) = running { (waiting(lang, &address, operation)) }
        (failed(lang, replay))
        (facts(visitor, replay))
        @if replay.end_time.is_some() {
            (sums(lang, replay))
            (result(lang, &address, rules))
        }
        details {
            summary { (t("草案全文", "The draft")) }
            pre.scroll tabindex="0" { (replay.rules_toml) }
        }
    };
    let refresh = running.map(|_| 2);
    let page = Page { refresh, ..Page::work(&replay.name, &address, Place::Cycles) };
    workplace(visitor, page, &Attempt::default(), content)
}

fn waiting(lang: Lang, address: &str, operation: &Operation) -> Markup {
    let t = words(lang);
    let (done, total) = (operation.done, operation.total);
    html! {
        div.banner role="status" data-operation={ (address) "/operation" } {
            h2 { (t("正在回放年报", "Replaying reports")) }
            p { progress.wide value=[(total > 0).then_some(done)] max=(total.max(1)) aria-label=(t("回放进度", "Progress")) {} }
            p data-note { (note(lang, operation)) }
            p.hint { (t("可以离开这一页，回放会继续；服务重启后也会接着做。", "You may leave this page; the work goes on, after a restart too.")) }
        }
    }
}

fn failed(lang: Lang, replay: &Replay) -> Markup {
    let t = words(lang);
    let failed = replay.operation.as_ref().filter(|operation| operation.state() == operation::State::Failed);
    html! {
        @if let Some(operation) = failed {
            div.banner.wrong role="alert" {
                h2 { (t("这次回放没有完成", "This replay failed")) }
                p { (lang.pick(&operation.note_zh, &operation.note_en)) }
                p { (t("草案还在，可以再试一次。", "The draft is still here; try it again.")) }
            }
        }
    }
}

fn facts(visitor: &Visitor, replay: &Replay) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let done = replay.end_time.is_some();
    let (reports, revisions, left_out) = (replay.reports, replay.revisions_replayed, replay.reports_left_out);
    html! {
        dl.facts {
            dt { (t("试行年度", "Tried on")) } dd { (years(lang, replay)) }
            dt { (t("对比的规则", "Compared with")) } dd { @let year = replay.catalogue_year; (say!(lang, "{year} 年现行规则", "the rules in force of {year}")) }
            dt { (t("试行的版本", "Revisions")) }
            dd { @if replay.revisions() == Revisions::All { (t("提交过的每一版", "every one that was submitted")) } @else { (t("已接收的一版，没有接收的用最近提交的", "the accepted one, else the newest")) } }
            @if done {
                dt { (t("年报", "Reports")) }
                dd {
                    (say!(lang, "{reports} 份，{revisions} 版", "{reports}, in {revisions} revisions"))
                    @if left_out > 0 { (say!(lang, "；另有 {left_out} 份的种类不在目录中，没有试行", "; {left_out} of kinds that the catalogue does not have were left out")) }
                }
            }
            dt { (t("试行人", "By")) }
            dd { (replay.author) @if let Some(time) = format::moment(replay.create_time.as_ref()) { " " (format::happened(lang, time, visitor.now())) } }
        }
    }
}

fn sums(lang: Lang, replay: &Replay) -> Markup {
    let Replay { newly_fires, no_longer_fires, unchanged, .. } = replay;
    html! {
        p {
            strong { (say!(lang, "新提出 {newly_fires} 处，不再提出 {no_longer_fires} 处，与现行相同 {unchanged} 处。", "{newly_fires} findings are new, {no_longer_fires} are gone, {unchanged} are as in force.")) }
        }
    }
}

/// What each rule did; those that do something else than in force come first on the page, the others fold away.
fn result(lang: Lang, address: &str, rules: &[ReplayRule]) -> Markup {
    let t = words(lang);
    let differs = |rule: &&ReplayRule| rule.newly_fires + rule.no_longer_fires > 0;
    let quiet = |rule: &&ReplayRule| !differs(rule);
    let count = rules.iter().filter(quiet).count();
    html! {
        div.table-head {
            h2 { (t("逐条规则", "Rule by rule")) }
            a.get href={ (address) "/rules.csv" } download { (t("导出 CSV", "Export CSV")) }
        }
        p {
            a href={ (address) "/organisations" } { (t("按单位查看", "See it by organisation")) } " · "
            a href={ (address) "/firings" } { (t("逐处查看", "See every finding")) }
        }
        @if rules.iter().any(|rule| differs(&rule)) {
            (table(lang, address, rules.iter().filter(differs)))
        } @else {
            p { (t("在这些年报上，草案与现行规则的结果完全相同。", "On these reports the draft finds what the rules in force find.")) }
        }
        @if count > 0 {
            details {
                summary { (say!(lang, "结果没有变化的规则（{count} 条）", "Rules with the same outcome ({count})")) }
                (table(lang, address, rules.iter().filter(quiet)))
            }
        }
    }
}

fn table<'a>(lang: Lang, address: &str, rules: impl Iterator<Item = &'a ReplayRule>) -> Markup {
    let t = words(lang);
    html! {
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("规则", "Rule")) }
                th scope="col" { (t("与现行相比", "Standing")) }
                th scope="col" { (t("级别", "Weight")) }
                th.number scope="col" { (t("新提出", "New")) }
                th.number scope="col" { (t("不再提出", "No longer")) }
                th.number scope="col" { (t("相同", "Unchanged")) }
                th.number scope="col" { (t("涉及年报", "Reports")) }
                th.number scope="col" { (t("涉及单位", "Organisations")) }
                th scope="col" { (t("提示与算式", "Message and expression")) }
            } }
            tbody { @for rule in rules {
                tr {
                    th scope="row" { a.code href={ (address) "/rules/" (link::segment(&rule.rule_code)) } { (rule.rule_code) } }
                    td { (fields::standing(lang, rule.standing())) }
                    td { (fields::weights(lang, rule.severity(), rule.severity_in_force())) }
                    td.number { (rule.newly_fires) }
                    td.number { (rule.no_longer_fires) }
                    td.number { (rule.unchanged) }
                    td.number { (of_reports(lang, rule)) }
                    td.number { (rule.organisations_fired) }
                    td { (text(lang, rule.message.as_ref())) br; span.code.small { (rule.expression) } }
                }
            } }
        } }
    }
}

/// "12 / 189（6%）".
fn of_reports(lang: Lang, rule: &ReplayRule) -> String {
    let (fired, all) = (rule.reports_fired, rule.reports);
    match format::share(fired.unsigned_abs(), all.unsigned_abs()) {
        Some(share) => say!(lang, "{fired} / {all}（{share}）", "{fired} / {all} ({share})"),
        None => format!("{fired} / {all}"),
    }
}
