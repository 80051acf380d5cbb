//! A report's cells as a file: fetched, changed as another program would, and brought back.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use tonic::Status;
use zhijian_documents::{
    Limits,
    sheet::{
        self, Workbook,
        write::{Book, Look},
    },
};
use zhijian_proto::submission::v1::*;

use crate::harness::*;

/// What is changed in a template before it is written again: (sheet, address) to text.
pub type Edits<'a> = BTreeMap<(&'a str, u32, u32), &'a str>;

impl World {
    pub async fn template(&self, submission: &Submission) -> Vec<u8> {
        let request = DownloadTemplateRequest { submission_id: submission.submission_id.clone() };
        let mut client = self.school(&submission.organisation_code).transfers();
        let mut parts = client.download_template(request).await.expect("a template").into_inner();
        let mut file = Vec::new();
        while let Some(part) = parts.next().await {
            file.extend(part.expect("a part").chunk);
        }
        file
    }

    pub async fn upload(
        &self,
        header: ImportHeader,
        code: &str,
        file: &[u8],
    ) -> Result<ImportResult, Status> {
        use upload_workbook_request::Part;
        let chunks = file.chunks(10_000).map(|chunk| Part::Chunk(chunk.to_vec()));
        let parts: Vec<_> = std::iter::once(Part::Header(header))
            .chain(chunks)
            .map(|part| UploadWorkbookRequest { part: Some(part) })
            .collect();
        let answer = self.school(code).transfers().upload_workbook(stream::iter(parts)).await?;
        Ok(answer.into_inner().result.expect("a result"))
    }

    pub async fn import(
        &self,
        header: ImportHeader,
        format: TransferFormat,
        file: &[u8],
    ) -> Result<ImportResult, Status> {
        use import_cells_request::Part;
        let parts = [Part::Header(header), Part::Format(format.into()), Part::Chunk(file.to_vec())];
        let parts: Vec<_> = parts.into_iter().map(|part| ImportCellsRequest { part: Some(part) }).collect();
        let answer = self.school(COLLEGE).transfers().import_cells(stream::iter(parts)).await?;
        Ok(answer.into_inner().result.expect("a result"))
    }

    pub async fn exported(&self, submission: &Submission, format: TransferFormat) -> Vec<u8> {
        let request =
            ExportCellsRequest { submission_id: submission.submission_id.clone(), format: format.into() };
        let mut parts =
            self.school(COLLEGE).transfers().export_cells(request).await.expect("exported").into_inner();
        let mut file = Vec::new();
        while let Some(part) = parts.next().await {
            file.extend(part.expect("a part").chunk);
        }
        file
    }
}

pub fn header(submission: &Submission, dry_run: bool) -> ImportHeader {
    ImportHeader {
        request_id: id(),
        submission_id: submission.submission_id.clone(),
        dry_run,
        ..Default::default()
    }
}

pub fn book(file: &[u8]) -> Workbook {
    sheet::read("template.xlsx", file, &Limits::default()).expect("a workbook")
}

/// Where an indicator's row is: sheet and row.
pub fn row_of(book: &Workbook, code: &str) -> (String, u32) {
    book.sheets
        .iter()
        .filter(|sheet| !sheet.hidden)
        .find_map(|sheet| {
            sheet.rows.iter().find(|row| row.text(1) == code).map(|row| (sheet.name.clone(), row.number))
        })
        .unwrap_or_else(|| panic!("{code} is in the template"))
}

/// The template as another program would save it: every cell as text, with changes; `rename` names sheets.
pub fn saved(book: &Workbook, edits: &Edits<'_>, rename: impl Fn(&str) -> String) -> Vec<u8> {
    let mut out = Book::new();
    for sheet in &book.sheets {
        let mut page = out.page(&rename(&sheet.name)).unwrap();
        for row in &sheet.rows {
            for cell in &row.cells {
                page.put(cell.row, cell.column, cell.text(), Look::PLAIN);
            }
        }
        for ((name, row, column), text) in edits.iter().filter(|((name, ..), _)| *name == sheet.name) {
            let _ = name;
            page.put(*row, *column, text, Look::PLAIN);
        }
        if sheet.hidden {
            page.hide();
        }
        page.done().unwrap();
    }
    out.finish().unwrap()
}

pub fn as_is(name: &str) -> String {
    name.to_owned()
}

/// A file as LibreOffice saves it again in another format; nothing where there is no LibreOffice.
pub fn converted(file: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
    let directory = tempfile::tempdir().expect("a directory");
    let source = directory.path().join(format!("file.{from}"));
    std::fs::write(&source, file).expect("written");
    let profile = format!("-env:UserInstallation=file://{}/profile", directory.path().display());
    let output = directory.path().join("out");
    let run = std::process::Command::new("soffice")
        .args(["--headless", &profile, "--convert-to", to, "--outdir"])
        .arg(&output)
        .arg(&source)
        .output();
    let Ok(run) = run else {
        assert!(
            std::env::var("ZHIJIAN_REQUIRE_LIBREOFFICE").is_err(),
            "LibreOffice is wanted and not installed"
        );
        return None;
    };
    assert!(run.status.success(), "{run:?}");
    Some(std::fs::read(output.join(format!("file.{to}"))).expect("LibreOffice wrote it"))
}
