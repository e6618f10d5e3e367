//! Methods that other servers call.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use pitaya_protocol::{Json, SerializerSet, codes};

use super::context::Context;
use crate::call::{Body, Reply};
use crate::error::{Error, Result};
use crate::handle::Handle;

/// One call of a remote method: what another server sent, and on whose behalf.
pub struct RemoteCall<S: SerializerSet = Json> {
    server: Handle<S>,
    context: Context,
    route: Arc<str>,
    body: Bytes,
}

impl<S: SerializerSet> RemoteCall<S> {
    pub(crate) const fn new(
        server: Handle<S>,
        context: Context,
        route: Arc<str>,
        body: Bytes,
    ) -> Self {
        Self {
            server,
            context,
            route,
            body,
        }
    }

    /// The server that was called.
    #[must_use]
    pub const fn server(&self) -> &Handle<S> {
        &self.server
    }

    /// On whose behalf, and until when.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// `service.method`, as the component is registered.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.route
    }

    /// The argument as it came.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The argument as a protobuf message.
    ///
    /// # Errors
    ///
    /// `PIT-400` when the bytes are no such message.
    pub fn decode<T: prost::Message + Default>(&self) -> Result<T> {
        T::decode(self.body.clone())
            .map_err(|error| Error::new(codes::BAD_REQUEST, error.to_string()))
    }

    /// The answer that carries a protobuf message.
    ///
    /// # Errors
    ///
    /// None today; the type is that of every answer.
    pub fn reply(&self, value: &impl prost::Message) -> Reply {
        Ok(Body::from(value.encode_to_vec()))
    }
}

impl<S: SerializerSet> fmt::Debug for RemoteCall<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteCall")
            .field("route", &self.route)
            .field("context", &self.context)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
