//! Serving: services put behind the platform's layer, reached in process and over the network, stopped with a deadline.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use axum::{Router, body::Body};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};
use tower::{BoxError, ServiceExt, util::BoxCloneSyncService};

use crate::{
    Context, StartError,
    client::Channel,
    layer::{Gate, admit},
};

/// How long requests in flight may take to end once the process is asked to stop.
pub const GRACE: Duration = Duration::from_secs(10);

/// The services of this process, each behind the platform's layer.
#[derive(Default)]
pub struct Services {
    router: Router,
    names: Vec<&'static str>,
}

impl Services {
    /// Puts the service called `name` behind the layer, and makes it the one that others in this process reach.
    pub fn add(&mut self, ctx: &Context, name: &'static str, routes: Routes) {
        let gate = Gate {
            authority: ctx.authority.clone(),
            tokens: ctx.tokens.clone(),
            clients: ctx.clients.clone(),
        };
        let router = routes
            .into_axum_router()
            .reset_fallback()
            .layer(axum::middleware::from_fn_with_state(gate, admit));
        ctx.clients.insert(name, in_process(router.clone()));
        self.router = std::mem::take(&mut self.router).merge(router);
        self.names.push(name);
    }

    /// The full names of the gRPC services offered here, which reflection lists.
    fn rpc_services(&self) -> BTreeSet<String> {
        let offered = |service: &str| {
            self.names.iter().any(|name| {
                service.starts_with(&format!("zhijian.{name}."))
                    || (*name == "publication" && service == "zhijian.common.v1.OperationService")
            })
        };
        zhijian_proto::actions()
            .into_iter()
            .filter_map(|(path, _)| Some(path.split('/').nth(1)?.to_owned()))
            .filter(|service| offered(service))
            .collect()
    }

    /// Serves them over gRPC, with health and reflection, until the context's shutdown; then lets requests in flight end
    /// within [`GRACE`].
    ///
    /// # Errors
    /// If the transport fails.
    pub async fn serve(self, ctx: &Context, listener: TcpListener) -> Result<(), StartError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| StartError::Service {
            what: "the gRPC server".to_owned(),
            source: error,
        };
        let reflection = self
            .rpc_services()
            .into_iter()
            .fold(tonic_reflection::server::Builder::configure(), |builder, name| {
                builder.with_service_name(name)
            })
            .with_service_name("grpc.health.v1.Health")
            .register_encoded_file_descriptor_set(zhijian_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .build_v1()
            .map_err(|error| failed(error.into()))?;
        let (reporter, health) = tonic_health::server::health_reporter();
        for name in &self.names {
            reporter.set_service_status(*name, tonic_health::ServingStatus::Serving).await;
        }
        let stop = ctx.shutdown.clone();
        let signal = async move {
            stop.cancelled().await;
            reporter.set_service_status("", tonic_health::ServingStatus::NotServing).await;
        };
        let routes = Routes::from(self.router).add_service(health).add_service(reflection);
        let serving = Server::builder()
            .http2_keepalive_interval(Some(Duration::from_secs(30)))
            .add_routes(routes)
            .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), signal);
        within_grace(&ctx.shutdown, serving).await.map_err(|error| failed(error.into()))
    }
}

/// Runs `serving` until it ends, but not longer than [`GRACE`] after `shutdown`.
///
/// # Errors
/// Those of `serving`.
pub async fn within_grace<E>(
    shutdown: &CancellationToken,
    serving: impl Future<Output = Result<(), E>>,
) -> Result<(), E> {
    let deadline = async {
        shutdown.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = serving => result,
        () = deadline => {
            tracing::warn!("requests still in flight after {} s were dropped", GRACE.as_secs());
            Ok(())
        }
    }
}

/// Binds `address`.
///
/// # Errors
/// [`StartError::Listen`], which says what to do.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address: address.to_string(), source })
}

fn in_process(router: Router) -> Channel {
    let service = router
        .map_request(|request: http::Request<tonic::body::Body>| request.map(Body::new))
        .map_response(|response: http::Response<Body>| response.map(tonic::body::Body::new))
        .map_err(|never| -> BoxError { match never {} });
    BoxCloneSyncService::new(service)
}
