//! PanelService: the panel of experts as files.

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
    Call, Error, Resource, Tx, id,
    register::{Part, Upload, admit, number, pieces, receive, report},
};
use zhijian_proto::{
    common::v1::{
        CellFault, FieldChange, FileFormat, ImportHeader, ImportReport, ImportRow, Text, import_row,
    },
    identity::v1::Role,
    review::v1::{
        ExportReviewersRequest, ExportReviewersResponse, ImportReviewersRequest, ImportReviewersResponse,
        import_reviewers_request as import, panel_service_server::PanelService,
    },
};

use super::{Review, upstream};
use crate::{
    domain::{
        panel_columns::COLUMNS,
        panel_table::{self as table, Account, Known, Listed, MOST_ROWS, Outcome, Plan, Planned},
        relation::Relation,
    },
    store,
};

/// The sheet's name in files that are handed out.
const SHEET: &str = "评审专家";

#[tonic::async_trait]
impl PanelService for Review {
    async fn import_reviewers(
        &self,
        request: Request<Streaming<ImportReviewersRequest>>,
    ) -> Result<Response<ImportReviewersResponse>, Status> {
        let grant = Call::of(&request)?.authorise(&Resource::region())?;
        let upload = receive(request.into_inner(), |message| match message.part? {
            import::Part::Header(header) => Some(Part::Header(header)),
            import::Part::Chunk(chunk) => Some(Part::Chunk(chunk)),
        })
        .await?;
        let identity = upload.identity();
        let (header, grids) = read_file(upload).await?;
        let known = self.known(&grids).await?;
        if header.dry_run {
            let (_, report) = decide(self.ctx.db.reader(), &grids, known).await?;
            return Ok(Response::new(ImportReviewersResponse { report: Some(report) }));
        }
        let response = self
            .ctx
            .db
            .mutate(&grant, &header.request_id.clone(), &identity, move |tx| {
                Box::pin(async move {
                    let (plan, mut report) = decide(tx.conn(), &grids, known).await?;
                    admit(&report, &header.plan)?;
                    let mut changed = 0;
                    for row in plan.rows.into_iter().filter(|row| row.outcome != Outcome::Unchanged) {
                        if let Some(listed) = row.listed {
                            put(tx, listed).await?;
                            changed += 1;
                        }
                    }
                    if changed == 0 {
                        tx.unchanged();
                    }
                    report.applied = true;
                    Ok(ImportReviewersResponse { report: Some(report) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    type ExportReviewersStream = Pin<Box<dyn Stream<Item = Result<ExportReviewersResponse, Status>> + Send>>;

    async fn export_reviewers(
        &self,
        request: Request<ExportReviewersRequest>,
    ) -> Result<Response<Self::ExportReviewersStream>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let format = input.format();
        let (reviewers, names) = match input.template {
            true => (vec![], HashMap::new()),
            false => (store::reviewer::all(self.ctx.db.reader()).await?, self.sign_in_names().await?),
        };
        let file = tokio::task::spawn_blocking(move || {
            let name = |account_id: &str| names.get(account_id).map(String::as_str).unwrap_or_default();
            let rows: Vec<Vec<String>> =
                reviewers.iter().map(|reviewer| table::cells(name(&reviewer.account_id), reviewer)).collect();
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
        let stream = pieces(file, |chunk| ExportReviewersResponse { chunk });
        Ok(Response::new(Box::pin(stream)))
    }
}

impl Review {
    /// What a file's rows are read against, but for the panel.
    async fn known(&self, grids: &[Grid]) -> Result<Known, Error> {
        let Ok(read) = sheets::read(grids, COLUMNS, MOST_ROWS) else { return Ok(Known::default()) };
        let codes = table::organisations(&read);
        let organisations = upstream::organisations(&self.ctx.clients, &codes).await?.into_keys().collect();
        let accounts = upstream::accounts(&self.ctx.clients).await?;
        let accounts = accounts
            .into_iter()
            .map(|account| {
                let known = Account {
                    reviews: account.roles.iter().any(|grant| grant.role() == Role::Reviewer),
                    account_id: account.account_id,
                    display_name: account.display_name,
                };
                (account.sign_in_name, known)
            })
            .collect();
        Ok(Known { accounts, organisations, panel: HashMap::new() })
    }

    async fn sign_in_names(&self) -> Result<HashMap<String, String>, Error> {
        let accounts = upstream::accounts(&self.ctx.clients).await?;
        Ok(accounts.into_iter().map(|account| (account.account_id, account.sign_in_name)).collect())
    }
}

/// Enters an expert, and the chair's relations in the place of those there were.
async fn put(tx: &Tx<'_>, listed: Listed) -> Result<(), Error> {
    let conn = tx.conn();
    let reviewer = store::reviewer::put(conn, &listed.reviewer).await?;
    if let Some(given) = listed.relations {
        for old in listed.reviewer.relations.iter().filter(|relation| !relation.by_self) {
            store::relation::remove(conn, &old.id).await?;
        }
        let given: Vec<Relation> = given
            .into_iter()
            .map(|relation| Relation { id: id::new("rel"), declare_time: tx.now(), ..relation })
            .collect();
        store::relation::insert(conn, &given).await?;
    }
    tx.audit(
        format!("reviewer/{}", reviewer.account_id),
        json!({
            "organisation": reviewer.organisation_code,
            "past": reviewer.past,
            "expertise": reviewer.expertise,
            "max_load": reviewer.max_load,
        }),
    );
    Ok(())
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

/// What the file would do to the panel, and the report of it.
async fn decide(
    conn: &impl sea_orm::ConnectionTrait,
    grids: &[Grid],
    known: Known,
) -> Result<(Plan, ImportReport), Error> {
    let read = match sheets::read(grids, COLUMNS, MOST_ROWS) {
        Ok(read) => read,
        Err(faults) => {
            let faults = faults.iter().map(cell_fault).collect();
            return Ok((Plan::default(), report(Vec::new(), faults, 0)));
        }
    };
    let (sheet, unknown, others) = (read.sheet.to_owned(), read.unknown.clone(), read.others.clone());
    let panel = store::reviewer::all(conn).await?;
    let panel = panel.into_iter().map(|reviewer| (reviewer.account_id.clone(), reviewer)).collect();
    let plan = table::plan(read, &Known { panel, ..known });
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
        notices: vec![],
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
