//! Entries: a level with what the text says about it (change, growth, share) and the parts it is made of.

use std::collections::HashMap;

use crate::claim::{Claim, Role, claims};
use crate::document::Document;

/// A level or rate with its attributes; numbers index [`Facts::claims`], parts and parent [`Facts::entries`].
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub claim: usize,
    pub change: Option<usize>,
    pub growth: Option<usize>,
    pub share: Option<usize>,
    pub points: Option<usize>,
    pub parent: Option<usize>,
    pub parts: Vec<usize>,
    /// The text presents the parts as all there are (包括, 分为, 其余).
    pub complete: bool,
}

/// Levels listed after 在…中.
#[derive(Debug, Clone)]
pub(crate) struct Breakdown {
    pub paragraph: usize,
    /// The words between 在 and 中.
    pub of: String,
    pub entries: Vec<usize>,
}

/// Everything the running text says in numbers.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub claims: Vec<Claim>,
    pub entries: Vec<Entry>,
    pub breakdowns: Vec<Breakdown>,
    /// For each claim that is an attribute, the entry it belongs to.
    owners: HashMap<usize, usize>,
}

/// How many levels back an attribute or a part looks for its level.
const REACH: usize = 60;

impl Facts {
    pub fn of(document: &Document<'_>) -> Self {
        let mut facts = Self::default();
        for (index, paragraph) in document.paragraphs.iter().enumerate() {
            facts.paragraph(index, paragraph.text());
        }
        facts
    }

    pub fn claim_of(&self, entry: usize) -> &Claim {
        &self.claims[self.entries[entry].claim]
    }

    /// The level a change, growth, share or change in points belongs to.
    pub fn owner(&self, claim: usize) -> Option<&Entry> {
        self.owners.get(&claim).map(|&e| &self.entries[e])
    }

    fn paragraph(&mut self, index: usize, text: &str) {
        let first_claim = self.claims.len();
        let first_entry = self.entries.len();
        self.claims.extend(claims(index, text));
        let mut scopes: Vec<Scope> = Vec::new();
        let markers = markers(text);
        let mut next_marker = markers.iter().peekable();
        for claim in first_claim..self.claims.len() {
            while let Some(marker) = next_marker.next_if(|m| m.at < self.claims[claim].quantity.start) {
                self.open(marker, claim, first_entry, index, &mut scopes);
            }
            self.place(text, claim, first_claim, first_entry, &mut scopes);
        }
    }

    /// Starts the scope of 其中 and its like.
    fn open(
        &mut self,
        marker: &Marker,
        claim: usize,
        first: usize,
        paragraph: usize,
        scopes: &mut Vec<Scope>,
    ) {
        let next = &self.claims[claim];
        let (bracket, sentence, segment) = (next.bracket, next.sentence, next.segment);
        if let Cue::Within(of) = &marker.cue {
            self.breakdowns.push(Breakdown { paragraph, of: of.clone(), entries: Vec::new() });
            let breakdown = self.breakdowns.len() - 1;
            scopes.push(Scope { target: Target::Breakdown(breakdown), bracket, sentence, segment: None });
            return;
        }
        let family = next.quantity.family();
        let parent = (first..self.entries.len()).rev().take(REACH).find(|&e| {
            let c = self.claim_of(e);
            let before = c.quantity.start < marker.at && c.bracket <= bracket;
            before
                && sentence - c.sentence <= usize::from(marker.leads_sentence)
                && c.quantity.family() == family
        });
        let Some(parent) = parent else { return };
        self.entries[parent].complete |= marker.cue == Cue::Complete;
        let segment = (!marker.leads_sentence && bracket.is_none()).then_some(segment);
        scopes.push(Scope { target: Target::Entry(parent), bracket, sentence, segment });
    }

    /// Makes the claim an entry or an attribute of one.
    fn place(&mut self, text: &str, claim: usize, first_claim: usize, first: usize, scopes: &mut Vec<Scope>) {
        let c = &self.claims[claim];
        if c.quantity.range {
            return;
        }
        match c.role {
            Role::Level => {
                let entry = self.push(claim);
                let lead = &text[self.claims[claim].lead.clone()];
                if ["另有", "另", "此外", "还有", "同时"].iter().any(|w| lead.starts_with(w)) {
                    scopes.pop();
                }
                self.join(entry, scopes);
            }
            Role::Share if !c.subject.is_empty() => {
                let named = self.last_in_sentence(claim, first).filter(|&e| self.speaks_of(claim, e));
                let entry = self.push(claim);
                self.join(entry, scopes);
                if let Some(level) = named {
                    self.entries[level].share.get_or_insert(claim);
                    self.owners.insert(claim, level);
                }
            }
            _ if !c.subject.is_empty() && c.role != Role::Points => {}
            _ if c.respectively => self.respectively(claim, first_claim, first),
            role => {
                if let Some(entry) = self.last_in_sentence(claim, first) {
                    self.attach(entry, claim, role);
                }
            }
        }
    }

    fn push(&mut self, claim: usize) -> usize {
        self.entries.push(Entry {
            claim,
            change: None,
            growth: None,
            share: None,
            points: None,
            parent: None,
            parts: Vec::new(),
            complete: false,
        });
        self.entries.len() - 1
    }

    /// Adds an entry to the innermost scope it stands in.
    fn join(&mut self, entry: usize, scopes: &[Scope]) {
        let c = self.claim_of(entry).clone();
        let scope = scopes.iter().rev().find(|s| {
            s.bracket == c.bracket
                && s.sentence == c.sentence
                && s.segment.is_none_or(|segment| segment == c.segment)
        });
        match scope.map(|s| s.target) {
            Some(Target::Breakdown(b)) => self.breakdowns[b].entries.push(entry),
            Some(Target::Entry(parent))
                if parent != entry && self.claim_of(parent).quantity.family() == c.quantity.family() =>
            {
                self.entries[entry].parent = Some(parent);
                self.entries[parent].parts.push(entry);
            }
            _ => {}
        }
    }

    fn last_in_sentence(&self, claim: usize, first: usize) -> Option<usize> {
        let c = &self.claims[claim];
        (first..self.entries.len()).rev().take(REACH).find(|&e| {
            let other = self.claim_of(e);
            other.bracket == c.bracket && other.sentence == c.sentence && self.entries[e].claim < claim
        })
    }

    /// Whether a rate with a subject of its own is the rate of an entry: 报名90人，合格72人，合格率80%.
    fn speaks_of(&self, claim: usize, entry: usize) -> bool {
        let rate: Vec<char> = self.claims[claim].subject.chars().take(2).collect();
        let level = self.claim_of(entry);
        let named: String = rate.iter().collect();
        rate.len() == 2
            && level.role == Role::Level
            && (level.subject.contains(&named) || level.object.contains(&named))
    }

    fn attach(&mut self, entry: usize, claim: usize, role: Role) {
        let level = self.claim_of(entry);
        let same = level.quantity.family() == self.claims[claim].quantity.family();
        let is_rate = level.role == Role::Share;
        let slot = &mut self.entries[entry];
        match role {
            Role::Change if same && !is_rate => slot.change.get_or_insert(claim),
            Role::Growth if !is_rate => slot.growth.get_or_insert(claim),
            Role::Share if !is_rate => slot.share.get_or_insert(claim),
            Role::Points => slot.points.get_or_insert(claim),
            _ => return,
        };
        self.owners.insert(claim, entry);
    }

    /// `甲3个，乙4个，分别增加1个和2个`: the changes belong to the levels in order.
    fn respectively(&mut self, claim: usize, first_claim: usize, first: usize) {
        let opens = claim == first_claim || !self.claims[claim - 1].respectively;
        if !opens {
            return;
        }
        let run =
            1 + self.claims[claim + 1..].iter().take_while(|c| c.respectively && c.lead.len() <= 6).count();
        let c = &self.claims[claim];
        let (sentence, bracket, role) = (c.sentence, c.bracket, c.role);
        let levels: Vec<usize> = (first.max(self.entries.len().saturating_sub(REACH))..self.entries.len())
            .filter(|&e| self.claim_of(e).sentence == sentence && self.claim_of(e).bracket == bracket)
            .collect();
        if levels.len() >= run {
            for (offset, &entry) in levels[levels.len() - run..].iter().enumerate() {
                self.attach(entry, claim + offset, role);
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Target {
    Entry(usize),
    Breakdown(usize),
}

/// Where the levels that follow are parts of something.
#[derive(Debug)]
struct Scope {
    target: Target,
    bracket: Option<usize>,
    sentence: usize,
    /// Set where the scope ends with the next semicolon.
    segment: Option<usize>,
}

#[derive(Debug, PartialEq, Eq)]
enum Cue {
    Among,
    Complete,
    Within(String),
}

struct Marker {
    at: usize,
    cue: Cue,
    leads_sentence: bool,
}

/// Words that announce parts, in order.
fn markers(text: &str) -> Vec<Marker> {
    const CUES: &[(&str, bool)] = &[
        ("其中", false),
        ("（含", false),
        ("（包括", true),
        ("，包括", true),
        ("，分为", true),
        ("，分别为", true),
        ("，含", false),
    ];
    let mut found: Vec<Marker> = Vec::new();
    for (word, complete) in CUES {
        for (at, _) in text.match_indices(word) {
            let before = &text[..at];
            let leads_sentence = before.is_empty() || before.ends_with(['。', '！', '？']);
            let cue = if *complete { Cue::Complete } else { Cue::Among };
            found.push(Marker { at, cue, leads_sentence });
        }
    }
    for (at, _) in text.match_indices("在") {
        let after = &text[at + "在".len()..];
        let Some(end) = after.find("中，") else { continue };
        let of = &after[..end];
        // 在高职院校在校生中: the second 在 belongs to the first's words.
        let inner = found.iter().any(
            |m| matches!(&m.cue, Cue::Within(other) if m.at < at && m.at + "在".len() + other.len() > at),
        );
        if !inner
            && (2..=20).contains(&of.chars().count())
            && !of.contains(['，', '。', '；', '：', '（', '）'])
        {
            found.push(Marker { at, cue: Cue::Within(of.to_owned()), leads_sentence: false });
        }
    }
    found.sort_by_key(|m| m.at);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_attributes_find_their_level() {
        let text = "各类院校教师总数900人，较上一年减少30人。其中，高职院校有教师500人，增加20人；中职学校教师400人，减少50人。此外，校外教师120人，比上一年增加7人。";
        let document = Document::read(text);
        let facts = Facts::of(&document);
        assert_eq!(facts.entries[0].parts, [1, 2]);
        assert!(facts.entries.iter().take(4).all(|e| e.change.is_some()), "{facts:#?}");
        assert_eq!(facts.entries[3].parent, None);
    }

    #[test]
    fn brackets_nest() {
        let text = "招生总数为2.1万人，（其中，本科招生1000人，专科招生2.0万人），比上一年增加1900余人，增幅达10.2%；中职招生1.2万人（其中，中专5000人，职高7000人），减少300人。";
        let document = Document::read(text);
        let facts = Facts::of(&document);
        assert_eq!(facts.entries[0].parts, [1, 2]);
        assert!(facts.entries[0].growth.is_some() && facts.entries[0].change.is_some());
        assert_eq!(facts.entries[3].parts, [4, 5]);
        assert!(facts.entries[3].change.is_some());
    }
}
