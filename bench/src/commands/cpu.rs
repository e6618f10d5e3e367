use std::{error::Error, time::Duration};

use clap::Args;
use pitaya_bench::{
    Exchange, Fleet, Goal, Plan, Sample, ServerProcess, Transport, Verdict, median,
};

use super::{
    Outcome, seconds,
    setup::{RAW, Setup, Subject, TYPED, exit_code},
};

#[derive(Debug, Args)]
pub(crate) struct Cpu {
    /// The server that is compared with the floor.
    #[arg(long, default_value = "pitaya")]
    subject: Subject,
    /// tcp and ws, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "tcp,ws")]
    transports: Vec<Transport>,
    /// Requests in flight per connection, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "1,16")]
    depths: Vec<u8>,
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=8_000))]
    connections: u32,
    /// Pairs of windows, one on the floor and one on the subject.
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..=100))]
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

/// A JSON object of 64 bytes, the size of a usual small game message; the raw handlers and the
/// floor carry the same bytes.
pub(super) const BODY: &[u8] =
    br#"{"name":"player-0042","x":123,"y":456,"tick":98765,"act":"move"}"#;

/// The goal at one request in flight, and at more.
fn goal(depth: u8) -> Goal {
    Goal(if depth == 1 { 1.10 } else { 1.30 })
}

impl Cpu {
    pub(crate) fn run(self) -> Outcome {
        // The driver holds a fleet for each side at the same time.
        let setup = Setup::new(2 * self.connections as usize)?;
        println!(
            "server processor time per request: {} connections, body of {} bytes, medians of {} \
             pairs of {:?}; {}; runtimes with one thread",
            self.connections,
            BODY.len(),
            self.pairs,
            self.seconds,
            setup.cores(),
        );
        println!(
            "{:<9} {:>9} {:<10} {:>9} {:>10} {:>6} {:>13} {:>6} {:<7} {:>10} {:>5} {:>5}",
            "transport",
            "in flight",
            "handler",
            "floor ns",
            "subject ns",
            "ratio",
            "(min .. max)",
            "goal",
            "verdict",
            "answers/s",
            "busy",
            "floor",
        );
        let mut verdicts = Vec::new();
        for &transport in &self.transports {
            for &depth in &self.depths {
                verdicts.extend(self.compare(&setup, transport, depth)?);
            }
        }
        println!(
            "busy: the share of its core that the subject, and the floor, used; a ratio is the \
             median of the ratios within each pair"
        );
        Ok(exit_code(self.gate, &verdicts))
    }

    fn compare(
        &self,
        setup: &Setup,
        transport: Transport,
        depth: u8,
    ) -> Result<Option<Verdict>, Box<dyn Error>> {
        let mut floor = Side::open(setup, Subject::Floor, transport, self.connections)?;
        let mut subject = Side::open(setup, self.subject, transport, self.connections)?;
        let mut raw = Vec::new();
        let mut typed = Vec::new();
        for _ in 0..self.pairs {
            let below = self.measure(&mut floor, RAW, depth)?;
            raw.push((below.clone(), self.measure(&mut subject, RAW, depth)?));
            if self.subject.has_types() {
                typed.push((below, self.measure(&mut subject, TYPED, depth)?));
            }
        }
        let verdict = report(transport, depth, "raw", &raw, Some(goal(depth)));
        if !typed.is_empty() {
            report(transport, depth, "typed json", &typed, None);
        }
        Ok(verdict)
    }

    fn measure(&self, side: &mut Side, route: &str, depth: u8) -> Result<Sample, Box<dyn Error>> {
        let exchange = Exchange::echo(side.subject.dialect(), route, BODY);
        let plan = Plan {
            exchange: &exchange,
            depth,
            warm_up: self.warm_up,
            window: self.seconds,
        };
        Ok(side.fleet.run(plan, &[side.server.process()])?)
    }
}

/// One server with its connections.
struct Side {
    subject: Subject,
    server: ServerProcess,
    fleet: Fleet,
}

impl Side {
    fn open(
        setup: &Setup,
        subject: Subject,
        transport: Transport,
        connections: u32,
    ) -> Result<Self, Box<dyn Error>> {
        let (server, target) = setup.start(subject, transport)?;
        let fleet = Fleet::open(&target, connections as usize)?;
        Ok(Self {
            subject,
            server,
            fleet,
        })
    }
}

fn report(
    transport: Transport,
    depth: u8,
    handler: &str,
    pairs: &[(Sample, Sample)],
    goal: Option<Goal>,
) -> Option<Verdict> {
    let middle = |of: &dyn Fn(&(Sample, Sample)) -> f64| {
        median(&pairs.iter().map(of).collect::<Vec<_>>()).unwrap_or(f64::NAN)
    };
    let busy = |sample: &Sample| sample.server().as_secs_f64() / sample.elapsed.as_secs_f64();
    let ratios: Vec<f64> = pairs
        .iter()
        .map(|(floor, subject)| subject.server_nanos() / floor.server_nanos())
        .collect();
    let ratio = median(&ratios).unwrap_or(f64::NAN);
    let least = ratios.iter().copied().fold(f64::NAN, f64::min);
    let most = ratios.iter().copied().fold(f64::NAN, f64::max);
    let verdict = goal.map(|goal| goal.judge(ratio));
    println!(
        "{transport:<9} {depth:>9} {handler:<10} {:>9.0} {:>10.0} {ratio:>6.3} {:>13} {:>6} {:<7} \
         {:>10.0} {:>4.0}% {:>4.0}%",
        middle(&|(floor, _)| floor.server_nanos()),
        middle(&|(_, subject)| subject.server_nanos()),
        format!("({least:.2} .. {most:.2})"),
        goal.map_or_else(|| "-".to_owned(), |goal| format!("{:.2}", goal.0)),
        verdict.map_or_else(|| "-".to_owned(), |verdict| verdict.to_string()),
        middle(&|(_, subject)| subject.rate()),
        middle(&|(_, subject)| 100.0 * busy(subject)),
        middle(&|(floor, _)| 100.0 * busy(floor)),
    );
    verdict
}
