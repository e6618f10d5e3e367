//! The peers of a scenario, as its program names them.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use pitaya_conformance::mock::{self, Config, Mock, MockServer};
use pitaya_conformance::sdk::{self, SdkServer};
use tokio::runtime::Runtime;

/// How late the late ones are, where nothing else is said.
const DELAY: Duration = Duration::from_millis(300);

enum Running {
    Mock(MockServer),
    Sdk(SdkServer),
    Nothing,
}

struct Peer {
    name: String,
    config: Config,
    address: SocketAddr,
    running: Running,
}

/// Peers that end with this.
pub(crate) struct Peers {
    runtime: Runtime,
    peers: Vec<Peer>,
}

impl Peers {
    /// Starts what a scenario wants: `NAME[:DELAY_MS][@HEARTBEAT_S]`, several with blanks between.
    pub(crate) fn start(wanted: &str, transport: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let start = |wanted: &str| runtime.block_on(peer(wanted, transport));
        let peers = wanted.split_whitespace().map(start).collect();
        Self { runtime, peers }
    }

    pub(crate) fn ports(&self) -> impl Iterator<Item = u16> {
        self.peers.iter().map(|peer| peer.address.port())
    }

    /// `stop N` or `start N`.
    pub(crate) fn obey(&mut self, order: &str) {
        let (what, index) = order.split_once(' ').expect("an order");
        let peer = &mut self.peers[index.parse::<usize>().expect("a number")];
        let _inside = self.runtime.enter();
        peer.running = Running::Nothing;
        if what == "start" {
            peer.running =
                self.runtime
                    .block_on(start(&peer.name, peer.address, peer.config.clone()));
        }
    }
}

async fn peer(wanted: &str, transport: &str) -> Peer {
    let (wanted, heartbeat) = wanted.split_once('@').unwrap_or((wanted, "6"));
    let (name, delay) = wanted.split_once(':').unwrap_or((wanted, ""));
    let delay = delay.parse().map_or(DELAY, Duration::from_millis);
    let heartbeat = Duration::from_secs(heartbeat.parse().expect("seconds"));
    let config = Config::default().delay(delay).heartbeat(heartbeat);
    let (running, address) = match name {
        "nothing" => {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
            (Running::Nothing, listener.local_addr().expect("an address"))
        }
        "sdk" | "sdk-protobuf" => {
            let folder = std::env::temp_dir().join("pitaya-c-scenarios");
            let config = sdk::Config::default()
                .any_ports()
                .heartbeat(heartbeat)
                .certificate(folder.join("cert.pem"), folder.join("key.pem"));
            let server = sdk::start(config).await.expect("the fixture servers");
            let format = if name == "sdk" { "json" } else { "protobuf" };
            let address = server.address(&format!("{format}-{transport}"));
            let address = address.expect("a listener");
            (Running::Sdk(server), address)
        }
        name => {
            let running = start(
                name,
                "127.0.0.1:0".parse().expect("an address"),
                config.clone(),
            )
            .await;
            let Running::Mock(mock) = &running else {
                unreachable!("just started")
            };
            let address = mock.addr();
            (running, address)
        }
    };
    if let Running::Sdk(server) = &running {
        assert!(server.address("json-tcp").is_some());
    }
    Peer {
        name: name.to_owned(),
        config,
        address,
        running,
    }
}

async fn start(name: &str, address: SocketAddr, config: Config) -> Running {
    let mock: Mock = name
        .parse()
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    Running::Mock(
        mock::start_with(mock, address, config)
            .await
            .expect("the peer"),
    )
}
