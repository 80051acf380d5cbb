//! A platform's snapshot as a table: its columns, one value as cells, and what a load would do.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use zhijian_documents::{
    Number,
    register::{Column, Fault, Row, Table},
};

use super::{
    catalogue::{Catalogue, Indicator, IndicatorKind, Level},
    check::PlatformValue,
    text::characters,
};

/// How many rows one load may have.
pub const MOST_ROWS: usize = 50_000;
/// How long a scope may be.
const MAX_SCOPE: usize = 40;
/// Whom a value counts unless the file says otherwise: everybody in the institution, as reports do.
const WHOLE: &str = "全校";

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// The status-data platform of higher vocational institutions.
    StatusData,
    /// The management information system of secondary schools.
    SecondaryMis,
}

impl Platform {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StatusData => "status_data",
            Self::SecondaryMis => "secondary_mis",
        }
    }

    /// The platform of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::StatusData, Self::SecondaryMis].into_iter().find(|platform| platform.as_str() == name)
    }

    /// The level of the institutions that report to it.
    pub fn level(self) -> Level {
        match self {
            Self::StatusData => Level::Higher,
            Self::SecondaryMis => Level::Secondary,
        }
    }
}

/// The columns of a snapshot's files, as [`cells`] fills them.
pub const COLUMNS: &[Column] = &[
    Column::new("organisation_code", "学校代码", "School code")
        .required()
        .also(&["机构代码", "院校代码", "学校标识码"])
        .hint("学校的十位代码，须已登记。", "The school's ten-digit code, which must be registered.")
        .width(14),
    Column::new("indicator_code", "指标代码", "Indicator")
        .required()
        .also(&["指标", "代码"])
        .hint(
            "年报目录中的指标代码，例如 POL06。",
            "The indicator's code in the year's catalogue, such as POL06.",
        )
        .width(12),
    Column::new("value", "平台数值", "Value")
        .required()
        .also(&["数值", "平台值", "值"])
        .hint("按年报指标的计量单位填数字。", "A number, in the unit of the report's indicator.")
        .width(16),
    Column::new("scope", "口径", "Scope")
        .also(&["统计口径", "范围"])
        .hint(
            "统计范围；不填即“全校”。与年报不同的请写明，例如“含附属学院”。",
            "Whom it counts; 全校 (the whole school) unless given.",
        )
        .width(16),
    Column::new("date", "统计日期", "Date")
        .required()
        .also(&["日期", "截止日期", "时点"])
        .hint("数据的时点，例如 2025-09-30。", "The day it speaks of, such as 2025-09-30.")
        .width(14),
];

/// What a value is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub organisation_code: String,
    pub indicator_code: String,
}

/// What is held, and by which platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub platform: String,
    pub held: PlatformValue,
}

/// A value's cells, one a column.
pub fn cells(key: &Key, held: &PlatformValue) -> Vec<String> {
    vec![
        key.organisation_code.clone(),
        key.indicator_code.clone(),
        held.value.normalize().to_string(),
        held.scope.clone(),
        held.date.to_string(),
    ]
}

/// What happens to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Created,
    Updated,
    Unchanged,
    Refused,
}

/// One row of a plan.
#[derive(Debug, Clone)]
pub struct Planned {
    pub row: usize,
    pub outcome: Outcome,
    pub code: String,
    /// What the indicator is called.
    pub name: String,
    pub value: Option<(Key, PlatformValue)>,
    /// The columns that change, with what stood there and what will.
    pub changes: Vec<(usize, String, String)>,
}

/// Everything that a load would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub rows: Vec<Planned>,
    pub faults: Vec<Fault>,
}

/// The codes of the institutions in a table, as far as they can be read.
pub fn organisations(table: &Table<'_>) -> BTreeSet<String> {
    table.rows.iter().filter_map(|row| row.clone().code("organisation_code", 10).some()).collect()
}

/// What a load is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    pub platform: Platform,
    pub catalogue: &'a Catalogue,
    /// The registered institutions of the file, with the level that they teach at; none for what teaches nobody.
    pub institutions: &'a HashMap<String, Option<Level>>,
    /// What is held of them.
    pub known: &'a BTreeMap<Key, Held>,
}

/// Decides what the rows of a file would do.
pub fn plan(table: Table<'_>, around: Around<'_>) -> Plan {
    let mut plan = Plan::default();
    let mut first: HashMap<Key, usize> = HashMap::new();
    for mut row in table.rows {
        let mut value = around.read(&mut row);
        if let Some((key, _)) = &value {
            if let Some(earlier) = first.get(key) {
                row.refuse(
                    "indicator_code",
                    format!("与第 {earlier} 行是同一学校的同一指标，请只保留一行。"),
                    format!("Row {earlier} has the same indicator of the same school: keep one of them."),
                );
            } else {
                first.insert(key.clone(), row.number);
            }
        }
        value = value.filter(|_| row.faults.is_empty());
        plan.rows.push(around.planned(&row, value));
        plan.faults.append(&mut row.faults);
    }
    plan
}

impl Around<'_> {
    fn read(&self, row: &mut Row<'_>) -> Option<(Key, PlatformValue)> {
        let organisation_code = self.institution(row);
        let indicator = self.indicator(row);
        let value = indicator.and_then(|indicator| number(row, indicator));
        let scope = row.text("scope").some().unwrap_or_else(|| WHOLE.to_owned());
        if characters(&scope) > MAX_SCOPE {
            row.refuse("scope", "口径最多 40 字。", "A scope has at most 40 characters.");
        }
        let date = day(row);
        let key = Key { organisation_code: organisation_code?, indicator_code: indicator?.code.clone() };
        Some((key, PlatformValue { value: value?, scope, date: date? }))
    }

    fn institution(&self, row: &mut Row<'_>) -> Option<String> {
        let before = row.faults.len();
        let code = row.code("organisation_code", 10).some();
        let Some(code) = code else {
            if row.faults.len() == before {
                row.refuse("organisation_code", "请填写学校代码。", "Fill in the school's code.");
            }
            return None;
        };
        match self.institutions.get(&code) {
            None => row.refuse(
                "organisation_code",
                format!("学校代码 {code} 没有登记，请先登记学校或更正代码。"),
                format!("No school is registered under {code}: register it first or correct the code."),
            ),
            Some(level) if *level != Some(self.platform.level()) => row.refuse(
                "organisation_code",
                format!("{code} 不是向这个平台报数的学校，请核对平台或更正代码。"),
                format!("{code} does not report to this platform: check the platform or the code."),
            ),
            Some(_) => return Some(code),
        }
        None
    }

    fn indicator(&self, row: &mut Row<'_>) -> Option<&Indicator> {
        let code = row.wanted("indicator_code")?.to_uppercase();
        let known = self.catalogue.indicators.iter().find(|indicator| indicator.code == code);
        let level = self.platform.level();
        match known {
            None => row.refuse(
                "indicator_code",
                format!("{} 年目录没有指标 {code}。", self.catalogue.year),
                format!("The catalogue of {} has no indicator {code}.", self.catalogue.year),
            ),
            Some(indicator) if indicator.kind == IndicatorKind::Choice => row.refuse(
                "indicator_code",
                format!("{code} 不是数值指标。"),
                format!("{code} is no number."),
            ),
            Some(indicator) if !indicator.level.meets(level) => row.refuse(
                "indicator_code",
                format!("{code} 不是这一层次填报的指标。"),
                format!("{code} is not asked of this level."),
            ),
            Some(indicator) => return Some(indicator),
        }
        None
    }

    fn planned(&self, row: &Row<'_>, value: Option<(Key, PlatformValue)>) -> Planned {
        let mut planned = Planned {
            row: row.number,
            outcome: Outcome::Refused,
            code: format!("{}/{}", row.raw("organisation_code").trim(), row.raw("indicator_code").trim()),
            name: String::new(),
            value: None,
            changes: Vec::new(),
        };
        let Some((key, held)) = value else { return planned };
        let before = self.known.get(&key);
        let old = before.map_or_else(|| vec![String::new(); COLUMNS.len()], |old| cells(&key, &old.held));
        let new = cells(&key, &held);
        let changes = old.into_iter().zip(new).enumerate().filter(|(_, (old, new))| old != new);
        planned.changes = changes.map(|(place, (old, new))| (place, old, new)).collect();
        planned.outcome = match before {
            None => Outcome::Created,
            Some(before) if before.held == held && before.platform == self.platform.as_str() => {
                Outcome::Unchanged
            }
            Some(_) => Outcome::Updated,
        };
        planned.code = format!("{}/{}", key.organisation_code, key.indicator_code);
        let indicator = self.catalogue.indicators.iter().find(|one| one.code == key.indicator_code);
        planned.name = indicator.map(|indicator| indicator.name.zh.clone()).unwrap_or_default();
        planned.value = Some((key, held));
        planned
    }
}

fn number(row: &mut Row<'_>, indicator: &Indicator) -> Option<Decimal> {
    let text = row.wanted("value")?;
    let read = Number::parse(&text).ok().and_then(|number| number.decimal.parse::<Decimal>().ok());
    let Some(value) = read else {
        row.refuse("value", "应为数字，不带单位。", "This is a number, without a unit.");
        return None;
    };
    let value = value.normalize();
    if indicator.kind == IndicatorKind::Count && (value.scale() > 0 || value.is_sign_negative()) {
        row.refuse("value", "这一指标是不小于 0 的整数。", "This indicator is a whole number, not below 0.");
        return None;
    }
    Some(value)
}

fn day(row: &mut Row<'_>) -> Option<NaiveDate> {
    let text = row.wanted("date")?;
    let plain = text.replace(['/', '.', '年', '月'], "-").replace('日', "");
    let plain = plain.split_whitespace().next().unwrap_or_default();
    let day = NaiveDate::parse_from_str(plain, "%Y-%m-%d").ok();
    if day.is_none() {
        row.refuse("date", "应为日期，例如 2025-09-30。", "This is a day, such as 2025-09-30.");
    }
    day
}
