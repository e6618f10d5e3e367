//! The task of one connection: it owns the transport and the sans-IO connection, and drives the session's handlers.
//!
//! The task lives through up to three phases: connected, then (where the server grants it) the grace in which the session waits without a
//! connection, then the end, in which hooks run and handlers that are still in flight complete.

mod body;
mod calls;
mod ending;
mod guard;
mod handshake;
mod moving;
mod rate;
mod run;
mod timer;

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use pitaya_protocol::connection::{Event, Input, Output, ServerConfig as WireConfig};
use pitaya_protocol::{
    Capabilities, Close, CloseCode, Closed, Connection, SerializerSet, Timestamp, compression,
};

use tokio_util::sync::WaitForCancellationFutureOwned;
use tokio_util::task::task_tracker::TaskTrackerToken;

use self::calls::{Answers, Calls};
use self::ending::Ending;
pub(crate) use self::guard::text as panic_text;
pub(crate) use self::handshake::{Terms, Validator};
use self::rate::Rate;
use self::timer::Timer;
use crate::admission::Admitted;
use crate::handle::Handle;
use crate::peer::Peer;
use crate::session::{Order, Session};
use crate::transport::{SendBuffer, Transport};

/// One connection at work. A future without output, boxed by its spawner so that each transport has a task of its own size.
pub(crate) struct Agent<T, S: SerializerSet> {
    server: Handle<S>,
    conn: Connection,
    /// `None` once the connection is gone.
    transport: Option<T>,
    send: SendBuffer,
    session: Option<Session<S>>,
    /// Known before there is a session.
    arrival: Option<Box<Arrival>>,
    validation: Option<BoxFuture<'static, Result<(), Close>>>,
    calls: Calls<S>,
    timer: Timer,
    rate: Option<Box<Rate>>,
    /// Whether packets are let through; mirrors what the connection was told.
    reading: bool,
    /// Whether the client has acknowledged the handshake.
    opened: bool,
    /// What was ordered by the server's shutdown: close like that once nothing is in flight.
    draining: Option<Box<Close>>,
    /// When the peer last took bytes while more are waiting, and how many it had taken then.
    stalled: Option<(Timestamp, u64)>,
    ending: Option<Box<Ending>>,
    /// Counts the connection as long as it is there.
    admitted: Option<Admitted>,
}

/// What is known of a connection before there is a session.
struct Arrival {
    peer: Peer,
    terms: Terms,
    /// Ready when the server waits for no more handshakes.
    refused: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Counts it as not through its handshake.
    _arrival: TaskTrackerToken,
}

/// What a step of the work says about the next one.
enum Step {
    /// There is nothing more to do until something comes, or until then.
    Idle(Option<Timestamp>),
    /// There may be more to do, when other connections had their turn.
    Yield,
    /// It has ended like that.
    Over(Closed),
}

impl<T: Transport, S: SerializerSet> Agent<T, S> {
    pub(crate) fn new(
        server: Handle<S>,
        mut transport: T,
        peer: Peer,
        terms: Terms,
        admitted: Admitted,
    ) -> Self {
        let limits = &server.config().limits;
        let mut wire = WireConfig::default();
        wire.handshake_timeout = limits.handshake_timeout;
        wire.max_handshake_packet = limits.handshake_packet_bytes;
        wire.max_packet = limits.packet_bytes;
        transport.set_packet_limit(limits.handshake_packet_bytes);
        let conn = Connection::server(server.now(), &wire);
        let rate = limits
            .packets_per_second
            .map(|limit| Box::new(Rate::new(limit, limits.packets_grace)));
        Self {
            conn,
            transport: Some(transport),
            send: SendBuffer::default(),
            session: None,
            arrival: Some(Box::new(Arrival {
                peer,
                terms,
                refused: Box::pin(server.life().refusing.clone().cancelled_owned()),
                _arrival: server.life().arrival(),
            })),
            validation: None,
            calls: Calls::default(),
            timer: Timer::default(),
            rate,
            reading: true,
            opened: false,
            draining: None,
            stalled: None,
            ending: None,
            admitted: Some(admitted),
            server,
        }
    }

    /// Does what there is to do until the connection has nothing more or has ended.
    fn poll_connected(&mut self, cx: &mut Context<'_>) -> Poll<Closed> {
        let mut budget = self.server.config().limits.wakeup_messages;
        let mut now = None;
        loop {
            let step = match self.step(&mut budget, cx) {
                Step::Over(closed) => return Poll::Ready(closed),
                step => step,
            };
            // First everything that has come, then one write for all of its answers: over WebSocket a read brings one message.
            if let Step::Idle(_) = step {
                match self.receive(&mut now, cx) {
                    Err(closed) => {
                        // Answers may still get through; whether they do makes no difference to the end.
                        let _ = self.flush(cx);
                        return Poll::Ready(closed);
                    }
                    Ok(true) => continue,
                    Ok(false) => {}
                }
            }
            // Before the answers leave: who has one finds it counted.
            self.calls.end_run(&self.server);
            let full = self.is_full();
            if let Err(closed) = self.flush(cx) {
                return Poll::Ready(closed);
            }
            let Step::Idle(deadline) = step else {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            };
            // What was held back while the outbox was full goes on: nobody else would wake it.
            if full && !self.is_full() {
                continue;
            }
            if self.run_timer(deadline, now, cx) {
                continue;
            }
            // Pushes wait in the outbox while the socket takes nothing: there they have a limit.
            let may_send = self.send.is_empty() && self.conn.is_open();
            if self
                .session
                .as_ref()
                .is_none_or(|session| session.outbox().rest(cx.waker(), may_send))
            {
                return Poll::Pending;
            }
        }
    }

    /// Orders, handlers, and what the connection has to say.
    fn step(&mut self, budget: &mut usize, cx: &mut Context<'_>) -> Step {
        self.obey(cx);
        self.poll_validation(cx);
        if let Some(session) = &self.session {
            let mut answers = Answers {
                session,
                send: Some(&mut self.send),
            };
            self.calls.poll(budget, &mut answers, cx);
        }
        if *budget == 0 {
            return Step::Yield;
        }
        self.finish_draining();
        self.set_reading();
        loop {
            match self.conn.poll_output() {
                Output::Transmit(transmit) => self.send.push(transmit.bytes),
                Output::Wait(deadline) => {
                    // Heartbeats make no event, but count.
                    if self.count_packets() {
                        self.set_reading();
                    }
                    return Step::Idle(deadline);
                }
                Output::Event(Event::Closed(closed)) => return Step::Over(closed),
                Output::Event(Event::Handshake(body)) => {
                    let Some(arrival) = self.arrival.take() else {
                        continue;
                    };
                    let Arrival { peer, terms, .. } = *arrival;
                    let begun = handshake::begin(&self.server, peer, terms, body);
                    self.begun(begun);
                    self.poll_validation(cx);
                }
                Output::Event(Event::Open) => self.opened(),
                Output::Event(Event::Message(incoming)) => {
                    let Some(session) = &self.session else {
                        continue;
                    };
                    let limits = &self.server.config().limits;
                    let body = if incoming.deflated {
                        // Not a part of the time that a handler takes.
                        self.calls.end_run(&self.server);
                        match compression::inflate(incoming.body, limits.inflated_bytes) {
                            Ok(body) => body.into(),
                            Err(error) => {
                                self.server.metrics().limit("inflated_bytes");
                                let close = Close::new(CloseCode::BAD_COMPRESSION)
                                    .with_reason(error.to_string());
                                self.end(close);
                                continue;
                            }
                        }
                    } else {
                        body::owned(incoming.body)
                    };
                    let mut answers = Answers {
                        session,
                        send: Some(&mut self.send),
                    };
                    self.calls.take(&incoming, body, &mut answers, cx);
                    *budget -= 1;
                    self.count_packets();
                    self.set_reading();
                    if *budget == 0 {
                        return Step::Yield;
                    }
                }
                Output::Event(_) => {}
            }
        }
    }

    /// Does what was ordered from outside. A shutdown tells sessions one by one; who has none yet hears of it here.
    fn obey(&mut self, cx: &mut Context<'_>) {
        if let Some(arrival) = &mut self.arrival
            && arrival.refused.as_mut().poll(cx).is_ready()
        {
            self.end(Close::new(CloseCode::DRAINING));
            return;
        }
        let Some(session) = &self.session else { return };
        match session.outbox().take_order() {
            None => {}
            Some(Order::Close(close)) => {
                if self.conn.is_open() {
                    session.outbox().move_to(&mut self.send);
                }
                self.end(*close);
            }
            Some(Order::Drain(close)) => self.draining = Some(close),
            Some(Order::Abandon) => {
                self.transport = None;
                self.calls = Calls::default();
                self.end(Close::new(CloseCode::DRAINING));
            }
        }
    }

    fn end(&mut self, close: Close) {
        let now = self.server.now();
        // Nothing to be done about a connection that is closed already.
        let _ = self.conn.handle_input(now, Input::Close(close));
    }

    /// Closes a draining connection when nothing is in flight and everything is sent.
    fn finish_draining(&mut self) {
        if self.draining.is_none() || !self.calls.is_idle() || self.validation.is_some() {
            return;
        }
        if let Some(session) = &self.session
            && self.conn.is_open()
        {
            session.outbox().move_to(&mut self.send);
        }
        if let Some(close) = self.draining.take() {
            self.end(*close);
        }
    }

    fn begun(&mut self, begun: Result<Session<S>, Close>) {
        let now = self.server.now();
        match begun {
            Ok(session) => {
                self.validation = handshake::validate(&session);
                session.outbox().attend();
                if self.validation.is_none() {
                    handshake::accept(&mut self.conn, now, &session);
                }
                // It may have come too late for the shutdown's list.
                if self.server.life().refusing.is_cancelled() {
                    self.draining = Some(Box::new(self.server.late_advice()));
                }
                self.session = Some(session);
            }
            Err(close) => handshake::refuse(&mut self.conn, now, &self.server, None, close),
        }
    }

    fn poll_validation(&mut self, cx: &mut Context<'_>) {
        let (Some(validation), Some(session)) = (&mut self.validation, &self.session) else {
            return;
        };
        let verdict = match guard::call(|| validation.as_mut().poll(cx)) {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(verdict)) => verdict,
            Err(panic) => {
                tracing::error!(panic, "a handshake validator panicked");
                Err(Close::new(CloseCode::REFUSED)
                    .with_reason("the handshake could not be checked"))
            }
        };
        self.validation = None;
        if self.conn.is_closed() {
            return;
        }
        let now = self.server.now();
        match verdict {
            Ok(()) => handshake::accept(&mut self.conn, now, session),
            Err(close) => {
                handshake::refuse(&mut self.conn, now, &self.server, Some(session), close);
            }
        }
    }

    fn opened(&mut self) {
        let Some(session) = &self.session else { return };
        self.opened = true;
        self.send.many_per_frame = session
            .capabilities()
            .contains(Capabilities::MANY_PER_FRAME);
        if let Some(transport) = &mut self.transport {
            transport.set_packet_limit(self.server.config().limits.packet_bytes);
        }
        self.server.metrics().opened();
    }

    /// Counts what has come against the rate, if there is one. Whether it is exceeded.
    fn count_packets(&mut self) -> bool {
        let Some(rate) = &mut self.rate else {
            return false;
        };
        rate.spend(self.conn.packets(), self.server.now());
        rate.is_delayed()
    }

    /// Whether further packets may come out: not while answers pile up, too many messages wait, or the rate is exceeded.
    fn set_reading(&mut self) {
        let limits = &self.server.config().limits;
        let reading = !self.is_full()
            && self.calls.waiting() < limits.read_ahead
            && self.draining.is_none()
            && self.rate.as_ref().is_none_or(|rate| !rate.is_delayed());
        if reading != self.reading {
            self.reading = reading;
            // Refused by no state.
            let _ = self
                .conn
                .handle_input(self.server.now(), Input::Reading(reading));
        }
    }

    /// Whether so much waits for the client that none of its messages is taken. Before the ack nothing can leave, and the ack must be read.
    fn is_full(&self) -> bool {
        let session = self.session.as_ref();
        let queued = self.send.len() + session.map_or(0, |session| session.outbox().len());
        queued >= self.server.config().limits.outbox_soft_bytes && self.conn.is_open()
    }

    /// Waits for the nearest deadline, of which `wire` is the connection's; whether one has passed and was dealt with. `woken` is the time, where
    /// this wake-up has looked.
    fn run_timer(
        &mut self,
        wire: Option<Timestamp>,
        woken: Option<Timestamp>,
        cx: &mut Context<'_>,
    ) -> bool {
        let stalled_timeout = self.server.config().limits.stalled_timeout;
        let stalled = self.stalled.map(|(since, _)| since + stalled_timeout);
        let delayed = self.rate.as_ref().and_then(|rate| rate.deadline());
        let deadline = wire.into_iter().chain(stalled).chain(delayed).min();
        if woken.is_some_and(|now| self.timer.is_ahead(now, deadline, cx))
            || !self.timer.poll(self.server.origin(), deadline, cx)
        {
            return false;
        }
        let now = self.server.now();
        if stalled.is_some_and(|at| now >= at) {
            self.server.metrics().limit("stalled_timeout");
            self.end(Close::new(CloseCode::SLOW_CONSUMER));
        }
        if let Some(rate) = &mut self.rate
            && rate.elapse(now)
        {
            self.server.metrics().limit("packets_per_second");
            self.end(Close::new(CloseCode::RATE_LIMITED));
        }
        let _ = self.conn.handle_input(now, Input::Timer);
        true
    }
}

impl<T: Transport, S: SerializerSet> Future for Agent<T, S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if let Some(session) = &this.session {
            session.outbox().attend();
        }
        if this.ending.is_none() {
            let Poll::Ready(closed) = this.poll_connected(cx) else {
                return Poll::Pending;
            };
            this.lost(closed);
        }
        this.poll_ending(cx)
    }
}
