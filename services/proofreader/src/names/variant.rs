//! One institution under two spellings.

use std::collections::{BTreeMap, HashSet};

use super::{Occurrence, institution};
use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::report::{Draft, Report};

/// Words that come and go in careless spellings of a name.
const TYPE_WORDS: &[&str] =
    &["职业", "技术", "职业技术", "高等", "中等", "专业", "教育", "职业教育", "中等专业", "中心"];

/// Most characters one spelling may have more than the other.
const MOST_INSERTED: usize = 4;

/// The characters `long` has more than `short`, where they stand together; `None` otherwise.
pub(crate) fn inserted(short: &str, long: &str) -> Option<String> {
    let short: Vec<char> = short.chars().collect();
    let long: Vec<char> = long.chars().collect();
    let extra = long.len().checked_sub(short.len()).filter(|&n| (1..=MOST_INSERTED).contains(&n))?;
    let prefix = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    (short[prefix..] == long[prefix + extra..]).then(|| long[prefix..prefix + extra].iter().collect())
}

/// Spellings within [`MOST_INSERTED`] characters of `name`, made by leaving characters out.
pub(crate) fn shortened(name: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = name.chars().collect();
    let n = chars.len();
    (1..=MOST_INSERTED.min(n.saturating_sub(4))).flat_map(move |gap| {
        let chars = chars.clone();
        (0..=n - gap).map(move |at| chars[..at].iter().chain(&chars[at + gap..]).collect::<String>())
    })
}

/// Whether two names are one institution, careless spellings and short forms included.
pub(crate) fn same_institution(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short == long || long.contains(short) || inserted(short, long).is_some()
}

pub(super) fn check(context: &Context<'_, '_>, covered: &HashSet<String>, report: &mut Report) {
    let names = &context.institutions.by_name;
    let registered: HashSet<&str> = context.options.registry.iter().map(|r| r.name.as_str()).collect();
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    let mut short_forms: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for long in names.keys() {
        for candidate in shortened(long) {
            let Some((short, _)) = names.get_key_value(&candidate) else { continue };
            let both_known = registered.contains(long.as_str()) && registered.contains(short.as_str());
            if both_known
                || covered.contains(long)
                || covered.contains(short)
                || context.institutions.are_apart(short, long)
                || !seen.insert((short.as_str(), long.as_str()))
            {
                continue;
            }
            if long.ends_with(short.as_str()) {
                short_forms.entry(long).or_default().push(short);
            } else if let Some(severity) = weigh(short, long, names) {
                let (wrong, right) = direction(short, long, names);
                add(context, wrong, right, severity, report);
            }
        }
    }
    for (long, shorts) in short_forms {
        short_form(context, long, &shorts, report);
    }
    endings(context, covered, report);
    rearranged(context, covered, &registered, report);
    owners(context, covered, &registered, report);
}

/// Words that say what kind of school it is, longest first; what is left is the name's own.
const KINDS: &[&str] = &["职业", "技术", "高等", "中等", "专业", "教育", "中心"];

/// One name among its uses with other type words, or with 学校 for 学院: 临江职业中等专业学校, 临江中等职业学校.
fn rearranged(
    context: &Context<'_, '_>,
    covered: &HashSet<String>,
    registered: &HashSet<&str>,
    report: &mut Report,
) {
    let names = &context.institutions.by_name;
    let mut cores: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names.keys().filter(|n| !covered.contains(*n)) {
        let Some(stem) = name.strip_suffix("学校").or_else(|| name.strip_suffix("学院")) else {
            continue;
        };
        let core = KINDS.iter().fold(stem.to_owned(), |core, word| core.replace(word, ""));
        let own =
            core.trim_start_matches(institution::place_of(&core)).trim_start_matches(['市', '省', '区']);
        let everyone = ["全国", "全省", "全市", "全区"].iter().any(|w| own.starts_with(w));
        if own.chars().count() >= 2 && !everyone && stem.contains("职业") {
            cores.entry(core).or_default().push(name);
        }
    }
    for group in cores.values() {
        let [a, b] = group[..] else { continue };
        let (few, many) = if names[a].len() <= names[b].len() { (a, b) } else { (b, a) };
        let told_elsewhere = inserted(few, many).is_some() || inserted(many, few).is_some();
        let same_end = few.ends_with("学校") == many.ends_with("学校");
        let same_words = few.strip_suffix("学校").or_else(|| few.strip_suffix("学院"))
            == many.strip_suffix("学校").or_else(|| many.strip_suffix("学院"));
        let level = |name: &str| ["高等", "中等"].map(|w| name.contains(w));
        let two_levels = level(few)[0] && level(many)[1] || level(few)[1] && level(many)[0];
        let known = two_levels || registered.contains(few) && registered.contains(many);
        let (short, long) = if few.len() <= many.len() { (few, many) } else { (many, few) };
        if known
            || told_elsewhere
            || !(same_end || same_words)
            || !(permuted(few, many) || names[many].len() >= 2 * names[few].len())
            || context.institutions.are_apart(short, long)
        {
            continue;
        }
        add(context, few, many, Severity::Warning, report);
    }
}

/// How sure it is that two spellings mean one institution; `None` where they may well be two.
fn weigh(short: &str, long: &str, names: &BTreeMap<String, Vec<Occurrence>>) -> Option<Severity> {
    let extra = inserted(short, long)?;
    let (a, b) = (names[short].len(), names[long].len());
    let lopsided = a.max(b) >= 2 * a.min(b);
    let university = short.ends_with("大学");
    let characters = short.chars().count();
    if ["市", "区", "县"].contains(&extra.as_str()) {
        return Some(Severity::Warning);
    }
    if university
        && TYPE_WORDS.contains(&extra.as_str())
        && short.contains("职业")
        && a.max(b) >= 3 * a.min(b)
    {
        return Some(Severity::Warning);
    }
    if TYPE_WORDS.contains(&extra.as_str()) {
        return (!university).then_some(if lopsided { Severity::Error } else { Severity::Warning });
    }
    if extra.chars().count() == 1 {
        return (characters >= 7).then_some(if lopsided { Severity::Error } else { Severity::Warning });
    }
    (!university && characters >= 9 && lopsided).then_some(Severity::Warning)
}

/// The spelling used less often is taken for the slip.
fn direction<'n>(
    short: &'n str,
    long: &'n str,
    names: &BTreeMap<String, Vec<Occurrence>>,
) -> (&'n str, &'n str) {
    if names[short].len() <= names[long].len() { (short, long) } else { (long, short) }
}

fn add(context: &Context<'_, '_>, wrong: &str, right: &str, severity: Severity, report: &mut Report) {
    let names = &context.institutions.by_name;
    let (few, many) = (&names[wrong], &names[right]);
    let mut locations: Vec<_> =
        few.iter().take(6).map(|o| context.quote_unit(o.unit, o.range.clone())).collect();
    locations.extend(many.iter().take(2).map(|o| context.quote_unit(o.unit, o.range.clone())));
    report.add(Draft {
        class: Class::Name,
        severity,
        rule: "name.variant",
        zh: format!("“{wrong}”与“{right}”应是同一机构的两种写法，请统一为规范全称。"),
        en: format!(
            "“{wrong}” and “{right}” look like one institution spelt two ways; use its full name throughout."
        ),
        locations,
        expected: right.to_owned(),
        actual: wrong.to_owned(),
        computation: format!("“{wrong}”出现{}次，“{right}”出现{}次，只差几个字。", few.len(), many.len()),
        computation_en: format!(
            "“{wrong}” × {}, “{right}” × {}: they differ in a few characters.",
            few.len(),
            many.len()
        ),
    });
}

fn short_form(context: &Context<'_, '_>, long: &str, shorts: &[&str], report: &mut Report) {
    let names = &context.institutions.by_name;
    let used: Vec<&Occurrence> = shorts.iter().flat_map(|s| &names[*s]).collect();
    let mut locations: Vec<_> =
        used.iter().take(6).map(|o| context.quote_unit(o.unit, o.range.clone())).collect();
    locations.extend(names[long].iter().take(1).map(|o| context.quote_unit(o.unit, o.range.clone())));
    let shorts = shorts.join("”“");
    report.add(Draft {
        class: Class::Name,
        severity: Severity::Info,
        rule: "name.short-form",
        zh: format!("“{shorts}”省去了“{long}”开头的字，同一机构宜用一种名称。"),
        en: format!("“{shorts}” leaves out the beginning of “{long}”; one institution, one name."),
        locations,
        expected: long.to_owned(),
        actual: shorts,
        computation: format!("短名出现{}次，全称出现{}次。", used.len(), names[long].len()),
        computation_en: format!("The short name × {}, the full name × {}.", used.len(), names[long].len()),
    });
}

/// The same stem with another ending may be one institution or two: worth a look, no more.
fn endings(context: &Context<'_, '_>, covered: &HashSet<String>, report: &mut Report) {
    let names = &context.institutions.by_name;
    let mut stems: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names.keys().filter(|n| !covered.contains(*n)) {
        for ending in ["学校", "高中"] {
            if let Some(stem) = name.strip_suffix(ending).filter(|s| s.chars().count() >= 6) {
                stems.entry(stem).or_default().push(name);
            }
        }
    }
    for group in stems.values().filter(|g| g.len() > 1) {
        let locations = group
            .iter()
            .flat_map(|n| names[*n].iter().take(3))
            .map(|o| context.quote_unit(o.unit, o.range.clone()));
        report.add(Draft {
            class: Class::Name,
            severity: Severity::Info,
            rule: "name.ending",
            zh: format!("“{}”只差末尾，若是同一机构请统一名称。", group.join("”“")),
            en: format!(
                "“{}” differ only in their ending; if they are one institution, use one name.",
                group.join("”, “")
            ),
            locations: locations.collect(),
            expected: String::new(),
            actual: group.join("、"),
            computation: "名称主干相同，末尾不同。".into(),
            computation_en: "The names share their stem and differ in their ends.".into(),
        });
    }
}

/// The same characters in another order.
fn permuted(a: &str, b: &str) -> bool {
    let sorted = |s: &str| {
        let mut chars: Vec<char> = s.chars().collect();
        chars.sort_unstable();
        chars
    };
    sorted(a) == sorted(b)
}

/// A name found once, in a case of an institution whose name it is but for one character.
fn owners(
    context: &Context<'_, '_>,
    covered: &HashSet<String>,
    registered: &HashSet<&str>,
    report: &mut Report,
) {
    let names = &context.institutions.by_name;
    for (name, uses) in names.iter().filter(|(name, uses)| uses.len() == 1 && !covered.contains(*name)) {
        let Some(case) = context.units[uses[0].unit].place.case else { continue };
        let owner = context.document.captions[case].owner.as_deref().unwrap_or("");
        let apart = owner.chars().zip(name.chars()).filter(|(a, b)| a != b).count();
        let known = registered.contains(name.as_str());
        let long = name.chars().count() >= 7 && name.chars().count() == owner.chars().count();
        if long && apart == 1 && !known && names.contains_key(owner) {
            add(context, name, owner, Severity::Warning, report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::inserted;

    #[test]
    fn inserted_characters() {
        assert_eq!(inserted("甲工职业技术学院", "甲工业职业技术学院").as_deref(), Some("业"));
        assert_eq!(inserted("甲市管理学校", "甲市管理职业学校").as_deref(), Some("职业"));
        assert_eq!(inserted("甲校", "乙校大"), None);
    }
}
