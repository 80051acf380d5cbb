//! What the proofreader marks in a report's text, as findings. It may be wrong, so it never blocks a submission as an
//! error does: its errors are warnings here, which an explanation answers.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use zhijian_platform::Text;
use zhijian_proofreader::{Options, Window};

use super::{
    catalogue::{ReportKind, Severity},
    check::Finding,
};

/// Reads every section of a report that has a text.
///
/// `window` is the first and the last day of the observation window.
pub fn findings(
    kind: &ReportKind,
    sections: &BTreeMap<String, String>,
    window: Option<(NaiveDate, NaiveDate)>,
) -> Vec<Finding> {
    let options = Options { window: window.map(|(from, to)| Window { from, to }), ..Options::default() };
    let mut findings = Vec::new();
    for section in &kind.sections {
        let Some(body) = sections.get(&section.code) else { continue };
        for mark in zhijian_proofreader::check(body, &options) {
            findings.push(finding(&section.code, &section.name, mark));
        }
    }
    findings
}

fn finding(section_code: &str, section_name: &Text, mark: zhijian_proofreader::Finding) -> Finding {
    let severity = match mark.severity {
        zhijian_proofreader::Severity::Error | zhijian_proofreader::Severity::Warning => Severity::Warning,
        zhijian_proofreader::Severity::Info => Severity::Info,
    };
    let excerpt = &mark.excerpt;
    Finding {
        id: format!("{}:{section_code}:{}", mark.rule, mark.id),
        rule_code: mark.rule.to_owned(),
        severity,
        message: Text::new(mark.message_zh, mark.message_en),
        hint: Text::new(
            format!("见“{}”第 {} 行：“{excerpt}”。", section_name.zh, mark.line),
            format!("See “{}”, line {}: “{excerpt}”.", section_name.en, mark.line),
        ),
        indicator_codes: vec![],
        section_code: section_code.to_owned(),
        line: u32::try_from(mark.line).unwrap_or(u32::MAX),
        computation: mark.computation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogues;

    #[test]
    fn a_sum_that_does_not_add_up_is_a_warning_at_its_line() {
        let catalogue = Catalogues::shipped().get(2025).expect("2025 is shipped");
        let kind = catalogue.kind("secondary").expect("a kind of 2025");
        let body = "学校稳步发展。\n\n全校共有学生100人，其中一年级学生60人，二年级学生45人。".to_owned();
        let sections = BTreeMap::from([("talent".to_owned(), body)]);
        let findings = findings(kind, &sections, None);
        let sum =
            findings.iter().find(|finding| finding.rule_code == "arithmetic.sum").expect("105 is not 100");
        assert_eq!((sum.severity, sum.section_code.as_str(), sum.line), (Severity::Warning, "talent", 3));
        assert!(sum.id.starts_with("arithmetic.sum:talent:"), "{}", sum.id);
        assert!(sum.hint.zh.contains("人才培养"), "{}", sum.hint.zh);
        assert!(findings.iter().all(|finding| finding.severity != Severity::Error));
    }
}
