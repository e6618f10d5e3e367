//! What bound users cost the engine between the servers, alone and with servers of Go in the cluster.

use std::{
    error::Error,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use pitaya_bench::{
    Dialect, Dialed, Exchange, Framing, Incoming, Process, ServerProcess, Target, Transport, dial,
    open_files,
};

use super::{
    Outcome,
    engines::{Engines, ready},
};

#[derive(Debug, Args)]
pub(crate) struct Users {
    /// The program `peer-v3` of `conformance/interop/go`; without it no server of Go joins.
    #[arg(long)]
    go: Option<PathBuf>,
    /// Users, each bound to a connection of its own.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=500_000))]
    users: u32,
    /// Frontends among which they are divided.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    gates: u32,
    /// Pushes of the backend, each to one user.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pushes: u32,
    /// Pushes per second.
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
}

/// The handler of the backend that pushes.
const ROUTE: &str = "room.game.flood";
const DATA: u8 = 4;
const FRAMING: Framing = Framing::Stream;
/// How long servers may take to hear of each other.
const MEETING: Duration = Duration::from_secs(15);
/// How long the players of a frontend may take to be bound. The first ones answer no heartbeats until then, which a server allows for as long.
const BINDING: Duration = Duration::from_secs(55);
/// How long the last push may take beyond the time that the rate gives.
const LATE: Duration = Duration::from_secs(20);

impl Users {
    pub(crate) fn run(self) -> Outcome {
        let share = self.users.div_ceil(self.gates);
        if let Err(error) = open_files(u64::from(share) + 200) {
            return Err(format!("{error}; more --gates have fewer connections each").into());
        }
        println!(
            "{} users on {} frontends, then {} pushes of a backend, one user each, at {} per second",
            self.users, self.gates, self.pushes, self.rate
        );
        println!(
            "{:<8} {:>8} {:>12} {:>9} {:>12} {:>10} {:>12} {:>12} {:>12} {:>6}",
            "cluster",
            "bind s",
            "nats us/bind",
            "nats MiB",
            "KiB/session",
            "push s",
            "nats us/push",
            "gate us/push",
            "room us/push",
            "lost",
        );
        let mut lost = self.measure("alone", None)?;
        if let Some(go) = &self.go {
            lost += self.measure("with Go", Some(go))?;
        }
        Ok(u8::from(lost > 0).into())
    }

    /// Returns the number of pushes that did not arrive.
    fn measure(&self, name: &str, go: Option<&PathBuf>) -> Result<u64, Box<dyn Error>> {
        let engines = Engines::start()?;
        let program = std::env::current_exe()?;
        let peer = |server_type: &str, frontend: bool| {
            let mut command = Command::new(&program);
            command.arg("peer");
            if frontend {
                command.arg("--frontend");
            }
            engines.name_to(&mut command, "--", server_type, "users");
            ServerProcess::start_with(&mut command, ready)
        };
        // First, so that frontends know from the beginning that it is there.
        let _go = match go {
            Some(program) => {
                let mut command = Command::new(program);
                command.arg("-frontend=false");
                engines.name_to(&mut command, "-", "hall", "users");
                Some(ServerProcess::start_with(&mut command, ready)?)
            }
            None => None,
        };
        let room = peer("room", false)?;
        let gates: Result<Vec<_>, _> = (0..self.gates).map(|_| peer("connector", true)).collect();
        let gates = gates?;
        let mut player = Player::of(&gates[0])?;

        let nats = engines.nats()?;
        let before = Bill::of(&nats, &gates, &room)?;
        let began = Instant::now();
        let crowds = self.crowds(&program, &gates)?;
        let bound_in = began.elapsed();
        let bound = Bill::of(&nats, &gates, &room)?;
        player.flood(self)?;
        let began = Instant::now();
        let deadline =
            began + Duration::from_secs_f64(f64::from(self.pushes) / f64::from(self.rate)) + LATE;
        let mut arrived = 0;
        while arrived < u64::from(self.pushes) && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(20));
            let counts: Result<Vec<_>, _> = crowds.iter().map(arrivals).collect();
            arrived = counts?.iter().sum();
        }
        let pushed_in = began.elapsed();
        let pushed = Bill::of(&nats, &gates, &room)?;
        let lost = u64::from(self.pushes).saturating_sub(arrived);
        let (users, pushes) = (f64::from(self.users), f64::from(self.pushes));
        let micros = |from: Duration, to: Duration, count: f64| {
            to.saturating_sub(from).as_secs_f64() * 1e6 / count
        };
        println!(
            "{name:<8} {:>8.1} {:>12.1} {:>9.1} {:>12.2} {:>10.1} {:>12.1} {:>12.1} {:>12.1} {lost:>6}",
            bound_in.as_secs_f64(),
            micros(before.nats, bound.nats, users),
            nats.resident()? as f64 / 1024.0 / 1024.0,
            bound.resident.saturating_sub(before.resident) as f64 / 1024.0 / users,
            pushed_in.as_secs_f64(),
            micros(bound.nats, pushed.nats, pushes),
            micros(bound.gates, pushed.gates, pushes),
            micros(bound.room, pushed.room, pushes),
        );
        Ok(lost)
    }

    /// Binds the users, those of all frontends at the same time.
    fn crowds(
        &self,
        program: &std::path::Path,
        gates: &[ServerProcess],
    ) -> Result<Vec<ServerProcess>, Box<dyn Error>> {
        let share = self.users.div_ceil(self.gates);
        let started: Vec<_> = thread::scope(|scope| {
            let starts: Vec<_> = (0..self.gates)
                .zip(gates)
                .map(|(number, gate)| {
                    let first = number * share;
                    let count = share.min(self.users.saturating_sub(first));
                    let mut command = Command::new(program);
                    command.arg("hold").arg(gate.address().to_string());
                    command.args([first.to_string(), count.to_string()]);
                    scope.spawn(move || ServerProcess::start_within(&mut command, BINDING))
                })
                .collect();
            starts.into_iter().map(|start| start.join()).collect()
        });
        let crowds = started.into_iter().map(|crowd| {
            let crowd = crowd.map_err(|_| "a thread that starts players panicked")?;
            Ok(crowd?)
        });
        crowds.collect()
    }
}

/// What the servers have spent so far.
struct Bill {
    nats: Duration,
    gates: Duration,
    room: Duration,
    /// Memory of all frontends, in bytes.
    resident: u64,
}

impl Bill {
    fn of(nats: &Process, gates: &[ServerProcess], room: &ServerProcess) -> std::io::Result<Self> {
        let mut bill = Self {
            nats: nats.cpu_time()?,
            gates: Duration::ZERO,
            room: room.process().cpu_time()?,
            resident: 0,
        };
        for gate in gates {
            bill.gates += gate.process().cpu_time()?;
            bill.resident += gate.process().resident()?;
        }
        Ok(bill)
    }
}

/// How many pushes have arrived at the players of this process.
fn arrivals(crowd: &ServerProcess) -> std::io::Result<u64> {
    let mut count = [0; 8];
    TcpStream::connect(crowd.address())?.read_exact(&mut count)?;
    Ok(u64::from_le_bytes(count))
}

/// Who asks the backend to push.
struct Player(Dialed);

impl Player {
    fn of(gate: &ServerProcess) -> Result<Self, Box<dyn Error>> {
        let target = Target {
            address: gate.address(),
            transport: Transport::Tcp,
            dialect: Dialect::Pitaya,
            tls: None,
            greetings: Vec::new(),
        };
        Ok(Self(dial(&target, 0)?))
    }

    /// Asks until the servers know each other.
    fn flood(&mut self, what: &Users) -> Result<(), Box<dyn Error>> {
        let body = format!(
            "{} {} {} {}",
            what.users, what.pushes, what.rate, what.gates
        );
        let exchange = Exchange::echo(Dialect::Pitaya, ROUTE, body.as_bytes());
        let deadline = Instant::now() + MEETING;
        loop {
            match self.ask(&exchange)? {
                Ok(()) => return Ok(()),
                Err(_) if Instant::now() < deadline => thread::sleep(Duration::from_millis(50)),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn ask(
        &mut self,
        exchange: &Exchange,
    ) -> Result<Result<(), pitaya_bench::Mismatch>, Box<dyn Error>> {
        let Dialed { stream, received } = &mut self.0;
        let mut request = Vec::new();
        FRAMING.write(DATA, &exchange.request(1), &mut request);
        stream.write_all(&request)?;
        let mut buffer = [0; 4096];
        loop {
            while let Some(found) = FRAMING.find(received)? {
                let read = exchange.read(found.kind, found.payload);
                let consumed = found.consumed;
                received.drain(..consumed);
                match read {
                    Ok(Incoming::Answer(_)) => return Ok(Ok(())),
                    Ok(_) => {}
                    Err(error) => return Ok(Err(error)),
                }
            }
            match stream.read(&mut buffer)? {
                0 => return Err("the frontend closed the connection".into()),
                length => received.extend_from_slice(&buffer[..length]),
            }
        }
    }
}
