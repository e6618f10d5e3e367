//! Bindings of users in etcd: Go's keys and values (wire 20.2), without its race at the end of a session.

use etcd_client::LeaseTimeToLiveOptions;
use pitaya_server::cluster::{BindingError, BindingStore, EtcdBindings};

use crate::support::etcd::Etcd;

#[tokio::test]
async fn a_binding_is_written_as_go_does_it() {
    let etcd = Etcd::start().await;
    let store = EtcdBindings::new(etcd.config());
    store.start("g1").await.expect("it starts");
    store.put("connector", "u1").await.expect("a put");
    assert_eq!(
        store.get("connector", "u1").await,
        Ok(Some("g1".to_owned()))
    );
    assert_eq!(store.get("gate", "u1").await, Ok(None));

    let mut client = etcd.client().await;
    let found = client
        .get("pitaya/bindings/connector/u1", None)
        .await
        .expect("an answer");
    let entry = found.kvs().first().expect("the entry");
    assert_eq!(entry.value(), b"g1");
    let options = LeaseTimeToLiveOptions::new();
    let lease = client
        .lease_client()
        .time_to_live(entry.lease(), Some(options))
        .await;
    assert_eq!(lease.expect("an answer").granted_ttl(), 5 * 60 * 60);

    assert!(matches!(
        store.put("connector", "a/b").await,
        Err(BindingError::Name(_))
    ));
}

#[tokio::test]
async fn the_end_of_an_old_session_leaves_the_new_binding_alone() {
    let etcd = Etcd::start().await;
    let (old, new) = (
        EtcdBindings::new(etcd.config()),
        EtcdBindings::new(etcd.config()),
    );
    old.start("g1").await.expect("it starts");
    new.start("g2").await.expect("it starts");
    old.put("gate", "u1").await.expect("a put");
    new.put("gate", "u1").await.expect("a put");
    old.remove_if_mine("gate", "u1").await.expect("no fault");
    assert_eq!(old.get("gate", "u1").await, Ok(Some("g2".to_owned())));
    new.remove_if_mine("gate", "u1").await.expect("no fault");
    assert_eq!(old.get("gate", "u1").await, Ok(None));
    new.remove_if_mine("gate", "never").await.expect("no fault");
}

#[tokio::test]
async fn one_users_changes_take_effect_in_their_order() {
    let etcd = Etcd::start().await;
    let store = EtcdBindings::new(etcd.config());
    store.start("g1").await.expect("it starts");
    for _ in 0..50 {
        let _ = tokio::join!(
            biased;
            store.put("gate", "u1"),
            store.remove_if_mine("gate", "u1"),
            store.put("gate", "u1"),
            store.put("gate", "u2"),
            store.remove_if_mine("gate", "u2"),
        );
        assert_eq!(store.get("gate", "u1").await, Ok(Some("g1".to_owned())));
        assert_eq!(store.get("gate", "u2").await, Ok(None));
    }
}

#[tokio::test]
async fn a_closed_store_leaves_nothing_behind() {
    let etcd = Etcd::start().await;
    let (closed, other) = (
        EtcdBindings::new(etcd.config()),
        EtcdBindings::new(etcd.config()),
    );
    closed.start("g1").await.expect("it starts");
    other.start("g2").await.expect("it starts");
    closed.put("gate", "u1").await.expect("a put");
    other.put("gate", "u2").await.expect("a put");
    closed.close().await;
    assert_eq!(other.get("gate", "u1").await, Ok(None));
    assert_eq!(other.get("gate", "u2").await, Ok(Some("g2".to_owned())));
    assert!(matches!(
        closed.get("gate", "u2").await,
        Err(BindingError::Down { .. })
    ));
}
