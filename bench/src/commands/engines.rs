//! NATS and etcd, which all measured servers share.

use std::{error::Error, net::SocketAddr, process::Command};

use pitaya_bench::Process;
use pitaya_engines::{Etcd, Nats};
use serde::Deserialize;
use tokio::runtime;

pub(super) struct Engines {
    nats: Nats,
    etcd: Etcd,
}

impl Engines {
    pub(super) fn start() -> Result<Self, Box<dyn Error>> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            Ok(Self {
                nats: Nats::start().await?,
                etcd: Etcd::start().await?,
            })
        })
    }

    /// The bill of NATS.
    pub(super) fn nats(&self) -> Result<Process, Box<dyn Error>> {
        let nats = self.nats.process().ok_or("NATS does not run")?;
        Ok(Process::by_id(nats.id()))
    }

    /// Tells a peer, ours or Go's, its type, its cluster and where the engines are. Its flags begin with `dash`.
    pub(super) fn name_to(
        &self,
        command: &mut Command,
        dash: &str,
        server_type: &str,
        cluster: &str,
    ) {
        let flag = |name: &str| format!("{dash}{name}");
        command.args([flag("type"), server_type.to_owned()]);
        command.args([flag("sdprefix"), format!("{cluster}/")]);
        command.args([flag("etcd"), format!("127.0.0.1:{}", self.etcd.port())]);
        command.args([flag("nats"), self.nats.url()]);
    }
}

/// Where a peer listens, by its first line; a backend listens nowhere.
pub(super) fn ready(line: &str) -> Option<SocketAddr> {
    #[derive(Deserialize)]
    struct Ready {
        port: u16,
    }
    let ready: Ready = serde_json::from_str(line).ok()?;
    Some(SocketAddr::from(([127, 0, 0, 1], ready.port)))
}
