use std::{
    collections::{HashMap, hash_map::Entry},
    error::Error,
    fs,
    path::PathBuf,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use pitaya_bench::{
    Fleet, Plan, Process, Sample, ServerProcess, Target, Transport, Work, median, visit,
};

use super::{
    Outcome,
    cases::{BIND, CASES, Case, JOIN, Kind},
    chart,
    figure::Figure,
    goals, seconds,
    setup::{Setup, exit_code},
    subject::Subject,
    table,
};

/// Measures all servers in turn and says how they compare.
#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Names of cases, or what they begin with, separated by commas; all when left out.
    #[arg(long, value_delimiter = ',')]
    cases: Vec<String>,
    /// Servers, separated by commas; all that can be had when left out.
    #[arg(long, value_delimiter = ',')]
    servers: Vec<Subject>,
    /// Rounds; in each, every server has its turn.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Length of a window.
    #[arg(long, default_value = "1", value_parser = seconds)]
    seconds: Duration,
    /// Load before each window.
    #[arg(long, default_value = "0.3", value_parser = seconds)]
    warm_up: Duration,
    /// Connections that carry messages.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(2..=3_000))]
    connections: u32,
    /// Connections that rest.
    #[arg(long, default_value_t = 15_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    idle_connections: u32,
    /// How long the processor time of connections that rest is taken; it is told when that is at least the time between heartbeats, 30 s.
    #[arg(long, default_value = "30", value_parser = seconds)]
    idle_seconds: Duration,
    /// Every case in less than three minutes: three rounds of not quite a second, and 2,000
    /// connections that rest, for a moment.
    #[arg(long)]
    quick: bool,
    /// One line of JSON per run in place of the tables.
    #[arg(long)]
    json: bool,
    /// The folder of bench-pitaya and bench-nano; without it servers in Go are left out.
    #[arg(long)]
    go: Option<PathBuf>,
    /// Where compare.json and compare.svg are written.
    #[arg(long)]
    output: Option<PathBuf>,
    /// Exit with 1 when a figure is worse than 1.25 times its goal.
    #[arg(long)]
    gate: bool,
}

/// Connections that are open before the first reading of memory, so that what a server allocates
/// once is not billed to the counted ones.
const FIRST: usize = 100;
/// Most connections to servers that carry messages at the same time.
const FLEETS: usize = 6;

impl Compare {
    pub(crate) fn run(mut self) -> Outcome {
        if self.quick {
            self.rounds = 3;
            self.warm_up = Duration::from_millis(100);
            self.seconds = Duration::from_millis(800);
            self.idle_connections = self.idle_connections.min(2_000);
            self.idle_seconds = Duration::from_millis(100);
        }
        let cases = self.chosen()?;
        let most = (FLEETS * self.connections as usize).max(self.idle_connections as usize + FIRST);
        let setup = Setup::new(most, self.go.clone())?;
        eprintln!(
            "{} rounds of {:?} after {:?}, {} connections ({} at rest); {}; servers have one thread",
            self.rounds,
            self.seconds,
            self.warm_up,
            self.connections,
            self.idle_connections,
            setup.cores(),
        );
        let mut figures = Vec::new();
        for transport in Transport::ALL {
            let of_transport = cases.iter().filter(|case| case.transport == transport);
            let (resting, busy): (Vec<_>, Vec<_>) =
                of_transport.partition(|case| case.kind == Kind::Idle);
            self.measure_busy(&setup, transport, &busy, &mut figures)?;
            for case in resting {
                self.measure_resting(&setup, case, &mut figures)?;
            }
        }
        let judged = goals::judge(&figures);
        if !self.json {
            table::print(&figures);
            goals::print(&judged);
        }
        if let Some(folder) = &self.output {
            fs::create_dir_all(folder)?;
            fs::write(folder.join("compare.json"), lines(&figures)?)?;
            fs::write(folder.join("compare.svg"), chart::draw(&figures)?)?;
            eprintln!("compare.json and compare.svg are in {}", folder.display());
        }
        let verdicts: Vec<_> = judged.iter().map(|row| row.verdict).collect();
        Ok(if judged.is_empty() && figures.is_empty() {
            ExitCode::FAILURE
        } else {
            exit_code(self.gate, &verdicts)
        })
    }

    /// The cases that were asked for, with the servers that can be had.
    fn chosen(&self) -> Result<Vec<Chosen>, Box<dyn Error>> {
        if self.go.is_none() {
            eprintln!("LEFT OUT: go-pitaya, go-pitaya-tuned, nano: no --go names their programs");
        }
        let mut chosen = Vec::new();
        for case in CASES {
            let named = self.cases.iter().any(|name| case.name.starts_with(name));
            if !named && !self.cases.is_empty() {
                continue;
            }
            let wanted = |server: &&Subject| {
                (self.servers.is_empty() || self.servers.contains(server))
                    && (self.go.is_some() || server.program().is_none())
            };
            let servers: Vec<_> = case.servers.iter().filter(wanted).copied().collect();
            if !servers.is_empty() {
                chosen.push(Chosen {
                    case: *case,
                    kind: case.kind,
                    transport: case.transport,
                    servers,
                });
            }
        }
        if chosen.is_empty() {
            return Err("no case has this name and these servers".into());
        }
        Ok(chosen)
    }

    /// Cases of one transport, on servers that stay from case to case.
    fn measure_busy(
        &self,
        setup: &Setup,
        transport: Transport,
        cases: &[&Chosen],
        figures: &mut Vec<Figure>,
    ) -> Result<(), Box<dyn Error>> {
        let mut sides: HashMap<Subject, Side> = HashMap::new();
        for case in cases {
            for &server in &case.servers {
                if let Entry::Vacant(place) = sides.entry(server) {
                    let side = Side::start(setup, server, transport);
                    place.insert(side.map_err(|error| format!("{server}: {error}"))?);
                }
            }
            for run in 1..=self.rounds {
                for &server in &case.servers {
                    let side = sides.get_mut(&server).ok_or("the server was not started")?;
                    let saturation = || saturation(figures, server);
                    let sample = self.measure(side, case.kind, saturation).map_err(|error| {
                        format!("{} on {server}: {}", case.case.name, crate::chain(&*error))
                    })?;
                    let figure = Figure::new(case.case.name, server, run, self.connections);
                    self.keep(figure.with_messages(&sample), figures)?;
                }
            }
        }
        Ok(())
    }

    fn measure(
        &self,
        side: &mut Side,
        kind: Kind,
        saturation: impl Fn() -> Option<f64>,
    ) -> Result<Sample, Box<dyn Error>> {
        let bill = [side.server.process()];
        if kind == Kind::Connect {
            let mut target = side.target.clone();
            target.greetings.clear();
            return Ok(visit(&target, self.warm_up, self.seconds, &bill)?);
        }
        let saturation = match kind {
            Kind::Half => saturation().ok_or("it takes the figure of request-tcp-1 before it")?,
            _ => 0.0,
        };
        let exchange = kind.exchange(side.target.dialect);
        let plan = Plan {
            exchange: &exchange,
            work: kind.work(saturation),
            warm_up: self.warm_up,
            window: self.seconds,
        };
        Ok(side.fleet(self.connections)?.run(plan, &bill)?)
    }

    /// A fresh server per figure, and one figure: what connections hold does not vary from run to run.
    fn measure_resting(
        &self,
        setup: &Setup,
        case: &Chosen,
        figures: &mut Vec<Figure>,
    ) -> Result<(), Box<dyn Error>> {
        for &server in &case.servers {
            let (process, target) = setup.start(server, case.transport, &[BIND])?;
            let bill = [process.process()];
            let first = Fleet::open(&target, 0..FIRST)?;
            let before = settled(&bill[0])?;
            let last = FIRST + self.idle_connections as usize;
            let mut counted = Fleet::open(&target, FIRST..last)?;
            let after = settled(&bill[0])?;
            let exchange = case.kind.exchange(target.dialect);
            let plan = Plan {
                exchange: &exchange,
                work: Work::Rest,
                warm_up: Duration::from_millis(1),
                window: self.idle_seconds,
            };
            let sample = counted.run(plan, &bill)?;
            // Up to here every connection is open.
            drop((first, counted));
            let figure = Figure::new(case.case.name, server, 1, self.idle_connections);
            let grown = after.saturating_sub(before);
            self.keep(figure.with_rest(grown, &sample), figures)?;
        }
        Ok(())
    }

    fn keep(&self, figure: Figure, figures: &mut Vec<Figure>) -> serde_json::Result<()> {
        if self.json {
            println!("{}", serde_json::to_string(&figure)?);
        }
        figures.push(figure);
        Ok(())
    }
}

/// A case, with the servers that take part.
struct Chosen {
    case: Case,
    kind: Kind,
    transport: Transport,
    servers: Vec<Subject>,
}

/// One server with its connections.
struct Side {
    server: ServerProcess,
    target: Target,
    fleet: Option<Fleet>,
}

impl Side {
    fn start(
        setup: &Setup,
        subject: Subject,
        transport: Transport,
    ) -> Result<Self, Box<dyn Error>> {
        let (server, target) = setup.start(subject, transport, &[BIND, JOIN])?;
        Ok(Self {
            server,
            target,
            fleet: None,
        })
    }

    fn fleet(&mut self, connections: u32) -> Result<&mut Fleet, Box<dyn Error>> {
        match &mut self.fleet {
            Some(fleet) => Ok(fleet),
            none => Ok(none.insert(Fleet::open(&self.target, 0..connections as usize)?)),
        }
    }
}

/// The messages a second that the server reached with one request in flight on each connection: at a fixed rate, too, requests come one by one.
fn saturation(figures: &[Figure], server: Subject) -> Option<f64> {
    let of_server = figures
        .iter()
        .filter(|figure| figure.server == server && figure.case == "request-tcp-1");
    let rates: Vec<_> = of_server
        .filter_map(|figure| figure.messages_per_s)
        .collect();
    median(&rates)
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

fn lines(figures: &[Figure]) -> serde_json::Result<String> {
    figures
        .iter()
        .map(|figure| Ok(serde_json::to_string(figure)? + "\n"))
        .collect()
}
