//! The gRPC services.

mod convert;
mod edition;
mod release;
mod table;
mod trace;

pub use edition::Editions;
pub use release::Releases;
pub use table::Tables;
pub use trace::Traces;

use zhijian_platform::{Call, Error, Resource};

use crate::{domain::release::State, store};

/// What the policies want to know of a release.
fn resource(year: i32, state: State) -> Resource {
    Resource::new("release", year.to_string()).public(state.is_public())
}

/// The release of `year`, if the caller may read it. To whoever may not, it does not exist.
async fn readable(
    call: &Call,
    conn: &impl sea_orm::ConnectionTrait,
    year: i32,
) -> Result<store::release::Release, Error> {
    match store::release::find(conn, year).await {
        Ok(release) => match call.authorise(&resource(year, release.state)) {
            Ok(_) => Ok(release),
            Err(_) => Err(Error::not_found("release", year)),
        },
        Err(error) => Err(error),
    }
}
