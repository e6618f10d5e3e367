//! One message on its way to a handler, and the answer on its way back.

use std::fmt;

use bytes::Bytes;
use pitaya_protocol::{Decode, Encode, Json, Serializer, SerializerSet, codes};

use crate::component::EndpointKind;
use crate::{Error, Result, Session};

/// What a handler ends with: the encoded answer, or the error that the client gets instead. For a notify neither is sent.
pub type Reply = Result<Body>;

/// One message that a client sent, with everything that is known about it.
///
/// A call is owned and can be handed to another task; [`decode`](Self::decode) and [`reply`](Self::reply) use the serializer of
/// the connection that it came from.
pub struct Call<S: SerializerSet = Json> {
    session: Session<S>,
    /// The number of the endpoint in the server's table, which knows the route.
    index: usize,
    kind: EndpointKind,
    serializer: Serializer,
    body: Bytes,
}

impl<S: SerializerSet> Call<S> {
    /// `index` is the endpoint's number in the table of the session's server, `kind` is what the client sent.
    pub(crate) const fn new(
        session: Session<S>,
        index: usize,
        kind: EndpointKind,
        serializer: Serializer,
        body: Bytes,
    ) -> Self {
        Self {
            session,
            index,
            kind,
            serializer,
            body,
        }
    }

    /// Whose message it is.
    #[must_use]
    pub const fn session(&self) -> &Session<S> {
        &self.session
    }

    /// `service.method`, as the component is registered.
    #[must_use]
    pub fn route(&self) -> &str {
        self.session.server().router().entry(self.index).route()
    }

    /// Whether the client waits for an answer. A notify to a request's route runs its handler and drops the answer (wire 8.4).
    #[must_use]
    pub const fn kind(&self) -> EndpointKind {
        self.kind
    }

    /// The serializer of [`body`](Self::body), and of the answer.
    #[must_use]
    pub const fn serializer(&self) -> Serializer {
        self.serializer
    }

    /// The payload as it came, inflated.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Replaces the payload, for middleware that changes it.
    pub fn set_body(&mut self, body: impl Into<Bytes>) {
        self.body = body.into();
    }

    /// The payload as a `T`.
    ///
    /// # Errors
    ///
    /// `PIT-400` with the serializer's text when the bytes are not a `T`.
    pub fn decode<T: Decode<S>>(&self) -> Result<T> {
        T::decode(self.serializer, &self.body)
            .map_err(|error| Error::new(codes::BAD_REQUEST, error.to_string()))
    }

    /// The answer that carries `value`.
    ///
    /// # Errors
    ///
    /// [`Error::internal`] when the value has no form in the connection's serializer.
    pub fn reply(&self, value: &impl Encode<S>) -> Reply {
        let mut out = Vec::with_capacity(TYPICAL_ANSWER);
        value
            .encode(self.serializer, &mut out)
            .map_err(Error::internal)?;
        Ok(Body::from(out))
    }
}

/// Bytes set aside for an answer before it is encoded: most of a game's answers fit, so that few are moved while they grow.
const TYPICAL_ANSWER: usize = 128;

impl<S: SerializerSet> fmt::Debug for Call<S> {
    /// Leaves the payload out, which can hold what players write to each other.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("route", &self.route())
            .field("kind", &self.kind)
            .field("serializer", &self.serializer)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// An encoded answer. The empty one, which a notify ends with, is the default.
#[derive(Clone, Default)]
pub struct Body(Stored);

/// A vector stays one: as `Bytes` it would cost a second allocation, and most answers are copied into the outbox anyway.
#[derive(Clone)]
enum Stored {
    Vec(Vec<u8>),
    Bytes(Bytes),
}

impl Default for Stored {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl Body {
    /// The bytes, shared where they already were.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self.0 {
            Stored::Vec(bytes) => bytes.into(),
            Stored::Bytes(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        match &self.0 {
            Stored::Vec(bytes) => bytes,
            Stored::Bytes(bytes) => bytes,
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Stored::Vec(bytes))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Stored::Bytes(bytes))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("bytes", &self.as_ref().len())
            .finish()
    }
}
