//! From what is kept to what is sent.

use zhijian_platform::{etag, time::timestamp};
use zhijian_proto::publication::v1 as proto;

use crate::{
    domain::{
        difference::{Change, TableDifference},
        objection::{Outcome, Topic},
        release::{Correction, Kind, Signature, State},
        table::{Cell, Column, Row},
    },
    store::{objection::Objection, release::Release, reveal::Owed, table::Kept, version::Version},
};

impl From<State> for proto::release::State {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Compiled => Self::Compiled,
            State::Notice => Self::Notice,
            State::Published => Self::Published,
            State::Corrected => Self::Corrected,
            State::Withdrawn => Self::Withdrawn,
        }
    }
}

impl From<Kind> for proto::VersionKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Original => Self::Original,
            Kind::Erratum => Self::Erratum,
            Kind::Revision => Self::Revision,
            Kind::Addition => Self::Addition,
            Kind::Withdrawal => Self::Withdrawal,
        }
    }
}

impl From<Signature> for proto::Signature {
    fn from(signature: Signature) -> Self {
        Self { account_id: signature.account_id, name: signature.name, time: Some(timestamp(signature.time)) }
    }
}

impl From<Correction> for proto::CorrectionDraft {
    fn from(correction: Correction) -> Self {
        Self {
            kind: proto::VersionKind::from(correction.kind).into(),
            text: Some(correction.text.into()),
            opened: Some(correction.opened.into()),
            compiled: correction.compiled,
        }
    }
}

/// A release as everybody sees it: without what is being prepared and who does it.
pub fn public_release(mut release: Release) -> proto::Release {
    release.life.proposal = None;
    release.life.correction = None;
    release.into()
}

impl From<Release> for proto::Release {
    fn from(release: Release) -> Self {
        let date = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let life = release.life;
        Self {
            year: release.year,
            title: Some(release.title.into()),
            state: proto::release::State::from(life.state).into(),
            notice_start: date(life.notice.map(|notice| notice.start)),
            notice_end: date(life.notice.map(|notice| notice.end)),
            publish_time: release.publish_time.map(timestamp),
            demonstration: release.demonstration,
            note: release.note.map(Into::into),
            create_time: Some(timestamp(release.create_time)),
            etag: etag::of(release.version),
            compile_operation_id: release.compile_operation_id,
            notice_working_days: life.notice.map_or(0, |notice| notice.working_days.cast_signed()),
            version: life.version.cast_signed(),
            proposal: life.proposal.map(Into::into),
            correction: life.correction.map(Into::into),
            owed_reveals: vec![],
        }
    }
}

impl From<Owed> for proto::OwedReveal {
    fn from(owed: Owed) -> Self {
        Self {
            version: owed.version.cast_signed(),
            create_time: Some(timestamp(owed.create_time)),
            attempts: owed.attempts.cast_signed(),
            fault: owed.fault.map(Into::into),
        }
    }
}

impl From<Version> for proto::Version {
    fn from(version: Version) -> Self {
        Self {
            number: version.number.cast_signed(),
            kind: proto::VersionKind::from(version.kind).into(),
            text: version.text.map(Into::into),
            publish_time: Some(timestamp(version.publish_time)),
            bundle_sha256: version.bundle.unwrap_or_default(),
        }
    }
}

impl From<TableDifference> for proto::TableDifference {
    fn from(difference: TableDifference) -> Self {
        use proto::table_difference::Change as Sent;
        let (change, cells) = match difference.change {
            Change::Added => (Sent::Added, vec![]),
            Change::Removed => (Sent::Removed, vec![]),
            Change::Cells(cells) => (Sent::Changed, cells),
        };
        let cells = cells.into_iter().map(|cell| proto::CellDifference {
            row: cell.row,
            column: Some(cell.column.into()),
            before: cell.before,
            after: cell.after,
        });
        Self {
            number: difference.number,
            title: Some(difference.title.into()),
            change: change.into(),
            cells: cells.collect(),
        }
    }
}

impl From<Topic> for proto::objection::Topic {
    fn from(topic: Topic) -> Self {
        match topic {
            Topic::Table => Self::Table,
            Topic::Programme => Self::Programme,
            Topic::Statement => Self::Statement,
        }
    }
}

/// The topic that was sent; nothing for an unspecified one.
pub fn topic(sent: proto::objection::Topic) -> Option<Topic> {
    use proto::objection::Topic as Sent;
    match sent {
        Sent::Unspecified => None,
        Sent::Table => Some(Topic::Table),
        Sent::Programme => Some(Topic::Programme),
        Sent::Statement => Some(Topic::Statement),
    }
}

impl From<Outcome> for proto::objection::Outcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Upheld => Self::Upheld,
            Outcome::Partly => Self::Partly,
            Outcome::NotUpheld => Self::NotUpheld,
        }
    }
}

/// The outcome that was sent; nothing for an unspecified one.
pub fn outcome(sent: proto::objection::Outcome) -> Option<Outcome> {
    use proto::objection::Outcome as Sent;
    match sent {
        Sent::Unspecified => None,
        Sent::Upheld => Some(Outcome::Upheld),
        Sent::Partly => Some(Outcome::Partly),
        Sent::NotUpheld => Some(Outcome::NotUpheld),
    }
}

/// An objection as its sender sees it.
pub fn own_objection(objection: Objection) -> proto::Objection {
    proto::Objection { name: String::new(), contact: String::new(), ..objection.into() }
}

/// An objection as everybody sees it.
pub fn public_objection(objection: Objection) -> proto::Objection {
    proto::Objection { objection_id: String::new(), etag: String::new(), ..own_objection(objection) }
}

impl From<Objection> for proto::Objection {
    fn from(objection: Objection) -> Self {
        let answer = objection.answer;
        let outcome = answer.as_ref().map_or(proto::objection::Outcome::Unspecified, |answer| {
            proto::objection::Outcome::from(answer.outcome)
        });
        Self {
            objection_id: objection.id,
            year: objection.year,
            topic: proto::objection::Topic::from(objection.topic).into(),
            reference: objection.reference,
            body: objection.body,
            name: objection.name,
            contact: objection.contact,
            create_time: Some(timestamp(objection.create_time)),
            outcome: outcome.into(),
            answer_time: answer.as_ref().map(|answer| timestamp(answer.time)),
            reasons: answer.map(|answer| answer.reasons).unwrap_or_default(),
            etag: etag::of(objection.version),
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
