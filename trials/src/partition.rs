//! A room is cut off from gate, engines and the other room: errors are typed and come in time, nothing is handled twice, and it heals.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use pitaya_engines::{Etcd, Nats};
use tokio::time::sleep;

use crate::cluster::{Engines, ServerProcess, Start, port, url};
use crate::fleet::Fleet;
use crate::load::{Ask, Load, Outcome, Requests};
use crate::namespaces::{Cut, FAR, NEAR, Namespaces};
use crate::report::Report;

/// How long another server may take, in milliseconds.
const PATIENCE: u64 = 2_000;
/// A call that is given up is answered so long after its beginning.
const GIVEN_UP: Duration = Duration::from_millis(PATIENCE + 500);
/// Nothing fails any more so long after the link is whole.
const HEALED: Duration = Duration::from_secs(2);
const CLIENTS: usize = 50;
const RATE: u32 = 50;
/// How long a room works on a request, in milliseconds.
const WORK: u64 = 5;

/// How servers call each other.
#[derive(Debug, Clone, Copy)]
enum Bus {
    Nats,
    Grpc,
}

impl Bus {
    const fn name(self) -> &'static str {
        match self {
            Self::Nats => "nats",
            Self::Grpc => "grpc",
        }
    }
}

/// A gate on the near side, a room on the far one, and a second room on the near side unless it is alone.
struct Game {
    name: String,
    rooms: usize,
    fleet: Arc<Fleet>,
    handled: Vec<PathBuf>,
    servers: Vec<ServerProcess>,
}

pub(crate) async fn run(full: bool, namespaces: &Namespaces) -> Result<Report> {
    let away = Duration::from_secs(if full { 10 } else { 3 });
    // The namespace is ours alone, and so are its ports.
    let clients = format!("http://127.0.0.1:2379,http://{NEAR}:2379");
    let engines = Engines {
        nats: Nats::start_with(&["-a", "0.0.0.0"]).await?,
        etcd: Etcd::start_with(&["--listen-client-urls", &clients]).await?,
    };
    let folder = tempfile::tempdir().context("there is no folder for files")?;
    let folder = folder.path();
    let games = [
        Game::start(Bus::Nats, 2, &engines, folder, namespaces).await?,
        Game::start(Bus::Nats, 1, &engines, folder, namespaces).await?,
        Game::start(Bus::Grpc, 2, &engines, folder, namespaces).await?,
        Game::start(Bus::Grpc, 1, &engines, folder, namespaces).await?,
    ];
    let mut report = Report::new(
        format!(
            "partition: {CLIENTS} clients and {RATE} requests a second over each bus to two rooms, and to one alone; a room is cut off for {} s",
            away.as_secs()
        ),
        full,
    );
    for (cut, name) in [
        (Cut::There, "to it"),
        (Cut::Back, "from it"),
        (Cut::Both, "both ways"),
    ] {
        let loads = games
            .each_ref()
            .map(|game| Load::start(&game.fleet, RATE, Ask::Remote(WORK)));
        sleep(Duration::from_secs(1)).await;
        namespaces.cut(cut)?;
        let cut_at = games.each_ref().map(|game| game.fleet.now());
        sleep(away).await;
        namespaces.heal()?;
        let healed_at = games.each_ref().map(|game| game.fleet.now());
        // Nothing that began within the time for healing is still under way then.
        sleep(HEALED + GIVEN_UP).await;
        for (number, load) in loads.into_iter().enumerate() {
            let (game, requests) = (&games[number], load.stop().await?);
            game.judge(
                &mut report,
                name,
                &requests,
                [cut_at[number], healed_at[number]],
            );
        }
        // The next cut begins with everything as it was.
        for game in &games {
            game.fleet.served_by(game.rooms).await?;
        }
    }
    for game in &games {
        let name = &game.name;
        report.none(&format!("{name}: disconnects"), &game.fleet.seen().lost);
        let exits: Vec<_> = game
            .servers
            .iter()
            .filter(|server| !server.is_running())
            .collect();
        report.none(&format!("{name}: servers that ended"), &exits);
        let (all, twice) = handled_twice(&game.handled)?;
        report.none(&format!("{name}: handled twice, of {all}"), &twice);
    }
    Ok(report)
}

impl Game {
    async fn start(
        bus: Bus,
        rooms: usize,
        engines: &Engines,
        folder: &Path,
        namespaces: &Namespaces,
    ) -> Result<Self> {
        let name = format!("{}-{rooms}", bus.name());
        let nats = engines.nats.url().replace("127.0.0.1", NEAR);
        let etcd = format!("http://{NEAR}:2379");
        let start = |id: &str, host: &str| {
            let start = Start::new(&format!("{name}-{id}"), &nats, &etcd)
                // Each is a cluster of its own.
                .with("--prefix", &format!("{name}/"))
                .with("--patience", &PATIENCE.to_string());
            match bus {
                Bus::Nats => start,
                Bus::Grpc => start.with("--grpc", host),
            }
        };
        let (mut handled, mut servers) = (Vec::new(), Vec::new());
        for (id, host) in [("far", FAR), ("near", NEAR)].into_iter().take(rooms) {
            let file = folder.join(format!("{name}-{id}"));
            let room = start(id, host).with("--handled", &file.to_string_lossy());
            let room = if host == FAR {
                room.inside(namespaces.far())
            } else {
                room
            };
            servers.push(room.start().await?);
            handled.push(file);
        }
        let port = port();
        servers.push(start("gate", NEAR).listen(port).start().await?);
        let fleet = Fleet::connect(CLIENTS, &[url(port)]).await?;
        fleet.served_by(rooms).await?;
        Ok(Self {
            name,
            rooms,
            fleet,
            handled,
            servers,
        })
    }

    fn judge(&self, report: &mut Report, cut: &str, requests: &Requests, moments: [Duration; 2]) {
        let [cut_at, healed_at] = moments;
        let head = format!("{}, lost {cut}:", self.name);
        let untyped: Vec<_> = requests
            .failed()
            .filter(|exchange| matches!(exchange.outcome, Outcome::Failed(_)))
            .collect();
        report.none(&format!("{head} failures that are not typed"), &untyped);
        let slowest = requests.failed().map(|exchange| exchange.took()).max();
        report.within(
            &format!("{head} the slowest failure"),
            GIVEN_UP,
            Some(slowest.unwrap_or_default()),
        );
        let early: Vec<_> = requests
            .failed()
            .filter(|exchange| exchange.ended < cut_at)
            .collect();
        report.none(&format!("{head} failures before the cut"), &early);
        report.within(
            &format!("{head} the last failure after it is whole"),
            HEALED,
            Some(requests.last_failure(healed_at)),
        );
        let far = Outcome::Answered(format!("{}-far", self.name));
        let used = requests
            .iter()
            .filter(|exchange| exchange.began >= healed_at && exchange.outcome == far)
            .map(|exchange| exchange.ended - healed_at)
            .min();
        let what = format!("{head} the room answers again");
        if self.rooms == 1 {
            report.within(&what, HEALED, used);
        } else {
            // The other one answers until it has proved itself, after a wait that grows with its silence.
            report.tells(
                &what,
                used.map_or_else(|| "not yet".to_owned(), |used| format!("{used:?}")),
            );
        }
        report.tells(
            &format!("{head} failures of {}", requests.len()),
            requests.faults(),
        );
    }
}

/// How much was handled, and the numbers of what was handled more than once.
fn handled_twice(files: &[PathBuf]) -> Result<(usize, Vec<u64>)> {
    let mut times = BTreeMap::<u64, usize>::new();
    for file in files {
        let text = std::fs::read_to_string(file).context("a room has noted nothing")?;
        for line in text.lines() {
            *times.entry(line.parse()?).or_default() += 1;
        }
    }
    // Work that is asked for to see who is there.
    times.remove(&0);
    let twice = times.iter().filter(|&(_, &times)| times > 1);
    Ok((times.len(), twice.map(|(&number, _)| number).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_of_two_rooms_is_work_done_twice() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = [folder.path().join("a"), folder.path().join("b")];
        std::fs::write(&files[0], "0\n0\n1\n2\n").expect("written");
        std::fs::write(&files[1], "0\n3\n2\n").expect("written");
        assert_eq!(handled_twice(&files).expect("numbers"), (3, vec![2]));
    }
}
