//! The distribution of a round's grades.

use rust_decimal::Decimal;

use super::{Body, Renderer, count, number, row};
use crate::domain::{
    definition::{GradeField, Grades},
    lack::Lack,
    number::{NumberFormat, plain},
    table::{Cell, Column, Row},
    trace::{self, Counted},
};

impl Renderer<'_> {
    pub(super) fn grades(&mut self, layout: &Grades) -> Body {
        let year = self.edition.year;
        let scheme = &layout.scheme;
        let columns: Vec<Column> = layout
            .columns
            .iter()
            .map(|column| {
                let numeric = !matches!(column.field, GradeField::Grade | GradeField::Group);
                self.column(&column.key, &column.zh, &column.en, None, numeric)
            })
            .collect();
        let Some(grading) = self.facts.gradings.get(scheme) else {
            self.lacks.insert(Lack::NoRound { year, scheme: scheme.clone() });
            return Body { columns, rows: vec![], count: 0 };
        };
        let total = grading.total();
        if total == 0 {
            self.lacks.insert(Lack::NoGrades { year, scheme: scheme.clone() });
            return Body { columns, rows: vec![], count: 0 };
        }
        let mut rows: Vec<Row> = grading
            .counts
            .iter()
            .map(|grade| (grade, grading.group_total(&grade.group)))
            .filter(|(_, group_total)| !layout.omit_empty_groups || *group_total > 0)
            .map(|(grade, group_total)| {
                let one = trace::grades(year, scheme, &Counted::Grade(&grade.grade));
                let group = trace::grades(year, scheme, &Counted::Group(&grade.group));
                let cells = layout.columns.iter().map(|column| match column.field {
                    GradeField::Grade => Cell::word(&grade.grade),
                    GradeField::Count => count(grade.count).traced(one.clone()),
                    GradeField::Share => share(grade.count, total, &layout.share).traced(one.clone()),
                    GradeField::Group => Cell::word(&grade.group),
                    GradeField::GroupCount => count(group_total).traced(group.clone()),
                    GradeField::GroupShare => share(group_total, total, &layout.share).traced(group.clone()),
                });
                row(cells.collect())
            })
            .collect();
        let all = trace::grades(year, scheme, &Counted::All);
        let totals = layout.columns.iter().map(|column| match column.field {
            GradeField::Grade | GradeField::Group => Cell::text(layout.total.clone()),
            GradeField::Count | GradeField::GroupCount => count(total).traced(all.clone()),
            GradeField::Share | GradeField::GroupShare => {
                share(total, total, &layout.share).traced(all.clone())
            }
        });
        rows.push(Row { cells: totals.collect(), total: true });
        Body { columns, rows, count: total }
    }
}

/// `part` of `whole` in per cent, each rounded on its own: shares that do not add up to 100 are left so.
fn share(part: u64, whole: u64, format: &NumberFormat) -> Cell {
    let value = Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole);
    if part == whole {
        return Cell { display: format.display_trimmed(value), value: plain(value), ..Cell::default() };
    }
    number(value, format)
}
