//! How a connection ended, as the languages see it.

use pitaya_client as rust;

/// How a connection ended, and what is advised to do next.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CloseReason {
    /// The number of the close code. 0 to 99: on purpose; 100 to 399: by circumstances, the client comes back; 400 to 499: the protocol was
    /// broken; 500 to 899: the server does not want this client; 900 to 999: the application's own.
    pub code: u16,
    /// Text for people: the closing side's, or the code's own.
    pub reason: String,
    /// Which side ended it.
    pub origin: Origin,
    /// Whether the server threw this client out or refused it.
    pub kicked: bool,
    /// Whether the client comes back by itself after this code.
    pub reconnect: bool,
    /// How long the server asks to stay away, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// Where the server says to come back to, a URL.
    pub endpoint: Option<String>,
}

/// Which side ended a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Origin {
    /// This program ordered it.
    Local,
    /// The peer ended it, with a kick, a refusal or the end of its stream.
    Peer,
    /// The peer broke the protocol or a limit, and this side ended it.
    Fault,
    /// The transport failed.
    Transport,
}

impl From<&rust::Closed> for CloseReason {
    fn from(closed: &rust::Closed) -> Self {
        let close = &closed.close;
        Self {
            code: close.code.number(),
            reason: close.reason().to_owned(),
            origin: match closed.origin {
                rust::Origin::Peer => Origin::Peer,
                rust::Origin::Fault => Origin::Fault,
                rust::Origin::Transport => Origin::Transport,
                _ => Origin::Local,
            },
            kicked: close.code.is_kick(),
            reconnect: close.code.reconnect(),
            retry_after_ms: close.retry_after().map(|delay| delay.as_millis() as u64),
            endpoint: close.endpoint().map(str::to_owned),
        }
    }
}
