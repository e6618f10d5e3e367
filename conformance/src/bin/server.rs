//! Serves the fixtures that clients are tested against.

use std::{error::Error, net::SocketAddr, str::FromStr, time::Duration};

use clap::Parser;
use pitaya_conformance::mock::{self, Mock};

/// Serves what Pitaya clients are tested against. Prints one line "listening NAME ADDR" for each listener.
#[derive(Debug, Parser)]
#[command(name = "pitaya-conformance-server", version)]
struct Arguments {
    /// Plays a scripted peer: its name, and after "=" its address (a free port on 127.0.0.1 otherwise). "all" plays every script.
    #[arg(long, value_name = "NAME[=ADDR]", required = true)]
    mock: Vec<MockArgument>,

    /// The heartbeat interval in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 6)]
    heartbeat: u64,

    /// How late the scripts slow-handshake and late-response are, in milliseconds (5000 and 2000 otherwise).
    #[arg(long, value_name = "MILLISECONDS")]
    delay: Option<u64>,
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
    let arguments = Arguments::parse();
    let mut config = mock::Config::default().heartbeat(Duration::from_secs(arguments.heartbeat));
    if let Some(delay) = arguments.delay {
        config = config.delay(Duration::from_millis(delay));
    }
    let mut servers = Vec::new();
    for MockArgument { mocks, addr } in arguments.mock {
        for mock in mocks {
            let started = mock::start_with(mock, addr, config.clone()).await;
            let server =
                started.map_err(|error| format!("{mock} cannot listen on {addr}: {error}"))?;
            println!("listening {mock} {}", server.addr());
            servers.push(server);
        }
    }
    tokio::signal::ctrl_c().await?;
    Ok(())
}
