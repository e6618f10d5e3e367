//! etcd as the directory of a cluster's servers and of where its users are (wire 19, 20.2).

mod backoff;
mod binding_keeper;
mod bindings;
mod config;
mod discovery;
mod entries;
mod groups;
mod keeper;
mod lease;
mod link;
mod roster;

pub use self::bindings::EtcdBindings;
pub use self::config::{EtcdConfig, EtcdTls};
pub use self::discovery::EtcdDiscovery;
pub use self::groups::{EtcdGroupError, EtcdGroups};
