//! What others leave under the servers' keys is ignored and counted, and hides nobody.

use std::collections::HashMap;

use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use pitaya_server::cluster::{Discovery, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::etcd::Etcd;
use crate::support::roll::until_listed;

/// Far more than a server may say of itself, and more than one answer of etcd may be long.
const HUGE: usize = 6 * 1024 * 1024;

#[tokio::test]
async fn rubbish_is_ignored_and_counted() {
    let recorder = DebuggingRecorder::new();
    let counts = recorder.snapshotter();
    let _installed = metrics::set_default_local_recorder(&recorder);

    let etcd = Etcd::start_with(&["--max-request-bytes", "8388608"]).await;
    let mut client = etcd.client().await;
    let large = format!(
        r#"{{"id":"x","type":"room","hostname":"{}"}}"#,
        "h".repeat(70_000)
    );
    let rubbish = [
        ("pitaya/servers/room", "{}".to_owned()),
        (
            "pitaya/servers/room/a/b",
            Member::new("room", "a").to_json(),
        ),
        ("pitaya/servers//a", Member::new("", "a").to_json()),
        ("pitaya/serversroom/a", Member::new("room", "a").to_json()),
        ("pitaya/servers/room/empty", String::new()),
        ("pitaya/servers/room/text", "hello".to_owned()),
        (
            "pitaya/servers/room/other-id",
            Member::new("room", "a").to_json(),
        ),
        (
            "pitaya/servers/room/other-type",
            Member::new("shop", "other-type").to_json(),
        ),
        ("pitaya/servers/room/x", large),
        ("pitaya/servers/room/huge", "h".repeat(HUGE)),
    ];
    let discovery = EtcdDiscovery::new(etcd.config());
    let mut seen = discovery.members();
    // What is there before the join is read from a list, what comes later from the watch.
    for good in ["r1", "r2"] {
        for (key, value) in &rubbish {
            client.put(*key, value.as_str(), None).await.expect("a put");
        }
        let key = format!("pitaya/servers/room/{good}");
        let value = Member::new("room", good).to_json();
        client.put(key, value, None).await.expect("a put");
        if good == "r1" {
            discovery
                .join(Member::new("gate", "g1"))
                .await
                .expect("it joins");
            until_listed(&mut seen, &["g1", "r1"]).await;
        }
    }
    until_listed(&mut seen, &["g1", "r1", "r2"]).await;

    let causes: HashMap<String, u64> = counts
        .snapshot()
        .into_vec()
        .into_iter()
        .filter(|(key, ..)| key.key().name() == pitaya_server::metrics::names::CLUSTER_FAULTS)
        .filter_map(|(key, _, _, value)| {
            let cause = key.key().labels().find(|label| label.key() == "what");
            let DebugValue::Counter(count) = value else {
                return None;
            };
            Some((cause?.value().to_owned(), count))
        })
        .collect();
    for (cause, least) in [
        ("a key that names no server", 5),
        ("a value that describes no server", 5),
        ("a value of another server", 4),
        ("a value that cannot be read", 1),
    ] {
        assert!(
            causes.get(cause).is_some_and(|count| *count >= least),
            "{cause}: {causes:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_overwritten_with_rubbish_stays_as_it_was() {
    let etcd = Etcd::start().await;
    let mut client = etcd.client().await;
    let discovery = EtcdDiscovery::new(etcd.config());
    discovery
        .join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let mut seen = discovery.members();
    let key = "pitaya/servers/room/r1";
    client
        .put(key, Member::new("room", "r1").to_json(), None)
        .await
        .expect("a put");
    until_listed(&mut seen, &["g1", "r1"]).await;
    client.put(key, "hello", None).await.expect("a put");
    let next = Member::new("room", "r2").to_json();
    client
        .put("pitaya/servers/room/r2", next, None)
        .await
        .expect("a put");
    until_listed(&mut seen, &["g1", "r1", "r2"]).await;
    client.delete(key, None).await.expect("a deletion");
    until_listed(&mut seen, &["g1", "r2"]).await;
}

#[tokio::test]
async fn ignored_types_are_not_listed_and_the_limit_holds() {
    let etcd = Etcd::start().await;
    let mut client = etcd.client().await;
    for (server_type, id) in [
        ("shop", "s1"),
        ("room", "r1"),
        ("room", "r2"),
        ("room", "r3"),
    ] {
        let key = format!("pitaya/servers/{server_type}/{id}");
        let value = Member::new(server_type, id).to_json();
        client.put(key, value, None).await.expect("a put");
    }
    let mut config = etcd.config();
    config.ignore_types = ["shop", "gate"].map(str::to_owned).into();
    config.max_members = 2;
    let discovery = EtcdDiscovery::new(config);
    // A server sees itself, even of an ignored type.
    discovery
        .join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    let seen = discovery.members();
    assert_eq!(seen.borrow().len(), 3);
    assert_eq!(seen.borrow().of_type("room").len(), 2);
    assert_eq!(seen.borrow().of_type("gate").len(), 1);
}
