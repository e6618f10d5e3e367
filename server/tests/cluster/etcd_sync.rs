//! The list is compared with etcd as a whole again and again, and so is this server's own entry.

use std::time::Duration;

use pitaya_server::cluster::{Discovery, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::etcd::Etcd;
use crate::support::roll::{PATIENCE, until_listed};

#[tokio::test]
async fn an_entry_that_somebody_overwrites_is_put_right() {
    let etcd = Etcd::start().await;
    let mut config = etcd.config();
    config.sync_interval = Duration::from_millis(200);
    let gate = EtcdDiscovery::new(config);
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut client = etcd.client().await;
    client
        .put("pitaya/servers/gate/g1", "hello", None)
        .await
        .expect("a put");
    let right = Member::new("gate", "g1").to_json();
    let put_right = async {
        loop {
            let found = client.get("pitaya/servers/gate/g1", None).await;
            let found = found.expect("an answer");
            if found.kvs()[0].value() == right.as_bytes() {
                return found.kvs()[0].lease();
            }
            // It is an entry to look at; there is nothing to wait for.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let lease = tokio::time::timeout(PATIENCE, put_right).await;
    assert_ne!(lease.expect("it is put right"), 0);
}

#[tokio::test]
async fn events_go_on_between_comparisons() {
    let etcd = Etcd::start().await;
    let mut config = etcd.config();
    config.sync_interval = Duration::ZERO;
    let gate = EtcdDiscovery::new(config);
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut seen = gate.members();
    let mut client = etcd.client().await;
    let value = Member::new("room", "r1").to_json();
    // Some of them fall into a comparison.
    for _ in 0..20 {
        let put = client.put("pitaya/servers/room/r1", value.clone(), None);
        put.await.expect("a put");
        until_listed(&mut seen, &["g1", "r1"]).await;
        let delete = client.delete("pitaya/servers/room/r1", None);
        delete.await.expect("a deletion");
        until_listed(&mut seen, &["g1"]).await;
    }
}
