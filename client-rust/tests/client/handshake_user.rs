//! The handshake carries the application's object, made anew for every attempt if it wants.

use std::sync::atomic::{AtomicU32, Ordering};

use pitaya_client::{Client, Close, CloseCode, ConnectError};
use serde_json::{Value, json};

use crate::support::{Server, Terms, hasty};

#[tokio::test]
async fn a_fixed_value_and_what_the_client_says_of_itself() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url())
        .user(json!({ "age": 30 }))
        .app("2.1", "20")
        .platform("mac");
    let (client, peer) = tokio::join!(builder.connect(), server.accept());
    client.unwrap();
    let request = peer.request.unwrap();
    assert_eq!(Value::Object(request.user), json!({ "age": 30 }));
    let sys = request.sys;
    assert_eq!(
        (&*sys.platform, &*sys.version, &*sys.build_number),
        ("mac", "2.1", "20")
    );
    assert!(!sys.lib_version.is_empty());
}

#[tokio::test]
async fn a_function_is_asked_at_every_attempt() {
    let server = Server::start(Terms::default()).await;
    let count = AtomicU32::new(0);
    let builder = hasty(&server.url()).user_with(move || {
        let attempt = count.fetch_add(1, Ordering::Relaxed);
        async move {
            match attempt {
                1 => Err("the token service is away"),
                attempt => Ok(json!({ "attempt": attempt })),
            }
        }
    });
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let _client = client.unwrap();
    assert_eq!(peer.request.as_ref().unwrap().user["attempt"], 0);
    peer.close(Close::new(CloseCode::DRAINING)).await;
    // The attempt in between failed before it reached us.
    assert_eq!(server.accept().await.request.unwrap().user["attempt"], 2);
}

#[tokio::test]
async fn a_value_that_is_no_object_is_an_error_of_the_caller() {
    let started = Client::builder("tcp://127.0.0.1:1").user([1, 2]).start();
    let Err(ConnectError::User(error)) = started else {
        panic!("{started:?}")
    };
    assert!(error.to_string().contains("[1,2]"), "{error}");
}
