//! The numbers of the ABI. They never change their meaning; new ones may come.

/// The version of this ABI. A program compares it with `pitaya_abi_version`: another number is another layout.
pub const PITAYA_ABI_VERSION: u32 = 1;

/// Done.
pub const PITAYA_OK: i32 = 0;

/// A pointer is null that must not be.
pub const PITAYA_NULL_POINTER: i32 = -1;
/// The handle is 0, was never given out, or its object was destroyed.
pub const PITAYA_INVALID_HANDLE: i32 = -2;
/// The handle is of another kind, or the client is: one that owns its sockets was asked for what the host does, or the other way round.
pub const PITAYA_WRONG_KIND: i32 = -3;
/// A text is not UTF-8.
pub const PITAYA_INVALID_UTF8: i32 = -4;
/// An argument or a setting makes no sense; `pitaya_last_error` says which.
pub const PITAYA_INVALID_ARGUMENT: i32 = -5;
/// Another thread still reads the events of its last poll.
pub const PITAYA_BUSY: i32 = -6;
/// A fault of this library. The object should be destroyed; the process can go on.
pub const PITAYA_PANIC: i32 = -7;
/// The host answered what it was not asked.
pub const PITAYA_NOT_ASKED: i32 = -8;
/// The buffer is too small; how much is needed was written.
pub const PITAYA_BUFFER_TOO_SMALL: i32 = -9;

/// The server answered with an error: `name` is its code, `text` its message, `detail` its metadata as JSON.
pub const PITAYA_ERROR_SERVER: i32 = 1;
/// No answer came in time; `time_us` is the time that was allowed.
pub const PITAYA_ERROR_TIMEOUT: i32 = 2;
/// The connection ended first; `code`, `origin` and `text` say how.
pub const PITAYA_ERROR_DISCONNECTED: i32 = 3;
/// There is no connection, and the call does not wait for one or there never will be one.
pub const PITAYA_ERROR_NOT_CONNECTED: i32 = 4;
/// Too many calls are in flight or wait, or too much was not polled.
pub const PITAYA_ERROR_QUEUE_FULL: i32 = 5;
/// It waited for a connection for as long as its policy allows.
pub const PITAYA_ERROR_EXPIRED: i32 = 6;
/// A newer call with the same route and key took its place.
pub const PITAYA_ERROR_SUPERSEDED: i32 = 7;
/// It is larger than a packet can be.
pub const PITAYA_ERROR_TOO_LARGE: i32 = 8;
/// The route is malformed.
pub const PITAYA_ERROR_ROUTE: i32 = 9;
/// The payload cannot be written in the connection's serializer. The layers above use it; bodies are bytes here.
pub const PITAYA_ERROR_ENCODE: i32 = 10;
/// The application cancelled it.
pub const PITAYA_ERROR_CANCELLED: i32 = 11;
/// The answer cannot be inflated, or not within `max_inflated`.
pub const PITAYA_ERROR_INFLATE: i32 = 12;
/// The answer is not what was expected. The layers above use it; bodies are bytes here.
pub const PITAYA_ERROR_DECODE: i32 = 13;
/// Connecting: no server was reached: no network, no such name, nobody listens there, or not within `connect_timeout_ms`.
pub const PITAYA_ERROR_UNREACHABLE: i32 = 14;
/// Connecting: what listens there does not speak WebSocket, or does not want to.
pub const PITAYA_ERROR_UPGRADE: i32 = 15;
/// Connecting: the TLS handshake failed, but not for the server's certificate.
pub const PITAYA_ERROR_TLS: i32 = 16;
/// Connecting: the server's certificate is not trusted: its issuer, its name or its dates.
pub const PITAYA_ERROR_CERTIFICATE: i32 = 17;
/// Connecting: the server's certificate is trusted, but its public key is none of `tls_pins`.
pub const PITAYA_ERROR_PIN: i32 = 18;

/// The client is in another state: `state`, and with it `attempt`, `time_us`, `code`, `origin`, `text`, `detail`, `flags`, and where the cause is
/// that no connection could be opened also `status`. It comes before the ends of the calls that went with the connection.
pub const PITAYA_EVENT_STATE: u32 = 1;
/// A request has ended: `call`, `status`, and `body` where that is 0.
pub const PITAYA_EVENT_ANSWER: u32 = 2;
/// A notify has ended: `call` and `status`; 0 means that it was handed to the transport.
pub const PITAYA_EVENT_SENT: u32 = 3;
/// A push: `name` is its route, `body` its payload, `missed` how many before it were dropped because nobody polled.
pub const PITAYA_EVENT_PUSH: u32 = 4;
/// A push came on the route `name`, which was not subscribed to.
pub const PITAYA_EVENT_UNHANDLED: u32 = 5;
/// An answer came that no request waits for: to one that had ended (`PITAYA_FLAG_LATE`), or to none.
pub const PITAYA_EVENT_UNMATCHED: u32 = 6;
/// The round trip was measured anew: `time_us` and `source`.
pub const PITAYA_EVENT_ROUND_TRIP: u32 = 7;
/// Host only: open a transport, then call `pitaya_host_opened` or `pitaya_host_failed`. `name` is where the last server said to go, empty for
/// the application's own address. It is the server's word: do not let it lead out of TLS.
pub const PITAYA_EVENT_HOST_CONNECT: u32 = 8;
/// Host only: send what `pitaya_host_transmit` still gives, then close the transport, or give up opening it. `code` and `text` belong into the
/// close frame of a WebSocket.
pub const PITAYA_EVENT_HOST_DISCONNECT: u32 = 9;

/// No connection was wanted yet.
pub const PITAYA_STATE_IDLE: u32 = 0;
/// The first connection is being made.
pub const PITAYA_STATE_CONNECTING: u32 = 1;
/// Messages go both ways.
pub const PITAYA_STATE_CONNECTED: u32 = 2;
/// The connection was lost and is tried again: `attempt` counts from 1, `time_us` is the time to it, `UINT64_MAX` while it is being made.
pub const PITAYA_STATE_RECONNECTING: u32 = 3;
/// There is no connection and there will be none until `pitaya_connect` is called again.
pub const PITAYA_STATE_CLOSED: u32 = 4;

/// This program ended the connection.
pub const PITAYA_ORIGIN_LOCAL: u32 = 0;
/// The server ended it.
pub const PITAYA_ORIGIN_PEER: u32 = 1;
/// The server broke the protocol or a limit.
pub const PITAYA_ORIGIN_FAULT: u32 = 2;
/// The transport failed.
pub const PITAYA_ORIGIN_TRANSPORT: u32 = 3;

/// The call had been handed to the transport: the server may have acted on it.
pub const PITAYA_FLAG_SENT: u32 = 1;
/// The same may work later.
pub const PITAYA_FLAG_RETRYABLE: u32 = 2;
/// The client would have come back and had no attempt left.
pub const PITAYA_FLAG_EXHAUSTED: u32 = 4;
/// The server has kicked or refused this client.
pub const PITAYA_FLAG_KICKED: u32 = 8;
/// The request had timed out or was cancelled before its answer came.
pub const PITAYA_FLAG_LATE: u32 = 16;

/// JSON text.
pub const PITAYA_SERIALIZER_JSON: u32 = 1;
/// Protocol buffers.
pub const PITAYA_SERIALIZER_PROTOBUF: u32 = 2;

/// Measured by heartbeats: the network alone.
pub const PITAYA_SOURCE_HEARTBEAT: u32 = 1;
/// Measured by the fastest of the latest requests.
pub const PITAYA_SOURCE_REQUESTS: u32 = 2;

/// Without a connection the call fails at once.
pub const PITAYA_QUEUE_FAIL: u32 = 0;
/// Without a connection the call waits, within its limits.
pub const PITAYA_QUEUE_WAIT: u32 = 1;
/// Without a connection the call waits, in place of the older one of the same route and `key`.
pub const PITAYA_QUEUE_LATEST: u32 = 2;

/// The capability `close-reason` (wire 2.6).
pub const PITAYA_CAPABILITY_CLOSE_REASON: u32 = 1;
/// The capability `push-dict`.
pub const PITAYA_CAPABILITY_PUSH_DICT: u32 = 2;
/// The capability `many-per-frame`.
pub const PITAYA_CAPABILITY_MANY_PER_FRAME: u32 = 4;
/// The capability `heartbeat-echo`.
pub const PITAYA_CAPABILITY_HEARTBEAT_ECHO: u32 = 8;

/// A stream of bytes, such as TCP or TLS.
pub const PITAYA_TRANSPORT_STREAM: u32 = 1;
/// Messages, such as WebSocket.
pub const PITAYA_TRANSPORT_MESSAGES: u32 = 2;

/// Every step.
pub const PITAYA_LOG_TRACE: u32 = 1;
/// Connections and states.
pub const PITAYA_LOG_DEBUG: u32 = 2;
/// What happens rarely.
pub const PITAYA_LOG_INFO: u32 = 3;
/// What may be wrong.
pub const PITAYA_LOG_WARN: u32 = 4;
/// What is wrong.
pub const PITAYA_LOG_ERROR: u32 = 5;

/// A time that never comes, or that nobody gave.
pub const PITAYA_NEVER: u64 = u64::MAX;
