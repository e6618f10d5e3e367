//! Error payloads.

use bytes::Bytes;
use pitaya_protocol::{DeserializeError, ErrorPayload, Serializer, codes};

/// Writes an error in both serializers.
///
/// # Errors
///
/// When it cannot be read again.
pub fn error() -> Result<(), DeserializeError> {
    // ANCHOR: error
    let error = ErrorPayload::new(codes::NOT_FOUND, "pitaya/handler: room.jump not found");
    for serializer in [Serializer::Json, Serializer::Protobuf] {
        let mut body = Vec::new();
        error.write(serializer, &mut body);
        assert_eq!(ErrorPayload::read(serializer, &Bytes::from(body))?, error);
    }
    // ANCHOR_END: error
    Ok(())
}
