//! Messages and their payloads.

use std::error::Error;

use pitaya_protocol::{
    Message, RouteRef,
    compression::{Deflater, InflateError, inflate},
};

/// Writes and reads messages.
///
/// # Errors
///
/// When a message cannot be written or read.
pub fn messages() -> Result<(), Box<dyn Error>> {
    // ANCHOR: messages
    let mut bytes = Vec::new();
    Message::request(300, RouteRef::Name("a.b"), b"{}").encode(&mut bytes)?;
    assert_eq!(bytes, b"\x00\xac\x02\x03a.b{}");

    let push = Message::decode(b"\x07\x02\x03{}")?;
    assert_eq!(push, Message::push(RouteRef::Code(0x0203), b"{}"));

    assert!(Message::decode(b"\x00\x01").is_err()); // ends after its id
    // ANCHOR_END: messages
    Ok(())
}

/// Compresses a payload, and refuses one that grows too large.
///
/// # Errors
///
/// When the payload cannot be inflated.
pub fn compression() -> Result<(), InflateError> {
    // ANCHOR: compression
    let payload = [b'a'; 1000];
    let mut deflated = Vec::new();
    assert!(
        Deflater::default().deflate(&payload, &mut deflated),
        "it is shorter"
    );
    assert_eq!(inflate(&deflated, 1000)?, payload);
    assert_eq!(
        inflate(&deflated, 999),
        Err(InflateError::TooLarge { limit: 999 })
    );
    // ANCHOR_END: compression
    Ok(())
}
