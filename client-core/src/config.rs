//! What a client is made with: every limit, its default and the reason for it.

use pitaya_protocol::Span;
use pitaya_protocol::packet::MAX_BODY;

/// How a client behaves.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Seeds the jitter of reconnects. Every client needs another one, or all of them come back at the same moment.
    pub seed: u64,
    /// Time to open a transport: name, TCP, TLS and HTTP upgrade, of all endpoints. Default: 10 s; a phone's radio and three lost
    /// SYNs take seven.
    pub connect_timeout: Span,
    /// Time from the transport to the server's handshake response. Default: 10 s, as servers may ask others before they answer.
    pub handshake_timeout: Span,
    /// Time for an answer, where the request says none. Default: 10 s; a player has given up by then.
    pub request_timeout: Span,
    /// Time for a sign of life after a pause or a change of network. Default: 3 s; on a dead socket every second more is lost to the
    /// player, on a live one the answer takes less than one. It needs `heartbeat-echo`: other servers are given one heartbeat
    /// interval on top, as they answer nothing (wire 4).
    pub probe_timeout: Span,
    /// Longest packet body that is taken, in bytes. Default: 16,777,215, the most that the wire can say.
    pub max_packet: usize,
    /// Most requests without an answer, and most notifies that were not handed out. Default: 1,024, which at 40 bytes each is
    /// nothing; more than that is a loop.
    pub max_in_flight: usize,
    /// Most calls that wait for a connection, whatever their policies say. Default: 1,024.
    pub queue_items: usize,
    /// Most bytes of routes and bodies that wait for a connection, whatever the policies say. Default: 256 KiB; coming back must not
    /// flood the server.
    pub queue_bytes: usize,
    /// Whether calls that waited go out only at [`Input::Release`](crate::Input::Release), so that the application can sign in or
    /// join anew first. Default: no, they go out as soon as there is a connection.
    pub hold_queue: bool,
    /// Whether a first connection that fails is tried again. Default: no, as the address may be wrong, and whoever connects is there to hear it.
    pub retry_first: bool,
    /// When to come back.
    pub backoff: Backoff,
    /// The first request id, from 1 to 2,147,483,647. Default: 1.
    pub first_request_id: u32,
}

/// When and how often to come back: after a random time (full jitter) of at most `base`, then twice that, and so on to `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backoff {
    /// Most time before the first attempt. Default: 500 ms, so that one lost connection is hardly seen.
    pub base: Span,
    /// Most time before any attempt. Default: 30 s, so that a player need not restart the game after an outage.
    pub max: Span,
    /// Share of the time that is random, in percent. Default: 100, full jitter, so that players whom one outage has cut off come back spread
    /// over all of it; 0 makes a test's clock exact.
    pub jitter: u8,
    /// Attempts in a row; `Some(0)` never comes back. Default: `None`, without end.
    pub attempts: Option<u32>,
    /// How long a connection must have been open to count as a success, after which attempts are counted anew. Default: 10 s, so
    /// that a server which drops everyone at once is not called twice a second.
    pub stable: Span,
}

impl Config {
    /// The defaults with this seed for the jitter; take it from a source of randomness.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            connect_timeout: Span::from_secs(10),
            handshake_timeout: Span::from_secs(10),
            request_timeout: Span::from_secs(10),
            probe_timeout: Span::from_secs(3),
            max_packet: MAX_BODY,
            max_in_flight: 1024,
            queue_items: 1024,
            queue_bytes: 256 * 1024,
            hold_queue: false,
            retry_first: false,
            backoff: Backoff::default(),
            first_request_id: 1,
        }
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Span::from_millis(500.0),
            max: Span::from_secs(30),
            jitter: 100,
            attempts: None,
            stable: Span::from_secs(10),
        }
    }
}
