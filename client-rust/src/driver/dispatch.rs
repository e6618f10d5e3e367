//! From the machine's events to whoever waits for them.

use std::collections::HashMap;

use bytes::Bytes;
use pitaya_client_core::{CallId, Event, Input};
use pitaya_protocol::Serializer;
use pitaya_protocol::compression::{InflateError, inflate};
use tokio::sync::oneshot;

use crate::events::{self, Listeners};
use crate::shared::{Outcome, complete};
use crate::subscription::Subscribers;

/// Everybody who may wait.
pub(super) struct To<'a> {
    pub(super) calls: &'a mut HashMap<CallId, oneshot::Sender<Outcome>>,
    pub(super) subscribers: &'a mut Subscribers,
    pub(super) listeners: &'a mut Listeners,
    pub(super) serializer: Option<Serializer>,
}

impl To<'_> {
    /// Hands an event on. What comes back is for the machine.
    pub(super) fn dispatch(
        &mut self,
        event: Event<'_>,
        max_inflated: usize,
    ) -> Option<Input<'static>> {
        match event {
            Event::Response {
                call,
                error,
                deflated,
                body,
            } => {
                let serializer = self.serializer?;
                match payload(deflated, body, max_inflated) {
                    Ok(body) => complete(
                        self.calls,
                        call,
                        Outcome::Answer {
                            error,
                            serializer,
                            body,
                        },
                    ),
                    Err(error) => {
                        complete(self.calls, call, Outcome::NotInflated(error));
                        return Some(Input::Fault(error.into()));
                    }
                }
            }
            Event::Push {
                route,
                deflated,
                body,
            } => {
                let serializer = self.serializer?;
                if !self.subscribers.listen_to(route) {
                    self.listeners.tell(|| events::Event::Unhandled {
                        route: route.to_owned(),
                    });
                    return None;
                }
                match payload(deflated, body, max_inflated) {
                    Ok(body) => self.subscribers.deliver(route, serializer, &body),
                    Err(error) => return Some(Input::Fault(error.into())),
                }
            }
            Event::Sent(call) => complete(self.calls, call, Outcome::Sent),
            Event::Failed { call, error } => complete(self.calls, call, Outcome::Failed(error)),
            Event::Unmatched { late, .. } => {
                self.listeners.tell(|| events::Event::Unmatched { late })
            }
            Event::RoundTrip(time) => self.listeners.tell(|| events::Event::RoundTrip(time)),
            _ => {}
        }
        None
    }
}

/// Copies a body out of the machine, inflated if need be.
fn payload(deflated: bool, body: &[u8], limit: usize) -> Result<Bytes, InflateError> {
    match deflated {
        true => inflate(body, limit).map(Bytes::from),
        false => Ok(Bytes::copy_from_slice(body)),
    }
}
