//! `#[remote]` makes a method of a component one that other servers call.

use pitaya_protocol::{Json, Remote};
use pitaya_server::cluster::memory::Hub;
use pitaya_server::testing::TestServer;
use pitaya_server::{Error, Handle, Result, component};

use crate::support::game::{server, start_gate};

const COUNT: Remote<u64, u64> = Remote::new("lobby.lobby.count");
const NAME: Remote<(), String> = Remote::new("lobby.lobby.name");
const FULL: Remote<(), u64> = Remote::new("lobby.lobby.Full");

struct Lobby {
    seats: u64,
}

#[component("lobby")]
impl Lobby {
    #[remote(COUNT)]
    async fn free(&self, taken: u64) -> Result<u64> {
        Ok(self.seats - taken)
    }

    #[remote]
    async fn name(&self, server: &Handle<Json>) -> Result<String> {
        Ok(server.config().server_type.clone())
    }

    #[remote("Full")]
    async fn full(&self) -> Result<u64> {
        Err(Error::new("LOBBY-1", "never"))
    }
}

#[tokio::test]
async fn methods_of_a_component_answer_other_servers() {
    let hub = Hub::new();
    let gate = start_gate(&hub, "g1").await;
    let cluster = pitaya_server::cluster::Cluster::backend(hub.bus(), hub.discovery());
    let lobby = server("lobby")
        .register(Lobby { seats: 4 })
        .cluster(cluster);
    let _lobby = TestServer::start(lobby).await.expect("a lobby");
    assert_eq!(gate.rpc(COUNT, &1).await, Ok(3));
    assert_eq!(gate.rpc(NAME, &()).await, Ok("lobby".to_owned()));
    let error = Error::from(gate.rpc(FULL, &()).await.expect_err("a refusal"));
    assert_eq!(error.code(), "LOBBY-1");
}
