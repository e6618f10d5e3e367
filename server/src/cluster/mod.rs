//! Servers that are one game together: discovery, the bus between them, and what they ask of each other.
//!
//! A server joins with a [`Bus`] and a [`Discovery`]; the engines are those of Go Pitaya, with the same keys, subjects and messages.

mod accepted;
mod binding_store;
mod bus;
mod complaints;
mod config;
mod context;
mod discovery;
#[cfg(feature = "discovery-etcd")]
mod etcd;
mod forward;
#[cfg(feature = "cluster-grpc")]
mod grpc;
mod inbox;
mod lanes;
mod life;
pub mod memory;
mod memory_bindings;
#[cfg(feature = "cluster-nats")]
mod nats;
mod node;
mod peers;
mod reach;
mod remote;
mod routing;
mod rpc;
mod served;
mod system;
mod trace;

pub use self::binding_store::{BindingError, BindingStore};
pub use self::bus::{Bus, BusError, CallError, Inbox, PendingAnswer, Reply};
pub use self::config::{Cluster, ClusterConfig, JoinError};
pub use self::context::Context;
pub use self::discovery::{Discovery, DiscoveryError, Members};
#[cfg(feature = "discovery-etcd")]
pub use self::etcd::{
    EtcdBindings, EtcdConfig, EtcdDiscovery, EtcdGroupError, EtcdGroups, EtcdTls,
};
pub(crate) use self::forward::Forwarded;
#[cfg(feature = "cluster-grpc")]
pub use self::grpc::{GrpcBus, GrpcConfig, GrpcLimits, grpc_metrics};
pub use self::memory_bindings::MemoryBindings;
#[cfg(feature = "cluster-nats")]
pub use self::nats::{NatsBus, NatsConfig, NatsLimits, NatsTls, nats_metrics};
pub(crate) use self::node::{Node, unix_micros};
pub use self::peers::EjectionConfig;
pub use self::remote::RemoteCall;
pub(crate) use self::routing::Routes;
pub use self::routing::{
    Candidates, ConsistentHash, For, LeastInFlight, Policy, Random, RoundRobin, Routed, Sticky,
};
pub use self::rpc::RpcError;
