//! Reading submissions.

use std::collections::BTreeMap;

use zhijian_platform::{Call, Error, Page, etag, time::timestamp};
use zhijian_proto::submission::v1::{
    Cell, CountSubmissionsRequest, CountSubmissionsResponse, Declaration, Event, GetCellsRequest,
    GetCellsResponse, GetSubmissionRequest, GetSubmissionResponse, ListEventsRequest, ListEventsResponse,
    ListRevisionsRequest, ListRevisionsResponse, ListSectionsRequest, ListSectionsResponse,
    ListSubmissionsRequest, ListSubmissionsResponse, Revision, Section, SubmissionCount,
};

use super::{standing::told, working::kind_of};
use crate::{
    domain::{
        catalogue::{Catalogue, Indicator},
        derive::{self, Cells},
        edit,
        text::is_storable,
    },
    rpc::{Rpc, convert},
    store::{cell, event, report, revision, revision_check, section},
};

impl Rpc {
    pub(super) async fn get(
        &self,
        call: Call,
        input: GetSubmissionRequest,
    ) -> Result<GetSubmissionResponse, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let cycle = self.cycle(row.cycle_year).await?;
        let submission = told(&call, row, &cycle, self.ctx.db.clock().now())?;
        Ok(GetSubmissionResponse { submission: Some(submission) })
    }

    pub(super) async fn list(
        &self,
        call: Call,
        input: ListSubmissionsRequest,
    ) -> Result<ListSubmissionsResponse, Error> {
        let visible = call.visible("submission")?;
        let page = Page::parse(input.page_size, &input.page_token)?;
        if !is_storable(&input.report_kind) || !is_storable(&input.organisation_code) {
            return Ok(ListSubmissionsResponse::default());
        }
        let filter = report::Filter {
            cycle_year: (input.cycle_year != 0).then_some(input.cycle_year),
            states: input.states().filter_map(convert::state_given).collect(),
            report_kind: (!input.report_kind.is_empty()).then_some(input.report_kind),
            organisation_code: (!input.organisation_code.is_empty()).then_some(input.organisation_code),
        };
        let rows = report::list(self.ctx.db.reader(), &page, &filter, &visible).await?;
        let (rows, next_page_token) = page.finish(rows, report::Model::list_key);
        let submissions = rows.into_iter().map(convert::submission).collect::<Result<_, _>>()?;
        Ok(ListSubmissionsResponse { submissions, next_page_token })
    }

    pub(super) async fn count(
        &self,
        call: Call,
        input: CountSubmissionsRequest,
    ) -> Result<CountSubmissionsResponse, Error> {
        let visible = call.visible("submission")?;
        let counts = report::count(self.ctx.db.reader(), input.cycle_year, &visible).await?;
        let counts = counts.into_iter().map(|count| SubmissionCount {
            report_kind: count.report_kind,
            state: convert::state(count.state).into(),
            count: i32::try_from(count.count).unwrap_or(i32::MAX),
        });
        Ok(CountSubmissionsResponse { counts: counts.collect() })
    }

    pub(super) async fn cells(&self, call: Call, input: GetCellsRequest) -> Result<GetCellsResponse, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let conn = self.ctx.db.reader();
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let last = revision::last_year_report(conn, &row).await?;
        let shown = if input.revision_number == 0 {
            working_cells(&catalogue, &row.report_kind, cell::load(conn, &row.submission_id).await?)
        } else {
            let cells = revision::get(conn, &row.submission_id, input.revision_number).await?.cells()?;
            cells.into_iter().map(|(code, cell)| (code.clone(), frozen(code, cell))).collect()
        };
        let (last, last_year) = match last {
            Some(report) => (report.cells.clone(), Some(convert::last_year(row.cycle_year - 1, report))),
            None => (Cells::new(), None),
        };
        Ok(GetCellsResponse { cells: in_order(&catalogue, &row.report_kind, shown, &last), last_year })
    }

    pub(super) async fn sections(
        &self,
        call: Call,
        input: ListSectionsRequest,
    ) -> Result<ListSectionsResponse, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let conn = self.ctx.db.reader();
        let catalogue = self.catalogue(&self.cycle(row.cycle_year).await?)?;
        let mut written: BTreeMap<String, (String, String)> = if input.revision_number == 0 {
            let rows = section::load(conn, &row.submission_id).await?;
            rows.into_iter().map(|(code, row)| (code, (row.body, etag::of(row.version)))).collect()
        } else {
            let sections =
                revision::get(conn, &row.submission_id, input.revision_number).await?.sections()?;
            sections.into_iter().map(|(code, body)| (code, (body, String::new()))).collect()
        };
        let sections = kind_of(&catalogue, &row)?.sections.iter().map(|kind| {
            let (body, etag) = written.remove(&kind.code).unwrap_or_default();
            Section { section_code: kind.code.clone(), body, etag }
        });
        Ok(ListSectionsResponse { sections: sections.collect() })
    }

    pub(super) async fn revisions(
        &self,
        call: Call,
        input: ListRevisionsRequest,
    ) -> Result<ListRevisionsResponse, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let rows = revision::list(self.ctx.db.reader(), &row.submission_id).await?;
        let mut checks = revision_check::load(self.ctx.db.reader(), &row.submission_id).await?;
        let revisions = rows.into_iter().map(|row| Revision {
            check: checks.remove(&row.number).map(convert::revision_check),
            receipt_id: row.receipt_id,
            number: row.number,
            create_time: Some(timestamp(row.create_time)),
            content_hash: row.content_hash,
            declaration: Some(Declaration {
                name: row.declaration_name,
                office: row.declaration_office,
                time: Some(timestamp(row.declaration_time)),
            }),
        });
        Ok(ListRevisionsResponse { revisions: revisions.collect() })
    }

    pub(super) async fn events(
        &self,
        call: Call,
        input: ListEventsRequest,
    ) -> Result<ListEventsResponse, Error> {
        let (row, _) = self.admit(&call, &input.submission_id).await?;
        let rows = event::list(self.ctx.db.reader(), &row.submission_id).await?;
        let events = rows.into_iter().map(|row| {
            Ok(Event {
                state: convert::state(row.state()?).into(),
                time: Some(timestamp(row.time)),
                action: row.action,
                account_id: row.account_id,
                account_name: row.account_name,
                comment: row.comment,
            })
        });
        Ok(ListEventsResponse { events: events.collect::<Result<_, Error>>()? })
    }
}

/// The cells of a working copy, derived ones included, by code.
pub(super) fn working_cells(
    catalogue: &Catalogue,
    kind: &str,
    stored: edit::StoredCells,
) -> BTreeMap<String, Cell> {
    let derived = derive::derived(catalogue, kind, &edit::values(&stored));
    let typed = stored.into_iter().map(|(code, cell)| {
        let shown = Cell {
            indicator_code: code.clone(),
            value: cell.value.map(convert::value),
            note: cell.note,
            etag: etag::of(cell.version),
            ..Default::default()
        };
        (code, shown)
    });
    let computed = derived.into_iter().map(|(code, value)| {
        let shown =
            Cell { indicator_code: code.clone(), value: Some(convert::value(value)), ..Default::default() };
        (code, shown)
    });
    typed.chain(computed).collect()
}

/// A cell of a revision.
pub(super) fn frozen(code: String, cell: crate::domain::content::Cell) -> Cell {
    Cell {
        indicator_code: code,
        value: Some(convert::value(cell.value)),
        note: cell.note,
        derived: cell.derived,
        ..Default::default()
    }
}

/// One cell for each indicator that the kind asks for, in the catalogue's order, with last year's value beside it.
fn in_order(catalogue: &Catalogue, kind: &str, mut shown: BTreeMap<String, Cell>, last: &Cells) -> Vec<Cell> {
    let cell = |indicator: &Indicator| {
        let cell = shown
            .remove(&indicator.code)
            .unwrap_or_else(|| Cell { indicator_code: indicator.code.clone(), ..Default::default() });
        Cell {
            last_value: last.get(&indicator.code).cloned().map(convert::value),
            derived: indicator.formula.is_some(),
            ..cell
        }
    };
    catalogue.indicators_of(kind).map(cell).collect()
}
