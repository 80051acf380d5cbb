//! A report from its first cell to its receipt, as the school sees it and as the desk does.

mod actions;
mod cell_form;
mod cells;
mod findings;
mod list;
mod report;
mod sections;
mod show;

use axum::Router;

pub fn routes() -> Router {
    Router::new()
        .merge(list::routes())
        .merge(show::routes())
        .merge(actions::routes())
        .merge(cells::routes())
        .merge(sections::routes())
        .merge(findings::routes())
}
