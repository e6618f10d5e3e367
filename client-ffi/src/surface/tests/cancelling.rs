//! Giving up with a handle, for languages whose tasks do not tell a native call.

use crate::surface::{CancelHandle, FailureKind, PitayaError, connect};
use pitaya_conformance::mock::Mock;

use super::support::{connected, options, soon};

fn kind<T>(result: Result<T, PitayaError>) -> FailureKind {
    match result {
        Ok(_) => panic!("it was not cancelled"),
        Err(PitayaError::Failed { failure }) => failure.kind,
    }
}

#[tokio::test]
async fn a_request_in_flight_ends_and_the_client_lives_on() {
    let (_server, client) = connected(Mock::OnDemand).await;
    let cancel = CancelHandle::new();
    let silent = client.request("mock.silent".into(), Vec::new(), None, Some(cancel.clone()));
    let order = async {
        // Once a later request is answered, the first one is in flight.
        let later = client.request("a.b".into(), b"1".to_vec(), None, None);
        assert_eq!(later.await.unwrap(), b"1");
        cancel.cancel();
    };
    let (cancelled, ()) = soon(async { tokio::join!(silent, order) }).await;
    assert_eq!(kind(cancelled), FailureKind::Cancelled);
    let next = client.request("a.b".into(), b"2".to_vec(), None, None);
    assert_eq!(soon(next).await.unwrap(), b"2");
}

#[tokio::test]
async fn a_call_with_a_cancelled_handle_is_not_sent() {
    let (_server, client) = connected(Mock::OnDemand).await;
    let cancel = CancelHandle::new();
    cancel.cancel();
    let notify = client.notify("a.b".into(), Vec::new(), None, Some(cancel.clone()));
    assert_eq!(kind(notify.await), FailureKind::Cancelled);
    let received = client.request("mock.received".into(), Vec::new(), None, None);
    assert_eq!(soon(received).await.unwrap(), b"[]");
    assert!(cancel.is_cancelled());
}

#[tokio::test]
async fn connecting_ends() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("tcp://{}", listener.local_addr().unwrap());
    let cancel = CancelHandle::new();
    let order = async {
        listener.accept().await.unwrap();
        cancel.cancel();
    };
    let connecting = connect(options(url), Some(cancel.clone()));
    let (connecting, ()) = soon(async { tokio::join!(connecting, order) }).await;
    assert_eq!(kind(connecting), FailureKind::Cancelled);
}
