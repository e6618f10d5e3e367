//! The handshake, as each script answers it.

use std::{io, time::Duration};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    Config, Mock,
    bomb::bomb,
    io::{Connection, Packet},
    wire,
};

/// The dictionary of [`Mock::Dictionary`]: codes of one byte, of two, and the greatest.
pub(super) const DICTIONARY: [(&str, u16); 4] = [
    ("connector.echo", 1),
    ("some.push.route", 2),
    ("onHigh", 515),
    ("onHighest", 65_535),
];

/// How a client takes a refusal that says why: "refused by the server".
const REFUSED: u16 = 502;

/// Answers the handshake and waits for the ack; returns the client's handshake, `None` when it went before the ack.
pub(super) async fn shake(
    mock: Mock,
    config: &Config,
    connection: &mut Connection,
) -> io::Result<Option<Value>> {
    let mut request = Value::Null;
    let mut answered = false;
    while let Some(Packet { kind, body }) = connection.receive().await? {
        match kind {
            wire::HANDSHAKE if !answered => {
                request = serde_json::from_slice(&body)?;
                if mock == Mock::SlowHandshake {
                    sleep(config.delay_of(mock)).await;
                }
                let response = response(mock, config.heartbeat, &request);
                connection
                    .send(wire::packet(wire::HANDSHAKE, &response))
                    .await?;
                answered = true;
            }
            wire::ACK if answered && !refuses(mock) => return Ok(Some(request)),
            wire::HEARTBEAT => {}
            // A client that is out of order is the bug that the mock is there to show: it is dropped.
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    Ok(None)
}

/// Whether the handshake is the end: an ack after it is out of order.
const fn refuses(mock: Mock) -> bool {
    matches!(
        mock,
        Mock::Refused | Mock::TooOld | Mock::HandshakeNotJson | Mock::HandshakeBomb
    )
}

fn response(mock: Mock, heartbeat: Duration, request: &Value) -> Vec<u8> {
    let value = match mock {
        Mock::HandshakeNotJson => return b"not json".to_vec(),
        Mock::HandshakeWithoutSys => json!({ "code": 200 }),
        Mock::Refused if asked_for(request, "close-reason") => {
            let close = json!({ "code": REFUSED, "reason": "refused by the script" });
            json!({ "close": close, "code": 400, "sys": {} })
        }
        Mock::Refused => json!({ "code": 400, "sys": {} }),
        Mock::TooOld => json!({ "code": 501, "sys": {} }),
        _ => acceptance(mock, heartbeat, request),
    };
    let body = value.to_string().into_bytes();
    match mock {
        Mock::Compressed => wire::deflate(&body),
        // Blanks after the JSON: a client without a limit would take it.
        Mock::HandshakeBomb => bomb(&body),
        _ => body,
    }
}

fn acceptance(mock: Mock, heartbeat: Duration, request: &Value) -> Value {
    let seconds = heartbeat.as_secs_f64();
    // Whole seconds are written without a fraction, as the family's servers do (wire 2.2).
    let heartbeat = if seconds.fract() == 0.0 {
        json!(heartbeat.as_secs())
    } else {
        json!(seconds)
    };
    let mut dictionary = json!({});
    if mock == Mock::Dictionary {
        for (route, code) in DICTIONARY {
            dictionary[route] = json!(code);
        }
    }
    let mut sys = json!({ "dict": dictionary, "heartbeat": heartbeat, "serializer": "json" });
    let granted = match mock {
        Mock::KickWithReason | Mock::OnDemand => "close-reason",
        Mock::Dictionary => "push-dict",
        Mock::ManyPacketsPerFrame => "many-per-frame",
        _ => return json!({ "code": 200, "sys": sys }),
    };
    if asked_for(request, granted) {
        sys["capabilities"] = json!([granted]);
    }
    json!({ "code": 200, "sys": sys })
}

/// Whether the client's handshake asks for a capability.
pub(super) fn asked_for(request: &Value, capability: &str) -> bool {
    let asked = request["sys"]["capabilities"].as_array();
    asked.is_some_and(|names| names.iter().any(|name| name == capability))
}
