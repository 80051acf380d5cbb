//! The identity service through its own contract, on every database there is.

mod account;
mod organisation;
mod policy;
mod region;
mod registry;
mod session;
mod support;
mod update;
