//! Which URLs are server addresses, and what is wrong with the others.

use pitaya_client::{Endpoint, EndpointProblem, IntoEndpoints, Scheme};

fn problem(url: &str) -> EndpointProblem {
    let error = url.parse::<Endpoint>().expect_err(url);
    assert_eq!(error.url, url);
    assert!(error.to_string().contains(url));
    error.problem
}

#[test]
fn parts_of_a_url() {
    let endpoint: Endpoint = "WSS://Play.Example:4433/game?v=2".parse().unwrap();
    assert_eq!(endpoint.scheme(), Scheme::Wss);
    assert_eq!(endpoint.host(), "play.example");
    assert_eq!(endpoint.port(), 4433);
    assert_eq!(endpoint.path(), "/game?v=2");
    assert_eq!(endpoint.to_string(), "wss://play.example:4433/game?v=2");
}

#[test]
fn usual_ports_and_paths() {
    for (url, port, path, shown) in [
        ("ws://a", 80, "/", "ws://a/"),
        ("wss://a?x", 443, "/?x", "wss://a/?x"),
        ("tcp://a:1/", 1, "", "tcp://a:1"),
        ("tls://10.0.0.1:65535", 65535, "", "tls://10.0.0.1:65535"),
        ("tcp://[::1]:3250", 3250, "", "tcp://[::1]:3250"),
        ("ws://[::1]/p", 80, "/p", "ws://[::1]/p"),
    ] {
        let endpoint: Endpoint = url.parse().unwrap();
        assert_eq!((endpoint.port(), endpoint.path()), (port, path), "{url}");
        assert_eq!(endpoint.to_string(), shown);
        assert_eq!(shown.parse::<Endpoint>().unwrap(), endpoint);
    }
    assert_eq!(
        "tcp://[::1]:3250".parse::<Endpoint>().unwrap().host(),
        "::1"
    );
}

#[test]
fn every_mistake_is_named() {
    use EndpointProblem as Problem;
    for url in ["", "localhost:3250", "tcp:/a:1"] {
        assert_eq!(problem(url), Problem::NoScheme, "{url}");
    }
    assert_eq!(problem("http://a"), Problem::UnknownScheme("http".into()));
    assert_eq!(problem("tcp://a"), Problem::NoPort);
    assert_eq!(problem("ws://"), Problem::NoHost);
    assert_eq!(problem("ws://:80"), Problem::NoHost);
    for port in ["", "0", "65536", "x", "-1"] {
        assert_eq!(
            problem(&format!("tcp://a:{port}")),
            Problem::Port(port.into())
        );
    }
    for host in ["ü", "a b", "::1", "[::1", "[x]", "[::1]x"] {
        assert_eq!(problem(&format!("tcp://{host}:1")), Problem::Host, "{host}");
    }
    assert_eq!(problem("tcp://a:1/x"), Problem::Path);
    assert_eq!(problem("ws://a/x y"), Problem::PathCharacter);
    assert_eq!(problem("ws://me@a"), Problem::UserInfo);
    assert_eq!(problem("ws://a/#x"), Problem::Fragment);
}

#[test]
fn lists_keep_their_order() {
    let endpoints = ["tls://a:1", "wss://a"].into_endpoints().unwrap();
    assert_eq!(
        endpoints.iter().map(Endpoint::scheme).collect::<Vec<_>>(),
        [Scheme::Tls, Scheme::Wss]
    );
    assert_eq!(
        Vec::<String>::new().into_endpoints().unwrap_err().problem,
        EndpointProblem::Empty
    );
    assert!(
        vec!["tls://a:1".to_owned(), "oops".to_owned()]
            .into_endpoints()
            .is_err()
    );
}
