//! A year's reports: filled in, checked, submitted, accepted.

use std::collections::HashMap;

use rust_decimal::Decimal;
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{Level, Value, value},
    identity::v1::organisation::Kind,
    submission::v1::{
        AcceptSubmissionRequest, ApproveSubmissionRequest, Case, Catalogue, Cell, CheckSubmissionRequest,
        CloseCycleRequest, CreateCaseRequest, CreateCycleRequest, CreateSubmissionRequest, Cycle,
        Declaration, ExplainFindingRequest, GetCatalogueRequest, GetCellsRequest, GetSubmissionRequest,
        ImportProgrammesRequest, ListSectionsRequest, OpenCycleRequest, Pathway, Programme, SaveCellsRequest,
        SaveSectionRequest, Section, Severity, Submission, SubmitSubmissionRequest,
    },
};

use crate::{
    printed::{self, Totals},
    region::{Region, SCHOOLS, request_id, text},
};

/// Where textbooks of the selection come from: the second higher institution has none.
const TEXTBOOKS: [i64; 4] = [3, 0, 2, 1];

/// The cases of 2025: the school's place in [`SCHOOLS`], section, title, text.
pub const CASES: [(usize, &str, &str, &str); 4] = [
    (
        0,
        "culture",
        "老师傅的工具箱",
        "退休技师带来用过的工具，每件配一张说明。\n\n- 学生照着复原当年的工序。\n",
    ),
    (0, "culture", "第二个工具箱", "又一批工具进了校园，联系电话13800138000。"),
    (0, "talent", "把车间搬进课表", "周一发布订单，周五完成**首件检验**，共完成37单。"),
    (2, "culture", "节气写进菜谱", "师生走访老饭馆，记下节气菜的做法。"),
];

/// Opens the cycle of `year`.
pub async fn open_cycle(region: &Region, year: i32) -> Cycle {
    let cycle = Cycle {
        year,
        name: text(&format!("{year}年度")),
        window_start: format!("{}-09-01", year - 1),
        window_end: format!("{year}-08-31"),
        due_time: Some(prost_types::Timestamp { seconds: 4_102_444_800, nanos: 0 }),
        catalogue_year: year,
        ..Default::default()
    };
    let mut cycles = region.commission.cycles();
    let request = CreateCycleRequest { request_id: request_id(), cycle: Some(cycle) };
    let created = cycles.create_cycle(request).await.expect("a cycle").into_inner().cycle.expect("there");
    let request = OpenCycleRequest { request_id: request_id(), year, etag: created.etag };
    cycles.open_cycle(request).await.expect("opened").into_inner().cycle.expect("there")
}

/// Closes it.
pub async fn close_cycle(region: &Region, cycle: Cycle) {
    let request = CloseCycleRequest { request_id: request_id(), year: cycle.year, etag: cycle.etag };
    region.commission.cycles().close_cycle(request).await.expect("closed");
}

/// Takes in a report of every school, with the totals of the printed tables.
pub async fn accept_reports(region: &Region, year: i32) {
    let request = GetCatalogueRequest { year };
    let catalogue =
        region.commission.catalogues().get_catalogue(request).await.expect("a catalogue").into_inner();
    let catalogue = catalogue.catalogue.expect("there");
    let totals = printed::totals(year);
    for (index, (code, kind, _)) in SCHOOLS.into_iter().enumerate() {
        let report_kind = if kind == Kind::HigherVocational { "higher" } else { "secondary" };
        let report = Report { region, school: &region.school(code), code, report_kind, year };
        report.accept(&Figures { catalogue: &catalogue, totals: &totals, index }).await;
    }
}

/// What one school reports.
struct Figures<'a> {
    catalogue: &'a Catalogue,
    totals: &'a Totals,
    /// The school's place in [`SCHOOLS`].
    index: usize,
}

impl Figures<'_> {
    /// Two fifths of a total go to the first school of a level, the rest to the second.
    fn value(&self, report_kind: &'static str, code: &str) -> Decimal {
        // A rate of satisfaction; its responses and its method have a letter at the end.
        if code.starts_with("SAT") && code.ends_with(|c: char| c.is_ascii_digit()) {
            return printed::satisfaction(report_kind);
        }
        // What the tables do not print agrees with what they do: one graduate at work, in the third sector.
        let code = match code {
            "SC10" | "SC11" | "SVC03" => return Decimal::ZERO,
            "RES13" => "RES15",
            "SVC10" if report_kind == "secondary" => "SVC11",
            "POL04" | "POL05" => "POL06",
            other => other,
        };
        if code == "TBK01" {
            return TEXTBOOKS[self.index].into();
        }
        let Some(total) = self.totals.get(&(report_kind, code.to_owned())) else { return Decimal::ONE };
        let first = (total * Decimal::new(4, 1)).trunc_with_scale(total.scale());
        if self.index.is_multiple_of(2) { first } else { total - first }
    }
}

struct Report<'a> {
    region: &'a Region,
    school: &'a Clients,
    code: &'static str,
    report_kind: &'static str,
    year: i32,
}

impl Report<'_> {
    async fn accept(&self, figures: &Figures<'_>) {
        let mut submissions = self.school.submissions();
        let request = CreateSubmissionRequest {
            request_id: request_id(),
            cycle_year: self.year,
            report_kind: self.report_kind.to_owned(),
            organisation_code: self.code.to_owned(),
            subject_code: self.code.to_owned(),
        };
        let created = submissions.create_submission(request).await.expect("a draft").into_inner().submission;
        let submission_id = created.expect("there").submission_id;
        self.fill(&submission_id, figures).await;
        for (school, section, title, body) in CASES.iter().filter(|_| self.year == 2025) {
            if SCHOOLS[*school].0 == self.code {
                self.tell(&submission_id, section, title, body).await;
            }
        }
        self.explain(&submission_id).await;

        let request = ApproveSubmissionRequest {
            request_id: request_id(),
            etag: self.etag(&submission_id).await,
            submission_id: submission_id.clone(),
            declaration: Some(Declaration {
                name: "校长".to_owned(), office: "校长".to_owned(), time: None
            }),
        };
        submissions.approve_submission(request).await.expect("approved");
        let request = SubmitSubmissionRequest {
            request_id: request_id(),
            etag: self.etag(&submission_id).await,
            submission_id: submission_id.clone(),
        };
        submissions.submit_submission(request).await.expect("submitted");
        let request = AcceptSubmissionRequest {
            request_id: request_id(),
            etag: self.etag(&submission_id).await,
            submission_id,
        };
        self.region.commission.submissions().accept_submission(request).await.expect("accepted");
    }

    async fn fill(&self, submission_id: &str, figures: &Figures<'_>) {
        let mut submissions = self.school.submissions();
        let derived: HashMap<&str, bool> = figures
            .catalogue
            .indicators
            .iter()
            .map(|indicator| (indicator.code.as_str(), !indicator.formula.is_empty()))
            .collect();
        let request = GetCellsRequest { submission_id: submission_id.to_owned(), revision_number: 0 };
        let cells = submissions.get_cells(request).await.expect("the cells").into_inner().cells;
        let cells = cells
            .into_iter()
            .filter(|cell| !derived.get(cell.indicator_code.as_str()).copied().unwrap_or_default())
            .map(|cell| {
                let code = &cell.indicator_code;
                let kind = if code.starts_with("SAT") && code.ends_with('M') {
                    value::Kind::Text("online".to_owned())
                } else {
                    value::Kind::Number(figures.value(self.report_kind, code).normalize().to_string())
                };
                Cell { value: Some(Value { kind: Some(kind) }), ..cell }
            })
            .collect();
        let request =
            SaveCellsRequest { request_id: request_id(), submission_id: submission_id.to_owned(), cells };
        submissions.save_cells(request).await.expect("saved");

        let kinds = &figures.catalogue.report_kinds;
        let kind = kinds.iter().find(|kind| kind.code == self.report_kind).expect("a kind of report");
        let request = ListSectionsRequest { submission_id: submission_id.to_owned(), revision_number: 0 };
        let kept = submissions.list_sections(request).await.expect("the sections").into_inner().sections;
        for section in &kind.sections {
            let etag =
                kept.iter().find(|kept| kept.section_code == section.code).map(|kept| kept.etag.clone());
            let body = "本节为演示文字，说明学校在这一方面做了哪些工作、取得了哪些成效、还有哪些不足。";
            let section = Section {
                section_code: section.code.clone(),
                body: body.to_owned(),
                etag: etag.unwrap_or_default(),
            };
            let request = SaveSectionRequest {
                request_id: request_id(),
                submission_id: submission_id.to_owned(),
                section: Some(section),
            };
            submissions.save_section(request).await.expect("saved");
        }
    }

    async fn tell(&self, submission_id: &str, section: &str, title: &str, body: &str) {
        let case = Case {
            section_code: section.to_owned(),
            title: title.to_owned(),
            body: body.to_owned(),
            ..Default::default()
        };
        let request = CreateCaseRequest {
            request_id: request_id(),
            submission_id: submission_id.to_owned(),
            case: Some(case),
        };
        self.school.cases().create_case(request).await.expect("told");
    }

    /// Answers every warning.
    async fn explain(&self, submission_id: &str) {
        let mut submissions = self.school.submissions();
        let request = CheckSubmissionRequest { submission_id: submission_id.to_owned() };
        let findings = submissions.check_submission(request).await.expect("checked").into_inner().findings;
        for finding in findings {
            assert_ne!(finding.severity(), Severity::Error, "{finding:?}");
            if finding.severity() == Severity::Warning {
                let request = ExplainFindingRequest {
                    request_id: request_id(),
                    submission_id: submission_id.to_owned(),
                    finding_id: finding.finding_id,
                    explanation: "演示数据，已核对。".to_owned(),
                };
                submissions.explain_finding(request).await.expect("explained");
            }
        }
    }

    async fn etag(&self, submission_id: &str) -> String {
        let request = GetSubmissionRequest { submission_id: submission_id.to_owned() };
        let submission = self.school.submissions().get_submission(request).await.expect("there").into_inner();
        submission.submission.map(|submission: Submission| submission.etag).expect("there")
    }
}

/// Programmes by code with the points that they will be given: new ones, pilots, and two with a pathway.
pub const NEW_PROGRAMMES: [(&str, &str); 4] =
    [("510202", "96"), ("460301", "83.5"), ("530302", "72"), ("410105", "50")];
pub const PILOTS: [(&str, &str); 3] = [("520201", "95"), ("540106", "86"), ("570112K", "78")];

/// Registers them with the first higher institution.
pub async fn import_programmes(region: &Region, first_places: i32) {
    let programme = |code: &str, opened_year: i32, pilot: bool, pathway: Option<Pathway>| Programme {
        organisation_code: SCHOOLS[0].0.to_owned(),
        code: code.to_owned(),
        name: text(&format!("专业{code}")),
        level: Level::Higher.into(),
        opened_year,
        pilot,
        pathway,
        ..Default::default()
    };
    let pathway = |sequence: i32, places: i32| Pathway {
        year: 2025,
        places,
        partner: "戊大学（演示）".to_owned(),
        partner_programme: "信息安全".to_owned(),
        sequence,
    };
    let mut programmes: Vec<Programme> = vec![
        // In the register's order the later row of the plan comes first.
        programme("440304", 2015, false, Some(pathway(2, 45))),
        programme("590202", 2015, false, Some(pathway(1, first_places))),
    ];
    programmes.extend(NEW_PROGRAMMES.map(|(code, _)| programme(code, 2023, false, None)));
    programmes.extend(PILOTS.map(|(code, _)| programme(code, 2020, true, None)));
    let request = ImportProgrammesRequest { request_id: request_id(), programmes, dry_run: false };
    region.commission.programmes().import_programmes(request).await.expect("imported");
}
