//! One row of a table: the indicator, last year's value, and this year's to fill in, to read, or as it is computed.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::{
    common::v1::value,
    submission::v1::{Cell, Finding, Indicator, indicator},
};

use super::{
    cell_form::{Names, Typed},
    comment_card::{Said, Spot},
    report::Report,
};
use crate::{
    say,
    web::{
        components::{base, id_of},
        form::Attempt,
        format,
        i18n::{name_or, text, words},
        session::Visitor,
        states,
    },
};

/// What a row shows.
pub struct Row<'a> {
    pub report: &'a Report,
    pub indicator: &'a Indicator,
    pub cell: &'a Cell,
    /// Every cell of the report, for what a derived value still lacks.
    pub cells: &'a [Cell],
    pub findings: &'a [Finding],
    /// What the commission remarked.
    pub said: &'a Said<'a>,
    pub attempt: &'a Attempt,
    /// What a colleague saved meanwhile.
    pub theirs: Option<&'a Typed>,
    pub editable: bool,
    /// Whether it belongs to the row above: its responses, its method.
    pub companion: bool,
}

impl Row<'_> {
    pub fn render(&self, visitor: &Visitor) -> Markup {
        let lang = visitor.lang();
        let t = words(lang);
        let indicator = self.indicator;
        let stored = Typed::stored(self.cell);
        let names = Names::of(&indicator.code);
        let fault =
            [&names.value, &names.reason, &names.note].into_iter().find_map(|name| self.attempt.fault(name));
        let class = match (self.theirs, fault) {
            (Some(_), _) => Some("conflict"),
            (None, Some(_)) => Some("wrong"),
            (None, None) => self.companion.then_some("companion"),
        };
        let last_value = Cell { value: self.cell.last_value.clone(), ..Cell::default() };
        let last = last_value.value.is_some().then(|| Typed::stored(&last_value));
        let value = self.cell.value.is_some().then_some(&stored);
        html! {
            tr class=[class] {
                th scope="row" { (self.heading(lang, &names)) }
                td.number data-label=(t("上年值", "Last year")) { (self.said(lang, last.as_ref())) }
                @if !indicator.formula.is_empty() {
                    td.number data-label=(t("本年值", "This year")) { strong { (self.said(lang, value)) } }
                    td.derived.grey.small colspan="2" { (self.formula(lang)) }
                } @else if self.editable {
                    @let typed = Typed::sent(&self.attempt.form, &indicator.code).unwrap_or_else(|| stored.clone());
                    (self.inputs(lang, &typed, fault))
                } @else {
                    td.number data-label=(t("本年值", "This year")) { (self.said(lang, value)) }
                    td { @if stored.not_applicable { (stored.reason) } }
                    td { (stored.note) }
                }
            }
            @if self.said.has(Spot::Cell(&indicator.code)) {
                tr.said-row { td colspan="5" { (self.said.cards(Spot::Cell(&indicator.code))) } }
            }
        }
    }

    fn heading(&self, lang: Lang, names: &Names) -> Markup {
        let t = words(lang);
        let indicator = self.indicator;
        let unit = text(lang, indicator.unit.as_ref());
        let note = text(lang, indicator.note.as_ref());
        let choice = indicator.kind() == indicator::Kind::Choice;
        let optional = !indicator.required && indicator.formula.is_empty();
        let name = html! {
            (name_or(lang, indicator.name.as_ref(), &indicator.code))
            @if !unit.is_empty() && !choice { span.unit { (t("（", " (")) (unit) (t("）", ")")) } }
        };
        // That a cell is empty is plain to see; its finding would only add noise.
        let filled = self.cell.value.is_some();
        let concerns = self
            .findings
            .iter()
            .filter(|finding| filled && finding.indicator_codes.contains(&indicator.code));
        html! {
            @if self.editable && indicator.formula.is_empty() {
                label for=(id_of(&names.value)) { (name) }
            } @else {
                span id=(id_of(&names.value)) { (name) }
            }
            " " span.grey.code.small { (indicator.code) }
            @if optional { " " span.grey.small { (t("选填", "optional")) } }
            @if !note.is_empty() { div.note.grey.small { (note) } }
            @for finding in concerns {
                div.small {
                    (states::severity(lang, finding.severity(), !finding.explanation.is_empty())) " "
                    a href={ (self.report.address()) "/findings#" (id_of(&finding.finding_id)) } { (text(lang, finding.message.as_ref())) }
                }
            }
            (self.said.add(Spot::Cell(&indicator.code), name_or(lang, indicator.name.as_ref(), &indicator.code)))
        }
    }

    /// How a derived value comes about, and what it waits for.
    fn formula(&self, lang: Lang) -> Markup {
        let t = words(lang);
        let indicator = self.indicator;
        let formula = name_or(lang, indicator.formula_words.as_ref(), &indicator.formula);
        let (empty, out) = self.terms();
        let between = t("、", ", ");
        let listed = |codes: &[&str]| {
            html! {
                @for (place, code) in codes.iter().enumerate() {
                    @if place > 0 { (between) }
                    a href=(self.place_of(code)) { (name_of(lang, self.report, code)) }
                }
            }
        };
        html! {
            span.formula { (t("自动计算：", "Computed: ")) (formula) }
            @if self.cell.value.is_none() {
                @if !out.is_empty() {
                    div { (t("不计算，因为不适用：", "Not computed, because not applicable: ")) (listed(&out)) }
                } @else if !empty.is_empty() {
                    div { (t("还缺：", "Still missing: ")) (listed(&empty)) }
                } @else {
                    div { (t("不计算：除数为零。", "Not computed: the divisor is zero.")) }
                }
            }
        }
    }

    /// Where a cell is filled in.
    fn place_of(&self, code: &str) -> String {
        let group = self.report.group_of(code).unwrap_or(&self.indicator.group_code);
        format!("{}#{}", self.report.cells_address(group), id_of(&Names::of(code).value))
    }

    /// The terms of the formula that are empty, and those that do not apply.
    fn terms(&self) -> (Vec<&str>, Vec<&str>) {
        let (mut empty, mut out) = (vec![], vec![]);
        for code in self.indicator.formula.split(|c: char| !c.is_ascii_alphanumeric()) {
            let known = self.report.catalogue.indicators.iter().any(|one| one.code == code);
            if !known || empty.contains(&code) || out.contains(&code) {
                continue;
            }
            let cell = self.cells.iter().find(|cell| cell.indicator_code == code);
            match cell.and_then(|cell| cell.value.as_ref()).and_then(|value| value.kind.as_ref()) {
                None => empty.push(code),
                Some(value::Kind::NotApplicable(_)) => out.push(code),
                Some(_) => {}
            }
        }
        (empty, out)
    }

    /// A value in words; a dash if there is none.
    fn said(&self, lang: Lang, value: Option<&Typed>) -> Markup {
        html! {
            @match value {
                None => span.grey { "—" },
                Some(value) if value.not_applicable => span.grey title=(value.reason) { (words(lang)("不适用", "n/a")) },
                Some(value) if self.indicator.kind() == indicator::Kind::Choice => (option_name(lang, self.indicator, &value.value)),
                Some(value) => (format::fixed(&value.value, u32::try_from(self.indicator.decimals).unwrap_or(0))),
            }
        }
    }

    fn inputs(&self, lang: Lang, typed: &Typed, fault: Option<&str>) -> Markup {
        let t = words(lang);
        let indicator = self.indicator;
        let names = Names::of(&indicator.code);
        let name = name_or(lang, indicator.name.as_ref(), &indicator.code);
        let invalid = (fault.is_some() || self.theirs.is_some()).then_some("true");
        let described = format!("{}-wrong", id_of(&names.value));
        html! {
            td.entry data-label=(t("本年值", "This year")) {
                (base(&names.etag, &self.cell.etag))
                (base(&names.was, &Typed::stored(self.cell).fingerprint()))
                @if indicator.kind() == indicator::Kind::Choice {
                    select.value id=(id_of(&names.value)) name=(names.value) aria-invalid=[invalid] aria-describedby=[invalid.map(|_| &described)] {
                        option value="" { (t("请选择", "Choose")) }
                        @for choice in &indicator.choices {
                            option value=(choice.code) selected[choice.code == typed.value] { (name_or(lang, choice.name.as_ref(), &choice.code)) }
                        }
                    }
                } @else {
                    input.value type="text" inputmode="decimal" autocomplete="off" id=(id_of(&names.value)) name=(names.value)
                        value=(typed.value) aria-invalid=[invalid] aria-describedby=[invalid.map(|_| &described)];
                }
                input.reason type="text" autocomplete="off" id=(id_of(&names.reason)) name=(names.reason) value=(typed.reason)
                    maxlength="200" placeholder=(t("不适用的理由", "Why it does not apply"))
                    aria-label=(say!(lang, "{name}：不适用的理由", "{name}: why it does not apply")) aria-invalid=[invalid];
                @if let Some(fault) = fault { span.wrong-text id=(described) { (without_name(fault, &indicator.code)) } }
                @if let Some(theirs) = self.theirs {
                    div.theirs id=(described) { (t("同事保存的值：", "Your colleague's value: ")) strong { (self.stored_words(lang, theirs)) } }
                }
            }
            td.na {
                label {
                    input type="checkbox" name=(names.not_applicable) checked[typed.not_applicable];
                    span.hidden { (say!(lang, "{name}：不适用", "{name}: not applicable")) }
                    span.grey.small aria-hidden="true" { " " (t("不适用", "n/a")) }
                }
            }
            td.remark data-label=(t("备注", "Remark")) {
                input.note type="text" autocomplete="off" id=(id_of(&names.note)) name=(names.note) value=(typed.note)
                    maxlength="500" aria-label=(say!(lang, "{name}：备注", "{name}: remark"));
            }
        }
    }

    fn stored_words(&self, lang: Lang, stored: &Typed) -> String {
        let value = if stored.not_applicable {
            let reason = &stored.reason;
            say!(lang, "不适用（{reason}）", "not applicable ({reason})")
        } else if stored.value.is_empty() {
            lang.pick("空", "empty").to_owned()
        } else {
            option_name(lang, self.indicator, &stored.value).to_owned()
        };
        match stored.note.as_str() {
            "" => value,
            note => say!(lang, "{value}；备注：{note}", "{value}; remark: {note}"),
        }
    }
}

/// The name of an option; the value itself where it is no choice.
fn option_name<'a>(lang: Lang, indicator: &'a Indicator, value: &'a str) -> &'a str {
    let choice = indicator.choices.iter().find(|choice| choice.code == value);
    choice.map_or(value, |choice| name_or(lang, choice.name.as_ref(), value))
}

/// The name of an indicator of the report's catalogue.
pub fn name_of<'a>(lang: Lang, report: &'a Report, code: &'a str) -> &'a str {
    let indicator = report.catalogue.indicators.iter().find(|indicator| indicator.code == code);
    indicator.map_or(code, |indicator| name_or(lang, indicator.name.as_ref(), code))
}

/// What is wrong, without the indicator's name: that stands in the same row.
fn without_name<'a>(fault: &'a str, code: &str) -> &'a str {
    let named = fault.starts_with(code).then(|| fault.split_once('：').or_else(|| fault.split_once(": ")));
    named.flatten().map_or(fault, |(_, rest)| rest.trim_start())
}
