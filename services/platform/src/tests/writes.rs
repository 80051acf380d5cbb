use futures::future::join_all;
use serde_json::json;

use super::{each, entries, grant, note, request_id};
use crate::Error;

#[tokio::test]
async fn a_repeated_request_answers_the_same_and_changes_nothing() {
    each(|test| async move {
        let grant = grant(&test, "acc_1");
        let id = request_id();
        assert_eq!(note(&test, &grant, &id, "first").await.unwrap(), "first");
        assert_eq!(note(&test, &grant, &id, "first").await.unwrap(), "first");
        assert_eq!(entries(&test).await, 1);
        let other = note(&test, &grant, &id, "second").await.unwrap_err();
        assert!(matches!(other, Error::RequestReused), "{other:?}");
        let somebody_else = super::grant(&test, "acc_2");
        assert_eq!(note(&test, &somebody_else, &id, "second").await.unwrap(), "second");
    })
    .await;
}

#[tokio::test]
async fn the_same_request_sent_many_times_at_once_happens_once() {
    each(|test| async move {
        let grant = grant(&test, "acc_1");
        let id = request_id();
        let answers = join_all((0..32).map(|_| note(&test, &grant, &id, "once"))).await;
        assert!(
            answers.iter().all(|answer| answer.as_deref().is_ok_and(|text| text == "once")),
            "{answers:?}"
        );
        assert_eq!(entries(&test).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_failing_write_takes_nothing_with_it_and_leaves_nothing() {
    each(|test| async move {
        let grant = grant(&test, "acc_1");
        let writes = join_all((0..64).map(|i| {
            let (test, grant) = (test.clone(), grant.clone());
            async move {
                test.ctx
                    .db
                    .mutate(&grant, &request_id(), &i.to_string(), move |tx| {
                        Box::pin(async move {
                            crate::audit::write(
                                tx.conn(),
                                tx.now(),
                                "",
                                "test",
                                vec![("x".into(), json!({}))],
                            )
                            .await?;
                            match i % 4 {
                                0 => Err(Error::not_found("thing", i)),
                                1 => panic!("a fault in a handler"),
                                _ => {
                                    tx.audit("note/1", json!({}));
                                    Ok(i.to_string())
                                }
                            }
                        })
                    })
                    .await
            }
        }))
        .await;
        assert_eq!(writes.iter().filter(|write| write.is_ok()).count(), 32);
        assert_eq!(entries(&test).await, 64, "two entries of each write that stood, none of those that fell");
        assert_eq!(note(&test, &grant, &request_id(), "still here").await.unwrap(), "still here");
    })
    .await;
}

#[tokio::test]
async fn a_change_without_an_audit_entry_is_refused() {
    each(|test| async move {
        let grant = grant(&test, "acc_1");
        let silent = test
            .ctx
            .db
            .mutate(&grant, &request_id(), &String::new(), |_| Box::pin(async { Ok(String::new()) }))
            .await;
        assert!(matches!(silent, Err(Error::Internal(_))), "{silent:?}");
        let harmless = test
            .ctx
            .db
            .mutate(&grant, &request_id(), &String::new(), |tx| {
                tx.unchanged();
                Box::pin(async { Ok(String::new()) })
            })
            .await;
        assert!(harmless.is_ok(), "{harmless:?}");
    })
    .await;
}

#[tokio::test]
async fn a_request_id_that_is_no_uuid_is_refused_by_name() {
    each(|test| async move {
        let error = note(&test, &grant(&test, "acc_1"), "1", "x").await.unwrap_err();
        assert!(
            matches!(&error, Error::Invalid(violations) if violations[0].field == "request_id"),
            "{error:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn reading_connections_refuse_to_write_on_sqlite() {
    use sea_orm::ConnectionTrait;
    let tests = crate::testing::contexts().await;
    let result = tests[0].ctx.db.reader().execute_unprepared("DELETE FROM platform_audit").await;
    assert!(result.is_err());
}
