//! What a change of some cells can change besides them, so that a save reads no more than it needs.

use std::collections::BTreeSet;

use super::catalogue::{Catalogue, Indicator};

/// The cells that must be read to change those of `touched`: themselves, and what the derived indicators that depend on
/// them are computed from.
pub fn needed(catalogue: &Catalogue, kind: &str, touched: &[String]) -> BTreeSet<String> {
    let derived: Vec<&Indicator> =
        catalogue.indicators_of(kind).filter(|indicator| indicator.formula.is_some()).collect();
    // Derived from what is touched, or from what is derived from it, and so on.
    let mut changing: BTreeSet<&str> = touched.iter().map(String::as_str).collect();
    let mut needed = changing.clone();
    let mut wanted: Vec<&str> = Vec::new();
    loop {
        let before = changing.len();
        for indicator in &derived {
            let Some(names) = names(indicator) else { continue };
            if !changing.contains(indicator.code.as_str())
                && names.iter().any(|name| changing.contains(name.as_str()))
            {
                changing.insert(&indicator.code);
                wanted.extend(names.iter().map(String::as_str));
            }
        }
        if changing.len() == before {
            break;
        }
    }
    // And what those are computed from, down to what is reported.
    while let Some(name) = wanted.pop() {
        if needed.insert(name)
            && let Some(names) =
                derived.iter().find(|indicator| indicator.code == name).and_then(|indicator| names(indicator))
        {
            wanted.extend(names.iter().map(String::as_str));
        }
    }
    needed.into_iter().map(str::to_owned).collect()
}

/// What an indicator is computed from, if it is.
fn names(indicator: &Indicator) -> Option<&BTreeSet<String>> {
    indicator.formula.as_ref().map(|formula| formula.names())
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample};

    use super::*;
    use crate::domain::{
        catalogue::Catalogues,
        derive::{Cells, derived},
        value::Value,
    };

    #[test]
    fn a_cell_brings_the_terms_of_what_is_computed_from_it() {
        let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
        let needed = needed(catalogue, "higher", &["SC02".to_owned()]);
        assert!(needed.contains("SC01") && needed.contains("SC02"), "{needed:?}");
        assert!(!needed.contains("SAT01"), "{needed:?}");
    }

    proptest! {
        /// Whatever is typed, the needed cells alone show every derived value that a change moves.
        #[test]
        fn what_is_needed_is_enough(
            values in prop::collection::vec(0_u32..50, 80),
            place in any::<sample::Index>(),
            new in 0_u32..50,
        ) {
            let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
            let number = |value: u32| Value::Number(value.into());
            let codes: Vec<String> =
                catalogue.required_of("higher").map(|indicator| indicator.code.clone()).collect();
            let before: Cells =
                codes.iter().zip(values.iter().cycle()).map(|(code, value)| (code.clone(), number(*value))).collect();
            let touched = place.get(&codes).clone();
            let mut after = before.clone();
            after.insert(touched.clone(), number(new));
            let needed = needed(catalogue, "higher", &[touched]);
            let part = |cells: &Cells| -> Cells {
                cells.iter().filter(|(code, _)| needed.contains(*code)).map(|(code, value)| (code.clone(), value.clone())).collect()
            };
            let moved = |before: Cells, after: Cells| -> Vec<(String, Option<Value>)> {
                let codes: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                codes
                    .into_iter()
                    .filter(|code| before.get(*code) != after.get(*code))
                    .map(|code| (code.clone(), after.get(code).cloned()))
                    .collect()
            };
            let whole = moved(derived(catalogue, "higher", &before), derived(catalogue, "higher", &after));
            let partly =
                moved(derived(catalogue, "higher", &part(&before)), derived(catalogue, "higher", &part(&after)));
            prop_assert_eq!(whole, partly);
        }
    }
}
