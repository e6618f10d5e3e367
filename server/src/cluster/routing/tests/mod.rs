//! Which server each policy chooses.

mod ejected;
mod hashing;
mod policies;
mod sticking;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pitaya_protocol::{Capabilities, Serializer};
use tokio::time::{Instant, advance};

use super::*;
use crate::cluster::peers::{EjectionConfig, Flight, Peers};
use crate::cluster::{CallError, Members};
use crate::session::Beginning;
use crate::testing::TestServer;
use crate::{Handle, Peer, Server};

struct Rig {
    server: Handle,
    routes: Routes<Json>,
    peers: Peers,
    members: Members,
}

impl Rig {
    async fn new(members: &[(&str, &str)]) -> Self {
        let server = TestServer::start(Server::builder()).await;
        let mut rig = Self {
            server: server.expect("a server").clone(),
            routes: Routes::default(),
            peers: Peers::new(EjectionConfig::default()),
            members: Members::default(),
        };
        rig.show(members);
        rig
    }

    async fn rooms(ids: &[&str]) -> Self {
        let mut rig = Self::new(&[]).await;
        rig.show_rooms(ids);
        rig
    }

    /// Discovery shows these servers; the entries of those that were there stay.
    fn show(&mut self, members: &[(&str, &str)]) {
        let entry = |(server_type, id): &(&str, &str)| {
            let known = self.members.get(id).cloned();
            known.unwrap_or_else(|| Arc::new(Member::new(*server_type, *id)))
        };
        self.members = members.iter().map(entry).collect();
        self.peers.seen(&self.members, Instant::now());
    }

    fn show_rooms(&mut self, ids: &[&str]) {
        let rooms: Vec<_> = ids.iter().map(|id| ("room", *id)).collect();
        self.show(&rooms);
    }

    fn session(&self) -> Session {
        let beginning = Beginning {
            peer: Peer::memory(),
            handshake: Default::default(),
            serializer: Serializer::Json,
            compress: false,
            capabilities: Capabilities::ALL,
        };
        Session::new(self.server.next_id(), self.server.clone(), beginning)
    }

    fn choose(&self, kind: For, routed: &Routed<'_>) -> Result<String, CallError> {
        let chosen = self
            .routes
            .choose(kind, routed, &self.members, &self.peers)?;
        Ok(chosen.id.clone())
    }

    /// Where the session's next message goes, to a server of this type.
    fn sends_to(&self, session: &Session, server_type: &str) -> String {
        let routed = Routed::message(session, "t.c.m", server_type, b"");
        self.choose(For::Message, &routed).expect("a server")
    }

    fn sends(&self, session: &Session) -> String {
        self.sends_to(session, "room")
    }

    /// Where a call without a session goes.
    fn calls(&self) -> Result<String, CallError> {
        self.choose(For::Remote, &Routed::remote("room.room.count", "room", b""))
    }

    fn use_for_messages(&self, policy: impl Policy) {
        self.routes.set_default(For::Message, policy);
    }

    fn use_for_calls(&self, policy: impl Policy) {
        self.routes.set_default(For::Remote, policy);
    }

    fn begin(&self, id: &str) -> Flight {
        self.peers.begin(self.members.get(id).expect("a member"))
    }

    fn eject(&self, id: &str) {
        let gone = CallError::Gone {
            server: id.to_owned(),
        };
        self.begin(id).ended(Err(&gone));
    }
}

fn no_server(server_type: &str) -> Result<String, CallError> {
    Err(CallError::NoServer {
        server_type: server_type.to_owned(),
    })
}

/// The first of the servers.
fn first(_: &Routed<'_>, servers: &Candidates<'_>) -> Option<Arc<Member>> {
    servers.get(0).cloned()
}
