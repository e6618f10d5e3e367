//! What the tests of the connection have in common.

mod end;
mod netem;
mod pair;
pub(crate) mod strategies;

pub(crate) use self::{
    end::{End, Policy, Seen, request_body},
    netem::Netem,
    pair::{Pair, Setup},
};

use std::time::Duration;

use pitaya_protocol::Timestamp;

pub(crate) const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}
