//! Entering a school's students and performance.

use axum::{Router, extract::Path, response::Response, routing::get};
use maud::html;
use tonic::Code;
use zhijian_proto::review::v1::{
    FundingHeadcount, FundingInput, FundingPerformance, FundingPolicy, GetFundingInputRequest,
    ListFundingPoliciesRequest, SetFundingInputRequest,
};

use crate::{
    pages::{lookup::Organisations, see_other},
    say,
    web::{
        components::{Field, Form, Kind, base, refusal, trail},
        error::{Answer, Failure},
        form::{Attempt, FormData},
        i18n::{name_or, words},
        layout::{Page, Place, workplace},
        session::Visitor,
    },
};

/// What is no whole number; the service refuses it by place.
const NO_COUNT: i32 = -1;

pub fn routes() -> Router {
    Router::new().route("/funding/{year}/{code}/edit", get(show).post(save))
}

/// A programme's students as typed.
pub fn headcount(code: &str, students: &str) -> FundingHeadcount {
    let plain = students.trim().replace([',', '，'], "");
    FundingHeadcount { programme_code: code.trim().to_owned(), students: plain.parse().unwrap_or(NO_COUNT) }
}

async fn read(visitor: &Visitor, year: i32, code: &str) -> Result<FundingInput, Failure> {
    let request = GetFundingInputRequest { year, organisation_code: code.to_owned() };
    match visitor.clients().funding().get_funding_input(request).await {
        Ok(answer) => answer.into_inner().input.ok_or_else(Failure::not_found),
        Err(status) if status.code() == Code::NotFound => {
            Ok(FundingInput { year, organisation_code: code.to_owned(), ..FundingInput::default() })
        }
        Err(status) => Err(status.into()),
    }
}

/// The parts of performance; those of the newest policy, which the pages cannot choose otherwise.
async fn policy(visitor: &Visitor) -> Result<FundingPolicy, Failure> {
    let answer = visitor.clients().funding().list_funding_policies(ListFundingPoliciesRequest {}).await?;
    answer.into_inner().policies.into_iter().next().ok_or_else(Failure::not_found)
}

async fn show(visitor: Visitor, Path((year, code)): Path<(i32, String)>) -> Answer {
    visitor.signed_in()?;
    let input = read(&visitor, year, &code).await?;
    let policy = policy(&visitor).await?;
    page(&visitor, &input, &policy, &Attempt::default()).await
}

async fn save(visitor: Visitor, Path((year, code)): Path<(i32, String)>, form: FormData) -> Answer {
    visitor.signed_in()?;
    let before = read(&visitor, year, &code).await?;
    let policy = policy(&visitor).await?;
    let lines = form.lines("headcounts");
    let headcounts = lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (code, students) =
                line.trim().split_once([' ', '\t', '=', '＝', '　']).unwrap_or((line.trim(), ""));
            headcount(code, students.trim_start_matches(['=', '＝', ' ', '\t', '　']))
        })
        .collect();
    let performance = policy
        .performance
        .iter()
        .map(|part| (part, form.get(&format!("performance.{}", part.code)).to_owned()))
        .filter(|(_, typed)| !typed.is_empty())
        .map(|(part, coefficient)| FundingPerformance { part_code: part.code.clone(), coefficient })
        .collect::<Vec<_>>();
    let given: Vec<String> = performance.iter().map(|one| one.part_code.clone()).collect();
    let input = FundingInput { headcounts, performance, etag: form.get("etag").to_owned(), ..before.clone() };
    let request = SetFundingInputRequest { request_id: form.request_id(), input: Some(input) };
    match visitor.clients().funding().set_funding_input(request).await {
        Ok(_) => Ok(see_other(&format!("/funding/{year}/{code}?done=saved"))),
        Err(status) => {
            let failure = Failure::from(status).on_form()?;
            let attempt = Attempt::refused(form, failure, |path| field_of(path, &given));
            page(&visitor, &before, &policy, &attempt).await
        }
    }
}

fn field_of(path: &str, given: &[String]) -> String {
    let place = path
        .strip_prefix("input.performance[")
        .and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
    match place.and_then(|place| given.get(place)) {
        Some(part) => format!("performance.{part}"),
        None => "headcounts".to_owned(),
    }
}

async fn page(visitor: &Visitor, input: &FundingInput, policy: &FundingPolicy, attempt: &Attempt) -> Answer {
    let lang = visitor.lang();
    let t = words(lang);
    let FundingInput { year, organisation_code: code, .. } = input;
    let names = Organisations::of(visitor, [code.as_str()]).await?;
    let name = names.plain(lang, code);
    let back = format!("/funding/{year}/{code}");
    let address = format!("{back}/edit");
    let title = t("填写学生数和绩效", "Enter students and performance");
    let keep = format!("funding-{year}-{code}");
    let stored: String =
        input.headcounts.iter().map(|one| format!("{} {}\n", one.programme_code, one.students)).collect();
    let of = |part: &str| {
        input.performance.iter().find(|one| one.part_code == part).map_or("", |one| one.coefficient.as_str())
    };
    let (least, most) = (&policy.least_performance, &policy.greatest_performance);
    let bounds = say!(lang, "{least}–{most}，不填按 1 计", "{least} to {most}; counts 1 if left empty");
    let names: Vec<(String, String, &str)> = policy
        .performance
        .iter()
        .map(|part| {
            let label = name_or(lang, part.name.as_ref(), &part.code).to_owned();
            (format!("performance.{}", part.code), label, of(&part.code))
        })
        .collect();
    let content = html! {
        (trail(lang, &[(&back, name)]))
        h1 { (title) }
        p.lead { (say!(lang, "{name}，{year} 年", "{name}, {year}")) }
        (refusal(lang, attempt))
        (Form { action: &address, attempt, keep: &keep }.around(html! {
            (base("etag", &input.etag))
            (Field::new(Kind::Long, "headcounts", t("各专业学生数", "Students by programme"), attempt, &stored)
                .hint(t("每行一个专业：代码、空格、人数，例如“710205 120”。", "A programme a line: code, space, students, such as “710205 120”.")))
            @for (field, label, value) in &names {
                (Field::new(Kind::Text, field, label, attempt, value).hint(&bounds))
            }
            button type="submit" class="primary" { (t("保存", "Save")) }
        }))
    };
    let response: Response =
        workplace(visitor, Page::work(title, &address, Place::Registry), attempt, content);
    Ok(response)
}
