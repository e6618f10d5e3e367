//! An etcd that asks for a password, for TLS, or for a certificate gets it.

use std::path::Path;
use std::time::Duration;

use pitaya_server::cluster::{Discovery, EtcdConfig, EtcdDiscovery};
use pitaya_server::protocol::cluster::Member;

use crate::support::etcd::Etcd;
use crate::support::roll::until_up;

#[tokio::test]
async fn users_log_in_and_again_when_etcd_was_away() {
    let mut etcd = Etcd::start().await;
    let client = etcd.client().await;
    let mut auth = client.auth_client();
    auth.role_add("root").await.expect("a role");
    auth.user_add("root", "s3cret", None).await.expect("a user");
    auth.user_grant_role("root", "root").await.expect("a grant");
    auth.auth_enable().await.expect("it asks from now on");

    refused(etcd.config()).await;
    let mut config = etcd.config();
    config.user = "root".to_owned();
    config.password = "wrong".to_owned();
    refused(config.clone()).await;
    config.password = "s3cret".to_owned();
    assert!(!format!("{config:?}").contains("s3cret"));
    let gate = EtcdDiscovery::new(config);
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");

    // It has forgotten who is logged in.
    etcd.stop();
    until_up(&gate, false).await;
    etcd.restart().await;
    until_up(&gate, true).await;
}

#[tokio::test]
async fn tls_is_spoken_and_a_certificate_is_shown() {
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
    let (certificate_text, key_text) = (text(&certificate), text(&key));
    let arguments = [
        "--cert-file",
        &certificate_text,
        "--key-file",
        &key_text,
        "--client-cert-auth",
        "--trusted-ca-file",
        &certificate_text,
    ];
    let etcd = Etcd::start_with(&arguments).await;

    let mut config = etcd.config();
    config.request_timeout = Duration::from_secs(2);
    // Nobody vouches for it.
    refused(config.clone()).await;
    config.tls.ca = Some(certificate.clone());
    config.tls.server_name = Some("localhost".to_owned());
    // It does not know this side.
    refused(config.clone()).await;
    config.tls.certificate = Some(certificate);
    config.tls.key = Some(key);
    let gate = EtcdDiscovery::new(config.clone());
    gate.join(Member::new("gate", "g1"))
        .await
        .expect("it joins");

    // What should be secret is not sent in the clear because of a slip.
    config.endpoints = vec![etcd.endpoint().replace("https://", "")];
    refused(config.clone()).await;
    config.endpoints = vec![etcd.endpoint()];
    config.tls.ca = Some(folder.path().join("none.pem"));
    refused(config).await;
}

async fn refused(config: EtcdConfig) {
    let discovery = EtcdDiscovery::new(config);
    let joined = discovery.join(Member::new("gate", "refused")).await;
    joined.expect_err("it is refused");
    assert!(!discovery.is_up());
}
