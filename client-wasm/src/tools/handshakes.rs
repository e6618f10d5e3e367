//! Handshakes, capabilities, closes and error payloads, as the vectors ask for them.

use bytes::Bytes;
use pitaya_protocol::{
    Capabilities, Close, CloseCode, ErrorPayload, Serializer,
    compression::{inflate, is_compressed},
    handshake::{HandshakeRequest, HandshakeResponse},
};
use serde_json::{Map, Value, json};

use super::notation::{self, bytes, hex, names, short, text};

/// The depth that the vectors are made for.
const MAX_DEPTH: usize = 32;
/// Most bytes that a handshake inflates to.
const INFLATED: usize = 1 << 16;

fn refused() -> Value {
    json!({ "verdict": "error" })
}

pub(super) fn request(case: &Value) -> Result<Value, String> {
    let Ok(request) = HandshakeRequest::parse(&bytes(&case["body"])?, MAX_DEPTH) else {
        return Ok(refused());
    };
    let sys = &request.sys;
    let serializers: Vec<_> = sys.serializers.iter().map(|known| known.name()).collect();
    let capabilities: Vec<_> = sys.capabilities.names().collect();
    let value = json!({
        "platform": sys.platform,
        "lib_version": sys.lib_version,
        "build_number": sys.build_number,
        "version": sys.version,
        "serializers": serializers,
        "capabilities": capabilities,
        "user": request.user,
    });
    Ok(json!({ "verdict": "ok", "value": value, "written": hex(&request.to_json()) }))
}

pub(super) fn response(case: &Value) -> Result<Value, String> {
    let mut body = bytes(&case["body"])?;
    let compressed = is_compressed(&body);
    if compressed {
        body = inflate(&body, INFLATED).map_err(|error| error.to_string())?;
    }
    let Ok(response) = HandshakeResponse::parse(&body) else {
        return Ok(json!({ "compressed": compressed, "verdict": "error" }));
    };
    let sys = &response.sys;
    let dictionary: Map<String, Value> = sys
        .dictionary
        .iter()
        .map(|(route, code)| (route.to_owned(), json!(code)))
        .collect();
    let capabilities: Vec<_> = sys.capabilities.names().collect();
    let mut value = json!({
        "code": response.code,
        "heartbeat_ms": sys.heartbeat.unwrap_or_default().as_millis() as u64,
        "serializer": sys.serializer,
        "dictionary": dictionary,
        "capabilities": capabilities,
    });
    if let Some(close) = &response.close {
        value["close"] = notation::close(close);
    }
    let written = hex(&response.to_json());
    Ok(json!({ "compressed": compressed, "verdict": "ok", "value": value, "written": written }))
}

pub(super) fn capabilities(case: &Value) -> Result<Value, String> {
    let granted = Capabilities::from_names(names(&case["offered"])?) & Capabilities::ALL;
    let granted: Vec<_> = granted.names().collect();
    Ok(json!({ "granted": granted }))
}

pub(super) fn close_code(case: &Value) -> Result<Value, String> {
    let code = CloseCode::from_number(short(&case["number"])?);
    let mut outcome = json!({
        "number": code.number(),
        "named": CloseCode::NAMED.contains(&code),
        "reconnect": code.reconnect(),
        "kick": code.is_kick(),
    });
    if CloseCode::NAMED.contains(&code) {
        outcome["name"] = json!(format!("{code:?}").to_lowercase().replace('_', "-"));
    }
    Ok(outcome)
}

pub(super) fn kick(case: &Value) -> Result<Value, String> {
    let close = Close::parse_kick(&bytes(&case["body"])?);
    let mut written = Vec::new();
    close.write_json(&mut written);
    let mut outcome = notation::close(&close);
    outcome["written"] = json!(hex(&written));
    Ok(outcome)
}

fn payload(value: &Value) -> Result<ErrorPayload, String> {
    serde_json::from_value(value.clone()).map_err(|error| error.to_string())
}

fn read(serializer: Serializer, body: &Value) -> Result<Value, String> {
    let read = ErrorPayload::read(serializer, &Bytes::from(bytes(body)?));
    Ok(read.map_or_else(
        |_| refused(),
        |payload| json!({ "verdict": "ok", "value": payload }),
    ))
}

fn write(serializer: Serializer, payload: &ErrorPayload) -> String {
    let mut out = Vec::new();
    payload.write(serializer, &mut out);
    hex(&out)
}

pub(super) fn error(case: &Value) -> Result<Value, String> {
    let value = payload(&case["value"])?;
    Ok(json!({
        "json": write(Serializer::Json, &value),
        "protobuf": write(Serializer::Protobuf, &value),
        "from_json": read(Serializer::Json, &case["json"])?["value"],
        "from_protobuf": read(Serializer::Protobuf, &case["protobuf"])?["value"],
    }))
}

pub(super) fn read_error(case: &Value) -> Result<Value, String> {
    let name = text(&case["serializer"])?;
    let serializer = Serializer::from_name(name)
        .ok_or_else(|| notation::unreadable("a serializer", &case["serializer"]))?;
    read(serializer, &case["body"])
}
