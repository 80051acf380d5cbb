//! The roll-up of several regions: sums and rates computed again from what their bundles pin. Rates are never averaged.

use std::collections::BTreeMap;

use super::{
    definition::TableDefinition,
    facts::{GradeCount, Grading},
    pin::{self, Pinned, RecomputeError, Recomputed},
};

/// The tables over all regions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rollup {
    /// In order of number.
    pub tables: Vec<Recomputed>,
    /// The numbers of the tables that some region defines otherwise, or to which a part lacks.
    pub left_out: Vec<String>,
}

/// Rolls up the pins of several regions of one year, in their order; nothing of none.
///
/// # Errors
/// Says which pins cannot be computed with.
pub fn rollup(parts: &[Pinned]) -> Result<Rollup, RecomputeError> {
    let Some(first) = parts.first() else { return Ok(Rollup::default()) };
    let editions = parts.iter().map(pin::edition).collect::<Result<Vec<_>, _>>()?;
    let (own, others) = (&editions[0], &editions[1..]);
    let mut facts = pin::facts(&joined(first, parts), own.plan())?;
    for part in parts {
        for (scheme, grading) in pin::facts(part, own.plan())?.gradings {
            add(facts.gradings.entry(scheme).or_default(), grading);
        }
    }
    let same = |definition: &TableDefinition| {
        others.iter().all(|edition| edition.tables.iter().any(|other| other == definition))
    };
    let mut made = Rollup::default();
    for definition in &own.tables {
        let table = if same(definition) { pin::table(own, definition, &facts) } else { Ok(None) };
        match table {
            Ok(Some(table)) => made.tables.push(table),
            Ok(None) | Err(RecomputeError::Lacking(_)) => made.left_out.push(definition.number.clone()),
            Err(other) => return Err(other),
        }
    }
    Ok(made)
}

/// Everything that is added up, in one; grades are counted apart, because every region has rounds of its own.
fn joined(first: &Pinned, parts: &[Pinned]) -> Pinned {
    let mut whole = Pinned { rounds: BTreeMap::new(), ..first.clone() };
    // A year that one region lacks would be told too small.
    whole.years.retain(|year, _| parts.iter().all(|part| part.years.contains_key(year)));
    for part in &parts[1..] {
        for (year, sums) in &mut whole.years {
            let Some(more) = part.years.get(year) else { continue };
            sums.reports.extend(more.reports.iter().cloned());
            sums.withheld.extend(more.withheld.iter().cloned());
            sums.rounded_to.extend(&more.rounded_to);
            for (code, indicator) in &more.indicators {
                sums.indicators.entry(code.clone()).or_insert_with(|| indicator.clone());
            }
        }
        whole.pathways.extend(part.pathways.iter().cloned());
        whole.organisations.extend(part.organisations.clone());
    }
    for (sequence, row) in (1..).zip(&mut whole.pathways) {
        row.sequence = sequence;
    }
    whole
}

fn add(sum: &mut Grading, grading: Grading) {
    for GradeCount { grade, group, count } in grading.counts {
        match sum.counts.iter_mut().find(|known| known.grade == grade) {
            Some(known) => known.count += count,
            None => sum.counts.push(GradeCount { grade, group, count }),
        }
    }
}
