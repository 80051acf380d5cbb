//! One table of a report as a ledger: a row an indicator, last year's value beside this year's.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    Cell, Comment, Finding, GetCellsRequest, GetCellsResponse, Indicator, LastYear, SaveCellsRequest,
};

use super::{
    cell_form::{Names, Typed, changed, field_of},
    cells_row::{Row, name_of},
    comment_card::{self, Said, Spot},
    comments, converted, lock,
    report::{Part, Report, Standing, filled},
};
use crate::{
    pages::see_other,
    say,
    web::{
        chart::progress,
        components::{Form, done, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        i18n::{name_or, words},
        layout::{Page, workplace},
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
    /// See [`converted`].
    #[serde(default)]
    converted: String,
}

async fn show(
    visitor: Visitor,
    Path((id, group)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    page(&visitor, &report, &group, &after, &Attempt::default()).await
}

struct Ledger<'a> {
    report: &'a Report,
    group: &'a str,
    name: &'a str,
    indicators: Vec<&'a Indicator>,
    cells: Vec<Cell>,
    last_year: Option<LastYear>,
    findings: Vec<Finding>,
    comments: Vec<Comment>,
    editable: bool,
}

async fn page(visitor: &Visitor, report: &Report, group: &str, after: &After, attempt: &Attempt) -> Answer {
    let lang = visitor.lang();
    let groups = report.groups();
    let (found, indicators) =
        groups.into_iter().find(|(one, _)| one.code == group).ok_or_else(Failure::not_found)?;
    let (answer, findings, comments) = futures::try_join!(
        cells_of(visitor, report),
        report.findings(visitor),
        comment_card::load(visitor, report)
    )?;
    let GetCellsResponse { cells, last_year } = answer;
    let name = name_or(lang, found.name.as_ref(), group);
    // What was typed stays in its fields although it came too late to be saved.
    let editable = report.part_editable(visitor, Part::Table(group)) || attempt.is_refused();
    let ledger = Ledger { report, group, name, indicators, cells, last_year, findings, comments, editable };
    Ok(render(visitor, &ledger, after, attempt))
}

async fn cells_of(visitor: &Visitor, report: &Report) -> Result<GetCellsResponse, Failure> {
    let submission_id = report.submission.submission_id.clone();
    let request = GetCellsRequest { submission_id, revision_number: 0 };
    Ok(visitor.clients().submissions().get_cells(request).await?.into_inner())
}

fn render(visitor: &Visitor, ledger: &Ledger<'_>, after: &After, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let report = ledger.report;
    let address = report.cells_address(ledger.group);
    let title = ledger.name.to_owned();
    let (filled, all) = filled(&ledger.indicators, &ledger.cells);
    let conflicts = conflicts(ledger, attempt);
    let keep = format!("cells/{}/{}", report.submission.submission_id, ledger.group);
    let form = Form { action: &address, attempt, keep: &keep };
    let said =
        Said { visitor, report, comments: &ledger.comments, attempt: &Attempt::default(), back: &address };
    let spots = || ledger.indicators.iter().map(|indicator| Spot::Cell(&indicator.code));
    let content = html! {
        (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang))]))
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
        @if after.done == "saved" { (done(t("已保存到系统。", "Saved."))) }
        (converted::told(visitor, report, &after.converted, &ledger.cells))
        @if let Some(message) = comments::told(lang, &after.done) { (done(message)) }
        (lock::notice(visitor, report, Some(Part::Table(ledger.group))))
        @if !conflicts.is_empty() { (conflict_banner(visitor, ledger, &conflicts)) } @else { (refusal(lang, attempt)) }
        (from_last_year(visitor, ledger))
        @if ledger.editable {
            (still_empty(visitor, ledger))
            @if has_other_units(ledger) {
                p.hint { (t("数字后可以写单位，如“1.2亿元”“0.3万人”：保存时准确换算，并告诉您换算结果。", "A number may carry its unit, such as “35000 CNY” or “1.2亿元”: it is converted exactly when saved, and you are told how.")) }
            }
            (form.around(html! {
                (table(visitor, ledger, &said, attempt, &conflicts))
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
            (table(visitor, ledger, &said, attempt, &conflicts))
        }
        (said.shells(spots()))
    };
    workplace(visitor, Page::work(&title, &address, report.place(visitor)), attempt, content)
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
                    @if !ledger.report.allows(Part::Table(&group.code)) { span.hidden { (words(lang)("，只读", ", read only")) } }
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

/// How many empty cells are named; the others are counted.
const NAMED: usize = 12;

/// Where the empty cells are, a link each.
fn still_empty(visitor: &Visitor, ledger: &Ledger<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let has_value =
        |code: &str| ledger.cells.iter().any(|cell| cell.indicator_code == code && cell.value.is_some());
    let empty: Vec<&str> = ledger
        .indicators
        .iter()
        .filter(|indicator| indicator.required && !has_value(&indicator.code))
        .map(|indicator| indicator.code.as_str())
        .collect();
    let count = empty.len();
    // An empty table needs no list of what is empty.
    let some = count > 0 && ledger.indicators.iter().any(|indicator| has_value(&indicator.code));
    html! {
        @if some {
            p.jump {
                (say!(lang, "还有 {count} 格没填：", "{count} cells are empty: "))
                @for code in empty.iter().take(NAMED) {
                    a href={ "#" (id_of(&Names::of(code).value)) } title=(name_of(lang, ledger.report, code)) { (code) } " "
                }
                @if count > NAMED { (t("等。", "and more.")) }
            }
        }
    }
}

/// Where last year's values come from.
fn from_last_year(visitor: &Visitor, ledger: &Ledger<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let Some(last) = &ledger.last_year else { return html! {} };
    let (year, number) = (last.cycle_year, last.revision_number);
    let what = if last.released {
        say!(
            lang,
            "{year} 年度已发布的年报（第 {number} 次提交）",
            "the released report of {year}, submission {number}"
        )
    } else {
        say!(
            lang,
            "{year} 年度已接收、尚未发布的年报（第 {number} 次提交）",
            "the report of {year} as accepted, not yet released, submission {number}"
        )
    };
    let readable = ledger.report.standing(visitor) != Standing::Reader;
    html! {
        p.grey.small {
            (t("上年值取自", "Last year's values are those of "))
            @if readable { a href={ "/submissions/" (last.submission_id) } { (what) } } @else { (what) }
            (t("。", "."))
        }
    }
}

/// Whether some number of the table can be given in more than its own unit.
fn has_other_units(ledger: &Ledger<'_>) -> bool {
    let units = &ledger.report.catalogue.units;
    ledger.indicators.iter().filter(|indicator| indicator.formula.is_empty()).any(|indicator| {
        let own = units.iter().find(|unit| unit.code == indicator.unit_code);
        own.is_some_and(|own| {
            units.iter().any(|unit| unit.code != own.code && unit.base_code == own.base_code)
        })
    })
}

/// Whether a row says more of one above it: "SAT01N" of "SAT01".
fn is_companion(ledger: &Ledger<'_>, indicator: &Indicator) -> bool {
    let main = indicator.code.trim_end_matches(|c: char| c.is_ascii_uppercase());
    let above = ledger.indicators.iter().take_while(|one| one.code != indicator.code);
    main != indicator.code && above.into_iter().any(|one| one.code == main)
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
    html! {
        div.banner.need role="alert" tabindex="-1" data-faults {
            h2 { (t("还没有保存：同事刚刚改过同样的格子", "Not saved yet: a colleague has just changed the same cells")) }
            ul {
                @for (code, _) in conflicts {
                    li { a href={ "#" (id_of(&Names::of(code).value)) } { (name_of(lang, ledger.report, code)) } }
                }
            }
            p { (t("两个值都列在下面。留下您要的那个，再保存一次，就以它为准。", "Both values are shown below. Leave the one you want, then save again: it will stand.")) }
        }
    }
}

fn table(
    visitor: &Visitor,
    ledger: &Ledger<'_>,
    said: &Said<'_>,
    attempt: &Attempt,
    conflicts: &[(String, Typed)],
) -> Markup {
    let t = words(visitor.lang());
    let nothing = Cell::default();
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
                    (Row {
                        report: ledger.report,
                        indicator,
                        cell: cell.unwrap_or(&nothing),
                        cells: &ledger.cells,
                        findings: &ledger.findings,
                        said,
                        attempt,
                        theirs,
                        editable: ledger.editable,
                        companion: is_companion(ledger, indicator),
                    }.render(visitor))
                }
            }
        }
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
    let onward = next.filter(|_| form.get("then") == "next");
    let address = |told: &str| {
        let (page, mut query) = match onward {
            Some(next) => (report.cells_address(next), vec![]),
            None => (report.cells_address(&group), vec!["done=saved".to_owned()]),
        };
        if !told.is_empty() {
            query.push(format!("converted={told}"));
        }
        if query.is_empty() { page } else { format!("{page}?{}", query.join("&")) }
    };
    if cells.is_empty() {
        return Ok(see_other(&address("")));
    }
    let request = SaveCellsRequest { request_id: form.request_id(), submission_id: id, cells: cells.clone() };
    match visitor.clients().submissions().save_cells(request).await {
        Ok(saved) => Ok(see_other(&address(&converted::in_address(&saved.into_inner().cells)))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let mut attempt = Attempt::refused(form, failure, |path| field_of(path, &cells));
            if attempt.faults.is_empty() && attempt.failure.as_ref().is_some_and(Failure::is_conflict) {
                let message =
                    words(visitor.lang())("别人刚刚改过这张表。", "Somebody has just changed this table.");
                attempt.faults.push(Fault { field: String::new(), message: message.to_owned() });
            }
            // The report may have been locked, or the plan changed, since the page was opened.
            let report = Report::load(&visitor, &report.submission.submission_id).await?;
            page(&visitor, &report, &group, &After::default(), &attempt).await
        }
    }
}
