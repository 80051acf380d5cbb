//! Checks a bundle on this machine, without any server.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use zhijian_publication::bundle::{self, Directory, Fault, KeySource, PublicKey, Verified};

/// How many faults are told one by one.
const TOLD: usize = 20;

/// What to check with what.
#[derive(Args)]
pub struct Arguments {
    /// The bundle: a directory, or the ZIP file
    bundle: PathBuf,
    /// The publisher's public key: a file as /keys serves it, or the key itself. Without it the bundle's own is used, which
    /// proves only that nothing was changed since it was signed, not who signed it
    #[arg(long)]
    key: Option<String>,
}

/// Checks and tells; the exit status is 0, 1 or 2.
pub fn run(arguments: &Arguments) -> ExitCode {
    match check(arguments) {
        Ok(Ok(verified)) => {
            tell(&verified);
            ExitCode::SUCCESS
        }
        Ok(Err(faults)) => {
            eprintln!("不符合 / the bundle does NOT hold: {}", arguments.bundle.display());
            for fault in faults.iter().take(TOLD) {
                eprintln!("  {fault}");
            }
            if let Some(more) = faults.len().checked_sub(TOLD).filter(|more| *more > 0) {
                eprintln!("  … and {more} more");
            }
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("zhijian: cannot check {}: {error:#}", arguments.bundle.display());
            ExitCode::from(2)
        }
    }
}

type Outcome = Result<Verified, Vec<Fault>>;

fn check(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let key = arguments.key.as_deref().map(key).transpose()?;
    let kind = fs::metadata(&arguments.bundle)?;
    if kind.is_dir() {
        return Ok(bundle::verify(&Directory::new(&arguments.bundle), key));
    }
    let files = bundle::unpack(&fs::read(&arguments.bundle)?)?;
    Ok(bundle::verify(&files, key))
}

/// A key, or the file that holds one.
fn key(given: &str) -> anyhow::Result<PublicKey> {
    if let Ok(key) = PublicKey::parse(given) {
        return Ok(key);
    }
    let text = fs::read_to_string(given).map_err(|error| {
        anyhow::anyhow!("--key {given} is neither a key nor a file that can be read: {error}")
    })?;
    PublicKey::parse(&text).map_err(|error| anyhow::anyhow!("--key {given}: {error}"))
}

fn tell(verified: &Verified) {
    let about = &verified.about;
    println!(
        "符合 / the bundle holds: {} {} 第 {} 版 / version {}",
        about.region.zh, about.year, about.version, about.version
    );
    println!("  {}", about.title.zh);
    println!("  signed: {}", verified.comment);
    match verified.key_source {
        KeySource::Given => println!("  key {}: the one you gave", verified.key.id()),
        KeySource::Contained => println!(
            "  key {}: the bundle's own. This does not prove who signed it: compare with the publisher's /keys, or give --key",
            verified.key.id()
        ),
    }
    println!(
        "  {} files, {} bytes: every sum holds, none is missing, none is more",
        verified.files, verified.bytes
    );
    println!(
        "  {} tables and {} grades computed again from the pinned data: all the same",
        verified.tables, verified.grades
    );
}
