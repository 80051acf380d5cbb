//! The procedures, with what of them is the reader's to do.

use axum::{extract::Query, response::Response};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        Item, ListItemsRequest, ListProceduresRequest, ListSchemesRequest, Procedure, Scheme, procedure,
    },
};

use super::{at, mark, place, title};
use crate::{
    pages::{lookup, reminders::items_link},
    say,
    web::{
        components::{Field, Form, Kind, empty, id_of, pager, refusal},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

/// How many things to do the page shows; the rest are behind the procedures.
const SHOWN: i32 = 50;

#[derive(Deserialize)]
pub(super) struct Paging {
    #[serde(default)]
    page: String,
}

pub(super) async fn list(visitor: Visitor, Query(paging): Query<Paging>) -> Answer {
    page(&visitor, &paging.page, &Attempt::default()).await
}

/// What the page is made from.
struct Shown<'a> {
    visitor: &'a Visitor,
    procedures: &'a [Procedure],
    mine: &'a [Item],
    schemes: &'a [Scheme],
    attempt: &'a Attempt,
}

pub(super) async fn page(visitor: &Visitor, token: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let clients = visitor.clients();
    let request =
        ListProceduresRequest { page_size: SHOWN, page_token: token.to_owned(), ..Default::default() };
    let answer = clients.procedures().list_procedures(request).await?.into_inner();
    let request = ListItemsRequest { page_size: SHOWN, mine: true, ..Default::default() };
    let mine = clients.items().list_items(request).await?.into_inner().items;
    let schemes = clients.schemes().list_schemes(ListSchemesRequest {}).await?.into_inner().schemes;
    let next = (!answer.next_page_token.is_empty())
        .then(|| link::address("/procedures", &[("page", &answer.next_page_token)]));
    let shown = Shown { visitor, procedures: &answer.procedures, mine: &mine, schemes: &schemes, attempt };
    render(&shown, next.as_deref(), token.is_empty()).await
}

async fn render(shown: &Shown<'_>, next: Option<&str>, on_first: bool) -> Result<Response, Failure> {
    let Shown { visitor, procedures, mine, attempt, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let name = t("评审工作", "Procedures");
    let opening = if visitor.has(Role::Commission) {
        opening(shown).await?
    } else {
        html! {}
    };
    let content = html! {
        div.head {
            div {
                h1 { (name) }
                p.lead { (t("民办高校评估、社会服务绩效、教材与案例遴选、项目验收等，按步骤办理。", "Inspections, social service, selections and acceptances, step by step.")) }
            }
            (items_link(visitor))
        }
        (refusal(lang, attempt))
        h2 { (t("待我办理", "Yours to do")) }
        @if mine.is_empty() {
            p.grey { (t("现在没有需要您办理的事项。", "Nothing waits for you now.")) }
        } @else { div.scroll { (tasks(shown)) } }
        h2 { (t("各项工作", "All of them")) }
        @if procedures.is_empty() {
            (empty(t("还没有开展评审工作", "There are no procedures yet"),
                html! { (t("市教委发起之后会列在这里。", "What the commission opens is listed here.")) }))
        } @else { div.scroll { (table(shown)) } }
        (pager(lang, "/procedures", next, on_first))
        (opening)
    };
    Ok(workplace(visitor, Page::work(name, "/procedures", Place::Procedures), attempt, content))
}

fn tasks(shown: &Shown<'_>) -> Markup {
    let lang = shown.visitor.lang();
    let t = words(lang);
    let of = |item: &Item| shown.procedures.iter().find(|one| one.procedure_id == item.procedure_id);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("事项", "Item")) }
                th scope="col" { (t("工作", "Procedure")) }
                th scope="col" { (t("当前步骤", "Present step")) }
                th scope="col" { (t("本步期限", "Step due")) }
            } }
            tbody { @for item in shown.mine { tr {
                th scope="row" { a href={ "/items/" (item.item_id) } { (title(lang, item)) } }
                td { @if let Some(procedure) = of(item) { (name_or(lang, procedure.name.as_ref(), "")) } @else { "—" } }
                td { @if let Some(procedure) = of(item) { (place(lang, procedure, at(item))) } " " (mark(lang, item)) }
                td { (due(shown.visitor, item)) }
            } } }
        }
    }
}

/// When the present step is due; a dash if it has no date.
pub(super) fn due(visitor: &Visitor, item: &Item) -> Markup {
    html! {
        @if item.due_date.is_empty() { span.grey { "–" } }
        @else { (format::deadline_day(visitor.lang(), &item.due_date, visitor.now())) }
    }
}

fn table(shown: &Shown<'_>) -> Markup {
    let (lang, now) = (shown.visitor.lang(), shown.visitor.now());
    let t = words(lang);
    let count = |procedure: &Procedure, steps: bool| -> i32 {
        let is_step = |code: &str| procedure.steps.iter().any(|step| step.code == code);
        procedure.counts.iter().filter(|one| is_step(&one.code) == steps).map(|one| one.count).sum()
    };
    html! {
        table {
            thead { tr {
                th scope="col" { (t("工作", "Procedure")) }
                th.number scope="col" { (t("年度", "Year")) }
                th scope="col" { (t("状态", "State")) }
                th.number scope="col" { (t("办理中（项）", "Under way")) }
                th.number scope="col" { (t("已办结（项）", "Ended")) }
                th scope="col" { (t("申报截止", "Applications due")) }
            } }
            tbody { @for procedure in shown.procedures { tr {
                th scope="row" { a href={ "/procedures/" (procedure.procedure_id) } { (name_or(lang, procedure.name.as_ref(), &procedure.procedure_id)) } }
                td.number { (procedure.cycle_year) }
                td { (state(shown.visitor, procedure)) }
                td.number { (count(procedure, true)) }
                td.number { (count(procedure, false)) }
                td { @if procedure.apply_due_date.is_empty() { span.grey { "–" } } @else { (format::exact_day(lang, &procedure.apply_due_date, now)) } }
            } } }
        }
    }
}

/// How far a procedure is.
pub(super) fn state(visitor: &Visitor, procedure: &Procedure) -> &'static str {
    let t = words(visitor.lang());
    match (procedure.state(), procedure.round_id.is_empty()) {
        (procedure::State::Closed, _) => t("已结束", "Closed"),
        (_, false) => t("评审已开始", "Review begun"),
        (_, true) => t("办理中", "Open"),
    }
}

/// The commission's form for a new one.
async fn opening(shown: &Shown<'_>) -> Result<Markup, Failure> {
    let Shown { visitor, schemes, attempt, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    let cycles = lookup::cycles(visitor).await?;
    let offered = schemes.iter().filter(|scheme| !scheme.steps.is_empty());
    let chosen = attempt.form.get("scheme_code");
    let year = cycles.first().map(|cycle| cycle.year.to_string()).unwrap_or_default();
    let count = schemes.len();
    Ok(html! {
        details open[attempt.is_refused()] {
            summary { (t("发起一项工作", "Open a procedure")) }
            (Form { action: "/procedures", attempt, keep: "" }.around(html! {
                p.hint { (say!(lang, "共有 {count} 个方案。步骤、表单、评分和去向都在方案文件里。", "There are {count} schemes; steps, forms, scores and ways out are in their files.")) }
                div.field {
                    label for=(id_of("scheme_code")) { (t("方案", "Scheme")) }
                    select id=(id_of("scheme_code")) name="scheme_code" {
                        @for scheme in offered {
                            option value=(scheme.code) selected[scheme.code == chosen] { (name_or(lang, scheme.name.as_ref(), &scheme.code)) }
                        }
                    }
                    @if let Some(fault) = attempt.fault("scheme_code") { span.wrong-text { (fault) } }
                }
                (Field::new(Kind::Whole, "cycle_year", t("年度", "Year"), attempt, &year))
                div.actions { button.primary type="submit" { (t("发起", "Open it")) } }
            }))
        }
    })
}
