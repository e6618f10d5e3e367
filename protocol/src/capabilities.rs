//! Capabilities: what this family's wire does not have, negotiated in the handshake, never assumed.

use std::ops::BitAnd;

/// A set of capabilities. A client offers a set in `sys.capabilities`, the server answers with those of them that it grants; a peer that
/// says nothing has none and gets exactly the old wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Capabilities(u8);

impl Capabilities {
    /// No capability: the family's wire.
    pub const NONE: Self = Self(0);
    /// `close-reason`: a kick's body says why, whether to come back, when and where.
    pub const CLOSE_REASON: Self = Self(1);
    /// `push-dict`: the routes of pushes may be dictionary codes.
    pub const PUSH_DICT: Self = Self(2);
    /// `many-per-frame`: one WebSocket message may hold several packets.
    pub const MANY_PER_FRAME: Self = Self(4);
    /// `heartbeat-echo`: the server returns the body of a heartbeat at once, which measures the round trip.
    pub const HEARTBEAT_ECHO: Self = Self(8);
    /// Everything that this version knows.
    pub const ALL: Self = Self(15);

    const NAMES: [(&'static str, Self); 4] = [
        ("close-reason", Self::CLOSE_REASON),
        ("push-dict", Self::PUSH_DICT),
        ("many-per-frame", Self::MANY_PER_FRAME),
        ("heartbeat-echo", Self::HEARTBEAT_ECHO),
    ];

    /// Whether every capability of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// This set and `other` together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set with these bits; those that this version does not know are dropped. For drivers that read the names themselves.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The set of the names that this version knows; others are skipped.
    #[must_use]
    pub fn from_names<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Self {
        names.into_iter().fold(Self::NONE, |set, name| {
            let known = Self::NAMES
                .iter()
                .find(|(known, _)| *known == name.as_ref());
            known.map_or(set, |(_, capability)| set.with(*capability))
        })
    }

    /// The names on the wire.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |(_, capability)| self.contains(*capability))
            .map(|(name, _)| name)
    }
}

impl BitAnd for Capabilities {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
