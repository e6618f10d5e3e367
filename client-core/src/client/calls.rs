//! How calls become messages: at once, or when the connection is there.

use pitaya_protocol::connection;
use pitaya_protocol::packet::{MAX_BODY, PacketTooLarge};
use pitaya_protocol::{
    Connection, EncodeError, MAX_ROUTE, Message, MessageKind, RouteRef, Timestamp,
};

use super::Client;
use crate::call::CallError;
use crate::core::Core;
use crate::output::Event;
use crate::queue::Call;
use crate::requests::InFlight;

impl Client {
    pub(super) fn call(&mut self, call: &Call<'_>) {
        if let Err(error) = check(call) {
            self.core.fail(call.id, error.into());
            return;
        }
        let open = self.is_open();
        let Self { connection, core } = self;
        let connection = match connection {
            Some(connection) if open => connection,
            _ => return core.defer(call, CallError::NotConnected),
        };
        // What waited has gone already, as far as there was room; if something still waits, there is none.
        if !core.writable || core.calls.is_full() {
            return core.defer(call, CallError::QueueFull);
        }
        core.queue.supersede(call, &mut core.events);
        if let Err(error) = write(connection, &mut core.calls, core.now, call) {
            core.fail(call.id, error);
        }
    }

    /// Writes the calls that waited, as far as there is room.
    pub(super) fn flush(&mut self) {
        let Self { connection, core } = self;
        let Some(connection) = connection else {
            return;
        };
        if core.queue.is_empty() {
            return;
        }
        core.queue.expire(core.now, &mut core.events);
        let Core {
            queue,
            calls,
            events,
            now,
            ..
        } = core;
        queue.release(|call| {
            if calls.is_full() {
                return false;
            }
            if let Err(error) = write(connection, calls, *now, call) {
                let call = call.id;
                events.push(Event::Failed { call, error });
            }
            true
        });
    }
}

/// Whether any message can carry this call.
fn check(call: &Call<'_>) -> Result<(), EncodeError> {
    if call.route.len() > MAX_ROUTE {
        return Err(EncodeError::RouteTooLong(call.route.len()));
    }
    let len = call.body.len();
    if len > MAX_BODY {
        return Err(PacketTooLarge { len }.into());
    }
    Ok(())
}

/// Writes a call into the connection's buffer.
fn write(
    connection: &mut Connection,
    calls: &mut InFlight,
    now: Timestamp,
    call: &Call<'_>,
) -> Result<(), CallError> {
    let route = RouteRef::Name(call.route);
    let request = call.kind == MessageKind::Request;
    let message = if request {
        Message::request(calls.free_id().into(), route, call.body)
    } else {
        Message::notify(route, call.body)
    };
    match connection.handle_input(now, connection::Input::Send(message)) {
        Ok(()) if request => calls.request(call.id, now, call.deadline),
        Ok(()) => calls.notify(call.id),
        Err(connection::Misuse::Encode(error)) => return Err(error.into()),
        Err(_) => return Err(CallError::NotConnected),
    }
    Ok(())
}
