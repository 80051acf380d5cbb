//! Scores that lie far from their panels, and how far a model's suggestions agree with people; for the chair alone.

use maud::{Markup, html};
use zhijian_proto::{
    identity::v1::Role,
    review::v1::{
        GetSchemeRequest, GetSuggestionAgreementRequest, GetSuggestionAgreementResponse, ListOutliersRequest,
        MarkAgreement, Outlier, Round, Scheme, round,
    },
};

use crate::{
    pages::assignments::assistance::element_name,
    say,
    web::{
        format,
        i18n::{text, words},
        session::Visitor,
    },
};

/// How many scores are listed here at most.
const MOST: i32 = 50;

/// The section of the page; nothing for whom it is not, and before anybody scores.
pub async fn section(visitor: &Visitor, round: &Round) -> Markup {
    use round::State;
    let scored = matches!(round.state(), State::Scoring | State::Finalised | State::Revealed);
    if !visitor.has(Role::Chair) || !scored {
        return html! {};
    }
    let clients = visitor.clients();
    let request = GetSchemeRequest { code: round.scheme_code.clone() };
    let scheme = clients.schemes().get_scheme(request).await.ok();
    let scheme = scheme.and_then(|answer| answer.into_inner().scheme).unwrap_or_default();
    let round_id = round.round_id.clone();
    let request = ListOutliersRequest { page_size: MOST, round_id: round_id.clone(), ..Default::default() };
    // The round is run without it, so that the page does not fail with it.
    let outliers = clients.assistance().list_outliers(request).await.ok().map(tonic::Response::into_inner);
    let request = GetSuggestionAgreementRequest { round_id };
    let agreement = clients.assistance().get_suggestion_agreement(request).await;
    let agreement = agreement.map(tonic::Response::into_inner).unwrap_or_default();
    let outliers = outliers.unwrap_or_default();
    render(visitor, &scheme, (&outliers.outliers, !outliers.next_page_token.is_empty()), &agreement)
}

fn render(
    visitor: &Visitor,
    scheme: &Scheme,
    (outliers, more): (&[Outlier], bool),
    agreement: &GetSuggestionAgreementResponse,
) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        section #assistance {
            h2 { (t("AI 辅助智评", "Machine assistance")) " " span.grey.small { (t("仅供参考，不计分", "never counted")) } }
            h3 { (t("偏离专家组的评分", "Scores far from their panels")) }
            @if outliers.is_empty() {
                p.hint { (t("目前没有明显偏离的评分。每个专业至少有三份评分提交后才能比较。", "No score stands out so far. Scores are compared once three sheets of an entry are in.")) }
            } @else {
                p.hint { (t("偏离不等于评错：请结合评语判断，必要时退回或讨论。已扣除专家的宽严。", "Far off is not wrong: read the comments, and return the sheet or talk where needed. Severities are taken off.")) }
                div.scroll { table.data {
                    thead { tr {
                        th scope="col" { (t("专业", "Programme")) }
                        th scope="col" { (t("要素", "Element")) }
                        th.number scope="col" { (t("评分", "Score")) }
                        th.number scope="col" { (t("其他专家中位数", "Median of the others")) }
                        th.number scope="col" { (t("宽严影响", "Of severity")) }
                    } }
                    tbody { @for one in outliers { tr {
                        th scope="row" { a href={ "/assignments/" (one.assignment_id) } { (text(lang, one.entry_title.as_ref())) } }
                        td { (element_name(lang, scheme, &one.element_code)) }
                        td.number { (one.points) }
                        td.number { (one.others) }
                        td.number.grey { @if one.severity.is_empty() { "–" } @else { (format::figure(&one.severity, 3)) } }
                    } } }
                } }
                @if more { p.hint { (say!(lang, "只列出前 {MOST} 条。", "The first {MOST} only.")) } }
            }
            (agreed(visitor, scheme, agreement))
        }
    }
}

/// How far suggestions agree with what people gave before they saw any.
fn agreed(visitor: &Visitor, scheme: &Scheme, found: &GetSuggestionAgreementResponse) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let row = |name: String, one: &MarkAgreement| {
        let (within, pairs) = (one.within, one.pairs);
        html! { tr {
            th scope="row" { (name) }
            td.number { (pairs) }
            td.number { (within) }
            td.number { (format::figure(&one.mean_difference, 3)) }
            td.number { (format::figure(&one.mean_distance, 3)) }
            td.number { @if one.kappa.is_empty() { "–" } @else { (format::figure(&one.kappa, 3)) } }
        } }
    };
    let (asked, tolerance) = (found.asked, &found.tolerance);
    let models = found.models.join(t("、", ", "));
    html! {
        h3 { (t("模型建议与专家评分的一致程度", "How far a model's suggestions agree with people")) }
        @if asked == 0 {
            p.hint { (t("本轮没有询问模型。", "No model was asked in this round.")) }
        } @else {
            p { (say!(lang,
                "就 {asked} 个分数询问了模型 {models}。专家提交之前看不到建议。",
                "{models} was asked for {asked} points. No reviewer saw any before handing in.")) }
            @if let Some(whole) = &found.whole {
                div.scroll { table.data.narrow {
                    thead { tr {
                        th scope="col" { (t("要素", "Element")) }
                        th.number scope="col" { (t("可比", "Compared")) }
                        th.number scope="col" { (say!(lang, "相差不超过 {tolerance} 分", "Within {tolerance} points")) }
                        th.number scope="col" { (t("平均差（模型减专家）", "Mean difference (model less human)")) }
                        th.number scope="col" { (t("平均偏离", "Mean distance")) }
                        th.number scope="col" { (t("加权 κ", "Weighted κ")) }
                    } }
                    tbody {
                        (row(t("全部", "All").to_owned(), whole))
                        @for one in &found.marks { (row(element_name(lang, scheme, &one.mark_code), one)) }
                    }
                } }
            }
            @if !found.absent.is_empty() {
                p.small.grey { (t("没有建议：", "Without a suggestion: "))
                    @for (place, one) in found.absent.iter().enumerate() {
                        @if place > 0 { (t("；", "; ")) }
                        (text(lang, one.reason.as_ref())) " " (one.count)
                    }
                }
            }
        }
    }
}
