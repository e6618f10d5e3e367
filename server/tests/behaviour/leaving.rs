//! What becomes of handlers when their client goes.

use std::sync::Arc;

use pitaya_server::protocol::{CloseCode, Notify, Request};
use pitaya_server::{Functions, PushError, Server, Session};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::{Gate, Rig, Via, over_all};

/// Tells when it is dropped.
struct Guard(UnboundedSender<String>);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.send("dropped".into());
    }
}

/// `game.wait` waits at the gate, `game.cancel` too but is cancelled, `game.note` takes a note.
fn game(gate: &Arc<Gate>) -> (Functions, UnboundedReceiver<String>) {
    let (notes, noted) = unbounded_channel();
    let game = Functions::new("game")
        .request(Request::new("game.wait"), {
            let (gate, notes) = (gate.clone(), notes.clone());
            move |session: Session, (): ()| {
                let (gate, notes) = (gate.clone(), notes.clone());
                async move {
                    let guard = Guard(notes.clone());
                    gate.pass().await;
                    session.dropped().await;
                    let pushed = session.push_to("onLine", &1);
                    let _ = notes.send(format!("completed, {pushed:?}"));
                    std::mem::forget(guard);
                    Ok(1)
                }
            }
        })
        .request(Request::new("game.cancel"), {
            let (gate, notes) = (gate.clone(), notes.clone());
            move |_: Session, (): ()| {
                let (gate, notes) = (gate.clone(), notes.clone());
                async move {
                    let _guard = Guard(notes);
                    gate.pass().await;
                    Ok(1)
                }
            }
        })
        .cancel()
        .notify(Notify::new("game.note"), move |_: Session, text: String| {
            let _ = notes.send(text);
            std::future::ready(())
        });
    (game, noted)
}

#[test]
fn a_handler_completes_after_its_client_went() {
    over_all(async |via| {
        let gate = Gate::new();
        let (game, mut noted) = game(&gate);
        let (ends, mut ended) = unbounded_channel();
        let builder = Server::builder()
            .register(game)
            .on_close(move |session, closed| {
                let _ = ends.send((session.id(), closed.close.code));
                std::future::ready(())
            });
        let rig = Rig::start(via, builder).await;
        let mut client = rig.client().await;
        client.send_json("game.wait", &());
        client.flush().await;
        gate.reached(1).await;
        client.hang_up().await;
        // The end of the session does not wait for the handler.
        assert_eq!(ended.recv().await, Some((1, CloseCode::EOF)));
        assert_eq!(rig.session_count(), 0);
        gate.open(1);
        let refused = Err::<(), _>(PushError::Closed);
        let note = format!("completed, {refused:?}");
        assert_eq!(noted.recv().await, Some(note));
    });
}

#[test]
fn a_handler_that_opted_in_is_dropped_with_its_client() {
    over_all(async |via| {
        let gate = Gate::new();
        let (game, mut noted) = game(&gate);
        let rig = Rig::start(via, Server::builder().register(game)).await;
        let mut client = rig.client().await;
        client.send_json("game.cancel", &());
        client.flush().await;
        gate.reached(1).await;
        client.hang_up().await;
        assert_eq!(noted.recv().await.as_deref(), Some("dropped"));
    });
}

#[tokio::test]
async fn a_handler_that_opted_in_is_dropped_although_it_began_after_the_end() {
    let gate = Gate::new();
    let (game, mut noted) = game(&gate);
    let rig = Rig::start(Via::Memory, Server::builder().register(game)).await;
    let mut client = rig.client().await;
    client.send_json("game.wait", &());
    client.send_json("game.cancel", &());
    client.flush().await;
    gate.reached(1).await;
    client.hang_up().await;
    rig.newest_close(1).await;
    gate.open(1);
    assert!(noted.recv().await.expect("a note").starts_with("completed"));
    assert_eq!(noted.recv().await.as_deref(), Some("dropped"));
}

#[test]
fn what_was_read_ahead_runs_after_a_clean_end() {
    over_all(async |via| {
        let gate = Gate::new();
        let (game, mut noted) = game(&gate);
        let rig = Rig::start(via, Server::builder().register(game)).await;
        let mut client = rig.client().await;
        client.send_json("game.wait", &());
        for note in ["a", "b", "c"] {
            client.notify("game.note", &note);
        }
        client.hang_up().await;
        assert_eq!(rig.newest_close(1).await.closed.close.code, CloseCode::EOF);
        gate.open(1);
        assert!(noted.recv().await.expect("a note").starts_with("completed"));
        for note in ["a", "b", "c"] {
            assert_eq!(noted.recv().await.as_deref(), Some(note));
        }
    });
}

#[test]
fn what_was_read_ahead_is_dropped_after_a_fault() {
    over_all(async |via| {
        let gate = Gate::new();
        let (game, mut noted) = game(&gate);
        let rig = Rig::start(via, Server::builder().register(game)).await;
        let mut client = rig.client().await;
        client.send_json("game.wait", &());
        client.notify("game.note", &"a");
        client.say_raw(&[9, 0, 0, 0]);
        client.flush().await;
        let close = rig.newest_close(1).await.closed.close;
        assert_eq!(close.code, CloseCode::BAD_PACKET);
        gate.open(1);
        assert!(noted.recv().await.expect("a note").starts_with("completed"));
        // The shutdown waits for whatever is still to run.
        rig.shutdown().await;
        assert_eq!(noted.try_recv().ok(), None);
    });
}

#[tokio::test]
async fn handlers_without_a_client_are_limited() {
    let gate = Gate::new();
    let (game, mut noted) = game(&gate);
    let builder = Server::builder()
        .register(game)
        .configure(|config| config.limits.orphaned_handlers = 1);
    let rig = Rig::start(Via::Memory, builder).await;
    for count in 1..=2 {
        let mut client = rig.client().await;
        client.send_json("game.wait", &());
        client.flush().await;
        gate.reached(1).await;
        client.hang_up().await;
        rig.newest_close(count).await;
    }
    assert_eq!(noted.recv().await.as_deref(), Some("dropped"));
    gate.open(1);
    assert!(noted.recv().await.expect("a note").starts_with("completed"));
}
