//! Both handshake bodies.

use std::time::Duration;

use pitaya_protocol::{
    Capabilities, Dictionary, DictionaryError, Serializer,
    handshake::{Agreement, HandshakeError, HandshakeRequest, HandshakeResponse, ServerInfo},
};

/// Reads a request.
///
/// # Errors
///
/// When the body does not parse.
pub fn request() -> Result<(), HandshakeError> {
    // ANCHOR: request
    const MAX_DEPTH: usize = 32;
    let body =
        br#"{"sys":{"platform":"mac","serializers":["protobuf"],"rsa":{}},"user":{"age":30}}"#;
    let request = HandshakeRequest::parse(body, MAX_DEPTH)?;
    assert_eq!(request.sys.platform, "mac");
    assert_eq!(request.sys.version, ""); // absent
    assert_eq!(request.sys.serializers, [Serializer::Protobuf]);
    assert_eq!(request.user["age"], 30);
    // ANCHOR_END: request
    Ok(())
}

/// Writes a response.
///
/// # Errors
///
/// When the dictionary contradicts itself.
pub fn response() -> Result<(), DictionaryError> {
    // ANCHOR: response
    let dictionary = Dictionary::new([("connector.room.join", 1)])?;
    let heartbeat = Some(Duration::from_secs(30));
    let agreement = Agreement::new(heartbeat, dictionary, Capabilities::NONE);
    let response = HandshakeResponse::accept(ServerInfo::new(&agreement, "json"));
    assert_eq!(
        response.to_json(),
        br#"{"code":200,"sys":{"dict":{"connector.room.join":1},"heartbeat":30,"serializer":"json"}}"#
    );
    // ANCHOR_END: response
    Ok(())
}
