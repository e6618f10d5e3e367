//! A server that does not read makes calls fail or wait; it does not make the client's memory grow.

use std::future::IntoFuture;

use pitaya_client::{Client, NotifyError};

use crate::support::{Server, Terms};

#[tokio::test]
async fn calls_wait_if_they_may_and_fail_otherwise() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();

    // The socket's own buffers fill up first.
    let mut sent = 0_usize;
    let refused = loop {
        match client.notify_raw("a.b", vec![0; 100_000]).await {
            Ok(()) => sent += 1,
            Err(refused) => break refused,
        }
        assert!(sent < 1_000, "a hundred megabytes went nowhere");
    };
    assert!(
        matches!(refused, NotifyError::QueueFull) && refused.is_retryable(),
        "{refused:?}"
    );

    let waiting = tokio::spawn(client.notify_raw("c.d", "patient").queued().into_future());
    for _ in 0..sent {
        assert_eq!(peer.receive().await.unwrap().route, "a.b");
    }
    assert_eq!(peer.receive().await.unwrap().body, "patient");
    waiting.await.unwrap().unwrap();
}
