//! Handlers of one session run one after another in the order of its messages, whatever they wait for.

use std::sync::{Arc, Mutex};

use pitaya_server::protocol::{Notify, Request};
use pitaya_server::{Functions, Server, Session};

use crate::support::{Heard, Rig, over_all};

const MESSAGES: u64 = 10_000;

#[test]
fn ten_thousand_pipelined_messages_keep_their_order() {
    over_all(async |via| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let game = Functions::new("game")
            .request(Request::new("game.move"), {
                let seen = seen.clone();
                move |_: Session, number: u64| {
                    let seen = seen.clone();
                    async move {
                        hesitate(number).await;
                        seen.lock().expect("no panic").push(number);
                        Ok(number)
                    }
                }
            })
            .notify(Notify::new("game.shoot"), {
                let seen = seen.clone();
                move |_: Session, number: u64| {
                    let seen = seen.clone();
                    async move {
                        hesitate(number).await;
                        seen.lock().expect("no panic").push(number);
                    }
                }
            });
        let rig = Rig::start(via, Server::builder().register(game)).await;
        let mut client = rig.client().await;
        let mut answers = Vec::new();
        for number in 0..MESSAGES {
            if number % 3 == 2 {
                client.notify("game.shoot", &number);
            } else {
                answers.push((client.send_json("game.move", &number), number));
            }
        }
        for (id, number) in answers {
            let heard = client.next().await.expect("an answer");
            assert!(
                matches!(heard, Heard::Answer { id: heard, error: false, .. } if heard == id),
                "{heard:?} is not the answer to {id}"
            );
            assert_eq!(heard.json::<u64>(), number);
        }
        // The last message was answered, so all before it were handled.
        let seen = seen.lock().expect("no panic");
        assert_eq!(*seen, (0..MESSAGES).collect::<Vec<_>>());
    });
}

/// Some handlers are ready at once, some yield, some wait for a timer, and all of them long enough to be overtaken.
async fn hesitate(number: u64) {
    match number % 50 {
        7 | 8 | 20 => tokio::task::yield_now().await,
        33 => tokio::time::sleep(std::time::Duration::from_micros(100)).await,
        _ => {}
    }
}
