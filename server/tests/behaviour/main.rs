//! What a server does, one file per behaviour, over every transport where the transport can make a difference.

mod answers;
mod backpressure;
mod bad_packets;
mod broadcast;
mod concurrent;
mod early_pushes;
mod grace;
mod groups;
mod handshake_faults;
mod leaving;
mod order;
mod panics;
mod session_data;
mod shutdown;
mod slow_consumer;
mod support;
mod two_servers;
mod uids;
mod validators;
