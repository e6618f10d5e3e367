//! Servers that are one game together, over the engines of the family. README.md says which file proves what.

mod backend_sessions;
#[cfg(feature = "discovery-etcd")]
mod etcd_entries;
#[cfg(feature = "discovery-etcd")]
mod etcd_membership;
mod forwarding;
mod remote_methods;
mod support;
mod users;
