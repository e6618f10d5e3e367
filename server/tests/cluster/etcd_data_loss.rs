//! etcd comes back without what it knew. All servers enter themselves again, and who does so in time was never away.

use std::time::Duration;

use pitaya_server::cluster::{Discovery, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::etcd::Etcd;
use crate::support::roll::{ids, until_listed, until_up};

#[tokio::test]
async fn who_comes_back_is_kept_and_the_others_go_when_the_hold_ends() {
    let mut etcd = Etcd::start().await;
    let mut config = etcd.config();
    config.deletion_hold = Duration::from_secs(6);
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
    // Entries of servers that do not come back by themselves.
    enter(&etcd, "late").await;
    enter(&etcd, "lost").await;
    let mut seen = gate.members();
    until_listed(&mut seen, &["g1", "late", "lost", "r1"]).await;
    seen.mark_unchanged();

    etcd.stop();
    until_up(&gate, false).await;
    until_up(&room, false).await;
    etcd.lose_data();
    etcd.restart().await;
    until_up(&gate, true).await;
    until_up(&room, true).await;
    enter(&etcd, "late").await;

    // The first change that anyone sees is the end of the hold.
    seen.changed().await.expect("it goes on");
    assert_eq!(ids(&seen.borrow()), ["g1", "late", "r1"]);
}

async fn enter(etcd: &Etcd, id: &str) {
    let member = Member::new("room", id).to_json();
    let mut client = etcd.client().await;
    let put = client.put(format!("pitaya/servers/room/{id}"), member, None);
    put.await.expect("a put");
}
