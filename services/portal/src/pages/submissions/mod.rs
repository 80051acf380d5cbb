//! A report from its first cell to its receipt, as the school sees it and as the desk does.

mod actions;
mod attachments;
mod cases;
mod cell_form;
mod cells;
mod cells_row;
mod comment_card;
mod comments;
mod compare;
mod converted;
mod corrections;
mod download;
mod editors;
mod extensions;
mod facts;
mod finding_item;
mod findings;
mod history;
mod list;
mod lock;
mod material;
mod narrative;
mod parts;
mod public;
mod receipt;
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
        .merge(public::routes())
        .merge(attachments::routes())
        .merge(download::routes())
        .merge(cases::routes())
        .merge(narrative::routes())
        .merge(remarks::routes())
        .merge(transfer::routes())
        .merge(comments::routes())
        .merge(corrections::routes())
        .merge(editors::routes())
        .merge(extensions::routes())
        .merge(history::routes())
        .merge(receipt::routes())
        .merge(compare::routes())
}
