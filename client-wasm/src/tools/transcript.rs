//! One side of a connection, step by step, as the transcripts write it.

use std::time::Duration;

use pitaya_protocol::{
    Capabilities, Connection, Message, Origin, RouteRef, Timestamp,
    connection::{ClientConfig, Event, Incoming, Input, Output, ServerConfig},
    handshake::Agreement,
};
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use super::notation::{
    OwnedMessage, bytes, close, dictionary, hex, message, names, read_close, size, unreadable,
};

/// One side of a connection that is made at time 0. Inputs and outputs are those of `conformance/vectors/transcripts`, bytes as hex digits.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Transcript(Connection);

#[wasm_bindgen]
impl Transcript {
    /// The `client` or the `server`, with a `config` in JSON text.
    ///
    /// # Errors
    ///
    /// A text for a side or a config that there is not.
    #[wasm_bindgen(constructor)]
    pub fn new(side: &str, config: &str) -> Result<Self, String> {
        let config = parse(config)?;
        if side == "server" {
            let mut limits = ServerConfig::default();
            limits.max_handshake_packet =
                size(&config["max_handshake_packet"], limits.max_handshake_packet)?;
            limits.max_packet = size(&config["max_packet"], limits.max_packet)?;
            return Ok(Self(Connection::server(Timestamp::ZERO, &limits)));
        }
        if side != "client" {
            return Err(format!("{side:?} is no side"));
        }
        let handshake = bytes(&config["handshake"])?;
        let mut settings = ClientConfig::new(&handshake);
        settings.max_packet = size(&config["max_packet"], settings.max_packet)?;
        let connection = Connection::client(Timestamp::ZERO, &settings);
        connection.map(Self).map_err(|error| error.to_string())
    }

    /// Takes an input in, `at` milliseconds, and returns everything that comes out: a list in JSON text that ends with a `wait`.
    ///
    /// # Errors
    ///
    /// A text for an input that there is not, and for one that the state does not allow.
    pub fn step(&mut self, at: f64, input: &str) -> Result<String, String> {
        let input = parse(input)?;
        let entry = input
            .as_object()
            .and_then(|members| members.iter().next())
            .ok_or_else(|| unreadable("an input", &input))?;
        self.feed(Timestamp::from_millis(at as u64), entry.0, entry.1)?;
        let mut outputs = Vec::new();
        loop {
            let output = match self.0.poll_output() {
                Output::Wait(until) => {
                    let until = until.map(|until| until.as_micros() / 1000);
                    outputs.push(json!({ "wait": until }));
                    return Ok(Value::Array(outputs).to_string());
                }
                Output::Transmit(transmit) => json!({ "transmit": hex(transmit.bytes) }),
                Output::Event(event) => happened(event),
            };
            outputs.push(output);
        }
    }
}

impl Transcript {
    fn feed(&mut self, at: Timestamp, name: &str, value: &Value) -> Result<(), String> {
        let (data, response, agreement, owned);
        let input = match name {
            "start" => return Ok(()),
            "bytes" | "frame" => {
                data = bytes(value)?;
                match name {
                    "bytes" => Input::Bytes(&data),
                    _ => Input::Frame(&data),
                }
            }
            "eof" => Input::Eof,
            "timer" => Input::Timer,
            "reading" => Input::Reading(value == true),
            "close" => Input::Close(read_close(value)?),
            "kicked" => Input::Kicked(read_close(value)?),
            "send" => {
                owned = OwnedMessage::read(value)?;
                Input::Send(owned.message())
            }
            "accept" => {
                response = response_of(value)?;
                agreement = Agreement::new(
                    value["heartbeat_ms"].as_u64().map(Duration::from_millis),
                    dictionary(&value["dictionary"])?,
                    Capabilities::from_names(names(&value["capabilities"])?),
                );
                Input::Accept {
                    agreement,
                    response: &response,
                }
            }
            "refuse" => {
                response = response_of(value)?;
                Input::Refuse {
                    close: read_close(value)?,
                    response: &response,
                }
            }
            other => return Err(format!("there is no input {other:?}")),
        };
        let taken = self.0.handle_input(at, input);
        taken.map_err(|error| error.to_string())
    }
}

fn parse(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// The body of a server's response; a client gives none.
fn response_of(value: &Value) -> Result<Vec<u8>, String> {
    value.get("response").map_or(Ok(Vec::new()), bytes)
}

fn happened(event: Event<'_>) -> Value {
    match event {
        Event::Handshake(body) => json!({ "handshake": hex(body) }),
        Event::Open => json!({ "open": true }),
        Event::Message(incoming) => json!({ "message": message(&whole(&incoming)) }),
        Event::Kick(body) => json!({ "kick": hex(body) }),
        Event::RoundTrip(time) => json!({ "round_trip_ms": time.as_millis() as u64 }),
        Event::Closed(closed) => {
            let mut value = close(&closed.close);
            value["origin"] = json!(match closed.origin {
                Origin::Local => "local",
                Origin::Peer => "peer",
                Origin::Fault => "fault",
                _ => "transport",
            });
            json!({ "closed": value })
        }
        other => json!({ "unknown": format!("{other:?}") }),
    }
}

fn whole<'a>(incoming: &Incoming<'a>) -> Message<'a> {
    Message {
        kind: incoming.kind,
        id: incoming.id,
        route: RouteRef::Name(incoming.route),
        error: incoming.error,
        deflated: incoming.deflated,
        body: incoming.body,
    }
}
