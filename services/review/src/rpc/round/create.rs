//! CreateRound: gathers the programmes that a scheme selects.

use std::collections::{HashMap, HashSet};

use serde_json::json;
use zhijian_platform::{Call, Clients, Error, Resource, Text, id, time::datetime};
use zhijian_proto::{
    common::v1::ErrorReason,
    identity::v1::Organisation,
    review::v1::{CreateRoundRequest, CreateRoundResponse},
    submission::v1::Programme,
};

use super::{
    super::{compulsory, upstream},
    Review, with_progress,
};
use crate::{
    domain::{
        entry::Entry,
        round::{Round, State},
        scheme::{Scheme, Selection},
    },
    store,
};

impl Review {
    pub(super) async fn create(
        &self,
        call: &Call,
        input: CreateRoundRequest,
    ) -> Result<CreateRoundResponse, Error> {
        let exercise = format!("{}/{}", input.cycle_year, input.scheme_code);
        let grant = call.authorise(&Resource::new("round", &exercise))?;
        let scheme = self.schemes.get(&input.scheme_code).ok_or_else(|| {
            Error::invalid(
                "scheme_code",
                format!("没有方案“{}”，可用的方案有：{}。", input.scheme_code, self.schemes.codes()),
                format!("There is no scheme {:?}; there are: {}.", input.scheme_code, self.schemes.codes()),
            )
        })?;
        let due_time = match input.due_time {
            None => None,
            Some(time) => Some(datetime(time).ok_or_else(|| {
                Error::invalid("due_time", "截止时间超出范围。", "The due time is out of range.")
            })?),
        };
        upstream::check_cycle(&self.ctx.clients, input.cycle_year).await?;
        let name = scheme.name();
        let mut round = Round {
            id: id::new("rnd"),
            cycle_year: input.cycle_year,
            scheme: scheme.clone(),
            name: Text::new(
                format!("{}年{}", input.cycle_year, name.zh),
                format!("{} {}", name.en, input.cycle_year),
            ),
            state: State::Draft,
            entry_count: 0,
            due_time,
            create_time: Default::default(),
            version: 1,
        };
        let (entries, compulsory) = self.gather(&round).await?;
        let marks = compulsory::marks(&entries, &compulsory);
        round.entry_count = i32::try_from(entries.len()).map_err(Error::internal)?;
        self.ctx
            .db
            .mutate(&grant, &input.request_id, &input, move |tx| {
                Box::pin(async move {
                    let conn = tx.conn();
                    if store::round::of_exercise(conn, round.cycle_year, round.scheme.code()).await?.is_some()
                    {
                        return Err(Error::already_exists("round", exercise));
                    }
                    if entries.is_empty() {
                        return Err(nothing_selected(&round.scheme, round.cycle_year));
                    }
                    round.create_time = tx.now();
                    store::round::insert(conn, &round).await?;
                    store::entry::insert(conn, &entries).await?;
                    let compulsory = marks.len();
                    store::compulsory::insert(conn, marks).await?;
                    tx.audit(
                        format!("round/{}", round.id),
                        json!({
                            "state": round.state.as_str(),
                            "cycle_year": round.cycle_year,
                            "scheme": round.scheme.code(),
                            "entries": round.entry_count,
                            "compulsory": compulsory,
                        }),
                    );
                    Ok(CreateRoundResponse { round: Some(with_progress(conn, &round).await?) })
                })
            })
            .await
    }

    /// The selected programmes as entries, in order of school, then code; ids follow that order.
    async fn gather(&self, round: &Round) -> Result<(Vec<Entry>, compulsory::Compulsory), Error> {
        let clients = &self.ctx.clients;
        let definition = round.scheme.definition();
        let selection = definition.selection.as_ref().ok_or_else(|| no_programmes(&round.scheme))?;
        let mut programmes = upstream::programmes(clients, selection, round.cycle_year).await?;
        let (conn, scheme) = (self.ctx.db.reader(), &round.scheme);
        let compulsory = compulsory::add(conn, clients, scheme, round.cycle_year, &mut programmes).await?;
        let (programmes, organisations) = arranged(clients, programmes).await?;
        let entries = programmes
            .iter()
            .map(|programme| {
                Ok(Entry::new(id::new("ent"), &round.id, programme, &organisations, &definition.conflicts)?)
            })
            .collect::<Result<Vec<_>, Error>>()?;
        Ok((entries, compulsory))
    }
}

/// The programmes that a scheme selects, in order of school, then code, with their schools by code.
pub async fn selected(
    clients: &Clients,
    selection: &Selection,
    year: i32,
) -> Result<(Vec<Programme>, HashMap<String, Organisation>), Error> {
    arranged(clients, upstream::programmes(clients, selection, year).await?).await
}

/// Programmes in order of school, then code, each once, with their schools by code.
async fn arranged(
    clients: &Clients,
    mut programmes: Vec<Programme>,
) -> Result<(Vec<Programme>, HashMap<String, Organisation>), Error> {
    programmes.sort_by(|left, right| key(left).cmp(&key(right)));
    // A register that changes between two pages may show a programme twice.
    let mut seen = HashSet::new();
    programmes.retain(|programme| seen.insert(programme.programme_id.clone()));
    let schools = programmes.iter().map(|programme| &programme.organisation_code);
    let organisations = upstream::organisations(clients, schools).await?;
    Ok((programmes, organisations))
}

fn key(programme: &Programme) -> (&str, &str, &str) {
    (&programme.organisation_code, &programme.code, &programme.programme_id)
}

fn no_programmes(scheme: &Scheme) -> Error {
    Error::invalid(
        "scheme_code",
        format!("“{}”不评审专业，请到“评审工作”里发起。", scheme.name().zh),
        format!("“{}” does not review programmes: start it as a procedure.", scheme.name().en),
    )
}

fn nothing_selected(scheme: &Scheme, year: i32) -> Error {
    Error::Precondition {
        reason: ErrorReason::DataMissing,
        violations: vec![zhijian_platform::Violation::new(
            "programmes",
            format!("{year} 年没有符合“{}”范围的专业，请先导入专业。", scheme.name().zh),
            format!(
                "No programme falls under “{}” in {year}: import the programmes first.",
                scheme.name().en
            ),
        )],
    }
}
