//! The functions that bring sockets, TLS and logs.

#![expect(unsafe_code, reason = "the C ABI")]

use std::sync::Arc;

use super::client::{Client, user};
use super::fault::{Fault, guard, guard_count};
use super::functions::PitayaClient;
use super::handles::{self, Object};
use super::inbox::Inbox;
use super::memory::{PitayaBytes, read, room, write};
use super::native::Native;
use super::numbers::*;
use super::options::PitayaOptions;
use crate::surface::{
    ConnectOptions, Header, LogLevel, ReconnectOptions, Serializer, TlsOptions, open_logs,
};

/// Lines for a log. 0 is none.
pub type PitayaLog = u64;

/// Makes an idle client that brings its own sockets and TLS. `pitaya_connect` lets it connect. All clients of the process share one thread of
/// this library, which never calls into the host.
///
/// # Safety
/// `options` and what it points to can be read, and `client` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_create(
    options: *const PitayaOptions,
    client: *mut PitayaClient,
) -> i32 {
    guard(|| {
        // SAFETY: handed on to the caller of this function.
        unsafe { write(client, 0)? };
        // SAFETY: as above.
        let options = unsafe { read(options)? };
        options.check()?;
        // SAFETY: as above.
        let user = user(unsafe { options.user_json.text()? })?;
        // SAFETY: as above.
        let settings = unsafe { settings(options)? };
        let builder = settings
            .builder()
            .map_err(|error| Fault::argument(error.to_string()))?;
        let inbox = Arc::new(Inbox::new(options.limits()));
        let native = Native::new(builder, user, Arc::clone(&inbox));
        let made = Object::Client(Arc::new(Client::native(inbox, native)));
        // SAFETY: as above.
        unsafe { write(client, handles::insert(made)) }
    })
}

/// # Safety
/// What `options` points to can be read.
unsafe fn settings(options: &PitayaOptions) -> Result<ConnectOptions, Fault> {
    let text = |text: PitayaBytes| -> Result<Option<String>, Fault> {
        // SAFETY: handed on to the caller of this function.
        let text = unsafe { text.text()? };
        Ok((!text.is_empty()).then(|| text.to_owned()))
    };
    let lines = |list: PitayaBytes| -> Result<Vec<String>, Fault> {
        let list = text(list)?.unwrap_or_default();
        let lines = list.lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(lines.map(str::to_owned).collect())
    };
    let pem = |pem: PitayaBytes| -> Result<Option<Vec<u8>>, Fault> {
        // SAFETY: as above.
        let pem = unsafe { pem.bytes()? };
        Ok((!pem.is_empty()).then(|| pem.to_vec()))
    };
    let serializer = |number: u32| match number {
        PITAYA_SERIALIZER_JSON => Some(Serializer::Json),
        PITAYA_SERIALIZER_PROTOBUF => Some(Serializer::Protobuf),
        _ => None,
    };
    let capabilities = pitaya_protocol::Capabilities::from_bits(options.capabilities as u8);
    let attempts = options.reconnect_attempts;
    Ok(ConnectOptions {
        endpoints: lines(options.endpoints)?,
        serializers: [PITAYA_SERIALIZER_JSON, PITAYA_SERIALIZER_PROTOBUF]
            .into_iter()
            .filter(|number| options.serializers & number != 0)
            .filter_map(serializer)
            .collect(),
        pinned_serializer: serializer(options.pinned_serializer),
        // The client has a way of its own to say it anew for each attempt.
        user_json: None,
        user_on_demand: false,
        app_version: text(options.app_version)?,
        app_build: text(options.app_build)?,
        platform: text(options.platform)?,
        capabilities: Some(capabilities.names().map(str::to_owned).collect()),
        tls: Some(TlsOptions {
            roots_pem: pem(options.tls_roots_pem)?,
            pins: lines(options.tls_pins)?,
            identity_chain_pem: pem(options.tls_identity_chain_pem)?,
            identity_key_pem: pem(options.tls_identity_key_pem)?,
        }),
        headers: lines(options.headers)?
            .iter()
            .map(|line| header(line))
            .collect::<Result<_, _>>()?,
        connect_timeout_ms: Some(options.connect_timeout_ms),
        race_ms: Some(options.race_ms),
        handshake_timeout_ms: Some(options.handshake_timeout_ms),
        request_timeout_ms: Some(options.request_timeout_ms),
        reconnect: Some(ReconnectOptions {
            base_ms: Some(options.reconnect_base_ms),
            max_ms: Some(options.reconnect_max_ms),
            jitter_percent: Some(options.reconnect_jitter_percent as u8),
            attempts: (attempts != u32::MAX).then_some(attempts),
            stable_ms: Some(options.reconnect_stable_ms),
        }),
        retry_first: options.retry_first != 0,
        hold_queue: options.hold_queue != 0,
        max_in_flight: Some(options.max_in_flight),
        queue_items: Some(options.queue_items),
        queue_bytes: Some(options.queue_bytes),
        max_packet: Some(options.max_packet),
        max_inflated: Some(options.max_inflated),
        // Pushes go on to the host's queue at once, which has the host's limits.
        push_buffer: None,
        push_buffer_bytes: None,
    })
}

fn header(line: &str) -> Result<Header, Fault> {
    let (name, value) = line
        .split_once(':')
        .ok_or_else(|| Fault::argument(format!("`{line}` is no header: it has no colon")))?;
    Ok(Header {
        name: name.trim().to_owned(),
        value: value.trim().to_owned(),
    })
}

/// Wants lines for a log, from now on: of all clients of the process that have their own sockets, of this level (one of `PITAYA_LOG_*`) and
/// above. At most 256 lines wait; the oldest are dropped and counted.
///
/// # Safety
/// `log` can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_log_open(level: u32, log: *mut PitayaLog) -> i32 {
    guard(|| {
        // SAFETY: handed on to the caller of this function.
        unsafe { write(log, 0)? };
        let level = match level {
            PITAYA_LOG_TRACE => LogLevel::Trace,
            PITAYA_LOG_DEBUG => LogLevel::Debug,
            PITAYA_LOG_INFO => LogLevel::Info,
            PITAYA_LOG_WARN => LogLevel::Warn,
            PITAYA_LOG_ERROR => LogLevel::Error,
            other => return Err(Fault::argument(format!("{other} is no PITAYA_LOG_*"))),
        };
        // SAFETY: as above.
        unsafe { write(log, handles::insert(Object::Logs(open_logs(level)))) }
    })
}

/// Takes the next line: returns 1 where there was one and 0 where there is none. Writes its level, its text, which is cut to `capacity` bytes,
/// the length that was written, and how many lines before it were dropped.
///
/// # Safety
/// `capacity` bytes can be written to `buffer`, and the others can be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_log_next(
    log: PitayaLog,
    level: *mut u32,
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
    missed: *mut u64,
) -> i32 {
    guard_count(|| {
        let logs = handles::logs(log)?;
        // SAFETY: handed on to the caller of this function, before a line is lost.
        let room = unsafe {
            write(level, 0)?;
            write(len, 0)?;
            write(missed, 0)?;
            room(buffer, capacity)?
        };
        let Some(line) = logs.try_next() else {
            return Ok(0);
        };
        let text = format!("{}: {}", line.target, line.message);
        let mut end = text.len().min(capacity);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        for (room, byte) in room.iter_mut().zip(&text.as_bytes()[..end]) {
            room.write(*byte);
        }
        let number = match line.level {
            LogLevel::Trace => PITAYA_LOG_TRACE,
            LogLevel::Debug => PITAYA_LOG_DEBUG,
            LogLevel::Info => PITAYA_LOG_INFO,
            LogLevel::Warn => PITAYA_LOG_WARN,
            LogLevel::Error => PITAYA_LOG_ERROR,
        };
        // SAFETY: as above.
        unsafe {
            write(level, number)?;
            write(len, end)?;
            write(missed, line.missed)?;
        }
        Ok(1)
    })
}

/// Wants no more lines.
#[unsafe(no_mangle)]
pub extern "C" fn pitaya_log_close(log: PitayaLog) -> i32 {
    guard(|| {
        handles::logs(log)?;
        handles::remove(log).map(drop)
    })
}
