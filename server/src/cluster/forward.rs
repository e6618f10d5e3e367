//! Messages of clients that other servers handle.

use std::sync::Arc;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::{Member, Metadata, Msg, MsgType, Request, RpcType};
use pitaya_protocol::{Route, SerializerSet};

use super::bus::CallError;
use super::node::{Node, unix_micros};
use super::routing::{For, Routed};
use super::rpc::{RpcError, answered};
use crate::call::{Body, Reply};
use crate::component::EndpointKind;
use crate::session::Session;

/// How many servers a message is handed to when one after another turns out to be gone.
const ATTEMPTS: usize = 3;

/// Letters of a request's id and how many there are: as unique as those of the family (wire 14).
const ID_LENGTH: usize = 22;

/// A message for another type of server.
pub(crate) struct Forwarded {
    pub(crate) route: Box<str>,
    pub(crate) kind: EndpointKind,
    pub(crate) id: u64,
    pub(crate) body: Bytes,
}

/// The type of server that a client's message is for, if that is not `mine`.
pub(crate) fn other_type<'a>(route: &'a str, mine: &str) -> Option<&'a str> {
    let server = Route::parse(route).ok()?.server?;
    (server != mine).then_some(server)
}

impl<S: SerializerSet> Node<S> {
    /// Hands a message of a client over before it returns; the future waits for the answer.
    pub(crate) fn forward(
        self: &Arc<Self>,
        session: &Session<S>,
        message: Forwarded,
    ) -> BoxFuture<'static, Reply> {
        let request = self.message_request(session, &message);
        let first = self.hand_over(session, &message.route, request.clone());
        let (node, session) = (self.clone(), session.clone());
        Box::pin(async move {
            let mut attempt = first;
            for _ in 1..ATTEMPTS {
                match attempt.await {
                    // It was not handled, and the server is avoided from now on.
                    Err(CallError::Gone { .. }) => {
                        attempt = node.hand_over(&session, &message.route, request.clone());
                    }
                    answer => return node.answer(&session, answer),
                }
            }
            let answer = attempt.await;
            node.answer(&session, answer)
        })
    }

    fn hand_over(
        &self,
        session: &Session<S>,
        route: &str,
        request: Request,
    ) -> BoxFuture<'static, Answer> {
        let server_type = other_type(route, &self.me().server_type).unwrap_or_default();
        let data = request.msg.as_ref().map_or(&[][..], |msg| &msg.data);
        let routed = Routed::message(session, route, server_type, data);
        match self.choose(For::Message, &routed) {
            Ok(to) => {
                let answer = self.call(&to, request, self.config().request_timeout);
                Box::pin(async move { answer.await.map(|response| (to, response)) })
            }
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn message_request(&self, session: &Session<S>, message: &Forwarded) -> Request {
        let id: String = std::iter::repeat_with(fastrand::alphanumeric)
            .take(ID_LENGTH)
            .collect();
        let metadata = Metadata::default()
            .from_peer(&self.me().id, &self.me().server_type)
            .for_message(&id, &message.route, unix_micros().saturating_mul(1000))
            .with_timeout(self.config().request_timeout);
        let kind = match message.kind {
            EndpointKind::Request => MsgType::MsgRequest,
            EndpointKind::Notify => MsgType::MsgNotify,
        };
        let msg = Msg {
            id: message.id,
            route: message.route.to_string(),
            data: message.body.clone(),
            r#type: kind.into(),
            reply: String::new(),
        };
        Request {
            r#type: RpcType::Sys.into(),
            session: Some(session.described()),
            msg: Some(msg),
            frontend_id: self.frontend_id(),
            metadata: metadata.to_json().into(),
        }
    }

    /// The answer for the client: data and errors pass untouched.
    fn answer(&self, session: &Session<S>, answer: Answer) -> Reply {
        let (from, response) = answer?;
        if response.watch {
            self.watch(session, &from);
        }
        Ok(Body::from(answered(response).map_err(RpcError::from)?))
    }
}

type Answer = Result<(Arc<Member>, pitaya_protocol::cluster::Response), CallError>;
