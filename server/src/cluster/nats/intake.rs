//! What others send to this server: requests, answers and bindings, each kind in a task of its own.

use std::fmt;
use std::sync::Arc;

use async_nats::{Message, StatusCode, Subject, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt as _;
use pitaya_protocol::cluster::{BindMsg, Request};
use pitaya_protocol::codes;
use prost::Message as _;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::link::Link;
use super::pending::Outcome;
use crate::cluster::bus::refusal;
use crate::cluster::{Inbox, Reply};

/// More than were ever seen between the engine and this program at one moment.
const FILLERS: u64 = 512;

/// No request: there is no field 0.
const FILLER: &[u8] = &[0];

/// Where messages of others go.
#[derive(Clone)]
pub(super) struct Intake {
    pub(super) link: Arc<Link>,
    /// Where this server takes requests.
    pub(super) subject: Subject,
    pub(super) inbox: Arc<dyn Inbox>,
}

impl Intake {
    /// Takes requests until `stop`, and then those that are under way.
    pub(super) async fn requests(self, mut subscriber: Subscriber, stop: CancellationToken) {
        let mut received = 0;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                message = subscriber.next() => match message {
                    Some(message) => {
                        received += 1;
                        self.request(message);
                    }
                    None => return,
                },
            }
        }
        let last = self.stop_behind(&mut subscriber, received);
        if timeout(self.link.config.close_timeout, last).await.is_err() {
            // The engine is away, or has counted otherwise.
            let _ = subscriber.drain().await;
        }
        while let Some(message) = subscriber.next().await {
            self.request(message);
        }
    }

    /// Takes what the engine sends until it has ended the subscription.
    ///
    /// The client forgets a subscription when it tells the engine to end it, and drops what the engine sends before it hears of that. What both
    /// count alike is a last message by its number; so this server sends itself empty ones until that number is reached.
    async fn stop_behind(&self, subscriber: &mut Subscriber, received: u64) {
        let Some(running) = self.link.running() else {
            return;
        };
        // The engine counts anew on a new connection, the client does not.
        if running.connection() > 1 {
            let _ = subscriber.drain().await;
            return;
        }
        // Errors say that the client is closed, which ends the stream as well.
        let _ = subscriber.unsubscribe_after(received + FILLERS).await;
        for _ in 0..FILLERS {
            let filler = Bytes::from_static(FILLER);
            let _ = running.client.publish(self.subject.clone(), filler).await;
        }
        while let Some(message) = subscriber.next().await {
            if message.payload != FILLER {
                self.request(message);
            }
        }
    }

    fn request(&self, message: Message) {
        let Message { reply, payload, .. } = message;
        let request = match Request::decode(payload) {
            Ok(request) if request.msg.is_some() => request,
            Ok(_) => return self.undecodable("request", &"it has no `msg`", reply),
            Err(error) => return self.undecodable("request", &error, reply),
        };
        let Some(taken) = self.link.take() else {
            self.link.metrics.overloaded.increment(1);
            if let Some(reply) = reply {
                let answer = refusal(codes::OVERLOADED, "the server has too much to do");
                self.link.answer(reply, &answer, None);
            }
            return;
        };
        let link = self.link.clone();
        let reply = Reply::new(move |response| match reply {
            Some(reply) => link.answer(reply, &response, Some(taken)),
            // It counts as taken until the handler is done.
            None => drop(taken),
        });
        self.inbox.request(request, reply);
    }

    /// Tells waiting calls how they ended.
    pub(super) async fn answers(self, mut subscriber: Subscriber) {
        while let Some(message) = subscriber.next().await {
            let number = message.subject.rsplit('.').next();
            let number = number.and_then(|number| number.parse().ok());
            let outcome = if message.status == Some(StatusCode::NO_RESPONDERS) {
                Outcome::Gone
            } else {
                Outcome::Answer(message.payload)
            };
            if !number.is_some_and(|number| self.link.pending.settle(number, outcome)) {
                self.link.metrics.late_answers.increment(1);
            }
        }
    }

    /// Hears which users were bound on servers of this type.
    pub(super) async fn bindings(self, mut subscriber: Subscriber) {
        while let Some(message) = subscriber.next().await {
            match BindMsg::decode(message.payload) {
                Ok(binding) => self.inbox.bound(binding),
                Err(error) => self.undecodable("binding", &error, message.reply),
            }
        }
    }

    pub(super) fn undecodable(
        &self,
        what: &'static str,
        cause: &dyn fmt::Display,
        reply: Option<Subject>,
    ) {
        self.link.metrics.undecodable.increment(1);
        let answer = self.inbox.undecodable(what, cause);
        if let Some(reply) = reply {
            self.link.answer(reply, &answer, None);
        }
    }
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake").finish_non_exhaustive()
    }
}
