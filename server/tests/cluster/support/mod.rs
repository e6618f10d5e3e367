//! What the tests share.

#[cfg(feature = "cluster-nats")]
pub(crate) mod nats;
#[cfg(feature = "cluster-nats")]
pub(crate) mod process;
