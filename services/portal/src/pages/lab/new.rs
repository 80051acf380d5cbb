//! A new replay: the draft pasted or brought as a file, and the years whose reports it is tried on.

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{Cycle, GetRulesFileRequest, StartReplayRequest, replay::Revisions};

use super::find;
use crate::{
    pages::{lookup, see_other},
    say,
    web::{
        components::{Field, Kind, file_form, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        session::Visitor,
        upload::Files,
    },
};

pub fn routes() -> Router {
    Router::new().route("/lab/new", get(show).post(start))
}

#[derive(Deserialize, Default)]
struct From {
    /// A year whose rules file the draft begins as.
    #[serde(default)]
    rules: String,
    /// A replay whose draft is tried again.
    #[serde(default)]
    again: String,
}

/// What the form shows before anything is typed.
struct Beginning {
    name: String,
    catalogue_year: String,
    years: Vec<i32>,
    all: bool,
    text: String,
    /// The name under which the browser keeps what is typed: one for each thing a draft can begin from.
    keep: String,
}

async fn show(visitor: Visitor, Query(from): Query<From>) -> Answer {
    visitor.signed_in()?;
    let cycles = lookup::cycles(&visitor).await?;
    let newest = cycles.iter().map(|cycle| cycle.catalogue_year).max().unwrap_or_default();
    let mut beginning = Beginning {
        name: String::new(),
        catalogue_year: newest.to_string(),
        years: cycles.iter().take(1).map(|cycle| cycle.year).collect(),
        all: false,
        text: format!("extends = {newest}\n"),
        keep: "lab".to_owned(),
    };
    if !from.again.is_empty() {
        let earlier = find(&visitor, &from.again).await?;
        beginning = Beginning {
            all: earlier.revisions() == Revisions::All,
            name: earlier.name,
            catalogue_year: earlier.catalogue_year.to_string(),
            years: earlier.cycle_years,
            text: earlier.rules_toml,
            keep: format!("lab-{}", from.again),
        };
    } else if let Ok(catalogue_year) = from.rules.parse() {
        let request = GetRulesFileRequest { catalogue_year };
        beginning.text = visitor.clients().lab().get_rules_file(request).await?.into_inner().rules_toml;
        beginning.keep = format!("lab-{catalogue_year}");
        beginning.catalogue_year = from.rules;
    }
    Ok(page(&visitor, &cycles, &beginning, &Attempt::default()))
}

async fn start(visitor: Visitor, form: FormData, files: Files) -> Answer {
    visitor.signed_in()?;
    let t = words(visitor.lang());
    let cycles = lookup::cycles(&visitor).await?;
    // A file that was chosen comes before what is in the field.
    let (form, draft) = match files.get("file").map(|file| String::from_utf8(file.content.to_vec())) {
        None => {
            let draft = form.lines("rules_toml");
            (form, draft)
        }
        Some(Ok(text)) => {
            let draft = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
            let kept = form.pairs().iter().filter(|(name, _)| name != "rules_toml").cloned();
            let with = kept.chain([("rules_toml".to_owned(), draft.clone())]).collect();
            (FormData::new(with), draft)
        }
        Some(Err(_)) => {
            let message = t(
                "这个文件不是 UTF-8 文本。请用文本编辑器另存为 UTF-8 后再上传。",
                "This file is no UTF-8 text. Save it as UTF-8 and bring it again.",
            );
            let fault = Fault { field: "file".to_owned(), message: message.to_owned() };
            return Ok(again(&visitor, &cycles, &Attempt::faulty(form, vec![fault])));
        }
    };
    let Ok(catalogue_year) = form.get("catalogue_year").parse() else {
        let message = t("请写四位数的年份，例如 2026。", "Write a year of four digits, such as 2026.");
        let fault = Fault { field: "catalogue_year".to_owned(), message: message.to_owned() };
        return Ok(again(&visitor, &cycles, &Attempt::faulty(form, vec![fault])));
    };
    let revisions = if form.get("revisions") == "all" { Revisions::All } else { Revisions::Latest };
    let request = StartReplayRequest {
        request_id: form.request_id(),
        name: form.get("name").to_owned(),
        catalogue_year,
        cycle_years: chosen(&form),
        revisions: revisions.into(),
        rules_toml: draft,
    };
    match visitor.clients().lab().start_replay(request).await {
        Ok(answer) => {
            let replay = answer.into_inner().replay.unwrap_or_default();
            Ok(see_other(&format!("/lab/{}", replay.replay_id)))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            Ok(again(&visitor, &cycles, &Attempt::refused(form, failure, str::to_owned)))
        }
    }
}

/// The years that are ticked.
fn chosen(form: &FormData) -> Vec<i32> {
    let years = form.pairs().iter().filter(|(name, _)| name == "cycle_years");
    years.filter_map(|(_, year)| year.parse().ok()).collect()
}

/// The form with what was typed.
fn again(visitor: &Visitor, cycles: &[Cycle], attempt: &Attempt) -> Response {
    let typed = Beginning {
        name: String::new(),
        catalogue_year: String::new(),
        years: chosen(&attempt.form),
        all: attempt.form.get("revisions") == "all",
        text: String::new(),
        keep: "lab".to_owned(),
    };
    page(visitor, cycles, &typed, attempt)
}

fn page(visitor: &Visitor, cycles: &[Cycle], from: &Beginning, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("试行一份规则草案", "Try a draft of rules");
    let field = |kind, name, label, stored| Field::new(kind, name, label, attempt, stored);
    let content = html! {
        (trail(lang, &[("/cycles", t("年度", "Cycles")), ("/lab", t("规则试行", "Rule lab"))]))
        h1 { (title) }
        (refusal(lang, attempt))
        (file_form("/lab/new", attempt, &from.keep, html! {
            (field(Kind::Text, "name", t("名称", "Name"), &from.name).hint(t("便于日后辨认，例如“2026 年规则：收紧 V10”。", "By which you will know it, such as “2026: V10 tightened”.")))
            (field(Kind::Whole, "catalogue_year", t("指标目录的年份", "Year of the catalogue"), &from.catalogue_year).hint(t("草案使用这一年的指标和年报种类，并与这一年的现行规则对比。", "The draft speaks of this year's indicators and is compared with this year's rules.")))
            (ticks(visitor, cycles, from, attempt))
            fieldset.field {
                legend { (t("每份年报试行哪一版", "Which revisions")) }
                p { label { input type="radio" name="revisions" value="latest" checked[!from.all]; " " (t("已接收的一版；没有接收的，用最近提交的一版", "The accepted one, else the newest that was submitted")) } }
                p { label { input type="radio" name="revisions" value="all" checked[from.all]; " " (t("提交过的每一版", "Every one that was ever submitted")) } }
            }
            (field(Kind::Long, "rules_toml", t("规则草案（TOML）", "Draft of rules (TOML)"), &from.text).hint(t("与规则文件 rules.toml 写法相同。写 extends = 年份 即沿用那一年的规则，只写要新增和修改的；remove = [\"代码\"] 去掉某条。", "Written as rules.toml is. extends = YEAR keeps that year's rules, so that only what is new or changed is written; remove = [\"CODE\"] takes one away.")))
            p.hint { (in_force(visitor, cycles)) }
            div.field {
                label for=(id_of("file")) { (t("或者上传文件", "Or bring a file")) span.grey { (t("（选填）", " (optional)")) } }
                span.hint { (t("选了文件，就以文件为准，上面的文字不用。", "A chosen file is taken instead of the text above.")) }
                @if let Some(fault) = attempt.fault("file") { span.wrong-text { (fault) } }
                input id=(id_of("file")) name="file" type="file" accept=".toml,.txt,text/plain";
            }
            div.actions {
                button.primary type="submit" { (t("开始试行", "Begin")) }
                span.saved data-saved {}
            }
        }))
    };
    workplace(visitor, Page::work(title, "/lab/new", Place::Cycles), attempt, content)
}

fn ticks(visitor: &Visitor, cycles: &[Cycle], from: &Beginning, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        fieldset.field id=(id_of("cycle_years")) tabindex="-1" {
            legend { (t("用哪些年度的年报试行", "Which years' reports")) }
            @if let Some(fault) = attempt.fault("cycle_years") { span.wrong-text { (fault) } }
            @for cycle in cycles {
                p { label {
                    input type="checkbox" name="cycle_years" value=(cycle.year) checked[from.years.contains(&cycle.year)];
                    " " (name_or(lang, cycle.name.as_ref(), &cycle.year.to_string()))
                } }
            }
            @if cycles.is_empty() { p.hint { (t("还没有质量年度，没有年报可以试行。", "There is no quality year yet, so there is nothing to try a draft on.")) } }
        }
    }
}

/// Links that begin the draft as the rules in force.
fn in_force(visitor: &Visitor, cycles: &[Cycle]) -> Markup {
    let lang = visitor.lang();
    let mut years: Vec<i32> = cycles.iter().map(|cycle| cycle.catalogue_year).collect();
    years.sort_unstable();
    years.dedup();
    html! {
        (words(lang)("以现行规则文件为底稿：", "Begin from the file in force: "))
        @for year in years.iter().rev() {
            a href={ "/lab/new?rules=" (year) } { (say!(lang, "{year} 年", "{year}")) } " "
        }
    }
}
