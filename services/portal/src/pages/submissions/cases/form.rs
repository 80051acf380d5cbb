//! The form of one case, and what it sent.

use maud::{Markup, html};
use zhijian_proto::submission::v1::{Attachment, Case, CasePicture, SectionKind, attachment::Purpose};

use crate::{
    pages::submissions::{
        material::{Material, file_address},
        report::{Part, Report},
    },
    say,
    web::{
        components::{Field, FileField, Kind, base, file_form, hidden, id_of},
        form::{Attempt, FormData},
        i18n::{name_or, words},
        session::Visitor,
    },
};

/// How many pictures a case has at most.
const MAX_PICTURES: usize = 6;

/// A case being written.
pub struct Edited<'a> {
    pub visitor: &'a Visitor,
    pub report: &'a Report,
    pub material: &'a Material,
    pub stored: &'a Case,
    pub attempt: &'a Attempt,
}

/// A name of a picture's field in the form.
fn name(place: usize, part: &str) -> String {
    format!("picture.{place}.{part}")
}

impl Edited<'_> {
    /// The form, posting to `address`.
    pub fn form(&self, address: &str, keep: &str) -> Markup {
        let lang = self.visitor.lang();
        let t = words(lang);
        let Self { stored, attempt, material, .. } = self;
        let most = material.max_characters;
        let hint = say!(
            lang,
            "不超过 {most} 字，空格和换行不计。写清做了什么、怎样做、效果如何。",
            "At most {most} characters, white space aside. Say what was done, how, and what came of it."
        );
        file_form(
            address,
            attempt,
            keep,
            html! {
                (base("etag", &stored.etag))
                (self.section())
                (Field::new(Kind::Text, "case.title", t("标题", "Title"), attempt, &stored.title).hint(t("1–60 字", "1–60 characters")))
                (Field::new(Kind::Long, "case.body", t("正文", "Text"), attempt, &stored.body).hint(&hint))
                h2 { (t("配图", "Pictures")) }
                @for (place, picture) in self.pictures().iter().enumerate() { (self.picture(place, picture)) }
                (self.more())
                div.stick { div.actions {
                    button.primary type="submit" data-save { (t("保存案例", "Save the case")) }
                    span.saved data-saved aria-live="polite" {}
                } }
            },
        )
    }

    fn section(&self) -> Markup {
        let lang = self.visitor.lang();
        let t = words(lang);
        let kinds: &[SectionKind] =
            self.report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
        let chosen = self.attempt.form.or("case.section_code", &self.stored.section_code);
        let id = id_of("case.section_code");
        let fault = self.attempt.fault("case.section_code");
        html! {
            div.field {
                label for=(id) { (t("所属章节", "Section")) }
                @if let Some(fault) = fault { span.wrong-text { (fault) } }
                select id=(id) name="case.section_code" required aria-invalid=[fault.map(|_| "true")] {
                    option value="" { (t("请选择", "Choose one")) }
                    @for kind in kinds.iter().filter(|kind| self.report.allows(Part::Section(&kind.code)) || kind.code == chosen) { option value=(kind.code) selected[kind.code == chosen] { (name_or(lang, kind.name.as_ref(), &kind.code)) } }
                }
            }
        }
    }

    /// The pictures as the form last had them, else as they are stored.
    fn pictures(&self) -> Vec<CasePicture> {
        if self.attempt.form.is_empty() { self.stored.pictures.clone() } else { pictures(&self.attempt.form) }
    }

    fn picture(&self, place: usize, picture: &CasePicture) -> Markup {
        let lang = self.visitor.lang();
        let t = words(lang);
        let file = self.material.attachments.iter().find(|file| file.attachment_id == picture.attachment_id);
        let number = place + 1;
        let lost = self.attempt.fault(&name(place, "attachment_id"));
        html! {
            fieldset.slot {
                legend { (say!(lang, "图片 {number}", "Picture {number}")) }
                (hidden(&name(place, "attachment_id"), &picture.attachment_id))
                @match file {
                    Some(file) => img src=(file_address(self.report, file)) alt=(picture.alt_text) loading="lazy";,
                    None => p.grey { (t("这张图片已不在附件中。", "This picture is no longer among the files.")) },
                }
                div {
                    @if let Some(lost) = lost { span.wrong-text { (lost) } }
                    (Field::new(Kind::Text, &name(place, "caption"), t("图题", "Caption"), self.attempt, &picture.caption))
                    (Field::new(Kind::Text, &name(place, "alt_text"), t("图片内容说明", "What it shows"), self.attempt, &picture.alt_text)
                        .hint(t("一句话，供看不见图片的人使用", "A sentence, for those who cannot see it")))
                    label { input type="checkbox" name=(name(place, "off")) value="1"; " " (t("保存时取下这张图片", "Take it off when saving")) }
                }
            }
        }
    }

    /// One more picture: from the report's files, or a new one.
    fn more(&self) -> Markup {
        let lang = self.visitor.lang();
        let t = words(lang);
        let shown = self.pictures();
        if shown.len() >= MAX_PICTURES {
            return html! { p.grey { (say!(lang, "一个案例最多 {MAX_PICTURES} 张图片。", "A case has at most {MAX_PICTURES} pictures.")) } };
        }
        let others: Vec<&Attachment> = self
            .material
            .of(Purpose::Picture)
            .filter(|file| shown.iter().all(|picture| picture.attachment_id != file.attachment_id))
            .collect();
        let limit = self.material.limit(Purpose::Picture).cloned().unwrap_or_default();
        let attempt = self.attempt;
        html! {
            fieldset {
                legend { (t("加一张图片", "Add a picture")) span.grey { (t("（选填）", " (optional)")) } }
                @if !others.is_empty() {
                    div.field {
                        label for=(id_of("new.choose")) { (t("从已上传的图片中选", "From those uploaded")) }
                        select id=(id_of("new.choose")) name="new.choose" {
                            option value="" { (t("不选", "No other picture")) }
                            @for file in others {
                                option value=(file.attachment_id) selected[file.attachment_id == attempt.form.get("new.choose")] {
                                    @if file.caption.is_empty() { (file.file_name) } @else { (file.caption) }
                                }
                            }
                        }
                    }
                }
                (FileField { name: "new.file", distinct: "", label: t("或上传新图片", "Or a new one"), media_types: &limit.media_types, max_bytes: limit.max_bytes, required: false }
                    .show(lang, attempt))
                (Field::new(Kind::Text, "new.caption", t("图题", "Caption"), attempt, "").optional(lang)
                    .hint(t("有图片时必填", "Required with a picture")))
                (Field::new(Kind::Text, "new.alt_text", t("图片内容说明", "What it shows"), attempt, "").optional(lang)
                    .hint(t("有图片时必填：一句话，供看不见图片的人使用", "Required with a picture: a sentence, for those who cannot see it")))
            }
        }
    }
}

/// The pictures that the form sent, those taken off left out, the chosen one at the end.
fn pictures(form: &FormData) -> Vec<CasePicture> {
    let mut pictures = vec![];
    for place in 0..=MAX_PICTURES {
        let Some(attachment_id) = form.typed(&name(place, "attachment_id")) else { break };
        if form.typed(&name(place, "off")).is_none() {
            pictures.push(CasePicture {
                attachment_id: attachment_id.to_owned(),
                caption: form.get(&name(place, "caption")).to_owned(),
                alt_text: form.get(&name(place, "alt_text")).to_owned(),
            });
        }
    }
    let chosen = form.get("new.choose");
    if !chosen.is_empty() {
        pictures.push(CasePicture {
            attachment_id: chosen.to_owned(),
            caption: form.get("new.caption").to_owned(),
            alt_text: form.get("new.alt_text").to_owned(),
        });
    }
    pictures
}

/// The case that the form sent.
pub fn given(form: &FormData) -> Case {
    Case {
        section_code: form.get("case.section_code").to_owned(),
        title: form.get("case.title").to_owned(),
        body: form.lines("case.body"),
        etag: form.get("etag").to_owned(),
        pictures: pictures(form),
        ..Case::default()
    }
}

/// The form with its pictures numbered anew: those taken off are gone, the chosen one is one of them.
pub fn numbered(form: &FormData) -> FormData {
    let chosen = !form.get("new.choose").is_empty();
    let gone = |name: &str| {
        name.starts_with("picture.")
            || (chosen && matches!(name, "new.choose" | "new.caption" | "new.alt_text"))
    };
    let mut pairs: Vec<(String, String)> =
        form.pairs().iter().filter(|(name, _)| !gone(name)).cloned().collect();
    for (place, picture) in pictures(form).into_iter().enumerate() {
        pairs.push((name(place, "attachment_id"), picture.attachment_id));
        pairs.push((name(place, "caption"), picture.caption));
        pairs.push((name(place, "alt_text"), picture.alt_text));
    }
    FormData::new(pairs)
}

/// The form as if the picture had been there before: it becomes one of the numbered ones.
pub fn with_picture(form: &FormData, kept: &Attachment) -> FormData {
    let next = (0..).find(|place| form.typed(&name(*place, "attachment_id")).is_none()).unwrap_or_default();
    let own = ["new.caption", "new.alt_text"];
    let mut pairs: Vec<(String, String)> =
        form.pairs().iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect();
    pairs.push((name(next, "attachment_id"), kept.attachment_id.clone()));
    pairs.push((name(next, "caption"), kept.caption.clone()));
    pairs.push((name(next, "alt_text"), kept.alt_text.clone()));
    FormData::new(pairs)
}

/// The contract's path as the form's field: "case.pictures[0].caption" is "picture.0.caption".
pub fn field_of(field: &str) -> String {
    let Some((place, part)) = field.strip_prefix("case.pictures[").and_then(|rest| rest.split_once("]."))
    else {
        return field.to_owned();
    };
    format!("picture.{place}.{part}")
}

/// What a colleague saved meanwhile.
pub fn theirs(visitor: &Visitor, stored: &Case) -> Markup {
    let t = words(visitor.lang());
    html! {
        div.banner.need role="alert" tabindex="-1" data-faults {
            h2 { (t("还没有保存：同事刚刚改过这个案例", "Not saved yet: a colleague has just changed this case")) }
            p { (t("下面先是同事保存的，再是您写的。合并之后再保存一次，就以您的为准。", "Below stands your colleague's, then yours. Merge them, then save again: yours will stand.")) }
        }
        div.field {
            label for="theirs" { (t("同事保存的案例：", "Your colleague's case: ")) (stored.title) }
            textarea id="theirs" readonly { "\n" (stored.body) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> FormData {
        FormData::new(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    #[test]
    fn pictures_are_taken_off_and_added() {
        let sent = form(&[
            ("picture.0.attachment_id", "att_1"),
            ("picture.0.caption", "一"),
            ("picture.0.off", "1"),
            ("picture.1.attachment_id", "att_2"),
            ("picture.1.caption", "二"),
            ("new.choose", "att_3"),
            ("new.caption", "三"),
        ]);
        let again = numbered(&sent);
        assert_eq!((again.get("picture.0.caption"), again.get("picture.1.caption")), ("二", "三"));
        assert_eq!((again.typed("picture.2.caption"), again.typed("new.choose")), (None, None));
        let case = given(&again);
        let shown: Vec<(&str, &str)> = case
            .pictures
            .iter()
            .map(|picture| (picture.attachment_id.as_str(), picture.caption.as_str()))
            .collect();
        assert_eq!(shown, [("att_2", "二"), ("att_3", "三")]);
    }

    #[test]
    fn a_picture_just_kept_is_among_the_forms_own_for_the_next_try() {
        let sent =
            form(&[("picture.0.attachment_id", "att_1"), ("new.caption", "新"), ("case.title", "订单班")]);
        let kept =
            Attachment { attachment_id: "att_9".into(), caption: "新".into(), ..Attachment::default() };
        let with = with_picture(&sent, &kept);
        assert_eq!(with.get("picture.1.attachment_id"), "att_9");
        assert_eq!((with.get("picture.1.caption"), with.typed("new.caption")), ("新", None));
        assert_eq!(given(&with).pictures.len(), 2);
    }

    #[test]
    fn faults_stand_at_their_fields() {
        assert_eq!(field_of("case.pictures[1].alt_text"), "picture.1.alt_text");
        assert_eq!(field_of("case.title"), "case.title");
    }
}
