//! What a request costs that a frontend hands to a backend, next to Go Pitaya's servers over the same engines.

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use pitaya_bench::{
    Dialect, Exchange, Fleet, Goal, Placement, Plan, Process, Sample, ServerProcess, Target,
    Transport, Work, median, open_files, pin,
};

use super::{
    Outcome,
    cases::BODY,
    engines::{Engines, ready},
    seconds,
    setup::exit_code,
};

#[derive(Debug, Args)]
pub(crate) struct Hop {
    /// The program `peer-v3` of `conformance/interop/go`; without it only our servers are measured.
    #[arg(long)]
    go: Option<PathBuf>,
    /// Requests in flight per connection, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "1,8")]
    depths: Vec<u8>,
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4_000))]
    connections: u32,
    /// Pairs of windows, one on each cluster.
    #[arg(long, default_value_t = 11, value_parser = clap::value_parser!(u32).range(1..=100))]
    pairs: u32,
    /// Length of a window.
    #[arg(long, default_value = "1", value_parser = seconds)]
    seconds: Duration,
    /// Load before each window.
    #[arg(long, default_value = "0.3", value_parser = seconds)]
    warm_up: Duration,
    /// Exit with 1 when a figure is worse than 1.25 times its goal.
    #[arg(long)]
    gate: bool,
}

/// What the servers may cost together, in parts of what Go's cost.
const GOAL: Goal = Goal(0.25);
/// The handler of the backend, which returns the bytes that it is given.
const ROUTE: &str = "room.game.echo";
/// How long a frontend may take to hear of its backend.
const MEETING: Duration = Duration::from_secs(15);

impl Hop {
    pub(crate) fn run(self) -> Outcome {
        open_files(2 * u64::from(self.connections) + 200)?;
        let placement = Placement::of_this_machine()?;
        // What is started now stays on the core that its parent is on.
        pin(placement.server)?;
        let engines = Engines::start()?;
        let mut rust = Side::start("rust", &std::env::current_exe()?, "--", &engines)?;
        let mut go = match &self.go {
            Some(program) => Some(Side::start("go", program, "-", &engines)?),
            None => None,
        };
        pin(placement.driver)?;
        for side in [Some(&mut rust), go.as_mut()].into_iter().flatten() {
            side.open(self.connections)?;
        }
        println!(
            "processor time per request that goes client, frontend, NATS, backend and back: {} connections, body of {} \
             bytes, medians of {} pairs of {:?}; driver on core {}, all servers on core {}",
            self.connections,
            BODY.len(),
            self.pairs,
            self.seconds,
            placement.driver,
            placement.server,
        );
        println!(
            "{:<7} {:>9} {:>8} {:>8} {:>8} {:>8} {:>10} {:>8} {:>8}",
            "servers",
            "in flight",
            "front us",
            "back us",
            "sum us",
            "nats us",
            "answers/s",
            "p50 us",
            "p99 us",
        );
        let mut verdicts = Vec::new();
        for &depth in &self.depths {
            let mut of_rust = Vec::new();
            let mut of_go = Vec::new();
            for _ in 0..self.pairs {
                of_rust.push(self.measure(&mut rust, depth)?);
                if let Some(go) = &mut go {
                    of_go.push(self.measure(go, depth)?);
                }
            }
            report(depth, rust.name, &of_rust);
            if of_go.is_empty() {
                continue;
            }
            report(depth, "go", &of_go);
            let ratios: Vec<f64> = of_rust
                .iter()
                .zip(&of_go)
                .map(|(rust, go)| servers_micros(rust) / servers_micros(go))
                .collect();
            let ratio = median(&ratios).unwrap_or(f64::NAN);
            let verdict = GOAL.judge(ratio);
            let least = ratios.iter().copied().fold(f64::NAN, f64::min);
            let most = ratios.iter().copied().fold(f64::NAN, f64::max);
            println!(
                "ratio   {depth:>9} {ratio:>8.3} ({least:.2} .. {most:.2}) of the sums, goal {:.2}: {verdict}",
                GOAL.0
            );
            verdicts.push(verdict);
        }
        Ok(exit_code(self.gate, &verdicts))
    }

    fn measure(&self, side: &mut Side, depth: u8) -> Result<Sample, Box<dyn Error>> {
        let exchange = exchange();
        let plan = Plan {
            exchange: &exchange,
            work: Work::InFlight(depth),
            warm_up: self.warm_up,
            window: self.seconds,
        };
        let fleet = side.fleet.as_mut().ok_or("no connections are open")?;
        Ok(fleet.run(plan, &side.bills)?)
    }
}

fn exchange() -> Exchange {
    Exchange::echo(Dialect::Pitaya, ROUTE, BODY)
}

/// A frontend and a backend that see each other and nobody else.
struct Side {
    name: &'static str,
    front: ServerProcess,
    /// Ends when this does.
    _back: ServerProcess,
    /// Those of the frontend, the backend and NATS.
    bills: [Process; 3],
    fleet: Option<Fleet>,
}

impl Side {
    /// Starts both. Flags of the program begin with `dash`.
    fn start(
        name: &'static str,
        program: &Path,
        dash: &str,
        engines: &Engines,
    ) -> Result<Self, Box<dyn Error>> {
        let start = |server_type: &str, frontend: bool| {
            let mut command = Command::new(program);
            match (dash, frontend) {
                ("--", true) => command.args(["peer", "--frontend"]),
                ("--", false) => command.arg("peer"),
                (_, frontend) => command.arg(format!("-frontend={frontend}")),
            };
            engines.name_to(&mut command, dash, server_type, name);
            ServerProcess::start_with(&mut command, ready)
        };
        let back = start("room", false)?;
        let front = start("connector", true)?;
        Ok(Self {
            name,
            bills: [front.process(), back.process(), engines.nats()?],
            front,
            _back: back,
            fleet: None,
        })
    }

    /// Opens the connections, once the frontend knows the backend.
    fn open(&mut self, connections: u32) -> Result<(), Box<dyn Error>> {
        let target = Target {
            address: self.front.address(),
            transport: Transport::Tcp,
            dialect: Dialect::Pitaya,
            tls: None,
            greetings: Vec::new(),
        };
        let exchange = exchange();
        let plan = Plan {
            exchange: &exchange,
            work: Work::InFlight(1),
            warm_up: Duration::from_millis(1),
            window: Duration::from_millis(1),
        };
        let deadline = Instant::now() + MEETING;
        loop {
            match Fleet::open(&target, 0..1)?.run(plan, &[]) {
                Ok(_) => break,
                // What is not routed yet is answered with an error.
                Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(50)),
                Err(error) => return Err(error.into()),
            }
        }
        self.fleet = Some(Fleet::open(&target, 0..connections as usize)?);
        Ok(())
    }
}

/// Processor time of frontend and backend together.
fn servers_micros(sample: &Sample) -> f64 {
    sample.micros(0) + sample.micros(1)
}

fn report(depth: u8, name: &str, samples: &[Sample]) {
    let middle = |of: &dyn Fn(&Sample) -> f64| {
        median(&samples.iter().map(of).collect::<Vec<_>>()).unwrap_or(f64::NAN)
    };
    let latency =
        |share: f64| middle(&|sample| sample.latency(share).map_or(f64::NAN, |us| us as f64));
    println!(
        "{name:<7} {depth:>9} {:>8.1} {:>8.1} {:>8.1} {:>8.1} {:>10.0} {:>8.0} {:>8.0}",
        middle(&|sample| sample.micros(0)),
        middle(&|sample| sample.micros(1)),
        middle(&servers_micros),
        middle(&|sample| sample.micros(2)),
        middle(&Sample::rate),
        latency(0.50),
        latency(0.99),
    );
}
