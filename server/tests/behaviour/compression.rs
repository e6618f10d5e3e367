//! Bodies are deflated from the threshold on, when that makes them shorter, for clients that can inflate.

use pitaya_server::protocol::compression::Deflater;
use pitaya_server::protocol::{Message, Raw, Request, RouteRef};
use pitaya_server::{Functions, Server, ServerBuilder, Session, tcp};

use crate::support::{Heard, Hello, Rig, Via, over_all};

fn builder() -> ServerBuilder {
    let game = Functions::new("game").request(
        Request::new("game.echo"),
        async |_: Session, text: String| Ok(text),
    );
    let game = game.request(Request::new("game.raw"), async |_: Session, raw: Raw| {
        Ok(raw)
    });
    Server::builder().register(game)
}

/// Whether the answer with this text comes deflated.
async fn is_deflated(rig: &Rig, hello: Hello, text: &str) -> bool {
    let mut client = rig.client_as(hello).await;
    client.send_json("game.echo", &text);
    let answer = client.next().await.expect("an answer");
    assert_eq!(answer.json::<String>(), text);
    matches!(answer, Heard::Answer { deflated: true, .. })
}

#[test]
fn long_bodies_are_deflated_for_those_who_inflate() {
    over_all(async |via| {
        let rig = Rig::start(via, builder()).await;
        // With its two quotes it has one byte less than the threshold, then as many.
        let (short, long) = ("x".repeat(253), "x".repeat(254));
        for hello in [Hello::ours(), Hello::family()] {
            assert!(!is_deflated(&rig, hello.clone(), &short).await);
            assert!(is_deflated(&rig, hello, &long).await);
        }
        assert!(!is_deflated(&rig, Hello::pomelo(), &long).await);
        // Nothing makes random bytes shorter.
        let mut client = rig.client().await;
        let random: Vec<u8> = (0..300).map(|_| fastrand::u8(..)).collect();
        client.send("game.raw", &random);
        let answer = client.next().await.expect("an answer");
        assert_eq!(answer.body(), random);
        assert!(matches!(
            answer,
            Heard::Answer {
                deflated: false,
                ..
            }
        ));
    });
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let off = builder().configure(|config| config.compression = None);
    let rig = Rig::start(Via::Memory, off).await;
    assert!(!is_deflated(&rig, Hello::ours(), &"x".repeat(5_000)).await);
    let listener = tcp("127.0.0.1:0").compression(false);
    let rig = Rig::start(Via::Tcp, builder().listen(listener)).await;
    assert!(!is_deflated(&rig, Hello::ours(), &"x".repeat(5_000)).await);
}

#[test]
fn a_long_handshake_response_is_deflated_for_those_who_inflate() {
    over_all(async |via| {
        let codes = (1..500).map(|code| (format!("game.method{code}"), code));
        let rig = Rig::start(via, builder().dictionary(codes)).await;
        for (hello, deflated) in [(Hello::family(), true), (Hello::pomelo(), false)] {
            let client = rig.client_as(hello).await;
            assert_eq!(client.welcome_deflated, deflated);
            let sys = client.welcome.expect("a response").sys;
            assert_eq!(sys.dictionary.code("game.method499"), Some(499));
        }
    });
}

#[test]
fn deflated_requests_are_inflated() {
    over_all(async |via| {
        let rig = Rig::start(via, builder()).await;
        let mut client = rig.client().await;
        let text = "x".repeat(10_000);
        let json = serde_json::to_vec(&text).expect("JSON");
        let mut body = Vec::new();
        assert!(Deflater::default().deflate(&json, &mut body));
        client.say(Message {
            deflated: true,
            ..Message::request(1, RouteRef::Name("game.echo"), &body)
        });
        assert_eq!(client.answer(1).await, Ok(text));
    });
}
