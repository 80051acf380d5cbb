//! The region: how each indicator lies, who is far off, who has not reported.

use axum::{extract::Query, response::Response};
use maud::{Markup, html};
use serde::Deserialize;
use zhijian_platform::Lang;
use zhijian_proto::{
    identity::v1::Role,
    publication::v1::{
        AnswerState, GetRegionDiagnosisRequest, GetRegionDiagnosisResponse, IndicatorDistribution,
        InstitutionPlace, NamedInstitution,
    },
    submission::v1::Cycle,
};

use super::{chosen, provisional, sees_all, tabs, words, year_options, years};
use crate::{
    pages::desk,
    say,
    web::{
        chart::peers::{Strip, strip},
        components::{Mark, Sign, Tone, pager},
        error::{Answer, Failure},
        form::Attempt,
        format,
        i18n::{self, name_or, text},
        layout::{Page, Place, workplace},
        link,
        session::Visitor,
    },
};

/// How many institutions one page lists.
const PAGE: i32 = 50;
/// How many of those that have not reported are named at once.
const NAMED: usize = 40;

/// The query of the address.
#[derive(Debug, Clone, Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    pub year: String,
    pub group: String,
    pub indicator: String,
    pub page: String,
}

impl Asked {
    /// What the service is asked for.
    pub fn wanted(&self, year: i32) -> GetRegionDiagnosisRequest {
        GetRegionDiagnosisRequest {
            year,
            group_code: self.group.clone(),
            indicator_code: self.indicator.clone(),
            page_size: PAGE,
            page_token: self.page.clone(),
        }
    }

    fn at(path: &str, year: i32, group: &str, indicator: &str, page: &str) -> String {
        let year = year.to_string();
        link::address(path, &[("year", &year), ("group", group), ("indicator", indicator), ("page", page)])
    }
}

/// The year that the address asks for; nothing if there is none at all yet.
pub async fn year(visitor: &Visitor, asked: &Asked) -> Result<Option<i32>, Failure> {
    Ok(chosen(&years(visitor).await?, &asked.year).map(|cycle| cycle.year))
}

pub async fn show(visitor: Visitor, Query(asked): Query<Asked>) -> Answer {
    visitor.signed_in()?;
    let years = years(&visitor).await?;
    let Some(year) = chosen(&years, &asked.year).map(|cycle| cycle.year) else {
        if sees_all(&visitor) && years.is_empty() {
            return Ok(desk::no_year(&visitor, title(visitor.lang()), "/diagnosis/region"));
        }
        return Err(Failure::not_found());
    };
    let region = match visitor.clients().diagnosis().get_region_diagnosis(asked.wanted(year)).await {
        // Another kind of institution was chosen, which is not asked the indicator of before: its first is shown.
        Err(status) if status.code() == tonic::Code::InvalidArgument && !asked.indicator.is_empty() => {
            let wanted = GetRegionDiagnosisRequest {
                indicator_code: String::new(),
                page_token: String::new(),
                ..asked.wanted(year)
            };
            visitor.clients().diagnosis().get_region_diagnosis(wanted).await?
        }
        answer => answer?,
    };
    let region = region.into_inner();
    Ok(render(&visitor, &asked, &years, &region))
}

fn title(lang: Lang) -> &'static str {
    lang.pick("全市数据探诊", "Diagnosis of the region")
}

fn render(
    visitor: &Visitor,
    asked: &Asked,
    years: &[Cycle],
    region: &GetRegionDiagnosisResponse,
) -> Response {
    let lang = visitor.lang();
    let t = i18n::words(lang);
    let at = |path: &str, page: &str| {
        Asked::at(path, region.year, &region.group_code, &region.indicator_code, page)
    };
    let next = (!region.next_page_token.is_empty()).then(|| at("/diagnosis/region", &region.next_page_token));
    let (members, missing) = (region.member_count, region.not_reported_count);
    let reported = members - missing;
    let chosen = region.distributions.iter().find(|one| code(one) == region.indicator_code);
    let place = if visitor.has(Role::Commission) { Place::Desk } else { Place::Diagnosis };
    let content = html! {
        div.head { div {
            h1 { (title(lang)) }
            p.lead { (say!(lang, "共 {members} 所，{reported} 所的年报已接收", "{members} institutions, {reported} with an accepted report")) }
        } }
        @if visitor.has(Role::Commission) { (desk::tabs(visitor, "/diagnosis/region", region.year)) }
        (tabs(visitor, "/diagnosis/region", region.year))
        (choice(visitor, years, region))
        (provisional(visitor, region.released))
        (coverage(lang, region))
        @if let Some(one) = chosen {
            (figure(lang, one))
            div.table-head {
                h2 { (words::name(lang, &one.indicator.clone().unwrap_or_default())) (t("：各校", ", by institution")) }
                span.get { a href=(at("/diagnosis/region/institutions.csv", "")) download { (t("导出 CSV", "Export CSV")) } }
            }
            (institutions(lang, region, one))
            (pager(lang, &at("/diagnosis/region", ""), next.as_deref(), asked.page.is_empty()))
        }
        div.table-head {
            h2 { (t("全部指标", "All indicators")) }
            span.get { a href=(at("/diagnosis/region/distributions.csv", "")) download { (t("导出 CSV", "Export CSV")) } }
        }
        (distributions(lang, region))
        @if let Some(rules) = &region.rules { p.source.measure-rule { (words::rule(lang, rules)) } }
    };
    workplace(
        visitor,
        Page::work(title(lang), &at("/diagnosis/region", &asked.page), place),
        &Attempt::default(),
        content,
    )
}

fn code(one: &IndicatorDistribution) -> &str {
    one.indicator.as_ref().map_or("", |indicator| &indicator.code)
}

fn choice(visitor: &Visitor, years: &[Cycle], region: &GetRegionDiagnosisResponse) -> Markup {
    let lang = visitor.lang();
    let t = i18n::words(lang);
    html! {
        form.filters method="get" action="/diagnosis/region" data-at-once {
            div {
                label for="year" { (t("年度", "Year")) }
                select id="year" name="year" { (year_options(visitor, years, region.year)) }
            }
            div {
                label for="group" { (t("学校类别", "Kind of institution")) }
                select id="group" name="group" {
                    @for group in &region.groups {
                        option value=(group.code) selected[group.code == region.group_code] { (name_or(lang, group.name.as_ref(), &group.code)) }
                    }
                }
            }
            div {
                label for="indicator" { (t("指标", "Indicator")) }
                select id="indicator" name="indicator" {
                    @for one in &region.distributions {
                        option value=(code(one)) selected[code(one) == region.indicator_code] {
                            (words::name(lang, &one.indicator.clone().unwrap_or_default()))
                        }
                    }
                }
            }
            button type="submit" data-go { (t("查看", "Show")) }
        }
    }
}

fn names(lang: Lang, institutions: &[NamedInstitution]) -> String {
    let names =
        institutions.iter().map(|one| name_or(lang, one.organisation_name.as_ref(), &one.organisation_code));
    names.collect::<Vec<_>>().join(lang.pick("、", ", "))
}

/// The distribution of one indicator: every institution a dot.
fn figure(lang: Lang, one: &IndicatorDistribution) -> Markup {
    let t = i18n::words(lang);
    let indicator = one.indicator.clone().unwrap_or_default();
    let name = words::name(lang, &indicator);
    let Some(spread) = &one.spread else {
        return html! { p { (name) (t("：还没有学校报数。", ": no institution has a value yet.")) } };
    };
    let shown = |value: &str| words::value(lang, &indicator, value);
    let (count, median) = (spread.count, shown(&spread.median));
    let (lower, upper) = (shown(&spread.lower), shown(&spread.upper));
    let finding = say!(
        lang,
        "中位 {median}，中间一半在 {lower} 至 {upper}",
        "Median {median}, the middle half between {lower} and {upper}"
    );
    let of = Strip {
        values: &spread.values,
        quartiles: [&spread.lower, &spread.median, &spread.upper],
        own: "",
        threshold: words::bound(indicator.threshold.as_ref()),
        decimals: words::decimals(&indicator),
        label: &format!("{name}：{finding}"),
    };
    let outliers = one.outlier_count;
    html! {
        figure.chart.region-strip {
            figcaption {
                p.about { (name) " " span.grey.small { (words::direction(lang, &indicator)) } }
                p.finding { (finding) }
            }
            (strip(lang, &of))
            p.small {
                (say!(lang, "{count} 所有数", "{count} with a value"))
                @if outliers > 0 { (say!(lang, "，{outliers} 所离群：", ", {outliers} outliers: ")) (names(lang, &one.outliers)) } @else { (t("，无离群", ", no outlier")) }
            }
            details {
                summary { (t("看数据表", "Show the table")) }
                table.data { tbody {
                    @for (name, value) in [
                        (t("最低", "Least"), &spread.least), (t("下四分位", "First quartile"), &spread.lower), (t("中位数", "Median"), &spread.median),
                        (t("上四分位", "Third quartile"), &spread.upper), (t("最高", "Greatest"), &spread.most), (t("绝对中位差", "MAD"), &spread.mad),
                    ] { tr { th scope="row" { (name) } td.number { (shown(value)) } } }
                } }
            }
            @if let Some(asked) = &indicator.threshold {
                p.source { (t("标准：", "Standard: ")) (words::threshold(lang, &indicator, asked)) (t("。", ". ")) (text(lang, asked.source.as_ref())) }
            }
        }
    }
}

fn institutions(lang: Lang, region: &GetRegionDiagnosisResponse, one: &IndicatorDistribution) -> Markup {
    let t = i18n::words(lang);
    let indicator = one.indicator.clone().unwrap_or_default();
    let answer = |place: &InstitutionPlace| match place.answer() {
        AnswerState::Value => words::value(lang, &indicator, &place.value),
        other => words::answer(lang, other).to_owned(),
    };
    let year = region.year.to_string();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(t("各校数值", "Values by institution")) { table.ranking {
            thead { tr {
                th scope="col" { (t("学校", "Institution")) }
                th.number scope="col" { (t("数值", "Value")) }
                th.number scope="col" { (t("位次（%）", "Percentile")) }
                th scope="col" { (t("标记", "Mark")) }
            } }
            tbody { @for place in &region.institutions {
                @let institution = place.institution.clone().unwrap_or_default();
                tr {
                    th scope="row" { a href=(link::address("/diagnosis", &[("year", &year), ("school", &institution.organisation_code)])) {
                        (name_or(lang, institution.organisation_name.as_ref(), &institution.organisation_code))
                    } }
                    td.number { (answer(place)) }
                    td.number { @if place.percentile.is_empty() { "—" } @else { (format::rounded(&place.percentile, 0)) } }
                    td { @if place.outlier { (Mark::new(Sign::Warn, Tone::Need, t("离群", "Outlier"))) } }
                }
            } }
        } }
    }
}

fn distributions(lang: Lang, region: &GetRegionDiagnosisResponse) -> Markup {
    let t = i18n::words(lang);
    html! {
        div.scroll tabindex="0" role="region" aria-label=(t("各项指标的分布", "Distribution of each indicator")) { table {
            thead { tr {
                th scope="col" { (t("指标", "Indicator")) }
                th.number scope="col" { (t("有数（所）", "With a value")) }
                th.number scope="col" { (t("中位数", "Median")) }
                th.number scope="col" { (t("中间一半", "Middle half")) }
                th.number scope="col" { (t("离群（所）", "Outliers")) }
                th.number scope="col" { (t("未达标（所）", "Below the standard")) }
            } }
            tbody { @for one in &region.distributions {
                @let indicator = one.indicator.clone().unwrap_or_default();
                @let spread = one.spread.clone().unwrap_or_default();
                @let decimals = words::decimals(&indicator);
                tr {
                    th scope="row" { a href=(Asked::at("/diagnosis/region", region.year, &region.group_code, &indicator.code, ""))
                        aria-current=[(indicator.code == region.indicator_code).then_some("true")] { (words::name(lang, &indicator)) } }
                    td.number { (spread.count) }
                    td.number { (words::value(lang, &indicator, &spread.median)) }
                    td.number { @if spread.count > 0 { (format::rounded(&spread.lower, decimals)) "–" (format::rounded(&spread.upper, decimals)) } @else { "—" } }
                    td.number { (one.outlier_count) }
                    td.number { @if indicator.threshold.is_some() { (one.below_threshold_count) } @else { "—" } }
                }
            } }
        } }
    }
}

/// Who has not reported.
fn coverage(lang: Lang, region: &GetRegionDiagnosisResponse) -> Markup {
    let t = i18n::words(lang);
    let named = &region.not_reported[..region.not_reported.len().min(NAMED)];
    let more = region.not_reported_count.unsigned_abs() as usize - named.len();
    html! {
        @if named.is_empty() { p { (t("这一类学校的年报全部接收。", "Every institution of this kind has an accepted report.")) } } @else {
            p { (t("没有已接收年报的学校：", "Without an accepted report: ")) (names(lang, named))
                @if more > 0 { (say!(lang, "，另有 {more} 所", ", and {more} more")) } (t("。", ".")) }
        }
    }
}
