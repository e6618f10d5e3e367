//! What the tests share.

#[cfg(feature = "discovery-etcd")]
pub(crate) mod cable;
#[cfg(all(
    feature = "cluster-grpc",
    feature = "cluster-nats",
    feature = "discovery-etcd"
))]
pub(crate) mod engines;
#[cfg(feature = "discovery-etcd")]
pub(crate) mod etcd;
pub(crate) mod game;
#[cfg(all(
    feature = "cluster-grpc",
    feature = "cluster-nats",
    feature = "discovery-etcd"
))]
pub(crate) mod go_peer;
#[cfg(feature = "cluster-grpc")]
pub(crate) mod grpc;
#[cfg(feature = "cluster-nats")]
pub(crate) mod nats;
#[cfg(feature = "discovery-etcd")]
pub(crate) mod roll;
