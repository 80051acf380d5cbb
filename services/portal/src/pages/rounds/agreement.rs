//! How far the reviewers of a graded round agree, and what calibration took off each.

use maud::{Markup, html};
use rust_decimal::Decimal;
use zhijian_proto::review::v1::{
    Agreement, Calibration, GetAgreementRequest, GetSchemeRequest, ListReviewersRequest, Round, Scheme,
    scheme,
};

use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    say,
    web::{
        error::Failure,
        format,
        i18n::{name_or, words},
        session::Visitor,
    },
};

/// Agreement of this much or more counts as reliable; less than the second as too little to rest on (Krippendorff).
const RELIABLE: Decimal = Decimal::from_parts(800, 0, 0, false, 3);
const TENTATIVE: Decimal = Decimal::from_parts(667, 0, 0, false, 3);

/// What is known of how a round was graded.
pub struct Known {
    scheme: Scheme,
    agreement: Option<Agreement>,
    names: Vec<(String, String)>,
}

/// Asks for what the reader may see of it.
pub async fn load(visitor: &Visitor, round: &Round) -> Result<Known, Failure> {
    let clients = visitor.clients();
    let request = GetSchemeRequest { code: round.scheme_code.clone() };
    // A scheme that was taken out of force leaves its rounds behind: they are shown without its names.
    let scheme =
        clients.schemes().get_scheme(request).await.ok().and_then(|answer| answer.into_inner().scheme);
    let request = GetAgreementRequest { round_id: round.round_id.clone() };
    let answer = clients.rounds().get_agreement(request).await;
    let agreement = answer.ok().and_then(|answer| answer.into_inner().agreement);
    let named = agreement
        .iter()
        .filter_map(|agreement| agreement.calibration.as_ref())
        .any(|calibration| !calibration.reviewers.is_empty());
    let mut names = vec![];
    if named {
        let reviewers = all_pages(|page_token| {
            let mut reviewers = visitor.clients().reviewers();
            async move {
                let request = ListReviewersRequest { page_size: WHOLE_PAGE, page_token };
                let answer = reviewers.list_reviewers(request).await?.into_inner();
                Ok((answer.reviewers, answer.next_page_token))
            }
        });
        names = reviewers.await?.into_iter().map(|reviewer| (reviewer.account_id, reviewer.name)).collect();
    }
    Ok(Known { scheme: scheme.unwrap_or_default(), agreement, names })
}

/// Where the grades come from, in a sentence.
pub fn source(visitor: &Visitor, known: &Known) -> String {
    let lang = visitor.lang();
    let t = words(lang);
    let size = known.scheme.panel_size;
    let join = match known.scheme.join() {
        scheme::Join::Mean => t("平均分", "mean"),
        scheme::Join::TrimmedMean => t("去掉最高最低分后的平均分", "trimmed mean"),
        scheme::Join::Median | scheme::Join::Unspecified => t("中位数", "median"),
    };
    let calibrated = match known.scheme.calibrated {
        true => t("，并扣除各位专家宽严差异", ", with reviewers' severities taken off"),
        false => "",
    };
    say!(
        lang,
        "来源：本轮评审定级结果，每个专业 {size} 位专家评分，各要素取{join}{calibrated}。",
        "Source: the grades of this round; {size} reviewers a programme, the {join} of each element{calibrated}."
    )
}

/// The section of the page; nothing where nothing is known.
pub fn section(visitor: &Visitor, known: &Known) -> Markup {
    let Some(agreement) = &known.agreement else { return html! {} };
    let lang = visitor.lang();
    let t = words(lang);
    let element_name = |code: &str| {
        let element = known.scheme.elements.iter().find(|element| element.code == code);
        name_or(lang, element.and_then(|element| element.name.as_ref()), code).to_owned()
    };
    html! {
        section {
            h2 { (t("专家之间的一致性", "Agreement among reviewers")) }
            p {
                (t("总分的一致性系数（Krippendorff α）：", "Agreement of the totals (Krippendorff's alpha): "))
                strong { (shown(&agreement.total_alpha)) }
                (t("，", ", ")) (verdict(visitor, &agreement.total_alpha)) (t("。", "."))
            }
            details {
                summary { (t("各要素的一致性系数", "Agreement by element")) }
                table.data.narrow {
                    thead { tr {
                        th scope="col" { (t("要素", "Element")) }
                        th.number scope="col" { "α" }
                        th scope="col" { (t("可靠程度", "Reliability")) }
                    } }
                    tbody {
                        @for element in &agreement.elements {
                            tr {
                                th scope="row" { (element_name(&element.element_code)) }
                                td.number { (shown(&element.alpha)) }
                                td { (verdict(visitor, &element.alpha)) }
                            }
                        }
                    }
                }
                p.grey.small { (t(
                    "1 为完全一致，0 相当于随机。0.8 以上可靠，0.667 以上可作参考，再低则说明标准没有讲清、或专家各说各话。",
                    "1 is full agreement, 0 is chance. From 0.8 scores are reliable, from 0.667 tentative; below that the criteria are unclear or read differently.")) }
            }
            @if let Some(calibration) = &agreement.calibration { (calibrated(visitor, known, calibration)) }
        }
    }
}

fn calibrated(visitor: &Visitor, known: &Known, calibration: &Calibration) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let Calibration { severity_deviation, noise_deviation, part_count, changed_grades, reviewers } =
        calibration;
    let name =
        |id: &str| known.names.iter().find(|(own, _)| own == id).map_or(id, |(_, name)| name).to_owned();
    html! {
        h3 { (t("宽严校准", "Calibration")) }
        p { (say!(lang,
            "专家宽严的标准差约 {severity_deviation} 分，其余随机差异约 {noise_deviation} 分。扣除宽严之后，{changed_grades} 个专业的等级发生了变化。",
            "Reviewers' severities have a standard deviation of {severity_deviation} points, chance one of {noise_deviation}. Taking severities off changed {changed_grades} grades.")) }
        @if *part_count > 1 {
            p.banner.need { (say!(lang,
                "本轮评审分成 {part_count} 组，组与组之间没有共同的专家，宽严无法相互比较。下次分配时请让专家交叉。",
                "The round falls into {part_count} parts that share no reviewer, so severities cannot be compared across them. Mix the panels next time.")) }
        }
        @if !reviewers.is_empty() {
            details {
                summary { (t("每位专家的宽严（只有评审组长可见）", "Severity of each reviewer (the chair alone sees this)")) }
                table.data.narrow {
                    thead { tr {
                        th scope="col" { (t("专家", "Reviewer")) }
                        th.number scope="col" { (t("评分份数", "Sheets")) }
                        th.number scope="col" { (t("比别人高出（分）", "Above the others (points)")) }
                    } }
                    tbody {
                        @for reviewer in reviewers {
                            tr {
                                th scope="row" { (name(&reviewer.account_id)) }
                                td.number { (reviewer.sheet_count) }
                                td.number { (format::figure(&reviewer.severity, 3)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn shown(alpha: &str) -> &str {
    if alpha.is_empty() { "–" } else { alpha }
}

fn verdict(visitor: &Visitor, alpha: &str) -> &'static str {
    let t = words(visitor.lang());
    match alpha.parse::<Decimal>() {
        Err(_) => t("无从判断", "nothing can be said"),
        Ok(alpha) if alpha >= RELIABLE => t("可靠", "reliable"),
        Ok(alpha) if alpha >= TENTATIVE => t("可作参考", "tentative"),
        Ok(_) => t("偏低", "low"),
    }
}
