//! One table of a report as a ledger: a row an indicator, last year's value beside this year's.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{Cell, Finding, Indicator, SaveCellsRequest, indicator, submission};

use super::{
    cell_form::{Names, Typed, changed, field_of},
    report::{Report, filled},
};
use crate::{
    pages::see_other,
    say,
    web::{
        chart::progress,
        components::{Form, base, done, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        format,
        i18n::{name_or, text, words},
        layout::{Page, Place, workplace},
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}/cells/{group}", get(show).post(save))
}

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(
    visitor: Visitor,
    Path((id, group)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    page(&visitor, &report, &group, &after.done, &Attempt::default()).await
}

struct Ledger<'a> {
    report: &'a Report,
    group: &'a str,
    name: &'a str,
    indicators: Vec<&'a Indicator>,
    cells: Vec<Cell>,
    findings: Vec<Finding>,
    editable: bool,
}

async fn page(visitor: &Visitor, report: &Report, group: &str, after: &str, attempt: &Attempt) -> Answer {
    let lang = visitor.lang();
    let groups = report.groups();
    let (found, indicators) =
        groups.into_iter().find(|(one, _)| one.code == group).ok_or_else(Failure::not_found)?;
    let (cells, findings) = futures::try_join!(report.cells(visitor), report.findings(visitor))?;
    let name = name_or(lang, found.name.as_ref(), group);
    let editable = report.editable(visitor);
    let ledger = Ledger { report, group, name, indicators, cells, findings, editable };
    Ok(render(visitor, &ledger, after, attempt))
}

fn render(visitor: &Visitor, ledger: &Ledger<'_>, after: &str, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let report = ledger.report;
    let address = report.cells_address(ledger.group);
    let title = ledger.name.to_owned();
    let (filled, all) = filled(&ledger.indicators, &ledger.cells);
    let conflicts = conflicts(ledger, attempt);
    let keep = format!("cells/{}/{}", report.submission.submission_id, ledger.group);
    let form = Form { action: &address, attempt, keep: &keep };
    let content = html! {
        (trail(lang, &[("/submissions", t("年报填报", "Reports")), (&report.address(), &report.title(lang))]))
        div.head {
            div {
                h1 { (title) " " span.grey.code { (ledger.group) } }
                p.lead {
                    (progress(lang, filled, all)) (t("，", ", "))
                    (states::submission(lang, report.submission.state()))
                }
            }
        }
        (tabs(visitor, ledger))
        @if after == "saved" { (done(t("已保存到系统。", "Saved."))) }
        @if !ledger.editable { (locked(visitor, report)) }
        @else if report.submission.state() == submission::State::Approved { (will_withdraw(visitor)) }
        @if !conflicts.is_empty() { (conflict_banner(visitor, ledger, &conflicts)) } @else { (refusal(lang, attempt)) }
        @if ledger.editable {
            (form.around(html! {
                (table(visitor, ledger, attempt, &conflicts))
                div.stick {
                    div.actions {
                        button.primary type="submit" data-save { (t("保存", "Save")) }
                        @if next_group(ledger).is_some() {
                            button type="submit" name="then" value="next" { (t("保存，去下一张表", "Save and go to the next table")) }
                        }
                        span.saved data-saved aria-live="polite" {}
                    }
                }
            }))
        } @else {
            (table(visitor, ledger, attempt, &conflicts))
        }
    };
    workplace(visitor, Page::work(&title, &address, Place::Submissions), attempt, content)
}

fn tabs(visitor: &Visitor, ledger: &Ledger<'_>) -> Markup {
    let lang = visitor.lang();
    html! {
        nav.tabs aria-label=(words(lang)("指标表", "Tables of indicators")) {
            @for (group, indicators) in ledger.report.groups() {
                @let (done, all) = filled(&indicators, &ledger.cells);
                a href=(ledger.report.cells_address(&group.code)) aria-current=[(group.code == ledger.group).then_some("page")] {
                    (name_or(lang, group.name.as_ref(), &group.code)) " "
                    span.ratio { (done) "/" (all) }
                }
            }
        }
    }
}

fn next_group(ledger: &Ledger<'_>) -> Option<String> {
    let groups = ledger.report.groups();
    let at = groups.iter().position(|(group, _)| group.code == ledger.group)?;
    groups.get(at + 1).map(|(group, _)| group.code.clone())
}

/// What changing an approved report means.
pub fn will_withdraw(visitor: &Visitor) -> Markup {
    let t = words(visitor.lang());
    html! {
        div.banner.need { p { (t("这份年报已审定。修改任何内容，审定就自动撤回，须重新审定。", "This report is approved. Changing anything withdraws the approval; it has to be approved again.")) } }
    }
}

fn locked(visitor: &Visitor, report: &Report) -> Markup {
    let t = words(visitor.lang());
    html! {
        div.banner {
            p { (t("现在是只读：", "Read only: ")) (states::submission(visitor.lang(), report.submission.state()))
                (t("。要修改，须先由教育主管部门退回。", ". To change it, the commission has to return it first.")) }
        }
    }
}

/// The rows in which somebody else saved something different meanwhile: code, and what is stored now.
fn conflicts(ledger: &Ledger<'_>, attempt: &Attempt) -> Vec<(String, Typed)> {
    if !attempt.failure.as_ref().is_some_and(Failure::is_conflict) {
        return vec![];
    }
    let of_cell = |cell: &Cell| {
        let names = Names::of(&cell.indicator_code);
        let typed = Typed::sent(&attempt.form, &cell.indicator_code)?;
        let stored = Typed::stored(cell);
        let touched = attempt.form.typed(&names.was) != Some(&typed.fingerprint());
        let moved = attempt.form.get(&names.etag) != cell.etag;
        (touched && moved && typed.fingerprint() != stored.fingerprint())
            .then(|| (cell.indicator_code.clone(), stored))
    };
    ledger.cells.iter().filter_map(of_cell).collect()
}

fn conflict_banner(visitor: &Visitor, ledger: &Ledger<'_>, conflicts: &[(String, Typed)]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let name = |code: &str| {
        let indicator = ledger.indicators.iter().find(|indicator| indicator.code == code);
        indicator.map_or(code.to_owned(), |indicator| name_or(lang, indicator.name.as_ref(), code).to_owned())
    };
    html! {
        div.banner.need role="alert" tabindex="-1" data-faults {
            h2 { (t("还没有保存：同事刚刚改过同样的格子", "Not saved yet: a colleague has just changed the same cells")) }
            ul {
                @for (code, _) in conflicts {
                    li { a href={ "#" (id_of(&Names::of(code).value)) } { (name(code)) } }
                }
            }
            p { (t("两个值都列在下面。留下您要的那个，再保存一次，就以它为准。", "Both values are shown below. Leave the one you want, then save again: it will stand.")) }
        }
    }
}

fn table(visitor: &Visitor, ledger: &Ledger<'_>, attempt: &Attempt, conflicts: &[(String, Typed)]) -> Markup {
    let t = words(visitor.lang());
    html! {
        table.ledger {
            thead { tr {
                th scope="col" { (t("指标（单位）", "Indicator (unit)")) }
                th.number scope="col" { (t("上年值", "Last year")) }
                th.number scope="col" { (t("本年值", "This year")) }
                th scope="col" { (t("不适用", "Not applicable")) }
                th scope="col" { (t("备注", "Remark")) }
            } }
            tbody {
                @for indicator in &ledger.indicators {
                    @let cell = ledger.cells.iter().find(|cell| cell.indicator_code == indicator.code);
                    @let theirs = conflicts.iter().find(|(code, _)| *code == indicator.code).map(|(_, stored)| stored);
                    (row(visitor, ledger, indicator, &cell.cloned().unwrap_or_default(), attempt, theirs))
                }
            }
        }
    }
}

fn row(
    visitor: &Visitor,
    ledger: &Ledger<'_>,
    indicator: &Indicator,
    cell: &Cell,
    attempt: &Attempt,
    theirs: Option<&Typed>,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let stored = Typed::stored(cell);
    let names = Names::of(&indicator.code);
    let fault = [&names.value, &names.reason, &names.note].into_iter().find_map(|name| attempt.fault(name));
    let class = if theirs.is_some() { Some("conflict") } else { fault.map(|_| "wrong") };
    let note = text(lang, indicator.note.as_ref());
    let unit = text(lang, indicator.unit.as_ref());
    let last =
        cell.last_value.clone().map(|value| Typed::stored(&Cell { value: Some(value), ..Cell::default() }));
    // That a cell is empty is plain to see; its finding would only add noise.
    let filled = cell.value.is_some();
    let concerns =
        ledger.findings.iter().filter(|finding| filled && finding.indicator_codes.contains(&indicator.code));
    html! {
        tr class=[class] {
            th scope="row" {
                label for=(id_of(&names.value)) title=[(!note.is_empty()).then_some(note)] {
                    (name_or(lang, indicator.name.as_ref(), &indicator.code))
                    @if !unit.is_empty() { span.unit { (t("（", " (")) (unit) (t("）", ")")) } }
                }
                " " span.grey.code.small { (indicator.code) }
                @for finding in concerns {
                    div.small {
                        (states::severity(lang, finding.severity(), !finding.explanation.is_empty())) " "
                        a href={ (ledger.report.address()) "/findings#" (id_of(&finding.finding_id)) } { (text(lang, finding.message.as_ref())) }
                    }
                }
            }
            td.number data-label=(t("上年值", "Last year")) { (said(visitor, last.as_ref())) }
            @if !indicator.formula.is_empty() {
                td.number data-label=(t("本年值", "This year")) { strong { (said(visitor, cell.value.is_some().then_some(&stored))) } }
                td.derived.grey.small colspan="2" { (t("自动计算：", "Computed: ")) span.code { (indicator.formula) } }
            } @else if ledger.editable {
                @let typed = Typed::sent(&attempt.form, &indicator.code).unwrap_or_else(|| stored.clone());
                (inputs(visitor, indicator, cell, &typed, fault, theirs))
            } @else {
                td.number data-label=(t("本年值", "This year")) { (said(visitor, cell.value.is_some().then_some(&stored))) }
                td { @if stored.not_applicable { (stored.reason) } }
                td { (stored.note) }
            }
        }
    }
}

/// A value in words; a dash if there is none.
fn said(visitor: &Visitor, value: Option<&Typed>) -> Markup {
    html! {
        @match value {
            None => span.grey { "—" },
            Some(value) if value.not_applicable => span.grey title=(value.reason) { (words(visitor.lang())("不适用", "n/a")) },
            Some(value) => (format::cut(&value.value, 28)),
        }
    }
}

fn inputs(
    visitor: &Visitor,
    indicator: &Indicator,
    cell: &Cell,
    typed: &Typed,
    fault: Option<&str>,
    theirs: Option<&Typed>,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let names = Names::of(&indicator.code);
    let name = name_or(lang, indicator.name.as_ref(), &indicator.code);
    let invalid = (fault.is_some() || theirs.is_some()).then_some("true");
    let described = format!("{}-wrong", id_of(&names.value));
    html! {
        td.entry data-label=(t("本年值", "This year")) {
            (base(&names.etag, &cell.etag))
            (base(&names.was, &Typed::stored(cell).fingerprint()))
            @if indicator.kind() == indicator::Kind::Choice {
                select.value id=(id_of(&names.value)) name=(names.value) aria-invalid=[invalid] {
                    option value="" {}
                    @for option in &indicator.options { option value=(option) selected[*option == typed.value] { (option) } }
                }
            } @else {
                input.value type="text" inputmode="decimal" autocomplete="off" id=(id_of(&names.value)) name=(names.value)
                    value=(typed.value) aria-invalid=[invalid] aria-describedby=[invalid.map(|_| &described)];
            }
            input.reason type="text" autocomplete="off" id=(id_of(&names.reason)) name=(names.reason) value=(typed.reason)
                maxlength="200" placeholder=(t("不适用的理由", "Why it does not apply"))
                aria-label=(say!(lang, "{name}：不适用的理由", "{name}: why it does not apply")) aria-invalid=[invalid];
            @if let Some(fault) = fault { span.wrong-text id=(described) { (without_name(fault, &indicator.code)) } }
            @if let Some(theirs) = theirs {
                div.theirs id=(described) { (t("同事保存的值：", "Your colleague's value: ")) strong { (stored_words(visitor, theirs)) } }
            }
        }
        td.na {
            label {
                input type="checkbox" name=(names.not_applicable) checked[typed.not_applicable];
                span.hidden { (say!(lang, "{name}：不适用", "{name}: not applicable")) }
                span.grey.small aria-hidden="true" { " " (t("不适用", "n/a")) }
            }
        }
        td.remark data-label=(t("备注", "Remark")) {
            input.note type="text" autocomplete="off" id=(id_of(&names.note)) name=(names.note) value=(typed.note)
                maxlength="500" aria-label=(say!(lang, "{name}：备注", "{name}: remark"));
        }
    }
}

/// What is wrong, without the indicator's name: that stands in the same row.
fn without_name<'a>(fault: &'a str, code: &str) -> &'a str {
    let named = fault.starts_with(code).then(|| fault.split_once('：').or_else(|| fault.split_once(": ")));
    named.flatten().map_or(fault, |(_, rest)| rest.trim_start())
}

fn stored_words(visitor: &Visitor, stored: &Typed) -> String {
    let lang = visitor.lang();
    let value = if stored.not_applicable {
        let reason = &stored.reason;
        say!(lang, "不适用（{reason}）", "not applicable ({reason})")
    } else if stored.value.is_empty() {
        lang.pick("空", "empty").to_owned()
    } else {
        stored.value.clone()
    };
    match stored.note.as_str() {
        "" => value,
        note => say!(lang, "{value}；备注：{note}", "{value}; remark: {note}"),
    }
}

async fn save(visitor: Visitor, Path((id, group)): Path<(String, String)>, form: FormData) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    let groups = report.groups();
    let indicators =
        groups.iter().find(|(one, _)| one.code == group).map(|(_, indicators)| indicators.as_slice());
    let cells = changed(&form, indicators.ok_or_else(Failure::not_found)?);
    let next =
        groups.iter().skip_while(|(one, _)| one.code != group).nth(1).map(|(one, _)| one.code.as_str());
    let onward = match next.filter(|_| form.get("then") == "next") {
        Some(next) => report.cells_address(next),
        None => format!("{}?done=saved", report.cells_address(&group)),
    };
    if cells.is_empty() {
        return Ok(see_other(&onward));
    }
    let request = SaveCellsRequest { request_id: form.request_id(), submission_id: id, cells: cells.clone() };
    match visitor.clients().submissions().save_cells(request).await {
        Ok(_) => Ok(see_other(&onward)),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let mut attempt = Attempt::refused(form, failure, |path| field_of(path, &cells));
            if attempt.faults.is_empty() && attempt.failure.as_ref().is_some_and(Failure::is_conflict) {
                let message =
                    words(visitor.lang())("别人刚刚改过这张表。", "Somebody has just changed this table.");
                attempt.faults.push(Fault { field: String::new(), message: message.to_owned() });
            }
            page(&visitor, &report, &group, "", &attempt).await
        }
    }
}
