//! ProgrammeService.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use tonic::{Request, Response, Status};
use zhijian_platform::{Call, Error, Page, Resource, Tx, Violation};
use zhijian_proto::common::v1 as common;
use zhijian_proto::submission::v1::{
    GetProgrammeRequest, GetProgrammeResponse, ImportProgrammesRequest, ImportProgrammesResponse,
    ListProgrammesRequest, ListProgrammesResponse, programme_service_server::ProgrammeService,
};

use super::{Rpc, convert, upstream};
use crate::{
    domain::{
        programme::{self, Key, Level, Programme},
        text::{is_organisation_code, is_storable},
    },
    store::programme::{self as programmes, Filter, Registered},
};

/// How many programmes one import may have.
const MAX_ROWS: usize = 2000;
/// The longest text searched for, in characters.
const MAX_QUERY: usize = 100;
/// How many schools one list may be filtered by.
const MAX_CODES: usize = 1000;

#[tonic::async_trait]
impl ProgrammeService for Rpc {
    async fn import_programmes(
        &self,
        request: Request<ImportProgrammesRequest>,
    ) -> Result<Response<ImportProgrammesResponse>, Status> {
        let grant = Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let rows = self.read_rows(&input).await?;
        if input.dry_run {
            let known = known(self.ctx.db.reader(), &rows).await?;
            let sorted = Sorted::of(rows, known);
            return Ok(Response::new(ImportProgrammesResponse {
                created: length(sorted.created.len()),
                updated: length(sorted.updated.len()),
                unchanged: length(sorted.unchanged),
                programmes: vec![],
            }));
        }
        let response = self
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let known = known(tx.conn(), &rows).await?;
                    let keys: Vec<Key> = rows.iter().map(|row| row.key.clone()).collect();
                    let mut stands = Sorted::of(rows, known).put(tx).await?;
                    let answer = ImportProgrammesResponse {
                        created: length(stands.created),
                        updated: length(stands.updated),
                        unchanged: length(stands.unchanged),
                        programmes: keys
                            .iter()
                            .filter_map(|key| stands.rows.remove(key))
                            .map(convert::programme)
                            .collect(),
                    };
                    Ok(answer)
                })
            })
            .await?;
        Ok(Response::new(response))
    }

    async fn get_programme(
        &self,
        request: Request<GetProgrammeRequest>,
    ) -> Result<Response<GetProgrammeResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let id = request.into_inner().programme_id;
        let found = programmes::find(self.ctx.db.reader(), &id).await?;
        let programme = found.ok_or_else(|| Error::not_found("programme", &id))?;
        Ok(Response::new(GetProgrammeResponse { programme: Some(convert::programme(programme)) }))
    }

    async fn list_programmes(
        &self,
        request: Request<ListProgrammesRequest>,
    ) -> Result<Response<ListProgrammesResponse>, Status> {
        Call::of(&request)?.authorise(&Resource::region())?;
        let input = request.into_inner();
        let page = Page::parse(input.page_size, &input.page_token)?;
        let conn = self.ctx.db.reader();
        // Read first: whoever keeps what follows under it then never takes an old register for the new one.
        let (count, versions) = programmes::version(conn).await?;
        let rows = programmes::list(conn, &page, &filter(input)?).await?;
        let (rows, next_page_token) = page.finish(rows, Registered::list_key);
        let programmes = rows.into_iter().map(convert::programme).collect();
        let version = format!("{count}.{versions}");
        Ok(Response::new(ListProgrammesResponse { programmes, next_page_token, version }))
    }
}

fn filter(input: ListProgrammesRequest) -> Result<Filter, Error> {
    let codes = input.organisation_codes;
    if codes.len() > MAX_CODES {
        return Err(Error::invalid(
            "organisation_codes",
            "一次最多按 1000 个机构代码筛选。",
            "At most 1000 codes filter one list.",
        ));
    }
    let pilot = match (input.pilot_only, input.exclude_pilots) {
        (true, true) => {
            return Err(Error::invalid(
                "exclude_pilots",
                "pilot_only 与 exclude_pilots 不能同时使用。",
                "pilot_only and exclude_pilots cannot go together.",
            ));
        }
        (true, false) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
    };
    let query = input.query.trim().to_owned();
    if query.chars().count() > MAX_QUERY || !is_storable(&query) {
        return Err(Error::invalid("query", "查找内容最多 100 个字。", "Search for at most 100 characters."));
    }
    let level = match common::Level::try_from(input.level).unwrap_or_default() {
        common::Level::Unspecified => None,
        common::Level::Secondary => Some(Level::Secondary),
        common::Level::Higher => Some(Level::Higher),
    };
    let given = |year: i32| (year != 0).then_some(year);
    Ok(Filter {
        opened_from: given(input.opened_from),
        opened_to: given(input.opened_to),
        pathway_year: given(input.pathway_year),
        pilot,
        query,
        running_only: input.running_only,
        level,
        organisation_codes: (!codes.is_empty())
            .then(|| codes.into_iter().filter(|code| is_organisation_code(code)).collect()),
    })
}

/// What the register has of the rows' schools.
pub(super) async fn known(
    conn: &impl sea_orm::ConnectionTrait,
    rows: &[Programme],
) -> Result<BTreeMap<Key, Registered>, Error> {
    let codes: BTreeSet<&str> = rows.iter().map(|row| row.key.organisation_code.as_str()).collect();
    programmes::of_organisations(conn, &codes).await
}

/// Programmes by what an import makes of them.
#[derive(Default)]
pub(super) struct Sorted {
    created: Vec<Programme>,
    updated: Vec<(Programme, Registered)>,
    unchanged: usize,
    known: BTreeMap<Key, Registered>,
}

/// How the programmes of an import stand in the register.
pub(super) struct Stands {
    created: usize,
    updated: usize,
    unchanged: usize,
    rows: BTreeMap<Key, Registered>,
}

impl Sorted {
    /// Compares rows with what is `known` of their schools.
    pub fn of(rows: Vec<Programme>, known: BTreeMap<Key, Registered>) -> Self {
        let mut sorted = Self { known, ..Self::default() };
        for programme in rows {
            match sorted.known.get(&programme.key) {
                None => sorted.created.push(programme),
                Some(earlier) if earlier.programme == programme => sorted.unchanged += 1,
                Some(earlier) => sorted.updated.push((programme, earlier.clone())),
            }
        }
        sorted
    }

    /// Writes what is new and what changes.
    pub async fn put(self, tx: &Tx<'_>) -> Result<Stands, Error> {
        let (created, updated) = (self.created.len(), self.updated.len());
        let mut written: Vec<Registered> =
            self.created.into_iter().map(|programme| programmes::new(programme, tx.now())).collect();
        written.extend(self.updated.into_iter().map(|(programme, earlier)| Registered {
            programme,
            version: earlier.version + 1,
            ..earlier
        }));
        if written.is_empty() {
            tx.unchanged();
        }
        programmes::put(tx.conn(), &written).await?;
        let mut rows = self.known;
        for row in written {
            let Key { organisation_code, code, level } = &row.programme.key;
            let detail = json!({
                "organisation_code": organisation_code,
                "code": code,
                "level": level.as_str(),
                "name": row.programme.name.zh,
                "opened_year": row.programme.opened_year,
                "withdrawn_year": row.programme.withdrawn_year,
                "pilot": row.programme.pilot,
            });
            tx.audit(format!("programme/{}", row.programme_id), detail);
            rows.insert(row.programme.key.clone(), row);
        }
        Ok(Stands { created, updated, unchanged: self.unchanged, rows })
    }
}

fn length(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

impl Rpc {
    /// The rows of an import, all of them sound and of registered schools.
    async fn read_rows(&self, input: &ImportProgrammesRequest) -> Result<Vec<Programme>, Error> {
        if input.programmes.is_empty() || input.programmes.len() > MAX_ROWS {
            return Err(Error::invalid(
                "programmes",
                "一次导入 1–2000 个专业。",
                "One import has 1–2000 programmes.",
            ));
        }
        let given = input.programmes.iter().cloned().map(convert::programme_given).collect();
        let rows = programme::read(given).map_err(Error::Invalid)?;
        let codes = rows.iter().map(|row| row.key.organisation_code.clone()).collect();
        let registered = upstream::organisations(&self.ctx.clients, codes).await?;
        let violations: Vec<Violation> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !registered.contains_key(&row.key.organisation_code))
            .map(|(place, row)| {
                let code = &row.key.organisation_code;
                Violation::new(
                    format!("programmes[{place}].organisation_code"),
                    format!("机构代码 {code} 没有登记。"),
                    format!("No organisation is registered under {code}."),
                )
            })
            .collect();
        if violations.is_empty() { Ok(rows) } else { Err(Error::Invalid(violations)) }
    }
}
