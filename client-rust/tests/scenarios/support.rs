//! Peers and clients of the scenarios.

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pitaya_client::{Backoff, Builder, Client, Closed, ConnectError, Ended, Event, Events, State};
use pitaya_conformance::mock::{self, Config, Mock, MockServer};
use pitaya_conformance::sdk::{self, SdkServer};
use serde_json::Value;

/// How late the late ones are.
pub(crate) const DELAY: Duration = Duration::from_millis(300);

/// A wait that only a hang can exceed.
const LONG: Duration = Duration::from_secs(30);

/// Fails instead of hanging.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    let done = tokio::time::timeout(LONG, future).await;
    done.expect("this does not come")
}

pub(crate) async fn peer(mock: Mock) -> MockServer {
    peer_with(mock, Config::default().delay(DELAY)).await
}

pub(crate) async fn peer_with(mock: Mock, config: Config) -> MockServer {
    mock::start_with(mock, "127.0.0.1:0".parse().unwrap(), config)
        .await
        .unwrap()
}

/// Over both.
pub(crate) fn urls(server: &MockServer) -> [String; 2] {
    [server.tcp_url(), server.ws_url()]
}

/// The servers of the profile `sdk`, and their certificate in PEM.
pub(crate) async fn sdk(heartbeat: Duration) -> (SdkServer, Vec<u8>) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("pitaya-scenarios-{}-{number}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let certificate = directory.join("cert.pem");
    let config = sdk::Config::default()
        .any_ports()
        .heartbeat(heartbeat)
        .certificate(&certificate, directory.join("key.pem"));
    let server = sdk::start(config).await.unwrap();
    let pem = std::fs::read(&certificate).unwrap();
    std::fs::remove_dir_all(directory).unwrap();
    (server, pem)
}

/// A client of the JSON server of the profile `sdk`.
pub(crate) async fn sdk_client() -> (SdkServer, Client) {
    let (server, _) = sdk(Duration::from_secs(6)).await;
    let client = connect(&sdk_url(&server, "json-ws")).await;
    (server, client)
}

pub(crate) fn sdk_url(server: &SdkServer, name: &str) -> String {
    let address = server.address(name).unwrap();
    let scheme = name.split_once('-').unwrap().1;
    format!("{scheme}://localhost:{}", address.port())
}

/// Waits of this length between attempts.
pub(crate) fn backoff(base: Duration) -> Backoff {
    let mut backoff = Backoff::default();
    backoff.base = base.into();
    backoff.max = backoff.max.min((base * 4).into());
    backoff.jitter = 0;
    backoff
}

/// Settings that come back without a wait worth speaking of.
pub(crate) fn hasty(url: &str) -> Builder {
    Client::builder(url).reconnect(backoff(Duration::from_millis(20)))
}

/// Two attempts more.
pub(crate) fn two_more(url: &str) -> Builder {
    let mut backoff = backoff(Duration::from_millis(10));
    backoff.attempts = Some(2);
    Client::builder(url).reconnect(backoff)
}

pub(crate) async fn connect(url: &str) -> Client {
    soon(hasty(url).connect()).await.unwrap()
}

/// A client of a peer that obeys.
pub(crate) async fn on_demand() -> (MockServer, Client) {
    let server = peer(Mock::OnDemand).await;
    let client = connect(&server.ws_url()).await;
    (server, client)
}

/// Waits for a state.
pub(crate) async fn until(client: &Client, wanted: impl FnMut(&State) -> bool) -> State {
    let mut state = client.state();
    let found = soon(state.wait_for(wanted)).await;
    found.expect("the client ended in another state").clone()
}

pub(crate) async fn connected(client: &Client) {
    until(client, |state| *state == State::Connected).await;
}

/// The end of a client.
pub(crate) async fn closed(client: &Client) -> Ended {
    match until(client, |state| matches!(state, State::Closed(_))).await {
        State::Closed(ended) => ended,
        other => panic!("not closed but {other:?}"),
    }
}

/// The cause of a loss. A state can be over before anybody looks; its event is still there.
pub(crate) async fn lost(events: &mut Events) -> Closed {
    loop {
        let event = soon(events.next()).await.expect("the client was closed");
        if let Event::State(State::Reconnecting { cause, .. }) = event {
            return cause;
        }
    }
}

/// Loses the connection of a client of a peer that obeys.
pub(crate) async fn lose(client: &Client) {
    let mut events = client.events();
    client.notify_raw("mock.drop", "").await.unwrap();
    lost(&mut events).await;
}

/// The end of a connection that a peer ends around the ack: then either connecting fails or the client is closed right after.
pub(crate) async fn ending(builder: Builder) -> Ended {
    match soon(builder.connect()).await {
        Ok(client) => {
            let state = until(&client, |state| *state != State::Connected).await;
            match state {
                State::Closed(ended) => ended,
                other => panic!("not closed but {other:?}"),
            }
        }
        Err(ConnectError::Closed(ended)) => ended,
        Err(other) => panic!("{other:?}"),
    }
}

/// The answer of a request, as JSON.
pub(crate) async fn ask(client: &Client, route: &str, body: &'static str) -> Value {
    let answer = soon(async { client.request_raw(route, body).await }).await;
    serde_json::from_slice(&answer.unwrap()).unwrap()
}

/// What came on the connection, as `route body`.
pub(crate) async fn received(client: &Client) -> Vec<String> {
    let messages = ask(client, "mock.received", "").await;
    let messages = messages.as_array().unwrap();
    let told = messages.iter().map(|message| {
        let (route, body) = (message["route"].as_str(), message["body"].as_str());
        format!("{} {}", route.unwrap(), body.unwrap())
    });
    told.collect()
}

/// How the connections of the listener ended.
pub(crate) async fn ends(client: &Client) -> Vec<String> {
    serde_json::from_value(ask(client, "mock.ends", "").await).unwrap()
}
