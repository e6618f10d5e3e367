//! What a browser gets: the page's files with their types, its policy, how long they keep, and the game on `/ws`.

use std::fs;

use chat::contract::{Members, Nothing, User, WHO};
use chat::room::rooms;
use chat::site::site;
use pitaya_client::Client;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A page of three files, served; its address, and the folder that goes with the test.
async fn page() -> (String, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let assets = folder.path().join("assets");
    fs::create_dir(&assets).expect("a folder in it");
    for (path, content) in [
        (folder.path().join("index.html"), "<!doctype html>page"),
        (assets.join("client-1a2b.wasm"), "wasm"),
        (assets.join("index-1a2b.js"), "script"),
    ] {
        fs::write(path, content).expect("a file");
    }
    let game = rooms().start().await.expect("the server starts");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address").to_string();
    let site = site(game, folder.path());
    tokio::spawn(async move { axum::serve(listener, site).await });
    (address, folder)
}

/// The answer to a GET, with its head in lower case.
async fn answer(address: &str, path: &str) -> String {
    let mut tcp = TcpStream::connect(address).await.expect("the page listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    tcp.write_all(request.as_bytes())
        .await
        .expect("the request is read");
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).await.expect("an answer");
    answer.to_lowercase()
}

#[tokio::test]
async fn files_have_their_types_and_only_hashed_names_are_kept() {
    let (address, _folder) = page().await;
    for (path, kind, cache) in [
        ("/", "text/html", "no-cache"),
        (
            "/assets/client-1a2b.wasm",
            "application/wasm",
            "public, max-age=31536000, immutable",
        ),
        (
            "/assets/index-1a2b.js",
            "text/javascript",
            "public, max-age=31536000, immutable",
        ),
    ] {
        let answer = answer(&address, path).await;
        assert!(answer.starts_with("http/1.1 200"), "{path}: {answer}");
        assert!(
            answer.contains(&format!("content-type: {kind}")),
            "{path}: {answer}"
        );
        assert!(
            answer.contains(&format!("cache-control: {cache}\r\n")),
            "{path}: {answer}"
        );
        assert!(
            answer.contains("script-src 'self' 'wasm-unsafe-eval';"),
            "{path}: {answer}"
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_kept_and_nothing_above_the_folder_is_served() {
    let (address, folder) = page().await;
    let outside = folder.path().with_extension("secret");
    fs::write(&outside, "secret").expect("a file");
    let missing = answer(&address, "/assets/old-9f9f.js").await;
    assert!(missing.starts_with("http/1.1 404"), "{missing}");
    assert!(missing.contains("cache-control: no-cache\r\n"), "{missing}");
    let name = outside
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a plain name");
    for path in [format!("/../{name}"), format!("/%2e%2e/{name}")] {
        let answer = answer(&address, &path).await;
        assert!(!answer.contains("secret"), "{path}: {answer}");
        assert!(answer.starts_with("http/1.1 4"), "{path}: {answer}");
    }
    fs::remove_file(outside).expect("it was there");
}

#[tokio::test]
async fn the_game_is_on_the_port_of_the_page() {
    let (address, _folder) = page().await;
    let user = User {
        name: "ALICE".into(),
        room: Some("lobby".into()),
        seen: None,
    };
    let client = Client::builder(format!("ws://{address}/ws").as_str())
        .user(user)
        .connect()
        .await
        .expect("a connection");
    let Members { room, names, .. } = client.request(WHO, &Nothing {}).await.expect("an answer");
    assert_eq!((room.as_str(), names), ("lobby", vec!["ALICE".to_owned()]));
    client.close().await;
}
