//! Results of the lab as files.

use axum::{
    Router,
    extract::{Path, Query},
    routing::get,
};
use zhijian_proto::submission::v1::{Firing, ListReplayOrganisationsRequest};

use super::{fields, find, show, whom::Filter};
use crate::{
    pages::lookup::{Organisations, WHOLE_PAGE, all_pages},
    web::{
        error::{Answer, Failure},
        export,
        i18n::{text, words},
        session::Visitor,
    },
};

pub fn routes() -> Router {
    Router::new()
        .route("/lab/{id}/rules.csv", get(rules))
        .route("/lab/{id}/organisations.csv", get(organisations))
        .route("/lab/{id}/firings.csv", get(firings))
}

async fn rules(visitor: Visitor, Path(id): Path<String>) -> Answer {
    visitor.signed_in()?;
    let replay = find(&visitor, &id).await?;
    let rules = show::rules(&visitor, &id).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let headings = [
        t("规则", "Rule"),
        t("与现行相比", "Standing"),
        t("级别：草案", "Weight: draft"),
        t("级别：现行", "Weight: in force"),
        t("新提出", "Newly fires"),
        t("不再提出", "No longer fires"),
        t("与现行相同", "Unchanged"),
        t("适用的年报", "Reports it is for"),
        t("草案提出问题的年报", "Reports: draft fires"),
        t("现行规则提出问题的年报", "Reports: in force fires"),
        t("涉及单位", "Organisations"),
        t("提示", "Message"),
        t("算式", "Expression"),
    ];
    let rows = rules.iter().map(|rule| {
        vec![
            rule.rule_code.clone(),
            fields::standing(lang, rule.standing()).word.to_owned(),
            fields::weight(lang, rule.severity()).to_owned(),
            fields::weight(lang, rule.severity_in_force()).to_owned(),
            rule.newly_fires.to_string(),
            rule.no_longer_fires.to_string(),
            rule.unchanged.to_string(),
            rule.reports.to_string(),
            rule.reports_fired.to_string(),
            rule.reports_fired_in_force.to_string(),
            rule.organisations_fired.to_string(),
            text(lang, rule.message.as_ref()).to_owned(),
            rule.expression.clone(),
        ]
    });
    Ok(export::csv(&format!("lab-rules-{}", replay.replay_id), &headings, rows))
}

async fn organisations(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let replay = find(&visitor, &id).await?;
    let rows = all_pages(|page_token| {
        let mut lab = visitor.clients().lab();
        let (replay_id, rule_code) = (id.clone(), filter.rule.clone());
        async move {
            let request =
                ListReplayOrganisationsRequest { replay_id, rule_code, page_size: WHOLE_PAGE, page_token };
            let answer = lab.list_replay_organisations(request).await?.into_inner();
            Ok((answer.organisations, answer.next_page_token))
        }
    });
    let rows = rows.await?;
    let names = names(&visitor, rows.iter().map(|row| row.organisation_code.as_str()).collect()).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let headings = [
        t("代码", "Code"),
        t("单位", "Organisation"),
        t("新提出", "Newly fires"),
        t("不再提出", "No longer fires"),
        t("与现行相同", "Unchanged"),
        t("涉及规则", "Rules"),
        t("错误：草案", "Errors: draft"),
        t("错误：现行", "Errors: in force"),
    ];
    let lines = rows.iter().map(|row| {
        vec![
            row.organisation_code.clone(),
            name(&names, &visitor, &row.organisation_code),
            row.newly_fires.to_string(),
            row.no_longer_fires.to_string(),
            row.unchanged.to_string(),
            row.rules_fired.to_string(),
            row.errors.to_string(),
            row.errors_in_force.to_string(),
        ]
    });
    Ok(export::csv(&format!("lab-organisations-{}", replay.replay_id), &headings, lines))
}

async fn firings(visitor: Visitor, Path(id): Path<String>, Query(filter): Query<Filter>) -> Answer {
    visitor.signed_in()?;
    let replay = find(&visitor, &id).await?;
    let rows = all_pages(|page_token| {
        let mut lab = visitor.clients().lab();
        let request = filter.request(&id, WHOLE_PAGE, page_token);
        async move {
            let answer = lab.list_firings(request).await?.into_inner();
            Ok((answer.firings, answer.next_page_token))
        }
    });
    let rows: Vec<Firing> = rows.await?;
    let names = names(&visitor, rows.iter().map(|row| row.organisation_code.as_str()).collect()).await?;
    let lang = visitor.lang();
    let t = words(lang);
    let headings = [
        t("代码", "Code"),
        t("单位", "Organisation"),
        t("报告对象代码", "About (code)"),
        t("年度", "Year"),
        t("年报种类", "Kind"),
        t("年报编号", "Report"),
        t("版次", "Revision"),
        t("规则", "Rule"),
        t("与现行相比", "Compared"),
        t("级别：草案", "Weight: draft"),
        t("级别：现行", "Weight: in force"),
        t("指标", "Indicators"),
        t("章节", "Section"),
        t("数值", "Numbers"),
        t("提示", "Message"),
    ];
    let lines = rows.iter().map(|one| {
        vec![
            one.organisation_code.clone(),
            name(&names, &visitor, &one.organisation_code),
            one.subject_code.clone(),
            one.cycle_year.to_string(),
            one.report_kind.clone(),
            one.submission_id.clone(),
            one.revision_number.to_string(),
            one.rule_code.clone(),
            fields::change(lang, one.change()).word.to_owned(),
            fields::weight(lang, one.severity()).to_owned(),
            fields::weight(lang, one.severity_in_force()).to_owned(),
            one.indicator_codes.join(" "),
            one.section_code.clone(),
            one.computation.clone(),
            text(lang, one.message.as_ref()).to_owned(),
        ]
    });
    Ok(export::csv(&format!("lab-findings-{}", replay.replay_id), &headings, lines))
}

/// The names of organisations, however many there are.
async fn names(visitor: &Visitor, mut codes: Vec<&str>) -> Result<Vec<Organisations>, Failure> {
    codes.sort_unstable();
    codes.dedup();
    let mut names = vec![];
    for part in codes.chunks(1000) {
        names.push(Organisations::of(visitor, part.iter().copied()).await?);
    }
    Ok(names)
}

fn name(names: &[Organisations], visitor: &Visitor, code: &str) -> String {
    let found = names.iter().map(|part| part.plain(visitor.lang(), code)).find(|name| *name != code);
    found.unwrap_or(code).to_owned()
}
