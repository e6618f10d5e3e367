use std::{
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    thread,
};

use clap::Args;
use pitaya_bench::{LISTENING, Transport, Trust, floor, raw_floor};
use tokio::{net::TcpListener, runtime};

use super::{Outcome, end_with_input, pitaya, subject::Subject};

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Which server.
    subject: Subject,
    /// tcp, tls, ws or wss.
    #[arg(long, default_value = "tcp")]
    transport: Transport,
    /// Port on 127.0.0.1; 0 for any that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Certificate file (PEM) for tls and wss.
    #[arg(long, requires = "key")]
    certificate: Option<PathBuf>,
    /// Private key file (PEM) for tls and wss.
    #[arg(long, requires = "certificate")]
    key: Option<PathBuf>,
}

impl Serve {
    pub(crate) fn run(self) -> Outcome {
        thread::spawn(end_with_input);
        // One thread on both sides of every pair: a figure per core, and no work stealing in it.
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> Outcome {
        let tls = match (self.transport.encrypted(), &self.certificate, &self.key) {
            (false, ..) => None,
            (true, Some(certificate), Some(key)) => Some(Trust::server(certificate, key)?),
            (true, ..) => return Err("tls and wss need --certificate and --key".into()),
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        match self.subject {
            Subject::FloorTokio => {
                let listener = TcpListener::bind(address).await?;
                announce(listener.local_addr()?)?;
                floor::serve(listener, self.transport.framing(), tls).await?;
            }
            Subject::FloorEpoll => {
                if self.transport != Transport::Tcp {
                    return Err("floor-epoll speaks tcp only".into());
                }
                let listener = std::net::TcpListener::bind(address)?;
                announce(listener.local_addr()?)?;
                raw_floor::serve(listener)?;
            }
            Subject::GoPitaya | Subject::GoPitayaTuned | Subject::Nano => {
                return Err("this server is a program of its own, in Go".into());
            }
            Subject::PitayaRs => {
                let server = pitaya::start(address, self.transport, tls).await?;
                let bound = server.addresses();
                announce(*bound.first().ok_or("the server does not listen")?)?;
                server.stopping().await;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn announce(address: SocketAddr) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{LISTENING}{address}")?;
    output.flush()
}
