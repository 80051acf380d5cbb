//! Everything of a year in one file: states, cells long and wide, texts, receipts.

use std::{collections::BTreeMap, time::Duration};

use chrono::{FixedOffset, TimeDelta, Utc};
use futures::stream::{BoxStream, StreamExt};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tonic::Status;
use zhijian_platform::{Call, Context, Error, Lang, Page, Resource, Text, operations::Job, time::timestamp};
use zhijian_proto::{
    common::v1::operation,
    submission::v1::{
        DownloadExportRequest, DownloadExportResponse, Export, FileFormat, GetExportRequest,
        GetExportResponse, ListExportsRequest, ListExportsResponse, StartExportRequest, StartExportResponse,
    },
};

use super::{
    Desk,
    progress::Ground,
    sheets::{self, Format, Lists, Value as Field},
};
use crate::{
    domain::{catalogue::Indicator, content::Cell, derive, edit, submission::State, value::Value},
    store::{cell, export, report, revision, section},
};

/// The kind of its operations.
pub const OPERATION: &str = "submission.export";
/// How long a file can be fetched.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// How many submissions one query fetches.
const PAGE: u64 = 50;
/// The folder of the files in the store.
const FOLDER: &str = "exports";

impl Desk {
    pub(super) async fn start_export(
        &self,
        call: Call,
        input: StartExportRequest,
    ) -> Result<StartExportResponse, Error> {
        let grant = call.authorise(&Resource::new("export", ""))?;
        let year = self.rpc.cycle(input.cycle_year).await?.year;
        let format = match sheets::format(input.format())? {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        };
        let payload = call.lang().tag().as_bytes().to_vec();
        let operations = self.rpc.ctx.operations.clone();
        let response = self
            .rpc
            .ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let export_id = zhijian_platform::id::new("exp");
                    let operation = operations.enqueue(tx, OPERATION, &export_id, payload).await?;
                    let row = export::Model {
                        export_id,
                        cycle_year: year,
                        format: format.to_owned(),
                        operation_id: operation.operation_id.clone(),
                        object: String::new(),
                        size: 0,
                        sha256: String::new(),
                        submissions: 0,
                        cells: 0,
                        create_time: tx.now(),
                        expire_time: tx.now() + KEPT,
                    };
                    export::insert(tx.conn(), row.clone()).await?;
                    tx.audit(
                        format!("export/{}", row.export_id),
                        json!({ "cycle_year": year, "format": format }),
                    );
                    Ok(StartExportResponse { export: Some(wire(row, Some(operation))) })
                })
            })
            .await?;
        self.rpc.ctx.operations.wake();
        Ok(response)
    }

    pub(super) async fn get_export(
        &self,
        call: Call,
        input: GetExportRequest,
    ) -> Result<GetExportResponse, Error> {
        call.authorise(&Resource::new("export", &input.export_id))?;
        let row = export::get(self.rpc.ctx.db.reader(), &input.export_id).await?;
        Ok(GetExportResponse { export: Some(self.with_operation(row).await?) })
    }

    pub(super) async fn list_exports(
        &self,
        call: Call,
        input: ListExportsRequest,
    ) -> Result<ListExportsResponse, Error> {
        call.authorise(&Resource::new("export", ""))?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        let year = (input.cycle_year != 0).then_some(input.cycle_year);
        let rows = export::list(self.rpc.ctx.db.reader(), &page, year, Utc::now()).await?;
        let (rows, next_page_token) = page.finish(rows, |row| row.export_id.clone());
        let mut exports = vec![];
        for row in rows {
            exports.push(self.with_operation(row).await?);
        }
        Ok(ListExportsResponse { exports, next_page_token })
    }

    pub(super) async fn download_export(
        &self,
        call: Call,
        input: DownloadExportRequest,
    ) -> Result<BoxStream<'static, Result<DownloadExportResponse, Status>>, Error> {
        call.authorise(&Resource::new("export", &input.export_id))?;
        let row = export::get(self.rpc.ctx.db.reader(), &input.export_id).await?;
        let refused = |zh: &str, en: &str| Error::illegal_state(format!("export/{}", row.export_id), zh, en);
        if row.expire_time <= Utc::now() {
            return Err(refused(
                "导出文件保留 24 小时，这一份已过期，请重新导出。",
                "Exports are kept for 24 hours and this one has expired; export again.",
            ));
        }
        if row.object.is_empty() {
            return Err(refused(
                "导出还没有完成，请稍候再下载。",
                "The export is not finished yet; fetch it a little later.",
            ));
        }
        let objects = self.rpc.ctx.objects.folder(FOLDER);
        let content = objects.read(&row.object, 0..row.size.unsigned_abs()).await?;
        let answers = content.map(|piece| match piece {
            Ok(piece) => Ok(DownloadExportResponse { data: piece.to_vec() }),
            Err(error) => Err(Status::from(error)),
        });
        Ok(answers.boxed())
    }

    async fn with_operation(&self, row: export::Model) -> Result<Export, Error> {
        let operation = self.rpc.ctx.operations.find(&row.operation_id).await?;
        Ok(wire(row, operation))
    }

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

/// How much an export holds.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    submissions: i32,
    cells: i64,
}

/// One export in the making.
struct Work<'a, C> {
    job: &'a Job,
    ground: &'a Ground,
    conn: &'a C,
    lang: Lang,
    done: u64,
    total: u64,
    totals: Totals,
}

/// A report with what counts of it: the newest revision once it is handed in, else the working copy.
struct Whole {
    row: report::Model,
    /// 0 for the working copy.
    revision: i32,
    cells: BTreeMap<String, Cell>,
    sections: BTreeMap<String, String>,
}

impl<C: ConnectionTrait> Work<'_, C> {
    fn pick(&self, text: &Text) -> Field {
        Field::Text(text.get(self.lang).to_owned())
    }

    fn say(&self, zh: &str, en: &str) -> String {
        self.lang.pick(zh, en).to_owned()
    }

    fn headings(&self, own: &[(&str, &str)]) -> Vec<String> {
        let common = [
            ("年报编号", "Report"),
            ("年报种类", "Kind"),
            ("填报单位代码", "Submitted by (code)"),
            ("填报单位", "Submitted by"),
            ("报告对象代码", "About (code)"),
            ("报告对象", "About"),
        ];
        common.iter().chain(own).map(|(zh, en)| self.say(zh, en)).collect()
    }

    /// The first fields of every row.
    fn common(&self, row: &report::Model) -> Vec<Field> {
        let kind = self.ground.catalogue.kind(&row.report_kind);
        let kind = kind.map_or_else(|| row.report_kind.clone(), |kind| kind.name.get(self.lang).to_owned());
        vec![
            Field::Text(row.submission_id.clone()),
            Field::Text(kind),
            Field::Text(row.organisation_code.clone()),
            self.pick(&self.ground.parties.name(&row.organisation_code)),
            Field::Text(row.subject_code.clone()),
            self.pick(&self.ground.parties.name(&row.subject_code)),
        ]
    }

    async fn next(&self, after: Option<&str>) -> Result<Vec<report::Model>, Error> {
        export::submissions(self.conn, self.ground.cycle.year, after, PAGE).await
    }

    async fn progress(&mut self, more: usize, zh: &str, en: &str) -> Result<(), Error> {
        self.done += more as u64;
        let small = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        self.job.progress(small(self.done), small(self.total), Text::new(zh, en)).await
    }

    async fn whole(&self, row: report::Model) -> Result<Whole, Error> {
        let handed_in = !matches!(row.state()?, State::Draft | State::Approved | State::Returned);
        if handed_in && row.revision_number > 0 {
            let found = revision::get(self.conn, &row.submission_id, row.revision_number).await?;
            let (cells, sections) = (found.cells()?, found.sections()?);
            return Ok(Whole { revision: row.revision_number, cells, sections, row });
        }
        let stored = cell::load(self.conn, &row.submission_id).await?;
        let values = derive::complete(&self.ground.catalogue, &row.report_kind, &edit::values(&stored));
        let cells = values.into_iter().map(|(code, value)| {
            let note = stored.get(&code).map(|cell| cell.note.clone()).unwrap_or_default();
            let derived = !stored.contains_key(&code);
            (code, Cell { derived, note, value })
        });
        let cells = cells.collect();
        let sections = section::load(self.conn, &row.submission_id).await?;
        let sections = sections
            .into_iter()
            .filter(|(_, section)| !section.body.is_empty())
            .map(|(code, section)| (code, section.body))
            .collect();
        Ok(Whole { revision: 0, cells, sections, row })
    }

    fn source(&self, revision: i32) -> Field {
        Field::Text(match revision {
            0 => self.say("填报中的内容", "working copy"),
            number => match self.lang {
                Lang::Zh => format!("第 {number} 版"),
                Lang::En => format!("revision {number}"),
            },
        })
    }

    /// Where each report stands, and its receipts.
    async fn states(&mut self, lists: &mut Lists) -> Result<(), Error> {
        let mut receipts = vec![];
        let own = [
            ("区", "District"),
            ("状态", "State"),
            ("版次", "Revision"),
            ("已填指标", "Indicators filled in"),
            ("应填指标", "Indicators asked for"),
            ("声明人", "Declared by"),
            ("职务", "Office"),
            ("声明时间", "Declared at"),
            ("退回意见", "Comment of the return"),
            ("建立时间", "Begun at"),
            ("最近更新", "Last change"),
        ];
        lists.list(self.lang.pick("状态", "States"), self.headings(&own)).await?;
        let mut after: Option<String> = None;
        loop {
            let rows = self.next(after.as_deref()).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.list_key());
            let count = rows.len();
            for row in rows {
                let district = self.ground.parties.get(&row.organisation_code);
                let declared = row.declaration();
                let mut fields = self.common(&row);
                fields.extend([
                    Field::Text(district.map(|party| party.district.clone()).unwrap_or_default()),
                    self.pick(&row.state()?.text()),
                    Field::Number(row.revision_number.into()),
                    Field::Number(row.filled_cells.into()),
                    Field::Number(row.required_cells.into()),
                    Field::Text(row.declaration_name.clone()),
                    Field::Text(row.declaration_office.clone()),
                    Field::Text(declared.map(|declared| stamp(declared.time)).unwrap_or_default()),
                    Field::Text(row.return_comment.clone()),
                    Field::Text(stamp(row.create_time)),
                    Field::Text(stamp(row.update_time)),
                ]);
                lists.row(fields).await?;
                for receipt in export::receipts(self.conn, &row.submission_id).await? {
                    receipts.push((self.common(&row), receipt));
                }
                self.totals.submissions += 1;
            }
            self.progress(count, "正在写状态与回执", "Writing states and receipts").await?;
        }
        let own = [
            ("版次", "Revision"),
            ("回执编号", "Receipt"),
            ("提交时间", "Submitted at"),
            ("内容指纹（SHA-256）", "Fingerprint (SHA-256)"),
        ];
        lists.list(self.lang.pick("回执", "Receipts"), self.headings(&own)).await?;
        for (mut fields, (number, receipt, hash, time)) in receipts {
            fields.extend([
                Field::Number(number.into()),
                Field::Text(receipt),
                Field::Text(stamp(time)),
                Field::Text(hash),
            ]);
            lists.row(fields).await?;
        }
        Ok(())
    }

    /// One row a cell.
    async fn long(&mut self, lists: &mut Lists) -> Result<(), Error> {
        let own = [
            ("来源", "Source"),
            ("指标代码", "Indicator"),
            ("指标", "Indicator's name"),
            ("单位", "Unit"),
            ("数值", "Number"),
            ("选项", "Option"),
            ("不适用的理由", "Why not applicable"),
            ("备注", "Note"),
            ("由公式计算", "Computed"),
        ];
        lists.list(self.lang.pick("指标（长表）", "Cells, long"), self.headings(&own)).await?;
        let mut after: Option<String> = None;
        loop {
            let rows = self.next(after.as_deref()).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.list_key());
            let count = rows.len();
            for row in rows {
                let whole = self.whole(row).await?;
                let catalogue = self.ground.catalogue.clone();
                for indicator in catalogue.indicators_of(&whole.row.report_kind) {
                    let Some(cell) = whole.cells.get(&indicator.code) else { continue };
                    self.totals.cells += 1;
                    lists.row(self.cell(&whole, indicator, cell)).await?;
                }
            }
            self.progress(count, "正在写指标长表", "Writing cells, one a row").await?;
        }
        Ok(())
    }

    fn cell(&self, whole: &Whole, indicator: &Indicator, cell: &Cell) -> Vec<Field> {
        let none = || Field::Text(String::new());
        let (number, option, reason) = match &cell.value {
            Value::Number(number) => (Field::Number(*number), none(), none()),
            Value::Text(option) => (none(), Field::Text(option.clone()), none()),
            Value::NotApplicable(reason) => (none(), none(), Field::Text(reason.clone())),
        };
        let mut fields = self.common(&whole.row);
        fields.extend([
            self.source(whole.revision),
            Field::Text(indicator.code.clone()),
            self.pick(&indicator.name),
            self.pick(&indicator.unit.name),
            number,
            option,
            reason,
            Field::Text(cell.note.clone()),
            Field::Text(if cell.derived { self.say("是", "yes") } else { String::new() }),
        ]);
        fields
    }

    /// One row a report, one list a kind.
    async fn wide(&mut self, lists: &mut Lists) -> Result<(), Error> {
        let catalogue = self.ground.catalogue.clone();
        for kind in &catalogue.kinds {
            let indicators: Vec<&Indicator> = catalogue.indicators_of(&kind.code).collect();
            let mut headings = self.headings(&[("来源", "Source")]);
            headings.extend(indicators.iter().map(|indicator| {
                let (name, unit) = (indicator.name.get(self.lang), indicator.unit.name.get(self.lang));
                match self.lang {
                    Lang::Zh => format!("{} {name}（{unit}）", indicator.code),
                    Lang::En => format!("{} {name} ({unit})", indicator.code),
                }
            }));
            let name: String =
                kind.name.get(self.lang).chars().filter(|c| !"[]:*?/\\".contains(*c)).collect();
            let name: String = name.chars().take(22).collect();
            lists.list(&name, headings).await?;
            let mut after: Option<String> = None;
            loop {
                let rows = self.next(after.as_deref()).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.list_key());
                let rows: Vec<report::Model> =
                    rows.into_iter().filter(|row| row.report_kind == kind.code).collect();
                let count = rows.len();
                for row in rows {
                    let whole = self.whole(row).await?;
                    let mut fields = self.common(&whole.row);
                    fields.push(self.source(whole.revision));
                    fields.extend(indicators.iter().map(|indicator| {
                        match whole.cells.get(&indicator.code).map(|cell| &cell.value) {
                            None => Field::Text(String::new()),
                            Some(Value::Number(number)) => Field::Number(*number),
                            Some(Value::Text(option)) => Field::Text(option.clone()),
                            // A reason stands in the long list; here it is told apart from an empty cell.
                            Some(Value::NotApplicable(_)) => Field::Text(self.say("不适用", "n/a")),
                        }
                    }));
                    lists.row(fields).await?;
                }
                self.progress(count, "正在写指标宽表", "Writing cells, one report a row").await?;
            }
        }
        Ok(())
    }

    /// One row a section; a text too long for a cell goes on in the next row.
    async fn texts(&mut self, lists: &mut Lists) -> Result<(), Error> {
        let own = [
            ("来源", "Source"),
            ("章节代码", "Section"),
            ("章节", "Section's name"),
            ("续", "Part"),
            ("正文", "Text"),
        ];
        lists.list(self.lang.pick("章节", "Sections"), self.headings(&own)).await?;
        let mut after: Option<String> = None;
        loop {
            let rows = self.next(after.as_deref()).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.list_key());
            let count = rows.len();
            for row in rows {
                let whole = self.whole(row).await?;
                let Some(kind) = self.ground.catalogue.kind(&whole.row.report_kind) else { continue };
                for section in &kind.sections {
                    let Some(body) = whole.sections.get(&section.code) else { continue };
                    for (part, text) in (1_i32..).zip(sheets::parts(body)) {
                        let mut fields = self.common(&whole.row);
                        fields.extend([
                            self.source(whole.revision),
                            Field::Text(section.code.clone()),
                            self.pick(&section.name),
                            Field::Number(part.into()),
                            Field::Text(text),
                        ]);
                        lists.row(fields).await?;
                    }
                }
            }
            self.progress(count, "正在写章节", "Writing sections").await?;
        }
        Ok(())
    }
}

/// A time in China, as spreadsheets take it.
fn stamp(time: chrono::DateTime<Utc>) -> String {
    let offset = FixedOffset::east_opt(8 * 3600);
    let shown = |time: &dyn std::fmt::Display| time.to_string();
    match offset {
        Some(offset) => shown(&time.with_timezone(&offset).format("%Y-%m-%d %H:%M:%S")),
        None => shown(&time.format("%Y-%m-%d %H:%M:%S")),
    }
}

fn wire(row: export::Model, operation: Option<zhijian_proto::common::v1::Operation>) -> Export {
    let (format, ending) =
        if row.format == "csv" { (FileFormat::Csv, "zip") } else { (FileFormat::Xlsx, "xlsx") };
    // An operation that was cleared away has ended long ago.
    let operation = operation.unwrap_or_else(|| zhijian_proto::common::v1::Operation {
        operation_id: row.operation_id.clone(),
        state: operation::State::Failed.into(),
        ..Default::default()
    });
    let time = stamp(row.create_time).replace([':', ' ', '-'], "");
    Export {
        file_name: format!("zhijian-{}-{}.{ending}", row.cycle_year, time.get(..12).unwrap_or(&time)),
        export_id: row.export_id,
        cycle_year: row.cycle_year,
        format: format.into(),
        operation: Some(operation),
        size: row.size,
        sha256: row.sha256,
        submissions: row.submissions,
        cells: row.cells,
        create_time: Some(timestamp(row.create_time)),
        expire_time: Some(timestamp(row.expire_time)),
    }
}
