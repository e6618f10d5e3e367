//! A gate: takes players in, and hands what they say to the server that has their room.

use std::sync::Arc;

use chat::contract::{JOIN, Join, LEAVE, Members, Nothing};
use chat::host::lively;
use chat::room::room_of;
use chat::sign_in::{name, refused, sign_in};
use pitaya_server::cluster::{Bus, Candidates, Cluster, ClusterConfig, Discovery, For, Routed};
use pitaya_server::protocol::cluster::Member;
use pitaya_server::protocol::{Close, CloseCode};
use pitaya_server::{Result, Server, ServerBuilder, Session, component};

use crate::moves;
use crate::room::ROOM;

/// A gate, to be told where it listens; no two starts may have the same `id`.
pub fn gate(id: &str, bus: impl Bus, discovery: impl Discovery) -> ServerBuilder {
    let mut config = ClusterConfig::default();
    // Clients say `room.say`, as they did when the chat was one process.
    config.services.insert(ROOM.into(), ROOM.into());
    Server::builder()
        .configure(|config| config.server_type = "gate".into())
        .configure(lively)
        .register(Doors)
        .register(moves::at_gates())
        .validate(|session| async move { let_in(&session).await })
        .routing(For::Message, ROOM, by_room)
        .cluster(Cluster::frontend(bus, discovery).id(id).config(config))
}

/// The ways from room to room. Everything else about rooms is theirs.
struct Doors;

#[component("room")]
impl Doors {
    /// The old room may be on another server than the new one, so it is left first.
    #[request(JOIN)]
    async fn join(&self, session: &Session, join: Join) -> Result<Members> {
        name("room", &join.room)?;
        if room_of(session).is_some() {
            session.forward(LEAVE, &Nothing {}).await?;
        }
        session.forward(JOIN, &join).await
    }
}

/// Lets a player in; one who comes back is in its room before anything else happens.
async fn let_in(session: &Session) -> Result<(), Close> {
    let user = sign_in(session).await?;
    let Some(room) = user.room else {
        return Ok(());
    };
    let back = Join {
        room,
        seen: user.seen,
    };
    match session.forward(JOIN, &back).await {
        Ok(_) => Ok(()),
        Err(error) if error.code().starts_with("CHAT-") => Err(refused(error.message())),
        // No room server takes the player now: it comes back by itself.
        Err(error) => {
            Err(Close::new(CloseCode::OVERLOADED).with_reason(error.message().to_owned()))
        }
    }
}

/// A room is on one server: all gates find the same one by its name.
fn by_room(routed: &Routed<'_>, servers: &Candidates<'_>) -> Option<Arc<Member>> {
    let route = routed.route.split_once('.').map(|(_, local)| local);
    let room = if route == Some(JOIN.route()) {
        let join: Option<Join> = serde_json::from_slice(routed.body).ok();
        join.map(|join| join.room.trim().to_owned())
    } else {
        routed.session.and_then(room_of)
    };
    match room {
        Some(room) => servers.owner(room.as_bytes()).cloned(),
        // Whoever is in no room is told so by any of them.
        None => servers.random().cloned(),
    }
}
