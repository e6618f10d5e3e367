//! One server can be served by several single-threaded runtimes.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use pitaya_server::protocol::{Push, Request};
use pitaya_server::{Functions, Handle, Server, Session, tcp};
use tokio::sync::oneshot;

use crate::support::{Client, Hello, Via, over};

const ON_NEWS: Push<u32> = Push::new("onNews");

/// A thread with a runtime that serves on `address` until it is told to stop; the address that it listens on, and the way to stop it.
fn worker(handle: Handle, address: String) -> (String, oneshot::Sender<()>) {
    let (stop, stopped) = oneshot::channel::<()>();
    let (bound, listens) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let listener = tcp(address).reuse_port(true);
            let address = handle.listen(listener).await.expect("a shared port");
            bound.send(address.to_string()).expect("a listener");
            let _ = stopped.await;
        });
    });
    (listens.recv().expect("it listens"), stop)
}

#[cfg(target_os = "linux")]
#[test]
fn they_share_a_port_sessions_and_groups() {
    over(Via::Tcp, async || {
        let threads = Arc::new(Mutex::new(HashSet::<ThreadId>::new()));
        let seen = threads.clone();
        let game = Functions::new("game").request(
            Request::new("game.join"),
            move |session: Session, (): ()| {
                seen.lock()
                    .expect("no panic")
                    .insert(thread::current().id());
                let joined = session
                    .server()
                    .group("all")
                    .expect("a group")
                    .join(&session);
                std::future::ready(joined.map_err(Into::into).map(|()| 1))
            },
        );
        let server = Server::builder()
            .register(game)
            .start()
            .await
            .expect("started");
        let group = server.create_group("all").expect("a new name");
        let (address, first) = worker(server.clone(), "127.0.0.1:0".into());
        let (same, second) = worker(server.clone(), address.clone());
        assert_eq!(address, same);
        let mut clients = Vec::new();
        for _ in 0..40 {
            let link = Via::Tcp.dial(address.parse().expect("an address")).await;
            let mut client = Client::open(link, Hello::ours()).await.expect("let in");
            assert_eq!(client.request("game.join", &()).await, Ok(1));
            clients.push(client);
        }
        assert_eq!(
            threads.lock().expect("no panic").len(),
            2,
            "both threads serve"
        );
        assert_eq!(server.session_count(), 40);
        assert_eq!(group.broadcast(ON_NEWS, &7).expect("written"), 40);
        for client in &mut clients {
            assert_eq!(client.push::<u32>("onNews").await, 7);
        }
        drop(clients);
        let report = server.shutdown().await;
        assert_eq!((report.cut, server.session_count()), (0, 0));
        drop((first, second));
    });
}
