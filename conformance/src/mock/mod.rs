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

mod io;
mod script;
mod wire;

use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle, task::JoinSet};

/// The scripts that a listener can play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mock {
    /// Kicks with an empty body as soon as the handshake is acknowledged.
    Kick,
    /// Kicks with a JSON body as soon as the handshake is acknowledged.
    KickWithReason,
    /// Completes the handshake and beats, but never answers a message.
    Silent,
    /// Announces a heartbeat and answers messages, but never beats.
    NoHeartbeat,
    /// Answers the handshake only after [`Config::delay`] (5 s by default).
    SlowHandshake,
    /// Resets the connection when the handshake is acknowledged.
    DropOnAck,
    /// Deflates its handshake response and every body.
    Compressed,
    /// Hands out a dictionary and pushes every entry by its code, above 255 too.
    Dictionary,
    /// Sends bytes that are no packet when the handshake is acknowledged, and stays connected.
    Garbage,
    /// Answers every request, each after [`Config::delay`] (2 s by default).
    LateResponse,
    /// Sends every byte in a segment of its own.
    SplitFrames,
    /// Puts several packets into one WebSocket message (one segment on TCP).
    ManyPacketsPerFrame,
}

impl Mock {
    /// Every script, in the order of `scenarios/README.md`.
    pub const ALL: [Self; 12] = [
        Self::Kick,
        Self::KickWithReason,
        Self::Silent,
        Self::NoHeartbeat,
        Self::SlowHandshake,
        Self::DropOnAck,
        Self::Compressed,
        Self::Dictionary,
        Self::Garbage,
        Self::LateResponse,
        Self::SplitFrames,
        Self::ManyPacketsPerFrame,
    ];

    /// The name on the command line, for example `kick-with-reason`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kick => "kick",
            Self::KickWithReason => "kick-with-reason",
            Self::Silent => "silent",
            Self::NoHeartbeat => "no-heartbeat",
            Self::SlowHandshake => "slow-handshake",
            Self::DropOnAck => "drop-on-ack",
            Self::Compressed => "compressed",
            Self::Dictionary => "dictionary",
            Self::Garbage => "garbage",
            Self::LateResponse => "late-response",
            Self::SplitFrames => "split-frames",
            Self::ManyPacketsPerFrame => "many-packets-per-frame",
        }
    }
}

impl fmt::Display for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of [`Mock::ALL`].
#[derive(Debug, thiserror::Error)]
#[error("no scripted peer is called {name:?}; there are {}", Mock::ALL.map(Mock::name).join(", "))]
pub struct UnknownMock {
    /// The name as it was given.
    pub name: String,
}

impl FromStr for Mock {
    type Err = UnknownMock;

    fn from_str(name: &str) -> Result<Self, UnknownMock> {
        Self::ALL
            .into_iter()
            .find(|mock| mock.name() == name)
            .ok_or_else(|| UnknownMock {
                name: name.to_owned(),
            })
    }
}

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
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        let config = config.clone();
                        connections.spawn(async move {
                            // An error means that the client is gone: the end of the script.
                            let _ = script::play(mock, &config, stream).await;
                        });
                    }
                }
                Some(_) = connections.join_next() => {}
            }
        }
    });
    Ok(MockServer { mock, addr, task })
}
