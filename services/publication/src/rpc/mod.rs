//! The gRPC services.

mod bundle;
mod convert;
mod correction;
mod diagnosis;
mod diagnosis_convert;
mod early;
mod edition;
mod federation;
mod map;
mod map_convert;
mod objection;
mod publish;
mod release;
mod table;
mod trace;

pub use bundle::Bundles;
pub use diagnosis::Diagnosis;
pub use edition::Editions;
pub use federation::Federation;
pub use map::Map;
pub use release::Releases;
pub use table::Tables;
pub use trace::Traces;

use sea_orm::ConnectionTrait;
use zhijian_platform::{Call, Context, Error, Resource};

use crate::{
    domain::release::{Signature, State},
    store::{self, release::Release, table::Source},
};

/// What the policies want to know of a release.
fn resource(year: i32, state: State) -> Resource {
    Resource::new("release", year.to_string()).public(state.is_public())
}

/// The resource of a change: whoever may make it need not know its state.
fn changed(year: i32) -> Resource {
    resource(year, State::Draft)
}

fn audit_name(year: i32) -> String {
    format!("release/{year}")
}

/// The release of `year`, if the caller may read it. To whoever may not, it does not exist.
async fn readable(call: &Call, conn: &impl ConnectionTrait, year: i32) -> Result<Release, Error> {
    match store::release::find(conn, year).await {
        Ok(release) => match call.authorise(&resource(year, release.life.state)) {
            Ok(_) => Ok(release),
            Err(_) => Err(Error::not_found("release", year)),
        },
        Err(error) => Err(error),
    }
}

/// Whether the caller may read what is not public yet.
fn is_insider(call: &Call) -> bool {
    call.may("release.read", &Resource::new("release", ""))
}

/// The caller's hand, now.
fn signature(ctx: &Context, call: &Call) -> Signature {
    Signature {
        account_id: call.actor_id(),
        name: call.display_name().to_owned(),
        time: ctx.db.clock().now(),
    }
}

/// What of a release is to be read, and whether the public may not read it yet.
struct Reading {
    release: Release,
    source: Source,
    early: bool,
}

/// Finds out what `version` and `draft` of a request mean: a version that was published, those that the public reads,
/// or those that were compiled last.
///
/// # Errors
/// NOT_FOUND if there is no such version, or it is not public and the caller may not see it.
async fn reading(
    call: &Call,
    conn: &impl ConnectionTrait,
    year: i32,
    version: i32,
    draft: bool,
) -> Result<Reading, Error> {
    let release = readable(call, conn, year).await?;
    let life = &release.life;
    let source = match (version, draft) {
        (0, true) if is_insider(call) => Source::Working,
        (0, false) if life.version == 0 => Source::Working,
        (0, false) => Source::Version(life.version),
        (number, false) if number > 0 => {
            Source::Version(store::version::find(conn, year, number.unsigned_abs()).await?.number)
        }
        _ => return Err(Error::not_found("version", format_args!("{year}/{version}"))),
    };
    // What is compiled for a correction is as little public as a draft.
    let early = source == Source::Working && (life.version > 0 || !life.state.is_public());
    Ok(Reading { release, source, early })
}
