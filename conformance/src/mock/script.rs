//! What each scripted peer does.

use std::{collections::VecDeque, io, time::Duration};

use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until},
};

use super::{
    Config, Mock,
    io::{Connection, Packet},
    wire::{self, Route},
};

/// The dictionary of [`Mock::Dictionary`]: codes of one byte, of two, and the greatest.
const DICTIONARY: [(&str, u16); 4] = [
    ("connector.echo", 1),
    ("some.push.route", 2),
    ("onHigh", 515),
    ("onHighest", 65_535),
];
/// Two bytes that start no packet (there is no type `0xff`), then what looks like the start of a large one.
const GARBAGE: &[u8] = b"\xff\xfe\x00\x00\x04\xff\xff\xffgarbage";

/// "Signed in elsewhere", one of the codes after which a client stays away.
const KICK_CODE: u16 = 501;

/// Plays `mock` on one connection until either side ends it.
pub(super) async fn play(mock: Mock, config: &Config, stream: TcpStream) -> io::Result<()> {
    let mut connection = Connection::accept(stream, mock == Mock::SplitFrames).await?;
    let Some(request) = handshake(mock, config, &mut connection).await? else {
        return Ok(());
    };
    match mock {
        Mock::Kick => {
            connection.send(wire::packet(wire::KICK, b"")).await?;
            return connection.close().await;
        }
        Mock::KickWithReason => {
            connection
                .send(wire::packet(wire::KICK, kick_body(&request).as_bytes()))
                .await?;
            return connection.close().await;
        }
        Mock::DropOnAck => return connection.reset(),
        Mock::Garbage => connection.send(GARBAGE.to_vec()).await?,
        Mock::Compressed => {
            let push = wire::deflated_push("onCompressed", br#"{"key1":10,"key2":true}"#);
            connection.send(wire::packet(wire::DATA, &push)).await?;
        }
        Mock::Dictionary => {
            for (route, code) in &DICTIONARY[1..] {
                let body = json!({ "code": code, "route": route }).to_string();
                connection
                    .send(wire::packet(
                        wire::DATA,
                        &wire::push_by_code(*code, body.as_bytes()),
                    ))
                    .await?;
            }
        }
        Mock::ManyPacketsPerFrame => connection.send(batch(&[])).await?,
        Mock::Silent
        | Mock::NoHeartbeat
        | Mock::SlowHandshake
        | Mock::LateResponse
        | Mock::SplitFrames => {}
    }
    converse(mock, config, connection).await
}

/// Answers the handshake and waits for the ack; returns the client's handshake, `None` when it went before the ack.
async fn handshake(
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
                let response = handshake_response(mock, config, &request).to_string();
                let response = if mock == Mock::Compressed {
                    wire::deflate(response.as_bytes())
                } else {
                    response.into_bytes()
                };
                connection
                    .send(wire::packet(wire::HANDSHAKE, &response))
                    .await?;
                answered = true;
            }
            wire::ACK if answered => return Ok(Some(request)),
            wire::HEARTBEAT => {}
            // A client that is out of order is the bug that the mock is there to show: it is dropped.
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    Ok(None)
}

fn handshake_response(mock: Mock, config: &Config, request: &Value) -> Value {
    let seconds = config.heartbeat.as_secs_f64();
    // Whole seconds are written without a fraction, as the family's servers do (wire 2.2).
    let heartbeat = if seconds.fract() == 0.0 {
        json!(config.heartbeat.as_secs())
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
        Mock::KickWithReason => "close-reason",
        Mock::Dictionary => "push-dict",
        Mock::ManyPacketsPerFrame => "many-per-frame",
        _ => return json!({ "code": 200, "sys": sys }),
    };
    if asked_for(request, granted) {
        sys["capabilities"] = json!([granted]);
    }
    json!({ "code": 200, "sys": sys })
}

fn asked_for(request: &Value, capability: &str) -> bool {
    let asked = request["sys"]["capabilities"].as_array();
    asked.is_some_and(|names| names.iter().any(|name| name == capability))
}

/// Pomelo's kick body (wire 5), with the number of the close for a client that asked for it.
fn kick_body(request: &Value) -> String {
    if asked_for(request, "close-reason") {
        json!({ "code": KICK_CODE, "reason": "kicked by the script" }).to_string()
    } else {
        json!({ "reason": "kicked by the script" }).to_string()
    }
}

/// Two pushes and a heartbeat around `message`, back to back.
fn batch(message: &[u8]) -> Vec<u8> {
    let mut bytes = wire::packet(wire::DATA, &wire::push("onFirst", br#"{"n":1}"#));
    if !message.is_empty() {
        bytes.extend(wire::packet(wire::DATA, message));
    }
    bytes.extend(wire::packet(wire::HEARTBEAT, b""));
    bytes.extend(wire::packet(
        wire::DATA,
        &wire::push("onLast", br#"{"n":2}"#),
    ));
    bytes
}

/// After the ack: heartbeats and answers, each as the script wants them.
async fn converse(mock: Mock, config: &Config, mut connection: Connection) -> io::Result<()> {
    let interval = config.heartbeat.max(Duration::from_millis(1));
    let mut beat = interval_at(Instant::now() + interval, interval);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let beats = mock != Mock::NoHeartbeat && !config.heartbeat.is_zero();
    let mut late: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    loop {
        let due = late.front().map(|(due, _)| *due);
        tokio::select! {
            biased;
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                if let Some((_, answer)) = late.pop_front() {
                    connection.send(answer).await?;
                }
            }
            _ = beat.tick(), if beats => connection.send(wire::packet(wire::HEARTBEAT, b"")).await?,
            packet = connection.receive() => {
                let Some(packet) = packet? else { return connection.close().await };
                let Some(answer) = answer(mock, &packet)? else { continue };
                if mock != Mock::LateResponse {
                    connection.send(answer).await?;
                } else if late.len() < MAX_LATE {
                    late.push_back((Instant::now() + config.delay_of(mock), answer));
                }
            }
        }
    }
}

/// Answers that [`Mock::LateResponse`] keeps at most, so that a flood does not grow it; further requests stay unanswered.
const MAX_LATE: usize = 1024;

/// The bytes that answer `packet`, if it is answered.
fn answer(mock: Mock, packet: &Packet) -> io::Result<Option<Vec<u8>>> {
    match packet.kind {
        wire::DATA => {}
        wire::HEARTBEAT => return Ok(None),
        _ => return Err(io::ErrorKind::InvalidData.into()),
    }
    let request = wire::parse(&packet.body).map_err(|_| io::ErrorKind::InvalidData)?;
    let Some(request) = request else {
        return Ok(None);
    };
    let message = match mock {
        Mock::Silent => return Ok(None),
        Mock::Compressed => {
            let body = json!({ "isCompressed": request.deflated }).to_string();
            wire::deflated_response(request.id, body.as_bytes())
        }
        Mock::Dictionary => {
            let (name, by_code) = match &request.route {
                Route::Name(name) => (name.as_str(), false),
                Route::Code(code) => {
                    let entry = DICTIONARY.iter().find(|(_, known)| known == code);
                    (entry.ok_or(io::ErrorKind::InvalidData)?.0, true)
                }
            };
            wire::response(
                request.id,
                json!({ "byCode": by_code, "route": name })
                    .to_string()
                    .as_bytes(),
            )
        }
        _ => wire::response(request.id, &request.body),
    };
    Ok(Some(match mock {
        Mock::ManyPacketsPerFrame => batch(&message),
        _ => wire::packet(wire::DATA, &message),
    }))
}
