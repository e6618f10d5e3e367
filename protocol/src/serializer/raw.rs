//! Payload bytes as they are.

use bytes::Bytes;

#[cfg(any(feature = "json", feature = "protobuf"))]
use super::{Decode, DeserializeError, Encode, SerializeError, Serializer};

/// Payload bytes as they are: every serializer sends and receives them untouched (wire 8.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a newtype whose only meaning is its content"
)]
pub struct Raw(pub Bytes);

impl<T: Into<Bytes>> From<T> for Raw {
    fn from(bytes: T) -> Self {
        Self(bytes.into())
    }
}

macro_rules! raw_with {
    ($feature:literal, $set:ident) => {
        #[cfg(feature = $feature)]
        impl Encode<super::$set> for Raw {
            fn encode(&self, _: Serializer, out: &mut Vec<u8>) -> Result<(), SerializeError> {
                out.extend_from_slice(&self.0);
                Ok(())
            }
        }

        #[cfg(feature = $feature)]
        impl Decode<super::$set> for Raw {
            fn decode(_: Serializer, body: &Bytes) -> Result<Self, DeserializeError> {
                Ok(Self(body.clone()))
            }
        }
    };
}

raw_with!("json", Json);
raw_with!("protobuf", Protobuf);
