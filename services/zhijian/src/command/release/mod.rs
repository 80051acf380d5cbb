//! Published releases as signed bundles: fetched, checked, taken in by a higher level.

mod ingest;
mod verify;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use zhijian_platform::Clients;
use zhijian_proto::publication::v1::GetBundleRequest;
use zhijian_publication::bundle;

#[derive(Subcommand)]
pub enum Release {
    /// Fetch the signed bundle of a published release into a new directory
    Bundle(Fetch),
    /// Check a bundle (a directory or a ZIP file): signature, sums, every table and grade computed again;
    /// exit 0 if it holds, 1 if it does not, 2 if it cannot be checked
    Verify(verify::Arguments),
    /// Take a region's bundle in, for the roll-up of several regions
    Ingest(ingest::Arguments),
}

/// Which bundle, from where to where.
#[derive(Args)]
pub struct Fetch {
    /// The year of the release
    #[arg(long)]
    year: i32,
    /// The version; the one that stands if absent
    #[arg(long, default_value_t = 0)]
    version: i32,
    /// The directory to make
    #[arg(long)]
    out: PathBuf,
    /// The publication service's address
    #[arg(long, env = "ZHIJIAN_PUBLICATION_URL", default_value = "http://127.0.0.1:50051")]
    publication_url: String,
}

/// Does what was asked for.
///
/// # Errors
/// If a service refuses or a file cannot be used.
pub async fn run(asked: Release) -> anyhow::Result<ExitCode> {
    match asked {
        Release::Bundle(wanted) => fetch(&wanted).await?,
        Release::Verify(arguments) => return Ok(verify::run(&arguments)),
        Release::Ingest(arguments) => ingest::run(&arguments).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn fetch(wanted: &Fetch) -> anyhow::Result<()> {
    let out = &wanted.out;
    anyhow::ensure!(
        !out.exists(),
        "{} is there already; a bundle is written into a new directory",
        out.display()
    );
    let clients = Clients::at([("publication", wanted.publication_url.clone())])
        .context("the address is not a URL: http://host:port")?;
    let request = GetBundleRequest { year: wanted.year, version: wanted.version };
    let mut parts = clients.bundles().get_bundle(request).await.map_err(told)?.into_inner();
    let mut archive = Vec::new();
    while let Some(part) = parts.message().await.map_err(told)? {
        archive.extend(part.part);
    }
    let files = bundle::unpack(&archive).context("what came is no bundle")?;
    write(out, &files)?;
    println!("{}: {} files", out.display(), files.len());
    Ok(())
}

/// Writes a bundle beside its place and moves it there, so that half a bundle is never taken for one.
fn write(out: &Path, files: &bundle::Files) -> anyhow::Result<()> {
    let name = out.file_name().context("the directory has no name")?.to_string_lossy();
    let half = out.with_file_name(format!(".{name}.part"));
    if half.exists() {
        fs::remove_dir_all(&half).with_context(|| format!("cannot clear {}", half.display()))?;
    }
    for (path, content) in files {
        let place = half.join(path);
        let folder = place.parent().unwrap_or(&half);
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&place, content).with_context(|| format!("cannot write {}", place.display()))?;
    }
    fs::rename(&half, out).with_context(|| format!("cannot make {}", out.display()))
}

/// A refusal in words.
fn told(status: tonic::Status) -> anyhow::Error {
    anyhow::anyhow!("{}", status.message())
}
