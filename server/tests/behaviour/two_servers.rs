//! Two servers in one process share nothing: dictionary, heartbeat, serializers.

use std::time::Duration;

use pitaya_server::protocol::{Json, Message, Protobuf, Raw, Request, RouteRef, SerializerSet};
use pitaya_server::{Functions, Server, ServerBuilder, Session};

use crate::support::{Rig, over_all};

/// A server whose code 1 is `route`; it answers with its name.
fn builder<S: SerializerSet>(route: &'static str, heartbeat: u64) -> ServerBuilder<S>
where
    Raw: pitaya_server::protocol::Encode<S> + pitaya_server::protocol::Decode<S>,
{
    let service = route.split_once('.').expect("two parts").0;
    let functions = Functions::new(service).request(
        Request::parse(route).expect("a route"),
        move |_: Session<S>, _: Raw| std::future::ready(Ok(Raw(route.as_bytes().into()))),
    );
    Server::builder_for::<S>()
        .register(functions)
        .dictionary([(route, 1)])
        .configure(|config| config.heartbeat = Duration::from_secs(heartbeat))
}

#[test]
fn they_differ() {
    over_all(async |via| {
        let chess = Rig::start(via, builder::<Json>("chess.move", 7)).await;
        let cards = Rig::start(via, builder::<Protobuf>("cards.play", 11)).await;
        let mut clients = [
            (chess.client().await, "chess.move", 7, "json"),
            (cards.client().await, "cards.play", 11, "protobuf"),
        ];
        for (client, route, heartbeat, serializer) in &mut clients {
            let welcome = &client.welcome.as_ref().expect("a response").sys;
            assert_eq!(welcome.heartbeat, Some(Duration::from_secs(*heartbeat)));
            assert_eq!(welcome.serializer, *serializer);
            assert_eq!(welcome.dictionary.route(1), Some(*route));
            assert_eq!(welcome.dictionary.iter().count(), 1);
            client.say(Message::request(1, RouteRef::Code(1), b"{}"));
            let answer = client.next().await.expect("an answer");
            assert_eq!(answer.body(), route.as_bytes());
        }
        assert_eq!((chess.session_count(), cards.session_count()), (1, 1));
        chess.shutdown().await;
        assert_eq!((chess.session_count(), cards.session_count()), (0, 1));
        clients[1]
            .0
            .say(Message::request(2, RouteRef::Code(1), b""));
        clients[1].0.next().await.expect("an answer");
    });
}
