//! A report from its first cell to its receipt, as the school sees it and as the desk does.

mod actions;
mod attachments;
mod cases;
mod cell_form;
mod cells;
mod cells_row;
mod compare;
mod converted;
mod download;
mod findings;
mod list;
mod material;
mod narrative;
mod remarks;
pub mod report;
mod sections;
mod show;
mod transfer;

use axum::Router;

pub fn routes() -> Router {
    Router::new()
        .merge(list::routes())
        .merge(show::routes())
        .merge(actions::routes())
        .merge(cells::routes())
        .merge(sections::routes())
        .merge(findings::routes())
        .merge(attachments::routes())
        .merge(download::routes())
        .merge(cases::routes())
        .merge(narrative::routes())
        .merge(remarks::routes())
        .merge(transfer::routes())
        .merge(compare::routes())
}
