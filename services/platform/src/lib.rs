//! The floor every service stands on.
//!
//! A service receives a [`Context`] and answers with the gRPC services it offers. Everything it needs from outside is
//! reached through that context: the database ([`Db`]), the callers and policies ([`Call`]), the other services
//! ([`Clients`]), long-running operations ([`operations`]). `docs/architecture.md` shows one request end to end.

pub mod amend;
mod assistant;
pub mod audit;
pub mod authz;
mod calendar;
mod call;
pub mod client;
mod clock;
mod context;
mod db;
mod error;
pub mod etag;
mod gather;
pub mod id;
mod keys;
mod lang;
mod layer;
mod mutate;
pub mod objects;
pub mod operations;
mod page;
pub mod register;
pub mod rules;
pub mod server;
pub mod telemetry;
pub mod testing;
pub mod time;
pub mod token;
mod writer;

pub use assistant::Assistant;
pub use authz::Resource;
pub use calendar::{Calendar, date_in_china, written};
pub use call::{Call, Grant, Principal, RoleGrant, Visibility, role_name};
pub use client::{Clients, Credential};
pub use clock::Clock;
pub use context::{Config, Context, Mail, StartError};
pub use db::Db;
pub use error::{Error, Text, Violation};
pub use keys::Keys;
pub use lang::Lang;
pub use mutate::Tx;
pub use objects::Objects;
pub use page::Page;

#[cfg(test)]
mod tests;
