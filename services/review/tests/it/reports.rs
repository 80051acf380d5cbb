//! The review of a year's accepted reports, gathered from the real service upstream.

use tonic::Code;
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{Value, value},
    review::v1::*,
    submission::v1::{
        AcceptSubmissionRequest, ApproveSubmissionRequest, AttachmentHeader, Cell, CheckSubmissionRequest,
        CreateSubmissionRequest, Declaration, ExplainFindingRequest, GetCatalogueRequest, GetCellsRequest,
        GetCycleRequest, GetSubmissionRequest, OpenCycleRequest, SaveCellsRequest, SaveSectionRequest,
        Section, SubmitSubmissionRequest, UploadAttachmentRequest, attachment,
        upload_attachment_request::Part,
    },
};

use crate::{
    procedures::{counts, create, procedure, review, take, values},
    world::*,
};

const TEXT: &str = "本节为演示文字，说明本区在这一方面做了哪些工作、取得了哪些成效、还有哪些不足。";

/// The declaration that goes with the district's report: a PDF of one empty page.
pub const DECLARATION: &[u8] = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";

async fn attach(district: &Clients, submission_id: &str) {
    let header = AttachmentHeader {
        request_id: request_id(),
        submission_id: submission_id.into(),
        purpose: attachment::Purpose::Annex.into(),
        annex_code: "declaration".into(),
        file_name: "责任声明.pdf".into(),
        size: i64::try_from(DECLARATION.len()).expect("small"),
        ..AttachmentHeader::default()
    };
    let part = |part| UploadAttachmentRequest { part: Some(part) };
    let messages = [part(Part::Header(header)), part(Part::Chunk(DECLARATION.to_vec()))];
    ok(district.attachments().upload_attachment(futures::stream::iter(messages)).await);
}

/// The district's report of the year, filled in, submitted and accepted; answers its id. `text` gives sections their words.
pub async fn accept_report(world: &World, text: impl Fn(&str) -> String) -> String {
    let district = world.as_school(DISTRICT);
    let found = ok(world.commission.cycles().get_cycle(GetCycleRequest { year: YEAR }).await);
    let etag = found.cycle.expect("a cycle").etag;
    let request = OpenCycleRequest { request_id: request_id(), year: YEAR, etag };
    ok(world.commission.cycles().open_cycle(request).await);
    let request = CreateSubmissionRequest {
        request_id: request_id(),
        cycle_year: YEAR,
        report_kind: "district".into(),
        organisation_code: DISTRICT.into(),
        subject_code: DISTRICT.into(),
    };
    let mut reports = district.submissions();
    let id = ok(reports.create_submission(request).await).submission.expect("a draft").submission_id;
    let catalogue = ok(world.commission.catalogues().get_catalogue(GetCatalogueRequest { year: YEAR }).await);
    let catalogue = catalogue.catalogue.expect("a catalogue");
    let request = GetCellsRequest { submission_id: id.clone(), revision_number: 0 };
    let typed = |cell: &Cell| {
        let indicator = catalogue.indicators.iter().find(|known| known.code == cell.indicator_code);
        indicator.is_some_and(|known| known.formula.is_empty())
    };
    let one = Value { kind: Some(value::Kind::Number("1".into())) };
    let cells = ok(reports.get_cells(request).await).cells;
    let cells = cells.into_iter().filter(typed).map(|cell| Cell { value: Some(one.clone()), ..cell });
    let request =
        SaveCellsRequest { request_id: request_id(), submission_id: id.clone(), cells: cells.collect() };
    ok(reports.save_cells(request).await);
    let kind = catalogue.report_kinds.iter().find(|kind| kind.code == "district").expect("a kind");
    for section in &kind.sections {
        let section =
            Section { section_code: section.code.clone(), body: text(&section.code), ..Section::default() };
        let request = SaveSectionRequest {
            request_id: request_id(),
            submission_id: id.clone(),
            section: Some(section),
        };
        ok(reports.save_section(request).await);
    }
    attach(&district, &id).await;
    let request = CheckSubmissionRequest { submission_id: id.clone() };
    for finding in ok(reports.check_submission(request).await).findings {
        let request = ExplainFindingRequest {
            request_id: request_id(),
            submission_id: id.clone(),
            finding_id: finding.finding_id,
            explanation: "演示数据，已核对。".into(),
        };
        ok(reports.explain_finding(request).await);
    }
    let etag = async || {
        let request = GetSubmissionRequest { submission_id: id.clone() };
        ok(district.submissions().get_submission(request).await).submission.expect("there").etag
    };
    let declaration = Declaration { name: "主任".into(), office: "主任".into(), time: None };
    let request = ApproveSubmissionRequest {
        request_id: request_id(),
        etag: etag().await,
        submission_id: id.clone(),
        declaration: Some(declaration),
    };
    ok(reports.approve_submission(request).await);
    let request =
        SubmitSubmissionRequest { request_id: request_id(), etag: etag().await, submission_id: id.clone() };
    ok(reports.submit_submission(request).await);
    let request =
        AcceptSubmissionRequest { request_id: request_id(), etag: etag().await, submission_id: id.clone() };
    ok(world.commission.submissions().accept_submission(request).await);
    id
}

#[tokio::test]
async fn accepted_reports_are_gathered_reviewed_and_answered() {
    in_each_world(1, 3, async |world| {
        world.reviewers(3).await;
        let none = CreateProcedureRequest {
            request_id: request_id(),
            cycle_year: YEAR,
            scheme_code: "report-review".into(),
        };
        refused(world.commission.procedures().create_procedure(none).await, Code::FailedPrecondition);
        accept_report(&world, |_| TEXT.to_owned()).await;
        let opened = create(&world, "report-review").await;
        assert_eq!(counts(&opened), [("review", 1)]);
        review(&world, &opened.procedure_id, |entry| {
            assert_eq!(entry.subject(), Subject::Report);
            "55".into()
        })
        .await;
        let district = world.as_school(DISTRICT);
        let request = ListItemsRequest { mine: true, ..Default::default() };
        let mine = ok(district.items().list_items(request).await).items;
        assert_eq!(mine.iter().map(|item| item.step_code.as_str()).collect::<Vec<_>>(), ["improve"]);
        take(&district, &mine[0], "improve", "answer", values(&[("plan", "补齐数据来源")])).await;
        assert_eq!(counts(&procedure(&world, &opened.procedure_id).await), [("answered", 1)]);
    })
    .await;
}
