use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token};

use crate::{
    DialError, Dialed, Exchange, Framing, FramingError, MAX_DEPTH, Mismatch, Process, Stream,
    Target, dial,
};

/// Many connections to one server, driven by one thread over the kernel's readiness queue.
///
/// The loop is kept as cheap as it can be made (requests are built once, one read and one write
/// per wake-up), so that a server on another core is the one that is busy.
#[derive(Debug)]
pub struct Fleet {
    poll: Poll,
    events: Events,
    framing: Framing,
    connections: Vec<Connection>,
    scratch: Vec<u8>,
}

/// What a [`Fleet`] is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The request and its answer.
    pub exchange: &'a Exchange,
    /// Requests in flight on every connection, 1 to [`MAX_DEPTH`].
    pub depth: u8,
    /// Time before the measured window.
    pub warm_up: Duration,
    /// The measured window.
    pub window: Duration,
}

/// What happened in the measured window.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Verified answers.
    pub answers: u64,
    /// Processor time of each server process, in the order in which they were named.
    pub servers: Vec<Duration>,
    /// Processor time of the driver.
    pub driver: Duration,
    /// Wall time.
    pub elapsed: Duration,
    /// Microseconds from each request to its answer, as the driver saw them.
    pub latencies: Vec<u32>,
}

impl Sample {
    /// Processor time of all server processes.
    #[must_use]
    pub fn server(&self) -> Duration {
        self.servers.iter().sum()
    }

    /// The same per answer, in nanoseconds.
    #[must_use]
    pub fn server_nanos(&self) -> f64 {
        self.server().as_secs_f64() * 1e9 / self.answers as f64
    }

    /// Processor time per answer of the server process with this index, in microseconds.
    ///
    /// # Panics
    /// There are not so many.
    #[must_use]
    pub fn micros(&self, process: usize) -> f64 {
        self.servers[process].as_secs_f64() * 1e6 / self.answers as f64
    }

    /// Answers per second of wall time.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.answers as f64 / self.elapsed.as_secs_f64()
    }
}

/// Why a load run was given up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A connection could not be opened.
    #[error("connection {number} could not be opened")]
    Dial {
        /// Which one, from zero.
        number: usize,
        /// Why.
        source: DialError,
    },
    /// An encrypted connection was asked for: requests are driven unencrypted only.
    #[error("load is driven over tcp and ws only")]
    Encrypted,
    /// A depth outside 1 to [`MAX_DEPTH`].
    #[error("{0} requests in flight are not between 1 and {MAX_DEPTH}")]
    Depth(u8),
    /// The sockets, the readiness queue or the process account failed.
    #[error("driving the connections failed")]
    Io(#[from] io::Error),
    /// The server closed a connection.
    #[error("the server closed connection {0}")]
    Closed(usize),
    /// The bytes of a connection are not packets.
    #[error("the server's bytes are not packets")]
    Framing(#[from] FramingError),
    /// A packet that no request asked for.
    #[error("a request was answered wrongly")]
    Answer(#[from] Mismatch),
    /// An answer to a request that is not in flight.
    #[error("request {0} was answered without being in flight")]
    NotInFlight(u8),
    /// No connection made progress for five seconds.
    #[error("no answer came for five seconds")]
    Stalled,
}

#[derive(Debug)]
struct Connection {
    socket: mio::net::TcpStream,
    /// The front part of a packet that is not complete.
    received: Vec<u8>,
    /// Bytes the socket did not take.
    unsent: Vec<u8>,
    /// One bit per request id.
    in_flight: u128,
    /// When the request with each id was made.
    asked: Vec<Instant>,
}

/// Holds the longest packet twice: what is kept of one and what is read next.
const SCRATCH: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

impl Fleet {
    /// Opens `count` connections, one after another.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn open(target: &Target, count: usize) -> Result<Self, LoadError> {
        let poll = Poll::new()?;
        let mut connections = Vec::with_capacity(count);
        for number in 0..count {
            let Dialed { stream, received } =
                dial(target, number).map_err(|source| LoadError::Dial { number, source })?;
            let Stream::Plain(socket) = stream else {
                return Err(LoadError::Encrypted);
            };
            connections.push(Connection::register(&poll, number, socket, received)?);
        }
        Ok(Self {
            poll,
            events: Events::with_capacity(1024),
            framing: target.transport.framing(),
            connections,
            scratch: vec![0; SCRATCH],
        })
    }

    /// Keeps the planned number of requests in flight for the planned time and waits for what is
    /// still in flight at the end.
    ///
    /// # Errors
    /// See [`LoadError`]; connections are of no use after one.
    pub fn run(&mut self, plan: Plan<'_>, servers: &[Process]) -> Result<Sample, LoadError> {
        let ids = 1..=plan.depth;
        if !(1..=MAX_DEPTH).contains(&plan.depth) {
            return Err(LoadError::Depth(plan.depth));
        }
        let requests = Requests::new(self.framing, plan.exchange, plan.depth);
        let start = Instant::now();
        for (number, connection) in self.connections.iter_mut().enumerate() {
            connection.asked = vec![start; usize::from(plan.depth) + 1];
            for id in ids.clone() {
                connection.ask(&requests, id, start);
            }
            connection.send(number)?;
        }

        let driver = Process::own();
        let mut answers = 0;
        let mut latencies = Vec::new();
        let mut window: Option<(Instant, u64, Vec<Duration>, Duration)> = None;
        let mut sample: Option<Sample> = None;
        let mut due = Instant::now() + plan.warm_up;
        let mut progress = Instant::now();
        loop {
            // Never asleep: who sends to a sleeping process pays for waking it, 100 ns a request and
            // more, and it is the slower of two servers that finds the driver asleep more often.
            self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
            let now = Instant::now();
            if sample.is_none() && now >= due {
                let spent: io::Result<Vec<_>> = servers.iter().map(Process::cpu_time).collect();
                let (spent, driver) = (spent?, driver.cpu_time()?);
                match window.take() {
                    None => {
                        latencies.clear();
                        window = Some((now, answers, spent, driver));
                        due = now + plan.window;
                    }
                    Some((start, answers_then, spent_then, driver_then)) => {
                        let both = spent.iter().zip(&spent_then);
                        sample = Some(Sample {
                            answers: answers - answers_then,
                            servers: both.map(|(now, then)| now.saturating_sub(*then)).collect(),
                            driver: driver.saturating_sub(driver_then),
                            elapsed: now - start,
                            latencies: std::mem::take(&mut latencies),
                        });
                    }
                }
            }
            let before = answers;
            for event in &self.events {
                let number = event.token().0;
                let connection = &mut self.connections[number];
                let again = sample.is_none().then_some(&requests);
                answers += connection.serve(
                    number,
                    self.framing,
                    plan.exchange,
                    again,
                    &mut self.scratch,
                    &mut latencies,
                )?;
            }
            if answers > before {
                progress = now;
            } else if now > progress + PATIENCE {
                return Err(LoadError::Stalled);
            }
            let idle = |connection: &Connection| connection.in_flight == 0;
            if let Some(sample) = sample.take_if(|_| self.connections.iter().all(idle)) {
                return Ok(sample);
            }
        }
    }
}

impl Connection {
    fn register(
        poll: &Poll,
        number: usize,
        socket: TcpStream,
        received: Vec<u8>,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let mut socket = mio::net::TcpStream::from_std(socket);
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry()
            .register(&mut socket, Token(number), interest)?;
        Ok(Self {
            socket,
            received,
            unsent: Vec::new(),
            in_flight: 0,
            asked: Vec::new(),
        })
    }

    fn ask(&mut self, requests: &Requests, id: u8, now: Instant) {
        self.asked[usize::from(id)] = now;
        self.unsent.extend_from_slice(requests.bytes(id));
        self.in_flight |= 1 << id;
    }

    /// Reads all there is, sends a request for each answer when there are some to send, and
    /// says how many answers came.
    fn serve(
        &mut self,
        number: usize,
        framing: Framing,
        exchange: &Exchange,
        again: Option<&Requests>,
        scratch: &mut [u8],
        latencies: &mut Vec<u32>,
    ) -> Result<u64, LoadError> {
        let mut answers = 0;
        let now = Instant::now();
        loop {
            let kept = self.received.len();
            scratch[..kept].copy_from_slice(&self.received);
            let length = match self.socket.read(&mut scratch[kept..]) {
                Ok(0) => return Err(LoadError::Closed(number)),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let mut rest = &scratch[..kept + length];
            let mut answered = 0_u128;
            while let Some(found) = framing.find(rest)? {
                if let Some(id) = exchange.answered(found.kind, found.payload)? {
                    let bit = 1_u128.checked_shl(id.into()).unwrap_or(0);
                    if self.in_flight & bit == 0 {
                        return Err(LoadError::NotInFlight(id));
                    }
                    self.in_flight &= !bit;
                    answered |= bit;
                    answers += 1;
                    let latency = now.duration_since(self.asked[usize::from(id)]);
                    latencies.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
                }
                rest = &rest[found.consumed..];
            }
            self.received.clear();
            self.received.extend_from_slice(rest);
            // Only now, so that a second answer to one request is seen as what it is.
            if let Some(requests) = again {
                while answered != 0 {
                    self.ask(requests, answered.trailing_zeros() as u8, now);
                    answered &= answered - 1;
                }
            }
            if kept + length < scratch.len() {
                // A short read has emptied the socket; the next bytes are a new event.
                break;
            }
        }
        self.send(number)?;
        Ok(answers)
    }

    fn send(&mut self, number: usize) -> Result<(), LoadError> {
        let mut sent = 0;
        while sent < self.unsent.len() {
            match self.socket.write(&self.unsent[sent..]) {
                Ok(0) => return Err(LoadError::Closed(number)),
                Ok(length) => sent += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.unsent.drain(..sent);
        Ok(())
    }
}

/// The framed requests with ids from 1 on, one after another, all of one length.
#[derive(Debug)]
struct Requests {
    bytes: Vec<u8>,
    length: usize,
}

impl Requests {
    fn new(framing: Framing, exchange: &Exchange, depth: u8) -> Self {
        let mut bytes = Vec::new();
        for id in 1..=depth {
            framing.write(4, &exchange.request(id), &mut bytes);
        }
        Self {
            length: bytes.len() / usize::from(depth),
            bytes,
        }
    }

    fn bytes(&self, id: u8) -> &[u8] {
        let start = (usize::from(id) - 1) * self.length;
        &self.bytes[start..start + self.length]
    }
}
