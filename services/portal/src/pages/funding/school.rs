//! One school's funding, programme by programme, and what if it were different.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::review::v1::{
    EstimateFundingRequest, EstimateFundingResponse, FundingChange, FundingEstimate, FundingPerformance,
    FundingPolicy,
};

use super::{coefficients, difference, edit, formula, formula_choice, grouped, may_edit, policy_facts};
use crate::{
    pages::lookup::Organisations,
    say,
    web::{
        components::{demo, done, empty, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/funding/{year}/{code}", get(show))
}

#[derive(Deserialize, Default)]
struct Asked {
    /// Students as typed, "710205=120".
    #[serde(default)]
    students: String,
    #[serde(default)]
    coefficients: String,
    #[serde(default)]
    formula: String,
    /// Performance as typed, "quality=1.1".
    #[serde(default)]
    performance: String,
    #[serde(default)]
    done: String,
}

impl Asked {
    fn is_change(&self) -> bool {
        [&self.students, &self.coefficients, &self.formula, &self.performance]
            .iter()
            .any(|typed| !typed.trim().is_empty())
    }

    fn change(&self) -> FundingChange {
        let (major_classes, programmes) = coefficients(&self.coefficients);
        let pairs = |typed: &str| {
            let (mut all, more) = coefficients(typed);
            all.extend(more);
            all
        };
        FundingChange {
            formula: formula(&self.formula).into(),
            major_classes,
            programmes,
            headcounts: pairs(&self.students)
                .into_iter()
                .map(|one| edit::headcount(&one.code, &one.coefficient))
                .collect(),
            performance: pairs(&self.performance)
                .into_iter()
                .map(|one| FundingPerformance { part_code: one.code, coefficient: one.coefficient })
                .collect(),
            ..FundingChange::default()
        }
    }
}

async fn show(
    visitor: Visitor,
    Path((year, code)): Path<(i32, String)>,
    Query(asked): Query<Asked>,
) -> Answer {
    visitor.signed_in()?;
    let request = |change| EstimateFundingRequest {
        year,
        organisation_code: code.clone(),
        change,
        ..EstimateFundingRequest::default()
    };
    let mut client = visitor.clients().funding();
    let (answer, attempt) = match client.estimate_funding(request(Some(asked.change()))).await {
        Ok(answer) => (answer.into_inner(), Attempt::default()),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(FormData::default(), failure, field_of);
            (client.estimate_funding(request(None)).await?.into_inner(), attempt)
        }
    };
    let names = Organisations::of(&visitor, [code.as_str()]).await?;
    Ok(page(&visitor, (year, &code), names.plain(visitor.lang(), &code), &asked, &answer, &attempt))
}

fn field_of(path: &str) -> String {
    let field = path.trim_start_matches("change.");
    match field.split(['[', '.']).next().unwrap_or_default() {
        "headcounts" => "students",
        "performance" => "performance",
        _ => "coefficients",
    }
    .to_owned()
}

fn page(
    visitor: &Visitor,
    (year, code): (i32, &str),
    name: &str,
    asked: &Asked,
    answer: &EstimateFundingResponse,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let address = format!("/funding/{year}/{code}");
    let title = say!(lang, "{name}：差异化拨款", "{name}: differentiated funding");
    let policy = answer.policy.clone().unwrap_or_default();
    let list = link::address("/funding", &[("year", &year.to_string())]);
    let content = html! {
        (trail(lang, &[(&list, t("差异化生均拨款", "Differentiated funding"))]))
        div.head {
            div { h1 { (title) } p.lead { (say!(lang, "{year} 年测算", "Estimate for {year}")) } }
            div.actions { @if may_edit(visitor) { a.button href={ (address) "/edit" } { (t("填写学生数和绩效", "Enter students and performance")) } } }
        }
        @if asked.done == "saved" { (done(t("已保存。", "Saved."))) }
        (refusal(lang, attempt))
        (policy_facts(lang, &policy))
        @if let Some(estimate) = answer.estimates.first() {
            (amounts(lang, estimate, asked))
            h2 { (t("试算", "What if")) }
            (what_if(lang, &address, asked, &policy, attempt))
        } @else {
            (empty(t("还没有学生数", "No students have been entered"),
                html! { (t("教育主管部门填写之后就可以测算。", "Once the commission has entered them, the amount can be worked out.")) }))
        }
    };
    workplace(visitor, Page::work(&title, &address, Place::Registry), attempt, content)
}

fn amounts(lang: Lang, estimate: &FundingEstimate, asked: &Asked) -> Markup {
    let t = words(lang);
    html! {
        p {
            strong { (grouped(&estimate.amount)) } " " (t("元", "CNY"))
            @if estimate.demonstration { " " (demo(lang)) }
            @if asked.is_change() {
                (t("，比现行系数 ", ", against the coefficients in force ")) (difference(&estimate.amount, &estimate.unchanged_amount)) " " (t("元", "CNY"))
            }
            (t("；绩效系数 ", "; performance ")) (estimate.performance)
        }
        div.scroll { table {
            thead { tr {
                th scope="col" { (t("专业代码", "Programme code")) }
                th scope="col" class="number" { (t("学生（人）", "Students")) }
                th scope="col" class="number" { (t("基准（元）", "Base (CNY)")) }
                th scope="col" class="number" { (t("大类系数", "Class")) }
                th scope="col" class="number" { (t("专业系数", "Programme")) }
                th scope="col" class="number" { (t("总系数", "Factor")) }
                th scope="col" class="number" { (t("金额（元）", "Amount (CNY)")) }
            } }
            tbody {
                @for line in &estimate.lines {
                    tr {
                        th scope="row" class="code" { (line.programme_code) }
                        td.number { (line.students) }
                        td.number { (line.base) }
                        td.number { (line.major_class) }
                        td.number { (line.programme) }
                        td.number { (line.factor) }
                        td.number { (grouped(&line.amount)) }
                    }
                }
                tr.total {
                    th scope="row" { (t("合计", "Total")) }
                    td.number { (estimate.students) }
                    td {} td {} td {} td {}
                    td.number { (grouped(&estimate.amount)) }
                }
            }
        } }
        p.small.grey { (t("金额 = 学生 × 基准 × 总系数；各行只为显示而四舍五入，合计由未舍入的各行相加后舍入一次。", "Amount = students × base × factor; lines are rounded for showing only, the total is rounded once from unrounded lines.")) }
    }
}

fn what_if(lang: Lang, address: &str, asked: &Asked, policy: &FundingPolicy, attempt: &Attempt) -> Markup {
    let t = words(lang);
    let parts: Vec<String> = policy
        .performance
        .iter()
        .map(|part| format!("{}={}", part.code, name_or(lang, part.name.as_ref(), "")))
        .collect();
    let parts = parts.join(t("，", ", "));
    let performance_hint = say!(lang, "例如：quality=1.1（{parts}）", "For example: quality=1.1 ({parts})");
    let field = |name: &'static str, label: &'static str, hint: &str, value: &str| {
        html! {
            div.field {
                label for={ "f-" (name) } { (label) }
                p.hint id={ "hint-" (name) } { (hint) }
                @if let Some(fault) = attempt.fault(name) { p.fault { (fault) } }
                input type="text" id={ "f-" (name) } name=(name) value=(value) aria-describedby={ "hint-" (name) }
                    aria-invalid=[attempt.fault(name).map(|_| "true")];
            }
        }
    };
    html! {
        form method="get" action=(address) {
            (field("students", t("学生数", "Students"), t("例如：710205=120", "For example: 710205=120"), &asked.students))
            (field("coefficients", t("大类或专业的系数", "Coefficients of classes or programmes"), t("例如：11=1.2 710205=1.1", "For example: 11=1.2 710205=1.1"), &asked.coefficients))
            (field("performance", t("绩效系数", "Performance"), &performance_hint, &asked.performance))
            (formula_choice(lang, &asked.formula))
            div.actions {
                button type="submit" class="primary" { (t("试算", "Work it out")) }
                @if asked.is_change() { a href=(address) { (t("恢复现行", "Back to what is in force")) } }
            }
        }
    }
}
