//! What rules speak of besides a report's own cells and sections, read from where it is kept.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use zhijian_platform::{Error, date_in_china};

use super::standing;
use crate::{
    domain::{
        catalogue::Catalogue,
        check::{Beside, PublicAddress},
        material::Material,
        value::Value,
    },
    rpc::{Rpc, peers::Peers},
    store::{cycle as cycles, handed_in, platform_value, public_address, report},
};

impl Rpc {
    /// Everything besides a report's own cells and sections that the rules of a catalogue speak of.
    pub(in crate::rpc) async fn beside(
        &self,
        row: &report::Model,
        cycle: &cycles::Model,
        (catalogue, peers): (&Catalogue, &Peers),
        (notes, material): (BTreeMap<String, String>, &Material),
    ) -> Result<Beside, Error> {
        let conn = self.ctx.db.reader();
        let speaks_of = |scope: &str| {
            catalogue.rules_of(&row.report_kind).any(|rule| rule.names().any(|name| name.starts_with(scope)))
        };
        let mut beside = Beside {
            notes,
            due: standing::situation(row, cycle)?.deadline.due.map(date_in_china),
            window_end: cycle.window_end.parse().ok(),
            ..Beside::default()
        };
        for case in &material.cases {
            *beside.cases.entry(case.section_code.clone()).or_default() += 1;
        }
        if speaks_of("platform.") {
            beside.platform =
                platform_value::of_organisation(conn, row.cycle_year, &row.organisation_code).await?;
        }
        if speaks_of("peer.") {
            beside.peers = (*peers.of(conn, catalogue, row).await?).clone();
        }
        if speaks_of("public.") {
            beside.public = self.public_address(row).await?;
        }
        if speaks_of("enterprise.") {
            for cells in handed_in::of_others(conn, row.cycle_year, &row.organisation_code).await? {
                beside.enterprise_count += 1;
                for (code, cell) in cells {
                    if let Value::Number(number) = cell.value {
                        let sum = beside.enterprises.entry(code).or_insert(Decimal::ZERO);
                        *sum = sum.saturating_add(number);
                    }
                }
            }
        }
        Ok(beside)
    }

    /// Where a report is open to the public, and the school's own site.
    async fn public_address(&self, row: &report::Model) -> Result<PublicAddress, Error> {
        let Some(given) = public_address::find(self.ctx.db.reader(), &row.submission_id).await? else {
            return Ok(PublicAddress::default());
        };
        Ok(PublicAddress {
            address: given.address,
            date: given.publish_date.parse().ok(),
            site: self.names.site(&self.ctx.clients, &row.organisation_code).await?,
        })
    }
}
