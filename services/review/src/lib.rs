//! The review service: schemes, the panel of experts, rounds, scores, grades and rectifications.

mod domain;
mod rpc;
mod store;

use zhijian_platform::{
    Context, StartError,
    rules::{RulesDir, RulesError},
};

/// The services of this package, ready to be put behind the platform's layer.
///
/// # Errors
/// If a scheme or a funding policy has a fault, the error names file and key; or the language model cannot be asked as configured.
pub async fn build(ctx: &Context) -> Result<tonic::service::Routes, StartError> {
    let schemes = domain::scheme::Schemes::load(ctx.rules_dir())?;
    let funding = domain::funding::Policies::load(ctx.rules_dir())?;
    Ok(rpc::routes(rpc::Review::new(ctx.clone(), schemes, funding)?))
}

/// Reads the rule files of this service without keeping them, so that a fault is told before anything is opened.
///
/// # Errors
/// Names the file and the key at fault.
pub fn check_rules(rules: &RulesDir) -> Result<(), RulesError> {
    domain::scheme::Schemes::load(rules)?;
    domain::funding::Policies::load(rules)?;
    Ok(())
}
