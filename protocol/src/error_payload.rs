//! What the body of a message with the error flag says (wire 8.3).

use std::collections::BTreeMap;

/// Error codes that servers of the family use (wire 8.3). Applications add their own; they are free text.
pub mod codes {
    /// Anything that has no code of its own: plain errors and panics.
    pub const UNKNOWN: &str = "PIT-000";
    /// A malformed route, a payload that does not decode, a request to a notify handler.
    pub const BAD_REQUEST: &str = "PIT-400";
    /// No such handler.
    pub const NOT_FOUND: &str = "PIT-404";
    /// The handler did not end in time.
    pub const TIMEOUT: &str = "PIT-408";
    /// The session is closed.
    pub const CLOSED: &str = "PIT-499";
    /// No server of the wanted type, or a fault inside the server.
    pub const INTERNAL: &str = "PIT-500";
    /// The server has no room for the call now.
    pub const OVERLOADED: &str = "PIT-503";
}

/// The payload of an error answer: `{"code":..,"msg":..,"metadata":{..}}` in this order, empty members left out, or the
/// protobuf message `Error` with the same three fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {msg}")]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "json", serde(default))]
#[expect(
    clippy::exhaustive_structs,
    reason = "the wire has exactly these three members"
)]
pub struct ErrorPayload {
    /// Free text by which programs tell errors apart; see [`codes`].
    #[cfg_attr(feature = "json", serde(skip_serializing_if = "String::is_empty"))]
    pub code: String,
    /// Text for people.
    #[cfg_attr(feature = "json", serde(skip_serializing_if = "String::is_empty"))]
    pub msg: String,
    /// Details for programs.
    #[cfg_attr(feature = "json", serde(skip_serializing_if = "BTreeMap::is_empty"))]
    pub metadata: BTreeMap<String, String>,
}

impl ErrorPayload {
    /// An error without details.
    #[must_use]
    pub fn new(code: impl Into<String>, msg: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            msg: msg.into(),
            metadata: BTreeMap::new(),
        }
    }
}

#[cfg(all(feature = "json", feature = "protobuf"))]
mod coded {
    use bytes::Bytes;
    use prost::Message as _;

    use super::ErrorPayload;
    use crate::proto as wire;
    use crate::serializer::{DeserializeError, Serializer};

    /// Bytes of an unreadable payload that are shown.
    const SHOWN: usize = 200;

    impl ErrorPayload {
        /// Appends the payload in the connection's serializer.
        pub fn write(&self, serializer: Serializer, out: &mut Vec<u8>) {
            match serializer {
                Serializer::Json => serde_json::to_writer(out, self)
                    .expect("three members of text always have a JSON form"),
                Serializer::Protobuf => {
                    let Self {
                        code,
                        msg,
                        metadata,
                    } = self.clone();
                    let written = wire::Error {
                        code,
                        msg,
                        metadata,
                    }
                    .encode(out);
                    written.expect("a vector grows as needed");
                }
            }
        }

        /// Reads a payload, or shows the start of one that cannot be read: the error flag is certain all the same (wire 8.3).
        #[must_use]
        pub fn read_lossy(serializer: Serializer, body: &Bytes) -> Self {
            Self::read(serializer, body).unwrap_or_else(|_| {
                let shown = String::from_utf8_lossy(&body[..body.len().min(SHOWN)]);
                Self::new(super::codes::UNKNOWN, shown)
            })
        }

        /// Reads a payload that was written in `serializer`.
        ///
        /// # Errors
        ///
        /// [`DeserializeError`] when the bytes are not such a payload; the message's error flag still says that the call failed.
        pub fn read(serializer: Serializer, body: &Bytes) -> Result<Self, DeserializeError> {
            match serializer {
                Serializer::Json => {
                    crate::serializer::Decode::<crate::Json>::decode(serializer, body)
                }
                Serializer::Protobuf => {
                    let wire::Error {
                        code,
                        msg,
                        metadata,
                    } = crate::serializer::Decode::<crate::Protobuf>::decode(serializer, body)?;
                    Ok(Self {
                        code,
                        msg,
                        metadata,
                    })
                }
            }
        }
    }
}
