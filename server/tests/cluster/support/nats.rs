//! A NATS server; a test fails where it does not run.

use std::ops::Deref;

/// A NATS server of one test.
#[derive(Debug)]
pub(crate) struct Nats(pitaya_engines::Nats);

impl Nats {
    /// Starts one that asks for no password.
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with further arguments.
    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        match pitaya_engines::Nats::start_with(arguments).await {
            Ok(nats) => Self(nats),
            Err(error) => panic!("{error}"),
        }
    }

    /// Kills it, as a crash would.
    pub(crate) fn stop(&mut self) {
        self.0.stop();
    }

    /// Starts it again, on the same port.
    pub(crate) async fn restart(&mut self) {
        if let Err(error) = self.0.restart().await {
            panic!("{error}");
        }
    }
}

impl Deref for Nats {
    type Target = pitaya_engines::Nats;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
