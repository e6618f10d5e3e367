//! A listener binds an address or takes over a socket, and says what is wrong and where.

use tokio::{net::TcpStream, sync::oneshot};

use crate::transport::{
    bind::{BindError, Rest},
    listener::{ListenOn, tcp},
};

#[tokio::test]
async fn a_free_port_is_chosen_and_told() {
    let bound = tcp("127.0.0.1:0").bind().await.expect("bound");
    assert_ne!(bound.address().port(), 0);
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = tcp("127.0.0.1:0").bind().await.expect("bound");
    let error = tcp(first.address()).bind().await.expect_err("taken");
    assert!(matches!(error, BindError::Taken { .. }));
    assert!(
        error.to_string().contains(&first.address().to_string()),
        "{error}"
    );
}

#[tokio::test]
async fn a_port_can_be_shared_on_purpose() {
    let first = tcp("127.0.0.1:0")
        .reuse_port(true)
        .bind()
        .await
        .expect("bound");
    tcp(first.address())
        .reuse_port(true)
        .bind()
        .await
        .expect("shared");
}

#[tokio::test]
async fn an_address_that_is_none_is_named() {
    for address in ["nonsense", "127.0.0.1:99999", "192.0.2.1:3250"] {
        let error = tcp(address).bind().await.expect_err(address);
        assert!(error.to_string().contains(address), "{error}");
    }
}

#[tokio::test]
async fn a_socket_that_listens_is_taken_over() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("an address");
    let on: ListenOn = std::os::fd::OwnedFd::from(socket).into();
    let bound = tcp(on).bind().await.expect("bound");
    assert_eq!(bound.address(), address);

    let (stop, stopped) = oneshot::channel::<()>();
    let mut stop = Some(stop);
    let mut remotes = Vec::new();
    let accepting = bound.accept_loop(
        |tcp, remote| {
            assert!(tcp.nodelay().expect("readable"));
            remotes.push(remote);
            drop(stop.take());
        },
        async {
            drop(stopped.await);
            Rest::Leave
        },
    );
    let (client, ()) = tokio::join!(TcpStream::connect(address), accepting);
    assert_eq!(
        remotes,
        [client.expect("connected").local_addr().expect("an address")]
    );
    assert!(
        TcpStream::connect(address).await.is_err(),
        "stopped means closed"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_socket_that_does_not_listen_is_an_error() {
    let socket =
        socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    let on: ListenOn = std::os::fd::OwnedFd::from(socket).into();
    let error = tcp(on).bind().await.expect_err("not a listener");
    assert!(matches!(error, BindError::Unusable { .. }), "{error}");
}

/// The test is its own service manager: it runs itself once more, with a listening socket as standard input.
#[tokio::test]
async fn a_socket_of_the_service_manager_is_taken_over() {
    const EXPECTED: &str = "TEST_EXPECTED_ADDRESS";
    if let Ok(expected) = std::env::var(EXPECTED) {
        let on = ListenOn::from_env().expect("sockets").remove(0);
        let bound = tcp(on).bind().await.expect("bound");
        assert_eq!(bound.address().to_string(), expected);
        return;
    }
    assert!(ListenOn::from_env().expect("no error").is_empty());

    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = socket.local_addr().expect("an address").to_string();
    let child = std::process::Command::new(std::env::current_exe().expect("a program"))
        .args([
            "--exact",
            "transport::tests::binding::a_socket_of_the_service_manager_is_taken_over",
        ])
        .env(EXPECTED, address)
        .env("LISTEN_FDS", "1")
        .env("LISTEN_FDS_FIRST_FD", "0")
        .env_remove("LISTEN_PID")
        .stdin(std::os::fd::OwnedFd::from(socket))
        .output()
        .expect("run");
    let output = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && output.contains("1 passed"),
        "{output}"
    );
}
