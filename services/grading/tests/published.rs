//! The tables that a region printed, as golden counts: scores of those grades come out as those grades, and shares come from
//! the counts, where the report made some of them add up.

use rust_decimal::Decimal;
use zhijian_grading::{Band, Distribution, Element, Rubric, Rules, Sheet, grade_round, share};

/// Table 2-2: the grades of 182 new programmes.
const NEW: &str = include_str!("../../zhijian/demo-data/beijing-2025/t2-2.csv");
/// Table 2-3: the grades of 44 diploma pilots.
const PILOTS: &str = include_str!("../../zhijian/demo-data/beijing-2025/t2-3.csv");

const CUT_OFFS: [(&str, i64); 9] =
    [("A+", 95), ("A", 90), ("A-", 85), ("B+", 80), ("B", 75), ("B-", 70), ("C+", 65), ("C", 60), ("C-", 0)];

/// A row of a table as it was printed.
struct Printed<'a> {
    grade: &'a str,
    count: usize,
    share: &'a str,
    group: &'a str,
    group_count: usize,
    group_share: &'a str,
}

fn rows(table: &str) -> Vec<Printed<'_>> {
    let rows = table.lines().skip(1).filter(|line| !line.starts_with("合计"));
    rows.map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        Printed {
            grade: cells[0],
            count: cells[1].parse().unwrap(),
            share: cells[2].trim_end_matches('%'),
            group: cells[3],
            group_count: cells[4].parse().unwrap(),
            group_share: cells[5].trim_end_matches('%'),
        }
    })
    .collect()
}

fn rubric() -> Rubric {
    let elements = ["setting", "teaching", "faculty", "assurance"]
        .map(|code| Element { code: code.into(), weight: Decimal::new(25, 2) });
    let bands = CUT_OFFS.map(|(grade, cut_off)| Band {
        grade: grade.into(),
        group: grade[..1].into(),
        cut_off: Decimal::from(cut_off),
    });
    Rubric::new(elements.into(), bands.into()).unwrap()
}

/// Panels of three whose middle scores are spread over the bands as printed, from the cut-off itself upwards; graded.
fn graded(rubric: &Rubric, printed: &[Printed<'_>]) -> Distribution {
    let mut sheets = Vec::new();
    let mut entry = 0;
    for row in printed {
        let cut_off = CUT_OFFS.iter().find(|(grade, _)| *grade == row.grade).unwrap().1.max(40);
        for nth in 0..row.count {
            let middle = Decimal::from(cut_off) + Decimal::new(nth as i64 % 50, 1);
            for (place, other) in [(-3, 0), (0, 1), (3, 2)] {
                let score = (middle + Decimal::from(place)).min(Decimal::ONE_HUNDRED);
                sheets.push(Sheet { entry, reviewer: (entry + other) % 60, scores: vec![score; 4] });
            }
            entry += 1;
        }
    }
    let result = grade_round(rubric, entry, &sheets, &Rules::default()).unwrap();
    Distribution::new(rubric, result.grades.into_iter().map(|grade| grade.unwrap().grade.band))
}

/// The shares that do not come from their counts: what is printed, and what is right.
fn made_up(rows: &[Printed<'_>], distribution: &Distribution) -> Vec<(String, String)> {
    let mut wrong = Vec::new();
    for row in rows {
        let count = |counts: &[zhijian_grading::Count], name: &str| {
            counts.iter().find(|one| one.name == name).map(|one| one.count).unwrap()
        };
        assert_eq!(count(&distribution.grades, row.grade), row.count, "{}", row.grade);
        assert_eq!(count(&distribution.groups, row.group), row.group_count, "{}", row.group);
        for (count, printed) in [(row.count, row.share), (row.group_count, row.group_share)] {
            let decimals = printed.split_once('.').map_or(0, |(_, tail)| tail.len() as u32);
            let right = share(count, distribution.total, decimals).unwrap().to_string();
            if right != printed {
                wrong.push((printed.to_owned(), right));
            }
        }
    }
    wrong.dedup();
    wrong
}

#[test]
fn the_182_new_programmes_come_out_as_printed_and_their_shares_sum_to_99_9() {
    let (rubric, rows) = (rubric(), rows(NEW));
    let distribution = graded(&rubric, &rows);
    assert_eq!(distribution.total, 182);
    assert_eq!(made_up(&rows, &distribution), []);
    let shares = distribution.grades.iter().map(|one| share(one.count, 182, 1).unwrap());
    assert_eq!(shares.sum::<Decimal>().to_string(), "99.9");
}

#[test]
fn the_44_pilots_come_out_as_printed_but_for_the_shares_that_were_made_to_add_up() {
    let (rubric, rows) = (rubric(), rows(PILOTS));
    let distribution = graded(&rubric, &rows);
    assert_eq!(distribution.total, 44);
    let wrong = made_up(&rows, &distribution);
    let wrong: Vec<_> = wrong.iter().map(|(printed, right)| (printed.as_str(), right.as_str())).collect();
    assert!(wrong.contains(&("70.46", "70.45")) && wrong.contains(&("29.54", "29.55")), "{wrong:?}");
    assert!(wrong.iter().all(|(printed, _)| ["70.46", "29.54"].contains(printed)), "{wrong:?}");
    // The bands that nobody is in are counted all the same.
    assert_eq!(distribution.grades.iter().filter(|one| one.count == 0).count(), 3);
}
