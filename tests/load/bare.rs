//! The limits: the same transport, database and HTTP stack with nothing of ours in between.

use std::net::SocketAddr;

use anyhow::ensure;
use axum::{Router, body::Bytes, routing::get};
use futures::FutureExt;
use http_body_util::{BodyExt, Empty};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};
use tonic::{Request, Response, Status};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_check_response::ServingStatus,
    health_client::HealthClient,
    health_server::{Health, HealthServer},
};
use zhijian_tests::House;

use crate::drive::Work;

/// An RPC that does nothing (the health check), over the connections that the product's clients use.
///
/// # Errors
/// If the server cannot be reached.
pub async fn echo(house: &House, workers: usize) -> anyhow::Result<Vec<Work>> {
    let channel =
        tonic::transport::Endpoint::from_shared(format!("http://{}", house.grpc))?.connect().await?;
    let worker = || -> Work {
        let client = HealthClient::new(channel.clone());
        Box::new(move || {
            let mut client = client.clone();
            async move {
                client.check(HealthCheckRequest::default()).await?;
                Ok(())
            }
            .boxed()
        })
    };
    Ok((0..workers).map(|_| worker()).collect())
}

/// One durable row a transaction, behind an RPC that does nothing else: the health check's contract over loopback. SQLite
/// with one writer as the product opens it, or PostgreSQL with a pool of 16.
///
/// # Errors
/// If the database cannot be opened, or no port is free.
pub async fn insert(house: &House, database_url: Option<&str>, workers: usize) -> anyhow::Result<Vec<Work>> {
    let connection = match database_url {
        Some(url) => {
            let mut options = ConnectOptions::new(url);
            options.max_connections(16).sqlx_logging(false);
            Database::connect(options).await?
        }
        None => sqlite(&house.data().join("bare.db").display().to_string()).await?,
    };
    connection.execute_unprepared("CREATE TABLE bare (id TEXT PRIMARY KEY, value TEXT NOT NULL)").await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let incoming = tonic::transport::server::TcpIncoming::from(listener).with_nodelay(Some(true));
    let server = tonic::transport::Server::builder().add_service(HealthServer::new(Insert { connection }));
    tokio::spawn(server.serve_with_incoming(incoming));
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}"))?.connect().await?;
    let worker = || -> Work {
        let client = HealthClient::new(channel.clone());
        Box::new(move || {
            let mut client = client.clone();
            async move {
                client.check(HealthCheckRequest::default()).await?;
                Ok(())
            }
            .boxed()
        })
    };
    Ok((0..workers).map(|_| worker()).collect())
}

/// Answers a call once its row is durable.
struct Insert {
    connection: DatabaseConnection,
}

impl Insert {
    async fn insert(&self) -> Result<(), sea_orm::DbErr> {
        let transaction = self.connection.begin().await?;
        let values = [uuid::Uuid::now_v7().to_string().into(), "12.50".into()];
        let sql = "INSERT INTO bare (id, value) VALUES ($1, $2)";
        let statement = Statement::from_sql_and_values(self.connection.get_database_backend(), sql, values);
        transaction.execute_raw(statement).await?;
        transaction.commit().await
    }
}

#[tonic::async_trait]
impl Health for Insert {
    type WatchStream = futures::stream::Pending<Result<HealthCheckResponse, Status>>;

    async fn check(&self, _: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        self.insert().await.map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(HealthCheckResponse { status: ServingStatus::Serving.into() }))
    }

    async fn watch(&self, _: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Ok(Response::new(futures::stream::pending()))
    }
}

async fn sqlite(file: &str) -> anyhow::Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(format!("sqlite://{file}?mode=rwc"));
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|sqlite| {
        sqlite.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
    });
    Ok(Database::connect(options).await?)
}

/// A handler that serves what the product's page serves, from memory.
pub struct StaticFile {
    /// Where it listens.
    pub address: SocketAddr,
}

/// Fetches the product's page once and serves the same bytes with the same stack.
///
/// # Errors
/// If the page does not answer.
pub async fn static_file(house: &House) -> anyhow::Result<StaticFile> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let response = client.get(format!("http://{}/releases", house.pages).parse()?).await?;
    let body = response.into_body().collect().await?.to_bytes();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let router = Router::new().route("/", get(move || std::future::ready(body.clone())));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(StaticFile { address })
}

/// A page, over kept connections.
pub fn pages(address: SocketAddr, path: &str, workers: usize) -> Vec<Work> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let url = format!("http://{address}{path}");
    let worker = || -> Work {
        let (client, url) = (client.clone(), url.clone());
        Box::new(move || {
            let (client, url) = (client.clone(), url.clone());
            async move {
                let response = client.get(url.parse()?).await?;
                ensure!(response.status().is_success(), "{url} answered {}", response.status());
                response.into_body().collect().await?;
                Ok(())
            }
            .boxed()
        })
    };
    (0..workers).map(|_| worker()).collect()
}
