//! The player's stay: who it is, where it is, and what it has heard there.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use chat::contract::{Line, Members, User};

/// Keys of lines that are kept to know a line that comes twice: as many lines as the server keeps.
const KEYS: usize = 1000;

/// Where the player is, as every handshake tells the server. A cheap handle.
#[derive(Clone)]
pub(crate) struct Stay(Arc<Mutex<Inner>>);

struct Inner {
    user: User,
    /// Speakers and keys of the lines that were heard, the newest last.
    heard: VecDeque<(String, String)>,
    /// What all keys of this program begin with.
    program: String,
    /// How many keys were made.
    made: u64,
}

impl Stay {
    /// A player on the way to a room.
    pub(crate) fn new(name: String, room: String) -> Self {
        let started = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(Arc::new(Mutex::new(Inner {
            user: User {
                name,
                room: Some(room),
                seen: None,
            },
            heard: VecDeque::new(),
            program: format!("{:x}", started.as_micros()),
            made: 0,
        })))
    }

    /// What the next handshake says.
    pub(crate) fn user(&self) -> User {
        self.lock().user.clone()
    }

    /// The player has entered a room.
    pub(crate) fn joined(&self, members: &Members) {
        let mut inner = self.lock();
        inner.user.room = Some(members.room.clone());
        inner.user.seen = Some(members.at.clone());
    }

    /// The player has left its room.
    pub(crate) fn left(&self) {
        let mut inner = self.lock();
        inner.user.room = None;
        inner.user.seen = None;
    }

    /// What the server says of the room while the player is in it.
    pub(crate) fn told(&self, members: &Members) {
        // A line that was heard meanwhile is newer than this.
        self.lock()
            .user
            .seen
            .get_or_insert_with(|| members.at.clone());
    }

    /// Everything up to this place was heard, or is lost.
    pub(crate) fn seen(&self, at: String) {
        self.lock().user.seen = Some(at);
    }

    /// The player hears a line. Whether it is a new one.
    pub(crate) fn hears(&self, line: &Line) -> bool {
        let mut inner = self.lock();
        inner.user.seen = Some(line.at.clone());
        let Some(key) = &line.key else { return true };
        let key = (line.from.clone(), key.clone());
        if inner.heard.contains(&key) {
            return false;
        }
        if inner.heard.len() == KEYS {
            inner.heard.pop_front();
        }
        inner.heard.push_back(key);
        true
    }

    /// A key for a new line.
    pub(crate) fn key(&self) -> String {
        let mut inner = self.lock();
        inner.made += 1;
        format!("{}-{}", inner.program, inner.made)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
