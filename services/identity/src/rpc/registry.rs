//! RegistryService.

use std::{collections::HashMap, pin::Pin};

use futures::Stream;
use serde_json::json;
use tonic::{Request, Response, Status, Streaming};
use zhijian_documents::{
    Limits,
    register::{self as sheets, Fault, Grid},
    sheet,
};
use zhijian_platform::{
    Call, Context, Error, Page, Resource, Tx,
    register::{Part, Upload, admit, number, pieces, receive, report},
    time::timestamp,
};
use zhijian_proto::{
    common::v1::{
        CellFault, FieldChange, FileFormat, ImportHeader, ImportReport, ImportRow, Text, import_row,
    },
    identity::v1::{
        ExportOrganisationsRequest, ExportOrganisationsResponse, ImportOrganisationsRequest,
        ImportOrganisationsResponse, ListOrganisationChangesRequest, ListOrganisationChangesResponse,
        OrganisationChange, import_organisations_request as import, registry_service_server::RegistryService,
    },
};

use super::{
    fields::{self, Fields},
    organisation::{Actor, register_resource},
    read,
};
use crate::{
    domain::{
        code::Code,
        organisation::Organisation,
        register::{self, COLUMNS, Change, MOST_ROWS, Outcome, Plan, Planned},
    },
    store::{self, organisation::Registered},
};

/// The sheet's name in files that are handed out.
const SHEET: &str = "机构";

/// Takes in and gives out the register.
pub(crate) struct Registry {
    ctx: Context,
}

impl Registry {
    pub fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[tonic::async_trait]
impl RegistryService for Registry {
    async fn import_organisations(
        &self,
        request: Request<Streaming<ImportOrganisationsRequest>>,
    ) -> Result<Response<ImportOrganisationsResponse>, Status> {
        let call = Call::of(&request)?;
        let grant = call.authorise(&register_resource())?;
        let upload = receive(request.into_inner(), |message| match message.part? {
            import::Part::Header(header) => Some(Part::Header(header)),
            import::Part::Chunk(chunk) => Some(Part::Chunk(chunk)),
        })
        .await?;
        let identity = upload.identity();
        let (header, grids) = read_file(upload).await?;
        if header.dry_run {
            let register = store::organisation::all(self.ctx.db.reader()).await?;
            let (_, report) = decide(&grids, &register);
            return Ok(Response::new(ImportOrganisationsResponse { report: Some(report) }));
        }
        let actor = Actor::of(&call);
        let response = self
            .ctx
            .db
            .mutate(&grant, &header.request_id.clone(), &identity, move |tx| {
                Box::pin(async move {
                    let register = store::organisation::all(tx.conn()).await?;
                    let (plan, mut report) = decide(&grids, &register);
                    admit(&report, &header.plan)?;
                    apply(tx, plan, register, &actor).await?;
                    report.applied = true;
                    Ok(ImportOrganisationsResponse { report: Some(report) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    type ExportOrganisationsStream =
        Pin<Box<dyn Stream<Item = Result<ExportOrganisationsResponse, Status>> + Send>>;

    async fn export_organisations(
        &self,
        request: Request<ExportOrganisationsRequest>,
    ) -> Result<Response<Self::ExportOrganisationsStream>, Status> {
        let call = Call::of(&request)?;
        call.authorise(&Resource::region())?;
        let input = request.into_inner();
        let mut fields = Fields::default();
        let kinds: Option<Vec<_>> = input
            .kinds
            .iter()
            .enumerate()
            .map(|(place, kind)| fields.take(format!("kinds[{place}]"), read::kind(*kind)))
            .collect();
        let kinds = fields.finish(kinds)?;
        let mut entries: Vec<Organisation> = if input.template {
            Vec::new()
        } else {
            let all = store::organisation::all(self.ctx.db.reader()).await?;
            all.into_values().map(|registered| registered.organisation).collect()
        };
        entries.retain(|entry| kinds.is_empty() || kinds.contains(&entry.kind));
        entries.sort_by(|a, b| a.code.cmp(&b.code));
        let format = input.format();
        let file = tokio::task::spawn_blocking(move || {
            let rows: Vec<Vec<String>> = entries.iter().map(register::cells).collect();
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
        let stream = pieces(file, |chunk| ExportOrganisationsResponse { chunk });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn list_organisation_changes(
        &self,
        request: Request<ListOrganisationChangesRequest>,
    ) -> Result<Response<ListOrganisationChangesResponse>, Status> {
        let call = Call::of(&request)?;
        let input = request.into_inner();
        call.authorise(&Resource::new("organisation", &input.code).organisation(&input.code))?;
        let code = Code::parse(&input.code).map_err(|broken| fields::invalid("code", &broken))?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let rows = store::change::list(self.ctx.db.reader(), &page, &code).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.change_id.to_string());
        let changes = rows
            .into_iter()
            .map(|row| OrganisationChange {
                change_id: row.change_id,
                time: Some(timestamp(row.time)),
                changes: row.fields().into_iter().map(kept_change).collect(),
                account_name: row.account_name,
                action: row.action,
            })
            .collect();
        Ok(Response::new(ListOrganisationChangesResponse { changes, next_page_token }))
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
fn decide(grids: &[Grid], register: &HashMap<Code, Registered>) -> (Plan, ImportReport) {
    let table = match sheets::read(grids, COLUMNS, MOST_ROWS) {
        Ok(table) => table,
        Err(faults) => {
            let faults = faults.iter().map(cell_fault).collect();
            return (Plan::default(), report(Vec::new(), faults, 0));
        }
    };
    let (sheet, unknown, others) = (table.sheet.to_owned(), table.unknown.clone(), table.others.clone());
    let plan = register::plan(table, &store::organisation::entries(register));
    let rows = plan.rows.iter().filter(|row| row.outcome != Outcome::Unchanged).map(import_row).collect();
    let faults = plan.faults.iter().map(cell_fault).collect();
    let report = ImportReport {
        sheet,
        unknown_headings: unknown,
        other_sheets: others,
        ..report(rows, faults, plan.count(Outcome::Unchanged))
    };
    (plan, report)
}

/// Writes what the plan creates and updates, supervisors first.
async fn apply(
    tx: &Tx<'_>,
    plan: Plan,
    mut register: HashMap<Code, Registered>,
    actor: &Actor,
) -> Result<(), Error> {
    let mut changed = Vec::new();
    let mut rows = Vec::new();
    for Planned { outcome, entry, changes, .. } in plan.rows {
        let Some(organisation) = entry.filter(|_| outcome != Outcome::Unchanged) else { continue };
        let code = organisation.code.clone();
        let fields: Vec<&str> = changes.iter().map(|change| change.field).collect();
        tx.audit(
            format!("organisation/{code}"),
            json!({ "name": organisation.name.zh(), "changed": fields }),
        );
        let (create_time, version) = match register.remove(&code) {
            Some(before) => (before.create_time, before.version + 1),
            None => (tx.now(), 1),
        };
        rows.push(Registered { organisation, create_time, version });
        changed.push((code, changes));
    }
    if rows.is_empty() {
        tx.unchanged();
        return Ok(());
    }
    store::organisation::put(tx.conn(), &supervisors_first(rows)).await?;
    store::change::record(tx.conn(), &actor.at(tx.now()), &changed).await
}

/// Rows in an order in which nothing comes before what it stands under.
fn supervisors_first(rows: Vec<Registered>) -> Vec<Registered> {
    let above: HashMap<Code, Option<Code>> =
        rows.iter().map(|row| (row.organisation.code.clone(), row.organisation.parent.clone())).collect();
    let depth = |code: &Code| {
        let mut depth = 0_usize;
        let mut code = Some(code);
        // The plan refuses circles; the bound keeps a fault of ours from hanging.
        while let Some(parent) = code.and_then(|code| above.get(code)).filter(|_| depth <= above.len()) {
            depth += 1;
            code = parent.as_ref();
        }
        depth
    };
    let mut rows: Vec<(usize, Registered)> =
        rows.into_iter().map(|row| (depth(&row.organisation.code), row)).collect();
    rows.sort_by_key(|(depth, _)| *depth);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn import_row(row: &Planned) -> ImportRow {
    let outcome = match row.outcome {
        Outcome::Created => import_row::Outcome::Created,
        Outcome::Updated => import_row::Outcome::Updated,
        Outcome::Unchanged => import_row::Outcome::Unchanged,
        Outcome::Refused => import_row::Outcome::Refused,
    };
    ImportRow {
        row: number(row.row),
        outcome: outcome.into(),
        code: row.code.clone(),
        name: row.name.clone(),
        changes: row.changes.iter().map(field_change).collect(),
        notices: row.notices.iter().map(|(zh, en)| Text { zh: zh.clone(), en: en.clone() }).collect(),
    }
}

fn field_change(change: &Change) -> FieldChange {
    FieldChange {
        field: change.field.to_owned(),
        heading: Some(Text { zh: change.heading_zh.to_owned(), en: change.heading_en.to_owned() }),
        old_value: change.old.clone(),
        new_value: change.new.clone(),
    }
}

fn kept_change(change: store::change::Kept) -> FieldChange {
    FieldChange {
        field: change.field,
        heading: Some(Text { zh: change.zh, en: change.en }),
        old_value: change.old,
        new_value: change.new,
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
