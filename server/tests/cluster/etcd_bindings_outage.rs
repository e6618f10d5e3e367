//! Bindings survive a lost lease, an outage of etcd and the loss of its data.

use std::time::Duration;

use pitaya_server::cluster::{BindingError, BindingStore, EtcdBindings};

use crate::support::etcd::Etcd;
use crate::support::roll::PATIENCE;

/// Waits until the store says that the user is bound there.
async fn until_bound(store: &EtcdBindings, uid: &str, server: Option<&str>) {
    let bound = async {
        // It is an entry to look at; there is nothing to wait for.
        while store.get("gate", uid).await != Ok(server.map(str::to_owned)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, bound).await;
    let now = store.get("gate", uid).await;
    assert!(
        in_time.is_ok(),
        "{uid} is bound at {now:?} and not {server:?}"
    );
}

/// Waits until the store has seen that etcd is away.
async fn until_down(store: &EtcdBindings) {
    let down = async {
        while store.get("gate", "nobody").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, down).await;
    in_time.expect("it is noticed");
}

#[tokio::test]
async fn a_lost_lease_takes_no_binding_with_it() {
    let etcd = Etcd::start().await;
    let store = EtcdBindings::new(etcd.config());
    store.start("g1").await.expect("it starts");
    for uid in ["u1", "u2", "moved"] {
        store.put("gate", uid).await.expect("a put");
    }
    let mut client = etcd.client().await;
    let found = client
        .get("pitaya/bindings/gate/u1", None)
        .await
        .expect("an answer");
    client
        .lease_revoke(found.kvs()[0].lease())
        .await
        .expect("it is revoked");
    assert_eq!(store.get("gate", "u1").await, Ok(None));
    // Meanwhile one of them has logged in elsewhere.
    client
        .put("pitaya/bindings/gate/moved", "g2", None)
        .await
        .expect("a put");

    // The next change finds out. It is made up for.
    let refused = store.put("gate", "u3").await;
    assert!(
        matches!(refused, Err(BindingError::Down { .. })),
        "{refused:?}"
    );
    for uid in ["u1", "u2", "u3"] {
        until_bound(&store, uid, Some("g1")).await;
    }
    until_bound(&store, "moved", Some("g2")).await;
    // All of it goes with the new lease.
    store.close().await;
    let left = client
        .get("pitaya/bindings/gate/u1", None)
        .await
        .expect("an answer");
    assert!(left.kvs().is_empty());
}

#[tokio::test]
async fn users_come_and_go_while_etcd_is_away() {
    let mut etcd = Etcd::start().await;
    let store = EtcdBindings::new(etcd.config());
    store.start("g1").await.expect("it starts");
    for uid in ["stays", "goes", "returns"] {
        store.put("gate", uid).await.expect("a put");
    }
    etcd.stop();
    until_down(&store).await;
    for refused in [
        store.put("gate", "comes").await,
        store.remove_if_mine("gate", "goes").await,
        store.remove_if_mine("gate", "returns").await,
        store.put("gate", "returns").await,
        store.put("gate", "visits").await,
        store.remove_if_mine("gate", "visits").await,
    ] {
        assert!(
            matches!(refused, Err(BindingError::Down { .. })),
            "{refused:?}"
        );
    }
    etcd.restart().await;
    for uid in ["comes", "stays", "returns"] {
        until_bound(&store, uid, Some("g1")).await;
    }
    for uid in ["goes", "visits"] {
        until_bound(&store, uid, None).await;
    }
}

#[tokio::test]
async fn an_etcd_that_has_lost_its_data_is_told_everything_again() {
    let mut etcd = Etcd::start().await;
    let store = EtcdBindings::new(etcd.config());
    store.start("g1").await.expect("it starts");
    for user in 0..500 {
        store.put("gate", &user.to_string()).await.expect("a put");
    }
    etcd.stop();
    until_down(&store).await;
    etcd.lose_data();
    etcd.restart().await;
    for user in 0..500 {
        until_bound(&store, &user.to_string(), Some("g1")).await;
    }
}

#[tokio::test]
async fn more_users_leave_than_are_remembered() {
    let mut etcd = Etcd::start().await;
    let store = EtcdBindings::new(etcd.config());
    store.start("g1").await.expect("it starts");
    for uid in ["stays", "goes"] {
        store.put("gate", uid).await.expect("a put");
    }
    etcd.stop();
    until_down(&store).await;
    // With these the limit is reached.
    for user in 0..10_000 {
        let uid = user.to_string();
        assert!(store.put("gate", &uid).await.is_err());
        assert!(store.remove_if_mine("gate", &uid).await.is_err());
    }
    assert!(store.remove_if_mine("gate", "goes").await.is_err());
    etcd.restart().await;
    until_bound(&store, "goes", None).await;
    assert_eq!(store.get("gate", "stays").await, Ok(Some("g1".to_owned())));
}
