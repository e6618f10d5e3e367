//! Protocol buffers through prost.

use bytes::Bytes;
use prost::Message;

use super::{Decode, DeserializeError, Encode, Protobuf, SerializeError, Serializer};

#[diagnostic::do_not_recommend]
impl<T: Message> Encode<Protobuf> for T {
    fn encode(&self, _: Serializer, out: &mut Vec<u8>) -> Result<(), SerializeError> {
        Message::encode(self, out).map_err(|error| SerializeError {
            serializer: "protobuf",
            source: error.into(),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T: Message + Default> Decode<Protobuf> for T {
    fn decode(_: Serializer, body: &Bytes) -> Result<Self, DeserializeError> {
        Message::decode(body.as_ref()).map_err(|error| DeserializeError {
            serializer: "protobuf",
            source: error.into(),
        })
    }
}
