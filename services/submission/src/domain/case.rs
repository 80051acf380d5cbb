//! Cases (案例): short accounts of what was done, each with its pictures.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use zhijian_platform::Violation;

use super::{
    attachment::{MAX_ALT, MAX_CAPTION},
    catalogue::ReportKind,
    text::{characters, is_filled, is_storable},
};

/// How many cases a report has at most.
pub const MAX_CASES: usize = 100;
/// How long a title may be.
const MAX_TITLE: usize = 60;
/// How many pictures a case has at most.
const MAX_PICTURES: usize = 6;
/// How long a text may be where the report kind sets no bound.
const MAX_BODY: usize = 20_000;

/// A case as a revision freezes it; the keys stand in alphabetical order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The text.
    pub body: String,
    /// Its id.
    pub case_id: String,
    /// Its pictures, in order.
    pub pictures: Vec<Picture>,
    /// The section it belongs to.
    pub section_code: String,
    /// Its title.
    pub title: String,
}

/// A picture as a case shows it; the keys stand in alphabetical order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// What it shows, for those who cannot see it.
    pub alt_text: String,
    /// The attachment.
    pub attachment_id: String,
    /// What stands below it.
    pub caption: String,
}

/// The pictures among a report's attachments, by id.
pub type Pictures = BTreeSet<String>;

impl Case {
    /// Reads a case for a report of this kind.
    ///
    /// # Errors
    /// Names every field at fault.
    pub fn read(self, kind: &ReportKind) -> Result<Self, Vec<Violation>> {
        let mut violations = vec![];
        if kind.section(&self.section_code).is_none() {
            violations.push(Violation::new(
                "case.section_code",
                format!("请选择案例所属的章节；这类年报没有 {:?} 这一节。", self.section_code),
                format!(
                    "Choose the case's section; this kind of report has no section {:?}.",
                    self.section_code
                ),
            ));
        }
        if !is_filled(&self.title, MAX_TITLE) || self.title.trim().contains(['\n', '\r']) {
            violations.push(Violation::new(
                "case.title",
                "案例标题应为 1–60 字，写在一行里。",
                "A case's title has 1–60 characters, on one line.",
            ));
        }
        check_body(&self.body, kind.max_case_characters, &mut violations);
        check_pictures(&self.pictures, &mut violations);
        if !violations.is_empty() {
            return Err(violations);
        }
        let picture = |picture: Picture| Picture {
            alt_text: picture.alt_text.trim().to_owned(),
            caption: picture.caption.trim().to_owned(),
            ..picture
        };
        Ok(Self {
            title: self.title.trim().to_owned(),
            pictures: self.pictures.into_iter().map(picture).collect(),
            ..self
        })
    }

    /// The pictures that the report does not have.
    pub fn without(&self, pictures: &Pictures) -> Vec<Violation> {
        let missing = |(place, picture): (usize, &Picture)| {
            (!pictures.contains(&picture.attachment_id)).then(|| {
                Violation::new(
                    format!("case.pictures[{place}].attachment_id"),
                    "这张图片已不在本年报的附件中，请重新选择或上传。",
                    "This picture is no longer among the report's attachments; choose another, or upload it.",
                )
            })
        };
        self.pictures.iter().enumerate().filter_map(missing).collect()
    }
}

fn check_body(body: &str, most: u32, violations: &mut Vec<Violation>) {
    let most = match usize::try_from(most) {
        Ok(0) | Err(_) => MAX_BODY,
        Ok(most) => most,
    };
    let count = characters(body);
    if count == 0 {
        violations.push(Violation::new("case.body", "请写案例正文。", "Write the case's text."));
    } else if count > most || !is_storable(body) {
        let over = count.saturating_sub(most);
        violations.push(Violation::new(
            "case.body",
            format!("案例正文最多 {most} 字（空格和换行不计），现在有 {count} 字，请删去 {over} 字。"),
            format!(
                "A case has at most {most} characters, white space aside; this one has {count}. Cut {over}."
            ),
        ));
    }
}

fn check_pictures(pictures: &[Picture], violations: &mut Vec<Violation>) {
    if pictures.len() > MAX_PICTURES {
        violations.push(Violation::new(
            "case.pictures",
            "一个案例最多 6 张图片。",
            "A case has at most 6 pictures.",
        ));
    }
    let mut seen = BTreeSet::new();
    for (place, picture) in pictures.iter().enumerate() {
        let field = |part: &str| format!("case.pictures[{place}].{part}");
        let number = place + 1;
        if !seen.insert(&picture.attachment_id) {
            violations.push(Violation::new(
                field("attachment_id"),
                format!("第 {number} 张图片与前面的重复。"),
                format!("Picture {number} appears twice."),
            ));
        }
        if !is_filled(&picture.caption, MAX_CAPTION) {
            violations.push(Violation::new(
                field("caption"),
                format!("请写第 {number} 张图片的图题，1–200 字。"),
                format!("Write the caption of picture {number}, 1–200 characters."),
            ));
        }
        if !is_filled(&picture.alt_text, MAX_ALT) {
            violations.push(Violation::new(
                field("alt_text"),
                format!("请用一句话说明第 {number} 张图片的内容，供看不见图片的人使用，1–500 字。"),
                format!("Say in a sentence what picture {number} shows, for those who cannot see it, 1–500 characters."),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Catalogues;

    fn case(body: &str) -> Case {
        Case {
            body: body.into(),
            case_id: String::new(),
            pictures: vec![],
            section_code: "talent".into(),
            title: " 订单班 ".into(),
        }
    }

    fn read(case: Case) -> Result<Case, Vec<Violation>> {
        let catalogue = Catalogues::shipped().get(2026).expect("2026 is shipped");
        case.read(catalogue.kind("higher").expect("a kind of 2026"))
    }

    #[test]
    fn a_case_has_a_thousand_characters_white_space_aside() {
        let spaced: String = "育 人\n".repeat(500);
        assert_eq!(read(case(&spaced)).unwrap().title, "订单班");
        let over = read(case(&format!("{spaced}多一"))).unwrap_err();
        assert_eq!(over[0].field, "case.body");
        assert!(over[0].description.zh.contains("删去 2 字"), "{}", over[0].description.zh);
        assert_eq!(read(case(" \n\t　")).unwrap_err()[0].field, "case.body");
    }

    #[test]
    fn pictures_want_a_caption_and_words_for_those_who_cannot_see_them() {
        let bare =
            |id: &str| Picture { alt_text: " ".into(), attachment_id: id.into(), caption: String::new() };
        let violations =
            read(Case { pictures: vec![bare("att_1"), bare("att_1")], ..case("育人") }).unwrap_err();
        let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "case.pictures[0].caption",
                "case.pictures[0].alt_text",
                "case.pictures[1].attachment_id",
                "case.pictures[1].caption",
                "case.pictures[1].alt_text",
            ]
        );
        let good =
            Picture {
                alt_text: "学生在车间".into(), attachment_id: "att_1".into(), caption: "实训".into()
            };
        let case = read(Case { pictures: vec![good], ..case("育人") }).unwrap();
        assert_eq!(case.without(&Pictures::from(["att_1".into()])), vec![]);
        assert_eq!(case.without(&Pictures::new())[0].field, "case.pictures[0].attachment_id");
    }

    #[test]
    fn a_case_belongs_to_a_section() {
        let lost =
            read(Case { section_code: String::new(), title: "一\n二".into(), ..case("育人") }).unwrap_err();
        let fields: Vec<&str> = lost.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["case.section_code", "case.title"]);
    }
}
