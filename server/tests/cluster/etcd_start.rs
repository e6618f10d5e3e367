//! A server does not start without etcd, and says why.

use std::time::Duration;

use pitaya_server::cluster::{BindingStore, Discovery, EtcdBindings, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::etcd::{Etcd, config};

#[tokio::test]
async fn an_etcd_that_is_not_there_is_an_error() {
    let nowhere = config(format!("127.0.0.1:{}", pitaya_engines::free_port()));
    let discovery = EtcdDiscovery::new(nowhere.clone());
    let error = discovery
        .join(Member::new("gate", "g1"))
        .await
        .expect_err("nobody is there");
    assert!(error.to_string().contains(&nowhere.endpoints[0]), "{error}");
    assert!(
        EtcdBindings::new(nowhere.clone())
            .start("g1")
            .await
            .is_err()
    );
    let mut none = nowhere;
    none.endpoints.clear();
    assert!(
        EtcdDiscovery::new(none)
            .join(Member::new("gate", "g1"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn names_that_would_be_other_keys_are_errors() {
    let discovery = EtcdDiscovery::new(config("127.0.0.1:1".to_owned()));
    for (server_type, id) in [("a/b", "x"), ("a", "x/y"), ("", "x"), ("a", "")] {
        assert!(discovery.join(Member::new(server_type, id)).await.is_err());
    }
}

#[tokio::test]
async fn one_endpoint_of_several_is_enough() {
    let etcd = Etcd::start().await;
    let mut config = etcd.config();
    config.dial_timeout = Duration::from_secs(2);
    config.endpoints.insert(
        0,
        format!("http://127.0.0.1:{}", pitaya_engines::free_port()),
    );
    let discovery = EtcdDiscovery::new(config);
    discovery
        .join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
}

#[tokio::test]
async fn a_server_joins_once() {
    let etcd = Etcd::start().await;
    let discovery = EtcdDiscovery::new(etcd.config());
    discovery
        .join(Member::new("gate", "g1"))
        .await
        .expect("it joins");
    assert!(discovery.join(Member::new("gate", "g2")).await.is_err());
    discovery.leave().await;
    assert!(discovery.join(Member::new("gate", "g3")).await.is_err());
    let store = EtcdBindings::new(etcd.config());
    store.start("g1").await.expect("it starts");
    assert!(store.start("g2").await.is_err());
}
