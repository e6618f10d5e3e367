//! Serializers: how payloads become bytes (wire 8.1).

#[cfg(feature = "json")]
mod json;
#[cfg(feature = "protobuf")]
mod protobuf;
mod raw;

use std::error::Error;

use bytes::Bytes;

pub use self::raw::Raw;

/// A serializer that the wire has a name for (wire 8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Serializer {
    /// JSON text, the family's default.
    Json,
    /// Protocol buffers.
    Protobuf,
}

impl Serializer {
    /// The name in `sys.serializer` and `sys.serializers` of a handshake.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Protobuf => "protobuf",
        }
    }

    /// The serializer with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "protobuf" => Some(Self::Protobuf),
            _ => None,
        }
    }
}

/// A set of serializers: which payload types a program can use, decided at compile time. [`Json`], [`Protobuf`] or [`Both`].
pub trait SerializerSet: Copy + Default + Send + Sync + 'static {
    /// The members, the preferred one first.
    const ALL: &'static [Serializer];
}

/// The set of JSON alone: payloads are serde types.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a name for a type parameter")]
pub struct Json;

/// The set of protobuf alone: payloads are prost messages.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a name for a type parameter")]
pub struct Protobuf;

/// JSON and protobuf: payloads are both serde types and prost messages; each connection uses one of them.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a name for a type parameter")]
pub struct Both;

impl SerializerSet for Json {
    const ALL: &'static [Serializer] = &[Serializer::Json];
}

impl SerializerSet for Protobuf {
    const ALL: &'static [Serializer] = &[Serializer::Protobuf];
}

impl SerializerSet for Both {
    const ALL: &'static [Serializer] = &[Serializer::Json, Serializer::Protobuf];
}

/// A value that can be sent with every serializer of the set `S`.
///
/// Implemented for serde types with [`Json`], for prost messages with [`Protobuf`], for types that are both with [`Both`], and
/// for [`Raw`] with all of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent with the serializers `{S}`",
    label = "not a payload that `{S}` can write",
    note = "`Json` sends types with `#[derive(serde::Serialize)]`, `Protobuf` sends prost messages, `Both` needs both; `Raw` bytes always work"
)]
pub trait Encode<S = Json> {
    /// Appends the value to `out`, written with `serializer`, a member of `S`.
    ///
    /// # Errors
    ///
    /// [`SerializeError`] when the value has no form in that serializer; what `out` then holds beyond its old length is unspecified.
    fn encode(&self, serializer: Serializer, out: &mut Vec<u8>) -> Result<(), SerializeError>;
}

/// A value that can be received with every serializer of the set `S`; see [`Encode`] for which types that are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be received with the serializers `{S}`",
    label = "not a payload that `{S}` can read",
    note = "`Json` receives types with `#[derive(serde::Deserialize)]`, `Protobuf` receives prost messages, `Both` needs both; `Raw` bytes always work"
)]
pub trait Decode<S = Json>: Sized {
    /// Reads a value that was written with `serializer`, a member of `S`.
    ///
    /// # Errors
    ///
    /// [`DeserializeError`] when the bytes are not such a value.
    fn decode(serializer: Serializer, body: &Bytes) -> Result<Self, DeserializeError>;
}

#[diagnostic::do_not_recommend]
impl<T: Encode<Json> + Encode<Protobuf>> Encode<Both> for T {
    fn encode(&self, serializer: Serializer, out: &mut Vec<u8>) -> Result<(), SerializeError> {
        match serializer {
            Serializer::Json => <T as Encode<Json>>::encode(self, serializer, out),
            Serializer::Protobuf => <T as Encode<Protobuf>>::encode(self, serializer, out),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Decode<Json> + Decode<Protobuf>> Decode<Both> for T {
    fn decode(serializer: Serializer, body: &Bytes) -> Result<Self, DeserializeError> {
        match serializer {
            Serializer::Json => <T as Decode<Json>>::decode(serializer, body),
            Serializer::Protobuf => <T as Decode<Protobuf>>::decode(serializer, body),
        }
    }
}

/// A value that has no form in the serializer.
#[derive(Debug, thiserror::Error)]
#[error("the payload cannot be written as {serializer}")]
#[non_exhaustive]
pub struct SerializeError {
    /// Name of the serializer.
    pub serializer: &'static str,
    /// What the serializer said.
    pub source: Box<dyn Error + Send + Sync>,
}

/// Bytes that are not the expected value.
#[derive(Debug, thiserror::Error)]
#[error("the payload is not the expected {serializer}: {source}")]
#[non_exhaustive]
pub struct DeserializeError {
    /// Name of the serializer.
    pub serializer: &'static str,
    /// What the serializer said.
    pub source: Box<dyn Error + Send + Sync>,
}
