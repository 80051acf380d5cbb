//! Who in a school edits which part of a report.

use std::collections::BTreeSet;

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::submission::v1::{Editor, GetEditorsRequest, GetEditorsResponse, SetEditorsRequest};

use super::report::{Part, Report, Standing};
use crate::{
    pages::see_other,
    say,
    web::{
        components::{Form, base, done, id_of, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, Fault, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, workplace},
        link,
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions/{id}/editors", get(show).post(save))
}

/// The button that lets everybody edit everything again.
const CLEAR: &str = "clear";

#[derive(Deserialize, Default)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    let report = Report::load(visitor, id).await?;
    let request = GetEditorsRequest { submission_id: id.to_owned() };
    let plan = visitor.clients().editors().get_editors(request).await?.into_inner();
    Ok(render(visitor, &report, &plan, after, attempt))
}

fn render(
    visitor: &Visitor,
    report: &Report,
    plan: &GetEditorsResponse,
    after: &str,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("填报分工", "Who edits what");
    let address = format!("{}/editors", report.address());
    let changes = report.standing(visitor) == Standing::Owner && report.coordinates();
    let planned = !plan.editors.is_empty();
    let content = html! {
        (trail(lang, &[report.above(visitor), (&report.address(), &report.title(lang))]))
        div.head {
            div {
                h1 { (title) }
                p.lead {
                    @if planned { (t("每个人只能修改自己负责的部分；负责人可以修改全部，并负责审定、提交和调整分工。", "Everybody changes their own parts; a coordinator changes everything, approves, submits, and hands out the parts.")) }
                    @else { (t("还没有分工：本单位每个填报账户都可以修改全部内容。", "There is no plan: every account of the school changes everything.")) }
                }
            }
            div.actions { a.button href=(report.address()) { (t("回到年报", "Back to the report")) } }
        }
        @match after {
            "saved" => (done(t("分工已保存，马上生效。", "The plan is saved, and in force at once."))),
            "cleared" => (done(t("分工已取消，每个账户都可以修改全部内容。", "There is no plan any more: everybody changes everything."))),
            _ => {},
        }
        (refusal(lang, attempt))
        (by_part(visitor, report, plan))
        @if changes { (form(visitor, report, plan, attempt)) }
        @else if planned {
            p.grey { (t("分工由负责人调整。", "Coordinators change the plan.")) }
        }
        @if planned && (changes || report.standing(visitor) == Standing::Desk) { (clearing(visitor, report, plan)) }
    };
    workplace(visitor, Page::work(title, &address, report.place(visitor)), attempt, content)
}

/// The parts of the report, each with its name.
fn parts<'a>(visitor: &Visitor, report: &'a Report) -> Vec<(Part<'a>, &'a str)> {
    let lang = visitor.lang();
    let groups = report.groups().into_iter();
    let tables = groups.map(|(group, _)| {
        (Part::Table(group.code.as_str()), name_or(lang, group.name.as_ref(), &group.code))
    });
    let sections = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let sections = sections
        .iter()
        .map(|kind| (Part::Section(kind.code.as_str()), name_or(lang, kind.name.as_ref(), &kind.code)));
    tables.chain(sections).collect()
}

/// How a form names a part.
fn key(part: Part<'_>) -> String {
    match part {
        Part::Table(code) => format!("table.{code}"),
        Part::Section(code) => format!("section.{code}"),
    }
}

/// Whether a part is of a kind.
type IsOf = fn(Part<'_>) -> bool;

/// The parts in the order in which a report has them: what each kind is called, and whether a part is of it.
fn kinds(visitor: &Visitor) -> [(&'static str, IsOf); 2] {
    let t = words(visitor.lang());
    [
        (t("指标表", "Tables of indicators"), |part| matches!(part, Part::Table(_))),
        (t("章节", "Sections"), |part| matches!(part, Part::Section(_))),
    ]
}

/// Each part, who has it, and who changed it last.
fn by_part(visitor: &Visitor, report: &Report, plan: &GetEditorsResponse) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let named = |wanted: &dyn Fn(&Editor) -> bool| {
        let editors = plan.editors.iter().filter(|editor| wanted(editor));
        let found: Vec<&str> = editors.map(|editor| editor.account_name.as_str()).collect();
        found.join(t("、", ", "))
    };
    let coordinators = named(&|editor| editor.coordinator);
    let parts = parts(visitor, report);
    html! {
        @if !plan.editors.is_empty() {
            p { (say!(lang, "负责人：{coordinators}。没有指定给别人的部分，由负责人填。", "Coordinators: {coordinators}. What is given to nobody else is theirs.")) }
        }
        @for (kind, is_of) in kinds(visitor) {
            table {
                thead { tr {
                    th scope="col" { (kind) }
                    th scope="col" { (t("谁填", "Who edits it")) }
                    th.spare scope="col" { (t("最近修改", "Last change")) }
                } }
                tbody {
                    @for (part, name) in parts.iter().filter(|(part, _)| is_of(*part)) {
                        @let who = named(&|editor| part.is_among(&editor.section_codes, &editor.group_codes));
                        tr {
                            th scope="row" {
                                @match part {
                                    Part::Table(code) => a href=(report.cells_address(code)) { (name) },
                                    Part::Section(code) => a href=(report.section_address(code)) { (name) },
                                }
                            }
                            td {
                                @if plan.editors.is_empty() { span.grey { (t("每个账户", "everybody")) } }
                                @else if who.is_empty() { span.grey { (t("负责人", "coordinators")) } }
                                @else { (who) }
                            }
                            td.spare {
                                @if let Some(edit) = report.last_edit(*part) {
                                    (edit.account_name) " "
                                    @if let Some(time) = format::moment(edit.time.as_ref()) { (format::happened(lang, time, now)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn form(visitor: &Visitor, report: &Report, plan: &GetEditorsResponse, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let address = format!("{}/editors", report.address());
    let keep = format!("editors/{}", report.submission.submission_id);
    let parts = parts(visitor, report);
    let typed = attempt.form.typed("etag").is_some();
    html! {
        section id=(id_of("editors")) {
            h2 { (t("安排分工", "Hand out the parts")) }
            (Form { action: &address, attempt, keep: &keep }.around(html! {
                (base("etag", &plan.etag))
                @for account in &plan.accounts {
                    @let id = account.account_id.as_str();
                    @let stored = plan.editors.iter().find(|editor| editor.account_id == id);
                    @let ticked = |name: &str, value: &str, stored: bool| if typed { attempt.form.pairs().iter().any(|(key, given)| key == name && given == value) } else { stored };
                    @let coordinates = format!("coordinator.{id}");
                    @let edits = format!("part.{id}");
                    fieldset.editor {
                        legend { (account.account_name) }
                        label { input type="checkbox" name=(coordinates) value="1" checked[ticked(&coordinates, "1", stored.is_some_and(|editor| editor.coordinator))]; " " strong { (t("负责人（全部内容、审定、提交、分工）", "Coordinator (everything: content, approval, submission, plan)")) } }
                        @for (kind, is_of) in kinds(visitor) {
                            p.grey.small { (kind) }
                            div.boxes {
                                @for (part, name) in parts.iter().filter(|(part, _)| is_of(*part)) {
                                    @let value = key(*part);
                                    @let has = stored.is_some_and(|editor| part.is_among(&editor.section_codes, &editor.group_codes));
                                    label { input type="checkbox" name=(edits) value=(value) checked[ticked(&edits, &value, has)]; " " (name) }
                                }
                            }
                        }
                    }
                }
                div.actions {
                    button.primary type="submit" { (t("保存分工", "Save the plan")) }
                    span.saved data-saved {}
                }
            }))
        }
    }
}

/// The way back to having no plan.
fn clearing(visitor: &Visitor, report: &Report, plan: &GetEditorsResponse) -> Markup {
    let t = words(visitor.lang());
    let address = format!("{}/editors", report.address());
    html! {
        details {
            summary { (t("取消分工", "Do without a plan")) }
            p { (t("取消之后，本单位每个填报账户都可以修改全部内容、审定和提交。负责人都不在时，教育主管部门也可以取消。", "Every account of the school can change, approve and submit everything then. The commission may do this too, should the coordinators be gone.")) }
            (crate::web::components::button(&address, &Attempt::default(), &[("etag", &plan.etag), (CLEAR, "1")], t("取消分工", "Do without a plan"), false))
        }
    }
}

/// The plan that a form says; accounts without a tick are not part of it.
fn read(form: &FormData) -> Vec<Editor> {
    let mut accounts: Vec<&str> = vec![];
    for (name, _) in form.pairs() {
        let account = name.strip_prefix("coordinator.").or_else(|| name.strip_prefix("part."));
        if let Some(account) = account.filter(|account| !accounts.contains(account)) {
            accounts.push(account);
        }
    }
    let of = |account: &str| {
        let edits = format!("part.{account}");
        let mut editor = Editor {
            account_id: account.to_owned(),
            coordinator: form.typed(&format!("coordinator.{account}")).is_some(),
            ..Editor::default()
        };
        let given: BTreeSet<&str> =
            form.pairs().iter().filter(|(name, _)| *name == edits).map(|(_, value)| value.as_str()).collect();
        for part in given {
            match part.split_once('.') {
                Some(("section", code)) => editor.section_codes.push(code.to_owned()),
                Some(("table", code)) => editor.group_codes.push(code.to_owned()),
                _ => {}
            }
        }
        editor
    };
    accounts.into_iter().map(of).collect()
}

async fn save(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let clears = form.typed(CLEAR).is_some();
    let editors = if clears { vec![] } else { read(&form) };
    if editors.is_empty() && !clears {
        let message = words(visitor.lang())(
            "还没有给任何人分配。至少要有一位负责人；不需要分工时，用页面下方的“取消分工”。",
            "Nobody was given anything. A plan wants a coordinator; to do without one, use the button at the end of the page.",
        );
        let fault = Fault { field: "editors".into(), message: message.into() };
        return page(&visitor, &id, "", &Attempt::faulty(form, vec![fault])).await;
    }
    let request = SetEditorsRequest {
        request_id: form.request_id(),
        submission_id: id.clone(),
        etag: form.get("etag").to_owned(),
        editors,
    };
    match visitor.clients().editors().set_editors(request).await {
        Ok(_) => {
            let address = format!("/submissions/{}/editors", link::segment(&id));
            Ok(see_other(&link::address(&address, &[("done", if clears { "cleared" } else { "saved" })])))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(form, failure, |_| "editors".to_owned());
            page(&visitor, &id, "", &attempt).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_who_coordinates_and_who_has_what() {
        let pairs = [
            ("etag", "v1"),
            ("coordinator.acc_1", "1"),
            ("part.acc_2", "section.talent"),
            ("part.acc_2", "table.SC"),
        ];
        let form =
            FormData::new(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect());
        let plan = read(&form);
        assert_eq!(plan.len(), 2);
        assert!(plan[0].coordinator && plan[0].section_codes.is_empty());
        assert_eq!((plan[1].account_id.as_str(), plan[1].coordinator), ("acc_2", false));
        assert_eq!(
            (plan[1].section_codes.as_slice(), plan[1].group_codes.as_slice()),
            (&["talent".to_owned()][..], &["SC".to_owned()][..])
        );
    }
}
