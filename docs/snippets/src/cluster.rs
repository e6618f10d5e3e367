//! One game on several servers.

use pitaya_protocol::{Remote, Request};
use pitaya_server::cluster::memory::Hub;
use pitaya_server::cluster::{
    Cluster, ClusterConfig, ConsistentHash, For, Random, RpcError, Sticky,
};
use pitaya_server::{Handle, Result, Server, Session, StartError, component};

// ANCHOR: contract
/// For clients: `server.service.method`.
pub const ENTER: Request<String, usize> = Request::new("room.room.enter");
/// For servers; argument and answer are protobuf messages.
pub const COUNT: Remote<(), u64> = Remote::new("room.room.count");
// ANCHOR_END: contract

// ANCHOR: room
struct Room;

#[component("room")]
impl Room {
    #[request]
    async fn enter(&self, session: &Session, name: String) -> Result<usize> {
        // The session of a client that is connected to another server.
        session.bind(&name).await?;
        session.set("room", &"lobby")?;
        let server = session.server();
        let all = server
            .group("all")
            .map_or_else(|| server.create_group("all"), Ok)?;
        all.join(session)?;
        Ok(all.len())
    }

    #[remote(COUNT)]
    async fn count(&self, server: &Handle) -> Result<u64> {
        Ok(server.group("all").map_or(0, |group| group.len() as u64))
    }
}
// ANCHOR_END: room

/// A gate and a room in one process.
///
/// # Errors
///
/// As every start.
pub async fn start() -> Result<(Handle, Handle), StartError> {
    // ANCHOR: start
    let hub = Hub::new();

    let room = Server::builder()
        .configure(|config| config.server_type = "room".into())
        .register(Room)
        .cluster(Cluster::backend(hub.bus(), hub.discovery()))
        .start()
        .await?;

    let gate = Server::builder()
        .configure(|config| config.server_type = "gate".into())
        .cluster(Cluster::frontend(hub.bus(), hub.discovery()))
        .start()
        .await?;
    // ANCHOR_END: start
    Ok((gate, room))
}

/// How many are in some room.
///
/// # Errors
///
/// When no room answers.
pub async fn count(gate: &Handle) -> Result<u64, RpcError> {
    // ANCHOR: rpc
    gate.rpc(COUNT, &()).await
    // ANCHOR_END: rpc
}

/// Who meets where.
pub fn policies(gate: &Handle) {
    // ANCHOR: routing
    // A user always meets the same room, as long as the rooms stay the same.
    gate.set_routing(For::Message, "room", ConsistentHash::by_uid());
    // Or: a session keeps the room that it got first.
    gate.set_routing(For::Message, "room", Sticky::new(Random));
    // ANCHOR_END: routing
}

/// Routes without a server type.
pub fn services(hub: &Hub) -> Cluster {
    // ANCHOR: services
    let mut config = ClusterConfig::default();
    config.services.insert("room".into(), "room".into());
    Cluster::frontend(hub.bus(), hub.discovery()).config(config)
    // ANCHOR_END: services
}

/// The engines.
#[cfg(feature = "engines")]
pub fn engines() -> Cluster {
    // ANCHOR: engines
    use pitaya_server::cluster::{EtcdConfig, EtcdDiscovery, NatsBus, NatsConfig};

    let bus = NatsBus::new(NatsConfig::new("nats://localhost:4222"));
    let discovery = EtcdDiscovery::new(EtcdConfig::default());
    Cluster::frontend(bus, discovery)
    // ANCHOR_END: engines
}
