//! Behind a proxy, a PROXY header says where a connection comes from.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Got, receive, sockets};
use crate::{
    limits::Limits,
    peer::Peer,
    transport::{
        accept::{EstablishError, Io, establish},
        listener::{Listener, tcp},
        proxy::ProxyError,
    },
};

fn listener() -> Listener {
    tcp("127.0.0.1:0").proxy_protocol(true)
}

/// Sends `bytes` and a packet behind them, and gives the peer that the server sees and the proxy's real address.
async fn come(bytes: &[u8]) -> Result<(Peer, SocketAddr), EstablishError> {
    let (mut client, server, remote) = sockets().await;
    client.write_all(bytes).await.expect("written");
    client.write_all(&[3, 0, 0, 0]).await.expect("written");
    let (io, peer) = establish(server, remote, &listener().options, &Limits::default()).await?;
    let Io::Tcp(mut stream) = io else {
        panic!("not a stream")
    };
    assert_eq!(
        receive(&mut stream).await.expect("read"),
        Got::Bytes(vec![3, 0, 0, 0])
    );
    Ok((peer, remote))
}

fn v2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    header.extend_from_slice(&[command, family]);
    header.extend_from_slice(&(body.len() as u16).to_be_bytes());
    header.extend_from_slice(body);
    header
}

#[tokio::test]
async fn the_source_becomes_the_address_and_the_proxy_is_kept() {
    let ipv4 = [192, 0, 2, 7, 10, 0, 0, 1, 0x9c, 0x40, 0x0c, 0xb2];
    let mut ipv6 = [0; 36];
    ipv6[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
    ipv6[15] = 7;
    ipv6[32..34].copy_from_slice(&[0x9c, 0x40]);
    let with_extension = [ipv4.as_slice(), &[0x04, 0, 1, 0xff]].concat();
    let cases = [
        (
            b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 3250\r\n".to_vec(),
            "192.0.2.7:40000",
        ),
        (
            b"PROXY TCP6 2001:db8::7 ::1 40000 3250\r\n".to_vec(),
            "[2001:db8::7]:40000",
        ),
        (v2(0x21, 0x11, &ipv4), "192.0.2.7:40000"),
        (v2(0x21, 0x21, &ipv6), "[2001:db8::7]:40000"),
        (v2(0x21, 0x11, &with_extension), "192.0.2.7:40000"),
    ];
    for (header, source) in cases {
        let (peer, remote) = come(&header).await.expect("established");
        assert_eq!(peer.address(), Some(source.parse().expect("an address")));
        assert_eq!(peer.via(), Some(remote));
    }
}

#[tokio::test]
async fn a_header_without_a_source_leaves_the_sockets_address() {
    let headers = [
        b"PROXY UNKNOWN\r\n".to_vec(),
        b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n".to_vec(),
        v2(0x20, 0x00, &[]),
        v2(0x20, 0x11, &[0; 12]),
        v2(0x21, 0x00, &[]),
        v2(0x21, 0x31, &[0; 216]),
    ];
    for header in headers {
        let (peer, remote) = come(&header).await.expect("established");
        assert_eq!((peer.address(), peer.via()), (Some(remote), None));
    }
}

#[tokio::test]
async fn garbage_is_refused() {
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[1, 0, 0, 11, b'{', b'}', 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ] {
        let error = come(bytes).await.expect_err("no header");
        assert!(
            matches!(error, EstablishError::Proxy(ProxyError::Missing)),
            "{error}"
        );
    }
    let endless = [b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat();
    let broken = [
        b"PROXY TCP4 192.0.2.7 10.0.0.1 40000\r\n".to_vec(),
        b"PROXY TCP4 ::1 ::1 40000 3250\r\n".to_vec(),
        b"PROXY TCP4 192.0.2.7 10.0.0.1 70000 3250\r\n".to_vec(),
        b"PROXY TCP5 192.0.2.7 10.0.0.1 40000 3250\r\n".to_vec(),
        b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 3250 1\r\n".to_vec(),
        b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 3250\n".to_vec(),
        endless,
        v2(0x31, 0x11, &[0; 12]),
        v2(0x22, 0x11, &[0; 12]),
        v2(0x21, 0x11, &[0; 11]),
        v2(0x21, 0x21, &[0; 35]),
        v2(0x21, 0x41, &[0; 12]),
    ];
    for header in broken {
        let error = come(&header).await.expect_err("broken");
        assert!(
            matches!(error, EstablishError::Proxy(ProxyError::Malformed(_))),
            "{error}"
        );
    }
    let error = come(&v2(0x21, 0x11, &[0; 3000]))
        .await
        .expect_err("too large");
    assert!(
        matches!(
            error,
            EstablishError::Proxy(ProxyError::TooLarge { given: 3016, .. })
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_line_in_single_pieces_is_read() {
    let (mut client, server, remote) = sockets().await;
    client.set_nodelay(true).expect("set");
    let listener = listener();
    let limits = Limits::default();
    let (established, ()) = tokio::join!(
        establish(server, remote, &listener.options, &limits),
        async {
            for piece in b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 3250\r\n".chunks(3) {
                client.write_all(piece).await.expect("written");
                tokio::task::yield_now().await;
            }
        }
    );
    let (_, peer) = established.expect("established");
    assert_eq!(
        peer.to_string(),
        format!("tcp 192.0.2.7:40000 via {remote}")
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_cut_at_the_deadline() {
    let (mut client, server, remote) = sockets().await;
    let error = establish(server, remote, &listener().options, &Limits::default())
        .await
        .expect_err("nothing came");
    assert!(
        matches!(
            error,
            EstablishError::Timeout {
                step: "PROXY header",
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(client.read(&mut [0]).await.expect("an end"), 0);
}
