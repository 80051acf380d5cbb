//! One institution among its peers.

use axum::{extract::Query, response::Response};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::{ListOrganisationsRequest, Organisation, Role, organisation::Kind},
    publication::v1::{DiagnosedMeasure, GetDiagnosisRequest, GetDiagnosisResponse},
    submission::v1::Cycle,
};

use super::{chosen, measure, provisional, sees_all, tabs, words, year_options, years};
use crate::{
    pages::lookup::{Organisations, WHOLE_PAGE, all_pages},
    say,
    web::{
        components::empty,
        error::{Answer, Failure},
        form::Attempt,
        i18n::{self, name_or, text},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

/// The query of the address.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    pub year: String,
    /// The institution's code.
    pub school: String,
}

impl Asked {
    fn at(path: &str, year: i32, school: &str) -> String {
        link::address(path, &[("year", &year.to_string()), ("school", school)])
    }
}

/// An institution and a year to look at.
pub struct Found {
    pub years: Vec<Cycle>,
    pub year: i32,
    pub school: String,
    /// Those that the reader may choose, in order of code.
    schools: Vec<(String, String)>,
}

/// What the address asks for, as far as the reader may see; nothing where there is nothing to see yet.
pub async fn find(visitor: &Visitor, asked: &Asked) -> Result<Option<Found>, Failure> {
    visitor.signed_in()?;
    let schools = if sees_all(visitor) { everybody(visitor).await? } else { own(visitor).await? };
    let years = years(visitor).await?;
    let Some(year) = chosen(&years, &asked.year).map(|cycle| cycle.year) else {
        return if years.is_empty() { Ok(None) } else { Err(Failure::not_found()) };
    };
    let school =
        if asked.school.is_empty() { schools.first().map(|(code, _)| code) } else { Some(&asked.school) };
    let Some(school) = school.cloned() else { return Ok(None) };
    Ok(Some(Found { years, year, school, schools }))
}

async fn own(visitor: &Visitor) -> Result<Vec<(String, String)>, Failure> {
    let codes = visitor.organisations(Role::School);
    let names = Organisations::of(visitor, codes.iter().map(String::as_str)).await?;
    Ok(codes.into_iter().map(|code| (code.clone(), names.plain(visitor.lang(), &code).to_owned())).collect())
}

async fn everybody(visitor: &Visitor) -> Result<Vec<(String, String)>, Failure> {
    let kinds = [Kind::HigherVocational, Kind::SpecialisedSecondary, Kind::VocationalHigh];
    let all = all_pages(|page_token| {
        let mut organisations = visitor.clients().organisations();
        let request = ListOrganisationsRequest {
            page_size: WHOLE_PAGE,
            page_token,
            kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
            existing_only: true,
            ..ListOrganisationsRequest::default()
        };
        async move {
            let page = organisations.list_organisations(request).await?.into_inner();
            Ok((page.organisations, page.next_page_token))
        }
    });
    let name = |one: Organisation| {
        let name = name_or(visitor.lang(), one.name.as_ref(), &one.code).to_owned();
        (one.code, name)
    };
    Ok(all.await?.into_iter().map(name).collect())
}

pub async fn show(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    let Some(found) = find(&visitor, &asked).await? else { return Ok(nothing(&visitor)) };
    let request = GetDiagnosisRequest { organisation_code: found.school.clone(), year: found.year };
    let diagnosis = visitor.clients().diagnosis().get_diagnosis(request).await?.into_inner();
    Ok(render(&visitor, &found, &diagnosis))
}

fn title(lang: Lang) -> &'static str {
    lang.pick("状态数据探诊", "Diagnosis of status data")
}

fn place(visitor: &Visitor) -> Place {
    if visitor.has(Role::Commission) { Place::Desk } else { Place::Diagnosis }
}

fn nothing(visitor: &Visitor) -> Response {
    let t = i18n::words(visitor.lang());
    let content = html! {
        div.head { div { h1 { (title(visitor.lang())) } } }
        (empty(t("还没有可以探诊的年度", "There is no year to look at yet"),
            html! { (t("年度结果发布之后，这里会显示本校在同类学校中的位置。", "Once a year's results are released, your place among your peers appears here.")) }))
    };
    workplace(
        visitor,
        Page::work(title(visitor.lang()), "/diagnosis", place(visitor)),
        &Attempt::default(),
        content,
    )
}

fn render(visitor: &Visitor, found: &Found, diagnosis: &GetDiagnosisResponse) -> Response {
    let lang = visitor.lang();
    let t = i18n::words(lang);
    let here = Asked::at("/diagnosis", found.year, &found.school);
    let name = name_or(lang, diagnosis.organisation_name.as_ref(), &found.school);
    let group = text(lang, diagnosis.group.as_ref().and_then(|group| group.name.as_ref()));
    let (members, reported, year) = (diagnosis.member_count, diagnosis.reported_count, found.year);
    let content = html! {
        div.head {
            div {
                h1 { (title(lang)) }
                p.lead { (name) (t("，", ", ")) (say!(lang, "{year} 年度；{group}共 {members} 所，{reported} 所的年报已接收", "{year}; {group}: {members}, {reported} with an accepted report")) }
            }
            div.actions { a.button href=(Asked::at("/diagnosis/file.csv", found.year, &found.school)) download { (t("导出 CSV", "Export CSV")) } }
        }
        (tabs(visitor, "/diagnosis", found.year))
        (choice(visitor, found))
        (provisional(visitor, diagnosis.released))
        @if diagnosis.reported {
            (tallies(lang, diagnosis))
            (first(lang, diagnosis))
            (themes(lang, diagnosis))
        } @else {
            (empty(t("这一年没有已接收的年报", "No report of this year is accepted"),
                html! { (t("年报接收之后，这里会显示各项指标在同类学校中的位置。", "Once the report is accepted, its indicators are shown among those of the peers.")) }))
        }
        (unanswered(lang, diagnosis))
        @if let Some(rules) = &diagnosis.rules { p.source.measure-rule { (words::rule(lang, rules)) } }
        p.source { (t("来源：各校已接收年报的单元格；同类学校只显示数值，不显示校名。", "Source: cells of accepted reports; peers are shown as values, without names.")) }
    };
    workplace(visitor, Page::work(title(lang), &here, place(visitor)), &Attempt::default(), content)
}

fn choice(visitor: &Visitor, found: &Found) -> Markup {
    let t = i18n::words(visitor.lang());
    html! {
        form.filters method="get" action="/diagnosis" data-at-once {
            div {
                label for="year" { (t("年度", "Year")) }
                select id="year" name="year" { (year_options(visitor, &found.years, found.year)) }
            }
            @if found.schools.len() > 1 {
                div {
                    label for="school" { (t("学校", "Institution")) }
                    select id="school" name="school" {
                        @for (code, name) in &found.schools { option value=(code) selected[*code == found.school] { (name) } }
                    }
                }
            }
            button type="submit" data-go { (t("查看", "Show")) }
        }
    }
}

fn tallies(lang: Lang, diagnosis: &GetDiagnosisResponse) -> Markup {
    use zhijian_proto::publication::v1::diagnosed_measure::Reason;
    let t = i18n::words(lang);
    let having = |wanted: &[Reason]| {
        let any = |one: &&DiagnosedMeasure| one.reasons().any(|reason| wanted.contains(&reason));
        diagnosis.measures.iter().filter(any).count()
    };
    let strengths = diagnosis.measures.iter().filter(|one| one.strength).count();
    html! {
        ul.tallies {
            li { b { (strengths) } (t("项优势", "strengths")) }
            li { b { (having(&[Reason::Gap])) } (t("项短板", "gaps")) }
            li { b { (having(&[Reason::Threshold])) } (t("项未达标", "below the standard")) }
            li { b { (having(&[Reason::Fall, Reason::Decline, Reason::Outlier])) } (t("项预警", "warnings")) }
        }
    }
}

fn first(lang: Lang, diagnosis: &GetDiagnosisResponse) -> Markup {
    let t = i18n::words(lang);
    let of_code = |code: &String| {
        diagnosis
            .measures
            .iter()
            .find(|one| one.indicator.as_ref().is_some_and(|indicator| indicator.code == *code))
    };
    html! {
        h2 { (t("先看什么", "What to look at first")) }
        @if diagnosis.first.is_empty() {
            p { (t("没有短板、未达标或预警的指标。", "No indicator is a gap, below the standard or warned of.")) }
        } @else {
            ol.first {
                @for one in diagnosis.first.iter().filter_map(of_code) {
                    @let indicator = one.indicator.clone().unwrap_or_default();
                    li {
                        a href={ "#" (measure::anchor(&indicator.code)) } { (words::name(lang, &indicator)) }
                        p { (words::finding(lang, one)) }
                        (measure::marks(lang, one))
                    }
                }
            }
        }
    }
}

fn themes(lang: Lang, diagnosis: &GetDiagnosisResponse) -> Markup {
    let theme = |one: &DiagnosedMeasure| {
        let theme = one.indicator.as_ref().and_then(|indicator| indicator.theme.as_ref());
        text(lang, theme).to_owned()
    };
    html! {
        @for group in diagnosis.measures.chunk_by(|a, b| theme(a) == theme(b)) {
            h2 { (theme(&group[0])) }
            div.measures { @for one in group { (measure::figure(lang, one)) } }
        }
    }
}

fn unanswered(lang: Lang, diagnosis: &GetDiagnosisResponse) -> Markup {
    let t = i18n::words(lang);
    html! {
        @if !diagnosis.unanswered.is_empty() {
            h2 { (t("年报答不了的标准", "Standards that reports cannot answer")) }
            ul {
                @for one in &diagnosis.unanswered {
                    li { (text(lang, one.name.as_ref())) (t("：", ": ")) (text(lang, one.reason.as_ref())) (t("。", ".")) }
                }
            }
        }
    }
}
