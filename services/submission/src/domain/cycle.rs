//! The life of a quality year.

use chrono::{DateTime, NaiveDate, Utc};
use zhijian_platform::{Text, Violation};

use super::{
    deadline::{Grace, MAX_GRACE_HOURS},
    text::{is_filled, is_storable},
};

/// How long a cycle's name may be.
const MAX_NAME: usize = 60;
/// The years a cycle may be for.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// Where a cycle stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Defined; nobody submits yet.
    Draft,
    /// Schools submit.
    Collecting,
    /// What was accepted is locked.
    Closed,
    /// The results are public.
    Released,
}

impl State {
    const ALL: [Self; 4] = [Self::Draft, Self::Collecting, Self::Closed, Self::Released];

    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Collecting => "collecting",
            Self::Closed => "closed",
            Self::Released => "released",
        }
    }

    /// The state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    fn text(self) -> Text {
        match self {
            Self::Draft => Text::new("尚未开始", "not open yet"),
            Self::Collecting => Text::new("正在填报", "collecting"),
            Self::Closed => Text::new("已截止", "closed"),
            Self::Released => Text::new("已发布", "released"),
        }
    }

    /// Lets schools submit.
    ///
    /// # Errors
    /// [`WrongState`] unless it is a draft.
    pub fn open(self) -> Result<Self, WrongState> {
        self.step(Self::Draft, Self::Collecting)
    }

    /// Locks what was accepted.
    ///
    /// # Errors
    /// [`WrongState`] unless it is collecting.
    pub fn close(self) -> Result<Self, WrongState> {
        self.step(Self::Collecting, Self::Closed)
    }

    /// Checks that its deadline can still be changed.
    ///
    /// # Errors
    /// [`WrongState`] once it is closed.
    pub fn changeable(self) -> Result<(), WrongState> {
        match self {
            Self::Draft => Ok(()),
            _ => self.collecting(),
        }
    }

    /// Makes the results public; what is released already stays so.
    ///
    /// # Errors
    /// [`WrongState`] unless it is closed or released.
    pub fn release(self) -> Result<Self, WrongState> {
        match self {
            Self::Released => Ok(self),
            _ => self.step(Self::Closed, Self::Released),
        }
    }

    /// Checks that reports are being collected.
    ///
    /// # Errors
    /// [`WrongState`] if not.
    pub fn collecting(self) -> Result<(), WrongState> {
        self.step(Self::Collecting, Self::Collecting).map(|_| ())
    }

    fn step(self, wanted: Self, next: Self) -> Result<Self, WrongState> {
        if self == wanted { Ok(next) } else { Err(WrongState { wanted, found: self }) }
    }
}

/// The cycle is not in the state that the step wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cycle is {found:?}, not {wanted:?}")]
pub struct WrongState {
    wanted: State,
    found: State,
}

impl WrongState {
    /// What is in the way.
    pub fn text(&self) -> Text {
        let (found, wanted) = (self.found.text(), self.wanted.text());
        Text::new(
            format!("本年度现在“{}”；只有在“{}”时才能这样做。", found.zh, wanted.zh),
            format!("The cycle is {}; this is possible only while it is {}.", found.en, wanted.en),
        )
    }
}

/// A cycle as it is defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// The edition.
    pub year: i32,
    /// What it is called.
    pub name: Text,
    /// The first day of the observation window.
    pub window_start: NaiveDate,
    /// The last day of the observation window.
    pub window_end: NaiveDate,
    /// The deadline of submission; none means that there is none.
    pub due: Option<DateTime<Utc>>,
    /// The catalogue in force.
    pub catalogue_year: i32,
    /// What is still possible after the deadline.
    pub grace: Grace,
    /// Whom schools ask.
    pub contact: Option<Contact>,
}

/// Whom schools ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// A person or an office.
    pub name: String,
    /// May be empty if there is an address.
    pub phone: String,
    /// May be empty if there is a number.
    pub email: String,
}

/// What can be changed of a cycle that is not closed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is called.
    pub name: Text,
    /// The deadline of submission.
    pub due: Option<DateTime<Utc>>,
    /// What is still possible after it.
    pub grace: Grace,
    /// Whom schools ask.
    pub contact: Option<Contact>,
}

impl Change {
    /// Reads a change.
    ///
    /// # Errors
    /// Names every field at fault.
    pub fn read(given: &Given<'_>) -> Result<Self, Vec<Violation>> {
        let mut violations = Vec::new();
        let name = name(given, &mut violations);
        let contact = contact(given, &mut violations);
        let grace = grace(given, &mut violations);
        if violations.is_empty() {
            Ok(Self { name, due: given.due, grace, contact })
        } else {
            Err(violations)
        }
    }
}

fn name(given: &Given<'_>, violations: &mut Vec<Violation>) -> Text {
    let name = given.name.clone().unwrap_or_else(|| Text::new("", ""));
    if [&name.zh, &name.en].into_iter().any(|text| !is_filled(text, MAX_NAME)) {
        violations.push(Violation::new(
            "cycle.name",
            "请填写中英文名称，各 1–60 字。",
            "Give the name in Chinese and English, 1–60 characters each.",
        ));
    }
    Text::new(name.zh.trim(), name.en.trim())
}

fn grace(given: &Given<'_>, violations: &mut Vec<Violation>) -> Grace {
    if !(0..=MAX_GRACE_HOURS).contains(&given.grace.hours) {
        violations.push(Violation::new(
            "cycle.grace.hours",
            "宽限期为 0–720 小时。",
            "The grace lasts 0–720 hours.",
        ));
    }
    given.grace
}

fn contact(given: &Given<'_>, violations: &mut Vec<Violation>) -> Option<Contact> {
    let contact = given.contact.as_ref()?;
    let part = |text: &str| text.trim().to_owned();
    let contact =
        Contact { name: part(&contact.name), phone: part(&contact.phone), email: part(&contact.email) };
    if [&contact.name, &contact.phone, &contact.email].into_iter().all(|text| text.is_empty()) {
        return None;
    }
    if !is_filled(&contact.name, MAX_NAME) {
        violations.push(Violation::new(
            "cycle.contact.name",
            "请填写联系人，1–60 字。",
            "Name the contact, in 1–60 characters.",
        ));
    }
    let fits = |text: &str| is_storable(text) && text.chars().count() <= MAX_NAME;
    if !fits(&contact.phone) || (contact.phone.is_empty() && contact.email.is_empty()) {
        violations.push(Violation::new(
            "cycle.contact.phone",
            "请填写电话或邮箱，各不超过 60 字。",
            "Give a telephone number or an e-mail address, at most 60 characters each.",
        ));
    }
    if !fits(&contact.email) || !(contact.email.is_empty() || contact.email.contains('@')) {
        violations.push(Violation::new(
            "cycle.contact.email",
            "邮箱应写作 name@example.cn 的形式，不超过 60 字。",
            "Write the e-mail address as name@example.cn, in at most 60 characters.",
        ));
    }
    Some(contact)
}

/// A definition as it is given.
#[derive(Debug, Clone, Default)]
pub struct Given<'a> {
    /// The edition.
    pub year: i32,
    /// What it is called.
    pub name: Option<Text>,
    /// ISO 8601 dates.
    pub window_start: &'a str,
    pub window_end: &'a str,
    /// The deadline of submission.
    pub due: Option<DateTime<Utc>>,
    /// 0 means the year's own.
    pub catalogue_year: i32,
    /// What is still possible after the deadline.
    pub grace: Grace,
    /// Whom schools ask.
    pub contact: Option<Contact>,
}

impl Definition {
    /// Reads a definition; `has_catalogue` tells which years have one.
    ///
    /// # Errors
    /// Names every field at fault.
    pub fn read(given: &Given<'_>, has_catalogue: impl Fn(i32) -> bool) -> Result<Self, Vec<Violation>> {
        let mut violations = Vec::new();
        if !YEARS.contains(&given.year) {
            violations.push(Violation::new(
                "cycle.year",
                "年度应在 2000–2100 之间。",
                "The year lies within 2000–2100.",
            ));
        }
        let name = name(given, &mut violations);
        let window_start = date("cycle.window_start", given.window_start, &mut violations);
        let window_end = date("cycle.window_end", given.window_end, &mut violations);
        if let (Some(start), Some(end)) = (window_start, window_end)
            && end < start
        {
            violations.push(Violation::new(
                "cycle.window_end",
                "观测期的结束日不能早于开始日。",
                "The window cannot end before it starts.",
            ));
        }
        let catalogue_year = if given.catalogue_year == 0 { given.year } else { given.catalogue_year };
        if !has_catalogue(catalogue_year) {
            violations.push(Violation::new(
                "cycle.catalogue_year",
                format!("没有 {catalogue_year} 年的指标目录。请在规则目录中提供，或改用已有年份。"),
                format!("No catalogue serves {catalogue_year}. Give one in the rules directory, or name another year."),
            ));
        }
        let grace = grace(given, &mut violations);
        let contact = contact(given, &mut violations);
        match (window_start, window_end) {
            (Some(window_start), Some(window_end)) if violations.is_empty() => Ok(Self {
                year: given.year,
                name,
                window_start,
                window_end,
                due: given.due,
                catalogue_year,
                grace,
                contact,
            }),
            _ => Err(violations),
        }
    }
}

fn date(field: &str, given: &str, violations: &mut Vec<Violation>) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(given, "%Y-%m-%d").ok();
    if date.is_none() {
        violations.push(Violation::new(
            field,
            "日期应写作 2024-09-01 的形式。",
            "Write the date as 2024-09-01.",
        ));
    }
    date
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Given<'static> {
        Given {
            year: 2025,
            name: Some(Text::new("2025年度", "The 2025 edition")),
            window_start: "2024-09-01",
            window_end: "2025-08-31",
            due: None,
            catalogue_year: 0,
            ..Given::default()
        }
    }

    fn fields(given: &Given<'_>) -> Vec<String> {
        Definition::read(given, |year| year == 2025)
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|violation| violation.field)
            .collect()
    }

    #[test]
    fn the_year_goes_round_once() {
        let released = State::Draft.open().and_then(State::close).and_then(State::release).unwrap();
        assert_eq!(released, State::Released);
        assert_eq!(released.release(), Ok(State::Released));
        assert!(released.open().is_err() && released.close().is_err());
        assert!(State::Draft.close().is_err() && State::Draft.release().is_err());
        assert!(State::Collecting.open().is_err() && State::Collecting.release().is_err());
        assert!(State::Collecting.collecting().is_ok() && State::Closed.collecting().is_err());
        assert!(State::ALL.into_iter().all(|state| State::parse(state.as_str()) == Some(state)));
    }

    #[test]
    fn a_definition_takes_its_own_years_catalogue_unless_told() {
        let definition = Definition::read(&given(), |year| year == 2025).unwrap();
        assert_eq!(definition.catalogue_year, 2025);
        let next = Given { year: 2027, catalogue_year: 2025, ..given() };
        assert_eq!(Definition::read(&next, |year| year == 2025).unwrap().catalogue_year, 2025);
    }

    #[test]
    fn every_field_at_fault_is_named() {
        assert_eq!(fields(&Given { year: 1999, catalogue_year: 2025, ..given() }), ["cycle.year"]);
        assert_eq!(fields(&Given { catalogue_year: 2031, ..given() }), ["cycle.catalogue_year"]);
        assert_eq!(fields(&Given { window_end: "2024-08-31", ..given() }), ["cycle.window_end"]);
        let grace = Grace { hours: 721, editing: true };
        let contact = Contact { name: "职教处".into(), phone: String::new(), email: "nobody".into() };
        assert_eq!(
            fields(&Given { grace, contact: Some(contact.clone()), ..given() }),
            ["cycle.grace.hours", "cycle.contact.email"]
        );
        let silent = Contact { email: " ".into(), ..contact };
        assert_eq!(fields(&Given { contact: Some(silent), ..given() }), ["cycle.contact.phone"]);
        assert_eq!(
            fields(&Given { name: None, window_start: "2024/9/1", window_end: "2025-02-30", ..given() }),
            ["cycle.name", "cycle.window_start", "cycle.window_end"]
        );
    }
}
