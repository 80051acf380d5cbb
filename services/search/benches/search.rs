//! How long a search takes on 100, 1,000 and 10,000 reports of seven sections and two cases each, with the five passages of what
//! is published of each.
//!
//! `cargo bench -p zhijian-search`. The reports are invented out of the words below; searches ask for frequent and rare words,
//! one to four at a time, every fifth with a filter.

use std::time::{Duration, Instant};

use zhijian_search::{Builder, Document, Index, Query};

const WORDS: &[&str] = &[
    "学校",
    "人才培养",
    "产教融合",
    "校企合作",
    "现场工程师",
    "双师型教师",
    "课程标准",
    "教材建设",
    "实训基地",
    "技能大赛",
    "立德树人",
    "思政课程",
    "贯通培养",
    "社会培训",
    "乡村振兴",
    "社区教育",
    "京津冀协同",
    "职教出海",
    "来华留学",
    "数字化转型",
    "虚拟仿真",
    "质量保障",
    "诊断改进",
    "师资队伍",
    "专业群",
    "高水平",
    "企业导师",
    "订单培养",
    "就业质量",
    "升学率",
    "工匠精神",
    "非遗传承",
    "红色文化",
    "国际交流",
    "标准输出",
    "科教融汇",
    "创新创业",
    "岗位实习",
    "学分银行",
    "终身学习",
    "轨道交通",
    "学前教育",
    "护理",
    "烹饪",
    "新能源汽车",
    "人工智能",
    "集成电路",
    "生物医药",
    "文物修复",
    "园林技术",
];
const FILL: &[&str] = &[
    "，",
    "，",
    "。",
    "的",
    "与",
    "，推进",
    "，深化",
    "，形成",
    "，覆盖",
    "名学生参与",
    "个项目",
    "2025年",
    "94.26%",
    "AI",
];

/// A generator of pseudo-random numbers: the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }

    /// Few words are frequent and many are rare, as in any text.
    fn word(&mut self) -> &'static str {
        let (one, other) = (self.roll(WORDS.len()), self.roll(WORDS.len()));
        WORDS[one.min(other)]
    }

    fn text(&mut self, words: usize) -> String {
        (0..words).flat_map(|_| [self.word(), FILL[self.roll(FILL.len())]]).collect()
    }
}

fn build(reports: usize) -> Index {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut builder = Builder::new(3);
    for report in 0..reports {
        for part in 0..14 {
            builder.add(Document {
                key: format!("{report}/{part}"),
                title: dice.word().to_owned(),
                name: format!("演示职业学院{}", report % 200),
                body: dice.text(if part < 7 { 120 } else { 60 }),
                facets: vec![(2020 + report % 6).to_string(), (report % 17).to_string(), part.to_string()],
            });
        }
    }
    builder.finish()
}

fn main() {
    println!(
        "{:>8}{:>10}{:>12}{:>12}{:>10}{:>10}{:>10}{:>10}",
        "reports", "parts", "built s", "index MB", "found", "p50 ms", "p99 ms", "max ms"
    );
    for reports in [100, 1_000, 10_000] {
        let begun = Instant::now();
        let index = build(reports);
        let built = begun.elapsed();
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        let mut answered = 0;
        let mut took: Vec<Duration> = (0..1000)
            .map(|round| {
                let words: Vec<&str> = (0..=dice.roll(4)).map(|_| WORDS[dice.roll(WORDS.len())]).collect();
                let text = if round % 50 == 0 { "课".to_owned() } else { words.join(" ") };
                let filters = [(round % 5 == 0).then_some("2025")];
                let begun = Instant::now();
                let found = index.search(&Query { text: &text, filters: &filters, offset: 0, limit: 20 });
                let took = begun.elapsed();
                // Several rare words need not stand together in one passage, least of all of one year.
                assert!(found.total > 0 || words.len() > 1 || filters[0].is_some(), "{text} is found");
                answered += usize::from(found.total > 0);
                took
            })
            .collect();
        took.sort();
        let ms = |at: usize| took[at].as_secs_f64() * 1000.0;
        println!(
            "{reports:>8}{:>10}{:>12.2}{:>12.1}{answered:>10}{:>10.2}{:>10.2}{:>10.2}",
            index.len(),
            built.as_secs_f64(),
            index.bytes() as f64 / 1e6,
            ms(500),
            ms(990),
            ms(999),
        );
    }
}
