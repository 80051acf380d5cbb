//! The measure: what the proofreader finds in the first part of a real report, against findings and controls verified by
//! hand. Run with `--nocapture` to read the table; set `PROOFREADER_LIST=1` to list every finding.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use zhijian_proofreader::{Finding, FormerName, Options, RegisteredName, Severity, check};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/beijing-2025/report")
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn registry() -> Vec<RegisteredName> {
    let data = json(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/registry.json"));
    let list = data["institutions"].as_array().expect("institutions");
    list.iter()
        .map(|i| RegisteredName {
            name: i["name"].as_str().expect("name").to_owned(),
            short: Vec::new(),
            former: i["former"]
                .as_array()
                .expect("former")
                .iter()
                .map(|f| FormerName {
                    name: f["name"].as_str().expect("name").to_owned(),
                    until: f["until"].as_str().and_then(|d| d.parse().ok()),
                })
                .collect(),
        })
        .collect()
}

/// Letters and ideographs with the digits' widths evened out.
fn bare(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn common_run(a: &[char], b: &[char]) -> usize {
    let mut longest = 0;
    for i in 0..a.len() {
        for j in 0..b.len() {
            longest = longest.max(a[i..].iter().zip(&b[j..]).take_while(|(x, y)| x == y).count());
        }
    }
    longest
}

/// A finding speaks of a place when it quotes words of that line that the evidence quotes too.
fn touches(finding: &Finding, evidence: &Value) -> bool {
    let line = evidence["line"].as_u64().unwrap_or(0) as usize;
    let quote = bare(evidence["quote"].as_str().unwrap_or(""));
    finding.locations.iter().any(|l| {
        let said = bare(&l.excerpt);
        l.line == line && common_run(&said, &quote) * 2 >= said.len().min(quote.len())
    })
}

/// How well a finding tells a listed one: 0 where it does not, else the share of the evidence it quotes.
fn fit(finding: &Finding, listed: &Value) -> f64 {
    let evidence = listed["evidence"].as_array().map(Vec::as_slice).unwrap_or_default();
    let touched = evidence.iter().filter(|e| touches(finding, e)).count();
    let main = Finding { locations: finding.locations[..1].to_vec(), ..finding.clone() };
    let names_it = touched >= 2 || evidence.iter().any(|e| touches(&main, e));
    let same_class = finding.class.to_string() == listed["class"].as_str().unwrap_or("");
    if names_it && same_class { touched as f64 / evidence.len() as f64 } else { 0.0 }
}

/// The listed findings a finding tells: those it fits best, so that it cannot stand in for its neighbours.
fn told<'l>(finding: &Finding, listed: &'l [Value]) -> Vec<&'l Value> {
    let best = listed.iter().map(|one| fit(finding, one)).fold(0.0, f64::max);
    listed.iter().filter(|one| best > 0.0 && fit(finding, one) >= best).collect()
}

fn says_wrong(finding: &Finding) -> bool {
    finding.severity != Severity::Info
}

#[derive(Default)]
struct Tally {
    listed: usize,
    found: usize,
}

#[test]
fn the_first_part_of_a_real_report() {
    let folder = folder();
    if !folder.exists() {
        eprintln!("MEASURE NOT RUN: {} is absent.", folder.display());
        return;
    }
    let text = std::fs::read_to_string(folder.join("report-part1.txt")).expect("report");
    let listed = json(&folder.join("findings-part1.json"));
    let controls = json(&folder.join("controls-part1.json"));
    let findings = check(&text, &Options { registry: registry(), ..Options::default() });
    if std::env::var_os("PROOFREADER_LIST").is_some() {
        for f in &findings {
            println!("{:>4} {:<7} {:<28} {} | {}", f.line, f.severity, f.rule, f.message_zh, f.computation);
            for l in &f.locations {
                println!("        {:>4} {}", l.line, l.excerpt);
            }
        }
    }

    let listed = listed.as_array().expect("list");
    let told: Vec<Vec<&Value>> = findings.iter().map(|f| told(f, listed)).collect();
    let tally = tally(listed, &told);
    let reported: Vec<(&Finding, bool)> =
        findings.iter().zip(&told).filter(|(f, _)| says_wrong(f)).map(|(f, t)| (f, !t.is_empty())).collect();
    println!("\nReported as error or warning, not listed (of {}):", reported.len());
    for (f, _) in reported.iter().filter(|(_, known)| !known) {
        println!("  {:>4} {:<7} {:<26} {} | {}", f.line, f.severity, f.rule, f.message_zh, f.computation);
    }
    let unlisted = reported.iter().filter(|(_, known)| !known).count();
    let flagged = flagged(controls.as_array().expect("controls"), &reported);
    println!("\nControls flagged: {flagged:?}");

    assert!(flagged.is_empty(), "controls flagged: {flagged:?}");
    // What is printed above as not listed has been read and is real; a jump in its number is for a reader to look at.
    assert!(unlisted * 5 <= reported.len(), "{unlisted} of {} are not listed", reported.len());
    let all = |class: &str| tally.get(&("error", class)).is_none_or(|t| t.found == t.listed);
    assert!(all("arithmetic") && all("reference") && all("name"), "an error of these classes is missed");
    let share = |severity: &str| {
        let of: Vec<&Tally> = tally.iter().filter(|((s, _), _)| *s == severity).map(|(_, t)| t).collect();
        let found: usize = of.iter().map(|t| t.found).sum();
        found * 100 / of.iter().map(|t| t.listed).sum::<usize>().max(1)
    };
    assert!(share("error") >= 95, "{} % of errors", share("error"));
    assert!(share("warn") >= 80, "{} % of warnings", share("warn"));
}

/// Prints and returns what was found of what is listed, by severity and class.
fn tally<'l>(listed: &'l [Value], told: &[Vec<&Value>]) -> BTreeMap<(&'l str, &'l str), Tally> {
    let key = |one: &'l Value, field: &str| one[field].as_str().unwrap_or("");
    let mut tally: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    let mut missed = Vec::new();
    for one in listed {
        let entry = tally.entry((key(one, "severity"), key(one, "class"))).or_default();
        entry.listed += 1;
        if told.iter().flatten().any(|t| std::ptr::eq(*t, one)) {
            entry.found += 1;
        } else {
            missed.push(["severity", "class", "id", "title"].map(|f| key(one, f)).join(" "));
        }
    }
    println!("\n{:<8} {:<14} found of listed", "", "");
    for ((severity, class), t) in &tally {
        println!("{severity:<8} {class:<14} {:>2}/{}", t.found, t.listed);
    }
    println!("\nMissed:\n  {}", missed.join("\n  "));
    tally
}

/// Right statements that a finding quotes without being one of the verified findings.
fn flagged(controls: &[Value], reported: &[(&Finding, bool)]) -> Vec<String> {
    let mut flagged = Vec::new();
    for control in controls {
        let evidence = control["evidence"].as_array().expect("evidence");
        for (finding, known) in reported {
            let touched = evidence.iter().filter(|e| touches(finding, e)).count();
            if !known && finding.class.to_string() != "form" && touched >= evidence.len().min(2) {
                flagged.push(format!("{}: {} {}", control["id"], finding.line, finding.message_zh));
            }
        }
    }
    flagged
}
