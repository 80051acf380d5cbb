//! The long work of compiling a release: gather, compute table by table, put in place at once.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use zhijian_platform::{Clients, Db, Error, Objects, Text, Tx, Violation, operations::Job};
use zhijian_proto::common::v1::ErrorReason;

use crate::{
    domain::{
        definition::{Edition, Library},
        disclosure::Disclosures,
        edition::Editions,
        facts::Facts,
        pin::{self, Pinned, RecomputeError, Recomputed},
    },
    store::{self, table::Kept},
    upstream,
};

mod editions;
mod gather;

/// The kind of the operations.
pub const KIND: &str = "publication.compile";

#[derive(Serialize, Deserialize)]
struct Payload {
    year: i32,
}

/// What an operation that compiles the release of `year` carries.
pub fn payload(year: i32) -> Vec<u8> {
    json!(Payload { year }).to_string().into_bytes()
}

/// Compiles releases.
#[derive(Clone)]
pub struct Compiler {
    pub db: Db,
    pub clients: Clients,
    /// Where the pins are kept.
    pub objects: Objects,
    pub library: Arc<Library>,
    pub disclosures: Arc<Disclosures>,
    pub editions: Arc<Editions>,
}

/// The steps of one compilation.
struct Progress<'j> {
    job: &'j Job,
    done: i32,
    total: i32,
}

impl Progress<'_> {
    /// Says that one more step is being done.
    async fn step(&mut self, note: Text) -> Result<(), Error> {
        self.job.progress(self.done, self.total, note).await?;
        self.done += 1;
        Ok(())
    }
}

impl Compiler {
    /// Does the work of one operation. Doing it again after a crash comes to the same tables.
    ///
    /// # Errors
    /// DATA_MISSING, naming everything that lacks; those of the other services and of the database.
    pub async fn run(&self, job: Job) -> Result<(), Error> {
        let Payload { year } = serde_json::from_slice(&job.payload).map_err(Error::internal)?;
        let release = store::release::find(self.db.reader(), year).await?;
        if release.tables_operation_id == job.operation_id {
            // The work was done, and the process ended before it could say so.
            return Ok(());
        }
        if release.compile_operation_id != job.operation_id {
            return superseded(&job).await;
        }
        release.life.check_compile()?;
        let edition = self.library.edition(year).ok_or_else(|| undefined(year))?;

        let mut plan = edition.plan();
        let templates = self.editions.of(year);
        if let Some(templates) = templates {
            templates.want(&mut plan);
        }
        let steps = plan.indicators(year).len() + 1 + edition.tables.len() + usize::from(templates.is_some());
        let total = i32::try_from(steps).unwrap_or(i32::MAX);
        let mut progress = Progress { job: &job, done: 0, total };
        let region = upstream::region(&self.clients).await?;
        let full = gather::pins(&self.clients, edition, &plan, &mut progress).await?;
        let public = match self.disclosures.of(year) {
            Some(rules) => rules.disclosed(&full, &plan).map_err(|lack| gather::lacking(year, &lack))?,
            None => full.clone(),
        };
        let facts = pin::facts(&public, plan).map_err(|error| pins_fault(year, error))?;
        let (tables, left_out) = compute(edition, &facts, &mut progress).await?;
        let (editions, unset) = match templates {
            Some(templates) => {
                self.editions(templates, &public, &facts, &tables, &region, &mut progress).await?
            }
            None => (vec![], vec![]),
        };
        let pins =
            store::pin::Pin { full_hash: self.keep(&full).await?, public_hash: self.keep(&public).await? };

        let operation_id = job.operation_id.clone();
        let stored = self
            .db
            .mutate_as_system("release.compile", &format!("release/{year}"), move |tx| {
                Box::pin(async move {
                    let made = Made { tables, editions, region, pins };
                    put_in_place(tx, year, operation_id, made).await
                })
            })
            .await?;
        if !stored {
            return superseded(&job).await;
        }
        job.progress(total, total, finished(&left_out, editions::told(&unset))).await
    }

    /// Stores pins; their SHA-256. Nothing sweeps this service's folder: what was compiled stays readable.
    async fn keep(&self, pinned: &Pinned) -> Result<String, Error> {
        let kept = self.objects.keep(serde_json::to_vec(pinned).map_err(Error::internal)?.into()).await?;
        Ok(kept.sha256)
    }
}

/// What a compilation leaves.
struct Made {
    tables: Vec<Kept>,
    editions: Vec<store::edition::Edition>,
    region: upstream::Region,
    pins: store::pin::Pin,
}

/// Why pins gave nothing, for whoever waits for the operation.
fn pins_fault(year: i32, error: RecomputeError) -> Error {
    match error {
        RecomputeError::Lacking(violations) => {
            Error::Precondition { reason: ErrorReason::DataMissing, violations }
        }
        RecomputeError::Sum(lack) => gather::lacking(year, &lack),
        RecomputeError::Round { .. } | RecomputeError::Grade { .. } => Error::Precondition {
            reason: ErrorReason::DataMissing,
            violations: vec![Violation::new(
                format!("cycle/{year}"),
                format!("评审等级不能由评分复算：{error}。请核对该轮评审。"),
                format!("Grades do not follow from the scores: {error}. Check the round."),
            )],
        },
        other => Error::internal(other),
    }
}

fn undefined(year: i32) -> Error {
    Error::Precondition {
        reason: ErrorReason::DataMissing,
        violations: vec![Violation::new(
            format!("publication/tables/{year}.toml"),
            format!("没有{year}年的表格定义：请在规则目录放入 publication/tables/{year}.toml 后重新启动。"),
            format!(
                "No tables are defined for {year}: put publication/tables/{year}.toml into the rules directory and start again."
            ),
        )],
    }
}

async fn superseded(job: &Job) -> Result<(), Error> {
    let note = Text::new("已由更新的一次编制取代。", "A newer compilation took its place.");
    job.progress(0, 0, note).await
}

/// Computes every table, and says which optional ones have nothing to show.
async fn compute<'e>(
    edition: &'e Edition,
    facts: &Facts,
    progress: &mut Progress<'_>,
) -> Result<(Vec<Kept>, Vec<&'e str>), Error> {
    let mut tables = Vec::with_capacity(edition.tables.len());
    let mut left_out = Vec::new();
    let mut violations = Vec::new();
    for definition in &edition.tables {
        let number = definition.number.as_str();
        progress.step(Text::new(format!("正在编制表{number}"), format!("Computing table {number}"))).await?;
        match pin::table(edition, definition, facts) {
            Ok(Some(table)) => tables.push(table.into()),
            Ok(None) => left_out.push(number),
            Err(RecomputeError::Lacking(lacks)) => violations.extend(lacks),
            Err(other) => return Err(Error::internal(other)),
        }
    }
    if violations.is_empty() {
        return Ok((tables, left_out));
    }
    Err(Error::Precondition { reason: ErrorReason::DataMissing, violations })
}

impl From<Recomputed> for Kept {
    fn from(made: Recomputed) -> Self {
        Self { table: made.table, csv: made.csv, content_hash: made.content_hash }
    }
}

/// Replaces the tables, unless a newer compilation was asked for meanwhile; answers whether it did.
async fn put_in_place(
    tx: &Tx<'_>,
    year: i32,
    operation_id: String,
    Made { tables, editions, region, pins }: Made,
) -> Result<bool, Error> {
    let mut release = store::release::find(tx.conn(), year).await?;
    if release.compile_operation_id != operation_id {
        tx.unchanged();
        return Ok(false);
    }
    release.life.compiled()?;
    let hashes: serde_json::Map<String, serde_json::Value> =
        tables.iter().map(|kept| (kept.table.number.clone(), kept.content_hash.clone().into())).collect();
    tx.audit(
        format!("release/{year}"),
        json!({
            "state": "compiled",
            "tables_operation_id": operation_id,
            "tables": hashes,
            "pins": pins.public_hash,
        }),
    );
    store::edition::replace(tx.conn(), year, editions).await?;
    store::pin::replace(tx.conn(), year, &operation_id, pins).await?;
    store::table::replace(tx.conn(), year, tables).await?;
    release.tables_operation_id = operation_id;
    release.demonstration = region.demonstration;
    release.note = region.note;
    store::release::update(tx.conn(), release).await?;
    Ok(true)
}

fn finished(left_out: &[&str], reports: Option<Text>) -> Text {
    let tables = match left_out {
        [] => Text::new("全部表格已编制。", "All tables are compiled."),
        _ => Text::new(
            format!("表格已编制；没有内容而未编制的：表{}。", left_out.join("、表")),
            format!("The tables are compiled; left out for want of content: {}.", left_out.join(", ")),
        ),
    };
    match reports {
        Some(reports) => {
            Text::new(format!("{}{}", tables.zh, reports.zh), format!("{} {}", tables.en, reports.en))
        }
        None => tables,
    }
}
