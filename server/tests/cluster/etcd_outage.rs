//! While etcd is away the servers that were known stay known; when it is back, everyone is entered with the same id.

use std::time::Duration;

use pitaya_engines::Signal;
use pitaya_server::cluster::{Discovery, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::etcd::Etcd;
use crate::support::roll::{ids, until_listed, until_up};

#[tokio::test]
async fn etcd_is_killed_and_started_again() {
    let mut etcd = Etcd::start().await;
    let mut config = etcd.config();
    config.lease_ttl = Duration::from_secs(2);
    let (gate, room) = (
        EtcdDiscovery::new(config.clone()),
        EtcdDiscovery::new(config),
    );
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    room.join(Member::new("room", "r1"))
        .await
        .expect("it joins");
    let mut seen = gate.members();
    until_listed(&mut seen, &["g1", "r1"]).await;
    seen.mark_unchanged();

    for _ in 0..2 {
        etcd.stop();
        until_up(&gate, false).await;
        until_up(&room, false).await;
        assert_eq!(ids(&seen.borrow()), ["g1", "r1"]);
        etcd.restart().await;
        until_up(&gate, true).await;
        until_up(&room, true).await;
    }
    // Nobody was told of anything.
    assert!(!seen.has_changed().expect("it goes on"));

    // It is entered, and not only remembered.
    let new = EtcdDiscovery::new(etcd.config());
    new.join(Member::new("shop", "s1")).await.expect("it joins");
    assert_eq!(ids(&new.members().borrow()), ["g1", "r1", "s1"]);
    until_listed(&mut seen, &["g1", "r1", "s1"]).await;
    room.leave().await;
    until_listed(&mut new.members(), &["g1", "s1"]).await;
}

#[tokio::test]
async fn etcd_stops_to_answer_and_goes_on_later() {
    let etcd = Etcd::start().await;
    let mut config = etcd.config();
    config.lease_ttl = Duration::from_secs(3);
    config.request_timeout = Duration::from_secs(1);
    let gate = EtcdDiscovery::new(config);
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    etcd.signal(Signal::SIGSTOP);
    until_up(&gate, false).await;
    assert_eq!(ids(&gate.members().borrow()), ["g1"]);
    etcd.signal(Signal::SIGCONT);
    until_up(&gate, true).await;
}

#[tokio::test]
async fn who_leaves_while_etcd_is_away_does_not_wait_for_it() {
    let mut etcd = Etcd::start().await;
    let mut config = etcd.config();
    // The test would end by its own patience if it was waited for.
    config.request_timeout = Duration::from_secs(600);
    let gate = EtcdDiscovery::new(config);
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    etcd.stop();
    until_up(&gate, false).await;
    gate.leave().await;
}
