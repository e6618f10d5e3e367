//! What carries requests and pushes between the servers of a cluster.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::{BindMsg, KickMsg, Member, Push, Request, Response};
use pitaya_protocol::codes;
use tokio::sync::watch;

use super::Members;
use crate::error::Error;

/// The way from server to server: NATS, gRPC, or the hub of one process.
///
/// Handing over never waits: a bus has a bounded buffer and refuses what does not fit. What one task hands over for one server arrives in that
/// order. A bus that loses its engine says so at once ([`CallError::Down`]) and is whole again when the engine is back, by itself.
pub trait Bus: fmt::Debug + Send + Sync + 'static {
    /// Begins to take what others send to `me`. Returns when others can send.
    ///
    /// # Errors
    ///
    /// [`BusError`] when the engine cannot be reached; the server does not start then.
    fn start(&self, me: Member, inbox: Arc<dyn Inbox>) -> BoxFuture<'_, Result<(), BusError>>;

    /// The servers of the cluster, for a bus that has to find a user's frontend by its id. Called once, before [`start`](Self::start).
    fn follow(&self, _members: watch::Receiver<Members>) {}

    /// Entries of the server's metadata by which others reach it over this bus.
    fn describe(&self, _me: &mut Member) {}

    /// Hands a request over before it returns. The future waits for the answer, at most for `timeout`; dropping it gives the answer up.
    fn call(&self, to: &Member, request: Request, timeout: Duration) -> PendingAnswer;

    /// Hands a request over whose answer nobody wants.
    ///
    /// # Errors
    ///
    /// [`CallError`] when it was not handed over.
    fn tell(&self, to: &Member, request: Request) -> Result<(), CallError>;

    /// Hands a push over to the frontend of this type to which the user is bound, as servers of the family do it (wire 15.3, 16). A user
    /// who is bound nowhere is no error.
    ///
    /// # Errors
    ///
    /// [`CallError`] when it was not handed over.
    fn push_to_user(&self, frontend_type: &str, push: Push) -> Result<(), CallError>;

    /// Hands a kick over, in the same way.
    ///
    /// # Errors
    ///
    /// [`CallError`] when it was not handed over.
    fn kick_user(&self, frontend_type: &str, kick: KickMsg) -> Result<(), CallError>;

    /// Tells the other servers of this type that a user was bound here (wire 15.4, 16).
    ///
    /// # Errors
    ///
    /// [`CallError`] when it was not handed over.
    fn announce_binding(&self, server_type: &str, binding: BindMsg) -> Result<(), CallError>;

    /// Takes pushes and kicks that servers of the family send to this user, from now on. The server calls it once for each user bound here,
    /// while such servers are in the cluster or [`needs_users`](Self::needs_users) says so. A bus that finds users in a table enters him.
    fn add_user(&self, uid: &str);

    /// The user has left.
    fn remove_user(&self, uid: &str);

    /// Whether users have to be added although all servers are of this suite. They seldom are: pushes between those go by server.
    fn needs_users(&self) -> bool {
        false
    }

    /// Whether a server is reached only when the discovery has told its address; otherwise its id is enough.
    fn needs_addresses(&self) -> bool {
        false
    }

    /// Whether the engine answers at present.
    fn is_up(&self) -> bool;

    /// Takes no further requests, but still sends answers and gets them: the beginning of a drain.
    fn stop_receiving(&self) -> BoxFuture<'_, ()>;

    /// Sends what is buffered and ends. Bounded in time by the implementation.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// An answer on its way.
pub type PendingAnswer = BoxFuture<'static, Result<Response, CallError>>;

/// What a server gives its bus: everything that others send ends here. None of it waits.
pub trait Inbox: Send + Sync + 'static {
    /// Another server's request. The answer comes by `reply`, now or later.
    fn request(&self, request: Request, reply: Reply);

    /// A push to a user who should be bound here.
    ///
    /// # Errors
    ///
    /// `PIT-000` with the family's words when nobody took it, for peers that wait for an answer.
    fn push(&self, push: Push) -> Result<(), Error>;

    /// A kick of a user who should be bound here.
    ///
    /// # Errors
    ///
    /// `PIT-000` with the family's words when the user has no session here, for peers that wait for an answer.
    fn kick(&self, kick: KickMsg) -> Result<(), Error>;

    /// A user was bound on a frontend of this server's type, perhaps this one.
    fn bound(&self, binding: BindMsg);

    /// Bytes that are no message; where something waits for an answer, the bus sends the returned one.
    fn undecodable(&self, what: &'static str, cause: &dyn fmt::Display) -> Response;
}

/// Answers a request exactly once. One that is dropped answers that the request was not handled.
pub struct Reply(Option<Box<dyn FnOnce(Response) + Send>>);

impl Reply {
    /// Hands the answer to `send`, which the bus gives.
    pub fn new(send: impl FnOnce(Response) + Send + 'static) -> Self {
        Self(Some(Box::new(send)))
    }

    /// Nobody waits for the answer.
    #[must_use]
    pub const fn unwanted() -> Self {
        Self(None)
    }

    /// Answers.
    pub fn send(mut self, response: Response) {
        if let Some(send) = self.0.take() {
            send(response);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(send) = self.0.take() {
            send(refusal(codes::INTERNAL, "the request was not handled"));
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("wanted", &self.0.is_some())
            .finish()
    }
}

/// The answer that says no.
#[must_use]
pub(crate) fn refusal(code: &str, message: impl Into<String>) -> Response {
    let error = pitaya_protocol::cluster::Error {
        code: code.to_owned(),
        msg: message.into(),
        ..Default::default()
    };
    Response {
        error: Some(error),
        ..Response::default()
    }
}

/// Why a bus did not start.
#[derive(Debug, thiserror::Error)]
#[error("the server does not reach the others over {engine}: {reason}")]
#[non_exhaustive]
pub struct BusError {
    /// What was asked, with its address.
    pub engine: String,
    /// What it said.
    pub reason: String,
}

impl BusError {
    /// An error of the engine at that address.
    pub fn new(engine: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self {
            engine: engine.into(),
            reason: reason.to_string(),
        }
    }
}

/// Why a call to another server has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// No answer came in time. Whether the request was handled is not known.
    #[error("server `{server}` did not answer within {after:?}")]
    Timeout {
        /// The server that was asked.
        server: String,
        /// How long it had.
        after: Duration,
    },
    /// The server is gone. The request was not handled.
    #[error("server `{server}` is not there any more")]
    Gone {
        /// The server that was asked.
        server: String,
    },
    /// The engine between the servers is away. The request was not handed over.
    #[error("the servers cannot reach each other at present: {reason}")]
    Down {
        /// What is known about it.
        reason: String,
    },
    /// The engine was lost after the request was handed over. Whether it was handled is not known.
    #[error("the way to server `{server}` was lost before it answered")]
    Lost {
        /// The server that was asked.
        server: String,
    },
    /// More is under way than the limit allows. The request was not handed over.
    #[error("too much is under way to other servers")]
    Full,
    /// The name of a user or server cannot be sent to over this bus, or the message is too large. It was not handed over.
    #[error("{0}")]
    Unsendable(String),
    /// An answer came that is none.
    #[error("the answer of server `{server}` cannot be read: {reason}")]
    Unreadable {
        /// The server that was asked.
        server: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no server of this type, or none that can be reached.
    #[error("no servers available of this type")]
    NoServer {
        /// The type.
        server_type: String,
    },
}

impl CallError {
    /// The code that a client gets: time-outs are `PIT-408`, an absent server type is `PIT-500` as in the family (wire 21), and what can be tried
    /// again later `PIT-503`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Timeout { .. } | Self::Lost { .. } => codes::TIMEOUT,
            Self::Gone { .. } | Self::Down { .. } | Self::Full => codes::OVERLOADED,
            Self::NoServer { .. } | Self::Unreadable { .. } => codes::INTERNAL,
            Self::Unsendable(_) => codes::BAD_REQUEST,
        }
    }

    /// Whether the request certainly was not handled, so that it can be sent to another server.
    #[must_use]
    pub const fn is_unhandled(&self) -> bool {
        matches!(
            self,
            Self::Gone { .. } | Self::Down { .. } | Self::Full | Self::NoServer { .. }
        )
    }
}
