//! The relations among the figures that no table prints.

use rust_decimal::Decimal;

use super::{ReportKind, YearReport, number, of, percent, region};

/// Everybody who is placed went somewhere, and who works is in one of three sectors.
pub(super) fn destinations_agree(report: &YearReport) {
    let label = report.label();
    let value = |code: &str| number(report, code);
    assert!(value("SVC01") + value("SC03") + value("SC13N") <= value("SC02"), "{label}");
    assert!(value("SVC02") + value("SVC03") <= value("SVC01"), "{label}");
    assert_eq!(value("SC10") + value("SC11") + value("SC12"), value("SVC01"), "{label}");
    assert!(value("POL16").is_zero() || !value("POL17").is_zero() && !value("POL18").is_zero(), "{label}");
    assert!(value("BAS01") > Decimal::ZERO && value("BAS19") > Decimal::ZERO, "{label}");
    if report.kind == ReportKind::Secondary {
        let rates = percent(value("SC02"), value("SC01")) - percent(value("SC03"), value("SC01"));
        let working = percent(value("SVC01"), value("SC01"));
        assert!((rates - working).abs() <= Decimal::new(1, 2), "{label}: as printed, no other destinations");
    }
}

#[test]
fn enrolment_grows_by_who_comes_less_who_goes() {
    let region = region();
    for report in region.reports.iter().filter(|one| one.year == 2026 && one.cells.contains_key("BAS01")) {
        let last = region
            .reports
            .iter()
            .find(|one| one.year == 2025 && (one.kind, &one.subject) == (report.kind, &report.subject))
            .expect("every school reported before");
        let expected = number(last, "BAS02") + number(report, "BAS01") - number(report, "SC01");
        let off = (number(report, "BAS02") - expected).abs() / number(report, "BAS02");
        assert!(off <= Decimal::new(10, 2), "{}: {off}", report.label());
    }
}

#[test]
fn surveys_are_whole_or_left_out() {
    let region = region();
    let mut left_out = 0;
    for report in
        [ReportKind::Higher, ReportKind::Secondary].into_iter().flat_map(|kind| of(&region, 2026, kind))
    {
        for survey in 1..=11 {
            let parts = ["", "N", "M"].map(|part| {
                let code = format!("SAT{survey:02}{part}");
                report.cells.iter().any(|(present, _)| *present == code)
            });
            assert!(parts.iter().all(|part| *part == parts[0]), "{}: SAT{survey:02}", report.label());
            left_out += usize::from(!parts[0]);
        }
    }
    assert!((20..120).contains(&left_out), "{left_out}");
}
