//! What others send to this server: requests, answers and bindings, each kind in a task of its own.

use std::fmt;
use std::sync::Arc;

use async_nats::{Message, StatusCode, Subscriber};
use futures_util::StreamExt as _;
use pitaya_protocol::cluster::{BindMsg, Request};
use pitaya_protocol::codes;
use prost::Message as _;
use tokio_util::sync::CancellationToken;

use super::link::Link;
use super::pending::Outcome;
use crate::cluster::bus::refusal;
use crate::cluster::{Inbox, Reply};

/// Where messages of others go.
#[derive(Clone)]
pub(super) struct Intake {
    pub(super) link: Arc<Link>,
    pub(super) inbox: Arc<dyn Inbox>,
}

impl Intake {
    /// Takes requests until `stop`, and then those that are under way.
    pub(super) async fn requests(self, mut subscriber: Subscriber, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                message = subscriber.next() => match message {
                    Some(message) => self.request(message),
                    None => return,
                },
            }
        }
        // An error says that the client is closed, which ends the stream as well.
        let _ = subscriber.drain().await;
        while let Some(message) = subscriber.next().await {
            self.request(message);
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
        reply: Option<async_nats::Subject>,
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
