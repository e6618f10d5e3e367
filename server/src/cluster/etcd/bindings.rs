//! The bindings of users in etcd.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::binding_key;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::binding_keeper::BindingKeeper;
use super::config::EtcdConfig;
use super::entries::Entries;
use super::link::{LinkError, answer};
use crate::cluster::{BindingError, BindingStore};

/// Writes the bindings of one server's users to etcd, with the keys and values of Go Pitaya (wire 20.2).
///
/// All entries of a server live by one lease of [`EtcdConfig::bindings_ttl`]. While etcd is away users come and go all the same: when it is
/// back, the entries of those who came are written and those of users who left are taken. Should the lease have run out, all entries are written
/// again, but for those that another server has made in the meantime. Where a user was bound last during the outage nobody can say: of two
/// servers that bound him, the one that etcd hears last counts.
pub struct EtcdBindings {
    entries: Arc<Entries>,
    stop: CancellationToken,
    keeper: Mutex<Option<JoinHandle<()>>>,
    /// What is dropped without being closed takes its entries away nevertheless.
    _stops: DropGuard,
}

impl EtcdBindings {
    /// Prepares it. Nothing is sent before it is started.
    #[must_use]
    pub fn new(config: EtcdConfig) -> Self {
        let stop = CancellationToken::new();
        Self {
            entries: Arc::new(Entries::new(config)),
            keeper: Mutex::default(),
            _stops: stop.clone().drop_guard(),
            stop,
        }
    }

    fn key(&self, frontend_type: &str, uid: &str) -> Result<String, BindingError> {
        let prefix = &self.entries.config.prefix;
        Ok(binding_key(prefix, frontend_type, uid)?)
    }

    fn keeper(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A change that etcd was not told is made up for by the keeper.
    fn missed(&self, error: &LinkError) -> BindingError {
        self.entries.missed.notify_one();
        down(error)
    }
}

fn down(reason: &LinkError) -> BindingError {
    BindingError::Down {
        reason: reason.to_string(),
    }
}

impl BindingStore for EtcdBindings {
    fn start(&self, server_id: &str) -> BoxFuture<'_, Result<(), BindingError>> {
        let server_id = server_id.to_owned();
        Box::pin(async move {
            if self.stop.is_cancelled() || self.keeper().is_some() {
                let reason = "a store starts once".to_owned();
                return Err(BindingError::Down { reason });
            }
            self.entries.begin(server_id);
            let mut keeper = BindingKeeper::new(self.entries.clone());
            let lease = keeper.first().await.map_err(|error| down(&error))?;
            let task = tokio::spawn(keeper.run(lease, self.stop.clone()));
            *self.keeper() = Some(task);
            Ok(())
        })
    }

    fn put(&self, frontend_type: &str, uid: &str) -> BoxFuture<'_, Result<(), BindingError>> {
        let key = self.key(frontend_type, uid);
        Box::pin(async move {
            let put = self.entries.put(key?).await;
            put.map_err(|error| self.missed(&error))
        })
    }

    fn get(
        &self,
        frontend_type: &str,
        uid: &str,
    ) -> BoxFuture<'_, Result<Option<String>, BindingError>> {
        let key = self.key(frontend_type, uid);
        Box::pin(async move {
            let session = self.entries.session().map_err(|error| down(&error))?;
            let mut kv = session.client.kv_client();
            let found = answer(self.entries.config.request_timeout, kv.get(key?, None)).await;
            let found = found.map_err(|error| down(&error))?;
            let server = found.kvs().first().map(|kv| kv.value());
            // What is no text is no server's id.
            let server = server.and_then(|id| str::from_utf8(id).ok());
            Ok(server.map(str::to_owned))
        })
    }

    fn remove_if_mine(
        &self,
        frontend_type: &str,
        uid: &str,
    ) -> BoxFuture<'_, Result<(), BindingError>> {
        let key = self.key(frontend_type, uid);
        Box::pin(async move {
            let removed = self.entries.remove(key?).await;
            removed.map_err(|error| self.missed(&error))
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.stop.cancel();
            let keeper = self.keeper().take();
            let Some(mut keeper) = keeper else { return };
            let within = self.entries.config.request_timeout;
            if tokio::time::timeout(within, &mut keeper).await.is_err() {
                keeper.abort();
            }
        })
    }
}

impl fmt::Debug for EtcdBindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdBindings")
            .field("config", &self.entries.config)
            .field("up", &self.entries.session().is_ok())
            .finish_non_exhaustive()
    }
}
