//! What is pulled with `next`.

use std::sync::Arc;

use crate::surface::{Client, Event, Push, State};
use pitaya_conformance::mock::Mock;

use super::support::{connected, soon};

async fn push(client: &Arc<Client>, body: &[u8]) {
    let order = client.request("mock.push".into(), body.to_vec(), None, None);
    soon(order).await.unwrap();
}

#[tokio::test]
async fn stopping_ends_whoever_waits() {
    let (_server, client) = connected(Mock::OnDemand).await;
    let pushes = client.subscribe("onPush".into()).unwrap();
    let (next, ()) = soon(async { tokio::join!(pushes.next(), async { pushes.stop() }) }).await;
    assert_eq!(next, None);
    push(&client, b"1").await;
    assert_eq!(pushes.next().await, None);
}

#[tokio::test]
async fn a_dropped_next_loses_nothing() {
    let (_server, client) = connected(Mock::OnDemand).await;
    let pushes = client.subscribe("onPush".into()).unwrap();
    tokio::select! {
        biased;
        early = pushes.next() => panic!("nothing was pushed, but {early:?}"),
        () = std::future::ready(()) => {}
    }
    push(&client, b"1").await;
    let body = b"1".to_vec();
    assert_eq!(soon(pushes.next()).await, Some(Push::Message { body }));
}

#[tokio::test]
async fn streams_end_with_a_client_that_is_dropped_and_do_not_keep_it() {
    let (_server, client) = connected(Mock::OnDemand).await;
    let (pushes, events) = (client.subscribe("onPush".into()).unwrap(), client.events());
    drop(client);
    assert_eq!(soon(pushes.next()).await, None);
    let ended = soon(events.next()).await;
    assert!(
        matches!(
            ended,
            Some(Event::State {
                state: State::Closed { .. }
            })
        ),
        "{ended:?}"
    );
    assert_eq!(soon(events.next()).await, None);
}
