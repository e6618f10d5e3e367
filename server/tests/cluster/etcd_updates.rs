//! A server that is entered again with other metadata is seen so. Go Pitaya ignores it (wire 19).

use pitaya_server::cluster::{Discovery, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::etcd::Etcd;
use crate::support::roll::until_listed;

#[tokio::test]
async fn new_metadata_of_a_known_server_is_seen() {
    let etcd = Etcd::start().await;
    let gate = EtcdDiscovery::new(etcd.config());
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut seen = gate.members();

    let mut client = etcd.client().await;
    let mut room = Member::new("room", "r1");
    for region in ["eu", "us"] {
        room.metadata.insert("region".to_owned(), region.to_owned());
        let put = client.put("pitaya/servers/room/r1", room.to_json(), None);
        put.await.expect("a put");
        seen.wait_for(|members| {
            let room = members.get("r1");
            room.is_some_and(|room| room.metadata["region"] == region)
        })
        .await
        .expect("it goes on");
        until_listed(&mut seen, &["g1", "r1"]).await;
    }
}
