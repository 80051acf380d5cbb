use std::process::Command;

use tonic::{Code, Status};
use zhijian_documents::docx::{self, blocks};
use zhijian_platform::Clients;
use zhijian_proto::submission::v1::{
    attachment::Purpose, narrative_part::Match, narrative_section::Change, *,
};

use crate::{
    attachments::{header, list, send},
    files::{DOCX, archive, pdf},
    harness::*,
};

const REPORT: &str = "本报告由学校编制。\n\n# 一、学校概况\n\n学校始建于1956年。\n\n## （一）规模\n\n表 1-1 在校生规模\n\n| 年份 | 人数 |\n|---|---|\n| 2025 | 3200 |\n\n\
    # 二、人才培养\n\n学校坚持立德树人。\n\n# 附录\n\n名词解释。\n";

async fn attach(clients: &Clients, submission: &Submission, name: &str, content: &[u8]) -> Attachment {
    send(clients, header(submission, Purpose::Report, name, content), content).await.expect("attached")
}

async fn preview(
    clients: &Clients,
    submission: &Submission,
    attachment: &Attachment,
    by_hand: &[(i32, &str)],
) -> Result<PreviewNarrativeResponse, Status> {
    let request = PreviewNarrativeRequest {
        submission_id: submission.submission_id.clone(),
        attachment_id: attachment.attachment_id.clone(),
        assignments: assignments(by_hand),
    };
    Ok(clients.narratives().preview_narrative(request).await?.into_inner())
}

fn assignments(by_hand: &[(i32, &str)]) -> Vec<PartAssignment> {
    let one = |(part, code): &(i32, &str)| PartAssignment { part: *part, section_code: (*code).to_owned() };
    by_hand.iter().map(one).collect()
}

async fn apply(
    clients: &Clients,
    submission: &Submission,
    attachment: &Attachment,
    by_hand: &[(i32, &str)],
    shown: &PreviewNarrativeResponse,
) -> Result<ApplyNarrativeResponse, Status> {
    let changed = shown.sections.iter().filter(|section| section.change() != Change::None);
    let request = ApplyNarrativeRequest {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        attachment_id: attachment.attachment_id.clone(),
        assignments: assignments(by_hand),
        sections: changed
            .map(|section| SectionEtag {
                section_code: section.section_code.clone(),
                etag: section.etag.clone(),
            })
            .collect(),
    };
    Ok(clients.narratives().apply_narrative(request).await?.into_inner())
}

async fn body(world: &World, submission: &Submission, code: &str) -> String {
    let sections = world.sections(submission, 0).await;
    sections.into_iter().find(|section| section.section_code == code).expect("a section").body
}

#[tokio::test]
async fn a_document_is_previewed_assigned_by_hand_and_applied() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        let school = world.school(COLLEGE);
        world.write(&submission, "talent", "原来的正文。", "").await.unwrap();
        let file = docx::write(&blocks(REPORT)).unwrap();
        let attachment = attach(&school, &submission, "年报.docx", &file).await;
        assert_eq!(attachment.media_type, DOCX);

        let shown = preview(&school, &submission, &attachment, &[]).await.unwrap();
        let parts: Vec<(&str, &str, Match)> = shown
            .parts
            .iter()
            .map(|part| (part.heading.as_str(), part.section_code.as_str(), part.r#match()))
            .collect();
        assert_eq!(
            parts,
            [
                ("", "", Match::None),
                ("一、学校概况", "overview", Match::Synonym),
                ("二、人才培养", "talent", Match::Name),
                ("附录", "", Match::None),
            ]
        );
        assert_eq!((shown.parts[1].tables, shown.parts[3].excerpt.as_str()), (1, "附录 名词解释。"));
        let change = |code: &str| {
            shown.sections.iter().find(|section| section.section_code == code).expect("listed").change()
        };
        assert_eq!(
            (change("overview"), change("talent"), change("culture")),
            (Change::Fill, Change::Replace, Change::None)
        );
        assert_eq!(body(&world, &submission, "talent").await, "原来的正文。", "a preview changes nothing");

        let by_hand = [(3, "talent"), (0, "preface")];
        let shown = preview(&school, &submission, &attachment, &by_hand).await.unwrap();
        // A colleague writes meanwhile: nothing at all is applied.
        let culture = world.write(&submission, "preface", "同事写的前言。", "").await.unwrap();
        let stale = apply(&school, &submission, &attachment, &by_hand, &shown).await.unwrap_err();
        assert_eq!((stale.code(), metadata(&stale, "section_code").as_str()), (Code::Aborted, "preface"));
        assert_eq!(body(&world, &submission, "overview").await, "");
        assert_eq!(culture.body, body(&world, &submission, "preface").await);

        let shown = preview(&school, &submission, &attachment, &by_hand).await.unwrap();
        let applied = apply(&school, &submission, &attachment, &by_hand, &shown).await.unwrap();
        assert_eq!(applied.section_codes, ["overview", "preface", "talent"]);
        let overview = body(&world, &submission, "overview").await;
        assert!(
            overview
                .starts_with("学校始建于1956年。\n\n# （一）规模\n\n表 1-1 在校生规模\n\n| 年份 | 人数 |"),
            "{overview}"
        );
        assert_eq!(body(&world, &submission, "talent").await, "学校坚持立德树人。\n\n# 附录\n\n名词解释。\n");
        assert_eq!(
            list(&school, &submission, 0).await.attachments,
            std::slice::from_ref(&attachment),
            "the original is kept"
        );

        let again = preview(&school, &submission, &attachment, &by_hand).await.unwrap();
        assert!(again.sections.iter().all(|section| section.change() == Change::None));
        assert!(
            apply(&school, &submission, &attachment, &by_hand, &again)
                .await
                .unwrap()
                .section_codes
                .is_empty()
        );
        let refused = preview(&school, &submission, &attachment, &[(9, "talent")]).await.unwrap_err();
        assert_eq!(violations(&refused)[0].0, "assignments[0].part");
    })
    .await;
}

#[tokio::test]
async fn only_a_sound_docx_can_be_read() {
    each(|world| async move {
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        let school = world.school(COLLEGE);
        let printed = attach(&school, &submission, "年报.pdf", &pdf("年报")).await;
        let refused = preview(&school, &submission, &printed, &[]).await.unwrap_err();
        assert!(violations(&refused)[0].1.contains("DOCX"), "{refused:?}");
        let types = "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>";
        let broken = archive(&[("[Content_Types].xml", types.as_bytes()), ("word/document.xml", b"<w:document><w:body>")]);
        let broken = send(&school, header(&submission, Purpose::Report, "坏.docx", &broken), &broken).await;
        if let Ok(kept) = broken {
            let refused = preview(&school, &submission, &kept, &[]).await.unwrap_err();
            assert_eq!(violations(&refused)[0].0, "attachment_id");
        }
        let commission = world.commission();
        assert!(preview(&commission, &submission, &printed, &[]).await.is_err());
    })
    .await;
}

/// A document written by LibreOffice: the committed one, and one made now where LibreOffice is there.
fn by_libreoffice() -> Vec<Vec<u8>> {
    let mut files = vec![include_bytes!("../samples/report-with-picture.docx").to_vec()];
    let directory = tempfile::tempdir().expect("a temporary directory");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/report-with-picture.fodt");
    let profile = format!("-env:UserInstallation=file://{}", directory.path().join("profile").display());
    let made = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", "docx", "--outdir"])
        .arg(directory.path())
        .arg(source)
        .output();
    match made {
        Ok(_) => {
            files.push(std::fs::read(directory.path().join("report-with-picture.docx")).expect("converted"))
        }
        Err(_) => {
            assert!(
                std::env::var("ZHIJIAN_REQUIRE_LIBREOFFICE").is_err(),
                "LibreOffice is wanted and not installed"
            );
            eprintln!("NOT RUN on a fresh document: soffice is not installed");
        }
    }
    files
}

#[tokio::test]
async fn tables_captions_and_pictures_of_libreoffice_are_kept() {
    let files = by_libreoffice();
    for test in zhijian_platform::testing::contexts().await {
        let world = World::on(test).await;
        world.collecting(2026, None).await;
        let submission = world.create(2026, "higher", COLLEGE, "").await;
        let school = world.school(COLLEGE);
        for (number, file) in files.iter().enumerate() {
            let attachment = attach(&school, &submission, &format!("年报{number}.docx"), file).await;
            let shown = preview(&school, &submission, &attachment, &[]).await.unwrap();
            let part = shown.parts.iter().find(|part| part.section_code == "talent").expect("found");
            assert_eq!((part.pictures, part.tables), (1, 1), "{part:?}");
            let applied = apply(&school, &submission, &attachment, &[], &shown).await.unwrap();
            let pictures: Vec<Attachment> = list(&school, &submission, 0)
                .await
                .attachments
                .into_iter()
                .filter(|attachment| attachment.purpose() == Purpose::Picture)
                .collect();
            assert_eq!(pictures.len(), 1, "the same picture is kept once: {applied:?}");
            let talent = body(&world, &submission, "talent").await;
            assert!(talent.contains(&format!("](attachment:{})", pictures[0].attachment_id)), "{talent}");
            assert!(
                talent.contains("图 2-1") && talent.contains("表 2-1") && talent.contains("| 2025 |"),
                "{talent}"
            );
            assert_eq!(pictures[0].media_type, "image/png");
            assert!(pictures[0].caption.contains("图 2-1"), "{pictures:?}");
            let delete = DeleteAttachmentRequest {
                request_id: id(),
                submission_id: submission.submission_id.clone(),
                attachment_id: pictures[0].attachment_id.clone(),
                etag: pictures[0].etag.clone(),
            };
            let used = school.attachments().delete_attachment(delete).await.unwrap_err();
            assert!(preconditions(&used)[0].1.contains("人才培养"), "{used:?}");
        }
    }
}
