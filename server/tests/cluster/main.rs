//! Servers that are one game together, over the engines of the family. README.md says which file proves what.

mod backend_sessions;
mod draining;
#[cfg(all(
    feature = "cluster-grpc",
    feature = "cluster-nats",
    feature = "discovery-etcd"
))]
mod engines_draining;
#[cfg(feature = "discovery-etcd")]
mod etcd_bindings;
#[cfg(feature = "discovery-etcd")]
mod etcd_bindings_outage;
#[cfg(feature = "discovery-etcd")]
mod etcd_compaction;
#[cfg(feature = "discovery-etcd")]
mod etcd_crash;
#[cfg(feature = "discovery-etcd")]
mod etcd_data_loss;
#[cfg(feature = "discovery-etcd")]
mod etcd_entries;
#[cfg(feature = "discovery-etcd")]
mod etcd_foreign;
#[cfg(feature = "discovery-etcd")]
mod etcd_groups;
#[cfg(feature = "discovery-etcd")]
mod etcd_lease_loss;
#[cfg(feature = "discovery-etcd")]
mod etcd_login;
#[cfg(feature = "discovery-etcd")]
mod etcd_membership;
#[cfg(feature = "discovery-etcd")]
mod etcd_outage;
#[cfg(feature = "discovery-etcd")]
mod etcd_start;
#[cfg(feature = "discovery-etcd")]
mod etcd_sync;
#[cfg(feature = "discovery-etcd")]
mod etcd_updates;
#[cfg(all(feature = "cluster-nats", feature = "discovery-etcd"))]
mod etcd_with_nats;
mod forwarding;
#[cfg(all(
    feature = "cluster-grpc",
    feature = "cluster-nats",
    feature = "discovery-etcd"
))]
mod go_backend;
#[cfg(all(
    feature = "cluster-grpc",
    feature = "cluster-nats",
    feature = "discovery-etcd"
))]
mod go_frontend;
#[cfg(all(
    feature = "cluster-grpc",
    feature = "cluster-nats",
    feature = "discovery-etcd"
))]
mod go_gates;
#[cfg(feature = "cluster-grpc")]
mod grpc_calls;
#[cfg(feature = "cluster-grpc")]
mod grpc_dead_peers;
#[cfg(feature = "cluster-grpc")]
mod grpc_draining;
#[cfg(feature = "cluster-grpc")]
mod grpc_game;
#[cfg(feature = "cluster-grpc")]
mod grpc_garbage;
#[cfg(feature = "cluster-grpc")]
mod grpc_message_limits;
#[cfg(feature = "cluster-grpc")]
mod grpc_metrics;
#[cfg(feature = "cluster-grpc")]
mod grpc_order;
#[cfg(feature = "cluster-grpc")]
mod grpc_overload;
#[cfg(feature = "cluster-grpc")]
mod grpc_regions;
#[cfg(feature = "cluster-grpc")]
mod grpc_timeouts;
#[cfg(feature = "cluster-grpc")]
mod grpc_users;
#[cfg(feature = "cluster-nats")]
mod nats_bindings;
#[cfg(feature = "cluster-nats")]
mod nats_calls;
#[cfg(feature = "cluster-nats")]
mod nats_close;
#[cfg(feature = "cluster-nats")]
mod nats_connect;
#[cfg(feature = "cluster-nats")]
mod nats_limits;
#[cfg(feature = "cluster-nats")]
mod nats_metrics;
#[cfg(feature = "cluster-nats")]
mod nats_outage;
#[cfg(feature = "cluster-nats")]
mod nats_rig;
#[cfg(feature = "cluster-nats")]
mod nats_undecodable;
#[cfg(feature = "cluster-nats")]
mod nats_users;
#[cfg(feature = "cluster-nats")]
mod nats_wire;
#[cfg(all(feature = "cluster-nats", feature = "discovery-etcd"))]
mod real_engines;
mod remote_macro;
mod remote_methods;
mod routing;
mod support;
mod users;
