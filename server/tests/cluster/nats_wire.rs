//! The bytes that servers of the family expect, made by hand (wire 26).

use bytes::Bytes;
use futures_util::StreamExt as _;
use pitaya_server::cluster::Bus as _;
use pitaya_server::protocol::cluster::{
    BindMsg, KickMsg, Member, Msg, Push, Request, Response, RpcType, Session,
};

use crate::nats_rig::{Heard, Rig, SOON, ask, peer, subscribe};
use crate::support::nats::Nats;

fn hex(text: &str) -> Bytes {
    let digits = text.as_bytes().chunks(2);
    let bytes = digits.map(|pair| {
        let pair = std::str::from_utf8(pair).expect("digits");
        u8::from_str_radix(pair, 16).expect("digits")
    });
    bytes.collect()
}

const FORWARDED: &str = "121c0805120275311a147b22697076657273696f6e223a2269707634227d1a160807120e726f6f6d2e726f6f6d2e6a6f696e1a027b7d\
    220266312a3d7b22706565722e6964223a226631222c22706565722e73657276696365223a22636f6e6e6563746f72222c2272657154696d656f7574223a223573227d";

fn forwarded() -> Request {
    Request {
        r#type: RpcType::Sys.into(),
        session: Some(Session {
            id: 5,
            uid: "u1".to_owned(),
            data: r#"{"ipversion":"ipv4"}"#.into(),
            ..Session::default()
        }),
        msg: Some(Msg {
            id: 7,
            route: "room.room.join".to_owned(),
            data: "{}".into(),
            ..Msg::default()
        }),
        frontend_id: "f1".to_owned(),
        metadata: r#"{"peer.id":"f1","peer.service":"connector","reqTimeout":"5s"}"#.into(),
    }
}

#[tokio::test]
async fn what_we_send_is_what_the_family_reads() {
    let nats = Nats::start().await;
    let peer = peer(&nats).await;
    let mut all = subscribe(&peer, "*").await;
    let connector = Rig::start(&nats, "connector", "f1").await;

    let room = Member::new("room", "r1");
    let call = connector.bus.call(&room, forwarded(), SOON);
    let asked = all.next().await.expect("a message");
    assert_eq!(asked.subject.as_str(), "pitaya/servers/room/r1");
    assert_eq!(asked.payload, hex(FORWARDED));
    assert_eq!(asked.headers, None);
    let reply = asked.reply.expect("a reply subject");
    assert!(reply.starts_with("_INBOX."), "{reply}");
    let answered = peer.publish(reply, hex("0a0361636b")).await;
    answered.expect("the engine is there");
    assert_eq!(call.await.map(|answer| answer.data), Ok("ack".into()));

    let push = Push {
        route: "onMessage".to_owned(),
        uid: "u1".to_owned(),
        data: r#"{"x":1}"#.into(),
    };
    let kick = KickMsg {
        user_id: "u1".to_owned(),
    };
    let binding = BindMsg {
        uid: "u1".to_owned(),
        fid: "f1".to_owned(),
        ..BindMsg::default()
    };
    connector
        .bus
        .push_to_user("connector", push)
        .expect("handed over");
    connector
        .bus
        .kick_user("connector", kick)
        .expect("handed over");
    connector
        .bus
        .announce_binding("connector", binding)
        .expect("handed over");
    for (subject, bytes) in [
        (
            "pitaya/connector/user/u1/push",
            "0a096f6e4d657373616765120275311a077b2278223a317d",
        ),
        ("pitaya/connector/user/u1/kick", "0a027531"),
        ("pitaya/connector/bindings", "0a02753112026631"),
    ] {
        let message = all.next().await.expect("a message");
        assert_eq!(message.subject.as_str(), subject);
        assert_eq!(message.payload, hex(bytes), "{subject}");
        assert_eq!(message.reply, None, "{subject}");
    }
}

#[tokio::test]
async fn what_the_family_sends_is_read() {
    let nats = Nats::start().await;
    let peer = peer(&nats).await;
    let mut room = Rig::start(&nats, "room", "r1").await;
    let call = tokio::spawn(ask(peer.clone(), "pitaya/servers/room/r1", hex(FORWARDED)));
    let (asked, reply) = room.next_request().await;
    assert_eq!(asked, forwarded());
    let error = pitaya_server::protocol::cluster::Error {
        code: "PIT-404".to_owned(),
        msg: "route not found".to_owned(),
        metadata: [("route".to_owned(), "a.b".to_owned())].into(),
    };
    reply.send(Response {
        error: Some(error),
        ..Response::default()
    });
    let answer = call.await.expect("no panic");
    let expected =
        "12280a075049542d343034120f726f757465206e6f7420666f756e641a0c0a05726f7574651203612e62";
    assert_eq!(answer, hex(expected));

    let published = peer
        .publish("pitaya/room/bindings", hex("0a02753112026631"))
        .await;
    published.expect("the engine is there");
    let Heard::Bound(binding) = room.next().await else {
        panic!("a binding");
    };
    assert_eq!((&*binding.uid, &*binding.fid), ("u1", "f1"));
}
