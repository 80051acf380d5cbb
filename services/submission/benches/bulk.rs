//! Streamed bulk saves through the RPC against plain multi-row inserts into the same table, in one run.
//!
//! `cargo bench -p zhijian-submission --bench bulk` runs 10⁴, 10⁵ and 10⁶ cells on SQLite and, if
//! `ZHIJIAN_TEST_POSTGRES_URL` names a server, on PostgreSQL; `ZHIJIAN_BENCH_SIZES=1000,2000` runs other sizes. It fails if
//! the stream is below half of the inserts' rate at 10⁵ cells or more, or if a cell of the largest run costs more than
//! twice one of the smallest.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value as Bound};
use zhijian_platform::{Error, server::Services, testing::TestContext};
use zhijian_proto::{
    common::v1::{Text, Value, value::Kind},
    submission::v1::{bulk_save_cells_request::Part, *},
};

/// As in the product.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SCHOOL: &str = "4111000001";
const COMMISSION: &str = "9011000001";
const YEAR: i32 = 2025;
/// How many rows one plain insert has, and how many one transaction.
const ROWS: usize = 500;
const TRANSACTION: usize = 6_000;

#[tokio::main]
async fn main() {
    let sizes = std::env::var("ZHIJIAN_BENCH_SIZES").unwrap_or_else(|_| "10000,100000,1000000".to_owned());
    let sizes: Vec<usize> =
        sizes.split(',').map(|size| size.trim().parse().expect("a number of cells")).collect();
    println!("{:<10}{:>10}{:>16}{:>16}{:>8}", "", "cells", "inserts/s", "streamed/s", "ratio");
    let mut faults = Vec::new();
    let mut costs: std::collections::BTreeMap<&str, Vec<(usize, f64)>> = Default::default();
    for cells in sizes {
        for test in zhijian_platform::testing::contexts().await {
            let codes = prepare(&test).await;
            let reports = seed(&test, cells.div_ceil(codes.len())).await;
            let bare = rate(cells, inserts(&test, &codes, cells).await);
            let streamed = rate(cells, streamed(&test, &reports, &codes, cells).await);
            let ratio = streamed / bare;
            println!("{:<10}{cells:>10}{bare:>16.0}{streamed:>16.0}{ratio:>8.2}", test.database);
            if cells >= 100_000 && ratio < 0.5 {
                faults.push(format!(
                    "{} at {cells} cells: {ratio:.2} of the inserts, wanted 0.50",
                    test.database
                ));
            }
            costs.entry(test.database).or_default().push((cells, 1.0 / streamed));
        }
    }
    for (database, costs) in costs {
        if let (Some((few, small)), Some((many, large))) = (costs.first(), costs.last())
            && large / small > 2.0
        {
            faults.push(format!(
                "{database}: a cell costs {:.2}× at {many} of what it does at {few}",
                large / small
            ));
        }
    }
    // Unoptimised code says nothing about rates.
    if !faults.is_empty() && !cfg!(debug_assertions) {
        eprintln!("{}", faults.join("\n"));
        std::process::exit(1);
    }
}

fn rate(cells: usize, elapsed: Duration) -> f64 {
    cells as f64 / elapsed.as_secs_f64()
}

fn request_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Starts the service with an open cycle; answers the codes of the numbers that a report of a college has.
async fn prepare(test: &TestContext) -> Vec<String> {
    let routes = zhijian_submission::build(&test.ctx.for_service("submission")).await.expect("sound rules");
    Services::default().add(&test.ctx, "submission", routes);
    let commission = test.as_account("acc_commission", &[("commission", COMMISSION)]);
    let cycle = Cycle {
        year: YEAR,
        name: Some(Text { zh: "2025 年度".into(), en: "2025".into() }),
        window_start: "2024-09-01".into(),
        window_end: "2025-08-31".into(),
        ..Default::default()
    };
    let request = CreateCycleRequest { request_id: request_id(), cycle: Some(cycle) };
    let created = commission.cycles().create_cycle(request).await.expect("created").into_inner();
    let etag = created.cycle.expect("a cycle").etag;
    let request = OpenCycleRequest { request_id: request_id(), year: YEAR, etag };
    commission.cycles().open_cycle(request).await.expect("opened");
    let request = GetCatalogueRequest { year: YEAR };
    let catalogue = commission.catalogues().get_catalogue(request).await.expect("read").into_inner();
    let indicators = catalogue.catalogue.expect("a catalogue").indicators.into_iter().filter(|indicator| {
        indicator.report_kinds.iter().any(|kind| kind == "higher")
            && indicator.formula.is_empty()
            && indicator.kind() != indicator::Kind::Choice
    });
    indicators.map(|indicator| indicator.code).collect()
}

/// Makes reports in draft, faster than the RPC would.
async fn seed(test: &TestContext, reports: usize) -> Vec<String> {
    let ids: Vec<String> = (0..reports).map(|_| format!("sub_{}", uuid::Uuid::now_v7().simple())).collect();
    let rows: Vec<String> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| {
            format!(
                "('{id}', {YEAR}, 'higher', '{SCHOOL}', '{number:010}', 'draft', 0, 0, 0, '', '', '', \
                 '2025-01-01 00:00:00+00:00', '2025-01-01 00:00:00+00:00', 1)"
            )
        })
        .collect();
    let statements: Vec<String> = rows
        .chunks(ROWS)
        .map(|rows| {
            format!(
                "INSERT INTO submission_report (submission_id, cycle_year, report_kind, organisation_code, \
                 subject_code, state, revision_number, filled_cells, required_cells, declaration_name, \
                 declaration_office, return_comment, create_time, update_time, version) VALUES {}",
                rows.join(",")
            )
        })
        .collect();
    write(test, move |conn| {
        Box::pin(async move {
            for sql in statements {
                conn.execute_unprepared(&sql).await?;
            }
            Ok(())
        })
    })
    .await;
    ids
}

/// A transaction of the bench's own, on the connection that the product writes with.
async fn write<F>(test: &TestContext, job: F)
where
    F: for<'t> FnOnce(&'t sea_orm::DatabaseTransaction) -> futures::future::BoxFuture<'t, Result<(), Error>>
        + Send
        + 'static,
{
    test.ctx
        .db
        .mutate_as_system("bench", "bench", move |tx| {
            tx.unchanged();
            job(tx.conn())
        })
        .await
        .expect("written");
}

/// Plain multi-row inserts of as many cells of other reports.
async fn inserts(test: &TestContext, codes: &[String], cells: usize) -> Duration {
    let backend = test.ctx.db.backend();
    let rows: Vec<(String, String)> = (0..cells)
        .map(|number| (format!("bare_{:028}", number / codes.len()), codes[number % codes.len()].clone()))
        .collect();
    let sql = |rows: usize| {
        let places: Vec<String> = (0..rows)
            .map(|row| {
                let place = |place: usize| match backend {
                    DbBackend::Postgres => format!("${}", row * 6 + place),
                    // To SQLite a `$1` is a name, looked up among all others.
                    _ => "?".to_owned(),
                };
                format!("({})", (1..=6).map(place).collect::<Vec<_>>().join(","))
            })
            .collect();
        format!(
            "INSERT INTO submission_cell (submission_id, indicator_code, kind, value, note, version) VALUES {}",
            places.join(",")
        )
    };
    let full = sql(ROWS);
    let started = Instant::now();
    for chunk in rows.chunks(TRANSACTION) {
        let statements: Vec<Statement> = chunk
            .chunks(ROWS)
            .map(|rows| {
                let values: Vec<Bound> = rows
                    .iter()
                    .flat_map(|(id, code)| -> [Bound; 6] {
                        let text = |text: &str| Bound::from(text);
                        [text(id), text(code), text("number"), text("5"), text(""), 1_i64.into()]
                    })
                    .collect();
                let text = if rows.len() == ROWS { full.clone() } else { sql(rows.len()) };
                Statement::from_sql_and_values(backend, text, values)
            })
            .collect();
        write(test, move |conn| {
            Box::pin(async move {
                for statement in statements {
                    conn.execute_raw(statement).await?;
                }
                Ok(())
            })
        })
        .await;
    }
    started.elapsed()
}

/// The same number of cells through the RPC.
async fn streamed(test: &TestContext, reports: &[String], codes: &[String], cells: usize) -> Duration {
    let school = test.as_account("acc_school", &[("school", SCHOOL)]);
    let value = Some(Value { kind: Some(Kind::Number("5".into())) });
    let mut next = 0_usize;
    let mut messages =
        vec![Part::Header(BulkHeader { session_id: request_id(), cycle_year: YEAR, ..Default::default() })];
    for reports in reports.chunks(30) {
        let first_row = next as i64;
        let mut part = Vec::new();
        for id in reports {
            let codes = &codes[..codes.len().min(cells - next)];
            next += codes.len();
            let cells = codes.iter().map(|code| Cell {
                indicator_code: code.clone(),
                value: value.clone(),
                ..Default::default()
            });
            part.push(BulkReport { submission_id: id.clone(), cells: cells.collect(), ..Default::default() });
        }
        messages.push(Part::Rows(BulkRows { first_row, reports: part }));
    }
    let messages: Vec<_> =
        messages.into_iter().map(|part| BulkSaveCellsRequest { part: Some(part) }).collect();
    let started = Instant::now();
    let mut answers =
        school.transfers().bulk_save_cells(stream::iter(messages)).await.expect("a stream").into_inner();
    let mut saved = 0;
    while let Some(answer) = answers.next().await {
        saved = answer.expect("an answer").session.expect("a session").saved;
    }
    let elapsed = started.elapsed();
    assert_eq!(saved, cells as i64, "every cell is saved");
    elapsed
}
