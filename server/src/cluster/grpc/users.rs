//! How a user's frontend is found, and what goes there (wire 16).

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt, stream};
use pitaya_protocol::cluster::Member;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::config::GrpcConfig;
use super::lanes::Lanes;
use super::metrics::{Metrics, Place};
use super::parcel::{Letter, Parcel, Sender};
use crate::cluster::{BindingError, BindingStore, CallError, Inbox, Members};

/// Lookups at one time. What is found is sent in the order in which it was handed over.
const LOOKUPS: usize = 32;

/// The table of users, and the way to where they are. A cheap handle.
#[derive(Clone)]
pub(super) struct Users {
    pub(super) me: Arc<Member>,
    pub(super) inbox: Arc<dyn Inbox>,
    pub(super) bindings: Arc<dyn BindingStore>,
    pub(super) members: watch::Receiver<Members>,
    pub(super) lanes: Arc<Lanes>,
    pub(super) config: Arc<GrpcConfig>,
    pub(super) metrics: Arc<Metrics>,
}

/// A push or a kick, and the type of frontend that its user is on.
#[derive(Debug)]
pub(super) struct Errand {
    pub(super) frontend_type: String,
    pub(super) letter: Letter,
    pub(super) place: Place,
}

/// Where errands are handed over. Without a limit of its own: each has a place under one.
#[derive(Debug)]
pub(super) struct Errands(Mutex<Option<mpsc::UnboundedSender<Errand>>>);

impl Errands {
    /// A queue, and the task that does what is put there.
    pub(super) fn open(users: Users) -> (Self, impl Future<Output = ()>) {
        let (errands, queue) = mpsc::unbounded_channel();
        (Self(Mutex::new(Some(errands))), run(users, queue))
    }

    pub(super) fn add(&self, errand: Errand) -> Result<(), CallError> {
        let errands = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = errands
            .as_ref()
            .is_some_and(|errands| errands.send(errand).is_ok());
        sent.then_some(()).ok_or_else(|| CallError::Down {
            reason: "the bus was closed".to_owned(),
        })
    }

    /// Takes nothing more; what is there is done.
    pub(super) fn close(&self) {
        let mut errands = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        errands.take();
    }
}

async fn run(users: Users, mut queue: mpsc::UnboundedReceiver<Errand>) {
    let users = &users;
    let queue = stream::poll_fn(move |context| queue.poll_recv(context));
    let looked_up = queue.map(async |errand| {
        let found = users.find(&errand.frontend_type, errand.letter.uid()).await;
        (errand, found)
    });
    let mut found = std::pin::pin!(looked_up.buffered(LOOKUPS));
    while let Some((errand, server)) = found.next().await {
        match server {
            Ok(Some(server)) if server == users.me.id => users.deliver_here(errand.letter),
            Ok(Some(server)) => users.send(&server, errand.letter, errand.place),
            Ok(None) => users.metrics.undelivered("unbound"),
            Err(error) => {
                tracing::debug!(%error, "a user's frontend cannot be found");
                users.metrics.undelivered("bindings");
            }
        }
    }
}

impl Users {
    /// The server where a user is bound.
    pub(super) async fn find(
        &self,
        frontend_type: &str,
        uid: &str,
    ) -> Result<Option<String>, BindingError> {
        let found = self.bindings.get(frontend_type, uid);
        let found = timeout(self.config.request_timeout, found).await;
        found.unwrap_or_else(|_| {
            Err(BindingError::Down {
                reason: "there was no answer in time".to_owned(),
            })
        })
    }

    /// Sends to a server by its id; what does not arrive is counted.
    fn send(&self, server: &str, letter: Letter, place: Place) {
        let to = self.members.borrow().get(server).cloned();
        let Some(to) = to else {
            self.metrics.undelivered("gone");
            return;
        };
        let limit = self.config.request_timeout;
        let sender = Sender::Counts(self.metrics.clone());
        let parcel = Parcel::new(letter, limit, sender, place);
        if let Err(error) = self.lanes.hand_over(&to, parcel) {
            tracing::debug!(server, %error, "not delivered");
            self.metrics.undelivered("gone");
        }
    }

    /// Whether it is another server, and one of the family.
    pub(super) fn is_foreign(&self, server: &str) -> bool {
        let members = self.members.borrow();
        let other = members.get(server).filter(|_| server != self.me.id);
        other.is_some_and(|member| !member.is_of_this_suite())
    }

    fn deliver_here(&self, letter: Letter) {
        let taken = match letter {
            Letter::Push(push) => self.inbox.push(push),
            Letter::Kick(kick) => self.inbox.kick(kick),
            Letter::Call(_) | Letter::Bind(_) => Ok(()),
        };
        if let Err(error) = taken {
            tracing::debug!(error = %error.message(), "not delivered");
            self.metrics.undelivered("refused");
        }
    }
}
