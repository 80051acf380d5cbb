//! What saving converted, told on the page that comes after. The address carries what was given; the equation is computed
//! from it and the saved cell, so that no address can make the page say what is not so.

use maud::{Markup, html};
use rust_decimal::Decimal;
use zhijian_proto::{
    common::v1::{Value, value},
    submission::v1::{Catalogue, Cell},
};

use super::{cells_row::name_of, report::Report};
use crate::web::{
    i18n::{text, words},
    session::Visitor,
};

/// How many conversions an address carries: a browser takes some thousand characters.
const MOST: usize = 60;

/// The conversions of a save as they stand in an address ("BAS16~1.2~yi"), each after a comma; "" if there are none.
pub fn in_address(saved: &[Cell]) -> String {
    let told = saved.iter().filter_map(|cell| {
        let conversion = cell.conversion.as_ref()?;
        Some(format!("{}~{}~{}", cell.indicator_code, conversion.given, conversion.given_unit_code))
    });
    told.take(MOST).collect::<Vec<_>>().join(",")
}

/// The equations that an address tells and the saved cells bear out.
pub fn told(visitor: &Visitor, report: &Report, address: &str, cells: &[Cell]) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let equations: Vec<(&str, String)> = address
        .split(',')
        .filter_map(|part| {
            let mut parts = part.split('~');
            let (code, given, unit) = (parts.next()?, parts.next()?, parts.next()?);
            let (left, right) = sides(&report.catalogue, cells, code, given, unit)?;
            let named = |side: &Side<'_>| format!("{} {}", side.number, text(lang, side.unit.name.as_ref()));
            Some((name_of(lang, report, code), format!("{} = {}", named(&left), named(&right))))
        })
        .collect();
    html! {
        @if !equations.is_empty() {
            div.banner.converted role="status" {
                p { (t("已按单位准确换算：", "Converted exactly:")) }
                ul { @for (name, equation) in &equations { li { (name) (t("：", ": ")) strong { (equation) } } } }
            }
        }
    }
}

struct Side<'a> {
    number: Decimal,
    unit: &'a zhijian_proto::submission::v1::Unit,
}

/// Both sides of an equation between what was given and what the cell holds; nothing unless they are equal.
fn sides<'a>(
    catalogue: &'a Catalogue,
    cells: &[Cell],
    code: &str,
    given: &str,
    unit: &str,
) -> Option<(Side<'a>, Side<'a>)> {
    let indicator = catalogue.indicators.iter().find(|indicator| indicator.code == code)?;
    let unit_of = |code: &str| catalogue.units.iter().find(|unit| unit.code == code);
    let cell = cells.iter().find(|cell| cell.indicator_code == code)?;
    let Some(Value { kind: Some(value::Kind::Number(kept)) }) = &cell.value else { return None };
    let left = Side { number: given.parse().ok()?, unit: unit_of(unit)? };
    let right = Side { number: kept.parse().ok()?, unit: unit_of(&indicator.unit_code)? };
    let size = |side: &Side<'_>| side.number.checked_mul(side.unit.factor.parse().ok()?);
    let equal = left.unit.base_code == right.unit.base_code && size(&left)? == size(&right)?;
    equal.then_some((left, right))
}

#[cfg(test)]
mod tests {
    use zhijian_proto::{
        common::v1::Text,
        submission::v1::{Conversion, Indicator, Unit},
    };

    use super::*;

    fn catalogue() -> Catalogue {
        let unit = |code: &str, zh: &str, base: &str, factor: &str| Unit {
            code: code.into(),
            name: Some(Text { zh: zh.into(), en: code.into() }),
            base_code: base.into(),
            factor: factor.into(),
            spellings: vec![],
        };
        Catalogue {
            units: vec![
                unit("wan", "万元", "yuan", "10000"),
                unit("yi", "亿元", "yuan", "100000000"),
                unit("person", "人", "person", "1"),
            ],
            indicators: vec![Indicator {
                code: "BAS16".into(),
                unit_code: "wan".into(),
                ..Indicator::default()
            }],
            ..Catalogue::default()
        }
    }

    fn saved() -> Vec<Cell> {
        let conversion =
            Conversion { given: "1.2".into(), given_unit_code: "yi".into(), ..Conversion::default() };
        vec![
            Cell {
                indicator_code: "BAS16".into(),
                value: Some(Value { kind: Some(value::Kind::Number("12000".into())) }),
                conversion: Some(conversion),
                ..Cell::default()
            },
            Cell { indicator_code: "SC01".into(), ..Cell::default() },
        ]
    }

    #[test]
    fn an_address_tells_only_what_the_cells_bear_out() {
        assert_eq!(in_address(&saved()), "BAS16~1.2~yi");
        assert_eq!(in_address(&saved()[1..]), "");
        let (catalogue, cells) = (catalogue(), saved());
        let holds =
            |code: &str, given: &str, unit: &str| sides(&catalogue, &cells, code, given, unit).is_some();
        assert!(holds("BAS16", "1.2", "yi") && holds("BAS16", "12000", "wan"));
        assert!(!holds("BAS16", "1.3", "yi"), "not what is kept");
        assert!(!holds("BAS16", "120000000", "person"), "another dimension");
        assert!(!holds("BAS16", "<b>", "yi") && !holds("BAS16", "1.2", "ell"));
        assert!(!holds("SC01", "1.2", "yi") && !holds("ZZ", "1.2", "yi"));
    }
}
