//! The identity service through its own contract, on every database there is.

mod account;
mod organisation;
mod policy;
mod region;
mod session;
mod support;
