//! What [`Mock::OnDemand`](super::Mock::OnDemand) does on request.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json};

use super::wire::{self, Message, Route};

/// Messages and ends that are remembered, so that a flood does not grow the memory. Later messages are not told, earlier ends are forgotten.
const MAX_REMEMBERED: usize = 1024;
/// A body is remembered up to this length.
const MAX_BODY: usize = 256;

/// How the clients of a listener ended their connections, the latest last.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends(Arc<Mutex<VecDeque<String>>>);

impl Ends {
    fn add(&self, end: Result<Option<u16>, &io::Error>) {
        let end = match end {
            Ok(Some(code)) => format!("closed {code}"),
            Ok(None) => "ended".to_owned(),
            Err(_) => "failed".to_owned(),
        };
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ends.len() == MAX_REMEMBERED {
            ends.pop_front();
        }
        ends.push_back(end);
    }

    fn told(&self) -> Value {
        json!(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What a message leads to.
pub(super) enum Deed {
    Nothing,
    /// These bytes, each in a write of its own.
    Send(Vec<Vec<u8>>),
    /// A TCP reset.
    Drop,
    /// These bytes, then the end of the connection.
    End(Option<Vec<u8>>),
}

/// One connection of the script.
pub(super) struct OnDemand {
    handshake: Value,
    received: Vec<Value>,
    ends: Ends,
}

impl OnDemand {
    pub(super) const fn new(handshake: Value, ends: Ends) -> Self {
        Self {
            handshake,
            received: Vec::new(),
            ends,
        }
    }

    /// Obeys a message; one on no route of the script's own is remembered, and answered with its own body.
    pub(super) fn obey(&mut self, message: &Message) -> io::Result<Deed> {
        let Route::Name(route) = &message.route else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let Some(verb) = route.strip_prefix("mock.") else {
            self.remember(message.id, route, &message.body);
            return Ok(answer(message.id, &message.body));
        };
        Ok(match verb {
            "drop" => Deed::Drop,
            "end" => Deed::End(None),
            "kick" => Deed::End(Some(wire::packet(wire::KICK, &message.body))),
            "silent" => Deed::Nothing,
            "broken" => answer(message.id, b"{"),
            "fail" => match message.id {
                Some(id) => data(&[wire::error(id, &message.body)]),
                None => Deed::Nothing,
            },
            "push" => {
                let mut messages = vec![wire::push("onPush", &message.body)];
                messages.extend(message.id.map(|id| wire::response(id, &message.body)));
                data(&messages)
            }
            "received" => answer(message.id, json!(self.received).to_string().as_bytes()),
            "handshake" => answer(message.id, self.handshake.to_string().as_bytes()),
            "ends" => answer(message.id, self.ends.told().to_string().as_bytes()),
            // A test that asks for what is not there has to fail at once.
            _ => return Err(io::ErrorKind::InvalidInput.into()),
        })
    }

    /// Remembers how the client ended the connection: with the code of a WebSocket close, without one, or by a failure.
    pub(super) fn ended(&self, end: Result<Option<u16>, &io::Error>) {
        self.ends.add(end);
    }

    fn remember(&mut self, id: Option<u64>, route: &str, body: &[u8]) {
        if self.received.len() < MAX_REMEMBERED {
            let kind = if id.is_some() { "request" } else { "notify" };
            let body = String::from_utf8_lossy(&body[..body.len().min(MAX_BODY)]);
            self.received
                .push(json!({ "kind": kind, "route": route, "body": body }));
        }
    }
}

fn answer(id: Option<u64>, body: &[u8]) -> Deed {
    id.map_or(Deed::Nothing, |id| data(&[wire::response(id, body)]))
}

fn data(messages: &[Vec<u8>]) -> Deed {
    let packets = messages
        .iter()
        .map(|message| wire::packet(wire::DATA, message));
    Deed::Send(packets.collect())
}
