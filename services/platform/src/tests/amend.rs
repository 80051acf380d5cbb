use std::sync::Arc;

use futures::future::join_all;
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;
use tokio::sync::oneshot;

use super::{each, entries, grant, grant_for, request_id};
use crate::{
    Error, Grant, Resource,
    amend::{Amendment, Plan, Query, Script},
    testing::TestContext,
};

const QUERY: Query = Query {
    columns: &[("id", "bigint")],
    postgres: "SELECT value, version FROM counter WHERE counter.id = asked.id",
    sqlite: "SELECT value, version FROM counter WHERE id = $1",
};

static SCRIPT: Script = Script {
    columns: &[("id", "bigint"), ("old_version", "bigint"), ("new_value", "bigint")],
    postgres: "guard AS (UPDATE counter SET value = change.new_value, version = version + 1 FROM change \
               WHERE counter.id = change.id AND version = old_version RETURNING change.*), \
               history AS (INSERT INTO counter_history (id, value) SELECT id, new_value FROM guard)",
    sqlite_guard: "UPDATE counter SET value = $3, version = version + 1 WHERE id = $1 AND version = $2",
    sqlite_rest: "INSERT INTO counter_history (id, value) VALUES ($1, $3)",
};

/// A table that is amended, beside its history.
async fn tables(test: &TestContext) {
    test.ctx
        .db
        .mutate(&grant(test, "acc_1"), &request_id(), &String::new(), |tx| {
            Box::pin(async move {
                for sql in [
                    "CREATE TABLE counter (id BIGINT PRIMARY KEY, value BIGINT NOT NULL CHECK (value < 1000), \
                     version BIGINT NOT NULL)",
                    "CREATE TABLE counter_history (id BIGINT NOT NULL, value BIGINT NOT NULL)",
                    "INSERT INTO counter (id, value, version) \
                     VALUES (1, 0, 1), (2, 0, 1), (3, 0, 1), (4, 0, 1), (5, 0, 1), (6, 0, 1)",
                ] {
                    tx.conn().execute_unprepared(sql).await?;
                }
                tx.unchanged();
                Ok(String::new())
            })
        })
        .await
        .expect("made");
}

/// Adds to a counter; answers its new value.
async fn add(
    test: &TestContext,
    grant: &Grant,
    request_id: &str,
    id: i64,
    amount: i64,
) -> Result<i64, Error> {
    let plan = Plan { query: QUERY, parameters: vec![id.into()], script: &SCRIPT };
    test.ctx
        .db
        .amend(grant, request_id, &format!("{id}+{amount}"), plan, move |row, _| {
            let value: Option<i64> = row.try_get("", "value")?;
            let value = value.ok_or_else(|| Error::not_found("counter", id))? + amount;
            let version: i64 = row.try_get("", "version")?;
            Ok(Amendment {
                values: vec![id.into(), version.into(), value.into()],
                resource: format!("counter/{id}"),
                detail: json!({ "value": value }),
                response: value,
            })
        })
        .await
}

async fn history(test: &TestContext, id: i64) -> Vec<i64> {
    let sql = format!("SELECT value FROM counter_history WHERE id = {id} ORDER BY value");
    let statement = sea_orm::Statement::from_string(test.ctx.db.backend(), sql);
    let rows = test.ctx.db.reader().query_all_raw(statement).await.expect("read");
    rows.into_iter().map(|row| row.try_get("", "value").expect("a number")).collect()
}

#[tokio::test]
async fn many_amend_the_same_row_at_once_and_none_is_lost() {
    each(|test| async move {
        tables(&test).await;
        let before = entries(&test).await;
        let grant = Arc::new(grant(&test, "acc_1"));
        let additions = (0..48).map(|_| {
            let (test, grant) = (test.clone(), grant.clone());
            tokio::spawn(async move { add(&test, &grant, &request_id(), 1, 1).await })
        });
        let mut values: Vec<i64> =
            join_all(additions).await.into_iter().map(|added| added.unwrap().expect("added")).collect();
        values.sort();
        assert_eq!(values, (1..=48).collect::<Vec<i64>>(), "each saw what the others had done");
        assert_eq!(history(&test, 1).await, values);
        assert_eq!(entries(&test).await - before, 48, "one entry each");
    })
    .await;
}

#[tokio::test]
async fn a_repeated_amendment_answers_the_same_and_changes_nothing() {
    each(|test| async move {
        tables(&test).await;
        let grant = Arc::new(grant(&test, "acc_1"));
        let id = request_id();
        let answers = join_all((0..16).map(|_| {
            let (test, grant, id) = (test.clone(), grant.clone(), id.clone());
            tokio::spawn(async move { add(&test, &grant, &id, 1, 5).await })
        }))
        .await;
        assert!(answers.iter().all(|answer| matches!(answer, Ok(Ok(5)))), "{answers:?}");
        assert_eq!(history(&test, 1).await, [5]);
        // The same id for another request, also while the first is on its way.
        let reused = add(&test, &grant, &id, 2, 5).await.unwrap_err();
        assert!(matches!(reused, Error::RequestReused), "{reused:?}");
        let id = request_id();
        let (one, two) = tokio::join!(add(&test, &grant, &id, 1, 1), add(&test, &grant, &id, 2, 1));
        assert_eq!([&one, &two].iter().filter(|answer| answer.is_ok()).count(), 1, "{one:?} {two:?}");
        let refused = if one.is_err() { one } else { two };
        assert!(matches!(refused, Err(Error::RequestReused)), "{refused:?}");
        assert_eq!(history(&test, 1).await.len() + history(&test, 2).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_for_the_caller_to_tell_and_leaves_nothing() {
    each(|test| async move {
        tables(&test).await;
        let before = entries(&test).await;
        let missing = add(&test, &grant(&test, "acc_1"), &request_id(), 9, 1).await.unwrap_err();
        assert!(matches!(missing, Error::NotFound { .. }), "{missing:?}");
        assert_eq!((history(&test, 9).await.len(), entries(&test).await), (0, before));
    })
    .await;
}

/// The grant for one row alone.
fn row(test: &TestContext, id: i64) -> Grant {
    grant_for(test, "acc_1", Resource::new("region", id.to_string()))
}

#[tokio::test]
async fn what_one_caller_does_wrong_is_not_anothers_fault() {
    each(|test| async move {
        tables(&test).await;
        for _ in 0..10 {
            let answers = join_all((1..=6).map(|id| {
                let test = test.clone();
                let amount = if id == 4 { 5_000 } else { 1 };
                tokio::spawn(async move { add(&test, &row(&test, id), &request_id(), id, amount).await })
            }))
            .await;
            for (id, answer) in (1..).zip(answers) {
                assert_eq!(answer.expect("no panic").is_ok(), id != 4, "row {id}");
            }
        }
        for id in 1..=6 {
            let expected: Vec<i64> = if id == 4 { vec![] } else { (1..=10).collect() };
            assert_eq!(history(&test, id).await, expected, "row {id}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_resource_that_is_being_changed_holds_up_no_other() {
    each(|test| async move {
        // SQLite has one writer: whoever changes something there holds up everybody.
        if test.ctx.db.backend() != DbBackend::Postgres {
            return;
        }
        tables(&test).await;
        let (entered, inside) = oneshot::channel();
        let (leave, left) = oneshot::channel::<()>();
        let (db, held) = (test.ctx.db.clone(), row(&test, 1));
        let holder = tokio::spawn(async move {
            db.mutate(&held, &request_id(), &String::new(), move |tx| {
                Box::pin(async move {
                    let _ = entered.send(());
                    let _ = left.await;
                    tx.unchanged();
                    Ok(String::new())
                })
            })
            .await
        });
        inside.await.expect("the resource is locked");
        let waiting = {
            let test = test.clone();
            tokio::spawn(async move { add(&test, &row(&test, 1), &request_id(), 1, 5).await })
        };
        for value in 1..=10 {
            assert_eq!(add(&test, &row(&test, 2), &request_id(), 2, 1).await.expect("added"), value);
        }
        assert_eq!((waiting.is_finished(), history(&test, 1).await), (false, vec![]));
        leave.send(()).expect("the holder waits");
        holder.await.expect("no panic").expect("left");
        assert_eq!(waiting.await.expect("no panic").expect("added"), 5);
    })
    .await;
}
