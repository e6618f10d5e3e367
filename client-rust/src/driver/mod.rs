//! The task behind a client: it moves bytes, waits, and does what the machine's events ask for.

mod attempt;
mod dispatch;
mod handshake;
mod leaving;

use std::future::{Future, poll_fn};
use std::mem::replace;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pitaya_client_core::{CallError, Close, CloseCode, Event, Input, Output, Timestamp};
use pitaya_protocol::Serializer;
use pitaya_protocol::handshake::ClientInfo;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Sleep, sleep};

use self::attempt::{Attempt, Failed, Opened, attempt};
use self::leaving::Leaving;
use crate::endpoint::Endpoint;
use crate::shared::{Inner, Outcome, Shared, complete};
use crate::state::State;
use crate::transport::{Received, Settings, Transport};
use crate::user::User;

/// Rounds of work before other tasks get their turn.
const ROUNDS: usize = 64;
/// Bytes that the socket did not take, above which calls wait or fail instead of growing them.
const HIGH_WATER: usize = 64 * 1024;

/// What a client was built with, as far as its driver needs it.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) settings: Settings,
    pub(crate) user: User,
    pub(crate) info: ClientInfo,
    /// What the payload types can be written in, the preferred one first.
    pub(crate) serializers: &'static [Serializer],
    /// Used whatever the server says.
    pub(crate) pinned: Option<Serializer>,
    pub(crate) max_inflated: usize,
}

/// How far the way to the server is.
enum Link {
    None,
    Opening(Attempt),
    /// The attempt has ended, and the machine does not know it.
    Opened(Result<Opened, Failed>),
    Open(Box<Open>),
}

struct Open {
    transport: Transport,
    /// What the machine was told of the transport taking bytes.
    writable: bool,
    /// Why nothing can be sent any more. What has arrived is still read: it may be the kick that explains it.
    broken: Option<String>,
}

pub(crate) struct Driver {
    plan: Arc<Plan>,
    shared: Arc<Shared>,
    state: watch::Sender<State>,
    link: Link,
    leaving: Option<Leaving>,
    timer: Pin<Box<Sleep>>,
    /// When the timer fires. It is only moved to an earlier time: a later one is found when it fires.
    armed: Option<Timestamp>,
}

impl Driver {
    /// Starts the task; what it returns shows the client's state, last how it ended.
    pub(crate) fn spawn(
        runtime: &Handle,
        plan: Plan,
        shared: Arc<Shared>,
    ) -> watch::Receiver<State> {
        let (sender, state) = watch::channel(State::Idle);
        let _entered = runtime.enter();
        let mut driver = Self {
            plan: Arc::new(plan),
            shared,
            state: sender,
            link: Link::None,
            leaving: None,
            timer: Box::pin(sleep(std::time::Duration::ZERO)),
            armed: None,
        };
        runtime.spawn(poll_fn(move |cx| driver.poll(cx)));
        state
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.shared.register_driver(cx.waker());
        for _ in 0..ROUNDS {
            let deadline = self.drain(cx);
            if self.leaving.is_none() && matches!(*self.state.borrow(), State::Closed(_)) {
                return Poll::Ready(());
            }
            let advanced = [
                self.open(cx),
                self.transfer(cx),
                self.leave(cx),
                self.tick(cx, deadline),
            ];
            if !advanced.contains(&true) {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Does everything that the machine has to say; returns when it wants to hear of the time.
    fn drain(&mut self, cx: &mut Context<'_>) -> Option<Timestamp> {
        let shared = Arc::clone(&self.shared);
        let mut inner = shared.lock();
        let mut cut_off = Vec::new();
        loop {
            let Inner {
                machine,
                calls,
                subscribers,
                listeners,
                serializer,
                ..
            } = &mut *inner;
            let answer = match machine.poll_output() {
                Output::Wait(deadline) => {
                    for (call, error) in cut_off.drain(..) {
                        complete(calls, call, Outcome::Failed(error));
                    }
                    if self.opened(&mut inner) {
                        continue;
                    }
                    return deadline;
                }
                Output::Transmit(transmit) => {
                    self.transmit(cx, transmit.bytes);
                    None
                }
                Output::Event(Event::State(state)) => {
                    let state = State::from_core(state, shared.clock);
                    tracing::debug!(?state, "client");
                    // Whoever hears of it on another thread finds it so.
                    self.state.send_replace(state.clone());
                    listeners.tell(|| crate::events::Event::State(state.clone()));
                    None
                }
                Output::Event(Event::Connect { endpoint, .. }) => {
                    self.link =
                        Link::Opening(attempt(&self.plan, endpoint.as_deref(), *serializer));
                    None
                }
                Output::Event(Event::Disconnect(_)) => {
                    if let Link::Open(open) = replace(&mut self.link, Link::None) {
                        self.leaving = Some(Leaving::new(open.transport));
                    }
                    None
                }
                Output::Event(Event::Handshake(body)) => {
                    Some(handshake::settle(&self.plan, serializer, body))
                }
                Output::Event(Event::Kick(body)) => Some(Input::Kicked(Close::parse_kick(body))),
                // Whoever hears that a connection took its call along finds the client in the state that comes of it.
                Output::Event(Event::Failed {
                    call,
                    error: error @ CallError::Disconnected { .. },
                }) => {
                    cut_off.push((call, error));
                    None
                }
                Output::Event(event) => {
                    let mut to = dispatch::To {
                        calls,
                        subscribers,
                        listeners,
                        serializer: *serializer,
                    };
                    to.dispatch(event, self.plan.max_inflated)
                }
            };
            if let Some(answer) = answer {
                tell(&mut inner, &shared, answer);
            }
        }
    }

    fn transmit(&mut self, cx: &mut Context<'_>, packets: &[u8]) {
        if let Link::Open(open) = &mut self.link
            && open.broken.is_none()
            && let Err(error) = open.transport.send(cx, packets)
        {
            open.broken = Some(error.to_string());
        }
    }

    /// Goes on with opening a transport.
    fn open(&mut self, cx: &mut Context<'_>) -> bool {
        let Link::Opening(attempt) = &mut self.link else {
            return false;
        };
        let Poll::Ready(opened) = attempt.as_mut().poll(cx) else {
            return false;
        };
        self.link = Link::Opened(opened);
        true
    }

    /// The machine's answer to the end of the attempt. Nothing may stand between what it said last and this: a handle on another thread may
    /// have ended that attempt, and asked for another.
    fn opened(&mut self, inner: &mut Inner) -> bool {
        let opened = match replace(&mut self.link, Link::None) {
            Link::Opened(opened) => opened,
            other => {
                self.link = other;
                return false;
            }
        };
        match opened {
            Ok(Opened {
                transport,
                handshake,
            }) => {
                inner.unreachable = None;
                self.link = Link::Open(Box::new(Open {
                    transport,
                    writable: true,
                    broken: None,
                }));
                tell(
                    inner,
                    &self.shared,
                    Input::Connected {
                        handshake: &handshake,
                    },
                );
            }
            Err(failed) => {
                if let Some(unreachable) = &failed.unreachable {
                    let listeners = &mut inner.listeners;
                    listeners.tell(|| crate::events::Event::Unreachable(Arc::clone(unreachable)));
                }
                inner.unreachable = failed.unreachable;
                tracing::debug!(failed.reason, "no connection");
                let close = Close::because(CloseCode::TRANSPORT, &failed.reason);
                let retryable = failed.retryable;
                tell(
                    inner,
                    &self.shared,
                    Input::ConnectFailed { close, retryable },
                );
            }
        }
        true
    }

    /// Writes what was kept and reads once.
    fn transfer(&mut self, cx: &mut Context<'_>) -> bool {
        let Link::Open(open) = &mut self.link else {
            return false;
        };
        if open.broken.is_none()
            && let Poll::Ready(Err(error)) = open.transport.poll_flush(cx)
        {
            open.broken = Some(error.to_string());
        }
        let mut inner = self.shared.lock();
        let writable = open.broken.is_none() && open.transport.unsent() < HIGH_WATER;
        let turned = writable != open.writable;
        if turned {
            open.writable = writable;
            tell(&mut inner, &self.shared, Input::Writable(writable));
        }
        if !inner.machine.wants_bytes() {
            return turned;
        }
        let received = open.transport.poll_receive(cx, &mut |received| {
            let input = match received {
                Received::Bytes(bytes) => Input::Bytes(bytes),
                Received::Frame(frame) => Input::Frame(frame),
                Received::Close { code, reason } => Input::CloseFrame { code, reason },
                Received::Eof => Input::Eof,
            };
            tell(&mut inner, &self.shared, input);
        });
        let failure = match received {
            Poll::Ready(Ok(())) => return true,
            Poll::Ready(Err(error)) => error.to_string(),
            Poll::Pending => match open.broken.take() {
                Some(broken) => broken,
                None => return turned,
            },
        };
        tell(
            &mut inner,
            &self.shared,
            Input::TransportFailed(Close::because(CloseCode::TRANSPORT, &failure)),
        );
        true
    }

    fn leave(&mut self, cx: &mut Context<'_>) -> bool {
        let left = self
            .leaving
            .as_mut()
            .is_some_and(|leaving| leaving.poll(cx).is_ready());
        if left {
            self.leaving = None;
        }
        left
    }

    fn tick(&mut self, cx: &mut Context<'_>, deadline: Option<Timestamp>) -> bool {
        let Some(deadline) = deadline else {
            return false;
        };
        if self.armed.is_none_or(|armed| deadline < armed) {
            self.timer
                .as_mut()
                .reset(self.shared.clock.instant(deadline));
            self.armed = Some(deadline);
        }
        let fired = self.timer.as_mut().poll(cx).is_ready();
        if fired {
            self.armed = None;
            self.shared.tell(Input::Timer);
        }
        fired
    }
}

/// Tells the machine something. It only refuses answers to what it did not ask, and we only answer.
fn tell(inner: &mut Inner, shared: &Shared, input: Input<'_>) {
    let told = inner.machine.handle_input(shared.clock.now(), input);
    debug_assert!(told.is_ok(), "a misplaced answer: {told:?}");
}

impl Drop for Driver {
    /// Also runs when the runtime ends under a client that is not closed.
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        if !matches!(*self.state.borrow(), State::Closed(_)) {
            tell(
                &mut inner,
                &self.shared,
                Input::Close(Close::new(CloseCode::NORMAL)),
            );
            loop {
                match inner.machine.poll_output() {
                    Output::Wait(_) => break,
                    Output::Event(Event::State(state)) => {
                        self.state
                            .send_replace(State::from_core(state, self.shared.clock));
                    }
                    Output::Event(_) | Output::Transmit(_) => {}
                }
            }
        }
        drop(inner);
        self.shared.end();
    }
}
