//! Forms that bring files.

use maud::{Markup, html};
use zhijian_platform::Lang;

use super::{hidden, id_of};
use crate::web::{
    form::{Attempt, REQUEST_ID},
    i18n::words,
};

/// A posting form that brings files, with its request id. Its files cannot be kept by a browser; all else is.
pub fn file_form(action: &str, attempt: &Attempt, keep: &str, fields: Markup) -> Markup {
    html! {
        form method="post" action=(action) enctype="multipart/form-data" novalidate
            data-keep=[(!keep.is_empty()).then_some(keep)] data-refused[attempt.is_refused()] {
            (hidden(REQUEST_ID, &attempt.next_request_id()))
            (fields)
        }
    }
}

/// What a file field is for.
pub struct FileField<'a> {
    /// Its name.
    pub name: &'a str,
    /// Tells it from fields of the same name in other forms of the page.
    pub distinct: &'a str,
    /// What it asks for.
    pub label: &'a str,
    /// The types that are taken, as media types.
    pub media_types: &'a [String],
    /// The size of a file at most, in bytes; 0 for no bound.
    pub max_bytes: i64,
    /// Whether the form is nothing without it.
    pub required: bool,
}

impl FileField<'_> {
    /// The field, with what is wrong with the file that was brought last.
    pub fn show(&self, lang: Lang, attempt: &Attempt) -> Markup {
        let t = words(lang);
        let fault = attempt.fault(self.name);
        let id = match self.distinct {
            "" => id_of(self.name),
            _ if fault.is_some() => id_of(self.name),
            of => format!("{}-{of}", id_of(self.name)),
        };
        let accept = self.media_types.join(",");
        let hint = bounds(lang, self.media_types, self.max_bytes);
        html! {
            div.field {
                label for=(id) { (self.label) }
                span.hint id={ (id) "-hint" } { (hint) }
                @if let Some(fault) = fault { span.wrong-text id={ (id) "-wrong" } { (fault) } }
                @if attempt.is_refused() && (self.required || fault.is_some()) {
                    span.hint { (t("文件要重新选择，其他内容都还在。", "Choose the file again; all else is still here.")) }
                }
                input type="file" id=(id) name=(self.name) accept=(accept) data-max-bytes=(self.max_bytes)
                    aria-describedby={ (id) "-hint" } aria-invalid=[fault.map(|_| "true")];
            }
        }
    }
}

/// "PDF，最大 20 MB".
pub fn bounds(lang: Lang, media_types: &[String], max_bytes: i64) -> String {
    let t = words(lang);
    let names: Vec<&str> = media_types.iter().map(|media| type_name(media)).collect();
    let names = names.join(t("、", ", "));
    match max_bytes >> 20 {
        ..=0 => names,
        most => match lang {
            Lang::Zh => format!("{names}，最大 {most} MB"),
            Lang::En => format!("{names}, at most {most} MB"),
        },
    }
}

/// What people call a media type.
pub fn type_name(media_type: &str) -> &str {
    match media_type {
        "application/pdf" => "PDF",
        "text/csv" => "CSV",
        "application/json" => "JSON",
        "image/png" => "PNG",
        "image/jpeg" => "JPEG",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "DOCX",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "XLSX",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => "PPTX",
        other => other,
    }
}

/// "1.2 MB"; a file of some bytes has at least 1 KB.
pub fn size(bytes: i64) -> String {
    const KIB: i64 = 1 << 10;
    match bytes {
        bytes if bytes >= KIB * KIB => {
            let tenths = (bytes * 10) / (KIB * KIB);
            match tenths % 10 {
                0 => format!("{} MB", tenths / 10),
                tenth => format!("{}.{tenth} MB", tenths / 10),
            }
        }
        bytes => format!("{} KB", (bytes + KIB - 1) / KIB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_told_in_words() {
        assert_eq!(bounds(Lang::Zh, &["application/pdf".into()], 20 << 20), "PDF，最大 20 MB");
        assert_eq!(bounds(Lang::En, &["image/png".into(), "image/jpeg".into()], 0), "PNG, JPEG");
        assert_eq!((size(1), size(2048), size(1_310_720)), ("1 KB".into(), "2 KB".into(), "1.2 MB".into()));
        assert_eq!(size(600 << 20), "600 MB");
    }
}
