//! A failure to accept is waited out and never ends the accepting.

use std::{io, net::SocketAddr, task::Poll, time::Duration};

use tokio::time::Instant;

use crate::transport::bind::accept_all;

/// Accepts what `script` says, then nothing more; gives what was accepted and how long it took.
async fn run(script: Vec<io::Result<u32>>) -> (Vec<u32>, Duration) {
    let remote: SocketAddr = "127.0.0.1:1".parse().expect("an address");
    let mut script = script.into_iter();
    let mut accepted = Vec::new();
    let mut last = Instant::now();
    let start = last;
    let accepting = accept_all(
        |_| match script.next() {
            Some(step) => Poll::Ready(step.map(|connection| (connection, remote))),
            None => Poll::Pending,
        },
        |connection, _| {
            accepted.push(connection);
            last = Instant::now();
        },
        "test",
    );
    assert!(
        tokio::time::timeout(Duration::from_secs(60), accepting)
            .await
            .is_err(),
        "it goes on"
    );
    (accepted, last - start)
}

fn no_descriptors() -> io::Error {
    // EMFILE
    io::Error::from_raw_os_error(24)
}

#[tokio::test(start_paused = true)]
async fn without_descriptors_it_waits_longer_and_longer_up_to_a_second() {
    let (accepted, time) = run(vec![
        Ok(1),
        Err(no_descriptors()),
        Err(no_descriptors()),
        Ok(2),
    ])
    .await;
    assert_eq!(accepted, [1, 2]);
    assert_eq!(time.as_millis() / 10 * 10, 30, "10 and 20 ms");

    let mut script: Vec<_> = (0..12).map(|_| Err(no_descriptors())).collect();
    script.push(Ok(3));
    let (accepted, time) = run(script).await;
    assert_eq!(accepted, [3]);
    assert!(
        (6..8).contains(&time.as_secs()),
        "1.27 s and five times 1 s, not {time:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_is_gone_already_holds_up_nobody() {
    let gone = || Err(io::ErrorKind::ConnectionAborted.into());
    let (accepted, time) = run(vec![gone(), gone(), Ok(1)]).await;
    assert_eq!((accepted, time), (vec![1], Duration::ZERO));
}
