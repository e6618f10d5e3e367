//! The history that a watch would go on from is compacted while the server is cut off: it sees how things are all the same.

use std::time::Duration;

use pitaya_server::cluster::{Discovery, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::cable::Cable;
use crate::support::etcd::{self, Etcd};
use crate::support::roll::{until_listed, until_up};

#[tokio::test]
async fn what_happened_before_a_compaction_is_not_missed() {
    let etcd = Etcd::start().await;
    let cable = Cable::to(etcd.port()).await;
    let mut config = etcd::config(cable.endpoint());
    config.deletion_hold = Duration::ZERO;
    let gate = EtcdDiscovery::new(config);
    let mut client = etcd.client().await;
    for id in ["goes", "stays"] {
        let value = Member::new("room", id).to_json();
        client
            .put(format!("pitaya/servers/room/{id}"), value, None)
            .await
            .expect("a put");
    }
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut seen = gate.members();
    until_listed(&mut seen, &["g1", "goes", "stays"]).await;

    cable.cut();
    until_up(&gate, false).await;
    client
        .delete("pitaya/servers/room/goes", None)
        .await
        .expect("a deletion");
    let mut stays = Member::new("room", "stays");
    stays.hostname = "moved".to_owned();
    client
        .put("pitaya/servers/room/stays", stays.to_json(), None)
        .await
        .expect("a put");
    let comes = Member::new("room", "comes").to_json();
    let put = client
        .put("pitaya/servers/room/comes", comes, None)
        .await
        .expect("a put");
    let now = put.header().expect("every answer has one").revision();
    client.compact(now, None).await.expect("a compaction");
    cable.mend();

    until_listed(&mut seen, &["comes", "g1", "stays"]).await;
    let stays = seen.borrow().get("stays").cloned();
    assert_eq!(stays.expect("listed").hostname, "moved");
}
