//! PlatformService: what the two platforms hold of each institution.

use std::{
    collections::{BTreeMap, HashMap},
    pin::Pin,
    sync::OnceLock,
};

use futures::Stream;
use serde_json::json;
use tonic::{Request, Response, Status, Streaming};
use zhijian_documents::{
    Limits,
    register::{self as sheets, Fault, Grid},
    sheet,
};
use zhijian_platform::{
    Call, Error, Page, Resource, Visibility, id,
    register::{Part, admit, number, pieces, receive, report},
    time::timestamp,
};
use zhijian_proto::{
    common::v1::{
        CellFault, FieldChange, FileFormat, ImportReport, ImportRow, Level as WireLevel, Text, import_row,
    },
    submission::v1::{
        self as wire, ExportPlatformValuesRequest, ExportPlatformValuesResponse, ImportPlatformFileRequest,
        ImportPlatformFileResponse, ListPlatformLoadsRequest, ListPlatformLoadsResponse,
        ListPlatformValuesRequest, ListPlatformValuesResponse, PlatformHeader,
        import_platform_file_request as import, platform_service_server::PlatformService,
    },
};

use super::{Actor, Rpc, upstream};
use crate::{
    domain::{
        catalogue::{Catalogue, Level},
        platform_table::{self as table, Around, COLUMNS, Key, MOST_ROWS, Outcome, Plan, Planned, Platform},
        text::is_organisation_code,
    },
    store::platform_value::{self as values, Model, load},
};

/// The sheet's name in files that are handed out.
const SHEET: &str = "平台数据";

#[tonic::async_trait]
impl PlatformService for Rpc {
    async fn import_platform_file(
        &self,
        request: Request<Streaming<ImportPlatformFileRequest>>,
    ) -> Result<Response<ImportPlatformFileResponse>, Status> {
        let call = Call::of(&request)?;
        let grant = call.authorise(&Resource::region())?;
        let actor = Actor::of(&call);
        let about = OnceLock::new();
        let upload = receive(request.into_inner(), |message| match message.part? {
            import::Part::Header(given) => {
                let header = given.header.clone().unwrap_or_default();
                about.set((given.cycle_year, given.platform())).ok();
                Some(Part::Header(header))
            }
            import::Part::Chunk(chunk) => Some(Part::Chunk(chunk)),
        })
        .await?;
        let (cycle_year, given) = about.into_inner().unwrap_or_default();
        let platform = read_platform(given)?;
        let identity = PlatformHeader { header: Some(upload.identity()), cycle_year, platform: given.into() };
        let catalogue = self.catalogue(&self.cycle(cycle_year).await?)?;
        let (header, file) = (upload.header, upload.file);
        let name = header.file_name.clone();
        let read = tokio::task::spawn_blocking(move || {
            sheet::read(&name, &file, &Limits::default()).map(|book| sheets::grids(&book))
        });
        let grids = read
            .await
            .map_err(Error::internal)?
            .map_err(|refusal| Error::invalid("file", refusal.message_zh(), refusal.message_en()))?;
        let loading =
            Loading { cycle_year, platform, catalogue, institutions: self.institutions(&grids).await? };
        if header.dry_run {
            let (_, report) = loading.decide(self.ctx.db.reader(), &grids).await?;
            return Ok(Response::new(ImportPlatformFileResponse { report: Some(report) }));
        }
        let response = self
            .ctx
            .db
            .mutate(&grant, &header.request_id.clone(), &identity, move |tx| {
                Box::pin(async move {
                    let (plan, mut report) = loading.decide(tx.conn(), &grids).await?;
                    admit(&report, &header.plan)?;
                    let rows = loading.rows(plan);
                    report.applied = true;
                    if rows.is_empty() {
                        tx.unchanged();
                        return Ok(ImportPlatformFileResponse { report: Some(report) });
                    }
                    values::put(tx.conn(), rows).await?;
                    let row = load::Model {
                        load_id: id::new("plt"),
                        cycle_year,
                        platform: platform.as_str().to_owned(),
                        file_name: header.file_name,
                        created: report.created,
                        updated: report.updated,
                        account_id: actor.account_id,
                        account_name: actor.account_name,
                        time: tx.now(),
                    };
                    let detail = json!({
                        "load": row.load_id,
                        "file": row.file_name,
                        "created": row.created,
                        "updated": row.updated,
                    });
                    load::insert(tx.conn(), row).await?;
                    tx.audit(format!("platform/{cycle_year}/{}", platform.as_str()), detail);
                    Ok(ImportPlatformFileResponse { report: Some(report) })
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    type ExportPlatformValuesStream =
        Pin<Box<dyn Stream<Item = Result<ExportPlatformValuesResponse, Status>> + Send>>;

    async fn export_platform_values(
        &self,
        request: Request<ExportPlatformValuesRequest>,
    ) -> Result<Response<Self::ExportPlatformValuesStream>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let (format, platform) = (input.format(), read_platform(input.platform())?);
        let held = if input.template { Vec::new() } else { self.held(input.cycle_year, platform).await? };
        let file = tokio::task::spawn_blocking(move || match format {
            FileFormat::Csv => Ok(sheets::csv(COLUMNS, held)),
            FileFormat::Xlsx => sheets::xlsx(SHEET, COLUMNS, &held).map_err(Error::internal),
            FileFormat::Unspecified => {
                Err(Error::invalid("format", "请选择格式：CSV 或 XLSX。", "Choose the format: CSV or XLSX."))
            }
        });
        let file = file.await.map_err(Error::internal)??;
        let stream = pieces(file, |chunk| ExportPlatformValuesResponse { chunk });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn list_platform_loads(
        &self,
        request: Request<ListPlatformLoadsRequest>,
    ) -> Result<Response<ListPlatformLoadsResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let rows = load::list(self.ctx.db.reader(), request.into_inner().cycle_year).await?;
        let loads = rows.into_iter().map(|row| wire::PlatformLoad {
            platform: told(&row.platform).into(),
            load_id: row.load_id,
            cycle_year: row.cycle_year,
            file_name: row.file_name,
            created: row.created,
            updated: row.updated,
            account_name: row.account_name,
            time: Some(timestamp(row.time)),
        });
        Ok(Response::new(ListPlatformLoadsResponse { loads: loads.collect() }))
    }

    async fn list_platform_values(
        &self,
        request: Request<ListPlatformValuesRequest>,
    ) -> Result<Response<ListPlatformValuesResponse>, Status> {
        let call = Call::of(&request)?;
        let visible = call.visible("platform")?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let wanted = input.organisation_code;
        let organisations = match visible {
            _ if !wanted.is_empty() && !is_organisation_code(&wanted) => Some(vec![]),
            Visibility::All => (!wanted.is_empty()).then(|| vec![wanted]),
            Visibility::Only(own) if wanted.is_empty() => Some(own),
            Visibility::Only(own) => Some(own.into_iter().filter(|code| *code == wanted).collect()),
        };
        let rows =
            values::page(self.ctx.db.reader(), &page, input.cycle_year, organisations.as_deref(), None)
                .await?;
        let (rows, next_page_token) = page.finish(rows, Model::list_key);
        let values = rows.into_iter().map(|row| wire::PlatformValue {
            platform: told(&row.platform).into(),
            cycle_year: row.cycle_year,
            organisation_code: row.organisation_code,
            indicator_code: row.indicator_code,
            value: row.value,
            scope: row.scope,
            date: row.date,
        });
        Ok(Response::new(ListPlatformValuesResponse { values: values.collect(), next_page_token }))
    }
}

fn read_platform(platform: wire::Platform) -> Result<Platform, Error> {
    match platform {
        wire::Platform::StatusData => Ok(Platform::StatusData),
        wire::Platform::SecondaryMis => Ok(Platform::SecondaryMis),
        wire::Platform::Unspecified => {
            Err(Error::invalid("platform", "请选择是哪个平台的数据。", "Say which platform the data are of."))
        }
    }
}

fn told(platform: &str) -> wire::Platform {
    match Platform::parse(platform) {
        Some(Platform::StatusData) => wire::Platform::StatusData,
        Some(Platform::SecondaryMis) => wire::Platform::SecondaryMis,
        None => wire::Platform::Unspecified,
    }
}

impl Rpc {
    /// The registered institutions that a file speaks of, with the level that they teach at.
    async fn institutions(&self, grids: &[Grid]) -> Result<HashMap<String, Option<Level>>, Error> {
        let Ok(read) = sheets::read(grids, COLUMNS, MOST_ROWS) else { return Ok(HashMap::new()) };
        let found = upstream::organisations(&self.ctx.clients, table::organisations(&read)).await?;
        let level =
            |organisation: &zhijian_proto::identity::v1::Organisation| match upstream::kind(organisation)? {
                crate::domain::catalogue::OrganisationKind::HigherVocational => Some(Level::Higher),
                crate::domain::catalogue::OrganisationKind::SpecialisedSecondary
                | crate::domain::catalogue::OrganisationKind::VocationalHigh => Some(Level::Secondary),
                _ => match organisation.level() {
                    WireLevel::Higher => Some(Level::Higher),
                    WireLevel::Secondary => Some(Level::Secondary),
                    WireLevel::Unspecified => None,
                },
            };
        Ok(found.into_iter().map(|(code, organisation)| (code, level(&organisation))).collect())
    }

    /// Everything that is held of a platform in a year, as cells of a file.
    async fn held(&self, cycle_year: i32, platform: Platform) -> Result<Vec<Vec<String>>, Error> {
        let (mut all, mut token) = (Vec::new(), String::new());
        loop {
            let page = Page::parse(1000, &token)?;
            let of = Some(platform.as_str());
            let rows = values::page(self.ctx.db.reader(), &page, cycle_year, None, of).await?;
            let (rows, next) = page.finish(rows, Model::list_key);
            for row in rows {
                let held = row.held()?;
                let key =
                    Key { organisation_code: row.organisation_code, indicator_code: row.indicator_code };
                all.push(table::cells(&key, &held));
            }
            if next.is_empty() {
                return Ok(all);
            }
            token = next;
        }
    }
}

/// A load on its way.
struct Loading {
    cycle_year: i32,
    platform: Platform,
    catalogue: std::sync::Arc<Catalogue>,
    institutions: HashMap<String, Option<Level>>,
}

impl Loading {
    /// What the file would do, and the report of it.
    async fn decide(
        &self,
        conn: &impl sea_orm::ConnectionTrait,
        grids: &[Grid],
    ) -> Result<(Plan, ImportReport), Error> {
        let read = match sheets::read(grids, COLUMNS, MOST_ROWS) {
            Ok(read) => read,
            Err(faults) => {
                let faults = faults.iter().map(cell_fault).collect();
                return Ok((Plan::default(), report(Vec::new(), faults, 0)));
            }
        };
        let (sheet, unknown, others) = (read.sheet.to_owned(), read.unknown.clone(), read.others.clone());
        let codes = table::organisations(&read);
        let codes = codes.iter().map(String::as_str).collect();
        let known: BTreeMap<_, _> = values::of_organisations(conn, self.cycle_year, &codes).await?;
        let around = Around {
            platform: self.platform,
            catalogue: &self.catalogue,
            institutions: &self.institutions,
            known: &known,
        };
        let plan = table::plan(read, around);
        let unchanged = plan.rows.iter().filter(|row| row.outcome == Outcome::Unchanged).count();
        let rows = plan.rows.iter().filter(|row| row.outcome != Outcome::Unchanged).map(import_row).collect();
        let faults = plan.faults.iter().map(cell_fault).collect();
        let report = ImportReport {
            sheet,
            unknown_headings: unknown,
            other_sheets: others,
            ..report(rows, faults, unchanged)
        };
        Ok((plan, report))
    }

    /// The rows that a plan writes.
    fn rows(&self, plan: Plan) -> Vec<Model> {
        let changing = plan.rows.into_iter().filter(|row| row.outcome != Outcome::Unchanged);
        let row = |(key, held): (Key, crate::domain::check::PlatformValue)| Model {
            cycle_year: self.cycle_year,
            organisation_code: key.organisation_code,
            indicator_code: key.indicator_code,
            platform: self.platform.as_str().to_owned(),
            value: held.value.normalize().to_string(),
            scope: held.scope,
            date: held.date.to_string(),
        };
        changing.filter_map(|planned| planned.value).map(row).collect()
    }
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
