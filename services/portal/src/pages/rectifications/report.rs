//! What a school reports of its measures, and the documents that show it.

use maud::{Markup, html};
use zhijian_platform::Lang;
use zhijian_proto::{
    review::v1::{EvidenceItem, Measure},
    submission::v1::{Attachment, ListAttachmentsRequest, ListSubmissionsRequest},
};

use super::show::{Shown, about};
use crate::{
    pages::lookup::{WHOLE_PAGE, all_pages},
    web::{
        components::{Field, Form, Kind, base, id_of},
        error::Failure,
        form::FormData,
        i18n::words,
    },
};

/// How many empty rows for documents a measure offers.
const SPARE: usize = 2;
/// The most rows that are read.
const MOST: usize = 20;

/// The files of the school's reports, newest reports first.
pub async fn files(shown: &Shown<'_>) -> Result<Vec<Attachment>, Failure> {
    let visitor = shown.visitor;
    let entry = shown.rectification.entry.clone().unwrap_or_default();
    let reports = all_pages(|page_token| {
        let mut submissions = visitor.clients().submissions();
        let request = ListSubmissionsRequest {
            page_size: WHOLE_PAGE,
            page_token,
            organisation_code: entry.organisation_code.clone(),
            ..ListSubmissionsRequest::default()
        };
        async move {
            let answer = submissions.list_submissions(request).await?.into_inner();
            Ok((answer.submissions, answer.next_page_token))
        }
    });
    let mut files: Vec<Attachment> = vec![];
    for report in reports.await?.into_iter().rev() {
        let request = ListAttachmentsRequest { submission_id: report.submission_id, revision_number: 0 };
        let found = visitor.clients().attachments().list_attachments(request).await?.into_inner().attachments;
        for file in found {
            if !files.iter().any(|known| known.sha256 == file.sha256) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

/// The form in which a school reports.
pub fn form(shown: &Shown<'_>) -> Markup {
    let Shown { visitor, rectification, attempt, .. } = shown;
    let lang = visitor.lang();
    let t = words(lang);
    if rectification.measures.is_empty() {
        return html! {};
    }
    let keep = format!("report/{}", rectification.rectification_id);
    html! {
        h2 { (t("填报措施进展", "Report progress")) }
        (Form { action: &format!("{}/report", shown.address()), attempt, keep: &keep }.around(html! {
            (base("etag", &rectification.etag))
            input type="hidden" name="count" value=(rectification.measures.len());
            @for (place, measure) in rectification.measures.iter().enumerate() {
                @let field = |name: &str| format!("reports[{place}].{name}");
                @let (progress, evidence, finished) = (field("progress"), field("evidence"), field("done"));
                @let ticked = match attempt.form.is_empty() { true => measure.done, false => attempt.form.typed(&finished).is_some() };
                fieldset.measure {
                    legend { (place + 1) ". " (measure.title) }
                    (about(shown, measure))
                    (Field::new(Kind::Lines, &progress, t("进展", "Progress"), attempt, &measure.progress).optional(lang))
                    (Field::new(Kind::Lines, &evidence, t("佐证说明", "What shows it"), attempt, &measure.evidence)
                        .hint(t("写明材料名称、文号。", "Name the documents and their numbers.")).optional(lang))
                    (documents(shown, place, measure))
                    label { input type="checkbox" name=(finished) value="yes" checked[ticked]; " " (t("已完成", "Done")) }
                }
            }
            div.actions {
                button.primary type="submit" { (t("保存进展", "Save the progress")) }
                span.saved data-saved aria-live="polite" {}
            }
        }))
    }
}

fn documents(shown: &Shown<'_>, place: usize, measure: &Measure) -> Markup {
    let (lang, attempt) = (shown.visitor.lang(), shown.attempt);
    let t = words(lang);
    let rows = (measure.items.len() + SPARE).min(MOST);
    html! {
        p.hint { (t("佐证材料：给出网址，或者选择年报里的一份附件；空着的不提交。", "Documents: give an address, or choose one of your reports' files; empty rows are not sent.")) }
        @for row in 0..rows {
            @let stored = measure.items.get(row).cloned().unwrap_or_default();
            @let field = |name: &str| format!("reports[{place}].items[{row}].{name}");
            @let (title, link, file) = (field("title"), field("link"), field("sha256"));
            @let chosen = attempt.form.or(&file, &stored.sha256).to_owned();
            div.document {
                (Field::new(Kind::Text, &title, t("材料名称", "Document"), attempt, &stored.title).optional(lang))
                (Field::new(Kind::Text, &link, t("网址", "Address"), attempt, &stored.link).optional(lang))
                @if !shown.files.is_empty() {
                    div.field {
                        label for=(id_of(&file)) { (t("年报附件", "File of a report")) }
                        select id=(id_of(&file)) name=(file) {
                            option value="" { "—" }
                            @for known in shown.files { option value=(known.sha256) selected[known.sha256 == chosen] { (known.file_name) } }
                        }
                        @if let Some(fault) = attempt.fault(&file) { span.wrong-text { (fault) } }
                    }
                }
            }
        }
    }
}

/// The documents of a measure as the form has them, without its empty rows; and the rows they stand in.
pub fn read(form: &FormData, place: usize) -> (Vec<EvidenceItem>, Vec<usize>) {
    (0..MOST)
        .filter_map(|row| {
            let field = |name: &str| form.get(&format!("reports[{place}].items[{row}].{name}")).to_owned();
            let item = EvidenceItem { title: field("title"), link: field("link"), sha256: field("sha256") };
            (item != EvidenceItem::default()).then_some((item, row))
        })
        .unzip()
}

/// The documents of a measure, for whoever reads.
pub fn items(lang: Lang, items: &[EvidenceItem]) -> Markup {
    let t = words(lang);
    html! {
        @if !items.is_empty() {
            ul {
                @for item in items {
                    li {
                        @if item.link.is_empty() { (item.title) (t("（年报附件）", " (a report's file)")) }
                        @else { a href=(item.link) rel="noopener noreferrer nofollow" target="_blank" { (item.title) } }
                        @if !item.sha256.is_empty() { " " span.grey.small.code title=(item.sha256) { (item.sha256.get(..12).unwrap_or_default()) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_rows_are_left_out_and_the_others_keep_their_places() {
        let pair = |name: &str, value: &str| (format!("reports[1].items[{name}"), value.to_owned());
        let form = FormData::new(vec![
            pair("0].title", ""),
            pair("1].title", "验收报告"),
            pair("1].link", "https://example.org/a"),
        ]);
        let (items, rows) = read(&form, 1);
        assert_eq!((items.len(), rows), (1, vec![1]));
        assert_eq!(items[0].title, "验收报告");
        assert!(read(&form, 0).0.is_empty());
    }
}
