//! The command line: what can be asked for, and how an error is told.

use std::{collections::HashMap, net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};
use zhijian_platform::{Assistant, Config, Mail, telemetry};

use crate::{command, run};

/// How long a mail server may take to answer.
const MAIL_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(30);
/// How long a language model may take to answer.
const ASSISTANT_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(25);

const EXAMPLES: &str = "\
Examples / 示例:
  zhijian demo                              a demonstration region on http://127.0.0.1:8080
  zhijian serve --data /srv/zhijian         everything in one process, on SQLite
  zhijian migrate                           bring the database up to date, then exit
  zhijian serve review                      one service; the others by ZHIJIAN_…_URL
  zhijian check report.docx                 proofread a report on this machine; see zhijian check --help
  zhijian audit verify --data /srv/zhijian  prove that the audit trail is whole
  zhijian release verify zhijian-2025-v1    check a published release without any server";

#[derive(Parser)]
#[command(name = "zhijian", version, about = "质鉴 Zhijian: a region's vocational-education quality year", after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a demonstration region, loading it at the first start / 演示
    Demo(Place),
    /// Serve the product: all of it, or one service / 运行
    Serve {
        /// The service to run alone; all of them if absent
        service: Option<ServiceName>,
        #[command(flatten)]
        place: Place,
    },
    /// Bring the database up to date, then exit / 升级数据库
    Migrate(Place),
    /// Load the demonstration region into services that run elsewhere / 装载演示数据
    LoadDemo(Remote),
    /// Proofread reports (.txt, .md, .docx, .pdf); exit 0 clean, 1 errors found, 2 unusable / 校对
    Check(command::check::Arguments),
    /// Take a published release along, check it, roll several regions up / 发布包
    #[command(subcommand)]
    Release(command::release::Release),
    /// Look after the audit trail / 审计
    #[command(subcommand)]
    Audit(Audit),
    /// Make the key that all services of an installation share
    Keygen {
        /// Where to write it; an existing key is kept
        file: PathBuf,
    },
    /// Ask a server whether it serves; exit 0 if so
    Health {
        /// http://host:port of a gRPC service, or http://host:port/healthz of the portal
        url: String,
    },
}

#[derive(Subcommand)]
enum Audit {
    /// Check the hash chain and its signatures; exit 1 if it is broken
    Verify(Place),
}

/// One of the services of the house.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ServiceName {
    Identity,
    Submission,
    Review,
    Publication,
    Portal,
}

/// Where a server keeps its data and listens.
#[derive(Args, Clone)]
pub struct Place {
    /// The directory of the database, keys and files; made if it is not there
    #[arg(long, env = "ZHIJIAN_DATA", default_value = "zhijian-data")]
    pub data: PathBuf,
    /// The address of the web pages
    #[arg(long, env = "ZHIJIAN_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The address of the gRPC services
    #[arg(long, env = "ZHIJIAN_GRPC_LISTEN", default_value = "127.0.0.1:50051")]
    pub grpc_listen: SocketAddr,
    /// PostgreSQL's address (postgres://user:password@host/database); SQLite in the data directory if absent
    #[arg(long, env = "ZHIJIAN_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Where files are kept: a directory, or s3://bucket/prefix with the usual AWS variables; objects in the data directory if absent
    #[arg(long, env = "ZHIJIAN_OBJECTS")]
    pub objects: Option<String>,
    /// A directory whose rule files (catalogues, schemes, tables, policies) come before the shipped ones
    #[arg(long, env = "ZHIJIAN_RULES")]
    pub rules: Option<PathBuf>,
    /// The file of the key that all services share; service.key in the data directory if absent
    #[arg(long, env = "ZHIJIAN_SERVICE_KEY_FILE")]
    pub service_key_file: Option<PathBuf>,
    /// The code that opens the first account; made and kept in the data directory if absent
    #[arg(long, env = "ZHIJIAN_SET_UP_CODE", hide_env_values = true)]
    pub set_up_code: Option<String>,
    /// The mail server for reminders (smtp://user:password@host:port, smtps://…); nothing is mailed if absent
    #[arg(long, env = "ZHIJIAN_SMTP", hide_env_values = true, requires = "smtp_from")]
    pub smtp: Option<String>,
    /// The sender's address of reminders
    #[arg(long, env = "ZHIJIAN_SMTP_FROM")]
    pub smtp_from: Option<String>,
    /// A language model that suggests points, never counted, behind an OpenAI-compatible address (http://host:port/v1); none is asked if absent
    #[arg(long, env = "ZHIJIAN_ASSISTANT", requires = "assistant_model")]
    pub assistant: Option<String>,
    /// Which model is asked there
    #[arg(long, env = "ZHIJIAN_ASSISTANT_MODEL")]
    pub assistant_model: Option<String>,
    /// The bearer token that the address wants; none is sent if absent
    #[arg(long, env = "ZHIJIAN_ASSISTANT_KEY", hide_env_values = true)]
    pub assistant_key: Option<String>,
    #[command(flatten)]
    pub upstreams: Upstreams,
}

/// Where the other services are, for one that runs alone.
#[derive(Args, Clone)]
pub struct Upstreams {
    /// The identity service's address (http://host:port)
    #[arg(long, env = "ZHIJIAN_IDENTITY_URL")]
    pub identity_url: Option<String>,
    /// The submission service's address
    #[arg(long, env = "ZHIJIAN_SUBMISSION_URL")]
    pub submission_url: Option<String>,
    /// The review service's address
    #[arg(long, env = "ZHIJIAN_REVIEW_URL")]
    pub review_url: Option<String>,
    /// The publication service's address
    #[arg(long, env = "ZHIJIAN_PUBLICATION_URL")]
    pub publication_url: Option<String>,
}

/// Services that run elsewhere.
#[derive(Args)]
pub struct Remote {
    #[command(flatten)]
    pub upstreams: Upstreams,
    /// The code that opens the first account
    #[arg(long, env = "ZHIJIAN_SET_UP_CODE", hide_env_values = true)]
    pub set_up_code: String,
}

impl Upstreams {
    /// The addresses given, by service.
    pub fn addresses(&self) -> HashMap<&'static str, String> {
        [
            ("identity", &self.identity_url),
            ("submission", &self.submission_url),
            ("review", &self.review_url),
            ("publication", &self.publication_url),
        ]
        .into_iter()
        .filter_map(|(name, address)| Some((name, address.clone()?)))
        .collect()
    }
}

impl Place {
    /// The platform's configuration.
    pub fn config(&self) -> Config {
        Config {
            data: self.data.clone(),
            database_url: self.database_url.clone(),
            objects: self.objects.clone(),
            rules: self.rules.clone(),
            upstreams: HashMap::new(),
            service_key: self.service_key_file.clone(),
            set_up_code: self.set_up_code.clone(),
            mail: self.smtp.clone().zip(self.smtp_from.clone()).map(|(server, from)| Mail {
                server,
                from,
                timeout: MAIL_TIMEOUT,
            }),
            assistant: self.assistant.clone().zip(self.assistant_model.clone()).map(|(address, model)| {
                Assistant { address, model, key: self.assistant_key.clone(), timeout: ASSISTANT_TIMEOUT }
            }),
        }
    }
}

/// Runs the command of this process's arguments.
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    telemetry::start(match command {
        Command::Serve { .. } | Command::Migrate(_) => "info,sqlx=warn",
        _ => "warn",
    });
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(dispatch(command)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(place) => run::demo(&place).await?,
        Command::Serve { service: None, place } => run::everything(&place).await?,
        Command::Serve { service: Some(service), place } => run::alone(service, &place).await?,
        Command::Migrate(place) => command::migrate(&place).await?,
        Command::LoadDemo(remote) => command::load_demo(&remote).await?,
        Command::Check(arguments) => return Ok(command::check::run(&arguments)),
        Command::Release(asked) => return command::release::run(asked).await,
        Command::Audit(Audit::Verify(place)) => return command::verify_audit(&place).await,
        Command::Keygen { file } => command::keygen(&file)?,
        Command::Health { url } => command::health(&url).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// One message, with its causes, and a status that is not 0.
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("zhijian: {error:#}");
    ExitCode::FAILURE
}
