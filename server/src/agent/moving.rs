//! Bytes between the transport and the connection.

use std::task::{Context, Poll};

use pitaya_protocol::connection::Input;
use pitaya_protocol::{Close, CloseCode, Closed, SerializerSet, Timestamp};

use super::Agent;
use crate::transport::{FrameFault, Received, Transport};

impl<T: Transport, S: SerializerSet> Agent<T, S> {
    /// Sends what is there, first what was begun, then what the outbox holds.
    ///
    /// # Errors
    ///
    /// The end, when the transport has failed: whatever the connection still holds back, there is no one left to hold it for.
    pub(super) fn flush(&mut self, cx: &mut Context<'_>) -> Result<(), Closed> {
        let Some(transport) = &mut self.transport else {
            return Ok(());
        };
        loop {
            if self.send.is_empty() {
                self.stalled = None;
                if let Some(session) = &self.session
                    && self.conn.is_open()
                {
                    session.outbox().move_to(&mut self.send);
                }
                if self.send.is_empty() {
                    return Ok(());
                }
            }
            match transport.poll_send(cx, &mut self.send) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Err(Closed::transport(&error.to_string())),
                Poll::Pending => {
                    let taken = self.send.taken();
                    if self.stalled.is_none_or(|(_, before)| before != taken) {
                        self.stalled = Some((self.server.now(), taken));
                        self.server.metrics().outbox(self.send.len());
                    }
                    return Ok(());
                }
            }
        }
    }

    /// Reads once, if the connection wants bytes. Whether something came. `now` is when the first bytes of this wake-up came: reading the clock
    /// costs as much as decoding a message, and a wake-up is short.
    ///
    /// # Errors
    ///
    /// The end, when the transport has failed.
    pub(super) fn receive(
        &mut self,
        now: &mut Option<Timestamp>,
        cx: &mut Context<'_>,
    ) -> Result<bool, Closed> {
        if !self.conn.wants_bytes() {
            return Ok(false);
        }
        let (Some(transport), conn, server) = (&mut self.transport, &mut self.conn, &self.server)
        else {
            return Ok(false);
        };
        let received = transport.poll_receive(cx, |received| {
            let input = match received {
                Received::Bytes(bytes) => Input::Bytes(bytes),
                Received::Frame(frame) => Input::Frame(frame),
                Received::Eof => Input::Eof,
            };
            // Bytes and their end are refused by no state.
            let now = *now.get_or_insert_with(|| server.now());
            let _ = conn.handle_input(now, input);
        });
        match received {
            Poll::Pending => Ok(false),
            Poll::Ready(Ok(())) => Ok(true),
            Poll::Ready(Err(error)) => {
                match error
                    .get_ref()
                    .and_then(|inner| inner.downcast_ref::<FrameFault>())
                {
                    Some(FrameFault::TooLarge { .. }) => {
                        let close =
                            Close::new(CloseCode::PACKET_TOO_LARGE).with_reason(error.to_string());
                        self.end(close);
                    }
                    Some(FrameFault::Protocol(_)) => {
                        let close =
                            Close::new(CloseCode::BAD_PACKET).with_reason(error.to_string());
                        self.end(close);
                    }
                    None => return Err(Closed::transport(&error.to_string())),
                }
                Ok(true)
            }
        }
    }
}
