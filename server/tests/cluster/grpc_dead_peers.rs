//! A server that is gone fails calls at once, and one that is back is called again.

use std::net::TcpListener;

use pitaya_protocol::cluster::{Member, keys};
use pitaya_server::cluster::{Bus, CallError};
use tokio::sync::mpsc;

use crate::support::grpc::{Cluster, LONG, answer, config, echo, request, until};

fn gone(server: &str) -> CallError {
    CallError::Gone {
        server: server.to_owned(),
    }
}

#[tokio::test]
async fn nobody_listens_there() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let mut dead = Member::new("room", "r1");
    let address = [
        (keys::GRPC_HOST, "127.0.0.1"),
        (keys::GRPC_PORT, &port.to_string()),
    ];
    dead.metadata = address
        .map(|(key, text)| (key.to_owned(), text.to_owned()))
        .into();

    let calls = [(); 20].map(|()| gate.bus.call(&dead, request("join"), LONG));
    for call in calls {
        assert_eq!(call.await, Err(gone("r1")));
    }
    // A server of a cluster over NATS, or one that says nonsense.
    dead.metadata.clear();
    assert_eq!(
        gate.bus.call(&dead, request(""), LONG).await,
        Err(gone("r1"))
    );
    dead.metadata = [
        (keys::GRPC_HOST, "no such host"),
        (keys::GRPC_PORT, "ninety"),
    ]
    .map(|(key, text)| (key.to_owned(), text.to_owned()))
    .into();
    assert_eq!(
        gate.bus.call(&dead, request(""), LONG).await,
        Err(gone("r1"))
    );
}

#[tokio::test]
async fn a_server_that_dies_loses_what_it_had_taken() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let (kept, mut waiting) = mpsc::unbounded_channel();
    let room = cluster
        .start_with("room", "r1", config(), move |_, reply| {
            kept.send(reply).expect("an open test");
        })
        .await;

    let call = tokio::spawn(gate.bus.call(&room.me, request("join"), LONG));
    let _reply = waiting.recv().await.expect("a request");
    drop(room.bus);
    let lost = CallError::Lost {
        server: "r1".to_owned(),
    };
    assert_eq!(call.await.expect("a call"), Err(lost));
    assert_eq!(
        gate.bus.call(&room.me, request(""), LONG).await,
        Err(gone("r1"))
    );
}

#[tokio::test]
async fn a_server_that_is_back_is_called_again() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let room = cluster.start("room", "r1").await;
    assert_eq!(
        gate.bus.call(&room.me, request("1"), LONG).await,
        Ok(answer("1"))
    );

    // Under the same address, by the same id, and by another one.
    let mut same = config();
    same.port = room.bus.port();
    room.bus.close().await;
    drop(room);
    let room = cluster.start_with("room", "r1", same.clone(), echo).await;
    // What the connection has not said yet, the first call learns.
    until(async || gate.bus.call(&room.me, request("2"), LONG).await == Ok(answer("2"))).await;
    room.bus.close().await;
    drop(room);
    cluster.remove("r1");
    let room = cluster.start_with("room", "r2", same, echo).await;
    assert_eq!(
        gate.bus.call(&room.me, request("3"), LONG).await,
        Ok(answer("3"))
    );

    // Under another port, by the same id.
    drop(room);
    let room = cluster.start("room", "r2").await;
    assert_eq!(
        gate.bus.call(&room.me, request("4"), LONG).await,
        Ok(answer("4"))
    );
}
