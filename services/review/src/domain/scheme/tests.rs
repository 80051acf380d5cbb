//! Shipped schemes are sound; faults name file and key.

use zhijian_platform::rules::RulesDir;

use super::{
    loading::{FOLDER, SHIPPED},
    *,
};
use crate::domain::grading::{Join, Rank, TieRule};

fn shipped() -> Definition {
    let schemes = Schemes::load(&RulesDir::default()).expect("the shipped schemes are sound");
    schemes.get("new-programme-monitoring").expect("it is shipped").definition().clone()
}

#[test]
fn the_shipped_schemes_score_ten_elements_into_nine_bands() {
    let schemes = Schemes::load(&RulesDir::default()).expect("the shipped schemes are sound");
    assert_eq!(schemes.codes(), "new-programme-monitoring, pilot-monitoring, teaching-monitoring");
    for scheme in schemes.iter() {
        assert_eq!(scheme.elements().len(), 10);
        assert_eq!(scheme.bands().len(), 9);
        assert_eq!(scheme.passing_line(), Decimal::from(65));
    }
}

fn trimmed(trim: usize) -> Grading {
    Grading { join: Join::TrimmedMean, trim, ..Grading::default() }
}

fn ranked(places: Vec<usize>, percentiles: &[i64]) -> Option<Rank> {
    let percentiles = percentiles.iter().map(|share| Decimal::from(*share)).collect();
    Some(Rank { places, percentiles, ties: TieRule::Up })
}

#[test]
fn a_bad_scheme_names_the_key() {
    let fault = |change: fn(&mut Definition)| {
        let mut definition = shipped();
        change(&mut definition);
        Scheme::new(definition).expect_err("refused").key
    };
    assert_eq!(fault(|d| d.code = "监测".into()), "code");
    assert_eq!(fault(|d| d.name.en = " ".into()), "name");
    assert_eq!(fault(|d| d.panel_size = 0), "panel_size");
    assert_eq!(fault(|d| d.arbitration_spread = Decimal::from(-1)), "arbitration_spread");
    assert_eq!(
        fault(|d| d.selection.as_mut().expect("programmes").opened_from = Some(0)),
        "selection.opened_from"
    );
    assert_eq!(fault(|d| d.rectification.plan_working_days = 0), "rectification.plan_working_days");
    assert_eq!(fault(|d| d.elements[7].weight = Decimal::ZERO), "elements.faculty.weight");
    assert_eq!(fault(|d| d.elements[7].weight = Decimal::ONE), "elements.weight");
    assert_eq!(fault(|d| d.elements[1].code = "specification".into()), "elements.specification.code");
    assert_eq!(fault(|d| d.elements[7].description.zh.clear()), "elements.faculty.description");
    assert_eq!(fault(|d| d.bands[1].cut_off = Decimal::from(96)), "bands.A.cut_off");
    assert_eq!(fault(|d| d.bands.truncate(8)), "bands.C.cut_off");
    assert_eq!(fault(|d| d.bands[0].group.clear()), "bands.A+.group");
    assert_eq!(fault(|d| d.grading.trim = 1), "grading.trim");
    assert_eq!(fault(|d| d.grading = trimmed(2)), "grading.trim");
    assert_eq!(fault(|d| d.grading.rank = ranked(vec![], &[])), "grading.rank");
    assert_eq!(fault(|d| d.grading.rank = ranked(vec![1, 2], &[])), "grading.rank.places");
    assert_eq!(
        fault(|d| d.grading.rank = ranked(vec![], &[9, 8, 10, 20, 30, 40, 50, 60])),
        "grading.rank.percentiles"
    );
}

#[test]
fn a_directory_overrides_and_adds_schemes_and_its_faults_name_the_file() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let folder = directory.path().join(FOLDER);
    std::fs::create_dir_all(&folder).expect("made");
    let rules = RulesDir::new(Some(directory.path().to_owned()));
    let text = |panel: &str, code: &str| {
        SHIPPED[1].1.replace("panel_size = 3", panel).replace("pilot-monitoring", code)
    };
    std::fs::write(folder.join("pilot-monitoring.toml"), text("panel_size = 5", "pilot-monitoring"))
        .expect("written");
    std::fs::write(folder.join("city.toml"), text("panel_size = 1", "city")).expect("written");
    let schemes = Schemes::load(&rules).expect("sound");
    assert_eq!(schemes.codes(), "city, new-programme-monitoring, pilot-monitoring, teaching-monitoring");
    assert_eq!(schemes.get("pilot-monitoring").expect("there").definition().panel_size, 5);

    for (content, named) in [
        (text("panel_size = 99", "city"), "panel_size"),
        (text("panel_sise = 3", "city"), "panel_sise"),
        (text("panel_size = 3", "town"), "code"),
    ] {
        std::fs::write(folder.join("city.toml"), content).expect("written");
        let error = Schemes::load(&rules).expect_err("refused").to_string();
        assert!(error.contains("review/schemes/city.toml") && error.contains(named), "{error}");
    }
}
