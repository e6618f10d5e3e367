//! A frontend of a cluster that is configured, not written: the library of the program `pitaya-gate`.
//!
//! It takes clients in and hands their messages to the servers of the cluster, which may be Go Pitaya's. Its configuration takes the keys of
//! Go Pitaya as well as its own, from a file, the environment and the command line.
//!
//! ```
//! use pitaya_gate::Sources;
//!
//! let read = Sources::new()
//!     .variable("PITAYA_HEARTBEAT_INTERVAL", "10s")
//!     .set("gate.listen.ws", "0.0.0.0:3251")
//!     .read()?;
//! assert_eq!(read.settings().server.heartbeat.as_secs(), 10);
//! # Ok::<(), pitaya_gate::ConfigError>(())
//! ```

mod configuration;
mod dictionary;
#[cfg(feature = "engines")]
mod engines;
mod file;
mod foreign;
#[cfg(feature = "engines")]
mod gate;
mod given;
mod keys;
mod listeners;
pub mod logs;
pub mod metrics;
mod routing;
mod settings;
mod sources;
mod time;
mod value;
mod word;

pub use configuration::{Configuration, Origin, Warning};
pub use foreign::{Foreign, foreign_keys};
#[cfg(feature = "engines")]
pub use gate::{Gate, GateError};
pub use keys::{Key, keys};
pub use routing::Routing;
pub use settings::{
    Bindings, Bus, Compression, Drain, Etcd, Grpc, Identity, Listen, Log, LogFormat, LogLevel,
    Metrics, Nats, Rate, Secret, Serialization, Settings,
};
pub use sources::{ConfigError, Sources};
