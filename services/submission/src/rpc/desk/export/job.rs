//! The work behind an export: its file is written, kept for a day and cleared away.

use std::time::Duration;

use serde_json::json;
use zhijian_platform::{Context, Error, Lang, operations::Job};

use super::{
    FOLDER, KEPT, OPERATION,
    work::{Totals, Work},
};
use crate::{
    rpc::desk::{
        Desk,
        sheets::{Format, Lists},
    },
    store::export,
};

impl Desk {
    /// Writes the file of an export; a repetition writes it again.
    async fn run(&self, job: Job) -> Result<(), Error> {
        let row = export::get(self.rpc.ctx.db.reader(), &job.resource).await?;
        if !row.object.is_empty() {
            return Ok(());
        }
        let lang = Lang::from_accept_language(std::str::from_utf8(&job.payload).unwrap_or_default());
        let format = if row.format == "csv" { Format::Csv } else { Format::Xlsx };
        let (file, totals) = self.write(&job, row.cycle_year, format, lang).await?;
        let size = i64::try_from(file.len()).map_err(Error::internal)?;
        let kept = self.rpc.ctx.objects.folder(FOLDER).keep(file.into()).await?;
        let (sha256, key) = (kept.sha256.clone(), format!("export/{}", row.export_id));
        let resource = key.clone();
        self.rpc
            .ctx
            .db
            .mutate_as_system("desk.export", &key, move |tx| {
                Box::pin(async move {
                    tx.audit(
                        resource,
                        json!({ "sha256": sha256, "submissions": totals.submissions, "cells": totals.cells }),
                    );
                    let row = export::Model {
                        object: sha256.clone(),
                        sha256,
                        size,
                        submissions: totals.submissions,
                        cells: totals.cells,
                        expire_time: tx.now() + KEPT,
                        ..row
                    };
                    export::finish(tx.conn(), row).await
                })
            })
            .await?;
        drop(kept);
        Ok(())
    }

    async fn write(
        &self,
        job: &Job,
        year: i32,
        format: Format,
        lang: Lang,
    ) -> Result<(Vec<u8>, Totals), Error> {
        let ground = self.ground(year).await?;
        let snapshot = export::snapshot(&self.rpc.ctx.db).await?;
        let total = export::total(&snapshot, year).await?;
        let mut work = Work {
            job,
            ground: &ground,
            conn: &snapshot,
            lang,
            done: 0,
            total: total.max(1) * 4,
            totals: Totals::default(),
        };
        let mut lists = Lists::begin(format);
        work.states(&mut lists).await?;
        work.long(&mut lists).await?;
        work.wide(&mut lists).await?;
        work.texts(&mut lists).await?;
        let totals = work.totals;
        drop(snapshot);
        Ok((lists.finish().await?, totals))
    }
}

/// Does the work of exports. Repeatable: see [`Desk::run`].
pub fn handle(desk: &Desk) {
    let worker = desk.clone();
    desk.rpc.ctx.operations.handle(OPERATION, move |job| {
        let worker = worker.clone();
        async move { worker.run(job).await }
    });
}

/// Removes the files of exports that have expired.
///
/// # Errors
/// The database's or the store's own.
pub async fn sweep(ctx: &Context) -> Result<(), Error> {
    let removed = ctx
        .db
        .mutate_as_system("desk.export.expire", "export/", |tx| {
            Box::pin(async move {
                let removed = export::remove_expired(tx.conn(), tx.now()).await?;
                if removed == 0 {
                    tx.unchanged();
                } else {
                    tx.audit("export/", json!({ "expired": removed }));
                }
                Ok(removed)
            })
        })
        .await?;
    if removed > 0 {
        let db = ctx.db.clone();
        let wanted = move |object: String| -> futures::future::BoxFuture<'static, Result<bool, Error>> {
            let db = db.clone();
            Box::pin(async move { export::names(db.reader(), &object).await })
        };
        ctx.objects.folder(FOLDER).sweep(Duration::from_secs(3600), wanted).await?;
    }
    Ok(())
}
