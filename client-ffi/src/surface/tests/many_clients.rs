//! Clients that are forgotten while they connect, from a thread that is not the runtime's.

use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::surface::Client;

use super::support::{options, soon};

/// Each is somewhere else in its attempt when it goes.
const CLIENTS: u64 = 2_000;

#[tokio::test]
async fn none_of_them_panics_in_the_runtime() {
    let panics = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&panics);
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        // Other tests of the program panic on their own threads when they fail.
        if std::thread::current().name() == Some("pitaya") {
            count.fetch_add(1, Ordering::Relaxed);
        }
        before(what);
    }));
    let mut ends = Vec::new();
    for n in 0..CLIENTS {
        let client = Client::start(options("tcp://127.0.0.1:9")).unwrap();
        ends.push(client.events());
        // Not a wait for anything: it only spreads the moments.
        std::thread::sleep(Duration::from_micros(n % 200));
    }
    for events in ends {
        while soon(events.next()).await.is_some() {}
    }
    assert_eq!(panics.load(Ordering::Relaxed), 0);
}
