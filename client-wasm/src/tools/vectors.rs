//! The codecs as the vectors ask for them.

use serde_json::Value;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{codecs, handshakes};

/// What the codecs make of a case of a vector file: its outcome has the members that the case has, and a few more where a case is
/// checked in both directions. `case` and the outcome are JSON text.
///
/// | format | of the case | outcome |
/// | --- | --- | --- |
/// | `packets` | `bytes`, `packets` | `packets` read from the bytes, `bytes` written from the packets, `left` over |
/// | `packet-streams` | `chunks`, `limit` | `packets`, `then` |
/// | `packet-refusals` | `type`, `body_length` | `error`, `null` where it was taken |
/// | `frames` | `frame`, `limit` | `verdict`, `packets` |
/// | `messages` | `bytes`, `message` | `message` read from the bytes, `bytes` written from the message |
/// | `messages-tolerated`, `messages-malformed` | `bytes` | `message` or `error` |
/// | `message-refusals` | `message` | `error`, `null` where it was taken |
/// | `compression` | `bytes`, `limit` | `sniffed`, `verdict`, `inflated` |
/// | `sniffing` | `bytes` | `compressed` |
/// | `routes` | `route` | `verdict`, `server`, `service`, `method` |
/// | `dictionaries` | `entries`, `codes`, `routes` | `verdict`, and what its routes and codes were looked up as |
/// | `errors` | `value`, `json`, `protobuf` | `json` and `protobuf` written, `from_json` and `from_protobuf` read |
/// | `errors-tolerated` | `serializer`, `body` | `verdict`, `value` |
/// | `handshake-requests` | `body` | `verdict`, `value`, `written` |
/// | `handshake-responses` | `body` | `compressed`, `verdict`, `value`, `written` |
/// | `capabilities` | `offered` | `granted` |
/// | `close-codes` | `number` | `number`, `named`, `name`, `reconnect`, `kick` |
/// | `kicks` | `body` | `code`, `reason`, `retry_after_ms`, `endpoint`, `written` |
///
/// Messages and handshakes are given with all their members. `written` is the body that the value writes.
///
/// # Errors
///
/// A text for a format that there is not, and for a case that cannot be read.
#[wasm_bindgen]
pub fn evaluate(format: &str, case: &str) -> Result<String, String> {
    let case: Value = serde_json::from_str(case).map_err(|error| error.to_string())?;
    let outcome = match format {
        "packets" => codecs::packets(&case),
        "packet-streams" => codecs::packet_stream(&case),
        "packet-refusals" => codecs::packet_refusal(&case),
        "frames" => codecs::frame(&case),
        "messages" => codecs::message(&case),
        "messages-tolerated" | "messages-malformed" => codecs::read_message(&case),
        "message-refusals" => codecs::message_refusal(&case),
        "compression" => codecs::compression(&case),
        "sniffing" => codecs::sniffing(&case),
        "routes" => codecs::route(&case),
        "dictionaries" => codecs::dictionary(&case),
        "errors" => handshakes::error(&case),
        "errors-tolerated" => handshakes::read_error(&case),
        "handshake-requests" => handshakes::request(&case),
        "handshake-responses" => handshakes::response(&case),
        "capabilities" => handshakes::capabilities(&case),
        "close-codes" => handshakes::close_code(&case),
        "kicks" => handshakes::kick(&case),
        other => Err(format!("there are no vectors of the format {other:?}")),
    };
    Ok(outcome?.to_string())
}
