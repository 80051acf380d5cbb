//! What a machine lays beside the rubric (AI 辅助智评), always labelled, and each thing called what it is: passages that full-text
//! search found, findings of rules, scores far off. Only what a model proposes is a suggestion.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::review::v1::{
    Element, EvidenceFile, GetAssistanceRequest, GetAssistanceResponse, ListEvidenceFilesRequest, Passage,
    ReportFinding, Scheme, Suggestion,
};

use crate::{
    say,
    web::{
        components::size,
        i18n::{name_or, text, words},
        session::Visitor,
        states,
    },
};

/// What there is for an assignment. Scoring does not wait for it: it is left out if it cannot be had.
pub async fn load(visitor: &Visitor, assignment_id: &str) -> Option<GetAssistanceResponse> {
    let request = GetAssistanceRequest { assignment_id: assignment_id.to_owned() };
    visitor.clients().assistance().get_assistance(request).await.ok().map(tonic::Response::into_inner)
}

/// The files that can be opened; none if they cannot be had.
pub async fn files(visitor: &Visitor, assignment_id: &str) -> Vec<EvidenceFile> {
    let request = ListEvidenceFilesRequest { assignment_id: assignment_id.to_owned() };
    let answer = visitor.clients().evidence_files().list_evidence_files(request).await;
    answer.map(|answer| answer.into_inner().files).unwrap_or_default()
}

/// The mark that everything from a machine carries; what it is follows in words.
fn label(lang: Lang) -> Markup {
    let t = words(lang);
    html! { span.machine { (t("AI 辅助智评", "AI assistance")) } " " span.grey.small { (t("仅供参考，不计分", "never counted")) } }
}

/// What speaks to an element and its criteria, below the fields for their points.
pub fn beside(lang: Lang, element: &Element, help: Option<&GetAssistanceResponse>) -> Markup {
    let Some(help) = help else { return html! {} };
    let t = words(lang);
    let marks: Vec<(String, String)> = match element.criteria.is_empty() {
        true => vec![(element.code.clone(), String::new())],
        false => {
            let named = |criterion: &zhijian_proto::review::v1::Criterion| {
                let path = super::criteria::path(element, &criterion.code);
                (path, name_or(lang, criterion.name.as_ref(), &criterion.code).to_owned())
            };
            element.criteria.iter().map(named).collect()
        }
    };
    let of = |mark: &str| help.passages.iter().filter(|one| one.mark_code == mark).collect::<Vec<_>>();
    let passages: usize = marks.iter().map(|(mark, _)| of(mark).len()).sum();
    let findings: Vec<&ReportFinding> =
        help.findings.iter().filter(|one| one.element_codes.contains(&element.code)).collect();
    let count = findings.len();
    if passages == 0 && count == 0 {
        return html! {};
    }
    html! {
        details.beside id={ "beside-" (element.code) } {
            summary {
                (label(lang)) " "
                @if passages > 0 { (say!(lang, "全文检索所得的原文段落 {passages} 段", "Passages found by full-text search: {passages}")) }
                @if passages > 0 && count > 0 { (t("；", "; ")) }
                @if count > 0 { (say!(lang, "核查和校对发现 {count} 条", "findings of checks and the proofreader: {count}")) }
            }
            @if passages > 0 {
                p.hint { (t("按评分标准的用词在年报正文里检索，原文照录，不是对分数的建议。", "Looked up in the report by the words of the rubric and quoted word for word. They propose no points.")) }
            }
            @for (mark, name) in &marks {
                @let found = of(mark);
                @if !found.is_empty() {
                    @if !name.is_empty() { p.small { strong { (name) } } }
                    @for passage in found { (quote(lang, passage)) }
                }
            }
            @if !findings.is_empty() {
                p.small { strong { (t("核查和校对发现", "Found by checks and the proofreader")) } }
                ul.small { @for found in &findings { (finding(lang, found)) } }
            }
        }
    }
}

/// A passage word for word, with where it stands.
fn quote(lang: Lang, passage: &Passage) -> Markup {
    let (paragraph, line) = (passage.paragraph, passage.line);
    let name = name_or(lang, passage.name.as_ref(), &passage.section_code);
    html! {
        figure.quote {
            blockquote { @for (words, marked) in parts(&passage.quote, &passage.words) {
                @if marked { mark { (words) } } @else { (words) }
            } }
            figcaption.grey.small {
                (say!(lang, "年报“{name}”第 {paragraph} 段（第 {line} 行）", "The report, “{name}”, paragraph {paragraph} (line {line})"))
            }
        }
    }
}

/// A quote cut where words of the rubric begin and end; whether each part is such a word.
fn parts<'a>(quote: &'a str, words: &[String]) -> Vec<(&'a str, bool)> {
    let mut parts = vec![];
    let mut rest = quote;
    while !rest.is_empty() {
        let first = words
            .iter()
            .filter(|word| !word.is_empty())
            .filter_map(|word| Some((rest.find(word.as_str())?, word.len())))
            .min_by_key(|(at, length)| (*at, usize::MAX - length));
        let Some((at, length)) = first else { break };
        let (before, from) = rest.split_at(at);
        let (word, after) = from.split_at(length);
        if !before.is_empty() {
            parts.push((before, false));
        }
        parts.push((word, true));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push((rest, false));
    }
    parts
}

fn finding(lang: Lang, found: &ReportFinding) -> Markup {
    let t = words(lang);
    html! {
        li {
            (states::severity(lang, found.severity(), !found.explanation.is_empty())) " "
            (text(lang, found.message.as_ref())) " "
            span.code.grey { (found.rule_code) }
            @if !found.computation.is_empty() { br; span.grey { (found.computation) } }
            @if !found.explanation.is_empty() { br; (t("学校说明：", "The school says: ")) (found.explanation) }
        }
    }
}

/// What was found that bears on no element in particular, and the files, as parts of the column of evidence.
pub fn in_column(
    lang: Lang,
    assignment_id: &str,
    help: Option<&GetAssistanceResponse>,
    files: &[EvidenceFile],
) -> Markup {
    let t = words(lang);
    let general: Vec<&ReportFinding> =
        help.iter().flat_map(|help| &help.findings).filter(|one| one.element_codes.is_empty()).collect();
    let count = general.len();
    html! {
        @if !files.is_empty() {
            h3 { (t("附件", "Files")) }
            ul #evidence-files { @for file in files {
                li {
                    a href={ "/assignments/" (assignment_id) "/files/" (file.sha256) } { (file.file_name) } " "
                    span.grey.small { (size(file.size)) }
                    @if file.of_measures { " " span.small { (t("整改佐证", "evidence of a measure")) } }
                    @if !file.caption.is_empty() { br; span.small { (file.caption) } }
                }
            } }
        }
        @if let Some(help) = help {
            @if help.moved { p.hint { (label(lang)) " " (t("学校的年报正在更正，核查发现暂不显示；正文是已接收的版本。", "A report is being corrected, so findings are not shown; the text is the accepted one.")) } }
            @if count > 0 {
                details #general-findings {
                    summary { (label(lang)) " " (say!(lang, "{count} 条其他核查发现", "{count} other findings")) }
                    ul.small { @for found in &general { (finding(lang, found)) } }
                }
            }
        }
    }
}

/// What a machine says once the sheet is in: its suggestions beside the reviewer's points, and where these lie far off.
pub fn after(lang: Lang, scheme: &Scheme, help: Option<&GetAssistanceResponse>) -> Markup {
    let Some(help) = help.filter(|help| !help.suggestions.is_empty() || !help.outliers.is_empty()) else {
        return html! {};
    };
    let t = words(lang);
    let name = |code: &str| element_name(lang, scheme, code);
    let given = |one: &&Suggestion| !one.points.is_empty();
    let absent: Vec<&Suggestion> = help.suggestions.iter().filter(|one| !given(one)).collect();
    html! {
        section.beside #assistance {
            h2 { (t("提交之后的对照", "For comparison, now that it is in")) }
            p { (label(lang)) }
            @if !help.outliers.is_empty() {
                h3 { (t("与专家组其他专家相差较大", "Far from the rest of the panel")) }
                table.data.narrow {
                    thead { tr {
                        th scope="col" { (t("要素", "Element")) }
                        th.number scope="col" { (t("您的分", "Yours")) }
                        th.number scope="col" { (t("其他专家中位数", "Median of the others")) }
                    } }
                    tbody { @for one in &help.outliers { tr {
                        th scope="row" { (name(&one.element_code)) }
                        td.number { (one.points) }
                        td.number { (one.others) }
                    } } }
                }
            }
            @if help.suggestions.iter().any(|one| given(&one)) {
                h3 { (t("机器建议：模型建议的分数", "Machine suggestion: points that a model proposes")) }
                p.hint { (t("在您提交之后才显示；不参与定级，只用来统计与专家的一致程度。", "Shown only after you handed in. No grade uses them; how far they agree with people is counted.")) }
                table.data.narrow {
                    thead { tr {
                        th scope="col" { (t("要素", "Element")) }
                        th.number scope="col" { (t("您首次提交", "Yours at first")) }
                        th.number scope="col" { (t("建议", "Suggested")) }
                        th scope="col" { (t("理由", "Why")) }
                    } }
                    tbody { @for one in help.suggestions.iter().filter(given) { tr {
                        th scope="row" { (name(&one.mark_code)) }
                        td.number { (one.human_points) }
                        td.number { (one.points) }
                        td { (one.reason) }
                    } } }
                }
            }
            @if let Some(first) = absent.first() {
                @let count = absent.len();
                p.small.grey { (say!(lang, "另有 {count} 项没有建议：", "{count} more have none: ")) (text(lang, first.absent.as_ref())) (t("。", ".")) }
            }
        }
    }
}

/// What a mark is called: the element, and its criterion where it is one.
pub fn element_name(lang: Lang, scheme: &Scheme, mark: &str) -> String {
    let (code, criterion) = mark.split_once('.').unwrap_or((mark, ""));
    let element = scheme.elements.iter().find(|element| element.code == code);
    let name = name_or(lang, element.and_then(|element| element.name.as_ref()), code);
    let part = element.and_then(|element| element.criteria.iter().find(|one| one.code == criterion));
    match part {
        Some(part) => {
            format!("{name}{}{}", words(lang)("·", ", "), name_or(lang, part.name.as_ref(), criterion))
        }
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_rubric_are_marked_where_they_stand() {
        let words = ["双师型教师".to_owned(), "教师".to_owned(), String::new()];
        assert_eq!(
            parts("双师型教师占教师的六成", &words),
            [("双师型教师", true), ("占", false), ("教师", true), ("的六成", false)]
        );
        assert_eq!(parts("没有", &words), [("没有", false)]);
        assert_eq!(parts("", &words), []);
    }

    #[test]
    fn everything_from_a_machine_is_labelled_and_text_is_escaped() {
        let passage = Passage {
            mark_code: "faculty".into(),
            quote: "<b>教师</b>".into(),
            words: vec!["教师".into()],
            paragraph: 2,
            ..Passage::default()
        };
        let help = GetAssistanceResponse { passages: vec![passage], ..Default::default() };
        let element = Element { code: "faculty".into(), ..Element::default() };
        let shown = beside(Lang::Zh, &element, Some(&help)).into_string();
        assert!(shown.contains("AI 辅助智评") && shown.contains("不计分"), "{shown}");
        assert!(shown.contains("全文检索所得的原文段落 1 段") && !shown.contains("机器建议"), "{shown}");
        let english = beside(Lang::En, &element, Some(&help)).into_string();
        assert!(
            english.contains("AI assistance") && english.contains("found by full-text search"),
            "{english}"
        );
        assert!(!english.contains("suggestion"), "{english}");
        assert!(shown.contains("&lt;b&gt;<mark>教师</mark>&lt;/b&gt;"), "{shown}");
        let other = Element { code: "practice".into(), ..Element::default() };
        assert_eq!(beside(Lang::Zh, &other, Some(&help)).into_string(), "");
    }

    #[test]
    fn only_what_a_model_proposes_is_called_a_suggestion() {
        let proposed =
            Suggestion { mark_code: "faculty".into(), points: "80".into(), ..Suggestion::default() };
        let help = GetAssistanceResponse { suggestions: vec![proposed], ..Default::default() };
        let shown = after(Lang::Zh, &Scheme::default(), Some(&help)).into_string();
        assert!(shown.contains("AI 辅助智评") && shown.contains("机器建议"), "{shown}");
        let far = zhijian_proto::review::v1::Outlier { element_code: "faculty".into(), ..Default::default() };
        let help = GetAssistanceResponse { outliers: vec![far], ..Default::default() };
        let shown = after(Lang::Zh, &Scheme::default(), Some(&help)).into_string();
        assert!(shown.contains("AI 辅助智评") && !shown.contains("机器建议"), "{shown}");
    }
}
