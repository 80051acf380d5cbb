//! Charts with their bound values.

use zhijian_typeset::model::{self as set};

use super::{Fault, Ground, load::ChartTemplate};
use crate::domain::template::Values;

/// A chart as it is set.
///
/// # Errors
/// Everything that is not there.
pub fn chart(ground: &Ground<'_>, template: &ChartTemplate) -> Result<set::Chart, Vec<Fault>> {
    let values = Values::year(ground.pinned.year);
    let mut faults = Vec::new();
    let mut series = Vec::with_capacity(template.series.len());
    for one in &template.series {
        let mut drawn = set::Series { name: values.fill(&one.name), ..set::Series::default() };
        for (place, binding) in &one.values {
            match binding.as_ref().map(|binding| ground.bind(place, binding)).transpose() {
                Ok(None) => {
                    drawn.values.push(None);
                    drawn.displays.push("—".to_owned());
                }
                Ok(Some(bound)) => {
                    drawn.values.push(bound.value);
                    drawn.displays.push(bound.display.trim_end_matches(&template.unit).to_owned());
                }
                Err(fault) => faults.push(fault),
            }
        }
        series.push(drawn);
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(set::Chart {
        number: template.number.clone(),
        id: super::build::chart_id(&template.number),
        title: values.fill(&template.title),
        kind: template.kind,
        categories: template.categories.iter().map(|category| values.fill(category)).collect(),
        series,
        unit: template.unit.clone(),
        source: values.fill(&template.source),
        notes: template.notes.iter().map(|note| values.fill(note)).collect(),
    })
}
