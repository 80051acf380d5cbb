//! Numbers of institutions that are told rounded.

use super::*;

#[test]
fn a_rounded_number_is_marked_and_nothing_is_computed_from_it() {
    let own = "# 数据\n\n{{ value indicator=\"SC01\" }}，{{ value indicator=\"SVC06\" per=\"SC01\" }}，{{ change indicator=\"SC01\" }}，全市{{ value indicator=\"SVC06\" scope=\"all\" }}\n\n{{ indicators title=\"自有\" codes=\"SC01 SVC06\" }}\n";
    let mut pinned = two_years();
    let pins = pinned.years.get_mut(&2027).expect("there");
    pins.rounded_to.insert(5);
    for (report, told) in pins.reports.iter_mut().zip([1000, 200]) {
        report.cells.insert("SC01".to_owned(), Reading::Rounded(told.into()));
    }
    let built = with_own(own, &pinned);
    let document = &built[1].document;
    assert_eq!(words(document), "≈1000人，（不单列），（不单列），全市379.5万元");
    let Some(SetBlock::Table(table)) = document.chapters[0].blocks.last() else { panic!("a table") };
    assert_eq!(table.rows[0].cells[2].display, "≈1000");
    assert_eq!(table.rows[0].cells[2].value, Some(Decimal::from(1000)));
    assert_eq!(table.rows[0].cells[3].display, "1883");
    assert_eq!(table.notes.len(), 1);
    assert!(table.notes[0].contains('≈') && table.notes[0].contains("5 的倍数"), "{:?}", table.notes);
}

#[test]
fn rounded_lines_of_a_table_do_not_add_up() {
    let mut rounded = table("1-1", &["15", "4"]);
    rounded.rows[0].cells[1].display = "≈15".to_owned();
    let told = faults("{{ total table=\"1-1\" column=\"count\" }}", &two_years(), &[rounded.clone()]);
    assert!(told[0].contains("table 1-1 has rounded numbers"), "{told:?}");
    let built =
        set("# 章\n\n{{ cell table=\"1-1\" row=\"行15\" column=\"count\" }}\n", &two_years(), &[rounded]);
    assert_eq!(words(&built.expect("bound")[0].document), "≈15");
}
