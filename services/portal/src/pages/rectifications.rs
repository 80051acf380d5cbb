//! Following what was graded low: the list, and one programme's plan.

use axum::{
    Router,
    extract::{Path, Query},
    response::Response,
    routing::get,
};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        Entry, GetRectificationRequest, ListRectificationsRequest, PlanRectificationRequest, Rectification,
        Scheme, rectification,
    },
};

use super::{
    lookup::{WHOLE_PAGE, all_pages},
    results, see_other,
};
use crate::{
    say,
    web::{
        components::{Field, Form, Kind, base, done, empty, grade, pager, refusal, trail},
        error::{Answer, Failure},
        export,
        form::{Attempt, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link, prose,
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/rectifications", get(list))
        .route("/rectifications.csv", get(export_list))
        .route("/rectifications/{id}", get(show).post(plan))
}

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    page: String,
    #[serde(default)]
    round: String,
}

async fn list(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let request = ListRectificationsRequest {
        page_size: 50,
        page_token: filter.page.clone(),
        round_id: filter.round.clone(),
        organisation_code: String::new(),
    };
    let answer = visitor.clients().rectifications().list_rectifications(request).await?.into_inner();
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("整改", "Rectification");
    let address = |page: &str| link::address("/rectifications", &[("round", &filter.round), ("page", page)]);
    let next = (!answer.next_page_token.is_empty()).then(|| address(&answer.next_page_token));
    let content = html! {
        div.head { div {
            h1 { (title) }
            p.lead { (t("监测等级低的专业，一校一专一策，限期整改。", "Each programme graded low gets a plan of its own, with a date.")) }
        } }
        @if answer.rectifications.is_empty() {
            (empty(t("没有需要整改的专业", "No programme wants mending"),
                html! { (t("评审定级之后，等级低的专业会出现在这里。", "Programmes graded low will appear here once a round is finalised.")) }))
        } @else {
            p.corner { a href=(link::address("/rectifications.csv", &[("round", &filter.round)])) download { (t("导出 CSV", "Export CSV")) } }
            div.scroll { (table(&visitor, &answer.rectifications)) }
        }
        (pager(lang, &address(""), next.as_deref(), filter.page.is_empty()))
    };
    Ok(workplace(
        &visitor,
        Page::work(title, &address(""), Place::Rectifications),
        &Attempt::default(),
        content,
    ))
}

fn table(visitor: &Visitor, rectifications: &[Rectification]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        table {
            thead { tr {
                th scope="col" { (t("专业", "Programme")) }
                th scope="col" { (t("学校", "School")) }
                th scope="col" { (t("等级", "Grade")) }
                th scope="col" { (t("状态", "State")) }
                th scope="col" { (t("方案期限", "Plan due")) }
            } }
            tbody {
                @for one in rectifications {
                    @let entry = one.entry.clone().unwrap_or_default();
                    tr {
                        th scope="row" { a href={ "/rectifications/" (one.rectification_id) } { (programme(visitor, &entry)) } }
                        td { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) }
                        td { (grade(&one.grade)) }
                        td { (states::rectification(lang, one.state())) }
                        td { (due(visitor, one)) }
                    }
                }
            }
        }
    }
}

fn programme<'a>(visitor: &Visitor, entry: &'a Entry) -> &'a str {
    name_or(visitor.lang(), entry.programme_name.as_ref(), &entry.programme_code)
}

/// The plan's date: how near it is only while the plan is not in.
fn due(visitor: &Visitor, rectification: &Rectification) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    html! {
        @if rectification.state() == rectification::State::Opened { (format::deadline_day(lang, &rectification.plan_due_date, now)) }
        @else { (format::exact_day(lang, &rectification.plan_due_date, now)) }
    }
}

/// The list as a file, all pages of it.
async fn export_list(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let lang = visitor.lang();
    let t = words(lang);
    let listed = all_pages(|page_token| {
        let mut rectifications = visitor.clients().rectifications();
        let request = ListRectificationsRequest {
            page_size: WHOLE_PAGE,
            page_token,
            round_id: filter.round.clone(),
            organisation_code: String::new(),
        };
        async move {
            let answer = rectifications.list_rectifications(request).await?.into_inner();
            Ok((answer.rectifications, answer.next_page_token))
        }
    });
    let headings = [
        t("专业代码", "Programme code"),
        t("专业", "Programme"),
        t("学校", "School"),
        t("等级", "Grade"),
        t("状态", "State"),
        t("方案期限", "Plan due"),
        t("方案", "Plan"),
    ];
    let rows = listed.await?.into_iter().map(|one| {
        let entry = one.entry.clone().unwrap_or_default();
        vec![
            entry.programme_code.clone(),
            programme(&visitor, &entry).to_owned(),
            name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code).to_owned(),
            one.grade.clone(),
            states::rectification(lang, one.state()).word.to_owned(),
            one.plan_due_date.clone(),
            one.plan,
        ]
    });
    Ok(export::csv("rectifications", &headings, rows))
}

#[derive(Deserialize)]
struct After {
    #[serde(default)]
    done: String,
}

async fn show(visitor: Visitor, Path(id): Path<String>, Query(after): Query<After>) -> Answer {
    page(&visitor, &id, &after.done, &Attempt::default()).await
}

async fn page(visitor: &Visitor, id: &str, after: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let request = GetRectificationRequest { rectification_id: id.to_owned() };
    let answer = visitor.clients().rectifications().get_rectification(request).await?.into_inner();
    let rectification = answer.rectification.ok_or_else(Failure::not_found)?;
    let schemes = results::schemes(visitor).await?;
    Ok(render(visitor, &rectification, &schemes, after, attempt))
}

fn render(
    visitor: &Visitor,
    rectification: &Rectification,
    schemes: &[Scheme],
    after: &str,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let entry = rectification.entry.clone().unwrap_or_default();
    let name = programme(visitor, &entry);
    let school = name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code);
    let title = say!(lang, "整改：{name}", "Rectification: {name}");
    let address = format!("/rectifications/{}", rectification.rectification_id);
    let opened = rectification.state() == rectification::State::Opened;
    let mine = visitor.organisations(Role::School).contains(&entry.organisation_code);
    let findings =
        rectification.findings.iter().map(|finding| (finding.element_code.as_str(), finding.score.as_str()));
    let content = html! {
        (trail(lang, &[("/rectifications", t("整改", "Rectification"))]))
        div.head { div {
            h1 { (title) " " (grade(&rectification.grade)) }
            p.lead { (school) (t("，", ", ")) (states::rectification(lang, rectification.state())) }
        } }
        @if after == "planned" { (done(t("方案已提交。", "The plan is handed in."))) }
        (refusal(lang, attempt))
        dl.facts {
            dt { (t("方案期限", "Plan due")) } dd { (due(visitor, rectification)) }
            dt { (t("专业代码", "Programme code")) } dd { span.code { (entry.programme_code) } }
        }
        h2 { (t("得分最低的要素", "Elements scored lowest")) }
        (results::elements(lang, findings, schemes))
        h2 { (t("整改方案", "The plan")) }
        @if opened && mine {
            (plan_form(visitor, rectification, &address, attempt))
        } @else if rectification.plan.is_empty() {
            p.grey { (t("学校还没有提交方案。", "The school has not handed in its plan.")) }
        } @else {
            (prose::set(&rectification.plan, 3))
        }
    };
    workplace(visitor, Page::work(&title, &address, Place::Rectifications), attempt, content)
}

fn plan_form(visitor: &Visitor, rectification: &Rectification, address: &str, attempt: &Attempt) -> Markup {
    let t = words(visitor.lang());
    let keep = format!("plan/{}", rectification.rectification_id);
    Form { action: address, attempt, keep: &keep }.around(html! {
        (base("etag", &rectification.etag))
        (Field::new(Kind::Lines, "plan", t("一校一专一策方案", "Plan for this programme"), attempt, &rectification.plan)
            .hint(t("20–5000 字。针对上面的要素，写明问题、措施、负责人和完成时间。", "20–5000 characters: for each element the problem, the measure, who is responsible, and by when.")))
        div.actions {
            button.primary type="submit" { (t("提交整改方案", "Hand in the plan")) }
            span.saved data-saved aria-live="polite" {}
        }
    })
}

async fn plan(visitor: Visitor, Path(id): Path<String>, form: FormData) -> Answer {
    let request = PlanRectificationRequest {
        request_id: form.request_id(),
        rectification_id: id.clone(),
        etag: form.get("etag").to_owned(),
        plan: form.lines("plan").trim().to_owned(),
    };
    match visitor.clients().rectifications().plan_rectification(request).await {
        Ok(_) => Ok(see_other(&format!("/rectifications/{}?done=planned", link::segment(&id)))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            page(&visitor, &id, "", &Attempt::refused(form, failure, str::to_owned)).await
        }
    }
}
