//! Properties: what is consistent is left alone, what is seeded is found, and nothing makes the proofreader panic.

use proptest::prelude::*;
use rust_decimal::Decimal;
use zhijian_proofreader::{Class, Finding, Options, OtherText, Severity, check};

fn findings(text: &str) -> Vec<Finding> {
    check(text, &Options::default())
}

fn wrong(text: &str) -> Vec<Finding> {
    findings(text).into_iter().filter(|f| f.severity != Severity::Info).collect()
}

/// `part / whole` in per cent, rounded to two places.
fn percent(part: u32, whole: u32) -> String {
    let value = Decimal::from(part) * Decimal::ONE_HUNDRED / Decimal::from(whole);
    format!("{:.2}", value.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
}

/// Teachers of a region this year, and how many more or fewer than last year.
#[derive(Debug, Clone)]
struct Teachers {
    colleges: u32,
    schools: u32,
    colleges_change: u32,
    schools_change: u32,
    dual: u32,
}

fn teachers() -> impl Strategy<Value = Teachers> {
    (1000u32..9000, 1000u32..9000, 1u32..400, 1u32..400, 300u32..900).prop_map(
        |(colleges, schools, colleges_change, schools_change, dual)| Teachers {
            colleges,
            schools,
            colleges_change,
            schools_change,
            dual,
        },
    )
}

impl Teachers {
    fn total(&self) -> u32 {
        self.colleges + self.schools
    }

    /// The paragraph a report would print, with `total` and `share` as given.
    fn text(&self, total: u32, share: &str) -> String {
        let change = i64::from(self.colleges_change) - i64::from(self.schools_change);
        let verb = if change < 0 { "减少" } else { "增加" };
        format!(
            "一、基本概况\n\n各类职业院校专任教师总数{total}人，较上一年{verb}{}人。其中，高职院校专任教师{}人，增加{}人；\
             中职学校专任教师{}人，减少{}人。“双师型”专任教师共{}人，占专任教师总数的{share}%。\n",
            change.abs(),
            self.colleges,
            self.colleges_change,
            self.schools,
            self.schools_change,
            self.dual,
        )
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn consistent_text_yields_nothing(t in teachers()) {
        let text = t.text(t.total(), &percent(t.dual, t.total()));
        prop_assert_eq!(wrong(&text), vec![]);
    }

    #[test]
    fn a_wrong_total_is_found(t in teachers(), off in 1u32..60, more: bool) {
        let total = if more { t.total() + off } else { t.total() - off };
        let found = wrong(&t.text(total, &percent(t.dual, total)));
        prop_assert!(found.iter().any(|f| f.rule == "arithmetic.sum" && f.actual == format!("{total}人")), "{found:?}");
    }

    #[test]
    fn a_wrong_share_is_found(t in teachers(), off in 2i64..900) {
        let right: Decimal = percent(t.dual, t.total()).parse().expect("decimal");
        let printed = right + Decimal::new(off, 2);
        let found = wrong(&t.text(t.total(), &format!("{printed:.2}")));
        prop_assert!(found.iter().any(|f| f.rule.starts_with("arithmetic.") && f.actual == format!("{printed:.2}%")), "{found:?}");
    }

    #[test]
    fn rounded_totals_are_never_wrong(a in 1000u32..900_000, b in 1000u32..900_000) {
        let wan = |n: u32| {
            let v = Decimal::from(n) / Decimal::from(10_000);
            format!("{:.2}", v.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
        };
        let text = format!("在校生总数达到{}万人（其中，专科在校生{}万人，中职在校生{}万人）。", wan(a + b), wan(a), wan(b));
        prop_assert_eq!(wrong(&text), vec![]);
    }

    #[test]
    fn growth_follows_from_last_year(now in 2000u32..90_000, change in 10u32..1500, off in 0i64..2) {
        let exact: Decimal = percent(change, now - change).parse().expect("decimal");
        let printed = exact + Decimal::new(off * 7, 1);
        let text = format!("全年培训规模达到{now}人次，较上年增加{change}人次，增长{printed:.2}%。");
        prop_assert_eq!(wrong(&text).len(), off as usize);
    }

    #[test]
    fn table_totals(values in prop::collection::vec(1u32..5000, 3..12), off in 0u32..2) {
        let sum: u32 = values.iter().sum::<u32>() + off;
        let rows: String = values.iter().enumerate().map(|(i, v)| format!("第{}组甲\t{v}\n", i + 1)).collect();
        let text = format!("表 1-1 各组数量\n\n组别\t数量（个）\n{rows}合计\t{sum}\n\n数据来源：《统计公报（2025年）》\n");
        let found = wrong(&text);
        prop_assert_eq!(found.len(), off as usize, "{:?}", found);
    }

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,400}") {
        findings(&text);
    }

    #[test]
    fn words_cut_anywhere_are_read_without_panic(text in "[大学校院职业技术高中专教育心北京市图表案例第一二三十届年月日其中占比较上增加减少至从到分别人所个%万亿余近约0-9.,，。；：（）()“”《》、—\\-+|\\t\\n 的在和及]{0,160}") {
        findings(&text);
    }

    #[test]
    fn report_like_noise_is_read_without_panic(pieces in prop::collection::vec(0usize..PIECES.len(), 0..120)) {
        let text: String = pieces.iter().map(|&i| PIECES[i]).collect();
        let other = OtherText { title: "另一份".into(), text: text.chars().rev().collect() };
        let options = Options { previous: vec![other.clone()], others: vec![other], ..Options::default() };
        for finding in check(&text, &options) {
            prop_assert!(finding.line >= 1 && finding.line <= text.lines().count());
            let words = [&finding.message_zh, &finding.message_en, &finding.computation, &finding.computation_en];
            prop_assert!(
                finding.computation.ends_with('。') && finding.computation_en.ends_with('.'),
                "{finding:?}"
            );
            prop_assert!(!finding.locations.is_empty() && words.iter().all(|w| !w.is_empty()), "{finding:?}");
        }
    }
}

/// What reports are made of, to be thrown together in any order.
const PIECES: &[&str] = &[
    "\n",
    "\n\n",
    "\t",
    "，",
    "。",
    "；",
    "（",
    "）",
    "“",
    "”",
    "《",
    "》",
    "、",
    "其中，",
    "分别",
    "占",
    "在",
    "中，",
    "较上一年",
    "增加",
    "减少",
    "增幅",
    "达",
    "12.5%",
    "3个百分点",
    "5.12万人",
    "321人",
    "1,234,567.89亿元",
    "999999999999亿元",
    "0.000001万",
    "2025年",
    "2025年2月30日",
    "2024年9月1日至2025年8月31日为一个完整观测周期",
    "图 2-1 ",
    "（见图 2-1）",
    "表 9-9\t",
    "案例 1-1 ",
    "一、概况",
    "（一）规模",
    "1. 小节",
    "\t12\n",
    "合计",
    "小计",
    "占比",
    "|a|1|\n",
    "|---|---|\n",
    "北京甲乙职业学院",
    "甲乙丙职业学校",
    "世界技能大赛",
    "数据来源：",
    "¹注",
    "第三章 ",
    "\u{fffd}",
    "é",
    "𠮷",
    "1",
    "9",
    "从",
    "到",
    "教育教育",
    "的的",
    "高职院校",
    "中职学校",
    "教师",
    "招生",
    "在校生",
    "总数",
    "人",
    "所",
    "……",
    "……12\n",
    "年",
    "月",
    "日",
    "至",
    "-",
    "—",
    ".",
    "％",
    "１２",
    " ",
    "\u{3000}",
];

#[test]
fn findings_say_where_and_why() {
    let found = findings("学生100人，其中高职学生60人，中职学生45人。");
    assert_eq!(found.len(), 1);
    let finding = &found[0];
    assert_eq!((finding.class, finding.severity, finding.line), (Class::Arithmetic, Severity::Error, 1));
    assert_eq!(finding.expected, "105人");
    assert!(finding.computation.contains("60人+45人=105"));
    let json = serde_json::to_value(finding).expect("json");
    assert_eq!(json["class"], "arithmetic");
    assert_eq!(json["severity"], "error");
}

#[test]
fn ids_survive_edits_elsewhere() {
    let text = "学生100人，其中高职学生60人，中职学生45人。";
    let moved = format!("前言很短。\n\n{text}");
    assert_eq!(findings(text)[0].id, findings(&moved)[0].id);
    let twice = findings(&format!("{text}\n\n二、再说一次\n\n{text}"));
    let mut ids: Vec<&String> = twice.iter().map(|f| &f.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), twice.len());
}
