//! A network between two ends: it splits, delays and cuts, but keeps order, as a stream does.

use std::{collections::VecDeque, time::Duration};

use pitaya_protocol::Timestamp;

/// What arrives.
#[derive(Debug, PartialEq)]
pub(crate) enum Arrival {
    Bytes(Vec<u8>),
    Frame(Vec<u8>),
    End,
}

/// One direction of a link. The same seed gives the same splits and delays.
#[derive(Debug)]
pub(crate) struct Netem {
    random: u64,
    splits: bool,
    frames: bool,
    delay: Duration,
    jitter: Duration,
    /// From when on nothing arrives any more, without a word.
    dead_from: Option<Timestamp>,
    flying: VecDeque<(Timestamp, Arrival)>,
}

impl Netem {
    /// A link that delivers everything at once and whole.
    pub(crate) const fn perfect() -> Self {
        Self {
            random: 0,
            splits: false,
            frames: false,
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            dead_from: None,
            flying: VecDeque::new(),
        }
    }

    /// A stream that splits anywhere and delays each piece by up to `jitter`.
    pub(crate) const fn splitting(seed: u64, jitter: Duration) -> Self {
        let mut netem = Self::perfect();
        netem.random = seed;
        netem.splits = true;
        netem.jitter = jitter;
        netem
    }

    /// With this delay for everything.
    pub(crate) const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// As WebSocket: each packet is a message.
    pub(crate) const fn frames(mut self) -> Self {
        self.frames = true;
        self
    }

    /// Swallows what is sent from `from` on.
    pub(crate) const fn dead_from(mut self, from: Timestamp) -> Self {
        self.dead_from = Some(from);
        self
    }

    /// SplitMix64: small, and good enough to find places to split.
    fn next(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below.max(1)
    }

    fn fly(&mut self, now: Timestamp, arrival: Arrival) {
        if self.dead_from.is_some_and(|from| now >= from) {
            return;
        }
        let jitter = u64::try_from(self.jitter.as_micros()).expect("a short time");
        let jitter = Duration::from_micros(self.next(jitter + 1));
        let due = now + self.delay + jitter;
        let due = self.flying.back().map_or(due, |(last, _)| due.max(*last));
        self.flying.push_back((due, arrival));
    }

    /// Sends one transmit.
    pub(crate) fn send(&mut self, now: Timestamp, packets: &[&[u8]]) {
        if self.frames {
            for packet in packets {
                self.fly(now, Arrival::Frame(packet.to_vec()));
            }
            return;
        }
        let mut bytes = packets.concat();
        while !bytes.is_empty() {
            let length = bytes.len();
            let piece = if self.splits {
                1 + self.next(length.min(40) as u64) as usize
            } else {
                length
            };
            let rest = bytes.split_off(piece);
            self.fly(now, Arrival::Bytes(bytes));
            bytes = rest;
        }
    }

    /// Ends the direction in order.
    pub(crate) fn end(&mut self, now: Timestamp) {
        self.fly(now, Arrival::End);
    }

    /// When the next piece arrives.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.flying.front().map(|(due, _)| *due)
    }

    /// The next piece, if it is there.
    pub(crate) fn arrive(&mut self, now: Timestamp) -> Option<Arrival> {
        if self.due()? > now {
            return None;
        }
        self.flying.pop_front().map(|(_, arrival)| arrival)
    }
}
