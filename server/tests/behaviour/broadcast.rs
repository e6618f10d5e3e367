//! A broadcast is encoded once per variant, whoever is in the group, and a batch leaves in one write.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pitaya_server::protocol::{Both, ErrorPayload, Message, Notify, Push, RouteRef, Serializer};
use pitaya_server::{Functions, Server, Session};
use prost::Message as _;
use serde::{Deserialize, Serialize};

use crate::support::{Client, Heard, Hello, Rig, Via, over_all};

/// Counts how often it is written.
struct Counted(Arc<AtomicUsize>);

impl Serialize for Counted {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.fetch_add(1, Ordering::SeqCst);
        serializer.serialize_str(&"x".repeat(1_000))
    }
}

const ON_COUNTED: Push<Counted> = Push::new("onCounted");
const ON_NUMBER: Push<u32> = Push::new("onNumber");

#[test]
fn it_is_encoded_once_per_variant() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder().dictionary([("onCounted", 7)])).await;
        let group = rig.create_group("all").expect("a new name");
        let mut clients = Vec::new();
        for _ in 0..4 {
            for hello in [Hello::ours(), Hello::family(), Hello::pomelo()] {
                clients.push((hello.clone(), rig.client_as(hello).await));
            }
        }
        for session in rig.sessions() {
            group.join(&session).expect("a member");
        }
        let count = Arc::new(AtomicUsize::new(0));
        let reached = group.broadcast(ON_COUNTED, &Counted(count.clone()));
        assert_eq!(reached.expect("written"), 12);
        assert_eq!(count.load(Ordering::SeqCst), 3, "variants");
        for (hello, client) in &mut clients {
            let heard = client.next().await.expect("a push");
            let Heard::Push {
                route, deflated, ..
            } = &heard
            else {
                panic!("{heard:?}")
            };
            assert_eq!(route, "onCounted");
            assert_eq!(*deflated, !hello.info.platform.is_empty(), "{hello:?}");
            assert_eq!(heard.json::<String>().len(), 1_000);
        }
    });
}

#[tokio::test]
async fn a_batch_leaves_in_one_write_per_member() {
    let rig = Rig::start(Via::Memory, Server::builder()).await;
    let group = rig.create_group("all").expect("a new name");
    let mut clients = [rig.client().await, rig.client_as(Hello::family()).await];
    for session in rig.sessions() {
        group.join(&session).expect("a member");
    }
    let numbers = [1, 2, 3, 4, 5];
    let batch = numbers
        .iter()
        .fold(group.batch(), |batch, number| batch.push(ON_NUMBER, number));
    assert_eq!(batch.send().expect("written"), 2);
    for client in &mut clients {
        let before = client.reads;
        for number in numbers {
            assert_eq!(client.push::<u32>("onNumber").await, number);
        }
        assert_eq!(client.reads - before, 1, "reads");
    }
}

#[derive(Clone, PartialEq, prost::Message, Serialize, Deserialize)]
struct Line {
    #[prost(string, tag = "1")]
    text: String,
}

const SAY: Notify<Line> = Notify::new("room.say");
const ON_LINE: Push<Line> = Push::new("onLine");

async fn line(client: &mut Client, serializer: Serializer) -> Line {
    let heard = client.next().await.expect("a push");
    match serializer {
        Serializer::Json => heard.json(),
        _ => Line::decode(heard.body()).expect("protobuf"),
    }
}

#[test]
fn json_and_protobuf_clients_share_a_group() {
    over_all(async |via| {
        let room =
            Functions::<Both>::new("room").notify(SAY, |session: Session<Both>, line: Line| {
                let room = session.server().group("room").expect("a group");
                room.broadcast(ON_LINE, &line).expect("written");
                std::future::ready(())
            });
        let builder = Server::builder_for::<Both>().register(room);
        let rig = Rig::start(via, builder).await;
        let room = rig.create_group("room").expect("a new name");
        let mut clients = Vec::new();
        for serializer in [Serializer::Json, Serializer::Protobuf] {
            let client = rig.client_as(Hello::ours().serializer(serializer)).await;
            let welcome = client.welcome.as_ref().expect("a response");
            assert_eq!(welcome.sys.serializer, serializer.name());
            clients.push((serializer, client));
        }
        for session in rig.sessions() {
            room.join(&session).expect("a member");
        }
        for speaker in 0..2 {
            let said = Line {
                text: format!("from {speaker}"),
            };
            match &mut clients[speaker] {
                (Serializer::Json, client) => client.notify("room.say", &said),
                (_, client) => {
                    let body = said.encode_to_vec();
                    client.say(Message::notify(RouteRef::Name("room.say"), &body));
                }
            }
            clients[speaker].1.flush().await;
            for (serializer, client) in &mut clients {
                assert_eq!(line(client, *serializer).await, said);
            }
        }
        // Errors are in the client's serializer as well.
        for (serializer, client) in &mut clients {
            client.send("room.nothing", b"");
            let heard = client.next().await.expect("an answer");
            let body = heard.body().to_vec().into();
            let error = ErrorPayload::read(*serializer, &body).expect("an error");
            assert_eq!(error.code, "PIT-404");
        }
    });
}
