//! How a server finds its engine, and what it says when it does not.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pitaya_server::cluster::{Bus as _, NatsBus, NatsConfig};
use pitaya_server::protocol::cluster::Member;

use crate::nats_rig::{Deaf, Rig, SOON, request, response};
use crate::support::nats::Nats;

/// Calls itself.
async fn works(config: NatsConfig) {
    let mut room = Rig::start_with(config, "room", "r1").await;
    let call = room.bus.call(&room.me, request("x"), SOON);
    room.next_request().await.1.send(response(b"x"));
    assert_eq!(call.await, Ok(response(b"x")));
}

async fn error(config: NatsConfig) -> String {
    let bus = NatsBus::new(config);
    let inbox = Arc::new(Deaf);
    let started = bus.start(Member::new("room", "r1"), inbox).await;
    assert!(!bus.is_up());
    started.expect_err("it does not start").to_string()
}

#[tokio::test]
async fn a_server_does_not_start_without_its_engine() {
    let nobody = format!("nats://127.0.0.1:{}", pitaya_engines::free_port());
    let begun = std::time::Instant::now();
    let error = error(NatsConfig::new(&nobody)).await;
    assert!(
        error.contains(nobody.trim_start_matches("nats://")),
        "{error}"
    );
    assert!(begun.elapsed() < SOON);
}

#[tokio::test]
async fn an_address_that_is_none_is_told() {
    for url in ["", "http://127.0.0.1:1", "nats://:::"] {
        let error = error(NatsConfig::new(url)).await;
        assert!(error.contains("NATS at"), "{error}");
    }
}

#[tokio::test]
async fn one_engine_of_a_list_is_enough() {
    let nats = Nats::start().await;
    let urls = format!(
        "nats://127.0.0.1:{},{}",
        pitaya_engines::free_port(),
        nats.url()
    );
    works(NatsConfig::new(urls)).await;
}

#[tokio::test]
async fn a_password_opens() {
    let nats = Nats::start_with(&["--user", "me", "--pass", "p@ss"]).await;
    works(NatsConfig::new(nats.url().replace("//", "//me:p%40ss@"))).await;
    let mut config = NatsConfig::new(nats.url());
    (config.user, config.password) = (Some("me".to_owned()), Some("p@ss".to_owned()));
    works(config).await;
    let wrong = error(NatsConfig::new(nats.url().replace("//", "//me:wrong@"))).await;
    assert!(
        wrong.contains("authorization") && !wrong.contains("wrong"),
        "{wrong}"
    );
}

#[tokio::test]
async fn a_token_opens() {
    let nats = Nats::start_with(&["--auth", "t0ken"]).await;
    works(NatsConfig::new(nats.url().replace("//", "//t0ken@"))).await;
    let mut config = NatsConfig::new(nats.url());
    config.token = Some("t0ken".to_owned());
    works(config).await;
    error(NatsConfig::new(nats.url())).await;
}

#[tokio::test]
async fn credentials_that_cannot_be_read_are_named() {
    let nats = Nats::start().await;
    let mut config = NatsConfig::new(nats.url());
    config.credentials = Some("/nowhere/game.creds".into());
    let error = error(config).await;
    assert!(error.contains("/nowhere/game.creds"), "{error}");
}

#[tokio::test]
async fn tls_is_spoken_where_it_is_asked_for() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let made = made.expect("a certificate");
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let certificate = write("cert.pem", made.cert.pem());
    let key = write("key.pem", made.signing_key.serialize_pem());
    let text = |path: &Path| path.to_str().expect("plain").to_owned();
    let arguments = [
        "--tls",
        "--tlscert",
        &text(&certificate),
        "--tlskey",
        &text(&key),
    ];
    let nats = Nats::start_with(&arguments).await;
    let url = nats.url().replace("nats://127.0.0.1", "tls://localhost");
    let mut config = NatsConfig::new(&url);
    config.tls.ca = Some(certificate);
    works(config).await;
    // Nobody vouches for it otherwise.
    error(NatsConfig::new(&url)).await;
}

#[tokio::test]
async fn an_engine_that_says_nothing_costs_the_time_that_it_had() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let mut config = NatsConfig::new(format!("nats://{address}"));
    config.connect_timeout = Duration::from_millis(50);
    error(config).await;
}

#[tokio::test]
async fn a_bus_starts_once() {
    let nats = Nats::start().await;
    let room = Rig::start(&nats, "room", "r1").await;
    let again = room
        .bus
        .start(Member::new("room", "r2"), Arc::new(Deaf))
        .await;
    again.expect_err("it has started");
    assert!(room.bus.is_up());
}
