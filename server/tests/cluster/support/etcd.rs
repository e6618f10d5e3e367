//! An etcd server; a test fails where it does not run.

use std::ops::Deref;
use std::time::Duration;

use etcd_client::Client;
use pitaya_server::cluster::EtcdConfig;

/// An etcd server of one test.
#[derive(Debug)]
pub(crate) struct Etcd(pitaya_engines::Etcd);

impl Etcd {
    /// Starts one that asks for no password.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with further arguments.
    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        match pitaya_engines::Etcd::start_with(arguments).await {
            Ok(etcd) => Self(etcd),
            Err(error) => panic!("{error}"),
        }
    }

    /// Settings for it.
    pub(crate) fn config(&self) -> EtcdConfig {
        config(self.endpoint())
    }

    /// Another program's connection to it.
    pub(crate) async fn client(&self) -> Client {
        let client = Client::connect([self.endpoint()], None).await;
        client.expect("it runs and asks for no password")
    }

    /// Kills it, as a crash would.
    pub(crate) fn stop(&mut self) {
        self.0.stop();
    }

    /// Starts it again, with its data and on the same port.
    pub(crate) async fn restart(&mut self) {
        if let Err(error) = self.0.restart().await {
            panic!("{error}");
        }
    }

    /// Stops it and removes what it has stored.
    pub(crate) fn lose_data(&mut self) {
        if let Err(error) = self.0.lose_data() {
            panic!("{error}");
        }
    }
}

impl Deref for Etcd {
    type Target = pitaya_engines::Etcd;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Settings for the etcd at this address. Leases outlive a test: nobody is gone because his has run out.
pub(crate) fn config(endpoint: String) -> EtcdConfig {
    let mut config = EtcdConfig::default();
    config.endpoints = vec![endpoint];
    config.deletion_hold = Duration::from_secs(3);
    config
}
