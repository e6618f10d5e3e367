//! Which server of a type gets a message or a remote call.

mod candidates;
mod hash;
mod least;
mod routes;
mod sticky;
mod turns;

use std::fmt;
use std::sync::Arc;

use pitaya_protocol::cluster::Member;
use pitaya_protocol::{Json, SerializerSet};

pub use self::candidates::Candidates;
pub use self::hash::ConsistentHash;
pub use self::least::LeastInFlight;
pub(crate) use self::routes::Routes;
pub use self::sticky::Sticky;
pub use self::turns::{Random, RoundRobin};
use crate::session::Session;

/// What is to be sent to some server of a type.
#[non_exhaustive]
pub struct Routed<'a, S: SerializerSet = Json> {
    /// The session that it is sent for: a client's message, or [`Session::rpc`]; `None` for what a server asks on its own account.
    pub session: Option<&'a Session<S>>,
    /// The whole route, with the server type.
    pub route: &'a str,
    /// The type of the server that is looked for.
    pub server_type: &'a str,
    /// The payload, as its sender wrote it.
    pub body: &'a [u8],
}

impl<'a, S: SerializerSet> Routed<'a, S> {
    /// A message of a client.
    pub(crate) const fn message(
        session: &'a Session<S>,
        route: &'a str,
        server_type: &'a str,
        body: &'a [u8],
    ) -> Self {
        Self {
            session: Some(session),
            route,
            server_type,
            body,
        }
    }

    /// What this server asks on its own account.
    pub(crate) const fn remote(route: &'a str, server_type: &'a str, body: &'a [u8]) -> Self {
        Self {
            session: None,
            route,
            server_type,
            body,
        }
    }
}

impl<S: SerializerSet> fmt::Debug for Routed<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routed")
            .field("session", &self.session.map(Session::id))
            .field("route", &self.route)
            .field("body", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What is routed: clients' messages and calls of remote methods have policies of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum For {
    /// Requests and notifies of clients whose route names another server type.
    Message,
    /// Calls of remote methods by this server, where no server is named.
    Remote,
}

/// Chooses one of the servers of a type.
///
/// It is asked for each message, on the task of the session, so it must not block. There is always at least one server to choose from. A
/// policy that panics has chosen nobody.
///
/// A closure is a policy:
///
/// ```
/// use pitaya_server::cluster::{Candidates, Policy, Routed};
///
/// /// Everybody of one guild meets on one server: the guild is the first word of the payload.
/// fn by_guild() -> impl Policy {
///     |routed: &Routed<'_>, servers: &Candidates<'_>| {
///         let guild = routed.body.split(|byte| *byte == b' ').next()?;
///         servers.owner(guild).cloned()
///     }
/// }
/// # by_guild();
/// ```
pub trait Policy<S: SerializerSet = Json>: Send + Sync + 'static {
    /// The server that gets it; `None` when none of them fits, which the sender is told as if there were no server (`PIT-500`).
    fn choose(&self, routed: &Routed<'_, S>, servers: &Candidates<'_>) -> Option<Arc<Member>>;
}

impl<S, F> Policy<S> for F
where
    S: SerializerSet,
    F: Fn(&Routed<'_, S>, &Candidates<'_>) -> Option<Arc<Member>> + Send + Sync + 'static,
{
    fn choose(&self, routed: &Routed<'_, S>, servers: &Candidates<'_>) -> Option<Arc<Member>> {
        self(routed, servers)
    }
}

#[cfg(test)]
mod tests;
