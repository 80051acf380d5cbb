//! The portal: web pages for people, and the open-data API for programs. A client of the other services, and nothing
//! more: it keeps no data of its own.

mod open;
mod pages;
#[macro_use]
mod web;

use std::net::SocketAddr;

use axum::{
    Router, ServiceExt,
    extract::{DefaultBodyLimit, Request, connect_info::IntoMakeServiceWithConnectInfo},
    middleware,
    routing::get,
};
use tokio::sync::watch;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use zhijian_platform::{Clients, Context};

use web::{assets, gate, library, session::Portal};
pub use web::{cache::Front, library::Built};

/// The largest form taken, in bytes: a section of 200,000 characters, percent-encoded, and some room.
const LARGEST_FORM: usize = 4 * 1024 * 1024;

/// All pages and the open data, on the services that this process's context reaches.
pub fn router(ctx: &Context) -> Router {
    router_on(ctx.clients.clone())
}

/// All pages and the open data, on the services that `clients` reach. Called within a runtime: the public reports are indexed
/// in the background.
pub fn router_on(clients: Clients) -> Router {
    router_of(Portal::new(clients))
}

/// [`router_on`], and how far its search index is: changes whenever another index takes the place of the one before.
pub fn indexed_on(clients: Clients) -> (Router, watch::Receiver<Built>) {
    let portal = Portal::new(clients);
    (router_of(portal.clone()), portal.shelf().built())
}

/// All pages and the open data, with the answers that are the same for everybody kept in front of them.
pub fn front_on(clients: Clients) -> Front {
    let portal = Portal::new(clients);
    Front::new(router_of(portal.clone()), portal)
}

/// [`front_on`], ready to be served.
pub fn served_on(clients: Clients) -> IntoMakeServiceWithConnectInfo<Front, SocketAddr> {
    ServiceExt::<Request>::into_make_service_with_connect_info(front_on(clients))
}

fn router_of(portal: Portal) -> Router {
    library::look_after(&portal);
    let pages = pages::routes()
        .layer(middleware::from_fn_with_state(portal.clone(), gate::admit))
        .layer(DefaultBodyLimit::max(LARGEST_FORM));
    Router::new()
        .nest("/open/v1", open::routes().with_state(portal.clone()))
        .merge(open::root().with_state(portal))
        .route("/assets/{name}", get(assets::get))
        .route("/healthz", get(async || "ok\n"))
        .merge(pages)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(gate::harden))
        .layer(CatchPanicLayer::new())
}
