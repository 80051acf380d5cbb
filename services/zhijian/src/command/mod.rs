//! Commands that do one thing and exit.

use std::{path::Path, process::ExitCode};

use anyhow::Context as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zhijian_platform::{Clients, Context, Keys, audit};

use crate::{
    cli::{Place, Remote},
    demo,
    run::Ticker,
};

pub mod check;
pub mod release;

/// Brings the database up to date.
///
/// # Errors
/// If it cannot be opened or a migration fails.
pub async fn migrate(place: &Place) -> anyhow::Result<()> {
    let ctx = Context::open(&place.config(), false).await?;
    ctx.db
        .migrate()
        .await
        .context("a migration failed and was rolled back; the database is as it was before it")?;
    ctx.db.close().await;
    println!("the database is up to date");
    Ok(())
}

/// Loads the demonstration into services that run elsewhere.
///
/// # Errors
/// If a service cannot be reached or refuses.
pub async fn load_demo(remote: &Remote) -> anyhow::Result<()> {
    let clients =
        Clients::at(remote.upstreams.addresses()).context("an address is not a URL: http://host:port")?;
    let ticker = Ticker::default();
    let report = demo::load(&clients, &remote.set_up_code, |progress| ticker.show(&progress)).await?;
    ticker.finish();
    println!("{report}");
    Ok(())
}

/// Checks the audit trail.
///
/// # Errors
/// If the database or the key cannot be read. A broken trail is exit status 1.
pub async fn verify_audit(place: &Place) -> anyhow::Result<ExitCode> {
    let ctx = Context::open(&place.config(), false).await?;
    let result = audit::verify(&ctx.db, &ctx.keys.service().pk).await?;
    ctx.db.close().await;
    for fault in &result.faults {
        eprintln!("zhijian: {fault}");
    }
    println!(
        "{} entries sealed, {} waiting, {} checkpoints: {}",
        result.sealed,
        result.unsealed,
        result.checkpoints,
        if result.faults.is_empty() { "the trail is whole" } else { "the trail is BROKEN" },
    );
    Ok(if result.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes the services' key, or keeps the one that is there.
///
/// # Errors
/// If the file cannot be made or does not hold a key.
pub fn keygen(file: &Path) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let keys = Keys::open(None, file).with_context(|| format!("cannot use {}", file.display()))?;
    println!("{}", keys.service_key_id());
    Ok(())
}

/// Asks a server whether it serves.
///
/// # Errors
/// If it does not.
pub async fn health(url: &str) -> anyhow::Result<()> {
    let parsed: axum::http::Uri = url.parse().context("not a URL: http://host:port")?;
    if !matches!(parsed.path(), "" | "/") {
        return page_answers(&parsed).await;
    }
    let channel = tonic::transport::Endpoint::from_shared(url.to_owned())?.connect().await?;
    let mut client = tonic_health::pb::health_client::HealthClient::new(channel);
    let answer = client.check(tonic_health::pb::HealthCheckRequest::default()).await?.into_inner();
    anyhow::ensure!(
        answer.status() == tonic_health::pb::health_check_response::ServingStatus::Serving,
        "the server answers, but does not serve yet",
    );
    Ok(())
}

async fn page_answers(url: &axum::http::Uri) -> anyhow::Result<()> {
    let authority = url.authority().context("not a URL: http://host:port/path")?;
    let mut stream = tokio::net::TcpStream::connect(authority.as_str()).await?;
    let request = format!("GET {} HTTP/1.0\r\nHost: {authority}\r\n\r\n", url.path());
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(64).read_to_string(&mut answer).await?;
    anyhow::ensure!(answer.split(' ').nth(1) == Some("200"), "the page does not answer with 200");
    Ok(())
}
