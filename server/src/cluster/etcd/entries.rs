//! The bindings of one server: as they should be, and what etcd knows of them.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use etcd_client::{Client, Compare, CompareOp, PutOptions, Txn, TxnOp};
use foldhash::fast::FixedState;
use futures_util::{StreamExt, stream};
use tokio::sync::{Mutex as Turn, Notify};

use super::config::EtcdConfig;
use super::link::{LinkError, answer};

/// Users whose entries change at the same time. What is done about one user is done one after the other.
const TURNS: usize = 64;

/// Users who have left without etcd being told that are remembered. Beyond, the lease is changed: the old one takes all of them away.
const MOST_LEAVING: usize = 10_000;

/// The bindings of one server. They are as many as its bound users.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) config: EtcdConfig,
    state: Mutex<State>,
    turns: [Turn<()>; TURNS],
    /// A change did not reach etcd.
    pub(super) missed: Notify,
}

#[derive(Debug, Default)]
struct State {
    me: String,
    by_key: HashMap<String, Entry>,
    leaving: usize,
    lease_is_littered: bool,
    session: Option<Session>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// The user was bound here, which etcd may not know.
    Due,
    /// etcd knows it by this lease.
    Written(i64),
    /// The user has left, which etcd may not know.
    Leaving,
}

/// A connection with a lease.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) client: Client,
    pub(super) lease: i64,
}

impl Entries {
    pub(super) fn new(config: EtcdConfig) -> Self {
        Self {
            config,
            state: Mutex::default(),
            turns: std::array::from_fn(|_| Turn::default()),
            missed: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(&self, me: String) {
        self.state().me = me;
    }

    pub(super) fn session(&self) -> Result<Session, LinkError> {
        let session = self.state().session.clone();
        session.ok_or(LinkError::Away)
    }

    pub(super) fn connected(&self, session: Option<Session>) {
        self.state().session = session;
    }

    /// Whether the lease has entries of users that were not remembered.
    pub(super) fn lease_is_littered(&self) -> bool {
        self.state().lease_is_littered
    }

    /// The littered lease is gone.
    pub(super) fn tidied(&self) {
        self.state().lease_is_littered = false;
    }

    pub(super) async fn put(&self, key: String) -> Result<(), LinkError> {
        let _turn = self.turn(&key).await;
        self.state().set(&key, Entry::Due);
        self.settle(&self.session()?, &key).await
    }

    pub(super) async fn remove(&self, key: String) -> Result<(), LinkError> {
        let _turn = self.turn(&key).await;
        self.state().set(&key, Entry::Leaving);
        self.settle(&self.session()?, &key).await
    }

    /// Tells etcd everything that it does not know by this session's lease.
    pub(super) async fn settle_all(&self, session: &Session) -> Result<(), LinkError> {
        let keys: Vec<_> = {
            let state = self.state();
            let unsettled = |entry: &Entry| *entry != Entry::Written(session.lease);
            let entries = state.by_key.iter();
            entries
                .filter(|(_, entry)| unsettled(entry))
                .map(|(key, _)| key.clone())
                .collect()
        };
        let mut changes = stream::iter(keys)
            .map(|key| async move {
                let _turn = self.turn(&key).await;
                self.settle(session, &key).await
            })
            .buffer_unordered(TURNS);
        while let Some(settled) = changes.next().await {
            settled?;
        }
        Ok(())
    }

    async fn turn(&self, key: &str) -> tokio::sync::MutexGuard<'_, ()> {
        let hash = FixedState::default().hash_one(key);
        let index = usize::try_from(hash % TURNS as u64).expect("it is less than the turns");
        self.turns[index].lock().await
    }

    /// Does what is to be done about one entry. The caller has its turn.
    async fn settle(&self, session: &Session, key: &str) -> Result<(), LinkError> {
        let (entry, me) = {
            let state = self.state();
            (state.by_key.get(key).copied(), state.me.clone())
        };
        let with_lease = || Some(PutOptions::new().with_lease(session.lease));
        let mine = || Compare::value(key, CompareOp::Equal, me.clone());
        let request = match entry {
            // Whoever had the user before: he is here now.
            Some(Entry::Due) => Txn::new().and_then([TxnOp::put(key, me.clone(), with_lease())]),
            Some(Entry::Leaving) => {
                let delete = TxnOp::delete(key, None);
                Txn::new().when([mine()]).and_then([delete])
            }
            // It went with its lease. Who has entered the user since then knows better.
            Some(Entry::Written(lease)) if lease != session.lease => {
                let put = TxnOp::put(key, me.clone(), with_lease());
                let absent = Compare::create_revision(key, CompareOp::Equal, 0);
                let if_mine = Txn::new().when([mine()]).and_then([put.clone()]);
                Txn::new()
                    .when([absent])
                    .and_then([put])
                    .or_else([TxnOp::txn(if_mine)])
            }
            Some(Entry::Written(_)) | None => return Ok(()),
        };
        let mut kv = session.client.kv_client();
        answer(self.config.request_timeout, kv.txn(request)).await?;
        let mut state = self.state();
        if entry == Some(Entry::Leaving) {
            state.forget(key);
        } else {
            state.set(key, Entry::Written(session.lease));
        }
        Ok(())
    }
}

impl State {
    fn set(&mut self, key: &str, entry: Entry) {
        if entry == Entry::Leaving && self.leaving >= MOST_LEAVING {
            self.lease_is_littered = true;
            return self.forget(key);
        }
        let before = self.by_key.insert(key.to_owned(), entry);
        self.leaving -= usize::from(before == Some(Entry::Leaving));
        self.leaving += usize::from(entry == Entry::Leaving);
    }

    fn forget(&mut self, key: &str) {
        let before = self.by_key.remove(key);
        self.leaving -= usize::from(before == Some(Entry::Leaving));
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_who_leave_during_an_outage_are_not_remembered_without_end() {
        let mut state = State::default();
        for user in 0..MOST_LEAVING + 5 {
            state.set(&user.to_string(), Entry::Due);
            state.set(&user.to_string(), Entry::Leaving);
        }
        assert_eq!(
            (state.by_key.len(), state.leaving),
            (MOST_LEAVING, MOST_LEAVING)
        );
        assert!(state.lease_is_littered);
        state.set("0", Entry::Due);
        state.forget("1");
        assert_eq!(state.leaving, MOST_LEAVING - 2);
    }
}
