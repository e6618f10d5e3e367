//! Bindings of servers that live in one process.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::binding_key;

use super::{BindingError, BindingStore};

/// A [`BindingStore`] in memory, for tests and for several servers in one process.
///
/// ```
/// use pitaya_server::cluster::{BindingStore, MemoryBindings};
///
/// # async fn example() -> Result<(), pitaya_server::cluster::BindingError> {
/// let gate = MemoryBindings::default();
/// let shop = gate.of_the_same_table();
/// gate.start("g1").await?;
/// gate.put("connector", "u1").await?;
/// assert_eq!(shop.get("connector", "u1").await?.as_deref(), Some("g1"));
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct MemoryBindings {
    table: Arc<Mutex<HashMap<String, String>>>,
    me: OnceLock<String>,
}

impl MemoryBindings {
    /// The store of another server.
    #[must_use]
    pub fn of_the_same_table(&self) -> Self {
        Self {
            table: self.table.clone(),
            me: OnceLock::new(),
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn me(&self) -> Result<&String, BindingError> {
        self.me.get().ok_or_else(|| BindingError::Down {
            reason: "the store was not started".to_owned(),
        })
    }
}

/// Entries have the names that they have in etcd, so that the same users are refused.
fn name(frontend_type: &str, uid: &str) -> Result<String, BindingError> {
    Ok(binding_key("", frontend_type, uid)?)
}

impl BindingStore for MemoryBindings {
    fn start(&self, server_id: &str) -> BoxFuture<'_, Result<(), BindingError>> {
        let first = self.me.set(server_id.to_owned()).is_ok();
        Box::pin(async move {
            first.then_some(()).ok_or_else(|| BindingError::Down {
                reason: "the store was started twice".to_owned(),
            })
        })
    }

    fn put(&self, frontend_type: &str, uid: &str) -> BoxFuture<'_, Result<(), BindingError>> {
        let name = name(frontend_type, uid);
        Box::pin(async move {
            let me = self.me()?.clone();
            self.table().insert(name?, me);
            Ok(())
        })
    }

    fn get(
        &self,
        frontend_type: &str,
        uid: &str,
    ) -> BoxFuture<'_, Result<Option<String>, BindingError>> {
        let name = name(frontend_type, uid);
        Box::pin(async move { Ok(self.table().get(&name?).cloned()) })
    }

    fn remove_if_mine(
        &self,
        frontend_type: &str,
        uid: &str,
    ) -> BoxFuture<'_, Result<(), BindingError>> {
        let name = name(frontend_type, uid);
        Box::pin(async move {
            let (name, me) = (name?, self.me()?);
            let mut table = self.table();
            if table.get(&name) == Some(me) {
                table.remove(&name);
            }
            Ok(())
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Ok(me) = self.me() {
                self.table().retain(|_, server| server != me);
            }
        })
    }
}

impl fmt::Debug for MemoryBindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBindings")
            .field("entries", &self.table().len())
            .field("me", &self.me.get())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_later_login_keeps_its_entry() {
        let old = MemoryBindings::default();
        let new = old.of_the_same_table();
        old.start("g1").await.expect("a start");
        new.start("g2").await.expect("a start");
        old.put("gate", "u1").await.expect("an entry");
        old.put("gate", "u2").await.expect("an entry");
        new.put("gate", "u1").await.expect("an entry");

        old.remove_if_mine("gate", "u1").await.expect("no fault");
        assert_eq!(old.get("gate", "u1").await, Ok(Some("g2".to_owned())));
        old.close().await;
        assert_eq!(new.get("gate", "u2").await, Ok(None));
        new.remove_if_mine("gate", "u1").await.expect("no fault");
        assert_eq!(new.get("gate", "u1").await, Ok(None));
        assert!(new.put("gate", "a/b").await.is_err());
    }
}
