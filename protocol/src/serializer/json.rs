//! JSON through serde.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Decode, DeserializeError, Encode, Json, SerializeError, Serializer};

#[diagnostic::do_not_recommend]
impl<T: Serialize> Encode<Json> for T {
    fn encode(&self, _: Serializer, out: &mut Vec<u8>) -> Result<(), SerializeError> {
        serde_json::to_writer(out, self).map_err(|error| SerializeError {
            serializer: "json",
            source: error.into(),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> Decode<Json> for T {
    fn decode(_: Serializer, body: &Bytes) -> Result<Self, DeserializeError> {
        serde_json::from_slice(body).map_err(|error| DeserializeError {
            serializer: "json",
            source: error.into(),
        })
    }
}
