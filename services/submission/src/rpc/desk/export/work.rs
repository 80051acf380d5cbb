//! One export in the making: what every list of it shares.

use std::collections::BTreeMap;

use chrono::{FixedOffset, Utc};
use sea_orm::ConnectionTrait;
use zhijian_platform::{Error, Lang, Text, operations::Job};

use crate::{
    domain::{content::Cell, derive, edit, submission::State},
    rpc::desk::{progress::Ground, sheets::Value as Field},
    store::{cell, export, report, revision, section},
};

/// How many submissions one query fetches.
const PAGE: u64 = 50;

/// How much an export holds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) submissions: i32,
    pub(super) cells: i64,
}

/// One export in the making.
pub(super) struct Work<'a, C> {
    pub(super) job: &'a Job,
    pub(super) ground: &'a Ground,
    pub(super) conn: &'a C,
    pub(super) lang: Lang,
    pub(super) done: u64,
    pub(super) total: u64,
    pub(super) totals: Totals,
}

/// A report with what counts of it: the newest revision once it is handed in, else the working copy.
pub(super) struct Whole {
    pub(super) row: report::Model,
    /// 0 for the working copy.
    pub(super) revision: i32,
    pub(super) cells: BTreeMap<String, Cell>,
    pub(super) sections: BTreeMap<String, String>,
}

impl<C: ConnectionTrait> Work<'_, C> {
    pub(super) fn pick(&self, text: &Text) -> Field {
        Field::Text(text.get(self.lang).to_owned())
    }

    pub(super) fn say(&self, zh: &str, en: &str) -> String {
        self.lang.pick(zh, en).to_owned()
    }

    pub(super) fn headings(&self, own: &[(&str, &str)]) -> Vec<String> {
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
    pub(super) fn common(&self, row: &report::Model) -> Vec<Field> {
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

    /// The page of reports after a place in their order, which moves on to its last; nothing after all of them.
    pub(super) async fn next(&self, place: &mut Option<String>) -> Result<Option<Vec<report::Model>>, Error> {
        let rows = export::submissions(self.conn, self.ground.cycle.year, place.as_deref(), PAGE).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        *place = Some(last.list_key());
        Ok(Some(rows))
    }

    pub(super) async fn progress(&mut self, more: usize, zh: &str, en: &str) -> Result<(), Error> {
        self.done += more as u64;
        let small = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        self.job.progress(small(self.done), small(self.total), Text::new(zh, en)).await
    }

    pub(super) async fn whole(&self, row: report::Model) -> Result<Whole, Error> {
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

    pub(super) fn source(&self, revision: i32) -> Field {
        Field::Text(match revision {
            0 => self.say("填报中的内容", "working copy"),
            number => match self.lang {
                Lang::Zh => format!("第 {number} 版"),
                Lang::En => format!("revision {number}"),
            },
        })
    }
}

/// A time in China, as spreadsheets take it.
pub(super) fn stamp(time: chrono::DateTime<Utc>) -> String {
    let offset = FixedOffset::east_opt(8 * 3600);
    let shown = |time: &dyn std::fmt::Display| time.to_string();
    match offset {
        Some(offset) => shown(&time.with_timezone(&offset).format("%Y-%m-%d %H:%M:%S")),
        None => shown(&time.format("%Y-%m-%d %H:%M:%S")),
    }
}
