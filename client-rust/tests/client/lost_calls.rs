//! Whoever is told that a connection took its call along finds the client in the state that came of it.

use std::future::{Future as _, IntoFuture as _};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use pitaya_client::{Close, CloseCode, RequestError, State};
use tokio::sync::watch;

use crate::support::{Server, Terms, hasty, until};

/// Looks at the state at the very moment at which a call ends.
struct Witness {
    state: watch::Receiver<State>,
    seen: Mutex<Option<State>>,
}

impl Wake for Witness {
    fn wake(self: Arc<Self>) {
        *self.seen.lock().unwrap() = Some(self.state.borrow().clone());
    }
}

#[tokio::test]
async fn a_lost_call_ends_after_the_state_has_changed() {
    let server = Server::start(Terms::default()).await;
    let client = hasty(&server.url()).start().unwrap();
    let mut peer = server.accept().await;
    until(&client, |state| *state == State::Connected).await;
    let witness = Arc::new(Witness {
        state: client.state(),
        seen: Mutex::new(None),
    });
    let mut request = pin!(client.request_raw("a.b", "").into_future());
    let waker = Waker::from(Arc::clone(&witness));
    assert!(
        request
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    peer.receive().await.unwrap();
    peer.close(Close::new(CloseCode::DRAINING)).await;
    until(&client, |state| *state != State::Connected).await;
    let error = request.await.unwrap_err();
    assert!(
        matches!(error, RequestError::Disconnected { sent: true, .. }),
        "{error:?}"
    );
    let seen = witness.seen.lock().unwrap().take();
    assert!(matches!(seen, Some(State::Reconnecting { .. })), "{seen:?}");
}
