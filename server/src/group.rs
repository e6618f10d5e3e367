//! Groups: sessions that get the same pushes.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use pitaya_protocol::{Encode, Json, Push, SerializerSet};
use tokio::time::Instant;

use crate::handle::Handle;
use crate::session::{PushError, Session, Variant, Writer};

/// Parts of a group that are locked on their own: a broadcast visits each once.
const SHARDS: usize = 8;

/// A group of sessions. A cheap handle; the group itself is in its server until it is removed or its time is over.
pub struct Group<S: SerializerSet = Json>(Arc<Inner<S>>);

/// What a session keeps of a group that it is in.
pub(crate) struct WeakGroup<S: SerializerSet>(Weak<Inner<S>>);

struct Inner<S: SerializerSet> {
    name: Arc<str>,
    server: Handle<S>,
    shards: [Mutex<HashMap<u64, Session<S>>>; SHARDS],
    ttl: Option<Duration>,
    expires: Mutex<Option<Instant>>,
    removed: AtomicBool,
}

/// Why a session is not in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// There is a group of this name already.
    #[error("there is a group of this name already")]
    Exists,
    /// The group was removed, or its time is over.
    #[error("the group was removed")]
    Removed,
    /// The session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The session is in the group already.
    #[error("the session is in the group already")]
    AlreadyMember,
}

impl<S: SerializerSet> Group<S> {
    fn new(name: &str, server: &Handle<S>, ttl: Option<Duration>) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            server: server.clone(),
            shards: std::array::from_fn(|_| Mutex::default()),
            ttl,
            expires: Mutex::new(ttl.map(|ttl| Instant::now() + ttl)),
            removed: AtomicBool::new(false),
        }))
    }

    /// The group's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Adds a session. It leaves by itself when it ends.
    ///
    /// # Errors
    ///
    /// [`GroupError`] when the session or the group has ended, or the session is a member.
    pub fn join(&self, session: &Session<S>) -> Result<(), GroupError> {
        if self.0.removed.load(Ordering::Acquire) {
            return Err(GroupError::Removed);
        }
        // Under the lock of the session's state: its end takes the list of groups under the same lock.
        let mut state = session.state();
        if session.is_ended() {
            return Err(GroupError::SessionEnded);
        }
        if lock(self.shard(session))
            .insert(session.id(), session.clone())
            .is_some()
        {
            return Err(GroupError::AlreadyMember);
        }
        state.groups.push(WeakGroup(Arc::downgrade(&self.0)));
        drop(state);
        // It may have been removed in between, after its members were.
        if self.0.removed.load(Ordering::Acquire) {
            self.leave(session);
            return Err(GroupError::Removed);
        }
        Ok(())
    }

    /// Removes a session and says whether it was a member.
    #[expect(
        clippy::must_use_candidate,
        reason = "whoever wants it gone seldom asks whether it was there"
    )]
    pub fn leave(&self, session: &Session<S>) -> bool {
        session.state().groups.retain(|group| !group.is(&self.0));
        lock(self.shard(session)).remove(&session.id()).is_some()
    }

    /// Removes all sessions.
    pub fn clear(&self) {
        for session in self.members() {
            self.leave(&session);
        }
    }

    /// Whether a session is a member.
    #[must_use]
    pub fn contains(&self, session: &Session<S>) -> bool {
        lock(self.shard(session)).contains_key(&session.id())
    }

    /// The members at this moment.
    #[must_use]
    pub fn members(&self) -> Vec<Session<S>> {
        self.0
            .shards
            .iter()
            .flat_map(|shard| lock(shard).values().cloned().collect::<Vec<_>>())
            .collect()
    }

    /// The users of the members that are bound.
    #[must_use]
    pub fn uids(&self) -> Vec<Arc<str>> {
        self.members().iter().filter_map(Session::uid).collect()
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.shards.iter().map(|shard| lock(shard).len()).sum()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sends `value` to every member. Returns how many it was queued for; a member that takes no more meets the policy for slow consumers and
    /// delays nobody.
    ///
    /// # Errors
    ///
    /// [`PushError`] when the value cannot be written.
    pub fn broadcast<T: Encode<S>>(&self, route: Push<T>, value: &T) -> Result<usize, PushError> {
        self.batch().push(route, value).send()
    }

    /// The same, to the members for which `filter` is true.
    ///
    /// # Errors
    ///
    /// [`PushError`] when the value cannot be written.
    pub fn multicast<T: Encode<S>>(
        &self,
        route: Push<T>,
        value: &T,
        filter: impl Fn(&Session<S>) -> bool,
    ) -> Result<usize, PushError> {
        self.batch().push(route, value).send_to(filter)
    }

    /// Several pushes that leave together, in one write per member: what one tick of a game has to say.
    pub fn batch(&self) -> Batch<'_, S> {
        Batch {
            group: self,
            pushes: Vec::new(),
        }
    }

    /// Begins the group's time to live anew, if it has one.
    pub fn renew(&self) {
        if let Some(ttl) = self.0.ttl {
            *lock(&self.0.expires) = Some(Instant::now() + ttl);
        }
    }

    /// When the group is removed, if it is.
    fn expires(&self) -> Option<Instant> {
        *lock(&self.0.expires)
    }

    fn shard(&self, session: &Session<S>) -> &Mutex<HashMap<u64, Session<S>>> {
        &self.0.shards[(session.id() % SHARDS as u64) as usize]
    }
}

/// Pushes that leave together.
#[must_use = "nothing is sent before `send`"]
pub struct Batch<'a, S: SerializerSet = Json> {
    group: &'a Group<S>,
    pushes: Vec<Prepared<'a, S>>,
}

/// Writes one push in one variant.
type Prepared<'a, S> =
    Box<dyn Fn(&mut Writer, &Session<S>, Variant, &mut Vec<u8>) -> Result<(), PushError> + 'a>;

impl<'a, S: SerializerSet> Batch<'a, S> {
    /// Adds a push.
    pub fn push<T: Encode<S> + 'a>(mut self, route: Push<T>, value: &'a T) -> Self {
        self.pushes
            .push(Box::new(move |writer, session, variant, out| {
                writer.push(variant, &session.agreement(), route.route(), value, out)
            }));
        self
    }

    /// Sends to every member; as [`Group::broadcast`].
    ///
    /// # Errors
    ///
    /// [`PushError`] when a value cannot be written; nothing is sent to members that would get it.
    pub fn send(self) -> Result<usize, PushError> {
        self.send_to(|_| true)
    }

    /// Sends to the members for which `filter` is true.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn send_to(self, filter: impl Fn(&Session<S>) -> bool) -> Result<usize, PushError> {
        let mut written: [Option<Bytes>; Variant::COUNT] = [const { None }; Variant::COUNT];
        let mut reached = 0;
        // Sessions of other servers, by frontend and variant: each frontend gets one push for all of them.
        let mut elsewhere: HashMap<(String, usize), Vec<Session<S>>> = HashMap::new();
        for shard in &self.group.0.shards {
            // The lock is not held while application code (the filter, encoders) runs.
            let members: Vec<_> = lock(shard).values().cloned().collect();
            for session in members.iter().filter(|session| filter(session)) {
                let variant = Variant::of(session);
                let packets = match &mut written[variant.index()] {
                    Some(packets) => packets,
                    empty => empty.insert(self.write(session, variant)?),
                };
                if let Some(remote) = session.remote() {
                    let key = (remote.frontend().id.clone(), variant.index());
                    elsewhere.entry(key).or_default().push(session.clone());
                    continue;
                }
                reached += usize::from(session.push_packets(packets).is_ok());
            }
        }
        for ((_, variant), sessions) in elsewhere {
            if let (Some((first, others)), Some(packets)) =
                (sessions.split_first(), &written[variant])
                && let Some(remote) = first.remote()
                && first.push_packets_remote(remote, packets, others).is_ok()
            {
                reached += sessions.len();
            }
        }
        Ok(reached)
    }

    fn write(&self, session: &Session<S>, variant: Variant) -> Result<Bytes, PushError> {
        let mut out = Vec::new();
        Writer::with(|writer| {
            self.pushes
                .iter()
                .try_for_each(|push| push(writer, session, variant, &mut out))
        })?;
        Ok(out.into())
    }
}

impl<S: SerializerSet> WeakGroup<S> {
    fn is(&self, group: &Arc<Inner<S>>) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(group))
    }

    /// The session has ended.
    pub(crate) fn forget(&self, session: &Session<S>) {
        if let Some(group) = self.0.upgrade().map(Group) {
            lock(group.shard(session)).remove(&session.id());
        }
    }
}

/// The groups of a server, by name.
pub(crate) struct Groups<S: SerializerSet>(Mutex<HashMap<Arc<str>, Group<S>>>);

impl<S: SerializerSet> Default for Groups<S> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<S: SerializerSet> Groups<S> {
    pub(crate) fn create(
        &self,
        name: &str,
        server: &Handle<S>,
        ttl: Option<Duration>,
    ) -> Result<Group<S>, GroupError> {
        let group = Group::new(name, server, ttl);
        {
            let mut groups = lock(&self.0);
            if groups.contains_key(name) {
                return Err(GroupError::Exists);
            }
            groups.insert(group.0.name.clone(), group.clone());
        }
        if ttl.is_some() {
            server.spawn(expire(Arc::downgrade(&group.0)));
        }
        Ok(group)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Group<S>> {
        lock(&self.0).get(name).cloned()
    }

    pub(crate) fn remove(&self, name: &str) -> bool {
        let removed = lock(&self.0).remove(name);
        if let Some(group) = &removed {
            group.0.removed.store(true, Ordering::Release);
            group.clear();
        }
        removed.is_some()
    }

    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        lock(&self.0).keys().cloned().collect()
    }

    /// Forgets all groups, so that they no longer hold their server.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// Removes a group when its time is over.
async fn expire<S: SerializerSet>(group: Weak<Inner<S>>) {
    loop {
        let Some(expires) = group.upgrade().and_then(|inner| Group(inner).expires()) else {
            return;
        };
        tokio::time::sleep_until(expires).await;
        let Some(group) = group.upgrade().map(Group) else {
            return;
        };
        if group
            .expires()
            .is_none_or(|expires| expires <= Instant::now())
        {
            // Another group may have the name by now.
            let current = group.0.server.group(group.name());
            if current.is_some_and(|current| Arc::ptr_eq(&current.0, &group.0)) {
                group.0.server.remove_group(group.name());
            }
            return;
        }
    }
}

impl<S: SerializerSet> Clone for Group<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: SerializerSet> fmt::Debug for Group<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("name", &self.0.name)
            .field("members", &self.len())
            .finish_non_exhaustive()
    }
}

impl<S: SerializerSet> fmt::Debug for Batch<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("group", self.group)
            .field("pushes", &self.pushes.len())
            .finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds one of these.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
