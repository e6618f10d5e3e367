//! Handlers marked `concurrent` run beside the others of their session, up to a bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pitaya_server::protocol::Request;
use pitaya_server::{Functions, Server, Session};

use crate::support::{Gate, Heard, Rig, Via, over_all};

fn game(gate: &Arc<Gate>, running: &Arc<AtomicUsize>, most: &Arc<AtomicUsize>) -> Functions {
    let (gate, running, most) = (gate.clone(), running.clone(), most.clone());
    Functions::new("game")
        .request(Request::new("game.match"), move |_: Session, n: u32| {
            let (gate, running, most) = (gate.clone(), running.clone(), most.clone());
            async move {
                let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                gate.pass().await;
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(n)
            }
        })
        .concurrent()
        .request(Request::new("game.move"), async |_: Session, n: u32| Ok(n))
}

#[test]
fn later_messages_do_not_wait_for_it() {
    over_all(async |via| {
        let gate = Gate::new();
        let game = game(&gate, &Arc::default(), &Arc::default());
        let rig = Rig::start(via, Server::builder().register(game)).await;
        let mut client = rig.client().await;
        let waits = client.send_json("game.match", &1);
        assert_eq!(client.request("game.move", &2).await, Ok(2));
        gate.reached(1).await;
        gate.open(1);
        assert_eq!(client.answer(waits).await, Ok(1));
    });
}

#[tokio::test]
async fn no_more_than_the_limit_run_at_once_and_none_is_lost() {
    let (gate, running, most) = (Gate::new(), Arc::default(), Arc::default());
    let builder = Server::builder()
        .register(game(&gate, &running, &most))
        .configure(|config| config.limits.concurrent_handlers = 3);
    let rig = Rig::start(Via::Memory, builder).await;
    let mut client = rig.client().await;
    for number in 0..10 {
        client.send_json("game.match", &number);
    }
    client.flush().await;
    gate.reached(3).await;
    gate.open(10);
    let mut numbers = Vec::new();
    while numbers.len() < 10 {
        let heard = client.next().await.expect("an answer");
        assert!(matches!(heard, Heard::Answer { error: false, .. }));
        numbers.push(heard.json::<u32>());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (0..10).collect::<Vec<_>>());
    assert_eq!(most.load(Ordering::SeqCst), 3);
}
