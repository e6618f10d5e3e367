//! Limits on the number of connections: exact, before anything is read, and free again when a connection ends.

use std::net::SocketAddr;

use pitaya_server::{Peer, Server, tcp};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::support::{Client, Hello, Link, Rig, Via, over_all, until};

/// Whether the server ends a connection that has said nothing.
async fn is_turned_away(rig: &Rig) -> bool {
    let Some(address) = rig.addresses().first().copied() else {
        return rig.link().await.read_to_end().await.is_empty();
    };
    let mut socket = TcpStream::connect(address).await.expect("accepted");
    matches!(socket.read(&mut [0]).await, Ok(0) | Err(_))
}

#[test]
fn no_more_connections_than_the_limit() {
    over_all(async |via| {
        let builder = Server::builder().configure(|config| config.limits.connections = Some(2));
        let rig = Rig::start(via, builder).await;
        let (first, _second) = (rig.client().await, rig.client().await);
        assert!(is_turned_away(&rig).await);
        assert_eq!((rig.connection_count(), rig.session_count()), (2, 2));
        first.hang_up().await;
        until(|| rig.connection_count() == 1).await;
        let _third = rig.client().await;
        assert!(is_turned_away(&rig).await);
    });
}

/// Behind a proxy the address is the one in the PROXY header.
#[tokio::test]
async fn clients_behind_a_proxy_are_counted_by_their_own_address() {
    let builder = Server::builder()
        .configure(|config| config.limits.connections_per_ip = Some(1))
        .listen(tcp("127.0.0.1:0").proxy_protocol(true));
    let server = builder.start().await.expect("a server");
    let connect = async |client: &str| {
        let mut link = Via::Tcp.dial(server.addresses()[0]).await;
        let header = format!("PROXY TCP4 {client} 127.0.0.1 4000 3250\r\n");
        link.send_raw(header.as_bytes()).await.expect("sent");
        Client::open(link, Hello::ours()).await
    };
    let first = connect("192.0.2.1").await.expect("room");
    let _second = connect("192.0.2.2").await.expect("room");
    assert!(connect("192.0.2.1").await.is_err());
    first.hang_up().await;
    until(|| server.connection_count() == 1).await;
    let _third = connect("192.0.2.1").await.expect("room again");
}

#[tokio::test]
async fn no_more_connections_from_one_address_than_its_limit() {
    let builder = Server::builder().configure(|config| config.limits.connections_per_ip = Some(2));
    let rig = Rig::start(Via::Memory, builder).await;
    let connect = async |address: &str| {
        let address: SocketAddr = address.parse().expect("an address");
        let io = rig.connect_as(Peer::new(address));
        Client::open(Link::Bytes(Box::new(io)), Hello::ours()).await
    };
    let first = connect("192.0.2.1:1000").await.expect("room");
    let _second = connect("192.0.2.1:1001").await.expect("room");
    assert!(connect("192.0.2.1:1002").await.is_err());
    let _elsewhere = connect("192.0.2.2:1000").await.expect("room");
    first.hang_up().await;
    until(|| rig.connection_count() == 2).await;
    let _third = connect("192.0.2.1:1003").await.expect("room again");
    assert!(connect("192.0.2.1:1004").await.is_err());
}
