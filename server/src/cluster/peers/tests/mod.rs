//! When servers are ejected and admitted again, under paused time.

mod ejecting;
mod seeing;
mod trying;

use std::num::NonZeroU32;
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tokio::time::advance;

use super::*;
use crate::cluster::CallError;

struct Rig {
    peers: Peers,
    members: Members,
}

/// Rooms with the ids `r1`, `r2`, ...
fn rooms(count: usize) -> Members {
    let ids = (1..=count).map(|number| format!("r{number}"));
    ids.map(|id| Arc::new(Member::new("room", id))).collect()
}

fn without(members: &Members, id: &str) -> Members {
    let others = members.iter().filter(|member| member.id != id);
    others.cloned().collect()
}

fn gone() -> CallError {
    CallError::Gone {
        server: String::new(),
    }
}

fn timeout() -> CallError {
    timeout_after(1000)
}

fn timeout_after(millis: u64) -> CallError {
    CallError::Timeout {
        server: String::new(),
        after: Duration::from_millis(millis),
    }
}

fn lost() -> CallError {
    CallError::Lost {
        server: String::new(),
    }
}

fn unreadable() -> CallError {
    CallError::Unreadable {
        server: String::new(),
        reason: String::new(),
    }
}

impl Rig {
    fn new(count: usize) -> Self {
        Self::with(count, EjectionConfig::default())
    }

    fn with(count: usize, config: EjectionConfig) -> Self {
        let rig = Self {
            peers: Peers::new(config),
            members: rooms(count),
        };
        rig.seen();
        rig
    }

    fn seen(&self) {
        self.peers.seen(&self.members, Instant::now());
    }

    fn begin(&self, id: &str) -> Flight {
        self.peers.begin(self.members.get(id).expect("a member"))
    }

    fn fails(&self, id: &str, error: &CallError) {
        self.begin(id).ended(Err(error));
    }

    fn answers(&self, id: &str) {
        self.begin(id).ended(Ok(()));
    }

    fn is_ejected(&self, id: &str) -> bool {
        let admitted = self.peers.without_due(self.members.of_type("room"));
        !admitted.iter().any(|member| member.id == id)
    }

    /// Whether the server may be chosen now.
    fn is_candidate(&self, id: &str) -> bool {
        let members = self.members.of_type("room");
        let candidates = self.peers.with_due(members, Instant::now());
        candidates.iter().any(|member| member.id == id)
    }

    fn claim(&self, id: &str) -> bool {
        let member = self.members.get(id).expect("a member");
        self.peers.may_call(member, Instant::now())
    }

    /// Chooses an ejected server, as its time has come, and calls it.
    fn tries(&self, id: &str) -> Flight {
        assert!(self.is_candidate(id) && self.claim(id), "{id} is not due");
        self.begin(id)
    }

    fn in_flight(&self, id: &str) -> usize {
        self.peers
            .in_flight(self.members.get(id).expect("a member"))
    }
}

async fn millis(millis: u64) {
    advance(Duration::from_millis(millis)).await;
}
