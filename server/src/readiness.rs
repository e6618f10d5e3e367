//! Whether a server can be given work, and whether it is alive.

use std::fmt;
use std::net::SocketAddr;

use pitaya_protocol::SerializerSet;

use crate::handle::Handle;

/// Whether clients and other servers may be sent to a server, from [`Handle::ready`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness(Vec<NotReady>);

impl Readiness {
    /// Whether there is no reason against it.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.0.is_empty()
    }

    /// Why the server is not ready; empty if it is.
    #[must_use]
    pub fn reasons(&self) -> &[NotReady] {
        &self.0
    }
}

/// `ready`, or the reasons, one a line.
impl fmt::Display for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, others)) = self.0.split_first() else {
            return f.write_str("ready");
        };
        write!(f, "{first}")?;
        others.iter().try_for_each(|reason| write!(f, "\n{reason}"))
    }
}

/// Why a server is not ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotReady {
    /// Components are being initialised, or the cluster is being joined.
    #[error("the server is starting")]
    Starting,
    /// It was told to stop.
    #[error("the server is draining")]
    Draining,
    /// Another process accepts in its place.
    #[error("another process has taken the listeners over")]
    Replaced,
    /// Listeners have ended although the server runs, which is a fault of ours.
    #[error("{ended} of {all} listeners have ended")]
    Listeners {
        /// Those that do not accept any more.
        ended: usize,
        /// All that there are.
        all: usize,
    },
    /// The discovery does not list it, so that no server of the cluster finds it.
    #[error("the server is not listed in its cluster")]
    Unlisted,
}

impl<S: SerializerSet> Handle<S> {
    /// Whether the server can be given work: it has started and is not draining, listens everywhere that it should, and is listed in its cluster.
    ///
    /// An engine that is away is no reason. All servers would lose it at once, and a load balancer would send no client to any of them, although local
    /// routes are served and sessions go on. Without its engines a server does not start in the first place.
    #[must_use]
    pub fn ready(&self) -> Readiness {
        let life = self.life();
        if !self.is_running() {
            return Readiness(vec![NotReady::Draining]);
        }
        if life.replaced.is_cancelled() {
            return Readiness(vec![NotReady::Replaced]);
        }
        if !life.has_started() {
            return Readiness(vec![NotReady::Starting]);
        }
        let mut reasons = Vec::new();
        let ended = self.ended_listeners();
        if ended > 0 {
            let all = self.addresses().len();
            reasons.push(NotReady::Listeners { ended, all });
        }
        if let Some(node) = self.node()
            && node.members().get(&node.me().id).is_none()
        {
            reasons.push(NotReady::Unlisted);
        }
        Readiness(reasons)
    }

    /// Whether the process should live on: false when the server has ended, or has lost a listener without being told to. It does not look at engines,
    /// whose outages a restart would not end.
    #[must_use]
    pub fn live(&self) -> bool {
        !self.life().has_ended() && self.ended_listeners() == 0
    }

    /// Where [`ServerBuilder::health`](crate::ServerBuilder::health) listens, with the port that the operating system chose.
    #[must_use]
    pub fn health_address(&self) -> Option<SocketAddr> {
        self.life().health.get().copied()
    }

    /// Listeners that accept no more although they should.
    fn ended_listeners(&self) -> usize {
        if self.life().deaf.is_cancelled() {
            return 0;
        }
        // In this order: one that begins in between is not taken for one that has ended.
        let all = self.addresses().len();
        all.saturating_sub(self.life().accepting())
    }
}
