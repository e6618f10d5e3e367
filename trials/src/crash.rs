//! A backend is killed and started again: what it had taken is lost, one error per client at most, nothing after a second.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::cluster::{Engines, port, url};
use crate::fleet::Fleet;
use crate::load::{Ask, Exchange, Load, Outcome};
use crate::report::Report;

/// After this time from the restart nothing fails.
const BACK: Duration = Duration::from_secs(1);
/// How long a room works on a request, in milliseconds: so there is always some under way.
const WORK: u64 = 20;
/// Each client may see one error beside those of requests that were under way.
const CLIENTS: usize = 100;

pub(crate) async fn run(full: bool) -> Result<Report> {
    let rate = if full { 1_000 } else { 200 };
    let engines = Engines::start().await?;
    let first = engines.room("room-1").start().await?;
    let second = engines.room("room-2").start().await?;
    let port = port();
    let gate = engines.gate("gate-1", port).start().await?;
    let fleet = Fleet::connect(CLIENTS, &[url(port)]).await?;
    fleet.served_by(2).await?;

    let load = Load::start(&fleet, rate, Ask::Remote(WORK));
    sleep(Duration::from_secs(3)).await;
    let killed = fleet.now();
    first.crash();
    sleep(Duration::from_secs(2)).await;
    let third = engines.room("room-3").start().await?;
    let restarted = fleet.now();
    let by_third = |exchange: &Exchange| exchange.outcome == Outcome::Answered("room-3".to_owned());
    let used = load.until(restarted, Duration::from_secs(10), by_third);
    let used = used
        .await
        .map(|exchange| exchange.ended.saturating_sub(restarted));
    // Longer than a call to a dead server can wait.
    sleep(Duration::from_secs(6).saturating_sub(fleet.now() - restarted)).await;
    let requests = load.stop().await?;

    let mut report = Report::new(
        format!(
            "crash: {CLIENTS} clients, {rate} requests a second of {WORK} ms to two rooms, one of them killed and started again after 2 s"
        ),
        full,
    );
    let in_flight = requests.in_flight(killed);
    let failed = requests.failed().count();
    report.at_most(
        &format!("failed requests; {in_flight} were under way, and one per client"),
        in_flight + fleet.len(),
        failed,
    );
    report.tells("failures", requests.faults());
    report.tells("requests", requests.len());
    report.within(
        "the last failure after the restart",
        BACK,
        Some(requests.last_failure(restarted)),
    );
    report.within("the new room answers", BACK, used);
    report.none("disconnects", &fleet.seen().lost);
    let exits: Vec<_> = [&gate, &second, &third]
        .into_iter()
        .filter(|server| !server.is_running())
        .collect();
    report.none("servers that ended", &exits);
    report.tells("99th percentile", format!("{:?}", requests.percentile(99)));
    Ok(report)
}
