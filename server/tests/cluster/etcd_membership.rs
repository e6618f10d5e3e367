//! Servers that join are listed by the others, and those that leave are not.

use pitaya_server::cluster::{Discovery, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::etcd::Etcd;
use crate::support::roll::until_listed;

#[tokio::test]
async fn who_joins_is_listed_and_who_leaves_is_not() {
    let etcd = Etcd::start().await;
    let (gate, room) = (
        EtcdDiscovery::new(etcd.config()),
        EtcdDiscovery::new(etcd.config()),
    );
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut seen = gate.members();
    // It sees itself, with the return of the join.
    assert_eq!(seen.borrow().of_type("gate").len(), 1);
    assert!(gate.is_up());

    room.join(Member::new("room", "r1"))
        .await
        .expect("it joins");
    // Who was there before is known with the return of the join.
    assert!(room.members().borrow().get("g1").is_some());
    until_listed(&mut seen, &["g1", "r1"]).await;
    assert_eq!(seen.borrow().of_type("room")[0].id, "r1");

    room.leave().await;
    assert!(!room.is_up());
    until_listed(&mut seen, &["g1"]).await;
}

#[tokio::test]
async fn a_server_that_is_dropped_leaves() {
    let etcd = Etcd::start().await;
    let gate = EtcdDiscovery::new(etcd.config());
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let room = EtcdDiscovery::new(etcd.config());
    room.join(Member::new("room", "r1"))
        .await
        .expect("it joins");
    let mut seen = gate.members();
    until_listed(&mut seen, &["g1", "r1"]).await;
    drop(room);
    until_listed(&mut seen, &["g1"]).await;
}

#[tokio::test]
async fn prefixes_are_clusters_of_their_own() {
    let etcd = Etcd::start().await;
    let mut other = etcd.config();
    other.prefix = "other/".to_owned();
    let (ours, theirs) = (EtcdDiscovery::new(etcd.config()), EtcdDiscovery::new(other));
    theirs
        .join(Member::new("room", "r1"))
        .await
        .expect("it joins");
    ours.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    until_listed(&mut ours.members(), &["g1"]).await;
}
