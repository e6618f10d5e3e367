//! Messages of clients that other servers handle.

use std::sync::Arc;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::{Member, Msg, MsgType, Request, RpcType};
use pitaya_protocol::{Decode, Encode, Route, SerializerSet};

use super::bus::CallError;
use super::context::Context;
use super::node::{Node, unix_micros};
use super::routing::{For, Routed};
use super::rpc::{RpcError, answered};
use super::trace::{Span, failure};
use crate::call::{Body, Reply};
use crate::component::EndpointKind;
use crate::error::Result;
use crate::session::Session;

/// How many servers a message is handed to when one after another turns out to be gone.
const ATTEMPTS: usize = 3;

/// The callee's part of the time: its own word that a handler takes too long arrives before this server stops waiting.
const CALLEE: f64 = 0.95;

/// Letters of a request's id and how many there are: as unique as those of the family (wire 14).
const ID_LENGTH: usize = 22;

/// Where a message goes.
pub(crate) struct Destination<'a> {
    server_type: &'a str,
    /// Whether the route names it.
    named: bool,
}

impl Destination<'_> {
    /// The message that goes there.
    pub(crate) fn message(
        &self,
        route: &str,
        kind: EndpointKind,
        id: u64,
        body: Bytes,
    ) -> Forwarded {
        let route = if self.named {
            route.into()
        } else {
            format!("{}.{route}", self.server_type).into()
        };
        Forwarded {
            route,
            kind,
            id,
            body,
        }
    }
}

/// A message for another type of server.
pub(crate) struct Forwarded {
    /// With the server type.
    pub(crate) route: Box<str>,
    pub(crate) kind: EndpointKind,
    pub(crate) id: u64,
    pub(crate) body: Bytes,
}

impl<S: SerializerSet> Node<S> {
    /// The whole route of a client's message and its server type, if that is not this server's.
    pub(crate) fn forwards<'a>(&'a self, route: &'a str) -> Option<Destination<'a>> {
        let parsed = Route::parse(route).ok()?;
        let server_type = match parsed.server {
            Some(server) => server,
            None => self.config().services.get(parsed.service)?,
        };
        (server_type != self.me().server_type).then_some(Destination {
            server_type,
            named: parsed.server.is_some(),
        })
    }

    /// Hands a message of a client over before it returns; the future waits for the answer.
    pub(crate) fn forward(
        self: &Arc<Self>,
        session: &Session<S>,
        message: Forwarded,
    ) -> BoxFuture<'static, Reply> {
        let span = Span::asking(&message.route);
        let request = self.message_request(session, &message, &span);
        let first = self.hand_over(session, &message.route, request.clone());
        let (node, session) = (self.clone(), session.clone());
        Box::pin(async move {
            let mut answer = first.await;
            for _ in 1..ATTEMPTS {
                // It was not handled, and the server is avoided from now on.
                let Err(CallError::Gone { .. }) = answer else {
                    break;
                };
                let again = node.hand_over(&session, &message.route, request.clone());
                answer = again.await;
            }
            let reply = node.answer(&session, answer);
            span.end(|| failure(&reply));
            reply
        })
    }

    fn hand_over(
        &self,
        session: &Session<S>,
        route: &str,
        request: Request,
    ) -> BoxFuture<'static, Answer> {
        let server_type = route.split('.').next().unwrap_or_default();
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

    fn message_request(&self, session: &Session<S>, message: &Forwarded, span: &Span) -> Request {
        let id: String = std::iter::repeat_with(fastrand::alphanumeric)
            .take(ID_LENGTH)
            .collect();
        let metadata = span
            .carried_by(Context::current().metadata().clone())
            .from_peer(&self.me().id, &self.me().server_type)
            .for_message(&id, &message.route, unix_micros().saturating_mul(1000))
            .with_timeout(self.config().request_timeout.mul_f64(CALLEE));
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

impl<S: SerializerSet> Session<S> {
    /// Sends a request to another server in the name of this session, as if its client had sent it: for what a frontend does on its own, such as bringing a player
    /// back to a room on a backend. It is not in the order of the client's own messages.
    ///
    /// # Errors
    ///
    /// What the handler answers, and what a client would get when there is none: `PIT-500` where no server has the route.
    pub async fn forward<Req: Encode<S>, Res: Decode<S>>(
        &self,
        route: pitaya_protocol::Request<Req, Res>,
        request: &Req,
    ) -> Result<Res> {
        let mut body = Vec::new();
        request.encode(self.serializer(), &mut body)?;
        let node = self.server().node();
        let destination = node.and_then(|node| node.forwards(route.route()));
        let (Some(node), Some(destination)) = (node, destination) else {
            return Err(CallError::NoServer {
                server_type: route.route().to_owned(),
            }
            .into());
        };
        // A request of a client has a number; this one's means nothing to anybody.
        let message = destination.message(route.route(), EndpointKind::Request, 1, body.into());
        let answer = node.forward(self, message).await?;
        Ok(Res::decode(self.serializer(), &answer.into_bytes())?)
    }
}

type Answer = Result<(Arc<Member>, pitaya_protocol::cluster::Response), CallError>;
