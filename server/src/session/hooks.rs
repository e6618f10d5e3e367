//! Hooks on the life of sessions.

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use pitaya_protocol::{Closed, SerializerSet};

use super::Session;

/// A hook of one session.
pub(crate) type CloseHook = Box<dyn FnOnce(Closed) -> BoxFuture<'static, ()> + Send>;

/// A hook of the server, for every session.
type ServerHook<S> = Arc<dyn Fn(Session<S>, Closed) -> BoxFuture<'static, ()> + Send + Sync>;

/// The hooks of a server.
pub(crate) struct Hooks<S: SerializerSet> {
    pub(crate) on_drop: Vec<ServerHook<S>>,
    pub(crate) on_close: Vec<ServerHook<S>>,
}

impl<S: SerializerSet> Default for Hooks<S> {
    fn default() -> Self {
        Self {
            on_drop: Vec::new(),
            on_close: Vec::new(),
        }
    }
}

impl<S: SerializerSet> fmt::Debug for Hooks<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks")
            .field("on_drop", &self.on_drop.len())
            .field("on_close", &self.on_close.len())
            .finish()
    }
}
