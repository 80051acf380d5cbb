//! The publication service: compiles the year's results into tables, and makes them public.
//!
//! A release goes from draft over compiled and notice to published, and from there to corrected or withdrawn. Its tables are data (`tables/*.toml`), computed from
//! the accepted cells of the submission service and the grades of the review service, and kept with their CSV.

pub mod bundle;
mod compile;
mod domain;
mod insight;
mod kept;
pub mod measure;
mod reveal;
mod rpc;
mod store;
mod upstream;

/// From what a compilation read to what it published, for whoever wants to check it: no database, no server.
pub mod recompute {
    pub use crate::domain::{
        figure::Reading,
        pin::{
            FORMAT, Pinned, PinnedBand, PinnedCase, PinnedElement, PinnedEntry, PinnedIndicator, PinnedJoin,
            PinnedOrganisation, PinnedReport, PinnedRound, PinnedRules, PinnedSheet, PinnedSum, PinnedYear,
            RecomputeError, Recomputed, Tables, recompute, recompute_grades,
        },
        table::{Cell, Column, Row, Table},
    };
}

use std::sync::Arc;

use tonic::service::Routes;
use zhijian_platform::{
    Context, StartError,
    rules::{RulesDir, RulesError},
};
use zhijian_proto::{
    common::v1::operation_service_server::OperationServiceServer,
    publication::v1::{
        bundle_service_server::BundleServiceServer, diagnosis_service_server::DiagnosisServiceServer,
        edition_service_server::EditionServiceServer, federation_service_server::FederationServiceServer,
        map_service_server::MapServiceServer, objection_service_server::ObjectionServiceServer,
        release_correction_service_server::ReleaseCorrectionServiceServer,
        release_service_server::ReleaseServiceServer, table_service_server::TableServiceServer,
        trace_service_server::TraceServiceServer,
    },
};

use crate::{
    compile::Compiler,
    domain::{definition::Library, diagnosis, disclosure::Disclosures, edition::Editions, map},
};

/// The name under which this service calls others.
const NAME: &str = "publication";

/// The services that publication offers: releases, tables, diagnosis, the map, and the operations that compile releases. Registers the work of
/// compiling; the process decides where [`zhijian_platform::operations::Operations::work_until`] runs. What publishing owes
/// is done in a task of the context, until its shutdown.
///
/// # Errors
/// [`StartError::Rules`] names the table file and the key at fault.
pub async fn build(ctx: &Context) -> Result<Routes, StartError> {
    let ctx = ctx.for_service(NAME);
    let library = Arc::new(Library::load(ctx.rules_dir())?);
    let disclosures = Arc::new(Disclosures::load(ctx.rules_dir())?);
    let editions = Arc::new(Editions::load(ctx.rules_dir())?);
    let compiler = Compiler {
        db: ctx.db.clone(),
        clients: ctx.clients.clone(),
        objects: ctx.objects.folder(NAME),
        library: library.clone(),
        disclosures: disclosures.clone(),
        editions: editions.clone(),
    };
    let insight = Arc::new(insight::Insight::new(ctx.clients.clone()));
    let diagnosis = Arc::new(diagnosis::rules::Library::load(ctx.rules_dir())?);
    let map = Arc::new(map::rules::Library::load(ctx.rules_dir())?);
    ctx.operations.handle(compile::KIND, move |job| {
        let compiler = compiler.clone();
        async move { compiler.run(job).await }
    });
    let objects = ctx.objects.folder(NAME);
    let traces = rpc::Traces::new(ctx.clone(), objects.clone(), library.clone(), editions, disclosures);
    let revealer = reveal::Revealer { db: ctx.db.clone(), clients: ctx.clients.clone() };
    revealer.keep_trying(&ctx);
    let releases = rpc::Releases::new(ctx.clone(), library, revealer);
    Ok(Routes::new(ReleaseServiceServer::new(releases.clone()))
        .add_service(ReleaseCorrectionServiceServer::new(releases.clone()))
        .add_service(ObjectionServiceServer::new(releases))
        .add_service(BundleServiceServer::new(rpc::Bundles::new(ctx.clone(), objects.clone())))
        .add_service(FederationServiceServer::new(rpc::Federation::new(ctx.clone(), objects.clone())))
        .add_service(TableServiceServer::new(rpc::Tables::new(ctx.clone())))
        .add_service(DiagnosisServiceServer::new(rpc::Diagnosis::new(insight.clone(), diagnosis)))
        .add_service(MapServiceServer::new(rpc::Map::new(insight, map)))
        .add_service(EditionServiceServer::new(rpc::Editions::new(ctx.clone(), objects)))
        .add_service(TraceServiceServer::new(traces))
        .add_service(OperationServiceServer::new(ctx.operations.clone())))
}

/// Reads the rule files of this service without keeping them, so that a fault is told before anything is opened.
///
/// # Errors
/// Names the file and the key at fault.
pub fn check_rules(rules: &RulesDir) -> Result<(), RulesError> {
    Library::load(rules)?;
    Disclosures::load(rules)?;
    Editions::load(rules)?;
    diagnosis::rules::Library::load(rules)?;
    map::rules::Library::load(rules)?;
    Ok(())
}
