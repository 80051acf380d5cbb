//! The map over invented programmes.

use proptest::prelude::*;
use zhijian_platform::{
    Text,
    rules::{RulesDir, RulesError},
};

use super::{
    filter::{Change, Filter, Graded, Level, NO_INDUSTRY},
    rules::{Industries, Library, shared},
    supply::{Counted, Grade, Item, Programme, Standing},
};

const SHIPPED: &str = include_str!("../../../industries/2025.toml");

fn rules() -> Industries {
    Library::load(&RulesDir::default()).expect("sound").of(2025).expect("rules").clone()
}

fn programme(code: &str, organisation: &str, opened: i32, withdrawn: Option<i32>) -> Programme {
    let level = if code.starts_with(['6', '7']) { Level::Secondary } else { Level::Higher };
    Programme {
        id: format!("prg_{organisation}_{code}"),
        code: code.to_owned(),
        name: Text::new(code, code),
        level,
        organisation: organisation.to_owned(),
        opened,
        withdrawn,
    }
}

fn item<'a>(rules: &'a Industries, programme: &'a Programme, grade: Option<&'a Grade>) -> Item<'a> {
    let sector = rules.sector_of(&programme.code).and_then(|one| Some((one, rules.industry(&one.industry)?)));
    Item {
        programme,
        district: if programme.organisation == "a" { "云川区" } else { "望湖区" },
        sector,
        grade,
    }
}

#[test]
fn the_shipped_classification_has_what_the_report_counts() {
    let rules = rules();
    assert_eq!((rules.areas.len(), rules.industries.len(), rules.sectors.len()), (3, 17, 47));
    assert_eq!(rules.major_classes.len(), 19);
    assert!(rules.editorial);
}

#[test]
fn the_longest_prefix_decides_and_levels_share_their_ordinal() {
    let rules = rules();
    let sector = |code: &str| rules.sector_of(code).map(|one| one.code.as_str());
    assert_eq!(sector("510203"), sector("710203"));
    assert_eq!(sector("510203"), sector("310203"));
    assert_ne!(sector("510203"), sector("510209"));
    // Six digits are that very code: 710209 is not 人工智能 for want of a rule of its own.
    assert_eq!(sector("710209"), sector("710203"));
    assert_eq!(sector("760207W"), sector("560213"));
    assert_eq!((sector("480101"), sector(""), sector("专业")), (None, None, None));
    assert_eq!(
        (shared("710205"), shared("310205"), shared("510205")),
        ("510205".into(), "510205".into(), "510205".into())
    );
}

#[test]
fn a_fault_is_told_with_its_file_and_key() {
    let load = |text: &str| -> Result<Library, RulesError> {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let folder = directory.path().join("publication/industries");
        std::fs::create_dir_all(&folder).expect("made");
        std::fs::write(folder.join("2025.toml"), text).expect("written");
        Library::load(&RulesDir::new(Some(directory.path().to_owned())))
    };
    for (from, to, key) in [
        ("area = \"advanced\"", "area = \"nowhere\"", "industry.it.area"),
        ("industry = \"it\"", "industry = \"no\"", "sector.it-1.industry"),
        ("classes = [\"5102\"]", "classes = []", "sector.it-1.classes"),
        ("classes = [\"5102\"]", "classes = [\"5101\"]", "sector.it-3.classes"),
        ("classes = [\"5102\"]", "classes = [\"7102\"]", "sector.it-1.classes"),
        ("code = \"it-2\"", "code = \"it-1\"", "sector.it-1"),
        ("thin_below = 3", "thin_below = 0", "thin_below"),
        ("row = 1\ncolumn = 3", "row = 1\ncolumn = 2", "tile.松石区"),
        ("code = \"41\"", "code = \"81\"", "major_class.81"),
    ] {
        assert!(SHIPPED.contains(from), "{from}");
        let error = load(&SHIPPED.replacen(from, to, 1)).expect_err(key).to_string();
        assert!(error.contains("publication/industries/2025.toml") && error.contains(key), "{key}: {error}");
    }
}

#[test]
fn programmes_are_counted_where_they_belong() {
    let rules = rules();
    let programmes = [
        programme("510203", "a", 2015, None),
        programme("710203", "b", 2025, None),
        programme("510203", "b", 2015, Some(2025)),
        programme("480101", "b", 2010, None),
        programme("450201", "a", 2026, None),
    ];
    let grade = Grade { grade: "A+".into(), group: "A".into(), year: 2025 };
    let items =
        || programmes.iter().enumerate().map(|(n, one)| item(&rules, one, (n == 0).then_some(&grade)));
    let filter = Filter { year: 2025, ..Filter::default() };
    let all = Counted::of(&rules, &filter, items());
    assert_eq!(
        (all.total.programmes, all.total.opened, all.total.withdrawn, all.total.institutions()),
        (3, 1, 1, 2)
    );
    assert_eq!(all.industries["it"].programmes, 2);
    assert_eq!(all.unmatched.programmes, 1);
    assert_eq!(all.flows[&("51".to_owned(), "it".to_owned())], 2);
    assert_eq!(all.cells[&("it".to_owned(), "云川区".to_owned())], 1);
    assert_eq!(all.total.grades().collect::<Vec<_>>(), [("A+", "A", 1)]);
    assert_eq!((all.standing("it-1"), all.standing("utilities-2")), (Standing::Thin, Standing::Gap));

    let of = |filter: Filter| Counted::of(&rules, &filter, items()).total.programmes;
    assert_eq!(of(Filter { level: Some(Level::Secondary), ..filter.clone() }), 1);
    assert_eq!(of(Filter { change: Change::Withdrawn, ..filter.clone() }), 1);
    assert_eq!(of(Filter { change: Change::New, ..filter.clone() }), 1);
    assert_eq!(of(Filter { industry: Some(NO_INDUSTRY.into()), ..filter.clone() }), 1);
    assert_eq!(of(Filter { graded: Some(Graded::Group("A".into())), ..filter.clone() }), 1);
    assert_eq!(of(Filter { graded: Some(Graded::Grade("A".into())), ..filter.clone() }), 0);
    assert_eq!(of(Filter { district: Some("云川区".into()), area: Some("city".into()), ..filter }), 0);
}

#[test]
fn what_many_institutions_run_is_crowded() {
    let rules = rules();
    let many = rules.crowded_institutions;
    let programmes: Vec<Programme> =
        (0..many).map(|n| programme("510203", &format!("s{n}"), 2015, None)).collect();
    let filter = Filter { year: 2025, ..Filter::default() };
    let counted = |from: usize| {
        Counted::of(&rules, &filter, programmes[from..].iter().map(|one| item(&rules, one, None)))
    };
    assert_eq!(counted(0).crowded[0].institutions, many);
    assert!(counted(1).crowded.is_empty());
}

proptest! {
    #[test]
    fn every_programme_is_counted_once_everywhere(
        picked in proptest::collection::vec((41_u32..80, 1_u32..10, 1_u32..20, 0_usize..4, 2020_i32..2028, proptest::option::of(2021_i32..2028)), 0..60)
    ) {
        let rules = rules();
        let programmes: Vec<Programme> = picked.iter().map(|(major, class, own, school, opened, withdrawn)| {
            programme(&format!("{major}{class:02}{own:02}"), ["a", "b", "c", "d"][*school], *opened, *withdrawn)
        }).collect();
        for change in [Change::Running, Change::New, Change::Withdrawn] {
            let filter = Filter { year: 2025, change, ..Filter::default() };
            let counted = Counted::of(&rules, &filter, programmes.iter().map(|one| item(&rules, one, None)));
            let total = counted.total.programmes;
            let by = |parts: Vec<usize>| parts.into_iter().sum::<usize>();
            prop_assert_eq!(by(counted.sectors.values().map(|one| one.programmes).collect()) + counted.unmatched.programmes, total);
            prop_assert_eq!(by(counted.industries.values().map(|one| one.programmes).collect()) + counted.unmatched.programmes, total);
            prop_assert_eq!(by(counted.districts.values().map(|one| one.programmes).collect()), total);
            prop_assert_eq!(by(counted.flows.values().copied().collect()), total);
            prop_assert_eq!(by(counted.cells.values().copied().collect()) + counted.unmatched.programmes, total);
        }
    }
}
