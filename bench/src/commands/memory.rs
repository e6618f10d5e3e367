use std::{
    error::Error,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use pitaya_bench::{DialError, Dialed, Goal, Process, Target, Transport, Verdict, dial, median};

use super::{
    Outcome,
    setup::{Setup, Subject, exit_code},
};

#[derive(Debug, Args)]
pub(crate) struct Memory {
    /// The server that is compared with the floor.
    #[arg(long, default_value = "pitaya")]
    subject: Subject,
    /// tcp, tls, ws and wss, separated by commas.
    #[arg(long, value_delimiter = ',', default_value = "tcp,tls,ws,wss")]
    transports: Vec<Transport>,
    /// Idle connections, each with a bound session.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    connections: u32,
    /// Fresh processes per figure.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Exit with 1 when a figure is worse than 1.25 times its goal.
    #[arg(long)]
    gate: bool,
}

/// Connections that are open before the first reading, so that what a server allocates once is
/// not billed to the counted ones.
const FIRST: usize = 100;

/// What may be held per connection.
enum Limit {
    /// So many KiB.
    Kibibytes(Goal),
    /// So many times what the floor holds.
    OfFloor(Goal),
}

fn limit(transport: Transport) -> Limit {
    match transport {
        Transport::Tcp => Limit::Kibibytes(Goal(4.0)),
        Transport::Ws => Limit::Kibibytes(Goal(6.0)),
        Transport::Tls | Transport::Wss => Limit::OfFloor(Goal(1.2)),
    }
}

impl Memory {
    pub(crate) fn run(self) -> Outcome {
        let setup = Setup::new(self.connections as usize + FIRST)?;
        println!(
            "resident memory per idle connection with a bound session: growth over {} connections \
             after the first {FIRST}, medians of {} fresh processes",
            self.connections, self.rounds,
        );
        println!(
            "{:<9} {:>9} {:>11} {:>6} {:>12} {:<7}",
            "transport", "floor KiB", "subject KiB", "ratio", "goal", "verdict",
        );
        let mut verdicts = Vec::new();
        for &transport in &self.transports {
            let mut floors = Vec::new();
            let mut subjects = Vec::new();
            for _ in 0..self.rounds {
                floors.push(self.measure(&setup, Subject::Floor, transport)?);
                subjects.push(self.measure(&setup, self.subject, transport)?);
            }
            verdicts.push(report(transport, &floors, &subjects));
        }
        Ok(exit_code(self.gate, &verdicts))
    }

    /// KiB per connection.
    fn measure(
        &self,
        setup: &Setup,
        subject: Subject,
        transport: Transport,
    ) -> Result<f64, Box<dyn Error>> {
        let (server, target) = setup.start(subject, transport)?;
        let process = server.process();
        let first = open(&target, 0..FIRST)?;
        let before = settled(&process)?;
        let counted = open(&target, FIRST..FIRST + self.connections as usize)?;
        let after = settled(&process)?;
        let grown = after.saturating_sub(before) as f64 / 1024.0 / counted.len() as f64;
        // Up to here every connection is open.
        drop((first, counted));
        Ok(grown)
    }
}

fn open(target: &Target, numbers: std::ops::Range<usize>) -> Result<Vec<Dialed>, DialError> {
    numbers.map(|number| dial(target, number)).collect()
}

/// The resident memory once two readings agree, or after five seconds.
fn settled(process: &Process) -> std::io::Result<u64> {
    let deadline = Instant::now() + Duration::from_secs(5);
    let mut last = process.resident()?;
    loop {
        thread::sleep(Duration::from_millis(200));
        let now = process.resident()?;
        if now == last || Instant::now() > deadline {
            return Ok(now);
        }
        last = now;
    }
}

fn report(transport: Transport, floors: &[f64], subjects: &[f64]) -> Verdict {
    let floor = median(floors).unwrap_or(f64::NAN);
    let subject = median(subjects).unwrap_or(f64::NAN);
    let ratio = subject / floor;
    let (verdict, goal) = match limit(transport) {
        Limit::Kibibytes(goal) => (goal.judge(subject), format!("{:.1} KiB", goal.0)),
        Limit::OfFloor(goal) => (goal.judge(ratio), format!("{:.2} x floor", goal.0)),
    };
    println!("{transport:<9} {floor:>9.2} {subject:>11.2} {ratio:>6.2} {goal:>12} {verdict:<7}");
    verdict
}
