//! Whatever comes to the port, others are served, and what can be answered is answered.

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use pitaya_protocol::cluster::Response;
use pitaya_server::cluster::Bus;
use prost::Message;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::grpc::{Cluster, Event, LONG, Node, answer, code, request};

async fn connect(node: &Node) -> TcpStream {
    let port = node.bus.port();
    TcpStream::connect(("127.0.0.1", port))
        .await
        .expect("a server")
}

#[tokio::test]
async fn bytes_that_are_no_http2_end_their_own_connection() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let room = cluster.start("room", "r1").await;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let wild = [&preface[..], &[0xff; 64]].concat();
    let mut random = fastrand::Rng::with_seed(7);
    let noise: Vec<u8> = (0..4_000).map(|_| random.u8(..)).collect();
    let inputs = [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        vec![0; 100],
        wild,
        noise,
        [&preface[..], b"\0\0\x04\x08\0\0\0\0\0\0\0\0\0"].concat(),
    ];
    for input in inputs {
        let mut stream = connect(&room).await;
        // It may end the connection before all of it is written.
        let _ = stream.write_all(&input).await;
        let mut read = Vec::new();
        let ended = tokio::time::timeout(LONG, stream.read_to_end(&mut read)).await;
        assert!(ended.is_ok(), "{input:?}");
        let served = gate.bus.call(&room.me, request("x"), LONG).await;
        assert_eq!(served, Ok(answer("x")));
    }
}

/// Bytes as a gRPC message to a path; the answer's message and status.
async fn send(node: &Node, path: &str, message: &[u8]) -> (Bytes, Option<String>) {
    let (client, connection) = h2::client::handshake(connect(node).await)
        .await
        .expect("HTTP/2");
    tokio::spawn(async move { drop(connection.await) });
    let mut client = client.ready().await.expect("a connection");
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("http://x{path}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(())
        .expect("a request");
    let (answer, mut body) = client.send_request(request, false).expect("a stream");
    let length = u32::try_from(message.len())
        .expect("a length")
        .to_be_bytes();
    let frame = [&[0], &length[..], message].concat();
    body.send_data(frame.into(), true).expect("a body");
    let answer = answer.await.expect("an answer");
    let status = |headers: &HeaderMap| {
        let status = headers.get("grpc-status");
        status.map(|status| status.to_str().expect("a number").to_owned())
    };
    if let Some(status) = status(answer.headers()) {
        return (Bytes::new(), Some(status));
    }
    let mut body = answer.into_body();
    let mut read = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.expect("data");
        drop(body.flow_control().release_capacity(data.len()));
        read.extend_from_slice(&data);
    }
    let trailers = body.trailers().await.expect("an end");
    let message = Bytes::from(read).slice(5..);
    (message, trailers.as_ref().and_then(status))
}

#[tokio::test]
async fn messages_that_cannot_be_read_are_answered() {
    let cluster = Cluster::new();
    let mut gate = cluster.start("gate", "g1").await;
    for garbage in [&b"\x1a\xff\xff"[..], b"\x0f", &[0xff; 300]] {
        let (message, status) = send(&gate, "/protos.Pitaya/Call", garbage).await;
        let refused = Response::decode(message).expect("a response");
        assert_eq!((code(&refused), status.as_deref()), ("PIT-400", Some("0")));
        assert_eq!(gate.next().await, Event::Undecodable("request"));
    }
    let others = [
        ("PushToUser", "push"),
        ("KickUser", "kick"),
        ("SessionBindRemote", "binding"),
    ];
    for (method, what) in others {
        let (_, status) = send(&gate, &format!("/protos.Pitaya/{method}"), b"\xff").await;
        assert_eq!(status.as_deref(), Some("3"), "{method}");
        assert_eq!(gate.next().await, Event::Undecodable(what));
    }
    let (_, status) = send(&gate, "/protos.Pitaya/Sing", b"").await;
    assert_eq!(status.as_deref(), Some("12"));
}

#[tokio::test]
async fn the_family_hears_what_it_expects() {
    let cluster = Cluster::new();
    let gate = cluster.start("gate", "g1").await;
    let user = |uid: &str| {
        let mut field = vec![0x12, u8::try_from(uid.len()).expect("a short uid")];
        field.extend_from_slice(uid.as_bytes());
        field
    };
    let (message, status) = send(&gate, "/protos.Pitaya/PushToUser", &user("u1")).await;
    assert_eq!(
        (&message[..], status.as_deref()),
        (&b"\x0a\x03ack"[..], Some("0"))
    );
    let (_, status) = send(&gate, "/protos.Pitaya/PushToUser", &user("stranger")).await;
    assert_eq!(status.as_deref(), Some("2"));
    let (message, _) = send(&gate, "/protos.Pitaya/KickUser", b"\x0a\x02u1").await;
    assert_eq!(&message[..], b"\x08\x01");
    let (message, _) = send(
        &gate,
        "/protos.Pitaya/SessionBindRemote",
        b"\x0a\x02u1\x12\x02f1",
    )
    .await;
    assert_eq!(&message[..], b"\x0a\x03ack");
}
