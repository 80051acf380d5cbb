//! What a process is given, and what its services receive.

use std::{collections::HashMap, io, path::PathBuf, sync::Arc};

use sea_orm::DbErr;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Assistant, Calendar, Clients, Credential, Db, Keys, Lang, Objects,
    authz::Authority,
    keys::write_secret,
    operations::Operations,
    rules::{RulesDir, RulesError},
    token::Tokens,
};

/// How a process is set up. Every field has a default that suits the embedded way of running.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The directory of the database, keys and files; made if it is not there.
    pub data: PathBuf,
    /// PostgreSQL's address; SQLite under `data` if absent.
    pub database_url: Option<String>,
    /// Where files are kept: a directory, or `s3://bucket/prefix`; `objects` under `data` if absent.
    pub objects: Option<String>,
    /// A directory whose rule files come before the shipped ones.
    pub rules: Option<PathBuf>,
    /// Addresses of services that run elsewhere, by name.
    pub upstreams: HashMap<&'static str, String>,
    /// The file of the key that all services share; `service.key` under `data` if absent.
    pub service_key: Option<PathBuf>,
    /// The code that opens the first account; made and kept under `data` if absent.
    pub set_up_code: Option<String>,
    /// The mail server; nothing is mailed if absent.
    pub mail: Option<Mail>,
    /// The language model that is asked for suggestions; none is if absent.
    pub assistant: Option<Assistant>,
}

/// How mail leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The server: `smtp://user:password@host:port`, `smtps://…`, or with `?tls=required` for STARTTLS.
    pub server: String,
    /// The sender's address.
    pub from: String,
    /// How long the server may take to answer.
    pub timeout: std::time::Duration,
}

/// Why a process could not start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot use the data directory {}: choose another with --data, or make it writable", path.display())]
    Data { path: PathBuf, source: io::Error },
    #[error(
        "cannot open the database: check that ZHIJIAN_DATABASE_URL is right and that the database answers"
    )]
    Database(#[source] DbErr),
    #[error("cannot use the rules")]
    Rules(#[from] RulesError),
    #[error("cannot keep files in {place}: {detail}")]
    Objects { place: String, detail: String },
    #[error("cannot send mail like this: {detail}")]
    Mail { detail: String },
    #[error("cannot ask a language model like this: {detail}")]
    Assistant { detail: String },
    #[error("the database lacks migrations: run `zhijian migrate` first")]
    NotMigrated,
    #[error("the address of the {service} service is not a URL: expected http://host:port")]
    Address { service: String, source: tonic::transport::Error },
    #[error("cannot listen on {address}: another program may be using the port; choose another address")]
    Listen { address: String, source: io::Error },
    #[error("{what} could not start")]
    Service { what: String, source: Box<dyn std::error::Error + Send + Sync> },
}

/// What a service receives. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The database.
    pub db: Db,
    /// The other services, called as this one.
    pub clients: Clients,
    /// Issues and verifies tokens.
    pub tokens: Tokens,
    /// The keys of the installation.
    pub keys: Arc<Keys>,
    /// The files that people bring.
    pub objects: Objects,
    /// Long-running work.
    pub operations: Operations,
    /// The working days.
    pub calendar: Arc<Calendar>,
    /// The policies.
    pub authority: Arc<Authority>,
    /// Tasks to wait for at shutdown.
    pub tasks: TaskTracker,
    /// Cancelled when the process is to stop.
    pub shutdown: CancellationToken,
    /// How mail leaves; nothing is mailed if absent.
    pub mail: Option<Mail>,
    /// The language model that is asked for suggestions; none is if absent.
    pub assistant: Option<Assistant>,
    rules: RulesDir,
    set_up_code: Arc<str>,
}

impl Context {
    /// Opens the database, keys and policies. `holds_identity` says whether this process runs the identity service and
    /// so holds the key of people's tokens.
    ///
    /// # Errors
    /// [`StartError`], before anything is served. Only files under the data directory are made.
    pub async fn open(config: &Config, holds_identity: bool) -> Result<Self, StartError> {
        let rules = RulesDir::new(config.rules.clone());
        let authority = Arc::new(Authority::load(&rules)?);
        let calendar = Arc::new(Calendar::load(&rules)?);
        let clients = Clients::new();
        for (service, address) in &config.upstreams {
            clients
                .connect(service, address.clone())
                .map_err(|source| StartError::Address { service: (*service).to_owned(), source })?;
        }
        let in_data = |source| StartError::Data { path: config.data.clone(), source };
        // A database elsewhere is tried first, so that a wrong address leaves nothing behind.
        let remote = match &config.database_url {
            Some(url) => Some(Db::postgres(url).await.map_err(StartError::Database)?),
            None => None,
        };
        std::fs::create_dir_all(&config.data).map_err(in_data)?;
        let token_file = holds_identity.then(|| config.data.join("token.key"));
        let service_file = config.service_key.clone().unwrap_or_else(|| config.data.join("service.key"));
        let keys = Arc::new(Keys::open(token_file.as_deref(), &service_file).map_err(in_data)?);
        let set_up_code = match (&config.set_up_code, holds_identity) {
            (Some(code), _) => code.clone(),
            (None, true) => read_or_make_code(&config.data.join("set-up-code")).map_err(in_data)?,
            (None, false) => String::new(),
        };
        let db = match remote {
            Some(db) => db,
            None => Db::sqlite(&config.data.join("zhijian.db")).await.map_err(StartError::Database)?,
        };
        let objects = Objects::open(config.objects.as_deref(), &config.data)?;
        let tokens = Tokens::new(keys.clone());
        Ok(Self {
            operations: Operations::new(db.clone()),
            db,
            objects,
            clients,
            tokens,
            keys,
            calendar,
            authority,
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
            mail: config.mail.clone(),
            assistant: config.assistant.clone(),
            rules,
            set_up_code: set_up_code.into(),
        })
    }

    /// The context as the service called `name` sees it: its calls to others carry its name.
    pub fn for_service(&self, name: &'static str) -> Self {
        let credential = Credential::Service { name, tokens: self.tokens.clone() };
        Self { clients: self.clients.with(credential, Lang::default()), ..self.clone() }
    }

    /// Where rule files are taken from.
    pub fn rules_dir(&self) -> &RulesDir {
        &self.rules
    }

    /// The code that opens the first account; "" in a process without the identity service.
    pub fn set_up_code(&self) -> &str {
        &self.set_up_code
    }
}

fn read_or_make_code(file: &std::path::Path) -> io::Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    write_secret(file, &crate::audit::hex(&bytes))?;
    Ok(std::fs::read_to_string(file)?.trim().to_owned())
}
