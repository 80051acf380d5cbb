//! One section's text: written, previewed, and read with the proofreader's remarks at its side.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::{get, post},
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{
    Attachment, Comment, ListSectionsRequest, Remark, SaveSectionRequest, Section, SectionKind,
    attachment::Purpose,
};

use super::{
    comment_card::{self, Said, Spot},
    comments, lock,
    material::{Material, file_address},
    remarks::{self, Beside},
    report::{Part, Report},
    show::bounds,
};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{Field, Form, Kind, Mark, Sign, Tone, base, done, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, words},
        layout::{Page, workplace},
        link,
        prose::Extras,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/submissions/{id}/sections/{code}", get(show).post(save))
        .route("/submissions/{id}/sections/{code}/preview", post(preview))
}

/// The field of the text.
const BODY: &str = "section.body";

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(
    visitor: Visitor,
    Path((id, code)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    page(&visitor, &report, &code, &after.done, &Attempt::default()).await
}

/// The page, or the page again with a form that was refused.
pub async fn page(visitor: &Visitor, report: &Report, code: &str, after: &str, attempt: &Attempt) -> Answer {
    let kinds: &[SectionKind] = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let at = kinds.iter().position(|kind| kind.code == code).ok_or_else(Failure::not_found)?;
    let request =
        ListSectionsRequest { submission_id: report.submission.submission_id.clone(), revision_number: 0 };
    let mut clients = visitor.clients().submissions();
    let sections = async { clients.list_sections(request).await.map_err(Failure::from) };
    let (sections, remarks, material, comments) = futures::try_join!(
        sections,
        remarks::of_section(visitor, report, code),
        Material::load(visitor, report),
        comment_card::load(visitor, report)
    )?;
    let sections = sections.into_inner().sections;
    let section = sections.into_iter().find(|section| section.section_code == code).unwrap_or_default();
    let shown = Shown { report, kinds, at, section, remarks, material, comments };
    Ok(render(visitor, &shown, after, attempt))
}

struct Shown<'a> {
    report: &'a Report,
    kinds: &'a [SectionKind],
    at: usize,
    section: Section,
    remarks: Vec<Remark>,
    material: Material,
    comments: Vec<Comment>,
}

impl Shown<'_> {
    fn kind(&self) -> &SectionKind {
        &self.kinds[self.at]
    }
}

fn render(visitor: &Visitor, shown: &Shown<'_>, after: &str, attempt: &Attempt) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let Shown { report, section, .. } = shown;
    let kind = shown.kind();
    let address = report.section_address(&kind.code);
    let title = name_or(lang, kind.name.as_ref(), &kind.code).to_owned();
    let typed = attempt.form.typed(BODY).is_some();
    // What was typed stays in its field although it came too late to be saved.
    let editable = report.part_editable(visitor, Part::Section(&kind.code)) || typed;
    let conflict = typed && attempt.failure.as_ref().is_some_and(Failure::is_conflict);
    let previewed = typed && !attempt.is_refused();
    let said =
        Said { visitor, report, comments: &shown.comments, attempt: &Attempt::default(), back: &address };
    let content = html! {
        (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang))]))
        div.head { div {
            h1 { (title) }
            p.lead { (bounds(visitor, kind)) (t("，", ", ")) (states::submission(lang, report.submission.state())) }
        } }
        @match after {
            "saved" => (done(t("已保存到系统。", "Saved."))),
            "dismissed" => (done(t("已标为无需修改，同样的话以后不再提示。", "Marked as needing no change; the same words are not marked again."))),
            "restored" => (done(t("已恢复这一条。", "It is back."))),
            other => @if let Some(message) = comments::told(lang, other) { (done(message)) },
        }
        (lock::notice(visitor, report, Some(Part::Section(&kind.code))))
        (beside(&said, &kind.code, &title))
        @if conflict { (theirs(visitor, &section.body)) } @else { (refusal(lang, attempt)) }
        @if editable { (editor(visitor, shown, attempt)) }
        @if previewed { (reading(visitor, shown, &attempt.form.lines(BODY), t("预览（还没有保存）", "Preview (not saved yet)"), attempt)) }
        @else if !section.body.trim().is_empty() { (reading(visitor, shown, &section.body, t("正文与校对", "The text and its proofreading"), attempt)) }
        @else if !editable { p.grey { (t("这一节没有内容。", "This section is empty.")) } }
        (cases(visitor, shown, editable))
        (neighbours(visitor, shown))
    };
    workplace(visitor, Page::work(&title, &address, report.place(visitor)), attempt, content)
}

/// What the commission remarks on the section.
fn beside(said: &Said<'_>, code: &str, title: &str) -> Markup {
    let spot = Spot::Section(code);
    html! {
        @if said.has(spot) || said.can_add() {
            section id="comments" {
                h2 { (words(said.visitor.lang())("教育主管部门对本节的意见", "The commission's remarks on this section")) }
                (said.cards(spot))
                (said.add(spot, title))
                (said.shells([spot]))
            }
        }
    }
}

fn editor(visitor: &Visitor, shown: &Shown<'_>, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let kind = shown.kind();
    let address = shown.report.section_address(&kind.code);
    let preview = format!("{address}/preview#preview");
    let keep = format!("section/{}/{}", shown.report.submission.submission_id, kind.code);
    let nothing = Attempt::default();
    // A refused decision about a remark leaves this form as it was.
    let attempt = if attempt.form.typed(BODY).is_some() { attempt } else { &nothing };
    let body = attempt.form.or(BODY, &shown.section.body);
    html! {
        p { (count(visitor, kind, body)) }
        (Form { action: &address, attempt, keep: &keep }.around(html! {
            (base("etag", &shown.section.etag))
            (Field::new(Kind::Long, BODY, t("正文", "Text"), attempt, &shown.section.body)
                .hint(t("可以用 Markdown：# 标题、- 列表、| 表格 |。", "Markdown works: # heading, - list, | table |."))
                .optional_if(kind.min_characters == 0, lang))
            (pictures(visitor, shown))
            div.stick { div.actions {
                button.primary type="submit" data-save { (t("保存", "Save")) }
                button type="submit" formaction=(preview) { (t("预览", "Preview")) }
                span.saved data-saved aria-live="polite" {}
            } }
        }))
    }
}

/// How long the text is, against what is asked for.
fn count(visitor: &Visitor, kind: &SectionKind, body: &str) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let count = i32::try_from(body.chars().filter(|c| !c.is_whitespace()).count()).unwrap_or(i32::MAX);
    let (least, most) = (kind.min_characters, kind.max_characters);
    let (short, over) = (least - count, count - most);
    html! {
        @if count < least {
            (Mark::new(Sign::Empty, Tone::Need, t("字数不足", "Too short"))) " "
            (say!(lang, "现有 {count} 字，还差 {short} 字。", "{count} characters; {short} more are asked for."))
        } @else if most > 0 && count > most {
            (Mark::new(Sign::Warn, Tone::Wrong, t("超出字数", "Too long"))) " "
            (say!(lang, "现有 {count} 字，超出 {over} 字。", "{count} characters: {over} too many."))
        } @else {
            (Mark::new(Sign::Tick, Tone::Done, t("字数符合要求", "The length is right"))) " "
            (say!(lang, "现有 {count} 字（空格和换行不计）。", "{count} characters, white space aside."))
        }
    }
}

/// The report's pictures, each with the line that shows it.
fn pictures(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let t = words(visitor.lang());
    let files: Vec<&Attachment> = shown.material.of(Purpose::Picture).collect();
    let upload = format!("{}/attachments#pictures", shown.report.address());
    html! {
        details {
            summary { (t("在正文中插入图片", "Show a picture in the text")) }
            @if files.is_empty() {
                p.grey { (t("还没有图片。", "There are no pictures yet.")) " " a href=(upload) { (t("去上传", "Upload one")) } }
            } @else {
                p.grey { (t("把图片下面的一行文字粘贴到正文中，单独占一行。", "Paste the line below a picture into the text, on a line of its own.")) " " a href=(upload) { (t("上传更多", "Upload more")) } }
                div.gallery {
                    @for file in files {
                        figure.picture {
                            img src=(file_address(shown.report, file)) alt=(file.alt_text) loading="lazy";
                            figcaption { code.small.line { "![" (file.caption) "](attachment:" (file.attachment_id) ")" } }
                        }
                    }
                }
            }
        }
    }
}

/// The text as it reads, each remark beside its passage.
fn reading(visitor: &Visitor, shown: &Shown<'_>, body: &str, title: &str, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let extras = Extras { pictures: shown.material.pictures(shown.report), marks: vec![] };
    let open = remarks::open(&shown.remarks);
    let all = shown.remarks.len();
    let beside = Beside {
        visitor,
        report: shown.report,
        code: &shown.kind().code,
        kinds: shown.kinds,
        body,
        remarks: &shown.remarks,
        extras: &extras,
        attempt,
    };
    html! {
        section id="preview" {
            div.table-head {
                h2 { (title) }
                span {
                    @if all == 0 { (Mark::new(Sign::Tick, Tone::Done, t("校对没有发现问题", "The proofreader found nothing"))) }
                    @else if open == 0 { (Mark::new(Sign::Tick, Tone::Done, t("校对结果都已处理", "All that the proofreader marked is settled"))) }
                    @else { (Mark::new(Sign::Warn, Tone::Need, t("请核对", "To be checked"))) " " (say!(lang, "{open} 处", "{open}")) }
                }
            }
            @if all > 0 { p.grey.small { (t("校对由机器完成，可能有误：确实无需修改的，写明理由即可。", "A machine proofreads and may be wrong: where nothing needs changing, say why.")) } }
            (beside.show())
        }
    }
}

fn cases(visitor: &Visitor, shown: &Shown<'_>, editable: bool) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let kind = shown.kind();
    let list = format!("{}/cases", shown.report.address());
    let cases: Vec<_> = shown.material.cases.iter().filter(|case| case.section_code == kind.code).collect();
    let least = kind.min_cases;
    html! {
        @if editable || !cases.is_empty() {
            h2 { (t("本节案例", "Cases of this section")) }
            @if cases.len() < usize::try_from(least).unwrap_or_default() {
                p { (Mark::new(Sign::Empty, Tone::Need, t("还缺案例", "More are asked for"))) " " (say!(lang, "至少 {least} 个。", "At least {least}.")) }
            }
            @if !cases.is_empty() {
                ul { @for case in cases { li { a href={ (list) "#" (id_of(&case.case_id)) } { (case.title) } } } }
            }
            @if editable { p { a href=(link::address(&format!("{list}/new"), &[("section", &kind.code)])) { (t("写一个案例", "Write a case")) } } }
        }
    }
}

/// What a colleague saved meanwhile, to be compared with what was typed.
fn theirs(visitor: &Visitor, body: &str) -> Markup {
    let t = words(visitor.lang());
    html! {
        div.banner.need role="alert" tabindex="-1" data-faults {
            h2 { (t("还没有保存：同事刚刚改过这一节", "Not saved yet: a colleague has just changed this section")) }
            p { (t("下面先是同事保存的全文，再是您写的。合并之后再保存一次，就以您的为准。", "Below stands your colleague's text, then yours. Merge them, then save again: yours will stand.")) }
        }
        div.field {
            label for="theirs" { (t("同事保存的全文", "Your colleague's text")) }
            textarea id="theirs" readonly { "\n" (body) }
        }
    }
}

fn neighbours(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let lang = visitor.lang();
    let link = |kind: &SectionKind, arrow: (&str, &str)| {
        html! { a href=(shown.report.section_address(&kind.code)) { (arrow.0) (name_or(lang, kind.name.as_ref(), &kind.code)) (arrow.1) } }
    };
    html! {
        nav.pager aria-label=(words(lang)("前后章节", "Neighbouring sections")) {
            @if let Some(kind) = shown.at.checked_sub(1).and_then(|at| shown.kinds.get(at)) { (link(kind, ("← ", ""))) }
            @if let Some(kind) = shown.kinds.get(shown.at + 1) { (link(kind, ("", " →"))) }
        }
    }
}

async fn save(visitor: Visitor, Path((id, code)): Path<(String, String)>, form: FormData) -> Answer {
    let section =
        Section { section_code: code.clone(), body: form.lines(BODY), etag: form.get("etag").to_owned() };
    let request = SaveSectionRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        section: Some(section),
    };
    match visitor.clients().submissions().save_section(request).await {
        Ok(_) => Ok(see_other(&format!("/submissions/{id}/sections/{code}?done=saved"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let report = Report::load(&visitor, &id).await?;
            page(&visitor, &report, &code, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

/// Shows what is typed as it would read. Nothing is saved.
async fn preview(visitor: Visitor, Path((id, code)): Path<(String, String)>, form: FormData) -> Answer {
    let report = Report::load(&visitor, &id).await?;
    page(&visitor, &report, &code, "", &Attempt { form, ..Attempt::default() }).await
}
