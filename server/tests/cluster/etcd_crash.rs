//! A server that crashes is listed until its lease runs out, and no longer.

use std::thread;
use std::time::Duration;

use pitaya_server::cluster::{Discovery, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;
use tokio::runtime::Runtime;

use crate::support::etcd::Etcd;
use crate::support::roll::until_listed;

#[tokio::test]
async fn a_crashed_server_goes_with_its_lease() {
    let etcd = Etcd::start().await;
    let gate = EtcdDiscovery::new(etcd.config());
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut seen = gate.members();

    let mut config = etcd.config();
    config.lease_ttl = Duration::from_secs(2);
    let crashing = thread::spawn(move || {
        let runtime = Runtime::new().expect("a runtime");
        let room = EtcdDiscovery::new(config);
        let joined = runtime.block_on(room.join(Member::new("room", "r1")));
        joined.expect("it joins");
        (runtime, room)
    });
    let (runtime, room) = crashing.join().expect("it joined");
    until_listed(&mut seen, &["g1", "r1"]).await;
    // Nothing of it runs any more, and nothing of it was told to end.
    runtime.shutdown_background();
    until_listed(&mut seen, &["g1"]).await;
    drop(room);
}
