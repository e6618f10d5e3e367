//! The functions that every client has, wherever its sockets are.

#![expect(unsafe_code, reason = "the C ABI")]

use std::mem::MaybeUninit;
use std::time::Duration;

use super::call::{Call, Kind};
use super::client::Signal;
use super::event::{PitayaEvent, micros, number, source};
use super::fault::{Fault, guard, guard_count, last};
use super::handles;
use super::memory::{PitayaBuffer, PitayaBytes, read, room, write};
use super::numbers::*;
use super::options::PitayaCall;

/// A client. 0 is none. A handle of a client that was destroyed is known as such, also when another client has taken its place.
pub type PitayaClient = u64;

/// Longest time that `pitaya_destroy` blocks, in milliseconds.
pub const PITAYA_DESTROY_MAX_MS: u32 = 5_000;

/// The version of the ABI that the library has; compare it with `PITAYA_ABI_VERSION`.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_abi_version() -> u32 {
    PITAYA_ABI_VERSION
}

/// Writes why the last function that this thread called has failed, as UTF-8 without an end mark, at most `capacity` bytes of it. Returns
/// how long the text is.
///
/// # Safety
/// `capacity` bytes can be written to `buffer`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_last_error(buffer: *mut u8, capacity: usize) -> usize {
    let mut len = 0;
    // Not guarded by what would replace the text.
    last(|text| {
        len = text.len();
        // SAFETY: handed on to the caller of this function.
        if let Ok(room) = unsafe { room(buffer, capacity) } {
            fill(room, text.as_bytes());
        }
    });
    len
}

fn fill(room: &mut [MaybeUninit<u8>], bytes: &[u8]) {
    for (room, byte) in room.iter_mut().zip(bytes) {
        room.write(*byte);
    }
}

/// Wants a connection. While one is waited for it is tried now; otherwise it changes nothing unless the client is idle or closed. What comes of
/// it is told by events.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_connect(client: PitayaClient) -> i32 {
    signal(client, Signal::Connect)
}

/// Closes the connection: calls that go on fail, and the state becomes closed. Does not block. `pitaya_connect` connects anew.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_disconnect(client: PitayaClient) -> i32 {
    signal(client, Signal::Disconnect)
}

/// Says that the application goes to the background: the server's silence does not count, and no connection is tried.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_pause(client: PitayaClient) -> i32 {
    signal(client, Signal::Pause)
}

/// Says that the application is back: a connection is checked, as it may have died unnoticed, and a lost one is tried at once.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_resume(client: PitayaClient) -> i32 {
    signal(client, Signal::Resume)
}

/// Says whether there is a network (not 0) or none (0), and that it has changed: without one no connection is tried, with one the connection is
/// checked as by `pitaya_resume`.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_set_online(client: PitayaClient, online: u32) -> i32 {
    signal(
        client,
        match online {
            0 => Signal::Offline,
            _ => Signal::Online,
        },
    )
}

/// Lets the calls go that waited for this connection; only with `hold_queue`.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_release(client: PitayaClient) -> i32 {
    signal(client, Signal::Release)
}

fn signal(client: PitayaClient, signal: Signal) -> i32 {
    guard(|| handles::client(client)?.signal(signal))
}

/// Ends a client. Its handle is invalid from now on, and what its events pointed to is gone. Calls that go on end without an event.
///
/// This is the one function that may block: for `wait_ms` milliseconds, at most `PITAYA_DESTROY_MAX_MS`, until the server has taken what was
/// sent. With 0 it does not block, and the connection is closed in the background. A host's own sockets are the host's to close.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_destroy(client: PitayaClient, wait_ms: u32) -> i32 {
    guard(|| {
        handles::client(client)?;
        let client = handles::remove(client)?.client()?;
        let wait = wait_ms.min(PITAYA_DESTROY_MAX_MS);
        client.end(Duration::from_millis(wait.into()));
        Ok(())
    })
}

/// Makes pushes of a route events, from now on. Best called before `pitaya_connect`. It outlives connections; twice is as good as once.
///
/// # Safety
/// `route` can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_subscribe(client: PitayaClient, route: PitayaBytes) -> i32 {
    // SAFETY: handed on to the caller of this function.
    guard(|| handles::client(client)?.listen(unsafe { route.text()? }, true))
}

/// Takes a `pitaya_subscribe` back.
///
/// # Safety
/// `route` can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_unsubscribe(client: PitayaClient, route: PitayaBytes) -> i32 {
    // SAFETY: handed on to the caller of this function.
    guard(|| handles::client(client)?.listen(unsafe { route.text()? }, false))
}

/// Sets the `user` object of the handshake, as JSON, for the attempts that come: for example with a new token after each
/// `PITAYA_STATE_RECONNECTING`.
///
/// # Safety
/// `json` can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_set_user(client: PitayaClient, json: PitayaBytes) -> i32 {
    // SAFETY: handed on to the caller of this function.
    guard(|| handles::client(client)?.set_user(unsafe { json.text()? }))
}

/// Sends a request. Writes its number, with which it ends: there is exactly one `PITAYA_EVENT_ANSWER` for it, unless this function fails or the
/// client is destroyed.
///
/// Returns `PITAYA_ERROR_QUEUE_FULL`, and no number, where `max_in_flight` and `queue_items` calls go on or were not polled, or 16 MiB of their
/// answers were not.
///
/// # Safety
/// `call` and what it points to can be read, and `id` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_request(
    client: PitayaClient,
    call: *const PitayaCall,
    id: *mut u64,
) -> i32 {
    // SAFETY: handed on to the caller of this function.
    guard_count(|| unsafe { begin(client, Kind::Request, call, id) })
}

/// Sends a notify, as `pitaya_request` does; it ends with `PITAYA_EVENT_SENT`.
///
/// # Safety
/// As `pitaya_request`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_notify(
    client: PitayaClient,
    call: *const PitayaCall,
    id: *mut u64,
) -> i32 {
    // SAFETY: handed on to the caller of this function.
    guard_count(|| unsafe { begin(client, Kind::Notify, call, id) })
}

/// # Safety
/// As `pitaya_request`.
unsafe fn begin(
    client: PitayaClient,
    kind: Kind,
    call: *const PitayaCall,
    id: *mut u64,
) -> Result<i32, Fault> {
    let client = handles::client(client)?;
    // First, so that no call is sent whose number cannot be told.
    // SAFETY: handed on to the caller of this function.
    unsafe { write(id, 0)? };
    // SAFETY: as above.
    let call = unsafe { Call::read(kind, read(call)?)? };
    match client.call(&call)? {
        Ok(number) => {
            // SAFETY: as above.
            unsafe { write(id, number)? };
            Ok(PITAYA_OK)
        }
        Err(status) => Ok(status),
    }
}

/// Gives a call up: it ends as cancelled. The server may still act on it. A call that has ended stays as it ended.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_cancel(client: PitayaClient, call: u64) -> i32 {
    guard(|| handles::client(client)?.cancel(call))
}

/// Takes events, oldest first, and returns how many: at most `max`, and no further one once `budget` bytes of them were reached (0: no such
/// limit). Call it once per frame; when nothing has happened it costs no allocation.
///
/// What the events point to lasts until the same thread polls this client again, calls `pitaya_events_done`, or the client is destroyed. Another
/// thread that polls before that is told `PITAYA_BUSY`.
///
/// # Safety
/// `max` events can be written to `events`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_poll(
    client: PitayaClient,
    events: *mut PitayaEvent,
    max: usize,
    budget: usize,
) -> i32 {
    guard_count(|| {
        let client = handles::client(client)?;
        // SAFETY: handed on to the caller of this function.
        let events = unsafe { room(events, max)? };
        // What cannot be told is not settled.
        let serializer = || client.serializer().ok().flatten().map_or(0, number);
        client.inbox.poll(events, budget, serializer)
    })
}

/// Says that everything of the last poll was read: any thread may poll next.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_events_done(client: PitayaClient) -> i32 {
    guard(|| handles::client(client)?.inbox.done())
}

/// Copies the body of an event of the last poll, by its place in it, into memory that the caller keeps until `pitaya_buffer_free`.
///
/// # Safety
/// `buffer` can be written to. What it held before is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_take_body(
    client: PitayaClient,
    event: usize,
    buffer: *mut PitayaBuffer,
) -> i32 {
    guard(|| {
        let client = handles::client(client)?;
        // SAFETY: handed on to the caller of this function.
        unsafe { write(buffer, PitayaBuffer::give(&[]))? };
        let body = client.inbox.body(event)?;
        // SAFETY: as above.
        unsafe { write(buffer, PitayaBuffer::give(&body)) }
    })
}

/// Writes where the client stands: one of `PITAYA_STATE_*`. Events tell the same in order.
///
/// # Safety
/// `state` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_state(client: PitayaClient, state: *mut u32) -> i32 {
    // SAFETY: handed on to the caller of this function.
    guard(|| unsafe { write(state, handles::client(client)?.state()?) })
}

/// Writes the smoothed round trip in microseconds and what it was measured with; `PITAYA_NEVER` and 0 before the first measurement.
///
/// # Safety
/// Both can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_rtt(
    client: PitayaClient,
    time_us: *mut u64,
    measured_by: *mut u32,
) -> i32 {
    guard(|| {
        let rtt = handles::client(client)?.rtt()?;
        let time = rtt.map_or(PITAYA_NEVER, |rtt| micros(rtt.time()));
        // SAFETY: handed on to the caller of this function.
        unsafe {
            write(time_us, time)?;
            write(measured_by, rtt.map_or(0, source))
        }
    })
}

/// Writes which serializer payloads have: one of `PITAYA_SERIALIZER_*`, 0 before the first handshake where there is a choice.
///
/// # Safety
/// `serializer` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_serializer(client: PitayaClient, serializer: *mut u32) -> i32 {
    guard(|| {
        let settled = handles::client(client)?.serializer()?;
        // SAFETY: handed on to the caller of this function.
        unsafe { write(serializer, settled.map_or(0, number)) }
    })
}
