//! Packets, frames, messages, compression, routes and dictionaries, as the vectors ask for them.

use pitaya_protocol::{
    Dictionary, DictionaryError, EncodeError, Framer, Message, MessageError, PacketError, Route,
    check_frame,
    compression::{InflateError, inflate, is_compressed},
    packet::{self, MAX_BODY},
};
use serde_json::{Map, Value, json};

use super::notation::{self, OwnedMessage, bytes, hex, list, packet_type, short, size, text};

/// Most bytes that a compressed body inflates to where a case says nothing else.
const INFLATED: usize = 1 << 20;

const fn packet_error(error: &PacketError) -> &'static str {
    match error {
        PacketError::UnknownType(_) => "unknown-type",
        PacketError::TooLarge { .. } => "too-large",
        PacketError::BadFrame { .. } => "bad-frame",
        _ => "partial",
    }
}

/// Takes everything that is whole out of `framer`.
fn take(framer: &mut Framer, packets: &mut Vec<Value>) -> Result<(), PacketError> {
    while let Some(found) = framer.next_packet()? {
        packets.push(notation::packet(found.kind, found.body));
    }
    Ok(())
}

pub(super) fn packets(case: &Value) -> Result<Value, String> {
    let mut written = Vec::new();
    for value in list(&case["packets"])? {
        packet::encode(
            packet_type(&value["type"])?,
            &bytes(&value["body"])?,
            &mut written,
        )
        .map_err(|error| error.to_string())?;
    }
    let (mut framer, mut packets) = (Framer::new(MAX_BODY), Vec::new());
    framer.push(&bytes(&case["bytes"])?);
    take(&mut framer, &mut packets).map_err(|error| error.to_string())?;
    Ok(json!({ "packets": packets, "bytes": hex(&written), "left": framer.pending() }))
}

pub(super) fn packet_stream(case: &Value) -> Result<Value, String> {
    let mut framer = Framer::new(size(&case["limit"], MAX_BODY)?);
    let (mut packets, mut refused) = (Vec::new(), None);
    for chunk in list(&case["chunks"])? {
        framer.push(&bytes(chunk)?);
        refused = take(&mut framer, &mut packets).err();
    }
    let then = match &refused {
        Some(error) => packet_error(error),
        None if framer.pending() > 0 => "partial",
        None => "complete",
    };
    Ok(json!({ "packets": packets, "then": then }))
}

pub(super) fn packet_refusal(case: &Value) -> Result<Value, String> {
    let body = vec![0; size(&case["body_length"], 0)?];
    let mut out = Vec::new();
    let refused = packet::encode(packet_type(&case["type"])?, &body, &mut out).is_err();
    let error = refused.then_some(if out.is_empty() {
        "too-large"
    } else {
        "written in part"
    });
    Ok(json!({ "error": error }))
}

pub(super) fn frame(case: &Value) -> Result<Value, String> {
    let frame = bytes(&case["frame"])?;
    if let Err(error) = check_frame(&frame, size(&case["limit"], MAX_BODY)?) {
        return Ok(json!({ "verdict": packet_error(&error) }));
    }
    let (mut framer, mut packets) = (Framer::new(MAX_BODY), Vec::new());
    framer.push(&frame);
    take(&mut framer, &mut packets).map_err(|error| error.to_string())?;
    Ok(json!({ "verdict": "ok", "packets": packets }))
}

pub(super) fn message(case: &Value) -> Result<Value, String> {
    let mut written = Vec::new();
    let owned = OwnedMessage::read(&case["message"])?;
    let encoded = owned.message().encode(&mut written);
    encoded.map_err(|error| error.to_string())?;
    let mut outcome = read_message(case)?;
    outcome["bytes"] = json!(hex(&written));
    Ok(outcome)
}

pub(super) fn read_message(case: &Value) -> Result<Value, String> {
    let error = match Message::decode(&bytes(&case["bytes"])?) {
        Ok(message) => return Ok(json!({ "message": notation::message(&message) })),
        Err(MessageError::Truncated(_)) => "truncated",
        Err(MessageError::UnknownKind(_)) => "unknown-kind",
        Err(MessageError::BadId) => "bad-id",
        Err(MessageError::RouteNotUtf8) => "route-not-utf8",
        Err(other) => return Err(other.to_string()),
    };
    Ok(json!({ "error": error }))
}

pub(super) fn message_refusal(case: &Value) -> Result<Value, String> {
    let mut out = Vec::new();
    let error = match OwnedMessage::read(&case["message"])?
        .message()
        .encode_packet(&mut out)
    {
        Ok(()) => None,
        Err(_) if !out.is_empty() => Some("written in part"),
        Err(EncodeError::RouteTooLong(_)) => Some("route-too-long"),
        Err(_) => Some("too-large"),
    };
    Ok(json!({ "error": error }))
}

pub(super) fn compression(case: &Value) -> Result<Value, String> {
    let stream = bytes(&case["bytes"])?;
    let sniffed = is_compressed(&stream);
    Ok(match inflate(&stream, size(&case["limit"], INFLATED)?) {
        Ok(plain) => json!({ "sniffed": sniffed, "verdict": "ok", "inflated": hex(&plain) }),
        Err(InflateError::TooLarge { .. }) => {
            json!({ "sniffed": sniffed, "verdict": "too-large" })
        }
        Err(_) => json!({ "sniffed": sniffed, "verdict": "corrupt" }),
    })
}

pub(super) fn sniffing(case: &Value) -> Result<Value, String> {
    Ok(json!({ "compressed": is_compressed(&bytes(&case["bytes"])?) }))
}

pub(super) fn route(case: &Value) -> Result<Value, String> {
    let Ok(route) = Route::parse(text(&case["route"])?) else {
        return Ok(json!({ "verdict": "error" }));
    };
    let mut outcome = json!({ "verdict": "ok", "service": route.service, "method": route.method });
    if let Some(server) = route.server {
        outcome["server"] = json!(server);
    }
    Ok(outcome)
}

pub(super) fn dictionary(case: &Value) -> Result<Value, String> {
    let mut entries = Vec::new();
    for entry in list(&case["entries"])? {
        entries.push((text(&entry[0])?, short(&entry[1])?));
    }
    let dictionary = match Dictionary::new(entries) {
        Ok(dictionary) => dictionary,
        Err(error) => {
            let verdict = match error {
                DictionaryError::DuplicateRoute(_) => "duplicate-route",
                DictionaryError::DuplicateCode { .. } => "duplicate-code",
                _ => "bad-route",
            };
            return Ok(json!({ "verdict": verdict }));
        }
    };
    let (mut codes, mut routes) = (Map::new(), Map::new());
    for (route, _) in notation::members(&case["codes"])? {
        codes.insert(route.clone(), json!(dictionary.code(&route)));
    }
    for (code, _) in notation::members(&case["routes"])? {
        let number = code.parse().map_err(|_| format!("{code:?} is no code"))?;
        routes.insert(code, json!(dictionary.route(number)));
    }
    Ok(json!({ "verdict": "ok", "codes": codes, "routes": routes }))
}
