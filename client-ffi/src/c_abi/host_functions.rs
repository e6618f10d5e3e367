//! The functions of a host that owns its sockets and its clock.

#![expect(unsafe_code, reason = "the C ABI")]

use std::sync::Arc;

use pitaya_client_core::{Close, CloseCode, Input};
use pitaya_protocol::handshake::ClientInfo;
use pitaya_protocol::{Capabilities, Serializer};

use super::client::{Client, user};
use super::fault::{Fault, guard};
use super::functions::PitayaClient;
use super::handles::{self, Object};
use super::host::{Host, Settings};
use super::inbox::Inbox;
use super::memory::{PitayaBytes, read, room, write};
use super::numbers::*;
use super::options::{PitayaOptions, duration};

/// Makes an idle client whose host owns sockets and clock. There is no thread, and nothing happens but in a call of the host.
///
/// The host says the time with each call that has a `now_us`: microseconds of a clock that never runs backwards. Calls without it happen at the
/// last time that was said.
///
/// # Safety
/// `options` and what it points to can be read, and `client` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_host_create(
    options: *const PitayaOptions,
    client: *mut PitayaClient,
) -> i32 {
    guard(|| {
        // SAFETY: handed on to the caller of this function.
        unsafe { write(client, 0)? };
        // SAFETY: as above.
        let options = unsafe { read(options)? };
        // SAFETY: as above.
        let settings = unsafe { settings(options)? };
        let inbox = Arc::new(Inbox::new(options.limits()));
        let host = Host::new(settings, Arc::clone(&inbox));
        let made = Object::Client(Arc::new(Client::of_host(inbox, host)));
        // SAFETY: as above.
        unsafe { write(client, handles::insert(made)) }
    })
}

/// # Safety
/// What `options` points to can be read.
unsafe fn settings(options: &PitayaOptions) -> Result<Settings, Fault> {
    options.check()?;
    // SAFETY: handed on to the caller of this function.
    let [user_json, version, build, platform] = unsafe {
        [
            options.user_json.text()?,
            options.app_version.text()?,
            options.app_build.text()?,
            options.platform.text()?,
        ]
    };
    let mut config = Settings::config();
    config.connect_timeout = duration(options.connect_timeout_ms).into();
    config.handshake_timeout = duration(options.handshake_timeout_ms).into();
    config.request_timeout = duration(options.request_timeout_ms).into();
    config.backoff.base = duration(options.reconnect_base_ms).into();
    config.backoff.max = duration(options.reconnect_max_ms).into();
    config.backoff.stable = duration(options.reconnect_stable_ms).into();
    config.backoff.jitter = options.reconnect_jitter_percent as u8;
    let attempts = options.reconnect_attempts;
    config.backoff.attempts = (attempts != u32::MAX).then_some(attempts);
    config.retry_first = options.retry_first != 0;
    config.hold_queue = options.hold_queue != 0;
    config.max_in_flight = options.max_in_flight as usize;
    config.queue_items = options.queue_items as usize;
    config.queue_bytes = options.queue_bytes as usize;
    config.max_packet = options.max_packet as usize;
    let mut info = ClientInfo::default();
    version.clone_into(&mut info.version);
    build.clone_into(&mut info.build_number);
    env!("CARGO_PKG_VERSION").clone_into(&mut info.lib_version);
    info.platform = match (platform, std::env::consts::OS) {
        // As clients of the family name it (wire 2.1).
        ("", "macos") => "mac".to_owned(),
        ("", system) => system.to_owned(),
        (platform, _) => platform.to_owned(),
    };
    info.capabilities = Capabilities::from_bits(options.capabilities as u8);
    let known = [
        (PITAYA_SERIALIZER_JSON, Serializer::Json),
        (PITAYA_SERIALIZER_PROTOBUF, Serializer::Protobuf),
    ];
    let pinned = known
        .iter()
        .find(|(number, _)| *number == options.pinned_serializer);
    Ok(Settings {
        config,
        info,
        user: user(user_json)?,
        serializers: known
            .iter()
            .filter(|(number, _)| options.serializers & number != 0)
            .map(|(_, serializer)| *serializer)
            .collect(),
        pinned: pinned.map(|(_, serializer)| *serializer),
        max_inflated: options.max_inflated as usize,
    })
}

/// Says the time. Call it once per frame, or when `pitaya_host_deadline` has come: what is due is done now.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_host_tick(client: PitayaClient, now_us: u64) -> i32 {
    guard(|| handles::client(client)?.host()?.tick(now_us))
}

/// Writes when the client wants to hear of the time at the latest; `PITAYA_NEVER` when it does not. Any call may change it.
///
/// # Safety
/// `at_us` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_host_deadline(client: PitayaClient, at_us: *mut u64) -> i32 {
    // SAFETY: handed on to the caller of this function.
    guard(|| unsafe { write(at_us, handles::client(client)?.host()?.deadline()) })
}

/// Answers `PITAYA_EVENT_HOST_CONNECT`: a transport is open, one of `PITAYA_TRANSPORT_*`. The handshake is ready to be transmitted.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_host_opened(client: PitayaClient, now_us: u64, transport: u32) -> i32 {
    guard(|| {
        let messages = match transport {
            PITAYA_TRANSPORT_STREAM => false,
            PITAYA_TRANSPORT_MESSAGES => true,
            other => {
                return Err(Fault::argument(format!("{other} is no PITAYA_TRANSPORT_*")));
            }
        };
        handles::client(client)?.host()?.opened(now_us, messages)
    })
}

/// Answers `PITAYA_EVENT_HOST_CONNECT`: there will be no transport. `reason` is for people; `retryable` says whether the same may work later
/// (not 0), as a certificate that is not trusted will not be trusted in a second (0).
///
/// # Safety
/// `reason` can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_host_failed(
    client: PitayaClient,
    now_us: u64,
    reason: PitayaBytes,
    retryable: u32,
) -> i32 {
    guard(|| {
        // SAFETY: handed on to the caller of this function.
        let close = transport(unsafe { reason.text()? });
        let client = handles::client(client)?;
        client.host()?.failed(now_us, close, retryable != 0)
    })
}

/// The transport has gone wrong in the host's own words, if it has any.
fn transport(reason: &str) -> Close {
    match reason {
        "" => CloseCode::TRANSPORT.into(),
        reason => Close::because(CloseCode::TRANSPORT, reason),
    }
}

/// Hands over what came: bytes of a stream, split anywhere, or one whole message. They are read before this returns.
///
/// # Safety
/// `bytes` can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_host_feed(
    client: PitayaClient,
    now_us: u64,
    bytes: PitayaBytes,
) -> i32 {
    guard(|| {
        let client = handles::client(client)?;
        // SAFETY: handed on to the caller of this function.
        let bytes = unsafe { bytes.bytes()? };
        client.host()?.feed(now_us, bytes)
    })
}

/// Takes what is to be sent: of a stream as many bytes as fit, of messages exactly one whole. Writes how many bytes it was, 0 when there is
/// nothing. Call it until then after every other call.
///
/// Returns `PITAYA_BUFFER_TOO_SMALL` where a message does not fit, and writes its length. Calls wait or fail while 64 KiB were not taken.
///
/// # Safety
/// `capacity` bytes can be written to `buffer`, and `len` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_host_transmit(
    client: PitayaClient,
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
) -> i32 {
    guard(|| {
        // SAFETY: handed on to the caller of this function.
        unsafe { write(len, 0)? };
        let client = handles::client(client)?;
        // SAFETY: as above.
        let room = unsafe { room(buffer, capacity)? };
        let taken = client.host()?.transmit(room);
        // SAFETY: as above.
        unsafe { write(len, taken.unwrap_or_else(|needed| needed))? };
        match taken {
            Ok(_) => Ok(()),
            Err(needed) => Err(Fault::new(
                PITAYA_BUFFER_TOO_SMALL,
                format!("the next message has {needed} bytes"),
            )),
        }
    })
}

/// Writes whether the host should read from its transport now (1) or not (0): what is read in the meantime would only pile up.
///
/// # Safety
/// `wants` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_host_wants_bytes(client: PitayaClient, wants: *mut u32) -> i32 {
    // SAFETY: handed on to the caller of this function.
    guard(|| unsafe { write(wants, handles::client(client)?.host()?.wants_bytes().into()) })
}

/// Says that the server has ended its stream in order.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_host_ended(client: PitayaClient, now_us: u64) -> i32 {
    guard(|| {
        let client = handles::client(client)?;
        client.host()?.tell(Some(now_us), Input::Eof)
    })
}

/// Says that the server has ended its WebSocket with a close frame.
///
/// # Safety
/// `reason` can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_host_closed(
    client: PitayaClient,
    now_us: u64,
    code: u16,
    reason: PitayaBytes,
) -> i32 {
    guard(|| {
        // SAFETY: handed on to the caller of this function.
        let reason = unsafe { reason.text()? };
        let client = handles::client(client)?;
        client
            .host()?
            .tell(Some(now_us), Input::CloseFrame { code, reason })
    })
}

/// Says that the transport has failed; `reason` is for people.
///
/// # Safety
/// `reason` can be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_host_lost(
    client: PitayaClient,
    now_us: u64,
    reason: PitayaBytes,
) -> i32 {
    guard(|| {
        // SAFETY: handed on to the caller of this function.
        let close = transport(unsafe { reason.text()? });
        let client = handles::client(client)?;
        client
            .host()?
            .tell(Some(now_us), Input::TransportFailed(close))
    })
}
