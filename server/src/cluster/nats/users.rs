//! The two subjects of each user who is bound here (wire 15.2), all in one task.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use async_nats::{Client, Message, Subject, SubscribeError, Subscriber};
use bytes::Bytes;
use futures_util::stream::{AbortHandle, Abortable, SelectAll};
use futures_util::{Stream, StreamExt as _};
use pitaya_protocol::cluster::{
    self, KickAnswer, KickMsg, Push, Response, user_kick_subject, user_push_subject,
};
use prost::Message as _;
use tokio::sync::Notify;
use tracing::debug;

use super::intake::Intake;
use super::link::subject;
use crate::error::Error;

/// Who is to be heard of, as far as it was not done yet. It never holds more than the users that are bound, and those that were.
#[derive(Debug, Default)]
pub(super) struct Users {
    changes: Mutex<HashMap<String, Change>>,
    changed: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Add,
    Remove,
}

impl Users {
    pub(super) fn add(&self, uid: &str) {
        self.change(uid, Change::Add);
    }

    pub(super) fn remove(&self, uid: &str) {
        self.change(uid, Change::Remove);
    }

    /// What is asked back before it was done need not be done.
    fn change(&self, uid: &str, change: Change) {
        let mut changes = self.changes();
        match changes.get(uid) {
            Some(before) if *before != change => drop(changes.remove(uid)),
            Some(_) => {}
            None => {
                changes.insert(uid.to_owned(), change);
                self.changed.notify_one();
            }
        }
    }

    async fn changed(&self) -> HashMap<String, Change> {
        self.changed.notified().await;
        std::mem::take(&mut *self.changes())
    }

    fn changes(&self) -> MutexGuard<'_, HashMap<String, Change>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Subscribes and unsubscribes, and takes what comes.
    pub(super) async fn run(&self, intake: Intake, client: Client, server_type: String) {
        let mut heard = HashMap::new();
        let mut subjects = SelectAll::new();
        loop {
            tokio::select! {
                changes = self.changed() => {
                    for (uid, change) in changes {
                        match change {
                            Change::Remove => {
                                heard.remove(&uid);
                            }
                            Change::Add => {
                                let Ok(user) = User::subscribe(&client, &server_type, &uid).await else {
                                    continue;
                                };
                                let (handle, registration) = AbortHandle::new_pair();
                                subjects.push(Abortable::new(user, registration));
                                heard.insert(uid, Ended(handle));
                            }
                        }
                    }
                }
                Some((kind, message)) = subjects.next() => intake.of_user(kind, message),
            }
        }
    }
}

/// Ends a user's subscriptions when it is dropped.
struct Ended(AbortHandle);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Push,
    Kick,
}

/// The subscriptions of one user.
struct User {
    pushes: Subscriber,
    kicks: Subscriber,
}

impl User {
    async fn subscribe(client: &Client, server_type: &str, uid: &str) -> Result<Self, Unheard> {
        let names = subject(user_push_subject(server_type, uid))
            .and_then(|pushes| Ok((pushes, subject(user_kick_subject(server_type, uid))?)));
        let (pushes, kicks) = names.map_err(|error| {
            // Nobody can send there, so that nothing is missed.
            debug!("a user cannot be heard of: {error}");
            Unheard
        })?;
        Ok(Self {
            pushes: client.subscribe(pushes).await?,
            kicks: client.subscribe(kicks).await?,
        })
    }
}

/// A user has no subjects, or the client is closed.
struct Unheard;

impl From<SubscribeError> for Unheard {
    fn from(_: SubscribeError) -> Self {
        Self
    }
}

/// A kick ends what the pushes before it wanted to be seen, so those come first.
impl Stream for User {
    type Item = (Kind, Message);

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<(Kind, Message)>> {
        if let Poll::Ready(Some(message)) = self.pushes.poll_next_unpin(context) {
            return Poll::Ready(Some((Kind::Push, message)));
        }
        let kick = self.kicks.poll_next_unpin(context);
        kick.map(|message| Some((Kind::Kick, message?)))
    }
}

impl Intake {
    /// Takes a push or a kick, and answers where a peer sent it as a request (wire 15.5).
    fn of_user(&self, kind: Kind, message: Message) {
        let Message { reply, payload, .. } = message;
        match kind {
            Kind::Push => match Push::decode(payload) {
                Ok(push) => self.tell_user(self.inbox.push(push), &ACK, reply),
                Err(error) => self.undecodable("push", &error, reply),
            },
            Kind::Kick => match KickMsg::decode(payload) {
                Ok(kick) => self.tell_user(self.inbox.kick(kick), &KICKED, reply),
                Err(error) => self.undecodable("kick", &error, reply),
            },
        }
    }

    fn tell_user(&self, ended: Result<(), Error>, done: &impl prost::Message, to: Option<Subject>) {
        let Some(to) = to else {
            return;
        };
        match ended {
            Ok(()) => self.link.answer(to, done, None),
            Err(error) => self.link.answer(to, &refused(&error), None),
        }
    }
}

const ACK: Response = Response {
    data: Bytes::from_static(b"ack"),
    error: None,
    watch: false,
};

const KICKED: KickAnswer = KickAnswer { kicked: true };

fn refused(error: &Error) -> Response {
    let error = cluster::Error {
        code: error.code().to_owned(),
        msg: error.message().to_owned(),
        metadata: error.metadata().clone(),
    };
    Response {
        error: Some(error),
        ..Response::default()
    }
}
