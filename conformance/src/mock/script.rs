//! What each scripted peer does.

use std::{collections::VecDeque, io, time::Duration};

use serde_json::{Value, json};
use tokio::{
    net::TcpStream,
    time::{Instant, MissedTickBehavior, interval_at, sleep_until},
};

use super::{
    Config, Mock,
    bomb::bomb,
    handshake::{self, DICTIONARY, asked_for},
    io::{Connection, Packet},
    on_demand::{Deed, Ends, OnDemand},
    wire::{self, Message, Route},
};

/// Two bytes that start no packet (there is no type `0xff`), then what looks like the start of a large one.
const GARBAGE: &[u8] = b"\xff\xfe\x00\x00\x04\xff\xff\xffgarbage";

/// The header of a data packet of 100 bytes, and the first four of them.
const HALF_PACKET: &[u8] = b"\x04\x00\x00\x64half";

/// "Signed in elsewhere", one of the codes after which a client stays away.
const KICK_CODE: u16 = 501;

/// A code that is in no dictionary.
const UNKNOWN_CODE: u16 = 99;

/// An id that a client reaches last.
const UNKNOWN_ID: u64 = 0x7fff_ffff;

/// Answers that [`Mock::LateResponse`] keeps at most, so that a flood does not grow it; further requests stay unanswered.
const MAX_LATE: usize = 1024;

/// Plays `mock` on one connection until either side ends it.
pub(super) async fn play(
    mock: Mock,
    config: &Config,
    stream: TcpStream,
    ends: &Ends,
) -> io::Result<()> {
    let mut connection = Connection::accept(stream, mock == Mock::SplitFrames).await?;
    let Some(request) = handshake::shake(mock, config, &mut connection).await? else {
        return Ok(());
    };
    match mock {
        Mock::DropOnAck => return connection.reset(),
        Mock::Dictionary => {
            for (route, code) in &DICTIONARY[1..] {
                let body = json!({ "code": code, "route": route }).to_string();
                let push = wire::push_by_code(*code, body.as_bytes());
                connection.send(wire::packet(wire::DATA, &push)).await?;
            }
        }
        Mock::TextFrame => {
            let push = wire::push("onText", br#"{"key1":10,"key2":true}"#);
            connection
                .send_text(wire::packet(wire::DATA, &push))
                .await?;
        }
        _ => {
            if let Some(bytes) = greeting(mock, &request) {
                connection.send(bytes).await?;
            }
        }
    }
    if matches!(mock, Mock::Kick | Mock::KickWithReason | Mock::HalfFrame) {
        return connection.close().await;
    }
    converse(
        mock,
        config,
        connection,
        OnDemand::new(request, ends.clone()),
    )
    .await
}

/// What `mock` writes at the ack.
fn greeting(mock: Mock, request: &Value) -> Option<Vec<u8>> {
    let message = match mock {
        Mock::Kick => return Some(wire::packet(wire::KICK, b"")),
        Mock::KickWithReason => {
            return Some(wire::packet(wire::KICK, kick_body(request).as_bytes()));
        }
        Mock::Garbage => return Some(GARBAGE.to_vec()),
        Mock::HalfFrame => return Some(HALF_PACKET.to_vec()),
        Mock::ManyPacketsPerFrame => return Some(batch(&[])),
        Mock::Compressed => wire::deflated_push("onCompressed", br#"{"key1":10,"key2":true}"#),
        Mock::PushBomb => wire::inflating_push("onBomb", &bomb(b"")),
        Mock::UnknownRouteCode => wire::push_by_code(UNKNOWN_CODE, b"{}"),
        Mock::UnknownAnswer => wire::response(UNKNOWN_ID, b"{}"),
        _ => return None,
    };
    Some(wire::packet(wire::DATA, &message))
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
async fn converse(
    mock: Mock,
    config: &Config,
    mut connection: Connection,
    mut on_demand: OnDemand,
) -> io::Result<()> {
    let interval = config.heartbeat.max(Duration::from_millis(1));
    let mut beat = interval_at(Instant::now() + interval, interval);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let beats = !config.heartbeat.is_zero()
        && !matches!(mock, Mock::NoHeartbeat | Mock::HandshakeWithoutSys);
    let mut late: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    loop {
        let due = late.front().map(|(due, _)| *due);
        let packet = tokio::select! {
            biased;
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                if let Some((_, answer)) = late.pop_front() {
                    connection.send(answer).await?;
                }
                continue;
            }
            _ = beat.tick(), if beats => {
                connection.send(wire::packet(wire::HEARTBEAT, b"")).await?;
                continue;
            }
            packet = connection.receive() => packet,
        };
        let packet = match packet {
            Ok(Some(packet)) => packet,
            Ok(None) => {
                on_demand.ended(Ok(connection.close_code()));
                return connection.close().await;
            }
            Err(error) => {
                on_demand.ended(Err(&error));
                return Err(error);
            }
        };
        let Some(message) = message(&packet)? else {
            continue;
        };
        if mock == Mock::OnDemand {
            match on_demand.obey(&message)? {
                Deed::Nothing => {}
                Deed::Send(packets) => {
                    for packet in packets {
                        connection.send(packet).await?;
                    }
                }
                Deed::Drop => return connection.reset(),
                Deed::End(last) => {
                    if let Some(bytes) = last {
                        connection.send(bytes).await?;
                    }
                    return connection.close().await;
                }
            }
            continue;
        }
        let Some(answer) = answer(mock, &message)? else {
            continue;
        };
        match mock {
            Mock::TextFrame => connection.send_text(answer).await?,
            Mock::LateResponse if late.len() >= MAX_LATE => {}
            Mock::LateResponse => {
                late.push_back((Instant::now() + config.delay_of(mock), answer));
            }
            _ => connection.send(answer).await?,
        }
    }
}

/// The message in a packet; a heartbeat has none, and anything else is out of order.
fn message(packet: &Packet) -> io::Result<Option<Message>> {
    match packet.kind {
        wire::HEARTBEAT => Ok(None),
        wire::DATA => match wire::parse(&packet.body) {
            Ok(message) => Ok(Some(message)),
            Err(_) => Err(io::ErrorKind::InvalidData.into()),
        },
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

/// The bytes that answer a message, if it is answered.
fn answer(mock: Mock, message: &Message) -> io::Result<Option<Vec<u8>>> {
    let Some(id) = message.id else {
        return Ok(None);
    };
    let answer = match mock {
        Mock::Silent => return Ok(None),
        Mock::Compressed => {
            let body = json!({ "isCompressed": message.deflated }).to_string();
            wire::deflated_response(id, body.as_bytes())
        }
        Mock::CorruptBody => wire::corrupt_response(id),
        Mock::Dictionary => {
            let (name, by_code) = match &message.route {
                Route::Name(name) => (name.as_str(), false),
                Route::Code(code) => {
                    let entry = DICTIONARY.iter().find(|(_, known)| known == code);
                    (entry.ok_or(io::ErrorKind::InvalidData)?.0, true)
                }
            };
            let body = json!({ "byCode": by_code, "route": name }).to_string();
            wire::response(id, body.as_bytes())
        }
        _ => wire::response(id, &message.body),
    };
    Ok(Some(match mock {
        Mock::ManyPacketsPerFrame => batch(&answer),
        _ => wire::packet(wire::DATA, &answer),
    }))
}
