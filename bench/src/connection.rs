use std::{
    io::{self, Read, Write},
    time::Instant,
};

use crate::{Dialed, Exchange, Framing, Incoming, LoadError, Stream, meter::Meter};

/// An open connection with requests in flight.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: Stream,
    /// The front part of a packet that is not complete.
    received: Vec<u8>,
    /// Bytes the socket did not take.
    unsent: Vec<u8>,
    /// One bit per request id.
    in_flight: u128,
    /// When the request with each id was due.
    asked: Vec<Instant>,
}

/// What came on a connection.
#[derive(Debug, Default)]
pub(crate) struct Came {
    /// One bit per id that was answered.
    pub(crate) answered: u128,
    pub(crate) pushes: u64,
}

impl Connection {
    pub(crate) fn new(dialed: Dialed) -> Self {
        Self {
            stream: dialed.stream,
            received: dialed.received,
            unsent: Vec::new(),
            in_flight: 0,
            asked: Vec::new(),
        }
    }

    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.in_flight == 0
    }

    /// Takes the time of answers with ids up to `timed`.
    pub(crate) fn prepare(&mut self, timed: u8, now: Instant) {
        self.asked.clear();
        self.asked.resize(usize::from(timed) + 1, now);
    }

    /// An id from 1 up to `depth` that is not in flight.
    pub(crate) fn free_id(&self, depth: u8) -> Option<u8> {
        // Bit 0 is no id.
        let id = (self.in_flight | 1).trailing_ones() as u8;
        (id <= depth).then_some(id)
    }

    /// Queues what belongs to this id; it was due at `due`.
    pub(crate) fn ask(&mut self, requests: &Requests, id: u8, due: Instant) {
        if let Some(asked) = self.asked.get_mut(usize::from(id)) {
            *asked = due;
        }
        self.unsent.extend_from_slice(requests.bytes(id));
        if requests.answered {
            self.in_flight |= 1 << id;
        }
    }

    /// Reads all there is.
    pub(crate) fn receive(
        &mut self,
        number: usize,
        framing: Framing,
        exchange: &Exchange,
        scratch: &mut [u8],
        meter: &mut Meter<'_>,
    ) -> Result<Came, LoadError> {
        let mut came = Came::default();
        let now = Instant::now();
        loop {
            let kept = self.received.len();
            scratch[..kept].copy_from_slice(&self.received);
            let length = match self.stream.read(&mut scratch[kept..]) {
                Ok(0) => return Err(LoadError::Closed(number)),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let mut rest = &scratch[..kept + length];
            while let Some(found) = framing.find(rest)? {
                match exchange.read(found.kind, found.payload)? {
                    Incoming::Answer(id) => {
                        let bit = 1_u128.checked_shl(id.into()).unwrap_or(0);
                        if self.in_flight & bit == 0 {
                            return Err(LoadError::NotInFlight(id));
                        }
                        self.in_flight &= !bit;
                        came.answered |= bit;
                        if let Some(asked) = self.asked.get(usize::from(id)) {
                            meter.took(now.saturating_duration_since(*asked));
                        }
                    }
                    Incoming::Push => came.pushes += 1,
                    Incoming::Heartbeat => framing.write(found.kind, b"", &mut self.unsent),
                    Incoming::Returned => {}
                }
                rest = &rest[found.consumed..];
            }
            self.received.clear();
            self.received.extend_from_slice(rest);
            // A short read has emptied the socket; the next bytes are a new event.
            if kept + length < scratch.len() && !self.stream.buffers() {
                break;
            }
        }
        meter.count(u64::from(came.answered.count_ones()) * exchange.weight() + came.pushes);
        Ok(came)
    }

    /// Sends what is queued, as far as the socket takes it.
    pub(crate) fn send(&mut self, number: usize) -> Result<(), LoadError> {
        let mut sent = 0;
        while sent < self.unsent.len() {
            match self.stream.write(&self.unsent[sent..]) {
                Ok(0) => return Err(LoadError::Closed(number)),
                Ok(length) => sent += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.unsent.drain(..sent);
        match self.stream.flush() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// What is sent with each id from 1 on, framed, one after another, all of one length.
#[derive(Debug)]
pub(crate) struct Requests {
    bytes: Vec<u8>,
    length: usize,
    answered: bool,
}

impl Requests {
    pub(crate) fn new(framing: Framing, exchange: &Exchange, depth: u8) -> Self {
        const DATA: u8 = 4;
        let mut bytes = Vec::new();
        for id in 1..=depth {
            for payload in exchange.packets(id) {
                framing.write(DATA, &payload, &mut bytes);
            }
        }
        Self {
            length: bytes.len() / usize::from(depth),
            bytes,
            answered: exchange.is_answered(),
        }
    }

    fn bytes(&self, id: u8) -> &[u8] {
        let start = (usize::from(id) - 1) * self.length;
        &self.bytes[start..start + self.length]
    }
}
