//! A cluster within one process: for tests, and for a program that is one process while it is developed and many when it is played.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::{BindMsg, KickMsg, Member, Push, Request};
use tokio::sync::{oneshot, watch};

use super::bus::{Bus, BusError, CallError, Inbox, PendingAnswer, Reply};
use super::discovery::{Discovery, DiscoveryError, Members};

/// Where the servers of one process meet: a bus and a discovery. A cheap handle.
///
/// It can do what real engines do to a cluster, so that a game's tests can see it: go away and come back, lose servers.
#[derive(Clone, Default)]
pub struct Hub(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    members: watch::Sender<Members>,
    /// Counts the outages of the bus.
    outages: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    down: bool,
    inboxes: HashMap<String, Arc<dyn Inbox>>,
    members: HashMap<String, Arc<Member>>,
    faults: HashMap<String, Fault>,
    /// Requests to servers that hang, by server: they are answered when it is repaired.
    held: HashMap<String, Vec<Reply>>,
    /// The servers at which a user is bound, by server type and uid.
    users: HashMap<(String, String), Vec<String>>,
}

/// What is wrong with a server of a [`Hub`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It has crashed: nothing takes requests at its address, though discovery still lists it.
    Gone,
    /// It hangs: requests reach it and are not handled.
    Silent,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            members: watch::Sender::new(Members::default()),
            outages: watch::Sender::new(0),
        }
    }
}

impl Hub {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A bus for one server.
    #[must_use]
    pub fn bus(&self) -> MemoryBus {
        MemoryBus {
            hub: self.clone(),
            me: Mutex::default(),
        }
    }

    /// A discovery for one server.
    #[must_use]
    pub fn discovery(&self) -> MemoryDiscovery {
        MemoryDiscovery {
            hub: self.clone(),
            me: Mutex::default(),
        }
    }

    /// Takes the bus away, or brings it back. Calls that wait are lost when it goes.
    pub fn set_up(&self, up: bool) {
        let mut state = self.state();
        if !up && !state.down {
            self.0.outages.send_modify(|count| *count += 1);
        }
        state.down = !up;
    }

    /// Breaks the server with this id, or repairs it with `None`.
    pub fn set_fault(&self, id: &str, fault: Option<Fault>) {
        let held = {
            let mut state = self.state();
            match fault {
                Some(fault) => state.faults.insert(id.to_owned(), fault),
                None => state.faults.remove(id),
            };
            state.held.remove(id)
        };
        // Outside of the lock, as each answers when it is dropped.
        drop(held);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0.state)
    }

    fn publish(&self, state: &State) {
        let members = state.members.values().cloned().collect();
        self.0.members.send_replace(members);
    }

    /// The inboxes of these servers, unless the bus is away.
    fn reach(
        &self,
        ids: impl FnOnce(&State) -> Vec<String>,
    ) -> Result<Vec<Arc<dyn Inbox>>, CallError> {
        let state = self.state();
        if state.down {
            return Err(down());
        }
        let ids = ids(&state);
        let alive = ids.iter().filter(|id| !state.faults.contains_key(*id));
        Ok(alive
            .filter_map(|id| state.inboxes.get(id).cloned())
            .collect())
    }
}

fn down() -> CallError {
    CallError::Down {
        reason: "the hub is away".to_owned(),
    }
}

/// The bus of one server of a [`Hub`].
pub struct MemoryBus {
    hub: Hub,
    me: Mutex<Option<Member>>,
}

impl MemoryBus {
    /// Hands a request to the server's inbox.
    fn hand_over(&self, to: &Member, request: Request, reply: Reply) -> Result<(), CallError> {
        let inbox = {
            let mut state = self.hub.state();
            if state.down {
                return Err(down());
            }
            match state.faults.get(&to.id) {
                Some(Fault::Silent) => {
                    state.held.entry(to.id.clone()).or_default().push(reply);
                    return Ok(());
                }
                Some(Fault::Gone) => None,
                None => state.inboxes.get(&to.id).cloned(),
            }
        };
        let inbox = inbox.ok_or_else(|| CallError::Gone {
            server: to.id.clone(),
        })?;
        inbox.request(request, reply);
        Ok(())
    }

    fn user(&self, uid: &str) -> Option<((String, String), String)> {
        let me = lock(&self.me);
        let me = me.as_ref()?;
        Some(((me.server_type.clone(), uid.to_owned()), me.id.clone()))
    }

    /// The inboxes of the frontends at which a user is bound.
    fn frontends_of(
        &self,
        frontend_type: &str,
        uid: &str,
    ) -> Result<Vec<Arc<dyn Inbox>>, CallError> {
        let key = (frontend_type.to_owned(), uid.to_owned());
        self.hub
            .reach(|state| state.users.get(&key).cloned().unwrap_or_default())
    }
}

impl Bus for MemoryBus {
    fn start(&self, me: Member, inbox: Arc<dyn Inbox>) -> BoxFuture<'_, Result<(), BusError>> {
        self.hub.state().inboxes.insert(me.id.clone(), inbox);
        *lock(&self.me) = Some(me);
        Box::pin(std::future::ready(Ok(())))
    }

    fn call(&self, to: &Member, request: Request, timeout: Duration) -> PendingAnswer {
        let (sender, answer) = oneshot::channel();
        let mut outages = self.hub.0.outages.subscribe();
        let reply = Reply::new(move |response| {
            // Whoever asked may have given up.
            let _ = sender.send(response);
        });
        let handed = self.hand_over(to, request, reply);
        let server = to.id.clone();
        Box::pin(async move {
            handed?;
            tokio::select! {
                answer = answer => answer.map_err(|_| CallError::Lost { server }),
                _ = outages.changed() => Err(CallError::Lost { server }),
                () = tokio::time::sleep(timeout) => Err(CallError::Timeout { server, after: timeout }),
            }
        })
    }

    fn tell(&self, to: &Member, request: Request) -> Result<(), CallError> {
        self.hand_over(to, request, Reply::unwanted())
    }

    fn push_to_user(&self, frontend_type: &str, push: Push) -> Result<(), CallError> {
        for inbox in self.frontends_of(frontend_type, &push.uid)? {
            // As over NATS nobody hears of a user who is gone.
            let _ = inbox.push(push.clone());
        }
        Ok(())
    }

    fn kick_user(&self, frontend_type: &str, kick: KickMsg) -> Result<(), CallError> {
        for inbox in self.frontends_of(frontend_type, &kick.user_id)? {
            let _ = inbox.kick(kick.clone());
        }
        Ok(())
    }

    fn announce_binding(&self, server_type: &str, binding: BindMsg) -> Result<(), CallError> {
        let of_type = |state: &State| {
            let members = state.members.values();
            members
                .filter(|member| member.server_type == server_type)
                .map(|member| member.id.clone())
                .collect()
        };
        for inbox in self.hub.reach(of_type)? {
            inbox.bound(binding.clone());
        }
        Ok(())
    }

    fn add_user(&self, uid: &str) {
        if let Some((key, id)) = self.user(uid) {
            self.hub.state().users.entry(key).or_default().push(id);
        }
    }

    fn remove_user(&self, uid: &str) {
        if let Some((key, id)) = self.user(uid) {
            let mut state = self.hub.state();
            if let Some(ids) = state.users.get_mut(&key) {
                if let Some(position) = ids.iter().position(|other| *other == id) {
                    ids.swap_remove(position);
                }
                if ids.is_empty() {
                    state.users.remove(&key);
                }
            }
        }
    }

    fn is_up(&self) -> bool {
        !self.hub.state().down
    }

    fn stop_receiving(&self) -> BoxFuture<'_, ()> {
        if let Some(me) = &*lock(&self.me) {
            self.hub.state().inboxes.remove(&me.id);
        }
        Box::pin(std::future::ready(()))
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.stop_receiving()
    }
}

/// The discovery of one server of a [`Hub`].
pub struct MemoryDiscovery {
    hub: Hub,
    me: Mutex<Option<String>>,
}

impl Discovery for MemoryDiscovery {
    fn join(&self, me: Member) -> BoxFuture<'_, Result<(), DiscoveryError>> {
        let mut state = self.hub.state();
        *lock(&self.me) = Some(me.id.clone());
        state.members.insert(me.id.clone(), Arc::new(me));
        self.hub.publish(&state);
        Box::pin(std::future::ready(Ok(())))
    }

    fn members(&self) -> watch::Receiver<Members> {
        self.hub.0.members.subscribe()
    }

    fn is_up(&self) -> bool {
        true
    }

    fn leave(&self) -> BoxFuture<'_, ()> {
        if let Some(id) = lock(&self.me).take() {
            let mut state = self.hub.state();
            state.members.remove(&id);
            self.hub.publish(&state);
        }
        Box::pin(std::future::ready(()))
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Hub")
            .field("up", &!state.down)
            .field("members", &state.members.keys())
            .field("faults", &state.faults)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for MemoryBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBus").field("hub", &self.hub).finish()
    }
}

impl fmt::Debug for MemoryDiscovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDiscovery")
            .field("hub", &self.hub)
            .finish()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing panics while it holds one of these.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
