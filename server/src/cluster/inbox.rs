//! What other servers ask of this one, and where it goes.

use std::fmt;

use pitaya_protocol::cluster::{
    BindMsg, KickMsg, Metadata, MetadataError, Push, Request, Response, RpcType,
};
use pitaya_protocol::{Close, CloseCode, SerializerSet, codes};

use super::accepted::Accepted;
use super::bus::{Inbox, Reply, refusal};
use super::context::Context;
use super::node::Node;
use crate::error::Error;
use crate::handle::{Handle, WeakHandle};
use crate::session::Session;

/// The inbox of one server, which it does not keep alive.
pub(crate) struct ServerInbox<S: SerializerSet>(pub(crate) WeakHandle<S>);

impl<S: SerializerSet> Inbox for ServerInbox<S> {
    fn request(&self, request: Request, reply: Reply) {
        let Some(server) = self.0.upgrade() else {
            return;
        };
        let Some(node) = server.node().cloned() else {
            return;
        };
        let Some(msg) = request.msg else {
            reply.send(self.undecodable("request", &"it has no message"));
            return;
        };
        let context = match context(&node, &request.metadata) {
            Ok(context) => context,
            Err(error) => {
                node.complaints.add("metadata", &error);
                reply.send(refusal(codes::INTERNAL, error.to_string()));
                return;
            }
        };
        let Some(open) = node.admit() else {
            server.metrics().limit("requests");
            reply.send(refusal(codes::OVERLOADED, "the server is busy"));
            return;
        };
        let accepted = Accepted {
            server,
            node,
            open,
            context,
            reply,
        };
        match RpcType::try_from(request.r#type) {
            Ok(RpcType::Sys) => accepted.message(request.session, &request.frontend_id, msg),
            Ok(RpcType::User) => accepted.remote(msg),
            Err(_) => {
                accepted.node.complaints.add("type", request.r#type);
                accepted
                    .reply
                    .send(refusal(codes::BAD_REQUEST, "invalid rpc type"));
            }
        }
    }

    fn push(&self, push: Push) -> Result<(), Error> {
        let sessions = self.sessions_of(&push.uid)?;
        let mut outcome = Ok(());
        for session in sessions {
            let pushed = session.push_body(&push.route, &push.data);
            outcome = outcome.and(pushed);
        }
        outcome.map_err(Error::from)
    }

    fn kick(&self, kick: KickMsg) -> Result<(), Error> {
        for session in self.sessions_of(&kick.user_id)? {
            session.close(Close::new(CloseCode::KICKED));
        }
        Ok(())
    }

    fn bound(&self, binding: BindMsg) {
        if let Some(server) = self.0.upgrade()
            && let Some(node) = server.node()
        {
            node.bound_elsewhere(&server, &binding);
        }
    }

    fn undecodable(&self, what: &'static str, cause: &dyn fmt::Display) -> Response {
        if let Some(node) = self.0.upgrade().as_ref().and_then(Handle::node) {
            node.complaints.add(what, cause);
        }
        refusal(
            codes::BAD_REQUEST,
            format!("cannot read the {what}: {cause}"),
        )
    }
}

impl<S: SerializerSet> ServerInbox<S> {
    fn sessions_of(&self, uid: &str) -> Result<Vec<Session<S>>, Error> {
        let server = self.0.upgrade();
        let sessions = server.map(|server| server.sessions_of(uid));
        match sessions {
            Some(sessions) if !sessions.is_empty() => Ok(sessions),
            _ => Err(session_not_found()),
        }
    }
}

/// The family's words (wire 18).
pub(crate) fn session_not_found() -> Error {
    Error::new(codes::UNKNOWN, "session not found")
}

fn context<S: SerializerSet>(node: &Node<S>, metadata: &[u8]) -> Result<Context, MetadataError> {
    let metadata = Metadata::read(metadata)?;
    // Peers that say nothing get the server's own limit (wire 14).
    let own = node.config().request_timeout;
    let timeout = metadata.timeout()?.unwrap_or(own);
    Ok(Context::received(metadata, timeout))
}
