//! What stands beside the rubric: the register's data, the school's accepted report, and what a re-check or an appeal is about.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::{Value, value},
    review::v1::{Appeal, EvidenceValue, GetEvidenceRequest, GetEvidenceResponse, Rectification, Scheme},
    submission::v1::Programme,
};

use crate::{
    say,
    web::{
        format,
        i18n::{name_or, text, words},
        prose,
        session::Visitor,
    },
};

/// What the reviewer may see of the school's reports. Scoring does not wait for it: it is left out if it cannot be had.
pub async fn load(visitor: &Visitor, assignment_id: &str) -> Option<GetEvidenceResponse> {
    let request = GetEvidenceRequest { assignment_id: assignment_id.to_owned() };
    visitor.clients().evidence().get_evidence(request).await.ok().map(tonic::Response::into_inner)
}

/// The evidence, as a column of its own beside the form; `more` stands at its end.
pub fn aside(
    visitor: &Visitor,
    programme: Option<&Programme>,
    scheme: &Scheme,
    evidence: Option<&GetEvidenceResponse>,
    more: &Markup,
) -> Markup {
    let t = words(visitor.lang());
    html! {
        aside.evidence aria-label=(t("评审依据", "Evidence")) tabindex="0" {
            h2 { (t("评审依据", "Evidence")) }
            @if let Some(programme) = programme { (register(visitor, programme)) }
            @match evidence {
                None => p.hint { (t("学校年报暂时取不到，不影响评分；稍后刷新本页再看。", "The school's report cannot be had just now; scoring goes on. Reload the page later.")) },
                Some(found) if found.values.is_empty() && found.sections.is_empty() => {
                    p.hint { (t("学校本年度还没有已接收的年报。", "The school has no accepted report this year yet.")) }
                },
                Some(found) => { (values(visitor.lang(), scheme, &found.values)) (narrative(visitor, found)) },
            }
            (more)
        }
    }
}

fn register(visitor: &Visitor, programme: &Programme) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let year = programme.opened_year;
    html! {
        h3 { (t("专业登记信息", "In the register")) }
        dl.known {
            dt { (t("首次招生", "First students")) } dd { (say!(lang, "{year} 年", "{year}")) }
            @if !programme.cluster.is_empty() { dt { (t("专业群", "Cluster")) } dd { (programme.cluster) } }
            @if programme.pilot { dt { (t("试点", "Pilot")) } dd { (t("专科人才培养试点", "Diploma pilot")) } }
            @if let Some(pathway) = &programme.pathway {
                dt { (t("贯通培养", "Pathway")) } dd { (pathway.partner) " · " (pathway.partner_programme) }
                dt { (t("计划人数", "Places")) } dd { (pathway.places) }
            }
        }
    }
}

fn values(lang: Lang, scheme: &Scheme, values: &[EvidenceValue]) -> Markup {
    let t = words(lang);
    let of = |code: &str| -> Vec<&EvidenceValue> {
        values.iter().filter(|value| value.element_code == code).collect()
    };
    html! {
        @for element in &scheme.elements {
            @let found = of(&element.code);
            @if !found.is_empty() {
                details open id={ "evidence-" (element.code) } {
                    summary { (text(lang, element.name.as_ref())) }
                    table.data {
                        thead { tr {
                            th scope="col" { (t("年报数据", "Reported")) }
                            th.number scope="col" { (t("本年", "This year")) }
                            th.number scope="col" { (t("上年", "Last year")) }
                        } }
                        tbody {
                            @for value in found {
                                tr {
                                    th scope="row" {
                                        (name_or(lang, value.name.as_ref(), &value.indicator_code))
                                        @let unit = text(lang, value.unit.as_ref());
                                        @if !unit.is_empty() { (t("（", " (")) (unit) (t("）", ")")) }
                                    }
                                    td.number { (shown(lang, value.value.as_ref())) }
                                    td.number.grey { (shown(lang, value.last_value.as_ref())) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn shown(lang: Lang, value: Option<&Value>) -> String {
    match value.and_then(|value| value.kind.as_ref()) {
        Some(value::Kind::Number(number)) => number.clone(),
        Some(value::Kind::Text(text)) => text.clone(),
        Some(value::Kind::NotApplicable(_)) => words(lang)("不适用", "n/a").to_owned(),
        None => "—".to_owned(),
    }
}

fn narrative(visitor: &Visitor, found: &GetEvidenceResponse) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    html! {
        @if !found.sections.is_empty() {
            h3 { (t("年报正文", "The report's text")) }
            @for section in &found.sections {
                details {
                    summary { (name_or(lang, section.name.as_ref(), &section.section_code)) }
                    (prose::set(&section.body, 4))
                }
            }
        }
        @if !found.cases.is_empty() {
            h3 { (t("案例", "Cases")) }
            @for case in &found.cases {
                details { summary { (case.title) } (prose::set(&case.body, 4)) }
            }
        }
    }
}

/// What a re-check looks at: the school's plan, and what it says of each measure.
pub fn mended(visitor: &Visitor, rectification: &Rectification) -> Markup {
    let t = words(visitor.lang());
    html! {
        section.step-now {
            h2 { (t("这是一次整改复查", "This is a re-check")) }
            p { (t("请对照整改方案和佐证材料，重新给每个要素评分。", "Score every element afresh, with the plan and its evidence before you.")) }
            (prose::set(&rectification.plan, 3))
            ol {
                @for measure in &rectification.measures {
                    li {
                        (measure.title)
                        @if !measure.progress.is_empty() { p { (t("进展：", "Progress: ")) (measure.progress) } }
                        @if !measure.evidence.is_empty() { p { (t("佐证：", "Evidence: ")) (measure.evidence) } }
                        (crate::pages::rectifications::items(visitor.lang(), &measure.items))
                    }
                }
            }
        }
    }
}

/// What an appeal is about, without the grade that it is against.
pub fn appealed(visitor: &Visitor, appeal: &Appeal, scheme: &Scheme) -> Markup {
    let (lang, now) = (visitor.lang(), visitor.now());
    let t = words(lang);
    let named = |code: &String| {
        let element = scheme.elements.iter().find(|element| element.code == *code);
        element.map_or(code.clone(), |element| text(lang, element.name.as_ref()).to_owned())
    };
    let elements: Vec<String> = appeal.element_codes.iter().map(named).collect();
    html! {
        section.step-now {
            h2 { (t("这是一次申诉复评", "This is the hearing of an appeal")) }
            p { (t("请独立给每个要素评分。原来的等级和分数不向复评专家显示。", "Score every element on your own. The grade that is appealed is not shown to you.")) }
            dl.known {
                @if let Some(ground) = &appeal.ground { dt { (t("申诉理由", "Ground")) } dd { (name_or(lang, ground.name.as_ref(), &ground.code)) } }
                @if !elements.is_empty() { dt { (t("涉及要素", "Elements")) } dd { (elements.join(t("、", ", "))) } }
                dt { (t("应当办结", "To be decided")) } dd { (format::deadline_day(lang, &appeal.decide_due_date, now)) }
            }
            (prose::set(&appeal.statement, 3))
        }
    }
}
