//! One list of members counted twice: `26所院校、机构及基地` and `25家院校（含…）、机构与基地`.

use std::collections::{BTreeSet, HashMap};

use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};

/// Units that count members.
const UNITS: &[&str] = &["所", "个", "项", "门", "种", "人"];

/// A claim and the members it counts.
type Counted = (usize, BTreeSet<String>);

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let facts = &context.facts;
    // By member and unit: the claims counted so far, with all their members.
    let mut seen: HashMap<(String, &'static str), Vec<Counted>> = HashMap::new();
    for (index, claim) in facts.claims.iter().enumerate() {
        if claim.quantity.range || claim.quantity.approximate || !UNITS.contains(&claim.quantity.family()) {
            continue;
        }
        let text = context.document.paragraphs[claim.paragraph].text();
        let members = members(&text[claim.quantity.end..]);
        if members.len() < 3 {
            continue;
        }
        // Lists with two members in common meet under at least one of them.
        let mut hits: BTreeSet<usize> = BTreeSet::new();
        for member in &members {
            let slot = seen.entry((member.clone(), claim.quantity.family())).or_default();
            for (other, theirs) in slot.iter() {
                let common = members.intersection(theirs).count();
                let differs = !facts.claims[*other].quantity.interval.meets(claim.quantity.interval);
                if common * 2 > members.len().max(theirs.len())
                    && differs
                    && facts.claims[*other].paragraph != claim.paragraph
                {
                    hits.insert(*other);
                }
            }
            if slot.len() < 8 {
                slot.push((index, members.clone()));
            }
        }
        for other in hits {
            add(context, other, index, &members, report);
        }
    }
}

/// The members of a list behind a unit, brackets left out.
fn members(after: &str) -> BTreeSet<String> {
    let mut plain = String::new();
    let mut depth = 0usize;
    for c in after.chars().take(60) {
        match c {
            '（' => depth += 1,
            '）' if depth == 0 => break,
            '）' => depth -= 1,
            '，' | '。' | '；' | '：' | '！' | '？' => break,
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    if !plain.contains('、') {
        return BTreeSet::new();
    }
    plain
        .split(['、', '及', '和', '与'])
        .map(|m| m.trim_start_matches('以'))
        .filter(|m| m.chars().count() >= 4)
        .map(str::to_owned)
        .collect()
}

fn add(
    context: &Context<'_, '_>,
    first: usize,
    second: usize,
    members: &BTreeSet<String>,
    report: &mut Report,
) {
    let (a, b) = (&context.facts.claims[first].quantity, &context.facts.claims[second].quantity);
    report.add(Draft {
        class: Class::Contradiction,
        severity: Severity::Error,
        rule: "contradiction.members",
        zh: format!("同样的成员构成，一处为{}，一处为{}。", a.shown(), b.shown()),
        en: format!(
            "The same members are counted as {} in one place and {} in another.",
            a.shown(),
            b.shown()
        ),
        locations: vec![context.quote_claim(first), context.quote_claim(second)],
        expected: String::new(),
        actual: format!("{} / {}", a.shown(), b.shown()),
        computation: format!(
            "两处列举的成员相同：{}。",
            members.iter().cloned().collect::<Vec<_>>().join("、")
        ),
        computation_en: format!(
            "Both places list the same members: {}.",
            members.iter().cloned().collect::<Vec<_>>().join(", ")
        ),
    });
}

#[cfg(test)]
mod tests {
    use super::members;

    #[test]
    fn members_without_brackets() {
        let a = members("家骨干企业（含民营企业）、行业协会与公共实训基地，共同".trim_start_matches('家'));
        assert_eq!(a.into_iter().collect::<Vec<_>>(), ["公共实训基地", "行业协会", "骨干企业"]);
    }
}
