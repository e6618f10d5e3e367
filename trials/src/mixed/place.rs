//! The cluster: engines, servers of Go Pitaya and `pitaya-gate`, all with one file of Go Pitaya's keys.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::cluster::{Engines, ServerProcess, own_program};

/// The type of the gates.
pub(super) const CONNECTOR: &str = "connector";

pub(super) struct Place {
    _engines: Engines,
    _folder: TempDir,
    file: PathBuf,
}

impl Place {
    pub(super) async fn start() -> Result<Self> {
        let engines = Engines::start().await?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("pitaya.yaml");
        std::fs::write(&file, configuration(&engines))?;
        Ok(Self {
            _engines: engines,
            _folder: folder,
            file,
        })
    }

    /// A backend of Go Pitaya with the service `game`.
    pub(super) async fn go_backend(&self) -> Result<ServerProcess> {
        self.go(&["-type", "hall", "-frontend=false"]).await
    }

    pub(super) async fn go_gate(&self, port: u16) -> Result<ServerProcess> {
        self.go(&["-type", CONNECTOR, "-port", &port.to_string()])
            .await
    }

    async fn go(&self, arguments: &[&str]) -> Result<ServerProcess> {
        let folder = std::env::var_os("PITAYA_GO_PEERS")
            .context("PITAYA_GO_PEERS has to name the folder that `cargo xtask interop` prints")?;
        let program = Path::new(&folder).join("peer-v3");
        let mut all = vec!["-config".to_owned(), self.file.display().to_string()];
        all.extend(arguments.iter().map(|&argument| argument.to_owned()));
        ServerProcess::start(&program, "cargo xtask interop", r#""ready":true"#, &all).await
    }

    /// What Go's connector has in its code are the gate's own keys.
    pub(super) async fn gate(&self, port: u16) -> Result<ServerProcess> {
        let program = own_program()?.with_file_name("pitaya-gate");
        let all = [
            "--config".to_owned(),
            self.file.display().to_string(),
            format!("--set=gate.type={CONNECTOR}"),
            format!("--set=gate.listen.tcp=127.0.0.1:{port}"),
        ];
        let install = "cargo build -p pitaya-gate --features engines";
        ServerProcess::start(&program, install, "in the cluster", &all).await
    }
}

fn configuration(engines: &Engines) -> String {
    let nats = engines.nats.url();
    let etcd = engines.etcd.endpoint();
    let etcd = etcd.trim_start_matches("http://");
    format!(
        r#"pitaya:
  session: {{unique: true}}
  cluster:
    rpc:
      client: {{nats: {{connect: "{nats}"}}}}
      server: {{nats: {{connect: "{nats}"}}}}
    sd: {{etcd: {{endpoints: ["{etcd}"], prefix: "mixed/"}}}}
"#
    )
}
