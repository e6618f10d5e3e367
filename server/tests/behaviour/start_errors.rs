//! Mistakes of whoever puts a server together are errors that say what and where.

use std::time::Duration;

use pitaya_server::protocol::Request;
use pitaya_server::{BindError, Functions, Server, ServerBuilder, StartError, Tls, tcp};

use crate::support::pem_files;

fn functions(name: &'static str) -> Functions {
    Functions::new(name)
}

async fn error(builder: ServerBuilder) -> StartError {
    builder.start().await.expect_err("a mistake")
}

#[tokio::test]
async fn what_was_put_together_wrongly_is_named() {
    type Change = fn(ServerBuilder) -> ServerBuilder;
    let double = || Request::<u32, u32>::new("room.double");
    let twice = functions("room")
        .request(double(), async |_, n| Ok(n))
        .request(double(), async |_, n| Ok(n));
    let foreign = functions("hall").request(double(), async |_, n| Ok(n));
    let cases: [(ServerBuilder, Change, &[&str]); 9] = [
        (
            Server::builder().register(functions("room")),
            |builder| builder.register(functions("room")),
            &["two components", "`room`"],
        ),
        (
            Server::builder().register(twice),
            |builder| builder,
            &["`room`", "`double`"],
        ),
        (
            Server::builder().register(foreign),
            |builder| builder,
            &["`hall`", "`room.double`"],
        ),
        (
            Server::builder(),
            |builder| builder.configure(|config| config.heartbeat = Duration::ZERO),
            &["heartbeat", "0ns"],
        ),
        (
            Server::builder(),
            |builder| builder.configure(|config| config.heartbeat = Duration::from_millis(1_500)),
            &["heartbeat", "1.5s"],
        ),
        (
            Server::builder(),
            |builder| builder.dictionary([("room.join", 1), ("room.leave", 1)]),
            &["1", "`room.join`", "`room.leave`"],
        ),
        (
            Server::builder(),
            |builder| builder.configure(|config| config.server_type = "a.b".into()),
            &["`a.b`"],
        ),
        (
            Server::builder(),
            |builder| builder.configure(|config| config.limits.packet_bytes = 1 << 24),
            &["packet_bytes", "16777216"],
        ),
        (
            Server::builder(),
            |builder| builder.configure(|config| config.limits.read_ahead = 0),
            &["read_ahead"],
        ),
    ];
    for (builder, change, words) in cases {
        let text = error(change(builder)).await.to_string();
        for word in words {
            assert!(text.contains(word), "`{word}` is missing in: {text}");
        }
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let taken = Server::builder().listen(tcp("127.0.0.1:0"));
    let taken = taken.start().await.expect("a free port");
    let address = taken.addresses()[0].to_string();
    let error = error(Server::builder().listen(tcp(&*address))).await;
    assert!(
        matches!(error, StartError::Bind(BindError::Taken { .. })),
        "{error:?}"
    );
    assert!(error.to_string().contains(&address), "{error}");
    // A port of a server that was shut down is free again.
    taken.shutdown().await;
    let again = Server::builder().listen(tcp(&*address)).start().await;
    again.expect("free");
}

#[test]
fn an_unreadable_certificate_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (
        folder.path().join("game.crt"),
        folder.path().join("game.key"),
    );
    let text = || {
        let error = Tls::from_pem_files(&certificate, &key).expect_err("not there");
        error.to_string()
    };
    let (good_certificate, good_key) = pem_files();
    assert!(text().contains("game.crt"), "{}", text());
    std::fs::write(&certificate, "no certificate").expect("written");
    std::fs::write(&key, good_key).expect("written");
    assert!(text().contains("game.crt"), "{}", text());
    std::fs::write(&certificate, good_certificate).expect("written");
    std::fs::write(&key, "no key").expect("written");
    assert!(text().contains("game.key"), "{}", text());
    std::fs::write(&key, good_key).expect("written");
    Tls::from_pem_files(&certificate, &key).expect("both are right");
}
