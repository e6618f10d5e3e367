//! What a client is made with, as a host writes it down.

use std::time::Duration;

use super::fault::Fault;
use super::inbox::Limits;
use super::memory::PitayaBytes;
use super::numbers::*;

/// Settings of a client. Fill it with `pitaya_options_init`, then change what should be different: all members have their default then, and
/// texts are empty. Nothing of it is kept after the call that takes it.
///
/// Lists are texts with one entry a line. Times are milliseconds; `PITAYA_NEVER` never comes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct PitayaOptions {
    /// Where the server is, in order of preference, one URL a line: `tcp://`, `tls://`, `ws://` or `wss://`. A host that owns its sockets knows
    /// itself and leaves it empty.
    pub endpoints: PitayaBytes,
    /// The `user` object of the handshake, as JSON; empty stands for an empty one. See `pitaya_set_user`.
    pub user_json: PitayaBytes,
    /// What the handshake says of the application's version.
    pub app_version: PitayaBytes,
    /// What the handshake says of the application's build.
    pub app_build: PitayaBytes,
    /// What the handshake says of the platform. Empty: the operating system.
    pub platform: PitayaBytes,
    /// Headers of the HTTP request of `ws://` and `wss://`, one `Name: value` a line.
    pub headers: PitayaBytes,
    /// Whom to trust over `tls://` and `wss://`: certificates as PEM. Empty: whom the operating system trusts.
    pub tls_roots_pem: PitayaBytes,
    /// Also demands that the server's public key is one of these, one a line: `sha256/` and 44 characters of base64.
    pub tls_pins: PitayaBytes,
    /// A certificate chain for servers that ask for one, the own first, as PEM.
    pub tls_identity_chain_pem: PitayaBytes,
    /// The private key of `tls_identity_chain_pem`, as PEM.
    pub tls_identity_key_pem: PitayaBytes,
    /// Time for one attempt to open a connection. Default: 10,000.
    pub connect_timeout_ms: u64,
    /// Head start of each endpoint over the next. Default: 1,500.
    pub race_ms: u64,
    /// Time from the open connection to the server's handshake response. Default: 10,000.
    pub handshake_timeout_ms: u64,
    /// Time for an answer where a request says none. Default: 10,000.
    pub request_timeout_ms: u64,
    /// Most time before the first attempt to come back, which is doubled for each further one. Default: 500.
    pub reconnect_base_ms: u64,
    /// Most time before any attempt. Default: 30,000.
    pub reconnect_max_ms: u64,
    /// How long a connection must have been open for attempts to count anew. Default: 10,000.
    pub reconnect_stable_ms: u64,
    /// Attempts in a row; 0 never comes back. Default: `UINT32_MAX`, without end.
    pub reconnect_attempts: u32,
    /// Share of the time that is random, in percent. Default: 100.
    pub reconnect_jitter_percent: u32,
    /// Not 0: also tries again when the first connection fails. Default: 0.
    pub retry_first: u32,
    /// Not 0: calls that waited for a connection go out only at `pitaya_release`. Default: 0.
    pub hold_queue: u32,
    /// Which serializers the application's payloads have: `PITAYA_SERIALIZER_*` added up. Default: JSON.
    pub serializers: u32,
    /// One of `PITAYA_SERIALIZER_*`, taken for granted whatever the server says. Default: 0, none.
    pub pinned_serializer: u32,
    /// The wire's extensions that are offered: `PITAYA_CAPABILITY_*` added up. Default: all.
    pub capabilities: u32,
    /// Most requests without an answer. Default: 1,024.
    pub max_in_flight: u32,
    /// Most calls that wait for a connection. Default: 1,024. Together with `max_in_flight` it also bounds the calls whose end was not polled.
    pub queue_items: u32,
    /// Most bytes of calls that wait for a connection. Default: 262,144.
    pub queue_bytes: u32,
    /// Longest packet body that is taken from the server. Default: 16,777,215, the most that the wire can say.
    pub max_packet: u32,
    /// Longest inflated body that is taken from the server. Default: 4,194,304.
    pub max_inflated: u32,
    /// Most pushes that wait to be polled; the oldest are dropped and counted. Default: 1,024.
    pub push_items: u32,
    /// Most bytes of them. Default: 4,194,304. A larger push is held alone.
    pub push_bytes: u32,
}

impl PitayaOptions {
    pub(crate) const DEFAULT: Self = Self {
        endpoints: PitayaBytes::EMPTY,
        user_json: PitayaBytes::EMPTY,
        app_version: PitayaBytes::EMPTY,
        app_build: PitayaBytes::EMPTY,
        platform: PitayaBytes::EMPTY,
        headers: PitayaBytes::EMPTY,
        tls_roots_pem: PitayaBytes::EMPTY,
        tls_pins: PitayaBytes::EMPTY,
        tls_identity_chain_pem: PitayaBytes::EMPTY,
        tls_identity_key_pem: PitayaBytes::EMPTY,
        connect_timeout_ms: 10_000,
        race_ms: 1_500,
        handshake_timeout_ms: 10_000,
        request_timeout_ms: 10_000,
        reconnect_base_ms: 500,
        reconnect_max_ms: 30_000,
        reconnect_stable_ms: 10_000,
        reconnect_attempts: u32::MAX,
        reconnect_jitter_percent: 100,
        retry_first: 0,
        hold_queue: 0,
        serializers: PITAYA_SERIALIZER_JSON,
        pinned_serializer: 0,
        capabilities: PITAYA_CAPABILITY_CLOSE_REASON
            | PITAYA_CAPABILITY_PUSH_DICT
            | PITAYA_CAPABILITY_MANY_PER_FRAME
            | PITAYA_CAPABILITY_HEARTBEAT_ECHO,
        max_in_flight: 1024,
        queue_items: 1024,
        queue_bytes: 256 * 1024,
        max_packet: 16_777_215,
        max_inflated: 4 * 1024 * 1024,
        push_items: 1024,
        push_bytes: 4 * 1024 * 1024,
    };

    pub(crate) const fn limits(&self) -> Limits {
        Limits {
            pushes: self.push_items as usize,
            push_bytes: self.push_bytes as usize,
            calls: self.max_in_flight as usize + self.queue_items as usize,
        }
    }

    /// What a number cannot say is refused, not guessed.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let both = PITAYA_SERIALIZER_JSON | PITAYA_SERIALIZER_PROTOBUF;
        if self.serializers == 0 || self.serializers & !both != 0 {
            return Err(Fault::argument("`serializers` is none that there are"));
        }
        if self.pinned_serializer > PITAYA_SERIALIZER_PROTOBUF {
            return Err(Fault::argument("`pinned_serializer` is none that there is"));
        }
        if self.capabilities & !Self::DEFAULT.capabilities != 0 {
            return Err(Fault::argument("`capabilities` has one that there is not"));
        }
        if self.reconnect_jitter_percent > 100 {
            return Err(Fault::argument("`reconnect_jitter_percent` is over 100"));
        }
        Ok(())
    }
}

/// A time that a host gives.
pub(crate) const fn duration(millis: u64) -> Duration {
    match millis {
        PITAYA_NEVER => Duration::MAX,
        millis => Duration::from_millis(millis),
    }
}

/// A request or a notify, as a host writes it down. Fill it with `pitaya_call_init`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct PitayaCall {
    /// Where it goes.
    pub route: PitayaBytes,
    /// Its payload.
    pub body: PitayaBytes,
    /// `PITAYA_QUEUE_LATEST`: tells the values of one route apart.
    pub key: PitayaBytes,
    /// Time for the answer, with the time that it may wait for a connection. Default: 0, which is `request_timeout_ms`. A notify has none.
    pub timeout_ms: u64,
    /// `PITAYA_QUEUE_WAIT`: how long it may wait. Default: 30,000.
    pub queue_age_ms: u64,
    /// `PITAYA_QUEUE_WAIT`: it is refused where this many calls wait. Default: 64.
    pub queue_items: u32,
    /// `PITAYA_QUEUE_WAIT`: it is refused where more than this many bytes would wait. Default: 65,536.
    pub queue_bytes: u32,
    /// What becomes of it while there is no connection: one of `PITAYA_QUEUE_*`. Default: `PITAYA_QUEUE_FAIL`.
    pub queue: u32,
    /// Leave it 0.
    pub reserved: u32,
}

impl PitayaCall {
    const DEFAULT: Self = Self {
        route: PitayaBytes::EMPTY,
        body: PitayaBytes::EMPTY,
        key: PitayaBytes::EMPTY,
        timeout_ms: 0,
        queue_age_ms: 30_000,
        queue_items: 64,
        queue_bytes: 64 * 1024,
        queue: PITAYA_QUEUE_FAIL,
        reserved: 0,
    };
}

/// Sets every member to its default.
///
/// # Safety
/// `options` is null or can be written to.
#[expect(unsafe_code, reason = "the C ABI")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_options_init(options: *mut PitayaOptions) -> i32 {
    // SAFETY: handed on to the caller of this function.
    super::fault::guard(|| unsafe { super::memory::write(options, PitayaOptions::DEFAULT) })
}

/// Sets every member to its default.
///
/// # Safety
/// `call` is null or can be written to.
#[expect(unsafe_code, reason = "the C ABI")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pitaya_call_init(call: *mut PitayaCall) -> i32 {
    // SAFETY: handed on to the caller of this function.
    super::fault::guard(|| unsafe { super::memory::write(call, PitayaCall::DEFAULT) })
}
