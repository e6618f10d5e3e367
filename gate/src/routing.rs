//! Routing policies by their names.

#[cfg(feature = "engines")]
use pitaya_server::{
    Handle, ServerBuilder,
    cluster::{ConsistentHash, For, LeastInFlight, Random, RoundRobin, Sticky},
    protocol::SerializerSet,
};

/// Which server of a type gets a message of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Routing {
    /// Any, as in Go Pitaya.
    #[default]
    Random,
    /// One after the other.
    RoundRobin,
    /// Of two that are drawn, the one with fewer open requests of this gate.
    LeastInFlight,
    /// The same user at the same server, on all gates of this suite; a session that is not bound goes by its own id.
    ConsistentHash,
    /// A session stays where its first message went.
    Sticky,
}

#[cfg(feature = "engines")]
impl Routing {
    /// Gives a builder the policy for one server type.
    pub(crate) fn add<S: SerializerSet>(
        self,
        builder: ServerBuilder<S>,
        server_type: &str,
    ) -> ServerBuilder<S> {
        let message = For::Message;
        match self {
            Self::Random => builder.routing(message, server_type, Random),
            Self::RoundRobin => builder.routing(message, server_type, RoundRobin::new()),
            Self::LeastInFlight => builder.routing(message, server_type, LeastInFlight),
            Self::ConsistentHash => builder.routing(message, server_type, ConsistentHash::by_uid()),
            Self::Sticky => builder.routing(message, server_type, Sticky::new(Random)),
        }
    }

    /// The policy for types that have none of their own.
    pub(crate) fn set_default<S: SerializerSet>(self, server: &Handle<S>) {
        let message = For::Message;
        match self {
            Self::Random => server.set_default_routing(message, Random),
            Self::RoundRobin => server.set_default_routing(message, RoundRobin::new()),
            Self::LeastInFlight => server.set_default_routing(message, LeastInFlight),
            Self::ConsistentHash => server.set_default_routing(message, ConsistentHash::by_uid()),
            Self::Sticky => server.set_default_routing(message, Sticky::new(Random)),
        }
    }
}
