use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    io::{self, Read, Write},
    os::fd::AsRawFd,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token, unix::SourceFd};
use pitaya_server::protocol::{Message, MessageKind};

use crate::{Dialed, Framing, LoadError, Process, Recorded, Target, arrivals, meter};

const HEARTBEAT: u8 = 3;
const DATA: u8 = 4;
/// How long the last answers are waited for.
const PATIENCE: Duration = Duration::from_secs(5);
const SCRATCH: usize = 256 * 1024;

/// How a recording is played.
#[derive(Debug, Clone, Copy)]
pub struct Replay<'a> {
    /// The session that all play.
    pub recording: &'a [Recorded],
    /// How many play it. They begin one after another, spread over the time of one session.
    pub sessions: usize,
    /// How many times as fast as it was.
    pub speed: f64,
    /// A name in its bodies that each session has with its own number behind it.
    pub name: Option<&'a str>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// Messages that were sent.
    pub sent: u64,
    /// Requests that were answered, errors included.
    pub answers: u64,
    /// Answers that are errors.
    pub errors: u64,
    /// Requests without an answer five seconds after the last message.
    pub unanswered: u64,
    /// Pushes that came.
    pub pushes: u64,
    /// Processor time of the server.
    pub server: Duration,
    /// Wall time.
    pub elapsed: Duration,
    /// Microseconds from when a request was due to its answer.
    pub latencies: Histogram<u64>,
}

struct Session {
    dialed: Dialed,
    unsent: Vec<u8>,
    /// The next message.
    next: usize,
    begins: Instant,
    /// Requests without an answer, and when they were due.
    asked: HashMap<u64, Instant>,
}

/// Opens the sessions and has them play.
///
/// # Errors
/// See [`LoadError`].
pub fn replay(
    target: &Target,
    replay: Replay<'_>,
    server: &Process,
) -> Result<Replayed, LoadError> {
    let framing = target.transport.framing();
    let mut poll = Poll::new()?;
    let open = arrivals::open(target, 0..replay.sessions)?;
    let last = replay
        .recording
        .last()
        .map_or(Duration::ZERO, |last| last.at);
    let long = last.div_f64(replay.speed);
    let (spent, start) = (server.cpu_time()?, Instant::now());
    let mut sessions = Vec::with_capacity(open.len());
    let mut turns = BinaryHeap::new();
    for (number, dialed) in open.into_iter().enumerate() {
        let socket = dialed.stream.as_raw_fd();
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry()
            .register(&mut SourceFd(&socket), Token(number), interest)?;
        let begins = start + long.mul_f64(number as f64 / replay.sessions as f64);
        turns.push(Reverse((begins, number)));
        sessions.push(Session {
            dialed,
            unsent: Vec::new(),
            next: 0,
            begins,
            asked: HashMap::new(),
        });
    }
    let mut events = Events::with_capacity(1024);
    let mut scratch = vec![0; SCRATCH];
    let mut replayed = Replayed {
        sent: 0,
        answers: 0,
        errors: 0,
        unanswered: 0,
        pushes: 0,
        server: Duration::ZERO,
        elapsed: Duration::ZERO,
        latencies: meter::latencies(),
    };
    let mut done: Option<Instant> = None;
    loop {
        poll.poll(&mut events, Some(Duration::ZERO))?;
        for event in &events {
            let number = event.token().0;
            sessions[number].receive(number, framing, &mut scratch, &mut replayed)?;
        }
        let now = Instant::now();
        while let Some(&Reverse((due, number))) = turns.peek().filter(|turn| turn.0.0 <= now) {
            turns.pop();
            if let Some(next) = sessions[number].play(number, framing, &replay, due)? {
                turns.push(Reverse((next, number)));
                replayed.sent += 1;
            }
        }
        if turns.is_empty() {
            let since = *done.get_or_insert(now);
            let waiting = sessions
                .iter()
                .map(|session| session.asked.len() as u64)
                .sum();
            if waiting == 0 || now > since + PATIENCE {
                replayed.unanswered = waiting;
                replayed.server = server.cpu_time()?.saturating_sub(spent);
                replayed.elapsed = start.elapsed();
                return Ok(replayed);
            }
        }
    }
}

impl Session {
    /// Sends the message that is due; when the next step is, or `None` after the last.
    fn play(
        &mut self,
        number: usize,
        framing: Framing,
        replay: &Replay<'_>,
        due: Instant,
    ) -> Result<Option<Instant>, LoadError> {
        let Some(recorded) = replay.recording.get(self.next) else {
            return Ok(None);
        };
        let message = match replay.name {
            Some(name) => recorded.renamed(name, &format!("{name}-{number}")),
            None => recorded.message.clone(),
        };
        framing.write(DATA, &message, &mut self.unsent);
        if let Some(id) = recorded.request() {
            self.asked.insert(id, due);
        }
        self.send(number)?;
        self.next += 1;
        let next = replay.recording.get(self.next);
        // One step beyond the last message, which sends none.
        let at = next.map_or(recorded.at, |next| next.at);
        Ok(Some(self.begins + at.div_f64(replay.speed)))
    }

    fn receive(
        &mut self,
        number: usize,
        framing: Framing,
        scratch: &mut [u8],
        replayed: &mut Replayed,
    ) -> Result<(), LoadError> {
        loop {
            let length = match self.dialed.stream.read(scratch) {
                Ok(0) => return Err(LoadError::Closed(number)),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            self.dialed.received.extend_from_slice(&scratch[..length]);
            while let Some(found) = framing.find(&self.dialed.received)? {
                match (found.kind, Message::decode(found.payload)) {
                    (HEARTBEAT, _) => framing.write(HEARTBEAT, b"", &mut self.unsent),
                    (DATA, Ok(message)) if message.kind == MessageKind::Response => {
                        if let Some(due) = self.asked.remove(&message.id) {
                            let micros = due.elapsed().as_micros() as u64;
                            replayed.latencies.saturating_record(micros);
                            replayed.answers += 1;
                            replayed.errors += u64::from(message.error);
                        }
                    }
                    (DATA, Ok(_)) => replayed.pushes += 1,
                    _ => return Err(LoadError::Closed(number)),
                }
                let consumed = found.consumed;
                self.dialed.received.drain(..consumed);
            }
        }
        self.send(number)
    }

    fn send(&mut self, number: usize) -> Result<(), LoadError> {
        while !self.unsent.is_empty() {
            match self.dialed.stream.write(&self.unsent) {
                Ok(0) => return Err(LoadError::Closed(number)),
                Ok(length) => drop(self.unsent.drain(..length)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
