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

use super::parcel::Letter;
use super::users::Users;
use crate::cluster::BindingError;

/// Tasks that write. What concerns one user goes through one of them, in order.
const WRITERS: usize = 16;

/// After how long a new entry is read again. Of two servers that bind one user in the same instant neither finds the other's entry; by then the
/// later one has replaced the earlier, whose server learns of it so. Servers in Go do not look again.
const SECOND_LOOK: Duration = Duration::from_secs(1);

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

    /// Enters a user who was bound here, and tells the server where he was bound before.
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

struct Writer {
    users: Users,
    /// Entries to be read again, the earliest first.
    looks: VecDeque<(Instant, String)>,
    places: usize,
}

impl Writer {
    async fn run(mut self, mut queue: mpsc::Receiver<Change>) {
        loop {
            let due = self.looks.front().map(|(due, _)| *due);
            tokio::select! {
                biased;
                change = queue.recv() => match change {
                    Some(Change::Bound(uid)) => self.enter(uid).await,
                    Some(Change::Left(uid)) => self.take_out(&uid).await,
                    None => return,
                },
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    if let Some((_, uid)) = self.looks.pop_front() {
                        self.look_again(uid).await;
                    }
                }
            }
        }
    }

    async fn enter(&mut self, uid: String) {
        let server_type = &self.users.me.server_type;
        let before = self.users.find(server_type, &uid).await;
        if let Ok(Some(before)) = before
            && before != self.users.me.id
        {
            let binding = BindMsg {
                uid: uid.clone(),
                fid: self.users.me.id.clone(),
            };
            self.users.send(&before, Letter::Bind(binding), None);
        }
        let put = self.users.bindings.put(server_type, &uid).await;
        self.fault(put);
        self.look_later(uid);
    }

    async fn take_out(&mut self, uid: &str) {
        self.looks.retain(|(_, looked)| looked != uid);
        let users = &self.users;
        let removed = users.bindings.remove_if_mine(&users.me.server_type, uid);
        let removed = removed.await;
        self.fault(removed);
    }

    async fn look_again(&mut self, uid: String) {
        match self.users.find(&self.users.me.server_type, &uid).await {
            Ok(Some(server)) if server != self.users.me.id => {
                self.users.inbox.bound(BindMsg { uid, fid: server });
            }
            Ok(_) | Err(BindingError::Name(_)) => {}
            // Who was bound while the table was away is looked up when it is back.
            Err(_) => self.look_later(uid),
        }
    }

    fn look_later(&mut self, uid: String) {
        if self.looks.len() < self.places {
            self.looks.push_back((Instant::now() + SECOND_LOOK, uid));
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
