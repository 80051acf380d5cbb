//! The identity service: the region, its organisations, the people who sign in, and the trail of what was changed.

mod domain;
mod rpc;
mod store;

use std::sync::Arc;

use tonic::service::Routes;
use zhijian_platform::{Context, StartError};
use zhijian_proto::identity::v1::{
    account_service_server::AccountServiceServer, audit_service_server::AuditServiceServer,
    organisation_service_server::OrganisationServiceServer, region_service_server::RegionServiceServer,
    registry_service_server::RegistryServiceServer, session_service_server::SessionServiceServer,
};

/// The gRPC services that identity offers.
///
/// # Errors
/// [`StartError::Service`] if the machine cannot hash passwords.
pub async fn build(ctx: &Context) -> Result<Routes, StartError> {
    let hasher = rpc::Hasher::new().await.map_err(|error| StartError::Service {
        what: "the identity service".to_owned(),
        source: Box::new(error),
    })?;
    let hasher = Arc::new(hasher);
    Ok(Routes::new(RegionServiceServer::new(rpc::Regions::new(ctx.clone())))
        .add_service(OrganisationServiceServer::new(rpc::Organisations::new(ctx.clone())))
        .add_service(RegistryServiceServer::new(rpc::Registry::new(ctx.clone())))
        .add_service(AccountServiceServer::new(rpc::Accounts::new(ctx.clone(), hasher.clone())))
        .add_service(SessionServiceServer::new(rpc::Sessions::new(ctx.clone(), hasher)))
        .add_service(AuditServiceServer::new(rpc::Audit::new(ctx.clone()))))
}
