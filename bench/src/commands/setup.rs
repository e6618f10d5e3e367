use std::{
    error::Error,
    path::PathBuf,
    process::{Command, ExitCode},
    sync::Arc,
};

use pitaya_bench::{Placement, ServerProcess, Target, Transport, Trust, Verdict, open_files, pin};
use rustls::ClientConfig;

use super::subject::Subject;

/// Files a process needs beyond its connections.
const SPARE_FILES: u64 = 200;

/// What all measured servers of one run share: cores, certificate, programs.
pub(super) struct Setup {
    pub(super) placement: Placement,
    program: PathBuf,
    /// The folder of the programs in Go.
    go: Option<PathBuf>,
    trust: Trust,
    client: Arc<ClientConfig>,
}

impl Setup {
    /// Moves this process to the driver's core and makes room for `connections` in it and in the
    /// servers that it starts.
    pub(super) fn new(connections: usize, go: Option<PathBuf>) -> Result<Self, Box<dyn Error>> {
        let placement = Placement::of_this_machine()?;
        pin(placement.driver)?;
        open_files(connections as u64 + SPARE_FILES)?;
        let trust = Trust::make()?;
        let client = trust.client()?;
        Ok(Self {
            placement,
            program: std::env::current_exe()?,
            go,
            trust,
            client,
        })
    }

    /// Starts a server on the server's core. Sessions that connect make these requests.
    pub(super) fn start(
        &self,
        subject: Subject,
        transport: Transport,
        greetings: &[&str],
    ) -> Result<(ServerProcess, Target), Box<dyn Error>> {
        let (mut command, dash) = match subject.program() {
            None => {
                let mut command = Command::new(&self.program);
                command.args(["serve", &subject.to_string()]);
                (command, "--")
            }
            Some((name, flags)) => {
                let folder = self.go.as_ref().ok_or("servers in Go need --go")?;
                let mut command = Command::new(folder.join(name));
                command.args(flags);
                (command, "-")
            }
        };
        let flag = |name: &str| format!("{dash}{name}");
        command.args([flag("transport"), transport.to_string()]);
        if transport.encrypted() {
            command
                .arg(flag("certificate"))
                .arg(self.trust.certificate());
            command.arg(flag("key")).arg(self.trust.key());
        }
        // What is started stays on the core that this thread is on, and Go counts its cores so.
        pin(self.placement.server)?;
        let server = ServerProcess::start(&mut command);
        pin(self.placement.driver)?;
        let server = server?;
        let target = Target {
            address: server.address(),
            transport,
            dialect: subject.dialect(),
            tls: Some(Arc::clone(&self.client)),
            greetings: greetings.iter().copied().map(str::to_owned).collect(),
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
