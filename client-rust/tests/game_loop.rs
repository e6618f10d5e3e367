//! The example's network, which is polled once per frame and never waits, against scripted servers.

#[path = "../examples/game_loop/network.rs"]
mod network;

use std::time::{Duration, Instant};

use network::{Happening, Network};
use pitaya_client_core::State;
use pitaya_conformance::mock::{self, Config, Mock, MockServer};

/// A wait that only a hang can exceed.
const LONG: Duration = Duration::from_secs(30);

async fn server(mock: Mock) -> MockServer {
    mock::start_with(mock, "127.0.0.1:0".parse().unwrap(), Config::default())
        .await
        .unwrap()
}

/// Polls until `enough` says so, off the runtime's threads.
async fn play(
    mut network: Network,
    mut enough: impl FnMut(Happening<'_>) -> bool + Send + 'static,
) {
    tokio::task::spawn_blocking(move || {
        let (begin, mut done) = (Instant::now(), false);
        while !done {
            assert!(begin.elapsed() < LONG, "nothing came");
            network.poll(&mut |happening| done |= enough(happening));
            std::thread::yield_now();
        }
        network.close();
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn requests_are_answered() {
    for mock in [Mock::NoHeartbeat, Mock::SplitFrames] {
        let server = server(mock).await;
        let mut network = Network::connect(server.addr());
        network.request(7, "a.b", b"hello");
        play(network, |happening| match happening {
            Happening::Answer { call, body } => {
                assert_eq!((call, body), (7, &b"hello"[..]));
                true
            }
            Happening::State(_) => false,
            other => panic!("{other:?}"),
        })
        .await;
    }
}

#[tokio::test]
async fn compressed_pushes_and_answers_are_inflated() {
    let server = server(Mock::Compressed).await;
    let mut network = Network::connect(server.addr());
    network.request(1, "a.b", b"{}");
    let mut pushed = false;
    play(network, move |happening| match happening {
        Happening::Push { route, body } => {
            assert_eq!(
                (route, body),
                ("onCompressed", &br#"{"key1":10,"key2":true}"#[..])
            );
            pushed = true;
            false
        }
        Happening::Answer { body, .. } => {
            assert_eq!(body, br#"{"isCompressed":false}"#);
            pushed
        }
        Happening::State(_) => false,
        Happening::Failed { .. } => panic!("{happening:?}"),
    })
    .await;
}

#[tokio::test]
async fn a_kick_and_a_closed_port_end_in_a_closed_state() {
    let kicking = server(Mock::Kick).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed_port = free.local_addr().unwrap();
    drop(free);
    for address in [kicking.addr(), closed_port] {
        let mut network = Network::connect(address);
        network.request(3, "a.b", b"");
        let mut told = false;
        play(network, move |happening| match happening {
            Happening::Failed { call, reason } => {
                assert_eq!(call, 3);
                assert!(reason.starts_with("disconnected: "), "{reason}");
                told = true;
                false
            }
            Happening::State(State::Closed(_)) => {
                assert!(told, "the request ended before the client did");
                true
            }
            _ => false,
        })
        .await;
    }
}
