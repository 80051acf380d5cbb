//! Differentiated funding: what every school gets, and what would change it.

mod edit;
mod school;

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        EstimateFundingRequest, EstimateFundingResponse, FundingChange, FundingCoefficient, FundingPolicy,
        funding_policy::Formula,
    },
};

use crate::{
    pages::lookup::says_demonstration,
    say,
    web::{
        components::{demo, empty},
        error::{Answer, Failure},
        export,
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

/// The first year that is funded by coefficients; what the page shows unless asked for another.
const FIRST_YEAR: i32 = 2026;

pub fn routes() -> Router {
    Router::new()
        .route("/funding", get(show))
        .route("/funding.csv", get(export_list))
        .merge(school::routes())
        .merge(edit::routes())
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    year: String,
    /// What is tried: "11=1.2 710205=1.1".
    #[serde(default)]
    coefficients: String,
    #[serde(default)]
    formula: String,
}

impl Asked {
    fn year(&self) -> i32 {
        self.year.trim().parse().unwrap_or(FIRST_YEAR)
    }

    fn is_change(&self) -> bool {
        !self.coefficients.trim().is_empty() || !self.formula.is_empty()
    }

    fn change(&self) -> FundingChange {
        let (major_classes, programmes) = coefficients(&self.coefficients);
        FundingChange {
            formula: formula(&self.formula).into(),
            major_classes,
            programmes,
            ..FundingChange::default()
        }
    }

    fn request(&self) -> EstimateFundingRequest {
        EstimateFundingRequest {
            year: self.year(),
            change: Some(self.change()),
            ..EstimateFundingRequest::default()
        }
    }

    fn address(&self, path: &str) -> String {
        let year = self.year().to_string();
        link::address(
            path,
            &[("year", &year), ("coefficients", &self.coefficients), ("formula", &self.formula)],
        )
    }
}

/// The formula of a key in addresses.
fn formula(key: &str) -> Formula {
    match key {
        "multiplicative" => Formula::Multiplicative,
        "additive" => Formula::Additive,
        _ => Formula::Unspecified,
    }
}

/// Coefficients as typed, "11=1.2 710205=1.1": those of classes, and those of programmes. The service says what is wrong.
fn coefficients(typed: &str) -> (Vec<FundingCoefficient>, Vec<FundingCoefficient>) {
    typed
        .split([' ', ',', ';', '，', '；', '、', '\n', '\r', '\t', '　'])
        .filter(|one| !one.is_empty())
        .map(|one| {
            let (code, coefficient) = one.split_once(['=', '＝']).unwrap_or((one, ""));
            FundingCoefficient {
                code: code.trim().into(),
                coefficient: coefficient.trim().into(),
                name: None,
            }
        })
        .partition(|one| one.code.len() <= 2)
}

async fn show(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    visitor.signed_in()?;
    match visitor.clients().funding().estimate_funding(asked.request()).await {
        Ok(answer) => Ok(page(&visitor, &asked, &answer.into_inner(), &Attempt::default())),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(Default::default(), failure, |_| "coefficients".to_owned());
            let unchanged = EstimateFundingRequest { change: None, ..asked.request() };
            let answer = visitor.clients().funding().estimate_funding(unchanged).await?.into_inner();
            Ok(page(&visitor, &asked, &answer, &attempt))
        }
    }
}

fn page(visitor: &Visitor, asked: &Asked, answer: &EstimateFundingResponse, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("差异化生均拨款", "Differentiated funding");
    let policy = answer.policy.clone().unwrap_or_default();
    let year = asked.year();
    let content = html! {
        div.head { div {
            h1 { (title) }
            p.lead { (say!(lang, "{year} 年。学生数 × 生均基准 × 大类、专业和绩效系数；只作测算，不作拨付。", "{year}. Students × base × coefficients of class, programme and performance; an estimate, not a payment.")) }
        } }
        (crate::web::components::refusal(lang, attempt))
        (policy_facts(lang, &policy))
        h2 { (t("试算：如果系数不同", "What if coefficients were different")) }
        (what_if(lang, asked, attempt))
        h2 { (t("各校", "Schools")) }
        @if answer.estimates.is_empty() {
            (empty(t("还没有学生数", "No students have been entered"),
                html! { (t("在名录中打开一所学校，从“差异化拨款”填写各专业学生数和绩效系数。", "Open a school in the register and enter its students and performance under “Differentiated funding”.")) }))
        } @else {
            p.corner { a href=(asked.address("/funding.csv")) download { (t("导出 CSV", "Export CSV")) } }
            div.scroll { (table(lang, asked, answer)) }
        }
    };
    workplace(visitor, Page::work(title, &asked.address("/funding"), Place::Registry), attempt, content)
}

/// The coefficients in force.
fn policy_facts(lang: Lang, policy: &FundingPolicy) -> Markup {
    let t = words(lang);
    let listed = |list: &[FundingCoefficient]| {
        list.iter()
            .map(|one| format!("{} {} {}", one.code, name_or(lang, one.name.as_ref(), ""), one.coefficient))
            .collect::<Vec<_>>()
            .join(t("；", "; "))
    };
    let parts: Vec<String> = policy
        .performance
        .iter()
        .map(|part| format!("{} × {}", name_or(lang, part.name.as_ref(), &part.code), part.weight))
        .collect();
    html! {
        details {
            summary { (name_or(lang, policy.name.as_ref(), &policy.code)) }
            dl.facts {
                dt { (t("生效", "In force")) }
                dd { (policy.valid_from) " – " (policy.valid_to) }
                dt { (t("公式", "Formula")) }
                dd { (formula_word(lang, policy.formula())) }
                dt { (t("生均基准（元）", "Base (CNY a student)")) }
                dd {
                    @for (place, base) in policy.base.iter().enumerate() {
                        @if place > 0 { (t("；", "; ")) }
                        (name_or(lang, base.name.as_ref(), &base.level_code)) " " (base.amount)
                    }
                }
                dt { (t("大类系数", "Major classes")) } dd { (listed(&policy.major_classes)) }
                dt { (t("专业系数", "Programmes")) } dd { (listed(&policy.programmes)) }
                dt { (t("绩效系数", "Performance")) } dd { (parts.join(" + ")) }
            }
            p.small.grey { (text(lang, policy.note.as_ref())) }
        }
    }
}

fn formula_word(lang: Lang, formula: Formula) -> &'static str {
    let t = words(lang);
    match formula {
        Formula::Unspecified => "",
        Formula::Multiplicative => t("系数相乘", "coefficients are multiplied"),
        Formula::Additive => t("系数差额相加", "differences from 1 are added up"),
    }
}

/// The choice of a formula.
fn formula_choice(lang: Lang, chosen: &str) -> Markup {
    let t = words(lang);
    html! {
        div.field {
            label for="f-formula" { (t("公式", "Formula")) }
            select id="f-formula" name="formula" {
                option value="" { (t("按现行规定", "As in force")) }
                @for (key, formula) in [("multiplicative", Formula::Multiplicative), ("additive", Formula::Additive)] {
                    option value=(key) selected[chosen == key] { (formula_word(lang, formula)) }
                }
            }
        }
    }
}

fn what_if(lang: Lang, asked: &Asked, attempt: &Attempt) -> Markup {
    let t = words(lang);
    html! {
        form method="get" action="/funding" {
            input type="hidden" name="year" value=(asked.year());
            div.field {
                label for="f-coefficients" { (t("大类或专业的系数", "Coefficients of classes or programmes")) }
                p.hint id="hint-coefficients" { (t("例如：11=1.2 710205=1.1。大类按目录次序 01–19，各层次相同。", "For example: 11=1.2 710205=1.1. Classes are 01 to 19 in the catalogue's order, the same at every level.")) }
                @if let Some(fault) = attempt.fault("coefficients") { p.fault id="fault-coefficients" { (fault) } }
                input type="text" id="f-coefficients" name="coefficients" value=(asked.coefficients) aria-describedby="hint-coefficients"
                    aria-invalid=[attempt.fault("coefficients").map(|_| "true")];
            }
            (formula_choice(lang, &asked.formula))
            div.actions {
                button type="submit" class="primary" { (t("试算", "Work it out")) }
                @if asked.is_change() { a href=(link::address("/funding", &[("year", &asked.year().to_string())])) { (t("恢复现行系数", "Back to the coefficients in force")) } }
            }
        }
    }
}

fn table(lang: Lang, asked: &Asked, answer: &EstimateFundingResponse) -> Markup {
    let t = words(lang);
    let changed = asked.is_change();
    let widest = answer.estimates.iter().map(|one| format::tail(&one.performance)).max().unwrap_or(0);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("学校", "School")) }
                th scope="col" class="number" { (t("学生（人）", "Students")) }
                th scope="col" class="number" { (t("绩效系数", "Performance")) }
                @if changed { th scope="col" class="number" { (t("现行（元）", "In force (CNY)")) } }
                th scope="col" class="number" { (t("测算（元）", "Estimate (CNY)")) }
                @if changed { th scope="col" class="number" { (t("增减（元）", "Difference (CNY)")) } }
            } }
            tbody {
                @for one in &answer.estimates {
                    tr {
                        th scope="row" {
                            @let name = name_or(lang, one.organisation_name.as_ref(), &one.organisation_code);
                            a href={ "/funding/" (asked.year()) "/" (one.organisation_code) } { (name) }
                            @if one.demonstration && !says_demonstration(name) { " " (demo(lang)) }
                        }
                        td.number { (spaced(&one.students.to_string())) }
                        td.number { (format::figure(&one.performance, widest)) }
                        @if changed { td.number { (grouped(&one.unchanged_amount)) } }
                        td.number { (grouped(&one.amount)) }
                        @if changed { td.number { (difference(&one.amount, &one.unchanged_amount)) } }
                    }
                }
                tr.total {
                    th scope="row" { (t("合计", "Total")) }
                    td.number { (spaced(&answer.estimates.iter().map(|one| i64::from(one.students)).sum::<i64>().to_string())) }
                    td {}
                    @if changed { td.number { (grouped(&answer.unchanged_total)) } }
                    td.number { (grouped(&answer.total)) }
                    @if changed { td.number { (difference(&answer.total, &answer.unchanged_total)) } }
                }
            }
        }
    }
}

/// An amount with thin spaces between thousands.
fn grouped(amount: &str) -> String {
    let fixed = format::fixed(amount, 2);
    let (sign, rest) = match fixed.strip_prefix('-') {
        Some(rest) => ("−", rest),
        None => ("", fixed.as_str()),
    };
    let (whole, part) = rest.split_once('.').unwrap_or((rest, "00"));
    format!("{sign}{}.{part}", spaced(whole))
}

/// A whole number with thin spaces between thousands.
fn spaced(whole: &str) -> String {
    let mut spaced = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            spaced.push('\u{2009}');
        }
        spaced.push(digit);
    }
    spaced
}

/// How much more or less, with its sign.
fn difference(amount: &str, before: &str) -> String {
    let number = |text: &str| text.parse::<rust_decimal::Decimal>().unwrap_or_default();
    let difference = number(amount) - number(before);
    let shown = grouped(&difference.to_string());
    if difference > rust_decimal::Decimal::ZERO { format!("+{shown}") } else { shown }
}

async fn export_list(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    visitor.signed_in()?;
    let lang = visitor.lang();
    let t = words(lang);
    let answer = visitor.clients().funding().estimate_funding(asked.request()).await?.into_inner();
    let headings = [
        t("学校代码", "Code"),
        t("学校", "School"),
        t("学生", "Students"),
        t("绩效系数", "Performance"),
        t("现行（元）", "In force (CNY)"),
        t("测算（元）", "Estimate (CNY)"),
        t("演示", "Demonstration"),
    ];
    let rows = answer.estimates.into_iter().map(|one| {
        vec![
            one.organisation_code.clone(),
            name_or(lang, one.organisation_name.as_ref(), &one.organisation_code).to_owned(),
            one.students.to_string(),
            one.performance,
            one.unchanged_amount,
            one.amount,
            if one.demonstration { t("是", "yes") } else { "" }.to_owned(),
        ]
    });
    Ok(export::csv("funding", &headings, rows))
}

/// Whether the reader may enter numbers.
fn may_edit(visitor: &Visitor) -> bool {
    visitor.has(Role::Commission)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_read_however_they_are_parted() {
        let (classes, programmes) = coefficients("11=1.2，710205＝1.1;06=0.9\n7102");
        let pairs = |list: &[FundingCoefficient]| {
            list.iter().map(|one| format!("{}:{}", one.code, one.coefficient)).collect::<Vec<_>>()
        };
        assert_eq!(pairs(&classes), ["11:1.2", "06:0.9"]);
        assert_eq!(pairs(&programmes), ["710205:1.1", "7102:"]);
    }

    #[test]
    fn amounts_are_grouped_and_differences_have_signs() {
        assert_eq!(grouped("1234567.5"), "1\u{2009}234\u{2009}567.50");
        assert_eq!(grouped("-123"), "−123.00");
        assert_eq!(difference("10", "7.5"), "+2.50");
        assert_eq!(difference("7", "1007"), "−1\u{2009}000.00");
        assert_eq!(difference("7", "7"), "0.00");
    }
}
