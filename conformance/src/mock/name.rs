//! The names of the scripts.

use std::{fmt, str::FromStr};

/// The scripts that a listener can play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mock {
    /// Kicks with an empty body as soon as the handshake is acknowledged.
    Kick,
    /// Kicks with a JSON body as soon as the handshake is acknowledged.
    KickWithReason,
    /// Completes the handshake and beats, but never answers a message.
    Silent,
    /// Announces a heartbeat and answers messages, but never beats.
    NoHeartbeat,
    /// Answers the handshake only after [`Config::delay`](super::Config::delay) (5 s by default).
    SlowHandshake,
    /// Resets the connection when the handshake is acknowledged.
    DropOnAck,
    /// Deflates its handshake response and every body.
    Compressed,
    /// Hands out a dictionary and pushes every entry by its code, above 255 too.
    Dictionary,
    /// Sends bytes that are no packet when the handshake is acknowledged, and stays connected.
    Garbage,
    /// Answers every request, each after [`Config::delay`](super::Config::delay) (2 s by default).
    LateResponse,
    /// Sends every byte in a segment of its own.
    SplitFrames,
    /// Puts several packets into one WebSocket message (one segment on TCP).
    ManyPacketsPerFrame,
    /// Answers, and does on request what other scripts do by themselves: drops, kicks, fails, tells what it has received.
    OnDemand,
    /// Answers the handshake with a text that is not JSON.
    HandshakeNotJson,
    /// Accepts the handshake without a word about heartbeat, dictionary or serializer.
    HandshakeWithoutSys,
    /// Answers the handshake with a body that inflates to 32 MiB.
    HandshakeBomb,
    /// Refuses the handshake with code 400.
    Refused,
    /// Refuses the handshake with code 501, as pomelo does with a client that is too old.
    TooOld,
    /// Pushes a body that inflates to 32 MiB when the handshake is acknowledged.
    PushBomb,
    /// Answers every request with a body that says to be deflated and is not.
    CorruptBody,
    /// Pushes by a code that no dictionary has when the handshake is acknowledged.
    UnknownRouteCode,
    /// Sends an answer that nobody asked for when the handshake is acknowledged.
    UnknownAnswer,
    /// Sends half a packet when the handshake is acknowledged, and ends the connection.
    HalfFrame,
    /// Sends its push and its answers in WebSocket messages of text.
    TextFrame,
}

impl Mock {
    /// Every script, in the order of `scenarios/README.md`.
    pub const ALL: [Self; 24] = [
        Self::Kick,
        Self::KickWithReason,
        Self::Silent,
        Self::NoHeartbeat,
        Self::SlowHandshake,
        Self::DropOnAck,
        Self::Compressed,
        Self::Dictionary,
        Self::Garbage,
        Self::LateResponse,
        Self::SplitFrames,
        Self::ManyPacketsPerFrame,
        Self::OnDemand,
        Self::HandshakeNotJson,
        Self::HandshakeWithoutSys,
        Self::HandshakeBomb,
        Self::Refused,
        Self::TooOld,
        Self::PushBomb,
        Self::CorruptBody,
        Self::UnknownRouteCode,
        Self::UnknownAnswer,
        Self::HalfFrame,
        Self::TextFrame,
    ];

    /// The name on the command line, for example `kick-with-reason`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kick => "kick",
            Self::KickWithReason => "kick-with-reason",
            Self::Silent => "silent",
            Self::NoHeartbeat => "no-heartbeat",
            Self::SlowHandshake => "slow-handshake",
            Self::DropOnAck => "drop-on-ack",
            Self::Compressed => "compressed",
            Self::Dictionary => "dictionary",
            Self::Garbage => "garbage",
            Self::LateResponse => "late-response",
            Self::SplitFrames => "split-frames",
            Self::ManyPacketsPerFrame => "many-packets-per-frame",
            Self::OnDemand => "on-demand",
            Self::HandshakeNotJson => "handshake-not-json",
            Self::HandshakeWithoutSys => "handshake-without-sys",
            Self::HandshakeBomb => "handshake-bomb",
            Self::Refused => "refused",
            Self::TooOld => "too-old",
            Self::PushBomb => "push-bomb",
            Self::CorruptBody => "corrupt-body",
            Self::UnknownRouteCode => "unknown-route-code",
            Self::UnknownAnswer => "unknown-answer",
            Self::HalfFrame => "half-frame",
            Self::TextFrame => "text-frame",
        }
    }
}

impl fmt::Display for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of [`Mock::ALL`].
#[derive(Debug, thiserror::Error)]
#[error("no scripted peer is called {name:?}; there are {}", Mock::ALL.map(Mock::name).join(", "))]
pub struct UnknownMock {
    /// The name as it was given.
    pub name: String,
}

impl FromStr for Mock {
    type Err = UnknownMock;

    fn from_str(name: &str) -> Result<Self, UnknownMock> {
        Self::ALL
            .into_iter()
            .find(|mock| mock.name() == name)
            .ok_or_else(|| UnknownMock {
                name: name.to_owned(),
            })
    }
}
