//! Where the servers of a cluster find each other.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::Member;
use tokio::sync::watch;

/// A directory of servers: etcd, or the hub of one process.
///
/// Once joined it keeps the server entered until it leaves, whatever happens to the engine in between: what is known of the others
/// stays known while the engine is away.
pub trait Discovery: fmt::Debug + Send + Sync + 'static {
    /// Enters this server and begins to watch the others. Returns when both are done for the first time.
    ///
    /// # Errors
    ///
    /// [`DiscoveryError`] when the engine cannot be reached or refuses the entry; the server does not start then.
    fn join(&self, me: Member) -> BoxFuture<'_, Result<(), DiscoveryError>>;

    /// The servers as they are known, this one included, and every change.
    fn members(&self) -> watch::Receiver<Members>;

    /// Whether the engine answers at present.
    fn is_up(&self) -> bool;

    /// Takes this server out, so that others send nothing more to it, and ends the watch. Bounded in time by the implementation.
    fn leave(&self) -> BoxFuture<'_, ()>;
}

/// Why a server did not join its cluster.
#[derive(Debug, thiserror::Error)]
#[error("the server was not entered at {engine}: {reason}")]
#[non_exhaustive]
pub struct DiscoveryError {
    /// What was asked, with its address.
    pub engine: String,
    /// What it said.
    pub reason: String,
}

impl DiscoveryError {
    /// An error of the engine at that address.
    pub fn new(engine: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self {
            engine: engine.into(),
            reason: reason.to_string(),
        }
    }
}

/// The servers of a cluster at one moment. A cheap handle.
#[derive(Clone, Debug, Default)]
pub struct Members(Arc<Lists>);

#[derive(Debug, Default)]
struct Lists {
    by_id: HashMap<String, Arc<Member>>,
    by_type: HashMap<String, Arc<[Arc<Member>]>>,
}

impl Members {
    /// The server with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<Member>> {
        self.0.by_id.get(id)
    }

    /// The servers of a type, ordered by id; none when there is no such type.
    #[must_use]
    pub fn of_type(&self, server_type: &str) -> &[Arc<Member>] {
        self.0.by_type.get(server_type).map_or(&[], |list| list)
    }

    /// All servers, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Member>> {
        self.0.by_id.values()
    }

    /// The number of servers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.by_id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.by_id.is_empty()
    }
}

/// Of two servers with one id the later one counts.
impl FromIterator<Arc<Member>> for Members {
    fn from_iter<I: IntoIterator<Item = Arc<Member>>>(members: I) -> Self {
        let by_id: HashMap<_, _> = members
            .into_iter()
            .map(|member| (member.id.clone(), member))
            .collect();
        let mut lists: HashMap<String, Vec<Arc<Member>>> = HashMap::new();
        for member in by_id.values() {
            let list = lists.entry(member.server_type.clone()).or_default();
            list.push(member.clone());
        }
        let by_type = lists
            .into_iter()
            .map(|(server_type, mut list)| {
                list.sort_by(|a, b| a.id.cmp(&b.id));
                (server_type, list.into())
            })
            .collect();
        Self(Arc::new(Lists { by_id, by_type }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_id_and_by_type() {
        let members: Members = [("room", "r2"), ("gate", "g1"), ("room", "r1")]
            .map(|(server_type, id)| Arc::new(Member::new(server_type, id)))
            .into_iter()
            .collect();
        let ids = |server_type| -> Vec<_> {
            let list = members.of_type(server_type).iter();
            list.map(|member| member.id.as_str()).collect()
        };
        assert_eq!(ids("room"), ["r1", "r2"]);
        assert_eq!(ids("shop"), Vec::<&str>::new());
        assert_eq!(
            members.get("g1").map(|member| &*member.server_type),
            Some("gate")
        );
        assert_eq!((members.len(), members.iter().count()), (3, 3));
    }
}
