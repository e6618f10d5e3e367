use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Args, ValueEnum};
use pitaya_bench::{
    Dialect, Exchange, Fleet, Placement, Plan, Process, Sample, Target, Transport, Trust, Work,
    open_files, pin, visit,
};

use super::{
    Outcome,
    cases::{BODY, PUSHED, PUSHES},
    seconds,
};

/// What connections do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// Requests to a handler that returns its payload.
    Request,
    /// Notifies to --notify-route, and after --depth less one of them a request.
    Notify,
    /// Requests to a handler that pushes its payload to its session, on route onBench, before it returns it.
    Push,
    /// One connection's requests to a handler that pushes its payload --pushes times to all connections, on route onBench, and returns it.
    Broadcast,
    /// Connections that are opened and closed.
    Connect,
    /// Connections that rest.
    Idle,
}

#[derive(Debug, Args)]
pub(crate) struct Load {
    /// Address of the server; only this machine's own is accepted.
    #[arg(long)]
    target: SocketAddr,
    /// Process id of the server.
    #[arg(long)]
    pid: u32,
    /// tcp, tls, ws or wss.
    #[arg(long, default_value = "tcp")]
    proto: Transport,
    /// The certificate (PEM) to trust, for tls and wss.
    #[arg(long)]
    certificate: Option<PathBuf>,
    #[arg(long, default_value = "request")]
    scenario: Scenario,
    /// A handler that returns its payload as it came.
    #[arg(long, default_value = "bench.echo")]
    route: String,
    /// A handler that returns nothing.
    #[arg(long, default_value = "bench.note")]
    notify_route: String,
    /// Handlers that each session asks first, separated by commas, such as one that binds it; they return
    /// the user's name, which is the payload.
    #[arg(long, value_delimiter = ',')]
    greetings: Vec<String>,
    /// The server returns every byte instead of speaking the protocol.
    #[arg(long)]
    echo: bool,
    /// Payload of a message.
    #[arg(long, default_value_t = String::from_utf8_lossy(BODY).into_owned())]
    body: String,
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=15_000))]
    connections: u32,
    /// Messages in flight per connection.
    #[arg(long, default_value_t = 1)]
    depth: u8,
    /// Requests a second in place of a depth; a latency counts from when its request was due.
    #[arg(long, conflicts_with = "depth")]
    rate: Option<u32>,
    /// Pushes that a broadcast sends to each connection.
    #[arg(long, default_value_t = PUSHES)]
    pushes: u32,
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
        let trusted = self.certificate.as_deref().map(Trust::client_of);
        let target = Target {
            address: self.target,
            transport: self.proto,
            dialect,
            tls: trusted.transpose()?,
            greetings: self.greetings.clone(),
        };
        let bill = [Process::by_id(self.pid)];
        let before = bill[0].resident()?;
        if self.scenario == Scenario::Connect {
            for _ in 0..self.windows {
                print(&visit(&target, self.warm_up, self.seconds, &bill)?);
            }
            return Ok(ExitCode::SUCCESS);
        }
        let mut fleet = Fleet::open(&target, 0..self.connections as usize)?;
        let grown = bill[0].resident()?.saturating_sub(before) as f64 / 1024.0;
        println!(
            "{:.2} KiB of resident memory per connection",
            grown / f64::from(self.connections)
        );
        let exchange = self.exchange(dialect);
        let plan = Plan {
            exchange: &exchange,
            work: self.work(),
            warm_up: self.warm_up,
            window: self.seconds,
        };
        for _ in 0..self.windows {
            print(&fleet.run(plan, &bill)?);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn exchange(&self, dialect: Dialect) -> Exchange {
        let body = self.body.as_bytes();
        let echo = Exchange::echo(dialect, &self.route, body);
        match (self.scenario, dialect) {
            (Scenario::Notify, _) => {
                let notifies = usize::from(self.depth).saturating_sub(1);
                echo.after_notifies(&self.notify_route, body, notifies)
            }
            (Scenario::Broadcast, Dialect::Echo) => {
                Exchange::fan(PUSHED, body, self.pushes as usize)
            }
            (Scenario::Push | Scenario::Broadcast, _) => echo.with_pushes(PUSHED, body),
            (Scenario::Request | Scenario::Connect | Scenario::Idle, _) => echo,
        }
    }

    fn work(&self) -> Work {
        match (self.scenario, self.rate) {
            (Scenario::Broadcast, _) => Work::Broadcast(self.pushes),
            (Scenario::Connect | Scenario::Idle, _) => Work::Rest,
            (_, Some(rate)) => Work::PerSecond(rate),
            (Scenario::Notify, None) => Work::InFlight(1),
            (Scenario::Request | Scenario::Push, None) => Work::InFlight(self.depth),
        }
    }
}

fn print(sample: &Sample) {
    let share = |time: Duration| 100.0 * time.as_secs_f64() / sample.elapsed.as_secs_f64();
    let latency = |of| {
        sample
            .latency(of)
            .map_or_else(|| "-".to_owned(), |us| us.to_string())
    };
    println!(
        "{:.3} us of server per message, {} messages at {:.0}/s, p50 {} us, p99 {} us, p99.9 {} us, server {:.0}% of a core, driver {:.0}%",
        sample.server_micros(),
        sample.messages,
        sample.rate(),
        latency(0.5),
        latency(0.99),
        latency(0.999),
        share(sample.server()),
        share(sample.driver),
    );
}
