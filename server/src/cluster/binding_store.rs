//! Where it is written down to which frontend a user is bound, for a bus that has no subjects for users (wire 20.2).

use std::fmt;

use futures_core::future::BoxFuture;
use pitaya_protocol::cluster::NameError;

/// A table from (frontend type, uid) to the server where the user is bound: etcd, or the memory of one process.
///
/// Each server has its own store. What it puts stays entered until it removes it, another server puts the same user, or the server is
/// gone. Calls for one user take effect in the order in which their futures are first polled.
pub trait BindingStore: fmt::Debug + Send + Sync + 'static {
    /// Begins to write as this server.
    ///
    /// # Errors
    ///
    /// [`BindingError`] when the engine cannot be reached; the server does not start then.
    fn start(&self, server_id: &str) -> BoxFuture<'_, Result<(), BindingError>>;

    /// Enters that the user is bound at this server, whoever was entered before.
    ///
    /// # Errors
    ///
    /// [`BindingError`]; after [`BindingError::Down`] the entry is made as soon as the engine is back, unless it is removed before.
    fn put(&self, frontend_type: &str, uid: &str) -> BoxFuture<'_, Result<(), BindingError>>;

    /// The id of the server where the user is bound; `None` when there is no entry.
    ///
    /// # Errors
    ///
    /// [`BindingError`] when it cannot be known.
    fn get(
        &self,
        frontend_type: &str,
        uid: &str,
    ) -> BoxFuture<'_, Result<Option<String>, BindingError>>;

    /// Takes the entry of a user who has left. One that another server has made since stays.
    ///
    /// # Errors
    ///
    /// [`BindingError`]; after [`BindingError::Down`] the entry is taken as soon as the engine is back.
    fn remove_if_mine(
        &self,
        frontend_type: &str,
        uid: &str,
    ) -> BoxFuture<'_, Result<(), BindingError>>;

    /// Takes all entries of this server and ends. Bounded in time by the implementation.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// Why a binding was not written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindingError {
    /// The engine is away.
    #[error("the bindings cannot be reached at present: {reason}")]
    Down {
        /// What is known about it.
        reason: String,
    },
    /// The type or the uid cannot be part of an entry's name.
    #[error(transparent)]
    Name(#[from] NameError),
}
