//! Until when a school can work on a report, and what is still possible for a while after that.

use chrono::{DateTime, TimeDelta, Utc};
use zhijian_platform::Text;

/// The longest grace, in hours.
pub const MAX_GRACE_HOURS: i32 = 720;
/// China Standard Time, which deadlines are written in, in hours ahead of UTC.
const CHINA_HOURS: i64 = 8;

/// What is still possible after the deadline, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grace {
    /// How many hours it lasts; 0 means that there is none.
    pub hours: i32,
    /// Whether content can still be changed, or only approved and submitted as it is.
    pub editing: bool,
}

/// Where a moment lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// In time, the deadline itself included.
    Open,
    /// After the deadline, within the grace.
    Grace,
    /// After both.
    Past,
}

/// The deadline of one report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The last moment in time; nothing if there is none.
    pub due: Option<DateTime<Utc>>,
    /// Whether it was given to this report alone.
    pub own: bool,
    /// What follows it.
    pub grace: Grace,
}

impl Deadline {
    /// The later of the year's deadline and the report's own.
    pub fn of(year: Option<DateTime<Utc>>, own: Option<DateTime<Utc>>, grace: Grace) -> Self {
        let due = year.max(own);
        Self { due, own: own.is_some() && due == own && own != year, grace }
    }

    /// When the grace ends; nothing without grace.
    pub fn grace_end(&self) -> Option<DateTime<Utc>> {
        let due = self.due.filter(|_| self.grace.hours > 0)?;
        due.checked_add_signed(TimeDelta::hours(i64::from(self.grace.hours)))
    }

    /// Where `now` lies.
    pub fn phase(&self, now: DateTime<Utc>) -> Phase {
        match (self.due, self.grace_end()) {
            (None, _) => Phase::Open,
            (Some(due), _) if now <= due => Phase::Open,
            (_, Some(end)) if now <= end => Phase::Grace,
            _ => Phase::Past,
        }
    }
}

/// A moment as people read it, in China's time.
pub fn moment(time: DateTime<Utc>) -> Text {
    let china = time + TimeDelta::hours(CHINA_HOURS);
    Text::new(
        format!("{}（北京时间）", china.format("%Y年%-m月%-d日 %H:%M")),
        format!("{} UTC", time.format("%Y-%m-%d %H:%M")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    #[test]
    fn the_deadline_itself_is_in_time_and_the_grace_ends_on_its_second() {
        let due = at("2025-12-31T16:00:00Z");
        let plain = Deadline::of(Some(due), None, Grace::default());
        let later = |by: TimeDelta| due + by;
        assert_eq!(plain.phase(due), Phase::Open);
        assert_eq!(plain.phase(later(TimeDelta::milliseconds(1))), Phase::Past);
        let graceful = Deadline::of(Some(due), None, Grace { hours: 24, editing: false });
        assert_eq!(graceful.phase(later(TimeDelta::milliseconds(1))), Phase::Grace);
        assert_eq!(graceful.phase(later(TimeDelta::hours(24))), Phase::Grace);
        assert_eq!(graceful.phase(later(TimeDelta::hours(24) + TimeDelta::milliseconds(1))), Phase::Past);
        assert_eq!(Deadline::of(None, None, graceful.grace).phase(due), Phase::Open);
        assert_eq!(moment(due).zh, "2026年1月1日 00:00（北京时间）");
        assert_eq!(moment(due).en, "2025-12-31 16:00 UTC");
    }

    #[test]
    fn a_report_has_the_later_of_two_deadlines() {
        let (year, later) = (at("2025-11-30T09:00:00Z"), at("2025-12-05T09:00:00Z"));
        let grace = Grace::default();
        let own = Deadline::of(Some(year), Some(later), grace);
        assert_eq!((own.due, own.own), (Some(later), true));
        let moved = Deadline::of(Some(later), Some(year), grace);
        assert_eq!((moved.due, moved.own), (Some(later), false), "the year was put off further");
        let alone = Deadline::of(None, Some(year), grace);
        assert_eq!((alone.due, alone.own), (Some(year), true));
    }
}
