//! Every request is answered exactly once, whatever becomes of it; a notify never is.

use std::collections::BTreeMap;

use bytes::Bytes;
use pitaya_server::protocol::{
    ErrorPayload, Message, Notify, Raw, Request, RouteRef, Serializer, codes,
};
use pitaya_server::{Endpoint, Error, Functions, Reply, Server, Session};

use crate::support::{Client, Heard, Rig, over_all};

/// More than a packet can carry.
const TOO_LARGE: usize = 16 * 1024 * 1024;

fn game() -> Functions {
    Functions::new("game")
        .request(Request::new("game.double"), async |_: Session, n: u32| {
            Ok(n * 2)
        })
        .request(Request::new("game.fails"), async |_: Session, _: u32| {
            Err::<u32, _>(Error::new("GAME-1", "no").with("try", "again"))
        })
        .request(Request::new("game.panics"), panics)
        .request(Request::new("game.huge"), async |_: Session, _: u32| {
            Ok(Raw(Bytes::from(vec![b'x'; TOO_LARGE])))
        })
        .call(Endpoint::request("panics_early"), |_| -> Never {
            panic!("before there is a future")
        })
        .notify(Notify::new("game.say"), async |_: Session, _: u32| {})
}

type Never = std::future::Pending<Reply>;

async fn panics(_: Session, number: u32) -> Result<u32, Error> {
    assert_eq!(number, 0, "a secret");
    Ok(0)
}

/// The answers by id; every one of them came once.
async fn answers(client: &mut Client) -> BTreeMap<u64, Result<u32, ErrorPayload>> {
    let last = client.send_json("game.double", &1);
    let mut answers = BTreeMap::new();
    while !answers.contains_key(&last) {
        let heard = client.next().await.expect("an answer");
        let Heard::Answer { id, error, .. } = heard else {
            panic!("{heard:?}")
        };
        let answer = if error {
            let body = heard.body().to_vec().into();
            Err(ErrorPayload::read(Serializer::Json, &body).expect("an error payload"))
        } else {
            Ok(heard.json())
        };
        assert_eq!(answers.insert(id, answer), None, "a second answer to {id}");
    }
    answers.remove(&last);
    answers
}

#[test]
fn a_request_is_answered_once_whatever_becomes_of_it() {
    over_all(async |via| {
        let builder = Server::builder().register(game());
        let builder = builder.configure(|config| config.compression = None);
        let rig = Rig::start(via, builder).await;
        let mut client = rig.client().await;
        let cases = [
            ("game.double", "21", None),
            ("game.double", "\"text\"", Some(codes::BAD_REQUEST)),
            ("game.double", "", Some(codes::BAD_REQUEST)),
            ("game.nothing", "1", Some(codes::NOT_FOUND)),
            ("nothing.double", "1", Some(codes::NOT_FOUND)),
            ("connector.game.nothing", "1", Some(codes::NOT_FOUND)),
            ("chat.game.double", "1", Some(codes::INTERNAL)),
            ("double", "1", Some(codes::BAD_REQUEST)),
            ("game.say", "1", Some(codes::BAD_REQUEST)),
            ("game.fails", "1", Some("GAME-1")),
            ("game.panics", "1", Some(codes::UNKNOWN)),
            ("game.panics_early", "1", Some(codes::UNKNOWN)),
            ("game.huge", "1", Some(codes::UNKNOWN)),
            ("connector.game.double", "21", None),
        ];
        let sent: Vec<_> = cases
            .iter()
            .map(|(route, body, code)| (client.send(route, body.as_bytes()), *route, *code))
            .collect();
        let mut answers = answers(&mut client).await;
        for (id, route, code) in sent {
            let answer = answers.remove(&id).expect(route);
            assert_eq!(
                answer.as_ref().err().map(|error| &*error.code),
                code,
                "{route}"
            );
            match answer {
                Ok(number) => assert_eq!(number, 42),
                Err(error) => assert!(!error.msg.contains("secret"), "{error}"),
            }
        }
        assert_eq!(answers, BTreeMap::new());
    });
}

#[test]
fn an_id_that_is_used_twice_is_answered_twice() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder().register(game())).await;
        let mut client = rig.client().await;
        for number in ["1", "2"] {
            let route = RouteRef::Name("game.double");
            client.say(Message::request(u64::MAX, route, number.as_bytes()));
        }
        for answer in [2, 4] {
            let heard = client.next().await.expect("an answer");
            assert!(matches!(
                heard,
                Heard::Answer {
                    id: u64::MAX,
                    error: false,
                    ..
                }
            ));
            assert_eq!(heard.json::<u32>(), answer);
        }
    });
}

#[test]
fn notifies_and_id_zero_are_not_answered() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder().register(game())).await;
        let mut client = rig.client().await;
        client.notify("game.say", &1);
        client.notify("game.double", &1);
        client.notify("game.nothing", &1);
        client.notify("game.say", &"no number");
        client.notify("game.panics", &1);
        client.say(Message::request(0, RouteRef::Name("game.double"), b"1"));
        client.say(Message::request(0, RouteRef::Name("game.nothing"), b"1"));
        assert_eq!(answers(&mut client).await, BTreeMap::new());
    });
}
