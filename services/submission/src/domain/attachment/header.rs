//! What is said of a file before it arrives, and what is refused then already.

use zhijian_platform::{Violation, objects::is_sha256};

use super::{Allowed, AttachmentRules, MAX_ALT, MAX_CAPTION, MEBIBYTE, Purpose};
use crate::domain::{catalogue::ReportKind, text::is_storable};

/// How long a file's name may be.
const MAX_NAME: usize = 200;

/// What is said of a file before it arrives.
#[derive(Debug, Clone)]
pub struct Header {
    /// What it is for.
    pub purpose: Purpose,
    /// Which annex it is.
    pub annex_code: String,
    /// The section it belongs to.
    pub section_code: String,
    /// Its name, without a path.
    pub file_name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Its SHA-256 in hex, if it is known.
    pub sha256: Option<String>,
    /// What stands below it.
    pub caption: String,
    /// What it shows.
    pub alt_text: String,
    /// The bounds for it.
    pub allowed: Allowed,
}

/// A header as it is given.
#[derive(Debug, Clone, Default)]
pub struct GivenHeader {
    /// What it is for, if that was said.
    pub purpose: Option<Purpose>,
    /// Which annex it is.
    pub annex_code: String,
    /// The section it belongs to.
    pub section_code: String,
    /// Its name, perhaps with a path.
    pub file_name: String,
    /// How many bytes it has.
    pub size: i64,
    /// Its SHA-256 in hex; "" if it is not known.
    pub sha256: String,
    /// What stands below it.
    pub caption: String,
    /// What it shows.
    pub alt_text: String,
}

impl Header {
    /// Reads a header. A file that is too large is refused here, before any of it has arrived.
    ///
    /// # Errors
    /// Names every field at fault.
    pub fn read(
        rules: &AttachmentRules,
        kind: &ReportKind,
        given: GivenHeader,
    ) -> Result<Self, Vec<Violation>> {
        let mut violations = vec![];
        let file_name = base_name(&given.file_name);
        if !is_name(&file_name) {
            violations.push(Violation::new(
                "file_name",
                "文件名应为 1–200 字，且不含控制字符。请改名后再上传。",
                "A file's name has 1–200 characters and no control characters. Rename it and upload it again.",
            ));
        }
        let allowed = allowed_for(rules, kind, &given, &mut violations);
        check_section(kind, &given.section_code, &mut violations);
        check_description(&given.caption, &given.alt_text, &mut violations);
        if !given.sha256.is_empty() && !is_sha256(&given.sha256) {
            violations.push(Violation::new(
                "sha256",
                "sha256 应为 64 位小写十六进制数字，或留空。",
                "sha256 is 64 lower-case hexadecimal digits, or empty.",
            ));
        }
        let size = u64::try_from(given.size).unwrap_or_default();
        if size == 0 {
            violations.push(Violation::new(
                "size",
                "文件是空的。请检查后重新选择文件。",
                "The file is empty. Check it and choose the file again.",
            ));
        } else if let Some(allowed) = allowed.as_ref().filter(|allowed| size > allowed.max_bytes) {
            violations.push(too_large(size, allowed.max_bytes));
        }
        match (allowed, given.purpose) {
            (Some(allowed), Some(purpose)) if violations.is_empty() => Ok(Self {
                purpose,
                annex_code: given.annex_code,
                section_code: given.section_code,
                file_name,
                size,
                sha256: (!given.sha256.is_empty()).then_some(given.sha256),
                caption: given.caption.trim().to_owned(),
                alt_text: given.alt_text.trim().to_owned(),
                allowed,
            }),
            _ => Err(violations),
        }
    }
}

fn allowed_for(
    rules: &AttachmentRules,
    kind: &ReportKind,
    given: &GivenHeader,
    violations: &mut Vec<Violation>,
) -> Option<Allowed> {
    let Some(purpose) = given.purpose else {
        violations.push(Violation::new("purpose", "请说明文件的用途。", "Say what the file is for."));
        return None;
    };
    if purpose != Purpose::Annex {
        if !given.annex_code.is_empty() {
            violations.push(Violation::new(
                "annex_code",
                "只有附件材料才有附件种类。",
                "Only an annex has a kind of annex.",
            ));
        }
        return Some(if purpose == Purpose::Picture { &rules.picture } else { &rules.report }.clone());
    }
    let annex = kind.annexes.iter().find(|annex| annex.code == given.annex_code);
    if annex.is_none() {
        let known: Vec<&str> = kind.annexes.iter().map(|annex| annex.code.as_str()).collect();
        violations.push(Violation::new(
            "annex_code",
            format!("这类年报没有附件种类 {:?}；有：{}。", given.annex_code, known.join("、")),
            format!(
                "This kind of report has no annex {:?}; there are: {}.",
                given.annex_code,
                known.join(", ")
            ),
        ));
    }
    annex.map(Allowed::of_annex)
}

/// Checks that a section exists; "" means none in particular.
pub fn check_section(kind: &ReportKind, section_code: &str, violations: &mut Vec<Violation>) {
    if !section_code.is_empty() && kind.section(section_code).is_none() {
        violations.push(Violation::new(
            "section_code",
            format!("这类年报没有 {section_code:?} 这一节。"),
            format!("This kind of report has no section {section_code:?}."),
        ));
    }
}

/// Checks what is said about a picture.
pub fn check_description(caption: &str, alt_text: &str, violations: &mut Vec<Violation>) {
    if caption.trim().chars().count() > MAX_CAPTION || !is_storable(caption) || caption.contains('\n') {
        violations.push(Violation::new(
            "caption",
            "图题最多 200 字，写在一行里。",
            "A caption has at most 200 characters, on one line.",
        ));
    }
    if alt_text.trim().chars().count() > MAX_ALT || !is_storable(alt_text) {
        violations.push(Violation::new(
            "alt_text",
            "图片说明最多 500 字。",
            "An alternative text has at most 500 characters.",
        ));
    }
}

fn too_large(size: u64, most: u64) -> Violation {
    let (size, most) = (mebibytes(size), mebibytes(most));
    Violation::new(
        "size",
        format!("文件有 {size} MB，这里最大 {most} MB。请压缩图片、删去无关内容或拆分后再上传。"),
        format!(
            "The file has {size} MB; at most {most} MB are taken here. Shrink its pictures, or split it."
        ),
    )
}

/// A size in mebibytes with at most one decimal, rounded up so that 10.01 is not called 10.
fn mebibytes(bytes: u64) -> String {
    let tenths = (bytes * 10).div_ceil(MEBIBYTE);
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        tenth => format!("{}.{tenth}", tenths / 10),
    }
}

/// The last part of a path: browsers of old, and programs, send whole paths.
fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or(name).trim().to_owned()
}

fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.chars().count())
        && !name.chars().any(char::is_control)
        && name != "."
        && name != ".."
}

#[cfg(test)]
mod tests {
    use zhijian_platform::rules::RulesDir;

    use super::*;
    use crate::domain::catalogue::Catalogues;

    fn read(given: GivenHeader) -> Result<Header, Vec<Violation>> {
        let catalogue = Catalogues::shipped().get(2026).expect("2026 is shipped");
        let rules = AttachmentRules::load(&RulesDir::default()).expect("the shipped rules are sound");
        Header::read(&rules, catalogue.kind("higher").expect("a kind of 2026"), given)
    }

    fn picture() -> GivenHeader {
        GivenHeader {
            purpose: Some(Purpose::Picture),
            file_name: "C:\\照片\\实训.png".into(),
            size: 12,
            ..GivenHeader::default()
        }
    }

    #[test]
    fn a_header_loses_its_path_and_keeps_its_name() {
        let header = read(picture()).unwrap();
        assert_eq!((header.file_name.as_str(), header.size), ("实训.png", 12));
        assert_eq!(header.allowed.media_types, ["image/png", "image/jpeg"]);
    }

    #[test]
    fn every_field_at_fault_is_named_before_anything_arrives() {
        let violations = read(GivenHeader {
            file_name: "..".into(),
            size: 200 << 20,
            section_code: "nowhere".into(),
            caption: "长".repeat(201),
            sha256: "ABC".into(),
            annex_code: "declaration".into(),
            ..picture()
        })
        .unwrap_err();
        let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["file_name", "annex_code", "section_code", "caption", "sha256", "size"]);
        let size = &violations[5].description.zh;
        assert!(size.contains("200 MB") && size.contains("10 MB"), "{size}");
        assert_eq!(read(GivenHeader { size: 0, ..picture() }).unwrap_err()[0].field, "size");
        assert_eq!(read(GivenHeader { size: -5, ..picture() }).unwrap_err()[0].field, "size");
        assert_eq!(read(GivenHeader { purpose: None, ..picture() }).unwrap_err()[0].field, "purpose");
    }

    #[test]
    fn an_unknown_annex_is_told_with_those_that_are_known() {
        let given = GivenHeader { purpose: Some(Purpose::Annex), annex_code: "photo".into(), ..picture() };
        let violations = read(given).unwrap_err();
        assert_eq!(violations[0].field, "annex_code");
        assert!(violations[0].description.zh.contains("declaration"), "{:?}", violations[0]);
    }

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(mebibytes(10 << 20), "10");
        assert_eq!(mebibytes((10 << 20) + 1), "10.1");
        assert_eq!(mebibytes(1), "0.1");
    }
}
