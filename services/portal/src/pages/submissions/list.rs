//! The reports of the reader's own organisations, and those that have not been begun.

use axum::{Router, extract::Query, response::Response, routing::get};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_proto::{
    identity::v1::{GetOrganisationRequest, ListOrganisationsRequest, Organisation, Role, organisation},
    submission::v1::{Catalogue, CreateSubmissionRequest, Cycle, ListSubmissionsRequest, Submission, cycle},
};

use crate::{
    pages::{
        lookup::{self, Organisations, WHOLE_PAGE, all_pages, kind_name},
        see_other,
    },
    say,
    web::{
        chart::progress,
        components::{button, empty, refusal},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        format,
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        session::Visitor,
        states,
    },
};

pub fn routes() -> Router {
    Router::new().route("/submissions", get(show).post(create))
}

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    year: String,
}

async fn show(visitor: Visitor, Query(filter): Query<Filter>) -> Answer {
    page(&visitor, &filter.year, &Attempt::default()).await
}

/// A report that could be begun.
struct Missing {
    report_kind: &'static str,
    organisation: String,
    subject: Organisation,
}

async fn page(visitor: &Visitor, year: &str, attempt: &Attempt) -> Answer {
    visitor.signed_in()?;
    let cycles = lookup::cycles(visitor).await?;
    let chosen = year.parse().ok().or(visitor.cycle().map(|cycle| cycle.year));
    let cycle = cycles.iter().find(|cycle| Some(cycle.year) == chosen);
    let mut listed = vec![];
    let mut missing = vec![];
    let mut catalogue = Catalogue::default();
    if let Some(cycle) = cycle {
        catalogue = lookup::catalogue(visitor, cycle).await?;
        for organisation in visitor.organisations(Role::School) {
            let own = reports(visitor, cycle.year, &organisation).await?;
            if cycle.state() == cycle::State::Collecting {
                missing.extend(not_begun(visitor, &organisation, &own).await?);
            }
            listed.extend(own);
        }
    }
    let codes = listed.iter().flat_map(|one| [one.organisation_code.as_str(), one.subject_code.as_str()]);
    let organisations = Organisations::of(visitor, codes).await?;
    let shown = Shown { cycles: &cycles, cycle, catalogue: &catalogue, listed: &listed, missing: &missing };
    Ok(render(visitor, &shown, &organisations, attempt))
}

struct Shown<'a> {
    cycles: &'a [Cycle],
    cycle: Option<&'a Cycle>,
    catalogue: &'a Catalogue,
    listed: &'a [Submission],
    missing: &'a [Missing],
}

async fn reports(visitor: &Visitor, year: i32, organisation: &str) -> Result<Vec<Submission>, Failure> {
    let request = ListSubmissionsRequest {
        page_size: 1000,
        cycle_year: year,
        organisation_code: organisation.to_owned(),
        ..ListSubmissionsRequest::default()
    };
    Ok(visitor.clients().submissions().list_submissions(request).await?.into_inner().submissions)
}

async fn not_begun(visitor: &Visitor, code: &str, own: &[Submission]) -> Result<Vec<Missing>, Failure> {
    let request = GetOrganisationRequest { code: code.to_owned(), ..Default::default() };
    let answer = visitor.clients().organisations().get_organisation(request).await?.into_inner();
    let organisation = answer.organisation.unwrap_or_default();
    let mut expected = vec![];
    if let Some(kind) = own_kind(organisation.kind()) {
        expected.push((kind, organisation));
    }
    expected.extend(partners(visitor, code).await?.into_iter().map(|enterprise| ("enterprise", enterprise)));
    Ok(expected
        .into_iter()
        .filter(|(kind, subject)| {
            !own.iter().any(|one| one.report_kind == *kind && one.subject_code == subject.code)
        })
        .map(|(report_kind, subject)| Missing { report_kind, organisation: code.to_owned(), subject })
        .collect())
}

/// The kind of report that an organisation makes about itself.
fn own_kind(kind: organisation::Kind) -> Option<&'static str> {
    use organisation::Kind;
    match kind {
        Kind::HigherVocational => Some("higher"),
        Kind::SpecialisedSecondary | Kind::VocationalHigh => Some("secondary"),
        Kind::DistrictCommission => Some("district"),
        _ => None,
    }
}

/// The enterprises bound to a school, about which it reports.
async fn partners(visitor: &Visitor, code: &str) -> Result<Vec<Organisation>, Failure> {
    let enterprises = all_pages(|page_token| {
        let mut organisations = visitor.clients().organisations();
        async move {
            let request = ListOrganisationsRequest {
                page_size: WHOLE_PAGE,
                page_token,
                kinds: vec![organisation::Kind::Enterprise.into()],
                ..ListOrganisationsRequest::default()
            };
            let answer = organisations.list_organisations(request).await?.into_inner();
            Ok((answer.organisations, answer.next_page_token))
        }
    });
    Ok(enterprises.await?.into_iter().filter(|enterprise| enterprise.parent_code == code).collect())
}

fn render(
    visitor: &Visitor,
    shown: &Shown<'_>,
    organisations: &Organisations,
    attempt: &Attempt,
) -> Response {
    let lang = visitor.lang();
    let t = words(lang);
    let title = t("年报填报", "Reports");
    let address =
        shown.cycle.map_or("/submissions".to_owned(), |cycle| format!("/submissions?year={}", cycle.year));
    let content = html! {
        div.head {
            div {
                h1 { (title) }
                @if let Some(due) = shown.cycle.filter(|cycle| cycle.state() == cycle::State::Collecting)
                    .and_then(|cycle| format::moment(cycle.due_time.as_ref()))
                { p.lead { (t("截止：", "Due: ")) (format::deadline(lang, due, visitor.now())) } }
            }
            div.actions { a href="/notices" { (t("收到的提醒和收件邮箱", "Reminders and where they go")) } }
        }
        (refusal(lang, attempt))
        (years(visitor, shown))
        @if shown.listed.is_empty() && shown.missing.is_empty() {
            (empty(t("这一年没有您的年报", "You have no reports in this year"),
                html! { (t("年度开放填报之后，这里会列出要交的年报；其他年份见上面的选择。", "Once the year is open, the reports to make will be listed here.")) }))
        }
        @if !shown.listed.is_empty() { (table(visitor, shown, organisations)) }
        @if !shown.missing.is_empty() { (to_begin(visitor, shown, attempt)) }
    };
    workplace(visitor, Page::work(title, &address, Place::Submissions), attempt, content)
}

fn years(visitor: &Visitor, shown: &Shown<'_>) -> Markup {
    let t = words(visitor.lang());
    html! {
        form.filters method="get" action="/submissions" data-at-once {
            div {
                label for="year" { (t("年度", "Year")) }
                select id="year" name="year" {
                    @for cycle in shown.cycles {
                        option value=(cycle.year) selected[shown.cycle.is_some_and(|chosen| chosen.year == cycle.year)] {
                            (name_or(visitor.lang(), cycle.name.as_ref(), &cycle.year.to_string()))
                        }
                    }
                }
            }
            button type="submit" data-go { (t("查看", "Show")) }
        }
    }
}

fn table(visitor: &Visitor, shown: &Shown<'_>, organisations: &Organisations) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        div.scroll {
            table {
                thead { tr {
                    th scope="col" { (t("年报", "Report")) }
                    th scope="col" { (t("报告对象", "About")) }
                    th scope="col" { (t("状态", "State")) }
                    th scope="col" { (t("指标填写", "Indicators")) }
                    th scope="col" { (t("最近更新", "Last change")) }
                } }
                tbody {
                    @for one in shown.listed {
                        tr {
                            th scope="row" {
                                a href={ "/submissions/" (one.submission_id) } { (kind_name(lang, shown.catalogue, &one.report_kind)) }
                            }
                            td { (organisations.name(lang, &one.subject_code)) }
                            td { (states::submission(lang, one.state())) }
                            td { (progress(lang, one.filled_cells, one.required_cells)) }
                            td { @if let Some(time) = format::moment(one.update_time.as_ref()) { (format::happened(lang, time, visitor.now())) } }
                        }
                    }
                }
            }
        }
    }
}

fn to_begin(visitor: &Visitor, shown: &Shown<'_>, attempt: &Attempt) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let year = shown.cycle.map(|cycle| cycle.year.to_string()).unwrap_or_default();
    html! {
        h2 { (t("还没有开始的年报", "Not begun yet")) }
        ul.todo {
            @for missing in shown.missing {
                @let name = name_or(lang, missing.subject.name.as_ref(), &missing.subject.code);
                @let kind = kind_name(lang, shown.catalogue, missing.report_kind);
                li {
                    div { p.what { (say!(lang, "{kind}：{name}", "{kind}: {name}")) } }
                    div {}
                    div.act {
                        (button("/submissions", attempt, &[
                            ("cycle_year", &year),
                            ("report_kind", missing.report_kind),
                            ("organisation_code", &missing.organisation),
                            ("subject_code", &missing.subject.code),
                        ], t("新建年报", "Start the report"), shown.listed.is_empty() && shown.missing.len() == 1))
                    }
                }
            }
        }
    }
}

async fn create(visitor: Visitor, form: FormData) -> Answer {
    let request = CreateSubmissionRequest {
        request_id: form.request_id(),
        cycle_year: form.get("cycle_year").parse().unwrap_or_default(),
        report_kind: form.get("report_kind").to_owned(),
        organisation_code: form.get("organisation_code").to_owned(),
        subject_code: form.get("subject_code").to_owned(),
    };
    match visitor.clients().submissions().create_submission(request).await {
        Ok(answer) => {
            let submission = answer.into_inner().submission.unwrap_or_default();
            Ok(see_other(&format!("/submissions/{}", submission.submission_id)))
        }
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let year = form.get("cycle_year").to_owned();
            page(&visitor, &year, &Attempt::failed(form, failure)).await
        }
    }
}
