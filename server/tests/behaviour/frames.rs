//! Over WebSocket a client gets several packets in one message only if it said that it understands that.

use pitaya_server::Server;
use pitaya_server::protocol::Push;

use crate::support::{Hello, Rig, Via, over};

const ON_NUMBER: Push<u32> = Push::new("onNumber");

#[test]
fn packets_share_a_message_where_that_was_granted() {
    for via in [Via::Ws, Via::Wss] {
        over(via, async || {
            let rig = Rig::start(via, Server::builder()).await;
            let group = rig.create_group("all").expect("a new name");
            let mut clients = [
                (1, rig.client().await),
                (5, rig.client_as(Hello::family()).await),
            ];
            for (_, client) in &mut clients {
                client.ready().await;
            }
            for session in rig.sessions() {
                group.join(&session).expect("a member");
            }
            let numbers = [1, 2, 3, 4, 5];
            let batch = numbers
                .iter()
                .fold(group.batch(), |batch, number| batch.push(ON_NUMBER, number));
            assert_eq!(batch.send().expect("written"), 2);
            for (messages, client) in &mut clients {
                let before = client.reads;
                for number in numbers {
                    assert_eq!(client.push::<u32>("onNumber").await, number);
                }
                assert_eq!(client.reads - before, *messages);
            }
        });
    }
}
