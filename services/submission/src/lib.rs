//! The submission service: cycles, the catalogue of a year's rules, the register of programmes, and the collection of
//! reports.

mod domain;
mod rpc;
mod store;

use tonic::service::Routes;
use zhijian_platform::{
    Context, StartError,
    rules::{RulesDir, RulesError},
};

/// The gRPC services of this service.
///
/// # Errors
/// [`StartError::Rules`] if a catalogue is at fault; it names the file and the key.
pub async fn build(ctx: &Context) -> Result<Routes, StartError> {
    let catalogues = domain::catalogue::Catalogues::load(ctx.rules_dir())?;
    tracing::info!(years = ?catalogues.years().collect::<Vec<_>>(), "catalogues loaded");
    Ok(rpc::routes(ctx, catalogues))
}

/// Reads the rule files of this service without keeping them, so that a fault is told before anything is opened.
///
/// # Errors
/// Names the file and the key at fault.
pub fn check_rules(rules: &RulesDir) -> Result<(), RulesError> {
    domain::catalogue::Catalogues::load(rules)?;
    Ok(())
}
