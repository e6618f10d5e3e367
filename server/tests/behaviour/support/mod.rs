//! Clients that speak the wire over every transport, and servers for them to talk to.

mod certificate;
mod client;
mod hello;
mod link;
mod rig;

use std::time::Duration;

use tokio::sync::Semaphore;

pub(crate) use self::{
    certificate::pem_files,
    client::{Client, Heard},
    hello::Hello,
    link::{Io, Link},
    rig::{Rig, Via},
};

/// Runs a test over every transport, each on a runtime of its own. The time only bounds a test that hangs.
pub(crate) fn over_all(test: impl AsyncFn(Via)) {
    for via in Via::ALL {
        over(via, async || test(via).await);
    }
}

/// Runs a test on a runtime of its own.
pub(crate) fn over(via: Via, test: impl AsyncFnOnce()) {
    eprintln!("over {via:?}");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(100), test())
            .await
            .expect("the test hangs");
    });
    runtime.shutdown_background();
}

/// Where handlers wait until the test lets them go.
#[derive(Debug)]
pub(crate) struct Gate {
    arrived: Semaphore,
    open: Semaphore,
}

impl Gate {
    pub(crate) fn new() -> std::sync::Arc<Self> {
        std::sync::Arc::new(Self {
            arrived: Semaphore::new(0),
            open: Semaphore::new(0),
        })
    }

    /// A handler waits here.
    pub(crate) async fn pass(&self) {
        self.arrived.add_permits(1);
        self.open.acquire().await.expect("never closed").forget();
    }

    /// Waits until `count` more handlers wait, or have waited.
    pub(crate) async fn reached(&self, count: u32) {
        let arrived = self.arrived.acquire_many(count).await;
        arrived.expect("never closed").forget();
    }

    /// Lets `count` handlers go.
    pub(crate) fn open(&self, count: usize) {
        self.open.add_permits(count);
    }
}

/// Waits until `condition` holds, for what has no event of its own; other tasks run in between.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
