//! The users bound at this server, as others find them (wire 16, 20.2).

use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use foldhash::fast::FixedState;
use pitaya_protocol::cluster::BindMsg;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::TaskTracker;

use super::users::Users;
use crate::cluster::BindingError;

/// Tasks that write. What concerns one user goes through one of them, in order.
const WRITERS: usize = 16;

/// After how long a new entry is read again, and how often. Servers in Go look where a user is bound before they write, so that of two which
/// bind him in one instant neither finds the other: the later entry counts. And they take entries away when a session ends, also those that others
/// have made since (wire 20.2).
const LOOK_AFTER: Duration = Duration::from_secs(1);
const LOOKS: u32 = 3;

/// Enters users into the table of bindings, and takes them out.
#[derive(Debug)]
pub(super) struct Roll(Mutex<Vec<mpsc::Sender<Change>>>);

#[derive(Debug)]
enum Change {
    Bound(String),
    Left(String),
}

impl Roll {
    pub(super) fn open(users: &Users, tasks: &TaskTracker) -> Self {
        let places = users.config.limits.queued_bindings.div_ceil(WRITERS).max(1);
        let writers = (0..WRITERS).map(|_| {
            let (changes, queue) = mpsc::channel(places);
            let writer = Writer {
                users: users.clone(),
                looks: VecDeque::new(),
                places,
            };
            tasks.spawn(writer.run(queue));
            changes
        });
        Self(Mutex::new(writers.collect()))
    }

    /// Enters a user who was bound here.
    pub(super) fn add(&self, uid: &str) -> bool {
        self.change(uid, Change::Bound)
    }

    /// Takes a user out who has left.
    pub(super) fn remove(&self, uid: &str) -> bool {
        self.change(uid, Change::Left)
    }

    /// Takes no more changes; those that are there are written.
    pub(super) fn close(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn change(&self, uid: &str, change: impl FnOnce(String) -> Change) -> bool {
        let hash = FixedState::default().hash_one(uid);
        let writers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = usize::try_from(hash % WRITERS as u64).ok();
        let writer = writer.and_then(|index| writers.get(index));
        writer.is_some_and(|writer| writer.try_send(change(uid.to_owned())).is_ok())
    }
}

/// An entry that is read again, unless its user leaves before.
struct Look {
    due: Instant,
    uid: String,
    left: u32,
}

struct Writer {
    users: Users,
    /// Entries to be read again, the earliest first.
    looks: VecDeque<Look>,
    places: usize,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::Receiver<Change>) {
        loop {
            let due = self.looks.front().map(|look| look.due);
            tokio::select! {
                biased;
                change = queue.recv() => match change {
                    Some(Change::Bound(uid)) => self.enter(uid, LOOKS).await,
                    Some(Change::Left(uid)) => self.take_out(&uid).await,
                    None => return,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    if let Some(look) = self.looks.pop_front() {
                        self.look_again(look).await;
                    }
                }
            }
        }
    }

    async fn enter(&mut self, uid: String, looks: u32) {
        let put = self.users.bindings.put(&self.users.me.server_type, &uid);
        let put = put.await;
        self.fault(put);
        self.look_later(uid, looks);
    }

    async fn take_out(&mut self, uid: &str) {
        self.looks.retain(|look| look.uid != uid);
        let users = &self.users;
        let removed = users.bindings.remove_if_mine(&users.me.server_type, uid);
        let removed = removed.await;
        self.fault(removed);
    }

    async fn look_again(&mut self, look: Look) {
        let Look { uid, left, .. } = look;
        match self.users.find(&self.users.me.server_type, &uid).await {
            Ok(None) => self.enter(uid, left - 1).await,
            Ok(Some(server)) if self.users.is_foreign(&server) => {
                self.users.inbox.bound(BindMsg {
                    uid,
                    fid: server,
                    ..BindMsg::default()
                });
            }
            Ok(Some(_)) => self.look_later(uid, left - 1),
            // Who was bound while the table was away is looked up when it is back.
            Err(BindingError::Down { .. }) => self.look_later(uid, left),
            Err(BindingError::Name(_)) => {}
        }
    }

    fn look_later(&mut self, uid: String, left: u32) {
        if left == 0 {
            return;
        }
        if self.looks.len() < self.places {
            let due = Instant::now() + LOOK_AFTER;
            self.looks.push_back(Look { due, uid, left });
        } else {
            self.users.metrics.undelivered("overrun");
        }
    }

    fn fault(&self, written: Result<(), BindingError>) {
        if let Err(error) = written {
            tracing::debug!(%error, "a binding is not written");
            self.users.metrics.undelivered("bindings");
        }
    }
}
