//! Tables of an institution's own indicators.

use std::collections::BTreeSet;

use zhijian_typeset::model::{self as set};

use super::{
    Fault, Indicators, Look, Place, Scoped,
    build::{NONE, Setter, address, table_id},
    fault::What,
};
use crate::domain::{
    figure::{Figure, Measure, ROUNDED, Told, WITHHELD},
    render::rounded_note,
    trace,
};

impl Setter<'_> {
    /// The institution's indicators, each beside last year's; those that its reports are not asked for are left out.
    pub fn indicators(&mut self, place: &Place, wanted: &Indicators, number: &str) -> set::Table {
        let year = self.ground.pinned.year;
        let mut rows = Vec::with_capacity(wanted.codes.len());
        let (mut withheld, mut rounded) = (false, false);
        for code in &wanted.codes {
            let Some(found) = self.ground.pinned.years.get(&year).and_then(|pins| pins.indicators.get(code))
            else {
                let what = What::UnknownIndicator { year, indicator: code.clone() };
                self.faults.push(Fault { place: place.clone(), what });
                continue;
            };
            if !self.ground.own_reports(year).any(|report| found.report_kinds.contains(&report.kind)) {
                continue;
            }
            let figure = Scoped {
                figure: Figure {
                    report_kinds: self.ground.templates.schools.clone(),
                    measure: Measure::Sum(code.clone()),
                },
                own: true,
            };
            let now = self.own_cell(&figure, year);
            let last = self.own_cell(&figure, year - 1);
            for cell in [&now, &last] {
                withheld |= cell.display == WITHHELD;
                rounded |= cell.display.starts_with(ROUNDED);
            }
            let word = |text: &str| set::Cell { display: text.to_owned(), ..set::Cell::default() };
            rows.push(set::Row {
                cells: vec![word(&found.name.zh), word(&found.unit.zh), now, last],
                total: false,
            });
        }
        let mut notes = Vec::new();
        if withheld {
            notes.push(format!("“{WITHHELD}”表示人数较少或可据以推算他人数据，不单列。"));
        }
        if rounded {
            let years = self.ground.pinned.years.values();
            let bases: BTreeSet<&u32> = years.flat_map(|pins| &pins.rounded_to).collect();
            notes.push(rounded_note(bases.into_iter()).zh);
        }
        let column = |name: String, numeric| set::Column { name, unit: String::new(), numeric };
        set::Table {
            number: number.to_owned(),
            id: table_id(number),
            title: self.words.fill(&wanted.title),
            columns: vec![
                column("指标".to_owned(), false),
                column("单位".to_owned(), false),
                column(format!("{year}年"), true),
                column(format!("{}年", year - 1), true),
            ],
            rows,
            source: "本校已接收的质量年报。".to_owned(),
            notes,
        }
    }

    fn own_cell(&mut self, figure: &Scoped, year: i32) -> set::Cell {
        let dash = || set::Cell { display: NONE.to_owned(), ..set::Cell::default() };
        let told = self.ground.number(figure, year);
        match told {
            Ok(Told::Number(value) | Told::Rounded(value)) => {
                let mark =
                    if matches!(told, Ok(Told::Rounded(_))) { ROUNDED.to_string() } else { String::new() };
                let (format, _) = self.ground.look(&figure.figure.measure, year, &Look::default());
                let own = self.ground.institution.unwrap_or_default();
                let trace = trace::of_institution(year, &figure.figure, own);
                self.values += 1;
                set::Cell {
                    display: format!("{mark}{}", format.display(value)),
                    value: Some(value),
                    href: address(self.ground.pinned.year, &trace),
                }
            }
            Ok(Told::Withheld) => set::Cell { display: WITHHELD.to_owned(), ..set::Cell::default() },
            Err(_) => dash(),
        }
    }
}
