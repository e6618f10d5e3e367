//! Ports that can be had again.

use std::net::{Ipv4Addr, TcpListener};

/// A port of this machine that nothing listens on.
///
/// It lies below those that systems give to outgoing connections: an engine that is started again needs its port back.
///
/// # Panics
///
/// When of a thousand ports none is free.
#[must_use]
pub fn free_port() -> u16 {
    (0..1_000)
        .map(|_| fastrand::u16(15_000..30_000))
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("of a thousand ports one is free")
}
