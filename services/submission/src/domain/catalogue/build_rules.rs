//! The checks of a year, checked themselves.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use zhijian_platform::{Text, rules::RulesError};

use super::{
    Indicator, Missing, Pair, ReportKind, Rule, Scope, Stage, Standing, Subject, Test,
    build::{NamesByKind, Place, common_names},
    file::{CatalogueFile, Operator, RuleEntry, RulesFile},
    load::file_name,
};
use crate::domain::expression::{Expression, Names, Type};

/// How far an explained number may move where a rule says nothing, as a share of itself.
const RANGE: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

pub(super) fn build_rules(
    year: i32,
    file: RulesFile,
    kinds: &[ReportKind],
    indicators: &[Indicator],
    names: &NamesByKind,
) -> Result<Vec<Rule>, RulesError> {
    let around =
        Around { at: Place { file: file_name(year, RulesFile::NAME) }, kinds, indicators, by_kind: names };
    let mut rules: Vec<Rule> = Vec::new();
    let mut codes = BTreeSet::new();
    for entry in file.rules {
        for entry in around.spread(entry)? {
            if !codes.insert(entry.code.clone()) {
                return Err(around.at.error(format!("rule {}", entry.code), "the code is used twice"));
            }
            rules.push(around.rule(entry)?);
        }
    }
    rules.sort_by_key(|rule| rule.stage);
    Ok(rules)
}

/// What a rule is checked against.
struct Around<'a> {
    at: Place,
    kinds: &'a [ReportKind],
    indicators: &'a [Indicator],
    by_kind: &'a NamesByKind,
}

impl Around<'_> {
    /// The rule once for each indicator that it is written over; itself if it is not.
    fn spread(&self, entry: RuleEntry) -> Result<Vec<RuleEntry>, RulesError> {
        let key = format!("rule {}", entry.code);
        if entry.over.is_empty() {
            return Ok(vec![entry]);
        }
        if !entry.code.contains("{it}") {
            return Err(self.at.error(key, "a rule written over several indicators has {it} in its code"));
        }
        let one = |code: &String| {
            let known = self.indicators.iter().find(|indicator| indicator.code == *code);
            let name = known
                .map(|indicator| indicator.name.clone())
                .ok_or_else(|| self.at.error(format!("{key}.over"), format!("unknown indicator {code:?}")))?;
            let put = |text: &String| text.replace("{it}", code);
            let say = |text: &Text| {
                Text::new(
                    put(&text.zh).replace("{it_name}", &name.zh),
                    put(&text.en).replace("{it_name}", &name.en),
                )
            };
            Ok(RuleEntry {
                code: put(&entry.code),
                over: vec![],
                indicators: entry.indicators.iter().map(put).collect(),
                when: entry.when.as_ref().map(put),
                expression: entry.expression.as_ref().map(put),
                left: entry.left.as_ref().map(put),
                right: entry.right.as_ref().map(put),
                message: say(&entry.message),
                hint: say(&entry.hint),
                ..entry.clone()
            })
        };
        entry.over.iter().map(one).collect()
    }

    fn rule(&self, entry: RuleEntry) -> Result<Rule, RulesError> {
        let (at, key) = (&self.at, format!("rule {}", entry.code));
        at.report_kinds(&key, &entry.report_kinds, self.kinds)?;
        let common = common_names(self.by_kind, &entry.report_kinds);
        if entry.scope != Scope::Cell && !entry.indicators.is_empty() {
            return Err(at.error(format!("{key}.indicators"), "only a rule of scope \"cell\" has them"));
        }
        if let Some(unknown) = entry.indicators.iter().find(|code| !common.contains_key(*code)) {
            return Err(at.error(format!("{key}.indicators"), format!("unknown indicator {unknown:?}")));
        }
        for (part, text) in [("message", &entry.message), ("hint", &entry.hint)] {
            at.text(&format!("{key}.{part}"), text)?;
            check_placeholders(at, &format!("{key}.{part}"), text, entry.scope)?;
        }
        for (part, number) in [("tolerance", entry.tolerance), ("range", entry.range)] {
            if number.is_some_and(|number| number.is_sign_negative()) {
                return Err(at.error(format!("{key}.{part}"), "not below zero"));
            }
        }
        let gist = gist(&entry);
        let mut names = self.names(common, entry.scope);
        if entry.tolerance.is_some() {
            names.insert("tolerance".to_owned(), Type::Number);
        }
        let when = entry.when.as_ref();
        let when = when.map(|source| at.expression(format!("{key}.when"), source, &names, Type::Bool));
        let when = when.transpose()?;
        let Tested { test, measure, words } = self.test(&key, &entry, &names)?;
        let of_tolerance = entry.tolerance.filter(|number| *number < Decimal::ONE && !number.is_zero());
        let rule = Rule {
            code: entry.code,
            stage: entry.stage,
            standing: Standing::New,
            report_kinds: entry.report_kinds,
            severity: entry.severity,
            scope: entry.scope,
            indicators: entry.indicators,
            when,
            test,
            measure,
            words,
            tolerance: entry.tolerance,
            range: entry.range.or(of_tolerance).unwrap_or(RANGE),
            missing: entry.missing,
            message: entry.message,
            hint: entry.hint,
            gist,
        };
        self.check_stage(&key, &rule)?;
        Ok(rule)
    }

    /// What must hold: an expression, or two sides and an operator.
    fn test(&self, key: &str, entry: &RuleEntry, names: &Names) -> Result<Tested, RulesError> {
        let at = &self.at;
        let (left, operator, right) = match (&entry.expression, &entry.left, entry.operator, &entry.right) {
            (Some(source), None, None, None) => {
                let test = at.expression(format!("{key}.expression"), source, names, Type::Bool)?;
                return Ok(Tested { test: Test::Holds(test), measure: None, words: source.clone() });
            }
            (None, Some(left), Some(operator), Some(right)) => (left, operator, right),
            _ => {
                let detail = "a rule has either expression, or left, operator and right";
                return Err(at.error(format!("{key}.expression"), detail));
            }
        };
        let side = |part: &str, source: &str| {
            Expression::compile(source, names)
                .map_err(|error| at.error(format!("{key}.{part}"), error.to_string()))
        };
        let (one, other) = (side("left", left)?, side("right", right)?);
        let pair = match operator {
            Operator::BothOrNeither => Some((Pair::Compulsory, "both_or_neither")),
            Operator::NotBoth => Some((Pair::Exclusive, "not_both")),
            _ => None,
        };
        if let Some((pair, name)) = pair {
            self.check_pair(key, entry, [&one, &other])?;
            let words = format!("{left} {name} {right}");
            return Ok(Tested { test: Test::Given { pair, left: one, right: other }, measure: None, words });
        }
        if one.result() != other.result() {
            let detail = format!("it is a {:?}, and the left side a {:?}", other.result(), one.result());
            return Err(at.error(format!("{key}.right"), detail));
        }
        let (source, words) = self.compared(key, entry, (left, operator, right), one.result())?;
        let test = at.expression(format!("{key}.operator"), &source, names, Type::Bool)?;
        let measure = (one.result() == Type::Number).then_some(one);
        Ok(Tested { test: Test::Holds(test), measure, words })
    }

    /// Two sides as one expression, with the tolerance where there is one; and as it is shown.
    fn compared(
        &self,
        key: &str,
        entry: &RuleEntry,
        (left, operator, right): (&str, Operator, &str),
        kind: Type,
    ) -> Result<(String, String), RulesError> {
        let sign = match operator {
            Operator::NotEqual => "!=",
            Operator::Less => "<",
            Operator::AtMost => "<=",
            Operator::More => ">",
            Operator::AtLeast => ">=",
            Operator::Equal | Operator::BothOrNeither | Operator::NotBoth => "==",
        };
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if ordered && !matches!(kind, Type::Number | Type::Date) {
            let detail = format!("{sign} compares numbers or days, not a {kind:?}");
            return Err(self.at.error(format!("{key}.operator"), detail));
        }
        if entry.tolerance.is_none() {
            return Ok((format!("({left}) {sign} ({right})"), format!("{left} {sign} {right}")));
        }
        if kind != Type::Number || operator == Operator::NotEqual {
            let detail = "a tolerance goes with numbers that are equal, or at most, or at least";
            return Err(self.at.error(format!("{key}.tolerance"), detail));
        }
        let source = match operator {
            Operator::Less | Operator::AtMost => format!("({left}) - ({right}) {sign} tolerance"),
            Operator::More | Operator::AtLeast => format!("({right}) - ({left}) {} tolerance", flipped(sign)),
            _ => format!("abs(({left}) - ({right})) <= tolerance"),
        };
        Ok((source.clone(), source))
    }

    fn check_pair(&self, key: &str, entry: &RuleEntry, sides: [&Expression; 2]) -> Result<(), RulesError> {
        if entry.tolerance.is_some() || entry.missing != Missing::SkipIfAny {
            let detail = "a pair is about what is given: it has neither tolerance nor missing";
            return Err(self.at.error(format!("{key}.operator"), detail));
        }
        if sides.iter().any(|side| side.names().is_empty()) {
            return Err(self.at.error(format!("{key}.operator"), "each side of a pair names a value"));
        }
        Ok(())
    }

    /// What speaks of last year, of a platform or of peers is of that stage or a later one.
    fn check_stage(&self, key: &str, rule: &Rule) -> Result<(), RulesError> {
        let earliest = rule.names().map(earliest).max().unwrap_or(Stage::Form);
        if rule.stage < earliest {
            let detail = format!("it compares what only the stage {earliest:?} knows");
            return Err(self.at.error(format!("{key}.stage"), detail));
        }
        Ok(())
    }

    /// The names that the expressions of a rule may use.
    fn names(&self, indicators: Names, scope: Scope) -> Names {
        let mut names: Names =
            indicators.iter().map(|(code, kind)| (format!("last.{code}"), *kind)).collect();
        names.extend(indicators);
        let of_enterprises = self.kinds.iter().filter(|kind| kind.subject == Subject::Enterprise);
        for (code, kind) in of_enterprises.filter_map(|kind| self.by_kind.get(&kind.code)).flatten() {
            if *kind == Type::Number {
                names.insert(format!("enterprise.{code}"), Type::Number);
            }
        }
        let of_scope = match scope {
            Scope::Report => &[][..],
            Scope::Cell => OF_CELLS,
            Scope::Section => OF_SECTIONS,
        };
        names.extend(OF_REPORTS.iter().chain(of_scope).map(|(name, kind)| ((*name).to_owned(), *kind)));
        names
    }
}

fn flipped(sign: &str) -> &'static str {
    if sign == ">" { "<" } else { "<=" }
}

/// A rule's test as it was read.
struct Tested {
    test: Test,
    measure: Option<Expression>,
    words: String,
}

/// The names that every rule has beside the indicators.
const OF_REPORTS: &[(&str, Type)] = &[
    ("has_last", Type::Bool),
    ("due", Type::Date),
    ("window_end", Type::Date),
    ("public.declared", Type::Bool),
    ("public.address", Type::Text),
    ("public.scheme", Type::Text),
    ("public.host", Type::Text),
    ("public.site", Type::Text),
    ("public.date", Type::Date),
    ("enterprise.count", Type::Number),
];

/// Those of rules that are applied to each cell.
const OF_CELLS: &[(&str, Type)] = &[
    ("value", Type::Number),
    ("previous", Type::Number),
    ("filled", Type::Bool),
    ("required", Type::Bool),
    ("not_applicable", Type::Bool),
    ("reason_characters", Type::Number),
    ("note_characters", Type::Number),
    ("kind", Type::Text),
    ("platform.value", Type::Number),
    ("platform.scope", Type::Text),
    ("platform.date", Type::Date),
    ("peer.count", Type::Number),
    ("peer.median", Type::Number),
    ("peer.mad", Type::Number),
];

/// Those of rules that are applied to each section.
const OF_SECTIONS: &[(&str, Type)] = &[
    ("section", Type::Text),
    ("characters", Type::Number),
    ("min_characters", Type::Number),
    ("max_characters", Type::Number),
    ("cases", Type::Number),
    ("min_cases", Type::Number),
];

/// The first stage that knows a name.
fn earliest(name: &str) -> Stage {
    let scope = name.split_once('.').map_or("", |(scope, _)| scope);
    match (scope, name) {
        ("last", _) | (_, "previous" | "has_last") => Stage::LastYear,
        ("platform", _) => Stage::Platform,
        ("peer", _) => Stage::Peers,
        _ => Stage::Form,
    }
}

/// Everything that decides what a rule finds: how it is worded is not among it.
fn gist(entry: &RuleEntry) -> String {
    let RuleEntry { stage, report_kinds, severity, scope, indicators, when, expression, .. } = entry;
    let RuleEntry { left, operator, right, tolerance, range, missing, .. } = entry;
    let what = (when, expression, left, operator, right);
    format!(
        "{stage:?} {report_kinds:?} {severity:?} {scope:?} {indicators:?} {what:?} {tolerance:?} {range:?} {missing:?}"
    )
}

fn check_placeholders(at: &Place, key: &str, text: &Text, scope: Scope) -> Result<(), RulesError> {
    let allowed: &[&str] = match scope {
        Scope::Report => &[],
        Scope::Cell => &["code", "name", "platform_scope", "platform_date", "platform_value"],
        Scope::Section => &["section"],
    };
    for language in [&text.zh, &text.en] {
        for part in language.split('{').skip(1) {
            let name = part.split('}').next().unwrap_or_default();
            if !allowed.contains(&name) {
                return Err(at.error(key, format!("{{{name}}} is not known here; there are {allowed:?}")));
            }
        }
    }
    Ok(())
}
