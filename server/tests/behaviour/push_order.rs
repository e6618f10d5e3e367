//! Pushes arrive in the order in which they were made, and those of a handler before its answer.

use pitaya_server::protocol::Request;
use pitaya_server::{Functions, Server, Session};

use crate::support::{Heard, Rig, over_all};

#[test]
fn a_handlers_pushes_come_before_its_answer() {
    over_all(async |via| {
        let game = Functions::new("game").request(
            Request::new("game.turn"),
            async |session: Session, turn: u32| {
                session.push_to("onTurn", &(turn, 1))?;
                // Small ones and one that is shared instead of copied, before and after a wait.
                session.push_to("onTurn", &(turn, 2, "x".repeat(2_000)))?;
                tokio::task::yield_now().await;
                session.push_to("onTurn", &(turn, 3))?;
                Ok(turn)
            },
        );
        let rig = Rig::start(via, Server::builder().register(game)).await;
        let mut client = rig.client().await;
        for turn in 0..200 {
            client.send_json("game.turn", &turn);
        }
        for turn in 0..200 {
            for number in 1..=3 {
                let push: Vec<serde_json::Value> = client.push("onTurn").await;
                assert_eq!((&push[0], &push[1]), (&turn.into(), &number.into()));
            }
            let answer = client.next().await.expect("an answer");
            assert!(matches!(answer, Heard::Answer { error: false, .. }));
            assert_eq!(answer.json::<u32>(), turn);
        }
    });
}

#[test]
fn pushes_from_another_task_keep_their_order() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder()).await;
        let mut client = rig.client().await;
        let session = rig.session(1).expect("a session");
        let pusher = tokio::spawn(async move {
            for number in 0..5_000_u32 {
                // Waits where the client is slower.
                while session.push_to("onTick", &number).is_err() {
                    tokio::task::yield_now().await;
                }
                if number % 100 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        });
        for number in 0..5_000 {
            assert_eq!(client.push::<u32>("onTick").await, number);
        }
        pusher.await.expect("no panic");
    });
}
