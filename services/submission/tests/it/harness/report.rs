//! A report, begun, read and filled in.

use std::collections::BTreeMap;

use tonic::Status;
use zhijian_proto::submission::v1::*;

use super::{COLLEGE, PROSE, World, cell, id, is_choice, number, option};

impl World {
    pub async fn try_create(
        &self,
        year: i32,
        kind: &str,
        code: &str,
        subject: &str,
    ) -> Result<Submission, Status> {
        let request = CreateSubmissionRequest {
            request_id: id(),
            cycle_year: year,
            report_kind: kind.to_owned(),
            organisation_code: code.to_owned(),
            subject_code: subject.to_owned(),
        };
        let answer = self.school(code).submissions().create_submission(request).await?;
        Ok(answer.into_inner().submission.expect("a submission"))
    }

    pub async fn create(&self, year: i32, kind: &str, code: &str, subject: &str) -> Submission {
        self.try_create(year, kind, code, subject).await.expect("created")
    }

    pub async fn get(&self, submission: &Submission) -> Submission {
        let request = GetSubmissionRequest { submission_id: submission.submission_id.clone() };
        let mut client = self.school(&submission.organisation_code).submissions();
        client.get_submission(request).await.expect("read").into_inner().submission.expect("a submission")
    }

    pub async fn cells(&self, submission: &Submission, revision_number: i32) -> BTreeMap<String, Cell> {
        let request = GetCellsRequest { submission_id: submission.submission_id.clone(), revision_number };
        let mut client = self.school(&submission.organisation_code).submissions();
        let cells = client.get_cells(request).await.expect("read").into_inner().cells;
        cells.into_iter().map(|cell| (cell.indicator_code.clone(), cell)).collect()
    }

    /// The report that last year's values come from.
    pub async fn last_year(&self, submission: &Submission) -> Option<LastYear> {
        let request = GetCellsRequest { submission_id: submission.submission_id.clone(), revision_number: 0 };
        let mut client = self.school(&submission.organisation_code).submissions();
        client.get_cells(request).await.expect("read").into_inner().last_year
    }

    pub async fn catalogue(&self, year: i32) -> Catalogue {
        let answer = self.school(COLLEGE).catalogues().get_catalogue(GetCatalogueRequest { year }).await;
        answer.expect("read").into_inner().catalogue.expect("a catalogue")
    }

    pub async fn save(&self, submission: &Submission, cells: Vec<Cell>) -> Result<SaveCellsResponse, Status> {
        let request =
            SaveCellsRequest { request_id: id(), submission_id: submission.submission_id.clone(), cells };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.save_cells(request).await?.into_inner())
    }

    /// Puts numbers into cells, whatever they held.
    pub async fn put(&self, submission: &Submission, values: &[(&str, &str)]) -> SaveCellsResponse {
        let current = self.cells(submission, 0).await;
        let cells =
            values.iter().map(|(code, value)| cell(code, number(value), &current[*code].etag)).collect();
        self.save(submission, cells).await.expect("saved")
    }

    pub async fn write(
        &self,
        submission: &Submission,
        code: &str,
        body: &str,
        etag: &str,
    ) -> Result<Section, Status> {
        let section = Section { section_code: code.to_owned(), body: body.to_owned(), etag: etag.to_owned() };
        let request = SaveSectionRequest {
            request_id: id(),
            submission_id: submission.submission_id.clone(),
            section: Some(section),
        };
        let mut client = self.school(&submission.organisation_code).submissions();
        Ok(client.save_section(request).await?.into_inner().section.expect("a section"))
    }

    /// Fills in every cell with a number that the rules are content with, and every section with a text.
    pub async fn fill(&self, submission: &Submission) {
        let cells = self.cells(submission, 0).await.into_values().filter(|cell| !cell.derived);
        let cells = cells.map(|empty| {
            let value = match empty.indicator_code.as_str() {
                "SC01" => "1000",
                "SC02" => "950",
                "SC03" => "200",
                "SC07N" | "SC08N" | "SC12" => "500",
                "SC10" => "50",
                "SC11" => "200",
                "SVC01" => "750",
                "SVC02" => "300",
                "BAS02" | "BAS19" | "POL01" => "900",
                "POL06" => "100",
                "BAS05" => "60",
                "BAS04" => "70",
                "RES13" => "20",
                "POL05" => "120",
                // A school that meets the standards.
                "BAS06" => "41000",
                "BAS07" => "25000",
                "BAS08" => "1000",
                "BAS09" => "90000",
                "BAS14" => "80",
                "POL02" => "30000",
                code if is_choice(code) => "online",
                code if code.starts_with("SAT") => "95",
                _ => "10",
            };
            let value = if is_choice(&empty.indicator_code) { option(value) } else { number(value) };
            cell(&empty.indicator_code, value, &empty.etag)
        });
        self.save(submission, cells.collect()).await.expect("saved");
        for section in self.sections(submission, 0).await {
            self.write(submission, &section.section_code, PROSE, &section.etag).await.expect("saved");
        }
        self.bring_annexes(submission).await;
    }

    /// Uploads what cannot be missing.
    async fn bring_annexes(&self, submission: &Submission) {
        let school = self.school(&submission.organisation_code);
        let listed = crate::attachments::list(&school, submission, 0).await;
        for limit in listed.limits.into_iter().filter(|limit| limit.required) {
            if listed.attachments.iter().all(|file| file.annex_code != limit.annex_code) {
                let content = crate::files::pdf(&limit.annex_code);
                let header = AttachmentHeader {
                    annex_code: limit.annex_code,
                    ..crate::attachments::header(submission, attachment::Purpose::Annex, "声明.pdf", &content)
                };
                crate::attachments::send(&school, header, &content).await.expect("kept");
            }
        }
    }

    pub async fn sections(&self, submission: &Submission, revision_number: i32) -> Vec<Section> {
        let request =
            ListSectionsRequest { submission_id: submission.submission_id.clone(), revision_number };
        let mut client = self.school(&submission.organisation_code).submissions();
        client.list_sections(request).await.expect("read").into_inner().sections
    }
}
