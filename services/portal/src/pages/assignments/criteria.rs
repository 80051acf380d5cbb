//! An element that is made of criteria: each scored on its own, with what deserves how many points beside it.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::review::v1::{Anchor, Element, Score};

use crate::web::{
    form::Attempt,
    format,
    i18n::{name_or, text, words},
};

/// How sheets call a criterion.
pub fn path(element: &Element, criterion: &str) -> String {
    format!("{}.{criterion}", element.code)
}

/// Levels with what is found at each, from the highest.
pub fn anchors(lang: Lang, anchors: &[Anchor]) -> Markup {
    let t = words(lang);
    html! {
        @if !anchors.is_empty() {
            dl.facts.small {
                @for anchor in anchors {
                    dt { (anchor.from) (t(" 分起", " and up")) }
                    dd { (text(lang, anchor.text.as_ref())) }
                }
            }
        }
    }
}

/// An element's criteria, each with its field. `input` makes the field of a path.
pub fn rows(
    lang: Lang,
    element: &Element,
    scores: &[Score],
    attempt: &Attempt,
    input: impl Fn(&str, &Attempt) -> Markup,
) -> Markup {
    let t = words(lang);
    let name = name_or(lang, element.name.as_ref(), &element.code);
    let given =
        |path: &str| scores.iter().find(|score| score.element_code == path).map_or("", |score| &score.points);
    html! {
        div.element { div {
            p.name { (name) " " span.grey.small { (t("权重 ", "weight ")) (element.weight) } }
            p.hint { (text(lang, element.description.as_ref())) }
        } }
        @for criterion in &element.criteria {
            @let path = path(element, &criterion.code);
            @let id = crate::web::components::id_of(&format!("score.{path}"));
            div.element {
                div {
                    p.name {
                        label for=(id) { (name) (t("·", ", ")) (name_or(lang, criterion.name.as_ref(), &criterion.code)) }
                        " " span.grey.small { (t("占 ", "part ")) (criterion.weight) }
                    }
                    p.hint id={ (id) "-hint" } { (text(lang, criterion.description.as_ref())) }
                    (anchors(lang, &criterion.anchors))
                }
                div {
                    @if criterion.quantity.is_some() {
                        output id=(id) { (format::figure(&format::cut(given(&path), 2), 3)) }
                        span.hint { (t("由填报数据计分", "From the reported number")) }
                    } @else { (input(&path, attempt)) }
                }
            }
        }
    }
}

/// What was scored, criterion by criterion, as a table.
pub fn table(lang: Lang, elements: &[Element], scores: &[Score]) -> Markup {
    let t = words(lang);
    let points =
        |path: &str| scores.iter().find(|score| score.element_code == path).map_or("", |score| &score.points);
    let widest = scores.iter().map(|score| format::tail(&format::cut(&score.points, 2))).max().unwrap_or(0);
    let line = |name: String, weight: &str, path: &str| {
        html! { tr {
            th scope="row" { (name) }
            td.number { (format::figure(&format::cut(points(path), 2), widest)) }
            td.number.grey { (weight) }
        } }
    };
    html! {
        table.data.narrow {
            thead { tr {
                th scope="col" { (t("要素", "Element")) }
                th.number scope="col" { (t("得分", "Score")) }
                th.number scope="col" { (t("权重", "Weight")) }
            } }
            tbody { @for element in elements {
                @let name = name_or(lang, element.name.as_ref(), &element.code);
                @if element.criteria.is_empty() { (line(name.to_owned(), &element.weight, &element.code)) }
                @for criterion in &element.criteria {
                    @let own = name_or(lang, criterion.name.as_ref(), &criterion.code);
                    (line(format!("{name}{}{own}", t("·", ", ")), &criterion.weight, &path(element, &criterion.code)))
                }
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use zhijian_proto::{
        common::v1::Text,
        review::v1::{Criterion, Quantity},
    };

    use super::*;

    fn named(zh: &str) -> Option<Text> {
        Some(Text { zh: zh.into(), en: zh.into() })
    }

    #[test]
    fn criteria_show_their_levels_and_what_follows_from_numbers_is_not_asked_for() {
        let criterion = |code: &str| Criterion {
            code: code.into(),
            name: named(code),
            weight: "0.5".into(),
            ..Criterion::default()
        };
        let element = Element {
            code: "students".into(),
            name: named("学生发展"),
            criteria: vec![
                Criterion { quantity: Some(Quantity::default()), ..criterion("rate") },
                Criterion {
                    anchors: vec![Anchor { from: "85".into(), text: named("有数据") }],
                    ..criterion("growth")
                },
            ],
            ..Element::default()
        };
        let scores = [Score { element_code: "students.rate".into(), points: "83.33".into() }];
        let shown = rows(Lang::Zh, &element, &scores, &Attempt::default(), |path, _| html! { i { (path) } });
        let shown = shown.into_string();
        assert!(shown.contains("83<span class=\"tail t3\">.33</span>"), "{shown}");
        assert!(
            shown.contains("<i>students.growth</i>") && !shown.contains("<i>students.rate</i>"),
            "{shown}"
        );
        assert!(shown.contains("有数据"), "{shown}");
    }
}
