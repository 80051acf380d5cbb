//! Every programme that has to mend, with how far it is.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::review::v1::{Entry, ListRectificationsRequest, Rectification};

use crate::{
    pages::{
        lookup::{WHOLE_PAGE, all_pages},
        reminders::rectifications_link,
    },
    say,
    web::{
        components::{empty, grade, pager},
        error::Answer,
        export,
        form::Attempt,
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
        states,
    },
};

#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    page: String,
    #[serde(default)]
    round: String,
}

pub(super) async fn list(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
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
        div.head {
            div {
                h1 { (title) }
                p.lead { (t("监测等级低的专业，一校一专一策，限期整改。", "Each programme graded low gets a plan of its own, with a date.")) }
            }
            (rectifications_link(&visitor))
        }
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
                th scope="col" { (t("本步期限", "Step due")) }
            } }
            tbody {
                @for one in rectifications {
                    @let entry = one.entry.clone().unwrap_or_default();
                    tr {
                        th scope="row" { a href={ "/rectifications/" (one.rectification_id) } { (programme(visitor, &entry)) } }
                        td { (name_or(lang, entry.organisation_name.as_ref(), &entry.organisation_code)) }
                        td { (grade(&one.grade)) }
                        td {
                            (states::rectification(lang, one.state()))
                            @if let Some(level) = &one.level { " " strong { (name_or(lang, level.name.as_ref(), &level.code)) } }
                        }
                        td { (due(visitor, one)) }
                    }
                }
            }
        }
    }
}

pub(super) fn programme<'a>(visitor: &Visitor, entry: &'a Entry) -> &'a str {
    name_or(visitor.lang(), entry.programme_name.as_ref(), &entry.programme_code)
}

/// The date of the school's present step; a dash while others are at work.
pub(super) fn due(visitor: &Visitor, rectification: &Rectification) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    html! {
        @if rectification.due_date.is_empty() { span.grey { "–" } }
        @else {
            (format::deadline_day(lang, &rectification.due_date, now))
            @let left = rectification.working_days_left;
            @if !rectification.overdue { span.grey.small { (say!(lang, "（{left} 个工作日）", " ({left} working days)")) } }
        }
    }
}

/// The list as a file, all pages of it.
pub(super) async fn export_list(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
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
        t("处理", "Level"),
        t("方案期限", "Plan due"),
        t("本步期限", "Step due"),
        t("复查等级", "Grade of the re-check"),
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
            one.level.as_ref().map_or("", |level| name_or(lang, level.name.as_ref(), &level.code)).to_owned(),
            one.plan_due_date.clone(),
            one.due_date.clone(),
            one.new_grade.clone(),
            one.plan,
        ]
    });
    Ok(export::csv("rectifications", &headings, rows))
}
