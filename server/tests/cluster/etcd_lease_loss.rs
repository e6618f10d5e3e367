//! A lease that is lost and an entry that somebody deletes are made good.

use etcd_client::{Client, KeyValue};
use pitaya_server::cluster::{Discovery, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::etcd::Etcd;
use crate::support::roll::PATIENCE;

const KEY: &str = "pitaya/servers/gate/g1";

#[tokio::test]
async fn a_lost_lease_is_replaced_and_the_id_stays() {
    let etcd = Etcd::start().await;
    let gate = EtcdDiscovery::new(etcd.config());
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut client = etcd.client().await;
    let first = until_entered_after(&mut client, 0).await;
    client
        .lease_revoke(first.lease())
        .await
        .expect("it is revoked");
    let second = until_entered_after(&mut client, first.mod_revision()).await;
    assert_ne!(second.lease(), first.lease());
    assert_eq!(second.value(), first.value());
    // The new lease is the one that is ended.
    gate.leave().await;
    let left = client.get(KEY, None).await.expect("an answer");
    assert!(left.kvs().is_empty());
}

#[tokio::test]
async fn an_entry_that_somebody_deletes_is_made_again() {
    let etcd = Etcd::start().await;
    let gate = EtcdDiscovery::new(etcd.config());
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut client = etcd.client().await;
    let first = until_entered_after(&mut client, 0).await;
    client.delete(KEY, None).await.expect("a deletion");
    let second = until_entered_after(&mut client, first.mod_revision()).await;
    assert_eq!(second.lease(), first.lease());
    assert!(gate.is_up());
}

/// Waits until the server is entered by a later change than that.
async fn until_entered_after(client: &mut Client, revision: i64) -> KeyValue {
    let entered = async {
        loop {
            let found = client.get(KEY, None).await.expect("an answer");
            let new = |entry: &&KeyValue| entry.mod_revision() > revision;
            if let Some(entry) = found.kvs().iter().find(new) {
                return entry.clone();
            }
        }
    };
    let entered = tokio::time::timeout(PATIENCE, entered).await;
    entered.expect("it is entered again")
}
