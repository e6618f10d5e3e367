//! The handlers of one session: one after another, in the order in which their messages came.

use std::collections::VecDeque;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use pitaya_protocol::connection::Incoming;
use pitaya_protocol::{Message, MessageKind, SerializerSet, codes};

use super::guard;
use super::run::Run;
use crate::call::{Call, Reply};
use crate::component::EndpointKind;
use crate::error::Error;
use crate::handle::Handle;
use crate::session::{Session, Writer};
use crate::transport::SendBuffer;

/// Handlers in flight, and messages that wait for their turn.
pub(super) struct Calls<S: SerializerSet> {
    current: Option<InFlight>,
    concurrent: Vec<InFlight>,
    waiting: VecDeque<Waiting<S>>,
    /// Handlers that were done at once, not measured yet.
    run: Option<Run>,
}

struct InFlight {
    future: BoxFuture<'static, Reply>,
    index: usize,
    started: Instant,
    answer_to: u64,
    cancel: bool,
}

struct Waiting<S: SerializerSet> {
    index: usize,
    call: Call<S>,
    answer_to: u64,
}

/// Where answers go while there is a connection.
pub(super) struct Answers<'a, S: SerializerSet> {
    pub(super) session: &'a Session<S>,
    /// `None` once the connection is gone: answers are dropped.
    pub(super) send: Option<&'a mut SendBuffer>,
}

impl<S: SerializerSet> Default for Calls<S> {
    fn default() -> Self {
        Self {
            current: None,
            concurrent: Vec::new(),
            waiting: VecDeque::new(),
            run: None,
        }
    }
}

impl<S: SerializerSet> Calls<S> {
    /// Handlers in flight and messages that wait.
    pub(super) fn len(&self) -> usize {
        usize::from(self.current.is_some()) + self.concurrent.len() + self.waiting.len()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.len() == 0
    }

    /// Messages that wait for their turn.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes a message in: its handler starts now, or waits for its turn. Without a handler it is answered at once.
    pub(super) fn take(
        &mut self,
        incoming: &Incoming<'_>,
        body: Bytes,
        answers: &mut Answers<'_, S>,
        cx: &mut Context<'_>,
    ) {
        let server = answers.session.server();
        let kind = match incoming.kind {
            MessageKind::Request => EndpointKind::Request,
            _ => EndpointKind::Notify,
        };
        let router = server.router();
        let index = match router.find(incoming.route, kind) {
            Ok(index) => index,
            Err(error) => {
                server.metrics().unknown_route();
                if kind == EndpointKind::Request {
                    answers.write(incoming.id, Err(error));
                }
                return;
            }
        };
        let entry = router.entry(index);
        let session = answers.session.clone();
        let call = Call::new(session, index, kind, answers.session.serializer(), body);
        let answer_to = if kind == EndpointKind::Request {
            incoming.id
        } else {
            0
        };
        let waiting = Waiting {
            index,
            call,
            answer_to,
        };
        if self.may_start(server, index) && (entry.is_concurrent() || self.waiting.is_empty()) {
            self.start(server, waiting, answers, cx);
        } else {
            self.waiting.push_back(waiting);
        }
    }

    /// Polls the handlers in flight and starts those whose turn has come, at most `budget` of them.
    pub(super) fn poll(
        &mut self,
        budget: &mut usize,
        answers: &mut Answers<'_, S>,
        cx: &mut Context<'_>,
    ) {
        let server = answers.session.server();
        self.end_run(server);
        if self.is_idle() {
            return;
        }
        if let Some(mut current) = self.current.take()
            && !current.poll(server, answers, cx)
        {
            self.current = Some(current);
        }
        self.concurrent
            .retain_mut(|call| !call.poll(server, answers, cx));
        while *budget > 0
            && !answers.are_full()
            && let Some(next) = self.waiting.front()
            && self.may_start(server, next.index)
            && let Some(next) = self.waiting.pop_front()
        {
            *budget -= 1;
            self.start(server, next, answers, cx);
        }
        if self.waiting.is_empty() && self.waiting.capacity() > 0 {
            self.waiting = VecDeque::new();
        }
    }

    /// Something else than handlers is about to take time.
    pub(super) fn end_run(&mut self, server: &Handle<S>) {
        Run::end(&mut self.run, server.router());
    }

    /// The connection has ended and no message that waits shall run.
    pub(super) fn forget_waiting(&mut self) {
        self.waiting = VecDeque::new();
    }

    /// The connection has ended: drops the handlers that opted in to that.
    pub(super) fn cancel(&mut self) {
        self.current.take_if(|call| call.cancel);
        self.concurrent.retain(|call| !call.cancel);
    }

    fn may_start(&self, server: &Handle<S>, index: usize) -> bool {
        if server.router().entry(index).is_concurrent() {
            self.concurrent.len() < server.config().limits.concurrent_handlers
        } else {
            self.current.is_none()
        }
    }

    /// Starts a handler and polls it once: most are done then, and cost no task and no further wake-up.
    fn start(
        &mut self,
        server: &Handle<S>,
        next: Waiting<S>,
        answers: &mut Answers<'_, S>,
        cx: &mut Context<'_>,
    ) {
        let Waiting {
            index,
            call,
            answer_to,
        } = next;
        let entry = server.router().entry(index);
        let (cancel, concurrent) = (entry.is_cancelled(), entry.is_concurrent());
        let started = Run::join(&mut self.run, index, server.router());
        let begun = guard::call(|| {
            let mut future = server.router().dispatch(index, call);
            match future.as_mut().poll(cx) {
                Poll::Pending => Begun::Pending(future),
                Poll::Ready(reply) => Begun::Ended(reply),
            }
        });
        let ended = match begun {
            Ok(Begun::Ended(reply)) => Ok(reply),
            Ok(Begun::Pending(future)) => {
                let call = InFlight {
                    future,
                    index,
                    started,
                    answer_to,
                    cancel,
                };
                self.end_run(server);
                if concurrent {
                    self.concurrent.push(call);
                } else {
                    self.current = Some(call);
                }
                return;
            }
            Err(panic) => Err(panic),
        };
        if let Some(run) = &mut self.run {
            run.add(entry.meter());
        }
        answers.finish(server, index, answer_to, ended);
    }
}

/// How far a handler came at its first poll.
enum Begun {
    Ended(Reply),
    Pending(BoxFuture<'static, Reply>),
}

impl InFlight {
    /// Whether the handler has ended; its answer is written then.
    fn poll<S: SerializerSet>(
        &mut self,
        server: &Handle<S>,
        answers: &mut Answers<'_, S>,
        cx: &mut Context<'_>,
    ) -> bool {
        let ended = match guard::call(|| self.future.as_mut().poll(cx)) {
            Ok(Poll::Pending) => return false,
            Ok(Poll::Ready(reply)) => Ok(reply),
            Err(panic) => Err(panic),
        };
        let meter = server.router().entry(self.index).meter();
        meter.record(self.started.elapsed());
        answers.finish(server, self.index, self.answer_to, ended);
        true
    }
}

impl<S: SerializerSet> Answers<'_, S> {
    /// A handler has ended, or panicked with that text: logs its error, answers.
    fn finish(
        &mut self,
        server: &Handle<S>,
        index: usize,
        answer_to: u64,
        ended: Result<Reply, String>,
    ) {
        let entry = server.router().entry(index);
        let reply = ended.unwrap_or_else(|panic| {
            tracing::error!(route = &**entry.route(), panic, "a handler panicked");
            Err(panicked())
        });
        if let Err(error) = &reply {
            error.log(entry.route());
        }
        if answer_to != 0 {
            self.write(answer_to, reply);
        }
    }

    /// Whether so many bytes wait for the client that no further message of it is handled.
    fn are_full(&self) -> bool {
        let limit = self.session.server().config().limits.outbox_soft_bytes;
        self.send
            .as_ref()
            .is_some_and(|send| send.len() + self.session.outbox().len() >= limit)
    }

    /// Writes the answer to request `id`; behind the pushes that were made before it. Id 0 is never answered (wire 6.2).
    pub(super) fn write(&mut self, id: u64, reply: Reply) {
        let Some(send) = &mut self.send else { return };
        if id == 0 {
            return;
        }
        let session = self.session;
        session.outbox().move_to(send);
        let compress = session
            .compresses()
            .then(|| session.server().config().compression)
            .flatten();
        let reply = reply.and_then(|body| {
            let message = Message::response(id, body.as_ref());
            Writer::write(message, compress, send.vec()).map_err(Error::internal)
        });
        if let Err(error) = reply {
            let mut body = Vec::new();
            error.to_payload().write(session.serializer(), &mut body);
            let message = Message {
                error: true,
                ..Message::response(id, &body)
            };
            if Writer::write(message, compress, send.vec()).is_err() {
                let payload = pitaya_protocol::ErrorPayload::new(
                    codes::INTERNAL,
                    "the error is too large to be sent",
                );
                body.clear();
                payload.write(session.serializer(), &mut body);
                let message = Message {
                    error: true,
                    ..Message::response(id, &body)
                };
                message
                    .encode_packet(send.vec())
                    .expect("a short error fits into a packet");
            }
        }
    }
}

/// What the client hears of a panic: that there was one. Its text is for the log.
fn panicked() -> Error {
    Error::new(codes::UNKNOWN, "the handler panicked")
}
