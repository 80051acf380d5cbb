//! The gRPC services: authorise, parse into domain types, call, answer. No rules here.

mod catalogue;
mod convert;
mod cycle;
mod errors;
mod programme;
mod submission;
mod upstream;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tonic::service::Routes;
use zhijian_platform::{Call, Context, Error};
use zhijian_proto::submission::v1::{
    catalogue_service_server::CatalogueServiceServer, cycle_service_server::CycleServiceServer,
    programme_service_server::ProgrammeServiceServer, submission_service_server::SubmissionServiceServer,
};

use crate::{
    domain::catalogue::{Catalogue, Catalogues},
    store::{cycle as cycles, event::Deed},
};

/// The largest request taken: a section of 200,000 characters, or 2,000 programmes, with room to spare.
const MAX_REQUEST: usize = 8 * 1024 * 1024;

/// What answers the RPCs of this service.
#[derive(Clone)]
struct Rpc {
    ctx: Context,
    catalogues: Arc<Catalogues>,
}

impl Rpc {
    /// The rules in force in a cycle.
    fn catalogue(&self, cycle: &cycles::Model) -> Result<Arc<Catalogue>, Error> {
        catalogue_of(&self.catalogues, cycle)
    }

    /// The cycle of a year.
    async fn cycle(&self, year: i32) -> Result<cycles::Model, Error> {
        cycles::find(self.ctx.db.reader(), year).await?.ok_or_else(|| Error::not_found("cycle", year))
    }
}

fn catalogue_of(catalogues: &Catalogues, cycle: &cycles::Model) -> Result<Arc<Catalogue>, Error> {
    let year = cycle.catalogue_year;
    catalogues.get(year).cloned().ok_or_else(|| {
        Error::illegal_state(
            format!("catalogue/{year}"),
            format!("{} 年度使用的 {year} 年指标目录已不在规则目录中，请管理员恢复。", cycle.year),
            format!(
                "The catalogue of {year}, used by {}, is gone from the rules directory; put it back.",
                cycle.year
            ),
        )
    })
}

/// Who acts, for the events of a change.
#[derive(Debug, Clone)]
struct Actor {
    action: String,
    account_id: String,
    account_name: String,
}

impl Actor {
    fn of(call: &Call) -> Self {
        Self {
            action: call.action().to_owned(),
            account_id: call.actor_id(),
            account_name: call.display_name().to_owned(),
        }
    }

    fn at(self, time: DateTime<Utc>) -> Deed {
        let Self { action, account_id, account_name } = self;
        Deed { action, account_id, account_name, time }
    }
}

/// The services, ready to be served.
pub fn routes(ctx: &Context, catalogues: Catalogues) -> Routes {
    let rpc = Rpc { ctx: ctx.clone(), catalogues: Arc::new(catalogues) };
    Routes::new(CycleServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(CatalogueServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(ProgrammeServiceServer::new(rpc.clone()).max_decoding_message_size(MAX_REQUEST))
        .add_service(SubmissionServiceServer::new(rpc).max_decoding_message_size(MAX_REQUEST))
}
