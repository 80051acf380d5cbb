//! Checks that take longer than whoever submits should wait: they go on after the receipt was given.

use serde_json::json;
use zhijian_platform::{Context, Error, Text, Tx, operations::Job};

use super::{audited, hand_in::counted};
use crate::{
    domain::submission::State,
    rpc::{Actor, Rpc},
    store::{event, report, revision_check},
};

/// The kind of operation, and what it is called in the audit trail.
const KIND: &str = "submission.check";

/// Queues the check of the revision that a submission has just become.
pub async fn queue(ctx: &Context, tx: &Tx<'_>, row: &report::Model) -> Result<(), Error> {
    let payload = row.revision_number.to_string().into_bytes();
    ctx.operations.enqueue(tx, KIND, &row.submission_id, payload).await?;
    Ok(())
}

/// Lets this process do such checks.
pub fn register(rpc: &Rpc) {
    let rpc = rpc.clone();
    rpc.ctx.operations.clone().handle(KIND, move |job| {
        let rpc = rpc.clone();
        async move { rpc.check_afterwards(job).await }
    });
}

/// Whether the working copy still is the revision of this number.
fn is_still(row: &report::Model, number: i32) -> Result<bool, Error> {
    let with_school = matches!(row.state()?, State::Draft | State::Approved | State::Returned);
    Ok(row.revision_number == number && !with_school)
}

impl Rpc {
    async fn check_afterwards(&self, job: Job) -> Result<(), Error> {
        let number: i32 = std::str::from_utf8(&job.payload)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Error::internal(format!("operation {} names no revision", job.operation_id)))?;
        job.progress(0, 1, Text::new("正在检查已提交的年报", "checking what was submitted")).await?;
        let row = report::get(self.ctx.db.reader(), &job.resource).await?;
        let outcome = if is_still(&row, number)? {
            let (working, outcome) = self.working(row).await?.check().await?;
            Some(counted(&working, &outcome.findings))
        } else {
            None
        };
        let submission_id = job.resource.clone();
        let lock = format!("submission/{submission_id}");
        self.ctx
            .db
            .mutate_as_system(KIND, &lock, move |tx| {
                Box::pin(async move {
                    let row = report::get(tx.conn(), &submission_id).await?;
                    let Some(outcome) = outcome.filter(|_| is_still(&row, number).unwrap_or(false)) else {
                        tx.unchanged();
                        return revision_check::supersede(tx.conn(), &submission_id, number, tx.now()).await;
                    };
                    revision_check::put(tx.conn(), &submission_id, number, Some(outcome), tx.now()).await?;
                    let revision_check::Outcome { errors, open_warnings } = outcome;
                    tx.audit(
                        audited(&submission_id),
                        json!({ "revision": number, "errors": errors, "open_warnings": open_warnings }),
                    );
                    if errors + open_warnings > 0 {
                        let comment = format!("{errors} / {open_warnings}");
                        let actor = Actor {
                            action: KIND.to_owned(),
                            account_id: "service:submission".to_owned(),
                            account_name: String::new(),
                        };
                        event::insert(tx.conn(), &actor.at(tx.now()), &submission_id, row.state()?, &comment)
                            .await?;
                    }
                    Ok(())
                })
            })
            .await?;
        job.progress(1, 1, Text::new("检查完成", "checked")).await
    }
}
