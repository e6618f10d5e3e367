//! Every byte may come in a segment of its own.

use pitaya_client::Client;
use pitaya_conformance::mock::{Config, Mock};

use crate::support::mock;

#[tokio::test]
async fn over_tcp_and_websocket() {
    let server = mock(Mock::SplitFrames, Config::default()).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let client = Client::builder(&url).connect().await.unwrap();
        for body in ["", "one", "another"] {
            assert_eq!(client.request_raw("a.b", body).await.unwrap(), body);
        }
    }
}
