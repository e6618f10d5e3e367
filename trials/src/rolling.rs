//! Both rooms, then both gates, are replaced in turn while everybody plays: who asks again is always answered, nobody is kicked or refused.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::{sleep, timeout};

use crate::cluster::{Engines, ServerProcess, Start, port, url};
use crate::fleet::Fleet;
use crate::load::{Ask, Load};
use crate::report::Report;

/// How long a room works on a request, in milliseconds.
const WORK: u64 = 5;
/// Longer than a server takes to send its clients away.
const LEFT: Duration = Duration::from_secs(60);

pub(crate) async fn run(full: bool) -> Result<Report> {
    let (clients, rate, per_second) = if full {
        (2_000, 1_000, 200)
    } else {
        (200, 100, 50)
    };
    let engines = Engines::start().await?;
    let folder = tempfile::tempdir().context("there is no folder for files")?;
    let ports = [port(), port()];
    let gate = |id: &str, number: usize| {
        let file = folder.path().join(format!("gate-{number}"));
        replaceable(engines.gate(id, ports[number]), &file, per_second)
    };
    let mut rooms = Vec::new();
    let mut gates = Vec::new();
    for number in 0..2 {
        rooms.push(engines.room(&format!("room-{number}")).start().await?);
        gates.push(gate(&format!("gate-{number}"), number).start().await?);
    }
    let fleet = Fleet::connect(clients, &ports.map(url)).await?;
    fleet.served_by(2).await?;

    let load = Load::start(&fleet, rate, Ask::Retried(WORK));
    sleep(Duration::from_secs(1)).await;
    for (number, room) in rooms.iter_mut().enumerate() {
        room.terminate();
        ended(room).await?;
        *room = engines.room(&format!("room-{number}-new")).start().await?;
        fleet.served_by(2).await?;
    }
    let rooms_done = fleet.now();
    for (number, gate_process) in gates.iter_mut().enumerate() {
        // It takes the listener over; the other one sends its clients away and ends.
        let next = gate(&format!("gate-{number}-new"), number).start().await?;
        ended(gate_process).await?;
        *gate_process = next;
    }
    fleet.all_connected().await?;
    sleep(Duration::from_secs(1)).await;
    let requests = load.stop().await?;
    let seen = fleet.seen();

    let mut report = Report::new(
        format!(
            "rolling: {clients} clients, {rate} requests a second; two rooms, then two gates replaced, {per_second} clients a second sent away"
        ),
        full,
    );
    let failed: Vec<_> = requests.failed().collect();
    report.none("failed requests of clients that ask again", &failed);
    report.tells("requests", requests.len());
    report.tells("99th percentile", format!("{:?}", requests.percentile(99)));
    report.none("kicks", &seen.kicked);
    report.none("refused connects", &seen.refused);
    let early: Vec<_> = seen
        .lost
        .iter()
        .filter(|(at, _)| *at < rooms_done)
        .collect();
    report.none("disconnects while rooms were replaced", &early);
    report.tells(
        "connections that ended, and that came back",
        format!("{}, {}", seen.lost.len(), seen.back.len()),
    );
    let limit = per_second + per_second / 2;
    report.at_most(
        "most reconnects within any second",
        limit,
        most_within_a_second(&seen.back),
    );
    Ok(report)
}

fn replaceable(gate: Start, file: &Path, per_second: usize) -> Start {
    gate.with("--hand-over", &file.to_string_lossy())
        .with("--drain-per-second", &per_second.to_string())
}

async fn ended(server: &ServerProcess) -> Result<()> {
    timeout(LEFT, server.ended())
        .await
        .context("a server that was replaced did not end")
}

/// The most moments that lie within one second, wherever it begins.
fn most_within_a_second(moments: &[Duration]) -> usize {
    let mut sorted = moments.to_vec();
    sorted.sort_unstable();
    let within = |first: usize| {
        let end = sorted[first] + Duration::from_secs(1);
        sorted.partition_point(|&moment| moment < end) - first
    };
    (0..sorted.len()).map(within).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_second_is_found() {
        let moments = [0, 900, 990, 1_010, 1_890, 1_910, 5_000].map(Duration::from_millis);
        assert_eq!(most_within_a_second(&moments), 4);
        assert_eq!(most_within_a_second(&[]), 0);
    }
}
