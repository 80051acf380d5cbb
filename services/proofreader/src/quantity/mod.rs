//! Quantities out of Chinese prose: number, scale (万, 亿), approximation (余, 近, 超, 约), unit.

mod words;

use rust_decimal::Decimal;

use crate::interval::{Interval, show};
use words::{ABOUT_BEFORE, AT_LEAST_BEFORE, AT_MOST_BEFORE, DATE_UNITS, UNITS};

/// What a quantity measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anything counted or measured in a unit.
    Count,
    /// Per cent, its value in per cent.
    Percent,
    /// Percentage points.
    Points,
    /// A multiple (倍).
    Times,
}

/// A quantity and its place in an evened-out text.
#[derive(Debug, Clone)]
pub(crate) struct Quantity {
    /// Byte of the first digit.
    pub start: usize,
    /// Byte behind the unit.
    pub end: usize,
    /// Value in the base unit: `5.12万` is 51200.
    pub value: Decimal,
    /// One unit of the last printed place, in the base unit.
    pub ulp: Decimal,
    /// What the quantity can stand for.
    pub interval: Interval,
    /// Unit as printed, empty where there is none.
    pub unit: &'static str,
    pub kind: Kind,
    /// Printed decimals.
    pub decimals: u32,
    /// 万 = 10⁴, 亿 = 10⁸, else 1.
    pub scale: Decimal,
    /// Marked as approximate by a word beside it.
    pub approximate: bool,
    /// One end of a range such as 30至100分.
    pub range: bool,
}

impl Quantity {
    /// Units that count the same things.
    pub fn family(&self) -> &'static str {
        match self.unit {
            "人" | "名" | "位" => "人",
            "所" | "家" | "校" => "所",
            other => other,
        }
    }

    /// A whole, exact count.
    pub fn exact(&self) -> bool {
        !self.approximate && self.interval.lo == self.interval.hi
    }

    /// The number with scale and unit, for messages.
    pub fn shown(&self) -> String {
        let scale = if self.scale == Decimal::from(10_000) {
            "万"
        } else if self.scale == Decimal::from(100_000_000) {
            "亿"
        } else {
            ""
        };
        let number = (self.value / self.scale).round_dp(self.decimals);
        format!("{number:.*}{scale}{}", self.decimals as usize, self.unit)
    }

    /// Another value printed the way this quantity is.
    pub fn shown_as(&self, value: Decimal) -> String {
        let scale_mark = if self.scale == Decimal::from(10_000) {
            "万"
        } else if self.scale == Decimal::from(100_000_000) {
            "亿"
        } else {
            ""
        };
        let decimals = self.decimals.max(if self.kind == Kind::Percent { 1 } else { 0 });
        let number = value / self.scale;
        format!("{}{scale_mark}{}", show(number, decimals.max(self.decimals)), self.unit)
    }

    /// The values that would be cut off, instead of rounded, to what is printed.
    pub fn truncated(&self) -> Interval {
        Interval { lo: self.value, hi: self.value + self.ulp - self.ulp / Decimal::ONE_HUNDRED }
    }
}

/// All quantities of a text, in order.
pub(crate) fn quantities(text: &str) -> Vec<Quantity> {
    let bytes = text.as_bytes();
    let mut found: Vec<Quantity> = Vec::new();
    let mut at = 0;
    let mut title_depth = 0usize;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            let rest = &text[at..];
            let c = rest.chars().next().unwrap_or(' ');
            match c {
                '《' => title_depth += 1,
                '》' => title_depth = title_depth.saturating_sub(1),
                _ => {}
            }
            at += c.len_utf8();
            continue;
        }
        let number_end = number_end(bytes, at);
        if title_depth == 0
            && let Some(q) = quantity(text, at, number_end)
        {
            at = q.end.max(number_end);
            found.push(q);
        } else {
            at = number_end;
        }
    }
    mark_ranges(text, &mut found);
    found
}

/// End of a run of digits with thousands commas and at most one decimal point.
fn number_end(bytes: &[u8], start: usize) -> usize {
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut end = start;
    let mut point = false;
    loop {
        if digit(end) {
            end += 1;
        } else if bytes.get(end) == Some(&b',')
            && !point
            && (1..=3).all(|k| digit(end + k))
            && !digit(end + 4)
            && end > start
        {
            end += 4;
        } else if bytes.get(end) == Some(&b'.') && !point && digit(end + 1) {
            point = true;
            end += 1;
        } else {
            return end;
        }
    }
}

fn quantity(text: &str, start: usize, number_end: usize) -> Option<Quantity> {
    let before = &text[..start];
    let previous = before.chars().next_back();
    if previous.is_some_and(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '第' | '+' | '/' | ':' | '.' | '№' | '_' | '·')
    }) || before.ends_with("第 ")
    {
        return None;
    }
    let printed = &text[start..number_end];
    let (value, decimals) = parse(printed)?;
    let mut end = number_end;
    let mut more = eat(text, &mut end, &["余", "多"]);
    let scale = if eat(text, &mut end, &["万"]) {
        Decimal::from(10_000)
    } else if eat(text, &mut end, &["亿"]) {
        Decimal::from(100_000_000)
    } else if eat(text, &mut end, &["千"]) {
        Decimal::from(1_000)
    } else if eat(text, &mut end, &["百"]) {
        Decimal::from(100)
    } else {
        Decimal::ONE
    };
    more = eat(text, &mut end, &["余", "多"]) || more;
    let rest = &text[end..];
    let next = rest.chars().next();
    if next.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | ':' | '_'))
        || is_date(rest, scale, decimals)
    {
        return None;
    }
    let unit = UNITS.iter().copied().find(|u| rest.starts_with(u)).unwrap_or("");
    end += unit.len();
    let after = &text[end..];
    let kind = match unit {
        "%" | "‰" => Kind::Percent,
        "个百分点" | "百分点" => Kind::Points,
        "倍" => Kind::Times,
        _ => Kind::Count,
    };
    let value = value.checked_mul(scale)?;
    let ulp = Decimal::new(1, decimals).checked_mul(scale)?;
    let coarse = coarse_step(printed, decimals).checked_mul(scale)?;
    let exact = kind == Kind::Count && scale == Decimal::ONE && decimals == 0;
    let printed = Printed { value, ulp, coarse, exact };
    let (interval, approximate) =
        if more { (printed.and_more(), true) } else { printed.interval(before, after) };
    Some(Quantity {
        start,
        end,
        value,
        ulp,
        interval,
        unit,
        kind,
        decimals,
        scale,
        approximate,
        range: false,
    })
}

/// A number as printed, in the base unit.
struct Printed {
    value: Decimal,
    ulp: Decimal,
    /// One unit of the last place that is not zero.
    coarse: Decimal,
    /// A whole count, printed to the last one.
    exact: bool,
}

impl Printed {
    /// 2400余: up to the next number of the same roundness.
    fn and_more(&self) -> Interval {
        Interval { lo: self.value, hi: self.value + self.coarse }
    }

    /// What the number stands for between the words beside it, and whether they make it approximate.
    fn interval(&self, before: &str, after: &str) -> (Interval, bool) {
        let ends = |words: &[&str]| words.iter().any(|w| before.ends_with(w));
        let value = self.value;
        if ends(AT_LEAST_BEFORE) || after.starts_with("以上") {
            return (Interval { lo: value, hi: value + value / Decimal::TWO + self.coarse }, true);
        }
        if ends(ABOUT_BEFORE) || after.starts_with("左右") {
            let half = (self.coarse / Decimal::TWO).max(self.ulp);
            return (Interval { lo: value - half, hi: value + half }, true);
        }
        if ends(AT_MOST_BEFORE) || after.starts_with("以内") || after.starts_with("以下") {
            let lo = (value - value / Decimal::from(5)).min(value - self.coarse);
            return (Interval { lo, hi: value }, true);
        }
        if self.exact { (Interval::exact(value), false) } else { (Interval::rounded(value, self.ulp), false) }
    }
}

/// Digits as a decimal; `None` for codes, years with a leading zero and numbers beyond any report.
fn parse(printed: &str) -> Option<(Decimal, u32)> {
    let plain: String = printed.chars().filter(|&c| c != ',').collect();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    if whole.len() > 12 || fraction.len() > 6 || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    Some((plain.parse().ok()?, fraction.len() as u32))
}

/// The place of the last digit that is not zero: 100 for 2400, 10 for 320, 1 for 7.
fn coarse_step(printed: &str, decimals: u32) -> Decimal {
    if decimals > 0 {
        return Decimal::new(1, decimals);
    }
    let zeros = printed.bytes().rev().filter(|&b| b != b',').take_while(|&b| b == b'0').count().min(12);
    Decimal::from(10u64.pow(zeros as u32))
}

fn is_date(rest: &str, scale: Decimal, decimals: u32) -> bool {
    if scale != Decimal::ONE || decimals > 0 {
        return false;
    }
    DATE_UNITS.iter().any(|u| rest.starts_with(u))
        || ["-", "—", "~", "至"].iter().any(|dash| {
            rest.strip_prefix(dash).is_some_and(|r| {
                let digits = r.bytes().take_while(u8::is_ascii_digit).count();
                digits == 4 && DATE_UNITS.iter().any(|u| r[digits..].starts_with(u))
            })
        })
}

fn eat(text: &str, end: &mut usize, words: &[&str]) -> bool {
    for word in words {
        if text[*end..].starts_with(word) {
            *end += word.len();
            return true;
        }
    }
    false
}

/// Two quantities joined by a dash or 至 are the ends of a range, not figures of their own.
fn mark_ranges(text: &str, found: &mut [Quantity]) {
    for i in 1..found.len() {
        let between = &text[found[i - 1].end..found[i].start];
        if matches!(between, "-" | "—" | "~" | "至" | "到" | "——") {
            found[i - 1].range = true;
            found[i].range = true;
        }
    }
    for q in found.iter_mut() {
        if text[..q.start].ends_with(['-', '—', '~']) {
            q.range = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Quantity {
        let mut all = quantities(text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        all.remove(0)
    }

    fn dec(s: &str) -> Decimal {
        s.parse().expect("decimal")
    }

    #[test]
    fn scales_and_units() {
        let q = one("在校生5.12万人");
        assert_eq!((q.value, q.unit, q.ulp), (dec("51200"), "人", dec("100")));
        assert_eq!(q.shown(), "5.12万人");
        assert_eq!(one("面积60.25万平方米").unit, "平方米");
        assert_eq!(one("提升1.25个百分点").kind, Kind::Points);
        assert_eq!(one("收入1.17亿元").value, dec("117000000"));
    }

    #[test]
    fn approximations_widen_the_interval() {
        let q = one("增长2400余人");
        assert_eq!((q.interval.lo, q.interval.hi), (dec("2400"), dec("2500")));
        let q = one("访问量1200余万人次");
        assert_eq!((q.interval.lo, q.interval.hi), (dec("12000000"), dec("13000000")));
        assert!(one("近2000人").interval.contains(dec("1990")));
        assert!(one("超5000万片").interval.contains(dec("50000000")));
        assert!(one("1万余人").interval.contains(dec("15000")));
    }

    #[test]
    fn years_ordinals_labels_and_codes_are_not_quantities() {
        for text in
            ["2025年", "第24届", "图2-14", "5G", "3+2", "00后", "2022-2024年间", "《规划（2025）》", "22级"]
        {
            let all = quantities(text);
            assert!(all.iter().all(|q| q.range || q.unit.is_empty()), "{text}: {all:?}");
        }
        assert_eq!(one("教师2021人").value, dec("2021"));
    }

    #[test]
    fn ranges_are_marked() {
        let all = quantities("高出30至100分");
        assert!(all.iter().all(|q| q.range), "{all:?}");
    }
}
