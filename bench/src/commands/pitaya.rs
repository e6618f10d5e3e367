//! The server of this workspace as the other programs measure it: its defaults, a metrics
//! recorder, and handlers that do nothing but answer.

use std::{error::Error, net::SocketAddr, sync::Arc, time::Duration};

use metrics_exporter_prometheus::PrometheusBuilder;
use pitaya_bench::Transport;
use pitaya_server::{
    Error as CallError, Group, Handle, Result, Server, Session, Tls, component,
    protocol::{Push, Raw, codes},
    tcp, tls, ws, wss,
};
use rustls::ServerConfig;
use serde::{Deserialize, Serialize};

use super::cases::{self, PUSHES};

/// How often the recorder folds what was recorded, as its own HTTP listener would have it done.
const UPKEEP: Duration = Duration::from_millis(100);

/// Upper bounds of a latency histogram in seconds. Without bounds the recorder keeps a sketch per
/// route, whose upkeep costs more than an echo and whose quantiles cannot be summed over servers.
const LATENCIES: [f64; 10] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0,
];

/// The route on which `bench.pour` pushes.
const DROP: &str = "onDrop";
/// The size of such a push.
const DROP_BYTES: usize = 100;
/// How many a client may ask for.
const MOST_DROPS: u32 = 1_000_000;

/// What is pushed for [`cases`].
const PUSHED: Push<Raw> = Push::new(cases::PUSHED);
/// The group of all sessions that joined.
const ALL: &str = "all";

/// The body of a small message, as a game would declare it.
#[derive(Debug, Serialize, Deserialize)]
struct Move {
    name: String,
    x: i32,
    y: i32,
    tick: u32,
    act: String,
}

/// Pushes that a client asks for: `together` at a time, as the tick of a game's world sends them.
#[derive(Debug, Deserialize)]
struct Pour {
    count: u32,
    per_second: u32,
    together: u32,
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
    server.create_group(ALL)?;
    server.spawn(async move {
        loop {
            tokio::time::sleep(UPKEEP).await;
            scraped.run_upkeep();
        }
    });
    Ok(server)
}

/// The same without a listener and a recorder, for what reaches it within the process.
pub(super) async fn start_silent() -> Result<Handle, Box<dyn Error>> {
    let server = Server::builder().register(Bench).start().await?;
    server.create_group(ALL)?;
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

    #[notify]
    async fn note(&self, _session: &Session, _body: Raw) {}

    #[request]
    async fn join(&self, session: &Session, body: Raw) -> Result<Raw> {
        everyone(session)?.join(session).map_err(refused)?;
        Ok(body)
    }

    #[request]
    async fn push(&self, session: &Session, body: Raw) -> Result<Raw> {
        for _ in 0..PUSHES {
            session.push(PUSHED, &body).map_err(refused)?;
        }
        Ok(body)
    }

    #[request]
    async fn tell(&self, session: &Session, body: Raw) -> Result<Raw> {
        everyone(session)?
            .broadcast(PUSHED, &body)
            .map_err(refused)?;
        Ok(body)
    }

    #[request]
    async fn tick(&self, session: &Session, body: Raw) -> Result<Raw> {
        let group = everyone(session)?;
        let batch = (0..PUSHES).fold(group.batch(), |batch, _| batch.push(PUSHED, &body));
        batch.send().map_err(refused)?;
        Ok(body)
    }

    /// Pushes at an even pace. Who is late catches up.
    #[notify]
    async fn pour(&self, session: &Session, pour: Pour) {
        let count = pour.count.min(MOST_DROPS);
        let together = pour.together.clamp(1, MOST_DROPS);
        let tick = Duration::from_secs(1) * together / pour.per_second.max(1);
        let session = session.clone();
        session.server().clone().spawn(async move {
            let mut pace = tokio::time::interval(tick.max(Duration::from_micros(1)));
            for number in 0..count {
                if number % together == 0 {
                    pace.tick().await;
                }
                if session.push_to(DROP, &drop_of(number)).is_err() {
                    return;
                }
            }
        });
    }
}

fn everyone(session: &Session) -> Result<Group> {
    let group = session.server().group(ALL);
    group.ok_or_else(|| CallError::new(codes::INTERNAL, "the group is made when the server starts"))
}

fn refused(error: impl Error) -> CallError {
    CallError::new(codes::INTERNAL, error.to_string())
}

/// A small object of a game as JSON, which tells lost and repeated ones by its number.
fn drop_of(number: u32) -> Raw {
    let object = format!(r#"{{"n":{number},"x":{},"y":17,"act":"walk""#, number % 640);
    // Space between two tokens is JSON, too.
    Raw::from(format!("{object:<width$}}}", width = DROP_BYTES - 1).into_bytes())
}
