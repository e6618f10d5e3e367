//! WebSocket messages as people read them.

use pitaya_protocol::{
    Dictionary, Framer, Message, PacketType, RouteRef,
    compression::{inflate, is_compressed},
    packet::MAX_BODY,
};
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use super::notation::{dictionary, hex, id, kind_name};

/// Characters of a body that are shown.
const SHOWN: usize = 400;
/// Bytes that are inflated to be shown; a body beyond it is shown as it stands on the wire.
const INFLATED: usize = 1 << 20;
/// What stands in the place of a handshake's `user`.
const HIDDEN: &str = "(hidden)";

/// The packets of a WebSocket message, a list in JSON text. `routes` is the dictionary, an object in JSON text or nothing; the `user` of
/// handshakes, which may hold passwords, is hidden.
///
/// Each has `type` (`handshake`, `ack`, `heartbeat`, `data`, `kick`, or `malformed` for bytes that are no packet), `length` of the body in bytes,
/// `text`, which is one readable line, and `body`, inflated and shortened: text where it is some, else hex digits. `data` has `kind`,
/// `id` of requests and responses, `route` or a `code` that stands in no dictionary, `error` and `deflated` as well.
#[wasm_bindgen]
pub fn describe(frame: &[u8], routes: &str) -> String {
    let routes: Value = serde_json::from_str(routes).unwrap_or_default();
    let routes = dictionary(&routes).unwrap_or_default();
    let mut framer = Framer::new(MAX_BODY);
    framer.push(frame);
    let mut packets = Vec::new();
    let fault = loop {
        match framer.next_packet() {
            Ok(Some(packet)) if packet.kind == PacketType::Data => {
                packets.push(data(packet.body, &routes));
            }
            Ok(Some(packet)) => packets.push(control(packet.kind, packet.body)),
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        }
    };
    if let Some(why) = fault {
        packets.push(malformed(frame, &why));
    } else if framer.pending() > 0 || packets.is_empty() {
        packets.push(malformed(frame, "a packet is not whole"));
    }
    Value::Array(packets).to_string()
}

fn malformed(frame: &[u8], why: &str) -> Value {
    let body = shorten(&hex(&frame[..frame.len().min(SHOWN)]));
    let text = format!("malformed: {why}: {body}");
    json!({ "type": "malformed", "length": frame.len(), "text": text, "body": body })
}

fn control(kind: PacketType, body: &[u8]) -> Value {
    let name = match kind {
        PacketType::Handshake => "handshake",
        PacketType::HandshakeAck => "ack",
        PacketType::Heartbeat => "heartbeat",
        PacketType::Data => "data",
        PacketType::Kick => "kick",
    };
    let inflated = is_compressed(body).then(|| inflate(body, INFLATED));
    let plain = match &inflated {
        Some(Ok(plain)) => plain,
        _ => body,
    };
    let shown = if kind == PacketType::Handshake {
        readable(&without_user(plain))
    } else {
        readable(plain)
    };
    let mut text = name.to_owned();
    if !body.is_empty() {
        text += &format!(" {} B {shown}", body.len());
    }
    json!({ "type": name, "length": body.len(), "text": text, "body": shown })
}

/// A handshake whose `user`, in whatever case (wire 2.1), is hidden. What is not an object holds no such member.
fn without_user(body: &[u8]) -> Vec<u8> {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
        return body.to_vec();
    };
    for (name, value) in &mut members {
        if name.eq_ignore_ascii_case("user") {
            *value = json!(HIDDEN);
        }
    }
    Value::Object(members).to_string().into_bytes()
}

fn data(body: &[u8], routes: &Dictionary) -> Value {
    let message = match Message::decode(body) {
        Ok(message) => message,
        Err(error) => return malformed(body, &error.to_string()),
    };
    let kind = kind_name(message.kind);
    let inflated = message.deflated.then(|| inflate(message.body, INFLATED));
    let plain = match &inflated {
        Some(Ok(plain)) => plain,
        _ => message.body,
    };
    let shown = readable(plain);
    let mut packet = json!({
        "type": "data",
        "length": body.len(),
        "kind": kind,
        "error": message.error,
        "deflated": message.deflated,
        "body": shown,
    });
    let mut text = kind.to_owned();
    if message.id != 0 {
        packet["id"] = id(message.id);
        text += &format!(" {}", message.id);
    }
    match message.route {
        RouteRef::Name("") => {}
        RouteRef::Name(route) => {
            packet["route"] = json!(route);
            text += &format!(" {route}");
        }
        RouteRef::Code(code) => {
            packet["code"] = json!(code);
            if let Some(route) = routes.route(code) {
                packet["route"] = json!(route);
                text += &format!(" {route}");
            }
            text += &format!(" (code {code})");
        }
    }
    if message.error {
        text += " error";
    }
    text += &format!(" {} B", message.body.len());
    if message.deflated {
        text += &match &inflated {
            Some(Ok(plain)) => format!(" deflated from {} B", plain.len()),
            _ => " deflated, not readable".to_owned(),
        };
    }
    if !shown.is_empty() {
        text += &format!(" {shown}");
    }
    packet["text"] = json!(text);
    packet
}

/// Bytes as text where they are some, else as hex digits.
fn readable(bytes: &[u8]) -> String {
    match str::from_utf8(bytes) {
        Ok(text) if !text.contains(is_unreadable) => shorten(text),
        _ => shorten(&hex(&bytes[..bytes.len().min(SHOWN)])),
    }
}

fn is_unreadable(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
