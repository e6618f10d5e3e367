//! Against our own server: every transport, both serializers, a kick, a shutdown and a return.

use std::future::IntoFuture;
use std::net::SocketAddr;

use pitaya_client::{
    Builder, Client, CloseCode, ErrorPayload, Notify, Push, Raw, Request, RequestError, Serializer,
    State, Tls,
};
use pitaya_server::{Error, Functions, Handle, Server, ServerBuilder, Session, tcp, tls, ws, wss};
use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::support::{hasty, until};

const ECHO: Request<String, String> = Request::new("room.echo");
const FAIL: Request<String, String> = Request::new("room.fail");
const PUSH_ME: Notify<String> = Notify::new("room.pushme");
const KICK_ME: Request<String, String> = Request::new("room.kickme");
const ON_LINE: Push<String> = Push::new("onLine");

fn room() -> ServerBuilder {
    let room = Functions::new("room")
        .request(ECHO, async |_: Session, text: String| Ok(text))
        .request(FAIL, async |_: Session, text: String| {
            Err::<String, _>(Error::new("ROOM-1", text))
        })
        .notify(PUSH_ME, async |session: Session, text: String| {
            session.push(ON_LINE, &text).unwrap();
        })
        .request(KICK_ME, async |session: Session, reason: String| {
            session.kick(reason).await;
            Ok(String::new())
        });
    Server::builder().register(room)
}

async fn talk(builder: Builder) {
    let client = builder.connect().await.unwrap();
    let mut lines = client.subscribe(ON_LINE);
    assert_eq!(
        client.request(ECHO, &"hello".to_owned()).await.unwrap(),
        "hello"
    );
    let error = client.request(FAIL, &"no".to_owned()).await.unwrap_err();
    let RequestError::Server(ErrorPayload { code, msg, .. }) = error else {
        panic!("{error:?}")
    };
    assert_eq!((&*code, &*msg), ("ROOM-1", "no"));
    for n in 0..100 {
        client.notify(PUSH_ME, &n.to_string()).await.unwrap();
    }
    for n in 0..100 {
        assert_eq!(lines.next().await.unwrap().unwrap(), n.to_string());
    }
    let large = "x".repeat(1_000_000);
    assert!(client.request(ECHO, &large).await.unwrap() == large);
    client.close().await;
}

#[tokio::test]
async fn every_transport_carries_everything() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate =
        || pitaya_server::Tls::from_pem(cert.pem(), signing_key.serialize_pem()).unwrap();
    let server = room()
        .listen(tcp("127.0.0.1:0"))
        .listen(ws("127.0.0.1:0"))
        .listen(tls("127.0.0.1:0", certificate()))
        .listen(wss("127.0.0.1:0", certificate()))
        .start()
        .await
        .unwrap();
    for scheme in ["tcp", "ws", "tls", "wss"] {
        let port = server.address(scheme).unwrap().port();
        let url = format!("{scheme}://localhost:{port}");
        talk(Client::builder(url).tls(Tls::new().roots_pem(cert.pem().as_bytes()).unwrap())).await;
    }
    assert_eq!(server.shutdown().await.dropped_handlers, 0);
}

#[tokio::test]
async fn a_kick_tells_its_reason_and_is_final() {
    let server = room().listen(ws("127.0.0.1:0")).start().await.unwrap();
    let client = hasty(&format!("ws://{}", server.address("ws").unwrap()))
        .connect()
        .await
        .unwrap();
    // The kick may overtake the answer.
    let _ = client.request(KICK_ME, &"cheating".to_owned()).await;
    let state = until(&client, |state| *state != State::Connected).await;
    let State::Closed(ended) = state else {
        panic!("{state:?}")
    };
    assert_eq!(
        (ended.closed.close.code, ended.closed.close.reason()),
        (CloseCode::KICKED, "cheating")
    );
}

async fn start_on(address: SocketAddr) -> Handle {
    room().listen(tcp(address)).start().await.unwrap()
}

#[tokio::test]
async fn a_restart_is_survived_and_waiting_calls_arrive() {
    let server = start_on("127.0.0.1:0".parse().unwrap()).await;
    let address = server.address("tcp").unwrap();
    let client = hasty(&format!("tcp://{address}")).connect().await.unwrap();
    let mut lines = client.subscribe(ON_LINE);
    server.shutdown().await;
    let state = until(&client, |state| *state != State::Connected).await;
    let State::Reconnecting { cause, .. } = state else {
        panic!("{state:?}")
    };
    assert_eq!(cause.close.code, CloseCode::DRAINING);

    let error = client.request(ECHO, &String::new()).await.unwrap_err();
    assert!(matches!(error, RequestError::NotConnected), "{error:?}");
    let waiting = tokio::spawn(
        client
            .request(ECHO, &"patient".to_owned())
            .queued()
            .into_future(),
    );
    let said = tokio::spawn(
        client
            .notify(PUSH_ME, &"said while away".to_owned())
            .queued()
            .into_future(),
    );
    let _server = start_on(address).await;
    assert_eq!(waiting.await.unwrap().unwrap(), "patient");
    said.await.unwrap().unwrap();
    assert_eq!(lines.next().await.unwrap().unwrap(), "said while away");
}

#[tokio::test]
async fn json_and_protobuf_clients_share_a_server() {
    const RAW: Request<Raw, Raw> = Request::new("room.raw");
    let room = Functions::<pitaya_server::protocol::Both>::new("room").request(
        RAW,
        async |_: Session<pitaya_server::protocol::Both>, raw: Raw| Ok(raw),
    );
    let server = Server::builder_for()
        .register(room)
        .listen(tcp("127.0.0.1:0"))
        .start()
        .await
        .unwrap();
    let url = format!("tcp://{}", server.address("tcp").unwrap());
    let json = Client::builder(&url).connect().await.unwrap();
    let protobuf = Client::builder(&url)
        .serializers(pitaya_client::Protobuf)
        .connect()
        .await
        .unwrap();
    assert_eq!(json.serializer(), Some(Serializer::Json));
    assert_eq!(protobuf.serializer(), Some(Serializer::Protobuf));
    assert_eq!(
        protobuf.request(RAW, &Raw::from("x")).await.unwrap(),
        Raw::from("x")
    );
    let error = protobuf.request_raw("room.unknown", "").await.unwrap_err();
    let RequestError::Server(payload) = error else {
        panic!("{error:?}")
    };
    assert_eq!(payload.code, "PIT-404");
}
