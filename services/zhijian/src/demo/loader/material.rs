//! What goes with the reports of the running year: declarations, cases and pictures, brought as a school would.

use anyhow::Context as _;
use futures::stream;
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::{
    Attachment, AttachmentHeader, Case, CasePicture, CreateCaseRequest, UploadAttachmentRequest,
    attachment::Purpose, upload_attachment_request::Part,
};

use super::{
    request_id,
    work::{patiently, rpc},
};
use crate::demo::{
    Fate, ReportKind, YearReport,
    material::{CaseText, Cases, Declared, declaration, picture},
};

/// The year whose reports carry cases and files.
const RUNNING: i32 = 2026;
/// The year whose reports are compiled into editions; each school's report carries one case.
const COMPILED: i32 = 2025;
/// The sections of a school's report that carry a case.
const SCHOOL: [&str; 6] = ["talent", "service", "culture", "international", "integration", "support"];

/// Brings what goes with a report; of years that are over the cases that editions set.
pub(super) async fn bring(
    school: &Clients,
    report: &YearReport,
    name: &str,
    submission_id: &str,
) -> anyhow::Result<()> {
    if report.year == COMPILED
        && let Some((section, text)) = Cases::read()?.of_compiled(report, name)
    {
        return tell(school, report, submission_id, section, text, vec![]).await;
    }
    if report.year != RUNNING {
        return Ok(());
    }
    let draft = matches!(report.fate, Fate::Draft { .. });
    let step = |step: &str| request_id(&format!("{step} {}", report.label()));
    if !draft {
        let (signatory, office) = &report.declared_by;
        let title = format!("{name}{}年度质量年报", report.year);
        let declared = Declared { title: &title, name: signatory, office, year: report.year };
        let header = AttachmentHeader {
            request_id: step("declaration"),
            submission_id: submission_id.into(),
            purpose: Purpose::Annex.into(),
            annex_code: "declaration".into(),
            file_name: format!("内容真实性责任声明（演示）{}.pdf", report.subject),
            ..AttachmentHeader::default()
        };
        upload(school, header, declaration(&declared)).await?;
    }
    let sections: &[&str] = match (report.kind, draft) {
        (ReportKind::Higher | ReportKind::Secondary, false) => &SCHOOL,
        (ReportKind::Higher | ReportKind::Secondary, true) => &SCHOOL[..1],
        (ReportKind::Enterprise, _) => &["training"],
        (ReportKind::District, _) => &["policy"],
    };
    let cases = Cases::read()?;
    for (place, section) in sections.iter().enumerate() {
        let Some(text) = cases.pick(section, &report.label(), name) else { continue };
        // One picture a report: enough to see, and quick to load.
        let pictures = match place {
            0 => vec![shown(school, submission_id, section, step("picture"), &report.label()).await?],
            _ => vec![],
        };
        tell(school, report, submission_id, section, text, pictures).await?;
    }
    Ok(())
}

/// Adds a case to a report.
async fn tell(
    school: &Clients,
    report: &YearReport,
    submission_id: &str,
    section: &str,
    text: CaseText,
    pictures: Vec<CasePicture>,
) -> anyhow::Result<()> {
    let case = Case {
        section_code: section.into(),
        title: text.title,
        body: text.body,
        pictures,
        ..Case::default()
    };
    let request = CreateCaseRequest {
        request_id: request_id(&format!("case {section} {}", report.label())),
        submission_id: submission_id.into(),
        case: Some(case),
    };
    rpc!(school, cases.create_case(request))?;
    Ok(())
}

async fn shown(
    school: &Clients,
    submission_id: &str,
    section: &str,
    request_id: String,
    label: &str,
) -> anyhow::Result<CasePicture> {
    let (caption, alt_text) =
        ("图 1 实训现场（演示图片）", "一间实训室的示意图：三台设备旁各站着一名学生，墙上有四扇窗");
    let header = AttachmentHeader {
        request_id,
        submission_id: submission_id.into(),
        purpose: Purpose::Picture.into(),
        section_code: section.into(),
        file_name: "实训现场（演示）.png".into(),
        caption: caption.into(),
        alt_text: alt_text.into(),
        ..AttachmentHeader::default()
    };
    let kept = upload(school, header, picture(label)).await?;
    Ok(CasePicture { attachment_id: kept.attachment_id, caption: caption.into(), alt_text: alt_text.into() })
}

async fn upload(school: &Clients, header: AttachmentHeader, content: Vec<u8>) -> anyhow::Result<Attachment> {
    let header = AttachmentHeader { size: i64::try_from(content.len())?, ..header };
    let answer = patiently(|| {
        let mut client = school.attachments();
        let parts = [Part::Header(header.clone()), Part::Chunk(content.clone())];
        let messages = parts.map(|part| UploadAttachmentRequest { part: Some(part) });
        async move { client.upload_attachment(stream::iter(messages)).await }
    })
    .await
    .context("attachments.upload_attachment failed")?;
    answer.attachment.context("the answer holds no attachment")
}
