//! What the peers of a report give: kept in memory by year and kind, and brought up to date by reading what changed.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rust_decimal::Decimal;
use sea_orm::ConnectionTrait;
use zhijian_platform::Error;

use crate::{
    domain::{
        catalogue::Catalogue,
        check::{PeerFigures, PeerValues},
        content::Cell,
        value::Value,
    },
    store::{handed_in, report},
};

/// The peers' figures of every year and kind asked for lately.
#[derive(Clone, Default)]
pub struct Peers(Arc<Mutex<Groups>>);

/// By year and kind.
type Groups = HashMap<(i32, String), Arc<Group>>;

/// By submission: the revision that was read, and its numbers.
type Members = HashMap<String, (i32, Arc<BTreeMap<String, Decimal>>)>;

/// The reports of a kind that were handed in, and what they give together.
#[derive(Default)]
struct Group {
    members: Members,
    figures: Arc<PeerValues>,
}

impl Peers {
    /// What the peers of a report give, the report itself among them once it is handed in. One question to the database tells
    /// whether anything changed; only revisions that were not read yet are read.
    pub async fn of(
        &self,
        conn: &impl ConnectionTrait,
        catalogue: &Catalogue,
        row: &report::Model,
    ) -> Result<Arc<PeerValues>, Error> {
        let wanted = wanted(catalogue, &row.report_kind);
        if wanted.is_empty() {
            return Ok(Arc::default());
        }
        let key = (row.cycle_year, row.report_kind.clone());
        let kept = self.kept().get(&key).cloned().unwrap_or_default();
        let now = handed_in::numbers(conn, row.cycle_year, &row.report_kind).await?;
        let known =
            |(id, number): &&(String, i32)| kept.members.get(id).is_some_and(|(read, _)| read == number);
        if now.len() == kept.members.len() && now.iter().all(|one| known(&one)) {
            return Ok(kept.figures.clone());
        }
        let fresh: Vec<String> = now.iter().filter(|one| !known(one)).map(|(id, _)| id.clone()).collect();
        let mut members: HashMap<_, _> =
            now.iter().filter_map(|(id, _)| Some((id.clone(), kept.members.get(id)?.clone()))).collect();
        for (id, number, cells) in handed_in::cells(conn, &fresh).await? {
            members.insert(id, (number, Arc::new(numbers(cells, &wanted))));
        }
        let figures = Arc::new(figures(&members, &wanted));
        self.kept().insert(key, Arc::new(Group { members, figures: figures.clone() }));
        Ok(figures)
    }

    fn kept(&self) -> MutexGuard<'_, Groups> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The indicators that rules compare with the peers'.
fn wanted(catalogue: &Catalogue, kind: &str) -> BTreeSet<String> {
    let rules = catalogue.rules_of(kind).filter(|rule| rule.names().any(|name| name.starts_with("peer.")));
    let mut wanted = BTreeSet::new();
    for rule in rules {
        if rule.indicators.is_empty() {
            wanted.extend(catalogue.reported_of(kind).map(|indicator| indicator.code.clone()));
        }
        wanted.extend(rule.indicators.iter().cloned());
    }
    wanted
}

fn numbers(cells: BTreeMap<String, Cell>, wanted: &BTreeSet<String>) -> BTreeMap<String, Decimal> {
    let number = |(code, cell): (String, Cell)| match cell.value {
        Value::Number(number) if wanted.contains(&code) => Some((code, number)),
        _ => None,
    };
    cells.into_iter().filter_map(number).collect()
}

fn figures(members: &Members, wanted: &BTreeSet<String>) -> PeerValues {
    let of = |code: &String| {
        let numbers = members.values().filter_map(|(_, numbers)| numbers.get(code).copied()).collect();
        Some((code.clone(), PeerFigures::of(numbers)?))
    };
    wanted.iter().filter_map(of).collect()
}
