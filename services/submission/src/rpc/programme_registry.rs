//! ProgrammeRegistryService.

use std::{
    collections::{BTreeMap, HashMap},
    pin::Pin,
};

use futures::Stream;
use tonic::{Request, Response, Status, Streaming};
use zhijian_documents::{
    Limits,
    register::{self as sheets, Fault, Grid},
    sheet,
};
use zhijian_platform::{
    Call, Error, Page, Resource,
    register::{Part, Upload, admit, number, pieces, receive, report},
};
use zhijian_proto::{
    common::v1::{
        CellFault, FieldChange, FileFormat, ImportHeader, ImportReport, ImportRow, Level as LevelMessage,
        Text, import_row,
    },
    submission::v1::{
        ExportProgrammesRequest, ExportProgrammesResponse, ImportProgrammeFileRequest,
        ImportProgrammeFileResponse, import_programme_file_request as import,
        programme_registry_service_server::ProgrammeRegistryService,
    },
};

use super::{
    Rpc,
    programme::{Sorted, known},
    upstream,
};
use crate::{
    domain::{
        catalogue::OrganisationKind,
        programme::{Level, Programme},
        programme_table::{self as table, COLUMNS, MOST_ROWS, Outcome, Plan, Planned, School},
        text::is_organisation_code,
    },
    store::programme::{self as programmes, Filter, Registered},
};

/// The sheet's name in files that are handed out.
const SHEET: &str = "专业";
/// How many schools one export may be filtered by.
const MAX_CODES: usize = 1000;

#[tonic::async_trait]
impl ProgrammeRegistryService for Rpc {
    async fn import_programme_file(
        &self,
        request: Request<Streaming<ImportProgrammeFileRequest>>,
    ) -> Result<Response<ImportProgrammeFileResponse>, Status> {
        let grant = Call::of(&request)?.authorise(&Resource::region())?;
        let upload = receive(request.into_inner(), |message| match message.part? {
            import::Part::Header(header) => Some(Part::Header(header)),
            import::Part::Chunk(chunk) => Some(Part::Chunk(chunk)),
        })
        .await?;
        let identity = upload.identity();
        let (header, grids) = read_file(upload).await?;
        let schools = self.schools(&grids).await?;
        if header.dry_run {
            let (_, report) = decide(self.ctx.db.reader(), &grids, &schools).await?;
            return Ok(Response::new(ImportProgrammeFileResponse { report: Some(report) }));
        }
        let response = self
            .ctx
            .db
            .mutate(&grant, &header.request_id.clone(), &identity, move |tx| {
                Box::pin(async move {
                    let (plan, mut report) = decide(tx.conn(), &grids, &schools).await?;
                    admit(&report, &header.plan)?;
                    let rows: Vec<Programme> =
                        plan.rows.into_iter().filter_map(|row| row.programme).collect();
                    let known = known(tx.conn(), &rows).await?;
                    Sorted::of(rows, known).put(tx).await?;
                    report.applied = true;
                    Ok(ImportProgrammeFileResponse { report: Some(report) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    type ExportProgrammesStream =
        Pin<Box<dyn Stream<Item = Result<ExportProgrammesResponse, Status>> + Send>>;

    async fn export_programmes(
        &self,
        request: Request<ExportProgrammesRequest>,
    ) -> Result<Response<Self::ExportProgrammesStream>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let format = input.format();
        let programmes = if input.template { Vec::new() } else { self.all(input.organisation_codes).await? };
        let file = tokio::task::spawn_blocking(move || {
            let rows: Vec<Vec<String>> =
                programmes.iter().map(|registered| table::cells(&registered.programme)).collect();
            match format {
                FileFormat::Csv => Ok(sheets::csv(COLUMNS, rows)),
                FileFormat::Xlsx => sheets::xlsx(SHEET, COLUMNS, &rows).map_err(Error::internal),
                FileFormat::Unspecified => Err(Error::invalid(
                    "format",
                    "请选择格式：CSV 或 XLSX。",
                    "Choose the format: CSV or XLSX.",
                )),
            }
        });
        let file = file.await.map_err(Error::internal)??;
        let stream = pieces(file, |chunk| ExportProgrammesResponse { chunk });
        Ok(Response::new(Box::pin(stream)))
    }
}

impl Rpc {
    /// The schools that a file speaks of, as far as they are registered.
    async fn schools(&self, grids: &[Grid]) -> Result<HashMap<String, School>, Error> {
        let Ok(table) = sheets::read(grids, COLUMNS, MOST_ROWS) else { return Ok(HashMap::new()) };
        let codes = table::schools(&table).into_iter().collect();
        let found = upstream::organisations(&self.ctx.clients, codes).await?;
        Ok(found
            .into_iter()
            .map(|(code, organisation)| {
                let kind = upstream::kind(&organisation);
                let is_school = !matches!(
                    kind,
                    None | Some(OrganisationKind::DistrictCommission | OrganisationKind::Enterprise)
                );
                let level = match organisation.level() {
                    LevelMessage::Unspecified => None,
                    LevelMessage::Secondary => Some(Level::Secondary),
                    LevelMessage::Higher => Some(Level::Higher),
                };
                (code, School { is_school, level, closed: organisation.closing_date })
            })
            .collect())
    }

    async fn all(&self, codes: Vec<String>) -> Result<Vec<Registered>, Error> {
        if codes.len() > MAX_CODES {
            return Err(Error::invalid(
                "organisation_codes",
                "一次最多按 1000 个机构代码筛选。",
                "At most 1000 codes filter one list.",
            ));
        }
        let codes: Vec<String> = codes.into_iter().filter(|code| is_organisation_code(code)).collect();
        let filter = Filter { organisation_codes: (!codes.is_empty()).then_some(codes), ..Filter::default() };
        let mut all = Vec::new();
        let mut token = String::new();
        loop {
            let page = Page::parse(1000, &token)?;
            let rows = programmes::list(self.ctx.db.reader(), &page, &filter).await?;
            let (rows, next) = page.finish(rows, Registered::list_key);
            all.extend(rows);
            if next.is_empty() {
                return Ok(all);
            }
            token = next;
        }
    }
}

/// The sheets of an uploaded file, read aside: it may take a while.
async fn read_file(upload: Upload) -> Result<(ImportHeader, Vec<Grid>), Error> {
    let Upload { header, file } = upload;
    let name = header.file_name.clone();
    let read = tokio::task::spawn_blocking(move || {
        sheet::read(&name, &file, &Limits::default()).map(|book| sheets::grids(&book))
    });
    let grids = read
        .await
        .map_err(Error::internal)?
        .map_err(|refusal| Error::invalid("file", refusal.message_zh(), refusal.message_en()))?;
    Ok((header, grids))
}

/// What the file would do to the register, and the report of it.
async fn decide(
    conn: &impl sea_orm::ConnectionTrait,
    grids: &[Grid],
    schools: &HashMap<String, School>,
) -> Result<(Plan, ImportReport), Error> {
    let read = match sheets::read(grids, COLUMNS, MOST_ROWS) {
        Ok(read) => read,
        Err(faults) => {
            let faults = faults.iter().map(cell_fault).collect();
            return Ok((Plan::default(), report(Vec::new(), faults, 0)));
        }
    };
    let (sheet, unknown, others) = (read.sheet.to_owned(), read.unknown.clone(), read.others.clone());
    let codes = table::schools(&read);
    let registered = programmes::of_organisations(conn, &codes.iter().map(String::as_str).collect()).await?;
    let registered: BTreeMap<_, _> =
        registered.into_iter().map(|(key, registered)| (key, registered.programme)).collect();
    let plan = table::plan(read, &registered, schools);
    let count = |outcome| plan.rows.iter().filter(|row| row.outcome == outcome).count();
    let rows = plan.rows.iter().filter(|row| row.outcome != Outcome::Unchanged).map(import_row).collect();
    let faults = plan.faults.iter().map(cell_fault).collect();
    let report = ImportReport {
        sheet,
        unknown_headings: unknown,
        other_sheets: others,
        ..report(rows, faults, count(Outcome::Unchanged))
    };
    Ok((plan, report))
}

fn import_row(row: &Planned) -> ImportRow {
    let outcome = match row.outcome {
        Outcome::Created => import_row::Outcome::Created,
        Outcome::Updated => import_row::Outcome::Updated,
        Outcome::Unchanged => import_row::Outcome::Unchanged,
        Outcome::Refused => import_row::Outcome::Refused,
    };
    let change = |(place, old, new): &(usize, String, String)| FieldChange {
        field: COLUMNS[*place].key.to_owned(),
        heading: Some(Text { zh: COLUMNS[*place].zh.to_owned(), en: COLUMNS[*place].en.to_owned() }),
        old_value: old.clone(),
        new_value: new.clone(),
    };
    ImportRow {
        row: number(row.row),
        outcome: outcome.into(),
        code: row.code.clone(),
        name: row.name.clone(),
        changes: row.changes.iter().map(change).collect(),
        notices: row.notices.iter().cloned().map(Text::from).collect(),
    }
}

fn cell_fault(fault: &Fault) -> CellFault {
    CellFault {
        sheet: fault.sheet.clone(),
        row: number(fault.row),
        column: fault.column.clone(),
        heading: fault.heading.clone(),
        value: fault.value.clone(),
        problem: Some(Text { zh: fault.zh.clone(), en: fault.en.clone() }),
    }
}
