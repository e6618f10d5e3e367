//! How the vectors write bytes and messages; described in `conformance/README.md`.

use std::fmt::Write;

use pitaya_protocol::{Message, MessageKind, PacketType, RouteRef};
use serde_json::{Value, json};

/// Reads `text:...`, or hex digits and `repeat:XX*N` between blanks.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    let notation = value
        .as_str()
        .unwrap_or_else(|| panic!("not bytes: {value}"));
    if let Some(text) = notation.strip_prefix("text:") {
        return text.as_bytes().to_vec();
    }
    let mut bytes = Vec::new();
    for token in notation.split_whitespace() {
        if let Some(repeat) = token.strip_prefix("repeat:") {
            let (byte, times) = repeat.split_once('*').expect("repeat:XX*N");
            let byte = u8::from_str_radix(byte, 16).expect("a byte");
            bytes.resize(
                bytes.len() + times.parse::<usize>().expect("a number"),
                byte,
            );
            continue;
        }
        assert!(token.len().is_multiple_of(2), "half a byte in {notation:?}");
        for index in (0..token.len()).step_by(2) {
            bytes.push(u8::from_str_radix(&token[index..index + 2], 16).expect("hex digits"));
        }
    }
    bytes
}

/// Bytes for a failure's text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn packet_type(value: &Value) -> PacketType {
    let number = value["type"].as_u64().expect("a type");
    PacketType::from_number(u8::try_from(number).expect("a byte")).expect("a known type")
}

/// A message whose parts live as long as this value.
#[derive(Debug)]
pub(crate) struct OwnedMessage {
    kind: MessageKind,
    id: u64,
    route: Option<String>,
    code: Option<u16>,
    error: bool,
    deflated: bool,
    body: Vec<u8>,
}

impl OwnedMessage {
    pub(crate) fn read(value: &Value) -> Self {
        let kind = match value["kind"].as_str() {
            Some("request") => MessageKind::Request,
            Some("notify") => MessageKind::Notify,
            Some("response") => MessageKind::Response,
            Some("push") => MessageKind::Push,
            other => panic!("unknown kind {other:?}"),
        };
        let id = match &value["id"] {
            Value::Null => 0,
            // Numbers beyond 2^53 are texts, as not every language reads them.
            Value::String(id) => id.parse().expect("a number"),
            id => id.as_u64().expect("a number"),
        };
        Self {
            kind,
            id,
            route: value["route"].as_str().map(str::to_owned),
            code: value["code"]
                .as_u64()
                .map(|code| u16::try_from(code).expect("16 bits")),
            error: value["error"] == true,
            deflated: value["deflated"] == true,
            body: bytes(&value["body"]),
        }
    }

    pub(crate) fn message(&self) -> Message<'_> {
        let route = self.code.map_or_else(
            || RouteRef::Name(self.route.as_deref().unwrap_or("")),
            RouteRef::Code,
        );
        Message {
            kind: self.kind,
            id: self.id,
            route,
            error: self.error,
            deflated: self.deflated,
            body: &self.body,
        }
    }
}

/// The close that `value` describes, as far as it says.
pub(crate) fn close(value: &Value) -> pitaya_protocol::Close {
    let number = value["code"].as_u64().expect("a code");
    let code = pitaya_protocol::CloseCode::from_number(u16::try_from(number).expect("16 bits"));
    let mut close = pitaya_protocol::Close::new(code);
    if let Some(reason) = value["reason"].as_str() {
        close = close.with_reason(reason.to_owned());
    }
    if let Some(delay) = value["retry_after_ms"].as_u64() {
        close = close.with_retry_after(std::time::Duration::from_millis(delay));
    }
    if let Some(endpoint) = value["endpoint"].as_str() {
        close = close.with_endpoint(endpoint);
    }
    close
}

/// The names in a list.
pub(crate) fn names(value: &Value) -> Vec<&str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter()
        .map(|name| name.as_str().expect("a name"))
        .collect()
}

/// `{}` for an absent member.
pub(crate) fn object(value: &Value) -> Value {
    if value.is_null() {
        json!({})
    } else {
        value.clone()
    }
}
