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
fn the_shipped_schemes_are_sound_and_the_monitorings_score_ten_elements_into_nine_bands() {
    let schemes = Schemes::load(&RulesDir::default()).expect("the shipped schemes are sound");
    assert_eq!(
        schemes.codes(),
        "case-selection, new-programme-monitoring, pilot-monitoring, private-inspection, project-acceptance, \
         report-review, social-service, teaching-monitoring, textbook-selection"
    );
    for scheme in schemes.iter().filter(|scheme| scheme.code().ends_with("-monitoring")) {
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
    assert_eq!(fault(|d| d.panel.recent_years = 99), "panel.recent_years");
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
        SHIPPED[2].1.replace("panel_size = 3", panel).replace("pilot-monitoring", code)
    };
    std::fs::write(folder.join("pilot-monitoring.toml"), text("panel_size = 5", "pilot-monitoring"))
        .expect("written");
    std::fs::write(folder.join("city.toml"), text("panel_size = 1", "city")).expect("written");
    let schemes = Schemes::load(&rules).expect("sound");
    assert!(
        schemes.codes().starts_with("case-selection, city, new-programme-monitoring, "),
        "{}",
        schemes.codes()
    );
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

/// A shipped scheme with one text changed for another, and where the fault of that is found.
fn fault_of(code: &str, from: &str, to: &str) -> String {
    let name = format!("{FOLDER}/{code}.toml");
    let shipped = SHIPPED.iter().find(|(known, _)| *known == name).expect("it is shipped").1;
    assert!(shipped.contains(from), "{code} has no {from:?}");
    let directory = tempfile::tempdir().expect("a temporary directory");
    std::fs::create_dir_all(directory.path().join(FOLDER)).expect("made");
    std::fs::write(directory.path().join(&name), shipped.replacen(from, to, 1)).expect("written");
    let error =
        Schemes::load(&RulesDir::new(Some(directory.path().to_owned()))).expect_err("refused").to_string();
    let rest = error.strip_prefix(&format!("{name}: ")).unwrap_or_else(|| panic!("{error}: names no file"));
    rest.to_owned()
}

#[test]
fn a_mistake_in_a_procedure_is_told_with_file_and_key() {
    for (code, from, to, key) in [
        // Steps in order, none skipped.
        (
            "social-service",
            "to = \"audit\"",
            "to = \"file\"",
            "procedure.steps.approve.outcomes.approve.to: it leads past audit",
        ),
        (
            "social-service",
            "to = \"evaluate\"",
            "to = \"completed\"",
            "procedure.steps.distribute.outcomes.distribute.to",
        ),
        (
            "social-service",
            "to = \"approve\" }",
            "to = \"nowhere\" }",
            "procedure.steps.apply.outcomes.submit.to: there is no",
        ),
        (
            "social-service",
            "to = \"approve\" }",
            "to = \"apply\" }",
            "procedure.steps.apply.outcomes.submit.to",
        ),
        // Guards speak of what is there.
        (
            "social-service",
            "at_most = [\"approve.approved\"]",
            "at_most = [\"approve.aproved\"]",
            "procedure.steps.distribute.guards[0].at_most",
        ),
        (
            "social-service",
            "at_most = [\"approve.approved\"]",
            "at_most = []",
            "procedure.steps.distribute.guards[0].at_most",
        ),
        (
            "social-service",
            "at_most = [\"apply.claim\"]",
            "at_most = [\"distribute.shares\"]",
            "procedure.steps.approve.guards[0].at_most",
        ),
        (
            "social-service",
            "taken = { step = \"audit\", by = [\"pass\"] }",
            "taken = { step = \"audit\", by = [\"passed\"] }",
            "procedure.steps.file.guards[0].taken.by",
        ),
        (
            "social-service",
            "taken = { step = \"audit\",",
            "taken = { step = \"evaluate\",",
            "procedure.steps.file.guards[0].taken.step",
        ),
        (
            "social-service",
            "kind = \"shares\", unit = { zh = \"万元\"",
            "kind = \"shares\", unit = { zh = \"元\"",
            "procedure.steps.distribute.guards[0].sum",
        ),
        // The review goes by the grades of the scheme.
        (
            "social-service",
            "grades = [\"优秀\", \"合格\"]",
            "grades = [\"优秀\"]",
            "procedure.steps.evaluate.outcomes.grades",
        ),
        (
            "social-service",
            "grades = [\"优秀\", \"合格\"]",
            "grades = [\"优秀\", \"合格\", \"良好\"]",
            "procedure.steps.evaluate.outcomes.good.grades",
        ),
        (
            "social-service",
            "review = true",
            "review = false",
            "procedure.steps.evaluate.outcomes.good.grades",
        ),
        ("social-service", "actor = \"chair\"", "actor = \"school\"", "procedure.steps.evaluate.actor"),
        ("social-service", "actor = \"chair\"", "actor = \"headmaster\"", "TOML parse error"),
        ("social-service", "working_days = 30", "working_days = 0", "procedure.steps.audit.working_days"),
        ("social-service", "gather = \"applications\"", "gather = \"programmes\"", "selection"),
        ("social-service", "comment = true }", "coment = true }", "TOML parse error"),
        // Ends and steps are all reached.
        ("social-service", "code = \"reduced\"", "code = \"lapsed\"", "procedure.ends.lapsed.code"),
        (
            "report-review",
            "to = \"improve\"",
            "to = \"satisfactory\"",
            "procedure.steps.improve.code: nothing leads",
        ),
        (
            "textbook-selection",
            "to = \"selected\" }",
            "to = \"recommended\" }",
            "procedure.ends.selected.code: nothing leads",
        ),
        // What is brought.
        (
            "textbook-selection",
            "{ code = \"printed\",",
            "{ code = \"digital\",",
            "procedure.steps.nominate.fields.form.options",
        ),
        (
            "case-selection",
            "max_length = 1000",
            "max_length = 0",
            "procedure.steps.offer.fields.text.max_length",
        ),
        // Criteria, levels and the numbers that give points.
        (
            "private-inspection",
            "field = \"self-assessment.placement-rate\"",
            "field = \"self-assessment.placement\"",
            "elements.students.criteria.employment.quantity.field",
        ),
        (
            "private-inspection",
            "field = \"self-assessment.placement-rate\"",
            "field = \"apply.summary\"",
            "elements.students.criteria.employment.quantity.field",
        ),
        (
            "private-inspection",
            "standard = \"90\"",
            "standard = \"60\"",
            "elements.students.criteria.employment.quantity.restricted",
        ),
        ("private-inspection", "weight = \"0.4\"", "weight = \"0.5\"", "elements.students.criteria.weight"),
        (
            "private-inspection",
            "from = \"60\"",
            "from = \"90\"",
            "elements.programmes.criteria.layout.anchors",
        ),
        ("private-inspection", "from = \"0\"", "from = \"5\"", "elements.programmes.criteria.layout.anchors"),
        ("case-selection", "places = [68]", "places = [68, 2]", "grading.rank.places"),
    ] {
        let found = fault_of(code, from, to);
        assert!(found.starts_with(key), "{code}, {to}: {found}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// Of however many cases, no more are chosen than there are places, none worse than one that is not, and none is
    /// left for another reason than the places or a tie at the last of them.
    #[test]
    fn a_quota_takes_the_best_and_never_too_many(points in proptest::collection::vec(0..1000_i64, 1..160)) {
        let schemes = Schemes::load(&RulesDir::default()).expect("sound");
        let scheme = schemes.get("case-selection").expect("shipped");
        let sheet = |(entry, points): (usize, &i64)| zhijian_grading::Sheet {
            entry,
            reviewer: 0,
            scores: vec![Decimal::new(*points, 1); scheme.elements().len()],
        };
        let sheets: Vec<_> = points.iter().enumerate().map(sheet).collect();
        // One reviewer scores everything, so that calibration has nothing to compare and takes nothing off.
        let rules = scheme.definition().grading.rules();
        let result = zhijian_grading::grade_round(scheme.rubric(), points.len(), &sheets, &rules).expect("graded");
        let bands: Vec<usize> = result.grades.iter().flatten().map(|grade| grade.grade.band).collect();
        let chosen: Vec<i64> = points.iter().zip(&bands).filter(|(_, band)| **band == 0).map(|(one, _)| *one).collect();
        let left: Vec<i64> = points.iter().zip(&bands).filter(|(_, band)| **band == 1).map(|(one, _)| *one).collect();
        proptest::prop_assert!(chosen.len() <= 68);
        if let (Some(worst), Some(best)) = (chosen.iter().min(), left.iter().max()) {
            proptest::prop_assert!(worst > best, "a tie is never split");
        }
        if let Some(best) = left.iter().max() {
            let tied = left.iter().filter(|one| *one == best).count();
            proptest::prop_assert!(chosen.len() + tied > 68, "a place stays empty without a tie at the bound");
        }
    }
}
