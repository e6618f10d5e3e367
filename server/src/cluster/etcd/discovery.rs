//! Discovery over etcd.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::{Member, member_key};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::config::EtcdConfig;
use super::keeper::Keeper;
use super::roster::Roster;
use crate::cluster::{Discovery, DiscoveryError, Members};

/// Enters a server in etcd and watches the others, with the keys and values of Go Pitaya (wire 19).
///
/// The entry lives by a lease, which is renewed as long as this server runs. While etcd is away the servers that were known stay known, and it
/// is tried again for ever, every half second at most. When it is back the server is entered again with the same id, and the list is
/// compared as a whole. Servers that are missing then stay listed for [`EtcdConfig::deletion_hold`], as do those that are deleted in that
/// time: etcd tells a server that left from one whose lease ran out in no way, and after an outage the second is far more likely. One that has
/// really gone is asked in vain during that time. At all other times a deleted server is taken from the list at once.
pub struct EtcdDiscovery {
    config: Arc<EtcdConfig>,
    members: watch::Sender<Members>,
    up: Arc<AtomicBool>,
    stop: CancellationToken,
    keeper: Mutex<Option<JoinHandle<()>>>,
    /// A server that is dropped without leaving takes itself out nevertheless.
    _stops: DropGuard,
}

impl EtcdDiscovery {
    /// Prepares it. Nothing is sent before the server joins.
    #[must_use]
    pub fn new(config: EtcdConfig) -> Self {
        let stop = CancellationToken::new();
        Self {
            config: Arc::new(config),
            members: watch::channel(Members::default()).0,
            up: Arc::default(),
            keeper: Mutex::default(),
            _stops: stop.clone().drop_guard(),
            stop,
        }
    }

    fn keeper(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, reason: impl fmt::Display) -> DiscoveryError {
        let endpoints = self.config.endpoints.join(", ");
        DiscoveryError::new(format!("etcd at {endpoints}"), reason)
    }
}

impl Discovery for EtcdDiscovery {
    fn join(&self, me: Member) -> BoxFuture<'_, Result<(), DiscoveryError>> {
        Box::pin(async move {
            if self.stop.is_cancelled() || self.keeper().is_some() {
                return Err(self.error("a server joins once"));
            }
            let key = member_key(&self.config.prefix, &me.server_type, &me.id)
                .map_err(|error| self.error(error))?;
            let value = me.to_json();
            let roster = Roster::new(&self.config, me, self.members.clone());
            let mut keeper = Keeper::new(self.config.clone(), roster, key, value, self.up.clone());
            let session = keeper.first().await.map_err(|error| self.error(error))?;
            let task = tokio::spawn(keeper.run(session, self.stop.clone()));
            *self.keeper() = Some(task);
            Ok(())
        })
    }

    fn members(&self) -> watch::Receiver<Members> {
        self.members.subscribe()
    }

    fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    fn leave(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.stop.cancel();
            let keeper = self.keeper().take();
            let Some(mut keeper) = keeper else { return };
            let within = self.config.request_timeout;
            if tokio::time::timeout(within, &mut keeper).await.is_err() {
                keeper.abort();
            }
        })
    }
}

impl fmt::Debug for EtcdDiscovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdDiscovery")
            .field("config", &self.config)
            .field("up", &self.is_up())
            .finish_non_exhaustive()
    }
}
