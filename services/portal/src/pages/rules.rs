//! The checks of a year, stage by stage, each with how it stands to the year before.

use axum::{Router, extract::Path, routing::get};
use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::submission::v1::{Catalogue, GetCatalogueRequest, Rule, RuleStanding};

use crate::{
    pages::lookup::kind_name,
    say,
    web::{
        components::trail,
        error::{Answer, Failure},
        form::Attempt,
        i18n::{text, words},
        layout::{Page, Place, workplace},
        session::Visitor,
        states,
        year::Year,
    },
};

pub fn routes() -> Router {
    Router::new().route("/rules/{year}", get(show))
}

async fn show(visitor: Visitor, Path(Year(year)): Path<Year>) -> Answer {
    visitor.signed_in()?;
    let request = GetCatalogueRequest { year };
    let answer = visitor.clients().catalogues().get_catalogue(request).await?.into_inner();
    let catalogue = answer.catalogue.ok_or_else(Failure::not_found)?;
    let lang = visitor.lang();
    let t = words(lang);
    let title = say!(lang, "{year} 年检查规则", "Checks of {year}");
    let address = format!("/rules/{year}");
    let count = |standing| catalogue.rules.iter().filter(|rule| rule.standing() == standing).count();
    let [new, changed, carried] =
        [RuleStanding::New, RuleStanding::Changed, RuleStanding::Carried].map(count);
    let content = html! {
        (trail(lang, &[("/submissions", t("年报填报", "Reports"))]))
        div.head { div {
            h1 { (title) }
            p.lead { (say!(lang, "与上一年比：新增 {new} 条，有变动 {changed} 条，沿用 {carried} 条。检查按七个步骤依次进行。", "Against the year before: {new} new, {changed} changed, {carried} carried over. They run in seven stages.")) }
        } }
        @for kind in &catalogue.report_kinds {
            h2 id=(kind.code) { (kind_name(lang, &catalogue, &kind.code)) }
            (of_kind(lang, &catalogue, &kind.code))
        }
    };
    Ok(workplace(&visitor, Page::work(&title, &address, Place::Submissions), &Attempt::default(), content))
}

/// The rules of a kind of report, in the order in which they run.
fn of_kind(lang: Lang, catalogue: &Catalogue, kind: &str) -> Markup {
    let t = words(lang);
    let rules: Vec<&Rule> =
        catalogue.rules.iter().filter(|rule| rule.report_kinds.iter().any(|code| code == kind)).collect();
    html! {
        @for stage in rules.chunk_by(|one, next| one.stage == next.stage) {
            div.scroll { table {
                @if let Some(first) = stage.first() { caption { (states::stage(lang, first.stage())) } }
                thead { tr {
                    th scope="col" { (t("编号", "Code")) }
                    th scope="col" { (t("查什么", "What it finds")) }
                    th scope="col" { (t("须满足", "What must hold")) }
                    th scope="col" { (t("分量", "Weight")) }
                    th scope="col" { (t("与上年比", "Against last year")) }
                } }
                tbody { @for rule in stage { tr {
                    th.code scope="row" { (rule.code) }
                    td { (plain(lang, rule)) }
                    td {
                        code.small { (rule.expression) }
                        @if !rule.tolerance.is_empty() { div.grey.small { (t("容差 ", "tolerance ")) (rule.tolerance) } }
                    }
                    td { (states::severity(lang, rule.severity(), false)) }
                    td { (states::standing(lang, rule.standing())) }
                } } }
            } }
        }
    }
}

/// The message without the places that a finding fills in.
fn plain(lang: Lang, rule: &Rule) -> String {
    let t = words(lang);
    let message = text(lang, rule.message.as_ref());
    [
        ("{code} {name}", t("某项指标", "an indicator")),
        ("{section}", t("某一节", "a section")),
        ("{code}", t("某项指标", "an indicator")),
        ("{name}", ""),
        ("{platform_date}", t("某日", "a day")),
        ("{platform_value}", t("平台数值", "the platform's value")),
        ("{platform_scope}", t("口径", "its scope")),
    ]
    .iter()
    .fold(message.to_owned(), |message, (place, word)| message.replace(place, word))
}
