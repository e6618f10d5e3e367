//! A WebSocket begins with an HTTP request, and a request that is refused gets an HTTP answer.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::Instant,
};

use crate::{
    limits::Limits,
    transport::{
        http::{Refusal, UpgradeError, Upgraded, parse_head, respond, upgrade},
        memory,
    },
};

/// Sends `request`, and gives what the server made of it and what the client read.
async fn ask(request: &[u8], origins: &[&str]) -> (Result<Upgraded, UpgradeError>, String) {
    let (mut client, mut server) = memory::pair();
    let origins: Vec<Box<str>> = origins.iter().map(|origin| (*origin).into()).collect();
    client.write_all(request).await.expect("written");
    let work = async move {
        let result = upgrade(&mut server, Vec::new(), &origins, &Limits::default()).await;
        drop(server);
        result
    };
    let mut answer = String::new();
    let (result, read) = tokio::join!(work, client.read_to_string(&mut answer));
    read.expect("read");
    (result, answer)
}

fn refusal(result: Result<Upgraded, UpgradeError>) -> Refusal {
    match result {
        Err(UpgradeError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const UPGRADE: &str = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n";

fn request(path: &str, more: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: game\r\n{UPGRADE}{KEY}{more}\r\n").into_bytes()
}

#[tokio::test(start_paused = true)]
async fn any_path_is_answered_101() {
    for path in ["/", "/ws?room=7", "/a/b"] {
        let (result, answer) = ask(&request(path, ""), &[]).await;
        let upgraded = result.expect("upgraded");
        assert_eq!(*upgraded.head, *request(path, ""));
        assert_eq!(
            answer,
            "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_follows_the_request_is_kept() {
    let mut bytes = request("/", "");
    bytes.extend_from_slice(&[0x82, 0x80, 1, 2, 3, 4]);
    let (result, _) = ask(&bytes, &[]).await;
    assert_eq!(result.expect("upgraded").leftover, [0x82, 0x80, 1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_request_in_single_bytes_is_read() {
    let (mut client, mut server) = memory::pair();
    let limits = Limits::default();
    let (result, ()) = tokio::join!(upgrade(&mut server, vec![b'G'], &[], &limits), async {
        for byte in &request("/", "")[1..] {
            client.write_all(&[*byte]).await.expect("written");
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(*result.expect("upgraded").head, *request("/", ""));
}

#[tokio::test(start_paused = true)]
async fn other_origins_are_forbidden_where_origins_are_named() {
    let origins = ["https://play.example"];
    let from = |origin: &str| request("/", &format!("Origin: {origin}\r\n"));

    let (result, answer) = ask(&from("https://evil.example"), &origins).await;
    assert_eq!(refusal(result), Refusal::ForeignOrigin);
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
    assert!(
        ask(&from("https://play.example.evil.example"), &origins)
            .await
            .0
            .is_err()
    );
    assert!(ask(&from("null"), &origins).await.0.is_err());
    let two = request(
        "/",
        "Origin: https://play.example\r\nOrigin: https://evil.example\r\n",
    );
    assert!(ask(&two, &origins).await.0.is_err());

    assert!(ask(&from("https://play.example"), &origins).await.0.is_ok());
    assert!(ask(&from("HTTPS://PLAY.EXAMPLE"), &origins).await.0.is_ok());
    assert!(
        ask(&request("/", ""), &origins).await.0.is_ok(),
        "no browser"
    );
    assert!(
        ask(&from("https://evil.example"), &[]).await.0.is_ok(),
        "no origins named"
    );
}

#[tokio::test(start_paused = true)]
async fn refusals_say_what_is_wrong() {
    let head = "Host: game\r\n";
    let cases = [
        (
            format!("GET / HTTP/1.1\r\n{head}\r\n"),
            "426 Upgrade Required",
            "Upgrade: websocket",
        ),
        (
            format!("GET / HTTP/1.1\r\n{UPGRADE}{}\r\n", KEY.replace("13", "8")),
            "426 Upgrade Required",
            "Sec-WebSocket-Version: 13",
        ),
        (
            format!("POST / HTTP/1.1\r\n{UPGRADE}{KEY}\r\n"),
            "405 Method Not Allowed",
            "Allow: GET",
        ),
        (
            format!("GET / HTTP/1.0\r\n{UPGRADE}{KEY}\r\n"),
            "400 Bad Request",
            "HTTP/1.1",
        ),
        (
            format!("GET / HTTP/1.1\r\n{UPGRADE}Sec-WebSocket-Version: 13\r\n\r\n"),
            "400 Bad Request",
            "key",
        ),
        (
            format!("GET / HTTP/1.1\r\n{UPGRADE}{}\r\n", KEY.replace("dGhl", "")),
            "400 Bad Request",
            "key",
        ),
        ("HELP me\r\n\r\n".into(), "400 Bad Request", "HTTP/1.1"),
        (
            "GET / HTTP/1.1\r\nno colon\r\n\r\n".into(),
            "400 Bad Request",
            "HTTP/1.1",
        ),
    ];
    for (request, status, detail) in cases {
        let (result, answer) = ask(request.as_bytes(), &[]).await;
        refusal(result);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{request:?} got {answer}"
        );
        assert!(answer.contains(detail), "{request:?} got {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        assert!(
            answer.contains(&format!("Content-Length: {}\r\n", body.len())),
            "{answer}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn headers_above_the_limit_are_answered_431() {
    let large = format!("Cookie: {}\r\n", "x".repeat(8 * 1024));
    let many = "a: b\r\n".repeat(65);
    for headers in [large.as_str(), many.as_str()] {
        let (result, answer) = ask(&request("/", headers), &[]).await;
        assert_eq!(refusal(result), Refusal::TooLarge);
        assert!(
            answer.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"),
            "{answer}"
        );
    }

    let (mut client, mut server) = memory::pair();
    client.write_all(&[b'A'; 20_000]).await.expect("written");
    let limits = Limits::default();
    let result = upgrade(&mut server, Vec::new(), &[], &limits).await;
    assert_eq!(
        refusal(result),
        Refusal::TooLarge,
        "without an end in sight"
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_is_closed_at_its_deadline() {
    let (mut client, mut server) = memory::pair();
    let limits = Limits::default();
    let start = Instant::now();
    client
        .write_all(b"GET / HTTP/1.1\r\n")
        .await
        .expect("written");
    let mut answer = String::new();
    let (result, _) = tokio::join!(
        async {
            let result = upgrade(&mut server, Vec::new(), &[], &limits).await;
            drop(server);
            result
        },
        async {
            for _ in 0..40 {
                tokio::time::sleep(Duration::from_millis(200)).await;
                if client.write_all(b"a").await.is_err() {
                    break;
                }
            }
            client.read_to_string(&mut answer).await
        }
    );
    assert_eq!(refusal(result), Refusal::Slow);
    assert!(
        answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
        "{answer}"
    );
    let longest = limits.upgrade_timeout + limits.close_timeout;
    assert!(start.elapsed() >= limits.upgrade_timeout);
    assert!(
        start.elapsed() <= longest + Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn empty_headers_are_headers() {
    let (request, _) = parse_head(b"GET / HTTP/1.1\r\nempty:\r\nblank:  \r\n\r\n")
        .expect("valid")
        .expect("complete");
    assert_eq!(
        (
            request.headers()["empty"].len(),
            request.headers()["blank"].len()
        ),
        (0, 0)
    );
}

#[test]
fn no_request_panics() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let valid = request("/ws?room=7", "Origin: https://play.example\r\nEmpty:\r\n");
    for _ in 0..20_000 {
        let mut bytes = valid.clone();
        for _ in 0..random.usize(1..8) {
            let at = random.usize(..bytes.len());
            bytes[at] = random.u8(..);
        }
        bytes.truncate(random.usize(bytes.len() / 2..=bytes.len()));
        if let Ok(Some((request, length))) = parse_head(&bytes) {
            assert!(length <= bytes.len());
            let _ = respond(&request, &["https://play.example".into()]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_ends_early_is_no_refusal() {
    let (mut client, mut server) = memory::pair();
    client.write_all(b"GET /").await.expect("written");
    drop(client);
    let result = upgrade(&mut server, Vec::new(), &[], &Limits::default()).await;
    assert!(matches!(result, Err(UpgradeError::Closed)), "{result:?}");
}
