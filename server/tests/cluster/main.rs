//! Servers that are one game together, over the engines of the family. README.md says which file proves what.

#[cfg(feature = "discovery-etcd")]
mod etcd_entries;
#[cfg(feature = "discovery-etcd")]
mod etcd_membership;
mod support;
