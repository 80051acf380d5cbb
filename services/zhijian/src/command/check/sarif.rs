//! SARIF 2.1.0, which editors and code review read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use zhijian_proofreader::{Finding, Location, Severity};

use super::Checked;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One run over all reports.
pub(super) fn document(checked: &[Checked]) -> serde_json::Result<String> {
    let findings = || checked.iter().flat_map(|c| &c.findings);
    let ids: Vec<&str> = findings().map(|f| f.rule).collect::<BTreeSet<_>>().into_iter().collect();
    let rules: Vec<Value> = ids.iter().map(|id| rule(id, findings().find(|f| f.rule == *id))).collect();
    let results: Vec<Value> =
        checked.iter().flat_map(|c| c.findings.iter().map(|f| result(&c.file, f, &ids))).collect();
    let artifacts: Vec<Value> =
        checked.iter().map(|c| json!({ "location": { "uri": uri(&c.file) } })).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "zhijian check",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "language": "zh-CN",
            "columnKind": "unicodeCodePoints",
            "artifacts": artifacts,
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&document).map(|json| json + "\n")
}

fn rule(id: &str, example: Option<&Finding>) -> Value {
    let class = id.split('.').next().unwrap_or(id);
    json!({
        "id": id,
        "shortDescription": { "text": id.replace(['.', '-'], " ") },
        "defaultConfiguration": { "level": example.map_or("warning", |f| level(f.severity)) },
        "properties": { "tags": [class] },
    })
}

fn result(file: &str, finding: &Finding, rules: &[&str]) -> Value {
    let mut message = finding.message_zh.clone();
    if !finding.computation.is_empty() {
        message.push_str(&format!(" 依据：{}", finding.computation));
    }
    let related: Vec<Value> = finding
        .locations
        .iter()
        .skip(1)
        .enumerate()
        .map(|(id, place)| {
            let mut location = location(file, place);
            location["id"] = json!(id + 1);
            location["message"] = json!({ "text": place.excerpt });
            location
        })
        .collect();
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|r| *r == finding.rule),
        "level": level(finding.severity),
        "message": { "text": message },
        "locations": finding.locations.iter().take(1).map(|place| location(file, place)).collect::<Vec<_>>(),
        "relatedLocations": related,
        "partialFingerprints": { "zhijianFinding/v1": finding.id },
        "properties": {
            "class": finding.class,
            "messageEn": finding.message_en,
            "computationEn": finding.computation_en,
            "expected": finding.expected,
            "actual": finding.actual,
        },
    })
}

fn location(file: &str, place: &Location) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(file) },
        "region": { "startLine": place.line, "snippet": { "text": place.excerpt } },
    } })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a relative or `file:` reference, with what is no plain character as its bytes.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
