//! Scripted peers: servers that do one thing that a client has to survive.
//!
//! Each listener speaks Pitaya over TCP and over WebSocket on one port: a connection whose first byte is `G` is an HTTP
//! upgrade (no packet type has that value). What each script does is written in `scenarios/README.md`.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! use pitaya_conformance::mock::{self, Mock};
//!
//! let server = mock::start(Mock::Kick, "127.0.0.1:0".parse().expect("an address")).await?;
//! println!("connect to {}", server.tcp_url());
//! # Ok(())
//! # }
//! ```

mod bomb;
mod handshake;
mod io;
mod name;
mod on_demand;
mod script;
mod wire;

use std::{net::SocketAddr, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle, task::JoinSet};

pub use name::{Mock, UnknownMock};

use on_demand::Ends;

/// Times of a script.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// The interval announced in the handshake, and beaten in by all but [`Mock::NoHeartbeat`]. 6 s by default.
    pub heartbeat: Duration,
    /// How late [`Mock::SlowHandshake`] and [`Mock::LateResponse`] are. By default 5 s and 2 s.
    pub delay: Option<Duration>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(6),
            delay: None,
        }
    }
}

impl Config {
    /// Sets the announced heartbeat interval.
    #[must_use]
    pub const fn heartbeat(mut self, interval: Duration) -> Self {
        self.heartbeat = interval;
        self
    }

    /// Sets the delay of the scripts that are late.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// The delay that `mock` uses under this configuration.
    #[must_use]
    pub fn delay_of(&self, mock: Mock) -> Duration {
        let default = if mock == Mock::SlowHandshake {
            Duration::from_secs(5)
        } else {
            Duration::from_secs(2)
        };
        self.delay.unwrap_or(default)
    }
}

/// A listener that plays one script; dropping it closes the listener and its connections.
#[derive(Debug)]
pub struct MockServer {
    mock: Mock,
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl MockServer {
    /// The script that is played.
    #[must_use]
    pub const fn mock(&self) -> Mock {
        self.mock
    }

    /// The address that is listened on.
    #[must_use]
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The listener as `tcp://` URL.
    #[must_use]
    pub fn tcp_url(&self) -> String {
        format!("tcp://{}", self.addr)
    }

    /// The listener as `ws://` URL.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://{}/", self.addr)
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts `mock` on `addr` (port 0 takes a free one) with the default [`Config`].
///
/// # Errors
///
/// The error of the bind.
pub async fn start(mock: Mock, addr: SocketAddr) -> std::io::Result<MockServer> {
    start_with(mock, addr, Config::default()).await
}

/// Starts `mock` on `addr` (port 0 takes a free one).
///
/// # Errors
///
/// The error of the bind.
pub async fn start_with(
    mock: Mock,
    addr: SocketAddr,
    config: Config,
) -> std::io::Result<MockServer> {
    let listener = TcpListener::bind(addr).await?;
    let addr = listener.local_addr()?;
    let task = tokio::spawn(async move {
        // The connections belong to this task, so that they end with the handle.
        let mut connections = JoinSet::new();
        let ends = Ends::default();
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        let (config, ends) = (config.clone(), ends.clone());
                        connections.spawn(async move {
                            // An error means that the client is gone: the end of the script.
                            let _ = script::play(mock, &config, stream, &ends).await;
                        });
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    });
    Ok(MockServer { mock, addr, task })
}
