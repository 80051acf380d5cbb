//! How long one pass takes and how it grows with the text. `cargo bench -p zhijian-proofreader`; pass the largest size in
//! characters as an argument to go beyond the default.

use std::time::{Duration, Instant};

use zhijian_proofreader::{Corpus, Options, Sketch, check};

/// A small deterministic generator: the same text on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn word(&mut self, chars: u64) -> String {
        (0..chars).filter_map(|_| char::from_u32(0x4e00 + self.below(2500) as u32)).collect()
    }
}

/// A report of about `chars` characters with figures, names, quotations, captions, references and tables.
fn report(chars: usize) -> String {
    let mut random = Random(7);
    let mut text = String::with_capacity(chars * 3);
    let mut chapter = 0;
    let mut count = 0;
    while count < chars {
        chapter += 1;
        let before = text.len();
        section(&mut random, chapter, &mut text);
        count += text[before..].chars().count();
    }
    text
}

fn section(random: &mut Random, chapter: u32, text: &mut String) {
    text.push_str(&format!("一、{}\n\n", random.word(8)));
    for number in 1..8 {
        let (a, b) = (1000 + random.below(9000), 1000 + random.below(9000));
        let (school, model, title) = (random.word(4), random.word(8), random.word(9));
        text.push_str(&format!(
            "2025年，{}总数达到{}人，较上一年增加{}人。其中，高职{}人，中职{}人，占总数的{}%。北京{school}职业学院构建“{model}”育人体系，\
             出版《{title}》教材{}部（见图{chapter}-{number}），{}，{}，培训{}余人次。\n\n",
            random.word(6),
            a + b,
            1 + random.below(500),
            a,
            b,
            random.below(100),
            1 + random.below(90),
            random.word(12),
            random.word(15),
            100 + random.below(900),
        ));
        text.push_str(&format!(
            "图 {chapter}-{number} “{model}”{}（北京{school}职业学院）\n\n",
            random.word(6)
        ));
    }
    text.push_str(&format!("表 {chapter}-1 {}数量\n\n类别\t数量（个）\t占比\n", random.word(8)));
    for _ in 0..8 {
        text.push_str(&format!(
            "{}\t{}\t{}.{}%\n",
            random.word(4),
            random.below(500),
            random.below(60),
            random.below(10)
        ));
    }
    text.push_str("合计\t4000\t100%\n\n数据来源：《公报》\n\n");
}

fn time(text: &str) -> Duration {
    let start = Instant::now();
    let findings = check(text, &Options::default());
    let took = start.elapsed();
    assert!(!findings.is_empty());
    took
}

fn main() {
    let largest = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_760_000usize);
    println!("one pass:");
    let mut chars = 110_000;
    let mut previous: Option<Duration> = None;
    while chars <= largest {
        let text = report(chars);
        let took = time(&text);
        let ratio = previous
            .map_or(String::new(), |p| format!("  ×{:.2} for ×4", took.as_secs_f64() / p.as_secs_f64()));
        println!("{chars:>10} characters {:>9.1} ms{ratio}", took.as_secs_f64() * 1e3);
        previous = Some(took);
        chars *= 4;
    }
    let start = Instant::now();
    let mut corpus = Corpus::default();
    let sketches: Vec<Sketch> = (0..200u64).map(|seed| Sketch::of(&Random(seed).word(40_000))).collect();
    for sketch in &sketches {
        corpus.add(sketch);
    }
    let found: usize = sketches.iter().map(|s| corpus.alike(s, 0.2).len()).sum();
    println!(
        "200 reports against each other: {:.1} ms, {found} alike (themselves)",
        start.elapsed().as_secs_f64() * 1e3
    );
}
