//! Replacing a server: how it is emptied, asked, and followed by the next.

use std::time::Duration;

use pitaya_server::{DrainOptions, Handle, Server, ServerBuilder, ShutdownReport, tcp};

use crate::server::Room;

/// Empties a server.
pub async fn drain(server: &Handle) -> ShutdownReport {
    // ANCHOR: drain
    let options = DrainOptions::new()
        .per_second(200)
        .endpoint("tcp://game-2.example:3250")
        .deadline(Duration::from_secs(60));
    let report = server.drain(options).await;
    println!(
        "{} sessions, {} cut, took {:?}",
        report.sessions, report.cut, report.took
    );
    // ANCHOR_END: drain
    report
}

/// A server that says how it is.
pub fn health() -> ServerBuilder {
    // ANCHOR: health
    let server = Server::builder()
        .register(Room::default())
        .listen(tcp("0.0.0.0:3250"))
        .health("0.0.0.0:9090");
    // ANCHOR_END: health
    server
}

/// A server that is followed by the next.
#[cfg(unix)]
pub fn hand_over() -> ServerBuilder {
    // ANCHOR: hand_over
    let server = Server::builder()
        .register(Room::default())
        .listen(tcp("0.0.0.0:3250"))
        .hand_over("/run/game/hand-over");
    // ANCHOR_END: hand_over
    server
}
