//! The attributes of bindings: `indicator="SC01" scope="higher"`.

use std::collections::BTreeMap;

use super::{Cases, Indicators, Look, Scoped, parse::Names, prose};
use crate::domain::{
    case::Wanted,
    figure::{Figure, Measure},
};

/// The scope of everything that institutions hand in.
const ALL: &str = "all";
/// The scope of the edition's institution.
const OWN: &str = "institution";
/// How many cases one line sets at most.
const MOST_CASES: u32 = 20;

/// The word before the attributes, and the attributes: `value indicator="SC01" scope="higher"`.
pub(super) fn attributes(text: &str) -> Result<(String, BTreeMap<String, String>), String> {
    let (word, mut rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut given = BTreeMap::new();
    rest = rest.trim();
    while !rest.is_empty() {
        let (key, quoted) =
            rest.split_once("=\"").ok_or_else(|| format!("\"{rest}\" is not of the form name=\"value\""))?;
        let (value, after) =
            quoted.split_once('"').ok_or_else(|| format!("{key}: the quotes are not closed"))?;
        if given.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(format!("{key} is given twice"));
        }
        rest = after.trim_start();
    }
    Ok((word.to_owned(), given))
}

/// What a binding's word is followed by, taken one after the other.
pub(super) struct Attributes<'a> {
    pub given: BTreeMap<String, String>,
    pub names: &'a Names,
}

impl Attributes<'_> {
    /// The value of an attribute, if it is given.
    pub fn take(&mut self, key: &str) -> Option<String> {
        self.given.remove(key)
    }

    /// The value of an attribute that must be given.
    pub fn need(&mut self, key: &str) -> Result<String, String> {
        self.take(key).filter(|value| !value.is_empty()).ok_or_else(|| format!("{key} is missing"))
    }

    /// A whole number, if it is given.
    pub fn number(&mut self, key: &str) -> Result<Option<u32>, String> {
        let given = self.take(key);
        given
            .map(|text| text.parse().map_err(|_| format!("{key}=\"{text}\" is not a whole number")))
            .transpose()
    }

    fn code(&mut self, key: &str) -> Result<Option<String>, String> {
        let code = self.take(key);
        match &code {
            Some(text)
                if text.is_empty() || !text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) =>
            {
                Err(format!("{key}=\"{text}\" is not an indicator's code, such as \"SC01\""))
            }
            _ => Ok(code),
        }
    }

    /// A measure and the kinds of report that it is over.
    pub fn figure(&mut self) -> Result<Scoped, String> {
        let of = self.code("indicator")?.ok_or("indicator is missing")?;
        let measure = match (self.code("per")?, self.code("weight")?) {
            (None, None) => Measure::Sum(of),
            (Some(to), None) => Measure::Ratio { of, to, per: self.number("times")?.unwrap_or(100) },
            (None, Some(weight)) => Measure::Mean { of, weight },
            (Some(_), Some(_)) => return Err("give per or weight, not both".to_owned()),
        };
        let scope = self.take("scope").unwrap_or_else(|| match self.names.institution {
            true => OWN.to_owned(),
            false => ALL.to_owned(),
        });
        let own = scope == OWN;
        if own && !self.names.institution {
            return Err("only a report of one institution has the scope \"institution\"".to_owned());
        }
        let report_kinds = self.kinds(if own { ALL } else { &scope })?;
        Ok(Scoped { figure: Figure { report_kinds, measure }, own })
    }

    /// The kinds of report of a scope.
    fn kinds(&self, scope: &str) -> Result<Vec<String>, String> {
        self.names.scopes.get(scope).cloned().ok_or_else(|| format!("there is no scope \"{scope}\""))
    }

    /// The cases that are set: the institution's own, or some of a scope.
    pub fn cases(&mut self) -> Result<Cases, String> {
        let section = self.take("section");
        let is_code =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if let Some(text) = section.as_deref().filter(|text| text.is_empty() || !is_code(text)) {
            return Err(format!("section=\"{text}\" is not a section's code, such as \"integration\""));
        }
        let title = self.take("title");
        if let Some(title) = &title {
            prose::check(title)?;
        }
        let own = self.names.institution;
        let (scope, most, optional) = if own {
            (ALL.to_owned(), None, true)
        } else {
            let most = self.number("limit")?.filter(|limit| (1..=MOST_CASES).contains(limit));
            let most = most.ok_or_else(|| format!("limit is missing or not between 1 and {MOST_CASES}"))?;
            let optional = match self.take("optional").as_deref() {
                None | Some("no") => false,
                Some("yes") => true,
                Some(other) => return Err(format!("optional=\"{other}\" is not yes or no")),
            };
            (self.take("scope").unwrap_or_else(|| ALL.to_owned()), Some(most as usize), optional)
        };
        self.end()?;
        let wanted = Wanted { report_kinds: self.kinds(&scope)?, section, most };
        Ok(Cases { wanted, title, own, optional })
    }

    /// How a number is written.
    pub fn look(&mut self) -> Result<Look, String> {
        Ok(Look { decimals: self.number("decimals")?, unit: self.take("unit") })
    }

    /// A table of an institution's indicators.
    pub fn indicators(&mut self) -> Result<Indicators, String> {
        let title = self.need("title")?;
        let codes: Vec<String> = self.need("codes")?.split_whitespace().map(str::to_owned).collect();
        self.end()?;
        Ok(Indicators { title, codes })
    }

    /// Refuses what nobody has taken.
    pub fn end(&self) -> Result<(), String> {
        match self.given.keys().next() {
            Some(key) => Err(format!("{key} means nothing here")),
            None => Ok(()),
        }
    }
}
