//! Transcripts: one side of a whole session, input by input, under virtual time.

use std::time::Duration;

use pitaya_protocol::{
    Capabilities, Close, CloseCode, Connection, Dictionary, Message, MessageKind, Origin, RouteRef,
    Timestamp,
    connection::{ClientConfig, Event, Input, Output, ServerConfig},
    handshake::Agreement,
};
use serde_json::{Value, json};

use crate::notation::{OwnedMessage, bytes, close, hex, names};

/// What came out, in the form in which the transcripts write it.
#[derive(Debug, PartialEq)]
enum Seen {
    Transmit(String),
    Handshake(String),
    Open,
    Message(String),
    Kick(String),
    RoundTrip(u128),
    Closed {
        code: u16,
        origin: &'static str,
        retry_after: Option<Duration>,
        endpoint: Option<String>,
    },
    Wait(Option<u64>),
}

pub(crate) fn play(file: &Value) {
    let config = &file["config"];
    let size = |name: &str| {
        config[name]
            .as_u64()
            .map(|size| usize::try_from(size).expect("a size"))
    };
    let mut connection = if file["side"] == "server" {
        let mut limits = ServerConfig::default();
        limits.max_handshake_packet =
            size("max_handshake_packet").unwrap_or(limits.max_handshake_packet);
        limits.max_packet = size("max_packet").unwrap_or(limits.max_packet);
        Connection::server(Timestamp::ZERO, &limits)
    } else {
        assert_eq!(file["side"], "client");
        let body = bytes(&config["handshake"]);
        let config = ClientConfig::new(&body);
        Connection::client(Timestamp::ZERO, &config).expect("a small handshake")
    };
    for (index, step) in file["steps"].as_array().expect("steps").iter().enumerate() {
        let at = Timestamp::from_millis(step["at"].as_u64().expect("a time"));
        feed(&mut connection, at, &step["input"]);
        let seen = drain(&mut connection);
        let expected: Vec<Seen> = step["outputs"]
            .as_array()
            .expect("outputs")
            .iter()
            .map(expected)
            .collect();
        assert_eq!(seen, expected, "step {index}: {}", step["input"]);
    }
}

fn feed(connection: &mut Connection, at: Timestamp, input: &Value) {
    let (name, value) = input
        .as_object()
        .and_then(|input| input.iter().next())
        .expect("one input");
    let result = match name.as_str() {
        "start" => Ok(()),
        "bytes" => connection.handle_input(at, Input::Bytes(&bytes(value))),
        "frame" => connection.handle_input(at, Input::Frame(&bytes(value))),
        "eof" => connection.handle_input(at, Input::Eof),
        "timer" => connection.handle_input(at, Input::Timer),
        "reading" => connection.handle_input(at, Input::Reading(value.as_bool().expect("a bool"))),
        "close" => connection.handle_input(at, Input::Close(close(value))),
        "kicked" => connection.handle_input(at, Input::Kicked(close(value))),
        "send" => connection.handle_input(at, Input::Send(OwnedMessage::read(value).message())),
        "refuse" => {
            let response = value.get("response").map(bytes).unwrap_or_default();
            connection.handle_input(
                at,
                Input::Refuse {
                    close: close(value),
                    response: &response,
                },
            )
        }
        "accept" => {
            let response = value.get("response").map(bytes).unwrap_or_default();
            let codes = value["dictionary"]
                .as_object()
                .expect("a dictionary")
                .iter();
            let codes = codes.map(|(route, code)| {
                (
                    route,
                    u16::try_from(code.as_u64().expect("a code")).expect("16 bits"),
                )
            });
            let agreement = Agreement::new(
                value["heartbeat_ms"].as_u64().map(Duration::from_millis),
                Dictionary::new(codes).expect("a dictionary"),
                Capabilities::from_names(names(&value["capabilities"])),
            );
            connection.handle_input(
                at,
                Input::Accept {
                    agreement,
                    response: &response,
                },
            )
        }
        other => panic!("unknown input {other}"),
    };
    result.expect("the transcript's driver makes no mistake");
}

fn drain(connection: &mut Connection) -> Vec<Seen> {
    let mut seen = Vec::new();
    loop {
        seen.push(match connection.poll_output() {
            Output::Wait(until) => {
                seen.push(Seen::Wait(until.map(|until| until.as_micros() / 1000)));
                return seen;
            }
            Output::Transmit(transmit) => Seen::Transmit(hex(transmit.bytes)),
            Output::Event(Event::Handshake(body)) => Seen::Handshake(hex(body)),
            Output::Event(Event::Open) => Seen::Open,
            Output::Event(Event::Message(incoming)) => Seen::Message(message(Message {
                kind: incoming.kind,
                id: incoming.id,
                route: RouteRef::Name(incoming.route),
                error: incoming.error,
                deflated: incoming.deflated,
                body: incoming.body,
            })),
            Output::Event(Event::Kick(body)) => Seen::Kick(hex(body)),
            Output::Event(Event::RoundTrip(time)) => Seen::RoundTrip(time.as_millis() as u128),
            Output::Event(Event::Closed(closed)) => {
                seen_close(&closed.close, origin(closed.origin))
            }
            Output::Event(other) => panic!("the transcripts have no name for {other:?}"),
        });
    }
}

fn expected(output: &Value) -> Seen {
    let (name, value) = output
        .as_object()
        .and_then(|output| output.iter().next())
        .expect("one output");
    match name.as_str() {
        "transmit" => Seen::Transmit(hex(&bytes(value))),
        "handshake" => Seen::Handshake(hex(&bytes(value))),
        "open" => Seen::Open,
        "message" => Seen::Message(message(OwnedMessage::read(value).message())),
        "kick" => Seen::Kick(hex(&bytes(value))),
        "round_trip_ms" => Seen::RoundTrip(value.as_u64().expect("a time").into()),
        "closed" => {
            let origins = [
                Origin::Local,
                Origin::Peer,
                Origin::Fault,
                Origin::Transport,
            ];
            let name = origins
                .map(origin)
                .into_iter()
                .find(|name| value["origin"] == *name);
            seen_close(&close(value), name.expect("an origin"))
        }
        "wait" => Seen::Wait(value.as_u64()),
        other => panic!("unknown output {other}"),
    }
}

/// The reason is for people and no part of a transcript.
fn seen_close(close: &Close, origin: &'static str) -> Seen {
    // A code without a name is compared by its number as well.
    let code = CloseCode::number(close.code);
    Seen::Closed {
        code,
        origin,
        retry_after: close.retry_after().map(Into::into),
        endpoint: close.endpoint().map(str::to_owned),
    }
}

const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Local => "local",
        Origin::Peer => "peer",
        Origin::Fault => "fault",
        _ => "transport",
    }
}

fn message(message: Message<'_>) -> String {
    let kind = match message.kind {
        MessageKind::Request => "request",
        MessageKind::Notify => "notify",
        MessageKind::Response => "response",
        MessageKind::Push => "push",
    };
    let RouteRef::Name(route) = message.route else {
        panic!("events name their routes")
    };
    let (id, error, deflated) = (message.id, message.error, message.deflated);
    json!({ "kind": kind, "id": id, "route": route, "error": error, "deflated": deflated, "body": hex(message.body) })
        .to_string()
}
