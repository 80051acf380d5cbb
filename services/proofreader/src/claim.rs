//! Claims: what a quantity in running text says about its subject.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::quantity::{Kind, Quantity, quantities};

/// What a quantity says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// How many or how much there is.
    Level,
    /// A part in per cent, or a rate.
    Share,
    /// Change of a level, in its unit.
    Change,
    /// Change of a level, in per cent.
    Growth,
    /// Change of a share, in percentage points.
    Points,
}

/// One quantity with its role and subject.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub paragraph: usize,
    pub quantity: Quantity,
    pub role: Role,
    /// +1 up, -1 down, 0 where the text does not say.
    pub sign: i8,
    /// The words before the number, back to the last boundary.
    pub lead: Range<usize>,
    /// What it is about, without function words; empty where it goes on about what came before.
    pub subject: String,
    /// The noun behind the unit, may be empty.
    pub object: String,
    /// For a share: the whole that the text names (占…的).
    pub base: Option<String>,
    /// Start of the innermost bracket it stands in, `None` outside brackets.
    pub bracket: Option<usize>,
    pub sentence: usize,
    /// Counts semicolons as well as full stops.
    pub segment: usize,
    /// One of several values given 分别.
    pub respectively: bool,
}

impl Claim {
    /// Subject, or the noun behind the unit where there is no subject.
    pub fn label(&self) -> &str {
        if self.subject.is_empty() { &self.object } else { &self.subject }
    }
}

const UP: &[&str] =
    &["增幅", "涨幅", "增长率", "增长", "增加", "提高", "提升", "上升", "上涨", "扩大", "净增", "增速", "增"];
const DOWN: &[&str] = &["降幅", "减幅", "下降", "减少", "降低", "缩减", "压减", "回落", "下滑", "减", "降"];

/// Words between a subject or verb and its number.
const AUXILIARY: &[&str] = &[
    "达到", "约为", "超过", "突破", "将近", "接近", "不足", "至少", "共计", "总计", "合计", "累计", "分别",
    "平均", "高达", "多达", "幅度", "大约", "达", "为", "约", "近", "超", "逾", "共", "已", "仅", "各", "有",
    "了", "在", "是", "均", "则", "也", "更", "就",
];

static COMPARISON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "(?:较|比|与|和|同)?(?:上一?个?|去|前一?)(?:年度|学年|年|期|届|学期)(?:度)?(?:同期)?(?:相比)?|(?:较|比|与)\\d{4}年度?(?:同期)?(?:相比)?|同比|环比|大幅|略有|有所|进一步|显著|稳步|持续|净$",
    )
    .expect("pattern")
});

static LEADING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        "^(?:截[至止](?:\\d{4}年)?(?:\\d{1,2}月)?(?:\\d{1,2}日)?底?|\\d{4}(?:年度|学年|年)(?:底|末|秋季|春季)?|其中|此外|另有|另外|同时|全年|目前|本年度|本学年|今年|近年来|现有|共有|以及|包括|和|及|与|、|含|还|并|即|如|则|，)",
    )
    .expect("pattern")
});

/// Most characters kept of a subject; the words nearest to the number count.
const SUBJECT_CHARS: usize = 26;

/// All claims of a paragraph, in order.
pub(crate) fn claims(paragraph: usize, text: &str) -> Vec<Claim> {
    let found = quantities(text);
    if found.is_empty() {
        return Vec::new();
    }
    let mut cursor = Cursor::default();
    let mut claims: Vec<Claim> = Vec::with_capacity(found.len());
    let mut previous_end = 0;
    for quantity in found {
        cursor.advance(text, quantity.start);
        let mut lead = cursor.boundary.max(previous_end)..quantity.start;
        let mut bracket = cursor.brackets.last().map(|b| b.at);
        if let Some(inner) = cursor.brackets.last()
            && inner.at + '（'.len_utf8() == quantity.start
            && text[quantity.end..].starts_with('）')
        {
            // 满意度（90.5%）: the bracket holds the value of what stands before it.
            lead = inner.boundary.max(previous_end).min(inner.at)..inner.at;
            bracket = cursor.brackets.iter().rev().nth(1).map(|b| b.at);
        }
        let clause_before = clause_before(text, lead.start).filter(|c| c.start >= previous_end);
        previous_end = quantity.end;
        let mut claim = Claim {
            paragraph,
            role: Role::Level,
            sign: 0,
            subject: String::new(),
            object: object(&text[quantity.end..]),
            base: None,
            bracket,
            sentence: cursor.sentence,
            segment: cursor.segment,
            respectively: false,
            lead,
            quantity,
        };
        read_lead(text, &mut claim);
        if let Some(clause) = clause_before.filter(|_| claim.role == Role::Level && claim.subject.is_empty())
        {
            claim.subject = measured(&text[clause]).unwrap_or_default();
        }
        carry_on(text, claims.last(), &mut claim);
        claims.push(claim);
    }
    name_respectively(text, &mut claims);
    claims
}

/// The clause that ends with the comma before `at`.
fn clause_before(text: &str, at: usize) -> Option<Range<usize>> {
    let end = text[..at].strip_suffix('，')?.len();
    let start = text[..end].rfind(['，', '。', '；', '：', '！', '？', '（', '）']);
    let start = start.map_or(0, |i| i + text[i..].chars().next().map_or(0, char::len_utf8));
    Some(start..end)
}

/// `兼职人员数量逐步扩大，达120人`: what the clause before says is measured.
fn measured(clause: &str) -> Option<String> {
    let ends = ["数量", "人数", "总数", "规模", "总量", "总值", "面积", "总额"];
    let end = ends.iter().filter_map(|w| clause.rfind(w).map(|i| i + w.len())).max()?;
    Some(subject(&clause[..end])).filter(|s| !s.is_empty())
}

/// Follows sentences, segments and brackets through a text.
#[derive(Default)]
struct Cursor {
    at: usize,
    boundary: usize,
    brackets: Vec<Bracket>,
    sentence: usize,
    segment: usize,
}

/// An open bracket.
struct Bracket {
    at: usize,
    /// The boundary in force before it.
    boundary: usize,
}

impl Cursor {
    fn advance(&mut self, text: &str, to: usize) {
        for (offset, c) in text[self.at..to].char_indices() {
            let at = self.at + offset;
            let behind = at + c.len_utf8();
            match c {
                '，' | '：' => self.boundary = behind,
                '。' | '！' | '？' => {
                    self.boundary = behind;
                    self.sentence += 1;
                    self.segment += 1;
                }
                '；' => {
                    self.boundary = behind;
                    self.segment += 1;
                }
                '（' => {
                    self.brackets.push(Bracket { at, boundary: self.boundary });
                    self.boundary = behind;
                }
                '）' => {
                    self.boundary = behind;
                    self.brackets.pop();
                }
                _ => {}
            }
        }
        self.at = to;
    }
}

/// The noun behind a unit.
fn object(after: &str) -> String {
    let after = after.strip_prefix('的').unwrap_or(after);
    after
        .chars()
        .take_while(|c| {
            !matches!(c, '，' | '。' | '；' | '：' | '、' | '（' | '）' | '！' | '？') && !c.is_ascii_digit()
        })
        .take(16)
        .collect()
}

/// Sets role, sign, subject and base from the words before the number.
fn read_lead(text: &str, claim: &mut Claim) {
    let lead = text[claim.lead.clone()].trim_start_matches(['、', '和', '及', '与']);
    claim.respectively = lead.contains("分别");
    let mut rest = lead;
    let mut to = false;
    loop {
        if let Some(shorter) = AUXILIARY.iter().find_map(|w| rest.strip_suffix(w)) {
            rest = shorter;
        } else if let Some(shorter) = rest.strip_suffix(['至', '到']) {
            rest = shorter;
            to = true;
        } else {
            break;
        }
    }
    let up = UP.iter().find_map(|w| rest.strip_suffix(w));
    let down = DOWN.iter().find_map(|w| rest.strip_suffix(w));
    let verb = up.or(down).filter(|stem| !stem.ends_with('新'));
    let kind = claim.quantity.kind;
    if let Some(stem) = verb
        && !to
    {
        claim.sign = if up.is_some() { 1 } else { -1 };
        claim.role = match kind {
            Kind::Percent | Kind::Times => Role::Growth,
            Kind::Points => Role::Points,
            Kind::Count => Role::Change,
        };
        claim.subject = subject(&COMPARISON.replace_all(stem, ""));
        return;
    }
    match kind {
        Kind::Points => {
            claim.role = Role::Points;
            claim.subject = subject(rest);
        }
        Kind::Percent => {
            claim.role = Role::Share;
            share_subject(lead, rest, claim);
        }
        Kind::Times => {
            claim.role = Role::Growth;
            claim.subject = subject(rest);
        }
        Kind::Count => {
            let stem = if to { verb.unwrap_or(rest) } else { rest };
            claim.subject = subject(&COMPARISON.replace_all(stem, ""));
        }
    }
}

/// `X占Y的`, `占比`, `比例提升至`: the subject and the whole of a share.
fn share_subject(lead: &str, rest: &str, claim: &mut Claim) {
    let stem = UP.iter().chain(DOWN).find_map(|w| rest.strip_suffix(w)).unwrap_or(rest);
    let stem =
        ["占比", "比例", "比重", "占", "率占"].iter().find_map(|w| stem.strip_suffix(w)).unwrap_or(stem);
    let stem = stem.trim_end_matches('的');
    match lead.rfind('占') {
        Some(at) if !lead[at..].starts_with("占地") => {
            claim.subject = subject(&lead[..at]);
            let base = &stem[at.min(stem.len())..];
            let base = base.strip_prefix('占').unwrap_or(base).trim_start_matches(['到', '了', '比']);
            claim.base = (base.chars().count() >= 2).then(|| base.to_owned());
        }
        _ => claim.subject = subject(stem),
    }
    if matches!(claim.subject.as_str(), "其" | "整体" | "总体" | "比例" | "比重") {
        claim.subject.clear();
    }
}

/// Strips what is not part of a subject.
fn subject(words: &str) -> String {
    let mut rest = words.trim();
    loop {
        let shorter = LEADING.find(rest).map_or(rest, |m| &rest[m.end()..]);
        let shorter =
            shorter.trim_start_matches(['的', '，', '、']).trim_end_matches(['的', '，', '、', '从', '由']);
        let shorter = AUXILIARY.iter().find_map(|w| shorter.strip_suffix(w)).unwrap_or(shorter);
        if shorter.len() == rest.len() {
            break;
        }
        rest = shorter;
    }
    if rest.chars().count() < 2 {
        return String::new();
    }
    crate::text::last_chars(rest, SUBJECT_CHARS).to_owned()
}

/// A number that follows another with no more than a conjunction between says the same kind of thing.
fn carry_on(text: &str, previous: Option<&Claim>, claim: &mut Claim) {
    let Some(previous) = previous else { return };
    let lead = text[claim.lead.clone()].trim();
    let joined = matches!(lead, "和" | "、" | "及" | "与" | "以及");
    let adjacent = previous.quantity.end == claim.lead.start && previous.bracket == claim.bracket;
    if joined && adjacent && previous.quantity.family() == claim.quantity.family() && previous.respectively {
        claim.role = previous.role;
        claim.sign = previous.sign;
        claim.respectively = true;
        claim.subject.clear();
    }
}

/// `甲、乙分别为3人和4人`: gives each value its name.
fn name_respectively(text: &str, claims: &mut [Claim]) {
    let mut start = 0;
    while start < claims.len() {
        if !claims[start].respectively || claims[start].role != Role::Level {
            start += 1;
            continue;
        }
        let run = 1 + claims[start + 1..].iter().take_while(|c| c.respectively && c.lead.len() <= 6).count();
        let lead = &text[claims[start].lead.clone()];
        let names: Vec<&str> = lead
            .split("分别")
            .next()
            .unwrap_or("")
            .split(['、', '和', '与', '及'])
            .filter(|n| !n.is_empty())
            .collect();
        if names.len() == run && run > 1 {
            for (claim, name) in claims[start..start + run].iter_mut().zip(&names) {
                claim.subject = subject(name);
            }
        }
        start += run;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str) -> Vec<(Role, i8, String)> {
        claims(0, text).into_iter().map(|c| (c.role, c.sign, c.subject)).collect()
    }

    #[test]
    fn levels_changes_and_growth() {
        assert_eq!(
            roles("2025年，各类学校招生总数达到2.5万人，较上一年增长1200余人，增幅达5.1%。"),
            [
                (Role::Level, 0, "各类学校招生总数".into()),
                (Role::Change, 1, String::new()),
                (Role::Growth, 1, String::new())
            ]
        );
    }

    #[test]
    fn shares_with_and_without_a_base() {
        let all = claims(
            0,
            "高级职称教师300人，占专任教师总数为30.5%，下降1.2个百分点，“双师型”教师比例提升至60%。",
        );
        assert_eq!(all[1].base.as_deref(), Some("专任教师总数"));
        assert_eq!(all[1].subject, "");
        assert_eq!((all[2].role, all[2].sign), (Role::Points, -1));
        assert_eq!((all[3].role, all[3].subject.as_str()), (Role::Share, "“双师型”教师"));
    }

    #[test]
    fn respectively() {
        let all =
            claims(0, "校内场所30个，校外场所40个，分别较上一年增加5个和6个；中职、高职分别为3人、4人。");
        assert_eq!(all[2].role, Role::Change);
        assert_eq!((all[3].role, all[3].sign), (Role::Change, 1));
        assert_eq!((all[4].subject.as_str(), all[5].subject.as_str()), ("中职", "高职"));
    }

    #[test]
    fn new_programmes_are_a_level() {
        assert_eq!(roles("高职新增专业54个、撤销专业25个")[0].0, Role::Level);
        assert_eq!(roles("规模由8家扩大到10家")[1].0, Role::Level);
    }
}
