use sea_orm::ConnectionTrait;

use super::{each, grant, note, request_id};
use crate::audit::{seal_next, verify};

#[tokio::test]
async fn the_chain_proves_what_was_written_and_shows_any_change() {
    each(|test| async move {
        let grant = grant(&test, "acc_1");
        for i in 0..5 {
            note(&test, &grant, &request_id(), &i.to_string()).await.unwrap();
        }
        let (db, keys) = (&test.ctx.db, &test.ctx.keys);
        assert_eq!(seal_next(db, keys).await.unwrap(), 5);
        note(&test, &grant, &request_id(), "later").await.unwrap();
        let whole = verify(db, &keys.service().pk).await.unwrap();
        assert_eq!((whole.sealed, whole.unsealed, whole.checkpoints), (5, 1, 1));
        assert!(whole.faults.is_empty(), "{:?}", whole.faults);
        assert_eq!(seal_next(db, keys).await.unwrap(), 1);
        assert_eq!(seal_next(db, keys).await.unwrap(), 0);

        let writer = db.writer.connection();
        writer
            .execute_unprepared("UPDATE platform_audit SET account_id = 'acc_9' WHERE entry_id = 3")
            .await
            .unwrap();
        let changed = verify(db, &keys.service().pk).await.unwrap();
        assert!(changed.faults.iter().any(|fault| fault.contains("entry 3")), "{:?}", changed.faults);
        writer
            .execute_unprepared("UPDATE platform_audit SET account_id = 'acc_1' WHERE entry_id = 3")
            .await
            .unwrap();
        assert!(verify(db, &keys.service().pk).await.unwrap().faults.is_empty());

        writer.execute_unprepared("DELETE FROM platform_audit WHERE entry_id = 2").await.unwrap();
        let removed = verify(db, &keys.service().pk).await.unwrap();
        assert!(removed.faults.iter().any(|fault| fault.contains("entry 2")), "{:?}", removed.faults);
    })
    .await;
}

#[tokio::test]
async fn a_checkpoint_signed_by_another_key_is_a_fault() {
    each(|test| async move {
        note(&test, &grant(&test, "acc_1"), &request_id(), "x").await.unwrap();
        seal_next(&test.ctx.db, &test.ctx.keys).await.unwrap();
        let other = ed25519_compact::KeyPair::generate();
        let result = verify(&test.ctx.db, &other.pk).await.unwrap();
        assert_eq!(result.faults.len(), 1, "{:?}", result.faults);
    })
    .await;
}
