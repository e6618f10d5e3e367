//! An embeddable game server that speaks the Pitaya protocol.
//!
//! A game's parts are components, whose methods clients call by route; a client is a [`Session`], which can be pushed to, bound to a user, put into
//! groups. Handlers of one session run in the order of its messages, sessions run in parallel.
//!
//! ```
//! use pitaya_server::protocol::Push;
//! use pitaya_server::{Result, Server, Session, component, tcp, ws};
//!
//! const ON_LINE: Push<String> = Push::new("onLine");
//!
//! struct Room;
//!
//! #[component("room")]
//! impl Room {
//!     #[request]
//!     async fn join(&self, session: &Session, name: String) -> Result<usize> {
//!         session.bind(&name).await?;
//!         session.push(ON_LINE, &format!("welcome, {name}"))?;
//!         Ok(session.server().session_count())
//!     }
//! }
//!
//! # #[expect(dead_code)]
//! async fn run() -> Result<(), pitaya_server::StartError> {
//!     Server::builder().register(Room).listen(tcp("0.0.0.0:3250")).listen(ws("0.0.0.0:3251")).run().await?;
//!     Ok(())
//! }
//! ```

mod admission;
mod agent;
mod builder;
mod call;
pub mod cluster;
mod component;
mod config;
mod drain;
mod error;
mod functions;
mod group;
#[cfg(unix)]
mod hand_over;
mod handle;
mod health;
mod history;
mod life;
mod limits;
pub mod metrics;
mod middleware;
#[doc(hidden)]
pub mod outcome;
mod peer;
mod readiness;
mod router;
mod serve;
mod session;
mod shutdown;
pub mod testing;
mod transport;
#[cfg(feature = "axum")]
mod upgrade;

pub use builder::{Server, ServerBuilder, StartError};
pub use call::{Body, Call, Reply};
pub use component::{Component, ComponentExt, Endpoint, EndpointKind, Registered};
pub use config::{ServerConfig, SlowConsumer};
pub use drain::DrainOptions;
pub use error::{Error, Result};
pub use functions::Functions;
pub use futures_core::future::BoxFuture;
pub use group::{Batch, Group, GroupError};
#[cfg(unix)]
pub use hand_over::HandOverError;
pub use handle::Handle;
pub use history::ClosedSession;
pub use limits::{Limits, LimitsError};
pub use middleware::{Middleware, Next};
#[doc(hidden)]
pub use outcome as __macro;
pub use peer::{Peer, TlsFacts, TransportKind};
pub use pitaya_protocol as protocol;
#[cfg(feature = "macros")]
pub use pitaya_server_macros::{component, notify, remote, request};
pub use readiness::{NotReady, Readiness};
pub use router::RouterError;
pub use session::{DataError, PushError, Session, UidError};
pub use shutdown::ShutdownReport;
pub use transport::{
    bind::BindError,
    listener::{FromEnvError, ListenOn, Listener, any, tcp, tls, ws, wss},
    tls::{Tls, TlsError},
};
#[cfg(feature = "axum")]
pub use upgrade::{GameUpgrade, UpgradeRejection};
