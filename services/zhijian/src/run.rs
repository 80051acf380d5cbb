//! Starting, serving and stopping.

use std::{
    io::{IsTerminal, Write},
    net::SocketAddr,
    sync::Mutex,
};

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use zhijian_platform::{
    Context, StartError, audit,
    rules::{RulesDir, RulesError},
    server::{self, Services},
};

use crate::{
    cli::{Place, ServiceName},
    demo,
};

/// Serves everything in one process.
///
/// # Errors
/// [`StartError`], before anything is served.
pub async fn everything(place: &Place) -> anyhow::Result<()> {
    let house = House::open(place).await?;
    let (pages, grpc) = house.addresses()?;
    tokio::spawn(stop_on_signal(house.ctx.shutdown.clone()));
    println!("质鉴 Zhijian  http://{pages}   gRPC {grpc}");
    println!("首次使用请打开 http://{pages}/setup ，开通码 Set-up code: {}", house.ctx.set_up_code());
    house.serve().await
}

/// Serves everything in one process, with the demonstration region loaded.
///
/// # Errors
/// [`StartError`], or whatever keeps the demonstration from loading.
pub async fn demo(place: &Place) -> anyhow::Result<()> {
    let house = House::open(place).await?;
    let (pages, grpc) = house.addresses()?;
    tokio::spawn(stop_on_signal(house.ctx.shutdown.clone()));
    let clients = house.ctx.clients.clone();
    let code = house.ctx.set_up_code().to_owned();
    let shutdown = house.ctx.shutdown.clone();
    let serving = tokio::spawn(house.serve());
    let ticker = Ticker::default();
    let loaded = tokio::select! {
        loaded = demo::load(&clients, &code, |progress| ticker.show(&progress)) => Some(loaded),
        () = shutdown.cancelled() => None,
    };
    ticker.finish();
    match loaded {
        Some(Ok(report)) => {
            println!("{report}");
            println!("质鉴 Zhijian  http://{pages}   gRPC {grpc}");
            println!("{}", demo::sign_ins());
        }
        Some(Err(error)) => {
            shutdown.cancel();
            serving.await??;
            return Err(
                error.context("the demonstration could not be loaded; start again to go on where it stopped")
            );
        }
        None => {}
    }
    serving.await?
}

/// Serves one service, which reaches the others over the network.
///
/// # Errors
/// [`StartError`], before anything is served.
pub async fn alone(name: ServiceName, place: &Place) -> anyhow::Result<()> {
    let needs: &[&'static str] = match name {
        ServiceName::Identity => &[],
        ServiceName::Submission => &["identity"],
        ServiceName::Review => &["identity", "submission"],
        ServiceName::Publication => &["identity", "submission", "review"],
        ServiceName::Portal => &["identity", "submission", "review", "publication"],
    };
    let given = place.upstreams.addresses();
    for service in needs {
        anyhow::ensure!(
            given.contains_key(service),
            "this service needs the address of the {service} service: set ZHIJIAN_{}_URL=http://host:port",
            service.to_uppercase(),
        );
    }
    let upstreams = given.into_iter().filter(|(service, _)| needs.contains(service)).collect();
    if name == ServiceName::Portal {
        let listener = server::listen(place.listen).await?;
        let clients =
            zhijian_platform::Clients::at(upstreams).context("an address is not a URL: http://host:port")?;
        let shutdown = CancellationToken::new();
        tokio::spawn(stop_on_signal(shutdown.clone()));
        tracing::info!(address = %listener.local_addr()?, "the pages are served");
        return Ok(serve_pages(shutdown, clients, listener).await?);
    }
    let listener = server::listen(place.grpc_listen).await?;
    let config = zhijian_platform::Config { upstreams, ..place.config() };
    check_rules(place)?;
    let ctx = Context::open(&config, name == ServiceName::Identity).await?;
    if !ctx.db.is_migrated().await.map_err(StartError::Database)? {
        return Err(StartError::NotMigrated.into());
    }
    let mut services = Services::default();
    add(&mut services, &ctx, name).await?;
    tokio::spawn(stop_on_signal(ctx.shutdown.clone()));
    tracing::info!(address = %listener.local_addr()?, "the service is served");
    services.serve(&ctx, listener).await?;
    close(&ctx).await;
    Ok(())
}

/// Everything in one process, ready to serve.
pub struct House {
    /// What the services received.
    pub ctx: Context,
    services: Services,
    pages: TcpListener,
    grpc: TcpListener,
}

impl House {
    /// Listens first, so that a taken port leaves nothing behind; then opens the data and builds the services.
    ///
    /// # Errors
    /// [`StartError`], before anything is served.
    pub async fn open(place: &Place) -> anyhow::Result<Self> {
        let pages = server::listen(place.listen).await?;
        let grpc = server::listen(place.grpc_listen).await?;
        check_rules(place)?;
        let ctx = Context::open(&place.config(), true).await?;
        ctx.db.migrate().await.map_err(StartError::Database)?;
        let mut services = Services::default();
        for name in
            [ServiceName::Identity, ServiceName::Submission, ServiceName::Review, ServiceName::Publication]
        {
            add(&mut services, &ctx, name).await?;
        }
        Ok(Self { ctx, services, pages, grpc })
    }

    /// The addresses of the pages and of the gRPC services.
    ///
    /// # Errors
    /// If a listener has lost its socket.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.pages.local_addr()?, self.grpc.local_addr()?))
    }

    /// Serves until the context's shutdown, then lets what is in flight end.
    ///
    /// # Errors
    /// If a transport fails.
    pub async fn serve(self) -> anyhow::Result<()> {
        let Self { ctx, services, pages, grpc } = self;
        let grpc = services.serve(&ctx, grpc);
        let pages = serve_pages(ctx.shutdown.clone(), ctx.clients.clone(), pages);
        let result = tokio::try_join!(grpc, pages);
        ctx.shutdown.cancel();
        close(&ctx).await;
        result?;
        Ok(())
    }
}

/// Reads every rule file before anything is opened or made.
fn check_rules(place: &Place) -> Result<(), StartError> {
    if let Some(directory) = &place.rules {
        std::fs::read_dir(directory)
            .map_err(|source| RulesError::Read { file: directory.display().to_string(), source })?;
    }
    let rules = RulesDir::new(place.rules.clone());
    zhijian_platform::authz::Authority::load(&rules)?;
    zhijian_platform::Calendar::load(&rules)?;
    zhijian_submission::check_rules(&rules)?;
    zhijian_review::check_rules(&rules)?;
    zhijian_publication::check_rules(&rules)?;
    Ok(())
}

async fn add(services: &mut Services, ctx: &Context, name: ServiceName) -> Result<(), StartError> {
    let (name, routes) = match name {
        ServiceName::Identity => {
            ctx.tasks.spawn(audit::seal_until(ctx.db.clone(), ctx.keys.clone(), ctx.shutdown.clone()));
            ("identity", zhijian_identity::build(&ctx.for_service("identity")).await?)
        }
        ServiceName::Submission => {
            let routes = zhijian_submission::build(&ctx.for_service("submission")).await?;
            ctx.tasks.spawn(ctx.operations.clone().work_until(ctx.shutdown.clone()));
            ("submission", routes)
        }
        ServiceName::Review => {
            let routes = zhijian_review::build(&ctx.for_service("review")).await?;
            ctx.tasks.spawn(ctx.operations.clone().work_until(ctx.shutdown.clone()));
            ("review", routes)
        }
        ServiceName::Publication => {
            let routes = zhijian_publication::build(&ctx.for_service("publication")).await?;
            ctx.tasks.spawn(ctx.operations.clone().work_until(ctx.shutdown.clone()));
            ("publication", routes)
        }
        // The portal is no gRPC service; it is served by itself.
        ServiceName::Portal => return Ok(()),
    };
    services.add(ctx, name, routes);
    Ok(())
}

async fn serve_pages(
    shutdown: CancellationToken,
    clients: zhijian_platform::Clients,
    listener: TcpListener,
) -> Result<(), StartError> {
    let serving = axum::serve(listener, zhijian_portal::served_on(clients))
        .with_graceful_shutdown(shutdown.clone().cancelled_owned());
    server::within_grace(&shutdown, serving.into_future())
        .await
        .map_err(|error| StartError::Service { what: "the pages".to_owned(), source: error.into() })
}

async fn close(ctx: &Context) {
    ctx.tasks.close();
    if tokio::time::timeout(server::GRACE, ctx.tasks.wait()).await.is_err() {
        tracing::warn!("background work still running was dropped; it will be taken up at the next start");
    }
    ctx.db.close().await;
}

/// Asks for the end at the first signal; a second one ends the process at once.
async fn stop_on_signal(shutdown: CancellationToken) {
    signal().await;
    eprintln!("正在停止，处理中的请求最多再等 {0} 秒 / stopping within {0} s", server::GRACE.as_secs());
    shutdown.cancel();
    signal().await;
    std::process::exit(130);
}

async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        else {
            let _ = interrupt.await;
            return;
        };
        tokio::select! {
            _ = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}

/// Shows progress: one moving line on a terminal, one line a step elsewhere.
#[derive(Default)]
pub struct Ticker {
    last: Mutex<String>,
}

impl Ticker {
    /// Shows where the load is.
    pub fn show(&self, progress: &demo::Progress) {
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let line = format!("{} {}/{}", progress.step, progress.done, progress.total);
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[2K{line}");
            let _ = std::io::stderr().flush();
        } else if *last != progress.step {
            eprintln!("{}", progress.step);
        }
        progress.step.clone_into(&mut last);
    }

    /// Ends the moving line.
    pub fn finish(&self) {
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[2K");
        }
    }
}
