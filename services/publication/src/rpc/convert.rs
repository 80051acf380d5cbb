//! From what is kept to what is sent.

use zhijian_platform::{etag, time::timestamp};
use zhijian_proto::publication::v1 as proto;

use crate::{
    domain::{
        release::State,
        table::{Cell, Column, Row},
    },
    store::{release::Release, table::Kept},
};

impl From<State> for proto::release::State {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Compiled => Self::Compiled,
            State::Notice => Self::Notice,
            State::Published => Self::Published,
        }
    }
}

impl From<Release> for proto::Release {
    fn from(release: Release) -> Self {
        let date = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            year: release.year,
            title: Some(release.title.into()),
            state: proto::release::State::from(release.state).into(),
            notice_start: date(release.notice.map(|notice| notice.start)),
            notice_end: date(release.notice.map(|notice| notice.end)),
            publish_time: release.publish_time.map(timestamp),
            demonstration: release.demonstration,
            note: release.note.map(Into::into),
            create_time: Some(timestamp(release.create_time)),
            etag: etag::of(release.version),
            compile_operation_id: release.compile_operation_id,
            notice_working_days: release.notice.map_or(0, |notice| notice.working_days.cast_signed()),
        }
    }
}

impl From<Kept> for proto::Table {
    fn from(kept: Kept) -> Self {
        let table = kept.table;
        Self {
            number: table.number,
            title: Some(table.title.into()),
            columns: table.columns.into_iter().map(Into::into).collect(),
            rows: table.rows.into_iter().map(Into::into).collect(),
            source: Some(table.source.into()),
            content_hash: kept.content_hash,
            csv: kept.csv,
        }
    }
}

impl From<Column> for proto::Column {
    fn from(column: Column) -> Self {
        Self {
            key: column.key,
            name: Some(column.name.into()),
            unit: column.unit.map(Into::into),
            numeric: column.numeric,
        }
    }
}

impl From<Row> for proto::Row {
    fn from(row: Row) -> Self {
        Self { cells: row.cells.into_iter().map(Into::into).collect(), total: row.total }
    }
}

impl From<Cell> for proto::TableCell {
    fn from(cell: Cell) -> Self {
        Self { display: cell.display, value: cell.value, display_en: cell.display_en, trace_id: cell.trace }
    }
}
