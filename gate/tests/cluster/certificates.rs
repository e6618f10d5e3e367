//! TLS listeners, and certificates that are renewed while the program runs.

use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use pitaya_client::{Client, Tls};
use tokio::time::timeout;

use crate::support::Engines;

/// Makes a certificate, writes it and its key, and returns what clients know it by.
fn renew(folder: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let certificate = made.cert.pem();
    std::fs::write(folder.join("crt.pem"), &certificate).expect("written");
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).expect("written");
    certificate
}

async fn connects(url: &str, known: &str) -> bool {
    let tls = Tls::new()
        .roots_pem(known.as_bytes())
        .expect("a certificate");
    let connecting = Client::builder(url).tls(tls).connect();
    timeout(Duration::from_secs(30), connecting)
        .await
        .expect("in time")
        .is_ok()
}

#[tokio::test]
async fn both_kinds_of_listener_take_a_renewed_certificate_at_sighup() {
    let engines = Engines::nats().await;
    let folder = tempfile::tempdir().expect("a folder");
    let old = renew(folder.path());
    let path = folder.path().display();
    let keys = [
        "gate.listen.tcp=".to_owned(),
        "gate.listen.tls=127.0.0.1:0".to_owned(),
        "gate.listen.wss=127.0.0.1:0".to_owned(),
        format!("gate.tls.certificate={path}/crt.pem"),
        format!("gate.tls.key={path}/key.pem"),
    ];
    let mut gate = engines.gate(&keys.each_ref().map(String::as_str)).await;
    let [tls, wss] = ["tls", "wss"].map(|scheme| gate.url(scheme, usize::from(scheme == "wss")));
    assert!(connects(&tls, &old).await && connects(&wss, &old).await);

    let new = renew(folder.path());
    assert!(!connects(&tls, &new).await);
    gate.signal(Signal::SIGHUP);
    gate.line("the certificate was read again").await;
    assert!(connects(&tls, &new).await && connects(&wss, &new).await);

    std::fs::write(folder.path().join("crt.pem"), "no certificate").expect("written");
    gate.signal(Signal::SIGHUP);
    let complaint = gate.line_with("the certificate stays as it was").await;
    assert_eq!(complaint["level"], "ERROR");
    assert!(connects(&tls, &new).await);
}
