//! The submission service: cycles, the catalogue of a year's rules, the register of programmes, and the collection of
//! reports.

mod domain;
#[doc(hidden)]
pub mod measure;
mod rpc;
mod store;
mod sweep;

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
    let reminders = domain::notice::Reminders::load(ctx.rules_dir())?;
    if let Some(mail) = &ctx.mail {
        rpc::check_mail(mail)?;
    }
    let workflow = domain::workflow::Workflow::load(ctx.rules_dir())?;
    let rules = domain::attachment::AttachmentRules::load(ctx.rules_dir())?;
    ctx.tasks.spawn(sweep::until_shutdown(ctx.clone()));
    let synonyms = synonyms(ctx.rules_dir(), &catalogues)?;
    Ok(rpc::routes(ctx, catalogues, rpc::Rules { workflow, attachments: rules, synonyms, reminders }))
}

/// Deletes stored files that are older than `age` and that no working copy and no revision names; answers how many. The
/// service does so by itself now and then.
///
/// # Errors
/// The store's and the database's own.
pub async fn sweep(ctx: &Context, age: std::time::Duration) -> Result<u64, zhijian_platform::Error> {
    sweep::once(ctx, age).await
}

/// Reads the rule files of this service without keeping them, so that a fault is told before anything is opened.
///
/// # Errors
/// Names the file and the key at fault.
pub fn check_rules(rules: &RulesDir) -> Result<(), RulesError> {
    domain::notice::Reminders::load(rules)?;
    let catalogues = domain::catalogue::Catalogues::load(rules)?;
    domain::attachment::AttachmentRules::load(rules)?;
    synonyms(rules, &catalogues)?;
    domain::workflow::Workflow::load(rules)?;
    Ok(())
}

/// Other headings of sections, checked against every kind of report.
fn synonyms(
    rules: &RulesDir,
    catalogues: &domain::catalogue::Catalogues,
) -> Result<domain::narrative::Synonyms, RulesError> {
    let synonyms = domain::narrative::Synonyms::load(rules)?;
    let years = catalogues.years().filter_map(|year| catalogues.get(year));
    for kind in years.flat_map(|catalogue| &catalogue.kinds) {
        synonyms.check(kind)?;
    }
    Ok(synonyms)
}
