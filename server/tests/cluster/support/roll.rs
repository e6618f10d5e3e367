//! The servers that a test expects to be listed.

use std::time::Duration;

use pitaya_server::cluster::{Discovery, Members};
use tokio::sync::watch;

/// A test only waits so long when it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until exactly these servers are listed, given in the order of their ids.
pub(crate) async fn until_listed(members: &mut watch::Receiver<Members>, ids: &[&str]) {
    let listed = members.wait_for(|members| self::ids(members) == ids);
    let in_time = tokio::time::timeout(PATIENCE, listed).await.is_ok();
    let now = self::ids(&members.borrow());
    assert!(in_time, "listed are {now:?} and not {ids:?}");
}

/// Waits until the discovery says that its engine is there, or away.
pub(crate) async fn until_up(discovery: &dyn Discovery, up: bool) {
    let change = async {
        // It is a state to look at; there is nothing to wait for.
        while discovery.is_up() != up {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, change).await;
    assert!(in_time.is_ok(), "up did not become {up}");
}

/// The ids of those who are listed, in order.
pub(crate) fn ids(members: &Members) -> Vec<String> {
    let mut ids: Vec<_> = members.iter().map(|member| member.id.clone()).collect();
    ids.sort();
    ids
}
