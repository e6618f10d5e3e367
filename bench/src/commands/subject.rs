use std::fmt;

use clap::ValueEnum;
use pitaya_bench::Dialect;

/// A server that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub(crate) enum Subject {
    /// The server of this workspace, with a metrics recorder.
    #[value(alias = "pitaya")]
    PitayaRs,
    /// The bare tokio echo.
    #[value(alias = "floor")]
    FloorTokio,
    /// The bare echo over the kernel's readiness queue, which is a raw write loop as well; tcp only.
    FloorEpoll,
    /// Go Pitaya v3 as its defaults are, compression included.
    GoPitaya,
    /// Go Pitaya v3 without compression.
    GoPitayaTuned,
    /// nano as its defaults are.
    Nano,
}

impl Subject {
    pub(super) fn dialect(self) -> Dialect {
        match self {
            Self::FloorTokio | Self::FloorEpoll => Dialect::Echo,
            _ => Dialect::Pitaya,
        }
    }

    /// The program in Go that it is, and its own flags; `None` for what `bench serve` serves.
    pub(super) fn program(self) -> Option<(&'static str, &'static [&'static str])> {
        match self {
            Self::PitayaRs | Self::FloorTokio | Self::FloorEpoll => None,
            Self::GoPitaya => Some(("bench-pitaya", &[])),
            Self::GoPitayaTuned => Some(("bench-pitaya", &["-tuned"])),
            Self::Nano => Some(("bench-nano", &[])),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value().expect("no value is hidden");
        f.pad(value.get_name())
    }
}
