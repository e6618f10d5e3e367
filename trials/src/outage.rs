//! NATS and etcd are killed together and come back: nobody is disconnected, what is local goes on, what is remote fails at once.

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::cluster::{Engines, port, url};
use crate::fleet::Fleet;
use crate::load::{Ask, Exchange, Load, Outcome};
use crate::report::Report;

/// Remote requests fail within this time once the outage is known.
const FAST: Duration = Duration::from_millis(50);
/// All is served again within this time of the engines' return.
const BACK: Duration = Duration::from_secs(1);
/// What a server answers while its bus is away.
const AWAY: &str = "PIT-503";
/// Requests of each kind per second.
const RATE: u32 = 200;

pub(crate) async fn run(full: bool) -> Result<Report> {
    let (clients, away) = if full { (500, 60) } else { (100, 10) };
    let mut engines = Engines::start().await?;
    let rooms = [
        engines.room("room-1").start().await?,
        engines.room("room-2").start().await?,
    ];
    let port = port();
    let gate = engines.gate("gate-1", port).start().await?;
    let fleet = Fleet::connect(clients, &[url(port)]).await?;
    fleet.served_by(2).await?;

    let local = Load::start(&fleet, RATE, Ask::Local);
    let remote = Load::start(&fleet, RATE, Ask::Remote(0));
    sleep(Duration::from_secs(3)).await;
    let killed = fleet.now();
    engines.nats.stop();
    engines.etcd.stop();
    let known = remote.until(killed, Duration::from_secs(10), |exchange| {
        exchange.outcome == Outcome::Refused(AWAY.to_owned())
    });
    let known = known.await.map(|exchange| exchange.ended);
    sleep(Duration::from_secs(away).saturating_sub(fleet.now() - killed)).await;
    let restarted = fleet.now();
    let (nats, etcd) = tokio::join!(engines.nats.restart(), engines.etcd.restart());
    nats?;
    etcd?;
    let returned = fleet.now();
    // One that knew nobody before finds those who entered themselves again.
    let late_port = crate::cluster::port();
    let late = engines.gate("gate-2", late_port).start().await?;
    let latecomer = Fleet::connect(1, &[url(late_port)]).await?;
    latecomer.served_by(2).await?;
    sleep(Duration::from_secs(4)).await;
    let (local, remote) = (local.stop().await?, remote.stop().await?);

    let mut report = Report::new(
        format!(
            "outage: {clients} clients, {RATE} local and {RATE} remote requests a second, NATS and etcd away for {away} s"
        ),
        full,
    );
    report.none("disconnects", &fleet.seen().lost);
    let servers = rooms.iter().chain([&gate, &late]);
    let exits: Vec<_> = servers.filter(|server| !server.is_running()).collect();
    report.none("servers that ended", &exits);
    let unanswered: Vec<_> = local.failed().collect();
    report.none("local requests without an answer", &unanswered);
    report.tells(
        "local requests, and their 99th percentile",
        format!("{}, {:?}", local.len(), local.percentile(99)),
    );
    let untyped = |exchange: &&Exchange| matches!(exchange.outcome, Outcome::Failed(_));
    let untyped: Vec<_> = remote.failed().filter(untyped).collect();
    report.none("remote requests without a typed answer", &untyped);
    let early = |exchange: &&Exchange| exchange.began < killed && exchange.ended < killed;
    let early: Vec<_> = remote.failed().filter(early).collect();
    report.none("remote failures before the outage", &early);
    let during: Vec<_> = remote
        .iter()
        .filter(|exchange| {
            known.is_some_and(|known| exchange.began >= known) && exchange.began < restarted
        })
        .collect();
    let answered: Vec<_> = during
        .iter()
        .filter(|exchange| exchange.ended < restarted && exchange.answered())
        .collect();
    report.none("remote answers while the bus was away", &answered);
    let mut took: Vec<_> = during.iter().map(|exchange| exchange.took()).collect();
    took.sort_unstable();
    report.within(
        "the slowest remote failure of the outage",
        FAST,
        took.last().copied(),
    );
    report.tells(
        "remote requests during the outage, and their 99th percentile",
        format!(
            "{}, {:?}",
            took.len(),
            took.get(took.len() * 99 / 100).copied().unwrap_or_default()
        ),
    );
    // Both take the same way through the same processes: what is slow here as well is the machine.
    let slowest = local
        .iter()
        .filter(|exchange| exchange.began >= killed && exchange.began < restarted)
        .map(Exchange::took)
        .max();
    report.tells(
        "the slowest local answer of the outage",
        format!("{:?}", slowest.unwrap_or_default()),
    );
    let known = known.map(|known| known.saturating_sub(killed));
    report.tells(
        "the outage is known after",
        known.map_or_else(|| "never".to_owned(), |known| format!("{known:?}")),
    );
    report.within(
        "the last remote failure after the engines' return",
        BACK,
        Some(remote.last_failure(returned)),
    );
    report.tells("remote failures", remote.faults());
    Ok(report)
}
