//! The gRPC services, one file each: authorise, parse, call, answer.

mod account;
mod audit;
mod fields;
mod hasher;
mod organisation;
mod read;
mod region;
mod registry;
mod session;
mod update;
mod write;

pub(crate) use account::Accounts;
pub(crate) use audit::Audit;
pub(crate) use hasher::Hasher;
pub(crate) use organisation::Organisations;
pub(crate) use region::Regions;
pub(crate) use registry::Registry;
pub(crate) use session::Sessions;
