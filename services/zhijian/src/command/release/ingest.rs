//! Takes a region's bundle in, as the commission of the higher level.

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use zhijian_platform::{Clients, id};
use zhijian_proto::{
    common::v1::Text,
    identity::v1::SignInRequest,
    publication::v1::{ImportBundleRequest, TrustRegionRequest},
};
use zhijian_publication::bundle;

use super::told;

/// How many bytes a part has.
const PART: usize = 256 * 1024;

/// What to take in as whose.
#[derive(Args)]
pub struct Arguments {
    /// The bundle: the ZIP file, or its directory
    bundle: PathBuf,
    /// The region's code
    #[arg(long)]
    region: String,
    /// Trust this key for the region from now on: a file as its /keys serves it, or the key itself
    #[arg(long, requires_all = ["name_zh", "name_en"])]
    trust: Option<String>,
    /// The region's name in Chinese, with --trust
    #[arg(long)]
    name_zh: Option<String>,
    /// The region's name in English, with --trust
    #[arg(long)]
    name_en: Option<String>,
    /// The address of the services
    #[arg(long, env = "ZHIJIAN_URL", default_value = "http://127.0.0.1:50051")]
    url: String,
    /// Who signs in: an account of the commission
    #[arg(long)]
    account: String,
    /// The account's password
    #[arg(long, env = "ZHIJIAN_PASSWORD", hide_env_values = true)]
    password: String,
}

/// Signs in, trusts the key if one is given, and hands the bundle in.
///
/// # Errors
/// If a service refuses or a file cannot be used.
pub async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let services = ["identity", "publication"].map(|name| (name, arguments.url.clone()));
    let clients = Clients::at(services).context("the address is not a URL: http://host:port")?;
    let request =
        SignInRequest { sign_in_name: arguments.account.clone(), password: arguments.password.clone() };
    let token = clients.sessions().sign_in(request).await.map_err(told)?.into_inner().token;
    let clients = clients.with_token(&token);
    if let Some(key) = &arguments.trust {
        let public_key = fs::read_to_string(key).unwrap_or_else(|_| key.clone());
        let name = |given: &Option<String>| given.clone().unwrap_or_default();
        let request = TrustRegionRequest {
            request_id: id::derived_request_id(&id::new("trust")),
            code: arguments.region.clone(),
            name: Some(Text { zh: name(&arguments.name_zh), en: name(&arguments.name_en) }),
            public_key,
        };
        clients.federation().trust_region(request).await.map_err(told)?;
    }
    let archive = archive(&arguments.bundle)?;
    let head = ImportBundleRequest {
        request_id: id::derived_request_id(&id::new("import")),
        code: arguments.region.clone(),
        part: vec![],
    };
    let parts: Vec<ImportBundleRequest> = archive
        .chunks(PART)
        .map(|part| ImportBundleRequest { part: part.to_vec(), ..ImportBundleRequest::default() })
        .collect();
    let sent = futures::stream::iter([head].into_iter().chain(parts));
    let answer = clients.federation().import_bundle(sent).await.map_err(told)?.into_inner();
    for taken in answer.region.unwrap_or_default().bundles {
        println!(
            "{} {}: version {}, {} reports",
            arguments.region, taken.year, taken.version, taken.report_count
        );
    }
    Ok(())
}

/// The bundle as one file.
fn archive(place: &PathBuf) -> anyhow::Result<Vec<u8>> {
    if !fs::metadata(place).with_context(|| format!("cannot read {}", place.display()))?.is_dir() {
        return fs::read(place).with_context(|| format!("cannot read {}", place.display()));
    }
    let directory = bundle::Directory::new(place);
    let (paths, odd) = bundle::Shelf::list(&directory)?;
    anyhow::ensure!(odd.is_empty(), "{} holds links: {}", place.display(), odd.join(", "));
    let mut files = bundle::Files::new();
    for path in paths {
        let content = bundle::Shelf::read(&directory, &path)?;
        files.insert(path, content);
    }
    Ok(bundle::pack(&files)?)
}
