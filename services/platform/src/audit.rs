//! The audit trail: entries committed with the change, then folded in order into a signed hash chain.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use ed25519_compact::{PublicKey, Signature};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, Order, QueryFilter,
    QueryOrder, QuerySelect,
};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::{Db, Error, Keys, Page};

/// How many rows one statement writes.
const ROWS_A_STATEMENT: usize = 1000;

mod entry {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "platform_audit")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub entry_id: i64,
        pub time: DateTimeUtc,
        pub account_id: String,
        pub action: String,
        pub resource: String,
        pub detail: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod seal {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "platform_seal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seal_number: i64,
        pub entry_id: i64,
        pub hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod checkpoint {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "platform_checkpoint")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seal_number: i64,
        pub hash: String,
        pub key_id: String,
        pub signature: String,
        pub time: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// How often committed entries are sealed.
const SEAL_EVERY: Duration = Duration::from_secs(2);
/// How many entries one pass seals. Each pass looks for late ones among the last [`LATE`], so that few large ones cost less.
const SEAL_BATCH: u64 = 2_000;
/// How far behind the last sealed entry a late commit may still turn up (PostgreSQL gives out numbers before it commits).
const LATE: i64 = 10_000;

/// One entry of the trail, with its place in the chain once it is sealed.
#[derive(Debug, Clone)]
pub struct Entry {
    pub entry_id: i64,
    pub time: DateTime<Utc>,
    pub account_id: String,
    pub action: String,
    pub resource: String,
    /// A JSON object.
    pub detail: String,
    /// The place in the chain and the chain's SHA-256 there.
    pub seal: Option<(i64, String)>,
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// How many entries the chain holds.
    pub sealed: u64,
    /// How many entries wait to be sealed.
    pub unsealed: u64,
    /// How many signed checkpoints were checked.
    pub checkpoints: u64,
    /// What is wrong, in words; empty if the trail is whole.
    pub faults: Vec<String>,
}

pub(crate) async fn write(
    transaction: &DatabaseTransaction,
    time: DateTime<Utc>,
    account_id: &str,
    action: &str,
    entries: Vec<(String, serde_json::Value)>,
) -> Result<(), Error> {
    if entries.is_empty() {
        return Ok(());
    }
    let rows = entries.into_iter().map(|(resource, detail)| entry::ActiveModel {
        time: Set(time),
        account_id: Set(account_id.to_owned()),
        action: Set(action.to_owned()),
        resource: Set(resource),
        detail: Set(detail.to_string()),
        ..Default::default()
    });
    // A statement takes 32,766 values on SQLite and 65,535 on PostgreSQL.
    let rows: Vec<entry::ActiveModel> = rows.collect();
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        entry::Entity::insert_many(rows.to_vec()).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// The newest entries first, all or one resource's.
///
/// # Errors
/// INVALID_ARGUMENT if the page's key is no entry number; the database's own.
pub async fn list(db: &Db, page: &Page, resource: &str) -> Result<(Vec<Entry>, String), Error> {
    let mut query = entry::Entity::find().order_by(entry::Column::EntryId, Order::Desc).limit(page.limit());
    if let Some(after) = page.after() {
        let after: i64 = after
            .parse()
            .map_err(|_| Error::invalid("page_token", "page_token 无效。", "The page_token is not valid."))?;
        query = query.filter(entry::Column::EntryId.lt(after));
    }
    if !resource.is_empty() {
        query = query.filter(entry::Column::Resource.eq(resource));
    }
    let (rows, next) = page.finish(query.all(db.reader()).await?, |row| row.entry_id.to_string());
    let ids: Vec<i64> = rows.iter().map(|row| row.entry_id).collect();
    let seals = seal::Entity::find().filter(seal::Column::EntryId.is_in(ids)).all(db.reader()).await?;
    let mut seals: HashMap<i64, (i64, String)> =
        seals.into_iter().map(|seal| (seal.entry_id, (seal.seal_number, seal.hash))).collect();
    let entries = rows
        .into_iter()
        .map(|row| Entry {
            seal: seals.remove(&row.entry_id),
            entry_id: row.entry_id,
            time: row.time,
            account_id: row.account_id,
            action: row.action,
            resource: row.resource,
            detail: row.detail,
        })
        .collect();
    Ok((entries, next))
}

/// The sealed entries after a place in the chain, in its order: every committed entry comes exactly once.
///
/// # Errors
/// The database's own.
pub async fn sealed_after(
    conn: &impl ConnectionTrait,
    seal_number: i64,
    limit: u64,
) -> Result<Vec<Entry>, Error> {
    let seals = seal::Entity::find()
        .filter(seal::Column::SealNumber.gt(seal_number))
        .order_by(seal::Column::SealNumber, Order::Asc)
        .limit(limit)
        .all(conn)
        .await?;
    let ids: Vec<i64> = seals.iter().map(|seal| seal.entry_id).collect();
    let rows = entry::Entity::find().filter(entry::Column::EntryId.is_in(ids)).all(conn).await?;
    let mut rows: HashMap<i64, entry::Model> = rows.into_iter().map(|row| (row.entry_id, row)).collect();
    Ok(seals
        .into_iter()
        .filter_map(|seal| {
            let row = rows.remove(&seal.entry_id)?;
            Some(Entry {
                entry_id: row.entry_id,
                time: row.time,
                account_id: row.account_id,
                action: row.action,
                resource: row.resource,
                detail: row.detail,
                seal: Some((seal.seal_number, seal.hash)),
            })
        })
        .collect())
}

/// Seals committed entries every two seconds until `stop`, and once more at the end.
pub async fn seal_until(db: Db, keys: Arc<Keys>, stop: CancellationToken) {
    loop {
        let stopped = tokio::time::timeout(SEAL_EVERY, stop.cancelled()).await.is_ok();
        loop {
            match seal_next(&db, &keys).await {
                Ok(0) => break,
                Ok(count) => {
                    tracing::debug!(count, "sealed audit entries");
                    // While entries keep coming, those of this moment wait for the next round.
                    if (count as u64) < SEAL_BATCH && !stopped {
                        break;
                    }
                }
                // Another replica sealed the same entries first, or the database is away: the next pass tries again.
                Err(error) => {
                    tracing::warn!(%error, "audit entries were not sealed");
                    break;
                }
            }
        }
        if stopped {
            return;
        }
    }
}

/// Seals the next batch of committed entries; answers how many.
///
/// # Errors
/// The database's own.
pub async fn seal_next(db: &Db, keys: &Keys) -> Result<usize, Error> {
    let last = seal::Entity::find().order_by(seal::Column::SealNumber, Order::Desc).one(db.reader()).await?;
    let unsealed = unsealed(db.reader(), last.as_ref().map_or(0, |seal| seal.entry_id)).await?;
    if unsealed.is_empty() {
        return Ok(0);
    }
    let count = unsealed.len();
    let (mut number, mut hash) = last.map_or((0, String::new()), |seal| (seal.seal_number, seal.hash));
    let mut rows = Vec::with_capacity(count);
    for entry in unsealed {
        number += 1;
        hash = link(&hash, &entry);
        rows.push(seal::ActiveModel {
            seal_number: Set(number),
            entry_id: Set(entry.entry_id),
            hash: Set(hash.clone()),
        });
    }
    let signature = hex(keys.service().sk.sign(statement(number, &hash), None).as_ref());
    let key_id = keys.service_key_id().to_owned();
    db.writer
        .write(move |transaction| {
            Box::pin(async move {
                seal::Entity::insert_many(rows).exec_without_returning(transaction).await?;
                checkpoint::Entity::insert(checkpoint::ActiveModel {
                    seal_number: Set(number),
                    hash: Set(hash),
                    key_id: Set(key_id),
                    signature: Set(signature),
                    time: Set(Utc::now()),
                })
                .exec_without_returning(transaction)
                .await?;
                Ok(())
            })
        })
        .await?;
    Ok(count)
}

async fn unsealed(reader: &impl ConnectionTrait, last_sealed: i64) -> Result<Vec<entry::Model>, Error> {
    let sealed = sea_orm::sea_query::Query::select()
        .column(seal::Column::EntryId)
        .from(seal::Entity)
        .and_where(seal::Column::EntryId.gt(last_sealed - LATE))
        .to_owned();
    Ok(entry::Entity::find()
        .filter(entry::Column::EntryId.gt(last_sealed - LATE))
        .filter(entry::Column::EntryId.not_in_subquery(sealed))
        .order_by(entry::Column::EntryId, Order::Asc)
        .limit(SEAL_BATCH)
        .all(reader)
        .await?)
}

/// Walks the whole chain and its checkpoints.
///
/// # Errors
/// The database's own; what is wrong with the trail is not an error but a fault in the answer.
pub async fn verify(db: &Db, public_key: &PublicKey) -> Result<Verification, Error> {
    let mut faults = Vec::new();
    let (mut number, mut hash) = (0_i64, String::new());
    let mut checkpoints = 0;
    loop {
        let seals = seal::Entity::find()
            .filter(seal::Column::SealNumber.gt(number))
            .order_by(seal::Column::SealNumber, Order::Asc)
            .limit(SEAL_BATCH)
            .all(db.reader())
            .await?;
        if seals.is_empty() {
            break;
        }
        let entries: HashMap<i64, entry::Model> = entry::Entity::find()
            .filter(entry::Column::EntryId.is_in(seals.iter().map(|seal| seal.entry_id)))
            .all(db.reader())
            .await?
            .into_iter()
            .map(|entry| (entry.entry_id, entry))
            .collect();
        let from = number;
        for seal in &seals {
            if seal.seal_number != number + 1 {
                faults.push(format!("seals {} to {} are missing", number + 1, seal.seal_number - 1));
            }
            match entries.get(&seal.entry_id) {
                None => {
                    faults.push(format!("entry {} (seal {}) is missing", seal.entry_id, seal.seal_number))
                }
                Some(entry) if link(&hash, entry) != seal.hash => {
                    faults.push(format!(
                        "entry {} does not match its seal {}",
                        seal.entry_id, seal.seal_number
                    ));
                }
                Some(_) => {}
            }
            number = seal.seal_number;
            hash.clone_from(&seal.hash);
        }
        let signed = checkpoint::Entity::find()
            .filter(checkpoint::Column::SealNumber.gt(from))
            .filter(checkpoint::Column::SealNumber.lte(number))
            .all(db.reader())
            .await?;
        for point in signed {
            checkpoints += 1;
            let sealed = seals.iter().find(|seal| seal.seal_number == point.seal_number);
            let agrees = sealed.is_some_and(|seal| seal.hash == point.hash);
            let authentic = unhex(&point.signature)
                .and_then(|bytes| Signature::from_slice(&bytes).ok())
                .is_some_and(|signature| {
                    public_key.verify(statement(point.seal_number, &point.hash), &signature).is_ok()
                });
            if !agrees || !authentic {
                faults.push(format!("checkpoint {} is not what was signed", point.seal_number));
            }
        }
    }
    let unsealed = unsealed(db.reader(), number).await?.len() as u64;
    Ok(Verification { sealed: number.unsigned_abs(), unsealed, checkpoints, faults })
}

/// The chain's hash after `entry`. Every field is length-prefixed, so that no two entries hash alike.
fn link(previous: &str, entry: &entry::Model) -> String {
    let mut sha = Sha256::new();
    let time = entry.time.timestamp_millis().to_string();
    let id = entry.entry_id.to_string();
    for part in [previous, &id, &time, &entry.account_id, &entry.action, &entry.resource, &entry.detail] {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part.as_bytes());
    }
    format!("{:x}", sha.finalize())
}

fn statement(number: i64, hash: &str) -> String {
    format!("zhijian audit {number} {hash}")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    (text.len().is_multiple_of(2) && text.is_ascii())
        .then(|| (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect())
        .flatten()
}
