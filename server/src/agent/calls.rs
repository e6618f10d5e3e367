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
use crate::cluster::Forwarded;
use crate::component::EndpointKind;
use crate::error::Error;
use crate::handle::Handle;
use crate::session::{Session, Writer};
use crate::transport::SendBuffer;

/// Handlers in flight, and messages that wait for their turn.
pub(super) struct Calls<S: SerializerSet> {
    current: Option<InFlight>,
    concurrent: Vec<InFlight>,
    /// Messages that other servers handle: they hold nothing up.
    forwarded: Vec<InFlight>,
    waiting: VecDeque<Waiting<S>>,
    /// Handlers that were done at once, not measured yet.
    run: Option<Run>,
}

struct InFlight {
    future: BoxFuture<'static, Reply>,
    /// The endpoint's number; `None` when another server has it.
    index: Option<usize>,
    started: Instant,
    answer_to: u64,
    cancel: bool,
}

struct Waiting<S: SerializerSet> {
    work: Work<S>,
    answer_to: u64,
}

/// What a message asks for.
enum Work<S: SerializerSet> {
    /// A handler of this server, by its endpoint's number.
    Handle(usize, Call<S>),
    /// A handler of another type of server.
    Forward(Box<Forwarded>),
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
            forwarded: Vec::new(),
            waiting: VecDeque::new(),
            run: None,
        }
    }
}

impl<S: SerializerSet> Calls<S> {
    /// Handlers in flight and messages that wait.
    pub(super) fn len(&self) -> usize {
        usize::from(self.current.is_some())
            + self.concurrent.len()
            + self.forwarded.len()
            + self.waiting.len()
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
        let answer_to = if kind == EndpointKind::Request {
            incoming.id
        } else {
            0
        };
        let (work, concurrent) = match router.find(incoming.route, kind) {
            Ok(index) => {
                let session = answers.session.clone();
                let call = Call::new(session, index, kind, answers.session.serializer(), body);
                let concurrent = router.entry(index).is_concurrent();
                (Work::Handle(index, call), concurrent)
            }
            Err(error) => {
                let node = server.node();
                let Some(elsewhere) = node.and_then(|node| node.forwards(incoming.route)) else {
                    server.metrics().unknown_route();
                    if kind == EndpointKind::Request {
                        answers.write(incoming.id, Err(error));
                    }
                    return;
                };
                let message = elsewhere.message(incoming.route, kind, answer_to, body);
                (Work::Forward(Box::new(message)), false)
            }
        };
        let waiting = Waiting { work, answer_to };
        if self.may_start(server, &waiting.work) && (concurrent || self.waiting.is_empty()) {
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
        self.forwarded
            .retain_mut(|call| !call.poll(server, answers, cx));
        while *budget > 0
            && !answers.are_full()
            && let Some(next) = self.waiting.front()
            && self.may_start(server, &next.work)
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
        // They were handed over; nobody waits for the answers any more.
        self.forwarded = Vec::new();
    }

    fn may_start(&self, server: &Handle<S>, work: &Work<S>) -> bool {
        match work {
            Work::Handle(index, _) if server.router().entry(*index).is_concurrent() => {
                self.concurrent.len() < server.config().limits.concurrent_handlers
            }
            Work::Handle(..) => self.current.is_none(),
            Work::Forward(_) => {
                let limit = server
                    .node()
                    .map(|node| node.config().forwarded_per_session);
                self.current.is_none() && self.forwarded.len() < limit.unwrap_or_default()
            }
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
        let Waiting { work, answer_to } = next;
        let (index, call) = match work {
            Work::Handle(index, call) => (index, call),
            Work::Forward(message) => {
                self.end_run(server);
                return self.forward(server, *message, answer_to, answers, cx);
            }
        };
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
                    index: Some(index),
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
        answers.finish(server, Some(index), answer_to, ended);
    }

    /// Hands a message to another server. It was handed over when the next one's turn comes.
    fn forward(
        &mut self,
        server: &Handle<S>,
        message: Forwarded,
        answer_to: u64,
        answers: &mut Answers<'_, S>,
        cx: &mut Context<'_>,
    ) {
        let Some(node) = server.node() else { return };
        let mut call = InFlight {
            future: node.forward(answers.session, message),
            index: None,
            started: Instant::now(),
            answer_to,
            cancel: true,
        };
        if !call.poll(server, answers, cx) {
            self.forwarded.push(call);
        }
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
        let meter = match self.index {
            Some(index) => Some(server.router().entry(index).meter()),
            None => server.node().map(|node| node.forwarded()),
        };
        if let Some(meter) = meter {
            meter.record(self.started.elapsed());
        }
        answers.finish(server, self.index, self.answer_to, ended);
        true
    }
}

impl<S: SerializerSet> Answers<'_, S> {
    /// A handler has ended, or panicked with that text: logs its error, answers.
    fn finish(
        &mut self,
        server: &Handle<S>,
        index: Option<usize>,
        answer_to: u64,
        ended: Result<Reply, String>,
    ) {
        let route = match index {
            Some(index) => server.router().entry(index).route(),
            None => "a message for another server",
        };
        let reply = ended.unwrap_or_else(|panic| {
            tracing::error!(route, panic, "a handler panicked");
            Err(panicked())
        });
        // What another server has answered was logged there.
        if let Err(error) = &reply
            && index.is_some()
        {
            error.log(route);
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
