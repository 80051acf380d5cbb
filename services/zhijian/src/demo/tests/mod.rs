//! The generated region against the printed tables, and against itself.

mod cases;
mod catalogue;
mod grades;
mod panels;
mod relations;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::{Decimal, RoundingStrategy};

use super::{
    Fate, Figure, Level, OrganisationKind, Region, ReportKind, Role, School, SchoolKind, YearReport,
    region::{NEW_PROGRAMMES, PILOTS},
    reviews,
};

fn region() -> Region {
    Region::generate().expect("the demonstration data is sound")
}

fn of(region: &Region, year: i32, kind: ReportKind) -> impl Iterator<Item = &YearReport> {
    region.reports.iter().filter(move |report| report.year == year && report.kind == kind)
}

fn kind_of(level: Level) -> ReportKind {
    match level {
        Level::Higher => ReportKind::Higher,
        Level::Secondary => ReportKind::Secondary,
    }
}

/// The value of a cell; what does not apply counts as nothing.
fn number(report: &YearReport, code: &str) -> Decimal {
    match report.cells.get(code) {
        Some(Figure::Number(number)) => *number,
        Some(Figure::NotApplicable(_)) => Decimal::ZERO,
        Some(Figure::Choice(choice)) => panic!("{} has {choice} for {code}", report.label()),
        None => panic!("{} lacks {code}", report.label()),
    }
}

fn sum(region: &Region, year: i32, level: Level, code: &str) -> Decimal {
    of(region, year, kind_of(level)).map(|report| number(report, code)).sum()
}

/// A rate as tables print it.
fn percent(part: Decimal, whole: Decimal) -> Decimal {
    (part * Decimal::ONE_HUNDRED / whole).round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

#[test]
fn every_printed_figure_is_the_sum_or_the_weighted_mean_of_its_parts() {
    let region = region();
    let mut seen = 0;
    for (year, level, code, printed) in region.printed().figures() {
        let computed = match code {
            "SC04" => percent(sum(&region, year, level, "SC02"), sum(&region, year, level, "SC01")),
            "SC05" => percent(sum(&region, year, level, "SC03"), sum(&region, year, level, "SC01")),
            satisfaction if satisfaction.starts_with("SAT") => {
                let weighted: Decimal = of(&region, year, kind_of(level))
                    .map(|report| number(report, code) * number(report, "SAT01N"))
                    .sum();
                percent(weighted / Decimal::ONE_HUNDRED, sum(&region, year, level, "SAT01N"))
            }
            _ => sum(&region, year, level, code),
        };
        assert_eq!(computed, printed, "{code} of {level:?} in {year}");
        seen += 1;
    }
    // Tables 2-1 (31), 3-1 (10), 3-2 (9), 5-1 (13), 6-1 (16), 6-2 (12, two of them also in 2-1), figures (8).
    assert_eq!(seen, 31 + 10 + 9 + 13 + 16 + 12 - 2 + 8);
}

#[test]
fn there_are_as_many_of_everything_as_there_should_be() {
    let region = region();
    let schools = |kind| region.schools.iter().filter(|school| school.kind == kind).count();
    assert_eq!(
        [SchoolKind::HigherVocational, SchoolKind::SpecialisedSecondary, SchoolKind::VocationalHigh]
            .map(schools),
        [25, 23, 28]
    );
    let organisations = |kind| region.organisations.iter().filter(|one| one.kind == kind).count();
    assert_eq!(
        [
            OrganisationKind::Commission,
            OrganisationKind::DistrictCommission,
            OrganisationKind::EvaluationBody,
            OrganisationKind::Enterprise,
        ]
        .map(organisations),
        [1, 17, 6, 96]
    );
    let reports = |year| region.reports.iter().filter(|report| report.year == year).count();
    assert_eq!([2024, 2025, 2026].map(reports), [76, 189, 189]);
    assert_eq!(region.reviewers.len(), 60);
    let accounts = |role| region.accounts.iter().filter(|account| account.role == role).count();
    assert_eq!(
        [Role::School, Role::Reviewer, Role::Chair, Role::Publisher].map(accounts),
        [76 + 17, 60, 1, 2]
    );
    let opened = |years: std::ops::RangeInclusive<i32>| {
        region.programmes.iter().filter(|one| !one.pilot && years.contains(&one.opened_year)).count()
    };
    assert_eq!((opened(2022..=2024), opened(2025..=2025)), (182, 78));
    let withdrawn = |year: i32| region.programmes.iter().filter(|one| one.withdrawn_year == year).count();
    assert_eq!([2024, 2025, 2026].map(withdrawn), [9, 15, 5]);
    let pilots: Vec<_> = region.programmes.iter().filter(|programme| programme.pilot).collect();
    assert_eq!(pilots.len(), 44);
    assert!(pilots.iter().all(|programme| programme.level == Level::Higher && programme.opened_year < 2022));
}

#[test]
fn textbooks_and_pathways_are_the_printed_ones_at_invented_institutions() {
    let region = region();
    let mut counts: Vec<Decimal> = [ReportKind::Higher, ReportKind::Secondary]
        .into_iter()
        .flat_map(|kind| of(&region, 2025, kind).map(|report| number(report, "TBK01")).collect::<Vec<_>>())
        .filter(|count| !count.is_zero())
        .collect();
    let mut printed: Vec<Decimal> =
        region.printed().textbooks.values().map(|count| Decimal::from(*count)).collect();
    counts.sort_unstable();
    printed.sort_unstable();
    assert_eq!(counts, printed);

    let mut pathways: Vec<_> = region.programmes.iter().filter(|one| one.pathway.is_some()).collect();
    pathways.sort_by_key(|one| one.pathway.as_ref().map(|pathway| pathway.sequence));
    assert_eq!(pathways.len(), region.printed().pathways.len());
    for (programme, row) in pathways.iter().zip(&region.printed().pathways) {
        let pathway = programme.pathway.as_ref().expect("filtered");
        assert_eq!(
            (
                pathway.sequence,
                &programme.code,
                &programme.name.zh,
                pathway.places,
                &pathway.partner_programme
            ),
            (row.sequence, &row.code, &row.programme, row.places, &row.partner_programme),
        );
        assert!(pathway.partner.contains("演示") && programme.opened_year < 2022 && !programme.pilot);
    }
}

#[test]
fn codes_and_names_are_unique_and_labelled() {
    let region = region();
    let unique = |values: Vec<&str>| assert_eq!(values.iter().collect::<BTreeSet<_>>().len(), values.len());
    unique(region.organisations.iter().map(|one| one.code.as_str()).collect());
    unique(region.organisations.iter().map(|one| one.name.zh.as_str()).collect());
    unique(region.organisations.iter().map(|one| one.name.en.as_str()).collect());
    unique(region.accounts.iter().map(|one| one.sign_in_name.as_str()).collect());
    let programmes: Vec<String> =
        region.programmes.iter().map(|one| format!("{} {}", one.school, one.code)).collect();
    unique(programmes.iter().map(String::as_str).collect());

    let printed: BTreeSet<&str> = region
        .printed()
        .pathways
        .iter()
        .flat_map(|row| [row.school.as_str(), row.partner.as_str()])
        .collect();
    for organisation in &region.organisations {
        assert!(organisation.name.zh.contains("演示"), "{}", organisation.name.zh);
        assert!(organisation.name.en.contains("Demo"), "{}", organisation.name.en);
        let code = &organisation.code;
        assert!(code.len() == 10 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
        assert!(&code[2..4] == "11" || organisation.kind == OrganisationKind::Commission, "{code}");
        assert!(!printed.contains(organisation.name.zh.as_str()));
        let parent = &organisation.parent;
        assert!(parent.is_empty() || region.organisations.iter().any(|one| one.code == *parent));
    }
    assert!(region.accounts.iter().all(|account| account.display_name.contains("演示")));
    assert!(region.reports.iter().all(|report| report.declared_by.0.contains("演示")));
}

#[test]
fn histories_belong_to_schools_of_the_region() {
    let region = region();
    let all = crate::demo::histories::histories().expect("readable");
    let told: Vec<&School> =
        region.schools.iter().filter(|school| all.contains_key(&school.name.zh)).collect();
    assert_eq!(told.len(), all.len(), "each history has its school");
    let names: Vec<&str> = region.organisations.iter().map(|one| one.name.zh.as_str()).collect();
    for former in told.iter().flat_map(|school| &school.history.former_names) {
        assert!(former.name.zh.starts_with("演示") && former.name.en.starts_with("Demo "), "{former:?}");
        assert!(!names.contains(&former.name.zh.as_str()), "{former:?} is somebody's name in force");
        assert!(!former.to.is_empty() && former.from <= former.to, "{former:?}");
    }
    assert!(told.iter().any(|school| school.history.former_names.len() > 1));
}

#[test]
fn programmes_fit_their_schools() {
    let region = region();
    let levels: BTreeMap<&str, Level> =
        region.schools.iter().map(|school| (school.code.as_str(), school.kind.level())).collect();
    for programme in &region.programmes {
        assert_eq!(levels[programme.school.as_str()], programme.level);
        let digits = programme.code.trim_end_matches(['K', 'W']);
        assert!(digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{}", programme.code);
        let class: u32 = digits[..2].parse().expect("digits");
        assert!(match programme.level {
            Level::Higher => (41..60).contains(&class),
            Level::Secondary => (61..80).contains(&class),
        });
    }
    for report in
        [ReportKind::Higher, ReportKind::Secondary].into_iter().flat_map(|kind| of(&region, 2025, kind))
    {
        let registered =
            region.programmes.iter().filter(|one| one.runs() && one.school == report.organisation).count();
        assert!(number(report, "RES05") >= Decimal::from(registered), "{}", report.label());
    }
}

#[test]
fn reports_do_not_contradict_themselves() {
    let region = region();
    let at_most = [
        ("SC03", "SC02"),
        ("SC02", "SC01"),
        ("SC01", "BAS02"),
        ("BAS05", "BAS04"),
        ("BAS04", "POL06"),
        ("SAT01N", "BAS02"),
        ("TBK01", "RES15"),
        ("COP09", "RES05"),
        ("COP11", "BAS02"),
        ("COP03", "BAS11"),
        ("INT09", "INT17"),
        ("INT01", "BAS02"),
        ("SVC18", "BAS02"),
        ("COP12", "SC02"),
        ("SC07N", "SVC01"),
        ("SC08N", "SC02"),
        ("SVC11", "SVC10"),
        ("RES14", "RES13"),
        ("RES15", "RES13"),
        ("RES16", "RES13"),
        ("TBK01", "RES14"),
        ("RES03N", "POL06"),
        ("POL01", "BAS02"),
        ("POL03", "POL02"),
        ("POL06", "POL05"),
        ("POL07", "POL06"),
        ("POL11", "POL01"),
        ("POL20", "POL19"),
        ("INT02", "RES05"),
        ("SAT07N", "SC01"),
        ("SAT09N", "POL05"),
        ("SAT10N", "COP01"),
        ("SAT11N", "BAS02"),
    ];
    // The featured school's draft of 2026 holds two slips, for a visitor to find with the checks.
    let meant = |report: &YearReport| report.year == 2026 && report.subject == region.featured_school;
    for report in region.reports.iter().filter(|report| report.year >= 2025 && !meant(report)) {
        for (less, more) in at_most {
            if report.cells.contains_key(less) && report.cells.contains_key(more) {
                assert!(number(report, less) <= number(report, more), "{}: {less} > {more}", report.label());
            }
        }
        if report.cells.contains_key("SAT01") {
            let parts = ["SAT02", "SAT04", "SAT05", "SAT06"].map(|code| number(report, code));
            let overall = number(report, "SAT01");
            assert!(parts.iter().any(|part| *part <= overall) && parts.iter().any(|part| *part >= overall));
            assert!(parts.iter().all(|part| *part <= Decimal::ONE_HUNDRED));
            assert!(number(report, "SVC15").is_zero() || !number(report, "SVC17").is_zero());
            relations::destinations_agree(report);
        }
        for figure in report.cells.values() {
            match figure {
                Figure::Number(number) => assert!(!number.is_sign_negative() && number.scale() <= 2),
                Figure::Choice(choice) => assert!(!choice.is_empty()),
                Figure::NotApplicable(reason) => assert!(reason.chars().count() >= 4),
            }
        }
    }
}

#[test]
fn few_figures_change_by_more_than_thirty_percent() {
    let region = region();
    for (year, share) in [(2025, 12), (2026, 12)] {
        let (mut compared, mut jumped, mut schools) = (0, 0, BTreeSet::new());
        for report in region.reports.iter().filter(|report| report.year == year) {
            let Some(last) = region.reports.iter().find(|one| {
                one.year == year - 1 && (one.kind, &one.subject) == (report.kind, &report.subject)
            }) else {
                continue;
            };
            for (code, figure) in &report.cells {
                if let (Figure::Number(now), Some(Figure::Number(before))) = (figure, last.cells.get(code))
                    && *before > Decimal::ZERO
                {
                    compared += 1;
                    if (*now - *before).abs() > *before * Decimal::new(30, 2) {
                        jumped += 1;
                        schools.insert(&report.subject);
                    }
                }
            }
        }
        assert!(compared > 300, "{compared}");
        assert!(jumped * share < compared, "{jumped} of {compared} in {year}");
    }
}

#[test]
fn sizes_differ_as_real_ones_do() {
    let region = region();
    for level in [Level::Higher, Level::Secondary] {
        let mut sizes: Vec<u64> =
            region.schools.iter().filter(|one| one.kind.level() == level).map(|one| one.enrolment).collect();
        sizes.sort_unstable();
        assert!(sizes[sizes.len() - 1] > 8 * sizes[0], "{sizes:?}");
    }
    // What is rare is rare: one piece of equipment in one school, five campuses in four.
    let holders = |code: &str| {
        of(&region, 2025, ReportKind::Higher).filter(|report| !number(report, code).is_zero()).count()
    };
    assert_eq!(["INT08", "INT09", "INT17", "INT10", "INT11"].map(holders), [1, 4, 7, 7, 7]);
}

#[test]
fn reports_have_their_sections_and_readable_texts() {
    let region = region();
    for report in &region.reports {
        let expected = if matches!(report.kind, ReportKind::Higher | ReportKind::Secondary) { 9 } else { 5 };
        assert_eq!(report.sections.len(), expected);
        for (code, body) in &report.sections {
            let length = body.chars().count();
            assert!((30..600).contains(&length), "{} {code}: {body}", report.label());
            assert!(body.contains("演示文本") && !body.contains(['{', '}']), "{body}");
        }
    }
}

#[test]
fn the_proofreader_finds_nothing_in_the_texts() {
    for report in region().reports {
        let day = |year, month, day| chrono::NaiveDate::from_ymd_opt(year, month, day).expect("a date");
        let window =
            zhijian_proofreader::Window { from: day(report.year - 1, 9, 1), to: day(report.year, 8, 31) };
        let options = zhijian_proofreader::Options { window: Some(window), ..Default::default() };
        for (code, body) in &report.sections {
            let findings = zhijian_proofreader::check(body, &options);
            assert!(findings.is_empty(), "{} {code}: {body}\n{findings:?}", report.label());
        }
    }
}

#[test]
fn reports_of_2026_are_in_every_state() {
    let region = region();
    let states = |reports: Vec<&YearReport>| -> BTreeSet<&'static str> {
        let name = |fate: &Fate| match fate {
            Fate::NotStarted => "not started",
            Fate::Draft { .. } => "draft",
            Fate::Approved => "approved",
            Fate::Submitted => "submitted",
            Fate::UnderReview => "under review",
            Fate::Returned { .. } => "returned",
            Fate::Accepted => "accepted",
        };
        reports.into_iter().map(|report| name(&report.fate)).collect()
    };
    assert_eq!(states(of(&region, 2026, ReportKind::Higher).collect()).len(), 7);
    assert_eq!(states(of(&region, 2026, ReportKind::Secondary).collect()).len(), 7);
    let mine = region
        .reports
        .iter()
        .filter(|report| report.year == 2026 && report.organisation == region.featured_school);
    assert_eq!(states(mine.collect()).len(), 4);
    assert!(region.reports.iter().filter(|one| one.year < 2026).all(|one| one.fate == Fate::Accepted));
}

#[test]
fn experts_can_carry_the_rounds_and_conflicts_occur() {
    let region = region();
    let capacity: i32 = region.reviewers.iter().map(|reviewer| reviewer.max_load).sum();
    let of_2026 =
        region.programmes.iter().filter(|one| !one.pilot && (2023..=2025).contains(&one.opened_year));
    assert!(capacity > 3 * 182 && capacity as usize > 3 * of_2026.count());
    let schools: BTreeSet<&str> = region.schools.iter().map(|school| school.code.as_str()).collect();
    let conflicting = region
        .reviewers
        .iter()
        .filter(|one| {
            std::iter::once(&one.employer)
                .chain(&one.past_employers)
                .any(|code| schools.contains(code.as_str()))
        })
        .count();
    assert!((20..50).contains(&conflicting), "{conflicting}");
    let first = &region.reviewers[0];
    assert!(first.sign_in_name == "reviewer" && !schools.contains(first.employer.as_str()));
    // Somebody knows each class that is taught.
    for programme in &region.programmes {
        let class = &programme.code[..2];
        assert!(
            region.reviewers.iter().any(|one| one.expertise.iter().any(|known| known == class)),
            "{class}"
        );
    }
}

#[test]
fn the_region_is_the_same_every_time() {
    let (one, other) = (region(), region());
    assert_eq!(format!("{:?}", one.reports), format!("{:?}", other.reports));
    assert_eq!(format!("{:?}", one.programmes), format!("{:?}", other.programmes));
    assert_eq!(format!("{:?}", one.organisations), format!("{:?}", other.organisations));
}
