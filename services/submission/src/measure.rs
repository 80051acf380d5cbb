//! A full report for the bench of the checks, made without a database. Nothing else uses it.

use std::{collections::BTreeMap, sync::Arc};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use zhijian_platform::rules::RulesDir;

use crate::domain::{
    catalogue::{Catalogue, Catalogues, IndicatorKind},
    check::{self, Beside, PeerFigures, PlatformValue, PublicAddress, Report},
    derive::{self, Cells},
    value::Value,
};

/// A report with a value in every cell, and with everything that rules compare with.
pub struct FullReport {
    catalogue: Arc<Catalogue>,
    kind: String,
    cells: Cells,
    last: Cells,
    sections: BTreeMap<String, String>,
    beside: Beside,
}

impl FullReport {
    /// The full report of a kind under the shipped rules of a year.
    ///
    /// # Panics
    /// If there are no such rules.
    pub fn of(year: i32, kind: &str) -> Self {
        let catalogues = Catalogues::load(&RulesDir::default()).expect("the shipped rules are sound");
        let catalogue = catalogues.get(year).expect("a shipped year").clone();
        let (mut cells, mut last, mut beside) = (Cells::new(), Cells::new(), Beside::default());
        for (place, indicator) in catalogue.reported_of(kind).enumerate() {
            let number = Decimal::from(1000 + place * 7);
            let value = match indicator.kind {
                IndicatorKind::Choice => Value::Text("online".to_owned()),
                IndicatorKind::Rate => Value::Number(Decimal::new(9_500 + place as i64, 2)),
                _ => Value::Number(number),
            };
            last.insert(indicator.code.clone(), value.clone());
            cells.insert(indicator.code.clone(), value);
            let date = NaiveDate::from_ymd_opt(year, 9, 30).expect("a day");
            let held = PlatformValue { value: number, scope: "全校".to_owned(), date };
            beside.platform.insert(indicator.code.clone(), held);
            let peers = PeerFigures { count: 60, median: number, mad: Decimal::from(25) };
            beside.peers.insert(indicator.code.clone(), peers);
            beside.enterprises.insert(indicator.code.clone(), number);
            beside.notes.insert(indicator.code.clone(), "按学年统计".to_owned());
        }
        beside.enterprise_count = 3;
        beside.public = PublicAddress {
            address: "https://www.demo.example/report".to_owned(),
            date: NaiveDate::from_ymd_opt(year, 11, 28),
            site: "https://www.demo.example/".to_owned(),
        };
        let report_kind = catalogue.kind(kind).expect("a kind");
        let text = "学校坚持立德树人，深化产教融合，稳步提高人才培养质量。".repeat(200);
        let sections = report_kind.sections.iter().map(|one| (one.code.clone(), text.clone())).collect();
        let cells = derive::complete(&catalogue, kind, &cells);
        Self { kind: kind.to_owned(), cells, last, sections, beside, catalogue }
    }

    /// Runs every rule: how many applied, and how many findings there are.
    pub fn check(&self) -> (usize, usize) {
        let report = Report {
            catalogue: &self.catalogue,
            kind: self.catalogue.kind(&self.kind).expect("a kind"),
            cells: &self.cells,
            last: &self.last,
            sections: &self.sections,
            beside: &self.beside,
        };
        let outcome = check::run(report);
        (outcome.rules_run as usize, outcome.findings.len())
    }

    /// One comparison of each cell with last year's, in decimals and without rules.
    pub fn bare_pass(&self) -> usize {
        let number = |cells: &Cells, code: &str| match cells.get(code) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        let differs = |code: &&String| {
            let (now, before) = (number(&self.cells, code), number(&self.last, code));
            now.zip(before).is_some_and(|(now, before)| (now - before).abs() > before * Decimal::new(3, 1))
        };
        self.cells.keys().filter(differs).count()
    }

    /// How many cells have a value.
    pub fn cells(&self) -> usize {
        self.cells.len()
    }
}
