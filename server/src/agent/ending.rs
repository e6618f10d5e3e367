//! What is left when a connection has ended: the last bytes, hooks, and handlers that complete.

use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use pitaya_protocol::{CloseCode, Closed, Origin, SerializerSet, Timestamp};

use super::calls::{Answers, Calls};
use super::{Agent, guard};
use crate::handle::Orphans;
use crate::session::Order;
use crate::transport::Transport;

/// The connection has ended like this.
pub(super) struct Ending {
    closed: Closed,
    closing: Option<Closing>,
    /// Until when the session waits for its client; `None` when it does not, or no longer.
    grace: Option<Timestamp>,
    /// Whether the session has ended.
    ended: bool,
    hooks: Vec<BoxFuture<'static, ()>>,
    /// Hooks whose turn comes when the others are through.
    next_hooks: Vec<BoxFuture<'static, ()>>,
    orphans: Option<Orphans>,
}

/// The transport is being closed in order.
pub(super) struct Closing {
    frame: (u16, String),
    deadline: Timestamp,
}

/// WebSocket close code of a connection whose client knows no reasons (RFC 6455 section 7.4.1).
const NORMAL: u16 = 1000;
/// First of the WebSocket close codes that belong to applications (RFC 6455 section 7.4.2).
const APPLICATION: u16 = 4000;
/// A close frame has room for this much text, in bytes (RFC 6455 section 5.5).
const MAX_FRAME_TEXT: usize = 123;

impl<T: Transport, S: SerializerSet> Agent<T, S> {
    /// The connection has ended: the session hears of it.
    pub(super) fn lost(&mut self, closed: Closed) {
        let now = self.server.now();
        let config = self.server.config();
        self.validation = None;
        self.draining = None;
        if closed.origin == Origin::Transport {
            self.transport = None;
            self.admitted = None;
        }
        // The messages that came before a clean end still run; after anything else they are dropped.
        if closed.close.code != CloseCode::EOF {
            self.calls.forget_waiting();
        }
        let reason_known = self.session.as_ref().is_some_and(|session| {
            session
                .capabilities()
                .contains(pitaya_protocol::Capabilities::CLOSE_REASON)
        });
        let frame = if reason_known {
            let mut text = closed.close.reason().to_owned();
            let end = (0..=MAX_FRAME_TEXT.min(text.len()))
                .rev()
                .find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or(0));
            (APPLICATION + closed.close.code.number(), text)
        } else {
            (NORMAL, String::new())
        };
        let closing = self.transport.is_some().then(|| Closing {
            frame,
            deadline: now + config.limits.close_timeout,
        });
        // A client that was never let in, was sent away, or broke the protocol, is not waited for, and a server that stops waits for nobody.
        let returns = self.opened
            && closed.close.code.reconnect()
            && closed.origin != Origin::Local
            && self.server.is_running();
        let grace = (returns && !config.grace.is_zero() && self.session.is_some())
            .then(|| now + config.grace);
        let mut hooks = Vec::new();
        if let Some(session) = &self.session {
            session.mark_dropped();
            for hook in &self.server.hooks().on_drop {
                hooks.extend(started(|| hook(session.clone(), closed.clone())));
            }
        }
        self.server.record_close(
            self.session.as_ref(),
            self.arrival.as_deref().map(|arrival| &arrival.peer),
            &closed,
        );
        let ending = Ending {
            closed,
            closing,
            grace,
            ended: false,
            hooks,
            next_hooks: Vec::new(),
            orphans: None,
        };
        self.ending = Some(Box::new(ending));
        self.timer = super::Timer::default();
        self.rate = None;
    }

    /// Drives what is left until nothing is.
    pub(super) fn poll_ending(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = self.server.now();
            let session = self.session.as_ref();
            if let Some(order) = session.and_then(|session| session.outbox().take_order())
                && !self.wait_on(order)
            {
                return Poll::Ready(());
            }
            self.poll_closing(now, cx);
            self.poll_handlers(cx);
            let Some(ending) = &mut self.ending else {
                return Poll::Ready(());
            };
            run(&mut ending.hooks, cx);
            if ending.hooks.is_empty() && !ending.next_hooks.is_empty() {
                ending.hooks = std::mem::take(&mut ending.next_hooks);
                run(&mut ending.hooks, cx);
            }
            if !ending.ended && ending.grace.is_none_or(|until| now >= until) {
                self.end_session();
                continue;
            }
            if ending.ended
                && ending.closing.is_none()
                && ending.hooks.is_empty()
                && self.calls.is_idle()
            {
                return Poll::Ready(());
            }
            let closing = ending.closing.as_ref().map(|closing| closing.deadline);
            let grace = ending.grace.filter(|_| !ending.ended);
            let deadline = closing.into_iter().chain(grace).min();
            if self.timer.poll(self.server.origin(), deadline, cx) {
                continue;
            }
            if self
                .session
                .as_ref()
                .is_none_or(|session| session.outbox().rest(cx.waker(), false))
            {
                return Poll::Pending;
            }
        }
    }

    /// Obeys an order to a session without connection. Whether the task goes on.
    fn wait_on(&mut self, order: Order) -> bool {
        let (Order::Close(close) | Order::Drain(close)) = order else {
            self.calls = Calls::default();
            self.end_session();
            return false;
        };
        // Whatever was granted, the session has to end now, and this is why.
        if let Some(ending) = &mut self.ending
            && ending.grace.take().is_some()
            && !ending.ended
        {
            ending.closed = Closed::new(*close, Origin::Local);
        }
        true
    }

    /// Sends the last bytes and closes the transport, within its deadline.
    fn poll_closing(&mut self, now: Timestamp, cx: &mut Context<'_>) {
        let Some(ending) = &mut self.ending else {
            return;
        };
        let (Some(closing), Some(transport)) = (&ending.closing, &mut self.transport) else {
            return;
        };
        if now < closing.deadline {
            let (number, text) = &closing.frame;
            let sent = match transport.poll_send(cx, &mut self.send) {
                Poll::Ready(Ok(())) => transport.poll_close(cx, Some((*number, text))),
                other => other,
            };
            if sent.is_pending() {
                return;
            }
        }
        ending.closing = None;
        self.transport = None;
        self.admitted = None;
        self.send = crate::transport::SendBuffer::default();
    }

    /// Lets handlers complete; nobody gets their answers.
    fn poll_handlers(&mut self, cx: &mut Context<'_>) {
        if let Some(session) = &self.session {
            let mut budget = self.server.config().limits.wakeup_messages;
            let mut answers = Answers {
                session,
                send: None,
            };
            self.calls.poll(&mut budget, &mut answers, cx);
            self.calls.end_run(&self.server);
            if budget == 0 {
                cx.waker().wake_by_ref();
            }
            // Also those that have only just begun.
            if session.is_ended() {
                self.calls.cancel();
            }
        }
    }

    /// The session ends: once, whatever becomes of its handlers.
    fn end_session(&mut self) {
        let Some(ending) = self.ending.as_mut().filter(|ending| !ending.ended) else {
            return;
        };
        ending.ended = true;
        let Some(session) = &self.session else { return };
        if let Some(node) = self.server.node() {
            let watched = session.state().watched.take().unwrap_or_default();
            node.ended_session(session, &watched, &ending.closed);
        }
        for hook in session.end() {
            let closed = ending.closed.clone();
            ending.next_hooks.extend(started(|| hook(closed)));
        }
        for hook in &self.server.hooks().on_close {
            ending
                .next_hooks
                .extend(started(|| hook(session.clone(), ending.closed.clone())));
        }
        self.calls.cancel();
        if !self.calls.is_idle() {
            ending.orphans = self.server.adopt(session, self.calls.len());
            if ending.orphans.is_none() {
                self.server.metrics().limit("orphaned_handlers");
                self.calls = Calls::default();
            }
        }
        session.outbox().attend();
    }
}

/// Polls hooks and lets go of those that are through.
fn run(hooks: &mut Vec<BoxFuture<'static, ()>>, cx: &mut Context<'_>) {
    hooks.retain_mut(|hook| match guard::call(|| hook.as_mut().poll(cx)) {
        Ok(poll) => poll.is_pending(),
        Err(panic) => {
            tracing::error!(panic, "a session hook panicked");
            false
        }
    });
}

/// A hook at its beginning; one that panics there is reported and has none.
fn started(hook: impl FnOnce() -> BoxFuture<'static, ()>) -> Option<BoxFuture<'static, ()>> {
    guard::call(hook)
        .map_err(|panic| tracing::error!(panic, "a session hook panicked"))
        .ok()
}
