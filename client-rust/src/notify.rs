//! Notifies: built, sent when awaited, not answered.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pitaya_client_core::{Input, QueueLimits};

use crate::call::{Offline, Ongoing, Outgoing};
use crate::error::NotifyError;
use crate::shared::Outcome;

/// A notify that is sent when it is awaited, which ends when the transport has taken it.
///
/// ```no_run
/// # use pitaya_client::{Client, Notify, NotifyError};
/// # #[derive(serde::Serialize)] struct Position { x: f32, y: f32 }
/// const MOVE: Notify<Position> = Notify::new("room.move");
///
/// async fn go(client: &Client, to: Position) -> Result<(), NotifyError> {
///     client.notify(MOVE, &to).latest_only("").await
/// }
/// ```
#[derive(Debug)]
#[must_use = "a notify is only sent when it is awaited"]
pub struct NotifyCall {
    outgoing: Outgoing,
}

impl NotifyCall {
    pub(crate) fn new(outgoing: Outgoing) -> Self {
        Self { outgoing }
    }

    /// While there is no connection, waits for one, within the default [`QueueLimits`]. Without this it fails at once.
    pub fn queued(self) -> Self {
        self.queued_within(QueueLimits::default())
    }

    /// While there is no connection, waits for one, within these limits.
    pub fn queued_within(mut self, limits: QueueLimits) -> Self {
        self.outgoing.offline = Offline::Queue(limits);
        self
    }

    /// While there is no connection, waits for one, in place of the older notify of the same route and key that waits.
    pub fn latest_only(mut self, key: impl Into<String>) -> Self {
        self.outgoing.offline = Offline::LatestOnly(key.into());
        self
    }
}

impl IntoFuture for NotifyCall {
    type Output = Result<(), NotifyError>;
    type IntoFuture = NotifyFuture;

    fn into_future(self) -> NotifyFuture {
        NotifyFuture {
            state: State::New(self.outgoing),
        }
    }
}

/// A notify that was awaited. Dropping it gives up a notify that still waits; one that is on its way stays so.
#[derive(Debug)]
#[must_use = "a notify is only sent when it is awaited"]
pub struct NotifyFuture {
    state: State,
}

#[derive(Debug)]
enum State {
    New(Outgoing),
    Sent(Ongoing),
    Done,
}

impl Future for NotifyFuture {
    type Output = Result<(), NotifyError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if matches!(self.state, State::New(_))
            && let State::New(outgoing) = std::mem::replace(&mut self.state, State::Done)
        {
            let Outgoing {
                shared,
                route,
                body,
                offline,
            } = outgoing;
            let body = body?;
            let call = shared.call(cx, |call| Input::Notify {
                call,
                route: &route,
                body: &body,
                offline: offline.as_core(),
            });
            self.state = State::Sent(Ongoing::new(shared, call));
        }
        let State::Sent(ongoing) = &mut self.state else {
            panic!("a notify was polled after its end")
        };
        let outcome = ready!(ongoing.poll(cx));
        self.state = State::Done;
        Poll::Ready(match outcome {
            Outcome::Failed(error) => Err(error.into()),
            Outcome::Sent | Outcome::Answer { .. } | Outcome::NotInflated(_) => Ok(()),
        })
    }
}
