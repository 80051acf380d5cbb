//! What the register knows of an organisation beyond what it is called: who runs it, since when, and what it was before.

use std::str::FromStr;

use chrono::NaiveDate;

use super::{Broken, Unknown, code::Code, date::Date, organisation::Kind, text::Bilingual};

/// The longest name of a supervising body, in characters.
pub const SUPERVISING_BODY: usize = 100;
/// The longest address of a website, in characters.
const WEBSITE: usize = 200;
/// How many former names an organisation may have.
pub const FORMER_NAMES: usize = 30;

/// Who runs a school.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// 公办
    Public,
    /// 民办
    Private,
}

impl Ownership {
    /// The name under which it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

impl FromStr for Ownership {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        [Self::Public, Self::Private]
            .into_iter()
            .find(|ownership| ownership.as_str() == text)
            .ok_or_else(|| Unknown(text.to_owned()))
    }
}

/// A name that an organisation used to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerName {
    pub zh: String,
    /// Empty where there was none.
    pub en: String,
    /// When it began, as far as it is known.
    pub from: Option<Date>,
    /// When it ended, as far as it is known.
    pub to: Option<Date>,
    /// Whether it was entered by mistake: it stays in the record and counts for nothing.
    pub mistaken: bool,
}

/// How an organisation went into another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merger {
    pub into: Code,
    pub date: Date,
}

/// What the register knows of an organisation beyond kind, name and place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Particulars {
    pub ownership: Option<Ownership>,
    /// Empty where unknown.
    pub supervising_body: String,
    /// Empty where unknown.
    pub website: String,
    /// The 18 characters, checked.
    pub credit_code: Option<String>,
    pub founding: Option<Date>,
    pub closing: Option<Date>,
    pub merger: Option<Merger>,
    /// Oldest first.
    pub former_names: Vec<FormerName>,
}

impl Particulars {
    /// Puts former names in order, and closes what was merged on the day of the merger.
    pub fn settle(&mut self) {
        // Names whose end is unknown are older than all that is known.
        self.former_names
            .sort_by_key(|name| (name.to.as_ref().map(Date::last), name.from.as_ref().map(Date::first)));
        if self.closing.is_none() {
            self.closing = self.merger.as_ref().map(|merger| merger.date.clone());
        }
    }

    /// Checks what the parts must have to do with each other.
    ///
    /// # Errors
    /// Every rule that is broken.
    pub fn check(&self, code: &Code, kind: Kind) -> Result<(), Vec<ParticularsError>> {
        let mut broken = Vec::new();
        if self.ownership.is_some() && !kind.is_school() {
            broken.push(ParticularsError::Ownership);
        }
        if !self.website.is_empty() && !is_website(&self.website) {
            broken.push(ParticularsError::Website);
        }
        if let (Some(founding), Some(closing)) = (&self.founding, &self.closing)
            && founding.first() > closing.last()
        {
            broken.push(ParticularsError::ClosedBeforeFounded);
        }
        if self.merger.as_ref().is_some_and(|merger| merger.into == *code) {
            broken.push(ParticularsError::MergedIntoItself);
        }
        if self.former_names.len() > FORMER_NAMES {
            broken.push(ParticularsError::TooManyNames);
        }
        for name in &self.former_names {
            if let (Some(from), Some(to)) = (&name.from, &name.to)
                && from.first() > to.last()
            {
                broken.push(ParticularsError::NameEndsBeforeItBegins { name: name.zh.clone() });
            }
        }
        if broken.is_empty() { Ok(()) } else { Err(broken) }
    }

    /// Checks that no former name was dropped.
    ///
    /// # Errors
    /// Names the first that was.
    pub fn keeps_names_of(&self, before: &Self) -> Result<(), ParticularsError> {
        let dropped =
            before.former_names.iter().find(|name| !self.former_names.iter().any(|kept| kept.zh == name.zh));
        match dropped {
            Some(name) => Err(ParticularsError::NameDropped { name: name.zh.clone() }),
            None => Ok(()),
        }
    }

    /// Keeps `name` as a former name that ended the day before `since`.
    pub fn keep_name(&mut self, name: &Bilingual, since: &Date) {
        let ends =
            self.former_names.iter().filter(|former| !former.mistaken).filter_map(|former| former.to.clone());
        let from = ends.max_by_key(Date::last).map(|end| end.next()).or_else(|| self.founding.clone());
        let to = since.before();
        // A beginning after the end is no knowledge.
        let from = from.filter(|from| from.first() <= to.last());
        self.former_names.push(FormerName {
            zh: name.zh().to_owned(),
            en: name.en().to_owned(),
            from,
            to: Some(to),
            mistaken: false,
        });
        self.settle();
    }

    /// The Chinese and English name on a day, where `current` is the name in force; nothing if it is not known or the
    /// organisation did not exist.
    pub fn name_on<'n>(&'n self, current: &'n Bilingual, day: NaiveDate) -> Option<(&'n str, &'n str)> {
        let not_yet = self.founding.as_ref().is_some_and(|founding| day < founding.first());
        let no_more = self.closing.as_ref().is_some_and(|closing| day > closing.last());
        if not_yet || no_more {
            return None;
        }
        let carried = || self.former_names.iter().filter(|name| !name.mistaken);
        let begun = |name: &FormerName| name.from.as_ref().is_none_or(|from| from.first() <= day);
        let still = |name: &&FormerName| name.to.as_ref().is_some_and(|to| day <= to.last());
        if let Some(name) = carried().filter(still).find(|name| begun(name)) {
            return Some((&name.zh, &name.en));
        }
        // Before a name that was given up later, it had another that nobody has told.
        (!carried().any(|name| still(&name))).then(|| (current.zh(), current.en()))
    }
}

fn is_website(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.contains('.') && !rest.starts_with('.'))
        && text.chars().count() <= WEBSITE
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\'))
}

/// Which rule an organisation's particulars break.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParticularsError {
    #[error("Only schools are public or private; leave this empty.")]
    Ownership,
    #[error(
        "An address begins with http:// or https:// and has no spaces, such as https://www.example.edu.cn."
    )]
    Website,
    #[error("It cannot have closed before it was founded; correct one of the dates.")]
    ClosedBeforeFounded,
    #[error("An organisation cannot be merged into itself; give the code of the one that carries on.")]
    MergedIntoItself,
    #[error(
        "No organisation of this code is registered, so that nothing can be merged into it; register it first."
    )]
    UnknownMerger,
    #[error("That organisation was itself merged into this one; correct the code.")]
    MutualMerger,
    #[error("At most {FORMER_NAMES} former names are kept.")]
    TooManyNames,
    #[error("“{name}” ends before it begins; correct the dates.")]
    NameEndsBeforeItBegins { name: String },
    #[error(
        "The former name “{name}” is missing. Former names are never dropped; mark one as mistaken instead."
    )]
    NameDropped { name: String },
    #[error("Give since when the new name is in force, or say that the old one was a slip.")]
    NoRenameDate,
    #[error("A new name cannot be in force before the organisation was founded or after it closed.")]
    RenameOutsideLife,
}

impl ParticularsError {
    /// The part at fault, as the contract names it.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Ownership => "ownership",
            Self::Website => "website",
            Self::ClosedBeforeFounded => "closing_date",
            Self::MergedIntoItself | Self::UnknownMerger | Self::MutualMerger => "merger",
            Self::TooManyNames | Self::NameEndsBeforeItBegins { .. } | Self::NameDropped { .. } => {
                "former_names"
            }
            Self::NoRenameDate | Self::RenameOutsideLife => "rename_date",
        }
    }
}

impl Broken for ParticularsError {
    fn zh(&self) -> String {
        match self {
            Self::Ownership => "只有学校才分公办、民办，请留空。".to_owned(),
            Self::Website => {
                "网址应以 http:// 或 https:// 开头，不含空格，例如 https://www.example.edu.cn。".to_owned()
            }
            Self::ClosedBeforeFounded => "停办日期早于建校日期，请更正其中一个。".to_owned(),
            Self::MergedIntoItself => "不能并入自己，请填写并入后继续办学的机构代码。".to_owned(),
            Self::UnknownMerger => "并入的机构尚未登记，请先登记或更正代码。".to_owned(),
            Self::MutualMerger => "对方已登记为并入本机构，请更正代码。".to_owned(),
            Self::TooManyNames => format!("曾用名最多 {FORMER_NAMES} 个。"),
            Self::NameEndsBeforeItBegins { name } => {
                format!("曾用名“{name}”的截止日期早于启用日期，请更正。")
            }
            Self::NameDropped { name } => {
                format!("缺少曾用名“{name}”。曾用名不能删除；如果登记有误，请标为“误登”。")
            }
            Self::NoRenameDate => {
                "名称有变化：如已更名，请填写新名称启用的日期；如是更正错字，请说明。".to_owned()
            }
            Self::RenameOutsideLife => "新名称的启用日期应在建校之后、停办之前。".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        date(text).first()
    }

    fn name(zh: &str) -> Bilingual {
        Bilingual::kept(zh.to_owned(), format!("{zh} (en)"))
    }

    #[test]
    fn a_name_is_found_by_the_day() {
        let mut particulars = Particulars { founding: Some(date("1985-09")), ..Particulars::default() };
        particulars.keep_name(&name("甲职业学校"), &date("2003-07-01"));
        particulars.keep_name(&name("乙中等专业学校"), &date("2019"));
        let now = name("丙职业学院");
        let on = |text| particulars.name_on(&now, day(text)).map(|(zh, _)| zh);
        assert_eq!(on("1985-08-31"), None, "before it was founded");
        assert_eq!(on("1990-01-01"), Some("甲职业学校"));
        assert_eq!(on("2003-06-30"), Some("甲职业学校"));
        assert_eq!(on("2003-07-01"), Some("乙中等专业学校"));
        assert_eq!(on("2026-01-01"), Some("丙职业学院"));
        assert_eq!(particulars.former_names[0].from.as_ref().unwrap().to_string(), "1985-09");
        assert_eq!(particulars.former_names[1].from.as_ref().unwrap().to_string(), "2003-07-01");
    }

    #[test]
    fn what_nobody_has_told_is_not_guessed() {
        let former = FormerName {
            zh: "甲".into(),
            en: String::new(),
            from: Some(date("2000")),
            to: Some(date("2010")),
            mistaken: false,
        };
        let mut particulars = Particulars { former_names: vec![former], ..Particulars::default() };
        let now = name("乙");
        assert_eq!(particulars.name_on(&now, day("1999-12-31")), None);
        assert_eq!(particulars.name_on(&now, day("2010-12-31")).unwrap().0, "甲");
        assert_eq!(particulars.name_on(&now, day("2011-01-01")).unwrap().0, "乙");
        particulars.former_names[0].mistaken = true;
        assert_eq!(particulars.name_on(&now, day("2005-01-01")).unwrap().0, "乙");
        particulars.merger = Some(Merger { into: Code::kept("3611000002".into()), date: date("2020") });
        particulars.settle();
        assert_eq!(particulars.name_on(&now, day("2021-01-01")), None, "closed by the merger");
    }

    #[test]
    fn former_names_are_never_lost() {
        let mut before = Particulars::default();
        before.keep_name(&name("甲"), &date("2003"));
        assert_eq!(before.clone().keeps_names_of(&before), Ok(()));
        let lost = Particulars::default().keeps_names_of(&before);
        assert_eq!(lost, Err(ParticularsError::NameDropped { name: "甲".into() }));
    }

    #[test]
    fn parts_that_contradict_each_other_are_refused() {
        let code = Code::parse("3611000001").unwrap();
        let broken = Particulars {
            ownership: Some(Ownership::Public),
            website: "www.example.cn".into(),
            founding: Some(date("2000")),
            closing: Some(date("1999")),
            merger: Some(Merger { into: code.clone(), date: date("1999") }),
            ..Particulars::default()
        };
        let fields: Vec<&str> =
            broken.check(&code, Kind::Enterprise).unwrap_err().iter().map(ParticularsError::field).collect();
        assert_eq!(fields, ["ownership", "website", "closing_date", "merger"]);
        for site in ["https://www.example.edu.cn/a?b=1", "http://a.b"] {
            assert!(is_website(site), "{site}");
        }
        for site in ["javascript:alert(1)", "https://", "https://a b.cn", "ftp://a.b", "https://a.b/\"x"] {
            assert!(!is_website(site), "{site}");
        }
    }

    proptest! {
        #[test]
        fn after_any_renames_every_day_of_life_has_its_name(mut years in prop::collection::btree_set(1960_i32..2025, 0..6), probe in 1951_i32..2030) {
            let mut particulars = Particulars { founding: Some(date("1950-01-01")), ..Particulars::default() };
            years.insert(1950);
            let years: Vec<i32> = years.into_iter().collect();
            for pair in years.windows(2) {
                particulars.keep_name(&name(&pair[0].to_string()), &date(&format!("{}-01-01", pair[1])));
            }
            let current = name(&years.last().unwrap().to_string());
            let expected = years.iter().rev().find(|year| **year <= probe).unwrap().to_string();
            let found = particulars.name_on(&current, NaiveDate::from_ymd_opt(probe, 6, 1).unwrap());
            prop_assert_eq!(found.map(|(zh, _)| zh.to_owned()), Some(expected));
        }
    }
}
