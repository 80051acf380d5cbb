//! What cell saves need: an open cycle, and for each worker a school with a report in draft.

use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use futures::FutureExt;
use tokio::sync::Mutex;
use zhijian_platform::Clients;
use zhijian_proto::{
    common::v1::{Value, value::Kind},
    identity::v1::Role,
    submission::v1::{
        Cell, CreateCycleRequest, CreateSubmissionRequest, Cycle, OpenCycleRequest, SaveCellsRequest,
    },
};
use zhijian_tests::{House, create_account, create_school, request_id, text};

use crate::drive::Work;

const YEAR: i32 = 2026;
const INDICATOR: &str = "SC01";

/// Workers that each save one cell of a report of their own, again and again, with the etag of the last answer.
///
/// # Errors
/// If a service refuses.
pub async fn cells(house: &House, workers: usize) -> anyhow::Result<Vec<Work>> {
    let commission = house.set_up().await?;
    let due = SystemTime::now() + Duration::from_secs(86_400);
    let cycle = Cycle {
        year: YEAR,
        name: Some(text("2026 年度", "2026")),
        window_start: "2025-09-01".into(),
        window_end: "2026-08-31".into(),
        due_time: Some(due.into()),
        catalogue_year: YEAR,
        ..Default::default()
    };
    let created = commission
        .cycles()
        .create_cycle(CreateCycleRequest { request_id: request_id(), cycle: Some(cycle) })
        .await?
        .into_inner();
    let etag = created.cycle.context("the cycle is answered")?.etag;
    commission.cycles().open_cycle(OpenCycleRequest { request_id: request_id(), year: YEAR, etag }).await?;
    let mut work = Vec::new();
    for worker in 0..workers {
        let code = format!("41110{worker:05}");
        create_school(&commission, &code).await?;
        create_account(&commission, &format!("school-{worker}"), Role::School, &code).await?;
        let school = house.sign_in(&format!("school-{worker}")).await?;
        let request = CreateSubmissionRequest {
            request_id: request_id(),
            cycle_year: YEAR,
            report_kind: "higher".into(),
            organisation_code: code,
            ..Default::default()
        };
        let created = school.submissions().create_submission(request).await?.into_inner();
        let submission_id = created.submission.context("the submission is answered")?.submission_id;
        work.push(saves(school, submission_id));
    }
    Ok(work)
}

fn saves(school: Clients, submission_id: String) -> Work {
    let state = std::sync::Arc::new(Mutex::new((0_u64, String::new())));
    Box::new(move || {
        let (school, submission_id, state) = (school.clone(), submission_id.clone(), state.clone());
        async move {
            let mut state = state.lock().await;
            state.0 += 1;
            let cell = Cell {
                indicator_code: INDICATOR.into(),
                value: Some(Value { kind: Some(Kind::Number(state.0.to_string())) }),
                etag: state.1.clone(),
                ..Default::default()
            };
            let request = SaveCellsRequest { request_id: request_id(), submission_id, cells: vec![cell] };
            let saved = school.submissions().save_cells(request).await?.into_inner();
            let saved = saved.cells.into_iter().find(|cell| cell.indicator_code == INDICATOR);
            state.1 = saved.context("the saved cell is answered")?.etag;
            Ok(())
        }
        .boxed()
    })
}
