//! Remote methods of other servers.

use std::sync::Arc;

use futures_util::future::join_all;
use pitaya_protocol::cluster::{Member, Response};
use pitaya_protocol::{ErrorPayload, Remote, Route, SerializerSet, codes};

use super::bus::CallError;
use super::context::Context;
use super::node::Node;
use super::routing::{For, Routed};
use super::trace::Span;
use crate::handle::Handle;
use crate::session::Session;

/// How many servers are asked when one after another is gone.
const ATTEMPTS: usize = 3;

/// Why a remote method has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RpcError {
    /// The server was not reached, or did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The method answered with an error.
    #[error(transparent)]
    Refused(#[from] ErrorPayload),
}

impl RpcError {
    /// What a client gets that is answered with this error.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Call(error) => error.code(),
            Self::Refused(error) => &error.code,
        }
    }

    /// For whoever does not tell a refusal from a failure.
    pub(crate) fn into_call_error(self) -> CallError {
        match self {
            Self::Call(error) => error,
            Self::Refused(error) => CallError::Unsendable(error.to_string()),
        }
    }
}

impl<S: SerializerSet> Handle<S> {
    /// Calls a remote method on a server of the type that its route names; the routing policy chooses which. A server that is gone is no
    /// error as long as there is another one.
    ///
    /// Within a handler the call carries the handler's [`Context`], its deadline included. Dropping the future gives the answer up.
    ///
    /// # Errors
    ///
    /// [`RpcError`].
    pub async fn rpc<Req, Res>(
        &self,
        route: Remote<Req, Res>,
        request: &Req,
    ) -> Result<Res, RpcError>
    where
        Req: prost::Message,
        Res: prost::Message + Default,
    {
        self.rpc_routed(None, route, request).await
    }

    async fn rpc_routed<Req, Res>(
        &self,
        session: Option<&Session<S>>,
        route: Remote<Req, Res>,
        request: &Req,
    ) -> Result<Res, RpcError>
    where
        Req: prost::Message,
        Res: prost::Message + Default,
    {
        let node = self.joined()?;
        let server_type = server_type(route.route());
        self.check_loopback(node, server_type)?;
        let body = request.encode_to_vec();
        let routed = Routed {
            session,
            ..Routed::remote(route.route(), server_type, &body)
        };
        let mut attempts = 0;
        loop {
            attempts += 1;
            let to = node.choose(For::Remote, &routed)?;
            match self.ask(&to, route.route(), request).await {
                Err(RpcError::Call(CallError::Gone { .. })) if attempts < ATTEMPTS => {}
                answer => return read(&to, answer?),
            }
        }
    }

    /// Calls a remote method on the server with this id.
    ///
    /// # Errors
    ///
    /// [`RpcError`].
    pub async fn rpc_to<Req, Res>(
        &self,
        server: &str,
        route: Remote<Req, Res>,
        request: &Req,
    ) -> Result<Res, RpcError>
    where
        Req: prost::Message,
        Res: prost::Message + Default,
    {
        let node = self.joined()?;
        if server == node.me().id && !node.config().loopback {
            return Err(loopback().into());
        }
        let to = node
            .members()
            .get(server)
            .cloned()
            .ok_or_else(|| CallError::Gone {
                server: server.to_owned(),
            })?;
        read(&to, self.ask(&to, route.route(), request).await?)
    }

    /// Calls a remote method without waiting for an answer: whether it was handled is not known.
    ///
    /// # Errors
    ///
    /// [`CallError`] when the request was not handed over.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a route is a constant, written without a reference"
    )]
    pub fn rpc_notify<Req, Res>(
        &self,
        route: Remote<Req, Res>,
        request: &Req,
    ) -> Result<(), CallError>
    where
        Req: prost::Message,
    {
        let node = self.joined()?;
        let body = request.encode_to_vec();
        let routed = Routed::remote(route.route(), server_type(route.route()), &body);
        let to = node.choose(For::Remote, &routed)?;
        let context = Context::current();
        let timeout = context.time_left(node.config().request_timeout);
        let span = Span::asking(route.route());
        let metadata = span.carried_by(context.metadata().clone());
        let request = node.remote_request(metadata, route.route(), request, timeout);
        let told = node.bus().tell(&to, request);
        span.end(|| told.as_ref().err().map(|e| (e.code(), e.to_string())));
        told
    }

    /// Calls a remote method on every server of the type that its route names, this one not included. Returns what each of them answered.
    ///
    /// # Errors
    ///
    /// [`CallError`] when this server is in no cluster.
    pub async fn rpc_all<Req, Res>(
        &self,
        route: Remote<Req, Res>,
        request: &Req,
    ) -> Result<Vec<(Arc<Member>, Result<Res, RpcError>)>, CallError>
    where
        Req: prost::Message,
        Res: prost::Message + Default,
    {
        let node = self.joined()?;
        let members = node.members();
        let others = members
            .of_type(server_type(route.route()))
            .iter()
            .filter(|member| member.id != node.me().id);
        let calls = others.map(|to| {
            let call = self.ask(to, route.route(), request);
            async move {
                let answer = call.await;
                (to.clone(), answer.and_then(|data| read(to, data)))
            }
        });
        Ok(join_all(calls).await)
    }

    /// Asks one server, within the current context, and returns the answer's bytes.
    pub(crate) fn ask<A: prost::Message>(
        &self,
        to: &Arc<Member>,
        route: &str,
        argument: &A,
    ) -> impl Future<Output = Result<bytes::Bytes, RpcError>> + Send + use<S, A> {
        let asked = self.joined().map(|node| {
            let context = Context::current();
            let timeout = context.time_left(node.config().request_timeout);
            let span = Span::asking(route);
            let metadata = span.carried_by(context.metadata().clone());
            let request = node.remote_request(metadata, route, argument, timeout);
            (span, node.call(to, request, timeout))
        });
        async move {
            let (span, call) = asked?;
            let answer = match call.await {
                Ok(response) => answered(response).map_err(RpcError::from),
                Err(error) => Err(error.into()),
            };
            span.end(|| answer.as_ref().err().map(|e| (e.code(), e.to_string())));
            answer
        }
    }

    /// This server's place in its cluster.
    fn joined(&self) -> Result<&Arc<Node<S>>, CallError> {
        self.node().ok_or_else(|| CallError::Down {
            reason: "this server is in no cluster".to_owned(),
        })
    }

    /// As in the family a call that this very server could get is a mistake, unless it is asked for (wire 17.3).
    fn check_loopback(&self, node: &Node<S>, server_type: &str) -> Result<(), ErrorPayload> {
        if server_type == node.me().server_type && !node.config().loopback {
            return Err(loopback());
        }
        Ok(())
    }
}

impl<S: SerializerSet> Session<S> {
    /// Calls a remote method as [`Handle::rpc`] does, on behalf of this session: policies that go by the session or its user, such as
    /// [`ConsistentHash`](super::ConsistentHash), see whose call it is.
    ///
    /// # Errors
    ///
    /// [`RpcError`].
    pub async fn rpc<Req, Res>(
        &self,
        route: Remote<Req, Res>,
        request: &Req,
    ) -> Result<Res, RpcError>
    where
        Req: prost::Message,
        Res: prost::Message + Default,
    {
        self.server().rpc_routed(Some(self), route, request).await
    }
}

fn loopback() -> ErrorPayload {
    ErrorPayload::new(
        codes::UNKNOWN,
        "you are making a rpc that may be processed locally, either specify a different server type or specify a server id",
    )
}

fn server_type(route: &str) -> &str {
    Route::parse(route)
        .ok()
        .and_then(|route| route.server)
        .unwrap_or_default()
}

/// The data of an answer, or the error in it. A code that is left out is `PIT-000` (wire 13).
pub(crate) fn answered(response: Response) -> Result<bytes::Bytes, ErrorPayload> {
    let Some(error) = response.error else {
        return Ok(response.data);
    };
    let code = if error.code.is_empty() {
        codes::UNKNOWN.to_owned()
    } else {
        error.code
    };
    let mut payload = ErrorPayload::new(code, error.msg);
    payload.metadata = error.metadata;
    Err(payload)
}

fn read<Res: prost::Message + Default>(to: &Member, data: bytes::Bytes) -> Result<Res, RpcError> {
    let read = Res::decode(data).map_err(|error| CallError::Unreadable {
        server: to.id.clone(),
        reason: error.to_string(),
    });
    Ok(read?)
}
