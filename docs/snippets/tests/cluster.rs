//! The guide's gate and room are one game.

use docs_snippets::cluster::{COUNT, ENTER, count, policies, start};
use pitaya_server::testing::{TestClient, TestHandshake};

#[tokio::test]
async fn a_client_of_the_gate_enters_the_room() {
    let (gate, room) = start().await.expect("both start");
    policies(&gate);
    let mut client: TestClient = TestClient::open(gate.connect(), TestHandshake::default())
        .await
        .expect("a client");
    assert_eq!(
        client.request(ENTER, &"ann".to_owned()).await.expect("in"),
        1
    );
    assert_eq!(gate.sessions_of("ann").len(), 1);
    assert_eq!(count(&gate).await, Ok(1));
    let id = room.server_id().expect("in a cluster");
    assert_eq!(gate.rpc_to(id, COUNT, &()).await, Ok(1));
}
