use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::ExitCode,
};

use clap::Args;
use pitaya_bench::{
    Dialect, LISTENING, Process, Replay, Target, Transport, Trust, open_files, read_recording,
    record, replay,
};

use super::Outcome;

#[derive(Debug, Args)]
pub(crate) struct Record {
    /// Address of the server; only this machine's own is accepted.
    #[arg(long)]
    target: SocketAddr,
    /// Where the client connects, over TCP.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where the session is written.
    #[arg(long)]
    file: PathBuf,
}

impl Record {
    pub(crate) fn run(self) -> Outcome {
        if !self.target.ip().is_loopback() || !self.listen.ip().is_loopback() {
            return Err("sessions are recorded on this machine only".into());
        }
        let listener = TcpListener::bind(self.listen)?;
        println!("{LISTENING}{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        let file = BufWriter::new(File::create(&self.file)?);
        let messages = record(&listener, self.target, file)?;
        println!("{messages} messages are in {}", self.file.display());
        Ok(ExitCode::SUCCESS)
    }
}

#[derive(Debug, Args)]
pub(crate) struct Play {
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
    /// What record wrote.
    #[arg(long)]
    file: PathBuf,
    /// How many play the session; they begin one after another, spread over its time.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=15_000))]
    sessions: u32,
    /// How many times as fast as it was.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// A name in the bodies, such as the user's, behind which each session has its number.
    #[arg(long)]
    name: Option<String>,
}

impl Play {
    pub(crate) fn run(self) -> Outcome {
        if !self.target.ip().is_loopback() {
            return Err(
                "only a server on this machine can be measured: its bill is read here".into(),
            );
        }
        if !(0.001..=1_000.0).contains(&self.speed) {
            return Err("--speed is between 0.001 and 1000".into());
        }
        open_files(u64::from(self.sessions) + 200)?;
        let trusted = self.certificate.as_deref().map(Trust::client_of);
        let target = Target {
            address: self.target,
            transport: self.proto,
            dialect: Dialect::Pitaya,
            tls: trusted.transpose()?,
            greetings: Vec::new(),
        };
        let recording = read_recording(BufReader::new(File::open(&self.file)?))?;
        let plan = Replay {
            recording: &recording,
            sessions: self.sessions as usize,
            speed: self.speed,
            name: self.name.as_deref(),
        };
        let played = replay(&target, plan, &Process::by_id(self.pid))?;
        let latency = |share| match played.latencies.is_empty() {
            true => "-".to_owned(),
            false => played.latencies.value_at_quantile(share).to_string(),
        };
        println!(
            "{} messages in {:.1} s, {} answers of which {} errors, {} without an answer, {} pushes, p50 {} us, p99 {} us, {:.3} us of server per message",
            played.sent,
            played.elapsed.as_secs_f64(),
            played.answers,
            played.errors,
            played.unanswered,
            played.pushes,
            latency(0.5),
            latency(0.99),
            played.server.as_secs_f64() * 1e6 / played.sent as f64,
        );
        // Whoever plays as load wants to know that the server kept up.
        Ok(if played.unanswered == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
