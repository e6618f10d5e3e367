//! A client and a server joined by a network, under virtual time that jumps to the next thing that happens.

use std::time::Duration;

use pitaya_protocol::{
    Capabilities, Dictionary, Timestamp,
    connection::{ClientConfig, Input, ServerConfig},
    handshake::Agreement,
};

use super::{
    end::{End, Policy, Seen, request_body},
    netem::{Arrival, Netem},
};

/// What a pair is made of.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) server: ServerConfig,
    pub(crate) policy: Policy,
    /// What the client offers.
    pub(crate) capabilities: Capabilities,
    /// Client to server.
    pub(crate) up: Netem,
    /// Server to client.
    pub(crate) down: Netem,
}

impl Default for Setup {
    /// Heartbeats every 30 s, no dictionary, every capability offered and granted, a perfect network.
    fn default() -> Self {
        Self {
            server: ServerConfig::default(),
            policy: Policy::Accept(Agreement::new(
                Some(Duration::from_secs(30)),
                Dictionary::default(),
                Capabilities::ALL,
            )),
            capabilities: Capabilities::ALL,
            up: Netem::perfect(),
            down: Netem::perfect(),
        }
    }
}

/// Both ends.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) now: Timestamp,
    pub(crate) client: End,
    pub(crate) server: End,
    up: Netem,
    down: Netem,
    /// How many transmits of client and server are on their way or have arrived.
    taken: [usize; 2],
    /// Whether the end of each direction is on its way or has arrived.
    ended: [bool; 2],
}

impl Pair {
    /// Both ends before the first byte is delivered.
    pub(crate) fn new(setup: Setup) -> Self {
        let Setup {
            server,
            policy,
            capabilities,
            up,
            down,
        } = setup;
        let body = request_body(capabilities);
        let config = ClientConfig::new(&body);
        Self {
            now: Timestamp::ZERO,
            client: End::client(Timestamp::ZERO, &config),
            server: End::server(Timestamp::ZERO, &server, policy),
            up,
            down,
            taken: [0; 2],
            ended: [false; 2],
        }
    }

    /// Both ends after the handshake, their events so far forgotten.
    pub(crate) fn open(setup: Setup) -> Self {
        let mut pair = Self::new(setup);
        pair.settle();
        assert!(
            pair.client.connection.is_open() && pair.server.connection.is_open(),
            "{pair:#?}"
        );
        pair.client.seen.clear();
        pair.server.seen.clear();
        pair
    }

    /// Delivers until nothing is in flight; timers that come due on the way fire.
    pub(crate) fn settle(&mut self) {
        self.advance(None);
    }

    /// Lets this much time pass.
    pub(crate) fn run(&mut self, time: Duration) {
        let until = self.now + time;
        self.advance(Some(until));
        self.now = until;
    }

    /// The next instant at which anything happens.
    fn advance(&mut self, until: Option<Timestamp>) {
        for _ in 0..1_000_000 {
            self.collect();
            let arrival = self.up.due().into_iter().chain(self.down.due()).min();
            let timer = self
                .client
                .deadline
                .into_iter()
                .chain(self.server.deadline)
                .min();
            let next = match until {
                None => arrival.map(|arrival| timer.map_or(arrival, |timer| timer.min(arrival))),
                Some(until) => arrival
                    .into_iter()
                    .chain(timer)
                    .min()
                    .filter(|next| *next <= until),
            };
            let Some(next) = next else { return };
            self.now = self.now.max(next);
            while let Some(arrival) = self.up.arrive(self.now) {
                deliver(&mut self.server, self.now, arrival);
            }
            while let Some(arrival) = self.down.arrive(self.now) {
                deliver(&mut self.client, self.now, arrival);
            }
            for end in [&mut self.client, &mut self.server] {
                if end.deadline.is_some_and(|deadline| deadline <= self.now) {
                    end.timer(self.now);
                }
            }
        }
        panic!("time does not pass");
    }

    /// Puts what both ends have sent on the network.
    fn collect(&mut self) {
        let directions = [(&self.client, &mut self.up), (&self.server, &mut self.down)];
        for (index, (end, net)) in directions.into_iter().enumerate() {
            for (at, bytes) in &end.sent[self.taken[index]..] {
                net.send(*at, &packets(bytes));
            }
            self.taken[index] = end.sent.len();
            if let Some((at, _)) = end.closed()
                && !self.ended[index]
            {
                net.end(at);
                self.ended[index] = true;
            }
        }
    }
}

fn packets(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut packets = Vec::new();
    while let Some(header) = bytes.first_chunk::<4>() {
        let length = u32::from_be_bytes([0, header[1], header[2], header[3]]) as usize;
        let (packet, rest) = bytes.split_at(4 + length);
        packets.push(packet);
        bytes = rest;
    }
    packets
}

fn deliver(end: &mut End, now: Timestamp, arrival: Arrival) {
    match arrival {
        Arrival::Bytes(bytes) => end.input(now, Input::Bytes(&bytes)),
        Arrival::Frame(frame) => end.input(now, Input::Frame(&frame)),
        Arrival::End
            if end
                .seen
                .iter()
                .any(|(_, seen)| matches!(seen, Seen::Closed(_))) => {}
        Arrival::End => end.input(now, Input::Eof),
    }
}
