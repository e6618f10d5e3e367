use std::{net::SocketAddr, process::ExitCode, time::Duration};

use clap::Args;
use pitaya_bench::{
    Dialect, Exchange, Fleet, Placement, Plan, Process, Target, Transport, open_files, pin,
};

use super::{Outcome, cpu::BODY, seconds};

#[derive(Debug, Args)]
pub(crate) struct Load {
    /// Address of the server; only this machine's own is accepted.
    #[arg(long)]
    target: SocketAddr,
    /// Process id of the server.
    #[arg(long)]
    pid: u32,
    /// tcp or ws.
    #[arg(long, default_value = "tcp")]
    proto: Transport,
    /// A handler that returns its payload as it came.
    #[arg(long, default_value = "bench.echo")]
    route: String,
    /// A handler that binds the session to the uid in the payload and returns it.
    #[arg(long)]
    bind: Option<String>,
    /// The server returns every byte instead of speaking the protocol.
    #[arg(long)]
    echo: bool,
    /// Payload of a request.
    #[arg(long, default_value_t = String::from_utf8_lossy(BODY).into_owned())]
    body: String,
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=15_000))]
    connections: u32,
    /// Requests in flight per connection.
    #[arg(long, default_value_t = 1)]
    depth: u8,
    /// Windows measured one after another.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    windows: u32,
    /// Length of a window.
    #[arg(long, default_value = "3", value_parser = seconds)]
    seconds: Duration,
    /// Load before each window.
    #[arg(long, default_value = "0.5", value_parser = seconds)]
    warm_up: Duration,
}

impl Load {
    pub(crate) fn run(self) -> Outcome {
        if !self.target.ip().is_loopback() {
            return Err(
                "only a server on this machine can be measured: its bill is read here".into(),
            );
        }
        pin(Placement::of_this_machine()?.driver)?;
        open_files(u64::from(self.connections) + 200)?;
        let dialect = if self.echo {
            Dialect::Echo
        } else {
            Dialect::Pitaya
        };
        let target = Target {
            address: self.target,
            transport: self.proto,
            dialect,
            tls: None,
            bind: self.bind,
        };
        let mut fleet = Fleet::open(&target, self.connections as usize)?;
        let exchange = Exchange::echo(dialect, &self.route, self.body.as_bytes());
        let server = [Process::by_id(self.pid)];
        for _ in 0..self.windows {
            let plan = Plan {
                exchange: &exchange,
                depth: self.depth,
                warm_up: self.warm_up,
                window: self.seconds,
            };
            let sample = fleet.run(plan, &server)?;
            println!(
                "{:.0} ns of server per request, {} answers at {:.0}/s, server {:.0}% of a core, \
                 driver {:.0}%",
                sample.server_nanos(),
                sample.answers,
                sample.rate(),
                100.0 * sample.server().as_secs_f64() / sample.elapsed.as_secs_f64(),
                100.0 * sample.driver.as_secs_f64() / sample.elapsed.as_secs_f64(),
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
