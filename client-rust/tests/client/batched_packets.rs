//! One WebSocket message, or one segment, may hold several packets.

use pitaya_client::Client;
use pitaya_conformance::mock::{Config, Mock};

use crate::support::mock;

#[tokio::test]
async fn pushes_and_answers_of_a_batch_all_arrive() {
    let server = mock(Mock::ManyPacketsPerFrame, Config::default()).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let client = Client::builder(&url).start().unwrap();
        let mut first = client.subscribe_raw("onFirst").unwrap();
        let mut last = client.subscribe_raw("onLast").unwrap();
        assert_eq!(first.next().await.unwrap().unwrap(), r#"{"n":1}"#);
        assert_eq!(last.next().await.unwrap().unwrap(), r#"{"n":2}"#);
        assert_eq!(client.request_raw("a.b", "mine").await.unwrap(), "mine");
        assert_eq!(first.next().await.unwrap().unwrap(), r#"{"n":1}"#);
        assert_eq!(last.next().await.unwrap().unwrap(), r#"{"n":2}"#);
    }
}
