//! How calls become messages: at once, or when the connection is there.

use pitaya_protocol::connection;
use pitaya_protocol::packet::{MAX_BODY, PacketTooLarge};
use pitaya_protocol::{
    Connection, EncodeError, MAX_ROUTE, Message, MessageKind, RouteRef, Timestamp,
};

use super::Client;
use crate::call::CallError;
use crate::pending::{Call, Calls};

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
        core.calls.supersede(call, &mut core.events);
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
        if !core.calls.is_waiting() {
            return;
        }
        core.calls.expire(core.now, &mut core.events);
        while !core.calls.is_full()
            && let Some(pending) = core.calls.next_waiting()
            && let Some(call) = pending.as_call()
        {
            if let Err(error) = write(connection, &mut core.calls, core.now, &call) {
                core.fail(call.id, error);
            }
        }
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
    calls: &mut Calls,
    now: Timestamp,
    call: &Call<'_>,
) -> Result<(), CallError> {
    let route = RouteRef::Name(call.route);
    let message = match call.kind {
        MessageKind::Request => Message::request(calls.free_id().into(), route, call.body),
        _ => Message::notify(route, call.body),
    };
    match connection.handle_input(now, connection::Input::Send(message)) {
        Ok(()) => calls.written(call, now),
        Err(connection::Misuse::Encode(error)) => return Err(error.into()),
        Err(_) => return Err(CallError::NotConnected),
    }
    Ok(())
}
