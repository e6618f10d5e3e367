//! How bytes, packets and messages stand in JSON: as in the vectors, bytes always as hex digits.

use std::time::Duration;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use pitaya_protocol::{Close, CloseCode, Dictionary, Message, MessageKind, PacketType, RouteRef};
use serde_json::{Map, Value, json};

/// The largest whole number that every language reads from JSON.
const MAX_NUMBER: u64 = 1 << 53;

/// Bytes and digits that are converted at a time: the library takes 8 MiB at most where addresses have 32 bits.
const PIECE: usize = 1 << 20;

/// Something in the input is not what the vectors' description has there.
pub(super) fn unreadable(what: &str, value: &Value) -> String {
    format!("{value} is not {what}")
}

pub(super) fn bytes(value: &Value) -> Result<Vec<u8>, String> {
    let digits = value.as_str().ok_or_else(|| unreadable("bytes", value))?;
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for piece in digits.as_bytes().chunks(PIECE) {
        let piece = HEXLOWER_PERMISSIVE.decode(piece);
        bytes.extend(piece.map_err(|error| format!("not hex digits: {error}"))?);
    }
    Ok(bytes)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len() * 2);
    for piece in bytes.chunks(PIECE) {
        HEXLOWER.encode_append(piece, &mut digits);
    }
    digits
}

pub(super) fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| unreadable("a text", value))
}

/// A size, or `default` where there is none.
pub(super) fn size(value: &Value, default: usize) -> Result<usize, String> {
    if value.is_null() {
        return Ok(default);
    }
    let size = value.as_u64().and_then(|size| usize::try_from(size).ok());
    size.ok_or_else(|| unreadable("a size", value))
}

pub(super) fn short(value: &Value) -> Result<u16, String> {
    let number = value.as_u64().and_then(|number| u16::try_from(number).ok());
    number.ok_or_else(|| unreadable("a number of 16 bits", value))
}

/// A list; empty where there is none.
pub(super) fn list(value: &Value) -> Result<&[Value], String> {
    match value {
        Value::Null => Ok(&[]),
        Value::Array(list) => Ok(list),
        other => Err(unreadable("a list", other)),
    }
}

/// The names in a list.
pub(super) fn names(value: &Value) -> Result<Vec<&str>, String> {
    list(value)?.iter().map(text).collect()
}

/// An object's members; none where there is no object.
pub(super) fn members(value: &Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(members) => Ok(members.clone()),
        other => Err(unreadable("an object", other)),
    }
}

/// A dictionary written as an object of codes by route.
pub(super) fn dictionary(value: &Value) -> Result<Dictionary, String> {
    let mut entries = Vec::new();
    for (route, code) in members(value)? {
        entries.push((route, short(&code)?));
    }
    Dictionary::new(entries).map_err(|error| error.to_string())
}

pub(super) fn packet_type(value: &Value) -> Result<PacketType, String> {
    u8::try_from(short(value)?)
        .ok()
        .and_then(PacketType::from_number)
        .ok_or_else(|| unreadable("a packet type", value))
}

pub(super) fn packet(kind: PacketType, body: &[u8]) -> Value {
    json!({ "type": kind.number(), "body": hex(body) })
}

pub(super) const fn kind_name(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Request => "request",
        MessageKind::Notify => "notify",
        MessageKind::Response => "response",
        MessageKind::Push => "push",
    }
}

/// An id: a number, or a text of digits where not every language would read the number.
pub(super) fn id(id: u64) -> Value {
    if id > MAX_NUMBER {
        json!(id.to_string())
    } else {
        json!(id)
    }
}

/// A message with all its members.
pub(super) fn message(message: &Message<'_>) -> Value {
    let mut value = json!({
        "kind": kind_name(message.kind),
        "id": id(message.id),
        "error": message.error,
        "deflated": message.deflated,
        "body": hex(message.body),
    });
    match message.route {
        RouteRef::Code(code) => value["code"] = json!(code),
        RouteRef::Name(_) if message.kind == MessageKind::Response => {}
        RouteRef::Name(route) => value["route"] = json!(route),
    }
    value
}

/// A message that owns its parts.
#[derive(Debug)]
pub(super) struct OwnedMessage {
    kind: MessageKind,
    id: u64,
    route: String,
    code: Option<u16>,
    error: bool,
    deflated: bool,
    body: Vec<u8>,
}

impl OwnedMessage {
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let kinds = [
            MessageKind::Request,
            MessageKind::Notify,
            MessageKind::Response,
            MessageKind::Push,
        ];
        let kind = text(&value["kind"])?;
        let kind = kinds.into_iter().find(|known| kind_name(*known) == kind);
        let id = match &value["id"] {
            Value::Null => Some(0),
            Value::String(digits) => digits.parse().ok(),
            number => number.as_u64(),
        };
        let code = &value["code"];
        Ok(Self {
            kind: kind.ok_or_else(|| unreadable("a message kind", &value["kind"]))?,
            id: id.ok_or_else(|| unreadable("an id", &value["id"]))?,
            route: value["route"].as_str().unwrap_or_default().to_owned(),
            code: (!code.is_null()).then(|| short(code)).transpose()?,
            error: value["error"] == true,
            deflated: value["deflated"] == true,
            body: bytes(&value["body"])?,
        })
    }

    pub(super) fn message(&self) -> Message<'_> {
        Message {
            kind: self.kind,
            id: self.id,
            route: self
                .code
                .map_or(RouteRef::Name(&self.route), RouteRef::Code),
            error: self.error,
            deflated: self.deflated,
            body: &self.body,
        }
    }
}

/// A close with as much advice as `value` has.
pub(super) fn read_close(value: &Value) -> Result<Close, String> {
    let mut close = Close::new(CloseCode::from_number(short(&value["code"])?));
    if let Some(reason) = value["reason"].as_str() {
        close = close.with_reason(reason.to_owned());
    }
    if let Some(delay) = value["retry_after_ms"].as_u64() {
        close = close.with_retry_after(Duration::from_millis(delay));
    }
    if let Some(endpoint) = value["endpoint"].as_str() {
        close = close.with_endpoint(endpoint);
    }
    Ok(close)
}

/// The same as JSON; advice that was not given is left out.
pub(super) fn close(close: &Close) -> Value {
    let mut value = json!({ "code": close.code.number(), "reason": close.reason() });
    if let Some(delay) = close.retry_after() {
        value["retry_after_ms"] = json!(delay.as_millis() as u64);
    }
    if let Some(endpoint) = &close.endpoint() {
        value["endpoint"] = json!(endpoint);
    }
    value
}
