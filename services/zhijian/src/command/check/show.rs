//! Findings for people, and as JSON.

use serde::Serialize;
use zhijian_proofreader::{Finding, Severity};

use super::Checked;

/// What a finding weighs, in Chinese.
fn weight(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "错误",
        Severity::Warning => "警告",
        Severity::Info => "提示",
    }
}

/// Each finding with its places and its reasoning, and a count for each report.
pub(super) fn text(checked: &[Checked]) -> String {
    let mut out = String::new();
    for Checked { file, findings } in checked {
        for finding in findings {
            out.push_str(&format!(
                "{file}:{}: {}：{} [{}]\n",
                finding.line,
                weight(finding.severity),
                finding.message_zh,
                finding.rule
            ));
            for place in &finding.locations {
                out.push_str(&format!("    第 {} 行：{}\n", place.line, place.excerpt));
            }
            out.push_str(&format!(
                "    依据：{}\n    {} {}\n",
                finding.computation, finding.message_en, finding.computation_en
            ));
        }
        let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
        let [errors, warnings, infos] = [Severity::Error, Severity::Warning, Severity::Info].map(count);
        out.push_str(&if findings.is_empty() {
            format!("{file}：没有发现问题。Nothing found.\n")
        } else {
            format!("{file}：错误 {errors}、警告 {warnings}、提示 {infos}。{errors} errors, {warnings} warnings, {infos} notes.\n")
        });
    }
    out
}

#[derive(Serialize)]
struct Findings<'a> {
    findings: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(flatten)]
    finding: &'a Finding,
}

/// `{"findings": […]}`; with several reports each finding names its file.
pub(super) fn json(checked: &[Checked]) -> serde_json::Result<String> {
    let several = checked.len() > 1;
    let mut findings = Vec::new();
    for Checked { file, findings: found } in checked {
        let file = several.then_some(file.as_str());
        findings.extend(found.iter().map(|finding| Told { file, finding }));
    }
    serde_json::to_string_pretty(&Findings { findings }).map(|json| json + "\n")
}
