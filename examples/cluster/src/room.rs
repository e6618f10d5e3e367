//! A room server: the chat's rooms, for players who are connected to gates.

use chat::room::{Rooms, signed_out};
use pitaya_server::cluster::{Bus, Cluster, Discovery};
use pitaya_server::{Server, ServerBuilder};

use crate::moves;

/// The type of room servers.
pub const ROOM: &str = "room";

/// A room server; no two starts may have the same `id`.
pub fn room(id: &str, bus: impl Bus, discovery: impl Discovery) -> ServerBuilder {
    Server::builder()
        .configure(|config| config.server_type = ROOM.into())
        .register(Rooms::default().when_opened(moves::tell))
        .register(moves::at_rooms())
        .on_close(|session, _| signed_out(session))
        .cluster(Cluster::backend(bus, discovery).id(id))
}
