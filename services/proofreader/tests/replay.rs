//! A small fuzz run without a fuzzer: report-like text, cut, doubled and mixed by chance, is read without panic, and what is
//! found stands where it is said to stand. `fuzz/` has the real target.

use zhijian_proofreader::{Figure, Options, OtherText, RegisteredName, check};

const SEED: &str = "演示甲乙职业学院质量年度报告（2025年度）\n\n一、概况\t1\n（一）规模\t1\n（二）队伍\t3\n图 1-1 规模\t2\n\n一、概况\n\n（一）规模\n\n\
本报告以2024年9月1日至2025年8月31日为一个完整观测周期。2025年，在校生总数达到1.52万人，较上一年增加1200余人，增幅达8.6%（见图 1-1）。其中，高职\
在校生9800人，占总数的64.47%，提高1.2个百分点；中职在校生5400人。¹\n\n¹不含留学生。\n\n图 1-1 演示甲乙职业学院在校生规模\n\n（二）队伍\n\n\
表 1-1 教师情况（单位：人）\n\n类别\t2024年\t2025年\t增长率\n专任教师\t560\t600\t7.14%\n“双师型”教师\t320\t360\t12.50%\n合计\t880\t960\t9.09%\n\
数据来源：《统计年报（2025年）》\n\n| 项目 | 高职 | 中职 |\n|---|---|---|\n| 教材（部） | 30 | 13 |\n\n案例 1-1 “三阶段·五协同”育人（演示甲乙职业学院）\n\n\
学校构建“三阶段·五协同”模式，举办3项赛事（甲赛、乙赛、丙赛），形成“引进来—走出去—再提升”路径，联系电话010-12345678。\n";

/// xorshift: the same run every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

/// A whole report, of which a part is taken each time.
const WHOLE: &str = include_str!("data/region.txt");

/// Some forty lines of the whole report, or the short one.
fn seed(dice: &mut Dice) -> String {
    if dice.roll(2) == 0 {
        return SEED.to_owned();
    }
    let lines: Vec<&str> = WHOLE.lines().collect();
    let from = dice.roll(lines.len());
    lines[from..lines.len().min(from + 40)].join("\n")
}

fn mutated(dice: &mut Dice) -> String {
    const STRANGE: &[char] = &[
        '\t', '\n', '（', '）', '“', '%', '万', '9', '0', '.', '|', '—', '\u{FFFD}', '𠮷', '年', '图', '占',
        '　',
    ];
    let mut text: Vec<char> = seed(dice).chars().collect();
    for _ in 0..=dice.roll(8) {
        if text.is_empty() {
            break;
        }
        let at = dice.roll(text.len());
        let end = (at + dice.roll(40)).min(text.len());
        match dice.roll(5) {
            0 => drop(text.drain(at..end)),
            1 => {
                let copy = text[at..end].to_vec();
                let to = dice.roll(text.len());
                drop(text.splice(to..to, copy));
            }
            2 => text[at..end].reverse(),
            3 => text.insert(at, STRANGE[dice.roll(STRANGE.len())]),
            _ => text[at] = STRANGE[dice.roll(STRANGE.len())],
        }
    }
    text.into_iter().collect()
}

#[test]
fn mutated_reports_are_read_without_panic() {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let figure = |name: &str, value: i64, unit: &str| Figure {
        name: name.into(),
        value: value.into(),
        unit: unit.into(),
        place: "表!B2".into(),
    };
    // More rounds for who has the time: PROOFREADER_ROUNDS=100000 cargo test --release.
    let rounds = std::env::var("PROOFREADER_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    for round in 0..rounds {
        let text = mutated(&mut dice);
        let other = OtherText { title: "另一份".into(), text: mutated(&mut dice) };
        let options = Options {
            registry: vec![RegisteredName {
                name: "演示甲乙职业大学".into(), ..RegisteredName::default()
            }],
            previous: vec![other.clone()],
            others: vec![other],
            figures: vec![
                figure("在校生总数", 15_200, "人"),
                figure("专任教师", 601, "人"),
                figure("教材", i64::MAX, "万亿"),
            ],
            ..Options::default()
        };
        let lines: Vec<&str> = text.lines().collect();
        for finding in check(&text, &options) {
            for place in &finding.locations {
                assert!((1..=lines.len()).contains(&place.line), "round {round}: {finding:?}");
            }
            assert!(!finding.computation.is_empty(), "round {round}: {finding:?}");
        }
    }
}
