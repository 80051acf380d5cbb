//! How long one pass takes, how it grows with the text, and what it costs to compare a report with thousands of others.
//! `cargo bench -p zhijian-proofreader -- [LARGEST TEXT IN CHARACTERS] [REPORTS]`; 10,000,000 and 10,000 if not given.
//! Exits with 1 if an aim is missed (never in a debug build).

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

/// The report every school files: within this time on one core.
const REPORT: usize = 110_000;
const REPORT_TIME: Duration = Duration::from_secs(1);
/// How much dearer a character may be in the longest text than in a report; 1 is linear.
const GROWTH: f64 = 1.5;
/// All reports of a nation against each other.
const CORPUS_TIME: Duration = Duration::from_secs(300);

/// What was aimed at and missed.
#[derive(Default)]
struct Verdict(Vec<String>);

impl Verdict {
    fn expect(&mut self, held: bool, what: String) {
        println!("  {} {what}", if held { "held:  " } else { "MISSED:" });
        if !held {
            self.0.push(what);
        }
    }
}

/// One pass over ever longer texts.
fn passes(largest: usize, verdict: &mut Verdict) {
    println!("one pass:");
    let sizes = [REPORT, 330_000, 1_000_000, 3_300_000, 10_000_000];
    let mut first = None;
    for chars in sizes.into_iter().filter(|&c| c == REPORT || c <= largest) {
        let text = report(chars);
        // The first pass compiles patterns; what people wait for is the pass.
        let took = if chars == REPORT { time(&text).min(time(&text)) } else { time(&text) };
        let each = took.as_secs_f64() * 1e9 / chars as f64;
        println!("{chars:>10} characters {:>9.1} ms, {each:.0} ns a character", took.as_secs_f64() * 1e3);
        match first {
            None => {
                first = Some(each);
                verdict.expect(took < REPORT_TIME, format!("{chars} characters under {REPORT_TIME:?}"));
            }
            Some(first) => verdict.expect(
                each <= first * GROWTH,
                format!("a character costs {:.2} times what it does in a report", each / first),
            ),
        }
    }
}

/// Reports added one by one, each compared with all before it; one in fifty has copied a quarter of an earlier one.
fn corpus(reports: usize, verdict: &mut Verdict) {
    println!("{reports} reports of 20,000 characters, each against all before it:");
    let mut corpus = Corpus::default();
    let mut sketching = Duration::ZERO;
    let (mut early, mut late) = (Duration::ZERO, Duration::ZERO);
    let (mut copies, mut found) = (0, 0);
    let tenth = (reports / 10).max(1);
    for number in 0..reports {
        let mut text = Random(number as u64).word(20_000);
        let copied = number % 50 == 49;
        if copied {
            let source = Random((number / 2) as u64).word(20_000);
            text.push_str(&source.chars().take(6_000).collect::<String>());
        }
        let start = Instant::now();
        let sketch = Sketch::of(&text);
        sketching += start.elapsed();
        let start = Instant::now();
        let alike = corpus.alike(&sketch, 0.1);
        corpus.add(&sketch);
        let took = start.elapsed();
        if number < tenth {
            early += took;
        } else if number >= reports - tenth {
            late += took;
        }
        copies += usize::from(copied);
        found += usize::from(copied && alike.iter().any(|o| o.report == number / 2));
        assert!(copied || alike.is_empty(), "report {number} is like {alike:?}");
    }
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    println!("  sketches {:.1} ms, {:.3} ms each", ms(sketching), ms(sketching) / reports as f64);
    println!("  comparing the first tenth {:.1} ms, the last {:.1} ms", ms(early), ms(late));
    verdict.expect(found == copies, format!("{found} of {copies} copies found"));
    let all = sketching + (early + late) * 5;
    verdict.expect(
        all < CORPUS_TIME,
        format!("all within {CORPUS_TIME:?}, here some {:.1} s", all.as_secs_f64()),
    );
    let rate = ms(late) / ms(early).max(0.001);
    verdict
        .expect(rate < 10.0, format!("a report among all costs {rate:.1} times what it does among a tenth"));
}

fn main() {
    let mut sizes = std::env::args().skip(1).filter_map(|a| a.parse::<usize>().ok());
    let (largest, reports) = (sizes.next().unwrap_or(10_000_000), sizes.next().unwrap_or(10_000));
    let mut verdict = Verdict::default();
    passes(largest, &mut verdict);
    corpus(reports, &mut verdict);
    if !verdict.0.is_empty() && !cfg!(debug_assertions) {
        std::process::exit(1);
    }
}
