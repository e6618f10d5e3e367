//! Groups of users in etcd: Go's keys, transactions and errors (wire 20.1), and pushes to members on any frontend.

use std::time::Duration;

use pitaya_server::cluster::memory::Hub;
use pitaya_server::cluster::{EtcdGroupError, EtcdGroups};

use crate::support::etcd::Etcd;
use crate::support::game::{LOCAL_BIND, ON_LINE, start_gate, start_room};

#[tokio::test]
async fn keys_are_those_of_go() {
    let etcd = Etcd::start().await;
    let groups = EtcdGroups::new(etcd.config());
    groups.create("g1").await.expect("created");
    groups.add("g1", "ann").await.expect("added");
    groups.add("g1", "bob").await.expect("added");
    let mut client = etcd.client().await;
    let options = etcd_client::GetOptions::new().with_prefix();
    let found = client.get("pitaya/groups/", Some(options)).await;
    let found = found.expect("an answer");
    let entries: Vec<_> = found
        .kvs()
        .iter()
        .map(|kv| (kv.key_str().expect("text"), kv.value(), kv.lease()))
        .collect();
    assert_eq!(
        entries,
        [
            ("pitaya/groups/g1", &b""[..], 0),
            ("pitaya/groups/g1/uids/ann", b"", 0),
            ("pitaya/groups/g1/uids/bob", b"", 0),
        ]
    );
}

#[tokio::test]
async fn members_come_and_go_and_mistakes_are_told() {
    let etcd = Etcd::start().await;
    // Two servers see the same.
    let (one, two) = (
        EtcdGroups::new(etcd.config()),
        EtcdGroups::new(etcd.config()),
    );
    one.create("guild").await.expect("created");
    assert_eq!(two.create("guild").await, Err(EtcdGroupError::Exists));
    two.add("guild", "bob").await.expect("added");
    one.add("guild", "ann").await.expect("added");
    assert_eq!(one.add("guild", "bob").await, Err(EtcdGroupError::Member));
    assert_eq!(
        two.members("guild").await,
        Ok(vec!["ann".into(), "bob".into()])
    );
    assert_eq!(one.count("guild").await, Ok(2));
    assert_eq!(one.contains("guild", "ann").await, Ok(true));
    assert_eq!(one.contains("guild", "ann2").await, Ok(false));
    one.remove("guild", "ann").await.expect("removed");
    assert_eq!(
        two.remove("guild", "ann").await,
        Err(EtcdGroupError::NotMember)
    );
    one.clear("guild").await.expect("cleared");
    assert_eq!(two.members("guild").await, Ok(Vec::new()));
    one.add("guild", "ann").await.expect("added");
    // One whose name only begins alike is another one.
    one.create("guild2").await.expect("created");
    one.add("guild2", "cat").await.expect("added");
    two.delete("guild").await.expect("deleted");
    assert_eq!(one.count("guild2").await, Ok(1));

    let missing = Err(EtcdGroupError::Missing);
    assert_eq!(one.add("guild", "ann").await, missing);
    assert_eq!(one.remove("guild", "ann").await, missing);
    assert_eq!(one.clear("guild").await, missing);
    assert_eq!(one.delete("guild").await, missing);
    assert_eq!(one.renew("guild").await, missing);
    assert_eq!(one.members("guild").await, Err(EtcdGroupError::Missing));
    assert_eq!(one.renew("guild2").await, Err(EtcdGroupError::Endless));
    for (group, uid) in [
        ("a/uids", "ann"),
        ("", "ann"),
        ("guild2", ""),
        ("guild2", "a/b"),
    ] {
        let added = one.add(group, uid).await;
        assert!(matches!(added, Err(EtcdGroupError::Name(_))), "{added:?}");
    }
}

#[tokio::test]
async fn a_group_with_a_time_to_live_ends_with_its_members() {
    let etcd = Etcd::start().await;
    let groups = EtcdGroups::new(etcd.config());
    groups
        .create_for("party", Duration::from_secs(300))
        .await
        .expect("created");
    groups.add("party", "ann").await.expect("added");
    groups.renew("party").await.expect("renewed");
    let mut client = etcd.client().await;
    let lease = |key: &'static str| {
        let mut client = client.clone();
        async move {
            let found = client.get(key, None).await.expect("an answer");
            found.kvs().first().expect("an entry").lease()
        }
    };
    let of_group = lease("pitaya/groups/party").await;
    assert_ne!(of_group, 0);
    assert_eq!(lease("pitaya/groups/party/uids/ann").await, of_group);
    // As if the time was over.
    let mut leases = client.lease_client();
    leases.revoke(of_group).await.expect("revoked");
    assert_eq!(groups.count("party").await, Err(EtcdGroupError::Missing));
    let again = groups.create_for("party", Duration::from_millis(1)).await;
    again.expect("created");
    assert_eq!(groups.members("party").await, Ok(Vec::new()));
    let left = client.get("pitaya/groups/party/uids/ann", None).await;
    assert!(left.expect("an answer").kvs().is_empty());
}

#[tokio::test]
async fn members_are_pushed_to_on_every_frontend() {
    let (etcd, hub) = (Etcd::start().await, Hub::new());
    let (one, two) = (start_gate(&hub, "g1").await, start_gate(&hub, "g2").await);
    let room = start_room(&hub, "r1").await;
    let groups = EtcdGroups::new(etcd.config());
    groups.create("guild").await.expect("created");
    let mut clients = Vec::new();
    for (gate, uid) in [(&one, "ann"), (&two, "bob"), (&two, "cat")] {
        let mut client = gate.connect().await.expect("a client");
        let bound = client.request(LOCAL_BIND, &uid.to_owned()).await;
        bound.expect("bound");
        clients.push(client);
    }
    for uid in ["ann", "bob", "who is away"] {
        // A blank cannot be part of a uid.
        let uid = uid.replace(' ', "-");
        groups.add("guild", &uid).await.expect("added");
    }
    let line = "hello".to_owned();
    let members = groups.members("guild").await.expect("members");
    room.push_to(&members, ON_LINE, &line).expect("pushed");
    assert_eq!(clients[0].push(ON_LINE).await.expect("a line"), "hello");
    assert_eq!(clients[1].push(ON_LINE).await.expect("a line"), "hello");
    // The next thing that she gets is not that line.
    room.push_to(["cat"], ON_LINE, &"you".to_owned())
        .expect("pushed");
    assert_eq!(clients[2].push(ON_LINE).await.expect("a line"), "you");
}

#[tokio::test]
async fn an_outage_is_told_and_over_when_etcd_is_back() {
    let mut etcd = Etcd::start().await;
    let mut config = etcd.config();
    config.request_timeout = Duration::from_millis(500);
    let groups = EtcdGroups::new(config);
    groups.create("guild").await.expect("created");
    etcd.stop();
    let down = groups.add("guild", "ann").await;
    assert!(matches!(down, Err(EtcdGroupError::Down { .. })), "{down:?}");
    etcd.restart().await;
    let back = async { while groups.count("guild").await.is_err() {} };
    let back = tokio::time::timeout(Duration::from_secs(20), back).await;
    back.expect("it is back");
    groups.add("guild", "bob").await.expect("added");
}
