//! Annexes without which a report cannot be handed in.

use rust_decimal::Decimal;
use zhijian_platform::Text;

use super::{
    attachment::{Attachment, Purpose},
    catalogue::{Annex, ReportKind, Severity, Stage, Standing},
    check::Finding,
};

/// The rule's code (C05: the signed declaration, and whatever else a report kind cannot do without).
const CODE: &str = "C05-ANNEX";

/// A finding for each required annex that is not there.
pub fn missing(kind: &ReportKind, attachments: &[Attachment]) -> Vec<Finding> {
    let is_there = |annex: &&Annex| {
        attachments.iter().any(|file| file.purpose == Purpose::Annex && file.annex_code == annex.code)
    };
    kind.annexes.iter().filter(|annex| annex.required && !is_there(annex)).map(finding).collect()
}

fn finding(annex: &Annex) -> Finding {
    let (zh, en) = (&annex.name.zh, &annex.name.en);
    Finding {
        id: format!("{CODE}:{}", annex.code),
        rule_code: CODE.to_owned(),
        stage: Stage::Structure,
        standing: Standing::Carried,
        severity: Severity::Error,
        message: Text::new(format!("还没有上传“{zh}”。"), format!("“{en}” is not uploaded yet.")),
        hint: Text::new(
            format!("请到“附件”页上传。{}", annex.note.zh),
            format!("Upload it on the page “Files”. {}", annex.note.en),
        ),
        indicator_codes: vec![],
        section_code: String::new(),
        line: 0,
        computation: String::new(),
        computation_en: String::new(),
        value: None,
        range: Decimal::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogues;

    #[test]
    fn what_is_required_is_asked_for_until_it_is_there() {
        let catalogue = Catalogues::shipped().get(2026).expect("2026 is shipped");
        let kind = catalogue.kind("higher").expect("a kind of 2026");
        let findings = missing(kind, &[]);
        assert_eq!(findings.len(), 1);
        assert_eq!(
            (findings[0].id.as_str(), findings[0].severity),
            ("C05-ANNEX:declaration", Severity::Error)
        );
        assert!(findings[0].message.zh.contains("内容真实性责任声明"));
        let file = |purpose| Attachment {
            alt_text: String::new(),
            annex_code: "declaration".into(),
            attachment_id: "att_1".into(),
            caption: String::new(),
            file_name: "声明.pdf".into(),
            media_type: "application/pdf".into(),
            purpose,
            section_code: String::new(),
            sha256: "00".repeat(32),
            size: 1,
        };
        assert!(missing(kind, &[file(Purpose::Annex)]).is_empty());
        assert_eq!(missing(kind, &[file(Purpose::Picture)]).len(), 1);
        let earlier = Catalogues::shipped().get(2025).expect("2025 is shipped");
        assert!(missing(earlier.kind("higher").expect("a kind of 2025"), &[]).is_empty());
    }
}
