//! The server of this workspace as the other programs measure it: its defaults, a metrics
//! recorder, and handlers that do nothing but answer.

use std::{error::Error, net::SocketAddr, sync::Arc, time::Duration};

use metrics_exporter_prometheus::PrometheusBuilder;
use pitaya_bench::Transport;
use pitaya_server::{
    Error as CallError, Handle, Result, Server, Session, Tls, component,
    protocol::{Raw, codes},
    tcp, tls, ws, wss,
};
use rustls::ServerConfig;
use serde::{Deserialize, Serialize};

/// How often the recorder folds what was recorded, as its own HTTP listener would have it done.
const UPKEEP: Duration = Duration::from_millis(100);

/// Upper bounds of a latency histogram in seconds. Without bounds the recorder keeps a sketch per
/// route, whose upkeep costs more than an echo and whose quantiles cannot be summed over servers.
const LATENCIES: [f64; 10] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0,
];

/// The body that `cpu` sends, as a game would declare it.
#[derive(Debug, Serialize, Deserialize)]
struct Move {
    name: String,
    x: i32,
    y: i32,
    tick: u32,
    act: String,
}

/// Starts it on `address`.
pub(super) async fn start(
    address: SocketAddr,
    transport: Transport,
    certificate: Option<Arc<ServerConfig>>,
) -> Result<Handle, Box<dyn Error>> {
    // Before the server is built: it makes its metric handles then.
    let recorder = PrometheusBuilder::new()
        .set_buckets(&LATENCIES)?
        .build_recorder();
    let scraped = recorder.handle();
    metrics::set_global_recorder(recorder)?;

    let listener = match (transport, certificate.map(Tls::from_config)) {
        (Transport::Tcp, _) => tcp(address),
        (Transport::Ws, _) => ws(address),
        (Transport::Tls, Some(certificate)) => tls(address, certificate),
        (Transport::Wss, Some(certificate)) => wss(address, certificate),
        (Transport::Tls | Transport::Wss, None) => return Err("a certificate is needed".into()),
    };
    let server = Server::builder()
        .register(Bench)
        .listen(listener)
        .start()
        .await?;
    server.spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            scraped.run_upkeep();
        }
    });
    Ok(server)
}

/// Handlers that do nothing but answer, written as a game's are.
struct Bench;

#[component("bench")]
impl Bench {
    #[request]
    async fn echo(&self, _session: &Session, body: Raw) -> Result<Raw> {
        Ok(body)
    }

    #[request]
    async fn json(&self, _session: &Session, body: Move) -> Result<Move> {
        Ok(body)
    }

    #[request]
    async fn bind(&self, session: &Session, uid: Raw) -> Result<Raw> {
        let text = std::str::from_utf8(&uid.0)
            .map_err(|error| CallError::new(codes::BAD_REQUEST, error.to_string()))?;
        session.bind(text).await?;
        Ok(uid)
    }
}
