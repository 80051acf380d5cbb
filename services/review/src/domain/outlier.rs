//! Scores far from the rest of their panel, element by element.

use rust_decimal::Decimal;

use super::scheme::Scheme;

/// How many other sheets there must be: between two nobody can say who is far off.
const OTHERS: usize = 2;

/// A sheet that is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// The points of every element, in the scheme's order.
    pub points: Vec<Decimal>,
    /// How much higher than the others its reviewer scores; zero where that is not known.
    pub severity: Decimal,
}

/// An element on which a sheet is far from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlier {
    /// The element's code.
    pub element: String,
    /// The sheet's points.
    pub points: Decimal,
    /// The median of the others'.
    pub others: Decimal,
    /// What of the difference is the reviewer's severity, less the others' mean one.
    pub severity: Decimal,
}

/// Where `own` is more than `limit` points from the median of the others, severities taken off. Nothing under two others.
pub fn outliers(scheme: &Scheme, own: &Scored, others: &[&Scored], limit: Decimal) -> Vec<Outlier> {
    if others.len() < OTHERS {
        return vec![];
    }
    let mean = others.iter().map(|sheet| sheet.severity).sum::<Decimal>() / Decimal::from(others.len());
    let severity = own.severity - mean;
    let compared = scheme.elements().iter().zip(&own.points).enumerate();
    compared
        .filter_map(|(place, (element, points))| {
            let others =
                median(others.iter().filter_map(|sheet| sheet.points.get(place).copied()).collect())?;
            let far = (*points - others - severity).abs() > limit;
            far.then(|| Outlier { element: element.code.clone(), points: *points, others, severity })
        })
        .collect()
}

fn median(mut points: Vec<Decimal>) -> Option<Decimal> {
    points.sort();
    let upper = points.get(points.len() / 2)?;
    let lower = points.get((points.len() - 1) / 2)?;
    Some(((*upper + *lower) / Decimal::TWO).normalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zhijian_platform::rules::RulesDir;

    use super::*;
    use crate::domain::scheme::Schemes;

    fn sheet(points: i64, severity: i64) -> Scored {
        Scored { points: vec![Decimal::from(points); 10], severity: Decimal::from(severity) }
    }

    fn found(own: &Scored, others: &[Scored]) -> Vec<Outlier> {
        let schemes = Schemes::load(&RulesDir::default()).expect("sound");
        let scheme = schemes.get("pilot-monitoring").expect("shipped");
        outliers(scheme, own, &others.iter().collect::<Vec<_>>(), Decimal::from(15))
    }

    #[test]
    fn a_score_far_from_the_median_of_two_others_is_told_by_element() {
        let mut own = sheet(80, 0);
        own.points[3] = Decimal::from(40);
        let told = found(&own, &[sheet(76, 0), sheet(81, 0)]);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].points, told[0].others), (Decimal::from(40), Decimal::new(785, 1)));
        assert!(found(&own, &[sheet(76, 0)]).is_empty(), "one against one says nothing");
        assert_eq!(found(&sheet(91, 0), &[sheet(75, 0), sheet(75, 0)]).len(), 10);
        assert!(found(&sheet(90, 0), &[sheet(75, 0), sheet(75, 0)]).is_empty(), "the limit itself is near");
    }

    #[test]
    fn what_severity_explains_is_not_far_off() {
        assert!(found(&sheet(60, -12), &[sheet(80, 2), sheet(80, 2)]).is_empty());
        assert_eq!(found(&sheet(80, -12), &[sheet(80, 6), sheet(80, 6)]).len(), 10);
    }

    proptest! {
        #[test]
        fn order_of_the_others_does_not_matter(own in 0..100_i64, mut others in prop::collection::vec(0..100_i64, 2..6)) {
            let sheets = |points: &[i64]| points.iter().map(|one| sheet(*one, 0)).collect::<Vec<_>>();
            let one_way = found(&sheet(own, 0), &sheets(&others));
            others.reverse();
            prop_assert_eq!(one_way, found(&sheet(own, 0), &sheets(&others)));
        }
    }
}
