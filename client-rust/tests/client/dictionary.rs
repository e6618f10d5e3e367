//! Routes may travel as codes of the handshake's dictionary, in both directions and above 255.

use pitaya_client::Client;
use pitaya_conformance::mock::{Config, Mock};

use crate::support::mock;

#[tokio::test]
async fn codes_are_names_to_the_application() {
    let server = mock(Mock::Dictionary, Config::default()).await;
    for url in [server.tcp_url(), server.ws_url()] {
        let client = Client::builder(&url).start().unwrap();
        let routes = [
            ("some.push.route", 2),
            ("onHigh", 515),
            ("onHighest", 65535),
        ];
        let streams =
            routes.map(|(route, code)| (route, code, client.subscribe_raw(route).unwrap()));
        for (route, code, mut pushes) in streams {
            let push = pushes.next().await.unwrap().unwrap();
            assert_eq!(push, format!(r#"{{"code":{code},"route":"{route}"}}"#));
        }
    }
}

#[tokio::test]
async fn requests_use_codes_where_there_are_any() {
    let server = mock(Mock::Dictionary, Config::default()).await;
    let client = Client::builder(server.ws_url()).connect().await.unwrap();
    let coded = client.request_raw("connector.echo", "").await.unwrap();
    assert_eq!(coded, r#"{"byCode":true,"route":"connector.echo"}"#);
    let named = client.request_raw("connector.other", "").await.unwrap();
    assert_eq!(named, r#"{"byCode":false,"route":"connector.other"}"#);
}
