//! A transport that is not needed any more but may have bytes on their way.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use crate::transport::{Received, Transport};

/// How long a peer may take for what was sent last. Nothing waits for this but the end of a client.
const LINGER: Duration = Duration::from_secs(1);

/// Closes a transport so that the peer sees what was sent: a socket that is dropped with unread bytes is reset, and a reset overtakes.
pub(super) struct Leaving {
    transport: Transport,
    closed: bool,
    deadline: Pin<Box<Sleep>>,
}

impl Leaving {
    pub(super) fn new(transport: Transport) -> Self {
        Self {
            transport,
            closed: false,
            deadline: Box::pin(sleep(LINGER)),
        }
    }

    /// Ready when the transport can be dropped.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        if !self.closed {
            if ready!(self.transport.poll_close(cx)).is_err() {
                return Poll::Ready(());
            }
            self.closed = true;
        }
        loop {
            let mut ended = false;
            let received = self.transport.poll_receive(cx, &mut |received| {
                ended = matches!(received, Received::Eof)
            });
            if ready!(received).is_err() || ended {
                return Poll::Ready(());
            }
        }
    }
}
