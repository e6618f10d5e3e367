//! A line that would steer the others' terminals is refused, and said to be.

use chat::contract::{Nothing, SAY, Say, User};
use chat::room::rooms;
use pitaya_client::{Client, RequestError};
use pitaya_server::tcp;

#[tokio::test]
async fn a_line_with_an_escape_sequence_is_refused() {
    let server = rooms()
        .listen(tcp("127.0.0.1:0"))
        .start()
        .await
        .expect("the server starts");
    let user = User {
        name: "ALICE".into(),
        room: Some("lobby".into()),
        seen: None,
    };
    let client = Client::builder(format!("tcp://{}", server.addresses()[0]).as_str())
        .user(user)
        .connect()
        .await
        .expect("a connection");
    let say = |text: &str| Say {
        text: text.into(),
        key: None,
    };
    let refused = client.request(SAY, &say("\u{1b}[2J")).await;
    assert!(
        matches!(&refused, Err(RequestError::Server(error)) if error.code == "CHAT-400"),
        "{refused:?}"
    );
    let Nothing {} = client
        .request(SAY, &say("plain 🎉"))
        .await
        .expect("a plain line is said");
    client.close().await;
    server.shutdown().await;
}
