//! Numbers and moments as people write them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use maud::{Markup, html};
use rust_decimal::Decimal;
use zhijian_platform::Lang;

use crate::say;

/// Beijing time, which the deadlines of every Chinese region are given in.
fn offset() -> FixedOffset {
    const SECONDS_EAST: i32 = 8 * 3600;
    FixedOffset::east_opt(SECONDS_EAST).unwrap_or_else(|| DateTime::<Utc>::MIN_UTC.fixed_offset().timezone())
}

/// A protobuf time as a moment; nothing if it is absent or out of range.
pub fn moment(time: Option<&prost_types::Timestamp>) -> Option<DateTime<Utc>> {
    time.and_then(|time| zhijian_platform::time::datetime(*time))
}

/// The calendar day in the region at this moment.
pub fn day(time: DateTime<Utc>) -> NaiveDate {
    time.with_timezone(&offset()).date_naive()
}

/// A wall-clock time in the region as a moment.
pub fn in_region(local: NaiveDateTime) -> Option<DateTime<Utc>> {
    local.and_local_timezone(offset()).single().map(|time| time.to_utc())
}

/// The last minute of a day in the region: when a deadline given as a date falls.
pub fn end_of_day(date: NaiveDate) -> Option<DateTime<Utc>> {
    in_region(date.and_hms_opt(23, 59, 0)?)
}

/// "11月30日", with the year where it is not the present one; "30 Nov".
pub fn date(lang: Lang, date: NaiveDate, today: NaiveDate) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match (lang, year == today.year()) {
        (Lang::Zh, true) => format!("{month}月{day}日"),
        (Lang::Zh, false) => format!("{year}年{month}月{day}日"),
        (Lang::En, true) => format!("{day} {}", date.format("%b")),
        (Lang::En, false) => format!("{day} {} {year}", date.format("%b")),
    }
}

/// "11月30日 17:00", in the region's time.
fn date_time(lang: Lang, time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let local = time.with_timezone(&offset());
    format!("{} {}", date(lang, local.date_naive(), day(now)), local.format("%H:%M"))
}

/// A moment, exact alone: for what lies behind or is settled.
pub fn exact(lang: Lang, time: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    html! { time datetime=(time.format("%Y-%m-%dT%H:%MZ")) { (date_time(lang, time, now)) } }
}

/// A day given as an ISO date, exact alone.
pub fn exact_day(lang: Lang, iso: &str, now: DateTime<Utc>) -> Markup {
    html! { time datetime=(iso) { (iso_date(lang, iso, day(now))) } }
}

/// A day given as an ISO date, with its year whatever the present one: for what is read in later years, and for spans.
pub fn dated(lang: Lang, iso: &str) -> Markup {
    html! { time datetime=(iso) { (iso_date(lang, iso, NaiveDate::MIN)) } }
}

/// "2026-11-30 17:00", in the region's time: for files.
pub fn stamp(time: DateTime<Utc>) -> String {
    time.with_timezone(&offset()).format("%Y-%m-%d %H:%M").to_string()
}

/// "2026-11-30 17:00:05", in the region's time: for receipts.
pub fn exact_stamp(time: DateTime<Utc>) -> String {
    time.with_timezone(&offset()).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// "2026-11-30T17:00", in the region's time: what a field of a day and time holds.
pub fn field(time: DateTime<Utc>) -> String {
    time.with_timezone(&offset()).format("%Y-%m-%dT%H:%M").to_string()
}

/// An ISO date ("2026-11-30") as people write it; as it stands if it is none.
fn iso_date(lang: Lang, iso: &str, today: NaiveDate) -> String {
    iso.parse().map_or_else(|_| iso.to_owned(), |parsed| date(lang, parsed, today))
}

/// How far off a day is: "还有 7 天", "今天截止", "已过 3 天".
pub fn until(lang: Lang, due: NaiveDate, today: NaiveDate) -> String {
    match (due - today).num_days() {
        0 => lang.pick("就在今天", "today").to_owned(),
        1 => lang.pick("就在明天", "tomorrow").to_owned(),
        days if days > 0 => say!(lang, "还有 {days} 天", "in {days} days"),
        -1 => lang.pick("已过 1 天", "1 day past").to_owned(),
        days => {
            let days = -days;
            say!(lang, "已过 {days} 天", "{days} days past")
        }
    }
}

/// How long ago a moment was: "刚刚", "12 分钟前", "昨天", "3 天前".
pub fn since(lang: Lang, time: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - time).num_minutes();
    let days = (day(now) - day(time)).num_days();
    match (days, minutes) {
        (_, ..=0) => lang.pick("刚刚", "just now").to_owned(),
        (_, 1..=59) => say!(lang, "{minutes} 分钟前", "{minutes} min ago"),
        (..=0, _) => {
            let hours = minutes / 60;
            say!(lang, "{hours} 小时前", "{hours} h ago")
        }
        (1, _) => lang.pick("昨天", "yesterday").to_owned(),
        (2..=30, _) => say!(lang, "{days} 天前", "{days} days ago"),
        (31..=364, _) => {
            let months = days / 30;
            say!(lang, "{months} 个月前", "{months} months ago")
        }
        _ => {
            let years = days / 365;
            say!(lang, "{years} 年前", "{years} years ago")
        }
    }
}

/// A deadline, exact and relative, marked where it is near or past.
pub fn deadline(lang: Lang, due: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    let (on, today) = (day(due), day(now));
    let tone = if due < now {
        "late"
    } else if (on - today).num_days() <= 7 {
        "soon"
    } else {
        "far"
    };
    html! {
        time datetime=(due.format("%Y-%m-%dT%H:%MZ")) class={ "due " (tone) } {
            (date_time(lang, due, now)) (lang.pick("，", ", ")) (until(lang, on, today))
        }
    }
}

/// A deadline given as an ISO date.
pub fn deadline_day(lang: Lang, iso: &str, now: DateTime<Utc>) -> Markup {
    let Ok(due) = iso.parse::<NaiveDate>() else { return html! { (iso) } };
    let today = day(now);
    let left = (due - today).num_days();
    let tone = if left < 0 {
        "late"
    } else if left <= 7 {
        "soon"
    } else {
        "far"
    };
    html! {
        time datetime=(iso) class={ "due " (tone) } {
            (date(lang, due, today)) (lang.pick("，", ", ")) (until(lang, due, today))
        }
    }
}

/// Something that happened, exact and relative.
pub fn happened(lang: Lang, time: DateTime<Utc>, now: DateTime<Utc>) -> Markup {
    html! {
        time datetime=(time.format("%Y-%m-%dT%H:%M:%SZ")) {
            (date_time(lang, time, now)) (lang.pick("，", ", ")) (since(lang, time, now))
        }
    }
}

/// A decimal without trailing zeros, cut (never rounded up) to `places` digits: a total of 94.996 must not be shown
/// as the 95.00 that it would need for the next band.
pub fn cut(decimal: &str, places: u32) -> String {
    decimal.parse::<Decimal>().map_or_else(
        |_| decimal.to_owned(),
        |number| {
            let cut = number.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::ToZero);
            cut.normalize().to_string()
        },
    )
}

/// A decimal with at least `places` digits after the point, so that a column of them lines up; none is cut off.
pub fn fixed(decimal: &str, places: u32) -> String {
    decimal.parse::<Decimal>().map_or_else(
        |_| decimal.to_owned(),
        |number| {
            let number = number.normalize();
            let places = number.scale().max(places) as usize;
            format!("{number:.places$}")
        },
    )
}

/// A decimal rounded, half away from zero, to exactly `places` digits after the point; never a negative nought.
pub fn rounded(decimal: &str, places: u32) -> String {
    decimal.parse::<Decimal>().map_or_else(
        |_| decimal.to_owned(),
        |number| {
            let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
            let number = number.round_dp_with_strategy(places, strategy);
            let number = if number.is_zero() { Decimal::ZERO } else { number };
            format!("{number:.*}", places as usize)
        },
    )
}

/// A remaining distance, rounded up so that what is left never reads as nothing.
pub fn distance(decimal: &str, places: u32) -> String {
    decimal.parse::<Decimal>().map_or_else(
        |_| decimal.to_owned(),
        |number| {
            let up = number.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::AwayFromZero);
            up.normalize().to_string()
        },
    )
}

/// `part` of `whole` as a percentage with one decimal; nothing if the whole is zero.
pub fn share(part: u32, whole: u32) -> Option<String> {
    if whole == 0 {
        return None;
    }
    let share = Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole);
    let rounded = share.round_dp_with_strategy(1, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
    Some(format!("{rounded:.1}%"))
}

/// The length in characters of what follows the whole number in a shown figure ("94.26%" → 4), the point included.
pub fn tail(display: &str) -> usize {
    split(display).map_or(0, |(_, tail)| tail.chars().count())
}

/// A figure set so that a column of them aligns on the decimal point. `widest` is the longest tail in the column.
pub fn figure(display: &str, widest: usize) -> Markup {
    if widest == 0 {
        return html! { (display) };
    }
    // A dash stands where the whole numbers stand.
    let (whole, tail) = split(display).unwrap_or((display, ""));
    html! { (whole) span class={ "tail t" (widest.min(8)) } { (tail) } }
}

/// The whole part of a figure and the rest; nothing for words and dashes.
fn split(display: &str) -> Option<(&str, &str)> {
    let digits = display.strip_prefix('-').unwrap_or(display);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let sign = display.len() - digits.len();
    let whole = digits.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(digits.len());
    Some(display.split_at(sign + whole))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, day, hour, minute, 0).single().expect("a real moment")
    }

    fn on(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a real date")
    }

    #[test]
    fn dates_drop_the_present_year() {
        let today = on(2026, 11, 23);
        assert_eq!(date(Lang::Zh, on(2026, 11, 30), today), "11月30日");
        assert_eq!(date(Lang::Zh, on(2027, 1, 5), today), "2027年1月5日");
        assert_eq!(date(Lang::En, on(2026, 11, 30), today), "30 Nov");
        assert_eq!(date(Lang::En, on(2027, 1, 5), today), "5 Jan 2027");
        assert_eq!(iso_date(Lang::Zh, "2026-11-30", today), "11月30日");
        assert_eq!(iso_date(Lang::Zh, "soon", today), "soon");
    }

    #[test]
    fn days_are_counted_in_the_regions_time() {
        // 17:00 UTC is already the next day in Beijing.
        assert_eq!(day(at(29, 17, 0)), on(2026, 11, 30));
        assert_eq!(date_time(Lang::Zh, at(29, 17, 0), at(23, 0, 0)), "11月30日 01:00");
        assert_eq!(end_of_day(on(2026, 11, 30)), Some(at(30, 15, 59)));
    }

    #[test]
    fn deadlines_are_exact_and_relative() {
        let shown = deadline(Lang::Zh, at(30, 9, 0), at(23, 9, 0)).into_string();
        assert!(shown.contains("11月30日 17:00，还有 7 天"), "{shown}");
        assert!(shown.contains("soon"), "{shown}");
        let shown = deadline(Lang::En, at(20, 9, 0), at(23, 9, 0)).into_string();
        assert!(shown.contains("20 Nov 17:00, 3 days past"), "{shown}");
        assert!(shown.contains("late"), "{shown}");
        assert_eq!(until(Lang::Zh, on(2026, 11, 23), on(2026, 11, 23)), "就在今天");
        assert_eq!(until(Lang::Zh, on(2026, 11, 24), on(2026, 11, 23)), "就在明天");
    }

    #[test]
    fn the_past_is_told_in_the_largest_unit_that_fits() {
        let now = at(23, 9, 0);
        assert_eq!(since(Lang::Zh, at(23, 9, 0), now), "刚刚");
        assert_eq!(since(Lang::Zh, at(23, 8, 48), now), "12 分钟前");
        assert_eq!(since(Lang::Zh, at(23, 6, 0), now), "3 小时前");
        assert_eq!(since(Lang::Zh, at(22, 6, 0), now), "昨天");
        assert_eq!(since(Lang::En, at(20, 6, 0), now), "3 days ago");
    }

    #[test]
    fn a_total_is_never_shown_above_what_it_is() {
        assert_eq!(cut("94.996", 2), "94.99");
        assert_eq!(cut("95.000", 2), "95");
        assert_eq!(distance("0.0040", 2), "0.01");
        assert_eq!(distance("3.5", 2), "3.5");
    }

    #[test]
    fn roundings_keep_their_digits_and_no_negative_nought() {
        assert_eq!(rounded("94.255", 2), "94.26");
        assert_eq!(rounded("-0.001", 2), "0.00");
        assert_eq!(rounded("12", 1), "12.0");
        assert_eq!(rounded("—", 1), "—");
    }

    #[test]
    fn shares_come_from_counts() {
        assert_eq!(share(19, 182).as_deref(), Some("10.4%"));
        assert_eq!(share(31, 44).as_deref(), Some("70.5%"));
        assert_eq!(share(0, 44).as_deref(), Some("0.0%"));
        assert_eq!(share(1, 0), None);
    }

    #[test]
    fn figures_align_on_the_point() {
        assert_eq!(tail("94.26%"), 4);
        assert_eq!(tail("5173"), 0);
        assert_eq!(tail("—"), 0);
        assert_eq!(tail("-12.5"), 2);
        assert_eq!(figure("94.26%", 4).into_string(), r#"94<span class="tail t4">.26%</span>"#);
        assert_eq!(figure("5173", 4).into_string(), r#"5173<span class="tail t4"></span>"#);
        assert_eq!(figure("—", 4).into_string(), r#"—<span class="tail t4"></span>"#);
        assert_eq!(figure("5173", 0).into_string(), "5173");
    }
}
