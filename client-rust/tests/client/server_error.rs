//! An answer with the error flag is an error with the server's code, text and details.

use pitaya_client::{Client, RequestError};

use crate::support::{Server, Terms};

#[tokio::test]
async fn code_message_and_metadata_arrive() {
    let server = Server::start(Terms::default()).await;
    let builder = Client::builder(server.url());
    let (client, mut peer) = tokio::join!(builder.connect(), server.accept());
    let client = client.unwrap();

    let bodies = [
        r#"{"code":"PIT-404","msg":"no such room","metadata":{"room":"7"}}"#,
        "not json",
    ];
    let answers = async {
        for body in bodies {
            let request = peer.request_on("room.join").await;
            peer.respond_error(request.id, body).await;
        }
    };
    let calls = async {
        let known = client.request_raw("room.join", "").await;
        (known, client.request_raw("room.join", "").await)
    };
    let ((known, unreadable), ()) = tokio::join!(calls, answers);

    let RequestError::Server(payload) = known.unwrap_err() else {
        panic!("not the server's error")
    };
    assert_eq!((&*payload.code, &*payload.msg), ("PIT-404", "no such room"));
    assert_eq!(payload.metadata["room"], "7");
    let RequestError::Server(payload) = unreadable.unwrap_err() else {
        panic!("not the server's error")
    };
    assert_eq!((&*payload.code, &*payload.msg), ("PIT-000", "not json"));
}
