use std::{
    error::Error,
    fmt,
    path::PathBuf,
    process::{Command, ExitCode},
    sync::Arc,
};

use clap::ValueEnum;
use pitaya_bench::{
    Dialect, Placement, ServerProcess, Target, Transport, Trust, Verdict, open_files, pin,
};
use rustls::ClientConfig;

/// The route whose handler returns the bytes it is given.
pub(super) const RAW: &str = "bench.echo";
/// The route whose handler reads and writes the same JSON as a typed value.
pub(super) const TYPED: &str = "bench.json";
/// The route whose handler binds the session to the uid in the body and returns it.
pub(super) const BIND: &str = "bench.bind";

/// Files a process needs beyond its connections.
const SPARE_FILES: u64 = 200;

/// A server that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// The bare tokio echo; measured against itself it shows what the method cannot tell apart.
    Floor,
    /// The server of this workspace, with raw and typed handlers and a metrics recorder.
    Pitaya,
}

impl Subject {
    pub(super) fn dialect(self) -> Dialect {
        match self {
            Self::Floor => Dialect::Echo,
            Self::Pitaya => Dialect::Pitaya,
        }
    }

    /// Whether it knows the route [`TYPED`].
    pub(super) const fn has_types(self) -> bool {
        matches!(self, Self::Pitaya)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value()
            .expect("no value is hidden")
            .get_name()
            .fmt(f)
    }
}

/// What all measured servers of one run share: cores, certificate, program.
pub(super) struct Setup {
    pub(super) placement: Placement,
    program: PathBuf,
    trust: Trust,
    client: Arc<ClientConfig>,
}

impl Setup {
    /// Moves this process to the driver's core and makes room for `connections` in it and in the
    /// servers that it starts.
    pub(super) fn new(connections: usize) -> Result<Self, Box<dyn Error>> {
        let placement = Placement::of_this_machine()?;
        pin(placement.driver)?;
        open_files(connections as u64 + SPARE_FILES)?;
        let trust = Trust::make()?;
        let client = trust.client()?;
        Ok(Self {
            placement,
            program: std::env::current_exe()?,
            trust,
            client,
        })
    }

    pub(super) fn start(
        &self,
        subject: Subject,
        transport: Transport,
    ) -> Result<(ServerProcess, Target), Box<dyn Error>> {
        let mut command = Command::new(&self.program);
        command
            .args([
                "serve",
                &subject.to_string(),
                "--transport",
                &transport.to_string(),
            ])
            .args(["--core", &self.placement.server.to_string()]);
        if transport.encrypted() {
            command.arg("--certificate").arg(self.trust.certificate());
            command.arg("--key").arg(self.trust.key());
        }
        let server = ServerProcess::start(&mut command)?;
        let target = Target {
            address: server.address(),
            transport,
            dialect: subject.dialect(),
            tls: Some(Arc::clone(&self.client)),
            bind: Some(BIND.to_owned()),
        };
        Ok((server, target))
    }

    pub(super) fn cores(&self) -> String {
        let Placement { server, driver } = self.placement;
        if self.placement.apart() {
            format!("server on core {server}, driver on core {driver}")
        } else {
            format!("server and driver share core {server}: figures are noisy")
        }
    }
}

/// Fails a gated run that holds a failed figure.
pub(super) fn exit_code(gate: bool, verdicts: &[Verdict]) -> ExitCode {
    if gate && verdicts.contains(&Verdict::Failed) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
