//! Beginning a replay: the draft is read first, and what is wrong with it is told where it stands.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::json;
use zhijian_platform::{Call, Error, Resource, Violation, id};
use zhijian_proto::submission::v1::{StartReplayRequest, StartReplayResponse, replay::Revisions};

use super::{Lab, deep, replay::KIND, wire};
use crate::{
    domain::{
        catalogue::{Catalogue, DraftError, MAX_DRAFT, draft},
        text::{is_filled, is_storable},
    },
    store::{cycle as cycles, lab},
};

/// How many characters a name has at most.
const MAX_NAME: usize = 60;
/// How many years one replay reads.
const MAX_YEARS: usize = 10;

impl Lab {
    pub(super) async fn start(
        &self,
        call: Call,
        input: StartReplayRequest,
    ) -> Result<StartReplayResponse, Error> {
        let grant = call.authorise(&Resource::new("replay", ""))?;
        let name = input.name.trim().to_owned();
        let years: BTreeSet<i32> = input.cycle_years.iter().copied().collect();
        let mut violations = vec![];
        if !is_filled(&name, MAX_NAME) || name.contains(['\n', '\r']) {
            violations.push(Violation::new(
                "name",
                "请写 1–60 字的名称，便于日后辨认。",
                "Give it a name of 1–60 characters by which you will know it.",
            ));
        }
        self.check_years(&years, &mut violations).await?;
        let known = self.rpc.catalogues.get(input.catalogue_year).is_some();
        if !known {
            violations.push(Violation::new(
                "catalogue_year",
                format!("没有 {} 年的指标目录。", input.catalogue_year),
                format!("There is no catalogue of {}.", input.catalogue_year),
            ));
        }
        if input.rules_toml.len() > MAX_DRAFT || !is_storable(&input.rules_toml) {
            violations.push(Violation::new(
                "rules_toml",
                "草案最多 400,000 字节，且必须是文本。",
                "A draft has at most 400,000 bytes of text.",
            ));
        } else if known {
            match self.draft(input.catalogue_year, input.rules_toml.clone()).await? {
                Ok(_) => {}
                Err(violation) => violations.push(violation),
            }
        }
        if !violations.is_empty() {
            return Err(Error::Invalid(violations));
        }
        let (account_id, account_name) = (call.actor_id(), call.display_name().to_owned());
        let operations = self.rpc.ctx.operations.clone();
        let response = self
            .rpc
            .ctx
            .db
            .mutate(&grant, &input.request_id.clone(), &input.clone(), move |tx| {
                Box::pin(async move {
                    let replay_id = id::new("lab");
                    let operation = operations.enqueue(tx, KIND, &replay_id, vec![]).await?;
                    let listed: Vec<String> = years.iter().map(ToString::to_string).collect();
                    let row = lab::Model {
                        replay_id,
                        name,
                        catalogue_year: input.catalogue_year,
                        cycle_years: listed.join(","),
                        all_revisions: input.revisions() == Revisions::All,
                        rules_toml: input.rules_toml,
                        operation_id: operation.operation_id.clone(),
                        account_id,
                        account_name,
                        create_time: tx.now(),
                        end_time: None,
                        place_year: years.first().copied().unwrap_or_default(),
                        place_after: String::new(),
                        reports: 0,
                        revisions: 0,
                        left_out: 0,
                        reports_by_kind: "{}".to_owned(),
                        fires_new: 0,
                        fires_same: 0,
                        fires_gone: 0,
                    };
                    lab::insert(tx.conn(), row.clone()).await?;
                    tx.audit(
                        format!("replay/{}", row.replay_id),
                        json!({
                            "name": row.name,
                            "catalogue_year": row.catalogue_year,
                            "cycle_years": years,
                        }),
                    );
                    Ok(StartReplayResponse { replay: Some(wire::replay(row, Some(operation))) })
                })
            })
            .await?;
        self.rpc.ctx.operations.wake();
        Ok(response)
    }

    async fn check_years(&self, years: &BTreeSet<i32>, into: &mut Vec<Violation>) -> Result<(), Error> {
        if years.is_empty() || years.len() > MAX_YEARS {
            into.push(Violation::new(
                "cycle_years",
                "请选 1–10 个年度。",
                "Choose 1–10 years whose reports are replayed.",
            ));
            return Ok(());
        }
        for year in years {
            if cycles::find(self.rpc.ctx.db.reader(), *year).await?.is_none() {
                into.push(Violation::new(
                    "cycle_years",
                    format!("没有 {year} 年度。"),
                    format!("There is no cycle of {year}."),
                ));
            }
        }
        Ok(())
    }

    /// Reads a draft, away from the threads that answer requests; what is wrong with it, if anything is.
    pub(super) async fn draft(
        &self,
        year: i32,
        text: String,
    ) -> Result<Result<Arc<Catalogue>, Violation>, Error> {
        let dir = self.rpc.ctx.rules_dir().clone();
        match deep(move || draft(&dir, year, &text)).await? {
            Ok(catalogue) => Ok(Ok(Arc::new(catalogue))),
            Err(DraftError::Fault(fault)) => {
                let text = fault.text();
                Ok(Err(Violation::new("rules_toml", text.zh, text.en)))
            }
            Err(DraftError::InForce(error)) => {
                tracing::error!(%error, year, "the rules in force cannot be read any more");
                Err(Error::illegal_state(
                    format!("catalogue/{year}"),
                    format!("{year} 年现行的规则文件已无法使用，请管理员核对规则目录。"),
                    format!(
                        "The files in force of {year} cannot be used any more; have the rules directory looked at."
                    ),
                ))
            }
        }
    }
}
