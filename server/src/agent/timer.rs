//! One timer for one connection, armed again only when it fires too early: a packet costs no timer operation.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use pitaya_protocol::Timestamp;
use tokio::time::{Instant, Sleep, sleep_until};

#[derive(Debug, Default)]
pub(super) struct Timer {
    sleep: Option<Pin<Box<Sleep>>>,
    armed: Option<Timestamp>,
    /// Who is woken.
    waker: Option<Waker>,
}

impl Timer {
    /// Whether `deadline` is ahead of `now` and the task will be woken for it: then the timer, which lies elsewhere in memory, need not be looked at.
    pub(super) fn is_ahead(
        &self,
        now: Timestamp,
        deadline: Option<Timestamp>,
        cx: &Context<'_>,
    ) -> bool {
        let (Some(deadline), Some(armed), Some(waker)) = (deadline, self.armed, &self.waker) else {
            return false;
        };
        now < armed && armed <= deadline && waker.will_wake(cx.waker())
    }

    /// Whether `deadline` has passed; else the task is woken then, or earlier.
    pub(super) fn poll(
        &mut self,
        origin: Instant,
        deadline: Option<Timestamp>,
        cx: &mut Context<'_>,
    ) -> bool {
        let Some(deadline) = deadline else {
            return false;
        };
        // A later deadline waits for the timer that runs already.
        if self.armed.is_none_or(|armed| deadline < armed) {
            self.arm(origin, deadline);
        }
        loop {
            let Some(sleep) = &mut self.sleep else {
                return false;
            };
            if sleep.as_mut().poll(cx) == Poll::Pending {
                match &mut self.waker {
                    Some(known) => known.clone_from(cx.waker()),
                    none => *none = Some(cx.waker().clone()),
                }
                return false;
            }
            if self.armed.is_some_and(|armed| armed >= deadline) {
                self.armed = None;
                return true;
            }
            self.arm(origin, deadline);
        }
    }

    fn arm(&mut self, origin: Instant, deadline: Timestamp) {
        let at = origin + std::time::Duration::from_micros(deadline.as_micros());
        match &mut self.sleep {
            Some(sleep) => sleep.as_mut().reset(at),
            None => self.sleep = Some(Box::pin(sleep_until(at))),
        }
        self.armed = Some(deadline);
    }
}
