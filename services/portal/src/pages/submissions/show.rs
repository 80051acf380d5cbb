//! A report's front page: how far it is, what stands in the way, and the one step that comes next.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    Cell, Comment, Event, Extension, Finding, ListEventsRequest, ListExtensionsRequest, ListRevisionsRequest,
    ListSectionsRequest, Revision, Section, SectionKind, Severity, submission,
};

use super::{
    actions::{self, InTheWay},
    comment_card, comments, facts, history, lock,
    material::{self, Material},
    parts,
    report::{Part, Report, Standing, filled},
};
use crate::{
    say,
    web::{
        components::{done, refusal, trail},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::words,
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
    /// What was done.
    #[serde(default)]
    pub done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after, &Attempt::default()).await
}

/// What the page shows.
pub struct Shown<'a> {
    pub report: &'a Report,
    pub cells: Vec<Cell>,
    pub sections: Vec<Section>,
    pub findings: Vec<Finding>,
    pub revisions: Vec<Revision>,
    pub events: Vec<Event>,
    pub comments: Vec<Comment>,
    /// What the school asked for more time in this year, newest first.
    pub extensions: Vec<Extension>,
    material: Material,
}

impl Shown<'_> {
    /// What stands in the way of handing the report in.
    fn in_the_way(&self) -> InTheWay {
        let (errors, warnings) = open_findings(&self.findings);
        let submission = &self.report.submission;
        let (unanswered, _) = comments::waiting(&self.comments);
        InTheWay {
            empty: submission.required_cells.saturating_sub(submission.filled_cells),
            errors,
            warnings,
            unanswered,
        }
    }
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
    let (cells, findings, material, comments, extensions) = futures::try_join!(
        report.cells(visitor),
        report.findings(visitor),
        Material::load(visitor, &report),
        comment_card::load(visitor, &report),
        extensions(visitor, &report)
    )?;
    let shown = Shown {
        report: &report,
        cells,
        sections: sections.into_inner().sections,
        findings,
        revisions: revisions.into_inner().revisions,
        events: events.into_inner().events,
        comments,
        extensions,
        material,
    };
    Ok(render(visitor, &shown, after, attempt))
}

/// What its school asked for more time in this year, for those whom it concerns.
async fn extensions(visitor: &Visitor, report: &Report) -> Result<Vec<Extension>, Failure> {
    if report.standing(visitor) == Standing::Reader || !report.is_with_school() {
        return Ok(vec![]);
    }
    let request = ListExtensionsRequest {
        cycle_year: report.submission.cycle_year,
        organisation_code: report.submission.organisation_code.clone(),
        ..ListExtensionsRequest::default()
    };
    Ok(visitor.clients().extensions().list_extensions(request).await?.into_inner().extensions)
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
        (lock::notice(visitor, report, None))
        div.columns {
            div {
                (comments::panel(visitor, report, &shown.comments))
                (parts::show(visitor, shown))
                (material::panel(visitor, report, &shown.material))
            }
            div {
                (facts::show(visitor, shown))
                (actions::forms(visitor, report, &shown.in_the_way(), &shown.comments, attempt))
            }
        }
        (history::revisions(visitor, report, &shown.revisions))
        (history::latest(visitor, report, &shown.events))
    };
    workplace(visitor, Page::work(&title, &report.address(), place), attempt, content)
}

/// How many findings still stand in the way: errors, and warnings that are not answered.
pub fn open_findings(findings: &[Finding]) -> (usize, usize) {
    let of = |severity: Severity| findings.iter().filter(move |finding| finding.severity() == severity);
    (of(Severity::Error).count(), of(Severity::Warning).filter(|finding| finding.open).count())
}

/// The page's one primary action, unless it is a form further down.
fn next_step(visitor: &Visitor, shown: &Shown<'_>, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let report = shown.report;
    let way = shown.in_the_way();
    let approved = report.submission.state() == submission::State::Approved;
    let returned = report.submission.state() == submission::State::Returned;
    if report.standing(visitor) == Standing::Owner && way.unanswered > 0 && report.can_be_handed_in() {
        return html! {
            a.button.primary href={ (report.address()) "/comments" } { (t("处理退回意见", "Deal with the remarks")) }
        };
    }
    if report.editable(visitor) && (!approved || way.findings() > 0) {
        let own = |group: &str| report.allows(Part::Table(group));
        let unfinished =
            report.groups().into_iter().filter(|(group, _)| own(&group.code)).find(|(_, indicators)| {
                let (done, all) = filled(indicators, &shown.cells);
                done < all
            });
        let first = report.groups().into_iter().find(|(group, _)| own(&group.code));
        return html! {
            @if let Some((group, _)) = unfinished {
                a.button.primary href=(report.cells_address(&group.code)) { (t("继续填报", "Go on filling in")) }
            } @else if way.findings() > 0 {
                a.button.primary href={ (report.address()) "/findings" } { (t("处理检查结果", "Deal with the findings")) }
            } @else if let (true, Some((group, _))) = (returned, first) {
                a.button.primary href=(report.cells_address(&group.code)) { (t("按意见修改", "Mend what was asked for")) }
            } @else if report.coordinates() {
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
        @match after.done.as_str() {
            "approved" => (done(t("已审定。还差最后一步：提交。", "Approved. One step is left: submit."))),
            "started" => (done(t("已开始审核。", "The review has begun."))),
            "returned" => (done(t("已退回，学校会看到您的意见。", "Returned; the school will see your comment."))),
            "accepted" => (done(t("已接收，进入本年度结果。", "Accepted into the year's results."))),
            "planned" => (done(t("填报分工已保存。", "The plan of who edits what is saved."))),
            _ => {},
        }
        @if submission.state() == submission::State::Returned {
            div.banner.need {
                h2 { (t("教育主管部门退回了这份年报", "The commission has returned this report")) }
                p.said { (submission.return_comment) }
                @if let Some(due) = submission.deadline.as_ref().and_then(|deadline| format::moment(deadline.due_time.as_ref())) {
                    p { (t("改好并重新提交的期限：", "To be mended and submitted again by ")) (format::deadline(lang, due, visitor.now())) }
                }
            }
        }
        @if submission.correcting { (correcting(visitor, shown.report)) }
        @if let (submission::State::Approved, Some(declaration)) = (submission.state(), &submission.declaration) {
            div.banner { (facts::declared(visitor, declaration)) }
        }
    }
}

/// That a report in the results is open again, and what the results hold meanwhile.
fn correcting(visitor: &Visitor, report: &Report) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let number = report.submission.accepted_revision;
    html! {
        div.banner.need {
            h2 { (t("这份年报正在更正", "This report is being corrected")) }
            p { (say!(lang, "新的一版被接收之前，年度结果里仍是第 {number} 版。", "Until a new revision is accepted, the results hold revision {number}.")) }
            p { a href={ (report.address()) "/corrections" } { (t("看更正的理由和期限", "See why, and until when")) } }
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
