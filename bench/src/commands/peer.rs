//! A server of a cluster as `hop` and `users` measure it: its defaults, and handlers that do next to nothing. Its flags, its
//! first line and the route of `echo` are those of the Go peer, so that both are started and driven alike.

use std::{
    io::{self, Write},
    process::ExitCode,
    thread,
    time::Duration,
};

use clap::Args;
use pitaya_server::{
    Error, Result, Server, Session,
    cluster::{Cluster, EtcdConfig, EtcdDiscovery, NatsBus, NatsConfig},
    component,
    protocol::{Push, Raw, codes},
    tcp,
};
use tokio::{
    runtime,
    time::{Instant, interval},
};

use super::{Outcome, end_with_input};

#[derive(Debug, Args)]
pub(crate) struct Peer {
    /// Its server type.
    #[arg(long)]
    r#type: String,
    /// Clients connect to it.
    #[arg(long)]
    frontend: bool,
    /// What keys in etcd begin with.
    #[arg(long)]
    sdprefix: String,
    /// host:port of etcd.
    #[arg(long)]
    etcd: String,
    /// URL of NATS.
    #[arg(long)]
    nats: String,
}

impl Peer {
    pub(crate) fn run(self) -> Outcome {
        thread::spawn(end_with_input);
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(self.serve())
    }

    async fn serve(self) -> Outcome {
        let mut etcd = EtcdConfig::default();
        etcd.endpoints = vec![self.etcd];
        etcd.prefix = self.sdprefix;
        let bus = NatsBus::new(NatsConfig::new(&self.nats));
        let discovery = EtcdDiscovery::new(etcd);
        let cluster = if self.frontend {
            Cluster::frontend(bus, discovery)
        } else {
            Cluster::backend(bus, discovery)
        };
        let mut server = Server::builder()
            .configure(|config| config.server_type = self.r#type)
            .register(Game)
            .cluster(cluster);
        if self.frontend {
            server = server.listen(tcp("127.0.0.1:0"));
        }
        let server = server.start().await?;
        let port = server
            .addresses()
            .first()
            .map_or(0, |address| address.port());
        {
            let mut output = io::stdout().lock();
            writeln!(output, r#"{{"ready":true,"port":{port}}}"#)?;
            output.flush()?;
        }
        server.stopping().await;
        Ok(ExitCode::SUCCESS)
    }
}

struct Game;

#[component("game")]
impl Game {
    #[request]
    async fn echo(&self, _session: &Session, body: Raw) -> Result<Raw> {
        Ok(body)
    }

    /// Binds the session to the user in the body.
    #[request]
    async fn bind(&self, session: &Session, uid: Raw) -> Result<Raw> {
        session.bind(&text(&uid)?).await?;
        Ok(uid)
    }

    /// Pushes at an even pace, to one user after another in a random order: the body says of how many users, how many pushes, how many a second, and
    /// how many frontends there are. As long as fewer are known here, it refuses: a push to a user of another one would be lost.
    #[request]
    async fn flood(&self, session: &Session, body: Raw) -> Result<Raw> {
        let numbers: std::result::Result<Vec<u32>, _> =
            text(&body)?.split(' ').map(str::parse).collect();
        let Ok([users @ (1..), pushes, rate @ (1..), frontends]) = numbers.as_deref() else {
            return Err(Error::new(codes::BAD_REQUEST, "four numbers are needed"));
        };
        let (users, pushes, rate) = (*users, *pushes, *rate);
        let server = session.server().clone();
        let members = server.members();
        if members.iter().filter(|member| member.frontend).count() < *frontends as usize {
            return Err(Error::new(
                codes::OVERLOADED,
                "not all frontends are known yet",
            ));
        }
        session.server().spawn(async move {
            let mut pace = interval(TICK);
            let began = Instant::now();
            let mut pushed = 0;
            while pushed < pushes {
                pace.tick().await;
                let due = (began.elapsed().as_secs_f64() * f64::from(rate)) as u32;
                while pushed < due.min(pushes) {
                    // Neighbours are not pushed to one after the other: 7,919 is a prime.
                    let user = u64::from(pushed) * 7_919 % u64::from(users);
                    let uid = format!("player-{user:06}");
                    if let Err(error) = server.push_to([uid], ON_TICK, &Raw::from("tick")) {
                        eprintln!("not pushed: {error}");
                    }
                    pushed += 1;
                }
            }
        });
        Ok(body)
    }
}

/// How often is looked whether pushes are due.
const TICK: Duration = Duration::from_millis(5);
const ON_TICK: Push<Raw> = Push::new("onTick");

fn text(raw: &Raw) -> Result<String> {
    let text = std::str::from_utf8(&raw.0);
    let text = text.map_err(|error| Error::new(codes::BAD_REQUEST, error.to_string()))?;
    Ok(text.to_owned())
}
