//! One appeal: what the school says, who decides, and how it ended.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        Appeal, AppointAppealPanelRequest, DecideAppealRequest, GetAppealRequest, Scheme,
        WithdrawAppealRequest, appeal::State,
    },
};

use super::{entry::line, list::place};
use crate::{
    pages::{lookup::Organisations, results, see_other},
    say,
    web::{
        components::{Field, Form, Kind, Mark, Sign, Tone, base, button, done, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, text, words},
        layout::{Page, workplace},
        link, prose,
        session::Visitor,
        states,
    },
};

#[derive(Deserialize, Default)]
pub struct After {
    #[serde(default)]
    done: String,
}

pub async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = GetAppealRequest { appeal_id: id.to_owned() };
    let answer = visitor.clients().appeals().get_appeal(request).await?.into_inner();
    let appeal = answer.appeal.ok_or_else(Failure::not_found)?;
    let schemes = results::schemes(visitor).await?;
    let employers = Organisations::of(visitor, appeal.panel.iter().map(|one| one.organisation_code.as_str()));
    Ok(render(visitor, &appeal, &employers.await?, &schemes, after, attempt))
}

fn render(
    visitor: &Visitor,
    appeal: &Appeal,
    employers: &Organisations,
    schemes: &[Scheme],
    after: &str,
    attempt: &Attempt,
) -> Response {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let entry = appeal.entry.clone().unwrap_or_default();
    let name = name_or(lang, entry.programme_name.as_ref(), &entry.programme_code);
    let title = say!(lang, "申诉：{name}", "Appeal: {name}");
    let address = format!("/appeals/{}", appeal.appeal_id);
    let open = matches!(appeal.state(), State::Filed | State::Hearing);
    let named = |code: &String| {
        let mut elements = schemes.iter().flat_map(|scheme| &scheme.elements);
        elements
            .find(|element| element.code == *code)
            .map_or_else(|| code.clone(), |element| text(lang, element.name.as_ref()).to_owned())
    };
    let elements: Vec<String> = appeal.element_codes.iter().map(named).collect();
    let content = html! {
        (trail(lang, &[("/appeals", t("申诉", "Appeals"))]))
        div.head { div {
            h1 { (title) }
            p.lead { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) (t("，", ", ")) (states::appeal(lang, appeal)) }
        } }
        @match after {
            "appointed" => (done(t("复评专家已经可以看到任务。", "The hearing's reviewers see their assignments."))),
            "decided" => (done(t("申诉已经有了结论，学校现在可以看到。", "The appeal is decided; the school sees it now."))),
            "withdrawn" => (done(t("申诉已撤回。", "The appeal is withdrawn."))),
            _ => {},
        }
        (refusal(lang, attempt))
        dl.facts {
            dt { (t("申诉的等级", "Grade appealed")) } dd { (line(visitor, &appeal.grade, &appeal.total)) }
            @if !appeal.new_grade.is_empty() { dt { (t("改评为", "Replaced by")) } dd { (line(visitor, &appeal.new_grade, &appeal.new_total)) } }
            @if let Some(ground) = &appeal.ground { dt { (t("理由", "Ground")) } dd { (name_or(lang, ground.name.as_ref(), &ground.code)) } }
            @if !elements.is_empty() { dt { (t("涉及要素", "Elements")) } dd { (elements.join(t("、", ", "))) } }
            @if let Some(time) = format::moment(appeal.file_time.as_ref()) { dt { (t("提交时间", "Filed")) } dd { (format::exact(lang, time, now)) } }
            @if open { dt { (t("应当办结", "To be decided")) } dd { (format::deadline_day(lang, &appeal.decide_due_date, now)) } }
        }
        h2 { (t("申诉说明", "Statement")) }
        (prose::set(&appeal.statement, 3))
        @if !appeal.reason.is_empty() {
            h2 { (t("结论和理由", "The decision, and why")) }
            p { (states::appeal(lang, appeal)) }
            p { (appeal.reason) }
        }
        (panel(visitor, appeal, employers))
        @if open && visitor.has(Role::Chair) { (hearing(visitor, appeal, &address, attempt)) }
        @if appeal.state() == State::Filed && visitor.organisations(Role::School).contains(&entry.organisation_code) {
            (button(&format!("{address}/withdraw"), attempt, &[("etag", &appeal.etag)], t("撤回申诉", "Withdraw the appeal"), false))
        }
    };
    workplace(visitor, Page::work(&title, &address, place(visitor)), attempt, content)
}

/// Who hears it, as the chair sees it.
fn panel(visitor: &Visitor, appeal: &Appeal, employers: &Organisations) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        @if !appeal.panel.is_empty() {
            h2 { (t("复评专家", "Who hears it")) }
            p { (t("没有人评过本专业；所在单位和曾任职单位都按本方案的回避规则查过。学校看不到名单。", "Nobody here has scored this programme, and the scheme's rules on conflicts were applied to present and past employers. The school does not see the list.")) }
            table.data.narrow #panel {
                thead { tr {
                    th scope="col" { (t("专家", "Reviewer")) }
                    th scope="col" { (t("单位", "Employer")) }
                    th scope="col" { (t("评分", "Sheet")) }
                } }
                tbody { @for one in &appeal.panel { tr {
                    th scope="row" { @if one.name.is_empty() { (one.account_id) } @else { (one.name) } }
                    td { (employers.name(lang, &one.organisation_code)) }
                    td { @if one.submitted { (Mark::new(Sign::Tick, Tone::Done, t("已提交", "In"))) } @else { (Mark::new(Sign::Wait, Tone::Go, t("评分中", "Open"))) } }
                } } }
            }
        }
    }
}

/// What the chair does.
fn hearing(visitor: &Visitor, appeal: &Appeal, address: &str, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let (submitted, count) = (appeal.submitted_count, appeal.panel_count);
    let appoint =
        |label| button(&format!("{address}/appoint"), attempt, &[("etag", &appeal.etag)], label, true);
    html! {
        section.step-now {
            @if appeal.state() == State::Filed {
                h2 { (t("安排复评专家", "Appoint the hearing's panel")) }
                p { (t("系统会从没有评过本专业、也没有利益冲突的单位里选专家。", "Reviewers come from organisations that have not scored this programme and have no conflict.")) }
                (appoint(t("安排复评专家", "Appoint the panel")))
            } @else {
                h2 { (t("复评进度", "How the hearing stands")) }
                p { (say!(lang, "已提交 {submitted} / {count} 份复评评分。", "{submitted} of {count} sheets are in.")) }
                @if appeal.short_count > 0 { (appoint(t("补派退出的席位", "Fill the seats given back"))) }
                @if !appeal.hearing_grade.is_empty() { p { (t("复评结果：", "The hearing gives ")) (line(visitor, &appeal.hearing_grade, &appeal.hearing_total)) } }
            }
        }
        section.step-now {
            h2 { (t("作出结论", "Decide")) }
            (Form { action: &format!("{address}/decide"), attempt, keep: &format!("decide/{}", appeal.appeal_id) }.around(html! {
                (base("etag", &appeal.etag))
                (Field::new(Kind::Lines, "reason", t("理由", "Why"), attempt, "")
                    .hint(t("学校会看到；请不要写出专家是谁。", "The school reads it: say nothing of who scored.")))
                div.actions {
                    @if !appeal.hearing_grade.is_empty() { button.primary type="submit" name="decision" value="uphold" { (t("支持申诉，改评", "Uphold it")) } }
                    button type="submit" name="decision" value="dismiss" { (t("驳回申诉", "Dismiss it")) }
                }
            }))
        }
    }
}

async fn concluded<T>(
    visitor: &Visitor,
    id: &str,
    form: FormData,
    outcome: Result<T, tonic::Status>,
    done: &str,
) -> Answer {
    match outcome {
        Ok(_) => Ok(see_other(&link::address(&format!("/appeals/{}", link::segment(id)), &[("done", done)]))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(visitor, id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}

pub async fn withdraw(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = WithdrawAppealRequest {
        request_id: form.request_id(),
        appeal_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().appeals().withdraw_appeal(request).await;
    concluded(&visitor, &id, form, outcome, "withdrawn").await
}

pub async fn appoint(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = AppointAppealPanelRequest {
        request_id: form.request_id(),
        appeal_id: id.clone(),
        etag: form.get("etag").to_owned(),
    };
    let outcome = visitor.clients().appeals().appoint_appeal_panel(request).await;
    concluded(&visitor, &id, form, outcome, "appointed").await
}

pub async fn decide(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = DecideAppealRequest {
        request_id: form.request_id(),
        appeal_id: id.clone(),
        etag: form.get("etag").to_owned(),
        uphold: form.get("decision") == "uphold",
        reason: form.lines("reason"),
    };
    let outcome = visitor.clients().appeals().decide_appeal(request).await;
    concluded(&visitor, &id, form, outcome, "decided").await
}
