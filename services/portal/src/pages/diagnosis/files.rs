//! The diagnosis as files.

use axum::extract::{Path, Query};
use zhijian_platform::Lang;
use zhijian_proto::publication::v1::{
    DiagnosedMeasure, GetDiagnosisRequest, GetRegionDiagnosisRequest, InstitutionPlace,
};

use super::{region, school, words};
use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    web::{
        error::{Answer, Failure},
        export::csv,
        i18n::{self, name_or, text},
        session::Visitor,
    },
};

/// One institution's indicators.
pub async fn school(visitor: Visitor, Query(asked): Query<school::Asked>) -> Answer {
    let lang = visitor.lang();
    let t = i18n::words(lang);
    let found = school::find(&visitor, &asked).await?.ok_or_else(Failure::not_found)?;
    let request = GetDiagnosisRequest { organisation_code: found.school.clone(), year: found.year };
    let diagnosis = visitor.clients().diagnosis().get_diagnosis(request).await?.into_inner();
    let headings = [
        t("指标代码", "Code"),
        t("指标", "Indicator"),
        t("单位", "Unit"),
        t("本校", "Value"),
        t("同类有数", "Peers with a value"),
        t("最低", "Least"),
        t("下四分位", "First quartile"),
        t("中位数", "Median"),
        t("上四分位", "Third quartile"),
        t("最高", "Greatest"),
        t("低于本校的同类（%）", "Peers below (%)"),
        t("比上一发布年度", "Change"),
        t("标准", "Standard"),
        t("标记", "Marks"),
    ];
    let rows = diagnosis.measures.iter().map(|one| row(lang, one));
    Ok(csv(&format!("diagnosis-{}-{}", found.school, found.year), &headings, rows))
}

fn row(lang: Lang, one: &DiagnosedMeasure) -> Vec<String> {
    let indicator = one.indicator.clone().unwrap_or_default();
    let peers = one.peers.clone().unwrap_or_default();
    let asked = indicator.threshold.as_ref().map(|asked| words::threshold(lang, &indicator, asked));
    let strength = one.strength.then(|| words::strength(lang).word);
    let marks = one.reasons().filter_map(|reason| words::reason(lang, reason)).map(|mark| mark.word);
    let marks: Vec<&str> = strength.into_iter().chain(marks).collect();
    vec![
        indicator.code.clone(),
        words::name(lang, &indicator).to_owned(),
        text(lang, indicator.unit.as_ref()).to_owned(),
        one.value.clone(),
        one.peer_count.to_string(),
        peers.least,
        peers.lower,
        peers.median,
        peers.upper,
        peers.most,
        one.percentile.clone(),
        one.change.clone(),
        asked.unwrap_or_default(),
        marks.join(lang.pick("、", ", ")),
    ]
}

/// A region's distributions ("distributions.csv"), or its institutions by one indicator ("institutions.csv").
pub async fn region(
    visitor: Visitor,
    Path(name): Path<String>,
    Query(asked): Query<region::Asked>,
) -> Answer {
    visitor.signed_in()?;
    let year = region::year(&visitor, &asked).await?.ok_or_else(Failure::not_found)?;
    match name.as_str() {
        "distributions.csv" => distributions(&visitor, &asked, year).await,
        "institutions.csv" => institutions(&visitor, &asked, year).await,
        _ => Err(Failure::not_found()),
    }
}

async fn distributions(visitor: &Visitor, asked: &region::Asked, year: i32) -> Answer {
    let lang = visitor.lang();
    let t = i18n::words(lang);
    let request = GetRegionDiagnosisRequest { page_size: 1, ..asked.wanted(year) };
    let region = visitor.clients().diagnosis().get_region_diagnosis(request).await?.into_inner();
    let headings = [
        t("指标代码", "Code"),
        t("指标", "Indicator"),
        t("单位", "Unit"),
        t("有数", "With a value"),
        t("不适用", "Not applicable"),
        t("未填", "Empty"),
        t("最低", "Least"),
        t("下四分位", "First quartile"),
        t("中位数", "Median"),
        t("上四分位", "Third quartile"),
        t("最高", "Greatest"),
        t("绝对中位差", "MAD"),
        t("离群", "Outliers"),
        t("未达标", "Below the standard"),
    ];
    let rows = region.distributions.iter().map(|one| {
        let indicator = one.indicator.clone().unwrap_or_default();
        let spread = one.spread.clone().unwrap_or_default();
        vec![
            indicator.code.clone(),
            words::name(lang, &indicator).to_owned(),
            text(lang, indicator.unit.as_ref()).to_owned(),
            spread.count.to_string(),
            one.not_applicable_count.to_string(),
            one.empty_count.to_string(),
            spread.least,
            spread.lower,
            spread.median,
            spread.upper,
            spread.most,
            spread.mad,
            one.outlier_count.to_string(),
            indicator.threshold.map(|_| one.below_threshold_count.to_string()).unwrap_or_default(),
        ]
    });
    Ok(csv(&format!("diagnosis-{}-{year}", region.group_code), &headings, rows))
}

async fn institutions(visitor: &Visitor, asked: &region::Asked, year: i32) -> Answer {
    let lang = visitor.lang();
    let t = i18n::words(lang);
    let all = all_pages(|page_token| {
        let mut diagnosis = visitor.clients().diagnosis();
        let request = GetRegionDiagnosisRequest { page_size: WHOLE_PAGE, page_token, ..asked.wanted(year) };
        async move {
            let page = diagnosis.get_region_diagnosis(request).await?.into_inner();
            Ok((page.institutions, page.next_page_token))
        }
    });
    let headings = [
        t("学校代码", "Code"),
        t("学校", "Institution"),
        t("数值", "Value"),
        t("位次（%）", "Percentile"),
        t("稳健 z", "Robust z"),
        t("离群", "Outlier"),
    ];
    let row = |one: InstitutionPlace| {
        let institution = one.institution.unwrap_or_default();
        let name =
            name_or(lang, institution.organisation_name.as_ref(), &institution.organisation_code).to_owned();
        let outlier = if one.outlier { t("是", "yes") } else { "" };
        vec![institution.organisation_code, name, one.value, one.percentile, one.robust_z, outlier.to_owned()]
    };
    let name = if asked.indicator.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        asked.indicator.as_str()
    } else {
        ""
    };
    Ok(csv(&format!("diagnosis-{name}-{year}"), &headings, all.await?.into_iter().map(row)))
}
