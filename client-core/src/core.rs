//! Everything of a client but its connection, which the events that it gives out borrow from.

use pitaya_protocol::connection::Incoming;
use pitaya_protocol::{Close, CloseCode, Closed, MessageKind, Origin};

use crate::Timestamp;
use crate::call::{CallError, CallId};
use crate::config::Config;
use crate::fifo::Fifo;
use crate::output::{Event, Output};
use crate::pending::{Call, Calls};
use crate::probe::Probe;
use crate::reconnect::{Due, Schedule};
use crate::rtt::Meter;
use crate::state::{Ended, State};

/// How far the client is with its transport.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase {
    /// There is none and none is wanted: idle or closed.
    Rest,
    /// The next attempt has its time.
    Waiting(Due),
    /// The driver opens one, until then.
    Dialing(Timestamp),
    /// It is open, the handshake goes on.
    Handshaking,
    /// Messages go both ways, since then.
    Open(Timestamp),
}

/// See the [module docs](self).
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) now: Timestamp,
    pub(crate) state: State,
    pub(crate) phase: Phase,
    pub(crate) events: Fifo<Event<'static>>,
    pub(crate) calls: Calls,
    pub(crate) meter: Meter,
    pub(crate) probe: Probe,
    schedule: Schedule,
    /// Where the last close said to come back to.
    advised: Option<Box<str>>,
    /// Whether the application's last [`Input::Connect`](crate::Input::Connect) has led to a connection.
    connected_once: bool,
    /// Whether the application has closed the client.
    pub(crate) closing: bool,
    /// Whether the connection has ended and is to be dropped.
    pub(crate) dropped: bool,
    /// Whether the transport has ended, though what it brought may not have come out yet: nothing reaches the server any more.
    pub(crate) severed: bool,
    /// Whether the connection has opened and was not told yet what holds for it.
    pub(crate) opened: bool,
    pub(crate) reading: bool,
    pub(crate) writable: bool,
    pub(crate) released: bool,
    pub(crate) paused: bool,
    pub(crate) offline: bool,
}

impl Core {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            now: Timestamp::ZERO,
            state: State::Idle,
            phase: Phase::Rest,
            events: Fifo::new(),
            calls: Calls::new(&config),
            meter: Meter::default(),
            probe: Probe::new(),
            schedule: Schedule::new(config.seed),
            advised: None,
            connected_once: false,
            closing: false,
            dropped: false,
            severed: false,
            opened: false,
            reading: true,
            writable: true,
            released: false,
            paused: false,
            offline: false,
            config,
        }
    }

    /// The application wants a connection, now.
    pub(crate) fn connect(&mut self) {
        match self.phase {
            Phase::Rest => {
                self.closing = false;
                self.connected_once = false;
                self.advised = None;
                self.schedule.reset();
                self.dial();
            }
            Phase::Waiting(_) => self.dial(),
            Phase::Dialing(_) | Phase::Handshaking | Phase::Open(_) => {}
        }
    }

    fn dial(&mut self) {
        self.phase = Phase::Dialing(self.now + self.config.connect_timeout);
        let attempt = self.schedule.attempt();
        match &self.state {
            State::Reconnecting { cause, .. } => {
                let cause = cause.clone();
                self.enter(State::Reconnecting {
                    attempt,
                    next: None,
                    cause,
                });
            }
            _ => self.enter(State::Connecting),
        }
        let endpoint = self.advised.take();
        self.events.push(Event::Connect { attempt, endpoint });
    }

    fn enter(&mut self, state: State) {
        self.state = state.clone();
        self.events.push(Event::State(state));
    }

    /// News that a connection may work again, or may no longer.
    pub(crate) fn hurry(&mut self) {
        if let Phase::Waiting(due) = &mut self.phase {
            due.at = due.not_before;
            let at = due.at;
            if at > self.now
                && let State::Reconnecting { attempt, cause, .. } = &self.state
            {
                let (attempt, cause) = (*attempt, cause.clone());
                let next = Some(at);
                self.enter(State::Reconnecting {
                    attempt,
                    next,
                    cause,
                });
            }
        }
    }

    /// The handshake is done.
    pub(crate) fn open(&mut self) -> Event<'static> {
        self.phase = Phase::Open(self.now);
        self.connected_once = true;
        self.opened = true;
        self.meter = Meter::default();
        self.state = State::Connected;
        Event::State(State::Connected)
    }

    /// The connection or the attempt is over; what comes next depends on why.
    fn lost(&mut self, closed: &Closed, retryable: bool) {
        if let Phase::Open(since) = self.phase
            && since + self.config.backoff.stable <= self.now
        {
            self.schedule.reset();
        }
        self.phase = Phase::Rest;
        self.dropped = true;
        self.opened = false;
        self.writable = true;
        self.released = false;
        self.probe.stop();
        self.calls.disconnected(closed, false, &mut self.events);
        let again = retryable
            && !self.closing
            && closed.close.code.reconnect()
            && (self.connected_once || self.config.retry_first);
        let due = again.then(|| {
            self.schedule
                .next(self.now, &closed.close, &self.config.backoff)
        });
        match due.flatten() {
            Some(due) => {
                self.phase = Phase::Waiting(due);
                self.advised = closed.close.endpoint().map(Box::from);
                self.enter(State::Reconnecting {
                    attempt: self.schedule.attempt(),
                    next: Some(due.at),
                    cause: closed.clone(),
                });
            }
            None => self.finish(closed, again),
        }
    }

    /// There is no transport to drop.
    pub(crate) fn gone(&mut self, closed: &Closed, retryable: bool) {
        self.lost(closed, retryable);
    }

    fn finish(&mut self, closed: &Closed, exhausted: bool) {
        self.calls.disconnected(closed, true, &mut self.events);
        self.enter(State::Closed(Ended {
            closed: closed.clone(),
            exhausted,
        }));
    }

    /// Ends a connection or an attempt that the driver still holds.
    pub(crate) fn disconnect(&mut self, closed: &Closed, retryable: bool) {
        self.events.push(Event::Disconnect(closed.clone()));
        self.lost(closed, retryable);
    }

    /// The application is done, and there is no connection to end first.
    pub(crate) fn close(&mut self, close: Close) {
        let closed = Closed::new(close, Origin::Local);
        match self.phase {
            Phase::Dialing(_) => self.disconnect(&closed, false),
            Phase::Waiting(_) => self.gone(&closed, false),
            Phase::Rest if self.state == State::Idle => self.finish(&closed, false),
            Phase::Rest | Phase::Handshaking | Phase::Open(_) => {}
        }
    }

    /// Whether what waits, waits for the application's word.
    pub(crate) const fn holds_queue(&self) -> bool {
        self.config.hold_queue && !self.released
    }

    /// A call that cannot be written now: it waits or fails.
    pub(crate) fn defer(&mut self, call: &Call<'_>, refusal: CallError) {
        let kept = if matches!(self.state, State::Closed(_)) {
            Err(CallError::NotConnected)
        } else {
            let (now, events) = (self.now, &mut self.events);
            self.calls.wait(now, call, refusal, events)
        };
        if let Err(error) = kept {
            self.fail(call.id, error);
        }
    }

    pub(crate) fn fail(&mut self, call: CallId, error: CallError) {
        self.events.push(Event::Failed { call, error });
    }

    /// The event for a message.
    pub(crate) fn message<'a>(&mut self, message: Incoming<'a>) -> Event<'a> {
        let Incoming {
            kind,
            id,
            route,
            error,
            deflated,
            body,
            ..
        } = message;
        if kind == MessageKind::Push {
            return Event::Push {
                route,
                deflated,
                body,
            };
        }
        match self.calls.answered(id) {
            Ok((call, since)) => {
                self.meter.request(self.now - since);
                Event::Response {
                    call,
                    error,
                    deflated,
                    body,
                }
            }
            Err(late) => Event::Unmatched { id, late },
        }
    }

    /// What is due, or until when there is nothing to do. It comes after everything that has arrived: an answer that is here is not late.
    pub(crate) fn wait(&mut self, connection: Timestamp) -> Output<'static> {
        self.run_timers();
        if let Some(event) = self.events.pop() {
            return Output::Event(event);
        }
        let mut first = connection;
        match self.phase {
            Phase::Waiting(due) if !self.held() => first = due.at,
            Phase::Dialing(deadline) => first = deadline,
            _ => {}
        }
        let first = first.min(self.calls.deadline()).min(self.probe.deadline);
        Output::Wait(first.deadline())
    }

    /// Whether attempts are put off.
    const fn held(&self) -> bool {
        self.paused || self.offline
    }

    fn run_timers(&mut self) {
        let now = self.now;
        self.calls.expire(now, &mut self.events);
        match self.phase {
            Phase::Waiting(due) if due.at <= now && !self.held() => self.dial(),
            Phase::Dialing(deadline) if deadline <= now => {
                let close = Close::because(CloseCode::TRANSPORT, "connecting took too long");
                self.disconnect(&Closed::new(close, Origin::Transport), true);
            }
            Phase::Open(_) if self.probe.deadline <= now => {
                let close = Close::new(CloseCode::HEARTBEAT_TIMEOUT);
                self.disconnect(&Closed::new(close, Origin::Fault), true);
            }
            _ => {}
        }
    }
}
