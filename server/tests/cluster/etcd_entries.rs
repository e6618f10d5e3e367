//! Keys, values and leases are those of Go Pitaya (wire 19).

use std::time::Duration;

use etcd_client::LeaseTimeToLiveOptions;
use pitaya_server::cluster::{Discovery, EtcdConfig, EtcdDiscovery};
use pitaya_server::protocol::cluster::{Member, keys};

use crate::support::etcd::Etcd;
use crate::support::roll::until_listed;

#[tokio::test]
async fn a_server_is_entered_byte_by_byte_as_go_does_it() {
    let etcd = Etcd::start().await;
    let mut config = EtcdConfig::default();
    config.endpoints = vec![etcd.endpoint()];
    let discovery = EtcdDiscovery::new(config);
    let mut me = Member::new("connector", "6f1c2b5e-0c2d-4a2f-9d57-0d2b0a4f7a11");
    me.metadata
        .insert(keys::GRPC_HOST.to_owned(), "127.0.0.1".to_owned());
    me.frontend = true;
    me.hostname = "host".to_owned();
    discovery.join(me).await.expect("it joins");

    let mut client = etcd.client().await;
    let found = client.get(
        "pitaya/servers/connector/6f1c2b5e-0c2d-4a2f-9d57-0d2b0a4f7a11",
        None,
    );
    let found = found.await.expect("an answer");
    let entry = found.kvs().first().expect("the entry");
    assert_eq!(
        entry.value_str().expect("text"),
        r#"{"id":"6f1c2b5e-0c2d-4a2f-9d57-0d2b0a4f7a11","type":"connector","metadata":{"grpcHost":"127.0.0.1"},"frontend":true,"hostname":"host"}"#
    );
    let options = LeaseTimeToLiveOptions::new().with_keys();
    let lease = client
        .lease_client()
        .time_to_live(entry.lease(), Some(options))
        .await;
    let lease = lease.expect("an answer");
    assert_eq!(lease.granted_ttl(), 60);
    assert_eq!(lease.keys(), [entry.key()]);
}

#[tokio::test]
async fn what_peers_write_is_read() {
    let etcd = Etcd::start().await;
    let mut client = etcd.client().await;
    for (id, rest) in [
        ("go", r#""metadata":null,"frontend":false,"hostname":"h""#),
        ("npitaya", r#""metadata":"","frontend":true,"hostname":"h""#),
        ("rs", r#""metadata":{"weight":3},"extra":1"#),
    ] {
        let value = format!(r#"{{"type":"room","id":"{id}",{rest}}}"#);
        client
            .put(format!("pitaya/servers/room/{id}"), value, None)
            .await
            .expect("a put");
    }
    let discovery = EtcdDiscovery::new(etcd.config());
    discovery
        .join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut seen = discovery.members();
    until_listed(&mut seen, &["g1", "go", "npitaya", "rs"]).await;
    let npitaya = seen.borrow().get("npitaya").cloned().expect("listed");
    assert!(npitaya.frontend && npitaya.metadata.is_empty());
}

#[tokio::test]
async fn what_was_entered_before_is_seen_however_much_it_is() {
    let etcd = Etcd::start().await;
    let mut client = etcd.client().await;
    // More than one page of keys.
    for at in 0..1_050 {
        let member = Member::new("room", format!("r{at:04}"));
        let key = format!("pitaya/servers/room/{}", member.id);
        client
            .put(key, member.to_json(), None)
            .await
            .expect("a put");
    }
    let mut config = etcd.config();
    config.request_timeout = Duration::from_secs(30);
    let discovery = EtcdDiscovery::new(config);
    discovery
        .join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    assert_eq!(discovery.members().borrow().of_type("room").len(), 1_050);
}
