//! A report's front page: how far it is, what stands in the way, and the one step that comes next.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    Cell, Event, Finding, ListEventsRequest, ListRevisionsRequest, ListSectionsRequest, Revision, Section,
    SectionKind, Severity, submission,
};

use super::{
    actions,
    material::{self, Material},
    report::{Report, Standing, filled},
};
use crate::{
    say,
    web::{
        chart::progress,
        components::{Mark, Sign, Tone, done, refusal, trail},
        error::Answer,
        form::Attempt,
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}", get(show))
}

/// What the last step left to say.
#[derive(Deserialize, Default)]
pub struct After {
    /// The receipt of a submission just made.
    #[serde(default)]
    pub receipt: String,
    /// What was done.
    #[serde(default)]
    pub done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after, &Attempt::default()).await
}

/// What the page shows.
struct Shown<'a> {
    report: &'a Report,
    cells: Vec<Cell>,
    sections: Vec<Section>,
    findings: Vec<Finding>,
    revisions: Vec<Revision>,
    events: Vec<Event>,
    material: Material,
}

/// The page, or the page again with a step that was refused.
pub async fn page(visitor: &Visitor, id: &str, after: &After, attempt: &Attempt) -> Answer {
    let report = Report::load(visitor, id).await?;
    let submission_id = id.to_owned();
    let (mut first, mut second, mut third) = {
        let clients = visitor.clients();
        (clients.submissions(), clients.submissions(), clients.submissions())
    };
    let sections =
        first.list_sections(ListSectionsRequest { submission_id: submission_id.clone(), revision_number: 0 });
    let revisions = second.list_revisions(ListRevisionsRequest { submission_id: submission_id.clone() });
    let events = third.list_events(ListEventsRequest { submission_id });
    let (sections, revisions, events) = futures::try_join!(sections, revisions, events)?;
    let (cells, findings, material) = futures::try_join!(
        report.cells(visitor),
        report.findings(visitor),
        Material::load(visitor, &report)
    )?;
    let shown = Shown {
        report: &report,
        cells,
        sections: sections.into_inner().sections,
        findings,
        revisions: revisions.into_inner().revisions,
        events: events.into_inner().events,
        material,
    };
    Ok(render(visitor, &shown, after, attempt))
}

fn render(
    visitor: &Visitor,
    shown: &Shown<'_>,
    after: &After,
    attempt: &Attempt,
) -> axum::response::Response {
    let lang = visitor.lang();
    let t = words(lang);
    let report = shown.report;
    let submission = &report.submission;
    let title = report.title(lang);
    let desk = report.standing(visitor) == Standing::Desk;
    let (place, above) = if desk {
        (Place::Desk, (format!("/desk?year={}", submission.cycle_year), t("受理台", "Desk")))
    } else {
        (Place::Submissions, ("/submissions".to_owned(), t("年报填报", "Reports")))
    };
    let content = html! {
        (trail(lang, &[(&above.0, above.1)]))
        div.head {
            div {
                h1 { (title) }
                p.lead { (states::submission(lang, submission.state())) }
            }
            div.actions { (next_step(visitor, shown, attempt)) }
        }
        (steps(visitor, submission.state()))
        (banners(visitor, shown, after))
        (refusal(lang, attempt))
        div.columns {
            div {
                (tables(visitor, shown))
                (texts(visitor, shown))
                (material::panel(visitor, report, &shown.material))
            }
            div {
                (facts(visitor, shown))
                (actions::forms(visitor, report, open_findings(&shown.findings), complete(shown), attempt))
            }
        }
        (history(visitor, &shown.events))
    };
    workplace(visitor, Page::work(&title, &report.address(), place), attempt, content)
}

/// How many findings still stand in the way: errors, and warnings without an explanation.
pub fn open_findings(findings: &[Finding]) -> (usize, usize) {
    let of = |severity: Severity| findings.iter().filter(move |finding| finding.severity() == severity);
    (
        of(Severity::Error).count(),
        of(Severity::Warning).filter(|finding| finding.explanation.is_empty()).count(),
    )
}

fn complete(shown: &Shown<'_>) -> bool {
    shown.report.submission.filled_cells >= shown.report.submission.required_cells
}

/// The page's one primary action, unless it is a form further down.
fn next_step(visitor: &Visitor, shown: &Shown<'_>, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let report = shown.report;
    let (errors, warnings) = open_findings(&shown.findings);
    let approved = report.submission.state() == submission::State::Approved;
    let returned = report.submission.state() == submission::State::Returned;
    if report.editable(visitor) && (!approved || errors + warnings > 0) {
        let unfinished = report.groups().into_iter().find(|(_, indicators)| {
            let (done, all) = filled(indicators, &shown.cells);
            done < all
        });
        return html! {
            @if let Some((group, _)) = unfinished {
                a.button.primary href=(report.cells_address(&group.code)) { (t("继续填报", "Go on filling in")) }
            } @else if errors + warnings > 0 {
                a.button.primary href={ (report.address()) "/findings" } { (t("处理检查结果", "Deal with the findings")) }
            } @else if let (true, Some((group, _))) = (returned, report.groups().into_iter().next()) {
                a.button.primary href=(report.cells_address(&group.code)) { (t("按意见修改", "Mend what was asked for")) }
            } @else {
                a.button.primary href="#approve" { (t("审定", "Approve")) }
            }
        };
    }
    actions::one_click(visitor, report, attempt)
}

fn steps(visitor: &Visitor, state: submission::State) -> Markup {
    use submission::State;
    let t = words(visitor.lang());
    let at = match state {
        State::Unspecified | State::Draft | State::Returned => 0,
        State::Approved => 1,
        State::Submitted => 2,
        State::UnderReview => 3,
        State::Accepted => 4,
        State::Published | State::Corrected => 5,
    };
    let names = [
        t("填报", "Fill in"),
        t("审定", "Approve"),
        t("提交", "Submit"),
        t("审核", "Review"),
        t("接收", "Accept"),
        t("发布", "Publish"),
    ];
    html! {
        ol.steps {
            @for (index, name) in names.iter().enumerate() {
                li class=[(index < at).then_some("past")] aria-current=[(index == at).then_some("step")] { (name) }
            }
        }
    }
}

fn banners(visitor: &Visitor, shown: &Shown<'_>, after: &After) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let submission = &shown.report.submission;
    html! {
        @if let Some(revision) = shown.revisions.last().filter(|_| !after.receipt.is_empty()) {
            div.banner.done role="status" {
                h2 { (t("已提交，回执如下", "Submitted. This is your receipt")) }
                dl.facts {
                    dt { (t("回执号", "Receipt")) } dd { span.code { (after.receipt) } }
                    @if let Some(time) = format::moment(revision.create_time.as_ref()) {
                        dt { (t("时间", "Time")) } dd { (format::happened(lang, time, visitor.now())) }
                    }
                    dt { (t("内容指纹", "Fingerprint")) } dd { code { (revision.content_hash) } }
                }
            }
        }
        @match after.done.as_str() {
            "approved" => (done(t("已审定。还差最后一步：提交。", "Approved. One step is left: submit."))),
            "started" => (done(t("已开始审核。", "The review has begun."))),
            "returned" => (done(t("已退回，学校会看到您的意见。", "Returned; the school will see your comment."))),
            "accepted" => (done(t("已接收，进入本年度结果。", "Accepted into the year's results."))),
            _ => {},
        }
        @if submission.state() == submission::State::Returned {
            div.banner.need {
                h2 { (t("教育主管部门退回了这份年报", "The commission has returned this report")) }
                p { (submission.return_comment) }
            }
        }
    }
}

fn tables(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        div.table-head {
            h2 { (t("指标表", "Tables of indicators")) }
            a href={ (shown.report.address()) "/transfer" } { (t("用表格填报", "Fill in by spreadsheet")) }
        }
        table {
            thead { tr { th scope="col" { (t("表", "Table")) } th scope="col" { (t("填写", "Filled in")) } } }
            tbody {
                @for (group, indicators) in shown.report.groups() {
                    @let (count, all) = filled(&indicators, &shown.cells);
                    tr {
                        th scope="row" {
                            a href=(shown.report.cells_address(&group.code)) { (name_or(lang, group.name.as_ref(), &group.code)) }
                            " " span.grey.code { (group.code) }
                        }
                        td { (progress(lang, count, all)) }
                    }
                }
            }
        }
    }
}

fn texts(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let kinds: &[SectionKind] = shown.report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let length = |code: &str| {
        let section = shown.sections.iter().find(|section| section.section_code == code);
        section.map_or(0, |section| section.body.chars().filter(|c| !c.is_whitespace()).count())
    };
    html! {
        div.table-head { h2 { (t("正文", "Text")) } }
        table {
            thead { tr {
                th scope="col" { (t("章节", "Section")) }
                th.number scope="col" { (t("字数", "Characters")) }
                th scope="col" { (t("要求", "Asked for")) }
            } }
            tbody {
                @for kind in kinds {
                    @let count = length(&kind.code);
                    @let short = i32::try_from(count).unwrap_or(i32::MAX) < kind.min_characters;
                    tr {
                        th scope="row" { a href=(shown.report.section_address(&kind.code)) { (name_or(lang, kind.name.as_ref(), &kind.code)) } }
                        td.number { (count) }
                        td {
                            @if short { (Mark::new(Sign::Empty, Tone::Need, t("待写", "To be written"))) " " }
                            span.grey { (bounds(visitor, kind)) }
                        }
                    }
                }
            }
        }
    }
}

/// "至少 20 字，至多 20000 字".
pub fn bounds(visitor: &Visitor, kind: &SectionKind) -> String {
    let lang = visitor.lang();
    let (least, most) = (kind.min_characters, kind.max_characters);
    match (least > 0, most > 0) {
        (true, true) => say!(lang, "{least}–{most} 字", "{least}–{most} characters"),
        (true, false) => say!(lang, "至少 {least} 字", "at least {least} characters"),
        (false, true) => say!(lang, "至多 {most} 字，可不写", "at most {most} characters, or none"),
        (false, false) => lang.pick("可不写", "may be left out").to_owned(),
    }
}

fn facts(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let submission = &shown.report.submission;
    let (errors, warnings) = open_findings(&shown.findings);
    let handed_in = !matches!(
        submission.state(),
        submission::State::Draft | submission::State::Approved | submission::State::Returned
    );
    html! {
        h2 { (t("情况", "Where it stands")) }
        dl.facts {
            dt { (t("填报单位", "Submitted by")) }
            dd { (shown.report.organisations.name(lang, &submission.organisation_code)) }
            @if let Some(due) = format::moment(shown.report.cycle.due_time.as_ref()) {
                dt { (t("截止", "Due")) }
                dd { @if handed_in { (format::exact(lang, due, now)) } @else { (format::deadline(lang, due, now)) } }
            }
            dt { (t("指标", "Indicators")) }
            dd { (progress(lang, submission.filled_cells, submission.required_cells)) }
            dt { (t("检查", "Checks")) }
            dd {
                a href={ (shown.report.address()) "/findings" } {
                    @if errors + warnings == 0 { (t("没有待处理的结果", "nothing stands open")) }
                    @else { (say!(lang, "{errors} 处错误，{warnings} 处提醒待说明", "{errors} errors, {warnings} warnings to explain")) }
                }
            }
            @if let Some(declaration) = &submission.declaration {
                dt { (t("真实性声明", "Declaration")) }
                dd {
                    (declaration.office) " " (declaration.name)
                    @if let Some(time) = format::moment(declaration.time.as_ref()) { div.grey { (format::happened(lang, time, now)) } }
                }
            }
            @for revision in shown.revisions.iter().rev() {
                @let number = revision.number;
                dt { (say!(lang, "第 {number} 版", "Revision {number}")) }
                dd {
                    @if let Some(time) = format::moment(revision.create_time.as_ref()) { (format::happened(lang, time, now)) }
                    div { code.small title=(revision.content_hash) { (revision.content_hash.get(..16).unwrap_or_default()) "…" } }
                }
            }
            @if !shown.revisions.is_empty() {
                dt { (t("版次差异", "Differences")) }
                dd { a href={ (shown.report.address()) "/revisions/compare" } { (t("比较两个版次", "Compare two revisions")) } }
            }
            @if shown.report.standing(visitor) != Standing::Reader {
                dt { (t("填报负担", "Burden")) }
                dd { a href={ (shown.report.address()) "/burden" } { (t("各表各节用时", "Time by table and section")) } }
            }
        }
    }
}

fn history(visitor: &Visitor, events: &[Event]) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    html! {
        @if !events.is_empty() {
            h2 { (t("经过", "History")) }
            ol.history {
                @for event in events.iter().rev() {
                    li {
                        span.grey { @if let Some(time) = format::moment(event.time.as_ref()) { (format::happened(lang, time, now)) } }
                        span {
                            (event.account_name) " " (deed(visitor, event))
                            @if !event.comment.is_empty() { div.grey { (event.comment) } }
                        }
                    }
                }
            }
        }
    }
}

fn deed(visitor: &Visitor, event: &Event) -> &'static str {
    let t = words(visitor.lang());
    match event.action.as_str() {
        "submission.create" => t("新建了年报", "started the report"),
        "submission.edit" | "attachment.edit" | "case.edit" | "narrative.edit" => {
            t("修改了内容", "changed its content")
        }
        "submission.approve" => t("审定并作出真实性声明", "approved it and declared it true"),
        "submission.submit" => t("提交了年报", "submitted it"),
        "submission.review" => match event.state() {
            submission::State::UnderReview => t("开始审核", "began the review"),
            submission::State::Returned => t("退回修改", "returned it"),
            submission::State::Accepted => t("接收了年报", "accepted it"),
            _ => t("作出审核处理", "handled the review"),
        },
        "cycle.release" => t("随年度结果发布", "published it with the year's results"),
        _ => t("更新了状态", "moved it on"),
    }
}
