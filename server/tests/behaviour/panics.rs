//! A panic of the application ends where it began.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pitaya_server::protocol::{Close, CloseCode, Closed, Notify, Request, codes};
use pitaya_server::{Error, Functions, Server, Session};

use crate::support::{Hello, Rig, Via, over_all, until};

async fn explode(_: Session, now: bool) -> Result<u32, Error> {
    if !now {
        tokio::task::yield_now().await;
    }
    panic!("the secret of the handler")
}

fn game() -> Functions {
    Functions::new("game")
        .request(Request::new("game.double"), async |_: Session, n: u32| {
            Ok(n * 2)
        })
        .request(Request::new("game.explode"), explode)
        .notify(
            Notify::new("game.tell"),
            async |session: Session, now: bool| explode(session, now).await.map(drop),
        )
}

#[test]
fn a_handlers_panic_is_answered_and_its_session_goes_on() {
    over_all(async |via| {
        let rig = Rig::start(via, Server::builder().register(game())).await;
        let (mut client, mut other) = (rig.client().await, rig.client().await);
        for now in [true, false] {
            client.notify("game.tell", &now);
            let error = client.request::<u32>("game.explode", &now).await;
            let error = error.expect_err("a panic");
            assert_eq!(error.code, codes::UNKNOWN);
            assert!(!error.msg.contains("secret"), "{error}");
            assert_eq!(client.request("game.double", &21).await, Ok(42));
            assert_eq!(other.request("game.double", &4).await, Ok(8));
        }
        assert_eq!(rig.recent_closes().len(), 0);
    });
}

#[tokio::test]
async fn a_validators_panic_refuses_its_client_only() {
    let validator = |session: Session| async move {
        let name = session.handshake().user.get("name").cloned();
        assert!(name.is_some(), "the secret of the validator");
        Ok::<(), Close>(())
    };
    let builder = Server::builder().register(game()).validate(validator);
    let rig = Rig::start(Via::Memory, builder).await;
    let refused = rig.try_client(Hello::ours()).await;
    let close = refused.err().expect("a refusal").close;
    assert_eq!(close.code, CloseCode::REFUSED);
    assert!(!close.reason().contains("secret"), "{}", close.reason());
    let mut client = rig.client_as(Hello::ours().user("name", "ann")).await;
    assert_eq!(client.request("game.double", &1).await, Ok(2));
}

#[tokio::test]
async fn a_hooks_panic_does_not_keep_the_others_from_running() {
    let ran = Arc::new(AtomicUsize::new(0));
    let count = |ran: &Arc<AtomicUsize>| {
        let ran = ran.clone();
        move |_: Session, _: Closed| {
            ran.fetch_add(1, Ordering::SeqCst);
            std::future::ready(())
        }
    };
    let early = |_: Session, _: Closed| -> std::future::Ready<()> { panic!("at once") };
    let late = async |_: Session, _: Closed| panic!("later");
    let builder = Server::builder()
        .register(game())
        .on_drop(early)
        .on_drop(late)
        .on_drop(count(&ran))
        .on_close(early)
        .on_close(late)
        .on_close(count(&ran));
    let rig = Rig::start(Via::Memory, builder).await;
    let client = rig.client().await;
    let session = rig.session(1).expect("a session");
    session.on_close(async |_| panic!("of the session"));
    client.hang_up().await;
    until(|| ran.load(Ordering::SeqCst) == 2).await;
    session.ended().await;
    let mut next = rig.client().await;
    assert_eq!(next.request("game.double", &1).await, Ok(2));
}
