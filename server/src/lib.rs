//! Being built.

mod limits;
mod peer;
mod transport;

pub use limits::{Limits, LimitsError};
pub use peer::{Peer, TlsFacts, TransportKind};
pub use transport::{
    bind::BindError,
    listener::{FromEnvError, ListenOn, Listener, any, tcp, tls, ws, wss},
    tls::{Tls, TlsError},
};
