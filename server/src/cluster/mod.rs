//! Servers that are one game together: discovery, the bus between them, and what they ask of each other.
//!
//! A server joins with a [`Bus`] and a [`Discovery`]; the engines are those of Go Pitaya, with the same keys, subjects and messages.

mod binding_store;
mod bus;
#[cfg(feature = "discovery-etcd")]
mod complaints;
mod discovery;
#[cfg(feature = "discovery-etcd")]
mod etcd;
mod memory_bindings;

pub use self::binding_store::{BindingError, BindingStore};
pub(crate) use self::bus::refusal;
pub use self::bus::{Bus, BusError, CallError, Inbox, PendingAnswer, Reply};
pub use self::discovery::{Discovery, DiscoveryError, Members};
#[cfg(feature = "discovery-etcd")]
pub use self::etcd::{EtcdBindings, EtcdConfig, EtcdDiscovery, EtcdTls};
pub use self::memory_bindings::MemoryBindings;
