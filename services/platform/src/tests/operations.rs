use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures::StreamExt;
use serde_json::json;
use tonic::Request;
use zhijian_proto::common::v1::{
    Operation, WatchOperationRequest, operation::State, operation_service_server::OperationService,
};

use super::{each, grant, request_id};
use crate::{Call, Error, Lang, Principal, RoleGrant, Text, testing::TestContext, token::Identity};

async fn enqueue(test: &TestContext) -> String {
    let operations = test.ctx.operations.clone();
    let id = test
        .ctx
        .db
        .mutate(&grant(test, "acc_1"), &request_id(), &String::new(), move |tx| {
            Box::pin(async move {
                tx.audit("thing/1", json!({}));
                let operation = operations.enqueue(tx, "test.work", "thing/1", b"payload".to_vec()).await?;
                Ok(operation.operation_id)
            })
        })
        .await
        .unwrap();
    test.ctx.operations.wake();
    id
}

async fn watch(test: &TestContext, operation_id: String) -> Vec<Operation> {
    let identity = Identity {
        account_id: "acc_1".to_owned(),
        display_name: String::new(),
        roles: vec![RoleGrant { role: "publisher".to_owned(), organisation: "9011000001".to_owned() }],
    };
    let mut request = Request::new(WatchOperationRequest { operation_id });
    request.extensions_mut().insert(Call::new(
        Principal::Account(identity),
        "operation.read",
        test.ctx.authority.clone(),
        Lang::Zh,
    ));
    let stream = test.ctx.operations.watch_operation(request).await.unwrap().into_inner();
    stream.map(|message| message.unwrap().operation.unwrap()).collect().await
}

#[tokio::test]
async fn work_reports_progress_to_its_end() {
    each(|test| async move {
        test.ctx.operations.handle("test.work", |job| async move {
            assert_eq!(job.payload, b"payload");
            job.progress(1, 2, Text::new("一", "one")).await?;
            job.progress(2, 2, Text::new("二", "two")).await
        });
        let worker = tokio::spawn(test.ctx.operations.clone().work_until(test.ctx.shutdown.clone()));
        let operation_id = enqueue(&test).await;
        let seen = watch(&test, operation_id).await;
        let last = seen.last().unwrap();
        assert_eq!((last.state(), last.done, last.total), (State::Succeeded, 2, 2));
        assert!(last.end_time.is_some());
        test.ctx.shutdown.cancel();
        worker.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn failed_work_says_why() {
    each(|test| async move {
        test.ctx.operations.handle("test.work", |_| async {
            Err(Error::illegal_state("table/2-1", "缺少 2-1 的数据", "the data of 2-1 is missing"))
        });
        let worker = tokio::spawn(test.ctx.operations.clone().work_until(test.ctx.shutdown.clone()));
        let operation_id = enqueue(&test).await;
        let seen = watch(&test, operation_id).await;
        let last = seen.last().unwrap();
        assert_eq!((last.state(), last.note_zh.as_str()), (State::Failed, "缺少 2-1 的数据"));
        test.ctx.shutdown.cancel();
        worker.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn work_that_a_dead_worker_left_is_taken_up() {
    use sea_orm::ConnectionTrait;
    each(|test| async move {
        let operation_id = enqueue(&test).await;
        // What a process that was killed leaves behind: running, with a lease that has run out.
        test.ctx
            .db
            .writer
            .connection()
            .execute_unprepared(
                "UPDATE platform_operation SET state = 'running', lease_until = '2020-01-01T00:00:00+00:00'",
            )
            .await
            .unwrap();
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = runs.clone();
        test.ctx.operations.handle("test.work", move |_| {
            let counted = counted.clone();
            async move {
                counted.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        });
        let workers: Vec<_> = (0..2)
            .map(|_| tokio::spawn(test.ctx.operations.clone().work_until(test.ctx.shutdown.clone())))
            .collect();
        let seen = watch(&test, operation_id).await;
        assert_eq!(seen.last().unwrap().state(), State::Succeeded);
        test.ctx.shutdown.cancel();
        for worker in workers {
            worker.await.unwrap();
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1, "of two workers, one did it");
    })
    .await;
}
