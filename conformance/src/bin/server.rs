//! Serves the fixtures that clients are tested against.

use std::{error::Error, io::Write, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, Parser, ValueEnum};
use pitaya_conformance::{
    mock::{self, Mock},
    sdk,
};

/// Serves what Pitaya clients are tested against. Prints one line "listening NAME ADDR" for each listener.
#[derive(Debug, Parser)]
#[command(name = "pitaya-conformance-server", version)]
#[command(group = clap::ArgGroup::new("fixtures").args(["profile", "mock"]).required(true).multiple(true))]
struct Arguments {
    /// Serves a set of fixture servers.
    #[arg(long)]
    profile: Option<Profile>,

    #[command(flatten)]
    sdk: SdkArguments,

    /// Plays a scripted peer: its name, and after "=" its address (a free port on 127.0.0.1 otherwise). "all" plays every script.
    #[arg(long, value_name = "NAME[=ADDR]")]
    mock: Vec<MockArgument>,

    /// The heartbeat interval in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 6)]
    heartbeat: u64,

    /// How late the scripts slow-handshake and late-response are, in milliseconds (5000 and 2000 otherwise).
    #[arg(long, value_name = "MILLISECONDS")]
    delay: Option<u64>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Profile {
    /// What the family's client SDKs are tested against: a JSON and a protobuf server, each over WebSocket, TCP and TLS.
    Sdk,
    /// A server of a cluster, as Go Pitaya's own tests start it. Comes first, and the flags behind it are Go's: `--profile cluster -type room -frontend=false`.
    Cluster,
}

/// Settings of the profile sdk.
#[derive(Args, Debug)]
struct SdkArguments {
    /// Port of the JSON server over WebSocket; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 3250)]
    json_ws: u16,

    /// Port of the JSON server over TCP.
    #[arg(long, value_name = "PORT", default_value_t = 3251)]
    json_tcp: u16,

    /// Port of the JSON server over TLS.
    #[arg(long, value_name = "PORT", default_value_t = 3252)]
    json_tls: u16,

    /// Port of the protobuf server over WebSocket.
    #[arg(long, value_name = "PORT", default_value_t = 3350)]
    protobuf_ws: u16,

    /// Port of the protobuf server over TCP.
    #[arg(long, value_name = "PORT", default_value_t = 3351)]
    protobuf_tcp: u16,

    /// Port of the protobuf server over TLS.
    #[arg(long, value_name = "PORT", default_value_t = 3352)]
    protobuf_tls: u16,

    /// Certificate chain of the TLS listeners in PEM. A missing pair is made, signed by itself; by default in the temporary directory.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,

    /// Private key of the certificate in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
}

#[derive(Clone, Debug)]
struct MockArgument {
    mocks: Vec<Mock>,
    addr: SocketAddr,
}

impl FromStr for MockArgument {
    type Err = Box<dyn Error + Send + Sync>;

    fn from_str(argument: &str) -> Result<Self, Self::Err> {
        let (name, addr) = match argument.split_once('=') {
            Some((name, addr)) => (
                name,
                addr.parse().map_err(|error| format!("{addr:?}: {error}"))?,
            ),
            None => (argument, SocketAddr::from(([127, 0, 0, 1], 0))),
        };
        if name != "all" {
            return Ok(Self {
                mocks: vec![name.parse()?],
                addr,
            });
        }
        if addr.port() != 0 {
            return Err("every script has a listener of its own: \"all\" takes no port".into());
        }
        Ok(Self {
            mocks: Mock::ALL.to_vec(),
            addr,
        })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Its flags are those of programs in Go.
    let mut given = std::env::args().skip(1);
    if given.next().as_deref() == Some("--profile") && given.next().as_deref() == Some("cluster") {
        return cluster(given.collect()).await;
    }
    let arguments = Arguments::parse();
    let heartbeat = Duration::from_secs(arguments.heartbeat);
    let mut mocks = Vec::new();
    let mut sdk_server = None;
    if let Some(Profile::Sdk) = arguments.profile {
        let config = sdk_config(arguments.sdk).heartbeat(heartbeat);
        let certificate = config.certificate.clone();
        let server = sdk::start(config).await?;
        for (name, addr) in server.listeners() {
            announce(name, addr)?;
        }
        eprintln!("the TLS listeners show {}", certificate.display());
        sdk_server = Some(server);
    }
    let mut config = mock::Config::default().heartbeat(heartbeat);
    if let Some(delay) = arguments.delay {
        config = config.delay(Duration::from_millis(delay));
    }
    for MockArgument {
        mocks: scripts,
        addr,
    } in arguments.mock
    {
        for script in scripts {
            let started = mock::start_with(script, addr, config.clone()).await;
            let server =
                started.map_err(|error| format!("{script} cannot listen on {addr}: {error}"))?;
            announce(script.name(), server.addr())?;
            mocks.push(server);
        }
    }
    tokio::signal::ctrl_c().await?;
    if let Some(server) = sdk_server {
        server.shutdown().await;
    }
    Ok(())
}

/// Serves the profile cluster until the process is ended.
#[cfg(feature = "cluster")]
async fn cluster(flags: Vec<String>) -> Result<(), Box<dyn Error>> {
    use pitaya_conformance::cluster::{Arguments, Environment, Running};

    let server = Running::start(&Arguments::parse(flags)?, &Environment::read()).await?;
    for address in server.addresses() {
        announce("tcp", address)?;
    }
    // Harnesses wait for these words.
    eprintln!("all modules started!");
    tokio::signal::ctrl_c().await?;
    server.shutdown().await;
    Ok(())
}

#[cfg(not(feature = "cluster"))]
#[expect(clippy::unused_async, reason = "with the feature it serves")]
async fn cluster(_: Vec<String>) -> Result<(), Box<dyn Error>> {
    Err(
        "this program was built without clusters: `cargo xtask conformance` builds it with them"
            .into(),
    )
}

/// Tells the harness that a listener is there; it may read a pipe, which is not written line by line.
fn announce(name: &str, addr: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening {name} {addr}")?;
    out.flush()
}

fn sdk_config(arguments: SdkArguments) -> sdk::Config {
    let mut config = sdk::Config::default();
    let SdkArguments {
        json_ws,
        json_tcp,
        json_tls,
        protobuf_ws,
        protobuf_tcp,
        protobuf_tls,
        cert,
        key,
    } = arguments;
    config.json = sdk::Ports {
        ws: json_ws,
        tcp: json_tcp,
        tls: json_tls,
    };
    config.protobuf = sdk::Ports {
        ws: protobuf_ws,
        tcp: protobuf_tcp,
        tls: protobuf_tls,
    };
    if let (Some(cert), Some(key)) = (cert, key) {
        config = config.certificate(cert, key);
    }
    config
}
