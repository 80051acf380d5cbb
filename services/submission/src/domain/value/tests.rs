use proptest::prelude::*;

use super::*;
use crate::domain::catalogue::Catalogues;

fn indicator(kind: IndicatorKind, decimals: u32) -> Indicator {
    Indicator { kind, decimals, ..Indicator::for_tests("X01") }
}

fn read(kind: IndicatorKind, decimals: u32, text: &str) -> Result<String, ValueError> {
    number(&indicator(kind, decimals), text).map(|value| match value {
        Value::Number(number) => number.to_string(),
        other => panic!("{other:?}"),
    })
}

#[test]
fn what_people_type_is_normalised_where_it_is_clear() {
    use IndicatorKind::{Amount, Count, Rate};
    for (kind, decimals, typed, stored) in [
        (Count, 0, "1234", "1234"),
        (Count, 0, " 1,234,567 ", "1234567"),
        (Count, 0, "１２，３４５", "12345"),
        (Count, 0, "007", "7"),
        (Count, 0, "12.00", "12"),
        (Count, 0, "-0", "0"),
        (Amount, 2, "4767.70", "4767.7"),
        (Amount, 2, "－12．５", "-12.5"),
        (Rate, 2, "94.26%", "94.26"),
        (Rate, 2, "９４．２６ ％", "94.26"),
    ] {
        assert_eq!(read(kind, decimals, typed).as_deref(), Ok(stored), "{typed}");
    }
}

#[test]
fn what_is_not_clear_is_refused() {
    use IndicatorKind::{Amount, Count, Rate};
    for typed in [
        "", "一百", "12人", "1 234", "1,23", "1234,567", ",123", "1.2.3", ".5", "5.", "--5", "+5", "NaN",
        "0x10",
    ] {
        assert!(matches!(read(Amount, 2, typed), Err(ValueError::NotANumber { .. })), "{typed}");
    }
    assert_eq!(read(Count, 0, "1e5"), Err(ValueError::Exponent { given: "1e5".to_owned() }));
    assert_eq!(read(Count, 0, "1.5"), Err(ValueError::TooManyDecimals { allowed: 0 }));
    assert_eq!(read(Rate, 2, "94.265"), Err(ValueError::TooManyDecimals { allowed: 2 }));
    assert_eq!(read(Count, 0, "-3"), Err(ValueError::Negative));
    assert_eq!(read(Count, 0, "50%"), Err(ValueError::NotAPercentage));
    assert_eq!(read(Count, 0, &"9".repeat(29)), Err(ValueError::TooLong));
    assert_eq!(read(Count, 0, &"9".repeat(28)).as_deref(), Ok("9".repeat(28).as_str()));
}

#[test]
fn options_and_reasons_are_checked() {
    let answer = |code: &str, zh: &str, en: &str| Choice { code: code.into(), name: Text::new(zh, en) };
    let options = vec![answer("yes", "是", "Yes, it is"), answer("no", "否", "No")];
    let choice = Indicator { options, ..indicator(IndicatorKind::Choice, 0) };
    for given in ["yes", "是", " yes, it is "] {
        assert_eq!(option(&choice, given), Ok(Value::Text("yes".into())), "{given}");
    }
    assert_eq!(option(&choice, "maybe").unwrap_err().text().zh, "请从选项中选择：是、否。");
    assert!(matches!(option(&choice, "maybe"), Err(ValueError::OptionWanted { .. })));
    assert_eq!(option(&indicator(IndicatorKind::Count, 0), "yes"), Err(ValueError::NumberWanted));
    assert_eq!(not_applicable(" 无毕业生 "), Ok(Value::NotApplicable("无毕业生".into())));
    assert_eq!(not_applicable("  "), Err(ValueError::ReasonWanted));
    assert_eq!(not_applicable(&"长".repeat(201)), Err(ValueError::ReasonWanted));
}

fn in_units(
    kind: IndicatorKind,
    decimals: u32,
    own: &str,
    given: &str,
    unit: &str,
) -> Result<(String, String), String> {
    let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
    let own = catalogue.units.get(own).expect("a unit of 2025").clone();
    let indicator = Indicator { unit: own, ..indicator(kind, decimals) };
    match super::read(&catalogue.units, &indicator, given, unit) {
        Ok((Value::Number(number), conversion)) => {
            Ok((number.to_string(), conversion.map(|it| it.text().zh).unwrap_or_default()))
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.text().zh),
    }
}

#[test]
fn a_value_in_another_unit_is_converted_and_says_so() {
    use IndicatorKind::{Amount, Count, Rate};
    for (kind, decimals, own, typed, unit, kept, said) in [
        (Amount, 2, "wan", "1.2", "yi", "12000", "1.2 亿元 = 12000 万元"),
        (Amount, 2, "wan", "1.2亿元", "", "12000", "1.2 亿元 = 12000 万元"),
        (Amount, 2, "wan", "１．２ 亿", "", "12000", "1.2 亿元 = 12000 万元"),
        (Amount, 2, "wan", "1.2 亿元", "亿元", "12000", "1.2 亿元 = 12000 万元"),
        (Amount, 2, "wan", "28,321,700元", "", "2832.17", "28321700 元 = 2832.17 万元"),
        (Amount, 2, "wan", "12.5 万元", "", "12.5", ""),
        (Amount, 2, "wan", "12.5", "wan", "12.5", ""),
        (Count, 0, "person", "1.2万人", "", "12000", "1.2 万人 = 12000 人"),
        (Count, 0, "person", "12人", "", "12", ""),
        (Amount, 2, "square_metre", "3万平方米", "", "30000", "3 万㎡ = 30000 ㎡"),
        (Rate, 2, "percent", "94.26 %", "", "94.26", ""),
    ] {
        assert_eq!(
            in_units(kind, decimals, own, typed, unit),
            Ok((kept.to_owned(), said.to_owned())),
            "{typed} {unit}"
        );
    }
}

#[test]
fn a_unit_that_does_not_fit_is_refused_with_those_that_do() {
    use IndicatorKind::{Amount, Count, Rate};
    for (kind, decimals, own, typed, unit, said) in [
        (Amount, 2, "wan", "3箱", "", "“箱”不是可用的单位，这里可用：元、万元、亿元。"),
        (Amount, 2, "wan", "3", "人", "这里不能用“人”，可用：元、万元、亿元。"),
        (Count, 0, "person", "50", "%", "这里不能用“%”，可用：人、万人。"),
        (Amount, 2, "wan", "1.2亿元", "万元", "数字里写了“亿元”，旁边又选了“万元”，请只留一个单位。"),
        (Amount, 2, "wan", "123456元", "", "123456 元 = 12.3456 万元。小数最多 2 位，请四舍五入后填写。"),
        (Count, 0, "person", "1.23456万人", "", "1.23456 万人 = 12345.6 人。应为整数，请去掉小数部分。"),
        (Count, 0, "person", "-1万人", "", "数量不能为负。"),
        (Rate, 2, "percent", "1e5", "", "“1e5”是科学记数法，请写出完整数字。"),
        (Amount, 2, "wan", "一百万元", "", "“一百万元”不是数字，请只填数字，例如 1234.5。"),
        (Amount, 2, "wan", "99999999999999999999999999亿元", "", "数字最多 28 位。"),
    ] {
        assert_eq!(in_units(kind, decimals, own, typed, unit), Err(said.to_owned()), "{typed} {unit}");
    }
}

proptest! {
    #[test]
    fn any_text_in_any_unit_is_read_or_refused_without_a_panic(text in "\\PC{0,20}", unit in "\\PC{0,4}|亿元|万") {
        let _ = in_units(IndicatorKind::Amount, 2, "wan", &text, &unit);
    }

    #[test]
    fn a_canonical_number_reads_back_as_itself(units in -10_i64.pow(15)..10_i64.pow(15), scale in 0_u32..=6) {
        let canonical = Decimal::new(units, scale).normalize();
        let value = number(&indicator(IndicatorKind::Amount, 6), &canonical.to_string());
        prop_assert_eq!(value, Ok(Value::Number(canonical)));
    }

    #[test]
    fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,40}") {
        let _ = read(IndicatorKind::Rate, 2, &text);
    }
}
