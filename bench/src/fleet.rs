use std::{
    ops::Range,
    os::fd::AsRawFd,
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, unix::SourceFd};

use crate::{
    Exchange, Framing, LoadError, MAX_DEPTH, Process, Sample, Target, arrivals,
    connection::{Connection, Requests},
    meter::Meter,
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

/// How requests are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// So many are in flight on every connection, 1 to [`MAX_DEPTH`]: an answer is followed by the
    /// next request.
    InFlight(u8),
    /// So many a second, evenly, by all connections in turn. A latency counts from when the request
    /// was due and not from when it could be sent, so that a server that stalls does not hide it.
    PerSecond(u32),
    /// The first connection makes one whenever the last has been answered and so many pushes have
    /// come to every connection.
    Broadcast(u32),
    /// None: heartbeats are answered.
    Rest,
}

/// What a [`Fleet`] is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The request and its answer.
    pub exchange: &'a Exchange,
    /// How requests are made.
    pub work: Work,
    /// Time before the measured window.
    pub warm_up: Duration,
    /// The measured window.
    pub window: Duration,
}

/// Holds the longest packet twice: what is kept of one and what is read next.
const SCRATCH: usize = 256 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

impl Fleet {
    /// Opens the connections with these numbers.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn open(target: &Target, numbers: Range<usize>) -> Result<Self, LoadError> {
        let poll = Poll::new()?;
        let dialed = arrivals::open(target, numbers)?;
        let connections: Vec<_> = dialed.into_iter().map(Connection::new).collect();
        for (number, connection) in connections.iter().enumerate() {
            let socket = connection.stream().as_raw_fd();
            let interest = Interest::READABLE | Interest::WRITABLE;
            poll.registry()
                .register(&mut SourceFd(&socket), Token(number), interest)?;
        }
        Ok(Self {
            poll,
            events: Events::with_capacity(1024),
            framing: target.transport.framing(),
            connections,
            scratch: vec![0; SCRATCH],
        })
    }

    /// Works as planned and waits for what is still due at the end.
    ///
    /// # Errors
    /// See [`LoadError`]; connections are of no use after one.
    pub fn run(&mut self, plan: Plan<'_>, servers: &[Process]) -> Result<Sample, LoadError> {
        let depth = match plan.work {
            Work::InFlight(depth) => depth,
            Work::PerSecond(_) => MAX_DEPTH,
            Work::Broadcast(_) | Work::Rest => 1,
        };
        if !(1..=MAX_DEPTH).contains(&depth) {
            return Err(LoadError::Depth(depth));
        }
        let start = Instant::now();
        // What a broadcast takes is told by its pushes.
        let timed = match plan.work {
            Work::Broadcast(_) => 0,
            _ => depth,
        };
        for connection in &mut self.connections {
            connection.prepare(timed, start);
        }
        let mut run = Run {
            work: plan.work,
            requests: Requests::new(self.framing, plan.exchange, depth),
            missing: 0,
            told: None,
            due: start,
            turn: 0,
        };
        if let Work::InFlight(depth) = plan.work {
            for (number, connection) in self.connections.iter_mut().enumerate() {
                (1..=depth).for_each(|id| connection.ask(&run.requests, id, start));
                connection.send(number)?;
            }
        }
        let mut meter = Meter::new(servers, plan.warm_up, plan.window);
        let mut sample = None;
        let mut progress = start;
        loop {
            // Never asleep: who sends to a sleeping process pays for waking it, 100 ns a request and
            // more, and it is the slower of two servers that finds the driver asleep more often.
            self.poll.poll(&mut self.events, Some(Duration::ZERO))?;
            let now = Instant::now();
            if let Some(taken) = meter.tick(now)? {
                sample = Some(taken);
            }
            let mut came = false;
            for event in &self.events {
                let number = event.token().0;
                let connection = &mut self.connections[number];
                let packets = connection.receive(
                    number,
                    self.framing,
                    plan.exchange,
                    &mut self.scratch,
                    &mut meter,
                )?;
                came |= packets.pushes > 0 || packets.answered != 0;
                run.missing -= i64::try_from(packets.pushes).unwrap_or(i64::MAX);
                if matches!(plan.work, Work::InFlight(_)) && !meter.is_over() {
                    let mut answered = packets.answered;
                    while answered != 0 {
                        connection.ask(&run.requests, answered.trailing_zeros() as u8, now);
                        answered &= answered - 1;
                    }
                }
                connection.send(number)?;
            }
            if !meter.is_over() {
                run.start(&mut self.connections, &mut meter, now)?;
            }
            if came || matches!(plan.work, Work::Rest) {
                progress = now;
            } else if now > progress + PATIENCE {
                return Err(LoadError::Stalled);
            }
            let idle = |run: &Run, connections: &[Connection]| {
                let told = !matches!(run.work, Work::Broadcast(_)) || run.missing == 0;
                told && connections.iter().all(Connection::is_idle)
            };
            if let Some(sample) = sample.take_if(|_| idle(&run, &self.connections)) {
                return Ok(sample);
            }
        }
    }
}

/// A run's own state.
struct Run {
    work: Work,
    requests: Requests,
    /// Pushes of the last broadcast that have not come.
    missing: i64,
    /// When the last broadcast was asked for.
    told: Option<Instant>,
    /// When the next request is due.
    due: Instant,
    /// The connection whose turn is next.
    turn: usize,
}

impl Run {
    /// Makes the requests that do not follow an answer on the same connection.
    fn start(
        &mut self,
        connections: &mut [Connection],
        meter: &mut Meter<'_>,
        now: Instant,
    ) -> Result<(), LoadError> {
        match self.work {
            Work::Broadcast(pushes) if self.missing == 0 && connections[0].is_idle() => {
                if let Some(told) = self.told.replace(now) {
                    meter.took(now - told);
                }
                self.missing = i64::from(pushes) * connections.len() as i64;
                connections[0].ask(&self.requests, 1, now);
                connections[0].send(0)?;
            }
            Work::PerSecond(rate) => {
                let apart = Duration::from_secs(1) / rate.max(1);
                while self.due <= now {
                    let (number, id) = self.free(connections).ok_or(LoadError::Overloaded(rate))?;
                    connections[number].ask(&self.requests, id, self.due);
                    connections[number].send(number)?;
                    self.due += apart;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The next connection in turn that has an id to spare.
    fn free(&mut self, connections: &[Connection]) -> Option<(usize, u8)> {
        (0..connections.len()).find_map(|_| {
            let number = self.turn;
            self.turn = (number + 1) % connections.len();
            Some((number, connections[number].free_id(MAX_DEPTH)?))
        })
    }
}
