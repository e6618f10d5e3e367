//! The task that keeps a server's bindings in etcd.

use std::pin::pin;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::entries::{Entries, Session};
use super::lease::{Lease, revoke};
use super::link::{LinkError, connect};

/// Keeps the entries of one server.
#[derive(Debug)]
pub(super) struct BindingKeeper {
    entries: Arc<Entries>,
    lease: Option<i64>,
    /// A lease that is to go together with the entries that only it still has.
    littered: Option<i64>,
    attempts: usize,
    backoff: Backoff,
}

impl BindingKeeper {
    pub(super) fn new(entries: Arc<Entries>) -> Self {
        Self {
            entries,
            lease: None,
            littered: None,
            attempts: 0,
            backoff: Backoff::default(),
        }
    }

    /// Tries each endpoint once.
    pub(super) async fn first(&mut self) -> Result<Lease, LinkError> {
        let mut last = LinkError::NoEndpoint;
        for _ in 0..self.entries.config.endpoints.len() {
            match self.open().await {
                Ok(lease) => return Ok(lease),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Keeps the entries until it is told to stop, and then takes them away.
    pub(super) async fn run(mut self, mut lease: Lease, stop: CancellationToken) {
        loop {
            let lost = tokio::select! {
                lost = self.keep(&mut lease) => lost,
                () = stop.cancelled() => return self.leave().await,
            };
            let is_news = self.backoff.lost();
            if is_news {
                tracing::warn!(reason = %lost, "bindings wait for etcd");
            }
            drop(lease);
            self.entries.connected(None);
            lease = tokio::select! {
                lease = self.reopen() => lease,
                () = stop.cancelled() => return self.leave().await,
            };
            if is_news {
                tracing::info!("etcd has all bindings");
            }
        }
    }

    async fn keep(&self, lease: &mut Lease) -> LinkError {
        let mut keep = pin!(lease.keep());
        loop {
            tokio::select! {
                lost = &mut keep => return lost,
                () = self.entries.missed.notified() => {}
            }
            let made_up = match self.entries.session() {
                Ok(session) => self.entries.settle_all(&session).await,
                Err(error) => Err(error),
            };
            match made_up {
                Ok(()) if self.entries.lease_is_littered() => return LinkError::LeaseGone,
                Ok(()) => {}
                Err(error) => return error,
            }
        }
    }

    async fn reopen(&mut self) -> Lease {
        loop {
            tokio::time::sleep(self.backoff.wait()).await;
            match self.open().await {
                Ok(lease) => return lease,
                Err(error) => {
                    self.entries.connected(None);
                    tracing::debug!(%error, "etcd is still away");
                }
            }
        }
    }

    async fn open(&mut self) -> Result<Lease, LinkError> {
        let config = &self.entries.config;
        let attempt = self.attempts;
        self.attempts = attempt.wrapping_add(1);
        let client = connect(config, attempt).await?;
        if self.entries.lease_is_littered() && self.littered.is_none() {
            self.littered = self.lease.take();
        }
        let (ttl, within) = (config.bindings_ttl, config.request_timeout);
        let lease = Lease::take(&client, self.lease, ttl, within).await?;
        self.lease = Some(lease.id());
        let session = Session {
            client,
            lease: lease.id(),
        };
        self.entries.connected(Some(session.clone()));
        self.entries.settle_all(&session).await?;
        if let Some(littered) = self.littered {
            // Everything that still counts has moved to the new lease.
            revoke(&session.client, littered, within).await?;
            self.littered = None;
            self.entries.tidied();
        }
        self.backoff.reached();
        Ok(lease)
    }

    /// Ends the leases, and with them all entries.
    async fn leave(self) {
        let config = &self.entries.config;
        let session = self.entries.session();
        self.entries.connected(None);
        let left = async {
            let client = match session {
                Ok(session) => session.client,
                Err(_) => connect(config, self.attempts).await?,
            };
            for lease in self.lease.iter().chain(&self.littered) {
                revoke(&client, *lease, config.request_timeout).await?;
            }
            Ok::<_, LinkError>(())
        };
        if let Err(error) = left.await {
            tracing::warn!(%error, "the bindings stay entered until their lease runs out");
        }
    }
}
