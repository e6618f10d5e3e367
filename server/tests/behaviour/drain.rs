//! A drain empties a server at a set rate, says where to go, and loses nobody who has only just come.

use std::time::Duration;

use pitaya_server::protocol::{CloseCode, Closed, Request};
use pitaya_server::{DrainOptions, Functions, Handle, Server, ServerBuilder, Session, tcp};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::support::{Client, Gate, Hello, Link, Rig, Via};

fn builder() -> ServerBuilder {
    let game =
        Functions::new("game").request(Request::new("game.ping"), async |_: Session, (): ()| Ok(1));
    Server::builder().register(game)
}

/// How so many clients, all connected, are sent away, each with the time since then.
async fn ends(rig: &Rig, clients: usize, hello: Hello) -> JoinSet<(Duration, Closed)> {
    let mut ends = JoinSet::new();
    let began = Instant::now();
    for _ in 0..clients {
        let mut client = rig.client_as(hello.clone()).await;
        ends.spawn(async move {
            let closed = client.closed().await;
            (began.elapsed(), closed)
        });
    }
    ends
}

#[tokio::test(start_paused = true)]
async fn sessions_go_at_the_set_rate() {
    let rig = Rig::start(Via::Memory, builder()).await;
    let ends = ends(&rig, 100, Hello::ours()).await;
    let report = rig.drain(DrainOptions::new().per_second(20)).await;
    assert_eq!((report.sessions, report.cut), (100, 0));
    let ends = ends.join_all().await;
    let mut times: Vec<_> = ends.iter().map(|(time, _)| *time).collect();
    times.sort();
    // In no second more than were allowed, and one more as both of its ends count.
    for (index, first) in times.iter().enumerate() {
        let within = times[index..]
            .iter()
            .take_while(|time| **time < *first + Duration::from_secs(1));
        assert!(within.count() <= 21, "{times:?}");
    }
    assert!(times[99] - times[0] < Duration::from_secs(6), "{times:?}");
    for (_, closed) in ends {
        assert_eq!(closed.close.code, CloseCode::DRAINING);
        // The rate spreads them already.
        assert_eq!(closed.close.retry_after(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn the_settings_have_a_rate_as_well() {
    let slow = |config: &mut pitaya_server::ServerConfig| {
        config.drain_per_second = std::num::NonZeroU32::new(2);
        config.shutdown_timeout = Duration::from_secs(1);
    };
    let rig = Rig::start(Via::Memory, builder().configure(slow)).await;
    let ends = ends(&rig, 10, Hello::family()).await;
    // The time that the rate needs is no part of the time-out.
    let report = rig.shutdown().await;
    assert_eq!((report.sessions, report.cut), (10, 0));
    assert!(report.took >= Duration::from_millis(4_500), "{report:?}");
    for (_, closed) in ends.join_all().await {
        assert_eq!(closed.close.code, CloseCode::EOF, "a plain close, no kick");
    }
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_the_others_are_told_too() {
    let rig = Rig::start(Via::Memory, builder()).await;
    let ends = ends(&rig, 20, Hello::ours()).await;
    let options = DrainOptions::new()
        .per_second(1)
        .spread(Duration::from_secs(8))
        .deadline(Duration::from_millis(3_500));
    let report = rig.drain(options).await;
    assert_eq!((report.sessions, report.cut), (20, 16));
    assert!(report.took < Duration::from_secs(5), "{report:?}");
    for (_, closed) in ends.join_all().await {
        assert_eq!(closed.close.code, CloseCode::DRAINING);
        let advice = closed.close.retry_after().expect("advice");
        assert!(advice <= Duration::from_secs(8).into());
    }
}

#[tokio::test(start_paused = true)]
async fn clients_are_sent_to_the_endpoints_in_turn() {
    let rig = Rig::start(Via::Memory, builder()).await;
    let ends = ends(&rig, 10, Hello::ours()).await;
    let options = DrainOptions::new()
        .endpoint("tcp://one:1")
        .endpoint("tcp://two:2")
        .reason("a new version");
    rig.drain(options).await;
    let ends = ends.join_all().await;
    for endpoint in ["tcp://one:1", "tcp://two:2"] {
        let there = ends
            .iter()
            .filter(|(_, closed)| closed.close.endpoint() == Some(endpoint));
        assert_eq!(there.count(), 5);
    }
    for (_, closed) in ends {
        assert_eq!(closed.close.reason(), "a new version");
    }
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_their_turn_are_served() {
    let rig = Rig::start(Via::Memory, builder()).await;
    let _first = ends(&rig, 3, Hello::ours()).await;
    let mut last = rig.client().await;
    let handle: Handle = (*rig).clone();
    let drain = tokio::spawn(async move { handle.drain(DrainOptions::new().per_second(1)).await });
    rig.stopping().await;
    for _ in 0..10 {
        assert_eq!(last.request("game.ping", &()).await, Ok(1));
    }
    assert_eq!(last.closed().await.close.code, CloseCode::DRAINING);
    assert_eq!(drain.await.expect("no panic").cut, 0);
}

/// The operating system would reset them: they are accepted, get through their handshake, and are told to come back.
#[tokio::test]
async fn whoever_waits_to_be_accepted_is_not_reset() {
    let server = builder()
        .listen(tcp("127.0.0.1:0"))
        .start()
        .await
        .expect("a server");
    let address = server.addresses()[0];
    // There is one thread, which the server does not get before the drain has begun.
    let waiting: Vec<_> = (0..20)
        .map(|_| std::net::TcpStream::connect(address).expect("a connection"))
        .collect();
    let handle = server.clone();
    let drain = tokio::spawn(async move { handle.shutdown().await });
    let mut clients = Vec::new();
    for stream in waiting {
        stream.set_nonblocking(true).expect("an option");
        let stream = TcpStream::from_std(stream).expect("a stream");
        let client = Client::open(Link::Bytes(Box::new(stream)), Hello::ours()).await;
        clients.push(client.expect("a handshake"));
    }
    for mut client in clients {
        assert_eq!(client.closed().await.close.code, CloseCode::DRAINING);
    }
    assert_eq!(drain.await.expect("no panic").cut, 0);
    assert!(TcpStream::connect(address).await.is_err(), "it is closed");
}

#[tokio::test(start_paused = true)]
async fn a_second_call_can_shorten_the_time() {
    let gate = Gate::new();
    let waits = gate.clone();
    let game =
        Functions::new("game").request(Request::new("game.wait"), move |_: Session, (): ()| {
            let waits = waits.clone();
            async move {
                waits.pass().await;
                Ok(1)
            }
        });
    let rig = Rig::start(Via::Memory, Server::builder().register(game)).await;
    let mut client = rig.client().await;
    client.send_json("game.wait", &());
    client.flush().await;
    gate.reached(1).await;
    let handle: Handle = (*rig).clone();
    let patient = DrainOptions::new().deadline(Duration::from_secs(3_600));
    let first = tokio::spawn(async move { handle.drain(patient).await });
    rig.stopping().await;
    let second = rig
        .drain(DrainOptions::new().deadline(Duration::from_secs(1)))
        .await;
    assert_eq!(second.cut, 1);
    let first = first.await.expect("no panic");
    assert!(first.took < Duration::from_secs(10), "{first:?}");
}
