//! Dates: impossible ones, and events outside the observation window.

use std::sync::LazyLock;

use chrono::{Datelike, NaiveDate};
use regex::{Captures, Regex};

use crate::context::Context;
use crate::finding::{Class, Severity};
use crate::options::Window;
use crate::report::{Draft, Report};
use crate::text::{since, until};

static WINDOW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(\\d{4})年(\\d{1,2})月(\\d{1,2})日(?:至|—|-|到|~)(\\d{4})年(\\d{1,2})月(\\d{1,2})日[^。]{0,12}(?:观测|统计|报告|监测|数据)(?:周期|期|时段|区间)")
        .expect("pattern")
});

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("(\\d{4})年(\\d{1,2})月(?:(\\d{1,2})日)?(?:(?:至|—|-|到|~)(?:(\\d{1,2})月)?(\\d{1,2})日)?")
        .expect("pattern")
});

/// Words right before a date that make it an origin or a limit.
const BEFORE: &[&str] =
    &["自", "截至", "截止", "截止到", "始于", "成立于", "创建于", "始建于", "建于", "从", "至", "到", "（"];

/// Words right behind it with the same effect.
const AFTER: &[&str] = &["起", "以来", "之前", "以前", "前", "至今", "成立", "创办"];

/// Words of plans: what is planned may lie ahead.
const PLANS: &[&str] = &["将于", "将在", "拟于", "计划于", "预计", "力争", "目标", "规划到"];

/// Words of papers, which are named with the date they were issued.
const PAPERS: &[&str] = &["印发", "发布", "出台", "颁布", "修订", "下发"];

/// Words of things that happened.
const EVENTS: &[&str] = &[
    "举办",
    "举行",
    "召开",
    "开赛",
    "开幕",
    "荣获",
    "获得",
    "斩获",
    "签约",
    "签署",
    "揭牌",
    "挂牌",
    "承办",
    "参加",
    "总决赛",
    "决赛",
    "赴",
    "访问",
    "出席",
    "落成",
    "竣工",
    "开学",
    "入选",
    "夺得",
    "晋级",
    "闭幕",
];

/// How far before the window an event may be called last year's by mistake, in months.
const MONTHS_BEFORE: i32 = 14;

/// The window a text states: 以某年某月某日至某年某月某日为…观测周期.
pub(crate) fn stated_window(text: &str) -> Option<Window> {
    let hit = WINDOW.captures(text)?;
    let number = |i: usize| hit.get(i).and_then(|m| m.as_str().parse::<u32>().ok());
    let date = |y: usize| NaiveDate::from_ymd_opt(number(y)? as i32, number(y + 1)?, number(y + 2)?);
    let (from, to) = (date(1)?, date(4)?);
    (from <= to).then_some(Window { from, to })
}

pub(super) fn check(context: &Context<'_, '_>, report: &mut Report) {
    let window = context.window();
    for (index, paragraph) in context.document.paragraphs.iter().enumerate() {
        if !paragraph.text().contains('月') {
            continue;
        }
        for hit in DATE.captures_iter(paragraph.text()) {
            let Some(range) = hit.get(0).map(|m| m.range()) else { continue };
            if let Some(problem) = impossible(&hit) {
                impossible_date(context, index, range, problem, report);
            } else if let Some(window) = window.filter(|_| paragraph.prose) {
                outside(context, index, &hit, window, report);
            }
        }
    }
}

fn part(hit: &Captures<'_>, i: usize) -> Option<u32> {
    hit.get(i).and_then(|m| m.as_str().parse().ok())
}

fn impossible(hit: &Captures<'_>) -> Option<(&'static str, &'static str)> {
    const NO_DAY: (&str, &str) = ("没有这一天", "there is no such day");
    let (year, month) = (part(hit, 1)? as i32, part(hit, 2)?);
    if !(1..=12).contains(&month) {
        return Some(("没有这个月份", "there is no such month"));
    }
    let day = part(hit, 3)?;
    let Some(start) = NaiveDate::from_ymd_opt(year, month, day) else { return Some(NO_DAY) };
    let last_day = part(hit, 5)?;
    match NaiveDate::from_ymd_opt(year, part(hit, 4).unwrap_or(month), last_day) {
        None => Some(NO_DAY),
        Some(end) if end < start => Some(("止日早于起日", "it ends before it begins")),
        Some(_) => None,
    }
}

fn impossible_date(
    context: &Context<'_, '_>,
    paragraph: usize,
    range: std::ops::Range<usize>,
    (problem, problem_en): (&str, &str),
    report: &mut Report,
) {
    let norm = &context.document.paragraphs[paragraph].norm;
    let actual = norm.text[range.clone()].to_owned();
    report.add(Draft {
        class: Class::Form,
        severity: Severity::Error,
        rule: "form.impossible-date",
        zh: format!("日期“{actual}”有误：{problem}。"),
        en: format!("“{actual}” is not a possible date."),
        locations: vec![context.document.quote(norm, range)],
        expected: String::new(),
        actual,
        computation: format!("{problem}。"),
        computation_en: format!("In the calendar {problem_en}."),
    });
}

fn outside(
    context: &Context<'_, '_>,
    paragraph: usize,
    hit: &Captures<'_>,
    window: Window,
    report: &mut Report,
) {
    let (Some(whole), Some(year), Some(month)) = (hit.get(0), part(hit, 1), part(hit, 2)) else { return };
    let text = context.document.paragraphs[paragraph].text();
    let first = NaiveDate::from_ymd_opt(year as i32, month, part(hit, 3).unwrap_or(1));
    // A month without a day is outside only where no day of it is inside.
    let last = match part(hit, 3) {
        Some(_) => first,
        None => first.and_then(|d| d.checked_add_months(chrono::Months::new(1))).and_then(|d| d.pred_opt()),
    };
    let (Some(first), Some(last)) = (first, last) else { return };
    let stops = ['。', '；', '！'];
    let start = whole.start() - since(text, whole.start(), &stops).len();
    let end = whole.end() + until(text, whole.end(), &stops).len();
    let sentence = &text[start..end];
    let event = EVENTS.iter().any(|w| sentence.contains(w));
    let paper = sentence.contains('《') && PAPERS.iter().any(|w| sentence.contains(w));
    let other = paper
        || PLANS.iter().any(|w| sentence.contains(w))
        || BEFORE.iter().any(|w| text[..whole.start()].ends_with(w))
        || AFTER.iter().any(|w| text[whole.end()..].starts_with(w));
    let late = first > window.to;
    let months = (window.from.year() - last.year()) * 12 + window.from.month() as i32 - last.month() as i32;
    let early = last < window.from && months <= MONTHS_BEFORE;
    if other || !event || !(late || early) {
        return;
    }
    let norm = &context.document.paragraphs[paragraph].norm;
    let mut locations = vec![context.document.quote(norm, whole.range())];
    let stated = context.stated_window().map(|p| &context.document.paragraphs[p]);
    if let Some((p, m)) = stated.and_then(|p| WINDOW.find(p.text()).map(|m| (p, m))) {
        locations.push(context.document.quote(&p.norm, m.range()));
    }
    report.add(Draft {
        class: Class::Form,
        severity: if late { Severity::Error } else { Severity::Warning },
        rule: "form.outside-window",
        zh: format!("“{}”的事件不在观测期{}至{}之内。", whole.as_str(), window.from, window.to),
        en: format!(
            "The event of “{}” lies outside the observation window {} to {}.",
            whole.as_str(),
            window.from,
            window.to
        ),
        locations,
        expected: format!("{}至{}", window.from, window.to),
        actual: whole.as_str().to_owned(),
        computation: if late {
            format!("晚于{}。", window.to)
        } else {
            format!("早于{}。", window.from)
        },
        computation_en: if late {
            format!("It is later than {}.", window.to)
        } else {
            format!("It is earlier than {}.", window.from)
        },
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_read_from_the_text() {
        let window = stated_window("本报告以2024年9月1日至2025年8月31日为一个完整观测周期").expect("window");
        assert_eq!(window.to, NaiveDate::from_ymd_opt(2025, 8, 31).expect("date"));
    }

    #[test]
    fn impossible_dates() {
        let problem = |text: &str| DATE.captures(text).as_ref().and_then(impossible);
        assert!(problem("2025年2月30日").is_some());
        assert!(problem("2025年13月").is_some());
        assert!(problem("2025年10月15日至12日").is_some());
        assert!(problem("2025年10月12日至15日").is_none());
    }
}
