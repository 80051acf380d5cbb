//! What goes with a report: its files and cases, as several pages need them.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html};
use zhijian_proto::submission::v1::{
    Attachment, AttachmentLimit, Case, ListAttachmentsRequest, ListAttachmentsResponse, ListCasesRequest,
    SectionKind, attachment::Purpose,
};

use super::{
    remarks,
    report::{Report, Standing},
};
use crate::{
    say,
    web::{
        components::{Mark, Sign, Tone},
        error::Failure,
        i18n::{name_or, words},
        prose::Picture,
        session::Visitor,
    },
};

/// A report's files and cases.
pub struct Material {
    pub attachments: Vec<Attachment>,
    pub limits: Vec<AttachmentLimit>,
    pub cases: Vec<Case>,
    /// How many characters a case may have; 0 for no bound.
    pub max_characters: i32,
    pub bytes_used: i64,
    pub bytes_allowed: i64,
    /// For the desk: what looks wrong and was marked as needing no change, by section.
    pub to_review: BTreeMap<String, usize>,
}

impl Material {
    /// The working copy's.
    pub async fn load(visitor: &Visitor, report: &Report) -> Result<Self, Failure> {
        let submission_id = report.submission.submission_id.clone();
        let (mut files, mut cases) = (visitor.clients().attachments(), visitor.clients().cases());
        let files = files.list_attachments(ListAttachmentsRequest {
            submission_id: submission_id.clone(),
            revision_number: 0,
        });
        let cases = cases.list_cases(ListCasesRequest { submission_id, revision_number: 0 });
        let (files, cases) = futures::try_join!(files, cases)?;
        let mut to_review = BTreeMap::new();
        if report.standing(visitor) == Standing::Desk {
            for remark in remarks::of_report(visitor, report).await? {
                let dismissal = remark.dismissal.as_ref();
                if dismissal.is_some_and(|dismissal| dismissal.wants_review && !dismissal.overruled)
                    && let Some(place) = remark.places.first()
                {
                    *to_review.entry(place.section_code.clone()).or_default() += 1;
                }
            }
        }
        let ListAttachmentsResponse { attachments, limits, bytes_used, bytes_allowed } = files.into_inner();
        let cases = cases.into_inner();
        Ok(Self {
            attachments,
            limits,
            max_characters: cases.max_characters,
            cases: cases.cases,
            bytes_used,
            bytes_allowed,
            to_review,
        })
    }

    /// The files of one purpose.
    pub fn of(&self, purpose: Purpose) -> impl Iterator<Item = &Attachment> {
        self.attachments.iter().filter(move |attachment| attachment.purpose() == purpose)
    }

    /// The files of one kind of annex.
    pub fn annexes<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Attachment> {
        self.of(Purpose::Annex).filter(move |attachment| attachment.annex_code == code)
    }

    /// What is taken for a purpose that is no annex.
    pub fn limit(&self, purpose: Purpose) -> Option<&AttachmentLimit> {
        self.limits.iter().find(|limit| limit.purpose() == purpose && limit.annex_code.is_empty())
    }

    /// The annexes that are asked for and not there.
    pub fn missing(&self) -> impl Iterator<Item = &AttachmentLimit> {
        self.limits.iter().filter(|limit| limit.required && self.annexes(&limit.annex_code).next().is_none())
    }

    /// The pictures, as texts show them.
    pub fn pictures(&self, report: &Report) -> HashMap<String, Picture> {
        self.of(Purpose::Picture)
            .map(|attachment| {
                let said = [&attachment.alt_text, &attachment.caption, &attachment.file_name];
                let alt = said.into_iter().find(|words| !words.is_empty()).cloned().unwrap_or_default();
                let picture = Picture { address: file_address(report, attachment), alt };
                (attachment.attachment_id.clone(), picture)
            })
            .collect()
    }

    /// How many cases a section has.
    pub fn cases_of(&self, section_code: &str) -> usize {
        self.cases.iter().filter(|case| case.section_code == section_code).count()
    }
}

/// Where a file is downloaded.
pub fn file_address(report: &Report, attachment: &Attachment) -> String {
    format!("{}/attachments/{}/file", report.address(), attachment.attachment_id)
}

/// The report page's block about files and cases, each with what is missing.
pub fn panel(visitor: &Visitor, report: &Report, material: &Material) -> Markup {
    let lang = visitor.lang();
    let t = words(lang);
    let files = material.attachments.len();
    let cases = material.cases.len();
    let sections: &[SectionKind] = report.kind().map(|kind| kind.sections.as_slice()).unwrap_or_default();
    let lacking: Vec<&str> = sections
        .iter()
        .filter(|kind| material.cases_of(&kind.code) < usize::try_from(kind.min_cases).unwrap_or_default())
        .map(|kind| name_or(lang, kind.name.as_ref(), &kind.code))
        .collect();
    html! {
        div.table-head { h2 { (t("案例与附件", "Cases and files")) } }
        table {
            tbody {
                tr {
                    th scope="row" { a href={ (report.address()) "/cases" } { (t("案例", "Cases")) } }
                    td { (say!(lang, "{cases} 个", "{cases}")) }
                    td {
                        @if !lacking.is_empty() {
                            (Mark::new(Sign::Empty, Tone::Need, t("还缺案例", "More are asked for"))) " "
                            span.grey { (lacking.join(t("、", ", "))) }
                        }
                    }
                }
                tr {
                    th scope="row" { a href={ (report.address()) "/attachments" } { (t("附件", "Files")) } }
                    td { (say!(lang, "{files} 个", "{files}")) }
                    td {
                        @for limit in material.missing() {
                            (Mark::new(Sign::Empty, Tone::Need, t("待上传", "To be uploaded"))) " "
                            span.grey { (name_or(lang, limit.name.as_ref(), &limit.annex_code)) } " "
                        }
                    }
                }
                @if !material.to_review.is_empty() {
                    tr {
                        th scope="row" { (t("校对", "Proofreading")) }
                        td colspan="2" {
                            (Mark::new(Sign::Warn, Tone::Need, t("请看学校的理由", "Look at the school's reasons"))) " "
                            span.grey { (t("疑似错误被标为无需修改：", "Marked as needing no change, and looks wrong: ")) }
                            @for kind in sections {
                                @if let Some(count) = material.to_review.get(&kind.code) {
                                    a href={ (report.section_address(&kind.code)) "#preview" } { (name_or(lang, kind.name.as_ref(), &kind.code)) }
                                    (say!(lang, " {count} 处　", " {count}  "))
                                }
                            }
                        }
                    }
                }
                @if report.editable(visitor) {
                    tr {
                        th scope="row" { a href={ (report.address()) "/narrative" } { (t("从 Word 文档读入正文", "Take the text out of a Word document")) } }
                        td colspan="2" { span.grey { (t("上传一份 DOCX，按标题分到各节，先预览再应用。", "Upload one DOCX; its headings find their sections. Preview first, then apply.")) } }
                    }
                }
            }
        }
    }
}
